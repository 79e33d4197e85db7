"""Speed of the traces of J J^T, beside PyRTNI2 (a symbolic integrator of Gaussian tensor networks) where it is installed."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable
from typing import Any

import pytest
import sympy

from pathmoments import Network, spectrum, trace_moment
from pathmoments.dihedral import dihedral_merging

GAUSSIAN_K = 20


def _median(benchmark: Any) -> float:
    return float(benchmark.stats.stats.median)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_gaussian(benchmark: Any, figures: Any) -> None:
    """E tr (J J^T)^20, depth 100, 100 different widths, Gaussian weights, beside k = 10."""
    net = Network(range(10, 111))
    benchmark.pedantic(lambda: trace_moment(net, GAUSSIAN_K), rounds=3)
    half = _seconds(lambda: trace_moment(net, GAUSSIAN_K // 2))
    figures.add("trace, Gaussian, depth 100, k = 20", f"{_median(benchmark):.2f} s", "1 s", f"k = 10: {half:.3f} s")


@pytest.mark.parametrize(("k", "depth", "target"), [(4, 100, "1 s"), (5, 10, "30 s")])
def test_any_law(benchmark: Any, cold: Callable[[], None], figures: Any, k: int, depth: int, target: str) -> None:
    """Laplace weights, all widths different, from cold caches, beside the orbits alone."""

    def setup() -> None:
        cold()
        dihedral_merging.cache_clear()

    net = Network(range(10, 11 + depth), law="laplace")
    benchmark.pedantic(lambda: trace_moment(net, k), setup=setup, rounds=3)
    setup()
    orbits = _seconds(lambda: dihedral_merging((k,), pairs=False))
    figures.add(
        f"trace, Laplace, depth {depth}, k = {k}", f"{_median(benchmark):.2f} s", target, f"its orbits: {orbits:.3f} s"
    )


def test_spectrum(benchmark: Any, figures: Any) -> None:
    """All of `spectrum` with its defaults, uniform weights, depth 10, beside its expansion in 1/n to the second power."""
    net = Network([64] * 11, law="uniform")
    benchmark.pedantic(lambda: spectrum(net), rounds=3)
    expanded = _seconds(lambda: spectrum(net, expand=2))
    figures.add(
        "spectrum, uniform, depth 10, orders 4", f"{_median(benchmark):.2f} s", "", f"expanded: {expanded:.2f} s"
    )


def test_beside_rtni2(benchmark: Any, figures: Any) -> None:
    """E tr (J J^T)^3 of four linear Gaussian layers with symbolic widths, beside PyRTNI2, which must give the same polynomial."""
    rtni2 = pytest.importorskip("rtni2", reason="PyRTNI2 is not installed")
    widths = sympy.symbols("n0:5")
    net = Network(widths, slope=1, output="linear", variance=1)
    benchmark.pedantic(lambda: trace_moment(net, 3), rounds=3)
    mine, value = _median(benchmark), sympy.sympify(trace_moment(net, 3))
    found: Any = 0

    def theirs() -> None:
        nonlocal found
        with contextlib.redirect_stdout(io.StringIO()):
            found = _by_rtni2(rtni2, widths, 3)

    seconds = _seconds(theirs)
    assert sympy.expand(value - found) == 0
    figures.add(
        "trace, four linear Gaussian layers, symbols, k = 3", f"{mine:.4f} s", "", f"PyRTNI2: {seconds:.0f} s, {seconds / mine:,.0f} times"
    )  # fmt: skip


def _by_rtni2(rtni2: Any, widths: Any, k: int) -> Any:
    """Return E tr (J J^T)^k of a product of Gaussian matrices by PyRTNI2: all matrices in a cycle, integrated one after another."""
    originals = {j: rtni2.matrix(name=f"w{j}", dims=[[widths[j]], [widths[j - 1]]]) for j in range(1, len(widths))}
    layers, cycle = sorted(originals), []
    used: set[int] = set()
    for _ in range(k):
        for j in [*reversed(layers), *layers]:
            one = originals[j].clone() if j in used else originals[j]
            used.add(j)
            cycle.append((j, one))
    for place, (_, one) in enumerate(cycle):
        if place % (2 * len(layers)) >= len(layers):
            one.adjoint()
    for (_, one), (_, following) in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        one.inn(0) * following.out(0)
    networks = rtni2.tensornetworks([one for _, one in cycle])
    for j in layers:
        networks.integrate(f"w{j}", "real_gaussian")
    return sympy.Add(*(networks[i].weight() for i in range(len(networks))))
