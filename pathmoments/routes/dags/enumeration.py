"""Enumeration on a graph: walk the collections of paths literally and add up their products of moments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations_with_replacement, product
from math import comb, factorial, prod
from typing import TypeAlias

from ...dag import DagNetwork, Edge
from ...domains import Domain, Element
from ...exact import count_text
from ...families import Family
from ..base import Cost, Options
from .base import DagRoute, edge_factor, node_factor

Path: TypeAlias = tuple[Edge, ...]


class DagEnumeration(DagRoute):
    """The definition, for small graphs; cost exponential in the order and in the depth."""

    name = "enumeration"
    default_budget = 200_000

    def cost(self, dag: DagNetwork, family: Family) -> Cost:
        """Return the number of unordered collections to walk, with the ordered count beside it."""
        counts = [(_count_paths(dag, p, q), m) for p, q, m in family.classes]
        unordered = prod(comb(paths + m - 1, m) for paths, m in counts)
        ordered = prod(paths**m for paths, m in counts)
        steps = unordered * family.size * (len(dag.nodes).bit_length() + 4)
        return Cost(self.name, unordered, "collections", steps, f"{count_text(ordered)} ordered")

    def way_out(self) -> str:
        """Return what to do instead."""
        return "use route='transfer', which does not walk them, or a larger budget"

    def prepare(self, dag: DagNetwork, family: Family, options: Options) -> Callable[[Domain], Element]:
        """Return the sum over the collections."""

        def total(domain: Domain) -> Element:
            result = domain.element(0)
            for ordered, collection in _collections(dag, family):
                result = result + _contribution(dag, domain, collection) * ordered
            return result

        return total


def _count_paths(dag: DagNetwork, p: int, q: int) -> int:
    """Return the number of paths from input p to output q, node by node."""
    counts = [0] * len(dag.nodes)
    counts[dag.place(dag.inputs[p])] = 1
    for place in range(len(dag.nodes)):
        counts[place] += sum(counts[edge.start] for edge in dag.incoming(place))
    return counts[dag.place(dag.outputs[q])]


def iter_paths(dag: DagNetwork, p: int, q: int) -> Iterator[Path]:
    """Yield the paths from input p to output q as tuples of edges, () where they are one node. Cost: the paths from p to anywhere."""
    end = dag.place(dag.outputs[q])
    waiting: list[tuple[int, Path]] = [(dag.place(dag.inputs[p]), ())]
    while waiting:
        place, path = waiting.pop()
        if place == end:
            yield path
        waiting += [(edge.end, (*path, edge)) for edge in dag.outgoing(place) if edge.end <= end]


def _collections(dag: DagNetwork, family: Family) -> Iterator[tuple[int, Sequence[Path]]]:
    """Yield (number of orders, paths) for every unordered collection."""
    choices = [list(combinations_with_replacement(list(iter_paths(dag, p, q)), m)) for p, q, m in family.classes]
    for chosen in product(*choices):
        orders = prod(factorial(len(paths)) // prod(map(factorial, Counter(paths).values())) for paths in chosen)
        yield orders, [path for paths in chosen for path in paths]


def _contribution(dag: DagNetwork, domain: Domain, collection: Sequence[Path]) -> Element:
    """Return the product over edges of the moments of their multiplicities and over nodes of their activations.

    Every path enters each of its nodes but the first by an edge, and the first is an input, without activation.
    """
    multiplicities = Counter(edge for path in collection for edge in path)
    loads = Counter(edge.end for path in collection for edge in path)
    if any(edge.random and m % 2 for edge, m in multiplicities.items()):
        return domain.element(0)
    factor = domain.element(prod(node_factor(dag, place, load) for place, load in loads.items()))
    for edge, multiplicity in multiplicities.items():
        factor = factor * edge_factor(domain, edge, multiplicity)
    return factor
