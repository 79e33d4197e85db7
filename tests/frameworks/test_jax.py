"""JAX and Flax: the law that is read against what the installed JAX draws, networks by widths, and Jacobians."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pathmoments import Gaussian, Network, TruncatedGaussian, Uniform
from pathmoments.errors import ArgumentError, PathMomentsError, UnknownNameError
from pathmoments.frameworks import jax_jacobians, jax_weights, network_from_widths
from pathmoments.frameworks.jax_laws import jax_bias
from pathmoments.frameworks.seeds import words

FAN_IN, FAN_OUT = 1500, 500
SAMPLES = 20_000

SUPPORTED: list[tuple[str, dict[str, Any], Any, str | None]] = [
    ("normal", {}, Gaussian(), "1/10000"),
    ("normal", {"stddev": 0.02}, Gaussian(), "1/2500"),
    ("truncated_normal", {"stddev": 0.02}, TruncatedGaussian(2), None),
    ("truncated_normal", {"stddev": 1.0, "lower": -1.0, "upper": 1.0}, TruncatedGaussian(1), None),
    ("glorot_uniform", {}, Uniform(), "1/1000"),
    ("glorot_normal", {}, TruncatedGaussian(2), "1/1000"),
    ("xavier_uniform", {}, Uniform(), "1/1000"),
    ("xavier_normal", {}, TruncatedGaussian(2), "1/1000"),
    ("lecun_uniform", {}, Uniform(), "1/1500"),
    ("lecun_normal", {}, TruncatedGaussian(2), "1/1500"),
    ("he_uniform", {}, Uniform(), "2/1500"),
    ("he_normal", {}, TruncatedGaussian(2), "2/1500"),
    ("kaiming_uniform", {}, Uniform(), "2/1500"),
    ("kaiming_normal", {}, TruncatedGaussian(2), "2/1500"),
    ("he_normal", {"in_axis": -1, "out_axis": -2}, TruncatedGaussian(2), "2/500"),
    ("he_normal", {"in_axis": (0,), "out_axis": (1,)}, TruncatedGaussian(2), "2/1500"),
    ("variance_scaling", {"scale": 1 / 3, "mode": "fan_in", "distribution": "uniform"}, Uniform(), "1/4500"),
    ("variance_scaling", {"scale": 2.0, "mode": "fan_out", "distribution": "normal"}, Gaussian(), "2/500"),
    ("variance_scaling", {"scale": 1.0, "mode": "fan_avg", "distribution": "truncated_normal"}, TruncatedGaussian(2), "1/1000"),
    ("variance_scaling", {"scale": 1.0, "mode": "fan_geo_avg", "distribution": "normal"}, Gaussian(), None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "law", "variance"), SUPPORTED, ids=str)
def test_initialisers_draw_the_law_that_is_read(
    jax: Any, has_law: Callable[..., None], name: str, arguments: dict[str, Any], law: object, variance: str | None
) -> None:
    """The law and the exact variance are as derived by hand, and a kernel that JAX fills has them; by name, by factory or as made."""
    factory = getattr(jax.nn.initializers, name)
    made = factory(**arguments)
    weights = jax_weights(made, FAN_IN, FAN_OUT)
    assert (
        weights == jax_weights(factory, FAN_IN, FAN_OUT, **arguments) == jax_weights((name, arguments), FAN_IN, FAN_OUT)
    )
    assert weights.law == law
    assert variance is None or weights.variance == Fraction(variance)
    has_law(made(jax.random.key(7), (FAN_IN, FAN_OUT)), weights)


def test_the_geometric_mean_is_exact_where_it_is_rational(jax: Any) -> None:
    """Elsewhere it agrees to 120 bits."""
    geometric = ("variance_scaling", {"scale": 1.0, "mode": "fan_geo_avg", "distribution": "uniform"})
    assert jax_weights(geometric, 4, 9).variance == Fraction(1, 6)
    assert abs(jax_weights(geometric, 2, 5).variance ** 2 * 10 - 1) < Fraction(1, 2**118)


REFUSED: list[tuple[Any, type[PathMomentsError], str]] = [
    ("uniform", ArgumentError, r"it draws from \[0, 0.01\], which is not symmetric"),
    ("delta_orthogonal", ArgumentError, "it draws kernels of convolutions"),
    (("orthogonal", {"column_axis": 2}), ArgumentError, "one for matrices, was the column axis 2"),
    (("orthogonal", {"scale": 0.0}), ArgumentError, "its scale is 0"),
    ("zeros", ArgumentError, "all Jacobians would be 0"),
    ("ones", ArgumentError, "it draws nothing"),
    (("constant", {"value": 1.0}), ArgumentError, "it draws nothing"),
    (("truncated_normal", {"lower": -1.0}), ArgumentError, "it is cut at -1.0 and 2.0"),
    (("he_normal", {"batch_axis": 0}), ArgumentError, "an axis of inputs and one of outputs"),
    (("he_normal", {"in_axis": -1}), ArgumentError, "an axis of inputs and one of outputs"),
    (("he_normal", {"dtype": "complex64"}), ArgumentError, "it draws complex numbers"),
    (("he_normal", {"gain": 2}), ArgumentError, "cannot be made with these arguments"),
    (("variance_scaling", {"scale": 1.0, "mode": "fan_in", "distribution": "cauchy"}), ArgumentError, "distribution must be"),
    (("variance_scaling", {"scale": 1.0, "mode": "fan", "distribution": "normal"}), ArgumentError, "mode must be"),
    ("he", UnknownNameError, "a name in jax.nn.initializers, was 'he'"),
    (lambda key, shape: shape, ArgumentError, "an initialiser whose law can be read"),
    (None, ArgumentError, "an initialiser whose law can be read"),
]  # fmt: skip


@pytest.mark.parametrize(("init", "error", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_what_has_no_law_of_independent_symmetric_entries_is_refused(
    jax: Any, init: object, error: type[PathMomentsError], message: str
) -> None:
    """Each refusal says why."""
    with pytest.raises(error, match=message):
        jax_weights(init, 3, 4)


def test_made_initialisers_take_no_more_arguments(jax: Any) -> None:
    """What a factory returned has its arguments already."""
    with pytest.raises(ArgumentError, match="made already, and takes no scale"):
        jax_weights(jax.nn.initializers.he_normal(), 3, 4, scale=2)


def test_biases(jax: Any) -> None:
    """Zero by default, as in Flax; a law without fans; or a refusal that speaks of biases."""
    for init in ("default", "zeros", None, ("constant", {"value": 0}), jax.nn.initializers.zeros):
        assert jax_bias(init) is None
    assert jax_bias(("normal", {"stddev": 0.1})) == (Gaussian(), Fraction(1, 100))
    for init, message in (("he_normal", "it needs a matrix"), ("ones", "it draws nothing")):
        with pytest.raises(ArgumentError, match=f"bias_init must be .*{message}"):
            jax_bias(init)


def test_default_is_that_of_flax(jax: Any, linen: Any, nnx: Any) -> None:
    """Dense of linen and Linear of nnx have the default of network_from_widths, read from Flax itself."""
    net = network_from_widths([3, 4, 2], framework="jax", output="linear")
    assert net == Network([3, 4, 2], law="truncated:2", variance="lecun", output="linear", bias="zero")
    defaults = inspect.signature(nnx.Linear.__init__).parameters
    for kernel_init, bias_init in (
        (linen.Dense(4).kernel_init, linen.Dense(4).bias_init),
        (defaults["kernel_init"].default, defaults["bias_init"].default),
    ):
        assert jax_weights(kernel_init, 3, 4) == (net.laws[0], net.variances[0])
        assert jax_bias(bias_init) is None


def _plain(jax: Any, init: Any) -> tuple[Any, Any]:
    """Return init and apply functions of a ReLU network in plain JAX with the widths 2, 3, 3, without biases."""

    def init_fn(key: Any) -> list[Any]:
        keys = jax.random.split(key, 2)
        return [init(keys[0], (2, 3)), init(keys[1], (3, 3))]

    def apply_fn(kernels: list[Any], x: Any) -> Any:
        for kernel in kernels:
            x = jax.nn.relu(x @ kernel)
        return x

    return init_fn, apply_fn


def _products(jax: Any, init_fn: Any, samples: int, seed: int) -> NDArray[Any]:
    """Return the Jacobians of such networks at (1, 1) as products of masked matrices, sample s from fold_in(key, s)."""
    key = jax.random.wrap_key_data(np.array(words(seed), dtype=np.uint32), impl="threefry2x32")
    jacobians = []
    init_fn = jax.jit(init_fn)
    for s in range(samples):
        state, matrix = np.ones(2), np.eye(2)
        for kernel in map(np.asarray, init_fn(jax.random.fold_in(key, s))):
            mask = state @ kernel > 0
            state, matrix = (state @ kernel) * mask, mask[:, None] * (kernel.T @ matrix)
        jacobians.append(matrix)
    return np.stack(jacobians)


def test_jacobians_are_products_of_masked_matrices(jax: Any) -> None:
    """Each sample's matrix is the product by hand, and neither the batch nor the number of samples changes it."""
    init_fn, apply_fn = _plain(jax, jax.nn.initializers.he_normal())
    blocks = list(jax_jacobians(init_fn, apply_fn, 15, x=[1.0, 1.0], batch=10, seed=4))
    assert [block.shape for block in blocks] == [(10, 3, 2), (5, 3, 2)]
    np.testing.assert_allclose(np.concatenate(blocks), _products(jax, init_fn, 15, 4), rtol=1e-5, atol=1e-6)
    (whole,) = jax_jacobians(init_fn, apply_fn, 15, x=np.ones(2), seed=4)
    np.testing.assert_allclose(whole, np.concatenate(blocks), rtol=1e-5, atol=1e-6)
    (other,) = jax_jacobians(init_fn, apply_fn, 15, x=[1.0, 1.0], seed=5)
    assert not np.allclose(other, whole)


