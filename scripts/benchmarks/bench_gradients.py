"""Speed of the tangent kernel and of gradients."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from pathmoments import Network, gradient_moment, ntk_moment


def _widths(depth: int) -> list[int]:
    """Return widths that all differ from their neighbours."""
    return [20 + (37 * i) % 200 for i in range(depth + 1)]


def test_square_of_the_tangent_kernel(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """E K^2 of uniform weights at depth 100, beside one moment for every pair of layers."""
    net = Network(_widths(100), law="uniform", bias="zero")
    benchmark.pedantic(lambda: ntk_moment(net, 1, 2), setup=cold, rounds=5)
    start = time.perf_counter()
    pairs = [{(i, 0, 0): 2, (j, 0, 0): 2} for i, j in itertools.islice(itertools.combinations(range(1, 101), 2), 5)]
    for orders in pairs:
        gradient_moment(net, 1, orders)
    each = (time.perf_counter() - start) / len(pairs) * 5050
    seconds = float(benchmark.stats.stats.median)
    figures.add(
        "tangent kernel, E K^2, depth 100", f"{seconds:.3f} s", "2 s", f"one moment a pair of layers: {each:.0f} s"
    )


def test_square_of_the_tangent_kernel_deep(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """The same at depth 1000: the integers get long."""
    net = Network(_widths(1000), law="uniform", bias="zero")
    benchmark.pedantic(lambda: ntk_moment(net, 1, 2), setup=cold, rounds=3)
    start = time.perf_counter()
    ntk_moment(net, 1, 1)
    seconds = float(benchmark.stats.stats.median)
    figures.add(
        "tangent kernel, E K^2, depth 1000", f"{seconds:.3f} s", "60 s", f"E K: {time.perf_counter() - start:.2f} s"
    )
