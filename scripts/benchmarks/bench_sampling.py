"""Speed and memory of the simulation, beside the bare numpy work it cannot do without."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pathmoments import Network, estimate
from pathmoments.routes.sampling import block_size

SAMPLES: dict[tuple[int, ...], int] = {(2, 3, 4, 2): 400_000, (10, 20, 20, 5): 40_000, (64, 64, 64, 10): 2_000}


def _bare(net: Network, samples: int) -> float:
    """Draw the weights and multiply the matrices: Jacobian and activation in one product a layer (in the first, activation alone)."""
    widths = net.numeric_widths("a benchmark")
    generator = np.random.default_rng(1)
    block = block_size(net, net.depth)
    x = np.ones((widths[0], 1))
    states = np.ones((block, widths[1], widths[0] + 1))
    start = time.perf_counter()
    for done in range(0, samples, block):
        size = min(block, samples - done)
        for layer in range(1, net.depth + 1):
            weights = net.laws[0]._draw(generator, (size, widths[layer], widths[layer - 1]))
            if layer == 1:
                weights @ x
                state = states[:size]
            else:
                state = weights @ state
    return time.perf_counter() - start


@pytest.mark.parametrize("law", ["gaussian", "uniform", "rademacher"])
@pytest.mark.parametrize("widths", SAMPLES, ids=str)
def test_sampling(benchmark: Any, figures: Any, widths: tuple[int, ...], law: str) -> None:
    """An estimate of E Z^4, turn by turn with the bare work."""
    net, samples = Network(widths, law=law), SAMPLES[widths]

    def seconds() -> float:
        start = time.perf_counter()
        estimate(net, {(0, 0): 4}, samples=samples, seed=1)
        return time.perf_counter() - start

    seconds()
    pairs = [(seconds(), _bare(net, samples)) for _ in range(7)]
    benchmark.pedantic(seconds, rounds=3)
    ratio = statistics.median(a / b for a, b in pairs)
    rate = samples / statistics.median(a for a, _ in pairs)
    figures.add(
        f"sampling {','.join(map(str, widths))} {law}, over bare numpy",
        f"{ratio:.2f}",
        "1.5",
        f"{rate:,.0f} networks a second",
    )


def test_memory(benchmark: Any, figures: Any, peak: Callable[[str], float]) -> None:
    """Peak memory of a process that simulates 10^7 networks, beside one that simulates 10^5."""
    code = (
        "from pathmoments import Network, estimate; estimate(Network([2, 3, 4, 2]), {{(0, 0): 4}}, samples={}, seed=1)"
    )
    few = peak(code.format(10**5))
    start = time.perf_counter()
    many = peak(code.format(10**7))
    seconds = time.perf_counter() - start
    benchmark.pedantic(lambda: None, rounds=1)
    figures.add(
        "sampling 2,3,4,2: peak memory at 10^7 samples",
        f"{many:.0f} MB",
        "500 MB",
        f"at 10^5: {few:.0f} MB; {seconds:.1f} s in all",
    )
