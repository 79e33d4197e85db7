"""Sweep and enumeration on many small networks, values of reference, closed forms, and formulas in symbols."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
import sympy
from flint import arb

from pathmoments import (
    Network,
    SymbolicLaw,
    TruncatedGaussian,
    activation_moment,
    gradient_moment,
    gradient_variance,
    hessian_moment,
    moment,
    ntk_moment,
)
from pathmoments.errors import UndeterminedMomentError
from pathmoments.routes.marked import Bundle, Mark, MarkedFamily, Point
from pathmoments.routes.marked_enumeration import count_collections, enumeration_value
from pathmoments.routes.marked_transfer import check_parity, transfer_value

LAWS = ("gaussian", "uniform", "laplace", "rademacher", "sparse:1/2:gaussian", "finite:-2=1/8,-1=1/4,0=1/4,1=1/4,2=1/8")
MAX_COLLECTIONS = 4_000


def random_network(draw: random.Random) -> Network:
    """Return a small network with a law, a variance and an activation of any kind."""
    depth = draw.randint(1, 3)
    return Network(
        [draw.randint(1, 3) for _ in range(depth + 1)],
        law=[draw.choice(LAWS) for _ in range(depth)],
        variance=[draw.choice(["he", 1, "1/3", "5/7"]) for _ in range(depth)],
        output=draw.choice(["relu", "linear"]),
        slope=draw.choice([0, 0, 0, "1/3", -1, 1, "-1/2"]),
        bias=draw.choice(["zero", "uniform", "rademacher"]),
    )


def random_family(draw: random.Random, net: Network) -> MarkedFamily:
    """Return bundles of any kind: none marked, all weights, all weights of a layer, two marks, or weights that are named."""
    depth, q = net.depth, draw.randrange(int(net.widths[-1]))
    match draw.randrange(6):
        case 0:
            return MarkedFamily((Bundle(draw.choice([2, 4, 6])),), draw.randint(1, depth), 0)
        case 1:
            k = draw.choice([1, 1, 2])
            return MarkedFamily((Bundle(2),) * k, depth, q, range(1, depth + 1), biases=draw.random() < 0.5)
        case 2:
            layer = draw.randint(1, depth)
            return MarkedFamily(
                (Bundle(draw.choice([2, 4])),), depth, q, range(layer, layer + 1), biases=draw.random() < 0.5
            )
        case 3 if depth > 1:
            low, high = sorted(draw.sample(range(1, depth + 1), 2))
            return MarkedFamily((Bundle(2, (Mark(low), Mark(high))),), depth, q)
        case _:
            return MarkedFamily(tuple(_named(draw, net, q) for _ in range(draw.choice([1, 2, 2, 3]))), depth, q)


def _named(draw: random.Random, net: Network, q: int) -> Bundle:
    layer = draw.randint(1, net.depth)
    below, width = (int(n) for n in net.widths[layer - 1 : layer + 1])
    bias = draw.random() < 0.2
    start, end = draw.randrange(below), q if layer == net.depth else draw.randrange(width)
    return Bundle(draw.choice([1, 1, 2, 2, 3, 4]), (Mark(layer, None if bias else start, end, bias),))


def test_sweep_and_enumeration_agree() -> None:
    """On 250 families of random small networks the two routes give one fraction; odd orders and biases are among them."""
    draw = random.Random(20180111)
    kinds: set[tuple[bool, bool, bool]] = set()
    compared = 0
    while compared < 250:
        net = random_network(draw)
        family = random_family(draw, net)
        x = tuple(
            draw.choice([Fraction(1), Fraction(2), Fraction(-1), Fraction(1, 3), Fraction(0)])
            for _ in range(int(net.widths[0]))
        )
        if family.size > 6 or not any(x) or count_collections(net, family) > MAX_COLLECTIONS:
            continue
        try:
            check_parity(net, family)
        except UndeterminedMomentError:
            continue
        point = Point(x, net.widths[0])
        assert transfer_value(net, family, point) == enumeration_value(net, family, point), (net, family, x)
        odd = any(count % 2 for count in family.counts)
        kinds.add((odd, net.bias == "zero", family.biases or any(m.bias for b in family.bundles for m in b.marks)))
        compared += 1
    assert len(kinds) == 8


@pytest.mark.parametrize(
    ("options", "first", "second"),
    [
        ({}, "5/2", "76/3"),
        ({"law": "uniform"}, "5/2", "329/15"),
        ({"output": "linear"}, "5", "152/3"),
    ],
)
def test_tangent_kernel_of_reference(options: dict[str, Any], first: str, second: str) -> None:
    """[2, 3, 2] at (1, 1): values that were found by other code."""
    net = Network([2, 3, 2], bias="zero", **options)
    for route in ("transfer", "enumeration"):
        assert ntk_moment(net, (1, 1), 1, route=route) == Fraction(first)
        assert ntk_moment(net, (1, 1), 2, route=route) == Fraction(second)


@pytest.mark.parametrize("widths", [(3, 1), (2, 3, 2), (3, 4, 5, 2), (1, 7, 2, 9, 4)])
def test_mean_tangent_kernel_at_zero_bias(widths: tuple[int, ...]) -> None:
    """E K = |x|^2 / n_0 sum n_{j-1} / 2 for any law, at zero bias, He variances and a ReLU output."""
    x = [Fraction(p + 1, 3) for p in range(widths[0])]
    expected = sum(v * v for v in x) / widths[0] * Fraction(sum(widths[:-1]), 2)
    assert ntk_moment(Network(widths, law="laplace", bias="zero"), x, 1) == expected


def test_depth_one_is_by_hand() -> None:
    """For f = w x + b with variances 1: E f^2 = |x|^2 + 1, K = |x|^2 (+ 1 with the bias), and E f^4 of Gaussians is 3 (E f^2)^2."""
    net = Network([2, 1], output="linear", variance=1, bias="gaussian")
    assert activation_moment(net, (1, 2), 2) == 6
    assert activation_moment(net, (1, 2), 4) == 108
    assert ntk_moment(net, (1, 2), 3) == 125
    assert ntk_moment(net, (1, 2), 3, biases=True) == 216
    assert gradient_moment(net, (1, 2), {(1, 1, 0): 5}) == 32


def test_one_weight_factorises() -> None:
    """E g^4 is the moment of the activation below times that of the backward signal, a suffix of the Jacobian with its own half."""
    net = Network([2, 3, 4, 2], law="uniform", bias="uniform")
    forward: Any = activation_moment(net, (1, 2), 4, layer=1, neuron=2)
    backward: Any = moment(net, {(1, 0): 4}, layers=(2, 3))
    assert gradient_moment(net, (1, 2), {(2, 2, 1): 4}) == forward * backward / 2


def test_first_layer_needs_no_law_of_biases() -> None:
    """A weight of the first layer has x for its activation: with any atomless biases E g^4 = x^4 E (signal)^4."""
    net = Network([2, 3, 2], law="rademacher")
    assert gradient_moment(net, (5, 3), {(1, 0, 0): 4}) == 625 * moment(net, {(0, 0): 4}, layers=(1, 2)) / 2
    assert ntk_moment(net, (0, 0), 1, layer=1) == 0


def test_layers_add_up() -> None:
    """E K is the sum of its layers' parts; so is the second derivatives' symmetry in its layers."""
    net = Network([2, 3, 4, 2], law="uniform", bias="laplace")
    parts: list[Any] = [ntk_moment(net, (1, 2), 1, layer=layer) for layer in (1, 2, 3)]
    assert sum(parts) == ntk_moment(net, (1, 2), 1)
    assert hessian_moment(net, (1, 2), (1, 3)) == hessian_moment(net, (1, 2), (3, 1)) > 0
    assert hessian_moment(net, (1, 2), (2, 2)) == 0


def test_open_marks_are_sums_over_weights() -> None:
    """E K^2 is the sum of E g^2 g'^2 over all pairs of weights, each a moment of its own."""
    net = Network([2, 2, 2], law="uniform", bias="zero")
    weights = [(j + 1, a, b) for j, (m, n) in enumerate(pairwise((2, 2, 2))) for a in range(m) for b in range(n)]
    total: Any = 0
    for one in weights:
        for two in weights:
            orders = {one: 4} if one == two else {one: 2, two: 2}
            total += gradient_moment(net, (1, 3), orders, output=1)
    assert total == ntk_moment(net, (1, 3), 2, output=1)


