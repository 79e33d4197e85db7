"""Enumeration: walk the path collections and add up prod_j C_j, as Theorem 3 and Remark 3 say."""

from __future__ import annotations

from ..exact import Value, count_text, scaled
from ..families import Family, alive_factor
from ..network import Network
from ..paths import DEFAULT_BUDGET, _count_collections, check_budget, tally, weight
from .base import Cost, Options, Route


class Enumeration(Route):
    """The definition, exact for every law; cost exponential in the order."""

    name = "enumeration"
    default_budget = DEFAULT_BUDGET

    def reason_against(self, net: Network, family: Family) -> str | None:
        """Return why not: symbolic widths have no neurons to walk."""
        if not all(isinstance(width, int) for width in net.widths[: family.last + 1]):
            return "an enumeration needs widths that are numbers: use route='transfer'"
        return None

    def cost(self, net: Network, family: Family, budget: int | None = None) -> Cost:
        """Return the number of unordered collections to walk, with the ordered count beside it."""
        unordered = _count_collections(net, family, ordered=False)
        ordered = _count_collections(net, family, ordered=True)
        steps = unordered * (family.last - family.first) * 4
        return Cost(self.name, unordered, "collections", steps, f"{count_text(ordered)} ordered")

    def evaluate(self, net: Network, family: Family, options: Options = Options()) -> Value:  # noqa: B008  # frozen
        """Return the moment: a Fraction, a ball, or a sympy expression for a symbolic law."""
        if self.reason_against(net, family) is None:
            check_budget(net, family, self.default_budget if options.budget is None else options.budget)
        self.checked_cost(net, family, options)
        counts = tally(net, family, options.progress)
        domain = net.domain(family.first, family.last, family.size)
        alive = alive_factor(net, family)
        return domain.settle(lambda: scaled(weight(net, family, domain, counts), alive))
