"""Pictures of a collection: what is drawn is the collection, and what cannot be drawn is refused."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

import pathmoments.errors as errors
from pathmoments import Network
from pathmoments.paths import layer_factors, multiplicities, neurons, summarize
from pathmoments.plotting import MAX_EDGES, draw_collection, save

Node = tuple[int, int]


def first_of_each_type(net: Network, order: int) -> list[Any]:
    """Return the example of each row of the table of E Z[0, 0]^order."""
    return [kind.example for kind in summarize(net, {(0, 0): order}).types]


SMALL, DEEP = Network([2, 3, 2]), Network([2, 3, 4, 2], law="uniform")
PICTURES: list[tuple[Network, Any]] = [
    *((SMALL, example) for example in first_of_each_type(SMALL, 4)),
    *((DEEP, example) for example in first_of_each_type(DEEP, 4)),
    (Network([3, 2]), ((2, 1), (2, 1))),  # depth 1
    (Network([1, 1, 1]), ((0, 0, 0),) * 6),  # width 1
    (Network([2, 2, 2]), ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0))),  # every edge odd
    (Network([2, 2, 2], slope="1/4", output="linear"), ((0, 0, 0), (0, 0, 0), (1, 1, 1), (1, 1, 1))),
    (Network([2, 3, 2], law="truncated"), ((0, 2, 1),) * 4),  # factors that are balls
    (Network([2, 3, 2], law="symbolic"), ((0, 2, 1),) * 4),  # factors that are expressions
    (Network([2, 3, 2]), ()),  # nothing on it
]


def placed_nodes(figure: Figure) -> dict[Node, tuple[float, float]]:
    """Return {(layer, index): place}: layers stand from left to right, neurons from the top down."""
    (dots,) = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    places = sorted(((float(x), float(y)) for x, y in np.asarray(dots.get_offsets())), key=lambda at: (at[0], -at[1]))
    found: dict[Node, tuple[float, float]] = {}
    for x, y in places:
        layer = round(x)
        found[layer, sum(1 for other, _ in found if other == layer)] = (x, y)
    return found


def filled_nodes(figure: Figure) -> set[Node]:
    """Return the neurons that are not white inside."""
    (dots,) = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    at = {place: node for node, place in placed_nodes(figure).items()}
    points = [(float(x), float(y)) for x, y in np.asarray(dots.get_offsets())]
    colours = [tuple(colour) for colour in np.asarray(dots.get_facecolor())]
    return {at[point] for point, colour in zip(points, colours, strict=True) if colour != to_rgba("white")}


def edge_labels(figure: Figure) -> dict[tuple[Node, Node], int]:
    """Return {edge: label}, each label (they alone have a box) put to the edge on whose line it stands."""
    nodes, found = placed_nodes(figure), {}
    for text in figure.axes[0].texts:
        if text.get_bbox_patch() is None:
            continue
        x, y = text.get_position()
        near = [
            (start, end)
            for start, (x0, y0) in nodes.items()
            for end, (x1, y1) in nodes.items()
            if end[0] == start[0] + 1 and x0 < x < x1 and abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) < 1e-9
        ]
        assert len(near) == 1
        assert near[0] not in found
        found[near[0]] = int(text.get_text())
    return found


@pytest.mark.parametrize(("net", "collection"), PICTURES)
def test_edge_labels_are_the_multiplicities(net: Network, collection: Any) -> None:
    """The labels on the edges are exactly |gamma_{alpha,beta}(j)|, each on its edge, and no other edge has one."""
    expected = {
        ((j, a), (j + 1, b)): m for j, layer in enumerate(multiplicities(collection)) for (a, b), m in layer.items()
    }
    assert edge_labels(draw_collection(net, collection)) == expected


@pytest.mark.parametrize(("net", "collection"), PICTURES)
def test_filled_neurons_are_gamma(net: Network, collection: Any) -> None:
    """The neurons that are filled are exactly those of Gamma(j), ends included; all others are there, and white."""
    figure = draw_collection(net, collection)
    assert filled_nodes(figure) == {(j, i) for j, load in enumerate(neurons(collection)) for i in load}
    assert set(placed_nodes(figure)) == {(j, i) for j, width in enumerate(net.widths) for i in range(int(width))}


@pytest.mark.parametrize(("net", "collection"), PICTURES)
def test_neurons_are_numbered(net: Network, collection: Any) -> None:
    """Each neuron carries its index, counted from 0 at the top."""
    figure = draw_collection(net, collection)
    numbers = {text.get_position(): text.get_text() for text in figure.axes[0].texts if text.get_bbox_patch() is None}
    for (_, index), place in placed_nodes(figure).items():
        assert numbers[place] == str(index)


def thicknesses(figure: Figure) -> list[tuple[tuple[Node, Node], float]]:
    """Return the edge of every line that is drawn, with the thickness of the line."""
    at = {place: node for node, place in placed_nodes(figure).items()}
    found = []
    for lines in figure.axes[0].collections:
        if isinstance(lines, LineCollection):
            segments, widths = lines.get_segments(), np.atleast_1d(lines.get_linewidth())
            for i, segment in enumerate(segments):
                (x0, y0), (x1, y1) = np.asarray(segment).tolist()
                found.append(((at[x0, y0], at[x1, y1]), float(widths[i % len(widths)])))
    return found


@pytest.mark.parametrize(("net", "collection"), PICTURES)
def test_every_edge_is_drawn_once(net: Network, collection: Any) -> None:
    """Every edge of the network is drawn once, and the more paths use it the thicker it is."""
    drawn = thicknesses(draw_collection(net, collection))
    assert sorted(edge for edge, _ in drawn) == sorted(net.to_networkx().edges)
    uses = {
        ((j, a), (j + 1, b)): m for j, layer in enumerate(multiplicities(collection)) for (a, b), m in layer.items()
    }
    for edge, thickness in drawn:
        for other, another in drawn:
            if uses.get(edge, 0) > uses.get(other, 0):
                assert thickness > another


def captions(figure: Figure) -> list[str]:
    """Return the texts below the layers, from the input to the output."""
    texts = [text for text in figure.axes[0].texts if "Gamma" in text.get_text()]
    return [text.get_text() for text in sorted(texts, key=lambda text: text.get_position()[0])]


@pytest.mark.parametrize("collection", first_of_each_type(SMALL, 4))
def test_captions_have_gamma_and_the_factors(collection: Any) -> None:
    """Under each layer stand |Gamma(j)| and the factor C_j; under the input there is no factor."""
    shown = captions(draw_collection(SMALL, collection))
    assert [text.splitlines()[0] for text in shown] == ["input", "layer 1", "output"]
    for j, (text, load) in enumerate(zip(shown, neurons(collection), strict=True)):
        assert rf"|\Gamma({j})| = {len(load)}" in text
    assert "C_" not in shown[0]
    for j, factor in enumerate(layer_factors(SMALL, collection), start=1):
        assert isinstance(factor, Fraction)
        assert rf"C_{{{j}}} = \dfrac{{{factor.numerator}}}{{{factor.denominator}}}" in shown[j]


def test_figure_is_returned_and_not_kept() -> None:
    """Without a file the figure is returned alone: pyplot holds no reference to it, so that many can be drawn."""
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    assert isinstance(draw_collection(SMALL, ((0, 1, 0), (0, 1, 0))), Figure)
    assert pyplot.get_fignums() == before


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_file_is_written_and_repeats(tmp_path: Path, suffix: str) -> None:
    """With a file the picture is saved, as text or as a path, the same bytes each time, and nothing else is left."""
    first, second = tmp_path / f"first.{suffix}", tmp_path / f"second.{suffix}"
    figure = draw_collection(SMALL, ((0, 1, 0), (0, 1, 0)), file=first)
    draw_collection(SMALL, ((0, 1, 0), (0, 1, 0)), file=str(second))
    assert first.read_bytes() == second.read_bytes()
    save(figure, second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_expression_is_typeset(tmp_path: Path) -> None:
    """A factor that is an expression is typeset, and the picture can be saved."""
    draw_collection(Network([2, 3, 2], law="symbolic"), ((0, 2, 1),) * 4, file=tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 4000


# -- what is refused ----------------------------------------------------------------------------------------------------


def test_large_network_is_refused() -> None:
    """A network with more edges than can be read is refused with their number, and one at the limit is not."""
    with pytest.raises(errors.BudgetError, match=r"2,001 edges.*2,000.*smaller"):
        draw_collection(Network([3, 667]), ((0, 0), (0, 0)))
    assert MAX_EDGES == 2000
    assert isinstance(draw_collection(Network([2000, 1]), ((0, 0), (0, 0))), Figure)


def test_huge_network_is_refused_at_once() -> None:
    """The edges are counted, not made."""
    with pytest.raises(errors.BudgetError, match="edges"):
        draw_collection(Network([10**50, 10**50]), ((0, 0), (0, 0)))


def test_symbolic_widths_are_refused() -> None:
    """A width that is a symbol has no picture, and the message names it."""
    n = sympy.Symbol("n", integer=True, positive=True)
    with pytest.raises(errors.ArgumentError, match=r"picture.*numbers.*n.*substitute"):
        draw_collection(Network([2, n, 2]), ((0, 0, 0), (0, 0, 0)))


def test_missing_matplotlib_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib the error is the package's own, an ImportError too, and has the command that installs it."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'pathmoments\[plot\]'") as caught:
        draw_collection(SMALL, ((0, 0, 0), (0, 0, 0)))
    assert isinstance(caught.value, ImportError)


@pytest.mark.parametrize("name", ["a.txt", "a.jpeg", "a", ".svg", "a.svg.gz"])
def test_wrong_suffix_is_refused(tmp_path: Path, name: str) -> None:
    """A file that is not .svg, .png or .pdf is refused with the three, and none is made."""
    with pytest.raises(errors.UnknownNameError, match=r"\.svg, \.png or \.pdf"):
        draw_collection(SMALL, ((0, 0, 0), (0, 0, 0)), file=tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    """A folder that is not there is refused with the file's name."""
    with pytest.raises(errors.ArgumentError, match=r"a\.svg: cannot be written"):
        draw_collection(SMALL, ((0, 0, 0), (0, 0, 0)), file=tmp_path / "nowhere" / "a.svg")


MISFITS: dict[str, Any] = {
    "too short": ((0, 0), (0, 0)),
    "too long": ((0, 0, 0, 0), (0, 0, 0, 0)),
    "of unequal length": ((0, 0, 0), (0, 0)),
    "a neuron outside": ((0, 3, 0), (0, 3, 0)),
    "an input outside": ((2, 0, 0), (2, 0, 0)),
    "an output outside": ((0, 0, 2), (0, 0, 2)),
    "a negative neuron": ((0, -1, 0), (0, -1, 0)),
}


@pytest.mark.parametrize("collection", MISFITS.values(), ids=MISFITS)
def test_paths_that_do_not_fit_are_refused(collection: Any) -> None:
    """Paths of another network are refused before anything is drawn."""
    with pytest.raises((errors.ArgumentError, errors.OutOfRangeError)):
        draw_collection(SMALL, collection)
