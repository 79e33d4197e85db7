"""The neurons of a layer in the marked transfer: how often they are open, where they can lie, and whether a layer is alive."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import prod
from typing import Any

from flint import fmpq

from ..domains import Domain, Element
from ..errors import ArgumentError
from ..exact import is_symbolic
from ..families import Family, alive_factor
from ..network import Network
from ..partitions import VectorPartition, arrangements, repeats
from .marked import MarkedFamily


class Neurons:
    """What the neurons of a network's layers contribute to a partition of the paths."""

    def __init__(self, net: Network, family: MarkedFamily, domain: Domain) -> None:
        self.net, self.family, self.domain = net, family, domain
        self.counts, self.size = family.counts, family.size
        self._placed: dict[Any, Element] = {}

    def placed(self, layer: int, tau: VectorPartition) -> Element:
        """Return act(tau) tau! placements(tau) at a layer, times the activation's denominator; at the output no neuron is left to choose."""
        if layer == self.family.last:
            return 1
        pins = {} if self.family.open_layers else self.family.pins(layer)
        key = (self.net.widths[layer], *pins.items(), tau)
        if key not in self._placed:
            running = {i: neuron for i, neuron in pins.items() if any(block[i] for block in tau)}
            self._placed[key] = self._made_placed(self.net.widths[layer], tau, _held(tau, running, self.counts))
        return self._placed[key]

    def _made_placed(self, width: Any, tau: VectorPartition, held: set[int] | None) -> Element:
        if held is None:
            return 0
        free = tuple(block for i, block in enumerate(tau) if i not in held)
        factor = self.activation(tau) * arrangements(tau)
        if isinstance(width, int):
            choices = prod(max(width - len(held) - i, 0) for i in range(len(free)))
            return factor * (choices // repeats(free))
        symbol = self.domain.element(width)
        choices = prod((symbol - len(held) - i for i in range(len(free))), start=self.domain.element(1))
        return choices * fmpq(factor, repeats(free))

    def activation(self, tau: VectorPartition) -> Element:
        """Return act(tau) times its denominator, an integer."""
        r, s = self.net.slope.numerator, self.net.slope.denominator
        factor = s ** (self.size - sum(map(sum, tau)))
        for block in tau:
            factor *= s ** sum(block) + r ** sum(block)
        return (factor << self.size) >> len(tau)

    @cached_property
    def denominator(self) -> int:
        """What :meth:`activation` is multiplied by: 2 a block and the slope's denominator a path, for the most that there can be."""
        denominator: int = self.net.slope.denominator**self.size
        return denominator << self.size

    def alive(self, layer: int) -> Element:
        """Return the probability that the layer below a marked bias, where the last paths end, is alive."""
        if self.net.bias != "zero" or self.net.slope != 0 or not self.net.activated(layer):
            return 1
        return self._alive_below[layer - 1]

    @cached_property
    def _alive_below(self) -> list[fmpq]:
        """The probability that a layer is alive at zero bias, prod (1 - 2^-n_i) up to it, for all layers below the last."""
        widths = self.net.widths[1 : self.family.last]
        if any(map(is_symbolic, widths)):
            raise ArgumentError(
                "biases of gradients at zero bias need widths that are numbers: a layer is alive with probability 1 - 2^-n, which is no polynomial "
                "in n; leave the biases' gradients out, or give a law for the biases"
            )
        alive_factor(self.net, Family(((0, 0, 2),), self.family.last - 1, self.family.last))  # refuses what is too wide
        found = [fmpq(1)]
        for width in widths:
            found.append(found[-1] * fmpq(2**width - 1, 2**width))
        return found


def _held(tau: VectorPartition, pins: dict[int, int], counts: Sequence[int]) -> set[int] | None:
    """Return the blocks whose neuron is named by a mark; None if two names meet in a block, or one name asks for two blocks."""
    block_of: dict[int, int] = {}
    for bundle, neuron in pins.items():
        block = next((i for i, b in enumerate(tau) if b[bundle] == counts[bundle]), None)
        if block is None or block_of.setdefault(neuron, block) != block:
            return None
    if len(set(block_of.values())) < len(block_of):
        return None
    return set(block_of.values())
