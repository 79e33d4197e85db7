"""What a verification finds: one finding a case, one summary a statement, and the report that holds both.

A margin is the ratio by which a statement holds: exact / lower or upper / exact, whichever is smaller, 1 where it is attained. Margins here are
decimal logarithms of it (floats: they are shown, and nothing is decided by them), so that 0 is equality and the average is that of the ratios'
logarithms: margins span hundreds of orders of magnitude, and their arithmetic mean would be the largest one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from ..theorems import Status

Level = float | None


@dataclass(frozen=True)
class Finding:
    """What one statement says of one network: a case.

    Attributes
    ----------
    equation, quantity, status, note
        As in :class:`pathmoments.theorems.Verdict`.
    network
        The network in the words of the command line, such as "2,3,2 --law uniform".
    exact
        The exact value, "p/q" or a ball; "" where there is none.
    beta
        The network's beta, "p/q".
    margin
        The decimal logarithm of the margin, None where there is none.
    levels
        Decimal logarithms of the lower bound, the exact value and the upper bound, each times n_0^K for a moment of order 2K, None where absent or 0.
    constant
        The smallest constant C that (13) needs; None for the other statements.
    """

    equation: str
    network: str
    quantity: str
    status: Status
    exact: str = ""
    note: str = ""
    beta: str = ""
    margin: Level = None
    levels: tuple[Level, Level, Level] = (None, None, None)
    constant: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON has it."""
        return asdict(self) | {"levels": list(self.levels)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Finding:
        """Return the finding that :meth:`to_json` wrote."""
        return cls(**content | {"levels": tuple(content["levels"])})


@dataclass(frozen=True)
class Summary:
    """What all cases of one statement amount to.

    Attributes
    ----------
    equation, title, what
        The statement, the quantity it bounds, and what is checked, in a sentence.
    cases, statuses, violations
        How many cases (those to which the statement does not apply are none), how many of each status, and the findings that are violations.
    tightest
        The finding with the smallest margin, None where no case has one.
    average
        The mean of the margins (decimal logarithms), None where no case has one.
    largest
        The finding of (13) that needs the largest constant C, None for the other statements.
    """

    equation: str
    title: str
    what: str
    cases: int
    statuses: dict[str, int]
    violations: tuple[Finding, ...] = ()
    tightest: Finding | None = None
    average: float | None = None
    largest: Finding | None = None

    @classmethod
    def of(cls, equation: str, title: str, what: str, findings: Iterable[Finding]) -> Summary:
        """Return the summary of the findings of one statement."""
        own = list(findings)
        needs = [(finding.constant, -number) for number, finding in enumerate(own) if finding.constant is not None]
        margins = [(finding.margin, number) for number, finding in enumerate(own) if finding.margin is not None]
        return cls(
            equation, title, what, sum(finding.status != "not applicable" for finding in own),
            dict(sorted(Counter(finding.status for finding in own).items())),
            tuple(finding for finding in own if finding.status == "violated"),
            own[min(margins)[1]] if margins else None,
            sum(margin for margin, _ in margins) / len(margins) if margins else None,
            own[-max(needs)[1]] if needs else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Report:
    """A verification: what was asked, the summary of each statement, and all findings.

    Attributes
    ----------
    grid
        What was asked, as JSON has it; the same grid gives the same report.
    summaries
        One a statement, in the order of the suite.
    findings
        All cases, for plots.
    """

    grid: dict[str, Any]
    summaries: tuple[Summary, ...]
    findings: tuple[Finding, ...] = field(repr=False)

    @property
    def cases(self) -> int:
        """The number of all cases."""
        return sum(summary.cases for summary in self.summaries)

    @property
    def violations(self) -> int:
        """The number of all violations."""
        return sum(len(summary.violations) for summary in self.summaries)
