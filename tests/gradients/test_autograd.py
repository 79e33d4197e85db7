"""PyTorch's own gradients of freshly drawn networks, within exact standard errors."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import sqrt
from typing import Any

import pytest

from pathmoments import Network, activation_moment, gradient_moment, hessian_moment, ntk_moment
from pathmoments.quantities.gradient_variance import weight_count
from pathmoments.routes.marked import Bundle, Mark, MarkedFamily, Point
from pathmoments.routes.marked_transfer import transfer_value

SAMPLES = 20_000
Z_LIMIT = 6.0
"""Standard errors, from exact variances, that a mean may be off: a false-alarm rate of 2e-9 each were the means normal. All seeds are fixed."""

X = (1, 2, -1)
NETWORKS = {
    "he, zero biases": Network([3, 4, 3, 2], bias="zero"),
    "pytorch's default": Network([3, 4, 4, 2], law="uniform", variance="pytorch", output="linear", bias="uniform"),
}


class Drawn:
    """Samples of a network with their gradients by autograd: output 1, all weights and biases."""

    def __init__(self, torch: Any, net: Network) -> None:
        import numpy as np

        self.net, widths = net, net.numeric_widths("a simulation")
        draw = np.random.default_rng(7)
        self.parameters = {}
        for layer, (below, width) in enumerate(itertools.pairwise(widths)):
            weights = net.laws[layer].sample(draw, (SAMPLES, width, below), variance=net.variances[layer])
            self.parameters[f"w{layer + 1}"] = torch.from_numpy(weights)
            shape = (SAMPLES, width)
            biases = (
                np.zeros(shape)
                if isinstance(net.bias, str)
                else net.bias.sample(draw, shape, variance=net.bias_variances[layer])  # type: ignore[index]  # it has a law
            )
            self.parameters[f"b{layer + 1}"] = torch.from_numpy(biases)
        self.torch = torch

    def function(self, parameters: Any) -> Any:
        """Return output 1 of one network."""
        torch, value = self.torch, self.torch.tensor([float(v) for v in X], dtype=self.torch.float64)
        for layer in range(1, self.net.depth + 1):
            value = parameters[f"w{layer}"] @ value + parameters[f"b{layer}"]
            value = torch.relu(value) if self.net.activated(layer) else value
        return value[1]

    def gradients(self) -> Any:
        """Return the gradients of all samples by all parameters."""
        return self.torch.func.vmap(self.torch.func.grad(self.function))(self.parameters)

    def second_derivatives(self, low: int, high: int) -> Any:
        """Return the blocks of the Hessian by the weights of two layers."""

        def of(first: Any, second: Any, rest: Any) -> Any:
            return self.function({**rest, f"w{low}": first, f"w{high}": second})

        block = self.torch.func.jacrev(self.torch.func.grad(of, argnums=0), argnums=1)
        small = {name: tensor[:4_000] for name, tensor in self.parameters.items()}
        return self.torch.func.vmap(block)(small[f"w{low}"], small[f"w{high}"], small)


@pytest.fixture(scope="module", params=NETWORKS)
def drawn(request: pytest.FixtureRequest, torch: Any) -> Drawn:
    """Give samples of one network after another."""
    return Drawn(torch, NETWORKS[request.param])


def agrees(values: Any, exact: Any, second: Any) -> None:
    """Hold a sample mean against its exact expectation, with the standard error of the exact second moment."""
    deviation = sqrt(float(second - exact * exact) / len(values))
    assert abs(float(values.mean()) - float(exact)) <= Z_LIMIT * deviation
    assert deviation < float(exact), "too few samples to say anything"


def test_function_and_single_gradients(drawn: Drawn) -> None:
    """E f^2, and E g^2 of a weight of each layer, of a bias, and of two weights at once."""
    net, found = drawn.net, drawn.gradients()
    values = drawn.torch.func.vmap(drawn.function)(drawn.parameters)
    agrees(values**2, activation_moment(net, X, 2, neuron=1), activation_moment(net, X, 4, neuron=1))
    pairs = [({(layer, 0, 1): 2}, {(layer, 0, 1): 4}) for layer in (1, 2, 3)]
    for square, fourth in pairs:
        ((layer, a, b),) = square
        agrees(
            found[f"w{layer}"][:, b, a] ** 2,
            gradient_moment(net, X, square, output=1),
            gradient_moment(net, X, fourth, output=1),
        )
    agrees(
        found["b2"][:, 0] ** 2,
        gradient_moment(net, X, {(2, None, 0): 2}, output=1),
        gradient_moment(net, X, {(2, None, 0): 4}, output=1),
    )
    agrees(
        (found["w1"][:, 0, 2] * found["w3"][:, 1, 1]) ** 2,
        gradient_moment(net, X, {(1, 2, 0): 2, (3, 1, 1): 2}, output=1),
        gradient_moment(net, X, {(1, 2, 0): 4, (3, 1, 1): 4}, output=1),
    )


@pytest.mark.parametrize("biases", [False, True])
def test_tangent_kernel(drawn: Drawn, biases: bool) -> None:
    """E K and E K^2, with and without the biases' gradients."""
    found = drawn.gradients()
    names = [name for name in found if biases or name.startswith("w")]
    kernel = sum((found[name] ** 2).flatten(1).sum(1) for name in names)
    first, second = (ntk_moment(drawn.net, X, k, output=1, biases=biases) for k in (1, 2))
    agrees(kernel, first, second)
    if biases:  # the exact error of K^2 is of order 8
        agrees(kernel**2, second, ntk_moment(drawn.net, X, 4, output=1, biases=biases))


@pytest.mark.parametrize("layers", [(1, 2), (1, 3), (2, 3)])
def test_mean_square_of_second_derivatives(drawn: Drawn, layers: tuple[int, int]) -> None:
    """The mean square of the entries of each block of the Hessian, entries without a path included."""
    net = drawn.net
    means = (drawn.second_derivatives(*layers) ** 2).flatten(1).mean(1)
    bundle = Bundle(2, tuple(map(Mark, layers)))
    point = Point(tuple(map(Fraction, X)), net.widths[0])
    second: Any = transfer_value(net, MarkedFamily((bundle, bundle), net.depth, 1), point)
    entries = weight_count(net, range(layers[0], layers[0] + 1)) * weight_count(net, range(layers[1], layers[1] + 1))
    agrees(means, hessian_moment(net, X, layers, output=1), second / entries**2)
