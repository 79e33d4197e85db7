"""A sweep: results in order, each task once, the same in every place; what is finished is kept."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pathmoments import __version__
from pathmoments.errors import ArgumentError, ClusterError
from pathmoments.sweeps import Ledger, chunks, executor, sweep

if TYPE_CHECKING:
    from tests.sweeps.conftest import Cluster


@contextmanager
def place(name: str, cluster: Cluster) -> Iterator[Executor | None]:
    """Give the executor of that name: none, ours, the standard ones, or Dask's."""
    if name == "dask":
        with executor(dask=cluster.address) as workers:
            yield workers
    elif name == "standard processes":
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            yield pool
    elif name == "threads":
        with ThreadPoolExecutor(2) as threads:
            yield threads
    else:
        with executor(jobs=int(name)) as workers:
            yield workers


PLACES = ["1", "2", "standard processes", "threads", "dask"]


@pytest.mark.parametrize("name", PLACES)
def test_results_are_in_order_and_the_same_in_every_place(work: Any, lasting_cluster: Cluster, name: str) -> None:
    """The moments of 120 networks, some asked for twice, come in the order of the tasks, bit for bit those of a plain loop."""
    tasks = work.moments_to_do(120)
    tasks = tasks[::-1] + tasks[::7] + tasks
    with place(name, lasting_cluster) as workers:
        assert sweep(work.exact_moment, tasks, executor=workers) == [work.exact_moment(task) for task in tasks]


@pytest.mark.parametrize("name", ["1", "2", "dask"])
def test_equal_tasks_are_done_once(work: Any, lasting_cluster: Cluster, tmp_path: Path, name: str) -> None:
    """Ten different tasks, asked for in twenty places, are ten calls."""
    calls = tmp_path / "calls"
    tasks = [json.dumps([str(calls), k % 10]) for k in range(20)]
    with place(name, lasting_cluster) as workers:
        assert sweep(work.noted_square, tasks, executor=workers) == [str((k % 10) ** 2) for k in range(20)]
    assert sorted(map(int, calls.read_text().split())) == list(range(10))


@pytest.mark.parametrize("name", ["1", "2", "dask"])
def test_a_rerun_does_only_what_is_missing(work: Any, lasting_cluster: Cluster, tmp_path: Path, name: str) -> None:
    """With a ledger, tasks of an earlier sweep are not done again, and a longer list costs only its new tasks."""
    calls = tmp_path / "calls"
    tasks = [json.dumps([str(calls), k]) for k in range(30)]
    for count, called in ((20, 20), (20, 20), (30, 30)):
        with Ledger(tmp_path / "runs.db") as ledger, place(name, lasting_cluster) as workers:
            results = sweep(work.noted_square, tasks[:count], executor=workers, ledger=ledger)
            assert len(ledger) == count
        assert results == [str(k**2) for k in range(count)]
        assert len(calls.read_text().split()) == called


def test_each_result_is_committed_before_the_next_task_begins(tmp_path: Path) -> None:
    """In this process the ledger has every earlier result when a task begins."""
    with Ledger(tmp_path / "runs.db") as ledger, Ledger(tmp_path / "runs.db") as reader:
        begun = itertools.count()

        def look(task: str) -> str:
            assert len(reader) == next(begun)
            return task

        assert sweep(look, list("abcdefgh"), ledger=ledger) == list("abcdefgh")
        assert next(begun) == 8


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_counts_what_the_ledger_had(work: Any, tmp_path: Path, jobs: int) -> None:
    """Progress begins at what is known, rises, and ends at the number of different tasks."""
    with Ledger(tmp_path / "runs.db") as ledger:
        sweep(work.square, ["1", "2", "3"], ledger=ledger)
        seen: list[tuple[int, int]] = []
        with executor(jobs=jobs) as workers:
            sweep(
                work.square, list("123456789") * 2, executor=workers, ledger=ledger,
                progress=lambda done, total: seen.append((done, total)),
            )  # fmt: skip
    assert (seen[0], seen[-1]) == ((3, 9), (9, 9))
    assert all(a[0] < b[0] for a, b in itertools.pairwise(seen))


@pytest.mark.parametrize("name", PLACES)
def test_an_error_of_the_work_arrives_as_itself(work: Any, lasting_cluster: Cluster, tmp_path: Path, name: str) -> None:
    """A refusal in the middle keeps its type and message; what was finished is in the ledger, and is right."""
    tasks = list(map(str, range(200)))
    with (
        Ledger(tmp_path / "runs.db") as ledger,
        place(name, lasting_cluster) as workers,
        pytest.raises(ArgumentError, match=r"^the task must not be 7$"),
    ):
        sweep(work.refuses_seven, tasks, executor=workers, ledger=ledger)
    with Ledger(tmp_path / "runs.db") as ledger:
        known = ledger.known(tasks)
    assert "7" not in known
    assert known == {task: str(int(task) ** 2) for task in known}


