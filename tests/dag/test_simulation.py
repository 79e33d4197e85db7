"""Real networks on graphs, drawn by this package and built in torch, against exact moments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from math import sqrt
from typing import Any

import networkx
import numpy as np
import pytest

from pathmoments import DagNetwork, Network, estimate, iter_jacobians, moment
from pathmoments.errors import ArgumentError

SIGMAS = 6
"""Standard errors, exact ones, within which a mean must lie; seeds are fixed, so nothing here fails by chance."""


@pytest.mark.parametrize("bias", ["atomless", "zero"])
@pytest.mark.parametrize("law", ["gaussian", "uniform", "truncated"])
def test_residual_networks_are_simulated(law: str, bias: str) -> None:
    """The mean of simulated residual blocks lies within its exact error, for even and odd orders and mixed entries."""
    dag = DagNetwork.residual(3, 3, hidden=2, law=law, bias=bias)
    for number, power in enumerate(({(0, 0): 2}, {(0, 0): 1}, {(0, 1): 2}, {(0, 0): 1, (1, 1): 1})):
        result = estimate(dag, power, samples=30_000, seed=number)
        assert abs(result.z) < SIGMAS, (power, str(result))
        assert result.standard_error < 0.2


def test_a_dense_network_with_masks_and_slopes_is_simulated() -> None:
    """Skips past several nodes, missing edges, leaky and absolute nodes, laws that differ: the mean agrees at two inputs."""
    graph = networkx.DiGraph()
    graph.add_nodes_from(["x0", "x1"])
    kinds = {"a": "leaky relu", "b": "abs", "c": "relu", "y": "linear", "z": "leaky relu"}
    laws = ["gaussian", "uniform", "rademacher", "laplace", "sparse:1/2:gaussian"]
    for number, (node, activation) in enumerate(kinds.items()):
        below = list(graph)
        graph.add_node(node, activation=activation)
        for start in below[number % 2 :: 1 + (number == 3)]:
            graph.add_edge(start, node, law=laws[(number + len(start)) % 5], variance=Fraction(1 + number, 3))
    graph.add_edge("x0", "y", weight="-1/2")
    dag = DagNetwork(graph, outputs=["z", "c"], slope="1/4")
    for x in ((1, 1), (5, -2)):
        for power in ({(0, 0): 2}, {(1, 0): 2, (0, 1): 2}):
            assert abs(estimate(dag, power, samples=40_000, seed=1, x=x).z) < SIGMAS


def test_jacobians_are_finite_differences() -> None:
    """A drawn Jacobian is that of the drawn network: shifting the input shifts the output by it, at one activation pattern."""
    dag = DagNetwork.from_network(Network([2, 3, 2], output="linear"))
    near, far = [next(iter_jacobians(dag, 50, seed=3, x=x)) for x in ((1, 1), ("1000001/1000000", 1))]
    assert near.shape == (50, 2, 2)
    assert np.mean(np.abs(near - far) < 1e-12) > 0.95


@pytest.mark.parametrize("x", [3, (1,), "12"])
def test_inputs_have_a_number_each(x: Any) -> None:
    """Anything else is refused."""
    with pytest.raises(ArgumentError, match="x must be an input of 2 exact numbers"):
        estimate(DagNetwork.residual(2, 1), {(0, 0): 2}, samples=10, x=x)


def test_simulation_depends_on_its_seed_alone() -> None:
    """The same seed gives the same mean, with an executor or without; another seed another."""
    dag = DagNetwork.residual(2, 2)
    first = estimate(dag, {(0, 0): 2}, samples=20_000, seed=5)
    with ThreadPoolExecutor(2) as executor:
        assert estimate(dag, {(0, 0): 2}, samples=20_000, seed=5, executor=executor).mean == first.mean
    assert estimate(dag, {(0, 0): 2}, samples=20_000, seed=6).mean != first.mean
    assert sum(len(block) for block in iter_jacobians(dag, 20_000, seed=5)) == 20_000


@pytest.mark.parametrize("law", ["gaussian", "uniform"])
def test_torch_agrees_on_a_real_residual_network(law: str) -> None:
    """Torch's autograd on residual blocks built from tensors has the exact moments, at two inputs."""
    torch = pytest.importorskip("torch")
    width, hidden, blocks, samples = 2, 3, 2, 60_000
    dag = DagNetwork.residual(width, blocks, hidden=hidden, law=law)
    torch.manual_seed(11)

    def drawn(*shape: int, variance: float) -> object:
        sizes = (samples, *shape)
        unit = (
            torch.randn(sizes, dtype=torch.float64)
            if law == "gaussian"
            else (2 * torch.rand(sizes, dtype=torch.float64) - 1) * sqrt(3)
        )
        return unit * sqrt(variance)

    for x in ([1.0, 1.0], [3.0, -1.0]):
        inputs = torch.tensor(x, dtype=torch.float64).repeat(samples, 1).requires_grad_()
        h = inputs.unsqueeze(-1)
        for _ in range(blocks):
            inner = torch.relu(drawn(hidden, width, variance=2 / width) @ h + drawn(hidden, 1, variance=1.0))
            h = h + drawn(width, hidden, variance=1 / hidden) @ inner + drawn(width, 1, variance=1.0)
        gradients = torch.autograd.grad(h[:, 0].sum(), inputs)[0]
        for power in ({(0, 0): 2}, {(1, 0): 2}, {(0, 0): 1}):
            ((p, _),) = power
            order = power[p, 0]
            mean = float((gradients[:, p] ** order).mean())
            exact, second = moment(dag, power), moment(dag, {(p, 0): 2 * order})
            assert isinstance(exact, Fraction)
            assert isinstance(second, Fraction)
            error = sqrt(float(second - exact**2) / samples)
            assert abs(mean - float(exact)) < SIGMAS * error
