"""What float arithmetic does to a Jacobian: the explicit bound against real roundings, and how it grows."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from pathmoments import Network, check, iter_jacobians
from pathmoments.conformance.measures import measure
from pathmoments.conformance.rounding import Units, error_norm
from pathmoments.errors import ArgumentError

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
