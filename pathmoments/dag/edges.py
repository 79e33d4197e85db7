"""What is read from a graph: an edge with a law or a fixed number, a node with an activation or none; refusals name the edge or node."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..errors import ArgumentError, UnknownNameError, must_be
from ..exact import Value, expression, is_symbolic, rational
from ..laws import Law, law_from_text

ACTIVATIONS: dict[str, Fraction | None] = {
    "linear": None,
    "relu": Fraction(0),
    "abs": Fraction(-1),
    "leaky relu": None,
}
"""Activations by name and their slopes for negative pre-activations; that of "leaky relu" belongs to the network."""


@dataclass(frozen=True)
class Edge:
    """An edge between two nodes, given by their places in the topological order: a law with a variance, or a fixed weight.

    An edge with a law has a weight of its own, independent of all others.
    """

    start: int
    end: int
    law: Law | None = None
    variance: Value | None = None
    weight: Value | None = None

    @property
    def random(self) -> bool:
        """Whether the weight is random."""
        return self.law is not None


def edge_name(start: Hashable, end: Hashable) -> str:
    """Return how a message names an edge."""
    return f"the edge {start!r} -> {end!r}"


def read_edge(start: Hashable, end: Hashable, data: Mapping[str, Any], places: Mapping[Hashable, int]) -> Edge | None:
    """Return an edge from its attributes, None for a fixed weight of 0 (no edge)."""
    name = edge_name(start, end)
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


def check_not_shared(parameters: Mapping[tuple[Hashable, Hashable], Hashable]) -> None:
    """Refuse two edges that have one parameter: their weights would be one and the same, and not independent."""
    first: dict[Hashable, tuple[Hashable, Hashable]] = {}
    for edge, parameter in parameters.items():
        if parameter in first:
            raise ArgumentError(
                f"{edge_name(*first[parameter])} and {edge_name(*edge)[4:]} share the parameter {parameter!r}: the path sum needs independent "
                "weights, and a shared one (a convolution, a recurrence) is used by several paths at once; give each edge a weight of its own"
            )
        first[parameter] = edge
