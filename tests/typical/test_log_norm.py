"""Log-norms: the digamma sums against mpmath and against Frullani's integral, and the whole against real networks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]  # ships no types
import numpy as np
import pytest
import sympy
from flint import arb, ctx, fmpq

from pathmoments import Network, dead_probability, iter_jacobians, log_norm, moment
from pathmoments.errors import ArgumentError, BudgetError, InexactNumberError, OutOfRangeError, RouteError
from pathmoments.quantities.chi_squares import log_of_full, log_of_open


def _holds(ball: arb, value: Any, *, slack: str = "1e-45") -> bool:
    """Whether the ball holds a value that mpmath found at 60 digits, and is narrow."""
    with ctx.workprec(250):
        near = arb(mpmath.nstr(value, 55)) + arb(0, slack)
        return bool(ball.overlaps(near)) and (ball.rel_accuracy_bits() >= 95 or abs(ball) < 1e-30)


def _direct(width: int) -> tuple[Any, Any]:
    """Return mean and variance of ln chi^2_B given B > 0 by the sum over all counts, at 60 digits."""
    with mpmath.workdps(60):
        weights = [mpmath.binomial(width, b) for b in range(1, width + 1)]
        means = [mpmath.psi(0, mpmath.mpf(b) / 2) + mpmath.log(2) for b in range(1, width + 1)]
        squares = [m * m + mpmath.psi(1, mpmath.mpf(b) / 2) for b, m in enumerate(means, 1)]
        total = mpmath.fsum(weights)
        mean = mpmath.fdot(weights, means) / total
        return mean, mpmath.fdot(weights, squares) / total - mean**2


@pytest.mark.parametrize("width", [1, 2, 3, 7, 64, 1500])
def test_digamma_sums_are_mpmath_s(width: int) -> None:
    """Mean and variance of one layer's logarithm hold mpmath's full sums; at width 1500 only a window of counts is summed."""
    with ctx.workprec(200):
        found = log_of_open(width)
    mean, variance = _direct(width)
    assert _holds(found.mean, mean)
    assert _holds(found.variance, variance)


@pytest.mark.parametrize("width", [1, 9, 5_000, 10**6])
def test_two_precisions_overlap(width: int) -> None:
    """The same sums at two precisions, with windows of different size, have a point in common."""
    found = []
    for precision in (80, 300):
        with ctx.workprec(precision):
            found.append(log_of_open(width))
    for low, high in zip(*found, strict=True):
        assert low.overlaps(high)
        assert low.rad() > high.rad()
        assert high.rel_accuracy_bits() > 240


@pytest.mark.parametrize("width", [1, 4, 30, 2_000])
def test_mean_is_frullani_s_integral(width: int) -> None:
    """E [ln X; X > 0] is the integral of (P(X > 0) e^-t - E [e^-tX; X > 0]) / t, with the Laplace transform of a mixture: no digamma, no binomial."""
    with mpmath.workdps(30):
        dead = mpmath.mpf(2) ** -width

        def integrand(t: Any) -> Any:
            return ((1 - dead) * mpmath.exp(-t) - ((1 + 1 / mpmath.sqrt(1 + 2 * t)) / 2) ** width + dead) / t

        cuts = [
            0,
            mpmath.mpf(1) / width / 10,
            mpmath.mpf(1) / width,
            1,
            10,
            1000,
            mpmath.mpf(10) ** 6,
            mpmath.mpf(10) ** 12,
        ]
        value = mpmath.quad(integrand, cuts) + mpmath.quad(
            lambda s: integrand(mpmath.exp(s)) * mpmath.exp(s), [27.6310211159285482, 120]
        )
        with ctx.workprec(200):
            mean = log_of_open(width).mean
        assert abs(mpmath.mpf(mean.str(25, radius=False)) - value / (1 - dead)) < mpmath.mpf(10) ** -13


@pytest.mark.parametrize("width", [100, 10_000, 10**6])
def test_rate_of_wide_layers(width: int) -> None:
    """With He's variance a wide layer has mean -5/(2n) and variance 5/n, up to terms in 1/n^2."""
    with ctx.workprec(200):
        found = log_of_open(width)
        mean = found.mean + (arb(2) / width).log()
        assert abs(mean * width + arb(5) / 2) < arb(10) / width
        assert abs(found.variance * width - 5) < arb(50) / width


