"""Exact numbers: what is taken as one, what is refused and how, and how a number is written."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from flint import arb, fmpq, fmpz
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pathmoments.errors import ArgumentError, InexactNumberError, PathMomentsError, must_be
from pathmoments.exact import (
    MAX_DIGITS,
    decimal_text,
    fraction_text,
    integer,
    is_symbolic,
    product,
    rational,
    scaled,
    to_fmpq,
    to_fraction,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, Fraction(3)),
        (-(10**50), Fraction(-(10**50))),
        (Fraction(2, 7), Fraction(2, 7)),
        (Decimal("0.1"), Fraction(1, 10)),
        (Decimal("-1e3"), Fraction(-1000)),
        (np.int64(5), Fraction(5)),
        (np.uint8(255), Fraction(255)),
        (sympy.Integer(4), Fraction(4)),
        (sympy.Rational(-3, 8), Fraction(-3, 8)),
        (sympy.S.Half, Fraction(1, 2)),
        ("3", Fraction(3)),
        ("1/4", Fraction(1, 4)),
        ("-6/4", Fraction(-3, 2)),
        (" 1 / 4 ", Fraction(1, 4)),
        ("007", Fraction(7)),
        ("0/5", Fraction(0)),
    ],
    ids=repr,
)
def test_exact_numbers_are_taken(value: Any, expected: Fraction) -> None:
    """Integers, fractions, decimals, rationals of sympy and text become the fraction they are."""
    taken = rational(value, "slope")
    assert taken == expected
    assert type(taken) is Fraction
    assert type(taken.numerator) is int


@pytest.mark.parametrize(
    ("value", "shown", "way_out"),
    [
        (0.25, "0.25", "1/4"),
        (-1.5, "-1.5", "-3/2"),
        (2.0, "2.0", "2"),
        (np.float64(0.1), "0.1", "1/10"),
        (np.float32(0.5), "0.5", "1/2"),
        (sympy.Float("0.75"), "0.75", "3/4"),
        (1 / 3, "0.3333333333333333", "1/3"),
        (math.inf, "inf", "1/4"),
        (math.nan, "nan", "1/4"),
    ],
    ids=repr,
)
def test_floats_are_refused_with_the_fraction_to_write(value: Any, shown: str, way_out: str) -> None:
    """A float of any library is refused, with the fraction near it as the way out (or an example where there is none)."""
    with pytest.raises(InexactNumberError) as caught:
        rational(value, "slope")
    assert isinstance(caught.value, TypeError)
    text = f"slope must be an exact number, was {shown}: write {Fraction(way_out)!r} or '{way_out}'"
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "one",
        "1/",
        "/4",
        "1//4",
        "1/-4",
        "--1",
        "1/4/5",
        "0x10",
        "1_000",
        "nan",
        "inf",
        "½",
        "٣",
        "1,5",
    ],
)
def test_text_that_is_no_number_is_refused(value: str) -> None:
    """Text other than a whole number or a fraction of two is refused and shown."""
    with pytest.raises(ArgumentError) as caught:
        rational(value, "variance")
    assert isinstance(caught.value, ValueError)
    assert str(caught.value) == f"variance must be an exact number such as '3' or '1/4', was {value!r}"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        [1],
        (1, 2),
        {},
        1j,
        object,
        b"1",
        sympy.pi,
        sympy.Symbol("a"),
        Decimal("NaN"),
        Decimal("Infinity"),
    ],
)
def test_what_is_no_number_is_refused(value: Any) -> None:
    """Booleans, containers, complex and irrational numbers, symbols and infinities are refused as arguments."""
    with pytest.raises(ArgumentError, match=r"slope must be an exact number.*, was ") as caught:
        rational(value, "slope")
    assert isinstance(caught.value, ValueError)


def test_a_zero_denominator_is_refused() -> None:
    """Text such as '1/0' is refused for its denominator."""
    with pytest.raises(ArgumentError, match="slope must be a fraction with a nonzero denominator, was '1/0'") as caught:
        rational("1/0", "slope")
    assert isinstance(caught.value, ValueError)


def test_a_number_longer_than_the_limit_is_refused() -> None:
    """Text of MAX_DIGITS characters is read, and one character more is refused with both lengths."""
    assert rational("1" * MAX_DIGITS, "slope") == (10**MAX_DIGITS - 1) // 9
    with pytest.raises(ArgumentError, match=f"at most {MAX_DIGITS} characters, was the text of {MAX_DIGITS + 1}"):
        rational("1" * (MAX_DIGITS + 1), "slope")


@settings(deadline=None, derandomize=True)
@given(st.fractions())
def test_a_fraction_is_read_back_from_its_text(value: Fraction) -> None:
    """fraction_text writes "p/q" or "p" in lowest terms, and rational reads it back."""
    text = fraction_text(value)
    assert text == str(value)
    assert rational(text, "value") == value


@settings(deadline=None, derandomize=True)
@given(st.decimals(-(10**20), 10**20, places=6))
def test_decimals_are_read_as_what_they_say(value: Decimal) -> None:
    """A Decimal is the fraction that it says; its text is refused with that fraction as the way out."""
    assert rational(value, "value") == Fraction(str(value))
    with pytest.raises(InexactNumberError, match=f"write '{Fraction(str(value))}'$"):
        rational(f"{value:f}", "value")


@pytest.mark.parametrize(
    ("text", "exact"),
    [("0.25", "1/4"), ("+0.25", "1/4"), ("2.", "2"), (".5", "1/2"), ("1e3", "1000"), ("-1.5E-1", "-3/20")],
)
def test_decimal_text_is_refused_with_the_fraction(text: str, exact: str) -> None:
    """Decimals in text are floats to whoever wrote them: 0.333 may be meant as a third, so they are asked for a fraction."""
    with pytest.raises(InexactNumberError, match=f"was '{re.escape(text)}': write '{exact}'"):
        rational(text, "slope")


def test_long_fractions_are_written_in_full() -> None:
    """A fraction with more digits than CPython converts to text is written all the same."""
    text = fraction_text(Fraction(10**5000 + 1, 10**4999))
    numerator, denominator = text.split("/")
    assert numerator == "1" + "0" * 4999 + "1"
    assert denominator == "1" + "0" * 4999


@pytest.mark.parametrize("value", [0, 3, np.int32(3), sympy.Integer(3), 10**40], ids=repr)
def test_whole_numbers_of_any_kind_are_taken(value: Any) -> None:
    """Ints of Python, numpy and sympy become an int."""
    taken = integer(value, "order", minimum=0, what="a whole number, 0 or more")
    assert taken == value
    assert type(taken) is int


@pytest.mark.parametrize(
    "value",
    [-1, 1.0, "1", None, True, Fraction(2), sympy.Rational(1, 2), sympy.Symbol("k"), [1], np.float64(2), np.True_],
)
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    """Anything but an int of at least the minimum is refused, naming the argument, the requirement and the value."""
    with pytest.raises(ArgumentError, match="order must be a whole number, 0 or more, was ") as caught:
        integer(value, "order", minimum=0, what="a whole number, 0 or more")
    assert isinstance(caught.value, ValueError)
    assert repr(value) in str(caught.value)


def test_the_minimum_is_allowed() -> None:
    """A number equal to the minimum is taken and one below it is not."""
    assert integer(2, "count", minimum=2, what="2 or more") == 2
    with pytest.raises(PathMomentsError, match="count must be 2 or more, was 1"):
        integer(1, "count", minimum=2, what="2 or more")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (sympy.Symbol("n"), True),
        (sympy.Symbol("n") ** 2 + 1, True),
        (sympy.Integer(3), False),
        (sympy.pi, False),
        (Fraction(1, 2), False),
        (arb(1), False),
        ("n", False),
        (None, False),
    ],
    ids=repr,
)
def test_symbolic_means_a_free_symbol(value: Any, expected: bool) -> None:
    """An expression is symbolic if it has a free symbol; numbers and text are not."""
    assert is_symbolic(value) is expected


@settings(deadline=None, derandomize=True)
@given(st.fractions())
def test_flint_rationals_and_fractions_are_the_same(value: Fraction) -> None:
    """Going to flint and back gives the same fraction, in lowest terms with a positive denominator."""
    there = to_fmpq(value)
    back = to_fraction(there)
    assert (int(there.p), int(there.q)) == (value.numerator, value.denominator)
    assert back == value
    assert hash(back) == hash(value)
    assert (type(back), type(back.numerator), type(back.denominator)) == (Fraction, int, int)
    assert (back.numerator, back.denominator) == (value.numerator, value.denominator)


def test_an_int_goes_to_flint() -> None:
    """An int is a flint rational with denominator 1."""
    assert to_fmpq(-7) == fmpq(-7)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(), max_size=20))
@example([])
@example([5])
def test_the_product_by_a_tree_is_the_product(factors: list[int]) -> None:
    """The balanced tree multiplies the same factors, 1 for none of them, from any iterable."""
    assert int(product(factors)) == math.prod(factors)
    assert int(product(fmpz(f) for f in factors)) == math.prod(factors)


def test_scaling_keeps_the_kind_of_value() -> None:
    """A fraction times a fraction is a fraction, a ball stays a ball, and an expression an expression."""
    n = sympy.Symbol("n")
    ball = scaled(arb(3), Fraction(1, 4))
    assert scaled(Fraction(2, 3), Fraction(3, 4)) == Fraction(1, 2)
    assert isinstance(ball, arb)
    assert ball == arb("0.75")
    assert scaled(n, Fraction(1, 2)) == n / 2
    assert scaled(Fraction(1, 2), n) == n / 2


numbers = st.one_of(
    st.fractions(),
    st.builds(
        lambda m, e: m * Fraction(10) ** e,
        st.integers(min_value=-(10**9), max_value=10**9),
        st.integers(min_value=-60, max_value=60),
    ),
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(numbers, st.integers(min_value=1, max_value=30))
@example(Fraction(125, 1000), 2)
@example(Fraction(375, 1000), 2)
@example(Fraction(99999), 3)
@example(Fraction(9999999999, 10**10), 4)
@example(Fraction(-1, 10**5), 3)
@example(Fraction(-1, 10**6), 3)
@example(Fraction(10**7), 3)
@example(Fraction(10**6), 3)
@example(Fraction(0), 5)
def test_decimal_text_rounds_as_decimal_does(value: Fraction, digits: int) -> None:
    """The text has the value that Python's decimal division gives at that many digits, ties to even."""
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-10_000, Emax=10_000)
    # one rounding only: the division of two exact integers
    expected = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    text = decimal_text(value, digits)
    assert Decimal(text) == expected
    assert re.fullmatch(r"-?\d+(\.\d*[1-9])?(e[+-]\d{2,})?", text), text
    assert len(text.partition("e")[0].lstrip("-0.").replace(".", "")) <= max(digits, 7)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (Fraction(993, 250), 10, "3.972"),
        (Fraction(2, 3), 10, "0.6666666667"),
        (Fraction(-2, 3), 3, "-0.667"),
        (Fraction(0), 10, "0"),
        (7, 10, "7"),
        (Fraction(1000000), 3, "1000000"),
        (Fraction(123456), 2, "120000"),
        (Fraction(12345678), 4, "1.235e+07"),
        (Fraction(1, 100000), 4, "0.00001"),
        (Fraction(1, 1000000), 4, "1e-06"),
        (Fraction(1, 3**40), 4, "8.225e-20"),
        (Fraction(10) ** 150, 4, "1e+150"),
        (Fraction(999999, 1000), 3, "1000"),
    ],
    ids=str,
)
def test_decimal_text_is_pinned(value: Fraction, digits: int, text: str) -> None:
    """Plain notation from 1e-5 up to seven places (or the digits asked for), exponents beyond, no trailing zeros."""
    assert decimal_text(value, digits) == text


def test_a_refusal_says_argument_requirement_value_and_way_out() -> None:
    """The sentence of all refusals, with and without a way out, and with a long value cut."""
    assert must_be("slope", "exact", 0.5) == "slope must be exact, was 0.5"
    assert must_be("slope", "exact", 0.5, "write '1/2'") == "slope must be exact, was 0.5: write '1/2'"
    assert must_be("widths", "fewer", "the sequence of 9") == "widths must be fewer, was the sequence of 9"
    assert must_be("law", "a name", "x") == "law must be a name, was 'x'"
    assert len(must_be("law", "a name", "x" * 1000)) < 120
