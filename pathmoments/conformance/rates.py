"""Error rates and effects as users write them: 1e-6 is a millionth."""

from __future__ import annotations

import math
from fractions import Fraction

from ..errors import ArgumentError, must_be
from ..exact import rational
from .planning import Rates

FALSE_ALARM = Fraction(1, 10**6)
MISS = Fraction(1, 1000)
EFFECT = Fraction(1, 10)
SMALLEST = Fraction(1, 10**300)
"""The smallest rate: p-values are floats, and a third of it is one too."""


def rate(value: object, argument: str) -> Fraction:
    """Return a probability between 1e-300 and 1, not 1 itself; a float stands for the decimal it prints as, for no exact value depends on it.

    >>> rate(1e-6, "false_alarm"), rate("1/2", "miss")
    (Fraction(1, 1000000), Fraction(1, 2))
    """
    number = _number(value, argument)
    if not SMALLEST <= number < 1:
        raise ArgumentError(must_be(argument, "between 0 and 1, and not below 1e-300", value))
    return number


def effect_size(value: object) -> Fraction:
    """Return a relative change, above 0 and at most 2^20.

    >>> effect_size(0.05)
    Fraction(1, 20)
    """
    number = _number(value, "effect")
    if not 0 < number <= 2**20:
        raise ArgumentError(must_be("effect", "a relative change above 0, such as 1/10 for ten per cent", value))
    return number


def rates(effect: object, false_alarm: object, miss: object) -> Rates:
    """Return all three."""
    return Rates(effect_size(effect), rate(false_alarm, "false_alarm"), rate(miss, "miss"))


def _number(value: object, argument: str) -> Fraction:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ArgumentError(must_be(argument, "a finite number", value))
        return Fraction(repr(value))
    if isinstance(value, str):
        try:
            return Fraction(value.strip())
        except (ValueError, ZeroDivisionError):
            raise ArgumentError(must_be(argument, "a number such as 1e-6 or 1/10", value)) from None
    return rational(value, argument)
