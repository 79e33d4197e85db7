"""A verification in one picture: the margins of its statements against beta."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError
from .against_beta import BETA
from .figures import figure_class, picture_kind, save
from .levels import kind_of
from .scales import Scale, ratio_text, thinned
from .styles import ALARM, INK, formula, plain_axes, style, verbatim

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..verification import Finding, Report, Summary

MAX_DOTS = 1200
"""Dots of one picture, over all panels: of more, those that would cover one another are drawn once, the lowest always."""

MAX_KINDS = 6
"""Kinds of networks (law, output) that have marks of their own; what is beyond shares one."""

_OTHERS = "other laws"
CROSS: dict[str, Any] = {"color": ALARM, "marker": "x", "linestyle": "none", "markersize": 10, "markeredgewidth": 2}
"""How a violation is marked."""

_COLUMNS = {1: 1, 2: 2, 4: 2}


def draw_margins(report: Report, *, file: str | Path | None = None) -> Figure:
    """Draw the margin of every case against beta, one panel a statement.

    The margin is the ratio by which a statement holds: 1 is equality (the line at the bottom), below it the statement fails, and there each case is
    crossed out. The tightest case is ringed, and named above the panel. Statements that hold with equality in every case have no panel.

    Parameters
    ----------
    report
        What :func:`pathmoments.verify` returns.
    file
        Where to save the picture (.svg, .png or .pdf); by default it is only returned.

    Returns
    -------
    The matplotlib figure; the same report gives the same bytes.

    Raises
    ------
    ArgumentError
        If no statement has a margin other than 1.
    MissingExtraError
        If matplotlib is not installed.

    >>> from pathmoments.verification import Grid, verify
    >>> figure = draw_margins(verify(Grid(statements=("11", "12"), max_depth=2, max_width=2)))
    >>> [axes.get_title(loc="left").splitlines()[0] for axes in figure.axes]
    ['(12) E $Z^{4}$']
    """
    panels = with_margins(report)
    if not panels:
        raise ArgumentError("there is nothing to draw: no case of the report has a margin other than 1")
    if file is not None:
        picture_kind(Path(file))
    new_figure = figure_class()
    columns = _COLUMNS.get(len(panels), 3)
    rows = ceil(len(panels) / columns)
    figure = new_figure(
        figsize=(max(5.0, (4.2 if columns == 2 else 3.4) * columns), 0.6 + 2.7 * rows), layout="constrained"
    )
    kinds = _kinds([finding for finding in report.findings if finding.margin is not None])
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat[len(panels) :]:
        axes.remove()
    for number, (summary, axes) in enumerate(zip(panels, grid.flat, strict=False)):
        own = [finding for finding in report.findings if finding.equation == summary.equation]
        _draw_panel(axes, summary, own, kinds, MAX_DOTS // len(panels))
        if number % columns == 0:
            axes.set_ylabel("margin", color=INK)
        if number + columns >= len(panels):
            axes.set_xlabel(BETA, color=INK)
    failed = any(finding.margin is not None and finding.margin < 0 for finding in report.findings)
    _legend(figure, kinds, failed=failed)
    if file is not None:
        save(figure, file)
    return figure


def with_margins(report: Report) -> list[Summary]:
    """Return the summaries of the statements that have some margin other than 1: those that :func:`draw_margins` has a panel for."""
    varied = {finding.equation for finding in report.findings if finding.margin and finding.beta}
    return [summary for summary in report.summaries if summary.equation in varied]


def _draw_panel(axes: Axes, summary: Summary, own: Sequence[Finding], kinds: Sequence[str], limit: int) -> None:
    plain_axes(axes)
    dots = [
        (float(Fraction(finding.beta)), finding.margin, min(kinds.index(kind_of(finding)), MAX_KINDS - 1))
        for finding in own
        if finding.margin is not None and finding.beta
    ]
    levels = [level for _, level, _ in dots]
    scale = Scale.over(min(0.0, *levels), max(0.0, *levels))
    kept = thinned(dots, limit)
    for number in sorted({kind for _, _, kind in kept}):
        mine = [(beta, level) for beta, level, kind in kept if kind == number]
        axes.plot(
            [beta for beta, _ in mine], scale.places(level for _, level in mine),
            **style(number) | {"linestyle": "none"}, markersize=3.5, markeredgewidth=0.7,
        )  # fmt: skip
    axes.axhline(scale.place(0.0), color=INK, linewidth=1.0)
    failed = thinned([dot for dot in dots if dot[1] < 0], limit)
    if failed:
        axes.plot([beta for beta, _, _ in failed], scale.places(level for _, level, _ in failed), **CROSS)
    lines = [formula(f"({summary.equation}) {summary.title}")]
    if summary.tightest is not None and summary.tightest.margin is not None and summary.tightest.beta:
        beta, level = float(Fraction(summary.tightest.beta)), summary.tightest.margin
        axes.plot([beta], [scale.place(level)], marker="o", markersize=11, markerfacecolor="none", color=INK)
        lines.append(verbatim(f"○ {ratio_text(level)} at {summary.tightest.network}", 46))
    axes.set_title("\n".join(lines), loc="left", fontsize=9, color=INK)
    bottom, top = scale.place(scale.low), scale.place(scale.high)
    axes.set_ylim(bottom - 0.08 * (top - bottom), top + 0.06 * (top - bottom))
    scale.set_ticks(axes.yaxis)


def _kinds(findings: Sequence[Finding]) -> list[str]:
    """Return the kinds of networks, in the order in which they come."""
    return list(dict.fromkeys(map(kind_of, findings)))


def _legend(figure: Figure, kinds: Sequence[str], *, failed: bool) -> None:
    from matplotlib.lines import Line2D

    names = [*kinds[: MAX_KINDS - 1], _OTHERS] if len(kinds) > MAX_KINDS else list(kinds)
    handles = [
        Line2D([], [], **style(number) | {"linestyle": "none"}, label=verbatim(name, 40))
        for number, name in enumerate(names)
    ]
    ring = Line2D(
        [], [], marker="o", markersize=9, markerfacecolor="none", color=INK, linestyle="none", label="tightest case"
    )
    line = Line2D([], [], color=INK, linewidth=1.0, label="margin 1: equality")
    cross = Line2D([], [], **CROSS, label="violation")
    figure.legend(
        handles=[*handles, ring, line, *([cross] if failed else [])],
        loc="outside lower center",
        ncols=min(4, len(handles) + 2),
        frameon=False,
        fontsize=9,
        labelcolor=INK,
    )
