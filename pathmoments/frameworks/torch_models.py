"""From an `nn.Sequential` of PyTorch to a Network."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..errors import ArgumentError, must_be
from ..network import Network
from .layers import Activation, Affine, network_of, one_a_layer
from .libraries import library
from .nominal import nominal
from .refusals import refused_layer, refused_model
from .torch_laws import torch_bias, torch_weights

KNOWN = "Linear, ReLU, LeakyReLU, Identity and Flatten"


def network_from_torch(module: Any, *, init: object = "default", bias_init: object = "default") -> Network:
    """Return the Network of an `nn.Sequential` whose parameters are initialised in a given way.

    A module does not know how its parameters were drawn, so `init` says it. The law of the biases is that of the layers' own biases.

    Parameters
    ----------
    module
        An `nn.Sequential`, nested ones allowed, of `Linear`, `ReLU` or `LeakyReLU`, and layers that change nothing: `Identity`, `Flatten`, `Dropout` with
        p = 0 or in a module that is set to `eval()`. Or one `nn.Linear`.
    init
        What initialises the weights: "default" (`nn.Linear` itself), or what :func:`torch_weights` takes; one for all layers, or a list of one a layer.
    bias_init
        The same for the biases of the layers that have any.

    Returns
    -------
    A :class:`pathmoments.Network` with exact variances. `LeakyReLU(0.01)` has slope 1/100. Without an activation behind the last layer the output is "linear".

    Raises
    ------
    ArgumentError
        Naming the layer and why it is no part of a Network; or for an initialiser that :func:`torch_weights` refuses.
    MissingExtraError
        If torch is not installed.
    """
    nn = library("torch").nn
    layers = list(_layers(module, nn, ""))
    maps = [layer for _, layer in layers if type(layer) is nn.Linear]
    inits, bias_inits = one_a_layer(init, len(maps), "init"), one_a_layer(bias_init, len(maps), "bias_init")
    if None in bias_inits:
        raise ArgumentError(
            must_be("bias_init", "'default' or an initialiser", None, "a module shows which layers have no biases")
        )
    _check_own_weights(layers, nn)
    steps: list[Affine | Activation] = []
    for name, layer in layers:
        slope = _slope(layer, nn)
        if type(layer) is nn.Linear:
            here = sum(isinstance(step, Affine) for step in steps)
            fans = layer.in_features, layer.out_features
            bias = None if layer.bias is None else torch_bias(bias_inits[here], layer.in_features)
            steps.append(Affine(name, *fans, torch_weights(inits[here], *fans), bias))
        elif slope is not None:
            steps.append(Activation(name, slope))
        elif not _changes_nothing(layer, nn):
            raise refused_layer(name, layer, KNOWN)
        _check_hooks(layer, name)
    return network_of(steps)


def _layers(module: Any, nn: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield (name, layer) for all layers, those of nested sequences one after another."""
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        _check_hooks(module, f"layer {place}" if place else "the model")
        for name, child in module._modules.items():  # named_children() would name a layer that stands twice once
            yield from _layers(child, nn, f"{place}.{name}" if place else name)
    elif place or type(module) is nn.Linear:
        yield f"layer {place or 0} ({type(module).__name__})", module
    else:
        raise refused_model(module, "an nn.Sequential")


def _slope(layer: Any, nn: Any) -> Fraction | None:
    """Return the slope of a piecewise linear activation, or None."""
    if type(layer) is nn.ReLU:
        return Fraction(0)
    return nominal(layer.negative_slope, "negative_slope") if type(layer) is nn.LeakyReLU else None


def _changes_nothing(layer: Any, nn: Any) -> bool:
    if type(layer) in (nn.Dropout, nn.AlphaDropout):
        return layer.p == 0 or not layer.training
    return type(layer) in (nn.Identity, nn.Flatten)


def _check_hooks(layer: Any, name: str) -> None:
    """Refuse layers that compute something else than their class says: hooks (a parametrization changes the class)."""
    if layer._forward_hooks or layer._forward_pre_hooks:
        raise ArgumentError(
            f"{name} has hooks, and nobody knows what they change: remove them (weight and spectral norm are such, and pruning)"
        )


def _check_own_weights(layers: list[tuple[str, Any]], nn: Any) -> None:
    """Refuse weights that stand in two places: the path sum needs them to be independent."""
    seen: dict[int, str] = {}
    for name, layer in layers:
        if type(layer) is nn.Linear:
            other = seen.setdefault(id(layer.weight), name)
            if other != name:
                raise ArgumentError(f"{name} shares its weights with {other}: the weights of a Network are independent")
