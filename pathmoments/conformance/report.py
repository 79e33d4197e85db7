"""What a check found: one line a statistic with the triple of assertion, smallest effect and samples needed, and what is probably wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .._version import __version__
from ..exact import Value, fraction_text
from ..network import Network
from .plan import percent
from .planning import SPARE, Rates

HEAVY = 10.0
"""E S^2 / (E S)^2 from which a report says that the tail is heavy: a mean is then carried by few samples."""


@dataclass(frozen=True)
class Finding:
    """What was found of one statistic.

    Attributes
    ----------
    quantity
        Its name.
    observed, exact
        The sample mean of S, a float, and E S.
    standard_error
        sqrt(Var S / samples), from the exact variance, as a float.
    p_value, level
        The statistic fails if its p-value is at most its level, a part of the false-alarm rate of the whole check.
    test
        influence, mean, or median of means: see :func:`pathmoments.plan`.
    samples
        Values of S that were averaged: networks, or pairs of them.
    effect
        The smallest relative change that these samples notice with the miss rate of the check; None if they notice none below 2^20.
    needed
        The networks with which the effect of the check is noticed in this statistic; None beyond 10^12, or where rounding hides it.
    ratio
        E S^2 / (E S)^2: how heavy the tail of S is.
    """

    quantity: str
    observed: float
    exact: Value
    standard_error: float
    p_value: float
    level: Fraction
    test: str
    samples: int
    effect: Fraction | None
    needed: int | None
    ratio: float

    @property
    def passed(self) -> bool:
        """Whether the p-value is above the level."""
        return self.p_value > self.level


@dataclass(frozen=True)
class Suspect:
    """A known mistake that may explain a failure.

    Attributes
    ----------
    mistake, where
        Its name in the catalogue, and the layer where it would be ("" for all).
    log_likelihood
        Of the samples' summary, given the exact moments that this mistake gives; the most likely suspect comes first.
    ties
        Other mistakes with exactly the same moments, which no sample can tell from this one.
    """

    mistake: str
    title: str
    where: str
    log_likelihood: float
    ties: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        ties = f"; the same moments: {', '.join(self.ties)}" if self.ties else ""
        return f"{self.mistake}: {self.title}{where}{ties}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a check found.

    Attributes
    ----------
    network
        What the samples were held against.
    findings
        One :class:`~pathmoments.conformance.Finding` a statistic.
    rates
        The effect that was to be noticed, and the error rates.
    samples, planned
        Networks drawn, and how many the plan had; None where samples were given.
    seed
        That of a sampler; the same seed draws the same networks. None where samples were given, or the sampler takes no seed.
    arithmetic
        The roundings that were allowed for, in words.
    not_finite
        Jacobians with an entry that is infinite, not a number, or so large that doubles might not hold a statistic: any such fails the check.
    repeated
        Jacobians that are equal, to the bit, to the one before and not 0, for weights without atoms: more of them than chance explains fail the check.
    suspects
        Known mistakes, the most likely first; empty if the check passed.
    layer
        The first layer at which samples of prefixes deviate; None where none were given, or none does.
    """

    network: Network
    findings: tuple[Finding, ...]
    rates: Rates
    samples: int
    planned: int | None
    seed: int | None
    arithmetic: str
    not_finite: int = 0
    repeated: int = 0
    suspects: tuple[Suspect, ...] = ()
    layer: int | None = None

    @property
    def passed(self) -> bool:
        """Whether every statistic passed, every Jacobian is finite, and they are different ones."""
        return not self.not_finite and not self.mostly_repeated and all(finding.passed for finding in self.findings)

    @property
    def mostly_repeated(self) -> bool:
        """Whether more Jacobians are equal to the one before than chance explains."""
        return unlikely_repeats(self.repeated, self.samples, self.rates.false_alarm)

    @property
    def p_value(self) -> float:
        """One p-value for the whole check: the smallest in units of its level, times the false-alarm rate; 0 where Jacobians are not finite or repeated."""
        if self.not_finite or self.mostly_repeated:
            return 0.0
        share = min(finding.p_value / float(finding.level) for finding in self.findings)
        return min(1.0, share * float(self.rates.false_alarm))

    def __str__(self) -> str:
        lines = [self._verdict(), f"network: {self.network!r}", self._drawn(), "", *_table(self.findings)]
        if self.not_finite:
            lines.append(f"{self.not_finite:,} Jacobians are not finite: they were left out of the means")
        if self.repeated:
            lines.append(f"{self.repeated:,} Jacobians are equal, to the bit, to the one before")
        heavy = [one.quantity for one in self.findings if one.ratio > HEAVY]
        if heavy:
            lines.append(
                f"heavy tail: {', '.join(heavy)} has E S^2 above {HEAVY:.0f} (E S)^2, so its mean hangs on few networks"
            )
        if self.layer is not None:
            lines += ["", f"the first layer that deviates: {self.layer}"]
        if self.suspects:
            lines += ["", "probably, the most likely first (log-likelihood):"]
            lines += [
                f"  {place}. {one}  ({one.log_likelihood + 0.0:.1f})"
                for place, one in enumerate(self.suspects[:5], start=1)
            ]
        return "\n".join(lines)

    def _verdict(self) -> str:
        verdict = "conforms" if self.passed else "DOES NOT CONFORM"
        return f"{verdict}: p = {p_text(self.p_value)}, false-alarm rate {rate_text(self.rates.false_alarm)}"

    def _drawn(self) -> str:
        text = f"networks: {self.samples:,}"
        if self.planned is not None and self.samples < self.planned:
            text += f", stopped early of {self.planned:,} planned"
        if self.seed is not None:
            text += f"; seed {self.seed}"
        return f"{text}; rounding allowed for: {self.arithmetic}"

    def to_json(self) -> dict[str, Any]:
        """Return the versioned JSON form, pathmoments/check/1."""
        return {
            "schema": "pathmoments/check/1",
            "version": __version__,
            "network": self.network.to_json(),
            "passed": self.passed,
            "p_value": self.p_value,
            "effect": fraction_text(self.rates.effect),
            "false_alarm": fraction_text(self.rates.false_alarm),
            "miss": fraction_text(self.rates.miss),
            "samples": self.samples,
            "planned": self.planned,
            "seed": self.seed,
            "arithmetic": self.arithmetic,
            "not_finite": self.not_finite,
            "repeated": self.repeated,
            "findings": [finding_json(finding) for finding in self.findings],
            "layer": self.layer,
            "suspects": [
                {
                    "mistake": one.mistake, "title": one.title, "where": one.where,
                    "log_likelihood": one.log_likelihood, "ties": list(one.ties),
                }
                for one in self.suspects
            ],
        }  # fmt: skip


