"""Moments of networks with orthogonal layers: literal path collections, isometries, the closed form, other laws between, refusals, real networks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from math import factorial, prod
from typing import Any

import pytest
import sympy
from flint import arb

from pathmoments import (
    Network,
    Orthogonal,
    cost,
    empirical_variance,
    estimate,
    iter_collections,
    layer_factors,
    moment,
    summarize,
)
from pathmoments.errors import BudgetError, RouteError, UndeterminedMomentError
from pathmoments.families import family_of
from pathmoments.laws import Law
from pathmoments.routes import ROUTES

Edges = tuple[tuple[tuple[int, int], int], ...]


def signs(edges: Edges) -> Fraction:
    """Return the moment in O(1), of a fair sign."""
    return Fraction(int(sum(m for _, m in edges) % 2 == 0))


@cache
def circle(edges: Edges) -> Fraction:
    """Return E prod O[b, a]^m in O(2) by integrating over the angle; edges ((a, b), m)."""
    counts = dict(edges)
    a, b, c, d = (counts.get(entry, 0) for entry in ((0, 0), (1, 0), (0, 1), (1, 1)))
    if (a + d) % 2 or (b + c) % 2:
        return Fraction(0)
    top, bottom = factorial(a + d) * factorial(b + c), factorial((a + b + c + d) // 2) * 2 ** (a + b + c + d)
    bottom *= factorial((a + d) // 2) * factorial((b + c) // 2)
    return Fraction(top, bottom) * Fraction((-1) ** b + (-1) ** d, 2)


@cache
def by_columns(edges: Edges) -> Fraction:
    """Return E prod O[b, a]^m at order 4 or less in O(3) from the three fourth moments of the literature, N = 3."""
    counts = Counter(dict(edges))
    order = sum(counts.values())
    if order == 2:
        return Fraction(1, 3) if len(counts) == 1 else Fraction(0)
    sides = [Counter[int]() for _ in range(2)]
    for entry, m in counts.items():
        for side in (0, 1):
            sides[side][entry[side]] += m
    if any(m % 2 for side in sides for m in side.values()):
        return Fraction(0)
    match (len(sides[0]), len(sides[1]), len(counts)):
        case (1, 1, _):
            return Fraction(3, 15)
        case (1, 2, _) | (2, 1, _):
            return Fraction(1, 15)
        case (2, 2, 2):
            return Fraction(4, 2 * 15)
    return Fraction(-1, 2 * 15)


def literal(net: Network, power: Mapping[tuple[int, int], int]) -> Fraction:
    """Return the sum over all path collections of the product of activation factors and joint moments of each layer's weights."""
    total = Fraction(0)
    for collection, multiplicity in iter_collections(net, power):
        factor = Fraction(multiplicity)
        for layer in range(1, net.depth + 1):
            edges = Counter((path[layer - 1], path[layer]) for path in collection)
            loads = Counter(path[layer] for path in collection)
            if net.activated(layer):
                factor *= prod(((1 + net.slope**load) / 2 for load in loads.values()), start=Fraction(1))
            factor *= joint(net, layer, edges)
            if factor == 0:
                break
        total += factor
    return total


