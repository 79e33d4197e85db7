"""The picture of a spectrum: bars are the sampled eigenvalues, the curve is the limit's density, the table has the exact moments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch

import pathmoments.errors as errors
from pathmoments import Network, spectrum
from pathmoments.plotting import draw_spectrum, save
from pathmoments.quantities.sampled_spectrum import sampled_spectrum

NET = Network([12, 16, 10], law="uniform")


def bars(axes: Axes) -> tuple[Any, Any]:
    """Return the heights and edges of the histogram."""
    (patch,) = [one for one in axes.patches if isinstance(one, StepPatch)]
    data: Any = patch.get_data()
    return np.asarray(data.values), np.asarray(data.edges)


def note(axes: Axes) -> str:
    """Return what stands below the picture."""
    return "\n".join(text.get_text() for text in axes.texts)


def test_bars_add_up_to_the_eigenvalues_that_are_not_zero() -> None:
    """The area of the bars is the share of eigenvalues that are neither 0 nor out of sight, on either axis."""
    for net, logarithmic in ((NET, True), (Network([5, 60], output="linear"), False)):
        (axes,) = draw_spectrum(net, samples=200, seed=1).axes
        drawn = sampled_spectrum(net, 200, orders=1, seed=1, keep=True)
        heights, edges = bars(axes)
        assert (axes.get_xscale() == "log") == logarithmic
        area = (heights * np.diff(np.log10(edges) if logarithmic else edges)).sum()
        seen = (drawn.eigenvalues >= edges[0]).mean() * (1 - drawn.zeros)
        assert area == pytest.approx(seen, rel=1e-9)


def test_curve_is_near_the_bars_of_a_wide_network() -> None:
    """On a linear layer of some width the limit's density passes through the bars."""
    (axes,) = draw_spectrum(Network([40, 120], output="linear"), samples=200, seed=2).axes
    (curve,) = axes.get_lines()
    heights, edges = bars(axes)
    middles = (edges[1:] + edges[:-1]) / 2
    expected = np.interp(middles, np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata()), left=0, right=0)
    inside = slice(len(heights) // 4, -len(heights) // 4)
    np.testing.assert_allclose(heights[inside], expected[inside], rtol=0.2)


def test_table_has_exact_sampled_and_limit() -> None:
    """Each row has the exact moment per output, the sampled one, and that of infinite width."""
    found: Any = spectrum(NET, orders=3)
    drawn = sampled_spectrum(NET, 50, orders=3, seed=7)
    (axes,) = draw_spectrum(NET, samples=50, seed=7, orders=3).axes
    rows = [line.split() for line in note(axes).splitlines()[1:4]]
    for k, row in enumerate(rows, start=1):
        expected = (float(found.moments[k]), drawn.means[k] / 10, float(found.limit_moments[k]))
        assert row == [str(k), *(f"{value:.6g}" for value in expected)]
    assert f"{drawn.zeros:.1%}" in note(axes)
    assert "seed 7" in note(axes)


def test_slopes_without_a_curve_say_so() -> None:
    """A leaky slope has bars and moments, but no curve."""
    (axes,) = draw_spectrum(Network([6, 6], slope="1/2"), samples=50, seed=1).axes
    assert axes.get_lines() == [] or len(axes.get_lines()) == 0
    assert "no curve: the density of the limit is for slopes 0, 1 and -1" in note(axes)


def test_constant_and_dead_networks_are_drawn() -> None:
    """One eigenvalue in all networks, or none at all, make a picture without warnings."""
    draw_spectrum(Network([3, 1], law="rademacher", output="linear"), samples=20, seed=1)
    (axes,) = draw_spectrum(Network([1, 1, 1, 1]), samples=1, seed=2).axes
    assert "eigenvalues that are 0" in note(axes)


def test_files_repeat(tmp_path: Path) -> None:
    """The same seed gives the same bytes, and `file` is what saves them."""
    save(draw_spectrum(NET, samples=40, seed=3), tmp_path / "a.svg")
    draw_spectrum(NET, samples=40, seed=3, file=tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_refusals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Symbols, a file that is no picture, and a missing library are refused."""
    with pytest.raises(errors.PathMomentsError, match="numbers"):
        draw_spectrum(Network([sympy.Symbol("n"), 3]))
    with pytest.raises(errors.UnknownNameError, match=r"\.svg, \.png or \.pdf"):
        draw_spectrum(NET, file=tmp_path / "a.txt")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'pathmoments\[plot\]'"):
        draw_spectrum(NET)
