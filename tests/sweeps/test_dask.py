"""A real Dask cluster on this machine: its parts are killed, and what is said is one error or nothing."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pathmoments.errors import ArgumentError, ClusterError, MissingExtraError
from pathmoments.sweeps import Ledger, chunks, cluster, executor, sweep

if TYPE_CHECKING:
    from tests.sweeps.conftest import Cluster

UNANSWERED = "tcp://127.0.0.1:9"
"""Nobody listens at the port of the "discard" service any more."""


def open_and_close(address: str) -> None:
    """Connect, and do nothing."""
    with executor(dask=address):
        pass


def test_work_that_kills_every_worker_is_given_up(work: Any, new_cluster: Callable[[int], Cluster]) -> None:
    """When the scheduler gives a task up because workers die of it, that is a ClusterError."""
    started = new_cluster(2)
    with (
        pytest.raises(ClusterError, match=r"the Dask cluster failed \(KilledWorker"),
        executor(dask=started.address) as workers,
    ):
        sweep(work.kills_its_worker, ["1"], executor=workers)


def test_what_a_cluster_lacks_is_told(
    work: Any, new_cluster: Callable[[int], Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker, one that cannot import the package, and one that dies as the last are each one error that says what to do."""
    started = new_cluster(0)
    monkeypatch.setattr(cluster, "WORKER_SECONDS", 0.3)
    way_out = rf"{started.address} has had no worker .*: start some with `dask worker {started.address}`"
    with pytest.raises(ClusterError, match=way_out), executor(dask=started.address):
        pass

    monkeypatch.setattr(cluster, "WORKER_SECONDS", 60)
    (tmp_path / "pathmoments.py").write_text("raise ModuleNotFoundError('not here', name='pathmoments')")
    without = started.worker(tmp_path)
    with (
        pytest.raises(
            ClusterError, match=r"the workers cannot import pathmoments \(not here\): install the same version"
        ),
        executor(dask=started.address),
    ):
        pass
    without.terminate()  # still alive: Dask's workers die of work that they cannot import, and this was not sent
    assert without.wait() == 0

    monkeypatch.setattr(chunks, "PATIENCE_SECONDS", 0.3)
    last = started.worker()
    tasks = list(map(str, range(1000)))
    with (
        pytest.raises(ClusterError, match="the cluster has had no worker for"),
        executor(dask=started.address) as workers,
    ):
        sweep(work.slow_square, tasks, executor=workers, progress=lambda done, total: last.kill() if done else None)


def test_the_executor_of_ones_own_client(work: Any, lasting_cluster: Cluster) -> None:
    """Who has a client gives its executor, and keeps the client."""
    from distributed import Client

    with Client(lasting_cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]  # distributed is typed in part
        for _ in range(2):
            tasks = list(map(str, range(50)))
            assert sweep(work.square, tasks, executor=client.get_executor()) == [str(k**2) for k in range(50)]
        assert client.status == "running"


def test_an_address_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal has the address and the way out, and comes after the seconds that it says."""
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with pytest.raises(
        ClusterError, match=rf"^no Dask scheduler answers at {UNANSWERED} .*: start one with `dask scheduler`"
    ):
        open_and_close(UNANSWERED)


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-OpenSSH\r\n"], ids=["silent", "talking"])
def test_an_address_of_something_else(monkeypatch: pytest.MonkeyPatch, greeting: bytes) -> None:
    """What is no scheduler, Dask's own dashboard for instance, is refused after some seconds, whether it speaks or waits."""
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"

        def answer() -> None:
            connection, _ = server.accept()
            connection.sendall(greeting)
            connection.recv(1)  # until the other side goes away
            connection.close()

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(
            ClusterError, match=rf"^no Dask scheduler answers at {address} \((timed out|something else is there)\)"
        ):
            open_and_close(address)
        answering.join()


