"""Symbolic results: numbers put in place of the symbols give the numbers, and the text is the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from pathmoments import Finite, Network, SymbolicLaw, Z, empirical_variance, expect, fourth_moments, moment
from pathmoments.laws import Law

POWERS: list[dict[tuple[int, int], int]] = [
    {(0, 0): 2},
    {(0, 0): 4},
    {(0, 0): 8},
    {(0, 0): 2, (1, 0): 4},
    {(1, 0): 2, (1, 1): 2},
    {(0, 0): 2, (1, 1): 4},
    {(0, 0): 1, (0, 1): 1, (1, 0): 1, (1, 1): 1},
    {(0, 0): 3, (0, 1): 1, (1, 0): 1, (1, 1): 3},
]
"""On networks of two inputs and outputs or more; up to order 8, with odd pairs."""


@st.composite
def finite_laws(draw: st.DrawFn) -> Finite:
    """A symmetric law on up to two pairs of atoms and 0: its normalised moments are rationals without a pattern."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=2, unique=True))
    weights = draw(st.lists(st.integers(1, 4), min_size=len(sizes), max_size=len(sizes)))
    zero = draw(st.integers(0, 3))
    total = 2 * sum(weights) + zero
    atoms = {sign * a: Fraction(w, total) for a, w in zip(sizes, weights, strict=True) for sign in (-1, 1)}
    return Finite(atoms | {0: Fraction(zero, total)})


def _sympy(value: Any) -> Any:
    return sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value


class Case:
    """A network of numbers, the same with symbols, and what to put in their place."""

    def __init__(self, widths: list[int], laws: list[Law], shared: bool, keywords: dict[str, Any]) -> None:
        names = [f"n_{width}" if shared else f"n_{layer}" for layer, width in enumerate(widths)]
        laws = laws[:1] * (len(widths) - 1) if shared else laws[: len(widths) - 1]
        symbolic = [SymbolicLaw("mt" if shared else f"m{layer}") for layer in range(len(laws))]
        self.numbers = Network(widths, law=laws, **keywords)
        self.symbols = Network([sympy.Symbol(name) for name in names], law=symbolic, **keywords)
        self.place = {name: sympy.Integer(width) for name, width in zip(names, widths, strict=True)} | {
            f"{one.symbol}_{order}": _sympy(law.moment(order))
            for one, law in zip(symbolic, laws, strict=True)
            for order in (4, 6, 8)
        }

    def placed(self, formula: Any) -> Any:
        """Return the formula with the numbers for the symbols."""
        return _sympy(formula).subs({sympy.Symbol(name): value for name, value in self.place.items()})


cases = st.builds(
    Case,
    st.lists(st.integers(2, 4), min_size=2, max_size=4),
    st.lists(finite_laws(), min_size=3, max_size=3),
    st.booleans(),
    st.sampled_from(
        [
            {},
            {"variance": "glorot", "output": "linear"},
            {"slope": "-1/3", "variance": "lecun"},
            {"variance": "2/7", "slope": "1/2"},
        ]
    ),
)


@given(cases, st.sampled_from(POWERS))
def test_moments_agree_with_the_numbers(case: Case, power: dict[tuple[int, int], int]) -> None:
    """Single and mixed moments: widths and laws as symbols (per layer or shared), then numbers, is numbers from the start."""
    assert case.placed(moment(case.symbols, power)) == _sympy(moment(case.numbers, power))


@given(cases)
def test_empirical_variance_agrees_with_the_numbers(case: Case) -> None:
    """E dVar and the four fourth moments behind it, by substitution."""
    assert case.placed(empirical_variance(case.symbols)) == _sympy(empirical_variance(case.numbers))
    formulas, values = vars(fourth_moments(case.symbols)), vars(fourth_moments(case.numbers))
    for kind, value in values.items():
        assert case.placed(formulas[kind]) == _sympy(value), kind


@given(cases, st.integers(-3, 3))
def test_polynomials_agree_with_the_numbers(case: Case, factor: int) -> None:
    """The expectation of a polynomial in the entries with a symbol among its coefficients, by substitution."""
    t = sympy.Symbol("t")

    def polynomial(t: Any) -> Any:
        return t * (Z[0, 0] ** 2 + Z[1, 1] ** 2) ** 2 - Z[0, 0] * Z[1, 0] * Z[0, 1] * Z[1, 1] + 1

    formula: Any = _sympy(expect(case.symbols, polynomial(t)))
    assert case.placed(formula.subs(t, factor)) == _sympy(expect(case.numbers, polynomial(sympy.Integer(factor))))


