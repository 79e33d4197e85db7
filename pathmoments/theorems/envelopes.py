"""Smooth bounds of a formula: two functions of j without floor, ceil, min and max between which it lies from some j on.

What is left belongs to one Hardy field (exponentials and logarithms of j and constants): every two such functions are ordered from some j on, and
have limits. A formula without floor and ceil is both of its bounds. Only steps that are monotone, with the signs that this needs, are taken;
anything else is not bounded.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

from flint import ctx

from .formula_values import NoValueError, UnclearError, ball, evaluate
from .width_formulas import Node

Bounds = tuple[Any, Any]
"""The lower and the upper function, sympy expressions; one object twice where the formula is both."""

LARGE = 10**100
"""Constants beyond this, or nearer to 0 than its inverse, are left alone: sympy would write their digits out."""
LARGEST_EXPONENT = 1000
"""Of a power with a rational exponent, and of its denominator: beyond, sympy would handle polynomials of that degree."""


class NotBoundedError(Exception):
    """No such bounds were found; the message says why."""


class Envelope:
    """The bounds of formulas in one symbol for j, which is positive and large."""

    def __init__(self, symbol: Any) -> None:
        import sympy

        self._sympy, self.j = sympy, symbol

    def of(self, node: Node) -> Bounds:
        """Return the bounds of a formula.

        Raises
        ------
        NotBoundedError
            If none were found.
        """
        if node.constant:
            exact = self._constant(node)
            if exact is not None:
                return exact, exact
        match node.name:
            case "j":
                return self.j, self.j
            case "+":
                return _each(lambda a, b: a + b, *map(self.of, node.arguments))
            case "-":
                (low, high), (least, most) = map(self.of, node.arguments)
                return (low - least,) * 2 if low is high and least is most else (low - most, high - least)
            case "negative":
                low, high = self.of(node.arguments[0])
                return (-low,) * 2 if low is high else (-high, -low)
            case "*":
                return self._product(*map(self.of, node.arguments))
            case "/":
                numerator, denominator = node.arguments
                return self._product(self.of(numerator), self._inverse(self.of(denominator)))
            case "^":
                return self._power(*node.arguments)
            case "sqrt":
                return self._root(self.of(node.arguments[0]), self._sympy.Rational(1, 2))
            case "log":
                return _each(self._sympy.log, self._positive(self.of(node.arguments[0])))
            case "exp":
                return _each(self._sympy.exp, self.of(node.arguments[0]))
            case "min" | "max":
                lows, highs = zip(*map(self.of, node.arguments), strict=True)
                least = node.name == "min"
                low, high = self._extreme(lows, least=least), self._extreme(highs, least=least)
                return (low, low) if lows == highs else (low, high)
        assert node.name in ("floor", "ceil")
        inner = node.arguments[0]
        low, high = self.of(inner)
        if inner.whole:
            return low, high
        return (low - 1, high) if node.name == "floor" else (low, high + 1)

    def sign(self, function: Any) -> int:
        """Return the sign of a function from some j on: -1, 0 or 1.

        Raises
        ------
        NotBoundedError
            If it was not found.
        """
        if function.is_Mul:
            return prod(map(self.sign, function.args))
        if function.is_positive or (function.is_Pow and self.sign(function.base) > 0):
            return 1
        if function.is_Add and len(signs := {self._known_sign(term) for term in function.args}) == 1 and 0 not in signs:
            return signs.pop()
        return self._sign_of_limit(function)

    def _known_sign(self, function: Any) -> int:
        """Return the sign where sympy knows it for all positive j, else 0."""
        return 1 if function.is_positive else -1 if function.is_negative else 0

    def _sign_of_limit(self, function: Any) -> int:
        limit = self.limit(function)
        if limit.is_zero:  # it tends to 0 from one side, on which its inverse tends to infinity
            if self._sympy.simplify(function) == 0:
                return 0
            limit = self.limit(1 / function)
        if limit.is_extended_positive:
            return 1
        if limit.is_extended_negative:
            return -1
        raise NotBoundedError(f"the sign of {function} was not found")

    def limit(self, function: Any) -> Any:
        """Return the limit of a function as j grows."""
        return self._sympy.gruntz(function, self.j, self._sympy.oo)

    # -- steps -----------------------------------------------------------------------------------------------------------

    def _constant(self, node: Node) -> Any:
        """Return a rational constant, None for an irrational one; refuse what has no value or is too large to write out."""
        try:
            with ctx.workprec(128):
                value = evaluate(node, 1)
                size = abs(ball(value))
                fits = value == 0 or bool(size < LARGE and size * LARGE > 1)
        except NoValueError as error:
            raise NotBoundedError(str(error)) from None
        except UnclearError:
            raise NotBoundedError("a constant could not be evaluated") from None
        if not fits:
            raise NotBoundedError("a constant is beyond 10^100, or nearer to 0 than 10^-100")
        return self._sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else None

    def _positive(self, bounds: Bounds) -> Bounds:
        if self.sign(bounds[0]) <= 0:
            raise NotBoundedError(f"{bounds[0]} is not seen to be positive from some j on")
        return bounds

    def _product(self, left: Bounds, right: Bounds) -> Bounds:
        if left[0] is left[1] and right[0] is right[1]:
            return (left[0] * right[0],) * 2
        corners = [a * b for a in left for b in right]
        return self._extreme(corners, least=True), self._extreme(corners, least=False)

    def _inverse(self, bounds: Bounds) -> Bounds:
        low, high = bounds
        if low is high:
            return (1 / low,) * 2
        if self.sign(low) > 0 or self.sign(high) < 0:
            return 1 / high, 1 / low
        raise NotBoundedError(f"{low} and {high} have different signs, and what lies between them divides")

    def _power(self, base: Node, exponent: Node) -> Bounds:
        power = self._constant(exponent) if exponent.constant else None
        if power is not None:
            return self._root(self.of(base), power)
        if base.constant and exponent.whole and (value := self._constant(base)) is not None and value < 0:
            _, size = _each(self._sympy.exp, self._product((self._sympy.log(-value),) * 2, self.of(exponent)))
            return -size, size
        bounds, exponents = self._positive(self.of(base)), self.of(exponent)
        if bounds[0] is bounds[1] and exponents[0] is exponents[1]:
            return (bounds[0] ** exponents[0],) * 2
        return _each(self._sympy.exp, self._product(_each(self._sympy.log, bounds), exponents))

    def _root(self, bounds: Bounds, power: Any) -> Bounds:
        """Return the bounds of a power with a rational exponent."""
        if max(abs(power.p), power.q) > LARGEST_EXPONENT:
            raise NotBoundedError(f"an exponent is beyond {LARGEST_EXPONENT:,}")
        low, high = bounds
        if low is high:
            if not power.is_integer:
                self._positive(bounds)
            return (low**power,) * 2
        low, high = self._positive(bounds)
        return (low**power, high**power) if power >= 0 else (high**power, low**power)

    def _extreme(self, functions: Any, *, least: bool) -> Any:
        """Return the one of the functions that is least, or largest, from some j on."""
        chosen, *others = functions
        for other in others:
            if chosen is not other and self.sign(other - chosen) == (-1 if least else 1):
                chosen = other
        return chosen


def _each(function: Any, *bounds: Bounds) -> Bounds:
    """Return the bounds of an increasing function of what is bounded."""
    low = function(*(pair[0] for pair in bounds))
    return (low, low) if all(pair[0] is pair[1] for pair in bounds) else (low, function(*(pair[1] for pair in bounds)))
