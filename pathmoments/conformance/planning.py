"""How many networks a check must draw: false alarms and misses both accounted for at finite sample size.

A check of a statistic S rejects when the two-sided p-value of its estimate is at most its level. It must notice networks whose S has the law of
(1 + effect) S, or of S / (1 + effect): so their tails are those of S, scaled. With t the distance from theta at which the p-value reaches the level, a miss is
an estimate within t of theta although its expectation is (1 + effect) theta.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ..errors import BudgetError
from .tails import MeanTails, MedianTails, Tails

MAX_SAMPLES = 10**12
"""Networks beyond which nobody draws: a larger plan is refused."""
STEPS = 30
"""Bisections of a distance: relative to theta it is known to 2^-30."""
GROUPS = (9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 51, 57, 65, 75, 85, 101)
"""Numbers of groups that are tried for a median of means."""


@dataclass(frozen=True)
class Power:
    """What a number of samples achieves for one statistic.

    Attributes
    ----------
    tails
        The estimate that is used, with its number of samples: the one that is known to be nearer to theta.
    up, down
        How far the estimate may be above and below theta: beyond, the check fails.
    miss_up, miss_down
        Bounds on the probability of passing when S is (1 + effect) times, or 1 / (1 + effect) times, what it should be.
    """

    tails: Tails
    up: Fraction
    down: Fraction
    miss_up: Fraction
    miss_down: Fraction

    @property
    def samples(self) -> int:
        """How many networks."""
        return self.tails.samples

    @property
    def miss(self) -> Fraction:
        """The larger of the two."""
        return max(self.miss_up, self.miss_down)


def best_tails(moments: tuple[Fraction, ...], samples: int, level: Fraction) -> Tails:
    """Return the estimate with the smallest distance at a two-sided level; it depends on no observation, so the level is kept."""
    candidates: list[Tails] = [MeanTails(moments, samples)]
    groups = _groups(level)
    if samples >= groups:
        candidates.append(MedianTails(moments, samples, groups))
    return min(candidates, key=lambda tails: max(distances(tails, level)))


@lru_cache(maxsize=256)
def _groups(level: Fraction) -> int:
    """Return the number of groups that is best at this level, for many samples: it does not depend on the law."""
    unit = (Fraction(1), Fraction(2))  # mean 1, variance 1

    def squared_distance(groups: int) -> Fraction:
        """Of a fixed number of samples, up to a factor: groups of 10^6 samples each, brought to the same total."""
        return distances(MedianTails(unit, 10**6 * groups, groups), level)[0] ** 2 * groups

    return min(GROUPS, key=squared_distance)


def distances(tails: Tails, level: Fraction) -> tuple[Fraction, Fraction]:
    """Return how far above and below theta an estimate is at which the two-sided p-value is the level."""
    return _distance(tails, tails.above, level / 2), _distance(tails, tails.below, level / 2)


def power(moments: tuple[Fraction, ...], samples: int, *, effect: Fraction, false_alarm: Fraction) -> Power:
    """Return what a check of this many samples notices."""
    tails = best_tails(moments, samples, false_alarm)
    up, down = distances(tails, false_alarm)
    theta, more, less = tails.theta, 1 + effect, 1 / (1 + effect)
    # An estimate of (1 + effect) theta that is below theta + up is below its expectation by the rest, in units in which S is unscaled.
    miss_up = tails.below(((more - 1) * theta - up) / more)
    miss_down = tails.above(((1 - less) * theta - down) / less)
    return Power(tails, up, down, miss_up, miss_down)


def samples_needed(moments: tuple[Fraction, ...], *, effect: Fraction, false_alarm: Fraction, miss: Fraction) -> Power:
    """Return the fewest samples, to within one part in a hundred, with which both error rates are kept.

    Raises
    ------
    BudgetError
        If more than MAX_SAMPLES would be needed.
    """

    def reached(samples: int) -> bool:
        return power(moments, samples, effect=effect, false_alarm=false_alarm).miss <= miss

    few, many = 1, 2
    while not reached(many):
        few, many = many, 2 * many
        if many > MAX_SAMPLES:
            raise BudgetError(
                f"more than {MAX_SAMPLES:,} networks would be needed: allow a larger effect, or check a statistic with a lighter tail, such as the Frobenius norm"
            )
    while many - few > max(1, few // 100):
        middle = (few + many) // 2
        few, many = (few, middle) if reached(middle) else (middle, many)
    return power(moments, many, effect=effect, false_alarm=false_alarm)


def smallest_effect(moments: tuple[Fraction, ...], samples: int, *, false_alarm: Fraction, miss: Fraction) -> Fraction:
    """Return the smallest effect, to within one part in a hundred, that so many samples notice with both error rates kept; it may be large."""

    def noticed(effect: Fraction) -> bool:
        return power(moments, samples, effect=effect, false_alarm=false_alarm).miss <= miss

    small, large = Fraction(0), Fraction(1, 1024)
    while not noticed(large):
        small, large = large, 2 * large
        if large > 2**20:
            raise BudgetError(f"{samples:,} networks notice no change of a factor below 2^20: draw more")
    while large - small > large / 100:
        middle = (small + large) / 2
        small, large = (small, middle) if noticed(middle) else (middle, large)
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
