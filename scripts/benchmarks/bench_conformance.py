"""Speed of a check and of a plan, beside drawing the networks that they are about."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import pytest

from pathmoments import Network, check, iter_jacobians, plan
from pathmoments.conformance.gathered import _needed, networks_to_draw
from pathmoments.conformance.measures import _allowance, _moments
from pathmoments.conformance.plan import noticed
from pathmoments.conformance.runs import _stoppable, _test

WIDTHS = (10, 20, 20, 5)


def _clear() -> None:
    for cached in (_moments, _allowance, noticed, _test, networks_to_draw, _needed, _stoppable):
        cached.cache_clear()


def test_plan(benchmark: Any, figures: Any, cold: Any) -> None:
    """A plan at depth 20, from cold caches, for one quantity and for the three that are watched by default."""
    net = Network([64] * 20 + [10], law="uniform", output="linear")

    def setup() -> None:
        cold()
        _clear()

    benchmark.pedantic(lambda: plan(net, "frobenius"), setup=setup, rounds=3)
    one = statistics.median(benchmark.stats.stats.data)
    setup()
    start = time.perf_counter()
    plan(net, ["frobenius", "mean:4", "alike"])
    figures.add(
        "plan, uniform weights, depth 20",
        f"{one:.2f} s",
        "1 s",
        f"three quantities: {time.perf_counter() - start:.2f} s",
    )


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_check(benchmark: Any, figures: Any, kind: str) -> None:
    """A check of 100,000 networks of 10,20,20,5, exact moments included, over drawing them: in numpy, and from fresh torch modules (a tenth of them, scaled)."""
    net = Network(WIDTHS, law="uniform", variance="pytorch", output="linear", bias="zero")
    samples = 100_000
    start = time.perf_counter()
    if kind == "numpy":
        blocks = list(iter_jacobians(net, samples, seed=1))
        drawing = time.perf_counter() - start
    else:
        nn: Any = pytest.importorskip("torch").nn
        from pathmoments.frameworks import torch_jacobians

        a, b, c, d = WIDTHS

        def make() -> Any:
            return nn.Sequential(
                nn.Linear(a, b, bias=False),
                nn.ReLU(),
                nn.Linear(b, c, bias=False),
                nn.ReLU(),
                nn.Linear(c, d, bias=False),
            )

        start = time.perf_counter()
        few = list(torch_jacobians(make, samples // 10, seed=1))
        drawing = 10 * (time.perf_counter() - start)
        blocks = few * 10
    array = np.concatenate(blocks)
    benchmark.pedantic(lambda: check(array, net, diagnose=False), setup=_clear, rounds=3)
    checking = statistics.median(benchmark.stats.stats.data)
    figures.add(
        f"check of {samples:,} networks of 10,20,20,5 over drawing them, {kind}",
        f"{checking / drawing:.3f}",
        "0.10",
        f"check {checking:.2f} s, drawing {drawing:.1f} s",
    )
