"""What a table hands to a picture: beta and decimal logarithms, one curve a setting and quantity."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from pathmoments.tables import table


def approx(values: list[float]) -> Any:
    """Return what is equal to floats up to their last places."""
    return pytest.approx(values, abs=1e-12)


def test_moments_are_normalised_and_their_logarithms_taken() -> None:
    """A curve a law: beta and log10 of n_0^2 E Z^4, by the closed form 6 prod (1 + 5/n) of Gaussian weights."""
    made = table({"widths": ["7,n,n,2 for n in 1..3"], "laws": ["gaussian", "rademacher"], "orders": [4]})
    gaussian, rademacher = made.curves()
    assert (gaussian.label, rademacher.label) == ("gaussian", "rademacher")
    assert gaussian.heading == r"$n_0^{2}\,\mathbb{E}\,Z_{0,0}^{4}$"
    assert gaussian.beta == rademacher.beta == [2.0, 1.0, float(Fraction(2, 3))]
    assert gaussian.value == approx([math.log10(6 * (1 + 5 / n) ** 2) for n in (1, 2, 3)])
    assert gaussian.lower is gaussian.upper is None


def test_decimals_alone_have_the_same_curves() -> None:
    """A picture is of the exact values, whether the table shows them or not."""
    spec = {"widths": ["3,n,2 for n in 1..3"], "orders": [4], "quantities": ["fourth", "moment 0,0=4"], "digits": 3}
    (curve, fourth), alone = table(spec).curves(), table(spec | {"exact": False})
    assert alone.curves() == [curve, fourth]
    assert alone.values == table(spec).values
    names = [heading.name for heading in alone.columns]
    assert len(names) == len(set(names)) == 7 + 4


def test_bounds_are_normalised_too() -> None:
    """(12) has a curve with both bounds, 2 exp(beta/2) and 18 exp(18 beta); normalised or not, it is the same."""
    for quantity in ("bounds 12", "bounds 12 normalised"):
        (curve,) = table({"widths": ["5,n,2 for n in 2..3"], "quantities": [quantity]}).curves()
        assert curve.heading == r"$n_0^{2}\,\mathbb{E}\,Z^4$"
        assert curve.lower == approx([math.log10(2) + beta / 2 * math.log10(math.e) for beta in (1 / 2, 1 / 3)])
        assert curve.upper == approx([math.log10(18) + 18 * beta * math.log10(math.e) for beta in (1 / 2, 1 / 3)])
        assert curve.value == approx([math.log10(6 * (1 + 5 / n)) for n in (2, 3)])


def test_several_quantities_are_named() -> None:
    """With several quantities, or a single network's setting, the label says which; mixed moments and beta have no curve."""
    made = table({"widths": ["2,3,2"], "orders": [2, 4], "quantities": ["moment 0,0=2;1,1=2", "beta", "variance"]})
    assert [curve.label for curve in made.curves()] == ["n_0 E Z[0,0]^2", "n_0^2 E Z[0,0]^4", "n_0^2 E dVar"]


def test_zeros_are_blank_and_symbols_left_out() -> None:
    """E dVar of a single entry is 0, without a logarithm; a row with symbolic widths has no beta and no point."""
    (curve,) = table({"widths": ["1,3,1", "n,3,1", "2,4,1"], "quantities": ["variance"]}).curves()
    assert curve.beta == [float(Fraction(1, 3)), 0.25]
    assert curve.value[0] is None
    assert isinstance(curve.value[1], float)
