"""The ledger: what is committed stays, and what is no sound ledger is refused and left as it is."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pathmoments import __version__
from pathmoments.errors import LedgerError
from pathmoments.sweeps import Ledger, sweep
from pathmoments.sweeps import ledger as ledger_module
from pathmoments.sweeps.soundness import APPLICATION_ID, FORMAT

ROWS = [(f"task {k} " + "x" * (k % 50), f"result {k} " + "y" * (k % 300)) for k in range(2000)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger with 2,000 rows, closed."""
    path = tmp_path / "runs.db"
    with Ledger(path) as ledger:
        ledger.add(ROWS)
    return path


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return all that a folder holds."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def killed_while_open(file: Path, *rows: tuple[str, str]) -> None:
    """Add rows in another process that is killed with the ledger open, so that they are in the write-ahead log."""
    code = f"import os; from pathmoments.sweeps import Ledger; Ledger({str(file)!r}).add({list(rows)!r}); os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=file.parent).returncode == -9
    assert file.with_name(file.name + "-wal").stat().st_size > 0


# -- a sound one --------------------------------------------------------------------------------------------------------


def test_what_is_added_is_known(file: Path) -> None:
    """After closing and opening, every row is there as it was, and no other; the ledger is one file."""
    with Ledger(file) as ledger:
        assert len(ledger) == len(ROWS)
        assert ledger.known([task for task, _ in ROWS] + ["unknown"]) == dict(ROWS)
        assert ledger.known([]) == {}
    assert [path.name for path in file.parent.iterdir()] == ["runs.db"]


@pytest.mark.parametrize("text", ["", "ümläut ∞ 矩", "'; DROP TABLE results; --", "a\0b", "x" * 1_000_000], ids=repr)
def test_any_text_is_kept(tmp_path: Path, text: str) -> None:
    """Tasks and results of any characters and length come back as they were."""
    text = text or "empty"
    with Ledger(tmp_path / "runs.db") as ledger:
        ledger.add([(text, text[::-1]), ("no result", "")])
        assert ledger.known([text, "no result"]) == {text: text[::-1], "no result": ""}


def test_the_first_result_stays(file: Path) -> None:
    """A task that is known keeps its result, whoever adds another."""
    with Ledger(file) as ledger:
        ledger.add([(ROWS[0][0], "another"), ("new", "one")])
        assert ledger.known([ROWS[0][0], "new"]) == {ROWS[0][0]: ROWS[0][1], "new": "one"}


def test_the_file_says_what_it_is(file: Path) -> None:
    """The header has the application's id and the format's version, the tables who made them, and the log is a write-ahead log."""
    header = file.read_bytes()[:100]
    assert header.startswith(b"SQLite format 3\0")
    assert header[68:72] == APPLICATION_ID.to_bytes(4, "big") == b"PMlg"
    assert header[60:64] == FORMAT.to_bytes(4, "big")
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT * FROM provenance").fetchall() == [("created by", f"pathmoments {__version__}")]
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_rows_in_the_log_of_a_killed_process_are_known(file: Path) -> None:
    """What was committed before a kill is there, though it had not reached the file itself."""
    killed_while_open(file, ("late", "result"))
    assert b"late" not in file.read_bytes()
    with Ledger(file) as ledger:
        assert ledger.known(["late"]) == {"late": "result"}
    assert [path.name for path in file.parent.iterdir()] == ["runs.db"]


def test_a_page_that_a_kill_left_half_written_is_made_good(tmp_path: Path) -> None:
    """While the log has a page whole, what a kill left of that page in the file itself is no damage."""
    file = tmp_path / "runs.db"
    killed_while_open(file, ("early", "result"))
    file.write_bytes(with_bytes(4096, bytes(2000))(file.read_bytes()))  # the first half of the table's page
    with Ledger(file) as ledger:
        assert ledger.known(["early"]) == {"early": "result"}


def test_a_link_leads_to_its_ledger(file: Path, tmp_path: Path) -> None:
    """A symbolic link and the file itself are one ledger, open at the same time."""
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.db"
    link.symlink_to(file)
    with Ledger(link) as by_link, Ledger(file) as by_name:
        by_link.add([("by link", "1")])
        assert by_name.known(["by link"]) == {"by link": "1"}