@pytest.mark.parametrize("name", ["he_uniform", "glorot_normal", "lecun_normal"])
def test_sampled_moments_are_the_exact_ones(jax: Any, has_moments: Callable[..., None], name: str) -> None:
    """E Z^2 and E Z^4 lie within six exact standard errors of what JAX draws; of another network they do not."""
    init_fn, apply_fn = _plain(jax, getattr(jax.nn.initializers, name)())
    net = network_from_widths([2, 3, 3], framework="jax", init=name, output="relu")
    blocks = list(jax_jacobians(init_fn, apply_fn, SAMPLES, x=[1.0, 2.0], seed=11))
    has_moments(blocks, net)
    with pytest.raises(AssertionError):
        has_moments(blocks, network_from_widths([2, 3, 3], framework="jax", init=name, output="linear"))


def test_linen(jax: Any, linen: Any, has_moments: Callable[..., None]) -> None:
    """A Sequential of linen with its defaults, and with biases that have a law."""
    initializers = jax.nn.initializers
    model = linen.Sequential([linen.Dense(4), linen.relu, linen.Dense(2, kernel_init=initializers.he_normal())])
    net = network_from_widths([3, 4, 2], framework="jax", init=["default", initializers.he_normal()], output="linear")
    x = jax.numpy.ones(3)
    has_moments(jax_jacobians(lambda key: model.init(key, x), model.apply, SAMPLES, x=x, seed=12), net)


