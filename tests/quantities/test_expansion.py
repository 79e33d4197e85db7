"""Expansions in 1/n: against the theory's coefficients, exact values at integers, sympy's series, and the identity with their remainder."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from pathmoments import Network, Z, empirical_variance, expect, moment
from pathmoments.errors import ArgumentError, InexactNumberError, PathMomentsError
from pathmoments.quantities.expansion import MAX_TERMS, expansion, expression_latex
from pathmoments.theorems import sharp_rate

n, m, mt4 = sympy.symbols("n m mt_4")
N = sympy.symbols("n_0 n_1 n_2 n_3")
LAWS = ("gaussian", "uniform", "rademacher", "laplace", "symbolic")

CHI_SQUARE = {2: (1, 5), 3: (1, 15, 44), 4: (1, 30, 251, 558)}
"""THEORY 5: the factor of a hidden layer of Gaussian weights by K, in powers of 1/n."""


def _rational(value: Any) -> Any:
    return sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value


def _vanishes(value: Any) -> bool:
    return bool(sympy.cancel(_rational(value)) == 0)


@pytest.mark.parametrize("half", CHI_SQUARE)
@pytest.mark.parametrize("hidden", [1, 2, 5])
def test_gaussian_factor_of_the_theory(half: int, hidden: int) -> None:
    """A Gaussian moment is its leading term times the theory's factor once a hidden layer, and that expansion is exact."""
    found = expansion(moment(Network([2, *[n] * hidden, 2]), {(0, 0): 2 * half}), n, order=40, relative=True)
    factor = [Fraction(1)]
    for _ in range(hidden):
        factor = [
            sum(
                (factor[i] * CHI_SQUARE[half][k - i] for i in range(len(factor)) if 0 <= k - i < half),
                start=Fraction(0),
            )
            for k in range(len(factor) + half - 1)
        ]
    assert found.exact
    assert list(found.coefficients.values()) == factor
    assert found.coefficients[1] == Fraction(5 * half * (half - 1), 2) * hidden
    assert found.factor == Fraction(
        math.prod(range(1, 2 * half, 2)), 2
    )  # (2K-1)!!, halved by the output's ReLU, (2/n_0)^K = 1


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("hidden", [1, 2, 3])
@pytest.mark.parametrize("order", [4, 6])
def test_first_coefficient_is_the_sharp_rate(law: str, hidden: int, order: int) -> None:
    """The coefficient of 1/n a hidden layer is the rate that the theorems compute in their own way."""
    found = expansion(moment(Network([1, *[n] * hidden, 1], law=law), {(0, 0): order}), n, order=1, relative=True)
    rate: Any = sharp_rate(Network([1] * (hidden + 2), law=law), order)
    assert _vanishes(_rational(found.coefficients.get(1, Fraction(0))) / hidden - rate)


@pytest.mark.parametrize("law", ["gaussian", "uniform", "sparse:1/3:laplace"])
@pytest.mark.parametrize("power", [{(0, 0): 6}, {(0, 0): 4, (1, 1): 2}], ids=str)
def test_interpolation_of_exact_values(law: str, power: dict[tuple[int, int], int]) -> None:
    """n^6 times the moment is a polynomial: the one through its values at integers has the coefficients, all of them."""

    def net(width: Any) -> Network:
        return Network([2, width, width, width, 2], law=law)

    values = [(w, _rational(moment(net(w), power)) * w**6) for w in range(3, 10)]
    polynomial = sympy.Poly(sympy.interpolate(values, n), n)
    found = expansion(moment(net(n), power), n, order=6)
    assert found.exact
    coefficients = {6 - k: Fraction(int(c.p), int(c.q)) for (k,), c in polynomial.terms()}
    assert dict(found.coefficients) == coefficients


WIDE = {
    "glorot": ({"law": "uniform", "variance": "glorot"}, {(0, 0): 6}),
    "glorot, mixed": ({"law": "laplace", "variance": "glorot"}, {(0, 0): 2, (1, 1): 4}),
    "leaky": ({"law": "rademacher", "slope": "1/3", "output": "linear"}, {(0, 0): 8}),
}


