"""Golden references: exact numbers by other mathematics, error rates of the exported test by simulation, and what doubles do to it."""

from __future__ import annotations

import decimal
import math
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]  # ships no types
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathmoments import Network, iter_jacobians, plan
from pathmoments.conformance.measures import measure
from pathmoments.conformance.planning import InfluenceTest
from pathmoments.errors import ArgumentError, BudgetError, UndeterminedMomentError
from pathmoments.golden import GoldenSpec, default_spec, golden
from pathmoments.golden.fixed import slack, units_of
from pathmoments.golden.numbers import root, root_decimal, variance
from pathmoments.golden.spec import default_networks

SMALL = Network([3, 8, 8, 2], output="linear", bias="zero")


def quantity(net: Network, **options: Any) -> Any:
    """Return the only quantity of the only network of a document."""
    options = {"quantities": ("frobenius",)} | options
    return golden(GoldenSpec((("net", net),), **options))["networks"][0]["quantities"][0]


def evidence(values: Any, side: list[dict[str, float]], theta: float) -> float:
    """Return the evidence of a side, as the page describes it, from the numbers of the document alone."""
    sums = []
    for one in side:
        x = one["slope"] * (values - theta)
        sums.append(float((np.sign(x) * np.log1p(np.abs(x) + x * x / 2)).sum()) - len(values) * one["growth"])
    most = max(sums)
    return most + math.log(sum(one["weight"] * math.exp(s - most) for one, s in zip(side, sums, strict=True)))


def fails(values: Any, test: dict[str, Any]) -> bool:
    """Whether a reader of the document rejects the values."""
    return not max(evidence(values, test[side], test["theta"]) for side in ("above", "below")) < float(
        test["threshold"]
    )


# -- exact numbers ------------------------------------------------------------------------------------------------------


def test_variance_of_the_norm_by_closed_forms() -> None:
    """Var ||J||_F^2 on [2,3,2] is that of the Gaussian closed forms: P = 8/3 and Q = 2/3 give E S^2 = 76/3."""
    p, q = Fraction(8, 3), Fraction(2, 3)
    second = 4 * (6 * p / 4) + 4 * (2 * p / 4) + 4 * (p / 4) + 4 * (p + 2 * q) / 12
    found = quantity(Network([2, 3, 2]))
    assert found["moments"][:2] == [{"exact": "2", "decimal": "2"}, {"exact": "76/3", "decimal": "25.333333333333333"}]
    assert Fraction(found["variance"]["exact"]) == second - 4


def test_entry_moments_of_the_theory() -> None:
    """E Z^2, E Z^4 and E Z^6 of [4,5,1] are those of the page of the theory: Gaussian 1/4, 3/4, 27/5."""
    document = golden(GoldenSpec((("net", Network([4, 5, 1])),), quantities=("frobenius",)))
    entries = document["networks"][0]["entry_moments"]
    assert [(one["order"], one["exact"]) for one in entries][:3] == [(2, "1/4"), (4, "3/4"), (6, "27/5")]


def test_standard_error_is_that_of_the_mean() -> None:
    """The square of the standard error is Var S / N, and its decimal the root, correctly rounded."""
    found = quantity(SMALL)
    square = Fraction(found["variance"]["exact"]) / found["samples"]
    assert Fraction(found["standard_error"]["square"]) == square
    with decimal.localcontext(prec=60):
        exact = (decimal.Decimal(square.numerator) / decimal.Decimal(square.denominator)).sqrt()
    assert decimal.Decimal(found["standard_error"]["decimal"]) == decimal.Context(prec=17).create_decimal(exact)


@given(st.fractions(min_value=Fraction(1, 10**30), max_value=10**30), st.integers(1, 25))
def test_roots_are_correctly_rounded(square: Fraction, digits: int) -> None:
    """The decimal of a square root is within half a unit of its last digit, by exact comparison of squares."""
    found = Fraction(root_decimal(square, digits))
    unit = Fraction(10) ** (math.floor(mpmath.log10(found.numerator) - mpmath.log10(found.denominator)) - digits + 1)
    assert (found - unit / 2) ** 2 <= square <= (found + unit / 2) ** 2


@pytest.mark.parametrize(
    ("square", "digits", "text"),
    [("0", 17, "0"), ("9/4", 17, "1.5"), ("961/400", 2, "1.6"), ("841/400", 2, "1.4"), ("1/100000000", 3, "0.0001")],
)
def test_roots_of_squares_and_ties(square: str, digits: int, text: str) -> None:
    """Exact roots are themselves; a tie goes to the even digit: 1.55 to 1.6, 1.45 to 1.4."""
    assert root_decimal(Fraction(square), digits) == text