def unlikely_repeats(repeated: int, networks: int, false_alarm: Fraction) -> bool:
    """Whether so many of the networks' Jacobians are equal to the one before, with a probability below SPARE times the false-alarm rate.

    One that is not 0 is equal to the next with a probability below 2^-7, whatever the float type: even a single bfloat16 weight takes hundreds of values. So
    k given ones are with one below 2^-7k, and there are less than 2^(networks - 1) choices of k.
    """
    return 7 * repeated - (networks - 1) >= 1 - math.log2(SPARE * false_alarm)


def finding_json(finding: Finding) -> Mapping[str, Any]:
    """Return a finding as JSON has it: exact numbers as text, floats as they are, null for those that are not finite."""
    exact = finding.exact
    return {
        "quantity": finding.quantity,
        "observed": finding.observed if math.isfinite(finding.observed) else None,
        "exact": fraction_text(exact) if isinstance(exact, Fraction) else str(exact),
        "standard_error": finding.standard_error if math.isfinite(finding.standard_error) else None,
        "p_value": finding.p_value,
        "level": fraction_text(finding.level),
        "passed": finding.passed,
        "test": finding.test,
        "samples": finding.samples,
        "minimum_effect": None if finding.effect is None else fraction_text(finding.effect),
        "samples_needed": finding.needed,
    }


def p_text(p: float) -> str:
    """Return a p-value with two digits.

    >>> p_text(1.0), p_text(0.25), p_text(3.4e-41), p_text(0.0)
    ('1', '0.25', '3.4e-41', '0')
    """
    return f"{p:.2g}"


def rate_text(rate: Fraction) -> str:
    """Return a rate as a decimal with two digits."""
    return f"{float(rate):.2g}"


def table_rows(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    """Return the cells of the table of findings, its head first."""
    head = ("statistic", "observed", "exact", "ratio", "p", "level", "notices", "networks needed")
    rows = [
        (
            one.quantity,
            f"{one.observed:.5g}",
            f"{float(one.exact):.5g}",
            f"{one.observed / float(one.exact):.4g}" if float(one.exact) else "",
            p_text(one.p_value),
            rate_text(one.level),
            percent(one.effect),
            f"{one.needed:,}" if one.needed is not None else "out of reach",
        )
        for one in findings
    ]
    return [head, *rows]


def _table(findings: Sequence[Finding]) -> list[str]:
    cells = table_rows(findings)
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    return [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
