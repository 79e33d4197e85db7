"""Whether a file is a sound ledger: found out without changing a byte of it, and without leaving files beside it.

SQLite repairs, empties or rewrites what it opens for writing. So the header is read as bytes first, and the rest is checked through
connections that cannot write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from ..errors import LedgerError

MAGIC = b"SQLite format 3\0"
APPLICATION_ID = 0x504D6C67
"""At byte 68 of the file: "PMlg", which says that the database is a ledger."""
FORMAT = 1
"""At byte 60: the version of the tables within."""

_OTHERWISE = "choose another name, or remove it"


def check_orphans(file: Path) -> None:
    """Refuse to begin a ledger beside the write-ahead log of one that is gone: SQLite would mix the two."""
    log = _beside(file, "-wal")
    if (
        log.exists() and log.stat().st_size and not file.exists()
    ):  # in this order: another process may be making the ledger just now
        raise LedgerError(
            f"there is no such file, but its log {log.name}: put the ledger back beside it, or remove it too"
        )


def check_header(file: Path) -> None:
    """Refuse, by its first 100 bytes, what is not a ledger of this format."""
    if not file.is_file():
        raise LedgerError("is not a file and cannot be a ledger: choose another name")
    with file.open("rb") as stream:
        header = stream.read(100)
    if not header:
        raise LedgerError(f"is an empty file and no ledger: {_OTHERWISE}")
    if not header.startswith(MAGIC[: len(header)]):
        raise LedgerError(f"is a file of another kind and no ledger: {_OTHERWISE}")
    if len(header) < 100:
        raise LedgerError(f"is damaged (cut off after {len(header)} bytes): {_OTHERWISE}, and the sweep begins anew")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise LedgerError(f"is an SQLite database of another program and no ledger: {_OTHERWISE}")
    if (format_ := int.from_bytes(header[60:64], "big")) != FORMAT:
        raise LedgerError(
            f"is a ledger of format {format_}, and this version of pathmoments has format {FORMAT}: {_OTHERWISE}"
        )


def check_soundness(file: Path, checksum: Callable[[str, str], int]) -> None:
    """Raise sqlite3.DatabaseError if the file's structure or one of its rows is damaged.

    Without a write-ahead log nobody is writing, and SQLite may take the file as unchangeable. Should another process begin just then, what
    looks damaged may be half written: the file is looked at again if it has changed meanwhile.
    """
    while True:
        before = _state(file)
        try:
            _check_rows(file, checksum)
        except sqlite3.DatabaseError:
            if _state(file) != before:
                continue
            raise
        return


def _state(file: Path) -> list[tuple[int, int] | None]:
    """Return size and time of the file and of its write-ahead log."""
    found: list[tuple[int, int] | None] = []
    for each in (file, _beside(file, "-wal")):
        try:
            status = each.stat()
        except FileNotFoundError:
            found.append(None)
        else:
            found.append((status.st_size, status.st_mtime_ns))
    return found


def _check_rows(file: Path, checksum: Callable[[str, str], int]) -> None:
    log, index = _beside(file, "-wal"), _beside(file, "-shm")
    in_use = log.exists() and log.stat().st_size > 0
    indexed = index.exists()
    connection = sqlite3.connect(f"{file.as_uri()}?{'mode=ro' if in_use else 'immutable=1'}", uri=True)
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(str(verdict).splitlines()[-1])  # the first line names the database
        for task, result, stored in connection.execute("SELECT task, result, checksum FROM results"):
            if stored != checksum(task, result):
                raise sqlite3.DatabaseError("a row does not have its checksum")
    except sqlite3.DatabaseError:
        connection.close()
        if in_use and not indexed:  # made by our reading
            index.unlink(missing_ok=True)
        raise
    connection.close()


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)
