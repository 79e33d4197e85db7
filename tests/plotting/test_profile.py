"""The picture of a profile: what is drawn is what was computed, in any range, and the same bytes each time."""

from __future__ import annotations

from math import log, log10
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pathmoments import Network, profile
from pathmoments.errors import ArgumentError, UnknownNameError
from pathmoments.plotting import draw_profile


def line(figure: Figure, panel: int, label: str) -> Line2D:
    """Return the one line of a panel whose label begins so."""
    (found,) = [one for one in figure.axes[panel].get_lines() if str(one.get_label()).startswith(label)]
    return found


def test_points_are_the_profile_s() -> None:
    """Gains and ratios stand at their cuts; the whole network is at both ends; nothing done is a gain of 1."""
    found = profile(Network([12] * 5, variance=["1/2", "1/2", "1/18", "1/18"]))
    figure = draw_profile(found)
    below, above = (np.asarray(line(figure, 0, f"mean, layers {name}").get_xydata()) for name in ("1..j", "j+1..d"))
    assert below.tolist() == pytest.approx(np.array([[0, 0], [1, log10(3)], [2, log10(9)], [3, log10(3)], [4, 0]]))
    assert above.tolist() == pytest.approx(np.array([[0, 0], [1, -log10(3)], [2, -log10(9)], [3, -log10(3)], [4, 0]]))
    typical = np.asarray(line(figure, 0, "typical").get_xydata())
    assert found.whole.log_norm is not None
    assert typical[-1].tolist() == pytest.approx([4, float(found.whole.log_norm.mean) / log(10)])
    ratios = np.asarray(line(figure, 1, "layers 1..j").get_xydata())
    assert ratios[:, 0].tolist() == [1, 2, 3, 4]
    assert ratios[-1, 1] == pytest.approx(float(found.whole.ratio))


def test_a_law_without_a_log_norm_has_no_band() -> None:
    """Uniform weights have means and no typical line."""
    figure = draw_profile(profile(Network([3, 4, 2], law="uniform")))
    assert len(figure.axes[0].get_lines()) == 2
    assert not figure.axes[0].collections


@pytest.mark.parametrize(
    "net",
    [
        Network([1, 1], law="rademacher", output="linear", variance=1),
        Network([2] * 401, variance=Network([2, 2]).variances[0] * 10**6),
        Network([3, 4, 2], law="truncated:2"),
    ],
    ids=["one sign", "beyond floats", "balls"],
)
def test_any_range_is_drawn(net: Network, tmp_path: Path) -> None:
    """A profile of one value, one whose gains no float holds, and one of balls are drawn, to the same bytes each time."""
    found = profile(net)
    for name in ("a.svg", "b.svg"):
        draw_profile(found, file=tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_refusals(tmp_path: Path) -> None:
    """Symbols are not drawn, nor files of an unknown kind."""
    import sympy

    with pytest.raises(ArgumentError, match="network of numbers"):
        draw_profile(profile(Network([2, sympy.Symbol("n"), 2])))
    with pytest.raises(UnknownNameError):
        draw_profile(profile(Network([2, 3])), file=tmp_path / "profile.txt")
