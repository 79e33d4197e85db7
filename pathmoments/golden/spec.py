"""What a golden reference is of: named networks, the quantities of each, and the error rates of its checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..conformance.rates import FALSE_ALARM, MISS
from ..errors import ArgumentError, must_be
from ..network import Network

SPEC_SCHEMA = "pathmoments/golden-spec/1"
QUANTITIES = ("frobenius", "mean:4")
"""The scale, and the weight of the tails."""
ORDERS = (2, 4, 6, 8)
SHAPES = ((3, 16, 16, 2), (16, 64, 64, 10))
"""One whose networks are drawn in a moment, and one of which few are needed."""
INITIALISERS: Sequence[tuple[str, dict[str, Any]]] = (
    ("he-normal", {"law": "gaussian", "variance": "he"}),
    ("he-uniform", {"law": "uniform", "variance": "he"}),
    ("he-truncated", {"law": "truncated:2", "variance": "he"}),
    ("lecun-normal", {"law": "gaussian", "variance": "lecun"}),
    ("lecun-truncated", {"law": "truncated:2", "variance": "lecun"}),
    ("glorot-normal", {"law": "gaussian", "variance": "glorot"}),
    ("glorot-uniform", {"law": "uniform", "variance": "glorot"}),
    ("pytorch-default", {"law": "uniform", "variance": "pytorch", "bias": "uniform"}),
)
"""What frameworks initialise with: PyTorch's default has random biases, and JAX and Keras cut their normal laws at two standard deviations."""


@dataclass(frozen=True)
class GoldenSpec:
    """A golden reference that can be made.

    Attributes
    ----------
    networks
        (name, network), the names different.
    quantities
        As in :func:`pathmoments.plan`.
    effect, false_alarm, miss
        As in :func:`pathmoments.plan`, for each network by itself; without an effect 1/10.
    orders
        The orders of the moments of one entry.
    samples
        The samples of each quantity; the document then has the effect that they notice.
    arithmetic
        In what the Jacobians will be computed.
    """

    networks: tuple[tuple[str, Network], ...]
    quantities: tuple[str, ...] = QUANTITIES
    effect: object = None
    false_alarm: object = FALSE_ALARM
    miss: object = MISS
    orders: tuple[int, ...] = ORDERS
    samples: int | None = None
    arithmetic: str = "float64"

    def __post_init__(self) -> None:
        if self.samples is not None and self.effect is not None:
            raise ArgumentError("samples asks for the effect that so many notice: leave out the effect, or samples")
        names = [name for name, _ in self.networks]
        for name in names:
            if names.count(name) > 1:
                raise ArgumentError(must_be("the names of networks", "different", name))


def default_networks() -> tuple[tuple[str, Network], ...]:
    """Return what frameworks initialise, as linear-output networks of a few shapes."""
    return tuple(
        (named(start, shape), Network(shape, output="linear", **{"bias": "zero", **keywords}))
        for shape in SHAPES
        for start, keywords in INITIALISERS
    )


def default_spec(**changes: Any) -> GoldenSpec:
    """Return the specification with the default networks.

    >>> default_spec().networks[0]
    ('he-normal 3,16,16,2', Network([3, 16, 16, 2], output='linear', bias='zero'))
    """
    return GoldenSpec(default_networks(), **changes)


def named(start: str, widths: Sequence[object]) -> str:
    """Return a name with the widths in it."""
    return f"{start} {','.join(map(str, widths))}"
