"""What float arithmetic does to a Jacobian: the explicit bound against real roundings, and how it grows."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from pathmoments import Network, Orthogonal, check, iter_jacobians, minimum_effect, plan
from pathmoments.conformance.measures import measure
from pathmoments.conformance.rounding import Units, error_norm
from pathmoments.errors import ArgumentError, BudgetError

HALF, SINGLE, DOUBLE = (Units(Fraction(1, 2**bits), Fraction(1, 2**bits)) for bits in (11, 24, 53))
NETS = [
    Network([3, 5, 4, 2], output="linear", bias="zero"),
    Network([4, 16, 16, 3], law="uniform", bias="zero"),
    Network([2, 6, 6, 6, 6, 2], law="laplace", output="linear", bias="zero"),
]


def _both(net: Network, samples: int, kind: Any, *, downwards: bool) -> tuple[Any, Any]:
    """Return Jacobians of the same networks in float64 and in `kind`, one rounding an operation: sums are taken one term at a time."""
    generator = np.random.default_rng(5)
    widths: Any = net.widths
    weights: list[Any] = []
    opens: list[Any] = []
    for (a, b), law, variance in zip(pairwise(widths), net.laws, net.variances, strict=True):
        weights.append(law.sample(generator, (samples, b, a), variance=variance))
        opens.append(
            generator.integers(0, 2, (samples, b))
            if len(opens) < net.depth - 1 or net.output == "relu"
            else np.ones((samples, b))
        )
    exact = computed = None
    factors = list(zip(weights, opens, strict=True))
    for w, d in reversed(factors) if downwards else factors:
        whole = w * d[:, :, None]
        rounded = w.astype(kind) * d[:, :, None].astype(kind)
        if exact is None:
            exact, computed = whole, rounded
        elif downwards:
            exact, computed = exact @ whole, _product(computed, rounded, kind)
        else:
            exact, computed = whole @ exact, _product(rounded, computed, kind)
    return exact, computed


def _product(a: Any, b: Any, kind: Any) -> Any:
    total = np.zeros((len(a), a.shape[1], b.shape[2]), dtype=kind)
    for k in range(a.shape[2]):
        total = (total + (a[:, :, k, None] * b[:, None, k, :]).astype(kind)).astype(kind)
    return total


@pytest.mark.parametrize("downwards", [False, True], ids=["from the inputs", "from the outputs"])
@pytest.mark.parametrize("net", NETS, ids=str)
def test_real_roundings_are_within_the_bound(net: Network, downwards: bool) -> None:
    """Jacobians multiplied in float16 and float32 differ from float64, in the mean square and in the mean fourth power, by less than the bound, and not by less than a thousandth of it."""
    starts = (math.sqrt(net.widths[0]), math.sqrt(net.widths[-1]))
    for kind, units in ((np.float16, HALF), (np.float32, SINGLE)):
        exact, computed = _both(net, 4000, kind, downwards=downwards)
        squares = ((computed.astype("float64") - exact) ** 2).sum(axis=(1, 2))
        for r in (1, 2):
            observed = (squares**r).mean() ** (1 / (2 * r))
            bound = error_norm(net, units, r, starts)
            assert bound / 1000 < observed < bound


@pytest.mark.parametrize("name", ["frobenius", "mean:4", "trace", "Z[0,0]^2", "norm:1,1/2,3", "alike"])
def test_allowances_cover_what_rounding_does_to_a_statistic(name: str) -> None:
    """The mean of |S' - S| over real roundings in float16 is below the allowance of E S, and its mean square below that of the second moment."""
    net = NETS[0]
    exact, computed = _both(net, 4000, np.float16, downwards=False)
    one = measure(name)
    difference = one.values(computed) - one.values(exact)
    allowance = one.allowance(net, HALF)
    assert np.abs(difference).mean() < allowance.bias
    assert (difference**2).mean() < allowance.square


def test_bound_is_linear_in_the_depth() -> None:
    """Depth 20 has about twice the relative bound of depth 10 in mean square: no power of the widths."""
    shallow, deep = (error_norm(Network([64] * (d + 1)), SINGLE, 1, (8.0, 8.0)) for d in (10, 20))
    assert 1.8 < deep / shallow < 2.2
    assert deep < 8 * 1e-3


def test_stored_in_less_is_one_rounding_more() -> None:
    """Computed in float32 and stored in bfloat16: the bound is that of float32 and the relative rounding of the stored entries."""
    net = NETS[0]
    stored = error_norm(net, Units(Fraction(1, 2**24), Fraction(1, 2**8)), 1, (math.sqrt(3), math.sqrt(2)))
    assert 2**-8 < stored / math.sqrt(2) < 2**-8 * 1.6  # E ||J||^2 is 2, sup of the gains a little more
    assert error_norm(net, SINGLE, 1, (math.sqrt(3), math.sqrt(2))) < stored / 100


