"""The order in which a transfer takes the nodes of a graph, outputs first, and the places of its states.

A state says how many paths of each class are to pass each node of the frontier: the nodes not taken yet that a taken one, or an end of a path, asks for. Any
reverse topological order will do; a small frontier keeps the states few, so the next node is one that adds the fewest to it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import comb, prod
from typing import NamedTuple

from ...dag import Edge, Support


class Entry(NamedTuple):
    """An edge by which paths leave a node, towards the inputs: its slot among the states, None at an input, and the classes it carries."""

    edge: Edge
    slot: int | None
    classes: frozenset[int]


class Step(NamedTuple):
    """A node that is taken: its slot, the edges into it, and how many transitions there are at most."""

    place: int
    slot: int
    entries: tuple[Entry, ...]
    transitions: int


class Plan(NamedTuple):
    """The steps, and the slots of the nodes where paths end."""

    steps: tuple[Step, ...]
    ends: dict[int, int]
    slots: int

    @property
    def transitions(self) -> int:
        """The transitions of all steps, at most."""
        return sum(step.transitions for step in self.steps)


def planned(support: Support) -> Plan:
    """Return the steps of a transfer. Cost: the nodes times those that could come next, times the edges of one."""
    return _Planner(support).plan()


class _Planner:
    """The frontier with its slots as it moves from the outputs to the inputs."""

    def __init__(self, support: Support) -> None:
        self.support = support
        self.sizes = tuple(m for _, _, m in support.classes)
        self.inputs = frozenset(support.starts)
        self.entering = {
            place: [(edge, frozenset(support.carried(edge))) for edge in support.incoming(place)]
            for place in support.nodes - self.inputs
        }
        self.pending = Counter(edge.start for entries in self.entering.values() for edge, _ in entries)
        ends = support.loads(support.ends)
        # Every random edge has an even multiplicity, so a node that paths leave by such edges alone is passed an even number of times.
        self.even = {
            place: not ends[place] % 2 and all(edge.random for edge in support.outgoing(place))
            for place in support.nodes
        }
        self.frontier: dict[int, int] = {}
        self.free: list[int] = []
        self.slots = 0

    def plan(self) -> Plan:
        ends = {place: self._enter(place) for place in sorted(set(self.support.ends) & self.entering.keys())}
        steps = []
        while self.frontier:
            ready = [place for place in self.frontier if not self.pending[place]]
            steps.append(self._take(min(ready, key=lambda place: (self._added(place), -place))))
        return Plan(tuple(steps), ends, self.slots)

    def _enter(self, place: int) -> int:
        if not self.free:
            heapq.heappush(self.free, self.slots)
            self.slots += 1
        self.frontier[place] = heapq.heappop(self.free)
        return self.frontier[place]

    def _added(self, place: int) -> int:
        """Return how many nodes the frontier gains when this one is taken."""
        starts = {edge.start for edge, _ in self.entering[place]}
        return len(starts - self.frontier.keys() - self.inputs)

    def _take(self, place: int) -> Step:
        slot = self.frontier.pop(place)
        transitions = self._transitions(place)
        heapq.heappush(self.free, slot)
        entries = []
        for edge, classes in self.entering[place]:
            self.pending[edge.start] -= 1
            at = None
            if edge.start not in self.inputs:
                at = self.frontier[edge.start] if edge.start in self.frontier else self._enter(edge.start)
            entries.append(Entry(edge, at, classes))
        return Step(place, slot, tuple(entries), transitions)

    def _transitions(self, place: int) -> int:
        """Return how many pairs (state, way to share its paths among the edges into the node) there are at most."""
        shares = [self.even[other] for other in self.frontier] + [edge.random for edge, _ in self.entering[place]]
        return count_shares(self.sizes, shares.count(False), shares.count(True))


@lru_cache(maxsize=4096)
def count_shares(sizes: Sequence[int], free: int, even: int) -> int:
    """Return in how many ways paths, `sizes` of each class, spread over `free` places and `even` places that take an even number each.

    It is the coefficient of x^sizes in A^free ((A + B) / 2)^even with A = prod 1 / (1 - x_c) and B = prod 1 / (1 + x_c).

    >>> count_shares((4,), 2, 0), count_shares((4,), 0, 2), count_shares((1, 1), 1, 1), count_shares((2, 2), 0, 2)
    (5, 3, 2, 5)
    """
    total = sum(comb(even, j) * prod(_coefficient(m, free + j, even - j) for m in sizes) for j in range(even + 1))
    return total >> even


def _coefficient(order: int, minus: int, plus: int) -> int:
    """Return the coefficient of x^order in (1 - x)^-minus (1 + x)^-plus."""
    return sum(_multichoose(minus, order - i) * _multichoose(plus, i) * (-1) ** i for i in range(order + 1))


def _multichoose(n: int, k: int) -> int:
    return comb(n + k - 1, k) if n else int(k == 0)
