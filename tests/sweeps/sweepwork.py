"""What the sweeps of these tests do: a module of its own, which worker processes import; run as a script it is a sweep to be killed."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from pathmoments import Network, moment
from pathmoments.errors import ArgumentError
from pathmoments.sweeps import Ledger, executor, sweep


def square(task: str) -> str:
    """Quick work."""
    return str(int(task) ** 2)


def slow_square(task: str) -> str:
    """Work of some milliseconds."""
    time.sleep(0.004)
    return square(task)


def noted_square(task: str) -> str:
    """Work that leaves a line in a file each time it is done; the task is JSON, [file, number]."""
    file, number = json.loads(task)
    with Path(file).open("a", encoding="utf-8") as stream:
        stream.write(f"{number}\n")
    return slow_square(str(number))


def exact_moment(task: str) -> str:
    """Work of this package: the task is JSON, [widths, law, order]."""
    widths, law, order = json.loads(task)
    return str(moment(Network(widths, law=law), {(0, 0): order}))


def refuses_seven(task: str) -> str:
    """Work that refuses one task."""
    if task == "7":
        raise ArgumentError("the task must not be 7")
    return slow_square(task)


def fails_unfit_for_travel(task: str) -> str:
    """Work whose error pickle does not know."""

    class LocalError(Exception):
        pass

    raise LocalError(f"of task {task}")


def kills_its_worker(task: str) -> str:
    """Work that no worker survives."""
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def kills_its_worker_once(task: str) -> str:
    """Work that the first worker does not survive: the task is the name of a file that says that it was tried."""
    mark = Path(task)
    if not mark.exists():
        mark.touch()
        kills_its_worker(task)
    return task


def long_result(task: str) -> str:
    """Two megabytes."""
    return task * 1_000_000


def precision_kept(task: str) -> str:
    """Work that uses a setting of its process: whether nobody else changed it meanwhile."""
    from flint import ctx

    with ctx.workprec(100 + int(task)):
        time.sleep(0.002)
        return str(ctx.prec == 100 + int(task))


def waits(task: str) -> str:
    """Work without an end; a file says that it has begun."""
    Path(task).touch()
    time.sleep(1000)
    return task


def squares_or_waits(task: str) -> str:
    """Quick work for numbers, and work without an end for names of files."""
    return square(task) if task.isdigit() else waits(task)


def moments_to_do(count: int) -> list[str]:
    """Return the tasks of `exact_moment` for networks of depth 2 and more."""
    laws = ["gaussian", "uniform", "rademacher", "laplace"]
    return [
        json.dumps([[1 + k % 3, 2 + k % 7, 2 + k % 11, 1 + k % 2], laws[k % 4], 2 * (1 + k % 5)]) for k in range(count)
    ]


def main() -> None:
    """Sweep: LEDGER JOBS WORK TASKS..., results as JSON on stdout; before it a line "working" when the first result has come."""
    file, jobs, work, *tasks = sys.argv[1:]
    todo = moments_to_do(int(tasks[0])) if work == "exact_moment" else tasks
    seen: list[int] = []

    def tell(done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == 2:
            print("working", flush=True)  # noqa: T201  # for the test that waits for it

    with Ledger(file) as ledger, executor(jobs=int(jobs)) as workers:
        results = sweep(globals()[work], todo, executor=workers, ledger=ledger, progress=tell)
    print(json.dumps(results))  # noqa: T201  # the same


if __name__ == "__main__":
    main()
