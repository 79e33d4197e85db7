"""Cells: there and back as JSON to the last bit, and decimals that are correctly rounded or refused."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]  # ships no types
import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import example, given
from hypothesis import strategies as st

from pathmoments import Network, TruncatedGaussian, moment
from pathmoments.errors import UndecidedError
from pathmoments.tables.cells import (
    Cell,
    Formula,
    Word,
    cell_of,
    decimal,
    decoded,
    encoded,
    exact_text,
    latex_text,
    log10,
)
from pathmoments.tables.quantities import quantity_from_text
from pathmoments.tables.work import Setting, cells
from pathmoments.theorems import Bound

fractions = st.builds(Fraction, st.integers(-(10**40), 10**40), st.integers(1, 10**40))


def balls() -> st.SearchStrategy[arb]:
    """Return balls of any middle, radius and precision."""
    parts = st.tuples(
        st.integers(-(2**300), 2**300), st.integers(-400, 50), st.integers(0, 2**29), st.integers(-500, 0)
    )
    return parts.map(lambda p: arb((p[0], p[1]), (p[2], p[3])))


def through_json(cell: Cell) -> Cell:
    """Return a cell after a journey through JSON text."""
    return decoded(json.loads(json.dumps(encoded(cell))))


@given(fractions)
def test_fractions_travel_whole(value: Fraction) -> None:
    """A fraction comes back as itself."""
    assert through_json(value) == value
    assert isinstance(through_json(value), Fraction)


def test_a_fraction_of_many_digits_travels_whole() -> None:
    """Numbers longer than CPython reads from text come back as well."""
    value = Fraction(7**20_000, 3**20_000)
    assert through_json(value) == value


@given(balls())
def test_balls_travel_to_the_last_bit(ball: arb) -> None:
    """Middle and radius come back as they were, at whatever working precision."""
    with ctx.workprec(20):
        back = through_json(ball)
    assert isinstance(back, arb)
    assert (back.mid().man_exp(), back.rad().man_exp()) == (ball.mid().man_exp(), ball.rad().man_exp())


@pytest.mark.parametrize(
    "cell",
    [
        None,
        Word("holds"),
        Formula("n + 1", "n + 1"),
        Bound(((Fraction(1, 2), Fraction(-1, 3)), (Fraction(2), Fraction(5)))),
    ],
    ids=str,
)
def test_other_cells_travel_too(cell: Cell) -> None:
    """Words, formulas, bounds and blanks come back as they were."""
    assert through_json(cell) == cell


def test_values_become_cells() -> None:
    """A bound without exponentials and an expression without symbols are fractions; a symbolic one is its texts."""
    n = sympy.Symbol("n")
    assert cell_of(Bound.of(Fraction(1, 3))) == Fraction(1, 3)
    assert cell_of(Bound.of(Fraction(1, 3), Fraction(1))) == Bound.of(Fraction(1, 3), Fraction(1))
    assert cell_of(sympy.Rational(2, 3)) == Fraction(2, 3)
    assert cell_of(6 * (n + 5) ** 2 / n) == Formula("6*(n + 5)**2/n", r"\frac{6 \left(n + 5\right)^{2}}{n}")


TEXTS: list[tuple[Cell, str, str]] = [
    (None, "", ""),
    (Fraction(-2, 3), "-2/3", r"$-\frac{2}{3}$"),
    (Fraction(5), "5", "$5$"),
    (Word("not applicable"), "not applicable", "not applicable"),
    (Bound.of(Fraction(2, 9), Fraction(7, 24)), "2/9 exp(7/24)", r"$\frac{2}{9}\,e^{7/24}$"),
    (Bound.of(Fraction(1), Fraction(1)), "exp(1)", "$e$"),
    (
        Bound(((Fraction(1, 2), Fraction(0)), (Fraction(3), Fraction(-1, 3)))),
        "1/2 + 3 exp(-1/3)",
        r"$\frac{1}{2} + 3\,e^{-1/3}$",
    ),
    (arb((3, -1)), "1.50000000000000000000000000000", "$1.50000000000000000000000000000$"),
    (arb((3, -1), (1, -20)), "[1.50000 +/- 9.54e-7]", r"$1.50000 \pm 9.54 \cdot 10^{-7}$"),
]


@pytest.mark.parametrize(("cell", "text", "latex"), TEXTS, ids=[text for _, text, _ in TEXTS])
def test_cells_are_written_like_this(cell: Cell, text: str, latex: str) -> None:
    """The exact text and the LaTeX of each kind of cell."""
    assert exact_text(cell) == text
    assert latex_text(cell) == latex


# -- decimals -----------------------------------------------------------------------------------------------------------


def rounded(value: Fraction, digits: int) -> Decimal:
    """Return the value rounded once, ties to even, by Python's decimal."""
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-(10**6), Emax=10**6)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


@given(fractions, st.integers(1, 60))
@example(Fraction(125, 1000), 2)
@example(Fraction(-375, 1000), 2)
@example(Fraction(999999, 1000), 3)
def test_fractions_are_rounded_as_decimal_does(value: Fraction, digits: int) -> None:
    """Half-even rounding of the exact value, once, with all of its digits written."""
    text = decimal(value, digits)
    assert text is not None
    assert Decimal(text) == rounded(value, digits)
    figures = text.partition("e")[0].lstrip("-0.").replace(".", "")
    assert len(figures) == digits or ("." not in text and len(figures) <= 7) or value == 0


