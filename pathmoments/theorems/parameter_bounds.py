"""Rigorous bounds of all solutions of :mod:`pathmoments.theorems.parameter_chains`, and the windows of widths that they leave.

For every L >= 0 and every u that costs R at most, sum 1/u_j >= sum 1/u_j + L (cost(u) - R). Two bounds follow.

Convexity. Around any y, with x = log(u/y) and e^x >= 1 + x in all terms of the cost,

    sum 1/u_j + L (cost(u) - R) >= sum 1/y_j + L (cost(y) - R) + sum_j h_j(u_j),    h_j(u) = 1/u - 1/y_j + L price_j(y) y_j log(u/y_j),

so that each layer has a window of widths outside which h_j is too large for any solution as good as the one at hand. This is computed in balls.

Shortest paths. Inside the windows the minimum of 1/u_j + L (cost(u) - R) over whole numbers is a shortest path along the chain of layers; widths through which
no path is short enough are dropped. This is computed in whole numbers, with 1/u rounded down to a multiple of 2^-bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb, ctx

from ..exact import to_fmpq
from .parameter_chains import Chain, Units, total

MOST_WIDTHS = 600
"""Widths of a layer's window; wider ones are not searched."""
PRECISION = 192
"""Bits of the balls."""


@dataclass(frozen=True)
class Relaxation:
    """The bound by convexity around a real point, with a multiplier."""

    chain: Chain
    point: tuple[Fraction, ...]
    multiplier: Fraction

    def windows(self, best: Fraction) -> tuple[list[tuple[int, int]], Fraction]:
        """Return the least and largest u_j that a solution of sum at most `best` can have, and a lower bound of all sums."""
        with ctx.workprec(PRECISION):
            fine = [self._excess(k) for k in range(len(self.point))]
            bound = _ball(self._at_point()) + sum((least for _, least in fine), start=arb(0))
            spare = _ball(best) - bound
            ranges = [self._range(k, excess, least + spare) for k, (excess, least) in enumerate(fine)]
            mantissa, exponent = bound.lower().man_exp()
            return ranges, Fraction(int(mantissa)) * Fraction(2) ** int(exponent)

    def _at_point(self) -> Fraction:
        """Return sum 1/y_j + L (cost(y) - R)."""
        point: Any = self.point  # costs are polynomials: fractions do as well as whole numbers
        value: Fraction = sum(1 / y for y in point) + self.multiplier * (self.chain.cost(point) - self.chain.budget)
        return value

    def _excess(self, k: int) -> tuple[Callable[[int], arb], arb]:
        """Return h_k, and a lower bound of it over u >= 1: it falls to u = 1/g, and rises from there, for g = L price_k(y) y_k."""
        point: Any = self.point
        y, slope = _ball(point[k]), _ball(self.multiplier * self.chain.price(point, k) * point[k])

        def excess(u: arb | int) -> arb:
            return 1 / arb(u) - 1 / y + slope * (arb(u) / y).log()

        return excess, excess((1 / slope).max(arb(1)))

    def _range(self, k: int, excess: Callable[[int], arb], allowed: arb) -> tuple[int, int]:
        """Return the whole numbers next to y_k with h_k not surely above what is allowed, and perhaps one more at the lower end."""
        ones = (1,) * len(self.point)
        most = (self.chain.budget - self.chain.cost(ones)) // self.chain.price(ones, k) + 1
        below = min(int(self.point[k]), most)
        above = min(below + 1, most)
        return _last(below, 1, lambda u: not excess(u) > allowed), _last(above, most, lambda u: not excess(u) > allowed)


def _last(start: int, end: int, allowed: Callable[[int], bool]) -> int:
    """Return the last number from start towards end that is allowed, where all before it are; start if that is not."""
    direction = 1 if end > start else -1
    far = abs(end - start)
    reached, step = 0, 1
    while reached < far and allowed(start + direction * min(reached + step, far)):
        reached, step = min(reached + step, far), 2 * step
    while step > 1:
        step //= 2
        if reached + step <= far and allowed(start + direction * (reached + step)):
            reached += step
    return start + direction * reached


def _ball(value: Fraction) -> arb:
    return arb(to_fmpq(value))