@pytest.mark.parametrize(
    "address",
    ["", "here", "127.0.0.1", "tcp://", "tcp://127.0.0.1", "http://127.0.0.1:8786", "ws://127.0.0.1:8786", "a:b:c"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """What cannot be the address of a scheduler is refused at once."""
    with pytest.raises(
        ArgumentError, match=r"^dask must be the address of a scheduler, such as tcp://127\.0\.0\.1:8786, was"
    ):
        open_and_close(address)


def test_without_the_extra_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where dask is not installed, the error has the command that installs it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'pathmoments\[dask\]'"):
        open_and_close(UNANSWERED)


# -- what is said on stderr ---------------------------------------------------------------------------------------------

SCRIPT = """
import os, signal, sys
address, victim, ledger, folder = sys.argv[1:]
sys.path.insert(0, folder)
import sweepwork
from pathmoments.errors import ClusterError
from pathmoments.sweeps import Ledger, executor, sweep

def progress(done, total):
    global victim
    if int(victim) and done * 3 > total:
        os.kill(int(victim), signal.SIGKILL)
        victim = 0

tasks = [str(k) for k in range(300)]
try:
    with Ledger(ledger) as kept, executor(dask=address) as workers:
        print(sweep(sweepwork.slow_square, tasks, executor=workers, ledger=kept, progress=progress) == [str(k**2) for k in range(300)])
except ClusterError as error:
    print(error)
"""


def swept(address: str, victim: subprocess.Popen[bytes] | None, folder: Path) -> str:
    """Sweep in a process of its own, with a ledger, and kill the victim when a third is done; return what it said, on stdout alone."""
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", SCRIPT, address, str(victim.pid if victim else 0),
         str(folder / "runs.db"), here], capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_distributed_is_quiet(lasting_cluster: Cluster, tmp_path: Path) -> None:
    """A sweep writes nothing to stderr, at exit neither."""
    assert swept(lasting_cluster.address, None, tmp_path) == "True\n"


def test_a_worker_that_dies_costs_time_alone(lasting_cluster: Cluster, tmp_path: Path) -> None:
    """A worker is killed in the middle of the sweep; the other finishes it, and nothing is said."""
    victim = lasting_cluster.workers.pop()
    lasting_cluster.workers.append(lasting_cluster.worker())
    assert swept(lasting_cluster.address, victim, tmp_path) == "True\n"
    assert victim.wait() == -9


def test_a_scheduler_that_dies_is_one_error(work: Any, new_cluster: Callable[[int], Cluster], tmp_path: Path) -> None:
    """When the scheduler is killed there is one ClusterError and no more; the ledger keeps what was finished, and a rerun goes on."""
    started = new_cluster(1)
    assert (
        swept(started.address, started.scheduler, tmp_path)
        == "the workers went away: start them and this again; what a ledger has is not done again\n"
    )
    tasks = [str(k) for k in range(300)]
    with Ledger(tmp_path / "runs.db") as ledger:
        assert 100 < len(ledger) < 300
        seen: list[int] = []
        results = sweep(work.square, tasks, ledger=ledger, progress=lambda done, total: seen.append(done))
    assert results == [str(k**2) for k in range(300)]
    assert seen[0] > 100


def test_an_unanswered_address_on_the_command_line(tmp_path: Path) -> None:
    """On the command line nobody's answer is one line on stderr and exit status 2."""
    done = subprocess.run(
        [sys.executable, "-m", "pathmoments", "moment", "2,3,2", "-p", "0,0=2", "--check", "10", "--dask", UNANSWERED],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: no Dask scheduler answers at {UNANSWERED} (")
    assert len(done.stderr.splitlines()) == 1


def test_other_users_of_distributed_hear_it_again(lasting_cluster: Cluster) -> None:
    """The silence ends with the sweep."""
    import logging

    with executor(dask=lasting_cluster.address):
        assert logging.getLogger("distributed.client").disabled
    assert not logging.getLogger("distributed.client").disabled


def test_work_begins_on_all_workers_at_once() -> None:
    """As many chunks are sent at first as an executor says that it has workers, and one more."""
    with ThreadPoolExecutor(7) as threads:
        assert chunks.capacity(threads) == 7
        assert chunks._Conversation(str.upper, chunks.Tasks("abc"), threads).window == 8
