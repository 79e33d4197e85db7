"""Keras 3 on its JAX backend: laws, networks from models, and Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pathmoments import Gaussian, Network, TruncatedGaussian, Uniform
from pathmoments.errors import ArgumentError, PathMomentsError, UnknownNameError
from pathmoments.frameworks import keras_jacobians, keras_weights, network_from_keras, network_from_widths
from pathmoments.frameworks.keras_laws import keras_bias

FAN_IN, FAN_OUT = 1500, 500
SAMPLES = 20_000

SUPPORTED: list[tuple[str, dict[str, Any], Any, str | None]] = [
    ("RandomNormal", {}, Gaussian(), "1/400"),
    ("RandomUniform", {}, Uniform(), "1/1200"),
    ("TruncatedNormal", {"stddev": 1.0}, TruncatedGaussian(2), None),
    ("GlorotUniform", {}, Uniform(), "1/1000"),
    ("GlorotNormal", {}, TruncatedGaussian(2), "1/1000"),
    ("HeUniform", {}, Uniform(), "2/1500"),
    ("HeNormal", {}, TruncatedGaussian(2), "2/1500"),
    ("LecunUniform", {}, Uniform(), "1/1500"),
    ("LecunNormal", {}, TruncatedGaussian(2), "1/1500"),
    ("VarianceScaling", {}, TruncatedGaussian(2), "1/1500"),
    ("VarianceScaling", {"scale": 1 / 3, "mode": "fan_out", "distribution": "uniform"}, Uniform(), "1/1500"),
    ("VarianceScaling", {"scale": 2.0, "mode": "fan_avg", "distribution": "untruncated_normal"}, Gaussian(), "2/1000"),
    ("HeNormal", {"input_axes": [1], "output_axes": [0]}, TruncatedGaussian(2), "2/500"),
]


@pytest.mark.parametrize(("name", "arguments", "law", "variance"), SUPPORTED, ids=str)
def test_initialisers_draw_the_law_that_is_read(
    keras: Any, has_law: Callable[..., None], name: str, arguments: dict[str, Any], law: object, variance: str | None
) -> None:
    """The law and the exact variance are as derived by hand, and a kernel that Keras fills has them; by object, class, name or config."""
    kind = getattr(keras.initializers, name)
    made = kind(**arguments, seed=31)
    weights = keras_weights(made, FAN_IN, FAN_OUT)
    for named in ((kind, arguments), (name, arguments), {"class_name": name, "config": arguments}):
        assert keras_weights(named, FAN_IN, FAN_OUT) == weights
    assert weights.law == law
    assert variance is None or weights.variance == Fraction(variance)
    has_law(made((FAN_IN, FAN_OUT)), weights)


def test_names_as_keras_knows_them(keras: Any) -> None:
    """Snake case, camel case, and the short names."""
    assert keras_weights("he_normal", 3, 4) == keras_weights("HeNormal", 3, 4)
    assert keras_weights("uniform", 3, 4) == keras_weights("random_uniform", 3, 4)
    assert keras_weights("default", 3, 4) == (Uniform(), Fraction(2, 7))


REFUSED: list[tuple[Any, type[PathMomentsError], str]] = [
    (("Orthogonal", {"gain": 0.0}), ArgumentError, "its scale is 0"),
    ("zeros", ArgumentError, "all Jacobians would be 0"),
    ("ones", ArgumentError, "it draws nothing"),
    (("constant", {"value": 2.0}), ArgumentError, "it draws nothing"),
    ("identity", ArgumentError, "it draws nothing"),
    (("RandomUniform", {"minval": 0.0, "maxval": 1.0}), ArgumentError, r"it draws from \[0.0, 1.0\]"),
    (("RandomNormal", {"mean": 1.0}), ArgumentError, "its mean is 1.0"),
    (("TruncatedNormal", {"mean": 1.0}), ArgumentError, "its mean is 1.0"),
    (("RandomNormal", {"stddev": 0.0}), ArgumentError, "its scale is 0"),
    (("RandomNormal", {"std": 1.0}), ArgumentError, "cannot be made with these arguments"),
    (("HeNormal", {"input_axes": [0], "output_axes": [0]}), ArgumentError, "an axis of inputs and one of outputs"),
    ("he", UnknownNameError, "the name of an initialiser of Keras, was 'he'"),
    ("get", UnknownNameError, "the name of an initialiser of Keras, was 'get'"),
    (lambda shape, dtype=None: np.ones(shape), ArgumentError, "an initialiser whose law can be read"),
    (np.ones((3, 4)), ArgumentError, "an initialiser whose law can be read"),
    (None, ArgumentError, "an initialiser whose law can be read"),
]


@pytest.mark.parametrize(("init", "error", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_what_has_no_law_of_independent_symmetric_entries_is_refused(
    keras: Any, init: object, error: type[PathMomentsError], message: str
) -> None:
    """Each refusal says why."""
    with pytest.raises(error, match=message):
        keras_weights(init, 3, 4)


def test_a_class_of_the_users_own_is_refused(keras: Any) -> None:
    """Nobody knows what it draws, though it has the attributes of its parent."""
    kind = type("Mine", (keras.initializers.HeNormal,), {})
    with pytest.raises(ArgumentError, match=r"give an initialiser of keras\.initializers"):
        keras_weights(kind(), 3, 4)


def test_biases(keras: Any) -> None:
    """Zero by default; Keras takes both fans of a vector for its length."""
    for init in ("default", "zeros", None, ("constant", {"value": 0})):
        assert keras_bias(init, 5) is None
    assert keras_bias("he_normal", 5) == (TruncatedGaussian(2), Fraction(2, 5))
    with pytest.raises(ArgumentError, match=r"bias_init must be .*it draws nothing"):
        keras_bias("ones", 5)


def sequential(keras: Any, *layers: Any, inputs: int = 3) -> Any:
    """Make a model with an input."""
    return keras.Sequential([keras.Input((inputs,)), *layers])


def test_a_model_tells_its_initialisers(keras: Any) -> None:
    """Kernels, biases, activations in layers and between them, nested models, and what changes nothing."""
    layers = keras.layers
    block = keras.Sequential([layers.Dense(4, kernel_initializer="he_normal"), layers.ReLU()])
    model = sequential(keras, layers.Flatten(), block, layers.Dropout(0.0), layers.Dense(4, "relu"), layers.Dense(2))
    net = network_from_keras(model)
    assert net.widths == (3, 4, 4, 2)
    assert net.laws == (TruncatedGaussian(2), Uniform(), Uniform())
    assert net.variances == (Fraction(2, 3), Fraction(1, 4), Fraction(1, 3))
    assert (net.output, net.slope, net.bias) == ("linear", Fraction(0), "zero")
    default = sequential(keras, layers.Dense(4, "relu"), layers.Dense(2, "relu"))
    assert network_from_keras(default) == Network([3, 4, 2], law="uniform", variance="glorot", bias="zero")
    assert network_from_keras(default) == network_from_widths([3, 4, 2], framework="keras", output="relu")


def test_biases_and_slopes_of_a_model(keras: Any) -> None:
    """Biases by their own initialiser; leaky_relu has Keras's slope 1/5, LeakyReLU its own."""
    layers, normal = keras.layers, keras.initializers.RandomNormal
    model = sequential(
        keras,
        layers.Dense(4, "leaky_relu", bias_initializer=normal(stddev=0.5)),
        layers.Dense(2, activation=layers.LeakyReLU(0.2), bias_initializer=normal(stddev=0.5)),
    )
    net = network_from_keras(model)
    assert (net.slope, net.output, net.bias, net.bias_variances) == (
        Fraction(1, 5), "relu", Gaussian(), (Fraction(1, 4), Fraction(1, 4))
    )  # fmt: skip
    tenth = sequential(keras, layers.Dense(4, use_bias=False), layers.LeakyReLU(0.1), layers.Dense(2, use_bias=False))
    assert network_from_keras(tenth).slope == Fraction(1, 10)


