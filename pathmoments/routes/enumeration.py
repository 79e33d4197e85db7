"""Enumeration: walk the path collections and add up prod_j C_j, as Theorem 3 and Remark 3 say."""

from __future__ import annotations

from collections.abc import Callable

from ..domains import Domain, Element
from ..families import Family, dependence
from ..network import Network
from ..paths.collections import MAX_COUNT_BITS, collections_bits, counted_collections, ordered_text
from ..paths.types import DEFAULT_BUDGET, check_budget, tally, type_sum
from .base import Cost, Options, PathSum


class Enumeration(PathSum):
    """The definition, exact for every law of independent weights; cost exponential in the order."""

    name = "enumeration"
    default_budget = DEFAULT_BUDGET

    def reason_against(self, net: Network, family: Family) -> str | None:
        """Return why not: weights that depend on one another; symbolic widths, which have no neurons to walk."""
        if reason := dependence(net, family):
            return f"{reason}: use route='haar'"
        if not all(isinstance(width, int) for width in net.widths[family.first : family.last + 1]):
            return "an enumeration needs widths that are numbers: use route='transfer'"
        return None

    def cost(self, net: Network, family: Family, budget: int | None = None) -> Cost:
        """Return the number of unordered collections to walk, with the ordered count beside it."""
        if collections_bits(net, family) > MAX_COUNT_BITS:
            return Cost(self.name, 1 << MAX_COUNT_BITS, "collections or more", 1 << MAX_COUNT_BITS)
        unordered = counted_collections(net, family, ordered=False)
        steps = unordered * (family.last - family.first) * 4
        return Cost(self.name, unordered, "collections", steps, f"{ordered_text(net, family)} ordered")

    def checked_cost(self, net: Network, family: Family, options: Options) -> Cost:
        """Return the cost; over budget, the message has both counts."""
        if self.reason_against(net, family) is None:
            check_budget(net, family, self.default_budget if options.budget is None else options.budget)
        return super().checked_cost(net, family, options)

    def prepare(self, net: Network, family: Family, options: Options) -> Callable[[Domain], Element]:
        """Walk the collections, once, and return the sum over their types."""
        counts = tally(net, family, options.progress)
        return lambda domain: type_sum(net, family, domain, counts)
