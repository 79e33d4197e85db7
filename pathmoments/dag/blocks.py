"""The graph of a chain of residual blocks."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

import networkx

from ..exact import integer
from ..laws import Law


def residual_graph(
    width: int,
    blocks: int,
    *,
    hidden: int | None,
    law: Law | str,
    variances: tuple[object, object] | None,
    skip: object,
) -> tuple[networkx.DiGraph, list[Hashable], list[Hashable]]:
    """Return the graph of h + W2 relu(W1 h), `blocks` times, with its inputs and outputs."""
    what = "a whole number, 1 or more"
    width, blocks = integer(width, "width", minimum=1, what=what), integer(blocks, "blocks", minimum=1, what=what)
    inner = width if hidden is None else integer(hidden, "hidden", minimum=1, what=what)
    first, second = (Fraction(2, width), Fraction(1, inner)) if variances is None else variances
    graph = networkx.DiGraph()
    graph.add_nodes_from((("h", 0, i) for i in range(width)), activation=None)
    for k in range(1, blocks + 1):
        for j in range(inner):
            graph.add_node(("a", k, j), activation="relu")
            graph.add_edges_from(((("h", k - 1, i), ("a", k, j)) for i in range(width)), law=law, variance=first)
        for i in range(width):
            graph.add_node(("h", k, i), activation=None)
            graph.add_edge(("h", k - 1, i), ("h", k, i), weight=skip)
            graph.add_edges_from(((("a", k, j), ("h", k, i)) for j in range(inner)), law=law, variance=second)
    ends: list[list[Hashable]] = [[("h", k, i) for i in range(width)] for k in (0, blocks)]
    return graph, ends[0], ends[1]
