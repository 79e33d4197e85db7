"""The infinite-width limit: the theory's numbers, the leading terms of exact formulas for several laws, and its density."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
import sympy

from pathmoments import Network, errors, trace_moment
from pathmoments.quantities.limit_density import limit_density
from pathmoments.quantities.spectral_limit import activation_series, limit_traces

n = sympy.Symbol("n")


def per_output(net: Network, orders: int) -> list[Fraction]:
    """Return the limits of m_k."""
    values: Any = limit_traces(net, orders)
    return [value / values[0] for value in values]


def test_values_of_the_theory() -> None:
    """One ReLU layer of equal widths: 1, 3, 11, 45, 197, 903 (little Schroeder numbers); two: 1, 5, 33, 249, 2033, 17485."""
    assert per_output(Network([9, 9]), 6) == [1, 1, 3, 11, 45, 197, 903]
    assert per_output(Network([9, 9, 9]), 6) == [1, 1, 5, 33, 249, 2033, 17485]


@pytest.mark.parametrize("layers", [1, 2, 3, 10, 50])
def test_relu_layers_of_equal_width(layers: int) -> None:
    """(1/k) sum_j C(k, j+1) 2^j C(L k, j), at any depth and any equal width."""
    for k in (1, 2, 3, 4, 5, 6):
        formula = Fraction(sum(comb(k, j + 1) * 2**j * comb(layers * k, j) for j in range(k)), k)
        assert per_output(Network([30] * (layers + 1)), 6)[k] == formula


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_linear_layers_of_equal_width(layers: int) -> None:
    """Fuss-Catalan numbers C((L+1) k, k) / (L k + 1)."""
    found = per_output(Network([4] * (layers + 1), slope=1, output="linear"), 6)
    assert found == [Fraction(comb((layers + 1) * k, k), layers * k + 1) for k in range(7)]


def test_marchenko_pastur() -> None:
    """One linear layer of any shape: the Narayana numbers, E tr W^k ~ sum_i N(k, i) n_d^i n_0^(k+1-i)."""
    p, q = 3, 5
    for k, value in enumerate(limit_traces(Network([p, q], output="linear", variance=1), 5)[1:], start=1):
        narayana = [comb(k, i) * comb(k, i - 1) // k for i in range(1, k + 1)]
        assert value == sum(count * q**i * p ** (k + 1 - i) for i, count in enumerate(narayana, start=1))


def leading(value: Any) -> tuple[int, Any]:
    """Return the power and the coefficient of the leading term in n."""
    top, bottom = (sympy.Poly(part, n) for part in sympy.fraction(sympy.together(value)))
    return top.degree() - bottom.degree(), sympy.cancel(top.LC() / bottom.LC())


SHAPES = [(1, 2), (3, 1, 2), (1, 2, 1, 1)]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"output": "linear"},
    {"slope": "1/3"},
    {"slope": "-1/2", "output": "linear", "variance": "lecun"},
    {"slope": -1, "variance": "glorot"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("law", ["gaussian", "rademacher", "laplace", "symbolic"])
def test_leading_term_is_universal(law: str, options: dict[str, Any]) -> None:
    """The leading term of the exact formula in n is the limit, for every law, shape, slope and output."""
    for shape in SHAPES:
        net = Network([n * width for width in shape], law=law, **options)
        limits: Any = limit_traces(net, 3)
        for k in (2, 3):
            value: Any = trace_moment(net, k)
            assert leading(value) == leading(limits[k])


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_formula_in_the_widths_is_every_shape(options: dict[str, Any]) -> None:
    """Symbols for the widths, then numbers, is numbers at once."""
    names = sympy.symbols("a b c")
    formulas: Any = limit_traces(Network(names, **options), 4)
    values: Any = limit_traces(Network([2, 5, 3], **options), 4)
    for formula, value in zip(formulas, values, strict=True):
        assert sympy.sympify(formula).subs(dict(zip(names, (2, 5, 3), strict=True))) == sympy.Rational(str(value))


def test_activation_series_solves_its_equation() -> None:
    """psi(chi(w)) = w for w / chi(w) the series: as rational functions at a small w, to the series' order."""
    for slope in (Fraction(1, 3), Fraction(-2), Fraction(0)):
        series, w, square = activation_series(slope, 12), Fraction(1, 1000), slope**2
        chi = w / sum(a * w**i for i, a in enumerate(series))
        psi = (chi / (1 - chi) + square * chi / (1 - square * chi)) / 2
        assert abs(psi - w) < Fraction(1, 10) ** 30


@pytest.mark.parametrize(
    "net",
    [
        Network([64, 64]),
        Network([10, 40, 20]),
        Network([40, 20, 30], output="linear"),
        Network([50, 20], slope=1, output="linear", variance="lecun"),
        Network([20, 30, 40], slope=-1),
        Network([12] * 13),
        Network([64] * 101),
    ],
    ids=str,
)
def test_density_has_the_moments_of_the_limit(net: Network) -> None:
    """The density integrates to the share that is not 0, and its moments are the exact ones."""
    density = limit_density(net, points=4000)
    limits = per_output(net, 4)
    if net.depth < 50:  # deeper, a part of the eigenvalues is below the range of floats
        assert density.moment(0) == pytest.approx(1 - float(density.atom), abs=1e-4)
    for k in (1, 2, 3, 4):
        assert density.moment(k) == pytest.approx(float(limits[k]), rel=1e-4)
    assert np.all(np.diff(density.x) > 0)
    assert np.all(density.density >= 0)


def test_density_of_marchenko_pastur() -> None:
    """One linear layer has the density sqrt((b - x)(x - a)) / (2 pi c x) between a, b = (1 +- sqrt c)^2."""
    density = limit_density(Network([80, 20], output="linear", variance="lecun"))
    c = 20 / 80
    a, b = (1 - c**0.5) ** 2, (1 + c**0.5) ** 2
    assert (density.x[0], density.x[-1]) == pytest.approx((a, b), rel=1e-4)
    formula = np.sqrt((b - density.x) * (density.x - a)) / (2 * np.pi * c * density.x)
    np.testing.assert_allclose(density.density[5:-5], formula[5:-5], rtol=1e-6)


def test_atom_at_zero_is_the_missing_rank() -> None:
    """Eigenvalues are 0 where a narrow layer, or closed neurons, leave no room."""
    assert limit_density(Network([64, 64, 64])).atom == Fraction(1, 2)
    assert limit_density(Network([64, 16, 64])).atom == Fraction(7, 8)
    assert limit_density(Network([64, 16, 64], slope=1)).atom == Fraction(3, 4)
    assert limit_density(Network([64, 16], output="linear")).atom == 0


def test_refusals() -> None:
    """A slope without a curve, a symbolic width, and orders below 1 are refused."""
    with pytest.raises(errors.RouteError, match="slopes 0, 1 and -1"):
        limit_density(Network([3, 3], slope="1/2"))
    with pytest.raises(errors.ArgumentError, match="numbers"):
        limit_density(Network([n, 3]))
    with pytest.raises(errors.ArgumentError, match="orders"):
        limit_traces(Network([3, 3]), 0)
