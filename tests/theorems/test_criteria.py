"""(7), (8) and (9): widths from formulas, convergence decided and cross-checked by condensation, verdicts of families."""

from __future__ import annotations

import itertools
import sys
from fractions import Fraction
from math import ceil
from typing import Any

import mpmath  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathmoments import Network, empirical_variance, moment
from pathmoments.errors import ArgumentError, UndecidedError, UnknownNameError
from pathmoments.theorems import CRITERIA, FAMILIES, Bound, Verdict, WidthFamily, beta, convergence, criteria
from pathmoments.theorems.convergence import decide
from pathmoments.theorems.effort import TooMuchError, within

log, sqrt, exp = mpmath.log, mpmath.sqrt, mpmath.exp

SERIES: dict[str, tuple[Any, bool]] = {
    "3": (lambda j: 3 + 0 * j, False),
    "j": (lambda j: j, False),
    "2*j+1": (lambda j: 2 * j + 1, False),
    "10^9*j": (lambda j: 10**9 * j, False),
    "j^2": (lambda j: j**2, True),
    "j^2/10^9": (lambda j: j**2 / 10**9, True),
    "j^(3/2)": (lambda j: j * sqrt(j), True),
    "sqrt(j)": (sqrt, False),
    "j^sqrt(2)": (lambda j: j ** sqrt(2), True),
    "j^(log(2)/log(3))": (lambda j: j ** (log(2) / log(3)), False),
    "2^j": (lambda j: mpmath.power(2, j), True),
    "(3/2)^j/j^5": (lambda j: mpmath.power(1.5, j) / j**5, True),
    "log(j+1)": (lambda j: log(j + 1), False),
    "log(j+1)^9": (lambda j: log(j + 1) ** 9, False),
    "j*log(j+1)": (lambda j: j * log(j + 1), False),
    "j*log(j+1)^(3/2)": (lambda j: j * log(j + 1) ** 1.5, True),
    "j*log(j+1)^2": (lambda j: j * log(j + 1) ** 2, True),
    "j/log(j+1)^3": (lambda j: j / log(j + 1) ** 3, False),
    "j^2/log(j+1)^9": (lambda j: j**2 / log(j + 1) ** 9, True),
    "j*log(j+1)*log(log(j+9))": (lambda j: j * log(j + 1) * log(log(j + 9)), False),
    "j*log(j+1)*log(log(j+9))^2": (lambda j: j * log(j + 1) * log(log(j + 9)) ** 2, True),
    "exp(sqrt(log(j)))": (lambda j: exp(sqrt(log(j))), False),
    "j*exp(sqrt(log(j)))": (lambda j: j * exp(sqrt(log(j))), True),
    "j^(1+1/log(j+1))": (lambda j: j ** (1 + 1 / log(j + 1)), False),
    "log(j+1)^log(j+1)": (lambda j: log(j + 1) ** log(j + 1), True),
    "2^log(j)": (lambda j: 2 ** log(j), False),
    "3^log(j)": (lambda j: 3 ** log(j), True),
    "sqrt(j^2+j)*log(j+2)": (lambda j: sqrt(j**2 + j) * log(j + 2), False),
    "(j^3+j)/(j+1)": (lambda j: (j**3 + j) / (j + 1), True),
    "floor(sqrt(j))^3": (lambda j: mpmath.floor(sqrt(j)) ** 3, True),
    "j*ceil(log(j+1)^2)": (lambda j: j * mpmath.ceil(log(j + 1) ** 2), True),
    "2^floor(log(j))": (lambda j: 2 ** mpmath.floor(log(j)), False),
    "min(j^2,1000)": (lambda j: min(j**2, mpmath.mpf(1000)), False),
    "min(j^2,2^j)": (lambda j: min(j**2, mpmath.power(2, j)), True),
    "max(j,j^2/100)": (lambda j: max(j, j**2 / 100), True),
}
"""Formulas, the same written down again for mpmath, and whether sum 1/f(j) converges (known series, comparison, condensation)."""


