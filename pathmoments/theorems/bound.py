"""Bounds of the paper: sums of rational multiples of exponentials of rationals, and their rigorous comparison with an exact value.

exp(r) is transcendental for rational r != 0 (Lindemann), so a rational is never equal to c exp(r) with c != 0: raising the precision of balls decides
every comparison with a single exponential, and equality is possible only where no exponential is left, and then exactly recognised.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx

from ..domains import MAX_PRECISION
from ..errors import UndecidedError
from ..exact import Value, decimal_text, to_fmpq


@dataclass(frozen=True)
class Bound:
    """The number sum_i c_i exp(r_i), from exact (c_i, r_i); values of a law that is not rational make c or r a ball.

    >>> Bound.of(Fraction(1, 2), Fraction(1)).ball().str(10)
    '[1.359140914 +/- 2.30e-10]'
    """

    terms: tuple[tuple[Value, Value], ...]

    @classmethod
    def of(cls, factor: Value, exponent: Value = Fraction(0)) -> Bound:
        """Return factor * exp(exponent)."""
        return cls(((factor, exponent),))

    def rational(self) -> Fraction | None:
        """Return the value where no exponential is left, else None."""
        total = Fraction(0)
        for factor, exponent in self.terms:
            if not isinstance(factor, Fraction) or (factor != 0 and exponent != 0):
                return None
            total += factor
        return total

    def ball(self) -> arb:
        """Return a ball around the value, at the working precision."""
        return sum((_ball(factor) * _ball(exponent).exp() for factor, exponent in self.terms), start=arb(0))

    def compare(self, exact: Value) -> int:
        """Return the sign of (exact - bound): -1, 0 or 1, proved.

        Raises
        ------
        UndecidedError
            If the two are not told apart at the highest precision.
        """
        value = self.rational()
        if value is not None and isinstance(exact, Fraction):
            return (exact > value) - (exact < value)
        precision = 64
        while precision <= MAX_PRECISION:
            with ctx.workprec(precision):
                difference = _ball(exact) - self.ball()
                if difference > 0:
                    return 1
                if difference < 0:
                    return -1
            precision *= 2
        raise UndecidedError(f"{exact} and {self} could not be told apart at {MAX_PRECISION} bits")

    def __str__(self) -> str:
        value = self.rational()
        return decimal_text(value, 4) if value is not None else str(self.ball().str(4, radius=False))


def _ball(value: Value) -> arb:
    return value if isinstance(value, arb) else arb(to_fmpq(value))
