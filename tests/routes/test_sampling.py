"""The simulation: a real network, reproducible, independent of chunking, in bounded memory."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pathmoments import Moments, Network, Sparse, SymbolicLaw, Uniform, estimate, iter_jacobians, moment
from pathmoments.errors import PathMomentsError, RouteError, UndeterminedMomentError
from pathmoments.routes import sampling

Z_LIMIT = 5.0
"""Of the fixed-seed tests below: a false-alarm rate of 6e-7 each were the means normal."""


def test_jacobian_is_that_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights and biases recorded as they are drawn, a loop in plain Python gives the same Jacobian."""
    drawn: list[NDArray[np.float64]] = []
    original = Uniform._draw

    def record(self: Uniform, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        drawn.append(original(self, generator, size))
        return drawn[-1].copy()

    monkeypatch.setattr(Uniform, "_draw", record)
    net = Network([3, 4, 2, 2], law="uniform", slope="1/4", output="linear")
    (jacobians,) = iter_jacobians(net, 5, seed=11, x=("1/2", -2, 3))
    assert len(drawn) == 6
    unit = math.sqrt(12)
    for sample in range(5):
        values, matrix = [0.5, -2.0, 3.0], np.eye(3)
        for layer in range(3):
            deviation = math.sqrt(net.variances[layer]) * unit
            weights, biases = drawn[2 * layer][sample] * deviation, drawn[2 * layer + 1][sample] * deviation
            pre = [
                sum(w * v for w, v in zip(row, values, strict=True)) + b for row, b in zip(weights, biases, strict=True)
            ]
            slopes = [1.0 if z > 0 or layer == 2 else 0.25 for z in pre]
            matrix = np.array(
                [
                    [s * sum(row[a] * matrix[a, p] for a in range(len(row))) for p in range(3)]
                    for row, s in zip(weights, slopes, strict=True)
                ]
            )
            values = [s * z for s, z in zip(slopes, pre, strict=True)]
        np.testing.assert_allclose(jacobians[sample], matrix, rtol=1e-12, atol=1e-14)


def test_same_seed_same_mean() -> None:
    """(network, samples, seed) determine the estimate to the last bit; another seed changes it."""
    net = Network([2, 3, 4, 2], law="laplace")
    means = [estimate(net, {(0, 0): 4}, samples=20_000, seed=seed).mean for seed in (1, 1, 2)]
    assert means[0] == means[1] != means[2]


def test_result_does_not_depend_on_chunking() -> None:
    """Blocks have seeds of their own: the first samples of a long run are those of a short one, in any order of reading."""
    net = Network([2, 3, 2], law="gaussian")
    block = sampling.block_size(net, 2)
    short = np.concatenate(list(iter_jacobians(net, 2 * block + 7, seed=3)))
    long = list(iter_jacobians(net, 4 * block, seed=3))
    np.testing.assert_array_equal(short[: 2 * block], np.concatenate(long[:2]))
    assert not np.array_equal(long[0], long[1])
    children = np.random.SeedSequence(3).spawn(4)
    assert [c.generate_state(2).tolist() for c in children] == [
        sampling.child_seed(3, i).generate_state(2).tolist() for i in range(4)
    ]


@pytest.mark.parametrize(
    ("net", "options"),
    [
        (Network([2, 3, 4, 2], law="laplace"), {}),
        (Network([3, 20, 30, 2], law=["truncated:2", "sparse:1/2:uniform", "rademacher"], variance="pytorch"), {}),
        (Network([2, 3, 2, 2], bias="finite:-1/3=1/2,1/3=1/2", slope="1/4"), {"x": (1, "1/2"), "layers": (1, 3)}),
        (Network([2, 3, 2], bias="zero", output="linear", variance=[1, "3/7"]), {"x": (-1, 5)}),
    ],
    ids=str,
)
def test_the_mean_does_not_depend_on_where_it_is_sampled(net: Network, options: dict[str, Any]) -> None:
    """A mean from other threads, in whatever order their blocks arrive, is bit for bit that of this process; so is the progress."""
    power = {(0, 0): 2, (1, 1): 2}
    here = estimate(net, power, samples=30_000, seed=9, **options)
    seen: list[tuple[int, int]] = []
    with ThreadPoolExecutor(3) as threads:
        there = estimate(
            net, power, samples=30_000, seed=9, executor=threads,
            progress=lambda done, total: seen.append((done, total)), **options,
        )  # fmt: skip
        routed = moment(net, power, route="sampling", samples=30_000, seed=9, executor=threads, **options)
    assert here.mean == there.mean == routed.mean
    assert seen[-1] == (30_000, 30_000)
    assert all(a[0] < b[0] for a, b in itertools.pairwise(seen))


def test_memory_does_not_grow_with_the_samples() -> None:
    """Twenty times the samples take the same peak memory, well under what holding them would take."""
    net = Network([2, 3, 4, 2], law="uniform")

    def peak(samples: int) -> int:
        tracemalloc.start()
        estimate(net, {(0, 0): 2}, samples=samples, seed=1)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10_000)
    assert peak(1_000_000) < 1.5 * peak(50_000)


