"""Three models and how they are initialised: what a project of yours has already."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from torch import nn

from pathmoments.frameworks import torch_jacobians

WIDTHS = (20, 30, 24, 5)
DEEP_WIDTHS = (20, 32, 32, 32, 32, 32, 32, 32, 5)


def layers(*widths: int) -> list[nn.Module]:
    """Return linear layers of these widths, with a ReLU after each but the last."""
    found: list[nn.Module] = []
    for fan_in, fan_out in pairwise(widths):
        found += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return found[:-1]


def initialise(part: nn.Module) -> None:
    """Draw the weights of a layer by He's rule, and set its biases to 0."""
    if isinstance(part, nn.Linear):
        nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
        nn.init.zeros_(part.bias)


def initialise_deep(part: nn.Module) -> None:
    """Draw all weights with the standard deviation 0.02, as language models do, and set the biases to 0."""
    if isinstance(part, nn.Linear):
        nn.init.normal_(part.weight, std=0.02)
        nn.init.zeros_(part.bias)


def initialise_orthogonal(part: nn.Module) -> None:
    """Draw the weights of a layer as an orthogonal matrix times the gain of the ReLU, and set its biases to 0."""
    if isinstance(part, nn.Linear):
        nn.init.orthogonal_(part.weight, gain=math.sqrt(2))
        nn.init.zeros_(part.bias)


def make() -> nn.Module:
    """Return a fresh classifier."""
    return nn.Sequential(*layers(*WIDTHS)).apply(initialise)


def make_orthogonal() -> nn.Module:
    """Return a fresh classifier with orthogonal weights."""
    return nn.Sequential(*layers(*WIDTHS)).apply(initialise_orthogonal)


def make_deep() -> nn.Module:
    """Return a fresh deep classifier."""
    return nn.Sequential(*layers(*DEEP_WIDTHS)).apply(initialise_deep)


def deep_jacobians(samples: int, seed: int) -> Iterator[Any]:
    """Return Jacobians of fresh deep classifiers, as this project computes them."""
    return torch_jacobians(make_deep, samples, seed=seed)
