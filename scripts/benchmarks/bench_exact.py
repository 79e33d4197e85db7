"""Speed of the exact routes."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from pathmoments import Network, iter_collections, layer_factors, moment

Power = dict[tuple[int, int], int]


def _median(benchmark: Any) -> float:
    return float(benchmark.stats.stats.median)


def _run(
    benchmark: Any, cold: Callable[[], None], make: Callable[[], Network], power: Power, route: str, rounds: int = 5
) -> float:
    """Time making the network and its moment, from cold caches."""
    benchmark.pedantic(lambda: moment(make(), power, route=route), setup=cold, rounds=rounds)
    return _median(benchmark)


def test_enumeration(benchmark: Any, cold: Callable[[], None], figures: Any, peak: Callable[[str], float]) -> None:
    """Widths 4,4,4,4, order 6: 16,777,216 ordered tuples, beside a literal loop over ordered tuples."""
    seconds = _run(benchmark, cold, lambda: Network([4, 4, 4, 4]), {(0, 0): 6}, "enumeration")
    net, count = Network([4, 4, 4, 4]), 3_000
    start = time.perf_counter()
    for collection, _ in itertools.islice(iter_collections(net, {(0, 0): 6}, ordered=True), count):
        layer_factors(net, collection)
    literal = (time.perf_counter() - start) / count * 4**12
    figures.add(
        "enumeration 4,4,4,4 order 6",
        f"{seconds:.3f} s",
        "5 s",
        f"literal loop over ordered tuples: {literal:,.0f} s (from {count:,})",
    )
    code = "from pathmoments import Network, moment; moment(Network([4] * 4), {(0, 0): 6}, route='enumeration')"
    figures.add(
        "  its peak memory",
        f"{peak(code):.0f} MB",
        "200 MB",
        f"import alone: {peak('import pathmoments.quantities.moments'):.0f} MB",
    )


@pytest.mark.parametrize(("order", "target"), [(24, "0.3 s"), (40, "10 s")])
def test_transfer_single_entry(benchmark: Any, cold: Callable[[], None], figures: Any, order: int, target: str) -> None:
    """Laplace weights, depth 100, 100 different widths, beside the same sweep in plain Python fractions."""
    widths = list(range(10, 111))
    seconds = _run(
        benchmark,
        cold,
        lambda: Network(widths, law="laplace"),
        {(0, 0): order},
        "transfer",
        rounds=5 if order < 40 else 3,
    )
    beside = ""
    if order == 24:
        from pathmoments.domains import Rationals
        from pathmoments.families import family_of
        from pathmoments.routes import transfer

        net = Network(widths, law="laplace")
        start = time.perf_counter()
        transfer._solve_elements(transfer.Problem(net, family_of(net, {(0, 0): order}), Rationals()))
        beside = f"the same sweep over rationals, sparse rows: {time.perf_counter() - start:.2f} s"
    figures.add(f"transfer, Laplace, depth 100, order {order}", f"{seconds:.3f} s", target, beside)


def test_transfer_depth_100000(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """Order 4, uniform weights, 100,000 layers of different widths, beside a tenth of the depth."""

    def make(depth: int) -> Network:
        return Network(range(3, depth + 4), law="uniform")

    seconds = _run(benchmark, cold, lambda: make(100_000), {(0, 0): 4}, "auto", rounds=3)
    start = time.perf_counter()
    moment(make(10_000), {(0, 0): 4}, route="transfer")
    figures.add(
        "auto (transfer), uniform, depth 100,000, order 4",
        f"{seconds:.2f} s",
        "5 s",
        f"depth 10,000: {time.perf_counter() - start:.2f} s",
    )


@pytest.mark.parametrize("order", [4, 12, 24])
def test_transfer_does_not_grow_with_the_widths(
    benchmark: Any, cold: Callable[[], None], figures: Any, order: int
) -> None:
    """Depth 100, Laplace: width 10^9 beside width 10, turn by turn."""

    def seconds(width: int) -> float:
        cold()
        start = time.perf_counter()
        moment(Network([width] * 101, law="laplace"), {(0, 0): order}, route="transfer")
        return time.perf_counter() - start

    pairs = [(seconds(10**9), seconds(10)) for _ in range(15)]
    benchmark.pedantic(lambda: seconds(10**9), rounds=3)
    ratio = statistics.median(a / b for a, b in pairs)
    figures.add(
        f"width 10^9 / width 10, depth 100, order {order}",
        f"{ratio:.2f}",
        "1.5",
        f"{statistics.median(a for a, _ in pairs) * 1e3:.1f} ms",
    )


def test_transfer_mixed(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """Two entries with different p and q at order 4 each, depth 50, uniform weights."""
    seconds = _run(benchmark, cold, lambda: Network(range(3, 54), law="uniform"), {(0, 0): 4, (1, 1): 4}, "transfer")
    figures.add("transfer, two entries of order 4, depth 50", f"{seconds:.4f} s", "1 s", "")


def test_gaussian_closed_form(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """Order 40, depth 100, Gaussian weights, beside the transfer."""
    widths = list(range(10, 111))
    seconds = _run(benchmark, cold, lambda: Network(widths), {(0, 0): 40}, "gaussian")
    start = time.perf_counter()
    value = moment(Network(widths), {(0, 0): 40}, route="transfer")
    assert isinstance(value, Fraction)
    figures.add(
        "Gaussian closed form, depth 100, order 40",
        f"{seconds:.3f} s",
        "",
        f"transfer: {time.perf_counter() - start:.2f} s",
    )
