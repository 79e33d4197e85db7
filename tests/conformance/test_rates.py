"""The two error rates, measured on real networks: thousands of checks of right ones, and of ones that are off by the planned effect."""

from __future__ import annotations

from fractions import Fraction
from math import lgamma, log, log1p

import numpy as np
import pytest

from pathmoments import Network, check, iter_jacobians, plan

CHECKS = 2_500
RATE = 0.01
RIGHT = [
    (Network([3, 4, 4, 2]), 60),
    (Network([10, 20, 20, 5], output="linear", bias="zero"), 40),
    (Network([4, 6, 3], law="uniform", variance="pytorch", output="linear", bias="zero"), 80),
    (Network([2, 3, 3, 1], law="laplace"), 100),
    (Network([3, 4, 4, 2], law="rademacher"), 60),
    (Network([4, 8, 3], law="truncated", variance="lecun", bias="zero"), 60),
    (Network([2] + [2] * 10 + [1], output="linear"), 60),  # deep and narrow
    (Network([1] * 7, output="linear", law="uniform", slope="1/5"), 60),  # a chain
]


def most_likely(trials: int, p: float) -> int:
    """Return the least k with P(Bin(trials, p) > k) < 1e-6."""
    tail, k = 0.0, trials + 1
    while tail < 1e-6:
        k -= 1
        tail += np.exp(
            lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(p) + (trials - k) * log1p(-p)
        )
    return k


@pytest.mark.parametrize(("net", "samples"), RIGHT, ids=str)
def test_false_alarms(net: Network, samples: int) -> None:
    """Of 2,500 checks of a correct network at rate 0.01 (20,000 in all) at most the binomial bound fail."""
    jacobians = np.concatenate(list(iter_jacobians(net, CHECKS * samples, seed=99)))
    parts = jacobians.reshape(CHECKS, samples, *jacobians.shape[1:])
    alarms = sum(not check(part, net, false_alarm=RATE, diagnose=False).passed for part in parts)
    assert alarms <= most_likely(CHECKS, RATE)


def test_false_alarms_under_optional_stopping() -> None:
    """Of 600 checks that draw in batches and stop when they like, at rate 0.01, at most the binomial bound fail."""
    net = Network([3, 4, 4, 2], output="linear")
    alarms = 0
    for seed in range(600):
        alarms += not check(
            lambda n, s: iter_jacobians(net, n, seed=s), net, false_alarm=RATE, effect=1, seed=seed, diagnose=False
        ).passed
    assert alarms <= most_likely(600, RATE)


@pytest.mark.parametrize("factor", [Fraction(3, 2), Fraction(2, 3)], ids=["up", "down"])
@pytest.mark.parametrize("stopping", [False, True], ids=["all at once", "stopping"])
def test_misses_at_the_planned_size(factor: Fraction, stopping: bool) -> None:
    """Networks whose E ||J||^2 is off by the planned 50 %, either way: of 500 checks at a miss rate of 0.01 at most the binomial bound pass."""
    net = Network([3, 6, 6, 2], output="linear")
    variances = [*net.variances[:-1], net.variances[-1] * factor]  # type: ignore[operator]  # numbers
    off = Network([3, 6, 6, 2], output="linear", variance=variances)
    rates = {"effect": "1/2", "false_alarm": 1e-4, "miss": 0.01, "quantities": "frobenius"}
    samples = plan(net, **rates).samples  # type: ignore[arg-type]  # keywords by name
    passes = 0
    for seed in range(500):
        given: object = (
            (lambda n, s: iter_jacobians(off, n, seed=s)) if stopping else iter_jacobians(off, samples, seed=seed)
        )
        options = rates | ({"seed": seed} if stopping else {})
        passes += check(given, net, diagnose=False, **options).passed  # type: ignore[arg-type]  # keywords by name
    assert passes <= most_likely(500, 0.01)
