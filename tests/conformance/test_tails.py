"""Tail bounds of sample means: exact where the law is small enough to sum, and never below the truth."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from pathmoments.conformance.tails import MeanTails, MedianTails, RawMoments, Tails, cumulants, moments_of
from pathmoments.exact import to_fmpq

LAW = {0: Fraction(1, 2), 1: Fraction(1, 4), 4: Fraction(1, 4)}
EXACT = tuple(sum((p * v**k for v, p in LAW.items()), start=Fraction(0)) for k in range(1, 9))
MOMENTS = RawMoments(EXACT)
EXPONENTIAL = RawMoments(tuple(Fraction(math.factorial(k)) for k in range(1, 13)))
"""E S^k of a standard exponential variable."""


def _sums(samples: int) -> dict[Fraction, Fraction]:
    """Return the exact distribution of the sum of samples of LAW."""
    sums = {Fraction(0): Fraction(1)}
    for _ in range(samples):
        longer: dict[Fraction, Fraction] = {}
        for (s, p), (v, w) in itertools.product(sums.items(), LAW.items()):
            longer[s + v] = longer.get(s + v, Fraction(0)) + p * w
        sums = longer
    return sums


def test_cumulants_and_moments_are_inverse() -> None:
    """Moments to cumulants and back, and the cumulants (k-1)! of the exponential law."""
    assert moments_of(cumulants(MOMENTS.values)) == list(MOMENTS.values)
    assert cumulants(EXPONENTIAL.values) == [math.factorial(k) for k in range(12)]


def test_balls_give_bounds_that_are_not_below_those_of_what_they_hold() -> None:
    """Moments of a law as balls of radius 2^-100: theta is their middle, and no tail is below that of the exact moments."""
    balls = RawMoments(tuple(arb(arb(to_fmpq(value)).mid(), arb(2) ** -100) for value in EXACT))
    exact, enclosed = MeanTails(MOMENTS, 7), MeanTails(balls, 7)
    assert enclosed.moments.radius > 0
    for t in (Fraction(1, 2), Fraction(2), Fraction(5)):
        assert exact.above(t) <= enclosed.above(t) <= exact.above(t) * (1 + Fraction(1, 2**60))
        assert exact.below(t) <= enclosed.below(t)


@pytest.mark.parametrize("samples", [1, 2, 5])
def test_central_moments_of_the_mean(samples: int) -> None:
    """E (m - theta)^(2r) is the sum over the exact distribution of the mean."""
    tails = MeanTails(MOMENTS, samples)
    for r, value in enumerate(tails.central, start=1):
        exact = sum(p * (s / samples - tails.theta) ** (2 * r) for s, p in _sums(samples).items())
        assert value == exact


@pytest.mark.parametrize("samples", [3, 9, 12])
def test_bounds_are_never_below_the_truth(samples: int) -> None:
    """For every distance, both sides of the mean: the exact tail probability is at most the bound."""
    tails, sums = MeanTails(MOMENTS, samples), _sums(samples)
    for tenths in range(1, 60):
        t = Fraction(tenths, 10) * tails.theta / 4
        above = sum(p for s, p in sums.items() if s / samples >= tails.theta + t)
        below = sum(p for s, p in sums.items() if s / samples <= tails.theta - t)
        assert above <= tails.above(t)
        assert below <= tails.below(t)


def test_median_bound_is_never_below_the_truth() -> None:
    """Nine groups of two: the exact probability that five of nine group means are beyond t is at most the bound."""
    tails = MedianTails(MOMENTS, 18, 9)
    pair = _sums(2)
    for tenths in range(1, 40):
        t = Fraction(tenths, 10) * tails.theta / 2
        p = sum(w for s, w in pair.items() if s / 2 >= tails.theta + t)
        exact = sum(math.comb(9, k) * p**k * (1 - p) ** (9 - k) for k in range(5, 10))
        assert exact <= tails.above(t)


def test_estimates_are_what_they_say() -> None:
    """The mean of all, and the median of the means of consecutive groups; what does not fill a group is left out."""
    values = np.arange(20.0) ** 2
    assert MeanTails(MOMENTS, 20).estimate(values) == values.mean()
    groups = sorted(values[i : i + 2].mean() for i in range(0, 18, 2))
    assert MedianTails(MOMENTS, 20, 9).estimate(values) == groups[4]


@pytest.mark.parametrize(
    "tails", [MeanTails(EXPONENTIAL, 400), MedianTails(EXPONENTIAL, 400, 25)], ids=lambda t: t.name
)
def test_p_values_keep_their_level(tails: Tails) -> None:
    """Of 4,000 repetitions with a correct law at most the binomial bound (1e-6) has p <= alpha, for alpha = 0.2, 0.05, 0.01."""
    generator = np.random.default_rng(7)
    values = generator.exponential(size=(4000, 400))
    p = [float(tails.p_value(Fraction(tails.estimate(row)))) for row in values]
    for alpha in (0.2, 0.05, 0.01):
        tail = np.cumsum([_binomial(4000, k, alpha) for k in range(4000, -1, -1)])[::-1]  # P(Bin >= k)
        allowed = int(np.argmax(tail < 1e-6))
        assert sum(value <= alpha for value in p) < allowed


def _binomial(n: int, k: int, p: float) -> float:
    return math.exp(
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
    )


def test_rounding_is_allowed_for() -> None:
    """An observation that may be off by as much as it deviates has p-value 1, and less allowance gives a smaller p-value."""
    tails = MeanTails(EXPONENTIAL, 1000)
    observed = Fraction(6, 5)
    assert tails.p_value(observed, rounding=Fraction(1, 5)) == 1
    assert tails.p_value(observed) < tails.p_value(observed, rounding=Fraction(1, 20)) < 1
