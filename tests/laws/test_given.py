"""Laws given by their moments: which sequences are the moments of a law, and which are not.

A sequence s_0 = 1, s_1, ..., s_n holds moments E t^k of some t = w^2 >= 0 exactly if both of its Hankel matrices, (s_{i+j}) and
(s_{i+j+1}), are positive semidefinite and, at the first singular one, the rest obeys its recurrence. The tests decide this by other
means: moments of laws that exist, finite laws changed at the moment where they become rigid, and elimination with pivots.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from pathmoments.errors import ArgumentError, InexactNumberError, PathMomentsError, UnknownMomentError
from pathmoments.laws import Finite, Gaussian, Laplace, Law, Moments, Rademacher, Sparse, SymbolicLaw, Uniform

sizes = st.lists(
    st.fractions(min_value=Fraction(1, 9), max_value=9, max_denominator=9), min_size=1, max_size=3, unique=True
)


@st.composite
def finite_laws(draw: st.DrawFn) -> tuple[Finite, int, bool]:
    """A random finite law, its number of pairs of atoms, and whether it has an atom at 0."""
    values = draw(sizes)
    masses = [draw(st.integers(min_value=1, max_value=7)) for _ in values]
    at_zero = draw(st.integers(min_value=0, max_value=3))
    total = 2 * sum(masses) + at_zero
    atoms = {sign * a: Fraction(m, total) for a, m in zip(values, masses, strict=True) for sign in (-1, 1)}
    return Finite(atoms | {Fraction(0): Fraction(at_zero, total)}), len(values), at_zero > 0


def raw_moments(law: Finite, count: int) -> dict[int, Fraction]:
    """Return {2: E w^2, ..., 2 count: E w^(2 count)} by summation over the atoms, without normalising."""
    return {2 * k: sum((p * a ** (2 * k) for a, p in law.pairs), start=Fraction(0)) for k in range(1, count + 1)}


def rigid_at(pairs: int, at_zero: bool) -> int:
    """Return the least k such that s_0..s_k are the moments of this finite law alone.

    With r atoms of t > 0, the matrix of size r + 1 is the first to be singular: the plain one, or with an atom at 0 the shifted one.
    """
    return 2 * pairs + (1 if at_zero else 0)


def accepted(moments: dict[int, Fraction]) -> bool:
    """Return whether the package takes the numbers for the moments of a law."""
    try:
        Moments(moments)
    except ArgumentError:
        return False
    return True


def pivots(s: Sequence[Fraction], shift: int) -> list[Fraction]:
    """Return the pivots of the largest Hankel matrix of s from `shift` on: all positive means positive definite."""
    size = (len(s) - 1 - shift) // 2 + 1
    rows = [[s[shift + i + j] for j in range(size)] for i in range(size)]
    found = []
    for i in range(size):
        found.append(rows[i][i])
        if not rows[i][i]:
            break
        for j in range(i + 1, size):
            factor = rows[j][i] / rows[i][i]
            rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i], strict=True)]
    return found


@settings(deadline=None, derandomize=True, max_examples=80)
@given(finite_laws(), st.integers(min_value=1, max_value=9))
def test_the_moments_of_a_finite_law_are_accepted(drawn: tuple[Finite, int, bool], count: int) -> None:
    """However many moments of a finite law are given, beyond the singular matrix too, they are accepted and normalised."""
    law, _, _ = drawn
    given_law = Moments(raw_moments(law, count))
    assert [given_law.moment(r) for r in range(2 * count + 1)] == [law.moment(r) for r in range(2 * count + 1)]
    assert [given_law.cumulant(r) for r in range(2 * count + 1)] == [law.cumulant(r) for r in range(2 * count + 1)]


@settings(deadline=None, derandomize=True, max_examples=80)
@given(
    finite_laws(),
    st.fractions(min_value=Fraction(1, 10**6), max_value=10**3, max_denominator=10**6),
    st.integers(min_value=0, max_value=3),
)
@example((Finite([-1, 1]), 1, False), Fraction(1, 10**30), 0)
@example((Finite([-1, 0, 1]), 1, True), Fraction(1, 10**30), 0)
def test_the_moments_of_a_finite_law_changed_where_it_is_rigid_are_refused(
    drawn: tuple[Finite, int, bool], change: Fraction, beyond: int
) -> None:
    """At the singular matrix a moment may grow but not shrink; beyond it, it may do neither."""
    law, pairs, at_zero = drawn
    rigid = rigid_at(pairs, at_zero)
    moments = raw_moments(law, rigid + beyond)
    last = 2 * (rigid + beyond)
    assert accepted(moments)
    assert not accepted(moments | {last: moments[last] - change})
    assert accepted(moments | {last: moments[last] + change}) is (beyond == 0)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(finite_laws(), st.integers(min_value=1, max_value=3), st.integers(min_value=1, max_value=3))
def test_one_wrong_moment_in_the_middle_is_found(drawn: tuple[Finite, int, bool], at: int, after: int) -> None:
    """A wrong moment beyond the rigid one is refused although right ones follow it."""
    law, pairs, at_zero = drawn
    rigid = rigid_at(pairs, at_zero)
    moments = raw_moments(law, rigid + at + after)
    assert not accepted(moments | {2 * (rigid + at): moments[2 * (rigid + at)] + 1})


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    st.lists(st.integers(min_value=1, max_value=6), min_size=4, max_size=4, unique=True),
    st.integers(min_value=2, max_value=7),
    st.lists(
        st.fractions(min_value=Fraction(-1, 50), max_value=Fraction(1, 50), max_denominator=300), min_size=6, max_size=6
    ),
    st.sampled_from([1, 10, 1000, 100_000]),
)
def test_acceptance_agrees_with_elimination(values: list[int], count: int, noise: list[Fraction], quieter: int) -> None:
    """Away from singular matrices, a sequence is accepted exactly if all pivots of both Hankel matrices are positive."""
    exact = raw_moments(Finite([sign * v for v in values for sign in (-1, 1)]), count)
    changed = {2 * k: exact[2 * k] * (1 + (noise[k - 2] / quieter if k > 1 else 0)) for k in range(1, count + 1)}
    s = [Fraction(1), *changed.values()]
    plain, shifted = pivots(s, 0), pivots(s, 1)
    assume(all(plain) and all(shifted))
    assert accepted(changed) is (min(plain + shifted) > 0)


@pytest.mark.parametrize("law", [Gaussian(), Uniform(), Laplace(), Sparse("1/2", Gaussian()), Rademacher()], ids=repr)
def test_the_moments_of_known_laws_are_accepted(law: Law) -> None:
    """Sixteen moments of each law with rational moments are accepted, and given back."""
    law_given = Moments({r: law.moment(r) for r in range(2, 33, 2)})
    assert [law_given.moment(r) for r in range(33)] == [law.moment(r) for r in range(33)]


@pytest.mark.parametrize(
    "moments",
    [
        {2: 1, 4: "1/2"},
        {2: 1, 4: "999999999999/1000000000000"},
        {2: 2, 4: 3},
        {2: 1, 4: 0},
        {2: 1, 4: -3},
    ],
    ids=str,
)
def test_a_fourth_moment_below_one_is_refused(moments: dict[int, object]) -> None:
    """No law has E w^4 < (E w^2)^2, and the message says so with the number."""
    with pytest.raises(ArgumentError, match=r"no law has these moments: mt_4 = .* must be at least 1, was ") as caught:
        Moments(moments)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("moments", "message"),
    [
        ({2: 1, 4: 2, 6: 3}, r"with E w\^6 = 3 .* not positive semidefinite"),
        ({2: 1, 4: 3, 6: 15, 8: 80}, r"with E w\^8 = 80 .* not positive semidefinite"),
        ({2: 1, 4: 1, 6: 2}, r"those up to order 4 belong to a finite law alone, and E w\^6 is not that law's"),
        ({2: 1, 4: 1, 6: 1, 8: 2}, r"those up to order 4 belong to a finite law alone, and E w\^8 is not that law's"),
        ({2: 1, 4: 2, 6: 4, 8: 9}, r"those up to order 6 belong to a finite law alone, and E w\^8 is not that law's"),
    ],
)
def test_a_refused_sequence_is_told_where_it_fails(moments: dict[int, object], message: str) -> None:
    """The message names the first moment that no law has, and why."""
    with pytest.raises(ArgumentError, match="no law has these moments: .*" + message):
        Moments(moments)


@pytest.mark.parametrize(
    ("moments", "error", "natural", "message"),
    [
        ({}, ArgumentError, ValueError, r"moments must be a mapping \{2: E w\^2, 4: E w\^4, \.\.\.\}, was \{\}"),
        ([1, 3], ArgumentError, ValueError, r"moments must be a mapping .*, was \[1, 3\]"),
        (None, ArgumentError, ValueError, "moments must be a mapping .*, was None"),
        (
            {2: 1, 6: 15},
            ArgumentError,
            ValueError,
            r"the even orders must be 2, 4, 6, \.\.\. without gaps, was \[2, 6\]",
        ),
        ({4: 3}, ArgumentError, ValueError, r"the even orders must be 2, 4, 6, \.\.\. without gaps, was \[4\]"),
        ({1: 0}, ArgumentError, ValueError, r"the even orders must be 2, 4, 6, \.\.\. without gaps, was \[\]"),
        ({2: 1, 3: 1}, ArgumentError, ValueError, r"a symmetric law has E w\^3 = 0, was 1"),
        ({0: 1, 2: 1}, ArgumentError, ValueError, "an order must be a whole number, 1 or more, was 0"),
        ({"2": 1}, ArgumentError, ValueError, "an order must be a whole number, 1 or more, was '2'"),
        ({2.0: 1}, ArgumentError, ValueError, "an order must be a whole number, 1 or more, was 2.0"),
        ({2: 0}, ArgumentError, ValueError, r"E w\^2 must be positive, was '0'"),
        ({2: "-1/3"}, ArgumentError, ValueError, r"E w\^2 must be positive, was '-1/3'"),
        ({2: 0.5}, InexactNumberError, TypeError, r"E w\^2 must be an exact number, was 0.5: write .*'1/2'"),
        ({2: 1, 4: 3.0}, InexactNumberError, TypeError, r"E w\^4 must be an exact number, was 3.0: write .*'3'"),
    ],
)
def test_moments_that_are_not_numbers_by_even_order_are_refused(
    moments: Any, error: type[PathMomentsError], natural: type[Exception], message: str
) -> None:
    """Gaps, odd moments, a variance of 0, floats and anything but a mapping are refused by name."""
    with pytest.raises(error, match=message) as caught:
        Moments(moments)
    assert isinstance(caught.value, natural)


def test_odd_moments_may_be_given_as_zero() -> None:
    """Odd orders with the value 0 are taken, and change nothing."""
    assert Moments({1: 0, 2: 1, 3: 0, 4: 3}) == Moments({2: 1, 4: 3})


def test_the_scale_of_the_moments_does_not_matter() -> None:
    """Moments of 3 w are those of w: both are normalised by the second."""
    assert Moments({2: 9, 4: 243}) == Moments({2: 1, 4: 3}) == Moments({4: "3", 2: "1"})


def test_the_word_on_atoms_is_part_of_the_law() -> None:
    """The same moments with and without atoms are two laws."""
    assert Moments({2: 1, 4: 3}) != Moments({2: 1, 4: 3}, atoms=False)


def test_a_moment_that_was_not_given_is_refused() -> None:
    """Asking for order 6 where 4 is the last one names both, and the number to add."""
    law = Moments({2: 1, 4: 3})
    for ask in (law.moment, law.cumulant, Sparse("1/2", law).moment):
        assert ask(4) is not None
        with pytest.raises(UnknownMomentError, match=r"order 6 is needed, .* up to order 4: add E w\^6") as caught:
            ask(6)
        assert isinstance(caught.value, LookupError)
    assert law.moment(7) == 0


def test_symbolic_moments_are_symbols_named_by_their_order() -> None:
    """The normalised moments of orders 0 and 2 are 1; from 4 on they are positive symbols, the same each time."""
    law = SymbolicLaw("m")
    assert (law.moment(0), law.moment(2)) == (1, 1)
    assert law.moment(4) == sympy.Symbol("m_4") == SymbolicLaw("m").moment(4)
    assert law.moment(6) != SymbolicLaw().moment(6) == sympy.Symbol("mt_6")


@pytest.mark.parametrize("symbol", ["", "1m", "m t", "m+1", None, 3, sympy.Symbol("m")])
def test_a_symbol_must_be_a_name(symbol: Any) -> None:
    """What is no identifier is refused as the name of the moments."""
    with pytest.raises(ArgumentError, match="symbol must be a name such as 'mt', was ") as caught:
        SymbolicLaw(symbol)
    assert isinstance(caught.value, ValueError)


def test_sampling_and_finite_laws_refuse_what_they_cannot_take() -> None:
    """Negative variances, endless or missing atoms are refused; atoms of any size are normalised before they become floats."""
    import itertools

    import numpy as np

    from pathmoments import Finite, Gaussian

    generator = np.random.default_rng(0)
    with pytest.raises(ArgumentError, match="variance must be 0 or more"):
        Gaussian().sample(generator, 3, variance=-1)
    wrong: tuple[Any, ...] = (3, itertools.count(), [])
    for atoms in wrong:
        with pytest.raises(ArgumentError, match="atoms must be"):
            Finite(atoms)
    samples = Finite([-(10**400), 10**400]).sample(generator, 100)
    assert sorted(set(samples.tolist())) == [-1.0, 1.0]
