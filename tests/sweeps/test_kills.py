"""Kills at random moments: the ledger opens, has lost nothing, and in the end has what an undisturbed sweep gives."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pathmoments.errors import ClusterError
from pathmoments.sweeps import Ledger, executor, processes, sweep

from .conftest import SAFETY, children, kill_group, wait_until

Start = Callable[..., "subprocess.Popen[str]"]

TASKS = 2000
"""Moments that the killed sweeps are after: seconds of work, more than they get before a kill."""


@pytest.fixture
def moments(random_seed: int) -> random.Random:
    """Random moments to kill at; the seed is printed where a test fails."""
    return random.Random(random_seed)


@pytest.fixture
def random_seed() -> int:
    """A fresh seed: real kills are not repeatable anyway, and every run of the tests may find another moment."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed of the moments: {seed}")  # noqa: T201  # pytest shows it where a test fails
    return seed


def rows(file: Path) -> dict[str, str]:
    """Return what a sound ledger holds; fail if SQLite's full check finds anything."""
    Ledger(file).close()  # sound, by our own checks, and its log emptied into it
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = dict(connection.execute("SELECT task, result FROM results").fetchall())
    connection.close()
    return found


def kill_again_and_again(start: Start, file: Path, jobs: int, kills: int, moments: random.Random) -> list[int]:
    """Start the sweep and kill all of its processes at a random moment, many times; return the rows after each kill."""
    before: dict[str, str] = {}
    counts = []
    for kill in range(kills):
        process = start(file, jobs, "exact_moment", TASKS)
        assert process.stdout is not None
        if kill % 3:  # while it works, mostly; else at any moment from its start on
            process.stdout.readline()
        time.sleep(moments.uniform(0, 0.08))
        kill_group(process)
        process.communicate()
        after = rows(file) if file.exists() else {}
        assert before.items() <= after.items()
        counts.append(len(after))
        before = after
        if len(after) == TASKS:  # begin anew
            file.unlink()
            before = {}
    return counts


@pytest.mark.parametrize(("jobs", "kills"), [(1, 50), (2, 6)])
def test_kills_lose_nothing(
    work: Any, start: Start, tmp_path: Path, moments: random.Random, jobs: int, kills: int
) -> None:
    """After each kill -9 the ledger is sound and holds all that it held; in the end the results are those of an undisturbed sweep."""
    file = tmp_path / "runs.db"
    counts = kill_again_and_again(start, file, jobs, kills, moments)
    assert len(set(counts)) > kills // 3, f"most kills came before or after the work: {counts}"
    stdout, stderr = start(file, jobs, "exact_moment", TASKS).communicate()
    assert stderr == ""
    tasks = work.moments_to_do(TASKS)
    undisturbed = [work.exact_moment(task) for task in tasks]
    assert json.loads(stdout.splitlines()[-1]) == undisturbed
    assert rows(file) == dict(zip(tasks, undisturbed, strict=True))
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".ledger-")} == {"runs.db"}


def test_two_processes_share_a_ledger(start: Start, tmp_path: Path) -> None:
    """Two sweeps over the same tasks at once both have all results, and hardly a task is done twice."""
    calls = tmp_path / "calls"
    tasks = [json.dumps([str(calls), k]) for k in range(300)]
    both = [start(tmp_path / "runs.db", 1, "noted_square", *tasks) for _ in range(2)]
    for process in both:
        stdout, stderr = process.communicate()
        assert stderr == ""
        assert json.loads(stdout.splitlines()[-1]) == [str(k**2) for k in range(300)]
    done = calls.read_text().split()
    assert set(map(int, done)) == set(range(300))
    assert len(done) < 330
    assert len(rows(tmp_path / "runs.db")) == 300


def test_two_processes_make_one_ledger(start: Start, tmp_path: Path) -> None:
    """Six sweeps that begin at once on a ledger that is not there yet all work on one."""
    for process in [start(tmp_path / "runs.db", 1, "square", *range(20)) for _ in range(6)]:
        stdout, stderr = process.communicate()
        assert (stderr, json.loads(stdout.splitlines()[-1])) == ("", [str(k**2) for k in range(20)])
    assert len(rows(tmp_path / "runs.db")) == 20


# -- workers ------------------------------------------------------------------------------------------------------------


def test_the_death_of_workers_costs_time_alone(work: Any, moments: random.Random) -> None:
    """Worker processes are killed while they work, and the sweep goes on to the right results."""
    with executor(jobs=2) as workers:
        assert isinstance(workers, processes.Processes)
        killed: list[int] = []

        def kill(done: int, total: int) -> None:
            if done * 4 // total > len(killed):  # at each quarter of the sweep
                ready = [worker.process.pid or 0 for worker in workers._workers if worker.greeted]
                killed.append(moments.choice(ready))
                os.kill(killed[-1], signal.SIGKILL)

        tasks = list(map(str, range(400)))
        assert sweep(work.slow_square, tasks, executor=workers, progress=kill) == [str(k**2) for k in range(400)]
    assert len(killed) == 4


def test_a_worker_killed_while_it_answers(work: Any, moments: random.Random) -> None:
    """A worker that dies in the middle of a long answer is replaced too, and nobody waits for the rest of it."""
    with executor(jobs=2) as workers:
        assert isinstance(workers, processes.Processes)
        answers = [workers.submit(work.long_result, str(k)) for k in range(40)]
        for answer in answers[:20:2]:
            answer.result()
            time.sleep(moments.uniform(0, 0.01))
            for worker in list(workers._workers)[:1]:
                worker.process.kill()
        assert [answer.result()[:2] for answer in answers] == [str(k)[:1] * 2 if k < 10 else str(k) for k in range(40)]


