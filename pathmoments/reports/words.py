"""What every format says of a verification, in words: what was asked, what came out, how tight it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .._version import __version__
from ..plotting.scales import ratio_text
from ..theorems import STATEMENTS
from ..verification import Finding, Report, Summary

HEADERS = ("statement", "quantity", "cases", "violations", "tightest margin", "at network", "average margin", "also")
"""The columns of the table that every format has."""

NUMBERS = {"cases", "violations", "tightest margin", "average margin"}
"""Those that are numbers."""

NONE = "-"
"""In the place of what there is not."""

COUNTED = ("holds", "attained")
"""Statuses of which nothing more is to be said."""

LONGEST = 60
"""Characters of an exact value beyond which its middle is left out (JSON has it whole)."""

MEANING = (
    "A margin is the ratio by which a statement holds, exact / lower bound or upper bound / exact, the smaller of the two: 1 is equality, below 1 the "
    "statement would fail. The average is the geometric mean."
)
SIMULATED = "For {} the margin is how far a simulation of real networks was allowed to be off, over how far it was off; exact values are compared as fractions."
_MEANINGS = {
    "vacuous": "Vacuous: true, but the bound is 0 and says nothing.",
    "degenerate": "Degenerate: the formula of the bound has no value (0/0).",
    "undecided": "Undecided: nothing contradicts the statement, and nothing at hand decides it.",
    "not applicable": "Not applicable: a condition of the statement is not met, and it is no case.",
}
_STATUS_WORDS = {"holds": "hold", "attained": "with equality", "violated": "violated"}


def heading() -> str:
    """Return what the report is, with the version of the package."""
    return f"pathmoments {__version__}: verification of Hanin (NeurIPS 2018)"


def verdict(report: Report) -> str:
    """Return the result in one line, such as "11,520 cases, no violation"."""
    open_ = sum(summary.statuses.get("undecided", 0) for summary in report.summaries)
    parts = [
        _plural(report.cases, "case"),
        _plural(report.violations, "violation") if report.violations else "no violation",
    ]
    return ", ".join(parts + ([f"{open_:,} undecided"] if open_ else []))


def statuses(summary: Summary, leave_out: Iterable[str] = ()) -> str:
    """Return how many cases have each status, such as "90 hold, 3 with equality; not applicable to 4 networks"."""
    order = sorted(summary.statuses.items(), key=lambda item: (item[0] not in COUNTED, item[0] == "attained", item[0]))
    counts = [(name, count) for name, count in order if name not in leave_out]
    words = [f"{count:,} {_STATUS_WORDS.get(name, name)}" for name, count in counts if name != "not applicable"]
    missing = summary.statuses.get("not applicable", 0)
    return "; ".join(
        [*([", ".join(words)] if words else []), *([f"not applicable to {missing:,} more"] if missing else [])]
    )


def margin(level: float | None) -> str:
    """Return a margin from its decimal logarithm: "1 (attained)" where it is 0, a dash where there is none."""
    if level is None:
        return NONE
    return "1 (attained)" if level == 0 else ratio_text(level)


def average(level: float | None) -> str:
    """Return an average margin from its decimal logarithm."""
    return "1" if level == 0 else margin(level)


def constant(summary: Summary) -> str:
    """Return the largest constant that (13) needs, and where; "" for the other statements."""
    finding = summary.largest
    if finding is None or finding.constant is None:
        return ""
    least = f"the largest of them is {finding.constant:.4g}, for {finding.quantity} at {finding.network}"
    return f"({summary.equation}) does not say its constant C; the smallest that is needed was computed for each case, and {least}."


def remarks(summary: Summary) -> str:
    """Return how many cases have a status that the counts of cases and violations do not say."""
    return statuses(summary, (*COUNTED, "violated"))


def simulated(report: Report) -> str:
    """Return the statements whose margin is that of a simulation, such as "(16) and (17)"; "" where there is none."""
    return " and ".join(
        f"({summary.equation})"
        for summary in report.summaries
        if summary.tightest is not None and summary.equation in STATEMENTS and not STATEMENTS[summary.equation].bounding
    )


def notes(report: Report) -> list[str]:
    """Return the sentences that explain the columns, and the constant of (13)."""
    by_simulation = simulated(report)
    occurring = {status for summary in report.summaries for status in summary.statuses}
    return [
        MEANING,
        *([SIMULATED.format(by_simulation)] if by_simulation else []),
        *filter(None, map(constant, report.summaries)),
        *(text for status, text in _MEANINGS.items() if status in occurring),
    ]


def cells(summary: Summary) -> list[str]:
    """Return the row of a statement, one text for each of HEADERS."""
    tightest = summary.tightest
    return [
        f"({summary.equation})", summary.title, f"{summary.cases:,}", f"{len(summary.violations):,}",
        margin(tightest.margin if tightest else None), tightest.network if tightest else NONE, average(summary.average),
        remarks(summary),
    ]  # fmt: skip


def violation(finding: Finding) -> str:
    """Return a violation in one line."""
    return f"({finding.equation}) {finding.network}: {found(finding)}"


def found(finding: Finding) -> str:
    """Return what was found: the quantity with its exact value, the margin, and the note."""
    ratio = "" if finding.margin is None else f"margin {ratio_text(finding.margin)}"
    return "; ".join(part for part in (quantity_and_exact(finding), ratio, finding.note) if part)


def quantity_and_exact(finding: Finding) -> str:
    """Return "E Z^4 = 3/2", the value's middle left out where it is long."""
    value = finding.exact
    if len(value) > LONGEST:
        value = f"{value[:24]}…{value[-24:]} ({len(value):,} characters)"
    return f"{finding.quantity} = {value}" if value else finding.quantity