def joint(net: Network, layer: int, edges: Counter[tuple[int, int]]) -> Fraction:
    """Return E prod W^m over the edges of a layer."""
    law: Law = net.laws[layer - 1]
    if not isinstance(law, Orthogonal):
        variance = net.variances[layer - 1]
        assert isinstance(variance, Fraction)
        if any(m % 2 for m in edges.values()):
            return Fraction(0)
        moments = [law.moment(m) * variance ** (m // 2) for m in edges.values()]  # type: ignore[operator]  # fractions
        return prod(moments, start=Fraction(1))
    size = max(net.numeric_widths("a test")[layer - 1 : layer + 1])
    chosen = tuple(sorted(edges.items()))
    return law.gain_squared ** (sum(edges.values()) // 2) * (signs, circle, by_columns)[size - 1](chosen)


O = Orthogonal()  # noqa: E741  # as the group is written
SMALL = [
    Network([2, 2, 2], law=O),
    Network([2, 2, 2, 2], law=Orthogonal(gain_squared=2), output="linear"),
    Network([2, 1, 2, 2], law=O, slope="1/3"),
    Network([1, 2, 1], law=Orthogonal("3/2")),
    Network([2, 2, 3, 2], law=[O, "uniform", "gaussian"]),
    Network([2, 2, 2, 1], law=["laplace", O, O], slope=-1),
    Network([2, 3, 1, 1], law=["sparse:1/2:rademacher", "gaussian", O], output="linear"),
]
POWERS: list[dict[tuple[int, int], int]] = [
    {(0, 0): 2},
    {(0, 0): 4},
    {(0, 0): 2, (1, 0): 2},
    {(0, 0): 2, (0, 1): 2},
    {(0, 0): 2, (1, 1): 2},
    {(0, 0): 1, (0, 1): 1, (1, 0): 1, (1, 1): 1},
    {(0, 0): 3, (0, 1): 1, (1, 0): 1, (1, 1): 1},
    {(0, 0): 4, (1, 1): 2},
    {(0, 0): 6},
]


def fits(net: Network, power: Mapping[tuple[int, int], int]) -> bool:
    """Whether the network has these entries, and few enough collections."""
    inputs, *_, outputs = net.numeric_widths("a test")
    return all(p < inputs and q < outputs for p, q in power)


@pytest.mark.parametrize("net", SMALL, ids=repr)
def test_literal_collections(net: Network) -> None:
    """The route gives the sum over all path collections with joint moments by integration over the angle (no pairings), at orders beyond N too."""
    for power in POWERS:
        if fits(net, power) and cost_of_collections(net, power) <= 20_000:
            assert moment(net, power, route="haar") == literal(net, power), power


def cost_of_collections(net: Network, power: Mapping[tuple[int, int], int]) -> int:
    """Return the number of unordered collections."""
    from pathmoments import count_collections

    return count_collections(net, power, ordered=False)


@pytest.mark.parametrize(
    "net",
    [
        Network([3, 3, 2], law=O),
        Network([2, 3, 3], law=[O, Orthogonal(gain_squared="4/3")], slope="1/2"),
        Network([3, 2, 3], law=O, output="linear"),
        Network([2, 2, 3, 2], law=["uniform", O, "laplace"]),
    ],
    ids=repr,
)
def test_literal_collections_of_larger_layers(net: Network) -> None:
    """The same at order 4 in O(3), square and rectangular, from the literature's fourth moments."""
    for power in POWERS:
        if fits(net, power) and sum(power.values()) <= 4:
            assert moment(net, power, route="haar") == literal(net, power), power


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_linear_square_network_is_an_isometry(n: int) -> None:
    """The product of orthogonal matrices is one of them, whatever the depth; a gain multiplies its moments."""
    one, deep = Network([n, n], law=O, output="linear"), Network([n] * 5, law=O, slope=1, output="linear")
    for power in POWERS:
        if fits(one, power):
            assert moment(deep, power, route="haar") == moment(one, power, route="haar"), power
    doubled = Network([n] * 5, law=Orthogonal(gain_squared=2), slope=1, output="linear")
    assert moment(doubled, {(0, 0): 4}) == 2**8 * moment(one, {(0, 0): 4})
    fourth: Any = [moment(one, {(0, 0): 2, (p, 0): 2} if p else {(0, 0): 4}) for p in range(n)]
    assert sum(fourth) == moment(one, {(0, 0): 2})  # a row has norm 1


@pytest.mark.parametrize("widths", [[2, 2], [3, 2], [2, 5, 3], [1, 4, 1], [4, 4, 4, 4]], ids=str)
@pytest.mark.parametrize("output", ["relu", "linear"])
def test_the_closed_form_is_another_route(widths: list[int], output: str) -> None:
    """Norms of rotated vectors (beta factors) and projections on pairings agree on entries with one input or one output, mixed with Gaussian layers."""
    three: list[Law | str] = [Orthogonal(gain_squared="5/3"), "gaussian", O]
    laws = three[: len(widths) - 1]
    net = Network(widths, law=laws, output=output, slope="1/2")
    inputs, outputs = widths[0], widths[-1]
    powers = [{(0, 0): 2 * k} for k in range(1, 7)]
    powers += [{(0, 0): 4, (1, 0): 2, (inputs - 1, 0): 2}] if inputs > 1 else []
    powers += [{(0, 0): 4, (0, 1): 2, (0, outputs - 1): 2}] if outputs > 1 else []
    for power in powers:
        assert cost(net, power).route == "gaussian"
        assert moment(net, power) == moment(net, power, route="haar"), power


def test_square_isometries_keep_what_gaussian_layers_lose() -> None:
    """On equal widths at the He scale an orthogonal layer has E Z^4 below the Gaussian one, by N / (N + 2) a layer."""
    n, depth = 6, 4
    orthogonal = moment(Network([n] * (depth + 1), law=Orthogonal(gain_squared=2)), {(0, 0): 4})
    gaussian = moment(Network([n] * (depth + 1)), {(0, 0): 4})
    assert orthogonal == gaussian * Fraction(n, n + 2) ** depth  # type: ignore[operator]  # fractions
    assert moment(Network([n] * 5, law=Orthogonal(gain_squared=2)), {(0, 0): 2}) == Fraction(1, n)


def test_large_layers_are_nearly_gaussian() -> None:
    """At width 10^9 a mixed moment differs from the Gaussian one of the same variance by about one part in 10^9."""
    power = {(0, 0): 2, (1, 1): 2}
    orthogonal: Any = moment(Network([10**9] * 3, law=Orthogonal(gain_squared=2)), power)
    gaussian: Any = moment(Network([10**9] * 3), power)
    assert 0 < abs(orthogonal / gaussian - 1) < Fraction(10, 10**9)


def test_the_expected_spread() -> None:
    """E dVar of a network of one linear orthogonal layer, where sum Z^2 is fixed, from the fourth moment of one entry alone."""
    n = 4
    net = Network([n, n], law=O, output="linear")
    assert empirical_variance(net) == Fraction(3, n * (n + 2)) - Fraction(1, n**2)
    assert empirical_variance(net) == empirical_variance(net, route="haar")


def test_balls_stay_balls() -> None:
    """Beside a law that is not rational the value is a ball, and contains the polynomial in mt_4 that the value is."""
    power, net = {(0, 0): 4, (1, 0): 2}, Network([2, 2, 2], law=[O, "truncated:2"])
    value = moment(net, power)
    assert isinstance(value, arb)
    assert value.rel_accuracy_bits() >= 100
    formula: Any = moment(Network([2, 2, 2], law=[O, "symbolic"]), power)
    polynomial = sympy.Poly(formula, *sorted(formula.free_symbols, key=str))
    assert [str(symbol) for symbol in polynomial.gens] == ["mt_4", "mt_6"]
    moments: list[Any] = [net.laws[1].moment(order) for order in (4, 6)]
    terms = (to_ball(c) * moments[0] ** a * moments[1] ** b for (a, b), c in polynomial.terms())
    assert value.overlaps(sum(terms, start=arb(0)))


def to_ball(value: Any) -> arb:
    """Return a ball around a sympy rational."""
    return arb(int(value.p)) / int(value.q)


def test_sections_and_zero_bias() -> None:
    """A suffix carries the probability that the layers below are alive; a prefix without orthogonal layers is any route's."""
    net = Network([2, 2, 3, 2], law=["uniform", "gaussian", O], bias="zero")
    assert moment(net, {(0, 0): 2}, layers=(1, 3)) == Fraction(3, 4) * moment(  # type: ignore[operator]  # fractions
        Network([2, 3, 2], law=["gaussian", O], variance=[1, "he"]), {(0, 0): 2}
    )
    assert cost(net, {(0, 0): 4}, layers=(0, 2)).route == "transfer"


def test_other_routes_say_which_would_do() -> None:
    """Routes over independent weights refuse, and name haar; haar refuses where there is nothing for it; a collection has no product of C_j."""
    net = Network([2, 2, 2], law=["uniform", O])
    for route in ("gaussian", "transfer", "enumeration", "exhaustion"):
        with pytest.raises(RouteError, match="haar"):
            moment(net, {(0, 0): 4}, route=route)
    with pytest.raises(RouteError, match="all weights here are independent: use route='transfer'"):
        moment(Network([2, 2]), {(0, 0): 2}, route="haar")
    with pytest.raises(RouteError, match="a table of collections needs independent weights"):
        summarize(net, {(0, 0): 2})
    with pytest.raises(
        RouteError, match=r"the product of the factors C_j needs independent weights, and the weights of layer 2"
    ):
        layer_factors(net, ((0, 0, 0), (0, 1, 0)))
    with pytest.raises(UndeterminedMomentError):
        moment(net, {(0, 0): 1, (1, 1): 1})


def test_the_cost_is_known_before() -> None:
    """The states are counted; more than the budget are refused with the count, and a larger budget takes them."""
    net = Network([4, 4, 4], law=O, output="linear")
    assert str(cost(net, {(0, 0): 2, (1, 1): 2})) == "haar: 3 states (2 layers)"
    with pytest.raises(
        BudgetError, match=r"haar of E\[.*\] takes 54 states or more, over the budget of 10: use a lower order"
    ):
        moment(net, {(p, p): 2 for p in range(4)}, route="haar", budget=10)
    assert moment(net, {(p, p): 2 for p in range(4)}, budget=1000) > 0


def test_statements_of_the_paper_are_not_about_orthogonal_weights() -> None:
    """Their conditions fail, with the reason, instead of a verdict."""
    from pathmoments import bounds

    verdicts = bounds(Network([5, 5, 5], law=Orthogonal(gain_squared=2)))
    about_weights = [verdict for verdict in verdicts if verdict.equation != "2"]
    assert {verdict.status for verdict in about_weights} == {"not applicable"}
    assert all("independent weights" in verdict.note for verdict in about_weights)


@pytest.mark.parametrize(
    ("net", "power"),
    [
        (Network([3, 3, 3], law=Orthogonal(gain_squared=2)), {(0, 0): 2, (1, 1): 2}),
        (Network([2, 4, 3, 2], law=[O, "uniform", O], bias="zero"), {(0, 0): 4}),
        (Network([4, 2, 3], law=O, slope="1/2"), {(0, 0): 1, (1, 0): 1, (0, 1): 1, (1, 1): 1}),
        (Network([3, 3, 2], law=["laplace", O], bias="gaussian"), {(0, 0): 2, (0, 1): 2}),
    ],
    ids=str,
)
def test_real_networks(net: Network, power: dict[tuple[int, int], int]) -> None:
    """The mean over simulated networks, with their ReLUs and biases, is within five exact standard errors."""
    result = estimate(net, power, samples=60_000, seed=3)
    assert abs(result.z) < 5, str(result)
    assert result.standard_error > 0


def test_two_orthogonal_layers_are_one() -> None:
    """Two orthogonal layers with nothing between are one: R^T T^- R P_N R^T T^- R = R^T T^- R, seen as moments of corners of a product."""
    for inner in (3, 4):
        product_of_two = Network([2, inner, inner], law=O, slope=1, output="linear")
        corner = Network([2, inner], law=O, output="linear")
        for power in POWERS:
            assert moment(product_of_two, power, route="haar") == moment(corner, power, route="haar")
    assert ROUTES["haar"].reason_against(corner, family_of(corner, {(0, 0): 2})) is None
