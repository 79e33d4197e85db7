"""Evidence for and against an expectation: each inequality where it can be summed exactly, and its rates where it is simulated."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from pathmoments.conformance.influence import influence
from pathmoments.conformance.planning import (
    InfluenceTest,
    Rates,
    TailTest,
    best_test,
    ladder_weights,
    samples_needed,
    scaled_shift,
    smallest_effect,
)
from pathmoments.conformance.rounding import Allowance
from pathmoments.conformance.tails import MeanTails, RawMoments
from pathmoments.errors import BudgetError

LAW = {0: Fraction(1, 2), 1: Fraction(1, 4), 4: Fraction(1, 4)}
MOMENTS = RawMoments(tuple(sum((p * v**k for v, p in LAW.items()), start=Fraction(0)) for k in range(1, 5)))
EXPONENTIAL = RawMoments(tuple(Fraction(math.factorial(k)) for k in range(1, 9)))
HEAVY = RawMoments((Fraction(1), Fraction(5)))
"""E S^2 = 5 (E S)^2, and nothing beyond."""


def test_influence_is_below_the_quadratic() -> None:
    """The function has exp psi(x) <= 1 + x + x^2/2 and exp(-psi(x)) <= 1 - x + x^2/2 on a grid of 2,001 points, psi is odd and between the bounds that Cantelli's inequality needs."""
    x = np.linspace(-50, 50, 2001)
    psi = influence(x)
    assert (np.exp(psi) <= (1 + x + x * x / 2) * (1 + 1e-12)).all()
    assert (np.exp(-psi) <= (1 - x + x * x / 2) * (1 + 1e-12)).all()
    assert (psi == -influence(-x)).all()
    assert (psi >= x - np.maximum(x, 0) ** 3 / 6 - 1e-12).all()
    assert (np.abs(psi) <= np.abs(x)).all()


@pytest.mark.parametrize("factor", [Fraction(6, 5), Fraction(5, 6), Fraction(3), Fraction(40), Fraction(1, 40)])
@pytest.mark.parametrize("slope", [0.01, 0.1, 1.0, 5.0])
def test_growth_and_drift_bound_exact_expectations(factor: Fraction, slope: float) -> None:
    """E exp psi(l (S - theta)) <= exp(growth) for S as it should be, E exp(-psi) <= exp(drift) for factor * S: summed over a law of three values."""
    by = scaled_shift(MOMENTS, factor).with_slope(slope)
    theta = float(MOMENTS.theta)
    grown = sum(float(p) * math.exp(influence(np.array([by.slope * (v - theta)]))[0]) for v, p in LAW.items())
    drifted = sum(
        float(p) * math.exp(-influence(np.array([by.slope * (float(factor) * v - theta)]))[0]) for v, p in LAW.items()
    )
    assert grown <= math.exp(by.growth)
    assert drifted <= math.exp(by.drift)


@pytest.mark.parametrize("samples", [4, 7])
@pytest.mark.parametrize("effect", [Fraction(1), Fraction(9)])
def test_misses_are_never_below_the_truth(samples: int, effect: Fraction) -> None:
    """For shifts up and down: the exact probability that all samples together leave no evidence is at most the bound."""
    test = InfluenceTest(MOMENTS, samples, Fraction(1, 5), effect)
    for factor, bound in zip((1 + effect, 1 / (1 + effect)), test.misses(effect), strict=True):
        missed = 0.0
        for drawn in itertools.product(LAW.items(), repeat=samples):
            values = np.array([float(factor * v) for v, _ in drawn])
            both = test.gather()
            for side in both:
                side.add(values)
            if max(side.against() for side in both) < test.threshold:
                missed += float(math.prod(p for _, p in drawn))
        assert missed <= bound + 1e-12


def test_false_alarms_are_never_above_the_level() -> None:
    """The exact probability that any prefix of six samples gives p <= alpha, over all 729 outcomes, is at most alpha: stopping when it looks bad changes nothing."""
    for alpha in (Fraction(1, 2), Fraction(1, 5), Fraction(1, 20)):
        test = InfluenceTest(MOMENTS, 6, alpha, Fraction(2))
        alarm = Fraction(0)
        for drawn in itertools.product(LAW.items(), repeat=6):
            both, rejected = test.gather(), False
            for v, _ in drawn:
                for side in both:
                    side.add(np.array([float(v)]))
                rejected |= max(side.against() for side in both) >= test.threshold
            if rejected:
                alarm += math.prod((p for _, p in drawn), start=Fraction(1))
        assert alarm <= alpha


def test_ladder_spends_its_weight_once() -> None:
    """The weights of a ladder of any length add up to 1, and its first slope has the most."""
    for count in range(1, 30):
        weights = ladder_weights(count)
        assert math.isclose(sum(weights), 1)
        assert weights[0] == max(weights)