def test_fresh_seed_is_reported_and_repeats() -> None:
    """Without a seed one is taken from the system, reported, and repeats the run."""
    net = Network([2, 2])
    first = estimate(net, {(0, 0): 2}, samples=1000)
    assert estimate(net, {(0, 0): 2}, samples=1000, seed=first.seed) == first


@pytest.mark.parametrize(
    "law",
    [
        "gaussian",
        "uniform",
        "rademacher",
        "laplace",
        "truncated:2",
        "truncated:1/2",
        "sparse:1/2:uniform",
        "finite:-2=1/4,0=1/2,2=1/4",
    ],
)
@pytest.mark.parametrize(
    "keywords", [{}, {"slope": "1/3", "output": "linear"}, {"variance": "pytorch", "bias": "uniform"}], ids=str
)
def test_estimate_is_within_its_exact_error(law: str, keywords: dict[str, str]) -> None:
    """Fixed seed, 40,000 networks: |z| of E Z_00^2 Z_11^2 with the exact standard error is below the limit."""
    result = estimate(Network([2, 4, 4, 2], law=law, **keywords), {(0, 0): 2, (1, 1): 2}, samples=40_000, seed=2026)
    assert abs(result.z) < Z_LIMIT


@pytest.mark.parametrize("layers", [(0, 2), (1, 3), (2, 3)])
@pytest.mark.parametrize("bias", ["zero", "atomless", "laplace"])
def test_prefix_and_suffix_of_real_networks(layers: tuple[int, int], bias: str) -> None:
    """Sections of real networks have the exact moments, with the alive factor at zero bias (2 neurons a layer: it is felt)."""
    net = Network([2, 2, 2, 2], bias=bias)
    result = estimate(net, {(0, 0): 2}, samples=200_000, seed=5, layers=layers)
    assert abs(result.z) < Z_LIMIT


def test_standard_error_is_the_exact_one() -> None:
    """The reported error is sqrt((E Z^4 - (E Z^2)^2) / N) from exact moments, and the spread of repeated estimates is that."""
    net = Network([2, 3, 2], law="uniform")
    one = estimate(net, {(0, 0): 2}, samples=10_000, seed=0)
    assert one.standard_error == pytest.approx(math.sqrt((Fraction(52, 25) - Fraction(1, 4)) / 10_000), rel=1e-14)
    means = [estimate(net, {(0, 0): 2}, samples=10_000, seed=seed).mean for seed in range(60)]
    assert 0.7 < np.std(means) / one.standard_error < 1.35


def test_a_constant_has_no_error() -> None:
    """Signs through one linear layer: Z^2 is constant, the standard error 0 and z exactly 0."""
    result = estimate(Network([2, 2], law="rademacher", output="linear"), {(0, 0): 2}, samples=100, seed=1)
    assert (result.standard_error, result.z) == (0.0, 0.0)


