"""Files are written whole or not at all: to a temporary file beside the target, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ArgumentError


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to, and rename it to `path` if all went well; leave nothing behind if not.

    Raises
    ------
    ArgumentError
        If the folder does not exist or cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise ArgumentError(f"{path}: cannot be written: {error.strerror}") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise ArgumentError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def check_target(path: Path, *, force: bool) -> None:
    """Refuse a file that could not be written in the end, before the work begins.

    Raises
    ------
    ArgumentError
        If it exists and `force` is not set, is a folder, or its folder is missing or cannot be written to.
    """
    if path.is_dir():
        raise ArgumentError(f"{path}: is a folder, and a file is to be written")
    if path.exists() and not force:
        raise ArgumentError(f"{path}: exists already: --force replaces it, or choose another name")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ArgumentError(f"{path}: cannot be written: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