@pytest.mark.parametrize("order", [2, 3, 5])
@pytest.mark.parametrize(("keywords", "power"), WIDE.values(), ids=WIDE)
def test_error_at_large_widths_is_the_next_coefficient(
    keywords: dict[str, Any], power: dict[tuple[int, int], int], order: int
) -> None:
    """At widths of 10^30 and twice that, (value - truncation) n^(order+1) is c_(order+1) up to an error that halves."""
    symbolic = moment(Network([2, n, 2 * n, 3], **keywords), power)
    found, further = (expansion(symbolic, n, order=o) for o in (order, order + 1))
    following = further.coefficients.get(order + 1, Fraction(0))
    truncated: Any = found.expression()
    errors = []
    for width in (10**30, 2 * 10**30):
        exact = moment(Network([2, width, 2 * width, 3], **keywords), power)
        scaled = (_rational(exact) - truncated.subs(n, width)) * sympy.Integer(width) ** (order + 1)
        errors.append(scaled - _rational(following))
    if found.exact:
        assert errors == [0, 0]
    else:
        assert all(abs(error) < sympy.Rational(1, 10**20) for error in errors)
        assert errors == [0, 0] or abs(errors[0] / errors[1] - 2) < sympy.Rational(1, 10**20)


SMALL: dict[str, Callable[[], Any]] = {
    "moment": lambda: moment(Network([n, n, n], law="symbolic"), {(0, 0): 6}),
    "glorot": lambda: moment(Network([3, n, 2], law="symbolic", variance="glorot"), {(0, 0): 4}),
    "variance": lambda: empirical_variance(Network([n, n, n], law="symbolic", variance="glorot")),
    "polynomial": lambda: expect(Network([n, n, n], law="uniform"), Z[0, 0] ** 4 - 3 * Z[0, 0] ** 2 * Z[1, 0] ** 2 + 1),
    "growing": lambda: n**2 / (n - mt4),
}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("order", [0, 3, 6])
def test_series_of_sympy(name: str, order: int) -> None:
    """On small cases sympy's own series at 1/n = 0 is the truncation."""
    value: Any = SMALL[name]()
    u = sympy.Symbol("u", positive=True)
    inverted: Any = sympy.together(value.subs(n, 1 / u))
    series = inverted.series(u, 0, order + 1).removeO()
    assert _vanishes(expansion(value, n, order=order).expression() - series.subs(u, 1 / n))


polynomials = st.lists(st.lists(st.integers(-3, 3), min_size=1, max_size=3), min_size=1, max_size=4).map(
    lambda rows: sum((c * n**i * mt4**j for i, row in enumerate(rows) for j, c in enumerate(row)), start=sympy.S.Zero)
)


@given(polynomials, polynomials, polynomials, st.integers(0, 5), st.booleans())
def test_what_is_left_out_is_the_remainder(above: Any, below: Any, added: Any, order: int, relative: bool) -> None:
    """For any rational function: value = truncation + remainder, and the remainder falls as its O says, no slower and no faster than that."""
    assume(below != 0)
    value = above / below + added / n**2
    found = expansion(value, n, order=order, relative=relative)
    remainder = found.remainder()
    far = {n: sympy.Integer(10) ** 60 + 7, mt4: sympy.Integer(10) ** 20 + 39}  # no polynomial of these sizes is 0 here
    assert value.subs(far) == (found.expression() + _rational(remainder)).subs(far)
    assert found.exact == (remainder == 0)
    if not found.exact:
        falls = _degree(found.factor) - _degree(remainder)
        assert found.remainder_power is not None
        assert falls >= found.remainder_power
        following = expansion(value, n, order=falls, relative=relative)
        assert set(following.coefficients) - set(found.coefficients) == {falls}


def _degree(value: Any) -> int:
    """Return the degree in n of a factored rational function."""
    numerator, denominator = sympy.fraction(_rational(value))
    return int(sympy.degree(numerator, n) - sympy.degree(denominator, n))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("power", [{(0, 0): 6}, {(0, 0): 2, (1, 1): 2}], ids=str)
def test_layers_together_are_one_width(law: str, power: dict[tuple[int, int], int]) -> None:
    """With all widths alike the joint expansion is that in one symbol, and its terms are homogeneous of their degree."""
    value = moment(Network(N, law=law), power)
    joint = expansion(value, N, order=5)
    single = expansion(moment(Network([n] * 4, law=law), power), n, order=5)
    alike = dict.fromkeys(N, n)
    for k, term in joint.coefficients.items():
        scaled: Any = _rational(term).subs({symbol: m * symbol for symbol in N}, simultaneous=True)
        assert _vanishes(scaled * m**k - _rational(term))
        assert _vanishes(_rational(term).subs(alike) - _rational(single.coefficients.get(k, Fraction(0))) / n**k)
    assert single.remainder_power == joint.remainder_power
    assert _vanishes(value - joint.expression() - _rational(joint.remainder()))