def test_formulas_are_the_numbers() -> None:
    """With symbols for widths and moments every quantity is a formula, and its numbers are those of the networks."""
    n, m = sympy.symbols("n m")
    net = Network([m, n, n, 3], law=SymbolicLaw(atoms=False), bias="zero")
    quantities: list[Any] = [
        lambda net: ntk_moment(net, 2, 2),
        lambda net: gradient_variance(net, 2),
        lambda net: gradient_variance(net, 2, layer=2),
        lambda net: hessian_moment(net, 2, (1, 2)),
        lambda net: gradient_moment(net, 2, {(2, 0, 0): 4}),
        lambda net: activation_moment(net, 2, 4),
    ]
    numbers = Network([5, 4, 4, 3], law="uniform", bias="zero")
    for quantity in quantities:
        formula = quantity(net)
        assert formula.subs({"m": 5, "n": 4, "mt_4": sympy.Rational(9, 5), "mt_6": 0}) == sympy.Rational(
            str(quantity(numbers))
        )


def test_formula_with_biases() -> None:
    """A law for the biases and symbolic widths go together."""
    n = sympy.Symbol("n")
    formula: Any = ntk_moment(Network([2, n, 2], bias="uniform"), (1, 3), 2, biases=True)
    assert formula.subs(n, 4) == sympy.Rational(
        str(ntk_moment(Network([2, 4, 2], bias="uniform"), (1, 3), 2, biases=True))
    )


