"""Speed of Theorem 2, of symbolic results, and of a verification with its defaults."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import sympy

from pathmoments import Grid, Network, empirical_variance, expansion, moment, verify
from pathmoments.sweeps import executor


def _median(benchmark: Any) -> float:
    return float(benchmark.stats.stats.median)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_empirical_variance(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """Depth 1000, Laplace weights, all widths different, beside a tenth of the depth."""
    widths = list(range(10, 1011))
    benchmark.pedantic(lambda: empirical_variance(Network(widths, law="laplace")), setup=cold, rounds=5)
    tenth = _seconds(lambda: empirical_variance(Network(widths[:101], law="laplace")))
    figures.add("E dVar, Laplace, depth 1000", f"{_median(benchmark):.3f} s", "0.2 s", f"depth 100: {tenth:.4f} s")


def test_three_symbolic_widths(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """Order 8, three symbolic widths, symbolic moments, beside its expansion in 1/n to the third power."""
    symbols = sympy.symbols("n1 n2 n3")

    def make() -> Any:
        return moment(Network([2, *symbols, 2], law="symbolic"), {(0, 0): 8})

    value = make()
    benchmark.pedantic(make, setup=cold, rounds=3)
    series = _seconds(lambda: expansion(value, list(symbols), order=6))
    figures.add(
        "order 8, three symbolic widths and moments",
        f"{_median(benchmark):.3f} s",
        "3 s",
        f"its expansion: {series:.3f} s",
    )


def test_ten_symbolic_widths(benchmark: Any, cold: Callable[[], None], figures: Any) -> None:
    """Order 4, ten symbolic widths, beside the same with numbers."""
    symbols = sympy.symbols("n0:10")
    benchmark.pedantic(lambda: moment(Network([*symbols, 2]), {(0, 0): 4}), setup=cold, rounds=3)
    numbers = _seconds(lambda: moment(Network([*range(3, 13), 2]), {(0, 0): 4}))
    figures.add("order 4, ten symbolic widths", f"{_median(benchmark):.3f} s", "3 s", f"with numbers: {numbers:.5f} s")


def test_verification(figures: Any) -> None:
    """`verify all` with its defaults in two processes, beside one without the simulations."""
    with executor(jobs=2) as workers:
        verify(Grid(statements=("11",), max_depth=1), executor=workers)  # the workers have started
        start = time.perf_counter()
        report = verify(Grid(), executor=workers)
        seconds = time.perf_counter() - start
        without = _seconds(lambda: verify(Grid(samples=0), executor=workers))
    assert report.cases >= 10_000
    figures.add(
        f"verify all, {report.cases:,} cases, 2 processes",
        f"{seconds:.1f} s",
        "60 s",
        f"without simulations: {without:.1f} s",
    )
