"""The theorem for gradients itself: all patterns of REAL networks, derivatives by the chain rule, no path and no decoupling."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from pathmoments import activation_moment, gradient_moment
from pathmoments.errors import UndeterminedMomentError
from pathmoments.quantities.gradient_variance import difference, weight_count
from pathmoments.routes.marked import Bundle, Mark, MarkedFamily, Point
from pathmoments.routes.marked_transfer import transfer_value

from .conftest import Pattern, RealNetwork

if TYPE_CHECKING:
    from pathmoments import Network


def value(real: RealNetwork, bundles: tuple[Bundle, ...], **options: Any) -> Any:
    """Return the path sum, without the check that refuses atoms: the input is in general position."""
    net = real.network()
    family = MarkedFamily(bundles, net.depth, real.q, **options)
    return transfer_value(net, family, Point(tuple(map(Fraction, real.x)), net.widths[0]))


def test_moments_of_the_function(real: RealNetwork) -> None:
    """E f_q^2 and E f_q^4 are the path sums."""
    for order in (2, 4):
        assert value(real, (Bundle(order),)) == real.mean(lambda one, m: one.activations[-1][real.q] ** m, order)


def test_moments_of_hidden_activations(real: RealNetwork) -> None:
    """So are the moments of a hidden neuron."""
    net, point = real.network(), Point(tuple(map(Fraction, real.x)), real.widths[0])
    family = MarkedFamily((Bundle(4),), 1)
    assert transfer_value(net, family, point) == real.mean(lambda one: one.activations[1][0] ** 4)


def test_moments_of_gradients(real: RealNetwork) -> None:
    """E g^2 and E g^4 of a weight, and E g^2 g'^2 of every pair out of some weights, same layer or not."""
    depth = len(real.widths) - 1
    weights = [(layer, real.widths[layer - 1] - 1, real.q if layer == depth else 0) for layer in range(1, depth + 1)]
    weights += [(1, 0, real.widths[1] - 1 if depth > 1 else real.q), (depth, 0, real.q)]
    for one, two in itertools.combinations_with_replacement(dict.fromkeys(weights), 2):
        for powers in ({one: 4} if one == two else {one: 2, two: 2}, {one: 2}):
            bundles = tuple(Bundle(order, (Mark(*weight),)) for weight, order in powers.items())
            assert value(real, bundles) == real.mean(Pattern.product, powers)


def test_tangent_kernel_and_its_square(real: RealNetwork) -> None:
    """E K, E K^2 and E K^3, over the weights."""
    layers = range(1, len(real.widths))
    for k in (1, 2, 3):
        exact = real.mean(lambda one, k: sum(sum(one.squares(layer)) for layer in layers) ** k, k)
        assert value(real, (Bundle(2),) * k, open_layers=layers) == exact


def test_tangent_kernel_with_biases(real: RealNetwork) -> None:
    """With the biases' gradients, which at zero bias carry the probability that the layers below are alive."""
    layers = range(1, len(real.widths))
    for k in (1, 2):
        exact = real.mean(lambda one, k: sum(sum(one.squares(i) + one.bias_squares(i)) for i in layers) ** k, k)
        assert value(real, (Bundle(2),) * k, open_layers=layers, biases=True) == exact


def test_gradient_by_a_bias(real: RealNetwork) -> None:
    """E g^2 of each bias into neuron 0 of a layer."""
    for layer in range(1, len(real.widths)):
        end = real.q if layer == len(real.widths) - 1 else 0
        exact = real.mean(Pattern.product, {(layer, None, end): 2})
        assert value(real, (Bundle(2, (Mark(layer, end=end, bias=True),)),)) == exact


def test_empirical_variance_of_squared_gradients(real: RealNetwork) -> None:
    """E dVar over all weights of the network and of each layer, from the definition of a variance."""
    whole = range(1, len(real.widths))
    for layers in (whole, *(range(layer, layer + 1) for layer in whole)):
        fourth = value(real, (Bundle(4),), open_layers=layers)
        square = value(real, (Bundle(2),) * 2, open_layers=layers)
        assert difference(fourth, square, weight_count(real.network(), layers)) == real.mean(_spread, layers)


def _spread(one: Pattern, layers: range) -> Fraction:
    """Return the empirical variance of the squared gradients over the weights of some layers."""
    squares = [g for layer in layers for g in one.squares(layer)]
    mean = Fraction(sum(squares), len(squares))
    return sum(((g - mean) ** 2 for g in squares), start=Fraction(0)) / len(squares)