def test_work_that_kills_every_worker_is_given_up(work: Any, tmp_path: Path) -> None:
    """A task that no worker survives ends in one ClusterError; one that only the first does not survive is done."""
    with executor(jobs=2) as workers:
        assert sweep(work.kills_its_worker_once, [str(tmp_path / "tried")], executor=workers) == [
            str(tmp_path / "tried")
        ]
        with pytest.raises(
            ClusterError, match=r"^5 worker processes died at one piece of work, the last with signal SIGKILL"
        ):
            sweep(work.kills_its_worker, ["1"], executor=workers)


def test_workers_end_with_a_parent_that_was_killed(start: Start, tmp_path: Path) -> None:
    """When the main process alone is killed, its workers end by themselves, in the middle of their work."""
    process = start(tmp_path / "runs.db", 2, "waits", *(tmp_path / name for name in "ab"))
    wait_until(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists(), "the work")
    assert len(children(process)) >= 2
    process.kill()
    wait_until(lambda: not children(process), "the workers' end")


# -- Ctrl-C -------------------------------------------------------------------------------------------------------------


def interruptible() -> None:
    """Let the child be interrupted even where the tests run in the background, which ignores SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("whole_group", [True, False], ids=["as from a terminal", "the process alone"])
def test_interrupt_ends_workers_and_keeps_what_is_finished(
    work: Any, start: Start, tmp_path: Path, whole_group: bool
) -> None:
    """Ctrl-C while two workers are busy ends all processes at once with one traceback; the ledger has what was finished."""
    tasks = ["1", *(str(tmp_path / name) for name in "ab")]
    process = start(tmp_path / "runs.db", 3, "squares_or_waits", *tasks, preexec_fn=interruptible)
    wait_until(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists(), "the work")
    with Ledger(tmp_path / "runs.db") as ledger:
        wait_until(lambda: len(ledger), "the first result")
    if whole_group:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=SAFETY)
    assert process.returncode == -signal.SIGINT
    assert stderr.count("Traceback") == 1
    assert stderr.endswith("KeyboardInterrupt\n")
    wait_until(lambda: not children(process), "the workers' end")
    assert rows(tmp_path / "runs.db") == {"1": "1"}


@pytest.mark.parametrize("started", [1, 2, 3], ids="{} started".format)
def test_interrupt_of_the_command_line(tmp_path: Path, moments: random.Random, started: int) -> None:
    """`pathmoments moment --check N --jobs 2` ends on Ctrl-C with status 2 and one message, while its processes start too."""
    command = [
        sys.executable,
        "-m",
        "pathmoments",
        "moment",
        "2,3,2",
        "-p",
        "0,0=2",
        "--check",
        str(10**11),
        "--jobs",
        "2",
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=interruptible, cwd=tmp_path,  # noqa: PLW1509  # no threads of ours
    )  # fmt: skip
    try:
        wait_until(lambda: len(children(process)) >= started, "the workers")
        time.sleep(moments.uniform(0, 0.3))
        os.killpg(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=SAFETY)
        assert (process.returncode, stdout) == (2, "")
        assert stderr.startswith("Interrupted: ")
        assert len(stderr.splitlines()) == 1
        wait_until(lambda: not children(process), "the workers' end")
    finally:
        kill_group(process)
        process.communicate()


# -- scripts ------------------------------------------------------------------------------------------------------------

UNGUARDED = """
from pathmoments.sweeps import executor, sweep
with executor(jobs=2) as workers:
    print(sweep(str.upper, ["a", "b"], executor=workers))
"""

GUARDED = """
import sys
from pathmoments.sweeps import executor, sweep

def work(task):
    return task + __name__

if __name__ == "__main__":
    with executor(jobs=2) as workers:
        print(sweep(work, ["a", "b"], executor=workers))
else:
    sys.exit(int(sys.argv[1])) if sys.argv[1:] else None
"""


def script(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of a user."""
    (folder / "script.py").write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "script.py", *arguments], capture_output=True, text=True, cwd=folder, check=False
    )


def test_a_script_with_a_guard(tmp_path: Path) -> None:
    """A script may use a function of its own as work, if what it does is under a guard."""
    done = script(tmp_path, GUARDED)
    assert (done.stdout, done.stderr) == ("['a__mp_main__', 'b__mp_main__']\n", "")


def test_a_script_without_a_guard_is_told(tmp_path: Path) -> None:
    """Without the guard, the workers' own attempt to start workers is silent, and one error says what to write."""
    done = script(tmp_path, UNGUARDED)
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("pathmoments.errors.ClusterError: worker processes import the script that starts them")
    assert last.endswith('under `if __name__ == "__main__":`')
    assert done.stderr.count("Traceback") == 1


def test_a_script_that_workers_cannot_import_is_told(tmp_path: Path) -> None:
    """Workers that end before they begin are not tried again and again."""
    done = script(tmp_path, GUARDED, "3")
    assert done.stderr.splitlines()[-1] == (
        "pathmoments.errors.ClusterError: a worker process could not be started: it ended with exit status 3"
    )
