"""How many networks a check must draw: false alarms and misses both accounted for at finite sample size.

A check of a statistic S rejects when its two-sided p-value is at most its level. It must notice networks whose S has the law of (1 + effect) S, or of S / (1 + effect): so their
moments are those of S, scaled. Three tests keep the level at every sample size, and the one whose bound on a miss is smallest is used; which one it is depends on no observation.

influence         two moments; holds under optional stopping too (:mod:`.influence`)
mean              the exact central moments of the sample mean, up to the order that is known (:mod:`.tails`)
median of means   two moments (:mod:`.tails`)
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import BudgetError
from .influence import Evidence, Shift, Slope
from .rounding import NOTHING, Allowance
from .tails import MeanTails, MedianTails, RawMoments, Tails, to_float

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_SAMPLES = 10**12
"""Networks beyond which nobody draws: a larger plan is refused."""
BEYOND = (
    f"more than {MAX_SAMPLES:,} networks would be needed: allow a larger effect, compute in float64 if it was less, or check a statistic with a "
    "lighter tail, such as the Frobenius norm"
)
"""What a plan that finds no number says."""
STEPS = 30
"""Bisections of a distance: relative to theta it is known to 2^-30."""
GROUPS = (9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 51, 57, 65, 75, 85, 101)
"""Numbers of groups that are tried for a median of means."""
STEP, STEEPEST, STEEPER = 4, 0.5, 0.25
"""The ladder of slopes: each 4 times the one before, up to one at which psi(l theta) is no longer nearly linear; the weight of all but the first."""
SURE = 1e-9
"""A miss rate below which no better test is looked for."""
ROUNDING_SHARE = Fraction(1, 100)
"""The part of a level that tails spend on the event that rounding errors are far above their expectation."""

SPARE = 1e-12
"""What p-values are larger than they need be, relatively: their own roundings, and what repeated Jacobians may spend (:mod:`.report`)."""


@dataclass(frozen=True)
class Rates:
    """The two error rates of a check, and the relative change of E S that it is to notice."""

    effect: Fraction
    false_alarm: Fraction
    miss: Fraction


class Test(ABC):
    """A two-sided test of E S = theta with `samples` samples at a level."""

    __test__ = False  # no test of pytest's
    name: str
    moments: RawMoments
    samples: int
    level: Fraction
    rounding: Allowance

    @abstractmethod
    def misses(self, effect: Fraction) -> tuple[float, float]:
        """Return bounds on the probability of passing when S is (1 + effect) times, or 1 / (1 + effect) times, what it should be."""

    @abstractmethod
    def p_value(self, values: NDArray[Any]) -> float:
        """Return the two-sided p-value of computed values of S."""

    def miss(self, effect: Fraction) -> float:
        """Return the larger of the two misses."""
        return max(self.misses(effect))


@dataclass(frozen=True)
class InfluenceTest(Test):
    """Evidence in both directions, each with a slope that is best for a shift by the effect; it may be stopped at any time."""

    moments: RawMoments
    samples: int
    level: Fraction
    effect: Fraction
    rounding: Allowance = NOTHING
    name = "influence"

    @property
    def threshold(self) -> float:
        """log(2 / level), and a little: the evidence at which the check fails."""
        return math.log(2 / self.level) + 2 * SPARE

    def shift(self, factor: Fraction) -> Shift:
        """Return the shift of S to factor * S, rounding allowed for."""
        return scaled_shift(self.moments, factor, self.rounding)

    @cached_property
    def sides(self) -> tuple[tuple[Shift, list[float]], tuple[Shift, list[float]]]:
        """The shifts to be noticed, up and down, each with its ladder of slopes."""
        shifts = (self.shift(1 + self.effect), self.shift(1 / (1 + self.effect)))
        up, down = ((shift, self._ladder(shift)) for shift in shifts)
        return up, down

    def _ladder(self, shift: Shift) -> list[float]:
        """Return the slope that is best for the shift, and steeper ones up to where theta itself counts as large."""
        slopes = [shift.best_slope(self.samples, self.threshold - math.log(1 - STEEPER))]
        while 0 < slopes[-1] * shift.theta < STEEPEST:  # 0 where rounding hides the shift
            slopes.append(STEP * slopes[-1])
        return slopes

    def misses(self, effect: Fraction) -> tuple[float, float]:
        """Return the better of two bounds, up and down (see :mod:`.influence`)."""
        return self.miss_of(self.shift(1 + effect)), self.miss_of(self.shift(1 / (1 + effect)))

    def miss_of(self, shift: Shift) -> float:
        """Return a bound on the probability of passing when there is this shift: that of the slope of the ladder that is best for it."""
        slopes = self.sides[shift.difference < 0][1]
        weights = ladder_weights(len(slopes))
        return min(
            shift.miss(slope, self.samples, self.threshold - math.log(weight))
            for slope, weight in zip(slopes, weights, strict=True)
        )

    @cached_property
    def ladders(self) -> tuple[list[Slope], list[Slope]]:
        """The slopes, up and down, with what is known of each."""
        up, down = ([shift.with_slope(slope) for slope in slopes] for shift, slopes in self.sides)
        return up, down

    def gather(self) -> tuple[Evidence, Evidence]:
        """Return empty evidence for both directions."""
        up, down = (Evidence(slopes, ladder_weights(len(slopes))) for slopes in self.ladders)
        return up, down

    def p_value(self, values: NDArray[Any]) -> float:
        """Return the p-value of all samples at once."""
        both = self.gather()
        for one in both:
            one.add(values)
        return evidence_p_value(max(one.against() for one in both))


def ladder_weights(count: int) -> list[float]:
    """Return the weights of a ladder: three quarters on its first slope, the rest shared equally."""
    return [1.0] if count == 1 else [1 - STEEPER] + [STEEPER / (count - 1)] * (count - 1)


def evidence_p_value(evidence: float) -> float:
    """Return min(1, 2 exp(-evidence)), rounded up: the p-value of the larger evidence of two directions."""
    return 1.0 if evidence <= 0 else min(1.0, 2 * math.exp(-evidence) * (1 + SPARE))


def scaled_shift(moments: RawMoments, factor: Fraction, rounding: Allowance = NOTHING) -> Shift:
    """Return what is known of computed values of factor * S about theta = E S."""
    theta, difference = moments.theta, (factor - 1) * moments.theta
    bias = rounding.bias + float(moments.radius)
    f = float(factor)
    square = float(factor**2 * moments.variance + difference**2)
    cube = math.inf
    if len(moments.values) >= 4:
        fourth = moments.fourth_about(theta / factor) * factor**4
        cube = math.sqrt(square * max(0.0, to_float(fourth)))
    return Shift(
        theta=float(theta),
        bias=bias,
        variance=_with_rounding(float(moments.variance), rounding),
        difference=math.copysign(max(0.0, abs(float(difference)) - f * bias), float(difference)),
        square=_with_rounding(square, Allowance(f * rounding.bias, f * f * rounding.square)),
        cube=cube,  # of S itself: psi moves by at most l times a rounding, which the difference allows for
    )


def _with_rounding(square: float, rounding: Allowance) -> float:
    """Return a bound of E (S' - theta)^2 from that of S (Minkowski)."""
    return (math.sqrt(square) + math.sqrt(rounding.square)) ** 2


@dataclass(frozen=True)
class TailTest(Test):
    """A sample mean or a median of means, with tails that are known at this sample size."""

    tails: Tails
    level: Fraction
    rounding: Allowance = NOTHING

    @property
    def name(self) -> str:  # type: ignore[override]  # that of the tails
        """The estimate in words."""
        return self.tails.name

    @property
    def moments(self) -> RawMoments:  # type: ignore[override]  # those of the tails
        """Those of the tails."""
        return self.tails.moments

    @property
    def samples(self) -> int:  # type: ignore[override]  # that of the tails
        """Those of the tails."""
        return self.tails.samples

    @cached_property
    def allowed(self) -> Fraction:
        """How much rounding may move the estimate: beyond it with probability at most a part of the level (Markov), a median's groups together."""
        groups = getattr(self.tails, "groups", 1)
        return Fraction(self.rounding.bias) * groups / (self.level * ROUNDING_SHARE) + self.moments.radius

    @cached_property
    def reach(self) -> tuple[Fraction, Fraction]:
        """How far above and below theta the estimate must be to fail."""
        rest = self.level * (1 - ROUNDING_SHARE)
        up, down = distances(self.tails, rest)
        return up + self.allowed, down + self.allowed

    def misses(self, effect: Fraction) -> tuple[float, float]:
        """Return the tails of the scaled estimate on the near side of what fails."""
        up, down = self.reach
        theta, more, less = self.tails.theta, 1 + effect, 1 / (1 + effect)
        # An estimate of (1 + effect) theta that is below theta + up is below its expectation by the rest, in units in which S is unscaled.
        miss_up = self.tails.below(((more - 1) * theta - up - self.allowed) / more)
        miss_down = self.tails.above(((1 - less) * theta - down - self.allowed) / less)
        share = self.level * ROUNDING_SHARE  # of S as it should be: the roundings of a multiple are larger
        return float(miss_up + share * more), float(miss_down + share)

    def p_value(self, values: NDArray[Any]) -> float:
        """Return the p-value of the estimate, what is spent on rounding included."""
        observed = Fraction(self.tails.estimate(values))
        p = self.tails.p_value(observed, rounding=self.allowed)
        share = self.level * ROUNDING_SHARE if self.rounding.bias else 0
        return min(1.0, float(p + share) * (1 + SPARE))


def best_tails(moments: RawMoments, samples: int, level: Fraction) -> Tails:
    """Return the estimate with the smallest distance at a two-sided level."""
    candidates: list[Tails] = [MeanTails(moments, samples)]
    groups = _groups(level)
    if samples >= groups:
        candidates.append(MedianTails(moments, samples, groups))
    return min(candidates, key=lambda tails: max(distances(tails, level)))


@lru_cache(maxsize=256)
def _groups(level: Fraction) -> int:
    """Return the number of groups that is best at this level, for many samples: it does not depend on the law."""
    unit = RawMoments((Fraction(1), Fraction(2)))  # mean 1, variance 1

    def squared_distance(groups: int) -> Fraction:
        """Of a fixed number of samples, up to a factor: groups of 10^6 samples each, brought to the same total."""
        return distances(MedianTails(unit, 10**6 * groups, groups), level)[0] ** 2 * groups

    return min(GROUPS, key=squared_distance)


def distances(tails: Tails, level: Fraction) -> tuple[Fraction, Fraction]:
    """Return how far above and below theta an estimate is at which the two-sided p-value is the level."""
    return _distance(tails, tails.above, level / 2), _distance(tails, tails.below, level / 2)


def best_test(
    moments: RawMoments, samples: int, rates: Rates, rounding: Allowance = NOTHING, *, stoppable: bool = False
) -> Test:
    """Return the test of this many samples that misses least; with `stoppable` one that holds under optional stopping."""
    influence = InfluenceTest(moments, samples, rates.false_alarm, rates.effect, rounding)
    if stoppable or moments.variance == 0 or influence.miss(rates.effect) < SURE:
        return influence
    tails = TailTest(best_tails(moments, samples, rates.false_alarm), rates.false_alarm, rounding)
    return min((influence, tails), key=lambda test: test.miss(rates.effect))


def samples_needed(
    moments: RawMoments, rates: Rates, rounding: Allowance = NOTHING, *, stoppable: bool = False
) -> Test:
    """Return the test with the fewest samples, to within one part in a hundred, that keeps both error rates.

    Raises
    ------
    BudgetError
        If more than MAX_SAMPLES would be needed, or rounding alone could be taken for the effect.
    """

    def influence(samples: int) -> bool:
        test = InfluenceTest(moments, samples, rates.false_alarm, rates.effect, rounding)
        return test.miss(rates.effect) <= rates.miss

    if not rounding.finite:
        raise BudgetError(BEYOND)

    def any_test(samples: int) -> bool:
        return best_test(moments, samples, rates, rounding).miss(rates.effect) <= rates.miss

    found = _least(influence)
    if (
        not stoppable and found > 2 and any_test(found - max(1, found // 50))
    ):  # tails are slower to compute, and seldom better
        found = _least(any_test)
    return best_test(moments, found, rates, rounding, stoppable=stoppable)


def _least(reached: Callable[[int], bool]) -> int:
    """Return the least number of samples for which it is reached, to within one part in a hundred."""
    few, many = _bracket(reached)
    while many - few > max(1, few // 100):
        middle = (few + many) // 2
        few, many = (few, middle) if reached(middle) else (middle, many)
    return many


def _bracket(reached: Callable[[int], bool]) -> tuple[int, int]:
    few, many = 1, 2
    while not reached(many):
        few, many = many, 2 * many
        if many > MAX_SAMPLES:
            raise BudgetError(BEYOND)
    return few, many


def smallest_effect(
    moments: RawMoments,
    samples: int,
    false_alarm: Fraction,
    miss: Fraction,
    rounding: Allowance = NOTHING,
    *,
    stoppable: bool = False,
) -> Fraction | None:
    """Return the smallest effect, to within one part in a hundred, that so many samples notice with both error rates kept; None if it is beyond 2^20."""

    def test(effect: Fraction) -> Test:
        return best_test(moments, samples, Rates(effect, false_alarm, miss), rounding, stoppable=stoppable)

    if not rounding.finite:
        return None
    small, large = Fraction(0), Fraction(1, 1024)
    while test(large).miss(large) > miss:
        small, large = large, 2 * large
        if large > 2**20:
            return None
    while large - small > large / 100:
        middle = (small + large) / 2
        small, large = (small, middle) if test(middle).miss(middle) <= miss else (middle, large)
    return large


def _distance(tails: Tails, tail: Callable[[Fraction], Fraction], level: Fraction) -> Fraction:
    """Return a distance t at which a side's tail bound is at most the level, the smallest to within 2^-STEPS of it."""
    far = tails.theta / 1024
    while tail(far) > level:
        far *= 2
    near = far / 2 if far > tails.theta / 1024 else Fraction(0)
    for _ in range(STEPS):
        middle = (near + far) / 2
        near, far = (near, middle) if tail(middle) <= level else (middle, far)
    return far
