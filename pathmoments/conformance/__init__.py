"""Someone else's numbers against exact moments: p-values that hold at every finite sample size, the samples that they need, and what is probably wrong."""

from __future__ import annotations

from .catalogue import KnownMistake, mistakes
from .check import assert_conforms, check
from .plan import Plan, PlannedMeasure, minimum_effect, plan
from .report import Finding, Report, Suspect

__all__ = [
    "Finding",
    "KnownMistake",
    "Plan",
    "PlannedMeasure",
    "Report",
    "Suspect",
    "assert_conforms",
    "check",
    "minimum_effect",
    "mistakes",
    "plan",
]
