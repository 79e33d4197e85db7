"""Where the work is done: in this process, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from ..errors import ArgumentError
from ..exact import integer


@contextmanager
def executor(*, jobs: int = 1, dask: str | None = None) -> Iterator[Executor | None]:
    """Give an executor: None for one job, processes of this machine, or the workers of a Dask cluster."""
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
