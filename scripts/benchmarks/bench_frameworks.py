"""Speed of drawing Jacobians from real frameworks, beside the code that one would write by hand, in the same run."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("KERAS_BACKEND", "jax")

WIDTHS = (10, 20, 20, 5)


def _seconds(blocks: Iterator[Any]) -> float:
    start = time.perf_counter()
    for _ in blocks:
        pass
    return time.perf_counter() - start


def _torch_module(nn: Any) -> Any:
    a, b, c, d = WIDTHS
    return nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d))


def _torch_by_hand(torch: Any, samples: int, batch: int = 1024) -> Iterator[Any]:
    """Follow the tutorial on model ensembling of PyTorch: fresh modules, stacked, one vmap of jacrev a block."""
    func = torch.func
    base = _torch_module(torch.nn).to("meta")
    x = torch.ones(WIDTHS[0])

    def output(parameters: Any, buffers: Any, x: Any) -> Any:
        return func.functional_call(base, (parameters, buffers), (x,))

    jacobians = func.vmap(func.jacrev(output, argnums=2), in_dims=(0, 0, None))
    for start in range(0, samples, batch):
        models = [_torch_module(torch.nn) for _ in range(min(batch, samples - start))]
        parameters, buffers = func.stack_module_state(models)
        yield jacobians(parameters, buffers, x).detach().numpy()


def test_torch(benchmark: Any, figures: Any) -> None:
    """Fresh modules of 10,20,20,5 from a factory; one module initialised again; and the code by hand, turn by turn."""
    torch: Any = pytest.importorskip("torch")
    from pathmoments.frameworks import torch_jacobians

    def make() -> Any:
        return _torch_module(torch.nn)

    few = 5 * 1024
    _seconds(torch_jacobians(make, 1024, seed=1))
    turns = [
        (
            _seconds(torch_jacobians(make, few, seed=1)),
            _seconds(_torch_by_hand(torch, few)),
            _seconds(torch_jacobians(make(), few, seed=1)),
        )
        for _ in range(5)
    ]
    all_of_them = benchmark.pedantic(lambda: _seconds(torch_jacobians(make, 100_000, seed=1)), rounds=1)
    own, by_hand, again = (statistics.median(turn[i] for turn in turns) / few * 1e6 for i in range(3))
    ratio = statistics.median(turn[0] / turn[1] for turn in turns)
    figures.add(
        "100,000 Jacobians of fresh torch modules, 10,20,20,5",
        f"{all_of_them:.1f} s",
        "60 s",
        f"{own:.0f} us each; one module again: {again:.0f} us each",
    )
    figures.add("  over hand-written vmap code", f"{ratio:.2f}", "1.5", f"by hand: {by_hand:.0f} us each")


def _jax_by_hand(jax: Any, init: Any, apply: Any, samples: int, batch: int = 1024) -> Iterator[Any]:
    """Initialise and differentiate a block in one compiled function."""
    import numpy as np

    x = jax.numpy.ones(WIDTHS[0])
    block = jax.jit(jax.vmap(lambda key: jax.jacrev(lambda given: apply(init(key), given))(x)))
    key = jax.random.key(1)
    for _ in range(0, samples, batch):
        key, keys = jax.random.split(key)
        yield np.asarray(block(jax.random.split(keys, batch)))


def test_jax(benchmark: Any, figures: Any) -> None:
    """Networks of 10,20,20,5 in plain JAX, compilation included, beside the code by hand."""
    jax: Any = pytest.importorskip("jax")
    from pathmoments.frameworks import jax_jacobians

    he = jax.nn.initializers.he_normal()

    def init(key: Any) -> Any:
        keys = jax.random.split(key, len(WIDTHS) - 1)
        return [he(k, shape) for k, shape in zip(keys, pairwise(WIDTHS), strict=True)]

    def apply(kernels: Any, x: Any) -> Any:
        for kernel in kernels[:-1]:
            x = jax.nn.relu(x @ kernel)
        return x @ kernels[-1]

    samples = 100 * 1024
    x = jax.numpy.ones(WIDTHS[0])
    turns = [
        (_seconds(jax_jacobians(init, apply, samples, x=x, seed=1)), _seconds(_jax_by_hand(jax, init, apply, samples)))
        for _ in range(3)
    ]
    benchmark.pedantic(lambda: None, rounds=1)
    own, by_hand = (statistics.median(turn[i] for turn in turns) for i in (0, 1))
    ratio = statistics.median(a / b for a, b in turns)
    figures.add(f"{samples:,} Jacobians of JAX networks, 10,20,20,5", f"{own:.1f} s", "60 s", "compilation included")
    figures.add("  over hand-written vmap code", f"{ratio:.2f}", "1.5", f"by hand: {by_hand:.1f} s")


def test_keras(benchmark: Any, figures: Any) -> None:
    """Fresh Keras models, beside one model drawn again, on the JAX backend."""
    pytest.importorskip("jax")
    keras: Any = pytest.importorskip("keras")
    from pathmoments.frameworks import keras_jacobians

    def make() -> Any:
        layers = [keras.layers.Dense(width, "relu") for width in WIDTHS[1:-1]]
        return keras.Sequential([keras.Input((WIDTHS[0],)), *layers, keras.layers.Dense(WIDTHS[-1])])

    _seconds(keras_jacobians(make, 20, seed=1))
    again = _seconds(keras_jacobians(make(), 20 * 1024, seed=1))
    milliseconds = benchmark.pedantic(lambda: _seconds(keras_jacobians(make, 200, seed=1)) / 200 * 1e3, rounds=3)
    figures.add(
        "a Jacobian of a fresh Keras model, 10,20,20,5",
        f"{milliseconds:.1f} ms",
        "",
        f"20,480 of one model again: {again:.1f} s",
    )
