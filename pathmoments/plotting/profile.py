"""Conditioning along the network: gains and singular values of the layers below and above every cut."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flint import arb

from ..errors import ArgumentError, must_be
from ..exact import Value, is_symbolic, to_fmpq
from .figures import figure_class, picture_kind, save
from .scales import Scale
from .styles import INK, plain_axes, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..quantities.profile import Profile, Section

MARKED_DEPTH = 40
"""Layers up to which every layer has its mark."""
NAMED_DEPTH = 14
"""Layers up to which the axis names the width of every layer."""

BELOW, ABOVE, TYPICAL = (0, 1, 2)
"""The styles of the layers below a cut, of those above it, and of what is typical."""

Curve = dict[int, float]
"""Decimal logarithms by cut."""


def draw_profile(found: Profile, *, file: str | Path | None = None) -> Figure:
    r"""Draw the gains E ||J u||^2 of the layers below and above every cut, what is typical below it, and how unequal the singular values are.

    The upper panel has the mean of ||J u||^2 for the layers 1..j and j+1..d, u of length 1, and, where a log-norm is known, the typical value exp E ln ||J u||^2 given
    alive with a band of one standard deviation of the logarithm. The lower panel has n E tr (J J^T)^2 / (E ||J||_F^2)^2 of both: 1 is an isometry. An axis is logarithmic
    where two decades or more are shown.

    Parameters
    ----------
    found
        What :func:`pathmoments.profile` returns.
    file
        Where to save the picture (.svg, .png or .pdf); by default it is only returned.

    Returns
    -------
    The matplotlib figure; the same profile gives the same bytes.

    Raises
    ------
    ArgumentError
        If the network has symbols for widths, variances or moments.
    MissingExtraError
        If matplotlib is not installed.

    >>> from pathmoments import Network, profile
    >>> figure = draw_profile(profile(Network([2, 3, 2], variance=[4, "1/6"])))
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['$\\|Ju\\|^2$', '$n\\,\\mathrm{E}\\,\\mathrm{tr}(JJ^T)^2\\,/\\,(\\mathrm{E}\\,\\|J\\|_F^2)^2$']
    """
    if is_symbolic(found.whole.fourth) or is_symbolic(found.whole.norm):
        raise ArgumentError(must_be("found", "the profile of a network of numbers", "the one with symbols"))
    if file is not None:
        picture_kind(Path(file))
    new_figure = figure_class()
    figure = new_figure(figsize=(8.4, 5.6), layout="constrained")
    gains, ratios = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    depth = found.net.depth
    curves = {"mean, layers 1..j": (BELOW, {0: 0.0} | _curve(found.prefixes, 1, "gain"))}
    curves["mean, layers j+1..d"] = (
        ABOVE,
        {0: _level(found.whole.gain)} | _curve(found.suffixes, 0, "gain") | {depth: 0.0},
    )
    _draw(gains, curves, _band(found.prefixes), depth, r"$\|Ju\|^2$")
    unequal = {"layers 1..j": (BELOW, _curve(found.prefixes, 1, "ratio"))}
    unequal["layers j+1..d"] = (ABOVE, {0: _level(found.whole.ratio)} | _curve(found.suffixes, 0, "ratio"))
    name = r"$n\,\mathrm{E}\,\mathrm{tr}(JJ^T)^2\,/\,(\mathrm{E}\,\|J\|_F^2)^2$"
    _draw(ratios, unequal, {}, depth, name)
    _name_layers(ratios, found)
    figure.legend(handles=gains.get_legend_handles_labels()[0], loc="outside upper center", ncols=4, frameon=False, fontsize=9, labelcolor=INK)  # fmt: skip
    if file is not None:
        save(figure, file)
    return figure


def _curve(sections: Sequence[Section], end: int, name: str) -> Curve:
    """Return the levels of a property by the cut that a section ends (1) or starts (0) at."""
    return {section.layers[end]: _level(getattr(section, name)) for section in sections}


def _band(sections: Sequence[Section]) -> dict[int, tuple[float, float, float]]:
    """Return the typical level by cut, with one standard deviation to each side."""
    band = {}
    for section in sections:
        if section.log_norm is not None:
            mean, reach = float(section.log_norm.mean) / log(10), float(section.log_norm.variance) ** 0.5 / log(10)
            band[section.layers[1]] = (mean - reach, mean, mean + reach)
    return band and {0: (0.0, 0.0, 0.0)} | band


def _draw(
    axes: Axes,
    curves: dict[str, tuple[int, Curve]],
    band: dict[int, tuple[float, float, float]],
    depth: int,
    name: str,
) -> None:
    """Draw curves and a band on a scale that suits all of them."""
    plain_axes(axes)
    levels = [level for _, curve in curves.values() for level in curve.values()]
    levels += [level for row in band.values() for level in row]
    scale = Scale.over(min(levels), max(levels))
    for label, (number, curve) in curves.items():
        axes.plot(list(curve), scale.places(curve.values()), label=label, **_look(number, depth))
    if band:
        low, middle, high = (scale.places(row[side] for row in band.values()) for side in (0, 1, 2))
        label = "typical given alive, layers 1..j (band: one standard deviation)"
        axes.plot(list(band), middle, label=label, **_look(TYPICAL, depth))
        axes.fill_between(list(band), low, high, color=style(TYPICAL)["color"], alpha=0.12, linewidth=0)
    bottom, top = scale.place(scale.low), scale.place(scale.high)
    pad = 0.06 * (top - bottom) or 0.05 * abs(top) or 0.05
    axes.set_ylim(bottom - pad, top + pad)
    scale.set_ticks(axes.yaxis)
    axes.set_ylabel(name + scale.unit_text, color=INK)


def _look(number: int, depth: int) -> dict[str, Any]:
    look = style(number) | {"markersize": 5, "linewidth": 1.3}
    return look if depth <= MARKED_DEPTH else look | {"marker": "none"}


def _name_layers(axes: Axes, found: Profile) -> None:
    """Name the cuts, with the widths of their layers where there is room."""
    from matplotlib.ticker import MaxNLocator

    depth = found.net.depth
    if depth <= NAMED_DEPTH and all(len(str(width)) <= 6 for width in found.net.widths):
        axes.set_xticks(range(depth + 1), [f"{j}\n{width}" for j, width in enumerate(found.net.widths)])
        axes.set_xlabel("the cut above layer j, with the width of the layer", color=INK)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("the cut above layer j", color=INK)


def _level(value: Value) -> float:
    """Return the decimal logarithm of a value above 0, however large."""
    ball = arb(to_fmpq(value)) if isinstance(value, Fraction) else value
    assert isinstance(ball, arb)
    return float((ball.log() / arb(10).log()).mid())
