"""Typical networks and profiles: log-norms of wide and deep networks, medians of chains, and every cut of a deep network."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pathmoments import Network, chain_median, log_norm, moment, profile
from pathmoments.quantities import chi_squares


def _seconds(benchmark: Any, work: Callable[[], object], *, rounds: int = 3) -> float:
    """Return the median time of a piece of work whose layers are not remembered."""

    def cold() -> None:
        chi_squares._log_of_open.cache_clear()

    benchmark.pedantic(work, setup=cold, rounds=rounds)
    return float(benchmark.stats.stats.median)


def test_log_norm_of_a_wide_layer(benchmark: Any, figures: Any) -> None:
    """Width 10^6, of which a window of counts is summed, beside width 10^4."""
    seconds = _seconds(benchmark, lambda: log_norm(Network([2, 10**6, 2])))
    start = time.perf_counter()
    log_norm(Network([2, 10**4, 2]))
    figures.add("log_norm, one layer of 10^6", f"{seconds:.3f} s", "1 s", f"10^4: {time.perf_counter() - start:.3f} s")


def test_log_norm_of_many_widths(benchmark: Any, figures: Any) -> None:
    """A thousand layers of widths 1 to 1,000."""
    seconds = _seconds(benchmark, lambda: log_norm(Network([1, *range(1, 1001)])))
    figures.add("log_norm, 1,000 layers of different widths", f"{seconds:.2f} s", "5 s", "")


def test_chain_median(benchmark: Any, figures: Any) -> None:
    """Depth 50, Gaussian weights, beside uniform ones, whose median needs no integral."""
    seconds = _seconds(benchmark, lambda: chain_median(50))
    start = time.perf_counter()
    chain_median(50, law="uniform")
    figures.add(
        "chain_median, Gaussian, depth 50", f"{seconds:.2f} s", "2 s", f"uniform: {time.perf_counter() - start:.4f} s"
    )


def test_profile_depth_1000(benchmark: Any, figures: Any) -> None:
    """Every cut of a thousand layers, Laplace weights, beside one fourth moment a cut by `moment` (every hundredth cut, scaled up)."""
    net = Network([10] * 1001, law="laplace")
    seconds = _seconds(benchmark, lambda: profile(net))
    start = time.perf_counter()
    for j in range(100, 1001, 100):
        moment(net, {(0, 0): 4}, layers=(0, j))
    alone = 100 * (time.perf_counter() - start)
    figures.add(
        "profile, Laplace, depth 1,000",
        f"{seconds:.2f} s",
        "5 s",
        f"E Z^4 of the prefixes alone, one by one: {alone:.1f} s",
    )