@given(fractions, st.integers(1, 25), st.integers(90, 120))
def test_balls_are_rounded_as_the_number_inside_or_refused(value: Fraction, digits: int, bits: int) -> None:
    """A ball around a fraction gives the fraction's rounding; it is never another."""
    with ctx.workprec(bits):
        ball = arb(fmpq(value.numerator, value.denominator))
    try:
        text = decimal(ball, digits)
    except UndecidedError:
        return
    assert text is not None
    assert Decimal(text) == rounded(value, digits)


@given(balls(), st.integers(1, 30))
def test_both_ends_of_a_ball_round_to_what_is_written(ball: arb, digits: int) -> None:
    """Where a decimal is given, each end of the ball rounds to it."""
    try:
        text = decimal(ball, digits)
    except UndecidedError:
        return
    assert text is not None
    middle, radius = (Fraction(int(m)) * Fraction(2) ** int(e) for m, e in (ball.mid().man_exp(), ball.rad().man_exp()))
    assert rounded(middle - radius, digits) == rounded(middle + radius, digits) == Decimal(text)


small = st.builds(Fraction, st.integers(-200, 200), st.integers(1, 60))


@given(small, small, small, small, st.integers(1, 40))
def test_bounds_are_rounded_as_mpmath_rounds_them(
    a: Fraction, r: Fraction, b: Fraction, s: Fraction, digits: int
) -> None:
    """The decimal of a exp(r) + b exp(s) agrees with 400 digits of mpmath."""
    bound = Bound(((a, r), (b, s)))
    with mpmath.workdps(400):
        terms = [
            mpmath.mpf(c.numerator) / c.denominator * mpmath.exp(mpmath.mpf(e.numerator) / e.denominator)
            for c, e in ((a, r), (b, s))
        ]
        number = mpmath.fsum(terms)
        if abs(number) < mpmath.mpf(10) ** -300:  # the terms cancel, or there are none
            return
        exact = Fraction(Decimal(mpmath.nstr(number, 380, strip_zeros=False)))
    text = decimal(cell_of(bound), digits)
    assert text is not None
    assert Decimal(text) == rounded(exact, digits)


def test_a_tie_that_a_ball_cannot_decide_is_refused() -> None:
    """1/8 to two digits is a tie: a ball around it stays undecided, the fraction does not."""
    with ctx.workprec(200):
        third = arb(1) / 3
        ball = third * 3 / 8
    assert decimal(Fraction(1, 8), 2) == "0.12"
    with pytest.raises(UndecidedError, match="could not be rounded to 2 digits: ask for fewer or more"):
        decimal(ball, 2)
    assert decimal(ball, 1) == "0.1"


@pytest.mark.parametrize("quantity", ["moment 0,0=4", "moment 0,0=2;1,1=2 normalised", "variance", "bounds 13 order=2"])
@pytest.mark.parametrize("digits", [6, 29, 31, 45])
def test_more_digits_than_a_ball_has_are_computed_anew(quantity: str, digits: int) -> None:
    """A value of the truncated normal law is rounded to more digits than its 100 bits have, and agrees with 400 bits."""
    what, net = quantity_from_text(quantity), (2, 3, 2)
    (first, *_) = cells(Setting(law="truncated:2"), net, what)
    (fine, *_) = cells(Setting(law="truncated:2"), net, what, bits=400)
    assert isinstance(first, arb)
    assert isinstance(fine, arb)
    assert first.rel_accuracy_bits() < 250
    assert fine.rel_accuracy_bits() >= 390
    assert first.overlaps(fine)
    text = decimal(first, digits, lambda bits: cells(Setting(law="truncated:2"), net, what, bits=bits)[0])
    assert text is not None
    middle = Fraction(int(fine.mid().man_exp()[0])) * Fraction(2) ** int(fine.mid().man_exp()[1])
    assert Decimal(text) == rounded(middle, digits)


def test_finer_balls_are_of_the_same_number() -> None:
    """The finer value lies in the ball that `moment` gives."""
    coarse = moment(Network([2, 3, 2], law=TruncatedGaussian()), {(0, 0): 4})
    (fine, *_) = cells(Setting(law="truncated:2"), (2, 3, 2), quantity_from_text("moment 0,0=4"), bits=300)
    assert isinstance(coarse, arb)
    assert fine in coarse  # type: ignore[operator]  # flint's containment


@pytest.mark.parametrize("cell", [None, Word("holds"), Formula("n", "n")], ids=str)
def test_what_is_no_number_has_no_decimal(cell: Cell) -> None:
    """Words, formulas and blanks have none."""
    assert decimal(cell, 5) is None
    assert log10(cell) is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Fraction(10) ** 500, 500.0),
        (Fraction(1, 1000), -3.0),
        (Bound.of(Fraction(1), Fraction(0)), 0.0),
        (arb(100), 2.0),
        (Fraction(0), None),
    ],
)
def test_logarithms_of_numbers_beyond_floats(cell: Any, expected: float | None) -> None:
    """Decimal logarithms for pictures, of numbers of any size; none of 0."""
    found = log10(cell)
    assert found == expected if expected is None else found == pytest.approx(expected, abs=1e-12)
