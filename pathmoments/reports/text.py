"""A verification as the terminal shows it."""

from __future__ import annotations

from textwrap import wrap

from ..verification import Report
from . import words

_LINE = 110
"""Characters of a line of prose; the table is as wide as it must be."""


def report_text(report: Report) -> str:
    """Return a report as plain text: what was checked, a table with one row a statement, what the columns mean, and the verdict.

    Violations are listed in full above the verdict.

    >>> from pathmoments.verification import Grid, verify
    >>> print(report_text(verify(Grid(statements=("11", "12"), max_depth=2, max_width=2))).splitlines()[-1])
    96 cases, no violation.
    """
    return "\n".join(
        [
            *(f"{name}: {text}" for name, text in words.grid_words(report.grid)),
            "",
            _table(report),
            "",
            "checked:",
            *(f"({summary.equation})  {summary.what}" for summary in report.summaries),
            "",
            *(line for note in words.notes(report) for line in wrap(note, _LINE, break_long_words=False)),
            *_violations(report),
            "",
            words.verdict(report) + ".",
        ]
    )


def _table(report: Report) -> str:
    """Return the table, as wide as it must be: rich lays it out, without colours."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for header in words.HEADERS:
        grid.add_column(header, justify="right" if header in words.NUMBERS else "left", no_wrap=True)
    for summary in report.summaries:
        grid.add_row(*words.cells(summary))
    console = Console(width=10_000, color_system=None, markup=False, highlight=False)
    with console.capture() as captured:
        console.print(grid)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _violations(report: Report) -> list[str]:
    found = [words.violation(finding) for summary in report.summaries for finding in summary.violations]
    return ["", "VIOLATED:", *found] if found else []
