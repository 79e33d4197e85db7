"""Moments of statistics of the Jacobian: against the polynomial multiplied out, the theory page, and real networks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from pathmoments import Network, Z, expect, iter_jacobians, moment
from pathmoments.errors import ArgumentError
from pathmoments.partitions import set_partitions
from pathmoments.quantities.statistics import (
    DirectionalNorm,
    EntryPower,
    Frobenius,
    MeanPower,
    SquareTrace,
    Statistic,
)

U = (Fraction(1), Fraction(-1, 2), Fraction(3))
STATISTICS: list[Statistic] = [
    EntryPower(0, 1, 2),
    MeanPower(2),
    MeanPower(4),
    Frobenius(),
    DirectionalNorm(U),
    SquareTrace(),
]


def _polynomial(statistic: Statistic, inputs: int, outputs: int) -> Any:
    """Return the statistic written out in the entries."""
    entries = [Z[p, q] for p in range(inputs) for q in range(outputs)]
    if isinstance(statistic, EntryPower):
        return Z[statistic.p, statistic.q] ** statistic.order
    if isinstance(statistic, MeanPower):
        return sum(z**statistic.order for z in entries) / sympy.Integer(len(entries))
    if isinstance(statistic, Frobenius):
        return sum(z**2 for z in entries)
    jacobian = sympy.Matrix(outputs, inputs, lambda q, p: Z[p, q])
    if isinstance(statistic, DirectionalNorm):
        image = jacobian * sympy.Matrix([sympy.Rational(u.numerator, u.denominator) for u in statistic.u])
        return image.dot(image)
    return ((jacobian * jacobian.T) ** 2).trace()


@pytest.mark.parametrize("statistic", STATISTICS, ids=str)
@pytest.mark.parametrize("law", ["gaussian", "rademacher", "laplace"])
@pytest.mark.parametrize("widths", [[3, 2, 2], [3, 4, 3, 2]], ids=str)
def test_moments_are_those_of_the_polynomial(statistic: Statistic, law: str, widths: list[int]) -> None:
    """E S and E S^2 are the expectations of the polynomial multiplied out, entry by entry."""
    net = Network(widths, law=law)
    polynomial = _polynomial(statistic, widths[0], widths[-1])
    for k in (1, 2) if statistic.order == 2 else (1,):
        assert statistic.moment(net, k) == expect(net, sympy.expand(polynomial**k))


def test_traces_of_the_theory() -> None:
    """THEORY 5: E tr (J J^T)^2 is 74/3 for Gaussian [2,3,2], 10 for Rademacher, 104/3 for Gaussian [3,3,3]."""
    trace = SquareTrace()
    assert trace.moment(Network([2, 3, 2]), 1) == Fraction(74, 3)
    assert trace.moment(Network([2, 3, 2], law="rademacher"), 1) == 10
    assert trace.moment(Network([3, 3, 3]), 1) == Fraction(104, 3)


def test_norm_of_gaussian_networks_is_a_product() -> None:
    """For Gaussian weights E ||J u||^2k is |u|^2k prod (2/n)^k E B (B+2) ... (B+2k-2), B ~ Bin(n, 1/2), layer by layer."""
    net, k = Network([3, 4, 3, 2]), 3
    product = sum(u * u for u in U) ** k
    for fan_in, width in ((3, 4), (4, 3), (3, 2)):
        rising = sum(Fraction(sympy.binomial(width, b), 2**width) * b * (b + 2) * (b + 4) for b in range(width + 1))
        product *= Fraction(2, fan_in) ** k * rising
    assert DirectionalNorm(U).moment(net, k) == product


def test_one_input_and_one_output_are_the_entry() -> None:
    """With a single entry all statistics of order 2 are its square."""
    net = Network([1, 3, 1], law="uniform")
    for statistic in (MeanPower(2), Frobenius(), DirectionalNorm((1,))):
        assert statistic.moment(net, 2) == moment(net, {(0, 0): 4})


@pytest.mark.parametrize("statistic", STATISTICS, ids=str)
def test_values_of_real_jacobians(statistic: Statistic) -> None:
    """S of sampled Jacobians has the exact mean, within 6 exact standard errors (fixed seed)."""
    net, samples = Network([3, 4, 2], law="uniform"), 40_000
    values = np.concatenate([statistic.of(block) for block in iter_jacobians(net, samples, seed=5)])
    first, second = statistic.moment(net, 1), statistic.moment(net, 2)
    assert isinstance(first, Fraction)
    assert isinstance(second, Fraction)
    error = float((second - first**2) / samples) ** 0.5
    assert abs(values.mean() - float(first)) < 6 * error


def test_set_partitions_are_counted_by_bell() -> None:
    """1, 1, 2, 5, 15, 52, 203 set partitions, all different."""
    for size, bell in enumerate((1, 1, 2, 5, 15, 52, 203)):
        assert len(set(set_partitions(size))) == len(list(set_partitions(size))) == bell


def test_refusals() -> None:
    """An odd order, and a vector of another length, are refused with what they must be."""
    with pytest.raises(ArgumentError, match="even"):
        MeanPower(3)
    with pytest.raises(ArgumentError, match="one entry for each of the 2 inputs"):
        DirectionalNorm(U).moment(Network([2, 2]), 1)