def test_memory_is_bounded_for_wide_inputs_and_outputs() -> None:
    """Wide inputs make wide Jacobians: what is held at once stays under 100 MB where the samples would take gigabytes."""
    for widths in ([1000, 1], [300, 10, 300], [5, 400, 400, 5]):
        tracemalloc.start()
        assert abs(estimate(Network(widths), {(0, 0): 2}, samples=3000, seed=1).z) < Z_LIMIT
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 100e6, widths


def test_a_block_holds_one_sample_at_least() -> None:
    """A block holds about a million numbers of the largest array, however wide the network, and at least one sample."""
    sizes = [sampling.block_size(Network([n, n, n]), 2) for n in (2, 100, 2000)]
    assert sizes == [sampling.MAX_BLOCK, sampling.BLOCK_WEIGHTS // 10_100, 1]


def test_refusals_say_why() -> None:
    """Laws without a sampler, symbols, undetermined moments and bad arguments are refused before anything is drawn."""
    import sympy

    cases: list[tuple[object, type[PathMomentsError], str]] = [
        (
            lambda: estimate(Network([2, 2], law=Moments({2: 1, 4: 3, 6: 15, 8: 105})), {(0, 0): 2}),
            RouteError,
            "moments only",
        ),
        (lambda: estimate(Network([2, 2], law=Sparse("1/2", SymbolicLaw())), {(0, 0): 2}), RouteError, "moments only"),
        (lambda: iter_jacobians(Network([2, 2], law=SymbolicLaw()), 10), RouteError, "moments only"),
        (lambda: estimate(Network([2, sympy.Symbol("n"), 2]), {(0, 0): 2}), RouteError, "symbols"),
        (lambda: estimate(Network([2, 2]), {(0, 0): 1}), UndeterminedMomentError, "odd"),
        (lambda: estimate(Network([2, 2]), {(0, 0): 2}, samples=0), PathMomentsError, "samples must be"),
        (lambda: estimate(Network([2, 2]), {(0, 0): 2}, seed=-1), PathMomentsError, "seed must be"),
        (lambda: estimate(Network([2, 2]), {(0, 0): 2}, x=(1, 2, 3)), PathMomentsError, "an input of 2 numbers"),
    ]
    for call, error, message in cases:
        with pytest.raises(error, match=message):
            call()  # type: ignore[operator]  # a thunk


def test_progress_reaches_the_total() -> None:
    """The progress callback is told of every block and ends at the total."""
    seen: list[tuple[int, int]] = []
    estimate(
        Network([2, 3, 2]), {(0, 0): 2}, samples=20_000, seed=1, progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (20_000, 20_000)
    assert all(a[0] < b[0] for a, b in itertools.pairwise(seen))


def test_arguments_of_iter_jacobians_are_checked_at_once() -> None:
    """Layers outside the network, and sample counts that are none, are refused when called, not when read."""
    net = Network([2, 3, 2])
    for keywords in ({"layers": (0, 7)}, {"layers": (2, 1)}):
        with pytest.raises(PathMomentsError, match="layers must be"):
            iter_jacobians(net, 10, **keywords)  # type: ignore[arg-type]  # layers
    for samples in (-5, 0, 2.5):
        with pytest.raises(PathMomentsError, match="samples must be"):
            iter_jacobians(net, samples)  # type: ignore[arg-type]  # the point
    with pytest.raises(PathMomentsError, match="x must not be 0"):
        estimate(Network([2, 2], bias="zero"), {(0, 0): 2}, x=(0, 0))


def test_orders_beyond_floats_are_refused() -> None:
    """Where no float holds the variance, no simulation is started."""
    with pytest.raises(RouteError, match="range of floats"):
        estimate(Network([2, 3, 2]), {(0, 0): 400}, samples=10)
