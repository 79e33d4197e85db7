"""The ledger of a sweep: an SQLite file with one row a finished result, committed as it is finished.

A kill at any moment leaves a ledger that opens: SQLite's write-ahead log keeps whole transactions alone, and a new ledger gets its name
only when it is complete. What looks like anything else than a sound ledger of this format is refused, and no byte of it is changed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from .._version import __version__
from ..errors import LedgerError
from .soundness import APPLICATION_ID, FORMAT, check_header, check_orphans, check_soundness

BUSY_SECONDS = 60
"""How long to wait for another process that is writing; one commit takes far less."""

_SCHEMA = (
    "PRAGMA journal_mode = MEMORY",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
    "CREATE TABLE results (task TEXT PRIMARY KEY, result TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE provenance (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)
_INSERTION = "INSERT OR IGNORE INTO results VALUES (?, ?, ?)"


class Ledger:
    """Finished results in a file; a context manager.

    Parameters
    ----------
    path
        The file, on a disk of this machine (SQLite's write-ahead log does not work over a network). It is made if there is none.

    Raises
    ------
    LedgerError
        If the file is no ledger, is one of another format, is damaged, or cannot be written. An existing file is then as it was.

    Several processes may have one ledger open. Opening reads the whole file once; a commit costs about 30 microseconds.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder, "runs.db")) as ledger:
    ...     ledger.add([("2 + 2", "4")])
    ...     ledger.known(["2 + 2", "2 + 3"]), len(ledger)
    ({'2 + 2': '4'}, 1)
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path
        with self._told():
            file = Path(
                os.path.realpath(path)
            )  # SQLite's other two files stand beside the file itself, not beside a link to it
            check_orphans(file)
            if not file.exists():
                _create(file)
            check_header(file)
            check_soundness(file, checksum)
            self._connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                # Safe from kills; a power failure may take the last rows.
                self._connection.execute("PRAGMA synchronous = NORMAL")
                # In pages, that is 16 MB: seldom a wait for the disk.
                self._connection.execute("PRAGMA wal_autocheckpoint = 4000")
                # It can be written: better known now than after the first result.
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute("ROLLBACK")
            except BaseException:
                self._connection.close()
                raise

    def known(self, tasks: Iterable[str]) -> dict[str, str]:
        """Return {task: result} for those of the tasks that are finished.

        Raises
        ------
        LedgerError
            If a row does not have its checksum, or the file cannot be read.
        """
        found: dict[str, str] = {}
        remaining = iter(tasks)
        with self._told():
            while batch := list(islice(remaining, 500)):  # SQLite takes a bounded number of arguments
                marks = ", ".join("?" * len(batch))
                query = f"SELECT task, result, checksum FROM results WHERE task IN ({marks})"  # noqa: S608  # question marks alone
                for task, result, stored in self._connection.execute(query, batch):
                    if stored != checksum(task, result):
                        raise sqlite3.DatabaseError("a row does not have its checksum")
                    found[task] = result
        return found

    def add(self, results: Iterable[tuple[str, str]]) -> None:
        """Commit (task, result) pairs, all or none; a task that is known keeps the result that it has.

        Raises
        ------
        LedgerError
            If they cannot be written (a full disk, say). What was committed before is kept.
        """
        rows = [(task, result, checksum(task, result)) for task, result in results]
        with self._told():
            if len(rows) == 1:  # by itself it is a transaction, and a quicker one
                self._connection.execute(_INSERTION, rows[0])
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(_INSERTION, rows)
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # the first error is the one to tell
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                raise

    def __len__(self) -> int:
        with self._told():
            return int(self._connection.execute("SELECT count(*) FROM results").fetchone()[0])

    def close(self) -> None:
        """Close the file; what is committed is in it, and the last to close it leaves no other file beside it."""
        with self._told():
            self._connection.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what SQLite or the system complains of as one LedgerError with the way out."""
        try:
            yield
        except LedgerError as error:
            raise LedgerError(f"{self.path}: {error}") from error
        except sqlite3.Error as error:
            raise LedgerError(f"{self.path}: {_in_words(error)}") from error
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            reason = (error.strerror if isinstance(error, OSError) else None) or error
            raise LedgerError(
                f"{self.path}: cannot be a ledger ({reason}): choose a file in a folder that can be written to"
            ) from error


def checksum(task: str, result: str) -> int:
    """Return 64 bits of BLAKE2 over a row, as SQLite's signed integer."""
    digest = hashlib.blake2b(f"{task}\0{result}".encode(), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)


def _create(file: Path) -> None:
    """Make an empty ledger under another name, and give it its own when it is complete, unless another process was quicker."""
    temporary = file.with_name(f".ledger-{secrets.token_hex(8)}")
    try:
        connection = sqlite3.connect(temporary, isolation_level=None)
        try:
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute("INSERT INTO provenance VALUES ('created by', ?)", (f"pathmoments {__version__}",))
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
        with suppress(FileExistsError):
            try:
                os.link(temporary, file)  # which, unlike a renaming, never replaces a file
            except FileExistsError:
                raise
            except OSError:  # a file system without links
                if not file.exists():
                    temporary.rename(file)
    finally:
        temporary.unlink(missing_ok=True)


def _in_words(error: sqlite3.Error) -> str:
    """Return what an SQLite error means for the user, with the way out."""
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR"):
        return f"cannot be written ({error}): is the disk full? What was finished before is kept; make room and start again"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return f"cannot be written ({error}): choose a file in a folder that can be written to"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"another process has held it for {BUSY_SECONDS} seconds: end that process, or choose another name"
    if isinstance(error, sqlite3.ProgrammingError):
        return str(error)
    return f"is damaged ({error}): remove it or choose another name, and the sweep begins anew"
