"""Every known mistake of an initialisation, made in PyTorch: each function makes the classifier of model.py, wrongly.

`pytest --mistake=NAME` puts one of them in its place, and a test fails.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import nn

from model import WIDTHS, initialise, layers, make_deep
from pathmoments.frameworks import torch_jacobians

RIGHT_GAIN = math.sqrt(2)


def classifier(initialise: Callable[[nn.Module], None], *widths: int) -> nn.Sequential:
    """Return a classifier with another initialisation, or other widths."""
    return nn.Sequential(*layers(*(widths or WIDTHS))).apply(initialise)


def truncation() -> nn.Module:
    """Cut the normal law at two standard deviations, and forget that its variance is smaller then."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            std = RIGHT_GAIN / math.sqrt(part.in_features)
            nn.init.trunc_normal_(part.weight, std=std, a=-2 * std, b=2 * std)
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def default() -> nn.Module:
    """Never call the init function."""
    return nn.Sequential(*layers(*WIDTHS))


def gain_sqrt5() -> nn.Module:
    """Copy sqrt(5), which PyTorch passes as the slope a, as the gain."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=math.sqrt(5) / math.sqrt(part.in_features))
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def gain_linear() -> nn.Module:
    """Say nonlinearity="linear" before a ReLU."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            nn.init.kaiming_normal_(part.weight, nonlinearity="linear")
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def gain_tanh() -> nn.Module:
    """Keep the gain of tanh after tanh has become ReLU."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            nn.init.kaiming_normal_(part.weight, nonlinearity="tanh")
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def fan_out() -> nn.Module:
    """Count the outputs of a layer for its inputs."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def transposed() -> nn.Module:
    """Draw weights of shape (inputs, outputs), for which PyTorch's fans are exchanged, and transpose them afterwards."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            weight = nn.init.kaiming_normal_(torch.empty(part.in_features, part.out_features), nonlinearity="relu")
            part.weight.data = weight.T.contiguous()
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def glorot() -> nn.Module:
    """Take Glorot's rule, which is not made for ReLU."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            nn.init.xavier_normal_(part.weight)
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def bound_as_deviation() -> nn.Module:
    """Pass the bound of He's uniform law as a standard deviation."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            bound = math.sqrt(6 / part.in_features)
            nn.init.normal_(part.weight, std=bound)
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def deviation_as_bound() -> nn.Module:
    """Pass the standard deviation of He's normal law as the bound of a uniform one."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            std = math.sqrt(2 / part.in_features)
            nn.init.uniform_(part.weight, -std, std)
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def variance_as_deviation() -> nn.Module:
    """Forget the square root."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=2 / part.in_features)
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def not_orthogonal() -> nn.Module:
    """Draw normal weights of the variance that the entries of the orthogonal matrices have."""

    def initialise(part: nn.Module) -> None:
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=RIGHT_GAIN / math.sqrt(max(part.in_features, part.out_features)))
            nn.init.zeros_(part.bias)

    return classifier(initialise)


def layer_skipped(layer: int) -> nn.Module:
    """Initialise all layers but one, which the init function does not see."""
    parts = layers(*WIDTHS)
    for part in parts:
        if part is not parts[2 * (layer - 1)]:
            initialise(part)
    return nn.Sequential(*parts)


def output_activation() -> nn.Module:
    """Put a ReLU after the last layer too."""
    return nn.Sequential(*layers(*WIDTHS), nn.ReLU()).apply(initialise)


def layer_missing(layer: int) -> nn.Module:
    """Leave out a hidden layer."""
    return classifier(initialise, *WIDTHS[:layer], *WIDTHS[layer + 1 :])


def one_seed() -> nn.Module:
    """Set the seed where a network is made, so that all networks are one."""
    torch.manual_seed(0)
    return classifier(initialise)


def underflow(samples: int, seed: int) -> Iterator[Any]:
    """Keep the Jacobians of the deep classifier in half precision for a while, to save memory."""
    for block in torch_jacobians(make_deep, samples, seed=seed):
        kept = block.astype("float16")
        yield kept.astype("float32")


MISTAKES: dict[str, tuple[str, Callable[..., Any]]] = {
    "truncation": ("make", truncation),
    "default": ("make", default),
    "gain-sqrt5": ("make", gain_sqrt5),
    "gain-linear": ("make", gain_linear),
    "gain-tanh": ("make", gain_tanh),
    "fan-out": ("make", fan_out),
    "transposed": ("make", transposed),
    "glorot": ("make", glorot),
    "bound-as-deviation": ("make", bound_as_deviation),
    "deviation-as-bound": ("make", deviation_as_bound),
    "variance-as-deviation": ("make", variance_as_deviation),
    "not-orthogonal": ("make_orthogonal", not_orthogonal),
    "layer-skipped": ("make", partial(layer_skipped, 1)),
    "output-activation": ("make", output_activation),
    "layer-missing": ("make", partial(layer_missing, 2)),
    "underflow": ("deep_jacobians", underflow),
    "one-seed": ("make", one_seed),
}
"""{name in the catalogue: (what is replaced in model.py, by what)}."""