def test_a_relative_name_and_one_with_strange_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are file names, whatever they would mean in an address."""
    monkeypatch.chdir(tmp_path)
    for name in ("runs.db", "50% of #1?mode=ro&x.db", "naïve file:x.db"):
        for _ in range(2):
            with Ledger(name) as ledger:
                ledger.add([("task", "result")])
        assert Path(name).exists()


def test_a_new_ledger_gets_its_name_when_it_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure while the ledger is made leaves no file of its name."""
    monkeypatch.setattr(ledger_module, "_SCHEMA", (*ledger_module._SCHEMA, "CREATE NONSENSE"))
    with pytest.raises(LedgerError):
        Ledger(tmp_path / "runs.db")
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_another_process_has_just_made_is_used(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When two processes make a ledger at once, the first keeps its name and both use it."""
    ledger_module._create(file)  # as if it had not been there a moment ago
    with Ledger(file) as ledger:
        assert len(ledger) == len(ROWS)
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError("no links here")))
    ledger_module._create(file)
    with Ledger(file) as ledger, Ledger(tmp_path / "without links.db") as other:
        assert (len(ledger), len(other)) == (len(ROWS), 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs.db", "without links.db"]


# -- what is refused ----------------------------------------------------------------------------------------------------


def with_bytes(at: int, new: bytes) -> Callable[[bytes], bytes]:
    """Return a function that puts bytes at a place."""
    return lambda old: old[:at] + new + old[at + len(new) :]


def with_flipped_result(old: bytes) -> bytes:
    """Return the bytes with one letter of a result changed."""
    at = old.index(b"result 1234 ")
    return old[: at + 7] + b"2" + old[at + 8 :]


def with_flipped_task(old: bytes) -> bytes:
    """Return the bytes with one letter of a task changed."""
    at = old.index(b"task 1234 ")
    return old[: at + 5] + b"2" + old[at + 6 :]


def other_database(old: bytes) -> bytes:
    """Return the bytes of a database of another program."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "other.db")
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE results (a, b)")
        connection.close()
        return path.read_bytes()


REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda old: b"", "is an empty file and no ledger: choose another name, or remove it"),
    "text": (
        lambda old: b"widths,E Z^4\n2-3-2,4\n" * 100,
        "is a file of another kind and no ledger: choose another name",
    ),
    "short text": (lambda old: b"SQL", "is damaged .cut off after 3 bytes.: choose another name, or remove it"),
    "another database": (other_database, "is an SQLite database of another program and no ledger: choose another name"),
    "newer format": (
        with_bytes(60, b"\0\0\0\x02"),
        f"is a ledger of format 2, and this version .* has format {FORMAT}: choose",
    ),
    "older format": (
        with_bytes(60, b"\0\0\0\0"),
        f"is a ledger of format 0, and this version .* has format {FORMAT}: choose",
    ),
    "header alone": (lambda old: old[:100], "is damaged .*: remove it or choose another name"),
    "half": (
        lambda old: old[: len(old) // 2],
        "is damaged .*: remove it or choose another name, and the sweep begins anew",
    ),
    "last page missing": (lambda old: old[:-4096], "is damaged .*: remove it or choose another name"),
    "a page of zeros": (with_bytes(4096 * 5, bytes(4096)), "is damaged .*: remove it or choose another name"),
    "no table": (with_bytes(4096 * 2, bytes(4096)), "is damaged .*: remove it or choose another name"),
    "a result changed": (with_flipped_result, "is damaged .a row does not have its checksum.: remove it"),
    "a task changed": (with_flipped_task, "is damaged .*: remove it"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_sound_ledger_is_refused_and_left_as_it_is(
    file: Path, change: Callable[[bytes], bytes], message: str
) -> None:
    """The message names the file and the way out; not a byte is changed, and no other file is left beside it."""
    file.write_bytes(change(file.read_bytes()))
    before = bytes_of(file.parent)
    for _ in range(2):
        with pytest.raises(LedgerError, match=f"^{file}: {message}"):
            Ledger(file)
        assert bytes_of(file.parent) == before


def test_damage_beside_a_log_is_refused_too(file: Path) -> None:
    """A damaged ledger that a killed process left open is refused; file and log stay as they are, with and without the index."""
    killed_while_open(file, ("late", "result"))
    file.write_bytes(with_flipped_result(file.read_bytes()))
    index = file.with_name("runs.db-shm")
    for _ in range(2):
        before = {name: data for name, data in bytes_of(file.parent).items() if name != index.name}
        had_index = index.exists()
        with pytest.raises(LedgerError, match="does not have its checksum"):
            Ledger(file)
        assert index.exists() == had_index
        assert {name: data for name, data in bytes_of(file.parent).items() if name != index.name} == before
        index.unlink(missing_ok=True)


def test_a_log_without_its_ledger_is_refused(file: Path) -> None:
    """Where the ledger was removed but not its log, a new one would mix with it: refused until the log is gone."""
    killed_while_open(file, ("late", "result"))
    file.unlink()
    before = bytes_of(file.parent)
    with pytest.raises(
        LedgerError, match=r"no such file, but its log runs\.db-wal: put the ledger back beside it, or remove"
    ):
        Ledger(file)
    assert bytes_of(file.parent) == before
    for rest in file.parent.iterdir():
        rest.unlink()
    with Ledger(file) as ledger:
        assert len(ledger) == 0


def test_a_row_that_changes_while_the_ledger_is_open_is_not_believed(file: Path) -> None:
    """A result that no longer has its checksum is refused when it is read, not only when the file is opened."""
    with Ledger(file) as ledger:
        other = sqlite3.connect(file)
        other.execute("UPDATE results SET result = 'forged' WHERE task = ?", ROWS[5][:1])
        other.commit()
        other.close()
        with pytest.raises(LedgerError, match="does not have its checksum"):
            ledger.known([ROWS[5][0]])


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Folders, pipes, devices and folders that are missing are no place for a ledger."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(LedgerError, match=f"^{path}: is not a file and cannot be a ledger: choose another name"):
            Ledger(path)
    for path in (tmp_path / "missing" / "runs.db", tmp_path / ("x" * 300), tmp_path / "a\0b"):
        with pytest.raises(LedgerError, match="cannot be"):
            Ledger(path)


def test_another_process_that_does_not_let_go_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that somebody else has locked for long is refused with what to do, and works when it is free."""
    monkeypatch.setattr(ledger_module, "BUSY_SECONDS", 0.05)
    with Ledger(file) as ledger:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match=r"another process has held it for .* seconds: end that process"):
            ledger.add([("task", "result")])
        with pytest.raises(LedgerError, match="another process has held it"):
            Ledger(file)
        other.execute("ROLLBACK")
        other.close()
        ledger.add([("task", "result")])
        assert len(ledger) == len(ROWS) + 1


def test_a_closed_ledger_is_told(file: Path) -> None:
    """A ledger that was closed refuses like any other that cannot be used; closing twice is nothing."""
    ledger = Ledger(file)
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="closed"):
        ledger.known(["task"])


# -- disks --------------------------------------------------------------------------------------------------------------


def limit_file_size() -> None:
    """Let no file of this process grow over 300 kB: what a full disk looks like, without filling one."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))


def test_a_full_disk_keeps_what_was_finished(
    work: Any, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    """When the ledger cannot grow the sweep ends with one LedgerError; what was finished is kept, and with room it goes on."""
    file = tmp_path / "runs.db"
    process = start(file, 1, "exact_moment", 4000, preexec_fn=limit_file_size)
    _, stderr = process.communicate()
    assert process.returncode == 1
    assert stderr.splitlines()[-1].startswith(f"pathmoments.errors.LedgerError: {file}: cannot be written")
    assert stderr.splitlines()[-1].endswith(
        "is the disk full? What was finished before is kept; make room and start again"
    )
    tasks = work.moments_to_do(4000)
    with Ledger(file) as ledger:
        finished = ledger.known(tasks)
        assert 5 < len(finished) < 4000
        assert finished == {task: work.exact_moment(task) for task in finished}
        sweep(work.exact_moment, tasks[:50], ledger=ledger)
        assert set(finished) | set(tasks[:50]) == set(ledger.known(tasks))


UNPRIVILEGED = """
import os, sys
from pathmoments.sweeps import Ledger
if os.geteuid() == 0:  # who may write anywhere
    os.setegid(65534)
    os.seteuid(65534)
Ledger(sys.argv[1])
"""


def test_a_folder_that_cannot_be_written_to_is_told() -> None:
    """A ledger in a read-only folder, new or not, is one LedgerError, and nothing is left there."""
    folder = Path(tempfile.mkdtemp(prefix="read-only-"))
    try:
        Ledger(folder / "old.db").close()
        before = bytes_of(folder)
        folder.chmod(0o555)
        for name in ("old.db", "new.db"):
            done = subprocess.run(
                [sys.executable, "-c", UNPRIVILEGED, str(folder / name)],
                capture_output=True, text=True, check=False, cwd=folder,
            )  # fmt: skip
            last = done.stderr.splitlines()[-1]
            assert last.startswith(f"pathmoments.errors.LedgerError: {folder / name}: cannot be written"), done.stderr
            assert last.endswith("choose a file in a folder that can be written to")
        assert bytes_of(folder) == before
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
