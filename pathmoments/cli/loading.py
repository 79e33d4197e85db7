"""What `pathmoments check` holds against a network: a function or an array of the user's own module, or a .npy file."""

from __future__ import annotations

import functools
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from ..conformance.samples import is_sampler
from ..errors import ArgumentError, PathMomentsError, must_be


class UserCodeError(PathMomentsError, RuntimeError):
    """The user's module or sampler raised an exception, which is the cause of this one."""


def samples_from(target: str) -> object:
    """Return the samples, or the function that draws them, that a target names.

    Raises
    ------
    ArgumentError
        If there is no such file, module or attribute, or it is neither a function nor an array.
    UserCodeError
        If the module cannot be imported because its own code raises.
    """
    if target.endswith(".npy"):
        return _array(Path(target))
    module_name, colon, attribute = target.partition(":")
    if not (colon and all(part.isidentifier() for part in (*module_name.split("."), *attribute.split(".")))):
        raise ArgumentError(must_be("TARGET", "package.module:sampler, or a file whose name ends in .npy", target))
    found: Any = _module(module_name)
    for name in attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise ArgumentError(f"{target}: {module_name} has no {attribute}") from None
    if is_sampler(found):
        return _guarded(found, target)
    if not hasattr(found, "__array__"):
        raise ArgumentError(
            must_be(target, "a function (samples, seed) that draws Jacobians, or an array of them", found)
        )
    return found


def _array(file: Path) -> object:
    import numpy as np

    try:
        return np.load(file, allow_pickle=False)
    except FileNotFoundError:
        raise ArgumentError(f"{file}: there is no such file") from None
    except (OSError, ValueError, EOFError) as error:
        raise ArgumentError(f"{file}: cannot be read as an array: {error}") from error


def _module(name: str) -> object:
    """Import a module, from the current folder first, as `python -m` does."""
    here = os.getcwd()
    if sys.path[:1] != [here]:
        sys.path.insert(0, here)
    try:
        with _users(f"the import of {name}"):
            return importlib.import_module(name)
    except UserCodeError as error:
        missing = error.__cause__
        if not isinstance(missing, ModuleNotFoundError) or not f"{name}.".startswith(f"{missing.name}."):
            raise  # the module is there, and perhaps what it imports is not
        raise ArgumentError(
            f"there is no module {missing.name}: modules are looked for in the current folder and among those installed"
        ) from None


def _guarded(sampler: Callable[..., Any], target: str) -> Callable[..., Any]:
    """Return the sampler with its exceptions told from the library's, and its blocks likewise."""

    @functools.wraps(sampler, updated=())
    def guarded(*arguments: int) -> object:
        with _users(target):
            drawn = sampler(*arguments)
        whole = hasattr(drawn, "shape") or isinstance(drawn, (list, tuple, str, bytes, dict))
        return drawn if whole or not isinstance(drawn, Iterable) else _blocks(drawn, target)

    return guarded


def _blocks(drawn: Iterable[Any], target: str) -> Iterator[Any]:
    """Yield the blocks of a sampler that draws one after the other."""
    with _users(target):
        blocks = iter(drawn)
    while True:
        with _users(target):
            try:
                block = next(blocks)
            except StopIteration:
                return
        yield block


@contextmanager
def _users(what: str) -> Iterator[None]:
    """Run code of the user's: what it prints goes to stderr, for stdout has the report, and what it raises is a UserCodeError."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as error:  # whatever a user's code may raise; not Ctrl-C
        raise _user_error(what, error) from error


def _user_error(what: str, error: BaseException) -> UserCodeError:
    """Return the exception in one sentence, with the last line in the current folder through which it came, or the last line of all."""
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)[1:]]
    if isinstance(error, SyntaxError) and error.filename:
        frames = [(error.filename, error.lineno)]
    near = [frame for frame in frames if Path(frame[0]).is_relative_to(os.getcwd())] or frames
    where = f" at {Path(near[-1][0]).name}:{near[-1][1]}" if near else ""
    said = " ".join(str(error).split()) or "no message"
    return UserCodeError(f"{what} raised {type(error).__name__}{where}: {said} (--traceback shows all of it)")
