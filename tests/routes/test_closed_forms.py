"""Formulas of the theory for Gaussian weights, evaluated here, against the routes that know nothing of them."""

from __future__ import annotations

from fractions import Fraction
from math import comb, prod

import pytest

from pathmoments import Network, moment

WIDTHS = ([2, 2], [2, 3, 2], [3, 4, 2, 2], [2, 2, 2, 2, 2], [2, 1, 3, 2])


@pytest.mark.parametrize("widths", WIDTHS, ids=str)
@pytest.mark.parametrize("route", ["enumeration", "transfer"])
def test_mixed_fourth_moments_from_p_and_q(widths: list[int], route: str) -> None:
    """THEORY 5: with P = prod (1 + 5/n_j), Q = prod (1 - 1/n_j), the five kinds of fourth moments of Gaussian networks."""
    hidden = widths[1:-1]
    p = prod((1 + Fraction(5, n) for n in hidden), start=Fraction(1))
    q = prod((1 - Fraction(1, n) for n in hidden), start=Fraction(1))
    square = widths[0] ** 2
    net = Network(widths)
    assert moment(net, {(0, 0): 4}, route=route) == 6 * p / square
    assert moment(net, {(0, 0): 2, (1, 0): 2}, route=route) == 2 * p / square
    assert moment(net, {(0, 0): 2, (0, 1): 2}, route=route) == p / square
    assert moment(net, {(0, 0): 2, (1, 1): 2}, route=route) == (p + 2 * q) / (3 * square)
    assert moment(net, {(0, 0): 1, (1, 0): 1, (0, 1): 1, (1, 1): 1}, route=route) == (p - q) / (3 * square)


@pytest.mark.parametrize(("half", "coefficients"), [(2, [1, 5]), (3, [1, 15, 44]), (4, [1, 30, 251, 558])])
@pytest.mark.parametrize("width", [1, 2, 3, 7, 1000])
def test_chi_square_factor_of_a_hidden_layer(half: int, coefficients: list[int], width: int) -> None:
    """THEORY 5: a hidden layer multiplies n_0^K E Z^2K by 1 + 5K(K-1)/2 / n + ..., with the coefficients given there."""
    factor = sum(Fraction(c, width**i) for i, c in enumerate(coefficients))
    assert coefficients[1] == Fraction(5 * half * (half - 1), 2)
    ratio = moment(Network([3, width, 2]), {(0, 0): 2 * half}) / moment(Network([3, 2]), {(0, 0): 2 * half})  # type: ignore[operator]  # fractions
    assert ratio == factor


@pytest.mark.parametrize("output", ["relu", "linear"])
@pytest.mark.parametrize("half", [1, 2, 3, 5])
def test_closed_form_summed_over_binomials(half: int, output: str) -> None:
    """THEORY 4.4 literally: the sum over B ~ Bin(n, 1/2) of B (B+2) ... (B+2K-2), layer by layer."""
    widths = [3, 4, 2, 5, 2]

    def layer(n: int) -> Fraction:
        return sum(
            (Fraction(comb(n, b), 2**n) * prod(range(b, b + 2 * half, 2)) for b in range(n + 1)), start=Fraction(0)
        )

    expected = prod((layer(n) for n in widths[1:-1]), start=Fraction(prod(range(1, 2 * half, 2))))
    expected *= prod((Fraction(2, n) ** half for n in widths[:-1]), start=Fraction(1))
    expected *= Fraction(1, 2) if output == "relu" else 1
    net = Network(widths, output=output)
    assert moment(net, {(0, 0): 2 * half}, route="gaussian") == expected
    assert moment(net, {(0, 0): 2 * half}, route="transfer") == expected


@pytest.mark.parametrize("slope", [Fraction(1, 3), Fraction(-1), Fraction(-5, 2), Fraction(1)])
def test_leaky_closed_form_summed_over_patterns(slope: Fraction) -> None:
    """The leaky closed form against the sum over the open neurons of E (chi^2_B + slope^2 chi^2_(n-B))^2."""
    n = 3

    def second(b: int) -> Fraction:
        closed, square = n - b, slope**2
        return Fraction(b * (b + 2)) + 2 * b * closed * square + closed * (closed + 2) * square**2

    norm = sum((Fraction(comb(n, b), 2**n) * second(b) for b in range(n + 1)), start=Fraction(0))
    net = Network([2, n, 2], slope=slope, variance=1)
    expected = 3 * norm * (1 + slope**4) / 2
    assert moment(net, {(0, 0): 4}, route="gaussian") == expected
    assert moment(net, {(0, 0): 4}, route="transfer") == expected
    assert moment(net, {(0, 0): 4}, route="enumeration") == expected


def test_truncation_far_out_is_gaussian() -> None:
    """A normal truncated at 60 standard deviations has the Gaussian moments to far beyond 100 bits."""
    ball = moment(Network([2, 3, 2], law="truncated:60"), {(0, 0): 4})
    assert ball.overlaps(4)  # type: ignore[union-attr]  # a ball
    assert ball.rel_accuracy_bits() >= 100  # type: ignore[union-attr]  # a ball
