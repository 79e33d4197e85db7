"""A verification in JSON (schema pathmoments/verification/1)."""

from __future__ import annotations

import json
from typing import Any

from .._version import __version__
from ..verification import Report, Summary

SCHEMA = "pathmoments/verification/1"


def report_json(report: Report, *, cases: bool = False) -> str:
    """Return a report as JSON; with `cases`, every finding too, one a line.

    Margins, averages and levels are decimal logarithms; exact values and beta are "p/q".

    >>> from pathmoments.verification import Grid, verify
    >>> content = json.loads(report_json(verify(Grid(statements=("11",), max_depth=1, max_width=2))))
    >>> content["schema"], content["cases"], content["statements"][0]["statuses"]
    ('pathmoments/verification/1', 16, {'attained': 16})
    """
    head = {
        "schema": SCHEMA,
        "version": __version__,
        "grid": report.grid,
        "cases": report.cases,
        "violations": report.violations,
        "statements": [_summary(summary) for summary in report.summaries],
    }
    text = json.dumps(head, indent=2, ensure_ascii=False)
    if not cases:
        return text
    lines = ",\n".join("    " + json.dumps(finding.to_json(), ensure_ascii=False) for finding in report.findings)
    return text.removesuffix("\n}") + f',\n  "findings": [\n{lines}\n  ]\n}}'


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "equation": summary.equation,
        "title": summary.title,
        "what": summary.what,
        "cases": summary.cases,
        "statuses": summary.statuses,
        "violations": [finding.to_json() for finding in summary.violations],
        "tightest": summary.tightest and summary.tightest.to_json(),
        "average": summary.average,
        "largest": summary.largest and summary.largest.to_json(),
    }