@pytest.mark.parametrize("half", [2, 3, 4])
def test_first_order_feels_the_first_and_the_last_law_alone(half: int) -> None:
    """To first order in the inverse widths the laws of the layers between do not matter: a Gaussian factor 5 for each hidden layer there."""
    net = Network([2, *N[1:], 2], law=["symbolic:a", "symbolic:b", "symbolic:c", "symbolic:d"])
    found = expansion(moment(net, {(0, 0): 2 * half}), N[1:], order=1, relative=True)
    a, d = sympy.symbols("a_4 d_4")
    first = (2 * a - 1) / N[1] + 5 / N[2] + (2 * d - 1) / N[3]
    assert _vanishes(found.coefficients[1] - sympy.Rational(half * (half - 1), 2) * first)


def test_joint_denominators_that_are_no_monomials() -> None:
    """With Glorot's variances a term of total degree k is one fraction, homogeneous, and the expansion ends."""
    value = moment(Network(N[:3], law="uniform", variance="glorot"), {(0, 0): 4})
    found = expansion(value, N[:3], order=3)
    assert str(found) == ("6*n_1^2/((n_0 + n_1)^2*(n_1 + n_2)^2) + 174*n_1/(25*(n_0 + n_1)^2*(n_1 + n_2)^2)")
    assert found.exact


def test_other_widths_stay_in_the_coefficients() -> None:
    """One of several widths may grow alone: the others are numbers to it."""
    value: Any = moment(Network(N[:3], law="symbolic"), {(0, 0): 4})
    found = expansion(value, N[1], order=1)
    assert _vanishes(found.coefficients[0] - 6 / N[0] ** 2)
    assert _vanishes(found.coefficients[1] - 2 * (2 * mt4**2 - 3) / N[0] ** 2)


def test_relative_and_absolute_are_one_expansion() -> None:
    """A relative expansion of r corrections is the absolute one to the leading power + r."""
    value = moment(Network([n] * 4, law="symbolic"), {(0, 0): 8})
    absolute, relative = expansion(value, n, order=7), expansion(value, n, order=3, relative=True)
    assert min(absolute.coefficients) == 4
    assert relative.coefficients[0] == 1
    assert relative.factor == 840 / n**4
    assert _vanishes(absolute.expression() - relative.expression())
    assert _vanishes(_rational(absolute.remainder()) - _rational(relative.remainder()))


WRITTEN = {
    "the issue's": (moment(Network([n] * 3), {(0, 0): 4}), n, 3, False, "6/n^2 + 30/n^3"),
    "cut": (moment(Network([n] * 3), {(0, 0): 4}), n, 2, False, "6/n^2 + O(1/n^3)"),
    "cut before it begins": (moment(Network([n] * 3), {(0, 0): 4}), n, 0, False, "O(1/n^2)"),
    "relative": (moment(Network([n] * 4), {(0, 0): 4}), n, 1, True, "6/n^2 * (1 + 10/n + O(1/n^2))"),
    "relative, ends at once": (n**-3, n, 1, True, "1/n^3"),
    "relative, a sum in front": ((mt4 - 3) * (1 + 1 / n), n, 1, True, "(mt_4 - 3) * (1 + 1/n)"),
    "fractions": (sympy.Rational(5, 2) / n - sympy.Rational(1, 3), n, 1, False, "-1/3 + 5/(2*n)"),
    "signs": (-1 / n - 1 / (n - 1), n, 2, False, "-2/n - 1/n^2 + O(1/n^3)"),
    "sums": (mt4 - 3 + (mt4 - 1) / n, n, 1, False, "(mt_4 - 3) + (mt_4 - 1)/n"),
    "a sum alone": (mt4 - 3, n, 1, False, "mt_4 - 3"),
    "growing": (n**2 + 1 + 1 / (n + 1), n, 0, False, "n^2 + 1 + O(1/n)"),
    "a common factor": ((n**2 - 1) / (n - 1), n, 2, False, "n + 1"),
    "common factors, some left above": ((n**2 - 1) ** 3 / (n - 1) ** 2, n, 0, False, "n^4 + 2*n^3 - 2*n - 1"),
    "common factors, some left below": ((n**2 + 3 * n + 2) ** 2 / (n + 1) ** 3, n, 1, False, "n + 3 + 1/n + O(1/n^2)"),
    "several": (moment(Network(N), {(0, 0): 4}), N, 3, False, "6/n_0^2 + 30/(n_0^2*n_1) + 30/(n_0^2*n_2) + O(degree 4)"),
    "in the order of the symbols": (1 / N[1] + 1 / N[2] + 3, (N[2], N[1]), 1, False, "3 + 1/n_2 + 1/n_1"),
    "one fraction": ((n + 2 * m) / (n + m) ** 2, (n, m), 1, False, "(2*m + n)/(m + n)^2"),
    "like terms": (sympy.Add(n, n, sympy.Mul(m, n, n, evaluate=False), evaluate=False), n, 2, False, "m*n^2 + 2*n"),
    "a number": (Fraction(-5, 3), n, 2, False, "-5/3"),
    "zero": (Fraction(0), n, 2, True, "0"),
    "zero that does not look it": (n * (n + 1) - n**2 - n, n, 2, False, "0"),
}  # fmt: skip


