"""What follows from the traces: spread, fluctuation, series, expansions; and sampled networks within exact errors."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from flint import arb

from pathmoments import Network, Z, empirical_variance, errors, expect, spectrum, trace_moment
from pathmoments.quantities.sampled_spectrum import sampled_spectrum
from pathmoments.quantities.spectrum import grown
from pathmoments.quantities.statistics import Frobenius

n = sympy.Symbol("n")


def test_signs_are_not_collapsed() -> None:
    """A linear layer of signs, [2, 3] and variance 1/2: no spread of the squared entries, traces 3, 6, 27/2, and far from rank one."""
    found = spectrum(Network([2, 3], law="rademacher", variance="1/2", output="linear"), orders=3)
    assert found.traces == (3, 3, 6, Fraction(27, 2))
    assert found.spread == 0
    assert found.square_variance == 0
    assert found.ratio_per_input == Fraction(4, 3)
    assert found.participation == Fraction(3, 2)


def test_a_wide_linear_layer() -> None:
    """Gaussian 400 -> 800: m_2 / m_1^2 is 1201/800 per input and twice as large per output."""
    found = spectrum(Network([400, 800], output="linear"), orders=2)
    assert found.ratio_per_input == Fraction(1201, 800)
    assert found.ratio == Fraction(1201, 400)


def test_rank_one_and_isometry_are_the_ends() -> None:
    """One hidden neuron makes rank one: participation 1. One output with signs: J J^T is a constant, all ratios but per input are 1."""
    assert spectrum(Network([3, 1, 4], law="uniform"), orders=2).participation == 1
    row = spectrum(Network([5, 1], law="rademacher", output="linear", variance="1/5"), orders=2)
    assert (row.ratio, row.participation, row.square_variance) == (1, 1, 0)
    assert row.ratio_per_input == 5


@pytest.mark.parametrize("law", ["gaussian", "uniform", "rademacher"])
@pytest.mark.parametrize("widths", [[2, 3, 2], [3, 2, 2, 2]], ids=str)
def test_fluctuation_of_the_norm(law: str, widths: list[int]) -> None:
    """Mean and variance of ||J||_F^2 are those of the sum of squares multiplied out, and of the statistic."""
    net = Network(widths, law=law)
    found = spectrum(net, orders=2)
    square = sum(Z[p, q] ** 2 for p in range(widths[0]) for q in range(widths[-1]))
    mean, second = (expect(net, sympy.expand(square**k)) for k in (1, 2))
    assert isinstance(mean, Fraction)
    assert isinstance(second, Fraction)
    assert found.square_mean == mean
    assert found.square_variance == second - mean**2
    assert found.square_second == Frobenius().moment(net, 2)
    assert found.spread == empirical_variance(net)


def test_normalisations() -> None:
    """Per output over n_d, per input over n_0; the nonzero eigenvalues are the same."""
    found: Any = spectrum(Network([2, 3, 4], law="laplace"), orders=3)
    for k in (1, 2, 3):
        trace = trace_moment(found.net, k)
        assert isinstance(trace, Fraction)
        assert (found.moments[k], found.moments_per_input[k]) == (trace / 4, trace / 2)
    assert found.moments[0] == found.moments_per_input[0] == 1
    assert found.ratio == found.moments[2] / found.moments[1] ** 2


def test_stieltjes_series() -> None:
    """The coefficient of z^-(k+1) is m_k."""
    found = spectrum(Network([2, 3, 2]), orders=3)
    z = sympy.Symbol("z")
    assert found.stieltjes(z) == 1 / z + 1 / z**2 + sympy.Rational(37, 3) / z**3 + sympy.Rational(1012, 3) / z**4
    assert found.stieltjes() == found.stieltjes("z")
    with pytest.raises(errors.ArgumentError, match="balls"):
        spectrum(Network([2, 2], law="truncated:2"), orders=2).stieltjes()


def test_sections() -> None:
    """A section's values are those of its own Jacobian: per output of its last layer, per input of its first."""
    net = Network([2, 4, 3, 5], law="uniform")
    found = spectrum(net, orders=2, layers=(1, 2))
    alone = spectrum(Network([4, 3], law="uniform"), orders=2)
    assert found.traces == alone.traces
    assert (found.ratio, found.ratio_per_input) == (alone.ratio, alone.ratio_per_input)
    assert (found.square_variance, found.spread, found.limit) == (alone.square_variance, alone.spread, alone.limit)


# -- symbols and expansions ---------------------------------------------------------------------------------------------


def test_first_correction_knows_the_fourth_moment() -> None:
    """m_2 = 5 + (6 mt_4 - 4) / n + ... for one hidden layer: universality ends at the first correction."""
    found = spectrum(Network([n, n, n], law="symbolic"), orders=2, expand=1)
    assert found.expansions is not None
    assert found.expansions[2].coefficients[0] == 5 == found.limit_moments[2]
    assert sympy.expand(found.expansions[2].coefficients[1] - (6 * sympy.Symbol("mt_4") - 4)) == 0
    assert found.expansions[1].exact


