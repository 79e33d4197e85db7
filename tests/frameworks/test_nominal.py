"""Floats of frameworks and the exact numbers that they stand for."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathmoments.errors import ArgumentError
from pathmoments.frameworks.nominal import nominal, nominal_ratio, nominal_square


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (0.01, "1/100"),
        (0.2, "1/5"),
        (5.0 / 3, "5/3"),
        (1e-05, "1/100000"),
        (0.123456789, "123456789/1000000000"),
        (1 / 3, "1/3"),
        (-0.05, "-1/20"),
        (0.0, "0"),
        (3, "3"),
        ("1/7", "1/7"),
        (Fraction(2, 9), "2/9"),
        (np.float64(0.02), "1/50"),
        (np.array(0.25), "1/4"),
    ],
)
def test_the_number_that_was_meant(value: object, exact: str) -> None:
    """Decimals are the decimals, simple quotients the quotients, and exact numbers themselves."""
    assert nominal(value, "std") == Fraction(exact)
    assert nominal_square(value, "std") == Fraction(exact) ** 2


@pytest.mark.parametrize("square", ["2", "5", "2/3", "1/784", "2/1010", "3/7", "5000", "9999/10000"])
def test_roots_of_fractions_have_them_for_squares(square: str) -> None:
    """math.sqrt(q) squares to q itself, and so does what a rounding more makes of it."""
    root = math.sqrt(Fraction(square))
    assert nominal_square(root, "gain") == Fraction(square)
    assert nominal_square(math.nextafter(root, 10), "gain") == Fraction(square)


@given(st.floats(min_value=1e-8, max_value=1e8))
def test_no_reading_is_further_from_the_float_than_two_roundings(value: float) -> None:
    """Whatever a float is read as, it is within a relative 2^-50."""
    assert abs(nominal(value, "std") / Fraction(value) - 1) <= Fraction(1, 2**50)
    assert abs(nominal_square(value, "std") / Fraction(value) ** 2 - 1) <= Fraction(1, 2**49)


def test_a_float32_is_the_binary_fraction_that_it_is() -> None:
    """A tenth in float32 is not a tenth in float64, and is not taken for one."""
    assert nominal(np.float32(0.1), "std") == Fraction(float(np.float32(0.1))) != Fraction(1, 10)


def test_a_ratio_of_roots_is_simple() -> None:
    """A cut at twice an irrational deviation is one at two deviations."""
    assert nominal_ratio(2 * math.sqrt(0.1), math.sqrt(0.1), "b") == 2
    assert nominal_ratio(math.pi, 1, "b") == Fraction(math.pi)


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "a", None, [1.0]])
def test_what_is_no_number_is_refused(value: object) -> None:
    """The message names the argument."""
    with pytest.raises(ArgumentError, match="std must be"):
        nominal(value, "std")
    with pytest.raises(ArgumentError, match="std must be"):
        nominal_square(value, "std")
