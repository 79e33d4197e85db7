"""The spectrum of J J^T of sampled networks, with the density at infinite width and the exact moments beside it."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import RouteError
from ..network import Network
from ..quantities.limit_density import LimitDensity, limit_density
from ..quantities.sampled_spectrum import SampledSpectrum, sampled_spectrum
from ..quantities.spectral_limit import limit_traces
from .figures import figure_class, picture_kind, save
from .styles import COLOURS, FAINT, INK, plain_axes, verbatim

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BINS = 60
SHOWN = 0.995
"""The share of the positive eigenvalues that is shown; on a logarithmic axis the smallest ones reach far to the left."""
WIDE = 30.0
"""The ratio of the largest to the smallest shown from which on the axis is logarithmic."""

FEW_DECADES = 1e3
"""The ratio below which powers of ten alone would label too little of a logarithmic axis."""


def draw_spectrum(
    net: Network,
    *,
    samples: int = 500,
    seed: int | None = None,
    orders: int = 4,
    layers: tuple[int, int] | None = None,
    file: str | Path | None = None,
) -> Figure:
    """Draw the eigenvalues of J J^T of sampled networks as a histogram, with the density of the limit of infinite width over it.

    Under the picture stand the exact moments m_k = E tr (J J^T)^k / n_d beside the sampled ones and the limit's, and the share of eigenvalues that are 0, which
    are not drawn. Where the eigenvalues span more than a decade or so, the axis is logarithmic and the density that of log10 of the eigenvalue.

    Parameters
    ----------
    net, layers
        The network, with numbers, and the section; the limit is that of all widths growing together at this shape.
    samples, seed
        How many networks to draw, and from which seed; a fresh one by default.
    orders
        The largest k of the moments.
    file
        Where to save the picture (.svg, .png or .pdf); by default it is only returned.

    Returns
    -------
    The matplotlib figure; the same seed gives the same bytes.

    Raises
    ------
    RouteError, ArgumentError
        If the network cannot be sampled, or has symbols.
    MissingExtraError
        If matplotlib is not installed.

    >>> figure = draw_spectrum(Network([20, 20], output="linear"), samples=20, seed=1)
    >>> figure.axes[0].get_xlabel()
    'eigenvalue of $J J^T$'
    """
    if file is not None:
        picture_kind(Path(file))
    new_figure = figure_class()
    drawn = sampled_spectrum(net, samples, orders=orders, seed=seed, layers=layers, keep=True)
    limit = _limit(net, layers)
    figure = new_figure(figsize=(7.2, 5.0 + 0.17 * orders), layout="constrained")
    axes = figure.add_subplot()
    left_out = _draw(axes, drawn, limit)
    axes.set_xlabel("eigenvalue of $J J^T$", color=INK)
    axes.set_title(f"spectrum of $J J^T$: {verbatim(repr(net), 70)}", loc="left", fontsize=10, color=INK)
    lines = _table(drawn, [float(t) for t in limit_traces(net, orders, layers=layers)])
    lines += _notes(drawn, limit, left_out)
    axes.annotate(
        "\n".join(lines), (0, 0), (0, -40), "axes fraction", textcoords="offset points", va="top", fontsize=8.5,
        color=FAINT, family="monospace",
    )  # fmt: skip
    if axes.get_legend_handles_labels()[0]:
        # On a logarithmic axis the mass lies to the right, on a linear one near 0.
        place: Literal["upper left", "upper right"] = "upper left" if axes.get_xscale() == "log" else "upper right"
        axes.legend(loc=place, frameon=False, fontsize=9, labelcolor=INK)
    if file is not None:
        save(figure, file)
    return figure


def _logarithmic(axes: Axes, ratio: float) -> None:
    """Give a logarithmic axis labels that do not meet: powers of ten, and 2 and 5 of them where there are few."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    if ratio < FEW_DECADES:
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _limit(net: Network, layers: tuple[int, int] | None) -> LimitDensity | None:
    """Return the density of the limit, None where it is not known: an activation that is no projection, orthogonal layers."""
    try:
        return limit_density(net, layers=layers)
    except RouteError:
        return None


def _draw(axes: Axes, drawn: SampledSpectrum, limit: LimitDensity | None) -> float:
    """Draw histogram and density, and return the share of the positive eigenvalues that lies to the left of the picture."""
    import numpy as np

    plain_axes(axes)
    values = np.sort(drawn.eigenvalues)
    if not len(values):
        return 0.0
    low, high = float(values[int((1 - SHOWN) * len(values))]), float(values[-1])
    logarithmic = high > WIDE * low
    edges = np.geomspace(low, high, BINS + 1) if logarithmic else np.linspace(0.0, high, BINS + 1)
    counts, _ = np.histogram(values, edges)
    breadth = np.diff(np.log10(edges) if logarithmic else edges)
    share = (1 - drawn.zeros) / len(values)
    axes.stairs(
        counts * share / breadth,
        edges,
        fill=True,
        color=COLOURS[0],
        alpha=0.35,
        label=f"{drawn.samples:,} sampled networks",
    )
    if limit is not None:
        height = limit.density * (limit.x * log(10) if logarithmic else 1.0)
        shown = limit.x >= edges[0]
        axes.plot(limit.x[shown], height[shown], color=COLOURS[1], linewidth=1.6, label="infinite width, same shape")
        axes.set_ylim(0, _top(counts * share / breadth, height[shown]))
    if logarithmic:
        _logarithmic(axes, high / low)
    axes.set_ylabel("density per decade" if logarithmic else "density", color=INK)
    return float((values < edges[0]).mean())


def _top(bars: Floats, curve: Floats) -> float:
    """Return the top of the picture: the bars', and the curve's unless it diverges at an edge."""
    highest = float(bars.max())
    return 1.08 * max(highest, min(float(curve.max()), 1.5 * highest))


def _table(drawn: SampledSpectrum, limit: Sequence[float]) -> list[str]:
    """Return the moments per output as aligned lines: exact, sampled, limit."""
    rows = [["k", "exact m_k", "sampled", "infinite width"]]
    exact: Any = drawn.exact
    for k in range(1, len(drawn.means)):
        numbers = (float(exact[k]) / drawn.means[0], drawn.means[k] / drawn.means[0], limit[k] / limit[0])
        rows.append([str(k), *(f"{number:.6g}" for number in numbers)])
    breadths = [max(len(row[i]) for row in rows) for i in range(4)]
    return ["  ".join(cell.rjust(breadth) for cell, breadth in zip(row, breadths, strict=True)) for row in rows]


def _notes(drawn: SampledSpectrum, limit: LimitDensity | None, left_out: float) -> list[str]:
    beside = f", {float(limit.atom):.1%} at infinite width" if limit is not None else ""
    notes = [f"eigenvalues that are 0 (not drawn): {drawn.zeros:.1%}{beside}; seed {drawn.seed}"]
    if left_out:
        notes.append(f"{left_out:.1%} of the others lie to the left of the picture")
    if limit is None:
        notes.append("no curve: the density of the limit is for slopes 0, 1 and -1 and independent weights")
    return notes