def _condensed(function: Any, level: int) -> Any:
    """Return the terms of sum 1/f(j) after Cauchy's condensation, g(k) = 2^k f(2^k), so many times."""
    if level == 0:
        return lambda j: 1 / function(j)
    inner = _condensed(function, level - 1)
    return lambda k: mpmath.power(2, k) * inner(mpmath.power(2, k))


def _converges_numerically(function: Any) -> bool:
    """Return whether the terms fall geometrically, after as many condensations as it takes until they fall or grow so."""
    mpmath.mp.prec = 200
    for level, place in enumerate((5000, 5000, 24, 4, 2)):
        terms = _condensed(function, level)
        ratio = terms(mpmath.mpf(place + 1)) / terms(mpmath.mpf(place))
        if abs(ratio - 1) > 0.15:
            return bool(ratio < 1)
    raise AssertionError("no level told")


@pytest.mark.parametrize("formula", SERIES)
def test_convergence_is_decided_and_condensation_agrees(formula: str) -> None:
    """The decision is the known one, and huge numbers put through Cauchy's condensation say the same."""
    function, known = SERIES[formula]
    assert decide(formula).converges is known
    assert _converges_numerically(function) is known


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("j^2*(1+(-1)^j)/2", "which do not decide it"),
        ("1+j^2*(sqrt(j)-floor(sqrt(j)))", "which do not decide it"),
        ("(-2)^j", "which do not decide it"),
        ("sqrt(5-j)", "not seen to be positive"),
        ("(-1)^(j/2)", "not seen to be positive"),
        ("log(-3)*j", "logarithm"),
        ("9^9^9*j", "beyond 10^100"),
        ("j^(10^9)", "beyond 1,000"),
        ("j/(floor(j/2)-j/2)", "different signs"),
    ],
)
def test_undecided_is_said_with_what_stands_in_the_way(formula: str, reason: str) -> None:
    """Oscillation, missing values and sizes that sympy would write out leave it undecided, which is not "diverges"."""
    decision = decide(formula)
    assert decision.converges is None
    assert reason in decision.reason
    assert "undecided" in str(decision)


@pytest.mark.parametrize(
    ("formula", "converges"),
    [
        ("j*(2+(-1)^j)", False),
        ("j^2+(-1)^j*j", True),
        ("j^2-j*(-1)^j/2", True),
        ("j-floor(j/2)", False),
        ("ceil(j^2/(floor(j/2)+1))", False),
        ("j^2/(2+(-1)^j)", True),
        ("floor(sqrt(j)+1)^(5/2)", True),
        ("1/floor(sqrt(j)+1)", False),
        ("max(5,log(j)+(-1)^j)", False),
        ("-j", False),
        ("5-j", False),
        ("j-j", False),
        ("(-1)^j*j", False),
        ("(-1/2)^j*j^2+j^3", True),
    ],
)
def test_formulas_without_limits_are_held_between_two_that_have_them(formula: str, converges: bool) -> None:
    """Bounded oscillation and rounding are enclosed; what is not above 0 in the end has widths 1."""
    assert decide(formula).converges is converges


