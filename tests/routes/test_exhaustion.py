"""The real network, all patterns: against a forward pass written here, and where the theorem does not hold."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from pathmoments import Finite, Network, cost, moment
from pathmoments.errors import AtomsError, BudgetError, PathMomentsError, RouteError, UndeterminedMomentError
from pathmoments.families import family_of
from pathmoments.routes.exhaustion import expectation


def _forward(weights: list[list[list[int]]], biases: list[list[Fraction]], x: list[int]) -> list[list[Fraction]]:
    """Return Z[p][q] of a ReLU network by the chain rule, one product of matrices a layer."""
    values = [Fraction(v) for v in x]
    rows = [[Fraction(int(i == p)) for p in range(len(x))] for i in range(len(x))]
    for matrix, shifts in zip(weights, biases, strict=True):
        pre = [
            sum((w * v for w, v in zip(row, values, strict=True)), start=b)
            for row, b in zip(matrix, shifts, strict=True)
        ]
        open_ = [z > 0 for z in pre]
        rows = [
            [o * sum((w * rows[a][p] for a, w in enumerate(row)), start=Fraction(0)) for p in range(len(x))]
            for row, o in zip(matrix, open_, strict=True)
        ]
        values = [max(z, Fraction(0)) for z in pre]
    return [[rows[q][p] for q in range(len(rows))] for p in range(len(x))]


@pytest.mark.parametrize(
    ("power", "theorem"),
    [
        ({(0, 0): 2}, True),
        ({(0, 0): 4}, True),
        ({(0, 0): 1, (1, 0): 1, (0, 1): 1, (1, 1): 1}, True),
        ({(0, 0): 1, (0, 1): 1}, False),
    ],
    ids=str,
)
def test_all_4096_networks_one_by_one(power: dict[tuple[int, int], int], theorem: bool) -> None:
    """On [2,2,2] with signs, a plain loop over every weight and bias gives what the merged states give, and the theorem's value."""
    x = [1, 1]
    total, count = Fraction(0), 0
    for signs in itertools.product((-1, 1), repeat=12):
        weights = [[list(signs[0:2]), list(signs[2:4])], [list(signs[4:6]), list(signs[6:8])]]
        biases = [[Fraction(s, 3) for s in signs[8:10]], [Fraction(s, 7) for s in signs[10:12]]]
        z = _forward(weights, biases, x)
        product = Fraction(1)
        for (p, q), order in power.items():
            product *= z[p][q] ** order
        total, count = total + product, count + 1
    assert count == 4096
    net = Network([2, 2, 2], law="rademacher", bias="rademacher", bias_variance=["1/9", "1/49"])
    assert expectation(net, family_of(net, power), x) == total / count
    if theorem:
        assert moment(Network([2, 2, 2], law="rademacher"), power) == total / count


@pytest.mark.parametrize(
    ("x", "variances", "value"), [((1, 1), ["1/9", "1/49"], "23/128"), ((3, -1), ["25/9", "81/49"], "39/256")]
)
def test_odd_at_an_output_depends_on_input_and_biases(x: tuple[int, int], variances: list[str], value: str) -> None:
    """THEORY 3: E Z_00 Z_01 of real networks differs with x and b, so no formula in the moments exists; it is refused."""
    net = Network([2, 2, 2], law="rademacher", bias="rademacher", bias_variance=variances)
    family = family_of(net, {(0, 0): 1, (0, 1): 1})
    assert expectation(net, family, x) == Fraction(value)
    for route in ("auto", "enumeration", "exhaustion"):
        with pytest.raises(UndeterminedMomentError, match="output 0 occurs an odd number of times"):
            moment(Network([2, 2, 2], law="rademacher"), {(0, 0): 1, (0, 1): 1}, route=route)


@pytest.mark.parametrize("power", [{(0, 0): 1, (0, 1): 1}, {(0, 0): 3, (0, 1): 1}, {(0, 0): 1, (1, 1): 1}], ids=str)
def test_odd_at_a_linear_output_is_zero(power: dict[tuple[int, int], int]) -> None:
    """At a linear output the sign of the last row flips Z and nothing else: 0 on real networks, whatever x and b; returned as 0."""
    real = Network([2, 2, 2], law="rademacher", bias="rademacher", bias_variance=["1/9", "1/49"], output="linear")
    family = family_of(real, power)
    assert expectation(real, family, (1, 1)) == 0
    assert expectation(real, family, (3, -1)) == 0
    assert moment(Network([2, 2, 2], law="rademacher", output="linear"), power) == 0


