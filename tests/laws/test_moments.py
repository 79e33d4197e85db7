"""Moments and cumulants of the laws against integrals, sums and generating functions that the package does not use."""

from __future__ import annotations

import copy
import itertools
import pickle
from fractions import Fraction
from math import comb
from typing import Any

import mpmath  # type: ignore[import-untyped]  # ships no types
import pytest
import sympy
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from pathmoments.errors import ArgumentError, InexactNumberError, PathMomentsError
from pathmoments.laws import (
    Finite,
    Gaussian,
    Laplace,
    Law,
    Moments,
    Rademacher,
    Sparse,
    SymbolicLaw,
    TruncatedGaussian,
    Uniform,
)

ORDERS = range(13)
DIGITS = 40

x, t = sympy.symbols("x t", real=True)

DENSITIES: dict[str, tuple[Law, Any, Any]] = {
    "gaussian": (Gaussian(), sympy.exp(-(x**2) / 2), sympy.oo),
    "uniform": (Uniform(), sympy.Integer(1), sympy.Rational(7, 3)),
    "laplace": (Laplace(), sympy.exp(-3 * x), sympy.oo),
}
"""An unnormalised density on x > 0 and the end of its support; the scale is arbitrary, for the moments are normalised."""

GENERATING: dict[str, tuple[Law, Any]] = {
    "gaussian": (Gaussian(), sympy.exp(t**2 / 2)),
    "uniform": (Uniform(), sympy.sinh(t) / t),
    "laplace": (Laplace(), 1 / (1 - t**2)),
    "rademacher": (Rademacher(), sympy.cosh(t)),
    "finite": (Finite([-2, -1, 1, 2]), (sympy.cosh(2 * t) + sympy.cosh(t)) / 2),
    "sparse": (Sparse("1/3", Rademacher()), sympy.Rational(1, 3) + sympy.Rational(2, 3) * sympy.cosh(t)),
}
"""Moment generating functions at any scale."""

RATIONAL_LAWS: list[Law] = [
    Gaussian(),
    Uniform(),
    Laplace(),
    Rademacher(),
    Finite({-3: "1/10", -1: "1/5", 0: "2/5", 1: "1/5", 3: "1/10"}),
    Sparse("3/4", Laplace()),
    Sparse("1/7", Sparse("1/2", Uniform())),
    Moments({2: "1/3", 4: "1/5", 6: "1/7", 8: "1/9", 10: "1/11", 12: "1/13"}),
]
BOUNDS = ["1/1000", "1/10", "1", "2", "5/2", "6", "40"]

fractions = st.fractions(min_value=Fraction(1, 20), max_value=20, max_denominator=20)
weights = st.integers(min_value=1, max_value=9)


@st.composite
def atoms(draw: st.DrawFn) -> dict[Fraction, Fraction]:
    """A random symmetric law with one to three pairs of atoms and perhaps an atom at 0."""
    values = draw(st.lists(fractions, min_size=1, max_size=3, unique=True))
    masses = [draw(weights) for _ in values]
    at_zero = draw(st.integers(min_value=0, max_value=9))
    total = 2 * sum(masses) + at_zero
    law = {sign * a: Fraction(m, total) for a, m in zip(values, masses, strict=True) for sign in (-1, 1)}
    return law | ({Fraction(0): Fraction(at_zero, total)} if at_zero else {})


def mt(law: Law, order: int) -> Any:
    """Return a moment of a law whose kind of value the caller knows."""
    return law.moment(order)


def rational(value: Any) -> Fraction:
    """Return a sympy number that must be rational as a fraction."""
    simplified = sympy.nsimplify(sympy.simplify(value))
    assert simplified.is_Rational, value
    return Fraction(int(simplified.p), int(simplified.q))


def by_quadrature(bound: str, k: int) -> Any:
    """Return E y^2k for y standard normal given |y| <= bound, by numerical integration over u = y / unit in units of order 1."""
    end = mpmath.mpf(Fraction(bound).numerator) / Fraction(bound).denominator
    unit = min(end, 1)
    places = [u for u in (0, 1, 2, 4, 8, 16) if u * unit < end] + [end / unit]
    mass, raw = (mpmath.quad(lambda u, r=r: u**r * mpmath.exp(-((u * unit) ** 2) / 2), places) for r in (0, 2 * k))
    return unit ** (2 * k) * raw / mass


def ball(value: Any) -> arb:
    """Return a number of mpmath as a ball as wide as the quadrature may err."""
    relative = arb(mpmath.nstr(value, DIGITS))
    return relative * arb(1, arb("1e-34"))