def test_a_decision_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Effort is counted in calls, whatever swallows exceptions on the way; the tracer that was there comes back."""
    with pytest.raises(TooMuchError):
        within(50, lambda: [abs(Fraction(j)) for j in range(1000)])
    before = sys.gettrace()
    assert within(10**6, lambda: Fraction(1, 3)) == Fraction(1, 3)
    assert sys.gettrace() is before
    with pytest.raises(TooMuchError):
        within(
            50,
            lambda: sum(next(number for number in itertools.count() if abs(Fraction(number)) >= 1) for _ in range(99)),
        )
    monkeypatch.setattr(convergence, "EFFORT", 1000)
    decision = convergence.decide("j*log(j+1)^7")
    convergence.decide.cache_clear()
    assert decision.converges is None
    assert "within 1,000 steps" in decision.reason


# -- widths -------------------------------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(SERIES.keys() - {"j^(log(2)/log(3))"})), st.integers(1, 60))  # 3^(log(2)/log(3)) is 2
def test_widths_are_the_rounded_values(formula: str, j: int) -> None:
    """n_j = max(1, ceil(f(j))), against the same function at 60 digits."""
    mpmath.mp.dps = 60
    value = SERIES[formula][0](mpmath.mpf(j))
    nearest = mpmath.nint(value)
    expected = nearest if abs(value - nearest) < mpmath.mpf(10) ** -40 else mpmath.ceil(value)
    assert WidthFamily(formula).widths(j + 1)[-2] == max(1, int(expected))


@pytest.mark.parametrize(
    ("formula", "j", "width"),
    [
        ("j^2/2", 3, 5),
        ("sqrt(j^2)", 7, 7),
        ("8^(1/3)", 1, 2),
        ("(27/8)^(2/3)", 1, 3),
        ("log(j)", 1, 1),
        ("0", 5, 1),
        ("1-j", 5, 1),
        ("10^50*sqrt(2)", 1, 141421356237309504880168872420969807856967187537695),
        ("(-1)^j*3+4", 1, 1),
        ("0^(j-1)+3*0^0", 1, 4),
        ("floor(7/2)+ceil(-7/2)+min(9,j,2)+max(-1,0)", 3, 2),
        ("-j**2+11", 3, 2),
        ("2^3^2/100", 1, 6),
        ("+j", 4, 4),
        ("exp(log(j)*0)", 9, 1),
    ],
)
def test_widths_of_special_formulas(formula: str, j: int, width: int) -> None:
    """Rational values are exact, however they are written; what is below 1 is 1; precedence is that of mathematics."""
    assert WidthFamily(formula, inputs=3, outputs=2).widths(j + 1)[-2] == width


def test_families_have_one_network_of_each_depth() -> None:
    """Depth 1 has no hidden layer; networks nest; law and ends are as asked."""
    family = WidthFamily("j^2", inputs=3, outputs=1)
    assert family.widths(1) == (3, 1)
    assert family.network(4, law="uniform") == Network([3, 1, 4, 9, 1], law="uniform")


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        ("", ArgumentError, "j\\^2"),
        ("2j", ArgumentError, "write 2\\*j"),
        ("2(j+1)", ArgumentError, "write 2\\*j"),
        ("0.5*j", ArgumentError, "write 1/2"),
        ("j^", ArgumentError, "whole numbers, j"),
        ("j if j else 1", ArgumentError, "whole numbers, j"),
        ("[j]", ArgumentError, "whole numbers, j"),
        ("j < 3", ArgumentError, "whole numbers, j"),
        ("j.real", ArgumentError, "write 1/2"),
        ("lambda: j", ArgumentError, "whole numbers, j"),
        ("j(3)", ArgumentError, "whole numbers, j"),
        ("True", ArgumentError, "whole numbers, j"),
        ("'j'", ArgumentError, "whole numbers, j"),
        ("j//2", ArgumentError, "whole numbers, j"),
        ("log(j, 2)", ArgumentError, "one argument"),
        ("min(j)", ArgumentError, "two arguments or more"),
        ("sin(j)", UnknownNameError, "one of log, sqrt, exp"),
        ("k^2", UnknownNameError, "was 'k'"),
        ("__import__(1)", UnknownNameError, "__import__"),
        ("log", ArgumentError, "whole numbers, j"),
        ("j+" * 150 + "j", ArgumentError, "200 characters"),
        ("(" * 99 + "j", ArgumentError, "whole numbers, j"),
        (7, ArgumentError, "was 7"),
        (["j"], ArgumentError, "was \\['j'\\]"),
    ],
)
def test_what_is_no_formula_is_refused(formula: Any, error: type[Exception], message: str) -> None:
    """Only numbers, j, operations and a few functions are read; nothing is ever executed."""
    with pytest.raises(error, match=message):
        WidthFamily(formula)


@pytest.mark.parametrize(
    ("formula", "depth", "error", "message"),
    [
        ("log(log(j))", 2, ArgumentError, "no real value at j = 1"),
        ("1/(j-2)", 3, ArgumentError, "no real value at j = 2: division by zero"),
        ("0^(-j)", 2, ArgumentError, "division by zero"),
        ("sqrt(1-j)", 3, ArgumentError, "no real value at j = 2"),
        ("2^j", 400, ArgumentError, "at most 10\\^100"),
        ("9^9^9", 2, ArgumentError, "at most 10\\^100"),
        ("sqrt(2)*sqrt(2)", 2, UndecidedError, "more simply"),
        ("j^(log(2)/log(3))", 4, UndecidedError, "more simply"),
        ("j", 0, ArgumentError, "depth must be"),
    ],
)
def test_widths_that_there_are_not(formula: str, depth: int, error: type[Exception], message: str) -> None:
    """Values that are not real, too wide or not to be rounded are refused, with the layer."""
    with pytest.raises(error, match=message):
        WidthFamily(formula).widths(depth)


# -- bounds of the sum --------------------------------------------------------------------------------------------------

BOUNDED = {
    "j^2": 1500,
    "j^2/log(2)": 1500,
    "2^j": 300,
    "20^j": 70,
    "(3/2)^(2*j)": 250,
    "exp(j/3)": 600,
    "sqrt(j^3)": 1500,
    "(2*j)^sqrt(3)": 1500,
    "j*log(j+1)^2": 1500,
    "max(j^2,log(j))": 1500,
    "ceil(j^(3/2)/7)": 1500,
    "min(j^2,j^3)": 1500,
    "j*log(2^j)": 1500,
    "exp(2*log(j+1)+1)": 1500,
    "j^3+log(j+1)": 1500,
}
"""Formulas whose sums have a bound, and a depth at which to look."""


@pytest.mark.parametrize(("formula", "depth"), BOUNDED.items())
def test_bounds_of_the_sum(formula: str, depth: int) -> None:
    """The bound is above beta at every depth tried, at most a fifth above; it proves convergence, which the decision must say as well."""
    family = WidthFamily(formula)
    bound = family.sum_bound()
    assert bound is not None
    partial = beta(family.network(depth))
    assert partial < bound < partial * Fraction(6, 5)
    assert family.decide().converges is True


def test_bounds_of_known_sums() -> None:
    """pi^2/6, to what the integral says of the layers beyond 200, and 1."""
    mpmath.mp.dps = 30
    bound = WidthFamily("j^2").sum_bound()
    assert bound is not None
    assert 0 < bound - Fraction(str(mpmath.zeta(2))) < Fraction(2, 10**5)
    assert WidthFamily("2^j").sum_bound() == 1


@pytest.mark.parametrize(
    "formula",
    ["j", "j*log(j+1)", "3", "sqrt(j)", "j^2-5", "(j/1000)^sqrt(5)", "j^2/j", "1-j", "floor(j^2/2)", "log(-1)"],
)
def test_no_bound_is_claimed_where_none_is_known(formula: str) -> None:
    """Divergent sums have none, and formulas outside the monotone steps get none."""
    assert WidthFamily(formula).sum_bound() is None


@pytest.mark.parametrize(
    ("formula", "limit", "depth"), [("j", 4, 32), ("3", 4, 14), ("3", "11/3", 13), ("1", 5, 7), ("sqrt(j)", 9, 34)]
)
def test_depth_at_which_beta_exceeds_a_number(formula: str, limit: object, depth: int) -> None:
    """It is the first depth with beta strictly above; equality does not count."""
    family = WidthFamily(formula)
    assert family.depth_beyond(limit) == depth
    assert beta(family.network(depth)) > Fraction(str(limit)) >= beta(family.network(depth - 1))


def test_depth_out_of_reach() -> None:
    """Convergent families never get there, slow ones not within reach."""
    assert WidthFamily("2^j").depth_beyond(1) is None
    assert WidthFamily("j").depth_beyond(100, reach=500) is None


# -- verdicts -----------------------------------------------------------------------------------------------------------


def _number(bound: Bound | None) -> Any:
    assert bound is not None
    return mpmath.mpf(bound.ball().str(30, radius=False))


def _one(equation: str, family: WidthFamily, depth: int, law: str = "gaussian") -> Verdict:
    (verdict,) = CRITERIA[equation].judge_family(family, law=law, depths=[depth])
    return verdict


@pytest.mark.parametrize(("law", "mt4"), [("gaussian", 3), ("laplace", 6), ("rademacher", 1)])
@pytest.mark.parametrize(("formula", "depth"), [("j^2", 3), ("j", 4), ("2", 1)])
def test_verdicts_are_those_of_the_paper(formula: str, depth: int, law: str, mt4: int) -> None:
    """(7) normalised by n_0^2 with (12), (8) is beta, (9) with (14) and (15): constants written down again in floating point."""
    mpmath.mp.dps = 30
    family = WidthFamily(formula, inputs=3, outputs=2)
    net = family.network(depth, law=law)
    b = mpmath.fsum(mpmath.mpf(1) / n for n in net.widths[1:-1])
    annealed, summability, quenched = (_one(equation, family, depth, law) for equation in ("7", "8", "9"))
    exact = moment(net, {(0, 0): 4}, route="transfer")
    assert isinstance(exact, Fraction)
    assert annealed.exact == 9 * exact
    assert mpmath.almosteq(_number(annealed.lower), 2 * mpmath.exp(b / 2), 1e-14)
    assert mpmath.almosteq(_number(annealed.upper), 6 * mt4 * mpmath.exp(6 * mt4 * b), 1e-14)
    assert summability.exact == beta(net)
    assert quenched.exact == empirical_variance(net)
    assert mpmath.almosteq(_number(quenched.upper), mpmath.mpf(5) / 9 * mt4 * mpmath.exp(6 * mt4 * b), 1e-14)
    first = net.widths[1]
    inner = mpmath.mpf(3) / 5 + mpmath.mpf(8) / 5 / first * (mt4 - 1) * mpmath.exp(-mpmath.mpf(1) / first)
    assert mpmath.almosteq(_number(quenched.lower), mpmath.mpf(5) / 54 * inner * mpmath.exp(b / 2), 1e-14)


def test_convergent_families_have_one_bound_for_all_depths() -> None:
    """6 mt4 exp(6 mt4 S), S above the whole sum, is told for (7), and times (1 - 1/M)/n_0^2 for (9); the exact values stay below it."""
    mpmath.mp.dps = 30
    family = WidthFamily("j^2", inputs=3, outputs=2)
    everywhere = 6 * mpmath.mpf("1.8") * mpmath.exp(6 * mpmath.mpf("1.8") * mpmath.mpf("1.644947"))
    for equation, factor in (("7", mpmath.mpf(1)), ("9", mpmath.mpf(5) / 54)):
        verdict = _one(equation, family, 40, "uniform")
        assert "beta stays below 1.644947" in verdict.note
        told = mpmath.mpf(verdict.note.split("below about ")[1].split(",")[0])
        assert mpmath.almosteq(told, factor * everywhere, 1e-3)
        assert verdict.status == "holds"
        assert isinstance(verdict.exact, Fraction)
        assert verdict.exact < Fraction(str(told))


def test_divergent_families_tell_when_beta_is_large() -> None:
    """The note names what is unbounded and the depth from which beta is above 4."""
    for verdict in criteria("j", depths=[1, 5]):
        assert verdict.status == "holds"
        assert "sum 1/n_j diverges" in verdict.note
        assert "beta exceeds 4 first at depth 32" in verdict.note
    assert "beyond depth 10,001" in _one("8", WidthFamily("j*log(j+1)"), 2).note


def test_undecided_families_keep_their_values() -> None:
    """Every verdict is "undecided", with exact values and bounds all the same."""
    for verdict in criteria("j^2*(1+(-1)^j)/2", depths=[1, 4]):
        assert verdict.status == "undecided"
        assert verdict.exact is not None


def test_quenched_is_not_forced_by_one_output_and_signs() -> None:
    """THEORY 5: with one output and mt4 = 1 the bound (15) is 0; then divergence proves nothing, and [3,1,1,1] has dVar = 0."""
    family = WidthFamily("1", inputs=3, outputs=1)
    verdict = _one("9", family, 3, "rademacher")
    assert (verdict.status, verdict.exact) == ("vacuous", 0)
    assert "need not grow" in verdict.note
    assert CRITERIA["9"].answer(family, law="rademacher").startswith("not forced")
    assert CRITERIA["9"].answer(family, law="gaussian") == "not avoided"
    assert _one("9", family, 3, "gaussian").status == "holds"
    convergent = _one("9", WidthFamily("j^2", inputs=3, outputs=1), 3, "rademacher")
    assert (convergent.status, convergent.lower) == ("holds", None)


def test_quenched_of_one_entry_is_degenerate() -> None:
    """At M = 1 there is no spread."""
    family = WidthFamily("j", inputs=1, outputs=1)
    assert _one("9", family, 5).status == "degenerate"
    assert CRITERIA["9"].answer(family).startswith("avoided: one entry")
    assert _one("7", family, 5).status == "holds"


def test_attained_at_depth_one_by_signs() -> None:
    """(12) is an equality for Rademacher weights without hidden layers."""
    assert _one("7", WidthFamily("j"), 1, "rademacher").status == "attained"


def test_truncated_laws_are_judged_by_balls() -> None:
    """A law that is not rational has the same verdicts."""
    assert {verdict.status for verdict in criteria("j^2", law="truncated", depths=[1, 6])} == {"holds"}


def test_default_families_have_no_violation() -> None:
    """All registered formulas with four laws: bounds hold at every depth, one family is undecided, the others are decided as known."""
    assert {formula: decide(formula).converges for formula in FAMILIES} == {
        "3": False,
        "log(j+1)": False,
        "sqrt(j)": False,
        "j": False,
        "j*log(j+1)": False,
        "j*log(j+1)^2": True,
        "j^(3/2)": True,
        "j^2": True,
        "2^j": True,
        "min(j^2,1000)": False,
        "floor(sqrt(j))^3": True,
        "j^2*(1+(-1)^j)/2": None,
    }
    for formula in FAMILIES:
        for law in ("gaussian", "uniform", "rademacher", "laplace"):
            statuses = {verdict.status for verdict in criteria(formula, law=law)}
            assert statuses <= {"holds", "attained"} or statuses == {"undecided"}, (formula, law)


def test_a_value_above_the_bound_of_all_depths_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: with a false bound of the sum, (7), (8) and (9) say "violated"."""
    monkeypatch.setattr(WidthFamily, "sum_bound", lambda self: Fraction(1, 1000))
    statuses = {verdict.equation: verdict.status for verdict in criteria("j^2", depths=[64])}
    assert statuses == {"7": "violated", "8": "violated", "9": "violated"}


def test_answers_follow_the_decision() -> None:
    """Annealed, quenched and the sum itself, in words."""
    words = {
        formula: [CRITERIA[equation].answer(WidthFamily(formula)) for equation in ("7", "8", "9")]
        for formula in ("j^2", "j", "(-2)^j")
    }
    assert words == {
        "j^2": ["avoided", "converges", "avoided"],
        "j": ["not avoided", "diverges", "not avoided"],
        "(-2)^j": ["undecided", "undecided", "undecided"],
    }


def test_rounding_up_is_what_a_ceiling_is() -> None:
    """Widths of a rational formula, by Python's own ceil."""
    assert WidthFamily("(7*j+1)/3").widths(30)[1:-1] == tuple(ceil(Fraction(7 * j + 1, 3)) for j in range(1, 30))
