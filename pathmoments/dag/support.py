"""Which nodes and edges the paths of a monomial can meet: for each class (p, q), what lies between input p and output q."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from .edges import Edge
from .graph import DagNetwork


class Support:
    """The nodes and edges that can carry paths, for classes (p, q, m) of m paths from input p to output q."""

    def __init__(self, dag: DagNetwork, classes: Sequence[tuple[int, int, int]]) -> None:
        self.dag, self.classes = dag, classes
        self.starts = [dag.place(dag.inputs[p]) for p, _, _ in classes]
        self.ends = [dag.place(dag.outputs[q]) for _, q, _ in classes]
        self.between = [
            _reached(start, lambda v: (e.end for e in dag.outgoing(v)))
            & _reached(end, lambda v: (e.start for e in dag.incoming(v)))
            for start, end in zip(self.starts, self.ends, strict=True)
        ]
        self.nodes = frozenset[int]().union(*self.between)

    def carried(self, edge: Edge) -> list[int]:
        """Return the classes of which a path can use the edge."""
        return [i for i, nodes in enumerate(self.between) if edge.start in nodes and edge.end in nodes]

    def incoming(self, place: int) -> list[Edge]:
        """Return the edges into a node that can carry a path."""
        return [edge for edge in self.dag.incoming(place) if self.carried(edge)]

    def outgoing(self, place: int) -> list[Edge]:
        """Return the edges out of a node that can carry a path."""
        return [edge for edge in self.dag.outgoing(place) if self.carried(edge)]

    def loads(self, places: Sequence[int]) -> Counter[int]:
        """Return how many paths have their `starts` or `ends` at each node."""
        totals: Counter[int] = Counter()
        for place, (_, _, m) in zip(places, self.classes, strict=True):
            totals[place] += m
        return totals


def _reached(place: int, neighbours: Callable[[int], Iterable[int]]) -> frozenset[int]:
    """Return the nodes that can be reached from one, itself included."""
    found, waiting = {place}, [place]
    while waiting:
        for neighbour in neighbours(waiting.pop()):
            if neighbour not in found:
                found.add(neighbour)
                waiting.append(neighbour)
    return frozenset(found)
