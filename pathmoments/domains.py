"""Where an exact sum is carried out: rationals, rigorous balls, or polynomials in the symbols of the problem.

A route works on *elements*, which add and multiply with each other and with ints, and does not ask what they are.
A domain makes elements from values and values from elements. All three domains are exact in the sense of their type:
a rational is the number, a ball contains it, a polynomial is it for every value of its symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, Protocol, TypeAlias

from flint import arb, ctx, fmpq, fmpq_mpoly_ctx, fmpz

from .errors import ArgumentError, UndecidedError
from .exact import Value, is_symbolic, product, rational, to_fmpq, to_fraction

Element: TypeAlias = Any
"""fmpq, arb or fmpq_mpoly: flint has no common base class for what can be added and multiplied."""

BALL_BITS = 100
"""Relative accuracy, in bits, that every ball leaving an exact route has (about 30 decimal digits)."""
MAX_PRECISION = 1 << 16


class Domain(Protocol):
    """What a route needs to know of the numbers it works with."""

    def element(self, value: Value | int) -> Element:
        """Return the element that stands for `value`."""

    def power_product(self, factors: Iterable[tuple[Value, int]]) -> Value:
        """Return the product of `value ** exponent`, where a factor may be any exact value (a variance)."""

    def value(self, prefactor: Value, element: Element) -> Value:
        """Return prefactor * element as a value for the user."""

    def settle(self, compute: Callable[[], Value]) -> Value:
        """Return `compute()`, repeated at rising precision where the domain has one."""


class Rationals:
    """Elements are flint rationals; values are Fractions."""

    def element(self, value: Value | int) -> Element:
        """Return `value` as a flint rational."""
        assert isinstance(value, Fraction | int)
        return to_fmpq(value)

    def power_product(self, factors: Iterable[tuple[Value, int]]) -> Value:
        """Return the product of rational powers by two balanced trees."""
        powers = [(rational(value, "a factor"), exponent) for value, exponent in factors]
        numerator = product(fmpz(value.numerator) ** exponent for value, exponent in powers)
        denominator = product(fmpz(value.denominator) ** exponent for value, exponent in powers)
        return to_fraction(fmpq(numerator, denominator))

    def value(self, prefactor: Value, element: Element) -> Value:
        """Return the product as a Fraction."""
        assert isinstance(prefactor, Fraction)
        return to_fraction(to_fmpq(prefactor) * element)

    def settle(self, compute: Callable[[], Value]) -> Value:
        """Return `compute()`: rationals are exact at once."""
        return compute()


class Balls(Rationals):
    """Elements and values are flint balls; what is rational stays so until it meets a ball."""

    def element(self, value: Value | int) -> Element:
        """Return `value` as a ball."""
        return value if isinstance(value, arb) else arb(to_fmpq(value))

    def value(self, prefactor: Value, element: Element) -> Value:
        """Return the product as a ball."""
        assert isinstance(prefactor, Fraction)
        return arb(to_fmpq(prefactor)) * element

    def settle(self, compute: Callable[[], Value]) -> Value:
        """Return `compute()` at the first precision that gives `BALL_BITS` correct bits."""
        precision = 2 * BALL_BITS
        while precision <= MAX_PRECISION:
            with ctx.workprec(precision):
                ball = compute()
                assert isinstance(ball, arb)
                if ball.rel_accuracy_bits() >= BALL_BITS:
                    return ball
            precision *= 2
        raise UndecidedError(
            f"no {BALL_BITS} bits of the value could be decided at a working precision of {MAX_PRECISION} bits: {ball}"
        )


class Polynomials:
    """Elements are flint polynomials over the rationals; values are sympy expressions in factored form."""

    def __init__(self, symbols: Iterable[Any]) -> None:
        import sympy

        self._sympy = sympy
        self._symbols = sorted(symbols, key=str)
        names = tuple(f"s{i}" for i in range(len(self._symbols)))
        self._context = fmpq_mpoly_ctx.get(names)

    def element(self, value: Value | int) -> Element:
        """Return `value` as a polynomial; refuse what is not one (a width such as 1/n)."""
        if not is_symbolic(value):
            return self._context.constant(to_fmpq(rational(value, "a coefficient")))
        try:
            terms = self._sympy.Poly(value, *self._symbols, domain="QQ").terms()
        except self._sympy.polys.polyerrors.BasePolynomialError as error:
            raise ArgumentError(
                f"a symbolic width or moment must be a polynomial in its symbols with rational coefficients, was {value}"
            ) from error
        return self._context.from_dict({powers: fmpq(int(c.p), int(c.q)) for powers, c in terms})

    def power_product(self, factors: Iterable[tuple[Value, int]]) -> Value:
        """Return the product of powers as a sympy expression."""
        return self._sympy.Mul(*(self._expression(value) ** exponent for value, exponent in factors))

    def value(self, prefactor: Value, element: Element) -> Value:
        """Return prefactor * element, with the polynomial factored over the rationals."""
        content, factors = element.factor() if element != 0 else (fmpq(0), [])
        parts = [self._expression(to_fraction(fmpq(content)))]
        for polynomial, exponent in factors:
            parts.append(self._from_polynomial(polynomial) ** int(exponent))
        return self._sympy.Mul(self._expression(prefactor), *parts)

    def settle(self, compute: Callable[[], Value]) -> Value:
        """Return `compute()`: polynomials are exact at once."""
        return compute()

    def _expression(self, value: Value | int) -> Any:
        if isinstance(value, Fraction):
            return self._sympy.Rational(value.numerator, value.denominator)
        return self._sympy.sympify(value)

    def _from_polynomial(self, polynomial: Element) -> Any:
        terms = {
            tuple(int(e) for e in powers): self._sympy.Rational(int(c.p), int(c.q))
            for powers, c in polynomial.to_dict().items()
        }
        return self._sympy.Poly(terms, *self._symbols, domain="QQ").as_expr()


def settle_all(domain: Domain, compute: Callable[[], Sequence[Any]]) -> list[Any]:
    """Return several values made at once, at the first precision that suits the least accurate ball among them."""
    found: list[Any] = []

    def least() -> Value:
        found[:] = compute()
        least_accurate: Value = min(found, key=lambda value: value.rel_accuracy_bits() if isinstance(value, arb) else 0)
        return least_accurate

    domain.settle(least)
    return found
