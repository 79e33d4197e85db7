"""The widths that a budget of parameters is best spent on: the problem in whole numbers, its solution in real numbers, and that one rounded.

Hidden widths are n_j = s u_j, u_j >= 1 whole and s the multiple asked for. Over all layers, with or without biases, the parameters are s times

    cost(u) = sum_j p_j u_j + s sum_j u_j u_(j+1)      (and the biases of the output layer),

p_j holding the price of a unit that does not depend on other hidden layers: n_0 for the first, n_d for the last, 1 for its bias. To minimise is
sum_j 1/u_j = s beta, at a cost of at most R. In the logarithms of u_j both are convex, so that a stationary point in real numbers is the best one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import isqrt
from typing import TypeAlias

Units: TypeAlias = tuple[int, ...]

SWEEPS = 200
"""Over the layers, at most, in search of a stationary point."""
FINE = 32
"""Binary places of the real solution beyond those of whole units."""


@dataclass(frozen=True)
class Chain:
    """The problem.

    Attributes
    ----------
    prices
        p_j, one a hidden layer.
    pair
        s.
    budget
        R.
    """

    prices: tuple[int, ...]
    pair: int
    budget: int

    def cost(self, units: Units) -> int:
        """Return the cost of u."""
        single = sum(p * u for p, u in zip(self.prices, units, strict=True))
        return single + self.pair * sum(a * b for a, b in pairwise(units))

    def price(self, units: list[int] | Units, layer: int) -> int:
        """Return what one more unit of a layer costs, its neighbours given."""
        below = units[layer - 1] if layer else 0
        above = units[layer + 1] if layer + 1 < len(units) else 0
        return self.prices[layer] + self.pair * (below + above)


def total(units: Units) -> Fraction:
    """Return sum 1/u_j, which is to be minimised."""
    return sum((Fraction(1, u) for u in units), start=Fraction(0))


def real_solution(chain: Chain) -> tuple[tuple[Fraction, ...], Fraction]:
    """Return u near the best real solution with u_j >= 1, of no greater cost than the budget, and the multiplier L with 1/u_j^2 = L price_j (where u_j > 1)."""
    fine = Chain(tuple(p << FINE for p in chain.prices), chain.pair, chain.budget << 2 * FINE)  # in units of 2^-FINE
    units = kept = (1 << FINE,) * len(chain.prices)
    low, high = (
        1,
        2 * fine.budget**2,
    )  # u_j^2 price_j is the scale, so a scale that fits is at most twice the square of the budget
    while high - low > max(1, low >> FINE):
        middle = isqrt(low * high) if high > 2 * low else (low + high) // 2
        units = _stationary(fine, middle, units)
        if fine.cost(units) <= fine.budget:
            low, kept = middle, units
        else:
            high = middle
    return tuple(Fraction(u, 1 << FINE) for u in kept), Fraction(1 << 3 * FINE, low)


def _stationary(fine: Chain, scale: int, start: Units) -> Units:
    """Return u_j = (scale / price_j)^(1/2), at least 1, the price being that of one more unit, by sweeps over the layers."""
    least, units = 1 << FINE, list(start)
    for _ in range(SWEEPS):
        moved = 0
        for k, before in enumerate(units):
            units[k] = max(least, isqrt(scale // fine.price(units, k)))
            moved = max(moved, abs(units[k] - before))
        if moved <= 1:
            break
    return tuple(units)


def rounded_solution(chain: Chain, real: tuple[Fraction, ...]) -> Units:
    """Return a solution near the real one: rounded down, then single units where they lower the sum most for what they cost, while they fit."""
    units = [int(u) for u in real]
    left = chain.budget - chain.cost(tuple(units))
    while True:
        prices = [chain.price(units, k) for k in range(len(units))]
        fitting = [(u * (u + 1) * p, k) for k, (u, p) in enumerate(zip(units, prices, strict=True)) if p <= left]
        if not fitting:
            return tuple(units)
        _, layer = min(fitting)
        units[layer] += 1
        left -= prices[layer]