def test_truncated_laws_are_balls_with_their_radius() -> None:
    """Where a law is not rational, values are balls that contain the moment at high precision, and decimals are rounded."""
    net = Network([2, 3, 2], law="truncated:2", output="linear")
    found = quantity(net)
    middle, _, radius = found["moments"][1]["exact"].strip("[]").partition(" +/- ")
    # mt_4 of the cut normal law, from its density; then E S^2 for one hidden layer, by hand.
    with mpmath.workdps(40):
        none, second, fourth = (mpmath.quad(lambda x, k=k: x**k * mpmath.exp(-x * x / 2), [-2, 2]) for k in (0, 2, 4))
        value = _second_moment_of_two_layers(fourth * none / second**2)
        assert abs(mpmath.mpf(middle) - value) <= mpmath.mpf(radius) + mpmath.mpf(10) ** -30
        assert found["moments"][1]["decimal"] == decimal_17(value)


def _second_moment_of_two_layers(mt4: Any) -> Any:
    """Return E ||B D A||_F^4 with A 3 x 2 of variance 1, B 2 x 3 of variance 2/3, D fair, both with the fourth moment mt4.

    With the rows a_h of A and the columns b_h of B, S = sum_{h,k} D_h D_k (a_h . a_k)(b_h . b_k). The terms h = k give |a_h|^2 |b_h|^2; those with h != k are
    uncorrelated with them and with each other but for (h, k) = (k, h).
    """
    b = mpmath.mpf(2) / 3
    square_a = 2 * mt4 + 2  # E |a|^4: two entries of variance 1
    square_b = (2 * mt4 + 2) * b**2
    same = 3 * square_a * square_b / 2
    different = 6 * (mpmath.mpf(2) * 2 * b) ** 2 / 4
    cross = 6 * 2 * (mpmath.mpf(2) * 2 * b**2) / 4  # E (a_h . a_k)^2 = 2, E (b_h . b_k)^2 = 2 b^2
    return same + different + cross


def decimal_17(value: Any) -> str:
    """Return a high-precision number with 17 significant digits."""
    return str(decimal.Context(prec=17).create_decimal(mpmath.nstr(value, 35)))


# -- the exported test ----------------------------------------------------------------------------------------------------


def test_a_reader_computes_the_evidence_of_the_library() -> None:
    """The numbers of the document give the evidence that the influence test has, planned for 96 parts in a hundred of the level, on the same samples."""
    found = quantity(SMALL, effect="1/2")
    frobenius = measure("frobenius")
    rounding = frobenius.allowance(SMALL, units_of("float64"))
    level = Fraction(96, 100) * Fraction(found["level"])
    test = InfluenceTest(frobenius.moments(SMALL), found["samples"], level, Fraction(1, 2), rounding)
    values = np.random.default_rng(1).exponential(4, 500)
    for side, name in zip(test.gather(), ("above", "below"), strict=True):
        side.add(values)
        assert evidence(values, found["test"][name], found["test"]["theta"]) == pytest.approx(side.against(), abs=1e-6)


@pytest.mark.parametrize("options", [{}, {"effect": 4}, {"false_alarm": "1/5", "miss": "1/100"}])
def test_the_threshold_leaves_room_for_doubles(options: dict[str, Any]) -> None:
    """Less the slack the threshold is that of 99 parts in a hundred of the level, or more, and with it that of the plan, or less."""
    found = quantity(SMALL, **options)
    frobenius, level = measure("frobenius"), Fraction(found["level"])
    test = InfluenceTest(
        frobenius.moments(SMALL), found["samples"], level * Fraction(96, 100), Fraction(found["effect"]),
        frobenius.allowance(SMALL, units_of("float64")),
    )  # fmt: skip
    room = slack(test, 6, float(min(level, Fraction(found["miss"]))) / 100)
    threshold = found["test"]["threshold"]
    assert threshold - room >= math.log(2 / (float(level) * 0.99))
    assert threshold + room <= test.threshold
    assert test.miss(Fraction(found["effect"])) <= 0.99 * float(Fraction(found["miss"]))


def test_error_rates_in_simulation() -> None:
    """400 checks of correct networks and of shifted ones keep the false-alarm rate 1/5 and the miss rate 1/5, but for a chance below 10^-9."""
    found = quantity(SMALL, effect="1/2", false_alarm="1/5", miss="1/5")
    n, runs = found["samples"], 400
    blocks = list(iter_jacobians(SMALL, runs * n, seed=11))
    values = np.concatenate([(block**2).sum(axis=(1, 2)) for block in blocks]).reshape(runs, n)
    # P(Bin(400, 1/5) >= 136) < 10^-9, by Chernoff: exp(-400 KL(136/400, 1/5)).
    p, q = 136 / 400, 1 / 5
    assert math.exp(-runs * (p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q)))) < 1e-9
    assert sum(fails(one, found["test"]) for one in values) < 136
    for factor in (1.5, 1 / 1.5):
        assert sum(not fails(factor * one, found["test"]) for one in values) < 136