def test_nnx(jax: Any, nnx: Any, has_moments: Callable[..., None]) -> None:
    """A module of nnx, split into its graph and its state."""

    def make(key: Any) -> Any:
        rngs = nnx.Rngs(key)
        bias_init = jax.nn.initializers.normal(1.0)
        return nnx.Sequential(
            nnx.Linear(2, 3, bias_init=bias_init, rngs=rngs), nnx.relu, nnx.Linear(3, 2, bias_init=bias_init, rngs=rngs)
        )

    graph = nnx.graphdef(make(jax.random.key(0)))
    net = network_from_widths([2, 3, 2], framework="jax", bias_init=("normal", {"stddev": 1.0}), output="linear")
    assert net.bias == Gaussian()
    blocks = jax_jacobians(
        lambda key: nnx.state(make(key)), lambda state, x: nnx.merge(graph, state)(x), SAMPLES, x=[1.0, -1.0], seed=13
    )
    has_moments(blocks, net)


def test_bfloat16(jax: Any) -> None:
    """Jacobians in bfloat16 come as float32."""
    init_fn, apply_fn = _plain(jax, jax.nn.initializers.he_normal(dtype="bfloat16"))
    (block,) = jax_jacobians(init_fn, apply_fn, 10, x=jax.numpy.ones(2, dtype="bfloat16"), seed=1)
    assert block.dtype == np.float32
    assert np.all(block.view(np.uint32) % 2**16 == 0), "all of them values of bfloat16"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"init_fn": 3}, "init_fn must be a function"),
        ({"apply_fn": None}, "apply_fn must be a function"),
        ({"samples": 0}, "samples must be"),
        ({"batch": 1.5}, "batch must be"),
        ({"x": "a"}, "must be an array"),
    ],
    ids=str,
)
def test_what_cannot_be_sampled_is_refused_at_the_call(jax: Any, arguments: dict[str, Any], message: str) -> None:
    """The message comes before the first block is asked for."""
    init_fn, apply_fn = _plain(jax, jax.nn.initializers.he_normal())
    given = {"init_fn": init_fn, "apply_fn": apply_fn, "samples": 3, "x": [1.0, 1.0], "seed": 1} | arguments
    with pytest.raises(ArgumentError, match=message):
        jax_jacobians(**given)