def test_rounding_makes_evidence_smaller() -> None:
    """With an allowance the p-value of the same samples is larger, and more samples are needed; a bias as large as the effect is refused."""
    values = np.random.default_rng(0).exponential(size=4000) * 1.2
    rates = Rates(Fraction(1, 5), Fraction(1, 10**6), Fraction(1, 1000))
    plain = InfluenceTest(EXPONENTIAL, 4000, rates.false_alarm, rates.effect)
    allowed = InfluenceTest(EXPONENTIAL, 4000, rates.false_alarm, rates.effect, Allowance(0.05, 0.01))
    assert plain.p_value(values) < allowed.p_value(values) <= 1
    assert (
        samples_needed(EXPONENTIAL, rates).samples < samples_needed(EXPONENTIAL, rates, Allowance(0.05, 0.01)).samples
    )
    with pytest.raises(BudgetError, match="float64"):
        samples_needed(EXPONENTIAL, rates, Allowance(0.2, 0.01))


def test_planned_samples_keep_both_rates() -> None:
    """At the planned size the bound on a miss is kept, five in a hundred fewer do not keep it, and the smallest effect is the one planned."""
    rates = Rates(Fraction(1, 10), Fraction(1, 10**6), Fraction(1, 1000))
    plan = samples_needed(EXPONENTIAL, rates)
    assert plan.miss(rates.effect) <= float(rates.miss)
    fewer = best_test(EXPONENTIAL, plan.samples * 95 // 100, rates)
    assert fewer.miss(rates.effect) > float(rates.miss)
    found = smallest_effect(EXPONENTIAL, plan.samples, rates.false_alarm, rates.miss)
    assert found is not None
    assert Fraction(97, 100) * rates.effect < found <= Fraction(103, 100) * rates.effect


def test_the_best_test_is_not_always_the_same() -> None:
    """Twelve moments of a light tail make the exact mean better at a coarse level; where two are known it is the influence function."""
    light = RawMoments(tuple(Fraction(1) + Fraction(k * (k - 1), 20000) for k in range(1, 13)))
    coarse = Rates(Fraction(1, 50), Fraction(1, 5), Fraction(1, 2))
    tests = {best_test(moments, n, coarse).name for moments in (light, HEAVY) for n in (4, 40, 400)}
    assert "influence" in tests
    assert isinstance(TailTest(MeanTails(light, 40), coarse.false_alarm).p_value(np.ones(40)), float)


@pytest.mark.parametrize("stoppable", [False, True])
def test_planned_misses_are_rare(stoppable: bool) -> None:
    """Networks off by the planned effect, either way, fail the check in all but 4 of 300 repetitions at a miss rate of 1e-3 a side (binomial: 5 misses < 1e-6)."""
    rates = Rates(Fraction(1, 5), Fraction(1, 10**4), Fraction(1, 1000))
    plan = samples_needed(EXPONENTIAL, rates, stoppable=stoppable)
    generator = np.random.default_rng(3)
    for factor in (1.2, 1 / 1.2):
        drawn = factor * generator.exponential(size=(300, plan.samples))
        assert sum(plan.p_value(values) > rates.false_alarm for values in drawn) < 5


def test_misses_of_a_mean_count_the_roundings_of_what_is_drawn() -> None:
    """A network that is a thousand times too large has roundings a thousand times as large: beyond what is allowed for with a thousand times the probability."""
    test = TailTest(MeanTails(EXPONENTIAL, 4000), Fraction(1, 100), Allowance(1e-9, 1e-18))
    share = float(test.level / 100)
    assert test.miss(Fraction(1)) >= 2 * share
    assert test.miss(Fraction(999)) >= 1000 * share


def test_evidence_allows_for_every_batch() -> None:
    """The same samples, given one by one, leave less evidence by what adding them up may err, and not by more."""
    values = np.random.default_rng(0).exponential(size=5000) * 1.2
    test = InfluenceTest(EXPONENTIAL, 5000, Fraction(1, 10**6), Fraction(1, 5))
    (whole, _), (single, _) = test.gather(), test.gather()
    whole.add(values)
    for value in values:
        single.add(np.array([value]))
    assert 0 < whole.against() - single.against() < 1e-6


def test_a_plan_beyond_reach_is_refused() -> None:
    """A heavy tail and a tiny effect take more networks than anybody draws: the message says what to do."""
    with pytest.raises(BudgetError, match="larger effect"):
        samples_needed(
            RawMoments((Fraction(1), Fraction(10**12))),
            Rates(Fraction(1, 1000), Fraction(1, 10**6), Fraction(1, 1000)),
        )