def test_rate_of_a_network() -> None:
    """THEORY 7: the mean is about -5/2 sum 1/n and the variance 5 sum 1/n over the layers of a square network."""
    found = log_norm(Network([200] * 41))
    assert abs(found.mean + arb(5) / 2 * 40 / 200) < 0.01
    assert abs(found.variance - arb(5) * 40 / 200) < 0.02


@pytest.mark.parametrize(
    ("net", "layers"),
    [
        (Network([2, 3, 4, 2]), (0, 3)),
        (Network([2, 3, 4, 2], output="linear", variance=["1/3", 2, "5/7"]), (0, 3)),
        (Network([3, 2, 2, 3], bias="zero"), (0, 3)),
        (Network([3, 2, 2, 3], bias="zero"), (1, 3)),
        (Network([2, 4, 3], slope=-1), (0, 2)),
        (Network([2, 3, 3], slope=1, bias="gaussian"), (0, 2)),
        (Network([1, 1, 1, 1], law=["uniform", "laplace", "gaussian"], variance=[1, 2, 3]), (0, 3)),
        (Network([2, 4, 3, 3], law=["orthogonal:gain_squared=3", "gaussian", "orthogonal"], bias="zero"), (0, 3)),
        (Network([4, 2, 2, 3], law="orthogonal", output="linear"), (1, 3)),
    ],
    ids=str,
)
def test_real_networks(net: Network, layers: tuple[int, int]) -> None:
    """Over real networks with J u != 0, the mean of ln ||J u||^2 is within 5 exact standard errors, and so is the share of such networks."""
    samples = 60_000
    inputs = net.widths[layers[0]]
    assert isinstance(inputs, int)
    u = np.arange(1.0, inputs + 1)
    u /= np.linalg.norm(u)
    squares = np.concatenate([((j @ u) ** 2).sum(axis=-1) for j in iter_jacobians(net, samples, seed=7, layers=layers)])
    alive = squares[squares > 0]
    exact = log_norm(net, layers=layers)
    error = np.sqrt(float(exact.variance) / len(alive))
    assert abs(np.log(alive).mean() - float(exact.mean)) < 5 * error
    dead: Any = dead_probability(net, layers=layers)
    assert abs((samples - len(alive)) / samples - dead) <= 5 * float(dead * (1 - dead) / samples) ** 0.5
    low, high = exact.within("3/4")
    assert ((float(low) < alive) & (alive < float(high))).mean() > 0.74
    low, high = exact.median
    assert float(low) < np.median(alive) < float(high)


def test_one_linear_layer_is_chi_square() -> None:
    """||W u||^2 / v is chi^2_n: mean psi(n/2) + ln 2 + ln v, variance psi'(n/2), and its median, by the incomplete gamma function, is within the bounds."""
    found = log_norm(Network([4, 5], output="linear", variance="1/3"))
    with mpmath.workdps(60):
        assert _holds(found.mean, mpmath.psi(0, mpmath.mpf(5) / 2) + mpmath.log(2) - mpmath.log(3))
        assert _holds(found.variance, mpmath.psi(1, mpmath.mpf(5) / 2))
    low, high = found.median
    assert (3 * low / 2).gamma_lower(fmpq(5, 2), regularized=1) < 0.5
    assert (3 * high / 2).gamma_lower(fmpq(5, 2), regularized=1) > 0.5


@pytest.mark.parametrize(
    ("law", "mean", "variance"),
    [
        ("gaussian", lambda: -mpmath.euler - mpmath.log(2), lambda: mpmath.pi**2 / 2),
        ("uniform", lambda: mpmath.quad(lambda w: mpmath.log(3 * w * w), [0, 1]), lambda: mpmath.mpf(4)),
        ("laplace", lambda: mpmath.quad(lambda w: mpmath.log(w * w / 2) * mpmath.exp(-w), [0, 1, 10, 200]), lambda: 2 * mpmath.pi**2 / 3),
        ("rademacher", lambda: mpmath.mpf(0), lambda: mpmath.mpf(0)),
    ],
)  # fmt: skip
def test_a_single_weight(law: str, mean: Any, variance: Any) -> None:
    """Between single neurons ln w^2 has the log-moments of the law, for each of four laws (THEORY 7)."""
    found = log_norm(Network([1, 1], law=law, variance=1))
    with mpmath.workdps(60):
        assert _holds(found.mean, mean(), slack="1e-40")
        assert _holds(found.variance, variance())


