"""The three domains of exact sums: rationals, rigorous balls, and polynomials in symbols."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from pathmoments.domains import BALL_BITS, MAX_PRECISION, Balls, Domain, Polynomials, Rationals
from pathmoments.errors import ArgumentError, UndecidedError

n, m = sympy.symbols("n m")
small = st.fractions(min_value=-9, max_value=9, max_denominator=9)
nonzero = small.filter(bool)
DOMAINS: dict[str, Callable[[], Domain]] = {
    "rationals": Rationals,
    "balls": Balls,
    "polynomials": lambda: Polynomials([n, m]),
}


def holds(value: Any, expected: Fraction) -> bool:
    """Whether a value of any domain is, or contains, the fraction."""
    if isinstance(value, arb):
        with ctx.workprec(2000):  # the ball of the fraction is then a point to any other
            return bool(value.contains(arb(fmpq(expected.numerator, expected.denominator))))
    return bool(value == sympy.Rational(expected.numerator, expected.denominator))


@pytest.mark.parametrize("name", DOMAINS)
@settings(deadline=None, derandomize=True, max_examples=40)
@given(a=small, b=small, c=small)
def test_elements_add_and_multiply_as_their_values_do(name: str, a: Fraction, b: Fraction, c: Fraction) -> None:
    """The value of a b + 3 c is the same number in every domain, and so is it with a prefactor."""
    domain = DOMAINS[name]()
    element = domain.element(a) * domain.element(b) + 3 * domain.element(c)
    with ctx.workprec(200):
        assert holds(domain.value(Fraction(1), element), a * b + 3 * c)
        assert holds(domain.value(Fraction(2, 7), element), Fraction(2, 7) * (a * b + 3 * c))


@pytest.mark.parametrize("name", DOMAINS)
@settings(deadline=None, derandomize=True, max_examples=40)
@given(powers=st.lists(st.tuples(nonzero, st.integers(min_value=0, max_value=5)), max_size=5))
def test_power_products_are_products_of_powers(name: str, powers: list[tuple[Fraction, int]]) -> None:
    """A product of rational powers is exact in every domain, 1 for none, and never a ball."""
    expected = Fraction(1)
    for value, exponent in powers:
        expected *= value**exponent
    found = DOMAINS[name]().power_product(powers)
    assert not isinstance(found, arb)
    assert holds(found, expected)


def test_rationals_give_fractions() -> None:
    """Elements are flint rationals, ints included, and values are fractions."""
    domain = Rationals()
    assert isinstance(domain.element(3), fmpq)
    assert isinstance(domain.element(Fraction(1, 3)), fmpq)
    value = domain.value(Fraction(3, 2), domain.element(Fraction(1, 3)))
    assert type(value) is Fraction
    assert value == Fraction(1, 2)
    assert domain.settle(lambda: Fraction(5, 7)) == Fraction(5, 7)


@pytest.mark.parametrize("make", [Rationals, lambda: Polynomials([n])])
def test_exact_domains_compute_once(make: Callable[[], Domain]) -> None:
    """What is exact at once is not computed again."""
    calls: list[None] = []

    def compute() -> Fraction:
        calls.append(None)
        return Fraction(1, 3)

    assert make().settle(compute) == Fraction(1, 3)
    assert len(calls) == 1


def test_balls_settle_at_the_first_precision_that_suffices() -> None:
    """The precision rises until the ball has 100 correct bits, though cancellation takes 1540 of them (1600 would leave 60)."""
    precisions: list[int] = []

    def cancelling() -> arb:
        precisions.append(ctx.prec)
        return (arb(1) + arb(2) ** -1540 * arb(2).sqrt()) - 1

    outside = ctx.prec
    ball = Balls().settle(cancelling)
    assert ctx.prec == outside
    assert isinstance(ball, arb)
    assert ball.rel_accuracy_bits() >= BALL_BITS
    assert precisions == [200, 400, 800, 1600, 3200]
    with ctx.workprec(8000):
        assert ball.contains(arb(2).sqrt() * arb(2) ** -1540)


def test_an_exact_zero_ball_is_settled() -> None:
    """Zero without a radius is known to every bit."""
    assert Balls().settle(lambda: arb(0)) == 0


def test_a_ball_that_stays_wide_is_undecided() -> None:
    """What no precision decides is undecided, with the last ball in the message, and the precision is put back."""
    outside = ctx.prec
    with pytest.raises(
        UndecidedError, match=f"no {BALL_BITS} bits .* working precision of {MAX_PRECISION} bits"
    ) as caught:
        Balls().settle(lambda: arb(0, 1))
    assert isinstance(caught.value, ArithmeticError)
    assert ctx.prec == outside


def test_balls_take_rationals_and_balls() -> None:
    """A rational becomes a ball that contains it, and a ball stays itself."""
    domain = Balls()
    third = domain.element(Fraction(1, 3))
    assert isinstance(third, arb)
    assert third.contains(fmpq(1, 3))
    half = arb("0.5")
    assert domain.element(half) is half
    value = domain.value(Fraction(1, 3), domain.element(arb(6)))
    assert isinstance(value, arb)
    assert value.contains(2)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.lists(st.tuples(small, st.tuples(*[st.integers(min_value=0, max_value=3)] * 2)), min_size=1, max_size=4))
def test_a_polynomial_goes_in_and_comes_out(terms: list[tuple[Fraction, tuple[int, int]]]) -> None:
    """The value of the element of a polynomial is that polynomial, factored."""
    expression = sum(
        (sympy.Rational(c.numerator, c.denominator) * n**i * m**j for c, (i, j) in terms), start=sympy.Integer(0)
    )
    domain = Polynomials([n, m])
    assert sympy.expand(domain.value(Fraction(1), domain.element(expression)) - expression) == 0


def test_values_of_polynomials_are_factored() -> None:
    """n^2 + 2 n m + m^2, halved, is (n + m)^2 / 2 as it stands."""
    domain = Polynomials([m, n])
    element = (domain.element(n) + domain.element(m)) ** 2
    value: Any = domain.value(Fraction(1, 2), element)
    assert value == (n + m) ** 2 / 2
    assert value.args == ((n + m) ** 2 / 2).args


def test_zero_has_a_value_among_polynomials() -> None:
    """The difference of equal elements is 0."""
    domain = Polynomials([n])
    assert domain.value(Fraction(3), domain.element(n) - domain.element(n)) == 0


def test_the_order_of_the_symbols_does_not_matter() -> None:
    """The same symbols in any order, or as a set, give the same values."""
    values = []
    for symbols in ([n, m], [m, n], {n, m}):
        domain = Polynomials(symbols)
        values.append(domain.value(Fraction(1), domain.element(n) ** 2 * domain.element(m) + 1))
    assert values[0] == values[1] == values[2] == n**2 * m + 1


def test_symbols_with_assumptions_keep_them() -> None:
    """The symbols that come out are those that went in, assumptions included."""
    k = sympy.Symbol("n", integer=True, positive=True)
    domain = Polynomials([k])
    value: Any = domain.value(Fraction(1), domain.element(k + 1))
    assert value.free_symbols == {k}


def test_a_symbolic_variance_may_be_a_quotient() -> None:
    """Powers of variances such as 2/n are kept as expressions outside the polynomials."""
    assert Polynomials([n]).power_product([(2 / n, 3), (Fraction(1, 3), 2)]) == sympy.Rational(8, 9) / n**3


@pytest.mark.parametrize("expression", [1 / n, sympy.sqrt(n), sympy.exp(n), 2**n])
def test_what_is_no_polynomial_is_refused(expression: Any) -> None:
    """A quotient, root or exponential of a symbol is refused with the expression in the message."""
    with pytest.raises(
        ArgumentError, match="must be a polynomial in its symbols with rational coefficients, was "
    ) as caught:
        Polynomials([n]).element(expression)
    assert isinstance(caught.value, ValueError)
    assert str(expression) in str(caught.value)
