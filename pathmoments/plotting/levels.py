"""The exact values of one statement of a verification, with their bounds, against beta."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ArgumentError, UnknownNameError, must_be
from .against_beta import Series, draw_against_beta
from .styles import formula

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..verification import Finding, Report, Summary


def draw_levels(report: Report, equation: str, *, file: str | Path | None = None) -> Figure:
    """Draw the exact value of every case of one statement between its bounds, against beta.

    Values and bounds are times n_0^K where the moment is of order 2K, so that networks of all input widths lie on one scale.

    Parameters
    ----------
    report
        What :func:`pathmoments.verify` returns.
    equation
        The number of a statement of the report, such as "12".
    file
        Where to save the picture (.svg, .png or .pdf); by default it is only returned.

    Returns
    -------
    The matplotlib figure; the same report gives the same bytes.

    Raises
    ------
    UnknownNameError
        If the report has no such statement.
    ArgumentError
        If none of its cases has an exact value other than 0.
    MissingExtraError
        If matplotlib is not installed.

    >>> from pathmoments.verification import Grid, verify
    >>> figure = draw_levels(verify(Grid(statements=("12",), max_depth=2, max_width=2)), "12")
    >>> figure.axes[0].get_title(loc="left")
    '(12) E $Z^{4}$ between its bounds'
    """
    known = {summary.equation: summary for summary in report.summaries}
    if equation not in known:
        raise UnknownNameError(must_be("equation", "one of " + ", ".join(known), equation))
    own = [finding for finding in report.findings if finding.equation == equation and finding.levels[1] is not None]
    if not own:
        raise ArgumentError(f"there is nothing to draw: no case of ({equation}) has an exact value other than 0")
    quantities = sorted({finding.quantity for finding in own})
    several = len(quantities) > 1
    names = [(f"{finding.quantity}, " if several else "") + kind_of(finding) for finding in own]
    return draw_against_beta(
        [_series(name, [finding for finding, its in zip(own, names, strict=True) if its == name]) for name in dict.fromkeys(names)],
        ylabel=_axis_name(quantities),
        title=formula(f"({equation}) {known[equation].title}{sides_of(own)}"),
        file=file,
    )  # fmt: skip


def with_levels(report: Report) -> list[Summary]:
    """Return the summaries of the statements whose exact values have bounds that are not always attained: those worth :func:`draw_levels`."""
    varied = {
        finding.equation
        for finding in report.findings
        if finding.levels[1] is not None
        and any(level not in (None, finding.levels[1]) for level in finding.levels[::2])
    }
    return [summary for summary in report.summaries if summary.equation in varied]


def sides_of(findings: Sequence[Finding]) -> str:
    """Return which bounds there are, as the words that follow the name of what they bound."""
    lower, upper = (any(finding.levels[side] is not None for finding in findings) for side in (0, 2))
    if lower and upper:
        return " between its bounds"
    return " and its lower bound" if lower else " and its upper bound" if upper else ""


def kind_of(finding: Finding) -> str:
    """Return the kind of a network: its law, and its output if that is not the paper's ReLU.

    The network is in the words of the command line, such as "2,3,2 --law uniform --output linear".
    """
    options = dict(re.findall(r"--(\w+) (\S+)", finding.network))
    kind = options.get("law", "gaussian")
    return f"{kind}, {options['output']} output" if "output" in options else str(kind)


def _series(label: str, findings: Sequence[Finding]) -> Series:
    lower, value, upper = zip(*(finding.levels for finding in findings), strict=True)
    return Series(label, [float(Fraction(finding.beta or 0)) for finding in findings], value, lower, upper)


def _axis_name(quantities: Sequence[str]) -> str:
    """Return the name of the axis: the quantity times the power of n_0 that it is normalised with."""
    if quantities == ["beta"]:
        return r"$\beta$"
    if quantities == ["E dVar"]:
        return r"$n_0^2\;\mathrm{E}\,\mathrm{dVar}$"
    power = re.fullmatch(r"(?:n_0\^\d+ )?E Z\^(\d+)", quantities[0])
    if len(quantities) > 1 or power is None:
        return r"moment of order $2K$, times $n_0^K$"
    half = int(power[1]) // 2
    return rf"$n_0{f'^{{{half}}}' if half != 1 else ''}\;\mathrm{{E}}\,Z^{{{power[1]}}}$"