def grid_words(grid: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was asked as (name, words); what is not known by name is shown as it is."""
    rest = dict(grid)
    rows: list[tuple[str, str]] = []
    if "max_depth" in rest and "max_width" in rest:
        rows.append(("networks", _networks(rest.pop("max_depth"), rest.pop("max_width"))))
    asked = rest.pop("statements", None)
    for key, (name, wording, concerned) in _ROWS.items():
        if key in rest:
            value = rest.pop(key)
            if asked is None or concerned is None or concerned & set(asked):
                rows.append((name, wording(value)))
    if "samples" in rest:
        samples, seed = rest.pop("samples"), rest.pop("seed", None)
        if asked is None or _BY_PATHS & set(asked):
            rows.append(("simulation", _simulation(samples, seed)))
    return [*rows, *((key.replace("_", " "), _listed(value)) for key, value in rest.items())]


def _networks(depth: int, width: int) -> str:
    layers = "1 layer" if depth == 1 else f"1 to {depth:,} layers"
    return f"every choice of widths from 1 to {width:,}, inputs and outputs included, with {layers} of weights"


def _simulation(samples: int, seed: object) -> str:
    return f"{samples:,} networks drawn for each, seed {seed}" if samples else "none"


def _listed(value: Any) -> str:
    """Return a value of the grid in words: lists with commas, no brackets."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_listed, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_listed(item)}" for key, item in value.items()) or "none"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "none" if value is None else str(value)


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


_BY_PATHS = {"16", "17"}
_ROWS: dict[str, tuple[str, Callable[[Any], str], set[str] | None]] = {
    "laws": ("laws", _listed, None),
    "outputs": ("activation of the output", _listed, None),
    "orders": ("orders 2K", _listed, {"13", *_BY_PATHS}),
    "families": ("hidden widths n_j, for (7) to (9)", _listed, {"7", "8", "9"}),
    "budget": ("path collections", lambda value: f"enumerated up to {value:,} a case", _BY_PATHS),
}
"""For each entry of a grid: what it is called, how it is said, and the statements that it matters to (None: all)."""
