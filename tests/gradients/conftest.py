"""What the tests of gradients share: every pattern of a real network, its derivatives by the chain rule, and PyTorch."""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, TypeAlias

import pytest

from pathmoments import Finite, Network

Number: TypeAlias = "int | Fraction"
Weight: TypeAlias = "tuple[int, int | None, int]"


@dataclass(frozen=True)
class Pattern:
    """One network: weights[l][b][a] and biases[l][b] of layer l + 1, its activations, and whether its neurons are open, as slopes."""

    weights: Sequence[Sequence[Sequence[Number]]]
    activations: Sequence[Sequence[Number]]
    slopes: Sequence[Sequence[Number]]
    output: int

    def backward(self) -> list[list[Number]]:
        """Return d f_q / d (pre-activation b of layer l + 1), by the chain rule from the output down."""
        signals: list[list[Number]] = [[s if b == self.output else 0 for b, s in enumerate(self.slopes[-1])]]
        for layer in range(len(self.weights) - 1, 0, -1):
            rows = self.weights[layer]
            signals.insert(
                0,
                [
                    s * sum(g * row[a] for g, row in zip(signals[0], rows, strict=True))
                    for a, s in enumerate(self.slopes[layer - 1])
                ],
            )
        return signals

    def gradient(self, weight: Weight) -> Number:
        """Return d f_q / d w, or by a bias for (layer, None, b)."""
        layer, a, b = weight
        return self.backward()[layer - 1][b] * (1 if a is None else self.activations[layer - 1][a])

    def product(self, weights: Mapping[Weight, int]) -> Number:
        """Return the product of powers of gradients."""
        return prod(self.gradient(weight) ** order for weight, order in weights.items())

    def squares(self, layer: int) -> list[Number]:
        """Return the squared gradients by all weights of a layer."""
        signals = self.backward()[layer - 1]
        return [(a * g) ** 2 for g in signals for a in self.activations[layer - 1]]

    def bias_squares(self, layer: int) -> list[Number]:
        """Return the squared gradients by all biases of a layer."""
        return [g**2 for g in self.backward()[layer - 1]]

    def second_derivatives(self, low: int, high: int) -> list[Number]:
        """Return d^2 f_q / d w d w' for all w of layer `low` and w' of layer `high` > low: the derivative of act_a' times the signal at b'."""
        above = self.backward()[high - 1]
        found = []
        for b, slope in enumerate(self.slopes[low - 1]):
            # the derivatives of layer high - 1 by pre-activation b of layer low, forwards
            moved: list[Number] = [slope if i == b else 0 for i in range(len(self.slopes[low - 1]))]
            for layer in range(low, high - 1):
                moved = [
                    s * sum(w * m for w, m in zip(row, moved, strict=True))
                    for s, row in zip(self.slopes[layer], self.weights[layer], strict=True)
                ]
            found += [a * m * g for a in self.activations[low - 1] for m in moved for g in above]
        return found