@pytest.mark.parametrize("name", DENSITIES)
@pytest.mark.parametrize("k", range(7))
def test_moments_of_a_density_are_its_integrals(name: str, k: int) -> None:
    """The moment of order 2k is the integral of x^2k times the density, over the k-th power of that for k = 1."""
    law, density, end = DENSITIES[name]
    mass, variance, raw = (sympy.integrate(x**r * density, (x, 0, end)) for r in (0, 2, 2 * k))
    assert law.moment(2 * k) == rational((raw / mass) / (variance / mass) ** k)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(atoms(), st.integers(min_value=0, max_value=6))
def test_moments_of_a_finite_law_are_sums_over_its_atoms(law: dict[Fraction, Fraction], k: int) -> None:
    """The moment of order 2k is the sum of p a^2k over the atoms, over the k-th power of the variance."""
    variance = sum(p * a**2 for a, p in law.items())
    assert Finite(law).moment(2 * k) == sum(p * a ** (2 * k) for a, p in law.items()) / variance**k
    assert Finite(law).raw_variance == variance


@settings(deadline=None, derandomize=True, max_examples=30)
@given(atoms(), fractions)
def test_the_scale_of_a_finite_law_does_not_matter(law: dict[Fraction, Fraction], scale: Fraction) -> None:
    """Multiplying all atoms by a number leaves the normalised moments and cumulants alone."""
    stretched = Finite({scale * a: p for a, p in law.items()})
    assert [stretched.moment(r) for r in ORDERS] == [Finite(law).moment(r) for r in ORDERS]
    assert [stretched.cumulant(r) for r in ORDERS] == [Finite(law).cumulant(r) for r in ORDERS]


def test_a_sequence_of_atoms_means_equal_weights() -> None:
    """Values in a sequence have equal probability, and repeated ones add up."""
    assert Finite([-1, 1]) == Finite({-1: "1/2", 1: "1/2"})
    assert Finite(["-1/2", 0, 0, "1/2"]) == Finite({"-1/2": "1/4", 0: "1/2", "1/2": "1/4"})
    assert Finite(iter([-1, 1])) == Finite((1, -1))


def test_an_atom_of_probability_zero_is_no_atom() -> None:
    """An atom of probability 0 is dropped: the law is the same as without it."""
    assert Finite({-1: "1/2", 0: 0, 1: "1/2"}) == Finite([-1, 1])
    assert not Finite({-1: "1/2", 0: 0, 1: "1/2"}).atoms_at_zero


def test_fair_signs_are_the_finite_law_on_minus_one_and_one() -> None:
    """Rademacher moments and cumulants are those of Finite([-1, 1])."""
    assert [Rademacher().moment(r) for r in ORDERS] == [Finite([-1, 1]).moment(r) for r in ORDERS]
    assert [Rademacher().cumulant(r) for r in ORDERS] == [Finite([-1, 1]).cumulant(r) for r in ORDERS]


@pytest.mark.parametrize("law", [Gaussian(), Uniform(), Laplace(), Rademacher(), Finite([-2, -1, 1, 2])], ids=repr)
@pytest.mark.parametrize("zero", ["0", "1/3", "9/10"])
def test_sparse_moments_follow_the_definition(law: Law, zero: str) -> None:
    """A sparse weight is 0 with probability `zero`: E w^2k = (1 - zero) E v^2k, then normalised by its own variance."""
    alive = 1 - Fraction(zero)
    for k in range(7):
        raw, variance = alive * mt(law, 2 * k), alive * mt(law, 2)
        expected = raw / variance**k if k else Fraction(1)
        assert Sparse(zero, law).moment(2 * k) == expected


@settings(deadline=None, derandomize=True, max_examples=30)
@given(atoms(), st.fractions(min_value=0, max_value=Fraction(9, 10), max_denominator=10))
def test_a_sparse_finite_law_is_the_finite_law_of_its_atoms(law: dict[Fraction, Fraction], zero: Fraction) -> None:
    """Sparse over a finite law lists its mixed atoms, and these give the same moments."""
    sparse = Sparse(zero, Finite(law))
    mixed = sparse.atoms
    assert mixed is not None
    assert sum(mixed.values()) == 1
    assert mixed.get(Fraction(0), Fraction(0)) == zero + (1 - zero) * law.get(Fraction(0), Fraction(0))
    assert [Finite(mixed).moment(r) for r in ORDERS] == [sparse.moment(r) for r in ORDERS]


