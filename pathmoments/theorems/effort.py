"""A bound on the effort of a computation that has none of its own, such as a symbolic limit.

Calls of Python functions are counted, not seconds, so that what is given up does not depend on how fast or busy a machine is.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

Result = TypeVar("Result")

_SWALLOWING = {"__del__", "__eq__", "__hash__"}
"""Where the interpreter may drop an exception, and the tracer with it; generators, when they are thrown away, are another such place."""


class TooMuchError(BaseException):
    """The computation was given up; no `except Exception` on its way swallows it."""


def within(calls: int, compute: Callable[[], Result]) -> Result:
    """Return the result of a computation, unless it takes more than so many calls of Python functions.

    Raises
    ------
    TooMuchError
        If it does.
    """
    left = calls

    def count(frame: FrameType, *_: object) -> None:
        nonlocal left
        left -= 1
        code = frame.f_code
        if left < 0 and not code.co_flags & inspect.CO_GENERATOR and code.co_name not in _SWALLOWING:
            raise TooMuchError

    before = sys.gettrace()
    sys.settrace(count)
    try:
        result = compute()
    finally:
        sys.settrace(before)
    if left < 0:
        raise TooMuchError
    return result
