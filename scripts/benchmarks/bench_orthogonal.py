"""Speed of networks with orthogonal layers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pathmoments import Network, Orthogonal, iter_jacobians, moment

CYCLE = {(p % 4, q): 1 for q in range(4) for p in (q, q + 1)}
"""The term of E tr (J J^T)^4 with the most distinct entries."""


def _seconds(benchmark: Any, cold: Callable[[], None], work: Callable[[], object], rounds: int = 3) -> float:
    benchmark.pedantic(work, setup=cold, rounds=rounds)
    return float(benchmark.stats.stats.median)


def test_eight_distinct_entries(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """105 pairings and 379 states at each of 10 layers of width 64, beside Gaussian layers by the transfer."""
    seconds = _seconds(benchmark, cold, lambda: moment(Network([64] * 11, law=Orthogonal(gain_squared=2)), CYCLE))
    cold()
    start = time.perf_counter()
    moment(Network([64] * 11), CYCLE)
    gaussian = time.perf_counter() - start
    figures.add(
        "haar, 8 distinct entries, depth 10, width 64", f"{seconds:.2f} s", "2 s", f"Gaussian: {gaussian:.2f} s"
    )


def test_one_entry(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """Order 40, depth 100: the norms, beside the projection on pairings."""
    net = Network(list(range(10, 111)), law=Orthogonal(gain_squared=2))
    seconds = _seconds(benchmark, cold, lambda: moment(net, {(0, 0): 40}))
    cold()
    start = time.perf_counter()
    moment(net, {(0, 0): 40}, route="haar")
    haar = time.perf_counter() - start
    figures.add("orthogonal closed form, depth 100, order 40", f"{seconds:.3f} s", "0.1 s", f"haar: {haar:.2f} s")


def test_sampling(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """10,000 networks of four 16 x 16 layers, drawn by QR, beside Gaussian weights."""
    net = Network([16] * 5, law="orthogonal")
    seconds = _seconds(benchmark, cold, lambda: list(iter_jacobians(net, 10_000, seed=1)), rounds=1)
    start = time.perf_counter()
    list(iter_jacobians(Network([16] * 5), 10_000, seed=1))
    gaussian = time.perf_counter() - start
    figures.add(
        "sampling, orthogonal, 16,16,16,16,16, 10,000 networks",
        f"{seconds:.1f} s",
        "5 s",
        f"Gaussian: {gaussian:.1f} s",
    )