def test_coarse_arithmetic_is_refused_with_the_way_out() -> None:
    """Samples in float16 could hide a 10 % effect, so they are refused, until they are said to be computed in float32; then they conform."""
    net = Network([16, 16, 16, 4], output="linear", bias="zero")
    jacobians = np.concatenate(list(iter_jacobians(net, 4000, seed=3))).astype(np.float16)
    with pytest.raises(ArgumentError, match="arithmetic='float32'"):
        check(jacobians, net)
    report = check(jacobians, net, arithmetic="float32")
    assert report.passed
    assert report.arithmetic == "2^-24 an operation, 2^-11 when stored"


def test_roundings_of_columns_may_add_up() -> None:
    """The columns of J are rounded one by one, so in J u errors of up to u |W_2| |W_1| |u| may meet, far above what they are of a single unit vector: the bound holds for them too."""
    net = Network([64, 64, 4], output="linear", bias="zero")
    generator = np.random.default_rng(1)
    one, two = (np.abs(generator.normal(size=(200, n, 64)) * math.sqrt(1 / 32)) for n in (64, 4))
    opened = generator.integers(0, 2, (200, 64, 1))
    direction = measure("norm:" + ",".join(["1"] * 64)).statistic
    worst = 64 * 2**-24 * (two @ (opened * one)).sum(axis=2)
    meeting = math.sqrt((worst**2).sum(axis=1).mean())
    assert meeting < error_norm(net, SINGLE, 1, (direction.starts(net)[0], 0.0))
    assert meeting > error_norm(net, SINGLE, 1, (8.0, 0.0))


def test_a_steep_output_counts_from_the_outputs_down() -> None:
    """With slope 100 at the output an error that begins there is 100 times as large, in whichever order the product is taken."""
    net = Network([1, 1], slope=100, variance=1)
    generator = np.random.default_rng(2)
    w = generator.normal(size=20000)
    d = np.where(generator.integers(0, 2, 20000), 1.0, 100.0)
    rounded = (w.astype(np.float16) * d.astype(np.float16)).astype("float64")
    observed = math.sqrt(((rounded - w * d) ** 2).mean())
    assert observed < error_norm(net, HALF, 1, (0.0, 1.0))
    assert error_norm(net, HALF, 1, (0.0, 1.0)) > 50 * error_norm(Network([1, 1], variance=1), HALF, 1, (0.0, 1.0))


@pytest.mark.parametrize("widths", [[4, 6, 6, 3], [6, 4, 3]], ids=str)
def test_orthogonal_layers_have_a_bound(widths: list[int]) -> None:
    """Their gain is the exact mean square, no power of the widths; the product in float16 is within the bound."""
    net = Network(widths, law=Orthogonal(gain_squared=2), output="linear", bias="zero")
    for downwards in (False, True):
        exact, computed = _both(net, 2000, np.float16, downwards=downwards)
        squares = ((computed.astype("float64") - exact) ** 2).sum(axis=(1, 2))
        starts = (math.sqrt(widths[0]), math.sqrt(widths[-1]))
        for r in (1, 2):
            assert (squares**r).mean() ** (1 / (2 * r)) < error_norm(net, HALF, r, starts)
    deep = error_norm(Network([16] * 81, law=Orthogonal(gain_squared=2)), SINGLE, 1, (4.0, 4.0))
    shallow = error_norm(Network([16] * 41, law=Orthogonal(gain_squared=2)), SINGLE, 1, (4.0, 4.0))
    assert 1.8 < deep / shallow < 2.2
    assert check(lambda n, seed: iter_jacobians(net, n, seed=seed), net, draws=500, seed=1).passed


def test_underflow_is_a_rounding() -> None:
    """Entries of about 1e-37 may be a tenth off in float32: nothing can be checked in it, and in float64 it can; float16 loses 2^-14 where 2^-24 is."""
    net = Network([4, 4, 4], output="linear", bias="zero", variance=Fraction(1, 10**37))
    jacobians = np.concatenate(list(iter_jacobians(net, 500, seed=1)))
    assert check(jacobians, net).passed
    with pytest.raises(ArgumentError, match="rounding in the arithmetic"):
        check(jacobians.astype(np.float32), net)
    small = Network([4, 4], output="linear", variance=Fraction(1, 2**48))
    assert error_norm(small, Units(Fraction(1, 2**24), Fraction(1, 2**11)), 1, (2.0, 2.0)) > 2 * 2**-14


def test_where_there_is_no_bound_nothing_is_planned() -> None:
    """Three hundred roundings of 2^-8 have no bound: a plan says so, and no effect is noticed."""
    net = Network([300, 300, 10])
    with pytest.raises(BudgetError, match="float64"):
        plan(net, "frobenius", arithmetic="bfloat16")
    assert minimum_effect(net, 1000, arithmetic="bfloat16") == {"frobenius": None}
