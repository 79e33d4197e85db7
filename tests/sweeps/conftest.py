"""What the tests of sweeps share: work that worker processes can import, and a real Dask cluster on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # comes with distributed
import pytest

HERE = Path(__file__).parent
SAFETY = 120
"""Seconds after which a process that hangs is given up; none takes a tenth of it."""


def first_on_path(folder: Path) -> str:
    """Return a PYTHONPATH for other processes, with this folder before what it has."""
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module `sweepwork`, importable here and in every process that is started from here."""
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.setenv("PYTHONPATH", first_on_path(HERE))
    return import_module("sweepwork")


@pytest.fixture
def start(work: Any) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `sweepwork` as a script in a session of its own; whatever of it is left in the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(ledger: Path, jobs: int, name: str, *tasks: object, **keywords: Any) -> subprocess.Popen[str]:
        command = [sys.executable, work.__file__, str(ledger), str(jobs), name, *map(str, tasks)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **keywords
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        kill_group(process)
        process.communicate()


def kill_group(process: subprocess.Popen[str]) -> None:
    """Kill a process that leads a session, and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def children(process: subprocess.Popen[str]) -> list[int]:
    """Return the ids of the processes that a process started, or that those did, and that are still alive."""
    alive = []
    for other in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(other.pid) == process.pid and other.info["status"] != psutil.STATUS_ZOMBIE:
                alive.append(other.pid)
    return [pid for pid in alive if pid != process.pid]


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait for something that comes in its own time."""
    deadline = time.monotonic() + SAFETY
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.01)


class Cluster:
    """A scheduler and two workers on this machine, each a process that can be killed."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        scheduler_file = folder / "scheduler.json"
        self.scheduler = self.started(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address",
            "127.0.0.1:0", "--scheduler-file", str(scheduler_file),
        )  # fmt: skip
        wait_until(scheduler_file.exists, "the scheduler")
        wait_until(lambda: scheduler_file.read_text().endswith("}"), "the scheduler's address")
        self.address = str(json.loads(scheduler_file.read_text())["address"])
        self.workers = [self.worker() for _ in range(workers)]

    def worker(self, path: Path = HERE) -> subprocess.Popen[bytes]:
        """Start a worker that imports from `path` before all else."""
        return self.started(
            "dask_worker", self.address, "--host", "127.0.0.1", "--no-nanny", "--no-dashboard", "--nthreads", "2",
            "--death-timeout", "60", "--local-directory", str(self.folder), path=path,
        )  # fmt: skip

    def started(self, module: str, *arguments: str, path: Path = HERE) -> subprocess.Popen[bytes]:
        """Start one of distributed's commands, its words in a file."""
        environment = os.environ | {
            "PYTHONPATH": first_on_path(path),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        }
        with (self.folder / f"{module}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
                stdout=log, stderr=log, cwd=self.folder, env=environment,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def end(self) -> None:
        """Kill all of it."""
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def lasting_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster for the tests that leave it as it is."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.end()


@pytest.fixture
def new_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Cluster]]:
    """Start clusters of so many workers, for a test that kills parts of them."""
    clusters: list[Cluster] = []

    def begin(workers: int) -> Cluster:
        clusters.append(Cluster(tmp_path_factory.mktemp("cluster"), workers))
        return clusters[-1]

    yield begin
    for cluster in clusters:
        cluster.end()
