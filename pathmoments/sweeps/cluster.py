"""The workers of a Dask cluster (extra `dask`)."""

from __future__ import annotations

import logging
import socket
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import ArgumentError, ClusterError, MissingExtraError, must_be
from . import chunks
from .chunks import outcome, submitted, told

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 5
"""How long to wait for the scheduler to answer."""
WORKER_SECONDS = 20
"""How long to wait for a first worker: a cluster may start one only when there is work."""


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Give the standard executor of the cluster whose scheduler is at an address such as "tcp://127.0.0.1:8786"."""
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError("a Dask cluster needs dask: pip install 'pathmoments[dask]'") from error
    del distributed
    with _silence():
        client = _connected(address)
        try:
            # Not pure: Dask need not compare the work with what it has done before.
            workers: Executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]  # distributed is typed in part
            _check_workers(client, workers, address)
            yield workers
        finally:
            client.close(timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]  # the same


def _connected(address: str) -> Client:
    from distributed import Client
    from distributed.comm.addressing import get_address_host_port

    scheme = address.split("://", maxsplit=1)[0] if "://" in address else "tcp"
    try:
        host, port = get_address_host_port(address)
        if scheme not in ("tcp", "tls"):
            raise ValueError(scheme)
    except (ValueError, NotImplementedError) as error:
        raise ArgumentError(
            must_be("dask", "the address of a scheduler, such as tcp://127.0.0.1:8786", address)
        ) from error
    try:
        _knock(host, port, plain=scheme == "tcp")
        with warnings.catch_warnings():  # of other versions of Dask on the workers: the work does not depend on them
            warnings.simplefilter("ignore")
            return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]  # the same
    except Exception as error:  # OSError, ValueError, TypeError, ...: it depends on what is at the address
        raise ClusterError(
            f"no Dask scheduler answers at {address} ({getattr(error, 'strerror', None) or error}): "
            "start one with `dask scheduler`, which prints its address"
        ) from error


def _knock(host: str, port: int, *, plain: bool) -> None:
    """Wait until a scheduler is there, or raise OSError.

    Dask's client waits for ever for an answer from what is no scheduler (such as its dashboard), and does not part quietly with an attempt
    that failed. A scheduler that is spoken to in plain TCP speaks first, and says which protocol of pickle it has.
    """
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            with socket.create_connection((host, port), timeout=max(0.1, deadline - time.monotonic())) as connection:
                if plain and b"pickle-protocol" not in connection.makefile("rb").peek(1000):
                    raise ConnectionError("something else is there")
        except ConnectionRefusedError:  # it may be starting just now
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _check_workers(client: Client, workers: Executor, address: str) -> None:
    """Wait for a first worker, and see that all can import this package: Dask's workers die of work that they cannot import."""
    try:
        outcome(submitted(workers, import_module, chunks.__name__), WORKER_SECONDS)
    except TimeoutError:
        raise ClusterError(
            f"the scheduler at {address} has had no worker for {WORKER_SECONDS} seconds: start some with `dask worker {address}`"
        ) from None
    with told():
        client.run(import_module, chunks.__name__)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep distributed's messages off stderr: what matters of them is raised as an error."""
    names = [name for name in logging.root.manager.loggerDict if f"{name}.".startswith("distributed.")]
    speaking = [logger for logger in map(logging.getLogger, names) if not logger.disabled]
    for logger in speaking:
        logger.disabled = True
    try:
        yield
    finally:
        for logger in speaking:
            logger.disabled = False