@pytest.mark.parametrize("hidden", [0, 1, 2, 3])
def test_gaussian_formulas_of_the_theory(hidden: int) -> None:
    """THEORY 5, with the widths as symbols: the fourth moments in P = prod (1 + 5/n_j) and Q = prod (1 - 1/n_j)."""
    n0, *inner, last = sympy.symbols(f"n_0:{hidden + 2}")
    net = Network([n0, *inner, last])
    p, q = sympy.prod(1 + 5 / n for n in inner), sympy.prod(1 - 1 / n for n in inner)
    square = moment(net, {(0, 0): 1, (0, 1): 1, (1, 0): 1, (1, 1): 1})
    found = fourth_moments(net)
    for value, formula in (
        (found.single, 6 * p),
        (found.same_output, 2 * p),
        (found.same_input, p),
        (found.different, (p + 2 * q) / 3),
        (square, (p - q) / 3),
    ):
        assert sympy.cancel(value - formula / n0**2) == 0


FORMULAS = {
    "E Z^4": "2*(8*mt_4**4 + 12*mt_4**2*n_1 + 12*mt_4**2*n_2 + 12*mt_4**2*n_3 - 36*mt_4**2 + 6*mt_4*n_1*n_2 - 6*mt_4*n_1 "
    "+ 6*mt_4*n_2*n_3 - 12*mt_4*n_2 - 6*mt_4*n_3 + 12*mt_4 + 3*n_1*n_2*n_3 - 3*n_1*n_2 + 15*n_1*n_3 - 15*n_1 - 3*n_2*n_3 "
    "+ 3*n_2 - 15*n_3 + 15)/(n_0**2*n_1*n_2*n_3)",
    "shared": "2*(8*mt_4**4 + 36*mt_4**2*n - 36*mt_4**2 + 12*mt_4*n**2 - 24*mt_4*n + 12*mt_4 + 3*n**3 + 9*n**2 - 27*n + 15)/n**5",
    "mixed": "(4*mt_4 + n_1*n_2 + n_1 + n_2 - 3)/(n_0**2*n_1*n_2)",
    "two laws": "4*(30*a_4*b_4*n - 30*a_4*b_4 + 4*a_6*b_6 + 15*n**2 - 45*n + 30)/n**5",
    "E dVar": "(n - 1)*(4*mt_4**2*n + 4*mt_4**2 - 6*mt_4 + 5*n**2 - 3*n - 2)/n**5",
}  # fmt: skip
"""Formulas in their stable form: one factored fraction."""

PROGRAM = """
import sympy
from pathmoments import *
n, t = sympy.symbols("n t")
N = sympy.symbols("n_0:5")
results = {
    "E Z^4": moment(Network(N, law="symbolic"), {(0, 0): 4}),
    "shared": moment(Network([n] * 5, law="symbolic"), {(0, 0): 4}),
    "mixed": moment(Network(N[:4], law="symbolic"), {(0, 0): 2, (1, 1): 2}),
    "two laws": moment(Network([n, n, 1], law=["symbolic:a", "symbolic:b"]), {(0, 0): 6}),
    "E dVar": empirical_variance(Network([n] * 3, law="symbolic")),
    "order 8": moment(Network(N[:4], law="symbolic"), {(0, 0): 4, (1, 1): 4}),
    "per layer": empirical_variance(Network(N, law="symbolic", variance="glorot")),
    "polynomial": expect(Network([n] * 3, law="symbolic"), t * (Z[0, 0]**2 + Z[1, 0]**2)**2 - Z[0, 1]**4),
    **vars(fourth_moments(Network(N, law=["symbolic:a", "uniform", "symbolic:b", "laplace"], variance=[t, "he", "lecun", 2]))),
}
from pathmoments.quantities.expansion import expansion, expression_latex
for name, value in results.items():
    series = expansion(value, sorted(value.free_symbols & {n, *N}, key=str), order=4)
    print(name, value, expression_latex(value), series, series.latex(), dict(series.coefficients), sep="|")
"""


def _printed(seed: str) -> str:
    """Return what a fresh process prints of symbolic results, with its own order of sets."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture(scope="module")
def printed() -> str:
    """What one process prints."""
    return _printed("0")


@pytest.mark.parametrize("seed", ["1", "20240229"])
def test_the_form_is_the_same_in_every_process(printed: str, seed: str) -> None:
    """Formulas, their LaTeX and their expansions do not depend on the order in which a process keeps its sets."""
    assert _printed(seed) == printed


def test_the_form_is_one_factored_fraction(printed: str) -> None:
    """The forms that the documentation and other people's scripts may rely on."""
    texts = dict(line.split("|")[:2] for line in printed.splitlines())
    assert {name: texts[name] for name in FORMULAS} == FORMULAS
    assert {name: str(sympy.factor(sympy.sympify(text))) for name, text in FORMULAS.items()} == FORMULAS
