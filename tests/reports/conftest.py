"""Reports to write: real verdicts, and the same with a network of a hostile name that violates a statement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pathmoments.verification import Finding, Grid, Report, Summary, verify

HOSTILE = r"""<b>&"it's"|_$5%#{}~^\ --law <script>alert(1)</script>"""


@pytest.fixture(scope="session")
def report() -> Report:
    """Return a verification of small networks: every statement that bounds something."""
    return verify(Grid(statements=("2", "11", "12", "13", "14", "15"), max_depth=3, max_width=2, samples=0))


@pytest.fixture(scope="session")
def hostile(report: Report) -> Report:
    """Return the same report, but that one case of (12) is violated, tightest, and by a network with an odd name and a long value."""
    bad: list[Finding] = []
    findings = []
    for finding in report.findings:
        if finding.equation == "12" and not bad:
            lower, value, upper = -1.0, -2.5, 1.0
            note = "the routes disagree: <i>1</i> & 2"
            bad.append(
                replace(
                    finding, network=HOSTILE, status="violated", margin=-1.5, note=note, exact="7" * 300 + "/8",
                    levels=(lower, value, upper),
                )
            )  # fmt: skip
            findings.append(bad[0])
        else:
            findings.append(finding)
    summaries = [
        Summary.of(s.equation, s.title, s.what, [f for f in findings if f.equation == s.equation])
        for s in report.summaries
    ]
    return Report(report.grid, tuple(summaries), tuple(findings))
