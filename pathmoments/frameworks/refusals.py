"""Why a layer of a framework is no part of a Network, or a model none."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, must_be

_SHARED = "it shares weights, so paths are not independent"
_PRODUCT = "it multiplies activations with one another"

_REASONS = {
    "Parametrized": "its weights are made of other parameters: remove the parametrization",
    "Lazy": "its sizes are not known before the first call: call it once",
    "Conv": _SHARED,
    "RNN": _SHARED,
    "LSTM": _SHARED,
    "GRU": _SHARED,
    "BatchNorm": "it is data-dependent",
    "Norm": "it divides by a function of the activations or of data, which the path sum does not have",
    "Dropout": "it drops neurons at random: set its rate to 0 (in PyTorch, model.eval() does as well)",
    "Noise": "it adds noise",
    "PReLU": "its slope is a parameter: give the slope that it starts with to network_from_widths",
    "RReLU": "its slope is random",
    "Embedding": "its input is no vector of numbers",
    "Attention": _PRODUCT,
    "Transformer": _PRODUCT,
    "Bilinear": _PRODUCT,
}
"""By a part of the name of the layer's class; the first that fits. All others are activations that are not piecewise linear, or unknown."""


def refused_layer(name: str, layer: Any, known: str) -> ArgumentError:
    """Return the error that refuses a layer, with the reason; `known` lists what is none."""
    kind = type(layer).__name__
    reason = next((reason for part, reason in _REASONS.items() if part in kind), f"it is none of {known}")
    return ArgumentError(f"{name} is no part of a Network: {reason}")


def refused_model(model: Any, wanted: str) -> ArgumentError:
    """Return the error that refuses what is no model of the kind."""
    name = getattr(model, "__name__", None)
    shown = f"the {type(model).__name__}" if name is None else f"the {type(model).__name__} {name}, not yet called"
    way_out = "describe a fully connected model of another kind by its widths with network_from_widths"
    return ArgumentError(must_be("the model", wanted, shown, way_out))