@dataclass
class Windows:
    """Widths, one array of 64-bit whole numbers a layer, outside which no solution is as good as the one at hand.

    Attributes
    ----------
    chain
        The problem.
    widths
        What is left.
    bits
        1/u and L are whole multiples of 2^-bits, so many that sums along the chain stay below 2^62.
    limit
        The sum 1/u_j of the solution at hand, rounded up: a larger bound excludes.
    price
        The multiplier L.
    lower
        A lower bound of sum 1/u_j over the solutions inside.
    """

    chain: Chain
    widths: list[Any]
    bits: int
    limit: int
    price: int
    lower: int = 0

    @classmethod
    def of(cls, chain: Chain, ranges: list[tuple[int, int]], best: Fraction, multiplier: Fraction) -> Windows:
        """Return the windows of ranges, for a solution at hand of sum `best`."""
        import numpy as np

        bits = max(0, 55 - len(ranges).bit_length() - best.numerator.bit_length() + best.denominator.bit_length())
        widths = [np.arange(low, high + 1, dtype=np.int64) for low, high in ranges]
        return cls(chain, widths, bits, -((-best.numerator << bits) // best.denominator), int(multiplier * 2**bits))

    @property
    def proven(self) -> Fraction:
        """The lower bound as a fraction."""
        return Fraction(self.lower, 1 << self.bits)

    def near(self, units: Units, distance: int) -> Windows:
        """Return the part of the windows within a distance from a solution."""
        parts = [w[abs(w - u) <= distance] for w, u in zip(self.widths, units, strict=True)]
        return Windows(self.chain, parts, self.bits, self.limit, self.price)

    def improve(self, units: Units) -> None:
        """Take a better solution as the one at hand."""
        best = total(units)
        self.limit = -((-best.numerator << self.bits) // best.denominator)

    def narrow(self) -> None:
        """Drop widths that no solution as good as the one at hand has, until nothing changes."""
        before = -1
        while before != (before := sum(w.size for w in self.widths)):
            self._choose_price()
            forward, backward = self.potentials(self.price)
            rest = self.price * self.chain.budget
            through = [f + b - rest for f, b in zip(forward, backward, strict=True)]
            self.lower = max(self.lower, min(int(through[0].min()), self.limit))
            self.widths = [w[bound <= self.limit] for w, bound in zip(self.widths, through, strict=True)]

    def inverses(self, widths: Any) -> Any:
        """Return 1/u rounded down, for an array of widths."""
        import numpy as np

        one = 1 << self.bits
        return np.array([one // u for u in widths.tolist()], dtype=np.int64)

    def potentials(self, price: int) -> tuple[list[Any], list[Any]]:
        """Return, for each width, the least of all paths from the first layer to it, itself included, and from it to the last, itself not."""
        import numpy as np

        own = [self.inverses(w) + price * p * w for w, p in zip(self.widths, self.chain.prices, strict=True)]
        forward, backward = [own[0]], [np.zeros_like(own[-1])]
        most = 4 * self.chain.budget // self.chain.pair  # beyond, there is no solution
        pairs = [np.minimum(np.multiply.outer(a, b), most) for a, b in pairwise(self.widths)]
        steps = [price * self.chain.pair * pair for pair in pairs]
        for k, step in enumerate(steps, start=1):
            forward.append(own[k] + (forward[-1][:, None] + step).min(axis=0))
        for k in range(len(steps), 0, -1):
            backward.append((steps[k - 1] + (own[k] + backward[-1])[None, :]).min(axis=1))
        return forward, backward[::-1]

    def _choose_price(self) -> None:
        """Raise the bound, a concave function of L, by a search in sections."""
        low, high = self.price * 99 // 100, self.price * 101 // 100 + 2
        while high - low > max(3, low >> 14):
            first, second = low + (high - low) // 3, high - (high - low) // 3
            low, high = (low, second) if self._bound(first) >= self._bound(second) else (first, high)
        self.price = max((low, self.price, high), key=self._bound)

    def _bound(self, price: int) -> int:
        forward, _ = self.potentials(price)
        return int(forward[-1].min()) - price * self.chain.budget
