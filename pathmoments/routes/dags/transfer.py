r"""Transfer over a topological order: exact on any graph, in time linear in the number of nodes for a frontier of bounded size.

Nodes are taken from the outputs to the inputs. A state says how many paths of each class are to pass each node of the frontier. To take a node v with
load m_v, a vector with one count a class, is to share its paths among the edges into it, in all ways:

    prod over classes m_v! / prod_e m_e!   ways,   times  act_v(|m_v|)  times  prod_e E w_e^|m_e|,

with act_v(r) = (1 + slope^r)/2, or 1 where v has no activation. An edge is met once, when all paths through its end are known, so every labelled collection
is counted once. On a random edge only even |m_e| are left, so most states never arise.

A state is one integer: the counts of a node are the bits of its slot, and to move paths is to add a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import comb, prod

from ...dag import DagNetwork, Support
from ...domains import Domain, Element
from ...families import Family
from ..base import Cost, Options, Progress
from .base import DagRoute, edge_factor, node_factor
from .order import Entry, Plan, Step, planned

Counts = tuple[int, ...]
"""Paths of each class."""


class DagTransfer(DagRoute):
    """Exact for every law and every monomial; linear in the number of nodes, exponential in the frontier's size for a high order."""

    name = "transfer"
    default_budget = 5_000_000

    def cost(self, dag: DagNetwork, family: Family) -> Cost:
        """Return the number of transitions at most, with the nodes and the largest frontier beside it."""
        plan = planned(Support(dag, family.classes))
        count = plan.transitions
        nodes = len(plan.steps)
        note = f"{nodes} node" + "s" * (nodes != 1) + f", {plan.slots} in the frontier"
        return Cost(self.name, count, "transitions at most", count * 3, note)

    def way_out(self) -> str:
        """Return what to do instead."""
        return "use route='enumeration' if the graph is small, a lower order, or a larger budget"

    def prepare(self, dag: DagNetwork, family: Family, options: Options) -> Callable[[Domain], Element]:
        """Return the sweep from the outputs to the inputs."""
        support = Support(dag, family.classes)
        plan = planned(support)
        return lambda domain: _Sweep(support, plan, domain).run(options.progress)


class _Sweep:
    """The states and what they are worth, in a domain."""

    def __init__(self, support: Support, plan: Plan, domain: Domain) -> None:
        self.support, self.plan, self.domain = support, plan, domain
        self.sizes = [m for _, _, m in support.classes]
        self.offsets = [sum(m.bit_length() for m in self.sizes[:i]) for i in range(len(self.sizes))]
        self.bits = sum(m.bit_length() for m in self.sizes)
        self.moments: dict[tuple[object, object, object, int], Element] = {}

    def run(self, progress: Progress | None) -> Element:
        """Return the sum: what all paths are worth once they have arrived at their inputs."""
        if not all(self.support.between):
            return self.domain.element(0)  # no path leads from some p to its q
        states = {self._first(): self.domain.element(1)}
        for number, step in enumerate(self.plan.steps, start=1):
            states = self._taken(step, states)
            if progress is not None:
                progress(number, len(self.plan.steps))
        return states.get(0, self.domain.element(0))

    def _first(self) -> int:
        """Return the state with the ends of all paths; a path of one node is at its input already."""
        state = 0
        for i, place in enumerate(self.support.ends):
            if place in self.plan.ends:
                state += self.sizes[i] << (self.offsets[i] + self.bits * self.plan.ends[place])
        return state

    def _taken(self, step: Step, states: dict[int, Element]) -> dict[int, Element]:
        """Return the states after a node has shared its paths among the edges into it."""
        shift, mask = self.bits * step.slot, (1 << self.bits) - 1
        shares: dict[int, list[tuple[int, Element]]] = {0: [(0, self.domain.element(1))]}
        after: dict[int, Element] = {}
        for state, value in states.items():
            load = (state >> shift) & mask
            if load not in shares:
                shares[load] = self._shares(step, self._counts(load), load << shift)
            for move, weight in shares[load]:
                moved = state + move
                before = after.get(moved)
                after[moved] = value * weight if before is None else before + value * weight
        return after

    def _shares(self, step: Step, load: Counts, taken: int) -> list[tuple[int, Element]]:
        """Return (what is added to the state, worth) for all ways to share the load of a node."""
        worth = self.domain.element(node_factor(self.support.dag, step.place, sum(load)))
        ways = {(load, -taken): worth}
        for i, entry in enumerate(step.entries):
            later = frozenset[int]().union(*(other.classes for other in step.entries[i + 1 :]))
            ways = self._shared(entry, later, ways)
        return [(move, weight) for (_, move), weight in ways.items()]

    def _shared(
        self, entry: Entry, later: frozenset[int], ways: dict[tuple[Counts, int], Element]
    ) -> dict[tuple[Counts, int], Element]:
        """Let one edge take its part of what is left, in all ways; a class that no later edge carries must be taken whole."""
        after: dict[tuple[Counts, int], Element] = {}
        moments: dict[int, Element] = {}
        for (left, move), weight in ways.items():
            for part in product(*(self._parts(entry, later, i, count) for i, count in enumerate(left))):
                size = sum(part)
                if size % 2 and entry.edge.random:
                    continue
                if size not in moments:
                    moments[size] = self._moment(entry, size)
                rest = tuple(a - b for a, b in zip(left, part, strict=True))
                orders = prod(map(comb, left, part))
                worth = weight * moments[size] * orders
                key = rest, move + (0 if entry.slot is None else self._packed(part) << self.bits * entry.slot)
                after[key] = after[key] + worth if key in after else worth
        return after

    @staticmethod
    def _parts(entry: Entry, later: frozenset[int], i: int, count: int) -> Sequence[int]:
        if i not in entry.classes:
            return (0,)
        return range(count + 1) if i in later else (count,)

    def _moment(self, entry: Entry, size: int) -> Element:
        """Return the moment of an edge; edges alike share it."""
        edge = entry.edge
        key = edge.law, edge.variance, edge.weight, size
        if key not in self.moments:
            self.moments[key] = edge_factor(self.domain, edge, size)
        return self.moments[key]

    def _packed(self, counts: Counts) -> int:
        return sum(count << offset for count, offset in zip(counts, self.offsets, strict=True))

    def _counts(self, packed: int) -> Counts:
        return tuple(
            (packed >> offset) & ((1 << m.bit_length()) - 1) for m, offset in zip(self.sizes, self.offsets, strict=True)
        )
