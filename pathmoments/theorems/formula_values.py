"""Values of a formula of widths: exact fractions where they are seen to be rational, else rigorous balls; and the widths that they give.

The width of layer j is the smallest whole number that is not below the formula's value, and at least 1: n_j = max(1, ceil(f(j))).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias

from flint import arb, ctx, fmpz

from ..domains import MAX_PRECISION
from ..errors import ArgumentError, UndecidedError
from ..exact import to_fmpq
from ..network import MAX_WIDTH
from .width_formulas import Node, parse

EXACT_BITS = 20_000
"""Bits of the longest power that is kept as a fraction; beyond, it is a ball."""

Number: TypeAlias = Fraction | arb


class NoValueError(Exception):
    """The formula has no real value here."""


class UnclearError(Exception):
    """The balls are too wide at this precision."""


def width(text: str, j: int) -> int:
    """Return n_j = max(1, ceil(f(j))), exactly.

    Raises
    ------
    ArgumentError
        If f has no real value at j, or one over 10^100.
    UndecidedError
        If f(j) is too close to a whole number to say which side it is on: only an irrational expression of a rational value.

    >>> [width("j^2 / 2", j) for j in (1, 2, 3)], width("2^(1/2) * 10^50", 1)
    ([1, 2, 5], 141421356237309504880168872420969807856967187537695)
    """
    node, precision = parse(text), 64
    while precision <= MAX_PRECISION:
        try:
            with ctx.workprec(precision):
                value = evaluate(node, j)
                if value > MAX_WIDTH:
                    raise ArgumentError(f"the width {text} at j = {j} must be at most 10^100: take a smaller depth")
                return max(1, int(_rounded(value, up=True)))
        except UnclearError:
            precision *= 2
        except NoValueError as error:
            raise ArgumentError(f"the formula {text} has no real value at j = {j}: {error}") from None
    raise UndecidedError(
        f"the formula {text} at j = {j} could not be rounded up with {MAX_PRECISION:,} bits: its value is too close to a whole "
        "number, or far too large; write it more simply"
    )


def evaluate(node: Node, j: int) -> Number:
    """Return the value at j: a fraction, or a ball at the working precision where the value is not seen to be rational.

    Raises
    ------
    NoValueError, UnclearError
        If there is no real value, or the precision does not tell.
    """
    if node.name == "number":
        return node.number
    if node.name == "j":
        return Fraction(j)
    return _OPERATIONS[node.name](*(evaluate(argument, j) for argument in node.arguments))


def ball(value: Number) -> arb:
    """Return a number as a ball at the working precision."""
    return value if isinstance(value, arb) else arb(to_fmpq(value))


def _arithmetic(
    exact: Callable[[Fraction, Fraction], Fraction], balls: Callable[[arb, arb], arb]
) -> Callable[..., Number]:
    def operation(left: Number, right: Number) -> Number:
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            return exact(left, right)
        return _finite(balls(ball(left), ball(right)))

    return operation


def _quotient(left: Number, right: Number) -> Number:
    if _sign(right) == 0:
        raise NoValueError("division by zero")
    return (
        left / right
        if isinstance(left, Fraction) and isinstance(right, Fraction)
        else _finite(ball(left) / ball(right))
    )


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        exact = _exact_power(base, exponent)
        if exact is not None:
            return exact
    sign = _sign(base)
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        return _finite(ball(base) ** fmpz(exponent.numerator))
    if sign < 0:
        raise NoValueError("a negative number to a power that is no whole number")
    if sign == 0:
        return Fraction(0) if _sign(exponent) > 0 else _no_value("0 to a power that is not positive")
    return _finite(ball(base) ** ball(exponent))


def _exact_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """Return the power where it is rational and not too long, else None."""
    if exponent.denominator == 1:
        if base == 0 and exponent < 0:
            raise NoValueError("division by zero")
        bits = max(abs(base.numerator), base.denominator).bit_length() if abs(base) != 1 else 0
        return base**exponent.numerator if bits * abs(exponent) <= EXACT_BITS else None
    if base <= 0 or exponent.denominator > 64:
        return None
    roots = [fmpz(part).root(exponent.denominator) for part in (base.numerator, base.denominator)]
    root = Fraction(int(roots[0]), int(roots[1]))
    return _exact_power(root, Fraction(exponent.numerator)) if root**exponent.denominator == base else None


def _logarithm(value: Number) -> Number:
    if value == 1:
        return Fraction(0)
    if _sign(value) <= 0:
        raise NoValueError("the logarithm of a number that is not positive")
    return _finite(ball(value).log())


def _exponential(value: Number) -> Number:
    return Fraction(1) if value == 0 else _finite(ball(value).exp())


def _extreme(*values: Number, least: bool) -> Number:
    chosen, *others = values
    for other in others:
        if isinstance(chosen, Fraction) and isinstance(other, Fraction):
            chosen = min(chosen, other) if least else max(chosen, other)
        else:
            chosen = ball(chosen).min(ball(other)) if least else ball(chosen).max(ball(other))
    return chosen


def _rounded(value: Number, *, up: bool) -> Fraction:
    if isinstance(value, Fraction):
        return Fraction(ceil(value) if up else floor(value))
    whole = (value.ceil() if up else value.floor()).unique_fmpz()
    if whole is None:
        raise UnclearError
    return Fraction(int(whole))


def _sign(value: Number) -> int:
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    if value > 0:
        return 1
    if value < 0:
        return -1
    raise UnclearError


def _finite(value: arb) -> arb:
    if not value.is_finite():
        raise UnclearError
    return value


def _no_value(reason: str) -> Fraction:
    raise NoValueError(reason)


_OPERATIONS: dict[str, Callable[..., Number]] = {
    "+": _arithmetic(lambda a, b: a + b, lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b, lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b, lambda a, b: a * b),
    "/": _quotient,
    "^": _power,
    "negative": lambda value: -value,
    "log": _logarithm,
    "sqrt": lambda value: _power(value, Fraction(1, 2)),
    "exp": _exponential,
    "floor": lambda value: _rounded(value, up=False),
    "ceil": lambda value: _rounded(value, up=True),
    "min": lambda *values: _extreme(*values, least=True),
    "max": lambda *values: _extreme(*values, least=False),
}
