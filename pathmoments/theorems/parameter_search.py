"""The best solution inside windows of widths, by labels: partial solutions, layer after layer, of which only the promising are kept.

A label is a choice of u_1..u_k with its cost and its sum 1/u. Of two that end in the same u_k one is dropped if the other costs no more and sums to no
more. A label is dropped also if its sum, and the least that the layers after it can add (by several multipliers L, see
:mod:`pathmoments.theorems.parameter_bounds`), exceed the solution at hand. Bounds are whole numbers rounded down; where rounding leaves two sums too close
to tell, their exact values are compared, as multiples of one common fraction. What survives to the end is the best solution, and no other is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from .parameter_bounds import Windows
from .parameter_chains import Units, total

PRICES = (
    Fraction(3, 4),
    Fraction(9, 10),
    Fraction(97, 100),
    Fraction(1),
    Fraction(103, 100),
    Fraction(10, 9),
    Fraction(4, 3),
)
"""Multipliers that bound what is still to come, in units of the best one for the whole."""
MOST_STEPS = 12_000_000
"""Labels tried with every next width, over all layers; a search that needs more is given up, after some seconds."""
MOST_BITS = 1 << 31
"""Bits of the exact sums of one layer's labels; a search that needs more is given up, before it fills the memory."""


@dataclass
class _Layer:
    """The labels of one layer: the number of their last width among the layer's, their cost, sum, exact sum, and the label that they continue."""

    last: Any
    cost: Any
    sum: Any
    exact: Any
    parent: Any


def best_within(windows: Windows, units: Units, *, most: int | None = None) -> Units | None:
    """Return a best solution: of least sum 1/u, and among these of least cost.

    Parameters
    ----------
    windows
        Widths, outside which no solution is as good as `units`.
    units
        The solution at hand.
    most
        The most labels that are kept of one last width: a quick search, which may miss the best.

    Returns
    -------
    The solution; None if the search was given up.
    """
    search = _Search(windows, most)
    labels = search.first()
    trail, steps = [], 0
    for k in range(1, len(units)):
        if labels is None:
            return None
        steps += labels.last.size * windows.widths[k].size
        if steps > MOST_STEPS:
            return None
        trail.append((labels.last, labels.parent))
        labels = search.next(labels, k)
    if labels is None:
        return None
    found = search.solution(labels, trail)
    return found if found is not None and total(found) <= total(units) else units


class _Search:
    def __init__(self, windows: Windows, most: int | None) -> None:
        self.chain, self.limit, self.most = windows.chain, windows.limit, most
        self.choices = windows.widths
        self.inverses = [windows.inverses(choice) for choice in self.choices]
        self.common = lcm(*{int(u) for choice in self.choices for u in choice})
        self.most_labels = MOST_BITS // self.common.bit_length()
        self.potentials = [
            (price, windows.potentials(price)[1])
            for price in {max(1, int(windows.price * factor)) for factor in PRICES}
        ]

    def first(self) -> _Layer | None:
        """Return the labels of the first layer."""
        import numpy as np

        zero = np.zeros(1, np.int64)
        return self._extended(_Layer(zero, zero, zero, np.zeros(1, object), zero), zero, 0)

    def next(self, labels: _Layer, k: int) -> _Layer | None:
        """Return the labels of layer k from those of the layer before."""
        return self._extended(labels, self.chain.pair * self.choices[k - 1][labels.last], k)

    def _extended(self, labels: _Layer, pair: Any, k: int) -> _Layer | None:
        """Continue every label with every width; `pair` is what a unit of the new layer costs besides its own price. None if they are too many."""
        import numpy as np

        parts: list[_Layer] = []
        for number, unit in enumerate(self.choices[k].tolist()):
            cost = labels.cost + (self.chain.prices[k] + pair) * unit
            sums = labels.sum + self.inverses[k][number]
            alive = self._promising(cost, sums, k, number)
            if sum(part.last.size for part in parts) + alive.size > self.most_labels:
                return None
            exact = labels.exact[alive] + self.common // unit
            kept = _undominated(cost[alive], sums[alive], exact, k + 1)
            chosen = alive[kept]
            parts.append(_Layer(np.full(chosen.shape, number), cost[chosen], sums[chosen], exact[kept], chosen))
        fields = ("last", "cost", "sum", "exact", "parent")
        return _Layer(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))

    def _promising(self, cost: Any, sums: Any, k: int, number: int) -> Any:
        """Return the places of labels that could lead to a solution as good as the one at hand, in a quick search the most promising of them."""
        import numpy as np

        bound = np.full(cost.shape, -1)
        for price, potential in self.potentials:
            np.maximum(bound, sums + potential[k][number] + price * (cost - self.chain.budget), out=bound)
        alive = np.flatnonzero((bound <= self.limit) & (cost <= self.chain.budget))
        if self.most is not None and alive.size > self.most:
            alive = alive[np.argpartition(bound[alive], self.most)[: self.most]]
        return alive

    def solution(self, final: _Layer, trail: list[tuple[Any, Any]]) -> Units | None:
        """Return the widths of the best label of the last layer, by what its predecessors were; None if there is none."""
        if not final.last.size:
            return None
        place = min(range(final.last.size), key=lambda i: (final.exact[i], final.cost[i]))
        units = []
        for (last, parent), choice in zip([*trail, (final.last, final.parent)][::-1], self.choices[::-1], strict=True):
            units.append(int(choice[last[place]]))
            place = parent[place]
        return tuple(units[::-1])


def _undominated(cost: Any, sums: Any, exact: Any, slack: int) -> Any:
    """Return the places of labels to which no other is preferred; `sums` are up to `slack` below the truth, which `exact` tells."""
    import numpy as np

    if not cost.size:
        return np.zeros(0, np.int64)
    order = np.lexsort((sums, cost))
    sums, exact = sums[order], exact[order]
    least = np.minimum.accumulate(sums)
    new = np.concatenate(([True], sums[1:] < least[:-1]))  # a smaller sum than all that cost no more
    holder = np.maximum.accumulate(np.where(new, np.arange(sums.size), 0))
    before = np.concatenate(([0], holder[:-1]))  # the least sum among those before
    difference = sums - sums[before]
    dominated = difference >= slack
    close = np.flatnonzero(np.abs(difference) < slack)
    dominated[close] = exact[close] >= exact[before[close]]
    dominated[0] = False
    return order[~dominated]