def test_layers_add() -> None:
    """Mean and variance of a network are the sums of those of its prefix and its suffix."""
    net = Network([3, 5, 2, 4, 1], variance=[1, 2, "1/3", "4/7"], bias="zero")
    whole, below, above = (log_norm(net, layers=layers) for layers in ((0, 4), (0, 2), (2, 4)))
    with ctx.workprec(200):
        assert whole.mean.overlaps(below.mean + above.mean)
        assert whole.variance.overlaps(below.variance + above.variance)


def test_orthogonal_layers() -> None:
    """An isometry keeps every norm; of a circle one coordinate is left with probability 2/3 given alive, and ln cos^2 has mean -2 ln 2 and square 4 ln^2 2 + pi^2/3."""
    isometry = log_norm(Network([3, 3, 3], law="orthogonal:gain_squared=2", slope=1))
    assert isometry.mean.overlaps(2 * arb(2).log())
    assert isometry.variance == 0
    circle, log2 = log_norm(Network([2, 2], law="orthogonal")), arb.const_log2()
    assert circle.mean.overlaps(-4 * log2 / 3)
    assert circle.variance.overlaps(2 * (4 * log2**2 + arb.pi() ** 2 / 3) / 3 - 16 * log2**2 / 9)


def test_gains_shift_the_mean() -> None:
    """Weights of twice the variance add ln 2 a layer to the mean and nothing to the variance; gains that cancel add exactly nothing."""
    plain, doubled = (log_norm(Network([3, 2, 2], variance=v)) for v in (1, 2))
    with ctx.workprec(200):
        assert doubled.mean.overlaps(plain.mean + 2 * arb.const_log2())
    assert doubled.variance.overlaps(plain.variance)
    signs = log_norm(Network([1, 1, 1], law="rademacher", variance=[4, "1/4"]))
    assert signs.mean.is_zero()
    assert signs.variance.is_zero()
    assert all(bound == 1 for bound in signs.within("99/100"))


@pytest.mark.parametrize("widths", [[2, 1, 1, 3], [5, 5, 5], [3, 20, 30]], ids=str)
def test_typical_is_below_the_mean(widths: list[int]) -> None:
    """Jensen: the geometric mean of the living networks is below their mean E ||J u||^2 / P(alive)."""
    net = Network(widths)
    mean: Any = moment(net, {(0, 0): 2})
    dead: Any = dead_probability(net)
    average = Fraction(mean * widths[-1] / (1 - dead))
    assert log_norm(net).typical < fmpq(average.numerator, average.denominator)


@pytest.mark.parametrize(
    ("net", "error", "message"),
    [
        (Network([2, 2], law="uniform"), RouteError, "weights of layer 1 are Uniform"),
        (Network([1, 1, 2], law="laplace"), RouteError, "weights of layer 2 are Laplace"),
        (Network([2, 2], slope="1/4"), RouteError, "slope is 1/4"),
        (Network([2, sympy.Symbol("n")]), RouteError, "layer 1 has a symbol"),
        (Network([2, 10**12, 2]), BudgetError, "over the budget of 1,000,000"),
    ],
)
def test_what_has_no_closed_form_is_refused(net: Network, error: type[Exception], message: str) -> None:
    """Other laws, other slopes, symbols and layers of 10^12 neurons are refused, with the layer named."""
    with pytest.raises(error, match=message):
        log_norm(net)


def test_bad_arguments() -> None:
    """Layers outside the network and probabilities that are none are refused."""
    net = Network([2, 2])
    with pytest.raises(OutOfRangeError):
        log_norm(net, layers=(0, 2))
    for wrong in (0, 1, "3/2", -1):
        with pytest.raises(ArgumentError, match="between 0 and 1"):
            log_norm(net).within(wrong)
    with pytest.raises(InexactNumberError):
        log_norm(net).within(0.5)


def test_a_linear_output_has_all_its_neurons() -> None:
    """A linear layer of n neurons is chi^2_n, whatever the coins of a ReLU would have done."""
    with ctx.workprec(200):
        full, opened = log_of_full(6), log_of_open(6)
        assert full.mean > opened.mean
        assert log_norm(Network([1, 6], variance=1, output="linear")).mean.overlaps(full.mean)
        assert log_norm(Network([1, 6], variance=1)).mean.overlaps(opened.mean)
