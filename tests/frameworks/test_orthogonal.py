"""Orthogonal initialisers of PyTorch, JAX and Keras: what is read, and real Jacobians held against exact moments of single and mixed entries."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pathmoments import Network, Orthogonal, check, iter_jacobians, mistakes, moment, plan
from pathmoments.errors import ArgumentError
from pathmoments.families import family_of
from pathmoments.frameworks import (
    jax_jacobians,
    jax_weights,
    keras_jacobians,
    keras_weights,
    network_from_keras,
    network_from_torch,
    network_from_widths,
    torch_jacobians,
    torch_weights,
)

Moments = Callable[[Iterable[NDArray[Any]], Network], None]

MIXED: list[Mapping[tuple[int, int], int]] = [
    {(0, 0): 2, (1, 1): 2},
    {(0, 0): 1, (1, 0): 1, (0, 1): 1, (1, 1): 1},
    {(0, 0): 2, (1, 0): 2},
]
"""Monomials that independent weights of the same moments would miss."""


def mixed_scores(blocks: NDArray[Any], net: Network) -> list[float]:
    """Return how many exact standard errors the means of the mixed monomials are off."""
    scores = []
    for power in MIXED:
        values = np.prod([blocks[:, q, p].astype(float) ** m for (p, q), m in power.items()], axis=0)
        exact = float(moment(net, power))
        second = float(moment(net, family_of(net, power).squared().power()))
        scores.append((float(values.mean()) - exact) / math.sqrt((second - exact**2) / len(values)))
    return scores


def test_what_is_read(torch: Any, jax: Any, keras: Any) -> None:
    """The gain of each framework, exactly, and the variance that the larger side makes; either axis of a matrix for JAX."""
    root = math.sqrt(2)
    wanted = (Orthogonal(gain_squared=2), Fraction(2, 5))
    assert torch_weights(("orthogonal_", {"gain": root}), 3, 5) == wanted
    assert torch_weights("orthogonal", 5, 3, gain=torch.nn.init.calculate_gain("relu")) == wanted
    assert jax_weights(jax.nn.initializers.orthogonal(root), 3, 5) == wanted
    assert jax_weights(("orthogonal", {"scale": root, "column_axis": 0}), 5, 3) == wanted
    assert keras_weights("orthogonal", 3, 5, gain=root) == wanted
    assert keras_weights(keras.initializers.OrthogonalInitializer(), 4, 4) == (Orthogonal(), Fraction(1, 4))
    assert torch_weights("orthogonal_", 4, 4) == jax_weights("orthogonal", 4, 4) == (Orthogonal(), Fraction(1, 4))


def test_biases_are_no_matrices(torch: Any, jax: Any, keras: Any) -> None:
    """Frameworks refuse an orthogonal bias, and so does the reader."""
    for name, init in (("torch", "orthogonal_"), ("jax", "orthogonal"), ("keras", "Orthogonal")):
        with pytest.raises(ArgumentError, match=r"bias_init must be .* it needs a matrix"):
            network_from_widths([2, 3], framework=name, output="linear", bias_init=init)


def test_networks_keep_the_name_of_other_variances(torch: Any) -> None:
    """Between orthogonal layers the other layers keep "he"; biases keep torch's default."""
    net = network_from_widths(
        [2, 3, 4, 2],
        framework="torch",
        output="relu",
        init=["orthogonal_", "kaiming_normal_", "orthogonal_"],
        bias_init=None,
    )
    assert net == Network([2, 3, 4, 2], law=["orthogonal", "gaussian", "orthogonal"], bias="zero")
    assert net.variance == "he"
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    read = network_from_torch(model, init="orthogonal_")
    assert read.laws == (Orthogonal(), Orthogonal())
    assert (str(read.bias), read.bias_variances) == ("Uniform()", (Fraction(1, 9), Fraction(1, 9)))


def test_torch_modules(torch: Any, has_moments: Moments) -> None:
    """Jacobians of fresh modules, square and rectangular layers, with a gain, have the exact moments of single and mixed entries."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    init = ("orthogonal_", {"gain": math.sqrt(2)})
    blocks = np.concatenate(list(torch_jacobians(model, 1000, init=init, seed=5)))
    net = network_from_torch(model, init=init)
    assert net == Network(
        [3, 3, 4, 2], law=Orthogonal(gain_squared=2), output="linear", bias="uniform", bias_variance="pytorch"
    )
    has_moments([blocks], net)
    assert max(map(abs, mixed_scores(blocks, net))) < 6
    assert check(blocks, net).passed


def test_jax_kernels(jax: Any, has_moments: Moments) -> None:
    """Jacobians through kernels that JAX draws, one layer square and one not, at zero bias."""
    init = jax.nn.initializers.orthogonal()
    shapes = [(3, 3), (3, 2)]

    def init_fn(key: Any) -> Any:
        return [init(jax.random.fold_in(key, i), shape) for i, shape in enumerate(shapes)]

    def apply_fn(kernels: Any, x: Any) -> Any:
        return jax.nn.relu(jax.nn.relu(x @ kernels[0]) @ kernels[1])

    blocks = np.concatenate(list(jax_jacobians(init_fn, apply_fn, 8_000, x=[1.0, 2.0, -1.0], seed=2)))
    net = network_from_widths([3, 3, 2], framework="jax", output="relu", init=init)
    assert net == Network([3, 3, 2], law=Orthogonal(), bias="zero")
    has_moments([blocks], net)
    assert max(map(abs, mixed_scores(blocks, net))) < 6
    assert check(blocks, net).passed
    found = check(blocks, Network([3, 3, 2], variance=net.variances, bias="zero"))
    assert not found.passed


def test_checks_of_orthogonal_networks() -> None:
    """A plan, a check that passes, and two that fail: normal weights of the same variance, and a gain of 1 for sqrt(2), each named."""
    net = Network([3, 4, 2], law=Orthogonal(gain_squared=2), output="linear")
    normal = Network([3, 4, 2], variance=net.variances, output="linear")

    def drawn(from_: Network) -> Callable[[int, int], NDArray[Any]]:
        return lambda samples, seed: np.concatenate(list(iter_jacobians(from_, samples, seed=seed)))

    assert plan(net, "frobenius").samples < plan(normal, "frobenius").samples
    assert check(drawn(net), net, seed=5).passed
    named = {one.name: one for one in mistakes(net)}
    assert named["not-orthogonal"].network == normal
    assert named["gain-linear"].network == Network([3, 4, 2], law=Orthogonal(), output="linear")
    assert not {"fan-out", "transposed", "glorot"} & named.keys()  # no fan decides the gain of an orthogonal matrix
    for network, name in ((normal, "not-orthogonal"), (named["gain-linear"].network, "gain-linear")):
        assert network is not None
        report = check(drawn(network), net, draws=40_000, seed=5)
        assert not report.passed
        assert name in str(report)


def test_keras_models(keras: Any, has_moments: Moments) -> None:
    """A model's own initialisers say what it is: orthogonal and uniform layers in one."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(3, "relu", kernel_initializer="orthogonal"),
            layers.Dense(2, kernel_initializer="he_uniform"),
        ]
    )
    net = network_from_keras(model)
    assert net == Network([3, 3, 2], law=["orthogonal", "uniform"], output="linear", bias="zero")
    blocks = np.concatenate(list(keras_jacobians(model, 1000, seed=4)))
    has_moments([blocks], net)
    assert max(map(abs, mixed_scores(blocks, net))) < 6
