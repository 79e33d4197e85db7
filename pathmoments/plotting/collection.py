"""One collection of paths on its network: networkx lays the network out, matplotlib draws it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BudgetError
from ..network import Network
from ..paths import Collection, layer_factors, multiplicities, neurons
from .figures import figure_class, picture_kind, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_EDGES = 2_000
"""Edges of the largest network that is drawn; beyond, no picture could be read."""

_USED, _IDLE = "#1b3a5c", "#c8c8c8"


def draw_collection(net: Network, collection: Collection, *, file: str | Path | None = None) -> Figure:
    """Draw one collection of paths on its network.

    Edges in use are labelled with their multiplicity |gamma_{alpha,beta}(j)| and as thick as it; the neurons of Gamma(j) are
    filled, the others outlined; under each layer stand |Gamma(j)| and the factor C_j.

    Parameters
    ----------
    net, collection
        The network, with numeric widths, and a collection of paths through all of its layers.
    file
        Where to save the picture (.svg, .png or .pdf); by default it is only returned.

    Returns
    -------
    The matplotlib figure.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    ArgumentError, BudgetError
        If the paths do not fit the network, or the network has too many edges for a picture.
    """
    _check_size(net)
    if file is not None:
        picture_kind(Path(file))
    new_figure = figure_class()
    factors, loads = layer_factors(net, collection), neurons(collection)
    tallest = max(net.numeric_widths("a picture"))
    figure = new_figure(figsize=(1.5 + 2.1 * net.depth, 1.6 + 0.75 * tallest), layout="constrained")
    axes = figure.add_subplot()
    axes.set_axis_off()
    _draw_graph(axes, net, collection)
    below = -(tallest - 1) / 2 - 0.6
    for j, load in enumerate(loads):
        name = "input" if j == 0 else "output" if j == net.depth else f"layer {j}"
        factor = f"\n$C_{{{j}}} = {_mathtext(factors[j - 1])}$" if j else ""
        axes.text(j, below, f"{name}\n$|\\Gamma({j})| = {len(load)}$" + factor, ha="center", va="top", fontsize=9)
    axes.set_ylim(below - 0.95, (tallest - 1) / 2 + 0.5)
    axes.set_xlim(-0.45, net.depth + 0.45)
    if file is not None:
        save(figure, file)
    return figure


def _draw_graph(axes: Axes, net: Network, collection: Collection) -> None:
    """Draw neurons and edges: idle ones in grey, used edges as thick as their multiplicity, neurons of Gamma(j) filled."""
    import networkx as nx

    widths = net.numeric_widths("a picture")
    graph = net.to_networkx()
    nodes = list(graph.nodes)
    place = {(j, i): (float(j), (widths[j] - 1) / 2 - i) for j, i in nodes}
    used = {
        ((j, a), (j + 1, b)): m for j, layer in enumerate(multiplicities(collection)) for (a, b), m in layer.items()
    }
    active = {(j, i) for j, load in enumerate(neurons(collection)) for i in load}
    idle = [edge for edge in graph.edges if edge not in used]
    thick = [0.8 + 0.7 * m for m in used.values()]
    nx.draw_networkx_edges(graph, place, ax=axes, edgelist=idle, edge_color=_IDLE, arrows=False, width=0.8)
    nx.draw_networkx_edges(graph, place, ax=axes, edgelist=list(used), edge_color=_USED, arrows=False, width=thick)
    nx.draw_networkx_nodes(
        graph, place, ax=axes, nodelist=nodes, node_size=420, linewidths=1.4,
        node_color=[_USED if n in active else "white" for n in nodes], edgecolors=[_USED if n in active else _IDLE for n in nodes],
    )  # fmt: skip
    nx.draw_networkx_labels(
        graph, place, ax=axes, labels={n: str(n[1]) for n in nodes}, font_size=9,
        font_color={n: "white" if n in active else "#777777" for n in nodes},
    )  # fmt: skip
    nx.draw_networkx_edge_labels(
        graph, place, ax=axes, edge_labels={e: str(m) for e, m in used.items()}, label_pos=0.62, rotate=False, font_size=9,
        font_color=_USED, bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"},
    )  # fmt: skip


def _check_size(net: Network) -> None:
    widths = net.numeric_widths("a picture")
    edges = sum(a * b for a, b in pairwise(widths))
    if edges > MAX_EDGES:
        raise BudgetError(
            f"a picture of this network would have {edges:,} edges, over {MAX_EDGES:,}: draw a smaller one"
        )


def _mathtext(value: Any) -> str:
    if hasattr(value, "denominator") and hasattr(value, "numerator"):
        return (
            str(value.numerator) if value.denominator == 1 else rf"\dfrac{{{value.numerator}}}{{{value.denominator}}}"
        )
    if hasattr(value, "rel_accuracy_bits"):
        return str(value.str(6, radius=False))
    import sympy

    return str(sympy.latex(value))
