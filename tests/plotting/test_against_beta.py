"""Families against beta: what is drawn is what was given, nothing overflows, nothing depends on colour, and what is left out is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from math import e, log10
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import pathmoments.errors as errors
from pathmoments import Network
from pathmoments.plotting import MAX_SERIES, Series, draw_against_beta
from pathmoments.plotting.scales import ratio_text, thinned
from pathmoments.theorems import beta, bounds


def family(width: int, law: str = "gaussian") -> Series:
    """Return the real E Z^4 of networks of one width and input width 1, with the bounds of (12)."""
    nets = [Network([1, *[width] * depth, 2], law=law) for depth in range(6)]
    verdicts = [bounds(net, statements=["12"])[0] for net in nets]
    lower, value, upper = zip(*(verdict.levels for verdict in verdicts), strict=True)
    return Series(f"width {width}, {law}", [float(beta(net)) for net in nets], value, lower, upper)


def wide(label: str = "wide", betas: Sequence[float] = (0, 1, 2)) -> Series:
    """Return a series that spans many decades."""
    return Series(label, betas, [300.0 * b for b in betas])


def axes_of(figure: Figure) -> Axes:
    """Return the one axes of a figure."""
    (axes,) = figure.axes
    return axes


def line(axes: Axes, label: str) -> Line2D:
    """Return the one line of that label."""
    (found,) = [one for one in axes.get_lines() if one.get_label() == label]
    return found


def points(drawn: Line2D) -> list[tuple[float, float]]:
    """Return the points of a line."""
    return [(float(x), float(y)) for x, y in np.asarray(drawn.get_xydata())]


def legend(figure: Figure) -> list[str]:
    """Return the texts of the legend."""
    (found,) = figure.legends
    return [text.get_text() for text in found.get_texts()]


def notes(figure: Figure) -> str:
    """Return what is said below the axis."""
    (text,) = axes_of(figure).texts
    return text.get_text()


def tick_labels(figure: Figure) -> list[str]:
    """Return the labels of the value axis that are in sight."""
    figure.draw_without_rendering()
    axis, (low, high) = axes_of(figure).yaxis, axes_of(figure).get_ylim()
    return [
        label.get_text()
        for label, place in zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
        if low <= place <= high
    ]


# -- the axis -----------------------------------------------------------------------------------------------------------


def test_two_decades_make_the_axis_logarithmic() -> None:
    """Values over two decades stand at their logarithms, and the ticks are powers of ten."""
    figure = draw_against_beta([Series("a", [0, 1, 2], [0.0, 1.5, 2.0])], ylabel="y")
    assert points(line(axes_of(figure), "a")) == [(0, 0), (1, 1.5), (2, 2)]
    assert tick_labels(figure) == ["$10^{0}$", "$10^{1}$", "$10^{2}$"]


def test_less_than_two_decades_are_linear() -> None:
    """Values within two decades stand where they are, and the ticks say so."""
    figure = draw_against_beta([Series("a", [0, 1], [log10(2), log10(150)])], ylabel="y")
    assert [y for _, y in points(line(axes_of(figure), "a"))] == pytest.approx([2, 150])
    assert {"40", "100", "140"} <= set(tick_labels(figure))
    assert axes_of(figure).get_ylabel() == "y"


@pytest.mark.parametrize("level", [400.25, -400.75])
def test_values_beyond_floats_are_drawn(level: float) -> None:
    """10^400 is a value as any other: on a linear axis it is written in a unit, which the label names."""
    figure = draw_against_beta([Series("a", [0, 1], [level, level + 0.5])], ylabel="y")
    ys = [y for _, y in points(line(axes_of(figure), "a"))]
    unit = 400 if level > 0 else -401
    assert ys == pytest.approx([10 ** (level - unit), 10 ** (level + 0.5 - unit)])
    assert axes_of(figure).get_ylabel() == f"y, in units of $10^{{{unit}}}$"


def test_many_decades_are_drawn() -> None:
    """From 1 to 10^600 the axis is logarithmic, with few ticks."""
    figure = draw_against_beta([wide()], ylabel="y")
    assert 3 <= len(tick_labels(figure)) <= 8
    assert "$10^{600}$" in tick_labels(figure)


@pytest.mark.parametrize("level", [-7.0, 0.0, 3.0, 1e4])
def test_equal_values_are_drawn(level: float) -> None:
    """A constant, or a single point, has an axis around it."""
    for betas in ([0.5], [0.0, 1.0, 2.0]):
        axes = axes_of(draw_against_beta([Series("a", betas, [level] * len(betas))], ylabel="y"))
        low, high = axes.get_ylim()
        assert all(low < y < high for _, y in points(line(axes, "a")))


# -- families -----------------------------------------------------------------------------------------------------------


def test_points_are_joined_in_the_order_of_beta() -> None:
    """One network for each beta: a line from the smallest beta to the largest, however they are given."""
    drawn = line(axes_of(draw_against_beta([Series("a", [2, 0, 1], [0.2, 0.0, 0.1])], ylabel="y")), "a")
    assert [x for x, _ in points(drawn)] == [0, 1, 2]
    assert drawn.get_linestyle() != "None"


def test_several_networks_of_one_beta_are_not_joined() -> None:
    """Where beta alone does not tell the networks apart there are marks only."""
    drawn = line(axes_of(draw_against_beta([Series("a", [0, 1, 1], [0.0, 0.1, 0.3])], ylabel="y")), "a")
    assert drawn.get_linestyle() == "None"
    assert drawn.get_marker() == "o"


def test_families_differ_without_colour() -> None:
    """No two of as many families as are drawn have the same mark, and marks are filled and open by turns."""
    series = [wide(f"family {i}", [0, 1 + i]) for i in range(MAX_SERIES)]
    lines = axes_of(draw_against_beta(series, ylabel="y")).get_lines()
    assert len({one.get_marker() for one in lines}) == MAX_SERIES
    assert [one.get_markerfacecolor() == "none" for one in lines] == [False, True] * (MAX_SERIES // 2)


def test_more_families_than_can_be_read_are_thinned() -> None:
    """Of more families, evenly spaced ones are drawn, the first and the last among them, and their number is said."""
    figure = draw_against_beta([wide(f"family {i}") for i in range(40)], ylabel="y")
    assert len(legend(figure)) == MAX_SERIES == 12
    assert (legend(figure)[0], legend(figure)[-1]) == ("family 0", "family 39")
    assert "12 of 40 families are shown" in notes(figure)


def test_as_many_families_as_can_be_read_are_all_drawn() -> None:
    """At the limit nothing is left out, and nothing is said."""
    figure = draw_against_beta([wide(f"family {i}") for i in range(MAX_SERIES)], ylabel="y")
    assert legend(figure) == [f"family {i}" for i in range(MAX_SERIES)]
    assert notes(figure) == ""


def test_labels_stand_as_they_are(tmp_path: Path) -> None:
    """A label with dollars or a leading underscore is neither a formula nor hidden; a long one keeps both ends."""
    labels = ["$a_b", "$x$ and $y$", "_hidden", "%s {0}", "widths " + "3," * 60 + " --law laplace"]
    figure = draw_against_beta([wide(label) for label in labels], ylabel="y", file=tmp_path / "a.png")
    shown = legend(figure)
    assert [text.replace(r"\$", "$").strip() for text in shown[:4]] == labels[:4]
    assert shown[4].startswith("widths 3,3,")
    assert shown[4].endswith("--law laplace")
    assert "…" in shown[4]
    assert len(shown[4]) < 90


@pytest.mark.parametrize(("empty", "said"), [([None], "1 network whose"), ([None, None], "2 networks whose")])
def test_values_that_are_zero_are_left_out_and_counted(empty: list[None], said: str) -> None:
    """A network without a logarithm is not drawn, and it is said how many there are."""
    figure = draw_against_beta([Series("a", [0, 1, *range(2, 2 + len(empty))], [0.0, 0.5, *empty])], ylabel="y")
    assert len(points(line(axes_of(figure), "a"))) == 2
    assert said in notes(figure)


def test_family_without_a_value_has_no_mark() -> None:
    """A family all of whose values are 0 is left out, and its networks are counted."""
    figure = draw_against_beta([Series("zero", [0, 1], [None, None]), wide()], ylabel="y")
    assert legend(figure) == ["wide"]
    assert "2 networks" in notes(figure)


# -- bounds -------------------------------------------------------------------------------------------------------------


def test_a_bound_of_all_families_is_drawn_once() -> None:
    """The lower bound of (12), 2 exp(beta/2), is the same for every law: one line in the legend and in the picture."""
    figure = draw_against_beta([family(2), family(3, "uniform")], ylabel="y")
    lower = points(line(axes_of(figure), "lower bound"))
    assert [y for _, y in lower] == pytest.approx([log10(2) + x / 2 * log10(e) for x, _ in lower])
    assert legend(figure)[2:] == ["lower bound", "upper bound of each, in its style"]


def test_bounds_of_each_family_have_its_dashes() -> None:
    """Upper bounds that differ by the law are drawn in colour and dashes of their family."""
    axes = axes_of(draw_against_beta([family(2), family(3, "uniform")], ylabel="y"))
    values = [line(axes, "width 2, gaussian"), line(axes, "width 3, uniform")]
    upper = [one for one in axes.get_lines() if one.get_label() == "upper bound"]
    assert [one.get_linestyle() for one in upper] == [one.get_linestyle() for one in values]
    assert [one.get_color() for one in upper] == [one.get_color() for one in values]
    assert len({one.get_linestyle() for one in upper}) == 2
    slope = 18 * log10(e)  # 6 mt4max with mt4max = 3
    assert [y for _, y in points(upper[0])] == pytest.approx([log10(18) + slope * x for x, _ in points(upper[0])])


def test_the_room_between_the_bounds_of_one_family_is_shaded() -> None:
    """With one family the band is filled; with two it would hide what it is of."""
    assert len(axes_of(draw_against_beta([family(2)], ylabel="y")).collections) == 1
    assert len(axes_of(draw_against_beta([family(2), family(3)], ylabel="y")).collections) == 0


def test_bounds_that_beta_does_not_give_are_bars() -> None:
    """Where two networks of one beta have different bounds, each has a short bar, and no line joins them."""
    one = Series("a", [0, 1, 1], [0.0, 0.5, 0.6], lower=[-0.2, 0.1, 0.2])
    drawn = line(axes_of(draw_against_beta([one], ylabel="y")), "lower bound")
    assert (drawn.get_linestyle(), drawn.get_marker()) == ("None", "_")
    assert len(points(drawn)) == 3


def test_missing_bounds_are_not_drawn() -> None:
    """A network without a bound has none in the picture."""
    one = Series("a", [0, 1, 2], [0.0, 0.5, 1.0], upper=[None, 0.9, None])
    assert [x for x, _ in points(line(axes_of(draw_against_beta([one], ylabel="y")), "upper bound"))] == [1]


def test_bounds_far_away_do_not_flatten_the_values() -> None:
    """A bound of 10^900 above values below 10^2 leaves the picture, and it is said how far it goes."""
    one = Series("a", [0, 1], [0.0, 2.0], lower=[-0.5, -50.0], upper=[1.0, 900.0])
    figure = draw_against_beta([one], ylabel="y")
    low, high = axes_of(figure).get_ylim()
    assert -5 < low < -3
    assert 5 < high < 8
    assert notes(figure) == "bounds leave the picture: they go down to $10^{-50}$ and up to $10^{900}$"


def test_bounds_at_hand_are_all_shown() -> None:
    """Bounds near the values are in sight, and nothing is said."""
    figure = draw_against_beta([Series("a", [0, 1], [0.0, 2.0], [-0.5, 1.0], [1.0, 3.5])], ylabel="y")
    low, high = axes_of(figure).get_ylim()
    assert low < -0.5
    assert high > 3.5
    assert notes(figure) == ""


# -- many points --------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(-300, 300), st.integers(0, 2)), min_size=1, max_size=80),
    st.integers(1, 30),
)
def test_thinning_keeps_the_lowest(cloud: list[tuple[float, float, int]], limit: int) -> None:
    """At most as many points as asked for are kept, all of them given ones, a lowest one among them."""
    kept = thinned(cloud, limit)
    assert 1 <= len(kept) <= limit
    assert set(kept) <= set(cloud)
    assert min(y for _, y, _ in kept) == pytest.approx(min(y for _, y, _ in cloud), abs=1e-9)


def test_thinning_leaves_few_points_alone() -> None:
    """Below the limit only what is drawn twice is dropped."""
    assert thinned([(0.0, 1.0, "a"), (0.0, 1.0, "a"), (0.0, 1.0, "b")], 5) == [(0.0, 1.0, "a"), (0.0, 1.0, "b")]


def test_a_large_cloud_makes_a_small_file(tmp_path: Path) -> None:
    """20,000 networks with bounds are a picture of less than 300 kB, the same bytes each time."""
    rng = np.random.default_rng(0)
    betas = rng.integers(1, 400, 20_000) / 60
    cloud = Series("a", betas.tolist(), (rng.random(20_000) * 20).tolist(), rng.random(20_000).tolist(), None)
    for name in ("a.svg", "b.svg"):
        draw_against_beta([cloud, wide()], ylabel="y", file=tmp_path / name)
    assert 50_000 < (tmp_path / "a.svg").stat().st_size < 300_000
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


# -- files and refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_file_is_written(tmp_path: Path, suffix: str) -> None:
    """With a file the picture is saved, as text or as a path, the same bytes each time."""
    draw_against_beta([family(2)], ylabel="y", title="t", file=tmp_path / f"a.{suffix}")
    draw_against_beta([family(2)], ylabel="y", title="t", file=str(tmp_path / f"b.{suffix}"))
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_wrong_suffix_is_refused(tmp_path: Path) -> None:
    """A file that is no picture is refused before anything is drawn."""
    with pytest.raises(errors.UnknownNameError, match=r"\.svg, \.png or \.pdf"):
        draw_against_beta([wide()], ylabel="y", file=tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("series", [[], [Series("a", [], [])], [Series("a", [0, 1], [None, None])]])
def test_nothing_to_draw_is_refused(series: list[Series]) -> None:
    """No series, no network or no value: refused with the way out."""
    with pytest.raises(errors.ArgumentError, match=r"nothing to draw.*give series with at least one point"):
        draw_against_beta(series, ylabel="y")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("place", ["beta", "value", "lower", "upper"])
def test_what_is_no_number_is_refused(number: float, place: str) -> None:
    """Infinities and nan are refused by name; what has no logarithm is None."""
    columns = {"beta": [0.0], "value": [0.0], "lower": [0.0], "upper": [0.0]} | {place: [number]}
    with pytest.raises(errors.ArgumentError, match=rf"{place} must be finite numbers, was -?(nan|inf)"):
        Series("a", **columns)


@pytest.mark.parametrize("place", ["value", "lower", "upper"])
def test_columns_of_unequal_length_are_refused(place: str) -> None:
    """Each network has one number in each column."""
    columns = {"value": [0.0, 1.0], "lower": [0.0, 1.0], "upper": [0.0, 1.0]} | {place: [0.0]}
    with pytest.raises(errors.ArgumentError, match=rf"{place} must be of the length of beta, 2, was 1"):
        Series("a", [0.0, 1.0], **columns)


def test_missing_matplotlib_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib the error has the command that installs it."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'pathmoments\[plot\]'"):
        draw_against_beta([wide()], ylabel="y")


def test_the_room_loads_without_matplotlib() -> None:
    """Pictures are imported with the package's own names only: matplotlib and numpy load when one is drawn."""
    code = "import sys, pathmoments.plotting, pathmoments.reports; print(*{'matplotlib', 'numpy', 'rich'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1.000"), (1.5, "1.500"), (12.345678, "12.35"), (9999.4, "9999"), (12349, "1.235e+04"), (0.5, "0.5000"),
        (0.001, "0.001000"), (0.00012341, "1.234e-04"), (9.99996, "10.00"), (99999.9, "1.000e+05"),
    ],
)  # fmt: skip
def test_ratios_have_four_digits(value: float, text: str) -> None:
    """A ratio has four significant digits, as a power of ten where it is large or small."""
    assert ratio_text(log10(value)) == text
