"""What the tests on real frameworks share: the frameworks, and verdicts on samples with a stated tolerance."""

from __future__ import annotations

import importlib
import math
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pathmoments import Network, moment, trace_moment
from pathmoments.frameworks import Weights
from pathmoments.quantities.traces import product_moment

Z_LIMIT = 6.0
"""Standard errors, from exact variances, that a mean may be off: a false-alarm rate of 2e-9 each were the means normal. All seeds are fixed."""

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("KERAS_BACKEND", "jax")


def framework(name: str, module: str = "") -> Any:
    """Import a framework; without it the test is skipped, and fails where CI is set."""
    try:
        return importlib.import_module(module or name)
    except ImportError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"{name} is not installed: {error}")


@pytest.fixture(scope="session")
def torch() -> Any:
    """Give PyTorch, on one thread: the tests run in several processes."""
    module = framework("torch")
    module.set_num_threads(1)
    return module


@pytest.fixture(scope="session")
def jax() -> Any:
    """Give JAX. Its warning at a fork is kept out of this process, where later tests fork only to run another program."""
    module = framework("jax")
    bridge = importlib.import_module("jax._src.xla_bridge")
    bridge._at_fork_handler_installed = True  # type: ignore[attr-defined]  # JAX then installs none
    return module


@pytest.fixture(scope="session")
def linen(jax: Any) -> Any:
    """Give Flax's modules of the older kind."""
    return framework("flax", "flax.linen")


@pytest.fixture(scope="session")
def nnx(jax: Any) -> Any:
    """Give Flax's modules of the newer kind."""
    return framework("flax", "flax.nnx")


@pytest.fixture(scope="session")
def keras(jax: Any) -> Any:
    """Give Keras on the JAX backend; on the PyTorch backend it is tested in a process of its own."""
    module = framework("keras")
    assert module.config.backend() == "jax"
    return module


def law_scores(values: NDArray[Any], weights: Weights) -> list[float]:
    """Return how many exact standard errors the sample means of w, w^2 and w^4 are from those of the law."""
    unit = np.asarray(values, dtype=np.float64).ravel() / math.sqrt(weights.variance)
    exact = [float(weights.law.moment(order)) for order in range(9)]
    return [
        (float(np.mean(unit**k)) - exact[k]) / math.sqrt((exact[2 * k] - exact[k] ** 2) / unit.size) for k in (1, 2, 4)
    ]


def moment_scores(jacobians: Iterable[NDArray[Any]], net: Network) -> list[float]:
    """Return the same for Z^2 and Z^4, of the first entry and of the last."""
    blocks = np.concatenate([np.asarray(block, dtype=np.float64) for block in jacobians])
    assert blocks.shape[1:] == (net.widths[-1], net.widths[0])
    scores = []
    for p, q in ((0, 0), (blocks.shape[2] - 1, blocks.shape[1] - 1)):
        for order in (2, 4):
            exact, square = (float(moment(net, {(p, q): k})) for k in (order, 2 * order))
            error = math.sqrt((square - exact**2) / len(blocks))
            scores.append((float(np.mean(blocks[:, q, p] ** order)) - exact) / error)
    return scores + trace_scores(blocks, net)


def trace_scores(blocks: NDArray[np.float64], net: Network) -> list[float]:
    """Return the same for tr (J J^T)^k, k = 1 and 2: the spectrum, and the norm and its spread."""
    gram = blocks @ blocks.swapaxes(1, 2)
    scores = []
    for k, traces in ((1, np.trace(gram, axis1=1, axis2=2)), (2, (gram**2).sum((1, 2)))):
        exact, square = float(trace_moment(net, k)), float(product_moment(net, (k, k)))
        scores.append((float(np.mean(traces)) - exact) / math.sqrt((square - exact**2) / len(traces)))
    return scores


@pytest.fixture
def has_law() -> Callable[[NDArray[Any], Weights], None]:
    """Give the assertion that values are a sample of what is said to be drawn."""

    def check(values: NDArray[Any], weights: Weights) -> None:
        scores = law_scores(values, weights)
        assert max(map(abs, scores)) < Z_LIMIT, scores

    return check


@pytest.fixture
def has_moments() -> Callable[[Iterable[NDArray[Any]], Network], None]:
    """Give the assertion that Jacobians are those of a network."""

    def check(jacobians: Iterable[NDArray[Any]], net: Network) -> None:
        scores = moment_scores(jacobians, net)
        assert max(map(abs, scores)) < Z_LIMIT, scores

    return check
