"""From a `Sequential` of Keras 3 to a Network: its layers know how they are initialised."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..errors import ArgumentError
from ..network import Network
from .keras_laws import keras_bias, keras_weights
from .layers import Activation, Affine, network_of
from .libraries import library
from .nominal import nominal
from .refusals import refused_layer, refused_model

KNOWN = "Dense, ReLU, LeakyReLU, Activation, Identity and Flatten"


def network_from_keras(model: Any) -> Network:
    """Return the Network of a `keras.Sequential`, initialisers and all.

    Parameters
    ----------
    model
        A `keras.Sequential`, nested ones allowed, of `Dense` (its activation None, "linear", "relu" or "leaky_relu"), `ReLU`, `LeakyReLU` or
        `Activation`, and layers that change nothing: `InputLayer`, `Identity`, `Flatten`, `Dropout(0)`. It must know its input: `keras.Input((n_0,))`.

    Returns
    -------
    A :class:`pathmoments.Network` with exact variances. Slopes are the decimals that they are written as. Without an activation behind the last layer
    the output is "linear".

    Raises
    ------
    ArgumentError
        Naming the layer and why it is no part of a Network; for initialisers that :func:`keras_weights` refuses; and for layers whose initialisers have one
        seed, for these draw the same numbers.
    MissingExtraError
        If keras is not installed.
    """
    keras = library("keras")
    if type(model) is not keras.Sequential:
        raise refused_model(model, "a keras.Sequential")
    steps: list[Affine | Activation] = []
    seeds: dict[int, str] = {}
    for place, layer in enumerate(_layers(model, keras)):
        name = f"layer {place} ({type(layer).__name__} {layer.name!r})"
        if type(layer) is keras.layers.Dense:
            steps.append(_affine(name, layer, seeds))
        elif not _is_activation(layer, keras) and not _changes_nothing(layer, keras):
            raise refused_layer(name, layer, KNOWN)
        if (slope := _slope(layer, keras, name)) is not None:
            steps.append(Activation(name, slope))
    return network_of(steps)


def _layers(model: Any, keras: Any) -> Iterator[Any]:
    for layer in model.layers:
        if type(layer) is keras.Sequential:
            yield from _layers(layer, keras)
        else:
            yield layer


def _affine(name: str, layer: Any, seeds: dict[int, str]) -> Affine:
    if not layer.built:
        raise ArgumentError(f"{name} does not know its input yet: begin the model with keras.Input, or build it")
    if layer.lora_enabled or layer.quantization_mode is not None:
        raise ArgumentError(f"{name} is quantised or has LoRA weights: take the model before that")
    fan_in, fan_out = layer.kernel.shape
    weights = keras_weights(layer.kernel_initializer, fan_in, fan_out)
    _check_seed(layer.kernel_initializer, f"the kernel of {name}", seeds)
    bias = keras_bias(layer.bias_initializer, fan_out) if layer.use_bias else None
    if bias is not None:
        _check_seed(layer.bias_initializer, f"the bias of {name}", seeds)
    return Affine(name, fan_in, fan_out, weights, bias)


def _check_seed(initializer: Any, name: str, seeds: dict[int, str]) -> None:
    """Refuse an initialiser whose seed another one has: Keras draws the same numbers for the same seed, object or not."""
    if isinstance(initializer.seed, int):
        other = seeds.setdefault(initializer.seed, name)
        if other != name:
            raise ArgumentError(
                f"{name} and {other} have initialisers of one seed, {initializer.seed}, and draw the same numbers: give each layer an initialiser of "
                "its own (two layers given one object have one seed)"
            )


def _is_activation(layer: Any, keras: Any) -> bool:
    layers = keras.layers
    return type(layer) in (layers.ReLU, layers.LeakyReLU, layers.Activation)


def _slope(layer: Any, keras: Any, name: str) -> Fraction | None:
    """Return the slope of the activation of a layer, or None where it has none."""
    layers, activations = keras.layers, keras.activations
    if type(layer) is layers.LeakyReLU:
        return nominal(layer.negative_slope, "negative_slope")
    if type(layer) is layers.ReLU:
        if layer.max_value is not None or layer.threshold != 0:
            raise ArgumentError(f"{name} is no part of a Network: it is cut, or has a threshold")
        return nominal(layer.negative_slope, "negative_slope")
    if type(layer) not in (layers.Dense, layers.Activation):
        return None
    function = layer.activation
    if function is None or function is activations.linear:
        return None
    if function is activations.relu:
        return Fraction(0)
    if function is activations.leaky_relu:
        return nominal(inspect.signature(function).parameters["negative_slope"].default, "negative_slope")
    if _is_activation(function, keras):
        return _slope(function, keras, name)
    shown = getattr(function, "__name__", type(function).__name__)
    raise ArgumentError(f"{name} has the activation {shown}, and that of a Network is relu, leaky_relu or linear")


def _changes_nothing(layer: Any, keras: Any) -> bool:
    layers = keras.layers
    if type(layer) is layers.Dropout:
        return bool(layer.rate == 0)
    return type(layer) in (layers.InputLayer, layers.Identity, layers.Flatten)
