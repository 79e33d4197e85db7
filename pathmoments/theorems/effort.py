"""A bound on the effort of a computation that has none of its own, such as a symbolic limit.

Calls of Python functions are counted, not seconds, so that a computation is given up at the same place on every machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class TooMuchError(BaseException):
    """The computation was given up; no `except Exception` on its way swallows it."""


def within(calls: int, compute: Callable[[], Result]) -> Result:
    """Return compute(), unless it takes more than so many calls of Python functions.

    Raises
    ------
    TooMuchError
        If it does.
    """
    left = calls

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooMuchError

    before = sys.gettrace()
    sys.settrace(count)
    try:
        return compute()
    finally:
        sys.settrace(before)
