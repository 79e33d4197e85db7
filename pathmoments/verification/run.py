"""Run a verification: tasks through a sweep, findings into a report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..sweeps import Ledger, sweep
from .grid import MAX_NETWORKS, Grid, suite
from .judge import judge
from .report import Finding, Report, Summary

if TYPE_CHECKING:
    from concurrent.futures import Executor


def verify(
    grid: Grid,
    *,
    executor: Executor | None = None,
    ledger: Ledger | None = None,
    limit: int | None = MAX_NETWORKS,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Verify the paper's statements on every network of a grid.

    Parameters
    ----------
    grid
        What is verified. ``Grid()`` is all statements on 1,440 networks of depth up to 4 and widths up to 3, with four laws.
    executor
        A standard executor whose processes do the work; by default this process does it.
    ledger
        Keeps what is finished; a rerun does what is missing.
    limit
        The most networks; None for no limit.
    progress
        Called with (done, total) now and then.

    Returns
    -------
    A :class:`pathmoments.verification.Report`; `report.violations` is 0 unless a statement, or this package, is wrong.

    Raises
    ------
    BudgetError
        If the grid has more networks than `limit`.
    ArgumentError, UnknownNameError
        From the grid.

    Cost
    ----
    A few milliseconds a network, most of it enumeration and simulation for (16) and (17).

    >>> report = verify(Grid(statements=("11", "12"), max_depth=2, max_width=2))
    >>> report.cases, report.violations
    (96, 0)
    >>> report.summaries[1].tightest.network
    '1,1 --law rademacher'
    """
    grid.check_size(limit)
    results = sweep(judge, list(grid.tasks()), executor=executor, ledger=ledger, progress=progress)
    return report_of(grid, (Finding.from_json(form) for text in results for form in json.loads(text)))


def report_of(grid: Grid, findings: Iterable[Finding]) -> Report:
    """Return the report of the findings on a grid."""
    by_equation: dict[str, list[Finding]] = {name: [] for name in grid.statements}
    everything = list(findings)
    for finding in everything:
        by_equation[finding.equation].append(finding)
    registered = suite()
    summaries = (
        Summary.of(name, registered[name].title, registered[name].what, own) for name, own in by_equation.items()
    )
    return Report(grid.to_json(), tuple(summaries), tuple(everything))