@pytest.mark.parametrize(("value", "symbol", "order", "relative", "text"), WRITTEN.values(), ids=WRITTEN)
def test_text(value: Any, symbol: Any, order: int, relative: bool, text: str) -> None:
    """The text is one line, with an O exactly where something is left out."""
    found = expansion(value, symbol, order=order, relative=relative)
    assert str(found) == text
    assert repr(found) == f"Expansion({text})"
    assert found.exact == ("O(" not in text)


@pytest.mark.parametrize(("value", "symbol", "order", "relative", "text"), WRITTEN.values(), ids=WRITTEN)
def test_latex_is_balanced(value: Any, symbol: Any, order: int, relative: bool, text: str) -> None:
    """Braces and parentheses of the LaTeX pair up, and it has as many O as the text."""
    written = expansion(value, symbol, order=order, relative=relative).latex()
    depth = 0
    for character in written:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert written.count(r"\left") == written.count(r"\right")
    assert written.count("O") == text.count("O")
    assert "**" not in written


def test_latex() -> None:
    """The notation of the paper: fractions, normalised moments with a tilde, an O at the end."""
    value = moment(Network([n] * 4, law="symbolic"), {(0, 0): 4})
    assert expansion(value, n, order=3).latex() == (
        r"\frac{6}{n^{2}} + \frac{12 \left(2 \widetilde{\mu}_{4} - 1\right)}{n^{3}} + O\left(\frac{1}{n^{4}}\right)"
    )
    assert expansion(value, n, order=1, relative=True).latex() == (
        r"\frac{6}{n^{2}} \left(1 + \frac{2 \left(2 \widetilde{\mu}_{4} - 1\right)}{n} + O\left(\frac{1}{n^{2}}\right)\right)"
    )
    assert expansion(1 / (N[1] + N[2] + 1), N[1:3], order=1).latex().endswith(r"+ O\left(\mathrm{degree}\ 2\right)")


@pytest.mark.parametrize(
    ("names", "latex"),
    [
        (["mt_4"], r"\widetilde{\mu}_{4}"),
        (["n_1"], "n_{1}"),
        (["alpha_4"], r"\alpha_{4}"),
        (["mu_1_4"], r"\mu_{1,4}"),
        (["hidden_width"], r"\mathrm{hidden}_{\mathrm{width}}"),
        (["lambda_"], r"\mathrm{lambda\_}"),
        (["_a"], r"\mathrm{\_a}"),
        (["__"], r"\mathrm{\_\_}"),
        ([r"\tilde{m}_4"], r"\tilde{m}_4"),
        (["width", "n_1"], r"n_{1} + \mathrm{width}"),
        (["n1", "n_1"], r"\mathrm{n1} + \mathrm{n\_1}"),
    ],
)
def test_names_in_latex(names: list[str], latex: str) -> None:
    """A name reads as one symbol: words upright, indices below, no two names alike, and LaTeX as it was given."""
    assert expression_latex(sum(map(sympy.Symbol, names), start=sympy.S.Zero)) == latex
    assert expression_latex(n * m) == "m n"
    assert expression_latex(n * sympy.Symbol("width")) == r"n \, \mathrm{width}"