def test_sparsity_twice_is_sparsity_once() -> None:
    """Keeping with probability a and then b is keeping with probability a b."""
    twice, once = Sparse("1/2", Sparse("1/3", Laplace())), Sparse("2/3", Laplace())
    assert [twice.moment(r) for r in ORDERS] == [once.moment(r) for r in ORDERS]


@pytest.mark.parametrize("name", GENERATING)
def test_cumulants_are_the_series_of_the_log_of_the_generating_function(name: str) -> None:
    """The cumulant of order r is r! times the coefficient of t^r in log E exp(t w), over the variance to the r/2."""
    law, generating = GENERATING[name]
    moments = sympy.series(generating, t, 0, 12).removeO()
    series = sympy.series(sympy.log(moments), t, 0, 12).removeO()
    raw = [sympy.factorial(r) * series.coeff(t, r) for r in range(12)]
    for r in range(1, 12):
        expected = rational(raw[r] / raw[2] ** (r // 2)) if r % 2 == 0 else Fraction(0)
        assert law.cumulant(r) == expected, r


@pytest.mark.parametrize("law", [SymbolicLaw(), SymbolicLaw("m"), Sparse("1/2", SymbolicLaw())], ids=repr)
def test_symbolic_cumulants_are_the_series_of_the_log_of_the_generating_function(law: Law) -> None:
    """The same series in the symbols of the moments gives the cumulants of a symbolic law."""
    moments = sum((law.moment(r) * t**r / sympy.factorial(r) for r in range(2, 9, 2)), start=sympy.Integer(1))
    series = sympy.expand(sympy.series(sympy.log(moments), t, 0, 9).removeO())
    for r in range(2, 9, 2):
        assert sympy.expand(law.cumulant(r) - sympy.factorial(r) * series.coeff(t, r)) == 0


@pytest.mark.parametrize("law", RATIONAL_LAWS, ids=repr)
def test_moments_follow_from_cumulants(law: Law) -> None:
    """Summing over the block that holds the first element, mt_2n = sum C(2n-1, 2j-1) k_2j mt_(2n-2j)."""
    for n in range(1, 7):
        cumulants: dict[int, Any] = {r: law.cumulant(r) for r in range(1, 2 * n + 1)}
        terms = (comb(2 * n - 1, r - 1) * cumulants[r] * mt(law, 2 * n - r) for r in range(1, 2 * n + 1))
        assert law.moment(2 * n) == sum(terms)


@pytest.mark.parametrize("law", RATIONAL_LAWS, ids=repr)
def test_moments_are_log_convex(law: Law) -> None:
    """By Cauchy and Schwarz mt_2k^2 <= mt_(2k-2) mt_(2k+2), and every even moment is at least 1."""
    even = [mt(law, r) for r in range(0, 13, 2)]
    assert even[:2] == [1, 1]
    assert all(m >= 1 for m in even)
    assert all(b * b <= a * c for a, b, c in zip(even, even[1:], even[2:], strict=False))


@pytest.mark.parametrize("law", [*RATIONAL_LAWS, SymbolicLaw(), TruncatedGaussian()], ids=repr)
def test_odd_moments_and_cumulants_are_zero(law: Law) -> None:
    """A symmetric law has no odd moments or cumulants, and its cumulant of order 0 is 0 by convention."""
    assert [law.moment(r) for r in range(1, 12, 2)] == [0] * 6
    assert [law.cumulant(r) for r in (0, *range(1, 12, 2))] == [0] * 7


@pytest.mark.parametrize("law", RATIONAL_LAWS, ids=repr)
def test_rational_laws_give_fractions(law: Law) -> None:
    """Moments and cumulants of a rational law are fractions, odd and zero orders included."""
    assert law.rational
    assert all(type(law.moment(r)) is Fraction and type(law.cumulant(r)) is Fraction for r in range(13))


@pytest.mark.parametrize("bound", BOUNDS)
def test_truncated_moments_contain_the_quadrature_and_are_narrow(bound: str) -> None:
    """Each ball overlaps the integral taken to 40 digits and is no wider than 2^-99 of its value."""
    law = TruncatedGaussian(bound)
    with mpmath.workdps(DIGITS + 10), ctx.workprec(300):
        variance = by_quadrature(bound, 1)
        assert ball(variance).overlaps(law.variance_before())
        for k in range(1, 7):
            moment = law.moment(2 * k)
            assert isinstance(moment, arb)
            assert ball(by_quadrature(bound, k) / variance**k).overlaps(moment)
            assert moment.rad() < abs(moment.mid()) * arb(2) ** -99


def test_truncated_values_of_the_theory_page() -> None:
    """At two deviations mt_4 = 2.3655367171... and the variance before correction is 0.7737413035..."""
    with ctx.workprec(200):
        fourth, variance = TruncatedGaussian().moment(4), TruncatedGaussian().variance_before()
        assert isinstance(fourth, arb)
        assert arb("2.3655367171") < fourth < arb("2.3655367172")
        assert arb("0.7737413035") < variance < arb("0.7737413036")


def test_truncated_cumulants_contain_those_of_the_quadrature() -> None:
    """k_4 = mt_4 - 3 and k_6 = mt_6 - 15 mt_4 + 30, from moments by quadrature."""
    law = TruncatedGaussian("3/2")
    with mpmath.workdps(DIGITS + 10), ctx.workprec(300):
        variance, fourth, sixth = (by_quadrature("3/2", k) for k in (1, 2, 3))
        fourth, sixth = fourth / variance**2, sixth / variance**3
        for order, expected in ((2, mpmath.mpf(1)), (4, fourth - 3), (6, sixth - 15 * fourth + 30)):
            cumulant = law.cumulant(order)
            assert isinstance(cumulant, arb)
            assert ball(expected).overlaps(cumulant)
            assert cumulant.rad() < abs(cumulant.mid()) * arb(2) ** -99


def test_truncation_interpolates_between_uniform_and_gaussian() -> None:
    """Narrow truncation tends to the uniform law and wide truncation to the Gaussian one."""
    for r in (4, 6, 8):
        narrow, wide = TruncatedGaussian("1/1000").moment(r), TruncatedGaussian(1000).moment(r)
        assert isinstance(narrow, arb)
        assert isinstance(wide, arb)
        assert abs(float(narrow.mid()) / float(Uniform().moment(r)) - 1) < 1e-5
        assert abs(float(wide.mid()) / float(Gaussian().moment(r)) - 1) < 1e-15


def test_a_sparse_truncated_law_keeps_its_balls_narrow() -> None:
    """Sparsity multiplies a ball by a rational: mt_4 of half sparsity is twice that of the law."""
    sparse, law = Sparse("1/2", TruncatedGaussian()).moment(4), TruncatedGaussian().moment(4)
    assert isinstance(sparse, arb)
    assert isinstance(law, arb)
    assert sparse.overlaps(2 * law)
    assert sparse.rel_accuracy_bits() >= 99
    assert not Sparse("1/2", TruncatedGaussian()).rational


@pytest.mark.parametrize(
    ("law", "has_atoms", "at_zero", "symbolic"),
    [
        (Gaussian(), False, False, False),
        (Uniform(), False, False, False),
        (Laplace(), False, False, False),
        (TruncatedGaussian(), False, False, False),
        (Rademacher(), True, False, False),
        (Finite([-1, 1]), True, False, False),
        (Finite([-1, 0, 1]), True, True, False),
        (Sparse(0, Gaussian()), False, False, False),
        (Sparse("1/2", Gaussian()), True, True, False),
        (Sparse(0, Rademacher()), True, False, False),
        (Sparse(0, Finite([-1, 0, 1])), True, True, False),
        (Moments({2: 1, 4: 3}), True, True, False),
        (Moments({2: 1, 4: 3}, atoms=False), False, False, False),
        (SymbolicLaw(), True, True, True),
        (SymbolicLaw("m", atoms=False), False, False, True),
        (Sparse("1/2", SymbolicLaw("m", atoms=False)), True, True, True),
    ],
    ids=str,
)
def test_laws_know_their_atoms(law: Law, has_atoms: bool, at_zero: bool, symbolic: bool) -> None:
    """Each law says whether it has atoms, whether one is at 0, and whether its moments are symbols."""
    assert (law.has_atoms, law.atoms_at_zero, law.symbolic) == (has_atoms, at_zero, symbolic)


@pytest.mark.parametrize("law", [*RATIONAL_LAWS, SymbolicLaw(), TruncatedGaussian("5/2")], ids=repr)
def test_laws_are_values(law: Law) -> None:
    """A law equals its copy and its pickle, hashes alike, differs from other laws, and cannot be changed."""
    for other in (copy.deepcopy(law), pickle.loads(pickle.dumps(law))):
        assert other == law
        assert hash(other) == hash(law)
        assert repr(other) == repr(law)
    assert len({law, copy.copy(law), Finite([-5, 5])}) == 2
    with pytest.raises(AttributeError):
        law.anything = 1  # type: ignore[attr-defined]  # must be refused


def test_different_laws_are_different() -> None:
    """No two of the laws here are equal, though some share all their moments."""
    assert all(a != b for a, b in itertools.combinations([*RATIONAL_LAWS, SymbolicLaw(), TruncatedGaussian()], 2))
    assert TruncatedGaussian(2) == TruncatedGaussian("2") != TruncatedGaussian(3)


def test_atoms_of_a_law_cannot_be_changed_through_the_mapping() -> None:
    """The mapping that `atoms` returns is a copy."""
    law = Finite([-1, 1])
    mapping = dict(law.atoms)
    mapping.clear()
    assert law.atoms == {Fraction(-1): Fraction(1, 2), Fraction(1): Fraction(1, 2)}
    assert Gaussian().atoms is None
    assert Gaussian().raw_variance == 1


@pytest.mark.parametrize("order", [-1, -2, 2.0, "4", None, True, Fraction(4), sympy.Rational(1, 2)])
def test_an_order_that_is_no_whole_number_is_refused(order: Any) -> None:
    """Negative, fractional and textual orders are refused by name, for moments and for cumulants."""
    for ask in (Gaussian().moment, Gaussian().cumulant):
        with pytest.raises(ArgumentError, match="order must be a whole number, 0 or more, was ") as caught:
            ask(order)
        assert isinstance(caught.value, ValueError)


def test_an_order_may_be_any_kind_of_integer() -> None:
    """Integers of sympy are taken as orders."""
    assert Gaussian().moment(sympy.Integer(6)) == 15


@pytest.mark.parametrize(
    ("make", "error", "natural", "parts"),
    [
        (
            lambda: Finite({-1: "1/2", 1: "1/3"}),
            ArgumentError,
            ValueError,
            ["the sum of the probabilities", "1", "5/6"],
        ),
        (lambda: Finite([]), ArgumentError, ValueError, ["atoms must be 1 to 10,000 values"]),
        (
            lambda: Finite({-1: "3/2", 1: "-1/2"}),
            ArgumentError,
            ValueError,
            ["a probability must be 0 or more", "-1/2"],
        ),
        (lambda: Finite({-1: "1/4", 1: "3/4"}), ArgumentError, ValueError, ["symmetric about 0", "-1", "1/4", "3/4"]),
        (lambda: Finite([1]), ArgumentError, ValueError, ["symmetric about 0", "1 has probability 1", "-1 has 0"]),
        (lambda: Finite([0]), ArgumentError, ValueError, ["an atom other than 0", "variance would be 0"]),
        (
            lambda: Finite([-0.5, 0.5]),
            InexactNumberError,
            TypeError,
            ["an atom must be an exact number", "-0.5", "'-1/2'"],
        ),
        (lambda: Finite({-1: 0.5, 1: 0.5}), InexactNumberError, TypeError, ["a probability", "was 0.5", "'1/2'"]),
        (lambda: Finite(["a", "b"]), ArgumentError, ValueError, ["an atom must be an exact number", "'a'"]),
        (lambda: Sparse(1, Gaussian()), ArgumentError, ValueError, ["zero must be a probability", "below 1", "'1'"]),
        (lambda: Sparse("-1/2", Gaussian()), ArgumentError, ValueError, ["zero must be a probability", "'-1/2'"]),
        (lambda: Sparse(0.25, Gaussian()), InexactNumberError, TypeError, ["zero must be an exact number", "'1/4'"]),
        (lambda: Sparse("1/2", "gaussian"), ArgumentError, ValueError, ["law must be a Law such as Gaussian()"]),  # type: ignore[arg-type]  # must be refused
        (lambda: TruncatedGaussian(0), ArgumentError, ValueError, ["bound must be a positive number", "'0'"]),
        (lambda: TruncatedGaussian(-2), ArgumentError, ValueError, ["bound must be a positive number", "'-2'"]),
        (
            lambda: TruncatedGaussian(2.0),
            InexactNumberError,
            TypeError,
            ["bound must be an exact number", "2.0", "'2'"],
        ),
        (
            lambda: TruncatedGaussian(1001),
            ArgumentError,
            ValueError,
            ["between 1/1000 and 1000", "use Uniform or Gaussian"],
        ),
        (lambda: TruncatedGaussian("1/1001"), ArgumentError, ValueError, ["between 1/1000 and 1000", "'1/1001'"]),
    ],
)
def test_laws_that_do_not_exist_are_refused(
    make: Any, error: type[PathMomentsError], natural: type[Exception], parts: list[str]
) -> None:
    """Each refusal has its type, and names the argument, what it must be, what it was and the way out."""
    with pytest.raises(error) as caught:
        make()
    assert isinstance(caught.value, natural)
    assert all(part in str(caught.value) for part in parts), str(caught.value)
