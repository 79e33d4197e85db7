"""The paper's statements: their formulas typed again here, their verdicts on known and on many networks."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]  # ships no types
import pytest
import sympy
from flint import arb

from pathmoments import Network, bounds, moment
from pathmoments.errors import ArgumentError, UndecidedError, UnknownNameError
from pathmoments.theorems import STATEMENTS, Bound, Verdict, beta, sharp_rate

LAWS = ("gaussian", "uniform", "rademacher", "laplace", "sparse:1/2:rademacher", "finite:-2=1/4,-1=1/4,1=1/4,2=1/4")


def _one(equation: str, net: Network, order: int = 6) -> Verdict:
    (verdict,) = bounds(net, statements=[equation], order=order)
    return verdict


def _number(bound: Bound | None) -> Any:
    assert bound is not None
    return mpmath.mpf(bound.ball().str(30, radius=False))


@pytest.mark.parametrize("widths", [[3, 4, 2], [2, 5, 3, 4], [4, 2]], ids=str)
@pytest.mark.parametrize(("law", "mt4"), [("gaussian", 3), ("laplace", 6), ("rademacher", 1)])
def test_bounds_are_those_of_the_paper(widths: list[int], law: str, mt4: int) -> None:
    """(12), (14), (15) and (2), with their constants written down again in floating point."""
    mpmath.mp.dps = 30
    net, n0, nd, n1 = Network(widths, law=law), widths[0], widths[-1], widths[1]
    b = sum(mpmath.mpf(1) / n for n in widths[1:-1])
    entries = n0 * nd
    eta = mpmath.mpf(n0 - 1) / (entries - 1)
    fourth, upper, lower = (_one(equation, net) for equation in ("12", "14", "15"))
    assert mpmath.almosteq(_number(fourth.lower), 2 / mpmath.mpf(n0) ** 2 * mpmath.exp(b / 2), 1e-14)
    assert mpmath.almosteq(_number(fourth.upper), 6 * mt4 / mpmath.mpf(n0) ** 2 * mpmath.exp(6 * mt4 * b), 1e-14)
    spread = 1 - mpmath.mpf(1) / entries
    assert mpmath.almosteq(
        _number(upper.upper), spread * 6 * mt4 / mpmath.mpf(n0) ** 2 * mpmath.exp(6 * mt4 * b), 1e-14
    )
    inner = 1 - eta + 4 * eta / n1 * (mt4 - 1) * mpmath.exp(-mpmath.mpf(1) / n1)
    assert mpmath.almosteq(_number(lower.lower), spread / mpmath.mpf(n0) ** 2 * inner * mpmath.exp(b / 2), 1e-14)
    if len(widths) > 2:
        hidden = widths[1:-1]
        assert _one("2", net).lower == Bound.of(Fraction(len(hidden) ** 2, sum(hidden)))


def test_no_statement_is_violated_on_a_grid() -> None:
    """Depths 1 to 4, widths 1 to 4, six laws: every bound holds, equality and vacuity are recognised where they occur."""
    seen: Counter[tuple[str, str]] = Counter()
    for depth in (1, 2, 3, 4):
        for widths in list(itertools.product((1, 2, 4), repeat=depth + 1))[:: 1 if depth < 3 else 5]:
            for law in LAWS:
                for verdict in bounds(Network(widths, law=law), order=4):
                    seen[verdict.equation, verdict.status] += 1
                    assert verdict.status != "violated", (widths, law, str(verdict))
                    assert verdict.margin is None or verdict.margin > 1 - 1e-12
    assert sum(seen.values()) > 3000
    assert seen["11", "attained"] == sum(n for (equation, _), n in seen.items() if equation == "11")
    for expected in (
        ("12", "attained"),
        ("12", "holds"),
        ("14", "holds"),
        ("14", "degenerate"),
        ("15", "vacuous"),
        ("15", "holds"),
        ("13", "not applicable"),
    ):
        assert seen[expected] > 0, expected


def test_equality_is_recognised() -> None:
    """(12) is attained from below by Rademacher weights at depth 1; (2) by equal widths; (11) always."""
    assert _one("12", Network([3, 2], law="rademacher")).status == "attained"
    assert _one("12", Network([3, 2])).status == "holds"
    assert _one("2", Network([3, 5, 5, 5, 2])).status == "attained"
    assert _one("2", Network([3, 5, 4, 5, 2])).status == "holds"
    assert _one("11", Network([7, 2, 2], law="laplace")).exact == Fraction(1, 7)


def test_vacuous_and_degenerate_say_so() -> None:
    """THEORY 5: [3,1,4,1] with signs in layer 1 has dVar = 0 and (15) says nothing; at M = 1 eta is 0/0."""
    vacuous = _one("15", Network([3, 1, 4, 1], law=["rademacher", "laplace", "gaussian"]))
    assert (vacuous.status, vacuous.exact) == ("vacuous", 0)
    for equation in ("14", "15"):
        degenerate = _one(equation, Network([1, 3, 1]))
        assert (degenerate.status, degenerate.exact) == ("degenerate", 0)
        assert ("0/0" in degenerate.note) == (equation == "15")  # eta stands in (15) alone


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"output": "linear"}, "ReLU"),
        ({"slope": "1/2"}, "ReLU"),
        ({"variance": "lecun"}, "variance 2 / fan_in"),
        ({"variance": ["he", 1]}, "layer 2"),
    ],
)
def test_conditions_of_definition_one(keywords: dict[str, Any], message: str) -> None:
    """Outside Definition 1 a statement is not applicable, and says which condition fails."""
    verdict = _one("12", Network([3, 4, 2], **keywords))
    assert verdict.status == "not applicable"
    assert message in verdict.note


def test_condition_of_the_even_moments() -> None:
    """(13) is for K below the smallest width; an odd order is refused."""
    assert _one("13", Network([4, 5, 3]), order=6).status == "not applicable"
    assert _one("13", Network([4, 5, 4]), order=6).status == "holds"
    with pytest.raises(ArgumentError, match="even"):
        _one("13", Network([4, 5, 4]), order=5)


@pytest.mark.parametrize("widths", [[5, 4], [4, 5, 6, 4], [5, 9, 4]], ids=str)
def test_constant_of_the_even_moments(widths: list[int]) -> None:
    """The C reported for (13) solves C exp(C beta) = n_0^K E Z^2K."""
    net = Network(widths, law="uniform")
    constant = mpmath.mpf(_one("13", net).note.split("C = ")[1].split(";")[0])
    exact = moment(net, {(0, 0): 6})
    assert isinstance(exact, Fraction)
    b = mpmath.mpf(beta(net).numerator) / beta(net).denominator
    assert mpmath.almosteq(constant * mpmath.exp(constant * b), float(exact) * widths[0] ** 3, 1e-4)


@pytest.mark.parametrize("half", [1, 2, 3, 4])
def test_sharp_rate_of_gaussian_weights(half: int) -> None:
    """THEORY 5: 5 K (K-1) / 2, at any depth."""
    for depth in (2, 3, 4):
        assert sharp_rate(Network([3] * (depth + 1)), 2 * half) == Fraction(5 * half * (half - 1), 2)


def test_sharp_rate_of_other_laws_is_the_slope_of_the_logarithm() -> None:
    """At depth 2 the rate is (2 mt_4^2 - 3) / 3; deeper, it is the slope of log E Z^4 in beta between two very wide networks."""
    mt4 = sympy.Symbol("mt_4")
    assert sympy.expand(sharp_rate(Network([2, 2, 2], law="symbolic"), 4) - (2 * mt4**2 - 3) / 3) == 0
    wide, wider = (moment(Network([1, n, n, 1], law="laplace"), {(0, 0): 4}) for n in (10**6, 2 * 10**6))
    assert isinstance(wide, Fraction)
    assert isinstance(wider, Fraction)
    limit = 2 * wider - wide  # the term in 1/n cancels
    slope = (wide - limit) / limit * 10**6 / 2
    assert abs(slope - Fraction(str(sharp_rate(Network([1, 2, 2, 1], law="laplace"), 4)))) < Fraction(1, 1000)


def test_rational_against_exponential_is_decided() -> None:
    """A convergent of e with 200 digits is told from e, on the right side; equal numbers are recognised; balls that stay equal are undecided."""
    mpmath.mp.dps = 250
    digits = int(mpmath.floor(mpmath.e * mpmath.mpf(10) ** 200))
    e = Bound.of(Fraction(1), Fraction(1))
    assert e.compare(Fraction(digits, 10**200)) == -1
    assert e.compare(Fraction(digits + 1, 10**200)) == 1
    assert Bound.of(Fraction(3, 7)).compare(Fraction(3, 7)) == 0
    assert Bound.of(Fraction(0), Fraction(5)).rational() == 0
    with pytest.raises(UndecidedError, match="told apart"):
        Bound.of(arb(1)).compare(arb(1) / 3 * 3)


def test_unknown_statements_are_refused() -> None:
    """The message lists the equations there are."""
    with pytest.raises(UnknownNameError, match="one of 2, 11, 12, 13, 14, 15"):
        bounds(Network([2, 2]), statements=["99"])
    assert list(STATEMENTS) == ["2", "11", "12", "13", "14", "15", "16", "17"]


def test_truncated_laws_are_judged_by_balls() -> None:
    """With a law that is not rational the comparisons are between balls, and (11) is met to the ball's accuracy."""
    verdicts = {v.equation: v for v in bounds(Network([4, 5, 6, 4], law="truncated"))}
    assert {v.status for v in verdicts.values()} == {"holds", "attained"}
    assert "not rational" in verdicts["11"].note
