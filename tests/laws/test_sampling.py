"""Samples of the laws against their exact moments, distributions and supports.

Every verdict is numeric. A sample mean is held against its exact mean with its exact standard error, at 5.5 deviations (4e-8 were it
normal); a distribution against the exact one by the bound of Dvoretzky, Kiefer and Wolfowitz with Massart's constant, at 1e-9. Seeds
are fixed, so that a pass stays a pass; with fresh seeds, were all means normal, this file would raise one false alarm in 10^5 runs.
"""

from __future__ import annotations

from fractions import Fraction
from math import erf, exp, log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import sympy
from flint import arb

from pathmoments.errors import ArgumentError, InexactNumberError, PathMomentsError, RouteError
from pathmoments.laws import (
    Finite,
    Gaussian,
    Laplace,
    Law,
    Moments,
    Rademacher,
    Sparse,
    SymbolicLaw,
    TruncatedGaussian,
    Uniform,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SAMPLES = 100_000
THRESHOLD = 5.5

LAWS: list[Law] = [
    Gaussian(),
    Uniform(),
    Laplace(),
    Rademacher(),
    Finite([-2, -1, 1, 2]),
    Finite({-3: "1/20", -1: "1/5", 0: "1/2", 1: "1/5", 3: "1/20"}),
    Finite(["-7/5", "7/5"]),
    Sparse("1/3", Gaussian()),
    Sparse("9/10", Rademacher()),
    Sparse("1/4", Sparse("1/3", Uniform())),
    Sparse("1/2", TruncatedGaussian()),
    TruncatedGaussian("1/1000"),
    TruncatedGaussian("1/10"),
    TruncatedGaussian("9/10"),
    TruncatedGaussian(1),
    TruncatedGaussian("11/10"),
    TruncatedGaussian(2),
    TruncatedGaussian(5),
    TruncatedGaussian(1000),
]
VARIANCES = [Fraction(1), Fraction(2, 7), Fraction(900)]


def number(value: Any) -> float:
    """Return an exact value as the nearest float."""
    return float(value.mid()) if isinstance(value, arb) else float(value)


def seeded(law: Law, salt: int = 0) -> np.random.Generator:
    """Return a generator that depends on the law's text and on nothing else."""
    return np.random.default_rng([salt, *repr(law).encode()])


@pytest.mark.parametrize("variance", VARIANCES, ids=str)
@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_sample_means_are_within_their_exact_errors(law: Law, variance: Fraction) -> None:
    """The means of w, w^2, w^3 and w^4 over the samples are within 5.5 exact standard errors of the exact moments."""
    samples = law.sample(seeded(law), SAMPLES, variance=variance) / sqrt(variance)
    for order in (1, 2, 3, 4):
        mean, square = number(law.moment(order)), number(law.moment(2 * order))
        error = sqrt(max(square - mean**2, 0.0) / SAMPLES)
        observed = float(np.mean(samples**order))
        assert abs(observed - mean) < THRESHOLD * error + 1e-12, (order, observed, mean, error)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_squares_of_different_samples_are_uncorrelated(law: Law) -> None:
    """The mean of u^2 v^2 over pairs of samples is 1 within 5.5 exact standard errors: samples are independent draws."""
    samples = law.sample(seeded(law, 1), (2, SAMPLES))
    error = sqrt((number(law.moment(4)) ** 2 - 1) / SAMPLES)
    assert abs(float(np.mean(samples[0] ** 2 * samples[1] ** 2)) - 1) < THRESHOLD * error + 1e-12


def normal_mass(y: float) -> float:
    """Return P(|normal| <= y) for y >= 0."""
    return erf(y / sqrt(2))


def truncated_distribution(bound: float) -> Callable[[float], float]:
    """Return y -> P(|x| <= y) for x standard normal given |x| <= bound, in units of the untruncated deviation."""
    return lambda y: min(normal_mass(y) / normal_mass(bound), 1.0)


@pytest.mark.parametrize(
    ("law", "size_distribution", "deviation"),
    [
        (Gaussian(), normal_mass, 1.0),
        (Uniform(), lambda y: min(y / sqrt(3), 1.0), 1.0),
        (Laplace(), lambda y: 1 - exp(-sqrt(2) * y), 1.0),
        *[
            (law, truncated_distribution(float(law.bound)), sqrt(number(law.variance_before())))
            for law in map(TruncatedGaussian, ["1/1000", "1/2", "1", "11/10", "2", "4"])
        ],
    ],
    ids=lambda value: repr(value) if isinstance(value, Law) else "",
)
def test_samples_of_a_density_follow_its_distribution(
    law: Law, size_distribution: Callable[[float], float], deviation: float
) -> None:
    """The empirical distribution differs from the exact one by no more than the DKW bound at 1e-9."""
    samples = np.sort(law.sample(seeded(law, 2), SAMPLES)) * deviation
    bound = sqrt(log(2 / 1e-9) / (2 * SAMPLES))
    for rank in range(0, SAMPLES, SAMPLES // 500):
        y = float(samples[rank])
        exact = 0.5 + (0.5 if y >= 0 else -0.5) * size_distribution(abs(y))
        assert abs((rank + 0.5) / SAMPLES - exact) < bound, (rank, y)


@pytest.mark.parametrize("bound", ["1", "11/10"])
def test_both_ways_of_truncating_are_exact_where_they_meet(bound: str) -> None:
    """At bound 1, drawn from the uniform, and just above it, drawn from the normal, two million samples fit mt_4."""
    law, count = TruncatedGaussian(bound), 2_000_000
    fourth, eighth = number(law.moment(4)), number(law.moment(8))
    squares = law.sample(seeded(law, 4), count) ** 2
    assert abs(float(np.mean(squares)) - 1) < THRESHOLD * sqrt((fourth - 1) / count)
    assert abs(float(np.mean(squares**2)) - fourth) < THRESHOLD * sqrt((eighth - fourth**2) / count)


@pytest.mark.parametrize(
    "law",
    [Rademacher(), Finite([-2, -1, 1, 2]), Finite({-3: "1/20", 0: "9/10", 3: "1/20"}), Sparse("1/3", Finite([-1, 1]))],
    ids=repr,
)
def test_samples_of_a_finite_law_are_its_atoms_at_their_rates(law: Law) -> None:
    """Nothing but atoms is drawn, each as often as its probability says, within 5.5 exact standard errors."""
    assert law.atoms is not None
    scale = sqrt(Fraction(1, 5) / law.raw_variance)
    samples = law.sample(seeded(law, 3), SAMPLES, variance=Fraction(1, 5))
    seen = 0
    for atom, p in law.atoms.items():
        count = int(np.count_nonzero(np.isclose(samples, float(atom) * scale, rtol=1e-12, atol=1e-12)))
        assert abs(count / SAMPLES - p) < THRESHOLD * sqrt(p * (1 - p) / SAMPLES)
        seen += count
    assert seen == SAMPLES


@pytest.mark.parametrize("zero", ["0", "1/10", "1/2", "99/100"])
def test_a_sparse_weight_is_zero_as_often_as_it_should(zero: str) -> None:
    """The rate of exact zeros is `zero`, within 5.5 exact standard errors, and 0 when that is 0."""
    p = Fraction(zero)
    samples = Sparse(zero, Gaussian()).sample(np.random.default_rng(11), SAMPLES)
    rate = np.count_nonzero(samples == 0) / SAMPLES
    assert abs(rate - p) <= THRESHOLD * sqrt(p * (1 - p) / SAMPLES)


@pytest.mark.parametrize("variance", VARIANCES, ids=str)
def test_uniform_samples_stay_in_the_interval_and_reach_its_ends(variance: Fraction) -> None:
    """The largest of many samples is at most sqrt(3 variance), and near it."""
    end = sqrt(3 * variance)
    largest = float(np.abs(Uniform().sample(np.random.default_rng(5), SAMPLES, variance=variance)).max())
    assert (1 - 1e-3) * end < largest <= end * (1 + 1e-15)


@pytest.mark.parametrize("bound", ["1/1000", "1/2", "1", "3/2", "2"])
def test_truncated_samples_stay_within_the_bound_and_reach_it(bound: str) -> None:
    """Scaled back by the variance that truncation leaves, no sample is beyond the bound, and some are near it."""
    law = TruncatedGaussian(bound)
    unscaled = np.abs(law.sample(np.random.default_rng(7), SAMPLES)) * sqrt(number(law.variance_before()))
    assert 0.999 * float(law.bound) < float(unscaled.max()) <= float(law.bound) * (1 + 1e-14)


def test_fair_signs_have_no_rounding_at_a_square_variance() -> None:
    """At variance 9/4 the samples are exactly -3/2 and 3/2."""
    samples = Rademacher().sample(np.random.default_rng(3), 1000, variance=Fraction(9, 4))
    assert set(samples.tolist()) == {-1.5, 1.5}


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize("size", [0, 7, (3, 5), (2, 0, 4), ()], ids=str)
def test_samples_have_the_shape_and_type_asked_for(law: Law, size: int | tuple[int, ...]) -> None:
    """The array has the size given, empty sizes included, and holds float64."""
    samples: NDArray[np.float64] = np.asarray(law.sample(np.random.default_rng(1), size))
    assert samples.shape == (size if isinstance(size, tuple) else (size,))
    assert samples.dtype == np.float64


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_samples_depend_on_the_generator_alone(law: Law) -> None:
    """The same seed gives the same samples and another seed others; the global generator is not touched."""
    state = np.random.get_state(legacy=True)[1].tolist()  # type: ignore[index]  # the legacy state is a tuple
    first, again, other = (law.sample(np.random.default_rng(seed), 200) for seed in (2, 2, 3))
    assert first.tobytes() == again.tobytes() != other.tobytes()
    assert np.random.get_state(legacy=True)[1].tolist() == state  # type: ignore[index]  # the legacy state is a tuple


def test_a_shape_is_filled_as_its_flat_size_is() -> None:
    """A matrix of samples has the same numbers as the vector of as many."""
    for law in LAWS:
        flat, shaped = (law.sample(np.random.default_rng(4), size) for size in (30, (5, 6)))
        assert flat.tolist() == shaped.reshape(-1).tolist()


def test_a_variance_scales_the_same_samples() -> None:
    """The samples of a variance are those of variance 1 times its square root."""
    for law in LAWS:
        unit, scaled = (law.sample(np.random.default_rng(8), 50, variance=v) for v in (1, 4))
        assert np.allclose(2 * unit, scaled, rtol=1e-15, atol=0)


@pytest.mark.parametrize(
    "law", [Moments({2: 1, 4: 3}), SymbolicLaw(), Sparse("1/2", Moments({2: 1})), Sparse(0, SymbolicLaw())], ids=repr
)
def test_a_law_of_moments_alone_cannot_be_sampled(law: Law) -> None:
    """No sampler follows from moments: the refusal names the law and what to use."""
    with pytest.raises(
        RouteError, match="known by its moments only and cannot be sampled: use an exact route"
    ) as caught:
        law.sample(np.random.default_rng(0), 3)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("variance", "error", "natural", "message"),
    [
        (0.5, InexactNumberError, TypeError, "variance must be an exact number, was 0.5: write .*'1/2'"),
        ("much", ArgumentError, ValueError, "variance must be an exact number such as .*, was 'much'"),
        (None, ArgumentError, ValueError, "variance must be an exact number .*, was None"),
        (sympy.Symbol("v"), ArgumentError, ValueError, "variance must be an exact number .*, was v"),
    ],
)
def test_a_variance_that_is_no_exact_number_is_refused(
    variance: Any, error: type[PathMomentsError], natural: type[Exception], message: str
) -> None:
    """Floats, words and symbols are refused as the variance of a sample."""
    with pytest.raises(error, match=message) as caught:
        Gaussian().sample(np.random.default_rng(0), 3, variance=variance)
    assert isinstance(caught.value, natural)