def test_what_was_finished_beside_an_error_is_kept(work: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal at the end of a chunk loses nothing of the chunk: all before it is in the ledger."""
    monkeypatch.setattr("random.Random.shuffle", lambda self, tasks: None)  # the refused task comes last
    tasks = list(map(str, range(8)))
    with Ledger(tmp_path / "runs.db") as ledger, ThreadPoolExecutor(1) as one, pytest.raises(ArgumentError):
        sweep(work.refuses_seven, tasks, executor=one, ledger=ledger)
    with Ledger(tmp_path / "runs.db") as ledger:
        assert sorted(ledger.known(tasks)) == list("0123456")


def test_an_error_of_the_caller_cancels_what_has_not_begun(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the progress callback raises, the chunks that wait for a thread are cancelled, and the executor is free for other work."""
    monkeypatch.setattr(chunks, "capacity", lambda executor: 20)  # so many wait

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with Counting() as threads:
        with pytest.raises(KeyboardInterrupt) as caught:
            sweep(work.slow_square, list(map(str, range(1000))), executor=threads, progress=stop)
        assert caught.tb is not None  # which holds on to all that was under way
        assert len(threads.under_way) <= 2
        assert threads.submit_other(str.upper, "a").result() == "A"


def test_an_error_that_cannot_travel_is_told(work: Any) -> None:
    """An error of a class that pickle does not know arrives as a RuntimeError that has its words."""
    with executor(jobs=2) as workers, pytest.raises(RuntimeError, match="LocalError: of task 5"):
        sweep(work.fails_unfit_for_travel, ["5"], executor=workers)


def test_no_task_is_no_work(work: Any, tmp_path: Path) -> None:
    """An empty sweep gives an empty list, whatever the place, and starts no process."""
    with Ledger(tmp_path / "runs.db") as ledger, executor(jobs=2) as workers:
        assert sweep(work.kills_its_worker, [], executor=workers, ledger=ledger) == []
        assert len(ledger) == 0


class Counting(ThreadPoolExecutor):
    """Threads that count what is submitted, and what is under way at most."""

    def __init__(self) -> None:
        super().__init__(2)
        self.sizes: list[int] = []
        self.under_way: set[Future[Any]] = set()
        self.most = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit a chunk."""
        future = super().submit(fn, *args, **kwargs)
        self.sizes.append(len(args[1]))
        self.under_way.add(future)
        future.add_done_callback(self.under_way.discard)
        self.most = max(self.most, len(self.under_way))
        return future

    def submit_other(self, fn: Any, *args: Any) -> Future[Any]:
        """Submit what is no chunk."""
        return super().submit(fn, *args)


def test_chunks_grow_to_their_time_and_few_are_under_way(work: Any) -> None:
    """Quick tasks travel by the hundred, first one alone; slow ones by the dozen; and no more than a few chunks wait."""
    with Counting() as quick:
        sweep(work.square, list(map(str, range(20_000))), executor=quick)
    with Counting() as slow:
        sweep(work.slow_square, list(map(str, range(200))), executor=slow)
    assert quick.sizes[0] == slow.sizes[0] == 1
    assert max(quick.sizes) == chunks.MAX_CHUNK
    assert max(slow.sizes) <= chunks.CHUNK_SECONDS / 0.004 + 1
    assert slow.most <= 20


def test_a_heavy_task_does_not_hold_back_what_was_finished(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk ends when its time is over, however many tasks it has, and the rest is done in another."""
    part = chunks.work_through(work.slow_square, list(map(str, range(1000))), 0.05, __version__)
    assert 1 <= len(part.results) <= 13
    assert part.results == [str(k**2) for k in range(len(part.results))]
    monkeypatch.setattr(chunks, "CHUNK_SECONDS", 0.0)  # every chunk is cut off after one task
    monkeypatch.setattr(
        chunks._Conversation, "learn", lambda self, count, seconds, turnaround: setattr(self, "size", 50)
    )
    with ThreadPoolExecutor(2) as threads:
        assert sweep(work.square, list(map(str, range(100))), executor=threads) == [str(k**2) for k in range(100)]


def test_a_process_does_one_chunk_at_a_time(work: Any) -> None:
    """Threads of one process take turns, so that work may rely on what a process has once, such as the precision of balls."""
    with ThreadPoolExecutor(4) as threads:
        assert set(sweep(work.precision_kept, list(map(str, range(200))), executor=threads)) == {"True"}


def test_a_worker_of_another_version_is_refused(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose package has another version says so, with both versions."""
    monkeypatch.setattr(chunks, "__version__", "0.0.0")
    with (
        executor(jobs=2) as workers,
        pytest.raises(ClusterError, match=r"a worker has pathmoments .*, and this is 0\.0\.0"),
    ):
        sweep(work.square, ["1"], executor=workers)


def test_an_executor_that_was_shut_down_is_told(work: Any) -> None:
    """An executor that takes no more work is a ClusterError, not a RuntimeError from inside."""
    with ThreadPoolExecutor(1) as threads:
        pass
    with pytest.raises(ClusterError, match="takes no more work"):
        sweep(work.square, ["1"], executor=threads)


def test_jobs_and_dask_are_checked() -> None:
    """No process is no number of processes, and two places at once are refused, before anything starts."""
    for jobs in (0, -1, 1.5, "2"):
        with pytest.raises((ArgumentError, TypeError), match="jobs must be"), executor(jobs=jobs):  # type: ignore[arg-type]  # the point
            pass
    with pytest.raises(ArgumentError, match="give one of them"), executor(jobs=2, dask="tcp://127.0.0.1:8786"):
        pass