def test_doubles_move_an_evidence_by_less_than_the_slack() -> None:
    """Naive sums of doubles differ from sums of 50 digits by less than the slack that is proved."""
    test = InfluenceTest(measure("frobenius").moments(SMALL), 1000, Fraction(1, 10**6), Fraction(1, 2))
    values = [float((j**2).sum()) for block in iter_jacobians(SMALL, test.samples, seed=5) for j in block]
    steepest = max(abs(one.slope) for side in test.gather() for one in side.ladder)
    naive = 0.0
    with mpmath.workdps(50):
        exact = mpmath.mpf(0)
        for v in values:
            x, y = steepest * (v - 4.0), mpmath.mpf(steepest) * (mpmath.mpf(v) - 4)
            naive += math.copysign(math.log1p(abs(x) + x * x / 2), x)
            exact += mpmath.sign(y) * mpmath.log1p(abs(y) + y * y / 2)
        apart = abs(exact - naive)
    assert 0 < apart < slack(test, 6, 1e-8) < 1e-6


def test_the_reader_needs_few_more_samples_than_a_plan() -> None:
    """What is spent on doubles costs less than three parts in a hundred of the samples."""
    needed = plan(SMALL, "frobenius").samples
    assert needed <= quantity(SMALL)["samples"] <= 1.03 * needed


def test_samples_given_have_the_effect_that_they_notice() -> None:
    """With a number of samples the document has them, and an effect that so many are planned for."""
    found = quantity(SMALL, samples=3000)
    assert found["samples"] == found["networks"] == 3000
    again = quantity(SMALL, effect=Fraction(found["effect"]))
    assert 0.96 * 3000 <= again["samples"] <= 3030


def test_pairs_take_two_networks() -> None:
    """The statistic of pairs says so, and counts two networks a sample."""
    found = quantity(SMALL, quantities=("alike",), effect=4)
    assert found["pairs"]
    assert found["networks"] == 2 * found["samples"]


def test_a_constant_statistic_has_a_test() -> None:
    """Where S is constant (Rademacher weights, one linear layer) its variance and standard error are 0, and another value fails."""
    found = quantity(Network([2, 2], law="rademacher", output="linear"), effect="1/2")
    assert (found["variance"]["exact"], found["standard_error"]["decimal"]) == ("0", "0")
    n, theta = found["samples"], found["test"]["theta"]
    assert not fails(np.full(n, theta), found["test"])
    assert fails(np.full(n, 1.5 * theta), found["test"])


def test_more_samples_than_doubles_add_up_are_refused() -> None:
    """A plan whose plain sums of doubles could not be proved is refused, with the way out."""
    with pytest.raises(BudgetError, match="doubles can be proved for: allow a larger effect"):
        quantity(SMALL, effect="1/2000")


def test_default_networks_are_those_of_frameworks() -> None:
    """The default document has He, LeCun, Glorot and PyTorch's default, each once a shape, by different names."""
    names = [name for name, _ in default_networks()]
    assert len(set(names)) == len(names) == 16
    nets = dict(default_networks())
    assert nets["pytorch-default 3,16,16,2"].variances == (Fraction(1, 9), Fraction(1, 48), Fraction(1, 48))
    assert nets["lecun-truncated 3,16,16,2"].laws[0].name == "truncated"
    assert default_spec(orders=(2,)).orders == (2,)


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        ({"networks": (("a", SMALL), ("a", SMALL))}, ArgumentError, "different, was 'a'"),
        ({"networks": (("a", SMALL),), "samples": 9, "effect": "1/2"}, ArgumentError, "leave out the effect"),
        ({"networks": (("a", SMALL),), "samples": 1, "miss": "1/10"}, ArgumentError, "a: .*1 samples notice nothing"),
        ({"networks": (("a", SMALL),), "effect": 0}, ArgumentError, "effect must be"),
        ({"networks": (("a", Network([2, 3, 2], law="symbolic")),)}, ArgumentError, "a: .*has symbols"),
        ({"networks": (("a", Network([2, 3, 2])),), "orders": (3,)}, UndeterminedMomentError, "a: "),
    ],
)
def test_refusals(spec: dict[str, Any], error: type[Exception], words: str) -> None:
    """What makes no document is refused, with the name of the network."""
    with pytest.raises(error, match=words):
        golden(GoldenSpec(**spec))


def test_roots_and_variances_of_balls() -> None:
    """The root of a ball's square has the ball as its square, and its decimal inside."""
    moments = measure("frobenius").moments(Network([2, 3, 2], law="truncated:2"))
    found = root(variance(moments))
    assert found.square.startswith("[")
    middle = float(found.square.strip("[]").split(" ")[0])
    assert float(found.decimal) == pytest.approx(math.sqrt(middle), rel=1e-15)
