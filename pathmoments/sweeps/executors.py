"""Where the work is done: in this process, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from ..errors import ArgumentError
from ..exact import integer


@contextmanager
def executor(*, jobs: int = 1, dask: str | None = None) -> Iterator[Executor | None]:
    """Give an executor: None for one job, processes of this machine, or the workers of a Dask cluster.

    Parameters
    ----------
    jobs
        How many processes of this machine. They are started afresh, import the script that starts them (which therefore needs its
        `if __name__ == "__main__":`), and one that dies is replaced. An error inside the context, Ctrl-C included, ends them at once.
    dask
        The address of the scheduler of a Dask cluster (extra `dask`), such as "tcp://127.0.0.1:8786". Its workers import this package.

    Yields
    ------
    A standard executor (`concurrent.futures.Executor`), or None, which everything that takes an executor understands as "here".

    Raises
    ------
    ArgumentError
        If jobs is no number of processes, `dask` is no address, or both are given.
    ClusterError
        If nobody answers at the address within 5 seconds, there is no worker within 20, or a worker cannot import this package.
    MissingExtraError
        If dask is not installed.

    >>> with executor() as here:
    ...     print(here)
    None
    """
    jobs = integer(jobs, "jobs", minimum=1, what="a whole number of processes, 1 or more")
    if dask is not None and jobs > 1:
        raise ArgumentError(
            f"jobs={jobs} are processes of this machine and dask={dask!r} is a cluster: give one of them"
        )
    if dask is not None:
        from .cluster import cluster

        with cluster(dask) as workers:
            yield workers
    elif jobs > 1:
        from .processes import processes

        with processes(jobs) as workers:
            yield workers
    else:
        yield None
