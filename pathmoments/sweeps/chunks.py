"""Work in chunks: many small tasks travel together, few enough at a time that little is lost when everything stops.

A chunk is given a time, not a number: the worker goes through its tasks until `CHUNK_SECONDS` are over and returns what it has, and the rest
travels again. So a task that takes hours holds back nothing that was finished before it, and nothing needs to be known about tasks beforehand.
How many tasks make a chunk, and how many chunks are under way, follow what is measured.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from .._version import __version__
from ..errors import ClusterError, PathMomentsError

CHUNK_SECONDS = 0.1
"""What one chunk takes: long against sending it (a few milliseconds), short against what may be lost."""
MAX_CHUNK = 1000
"""Tasks in one chunk at most."""
MAX_WINDOW = 4096
"""Chunks under way at most."""
PATIENCE_SECONDS = 20.0
"""How long a cluster may be without any worker before it is given up."""

_ALONE = threading.RLock()
"""One chunk at a time in a process, whatever its threads: exact arithmetic has settings (the precision) that a whole process shares."""

T = TypeVar("T")
R = TypeVar("R")


class Part(NamedTuple, Generic[R]):
    """The results of the first tasks of a chunk, and the seconds they took."""

    results: list[R]
    seconds: float


def work_through(work: Callable[[T], R], tasks: list[T], seconds: float, version: str) -> Part[R]:
    """Do the tasks one after another until the time is over, the first in any case (this runs in the worker).

    A task that raises ends the chunk before it. It travels again, and as the first of its chunk it raises to the caller.
    """
    if version != __version__:
        raise ClusterError(
            f"a worker has pathmoments {__version__}, and this is {version}: install the same version for all workers"
        )
    with _ALONE:
        started = time.perf_counter()
        results = [work(tasks[0])]
        for task in tasks[1:]:
            if time.perf_counter() - started >= seconds:
                break
            try:
                results.append(work(task))
            except Exception:  # whatever the work raises: not lost, for the task travels again and raises to the caller
                break
        return Part(results, time.perf_counter() - started)


class Tasks(Generic[T]):
    """What is still to be done."""

    def __init__(self, tasks: Iterable[T]) -> None:
        self._fresh = iter(tasks)
        self._returned: deque[T] = deque()

    def take(self, count: int) -> list[T]:
        """Return up to `count` tasks, and [] once there are none."""
        first = [self._returned.popleft() for _ in range(min(count, len(self._returned)))]
        return first + list(islice(self._fresh, count - len(first)))

    def give_back(self, tasks: list[T]) -> None:
        """Take back tasks that were not done."""
        self._returned.extend(tasks)


def finished(
    work: Callable[[T], R], tasks: Tasks[T], executor: Executor | None
) -> Generator[list[tuple[T, R]], None, None]:
    """Yield [(task, result), ...] as they finish, in any order.

    Without an executor the tasks are done here, and each result is yielded before the next task is taken. An error of the work is raised as
    itself, after what had finished by then. Closing the generator cancels what has not begun.
    """
    if executor is not None:
        yield from _Conversation(work, tasks, executor).results()
        return
    while taken := tasks.take(1):
        yield [(task, work(task)) for task in taken]


class _Conversation(Generic[T, R]):
    """The chunks that are under way at an executor."""

    def __init__(self, work: Callable[[T], R], tasks: Tasks[T], executor: Executor) -> None:
        self.work, self.tasks, self.executor = work, tasks, executor
        self.size, self.least = 1, 1 + (capacity(executor) or 1)
        self.window = self.least
        self.under_way: dict[Future[Part[R]], tuple[list[T], float]] = {}

    def results(self) -> Iterator[list[tuple[T, R]]]:
        try:
            while self.fill():
                failure: Exception | None = None
                for future in self.done():  # all of them: what is finished is kept when another has failed
                    try:
                        yield self.received(future)
                    except Exception as error:  # raised below, when the others are kept
                        failure = error
                if failure is not None:
                    raise failure
        finally:
            for future in self.under_way:
                future.cancel()

    def fill(self) -> bool:
        """Send chunks until enough are under way; return whether any is."""
        while len(self.under_way) < self.window and (tasks := self.tasks.take(self.size)):
            future = submitted(self.executor, work_through, self.work, tasks, CHUNK_SECONDS, __version__)
            self.under_way[future] = (tasks, time.perf_counter())
        return bool(self.under_way)

    def done(self) -> set[Future[Part[R]]]:
        """Wait for chunks, as long as there is anybody to wait for."""
        without_workers = False
        while True:
            done, _ = wait(self.under_way, timeout=PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
            if done:
                return done
            if capacity(self.executor) != 0:
                without_workers = False
            elif without_workers:
                raise ClusterError(
                    f"the cluster has had no worker for {PATIENCE_SECONDS:.0f} seconds: start some and this again; "
                    "what a ledger has is not done again"
                )
            else:
                without_workers = True

    def received(self, future: Future[Part[R]]) -> list[tuple[T, R]]:
        tasks, sent = self.under_way.pop(future)
        part = outcome(future)
        self.tasks.give_back(tasks[len(part.results) :])
        self.learn(len(part.results), part.seconds, time.perf_counter() - sent)
        return list(zip(tasks, part.results, strict=False))

    def learn(self, count: int, seconds: float, turnaround: float) -> None:
        """Choose the size of the next chunks by the pace of this one, and how many are under way by how long it waited for a worker."""
        pace = CHUNK_SECONDS * count / max(seconds, 1e-9)
        self.size = max(1, min(MAX_CHUNK, 4 * self.size, round(pace)))
        waited = turnaround - seconds
        if waited < seconds:  # it hardly waited: the workers could do with more
            self.window = min(MAX_WINDOW, self.window + 1)
        elif waited > 4 * seconds:
            self.window = max(self.least, self.window - 1)


def capacity(executor: Executor) -> int | None:
    """Return how many calls an executor does at once, or None if it does not say (nothing depends on it but how work begins and ends)."""
    if (client := getattr(executor, "_client", None)) is not None:  # Dask's has no public name for it
        try:
            return sum(map(int, client.nthreads().values()))
        except Exception:  # it is busy losing its scheduler; that shows in the results
            return None
    stated: int | None = getattr(executor, "_max_workers", None)  # nor have the standard ones
    return stated or os.cpu_count()


def submitted(executor: Executor, function: Callable[..., R], *arguments: object) -> Future[R]:
    """Submit a call; an executor that takes none any more is a cluster that went away."""
    try:
        return executor.submit(function, *arguments)
    except RuntimeError as error:
        raise ClusterError(f"the executor takes no more work ({error})") from error


def outcome(future: Future[R], timeout: float | None = None) -> R:
    """Return a call's result, or raise its error; what the executor itself breaks with becomes ClusterError."""
    with told():
        return future.result(timeout)


@contextmanager
def told() -> Iterator[None]:
    """Tell what an executor or a cluster breaks with as ClusterError; errors of the work pass."""
    try:
        yield
    except PathMomentsError:
        raise
    except (CancelledError, BrokenExecutor) as error:  # a client that lost its scheduler cancels what it had asked for
        raise ClusterError(
            "the workers went away: start them and this again; what a ledger has is not done again"
        ) from error
    except ModuleNotFoundError as error:
        if (error.name or "").split(".", maxsplit=1)[0] != "pathmoments":
            raise
        raise ClusterError(
            f"the workers cannot import pathmoments ({error}): install the same version for all workers"
        ) from error
    except Exception as error:  # an executor's own errors are of no common class
        if type(error).__module__.split(".", maxsplit=1)[0] != "distributed":
            raise
        raise ClusterError(f"the Dask cluster failed ({type(error).__name__}: {error})") from error
