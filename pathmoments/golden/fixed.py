r"""The influence test of :mod:`pathmoments.conformance.influence` as numbers, for a reader who has loops, logarithms and doubles alone.

The reader computes S_1, ..., S_N and, with each slope l of a side, its growth g and its weight w,

    evidence = log sum_l w exp(sum_i psi(l (S_i - theta)) - N g),     psi(x) = sign(x) log(1 + |x| + x^2/2),

and the check fails if the evidence of either side reaches the threshold.

**Doubles.** Let u = 2^-53, M the number of entries of a Jacobian, l the steepest slope and g the largest growth. Sums in any order, psi, and S from the entries (for tr (J J^T)^2
an error relative to ||J||_F^4 <= M S) move an evidence by at most slack = (N + 4 M^2 + 100) u (l T + N g), where T = sum_i (|S_i - theta| + S_i + theta) <= 2 sum_i S_i + 2 N theta. For S or
(1 + e) S, sum_i S_i is above (1 + e)(N theta + t) with probability at most N v / t^2 (Chebyshev). So one part in a hundred of the level and of the miss is spent on larger T, and
one on the slack: the threshold is log(2 / (98/100 level)), and the number of samples is planned for log(2 / (96/100 level)). What cancels in J u is one more layer of the
Jacobian's own roundings, which are allowed for twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from ..conformance.influence import Evidence
from ..conformance.plan import STATED
from ..conformance.planning import InfluenceTest, Rates, Test, samples_needed, smallest_effect
from ..conformance.rounding import Allowance, Units
from ..conformance.samples import units_for
from ..conformance.tails import RawMoments
from ..errors import ArgumentError, BudgetError

ROUNDOFF = 2.0**-53
CHECKED, PLANNED = Fraction(98, 100), Fraction(96, 100)
"""The parts of the level at which a reader's evidence is compared, and for which the samples are planned."""
SPENT = Fraction(1, 100)
"""The part of an error rate that is spent on values too large for the slack."""


@dataclass(frozen=True)
class FixedTest:
    """The test of a fixed number of samples.

    Attributes
    ----------
    samples
        Values of S.
    effect
        The relative change of E S that is missed with probability at most the miss rate.
    threshold
        The evidence at which the check fails.
    above, below
        The slopes of the two sides, with their weights.
    """

    samples: int
    effect: Fraction
    threshold: float
    above: Evidence
    below: Evidence


def units_of(arithmetic: str) -> Units:
    """Return the roundings of Jacobians in this arithmetic, and of as many again in a statistic of them."""
    units = units_for(STATED, arithmetic)
    return Units(2 * units.computed, 2 * units.stored)


def fixed_test(
    moments: RawMoments, rates: Rates, rounding: Allowance, *, entries: int, samples: int | None = None
) -> FixedTest:
    """Return the test that keeps both rates in a reader's doubles; with `samples` that of so many, and of the effect that they notice.

    Raises
    ------
    BudgetError
        If more samples are needed than doubles can be proved to add up.
    ArgumentError
        If so few samples notice no effect.
    """
    narrow = Rates(rates.effect, rates.false_alarm * PLANNED, rates.miss * (1 - SPENT))
    test = _planned(moments, narrow, rounding) if samples is None else _given(moments, samples, narrow, rounding)
    share = float(SPENT * min(rates.false_alarm, rates.miss))
    if slack(test, entries, share) > math.log(1 - float(SPENT)) - math.log(CHECKED):
        raise BudgetError(
            f"{test.samples:,} networks are more than plain sums of doubles can be proved for: allow a larger effect, or take a statistic with a lighter tail, such as frobenius"
        )
    above, below = test.gather()
    return FixedTest(test.samples, test.effect, math.log(2 / (rates.false_alarm * CHECKED)), above, below)


def _planned(moments: RawMoments, rates: Rates, rounding: Allowance) -> InfluenceTest:
    found: Test = samples_needed(moments, rates, rounding, stoppable=True)
    assert isinstance(found, InfluenceTest)
    return found


def _given(moments: RawMoments, samples: int, rates: Rates, rounding: Allowance) -> InfluenceTest:
    effect = smallest_effect(moments, samples, rates.false_alarm, rates.miss, rounding, stoppable=True)
    if effect is None:
        raise ArgumentError(f"{samples:,} samples notice nothing: take more, or allow larger error rates")
    return InfluenceTest(moments, samples, rates.false_alarm, effect, rounding)


def slack(test: InfluenceTest, entries: int, share: float) -> float:
    """Return how far doubles may move an evidence, but with probability `share`."""
    ladders = [one for side in test.gather() for one in side.ladder]
    steepest = max(abs(one.slope) for one in ladders)
    growth = max(one.growth for one in ladders)
    n, theta, variance = test.samples, float(test.moments.theta), float(test.moments.variance)
    factor = 1 + float(test.effect)
    largest = factor * (n * theta + math.sqrt(n * variance / share))
    size = steepest * (2 * largest + 2 * n * theta) + n * growth
    return (n + 4 * entries**2 + 100) * ROUNDOFF * size