def test_sympy_order_term() -> None:
    """The O of sympy absorbs what the text leaves out; there is none in several symbols, and none where nothing is left out."""
    value: Any = moment(Network([n] * 3, law="symbolic", variance="glorot"), {(0, 0): 4})
    found = expansion(value / (n + 1), n, order=4)
    assert found.expression(with_order=True) == found.expression() + sympy.O(n**-5, (n, sympy.oo))
    joint = expansion(1 / (N[1] + N[2] + 1), N[1:3], order=2)
    with pytest.raises(ArgumentError, match="total degree"):
        joint.expression(with_order=True)
    exact = expansion(1 / N[1] + 1 / N[2], N[1:3], order=2)
    assert exact.expression(with_order=True) == exact.expression()


def test_symbols_are_found_by_name() -> None:
    """A symbol with other assumptions, or its name, is the one in the value: a plain symbol beside it would change nothing."""
    positive = sympy.Symbol("n", positive=True, integer=True)
    value = moment(Network([positive] * 3), {(0, 0): 4})
    for symbol in (positive, n, "n", ["n"], (n, positive)):
        found = expansion(value, symbol, order=3)
        assert found.symbols == (positive,)
        assert str(found) == "6/n^2 + 30/n^3"


def test_what_does_not_depend_on_the_symbol() -> None:
    """A number, and a formula without the symbol, are their own expansion; also where no rational function is left."""
    for value in (Fraction(7, 3), 1 / N[0], sympy.sqrt(m)):
        found = expansion(value, n, order=1)
        assert (dict(found.coefficients), found.exact, found.remainder()) == ({0: value}, True, 0)


def test_deep_networks_and_high_orders() -> None:
    """The depth is an exponent, an expansion that ends stops there whatever the order, and one that does not is bounded."""
    deep = moment(Network([2, *[n] * 1001, 2]), {(0, 0): 4})
    assert expansion(deep, n, order=2, relative=True).coefficients[2] == 25 * math.comb(1001, 2)
    assert list(expansion(deep, n, order=10**9).coefficients) == list(range(1002))
    endless = 1 / (n**3 + 1)
    assert max(expansion(endless, n, order=3 + MAX_TERMS).coefficients) == 201
    with pytest.raises(ArgumentError, match=f"order must be at most {MAX_TERMS + 3} .* was {MAX_TERMS + 4}"):
        expansion(endless, n, order=4 + MAX_TERMS)


@pytest.mark.parametrize(
    ("value", "symbol", "keywords", "error", "message"),
    [
        (moment(Network([n] * 3, bias="zero"), {(0, 0): 2}, layers=(1, 2)), n, {}, ArgumentError, "bias='atomless'"),
        (sympy.sqrt(n), n, {}, ArgumentError, "rational function"),
        (sympy.sqrt(2) * n, n, {}, ArgumentError, "rational coefficients"),
        (sympy.exp(-n), n, {}, ArgumentError, "rational function"),
        (1 / (n * (n + 1) - n**2 - n), n, {}, ArgumentError, "denominator"),
        (0.5 * n, n, {}, InexactNumberError, "exact expression"),
        (0.5, n, {}, InexactNumberError, "value must be"),
        (moment(Network([2, 2], law="truncated"), {(0, 0): 4}), n, {}, ArgumentError, "sympy expression or a Fraction"),
        ("6/n**2", n, {}, ArgumentError, "sympy expression or a Fraction"),
        (n * sympy.Symbol("n", positive=True), n, {}, ArgumentError, "one name"),
        (1 / n, [], {}, ArgumentError, "symbol must be"),
        (1 / n, "n_1, n_2", {}, ArgumentError, "symbol must be"),
        (1 / n, 1 / n, {}, ArgumentError, "symbol must be"),
        (1 / n, n, {"order": -1}, ArgumentError, "order must be a whole number"),
        (1 / n, n, {"order": 2.0}, ArgumentError, "order must be a whole number"),
    ],
    ids=str,
)
def test_refusals(
    value: Any, symbol: Any, keywords: dict[str, Any], error: type[PathMomentsError], message: str
) -> None:
    """What is no exact rational function, no symbol or no order is refused with its reason; text is never evaluated."""
    with pytest.raises(error, match=message):
        expansion(value, symbol, **({"order": 2} | keywords))