def test_mean_square_of_second_derivatives(real: RealNetwork) -> None:
    """The sum over all entries of E (d^2 f / d w d w')^2, for every pair of layers."""
    for low, high in itertools.combinations(range(1, len(real.widths)), 2):
        exact = real.mean(lambda one, *pair: sum(h * h for h in one.second_derivatives(*pair)), low, high)
        assert value(real, (Bundle(2, (Mark(low), Mark(high))),)) == exact


def test_second_derivatives_are_derivatives(real_network: Callable[..., RealNetwork]) -> None:
    """The second derivatives of these tests are differences of gradients: moving w by a little changes no sign."""
    real = real_network([2, 2, 1], {-1: Fraction(1, 2), 1: Fraction(1, 2)}, (42, 105), biases=(7, 3))
    step = Fraction(1, 1000)
    for pattern, _ in real.patterns[:40]:
        (first, second), shifts = pattern.weights, _shifts(pattern)
        moved = [[[first[0][0] + step, *first[0][1:]], first[1]], second]
        other = real._pattern(moved, iter(shifts))
        assert other.slopes == pattern.slopes
        change = (other.gradient((2, 0, 0)) - pattern.gradient((2, 0, 0))) / step
        assert change == pattern.second_derivatives(1, 2)[0]


def _shifts(pattern: Any) -> list[Any]:
    """Return the biases of a pattern whose neurons are all told apart by their pre-activations: found by trying both signs."""
    found = []
    for rows, below, after, slopes, size in zip(
        pattern.weights, pattern.activations, pattern.activations[1:], pattern.slopes, (7, 3), strict=False
    ):
        for row, act, slope in zip(rows, after, slopes, strict=True):
            total = sum(w * v for w, v in zip(row, below, strict=True))
            found.append(
                next(b for b in (size, -size) if (total + b > 0) == (slope == 1) and (total + b) * slope == act)
            )
    return found


# -- what is refused, because the value is another ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weights",
    [
        {(2, 0, 0): 1},
        {(2, 0, 0): 1, (2, 1, 0): 1},
        {(1, 0, 0): 1, (2, 0, 0): 1},
        {(1, 0, 0): 3, (2, 0, 0): 1},
    ],
)
def test_odd_at_a_neuron_is_another_value(real_network: Callable[..., RealNetwork], weights: dict[Any, int]) -> None:
    """Odd orders: the true value is not the path sum and changes with the biases alone, so it is refused."""
    signs = {-1: Fraction(1, 2), 1: Fraction(1, 2)}
    values = []
    for biases in ((7, 3), (189, 3)):
        real = real_network([2, 2, 1], signs, (42, 105), biases=biases)
        values.append(real.mean(Pattern.product, weights))
        bundles = tuple(Bundle(order, (Mark(*weight),)) for weight, order in weights.items())
        assert value(real, bundles) != values[-1]
    assert values[0] != values[1]
    with pytest.raises(UndeterminedMomentError, match="odd number of times"):
        gradient_moment(_gaussian(), (42, 105), weights)


def test_odd_activation_is_another_value(real_network: Callable[..., RealNetwork]) -> None:
    """E f of a ReLU output is positive, and its path sum is 0: refused."""
    real = real_network([2, 2, 1], {-1: Fraction(1, 2), 1: Fraction(1, 2)}, (42, 105), biases=(7, 3))
    assert value(real, (Bundle(1),)) == 0 < real.mean(lambda one: one.activations[-1][0])
    with pytest.raises(UndeterminedMomentError, match="Act"):
        activation_moment(_gaussian(), (42, 105), 1)


def test_what_is_odd_and_determined(real_network: Callable[..., RealNetwork]) -> None:
    """Odd orders that leave even uses of the weights are the network's: E x_0 x_1 B^2, the mean slope, and a zero by parity."""
    real = real_network([2, 2, 1], {-1: Fraction(1, 2), 1: Fraction(1, 2)}, (42, 105), biases=(7, 3))
    for weights in ({(1, 0, 0): 1, (1, 1, 0): 1}, {(1, 0, 0): 3, (1, 1, 0): 1}, {(1, 0, 0): 1, (1, 0, 1): 1}):
        bundles = tuple(Bundle(order, (Mark(*weight),)) for weight, order in weights.items())
        exact = real.mean(Pattern.product, weights)
        assert value(real, bundles) == exact
        gradient_moment(_gaussian(), (42, 105), weights)
    one_layer = real_network([2, 1], {-1: Fraction(1, 2), 1: Fraction(1, 2)}, (42, 105), biases=(7,))
    assert (
        value(one_layer, (Bundle(1, (Mark(1, 1, 0),)),))
        == one_layer.mean(lambda one: one.gradient((1, 1, 0)))
        == Fraction(105, 2)
    )


def _gaussian() -> Network:
    from pathmoments import Network

    return Network([2, 2, 1], bias="gaussian")
