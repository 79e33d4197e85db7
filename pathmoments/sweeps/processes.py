"""Worker processes of this machine that go on when one of them dies.

Each thread of a standard thread pool hands its calls to one worker process and waits for the answer. When the worker is killed (by the system,
out of memory, say) the thread starts another and sends the call again; nothing else is disturbed. The standard pool of processes cannot do
this: it breaks as a whole, and it waits for ever for a worker that was killed while it sent a long answer (docs/decisions/0009).
Workers are started afresh ("spawn"), never forked from a process that has threads, and end with their parent however it ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import connection, current_process, get_context, parent_process, resource_tracker
from typing import Any, ParamSpec, TypeVar

from ..errors import ClusterError, PathMomentsError

MAX_DEATHS = 5
"""Workers that may die of one call before it is given up: it is likely the call that they die of."""

UNGUARDED = 87
"""Exit status of a worker that found itself starting workers: the script that started it has no guard."""

T = TypeVar("T")
P = ParamSpec("P")


@contextmanager
def processes(jobs: int) -> Iterator[Executor]:
    """Give an executor of `jobs` worker processes; an error inside, Ctrl-C included, ends them at once."""
    # multiprocessing's own mark of a process that is importing the script that started it
    if getattr(current_process(), "_inheriting", False):
        sys.exit(UNGUARDED)
    workers = Processes(jobs)
    try:
        yield workers
    except BaseException:
        workers.kill()
        raise
    finally:
        workers.shutdown()


class Processes(ThreadPoolExecutor):
    """A standard executor whose calls are done by worker processes, one a thread."""

    def __init__(self, jobs: int) -> None:
        super().__init__(jobs, thread_name_prefix="pathmoments-worker", initializer=_spare_from_interrupts)
        self._mine = threading.local()
        self._workers: list[_Worker] = []
        self._starting = threading.Lock()
        self._ended = False

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Submit a call; the function and its arguments must be known to pickle."""
        return super().submit(self._in_a_worker, function, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, and end the workers once they have nothing to do."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            for worker in self._workers:
                worker.end()

    def kill(self) -> None:
        """End the workers now, whatever they are at."""
        with self._starting:
            self._ended = True
            for worker in self._workers:
                worker.process.kill()
        super().shutdown(wait=True, cancel_futures=True)

    def _in_a_worker(self, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        call = pickle.dumps((function, args, kwargs))
        deaths = {False: 0, True: 0}  # before and after they greeted: at the start a call cannot be what they die of
        while max(deaths.values()) < MAX_DEATHS:
            worker = self._own_worker()
            if (answer := worker.answer(call)) is not None:
                done, result = pickle.loads(answer)  # noqa: S301  # from our own process, through a pipe
                if done:
                    return result  # type: ignore[no-any-return]  # what the function returned
                raise result
            self._bury(worker)
            deaths[worker.greeted] += 1
        raise ClusterError(
            f"{MAX_DEATHS} worker processes died at one piece of work, the last with {worker.ending()}: is there enough memory?"
        )

    def _own_worker(self) -> _Worker:
        """Return the worker of this thread, started if it has none."""
        worker: _Worker | None = getattr(self._mine, "worker", None)
        if worker is None:
            with self._starting:
                if self._ended:
                    raise ClusterError("the worker processes were ended")
                worker = self._mine.worker = _Worker()
                self._workers.append(worker)
        return worker

    def _bury(self, worker: _Worker) -> None:
        """Part from a dead worker, and raise if no other would fare better."""
        worker.end()
        with self._starting:
            self._workers.remove(worker)
        self._mine.worker = None
        if worker.process.exitcode == UNGUARDED:
            raise ClusterError(
                'worker processes import the script that starts them: put what it does under `if __name__ == "__main__":`'
            )
        if not worker.greeted and (worker.process.exitcode or 0) > 0:  # it was not killed, and has told stderr why
            raise ClusterError(f"a worker process could not be started: it ended with {worker.ending()}")


class _Worker:
    """A process, and our end of the pipe to it."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.pipe, other_end = context.Pipe()
        self.greeted = False
        # Daemons are ended with us where nobody else does it.
        self.process = context.Process(target=_serve, args=(other_end,), daemon=True)
        self.process.start()
        other_end.close()  # the worker alone has it now, so that its death ends what we read

    def answer(self, call: bytes) -> bytes | None:
        """Return the answer to a call, or None if the worker died."""
        try:
            if not self.greeted:
                self.pipe.recv_bytes()
                self.greeted = True
            self.pipe.send_bytes(call)
            return self.pipe.recv_bytes()
        except (EOFError, OSError):
            return None

    def end(self) -> None:
        """Let the worker end, which it does when it finds the pipe closed, and wait for it."""
        self.pipe.close()
        self.process.join()

    def ending(self) -> str:
        """How it ended, in words."""
        status = self.process.exitcode
        if status is not None and status < 0:
            with suppress(ValueError):
                return f"signal {signal.Signals(-status).name}"
        return f"exit status {status}"


def _spare_from_interrupts() -> None:
    """Block Ctrl-C in a thread that starts workers: they inherit this, and leave interrupts to the process that started them."""
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        resource_tracker.ensure_running()  # which, were it started with the first worker, would unblock Ctrl-C again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _serve(pipe: connection.Connection) -> None:
    """Answer calls until nobody asks any more (this runs in the worker)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        pipe.send_bytes(b"")
        while True:
            pipe.send_bytes(_answered(pipe.recv_bytes()))


def _answered(message: bytes) -> bytes:
    try:
        function, args, kwargs = pickle.loads(message)  # noqa: S301  # from our own parent, through a pipe
        return pickle.dumps((True, function(*args, **kwargs)))
    except Exception as error:  # whatever the work raises travels to the caller
        if not isinstance(error, PathMomentsError):  # one of ours says all in its message
            error.add_note("In a worker process:\n" + traceback.format_exc())
        try:
            return pickle.dumps((False, error))
        except Exception:  # an error that cannot travel
            return pickle.dumps((False, RuntimeError(traceback.format_exc())))


def _end_with_parent() -> None:
    """End this process when its parent is gone, in the middle of a piece of work too: a killed parent cannot end it."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