def test_balls_contain_the_value() -> None:
    """A truncated normal law gives balls, between its neighbours uniform and Gaussian; both routes meet."""
    net = Network([2, 2, 1], law=TruncatedGaussian(2), bias="zero")
    one, two = ntk_moment(net, 1, 2), ntk_moment(net, 1, 2, route="enumeration")
    assert isinstance(one, arb)
    assert isinstance(two, arb)
    assert one.overlaps(two)
    assert one.rel_accuracy_bits() >= 100
    low, high = (ntk_moment(Network([2, 2, 1], law=law, bias="zero"), 1, 2) for law in ("uniform", "gaussian"))
    assert float(low) < float(one) < float(high)
    assert isinstance(gradient_variance(net, 1), arb)


def test_balls_of_biases() -> None:
    """The biases' law alone makes a ball too."""
    assert isinstance(activation_moment(Network([1, 1], bias=TruncatedGaussian(2)), 1, 4), arb)


def test_one_number_is_every_place() -> None:
    """The input 3 is (3, 3, 3)."""
    net = Network([3, 2, 2], law="uniform", bias="uniform")
    assert ntk_moment(net, 3, 2) == ntk_moment(net, (3, 3, 3), 2)


def test_scaling_the_input() -> None:
    """At zero bias f is homogeneous: E f^4 and E K^2 scale with the fourth power of the input."""
    net = Network([2, 3, 2], law="uniform", bias="zero")
    assert ntk_moment(net, (2, 4), 2) == 16 * ntk_moment(net, (1, 2), 2)
    assert activation_moment(net, (2, 4), 4) == 16 * activation_moment(net, (1, 2), 4)


def test_deep_networks_are_quick_and_right() -> None:
    """At depth 60 of width 1 the kernel is that of a chain of independent weights: E g^4 of each layer's weight by hand."""
    depth = 60
    net = Network([1] * (depth + 1), law="uniform", bias="zero")
    # Every layer but one's weight, to the fourth: (2^2 9/5)^59, open with probability 1/2 each of 60
    one = Fraction(4 * 9, 5) ** (depth - 1) * Fraction(1, 2) ** depth
    # Two layers: squares in both, E w^2 = 2
    pair = Fraction(4 * 9, 5) ** (depth - 2) * 4 * Fraction(1, 2) ** depth
    assert ntk_moment(net, 1, 2) == depth * one + depth * (depth - 1) * pair


def test_conventions_of_degenerate_cases() -> None:
    """Order 0 and the empty product are 1, K^0 is 1, a weight into another output has derivative 0, width 1 has no variance."""
    net = Network([2, 3, 2], bias="zero")
    assert activation_moment(net, 1, 0) == gradient_moment(net, 1, {}) == gradient_moment(net, 1, {(1, 0, 0): 0}) == 1
    assert ntk_moment(net, 1, 0) == 1
    assert gradient_moment(net, 1, {(2, 0, 1): 2}) == 0
    assert gradient_moment(net, 1, {(2, 0, 1): 2}, output=1) > 0
    assert activation_moment(Network([2, 1], output="linear", bias="zero"), 1, 3) == 0
    assert gradient_variance(Network([1, 1], bias="zero"), 1) == 0


def test_dead_layers_below_a_bias() -> None:
    """At zero bias the output's bias has slope 1/2 times the probability that layer 1 is alive; with biases that have a law, 1/2."""
    by_bias = {(2, None, 0): 2}
    assert gradient_moment(Network([2, 3, 1], bias="zero"), 1, by_bias) == Fraction(7, 16)
    assert gradient_moment(Network([2, 3, 1], bias="uniform"), 1, by_bias) == Fraction(1, 2)
    assert gradient_moment(Network([2, 3, 1]), 1, by_bias) == Fraction(1, 2)
    assert gradient_moment(Network([2, 3, 1], bias="zero", slope="1/2"), 1, by_bias) == Fraction(5, 8)
    assert gradient_moment(Network([2, 3, 1], bias="zero", output="linear"), 1, by_bias) == 1
