"""Exact numbers: what is taken as one, how a result is built, and how it is written.

Three kinds of value leave an exact route: :class:`fractions.Fraction`, a rigorous ball (:class:`flint.arb`) where a law
is not rational, and a sympy expression where something is symbolic. A float is none of them and is refused on the way in.
"""

from __future__ import annotations

import numbers
import operator
import re
import sys
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from flint import arb, fmpq, fmpz

from .errors import ArgumentError, InexactNumberError, must_be

if TYPE_CHECKING:
    import sympy

Value: TypeAlias = "Fraction | arb | sympy.Expr"

MAX_DIGITS = 4000
"""Longest number, in decimal digits, that is read from text; CPython itself stops at 4300."""

_RATIONAL = re.compile(r" *[+-]?\d+( */ *\d+)? *", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def is_symbolic(value: object) -> bool:
    """Whether `value` is a sympy expression with a free symbol (sympy is not imported to find out)."""
    sympy = sys.modules.get("sympy")
    return sympy is not None and isinstance(value, sympy.Expr) and bool(value.free_symbols)


def rational(value: object, argument: str) -> Fraction:
    """Return `value` as a fraction: an int, a Fraction, a Decimal, a sympy Rational, or text such as "1/4".

    Floats are refused, in text as well: "0.333" may be meant as a third.

    >>> rational("1/4", "slope")
    Fraction(1, 4)
    >>> rational(0.25, "slope")
    Traceback (most recent call last):
        ...
    pathmoments.errors.InexactNumberError: slope must be an exact number, was 0.25: write Fraction(1, 4) or '1/4'
    """
    if isinstance(value, bool):
        raise ArgumentError(must_be(argument, "an exact number", value))
    if isinstance(value, Fraction):
        return value
    if isinstance(value, numbers.Integral):
        return Fraction(operator.index(value))
    if isinstance(value, str):
        return _rational_from_text(value, argument)
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, Decimal) and value.is_finite():
        return Fraction(value)
    if isinstance(value, numbers.Real):
        readable = 1e-3 < abs(float(value)) < 1e6
        nearest = Fraction(float(value)).limit_denominator(10_000) if readable else Fraction(1, 4)
        raise InexactNumberError(
            must_be(argument, "an exact number", float(value), f"write {nearest!r} or '{nearest}'")
        )
    if getattr(value, "is_Rational", False):  # a sympy Rational
        return Fraction(int(value.p), int(value.q))  # type: ignore[attr-defined]  # sympy's, seen by is_Rational
    raise ArgumentError(must_be(argument, "an exact number (an int, a Fraction or text such as '1/4')", value))


def _rational_from_text(text: str, argument: str) -> Fraction:
    if len(text) > MAX_DIGITS:
        raise ArgumentError(
            must_be(argument, f"a number of at most {MAX_DIGITS} characters", f"the text of {len(text)}")
        )
    if _RATIONAL.fullmatch(text):
        return _fraction(text, argument)
    if _DECIMAL.fullmatch(text.strip()) and len(text) < 40:
        raise InexactNumberError(must_be(argument, "an exact number", text, f"write '{Fraction(text)}'"))
    raise ArgumentError(must_be(argument, "an exact number such as '3' or '1/4'", text))


def _fraction(text: str, argument: str) -> Fraction:
    try:
        return Fraction(text.replace(" ", ""))
    except ZeroDivisionError:
        raise ArgumentError(must_be(argument, "a fraction with a nonzero denominator", text)) from None


def integer(value: object, argument: str, *, minimum: int, what: str) -> int:
    """Return `value` as an int of at least `minimum`; `what` is the requirement in words.

    >>> integer(2.0, "order", minimum=0, what="a whole number, 0 or more")
    Traceback (most recent call last):
        ...
    pathmoments.errors.ArgumentError: order must be a whole number, 0 or more, was 2.0
    """
    if isinstance(value, bool):
        raise ArgumentError(must_be(argument, what, value))
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # refused below if it has none
    except TypeError:
        raise ArgumentError(must_be(argument, what, value)) from None
    if number < minimum:
        raise ArgumentError(must_be(argument, what, number))
    return number


def expression(value: object, argument: str, *, positive: bool = True) -> Value:
    """Return a symbolic expression after refusing floats in it and, unless told otherwise, what is known not to be positive.

    >>> import sympy
    >>> expression(0.5 * sympy.Symbol("n"), "widths[1]")
    Traceback (most recent call last):
        ...
    pathmoments.errors.InexactNumberError: widths[1] must be an exact expression, was 0.5*n: write sympy.Rational(1, 2) for 0.5
    """
    import sympy

    assert isinstance(value, sympy.Expr)
    if value.has(sympy.Float):
        way_out = "write sympy.Rational(1, 2) for 0.5"
        raise InexactNumberError(f"{argument} must be an exact expression, was {value}: {way_out}")
    if positive and value.is_positive is False:
        raise ArgumentError(must_be(argument, "positive", str(value)))
    return value


