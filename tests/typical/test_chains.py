"""Medians of chains: closed forms of one and two weights, order statistics of samples with a proved bound, and real chains."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import mpmath  # type: ignore[import-untyped]  # ships no types
import numpy as np
import pytest
from flint import arb, ctx

from pathmoments import Gaussian, Laplace, Law, Network, Uniform, chain_median, iter_jacobians, log_norm, moment
from pathmoments.errors import ArgumentError, BudgetError, RouteError, UnknownNameError
from pathmoments.quantities.chains import _median

LAWS: dict[str, Law] = {"gaussian": Gaussian(), "uniform": Uniform(), "laplace": Laplace()}
FALSE_ALARM = Fraction(1, 10**9)


@cache
def _median_of(depth: int, law: str) -> Any:
    return chain_median(depth, law=law)


def _number(ball: object) -> Any:
    """Return the middle of a ball as mpmath has it, after checking that it is narrow."""
    assert isinstance(ball, arb)
    assert ball.rel_accuracy_bits() >= 100
    return mpmath.mpf(ball.str(40, radius=False))


def test_one_weight() -> None:
    """The median of |w| is a quartile: sqrt 2 erfinv(1/2), sqrt 3 / 2, ln 2 / sqrt 2."""
    with mpmath.workdps(45):
        exact = {
            "gaussian": mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf(1) / 2),
            "uniform": mpmath.sqrt(3) / 2,
            "laplace": mpmath.log(2) / mpmath.sqrt(2),
        }
        for law, value in exact.items():
            assert abs(_number(chain_median(1, law=law)) / value - 1) < mpmath.mpf(10) ** -30


def test_two_weights() -> None:
    """The law of a product of two is a Bessel function: (2/pi) K_0 for normals, and P(E E' > y) = 2 sqrt(y) K_1(2 sqrt y) for exponentials."""
    with mpmath.workdps(30):
        m = _number(chain_median(2))
        below = 2 / mpmath.pi * mpmath.quad(lambda z: mpmath.besselk(0, z), [0, m / 100, m])
        assert abs(below - mpmath.mpf(1) / 2) < mpmath.mpf(10) ** -12
        y = 2 * _number(chain_median(2, law="laplace"))
        above = 2 * mpmath.sqrt(y) * mpmath.besselk(1, 2 * mpmath.sqrt(y))
        assert abs(above - mpmath.mpf(1) / 2) < mpmath.mpf(10) ** -28


@pytest.mark.parametrize("depth", [2, 9, 150])
def test_uniform_chains_are_erlang(depth: int) -> None:
    """P(Gamma(L, 1) > g) = e^-g sum_{k<L} g^k / k! is 1/2 at g = (L/2) ln 3 - ln median."""
    with mpmath.workdps(40):
        g = mpmath.log(3) * depth / 2 - mpmath.log(_number(chain_median(depth, law="uniform")))
        above = mpmath.exp(-g) * mpmath.fsum(g**k / mpmath.factorial(k) for k in range(depth))
        assert abs(above - mpmath.mpf(1) / 2) < mpmath.mpf(10) ** -28


@cache
def _rank(samples: int) -> int:
    """Return the largest k such that the k-th smallest of so many samples is above the median with probability at most FALSE_ALARM / 2."""
    k, ways, below = 0, 1, 0
    limit = FALSE_ALARM * 2**samples / 2
    while below + ways <= limit:
        below, ways, k = below + ways, ways * (samples - k) // (k + 1), k + 1
    return k


def _between_order_statistics(values: Any, median: object) -> bool:
    """Whether the median lies between the order statistics that hold it but for the false-alarm rate: no law is assumed."""
    ranked, k = np.sort(values), _rank(len(values))
    assert 0 < k < len(values) // 2
    return bool(ranked[k - 1] < float(_number(median)) < ranked[-k])


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("depth", [3, 20])
def test_order_statistics_of_samples(law: str, depth: int) -> None:
    """The exact median lies between two order statistics of 4,000 products, wrongly with probability 10^-9 at most (binomial, exact)."""
    weights = LAWS[law].sample(np.random.default_rng(5), (4_000, depth))
    assert _between_order_statistics(np.abs(weights.prod(axis=1)), _median_of(depth, law))


@pytest.mark.parametrize("bias", ["zero", "atomless"])
def test_living_chains_of_relus(bias: str) -> None:
    """Given alive, |Z| of a real chain of ReLUs has the median of the linear chain times the deviations of the weights."""
    net = Network([1, 1, 1, 1], law="uniform", bias=bias)
    entries = np.concatenate([block.ravel() for block in iter_jacobians(net, 32_000, seed=11)])
    alive = np.abs(entries[entries != 0]) / 2**1.5
    assert _between_order_statistics(alive, chain_median(3, law="uniform"))


@pytest.mark.parametrize("law", LAWS)
def test_means_stay_and_medians_vanish(law: str) -> None:
    """E Z^2 is 1 at every depth, and the median is within a factor exp(sd) of exp(E ln|Z|), which vanishes (arXiv 2106.03763)."""
    before = arb(2)
    for depth in (3, 20, 64):
        chain = Network([1] * (depth + 1), law=law, variance=1, slope=1)
        assert moment(chain, {(0, 0): 2}) == 1
        median = _median_of(depth, law)
        low, high = log_norm(chain).median
        assert low.sqrt() < median < high.sqrt()
        assert median < before
        before = median
    assert before < arb(2) ** -32


def test_signs_do_not_vanish() -> None:
    """A product of signs has absolute value 1."""
    assert chain_median(1000, law="rademacher") == 1


def test_a_wrong_bound_is_no_median() -> None:
    """The proof at the ends is real: a tail that is not that of a density in reach is undecided."""
    from pathmoments.errors import UndecidedError

    with ctx.workprec(200), pytest.raises(UndecidedError, match="could not be proved"):
        _median(lambda _: (arb(3) / 4, arb(1)), arb(0))


def test_refusals() -> None:
    """Other laws, long chains and depths that are none are refused."""
    with pytest.raises(RouteError, match="gaussian, uniform, laplace and rademacher"):
        chain_median(3, law="truncated:2")
    with pytest.raises(BudgetError, match="301"):
        chain_median(301)
    with pytest.raises(ArgumentError, match="depth"):
        chain_median(0)
    with pytest.raises(UnknownNameError):
        chain_median(3, law="cauchy")
