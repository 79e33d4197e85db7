"""Linear combinations of families: every quantity beyond a single moment is one, and is summed before it becomes a value.

The families of a combination have the same number of paths between the same layers, so variances and alive factor stand in front of the whole sum,
and a symbolic sum is factored once, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import RouteError
from ..exact import Value, scaled
from ..families import Family
from ..network import Network
from . import route_named
from .base import Options, PathSum, prefactor

Term = tuple["Value | int", Family]
"""(coefficient, family): the coefficient a number or a polynomial in the network's symbols."""


def evaluate_combination(net: Network, terms: Sequence[Term], front: Value, *, route: str, options: Options) -> Value:
    """Return front * sum of coefficient * value over the terms, by an exact route.

    Preconditions: the families have the same size and layers, are determined and do not vanish; there is at least one.
    """
    sample = terms[0][1]
    domain = net.domain(sample.first, sample.last, sample.size)
    chosen = [(coefficient, family, route_named(route, net, family, options)) for coefficient, family in terms]
    prepared = []
    for coefficient, family, one in chosen:
        if not isinstance(one, PathSum):
            raise RouteError(
                f"route {route!r} gives no path sum: use 'auto', 'enumeration', 'transfer', 'haar' or 'gaussian'"
            )
        one.checked_cost(net, family, options)
        prepared.append((coefficient, one.prepare(net, family, options)))
    whole = scaled(front, prefactor(net, sample))

    def compute() -> Value:
        total = sum((element(domain) * domain.element(c) for c, element in prepared), start=domain.element(0))
        return domain.value(whole, total)

    return domain.settle(compute)