class _Reduced:
    """A numerator and denominator already coprime, for `Fraction` to take over without a second gcd."""

    def __init__(self, numerator: int, denominator: int) -> None:
        self.numerator = numerator
        self.denominator = denominator


numbers.Rational.register(_Reduced)


def to_fraction(value: fmpq) -> Fraction:
    """Return a flint rational as a Fraction, without the quadratic gcd of CPython (it matters at a million digits)."""
    reduced: Any = _Reduced(int(value.p), int(value.q))
    return Fraction(reduced)


def to_fmpq(value: Fraction | int) -> fmpq:
    """Return a Fraction or an int as a flint rational."""
    return fmpq(value.numerator, value.denominator)


def scaled(value: Value, factor: Value) -> Value:
    """Return value * factor, where `factor` is a fraction or an expression and `value` of any kind."""
    if isinstance(value, arb) and isinstance(factor, Fraction):
        return value * to_fmpq(factor)
    return value * factor  # type: ignore[operator]  # fractions and expressions multiply


def product(factors: Iterable[fmpz | int]) -> fmpz:
    """Return the product by a balanced tree, so that large products use fast multiplication.

    >>> int(product(range(1, 11)))
    3628800
    """
    whole: fmpz = balanced(map(fmpz, factors), fmpz(1))
    return whole


def balanced(factors: Iterable[Any], one: Any) -> Any:
    """Return `one` times the product of anything that multiplies, in that order, by a balanced tree."""
    level = [one, *factors]
    while len(level) > 1:
        pairs = [level[i] * level[i + 1] for i in range(0, len(level) - 1, 2)]
        level = [*pairs, level[-1]] if len(level) % 2 else pairs
    return level[0]


def fraction_text(value: Fraction | int) -> str:
    """Return "p/q" (or "p" for a whole number), of any length.

    >>> fraction_text(Fraction(993, 250))
    '993/250'
    """
    numerator, denominator = str(fmpz(value.numerator)), str(fmpz(value.denominator))
    return numerator if denominator == "1" else f"{numerator}/{denominator}"


def count_text(count: int) -> str:
    """Return a count with thousands separated, or its power of ten where it is too long to read.

    >>> count_text(16_777_216), count_text(7 * 10**5000)
    ('16,777,216', 'about 10^5000')
    """
    if count < 10**30:
        return f"{count:,}"
    return f"about 10^{_scaled(Fraction(count), 1)[1]}"


def decimal_text(value: Fraction | int, digits: int = 10) -> str:
    """Return `value` rounded to `digits` significant digits (ties to even), trailing zeros dropped.

    >>> decimal_text(Fraction(993, 250)), decimal_text(Fraction(2, 3), 5), decimal_text(Fraction(1, 3**40), 4)
    ('3.972', '0.66667', '8.225e-20')
    """
    if value == 0:
        return "0"
    scaled, exponent = _scaled(-value if value < 0 else value, digits)
    text = str(scaled)
    sign = "-" if value < 0 else ""
    if -5 <= exponent < max(digits, 7):
        if exponent >= digits - 1:
            return sign + text + "0" * (exponent - digits + 1)
        if exponent >= 0:
            whole, rest = text[: exponent + 1], text[exponent + 1 :].rstrip("0")
        else:
            whole, rest = "0", ("0" * (-exponent - 1) + text).rstrip("0")
        return sign + whole + ("." + rest if rest else "")
    mantissa = text[0] + ("." + text[1:]).rstrip("0").rstrip(".")
    return f"{sign}{mantissa}e{exponent:+03d}"


def _scaled(value: Fraction | int, digits: int) -> tuple[int, int]:
    """Return (s, e) with s of exactly `digits` digits and s * 10**(e - digits + 1) the rounding of value > 0."""
    numerator, denominator = fmpz(value.numerator), fmpz(value.denominator)
    exponent = len(str(numerator)) - len(str(denominator))
    if (
        numerator < denominator * fmpz(10) ** exponent
        if exponent >= 0
        else numerator * fmpz(10) ** -exponent < denominator
    ):
        exponent -= 1
    shift = digits - 1 - exponent
    if shift >= 0:
        numerator *= fmpz(10) ** shift
    else:
        denominator *= fmpz(10) ** -shift
    quotient, remainder = divmod(numerator, denominator)
    if 2 * remainder > denominator or (2 * remainder == denominator and quotient % 2):
        quotient += 1
    if quotient == fmpz(10) ** digits:
        quotient, exponent = fmpz(10) ** (digits - 1), exponent + 1
    return int(quotient), exponent
