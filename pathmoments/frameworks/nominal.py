"""The exact number that a float in a framework stands for.

Frameworks take 0.01, math.sqrt(2.0) or 5 / 3 where a hundredth, the root of two and five thirds are meant. A float is read as

1. the fraction with a denominator up to 10,000 of which it is the nearest float (0.01, 5 / 3), else
2. the decimal that it prints as, where that has at most 12 digits (1e-05), else
3. where its square is wanted, the fraction with a denominator up to 10,000 whose root it is to within two roundings (math.sqrt(2.0)), else
4. the binary fraction that it is.

So the number differs from the float by less than two roundings, one part in 2^51, whichever of them applies. All that is not a float is exact already.
"""

from __future__ import annotations

import math
import numbers
from fractions import Fraction

from ..errors import ArgumentError, must_be
from ..exact import rational

LARGEST_DENOMINATOR = 10_000
LONGEST_LITERAL = 12
"""Digits up to which a decimal is taken as written: one float in 10^4 or so would be short by accident."""


def nominal(value: object, argument: str) -> Fraction:
    """Return the number that `value` stands for.

    >>> nominal(0.01, "negative_slope"), nominal(5 / 3, "gain"), nominal("1/7", "std")
    (Fraction(1, 100), Fraction(5, 3), Fraction(1, 7))
    """
    number = _plain(value)
    if not isinstance(number, float):
        return rational(number, argument)
    simple = _simple(number, argument)
    return Fraction(number) if simple is None else simple


def nominal_square(value: object, argument: str) -> Fraction:
    """Return the square of the number that `value` stands for.

    >>> import math
    >>> nominal_square(math.sqrt(5), "a"), nominal_square(math.sqrt(2 / 30), "std"), nominal_square(0.02, "std")
    (Fraction(5, 1), Fraction(1, 15), Fraction(1, 2500))
    """
    number = _plain(value)
    if not isinstance(number, float):
        return rational(number, argument) ** 2
    simple = _simple(number, argument)
    if simple is not None:
        return simple**2
    square = (Fraction(number) ** 2).limit_denominator(LARGEST_DENOMINATOR)
    if abs(math.sqrt(square) - abs(number)) <= 2 * math.ulp(number):
        return square
    return Fraction(number) ** 2


def nominal_ratio(top: object, bottom: object, argument: str) -> Fraction:
    """Return top / bottom, as the fraction with a denominator up to 10,000 that it is to within two roundings, where there is one.

    >>> import math
    >>> nominal_ratio(2 * math.sqrt(0.1), math.sqrt(0.1), "b")
    Fraction(2, 1)
    """
    ratio = nominal(top, argument) / nominal(bottom, argument)
    near = ratio.limit_denominator(LARGEST_DENOMINATOR)
    return near if abs(near - ratio) <= abs(ratio) / 2**51 else ratio


def _plain(value: object) -> object:
    """Return the Python number of an array of one number, and a float of any real float type."""
    item = getattr(value, "item", None)
    if item is not None and getattr(value, "shape", None) == ():
        value = item()
    return float(value) if isinstance(value, numbers.Real) and not isinstance(value, numbers.Rational) else value


def _simple(number: float, argument: str) -> Fraction | None:
    if not math.isfinite(number):
        raise ArgumentError(must_be(argument, "a finite number", number))
    near = Fraction(number).limit_denominator(LARGEST_DENOMINATOR)
    if float(near) == number:
        return near
    text = repr(number)
    digits = text.partition("e")[0].replace(".", "").replace("-", "").strip("0")
    return Fraction(text) if len(digits) <= LONGEST_LITERAL else None