REFUSED_LAYERS: list[tuple[Callable[[Any], list[Any]], str]] = [
    (lambda k: [k.layers.Dense(3), k.layers.BatchNormalization()], "layer 1 .BatchNormalization .* it is data-dependent"),
    (lambda k: [k.layers.Dense(3), k.layers.LayerNormalization()], "divides by a function of the activations"),
    (lambda k: [k.layers.Dense(3), k.layers.Dropout(0.5)], "drops neurons at random"),
    (lambda k: [k.layers.Dense(3), k.layers.GaussianNoise(0.5)], "it adds noise"),
    (lambda k: [k.layers.Dense(3), k.layers.PReLU()], "its slope is a parameter"),
    (lambda k: [k.layers.Dense(3, "tanh")], "has the activation tanh"),
    (lambda k: [k.layers.Dense(3), k.layers.Activation("gelu")], "has the activation gelu"),
    (lambda k: [k.layers.Dense(3), k.layers.ReLU(max_value=6.0)], "it is cut, or has a threshold"),
    (lambda k: [k.layers.Dense(3), k.layers.Softmax()], "none of Dense, ReLU, LeakyReLU"),
    (lambda k: [k.layers.Dense(3), k.layers.Dense(3, "relu"), k.layers.Dense(2)], "no activation stands between layer 0"),
    (lambda k: [k.layers.Dense(3, kernel_initializer="identity")], "it draws nothing"),
    (lambda k: [k.layers.Dense(3, bias_initializer="ones")], "bias_init must be .* draws nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "message"), REFUSED_LAYERS, ids=[message for _, message in REFUSED_LAYERS])
def test_what_is_no_network_is_refused_by_the_name_of_the_layer(
    keras: Any, layers: Callable[[Any], list[Any]], message: str
) -> None:
    """The message has the place of the layer and the reason."""
    with pytest.raises(ArgumentError, match=message):
        network_from_keras(sequential(keras, *layers(keras)))


def test_models_that_cannot_be_read(keras: Any) -> None:
    """Without an input, not a Sequential, or with numeric precision taken away."""
    with pytest.raises(ArgumentError, match="does not know its input yet"):
        network_from_keras(keras.Sequential([keras.layers.Dense(3)]))
    with pytest.raises(ArgumentError, match=r"must be a keras.Sequential, was the Dense: .*network_from_widths"):
        network_from_keras(keras.layers.Dense(3))


def test_layers_that_draw_the_same_numbers_are_refused(keras: Any) -> None:
    """Keras draws equal weights for layers given one initialiser object, or one seed; that is no network of independent weights."""
    layers, he = keras.layers, keras.initializers.HeNormal()
    shared = sequential(keras, layers.Dense(3, "relu", kernel_initializer=he), layers.Dense(3, kernel_initializer=he))
    first, second = (np.asarray(layer.kernel.value) for layer in shared.layers)
    np.testing.assert_array_equal(first, second)
    with pytest.raises(ArgumentError, match=r"initialisers of one seed, .* and draw the same numbers"):
        network_from_keras(shared)
    seeded = [layers.Dense(3, "relu", kernel_initializer=keras.initializers.HeNormal(seed=1)) for _ in range(2)]
    with pytest.raises(ArgumentError, match="initialisers of one seed, 1,"):
        network_from_keras(sequential(keras, *seeded))
    generator = keras.random.SeedGenerator(1)
    apart = [layers.Dense(3, "relu", kernel_initializer=keras.initializers.HeNormal(seed=generator)) for _ in range(2)]
    assert network_from_keras(sequential(keras, *apart)).widths == (3, 3, 3)


def by_hand(model: Any, x: NDArray[Any]) -> NDArray[Any]:
    """Return the Jacobian of Dense layers with ReLU but for the last, by products of masked matrices."""
    matrix = np.eye(x.size)
    for layer in model.layers:
        kernel, bias = (np.asarray(weight.value) for weight in layer.weights)
        x, matrix = x @ kernel + bias, kernel.T @ matrix
        if layer is not model.layers[-1]:
            matrix, x = (x > 0)[:, None] * matrix, np.maximum(x, 0)
    return matrix


def test_jacobians_are_products_of_masked_matrices(keras: Any) -> None:
    """Every model that the factory made has the Jacobian by hand, at the input that was given."""
    made: list[Any] = []

    def factory() -> Any:
        normal = keras.initializers.RandomNormal(stddev=1.0)
        made.append(sequential(keras, keras.layers.Dense(4, "relu", bias_initializer=normal), keras.layers.Dense(2)))
        return made[-1]

    x = np.array([0.5, -1.0, 2.0])
    blocks = list(keras_jacobians(factory, 12, x=x, batch=8, seed=3))
    assert [block.shape for block in blocks] == [(8, 2, 3), (4, 2, 3)]
    expected = [by_hand(model, x) for model in made[1:]]
    np.testing.assert_allclose(np.concatenate(blocks), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(
        np.concatenate(list(keras_jacobians(factory, 12, x=x, batch=8, seed=3))), np.concatenate(blocks)
    )


def test_sampled_moments_are_the_exact_ones(keras: Any, has_moments: Callable[..., None]) -> None:
    """E Z^2 and E Z^4 of the network that is read lie within six exact standard errors of one model drawn again and again."""
    layers, uniform = keras.layers, keras.initializers.RandomUniform(-1.0, 1.0)
    model = sequential(
        keras,
        layers.Dense(4, kernel_initializer="he_normal"),
        layers.ReLU(),
        layers.Dense(3, "relu", kernel_initializer=uniform),
        layers.Dense(2, kernel_initializer="lecun_uniform"),
    )
    before = [np.array(weight.value) for weight in model.weights]
    has_moments(keras_jacobians(model, SAMPLES, seed=21), network_from_keras(model))
    for old, new in zip(before, model.weights, strict=True):
        np.testing.assert_array_equal(old, new.value)


def test_sampled_moments_of_fresh_models(keras: Any, has_moments: Callable[..., None]) -> None:
    """A few hundred models made anew agree as well."""

    def factory() -> Any:
        return sequential(keras, keras.layers.Dense(3, "relu"), keras.layers.Dense(2))

    has_moments(keras_jacobians(factory, 300, seed=22), network_from_keras(factory()))


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (lambda k: 7, {}, "model must be a function that makes a keras.Model"),
        (lambda k: int, {}, "model must be a keras.Model that knows its input"),
        (lambda k: lambda: k.Sequential([k.layers.Dense(2)]), {}, "that knows its input"),
        (lambda k: sequential(k, k.layers.Dense(2)), {"samples": 0}, "samples must be"),
        (lambda k: sequential(k, k.layers.BatchNormalization()), {}, "batch_normalization.*gamma has none"),
    ],
    ids=["number", "int", "unbuilt", "samples", "no initialiser"],
)
def test_what_cannot_be_sampled_is_refused_at_the_call(
    keras: Any, make: Callable[[Any], Any], arguments: dict[str, Any], message: str
) -> None:
    """The message comes before the first block is asked for."""
    with pytest.raises(ArgumentError, match=message):
        keras_jacobians(make(keras), **({"samples": 3} | arguments))
