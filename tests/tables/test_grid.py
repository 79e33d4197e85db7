"""Grids of widths: what a text stands for, how many rows that is, and what is refused."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathmoments.errors import ArgumentError
from pathmoments.tables.formulas import Formula
from pathmoments.tables.grid import WidthGrid


def widths(text: str) -> list[tuple[Any, ...]]:
    """Return the widths of all rows."""
    return [row for _, row in WidthGrid(text)]


EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "2,3,4,2": [(2, 3, 4, 2)],
    " 2 , 3 ": [(2, 3)],
    "n,n,n for n in 1..3": [(1, 1, 1), (2, 2, 2), (3, 3, 3)],
    "3, 2*n, n^2, 1 for n in 1..2": [(3, 2, 1, 1), (3, 4, 4, 1)],
    "n,m for n in 1..2, m in {5|7}": [(1, 5), (1, 7), (2, 5), (2, 7)],
    "1..2,3..4,1": [(1, 3, 1), (1, 4, 1), (2, 3, 1), (2, 4, 1)],
    "8..30..8,1": [(8, 1), (16, 1), (24, 1)],
    "{2|8|4},1": [(2, 1), (8, 1), (4, 1)],
    "{1..3|8|16..20..2},1": [(1, 1), (2, 1), (3, 1), (8, 1), (16, 1), (18, 1), (20, 1)],
    "3,64 x 4,1": [(3, 64, 64, 64, 64, 1)],
    "8, n x d, 1 for n in {2|3}, d in 0..1": [(8, 1), (8, 2, 1), (8, 1), (8, 3, 1)],
    "n,1..2 for n in 3..4": [(3, 1), (3, 2), (4, 1), (4, 2)],
    "n+1,n*(n-1),(n+2)/2 for n in {2|4}": [(3, 2, 2), (5, 12, 3)],
    "n**2,1 for n in 2..3": [(4, 1), (9, 1)],
    "-n+5,1 for n in 1..2": [(4, 1), (3, 1)],
    "n,2 for n in 7": [(7, 2)],
    "n,n,1": [("n", "n", 1)],
    "n,2*m,1 for n in 1..2": [(1, "2*m", 1), (2, "2*m", 1)],
    "n*m,m for n in 2..3": [("2*m", "m"), ("3*m", "m")],
    "n/2,n^2+1,2": [("n/2", "n**2 + 1", 2)],
    "n-n+2,3": [(2, 3)],
    "x x 2": [("x", "x")],
    f"{10**100},1": [(10**100, 1)],
    "(" * 90 + "1" + ")" * 90 + ",2": [(1, 2)],
}


@pytest.mark.parametrize(("text", "expected"), EXAMPLES.items(), ids=EXAMPLES)
def test_a_text_stands_for_these_widths(text: str, expected: list[tuple[Any, ...]]) -> None:
    """Each form of the grammar gives the rows written down here, in this order, as many as were counted."""
    assert widths(text) == expected
    assert WidthGrid(text).count == len(expected)


REFUSED = {
    "": "separated by commas",
    "2": "at least two",
    "2,,3": "separated by commas",
    "2;3": "'2;3'",
    "2.5,3": "'2.5'",
    "2,-3": "whole number, 1 or more, was the number -3",
    "0,2": "whole number, 1 or more, was the number 0",
    "n,2 for n in 0..2": "n must be a whole number, 1 or more, was the number 0 at n = 0",
    "n/3,2 for n in 4..6": "4/3 at n = 4",
    "n-n,2": "0 must be a whole number",
    "5..1,2": "'5..1'",
    "0..2,2": "1 or more",
    "1..5..0,2": "step of a range must be 1 or more",
    "1..n,2": "'1..n'",
    "1..10^3,2": "'1..10^3'",
    "{},2": "a choice",
    "{2|2},2": "different numbers",
    "{1..5|3},2": "different numbers",
    "{1..9..2|4..8..4|3},2": "different numbers",
    "{2,3},2": "{2|4|8}",
    "{2|n},2": "'n'",
    "{2|3,2": "'{2|3'",
    "1..5 x 3,2": "n x 3 for n in 1..5",
    "n x k,2": "k counts widths",
    "2 x -1,3,3": "0 or more, was the number -1",
    "2 x 2000000,1": "at most 1,000,001",
    "n,2 for": "n in 1..20",
    "n,2 for n": "n in 1..20",
    "n,2 for n in": "n in 1..20",
    "n,2 for 3 in 1..2": "n in 1..20",
    "n,2 for n in m": "1..20 or 8..64..8",
    "n,2 for n in 1.5": "1.5",
    "2,3 for n in 1..2": "n is bound",
    "n,3 for n in 1..2 for m in 1..2": "one `for`",
    "n,n for n in 1..2, n in 1..2": "bound twice",
    "n 2,3": "'n 2'",
    "f(2),3": "'f(2)'",
    "1 or 2,3": "'1 or 2'",
    "n if 1 else 2,3": "'n if 1 else 2'",
    "lambda,3": "'lambda'",
    "__import__('os').getcwd(),3": "a formula of names",
    "n[0],3": "'n[0]'",
    "n.real,3": "'n.real'",
    "1e3,2": "'1e3'",
    "m/0,2": "divides by zero",
    "1/(n-n),2": "divides by zero",
    "9^9^9,2": "an exponent must be",
    "10^3000,2": "more than 1,000 digits",
    "2^-1,3": "an exponent must be",
    f"{10**100 + 1},2": "10^100",
    "1" * 150 + ",2": "at most 10^100 neurons",
    f"1..{10**101},2": "10^100",
    f"1..{10**120},2": "a range must be",
    "+".join("1" * 200) + ",2": "at most 200 characters",
}


@pytest.mark.parametrize(("text", "said"), REFUSED.items(), ids=lambda text: text[:40])
def test_what_is_no_grid_is_refused_with_its_place(text: str, said: str) -> None:
    """Nothing else is taken: the refusal is typed and quotes what is wrong; nothing is evaluated as code."""
    with pytest.raises(ArgumentError) as caught:
        widths(text)
    assert said in str(caught.value)


def test_a_later_row_that_is_no_network_is_refused_with_its_parameters() -> None:
    """A formula that fails at a later value of its parameter names the value."""
    grid = WidthGrid("5-n,2 for n in 1..9")
    with pytest.raises(ArgumentError, match=r"5-n must be .* was the number 0 at n = 5"):
        list(grid)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1..1000000,1..1000000", 10**12),
        (f"1..{10**30},1..{10**30},{{1..{10**20}..3|2}}", 10**60 * ((10**20 - 1) // 3 + 2)),
        (f"n,m for n in 1..{10**40}, m in 1..3", 3 * 10**40),
    ],
)
def test_the_count_is_known_before_any_row_is_made(text: str, count: int) -> None:
    """Grids that would fill any memory are counted at once."""
    start = time.monotonic()
    assert WidthGrid(text).count == count
    assert time.monotonic() - start < 5  # a safety, not a target: expanding it would take the age of the universe


progressions = st.tuples(st.integers(1, 30), st.integers(0, 30), st.integers(1, 7)).map(
    lambda t: (t[0], t[0] + t[1], t[2])
)


@given(st.lists(progressions, min_size=1, max_size=3))
def test_a_choice_is_taken_exactly_if_its_numbers_differ(parts: list[tuple[int, int, int]]) -> None:
    """The arithmetic that finds repeats in a choice agrees with writing its numbers out."""
    numbers = list(itertools.chain.from_iterable(range(a, b + 1, s) for a, b, s in parts))
    text = "{" + "|".join(f"{a}..{b}..{s}" for a, b, s in parts) + "},1"
    if len(set(numbers)) == len(numbers):
        assert widths(text) == [(n, 1) for n in numbers]
    else:
        with pytest.raises(ArgumentError, match="different numbers"):
            WidthGrid(text)


formulas = st.recursive(
    st.sampled_from(["n", "m", "1", "2", "7"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    max_leaves=8,
)


@given(formulas, st.integers(0, 9), st.integers(0, 9))
def test_a_formula_is_arithmetic(text: str, n: int, m: int) -> None:
    """Sums, differences and products have the value that Python gives the same text."""
    assert Formula(text).value({"n": n, "m": m}) == eval(text, {"n": n, "m": m})


def test_grids_compare_by_their_text() -> None:
    """Two grids are equal if their texts are, spaces aside."""
    assert WidthGrid("n, n  for n in 1..2") == WidthGrid(" n, n for n in 1..2 ")
    assert WidthGrid("2,3") != WidthGrid("3,2")
    assert len({WidthGrid("2,3"), WidthGrid("2,3")}) == 1
    assert repr(WidthGrid("2,3")) == "WidthGrid('2,3')"
    assert WidthGrid("2,3") != "2,3"


def test_parameters_tell_the_widths_of_a_family() -> None:
    """A family has parameters and no sets."""
    assert WidthGrid("n,m,1 for n in 1..2, m in 1..2").parameters == ("n", "m")
    assert WidthGrid("n,2 for n in 1..2").is_family
    assert not WidthGrid("n,1..2 for n in 1..2").is_family
    assert not WidthGrid("n,2").is_family