def test_atoms_at_zero_bias_break_the_formula() -> None:
    """THEORY 3: Rademacher [2,1] at x = (1,1) without biases has E Z^2 = 1/4, the formula says 1/2; refused, unless x is general."""
    net = Network([2, 1], law="rademacher", bias="zero")
    family = family_of(net, {(0, 0): 2})
    assert expectation(net, family, (1, 1), derivative_at_zero=0) == Fraction(1, 4)
    with pytest.raises(AtomsError, match="bias='atomless'"):
        moment(net, {(0, 0): 2})
    with pytest.raises(RouteError, match="exactly 0"):
        moment(net, {(0, 0): 2}, route="exhaustion", x=(1, 1))
    assert moment(net, {(0, 0): 2}, route="exhaustion", x=(1, 3)) == Fraction(1, 2)


@pytest.mark.parametrize("layers", [(0, 3), (1, 3), (2, 3), (1, 2), (0, 1)])
@pytest.mark.parametrize("law", ["rademacher", "finite:-3=1/4,-1=1/4,1=1/4,3=1/4"])
def test_alive_factor_on_a_chain_without_biases(layers: tuple[int, int], law: str) -> None:
    """In a chain [2,1,1,2] no sum cancels, so real networks without biases show the factor of dead layers exactly."""
    chain = Network([2, 1, 1, 2], law=law, bias="zero")
    family = family_of(chain, {(0, 0): 4}, layers=layers)
    alive = (1 - Fraction(1, 2)) ** layers[0]
    theorem = moment(Network([2, 1, 1, 2], law=law), {(0, 0): 4}, layers=layers)
    assert expectation(chain, family, (1, 5)) == alive * theorem  # type: ignore[operator]  # fractions
    with_biases = moment(Network([2, 1, 1, 2], law="uniform"), {(0, 0): 2}, layers=layers)
    without = moment(Network([2, 1, 1, 2], law="uniform", bias="zero"), {(0, 0): 2}, layers=layers)
    assert without == alive * with_biases  # type: ignore[operator]  # fractions


def test_leaky_derivative_at_the_kink_is_the_callers() -> None:
    """With a derivative given at 0, half of the pre-activations of [2,1] at x = (1,1) use it."""
    net = Network([2, 1], law="rademacher", bias="zero", slope="1/2", variance=1)
    family = family_of(net, {(0, 0): 2})
    assert expectation(net, family, (1, 1), derivative_at_zero=1) == Fraction(1, 4) + Fraction(1, 4) * Fraction(
        1, 4
    ) + Fraction(1, 2)


@pytest.mark.parametrize("x", [(1, 2), (5, -3), ("1/2", "7/3")], ids=str)
def test_the_moment_does_not_depend_on_the_input(x: tuple[object, object]) -> None:
    """Decoupling: real networks at different inputs have the same moment, that of the path sum."""
    net = Network([2, 2, 3], law=Finite([-2, -1, 1, 2]), slope="1/3")
    assert moment(net, {(0, 0): 2, (1, 1): 2}, route="exhaustion", x=x) == moment(net, {(0, 0): 2, (1, 1): 2})


def test_refusals_say_why() -> None:
    """No finite support, irrational biases, a wrong input and too many states are refused, each with its reason."""
    cases: list[tuple[Network, dict[str, object], type[PathMomentsError], str]] = [
        (Network([2, 2]), {}, RouteError, "finite support"),
        (Network([2, 2], law="rademacher", bias="gaussian"), {}, RouteError, "biases of finite support"),
        (Network([3, 2, 2], law="rademacher", bias="rademacher", bias_variance=1), {}, RouteError, "irrational"),
        (Network([2, 2], law="rademacher"), {"x": (1,)}, PathMomentsError, "an input of 2 numbers"),
        (Network([2, 1], law="rademacher", bias="zero"), {"x": (0, 0)}, PathMomentsError, "not be 0"),
        (Network([2, 2], law="rademacher"), {"x": (0.5, 1)}, PathMomentsError, r"x\[0\] must be an exact number"),
        (Network([9, 9, 9], law="rademacher"), {}, BudgetError, "states at most, over the budget"),
    ]
    for net, keywords, error, message in cases:
        with pytest.raises(error, match=message):
            moment(net, {(0, 0): 2}, route="exhaustion", **keywords)  # type: ignore[call-overload]  # x


def test_cost_names_the_patterns() -> None:
    """The cost bounds the states and says how many patterns of weights and biases they stand for."""
    taken = cost(Network([2, 3, 2], law="rademacher"), {(0, 0): 4}, route="exhaustion")
    assert taken.note == f"{2 ** (6 + 3 + 6 + 2):,} patterns"


@pytest.mark.parametrize("law", ["finite:-1/3=1/2,1/3=1/2", "finite:-2/15=1/2,2/15=1/2"])
def test_default_biases_avoid_the_denominators(law: str) -> None:
    """Atoms, inputs and slopes with 3, 5, 7 in their denominators never cancel the default biases."""
    net = Network([2, 2], law=law, slope="1/7")
    assert moment(net, {(0, 0): 4}, route="exhaustion", x=("1/3", 0)) == moment(net, {(0, 0): 4}, route="transfer")