@pytest.mark.parametrize("law", ["gaussian", "uniform", "rademacher"])
@pytest.mark.parametrize(
    "options", [{}, {"output": "linear"}, {"variance": ["1/3", 2]}, {"variance": "glorot", "slope": "1/2"}], ids=str
)
def test_expansion_at_the_shape_of_a_network(law: str, options: dict[str, Any]) -> None:
    """Numbers for widths are multiplied by s: the leading term is the limit, and the whole series at s = 1 is the exact moment."""
    found = spectrum(Network([2, 3, 2], law=law, **options), orders=3, expand=8)
    assert found.expansions is not None
    for k in (1, 2, 3):
        series = found.expansions[k]
        assert series.exact
        assert series.coefficients[0] == found.limit_moments[k]
        assert sum(series.coefficients.values()) == found.moments[k]


def test_symbolic_values_are_those_of_numbers() -> None:
    """Every value of a formula, at n = 4, is the value of the network of width 4."""
    formula: Any = spectrum(Network([n, n, n], law="uniform"), orders=3)
    number: Any = spectrum(Network([4, 4, 4], law="uniform"), orders=3)
    names = ("square_mean", "square_variance", "square_second", "ratio", "ratio_per_input", "participation", "spread")
    for name in names:
        value = getattr(number, name)
        assert sympy.sympify(getattr(formula, name)).subs(n, 4) == sympy.Rational(str(value)), name
    for name in ("traces", "moments", "moments_per_input", "limit", "limit_moments"):
        for one, other in zip(getattr(formula, name), getattr(number, name), strict=True):
            assert sympy.sympify(one).subs(n, 4) == sympy.Rational(str(other)), name


def test_numbers_are_fractions() -> None:
    """What is no formula is a Fraction, also in a symbolic network."""
    found = spectrum(Network([n, n, n]), orders=2)
    assert all(isinstance(found.moments[k], Fraction) for k in (0, 1))
    assert all(isinstance(value, Fraction) for value in found.limit_moments)


def test_balls_are_accurate() -> None:
    """Quotients of balls keep about the accuracy of the traces."""
    found: Any = spectrum(Network([2, 3, 2], law="truncated:2"), orders=2)
    for value in (found.moments[2], found.ratio, found.ratio_per_input, found.participation, found.square_variance):
        assert isinstance(value, arb)
        assert value.rel_accuracy_bits() > 80


def test_refusals() -> None:
    """Orders below 2, and expansions without symbols or numbers for variances, are refused; over budget before work begins."""
    with pytest.raises(errors.ArgumentError, match="orders must be a whole number, 2 or more"):
        spectrum(Network([2, 2]), orders=1)
    with pytest.raises(errors.ArgumentError, match="expand"):
        spectrum(Network([2, 2]), expand=-1)
    with pytest.raises(errors.ArgumentError, match="needs numbers for its variances"):
        grown(Network([2, 3], variance=sympy.Symbol("v")))
    with pytest.raises(errors.BudgetError, match="no exact route"):
        spectrum(Network([2, 2], law="uniform"), orders=9)


# -- real networks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "net",
    [
        Network([3, 6, 4], law="uniform"),
        Network([4, 8, 8, 3], output="linear"),
        Network([3, 5, 4], law="rademacher", slope="1/2"),
    ],
    ids=str,
)
def test_sampled_networks_within_exact_errors(net: Network) -> None:
    """Means of tr J J^T and tr (J J^T)^2 lie within 6 exact standard errors (fixed seed), and k = 3 is near."""
    drawn = sampled_spectrum(net, 10_000, orders=3, seed=3)
    assert drawn.largest < 6
    assert drawn.z(3) is None
    assert drawn.means[3] == pytest.approx(float(trace_moment(net, 3)), rel=0.3)
    assert sampled_spectrum(net, 10_000, orders=3, seed=3).means == drawn.means


def test_sampled_suffix() -> None:
    """A suffix at zero bias is simulated with the layers below, dead ones included."""
    net = Network([2, 2, 4, 3], bias="zero")
    assert sampled_spectrum(net, 10_000, orders=2, seed=5, layers=(1, 3)).largest < 6


def test_kept_eigenvalues_are_those_of_the_traces() -> None:
    """The eigenvalues that are kept have the sampled traces, and the share of zeros is what is missing."""
    net = Network([4, 6, 3])
    drawn = sampled_spectrum(net, 500, orders=2, seed=2, keep=True)
    for k in (1, 2):
        assert (drawn.eigenvalues**k).sum() / 500 == pytest.approx(drawn.means[k])
    assert len(drawn.eigenvalues) == pytest.approx((1 - drawn.zeros) * 1500)
    assert drawn.means[0] == 3


def test_constant_traces_have_no_error() -> None:
    """Signs in one linear layer: tr J J^T is the same in every network, and z is 0."""
    drawn = sampled_spectrum(Network([3, 2], law="rademacher", output="linear"), 100, orders=1, seed=1)
    assert (drawn.standard_errors[1], drawn.z(1)) == (0.0, 0.0)
