"""Families of networks: an exact value with its bounds against beta, one series a family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, must_be
from .figures import figure_class, picture_kind, save
from .scales import Scale, thinned, visible
from .styles import FAINT, INK, MAX_SERIES, plain_axes, style, verbatim

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

MAX_MARKS = 1500
"""Marks of one picture, over all series and their bounds: of more, those that would cover one another are drawn once."""

ROOM = 2.0
"""Bounds are shown as far from the exact values as this many times what these span."""

BETA = r"$\beta = 1/n_1 + \cdots + 1/n_{d-1}$"

Curve = list[tuple[float, float]]


@dataclass(frozen=True)
class Series:
    """One family of networks; all numbers but beta are decimal logarithms, so that 10^300 is as good a value as 3.

    Attributes
    ----------
    label
        What the legend says of it, taken as it stands (no formulas).
    beta
        The beta of each network, in any order.
    value
        The decimal logarithm of the exact value of each network, None where the value is 0 or not known.
    lower, upper
        The decimal logarithms of its bounds, None where there is none.
    """

    label: str
    beta: Sequence[float]
    value: Sequence[float | None]
    lower: Sequence[float | None] | None = None
    upper: Sequence[float | None] | None = None

    def __post_init__(self) -> None:
        """Check that there is one number a network, and that each is one."""
        for name in ("beta", "value", "lower", "upper"):
            numbers = getattr(self, name)
            if numbers is None:
                continue
            if len(numbers) != len(self.beta):
                way_out = "give one a network"
                raise ArgumentError(must_be(name, f"of the length of beta, {len(self.beta)}", len(numbers), way_out))
            for number in numbers:
                if (number is None and name == "beta") or (number is not None and not isfinite(number)):
                    way_out = "give the decimal logarithm, None for that of 0" if name != "beta" else ""
                    raise ArgumentError(must_be(name, "finite numbers", number, way_out))

    def points(self) -> list[tuple[float, float, tuple[float | None, float | None]]]:
        """Return (beta, value, (lower, upper)) of each network that has a value, by beta."""
        none = [None] * len(self.beta)
        bounds = zip(self.lower or none, self.upper or none, strict=True)
        rows = zip(self.beta, self.value, bounds, strict=True)
        return sorted(((b, v, pair) for b, v, pair in rows if v is not None), key=lambda point: point[:2])


def draw_against_beta(
    series: Sequence[Series], *, ylabel: str, title: str = "", file: str | Path | None = None
) -> Figure:
    """Draw the exact values of families of networks, with their bounds, against beta.

    Each family has its own mark and dashes, and a colour besides. Points are joined where a family has one network for each beta.
    Bounds are thin lines, or short bars where beta alone does not give them; for one family the room between them is shaded. The axis is
    logarithmic where two decades or more are shown. What is left out (values that are 0, bounds far away, families beyond
    `MAX_SERIES`) is said below the axis.

    Parameters
    ----------
    series
        The families, each with its networks' beta and decimal logarithms: see :class:`Series`.
    ylabel, title
        What the axis and the picture are called; between dollars, matplotlib's formulas.
    file
        Where to save the picture (.svg, .png or .pdf); by default it is only returned.

    Returns
    -------
    The matplotlib figure; the same series give the same bytes.

    Raises
    ------
    ArgumentError
        If no network has a value, or numbers are not finite or not one a network.
    MissingExtraError
        If matplotlib is not installed.

    >>> figure = draw_against_beta([Series("width 2", [0.5, 1.0], [0.0, 0.5])], ylabel="$E Z^4$")
    >>> figure.axes[0].get_ylabel()
    '$E Z^4$'
    """
    shown = _chosen([one for one in series if one.points()])
    if not shown:
        raise ArgumentError(
            "there is nothing to draw: no network has a value that is not 0; give series with at least one point"
        )
    if file is not None:
        picture_kind(Path(file))
    new_figure = figure_class()
    long = max(len(verbatim(one.label)) for one in shown) > 30
    figure = new_figure(figsize=(7.2, 4.6 + 0.22 * len(shown)) if long else (8.4, 4.6), layout="constrained")
    axes = figure.add_subplot()
    notes = draw_series(axes, shown, left_out=_left_out(series, shown))
    axes.set_ylabel(ylabel + axes.get_ylabel(), color=INK)
    axes.set_title(title, color=INK, loc="left")
    axes.annotate(
        "\n".join(notes), (0, 0), (0, -40), "axes fraction", textcoords="offset points", va="top", fontsize=8.5, color=FAINT
    )  # fmt: skip
    handles = legend_handles(axes, shown)
    figure.legend(
        handles=handles, loc="outside lower left" if long else "outside right upper", frameon=False, fontsize=9,
        labelcolor=INK, handlelength=3.2,
    )  # fmt: skip
    if file is not None:
        save(figure, file)
    return figure


def draw_series(axes: Axes, series: Sequence[Series], *, left_out: Sequence[str] = ()) -> list[str]:
    """Draw series on axes, whose ylabel is then the unit alone, and return what must be said below them."""
    plain_axes(axes)
    kinds = 1 + max((one.lower is not None) + (one.upper is not None) for one in series)
    points = [thinned(one.points(), max(1, MAX_MARKS // (len(series) * kinds))) for one in series]
    bounds = [bound for own in points for _, _, pair in own for bound in pair if bound is not None]
    low, high = visible([level for own in points for _, level, _ in own], bounds, room=ROOM)
    scale = Scale.over(low, high)
    for number, (one, own) in enumerate(zip(series, points, strict=True)):
        betas, places = [beta for beta, _, _ in own], scale.places(level for _, level, _ in own)
        look = style(number) if len(set(betas)) == len(betas) else style(number) | {"linestyle": "none"}
        axes.plot(betas, places, label=verbatim(one.label), markersize=5, linewidth=1.3, zorder=3, **look)
    _draw_bounds(axes, scale, points)
    bottom, top = scale.place(low), scale.place(high)
    pad = 0.05 * (top - bottom) or 0.05 * abs(top) or 0.05
    axes.set_ylim(bottom - pad, top + pad)
    scale.set_ticks(axes.yaxis)
    axes.set_ylabel(scale.unit_text)
    axes.set_xlabel(BETA, color=INK)
    return [*left_out, *_out_of_sight(bounds, low, high)]


def legend_handles(axes: Axes, series: Sequence[Series]) -> list[Line2D]:
    """Return what the legend of axes shows: each series with its mark and dashes (its bounds have them too), then the kinds of bounds."""
    from matplotlib.lines import Line2D

    drawn = axes.get_lines()
    dashed = any(line.get_label() in _BOUNDS and line.get_linestyle() != "None" for line in drawn)
    handles = []
    for number, one in enumerate(series):
        look = style(number)
        if drawn[number].get_linestyle() == "None" and not dashed:
            look["linestyle"] = "none"
        handles.append(Line2D([], [], markersize=5, linewidth=1.3, label=verbatim(one.label), **look))
    for name in _BOUNDS:
        lines = [line for line in drawn if line.get_label() == name]
        if lines:
            look = {"linestyle": "none", "marker": "_"} if lines[0].get_linestyle() == "None" else {"linestyle": "-"}
            own = f"{name} of each, in its style" if len(lines) > 1 and look["linestyle"] == "-" else name
            handles.append(Line2D([], [], linewidth=0.9, color=INK if len(lines) == 1 else FAINT, label=own, **look))
    return handles


# -- bounds -------------------------------------------------------------------------------------------------------------

_BOUNDS = ("lower bound", "upper bound")


def _draw_bounds(axes: Axes, scale: Scale, points: Sequence[Sequence[tuple[float, float, Any]]]) -> None:
    """Draw each side: one line for all series where beta alone gives the bound, else one a series, in its colour."""
    for side, name in enumerate(_BOUNDS):
        curves = [sorted({(beta, pair[side]) for beta, _, pair in own if pair[side] is not None}) for own in points]
        together = sorted(point for curve in curves for point in curve)
        if not together:
            continue
        if len(curves) > 1 and _straight(together):
            _draw_curve(axes, scale, together, name, color=INK)
            continue
        for number, curve in enumerate(curves):
            look = style(number)
            _draw_curve(axes, scale, curve, name, color=look["color"], linestyle=look["linestyle"])
    if len(points) == 1 and all(None not in pair for _, _, pair in points[0]):
        _shade(axes, scale, points[0])


def _draw_curve(axes: Axes, scale: Scale, curve: Curve, name: str, **look: Any) -> None:
    """Draw a bound as a thin line where beta gives it, else as a short bar at each network."""
    if not curve:
        return
    betas = [beta for beta, _ in curve]
    if not _straight(curve) and len(set(betas)) < len(betas):
        look |= {"linestyle": "none", "marker": "_", "markersize": 6, "markeredgewidth": 0.8, "alpha": 0.8}
    axes.plot(betas, scale.places(level for _, level in curve), linewidth=0.9, label=name, **look)


def _straight(curve: Curve) -> bool:
    """Whether the levels are a linear function of beta, as those of c exp(r beta) are."""
    (start, first), (end, last) = curve[0], curve[-1]
    slope = (last - first) / (end - start) if end > start else 0.0
    tolerance = 1e-9 * (1 + max(abs(first), abs(last)))
    return all(abs(first + slope * (beta - start) - level) <= tolerance for beta, level in curve)


def _shade(axes: Axes, scale: Scale, own: Sequence[tuple[float, float, Any]]) -> None:
    betas = [beta for beta, _, _ in own]
    if len(set(betas)) == len(betas):
        low, high = (scale.places(pair[side] for _, _, pair in own) for side in (0, 1))
        axes.fill_between(betas, low, high, color=style(0)["color"], alpha=0.12, linewidth=0)


# -- what is left out ---------------------------------------------------------------------------------------------------


def _chosen(series: Sequence[Series]) -> list[Series]:
    """Return at most MAX_SERIES of the series, evenly spaced, the first and the last among them."""
    if len(series) <= MAX_SERIES:
        return list(series)
    return [series[i * (len(series) - 1) // (MAX_SERIES - 1)] for i in range(MAX_SERIES)]


def _left_out(series: Sequence[Series], shown: Sequence[Series]) -> list[str]:
    drawable = sum(bool(one.points()) for one in series)
    empty = sum(len(one.beta) - len(one.points()) for one in series)
    notes = (
        [f"{len(shown)} of {drawable} families are shown, evenly spaced among them"] if len(shown) < drawable else []
    )
    return notes + (
        [f"left out: {empty:,} {'network' if empty == 1 else 'networks'} whose value is 0 or not known"]
        if empty
        else []
    )


def _out_of_sight(bounds: Sequence[float], low: float, high: float) -> list[str]:
    """Say how far the bounds go that leave the picture."""
    sides = [f"down to $10^{{{min(bounds):.0f}}}$"] if bounds and min(bounds) < low else []
    sides += [f"up to $10^{{{max(bounds):.0f}}}$"] if bounds and max(bounds) > high else []
    return ["bounds leave the picture: they go " + " and ".join(sides)] if sides else []
