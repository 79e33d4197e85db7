"""Theorem 2's empirical variance, exactly: against its definition as a polynomial, the theory's values, and a simulation."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from flint import arb

from pathmoments import Network, Z, empirical_variance, expect, fourth_moments, iter_jacobians, moment
from pathmoments.errors import AtomsError, RouteError


@pytest.mark.parametrize(
    ("widths", "law", "value"),
    [
        ([2, 3, 2], "gaussian", "29/12"),
        ([2, 3, 2], "uniform", "169/150"),
        ([2, 3, 2], "rademacher", "2/3"),
        ([2, 3, 2], "laplace", "211/24"),
        ([3, 3, 3, 3], "gaussian", "32/9"),
        ([3, 1, 4, 1], "rademacher", "0"),
        ([1, 4, 1], "laplace", "0"),
    ],
)
@pytest.mark.parametrize("route", ["auto", "transfer", "enumeration"])
def test_values_of_the_theory(widths: list[int], law: str, value: str, route: str) -> None:
    """THEORY 5: the exact values to start from, the vacuous example of (15), and M = 1."""
    assert empirical_variance(Network(widths, law=law), route=route) == Fraction(value)


def _polynomial(inputs: int, outputs: int) -> Any:
    """Return dVar by its definition, as a polynomial in the entries."""
    entries = [Z[p, q] for p in range(inputs) for q in range(outputs)]
    mean = sum(z**2 for z in entries) / sympy.Integer(len(entries))
    return sum(z**4 for z in entries) / sympy.Integer(len(entries)) - mean**2


@pytest.mark.parametrize("widths", [[1, 2, 3], [3, 2, 1], [2, 2, 3], [3, 2, 2, 2]], ids=str)
@pytest.mark.parametrize("law", ["uniform", "sparse:1/3:rademacher"])
@pytest.mark.parametrize("keywords", [{}, {"output": "linear", "variance": "glorot"}, {"slope": "-1/3"}], ids=str)
def test_definition_as_a_polynomial(widths: list[int], law: str, keywords: dict[str, str]) -> None:
    """E of the defining polynomial, monomial by monomial, is the formula from four moments."""
    net = Network(widths, law=law, **keywords)
    assert expect(net, _polynomial(widths[0], widths[-1])) == empirical_variance(net)


def test_simulation_of_real_networks() -> None:
    """The mean of dVar over 200,000 sampled networks is within 5 of its own standard errors."""
    net = Network([3, 4, 2], law="uniform")
    squares = np.concatenate([block**2 for block in iter_jacobians(net, 200_000, seed=4)])
    spread = (squares**2).mean(axis=(1, 2)) - squares.mean(axis=(1, 2)) ** 2
    exact = empirical_variance(net)
    assert isinstance(exact, Fraction)
    assert abs(spread.mean() - float(exact)) < 5 * spread.std() / math.sqrt(len(spread))


def test_symbols_agree_with_numbers() -> None:
    """Symbolic widths and moments, then numbers, equals numbers from the start; the expression is factored once."""
    n0, n1, n2 = sympy.symbols("n0 n1 n2")
    expression: Any = empirical_variance(Network([n0, n1, n2], law="symbolic"))
    exact = empirical_variance(Network([2, 5, 3], law="uniform"))
    assert isinstance(exact, Fraction)
    substituted = expression.subs({n0: 2, n1: 5, n2: 3, "mt_4": sympy.Rational(9, 5)})
    assert substituted == sympy.Rational(exact.numerator, exact.denominator)
    assert str(empirical_variance(Network([n0, n1, 1]))) == "4*(n0 - 1)*(n1 + 5)/(n0**3*n1)"


def test_sections_and_balls() -> None:
    """A suffix at zero bias carries its alive factor; a truncated law gives a ball of full accuracy."""
    with_biases, without = (Network([2, 2, 3, 2], bias=bias) for bias in ("atomless", "zero"))
    alive = Fraction(3, 4)
    inside = {kind: moment(with_biases, power, layers=(1, 3)) for kind, power in (("a", {(0, 0): 4}),)}
    assert fourth_moments(without, layers=(1, 3)).single == alive * inside["a"]  # type: ignore[operator]  # fractions
    suffix = Network([2, 3, 2])
    assert empirical_variance(without, layers=(1, 3)) == alive * empirical_variance(suffix)  # type: ignore[operator]  # fractions
    ball = empirical_variance(Network([2, 3, 2], law="truncated"))
    assert isinstance(ball, arb)
    assert ball.rel_accuracy_bits() >= 100


def test_missing_kinds_are_none() -> None:
    """With one input or one output some kinds of fourth moments do not exist."""
    one_input = fourth_moments(Network([1, 3, 2]))
    assert (one_input.same_output, one_input.different) == (None, None)
    assert one_input.same_input == moment(Network([1, 3, 2]), {(0, 0): 2, (0, 1): 2})


def test_refusals() -> None:
    """Atoms at zero bias are refused, and routes that give no path sum."""
    with pytest.raises(AtomsError):
        empirical_variance(Network([2, 2], law="rademacher", bias="zero"))
    with pytest.raises(RouteError, match="no path sum"):
        empirical_variance(Network([2, 2], law="rademacher"), route="exhaustion")
