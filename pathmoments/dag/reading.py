"""What is read from a graph: nodes and their order, activations, edges and ends; refusals name the node or edge."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, UnknownNameError, must_be
from ..exact import Value, expression, is_symbolic, rational
from ..laws import Law, law_from_text
from .edges import Edge

if TYPE_CHECKING:
    import networkx

ACTIVATIONS: dict[str, Fraction | None] = {
    "linear": None,
    "relu": Fraction(0),
    "abs": Fraction(-1),
    "leaky relu": None,
}
"""Activations by name and their slopes for negative pre-activations; that of "leaky relu" belongs to the network."""


def topological(graph: networkx.DiGraph) -> tuple[Hashable, ...]:
    """Return the nodes in a topological order, after checking that the graph is what it must be."""
    import networkx

    if not isinstance(graph, networkx.Graph) or not graph.is_directed():
        raise ArgumentError(must_be("graph", "a networkx.DiGraph", graph))
    if graph.is_multigraph():
        raise ArgumentError(
            "graph must be a networkx.DiGraph, was one with parallel edges: give each pair of nodes one edge"
        )
    if not graph:
        raise ArgumentError("graph must have nodes, had none")
    try:
        return tuple(networkx.topological_sort(graph))
    except networkx.NetworkXUnfeasible:
        cycle = [start for start, _ in networkx.find_cycle(graph)]
        way = " -> ".join(map(repr, [*cycle, cycle[0]]))
        raise ArgumentError(
            f"graph must have no cycle, had {way}: unroll a recurrence with weights of its own"
        ) from None


def read_ends(
    graph: networkx.DiGraph, given: Iterable[Hashable] | None, argument: str, degree: Any
) -> tuple[Hashable, ...]:
    """Return the inputs or outputs: those given, or the nodes of degree 0 on that side."""
    if given is None:
        return tuple(node for node in graph if degree(node) == 0)
    if isinstance(given, str) or not isinstance(given, (list, tuple)):
        raise ArgumentError(must_be(argument, "a list of nodes", given))
    for node in given:
        if node not in graph:
            raise ArgumentError(must_be(argument, "a list of nodes of the graph", node))
    if len(set(given)) < len(given) or not given:
        raise ArgumentError(must_be(argument, "a list of different nodes, one or more", given))
    return tuple(given)


def read_edges(graph: networkx.DiGraph, nodes: Sequence[Hashable]) -> tuple[Edge, ...]:
    """Return the edges, those of fixed weight 0 left out, in the order of the nodes they lead to."""
    places = {node: place for place, node in enumerate(nodes)}
    _check_not_shared({(u, v): name for u, v, name in graph.edges(data="parameter") if name is not None})
    read = [_read_edge(u, v, data, places) for u, v, data in graph.edges(data=True)]
    return tuple(sorted((edge for edge in read if edge is not None), key=lambda edge: (edge.end, edge.start)))


def _edge_name(start: Hashable, end: Hashable) -> str:
    """Return how a message names an edge."""
    return f"the edge {start!r} -> {end!r}"


def _read_edge(start: Hashable, end: Hashable, data: Mapping[str, Any], places: Mapping[Hashable, int]) -> Edge | None:
    """Return an edge from its attributes, None for a fixed weight of 0 (no edge)."""
    name = _edge_name(start, end)
    if ("law" in data) == ("weight" in data):
        was = "both" if "law" in data else "neither"
        raise ArgumentError(f"{name} must have a law with a variance, or a fixed weight, had {was}")
    if "weight" in data:
        if "variance" in data:
            raise ArgumentError(
                f"{name} has a fixed weight, which has no variance: give a law, or leave the variance out"
            )
        weight = _exact(data["weight"], f"the weight of {name}", positive=False)
        return Edge(places[start], places[end], weight=weight) if weight != 0 else None
    if "variance" not in data:
        raise ArgumentError(f"{name} has a law and needs its variance, an exact number such as '2/3'")
    variance = _exact(data["variance"], f"the variance of {name}", positive=True)
    return Edge(places[start], places[end], law=_law(data["law"], name), variance=variance)


def _law(given: object, name: str) -> Law:
    law = law_from_text(given) if isinstance(given, str) else given
    if not isinstance(law, Law):
        raise ArgumentError(must_be(f"the law of {name}", "a Law such as Gaussian() or a name such as 'gaussian'", law))
    if not getattr(law, "independent", True):
        raise ArgumentError(
            f"the law of {name} is {law}, whose weights depend on one another: a graph needs an independent weight on each edge"
        )
    return law


def _exact(given: object, argument: str, *, positive: bool) -> Value:
    if is_symbolic(given):
        return expression(given, argument, positive=positive)
    number = rational(given, argument)
    if positive and number <= 0:
        raise ArgumentError(must_be(argument, "positive", str(number), "leave an edge out that has no weight"))
    return number


def read_activation(node: Hashable, data: Mapping[str, Any]) -> str:
    """Return the name of a node's activation, "linear" for none."""
    if "activation" not in data:
        raise ArgumentError(f"the node {node!r} must have an activation: {_names()}, or None; it had none given")
    activation = "linear" if data["activation"] is None else data["activation"]
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise UnknownNameError(must_be(f"the activation of the node {node!r}", f"{_names()}, or None", activation))
    return activation


def _names() -> str:
    return ", ".join(f"'{name}'" for name in ACTIVATIONS)


def _check_not_shared(parameters: Mapping[tuple[Hashable, Hashable], Hashable]) -> None:
    """Refuse two edges that have one parameter: their weights would be one and the same, and not independent."""
    first: dict[Hashable, tuple[Hashable, Hashable]] = {}
    for edge, parameter in parameters.items():
        if parameter in first:
            raise ArgumentError(
                f"{_edge_name(*first[parameter])} and {_edge_name(*edge)[4:]} share the parameter {parameter!r}: the path sum needs independent "
                "weights, and a shared one (a convolution, a recurrence) is used by several paths at once; give each edge a weight of its own"
            )
        first[parameter] = edge