class RealNetwork:
    """All patterns of weights and biases of finite support, with an input at which no pre-activation is 0."""

    def __init__(
        self,
        widths: Sequence[int],
        atoms: dict[int, Fraction],
        x: Sequence[int],
        *,
        biases: Sequence[int] = (),
        output: str = "relu",
        slope: Number = 0,
        q: int = 0,
    ) -> None:
        self.widths, self.atoms, self.x, self.biases = tuple(widths), atoms, tuple(x), tuple(biases)
        self.output, self.slope, self.q = output, slope, q
        self.patterns = list(self._patterns())

    def network(self) -> Network:
        """Return the network of the package, its laws scaled to the atoms: biases of layer l are +-biases[l - 1], or zero."""
        law = Finite(self.atoms)
        if not self.biases:
            return Network(
                self.widths, law=law, variance=law.raw_variance, output=self.output, slope=self.slope, bias="zero"
            )
        return Network(
            self.widths, law=law, variance=law.raw_variance, output=self.output, slope=self.slope, bias="rademacher",
            bias_variance=[b * b for b in self.biases],
        )  # fmt: skip

    def mean(self, of: Callable[..., Number], *arguments: object) -> Fraction:
        """Return the expectation of a function of the network (and of further arguments), exactly."""
        return sum((p * of(pattern, *arguments) for pattern, p in self.patterns), start=Fraction(0))

    def _patterns(self) -> Iterator[tuple[Pattern, Fraction]]:
        sizes = [a * b for a, b in itertools.pairwise(self.widths)]
        signs = [(-b, b) if self.biases else (0,) for b in (self.biases or self.widths[1:])]
        neurons = [s for s, width in zip(signs, self.widths[1:], strict=True) for _ in range(width)]
        for weights in itertools.product(self.atoms.items(), repeat=sum(sizes)):
            probability = prod((p for _, p in weights), start=Fraction(1)) / prod(map(len, neurons))
            values = iter([w for w, _ in weights])
            layers = [[[next(values) for _ in range(a)] for _ in range(b)] for a, b in itertools.pairwise(self.widths)]
            for shifts in itertools.product(*neurons):
                yield self._pattern(layers, iter(shifts)), probability

    def _pattern(self, layers: Sequence[Sequence[Sequence[Number]]], shifts: Iterator[Number]) -> Pattern:
        activations: list[list[Number]] = [list(self.x)]
        slopes: list[list[Number]] = []
        for i, rows in enumerate(layers):
            below = activations[-1]
            pre = [sum(w * v for w, v in zip(row, below, strict=True)) + next(shifts) for row in rows]
            assert all(pre) or not any(below), "the input is not in general position"
            linear = self.output == "linear" and i == len(layers) - 1
            slopes.append([1 if linear or z > 0 else self.slope for z in pre])
            activations.append([z * s for z, s in zip(pre, slopes[-1], strict=True)])
        return Pattern(layers, activations, slopes, self.q)


SIGNS = {-1: Fraction(1, 2), 1: Fraction(1, 2)}
SPARSE = {-2: Fraction(1, 6), -1: Fraction(1, 6), 0: Fraction(1, 3), 1: Fraction(1, 6), 2: Fraction(1, 6)}
THREE = {-3: Fraction(1, 10), -1: Fraction(2, 5), 1: Fraction(2, 5), 3: Fraction(1, 10)}

REAL: dict[str, Callable[[], RealNetwork]] = {
    "biases": lambda: RealNetwork([2, 2, 1], SIGNS, (42, 105), biases=(7, 3)),
    "two outputs": lambda: RealNetwork([1, 2, 2], SIGNS, (21,), biases=(7, 3), q=1),
    "linear output": lambda: RealNetwork([2, 2, 1], SIGNS, (21, 84), biases=(7, 3), output="linear"),
    "absolute value": lambda: RealNetwork([2, 2, 1], SIGNS, (42, 105), biases=(7, 3), slope=-1),
    "leaky": lambda: RealNetwork([2, 2, 1], SIGNS, (42, 210), biases=(7, 3), slope=Fraction(1, 2)),
    "deep": lambda: RealNetwork([2, 2, 1, 1], SIGNS, (105, 210), biases=(35, 15, 7)),
    "sparse": lambda: RealNetwork([1, 2, 1], SPARSE, (21,), biases=(7, 3)),
    "zero biases": lambda: RealNetwork([2, 1, 1, 2], THREE, (1, 8)),
    "zero biases, linear output": lambda: RealNetwork([3, 1, 2], SIGNS, (1, 2, 4), output="linear", q=1),
}
"""Real networks of all kinds; each takes at most a few thousand patterns."""


@pytest.fixture(scope="session", params=REAL)
def real(request: pytest.FixtureRequest) -> RealNetwork:
    """Give one real network after another, with all of its patterns."""
    return REAL[request.param]()


@pytest.fixture(scope="session")
def real_network() -> Callable[..., RealNetwork]:
    """Give the maker of real networks."""
    return RealNetwork


@pytest.fixture(scope="session")
def torch() -> Any:
    """Give PyTorch, on one thread; without it the test is skipped, and fails where CI is set."""
    try:
        module: Any = importlib.import_module("torch")
    except ImportError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"torch is not installed: {error}")
    module.set_num_threads(1)
    return module
