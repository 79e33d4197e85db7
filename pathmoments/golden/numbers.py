"""Exact values, differences and square roots as a golden reference writes them: "p/q" or a ball, with a correctly rounded decimal of 17 digits."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from flint import arb, ctx

from ..conformance.tails import WIDE, RawMoments
from ..exact import Value, decimal_text, fraction_text, to_fmpq, to_fraction
from ..tables.cells import BALL_DIGITS, decimal
from .schema import Exact, Root

DIGITS = 17
"""Enough for a reader to get the nearest double."""


def exact(value: Value) -> Exact:
    """Return a value and its decimal.

    >>> exact(Fraction(2, 3))
    Exact(exact='2/3', decimal='0.66666666666666667')
    """
    if isinstance(value, arb) and value.is_exact():
        value = to_fraction(value.fmpq())
    if isinstance(value, arb):
        return Exact(exact=str(value.str(BALL_DIGITS)), decimal=str(decimal(value, DIGITS)))
    assert isinstance(value, Fraction)
    return Exact(exact=fraction_text(value), decimal=decimal_text(value, DIGITS))


def root(square: Value) -> Root:
    """Return the square root of a value, with its exact square.

    >>> root(Fraction(1, 2))
    Root(square='1/2', decimal='0.70710678118654752')
    """
    if isinstance(square, arb) and square.is_exact():
        square = to_fraction(square.fmpq())
    if isinstance(square, arb):
        with ctx.workprec(WIDE):
            return Root(square=str(square.str(BALL_DIGITS)), decimal=str(decimal(square.sqrt(), DIGITS)))
    assert isinstance(square, Fraction)
    return Root(square=fraction_text(square), decimal=root_decimal(square))


def root_decimal(square: Fraction, digits: int = DIGITS) -> str:
    """Return the square root of a fraction rounded to `digits` significant digits, ties to even.

    >>> root_decimal(Fraction(2), 5), root_decimal(Fraction(9, 4)), root_decimal(Fraction(0))
    ('1.4142', '1.5', '0')
    """
    if square == 0:
        return "0"
    # 10^places sqrt(square) has at least so many digits, and one more than is needed to see on which side of a tie it is.
    size = len(str(square.numerator)) - len(str(square.denominator))
    places = digits + 1 - size // 2
    scaled = square * Fraction(10) ** (2 * places)
    whole = isqrt(scaled.numerator // scaled.denominator)
    beyond = Fraction(0) if whole * whole == scaled else Fraction(1, 2)
    return decimal_text((whole + beyond) / Fraction(10) ** places, digits)


def variance(moments: RawMoments) -> Value:
    """Return E S^2 - (E S)^2."""
    first, second = moments.values[:2]
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        return second - first * first
    with ctx.workprec(WIDE):
        one, two = (arb(to_fmpq(v)) if isinstance(v, Fraction) else v for v in (first, second))
        return two - one * one


def divided(value: Value, count: int) -> Value:
    """Return value / count."""
    if isinstance(value, Fraction):
        return value / count
    with ctx.workprec(WIDE):
        return value / count
