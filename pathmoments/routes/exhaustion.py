r"""Exhaustion: the expectation over all weights and biases of the REAL network, with its activations and an input.

No path and no theorem: for laws of finite support every pattern of weights and biases is accounted for, pre-activations are computed forward,
an activation opens or closes by the sign that it sees, and the Jacobian is the chain rule. All arithmetic is on integers: scaling the
weights of a layer by a positive number changes no sign, so atoms, input and biases are brought to integers and the scale is put back at the end.

Neurons of a layer are independent given the layer below, so the state is the pair (activations, rows of the Jacobian) of a layer, with its
probability; equal states are merged and hidden neurons are interchangeable. That is bookkeeping: the sum over patterns is complete.

With `bias="atomless"` the biases here are +-1/p_j in layer j, with distinct primes p_j that divide no denominator of the atoms, the input or the
slope: then no pre-activation is ever 0, because p_j divides the denominator of the bias alone, and by decoupling the moment is that of any
biases without atoms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, groupby, pairwise, product
from math import comb, factorial, isqrt, lcm, prod
from typing import TypeAlias

from ..errors import RouteError
from ..exact import Value, count_text, rational
from ..families import Family, checked_input, dependence
from ..laws import Law
from ..network import Network
from .base import Cost, Options, Progress, Route

Neuron: TypeAlias = tuple[int, tuple[int, ...]]
"""An activation and its derivatives by the inputs that matter, in the layer's integer units."""
State: TypeAlias = tuple[Neuron, ...]

MAX_PATTERN_BITS = 10_000
"""Beyond this, patterns are not counted: no budget allows them."""


class Exhaustion(Route):
    """Exact for weight laws of finite support on small networks; the test of the theorem itself."""

    name = "exhaustion"
    default_budget = 1_000_000

    def reason_against(self, net: Network, family: Family) -> str | None:
        """Return why not: a law without finite support, symbols, or biases at an irrational ratio to the weights."""
        if not all(isinstance(width, int) for width in net.widths):
            return "it needs widths that are numbers: use route='transfer'"
        if reason := dependence(net, Family((), 0, family.last)):
            return f"{reason}: use route='haar'"
        for law in net.laws[: family.last]:
            if law.atoms is None:
                return f"it is for laws of finite support, and the network has {law}: use route='transfer' or route='enumeration'"
        if isinstance(net.bias, Law):
            if net.bias.atoms is None:
                return f"it is for biases of finite support, and the network has {net.bias}: use bias='atomless'"
            for layer in range(1, family.last + 1):
                if net.bias_variances is None or _bias_scale(net, layer) is None:
                    return (
                        f"the biases of layer {layer} are an irrational multiple of the weights: choose bias_variance so that the ratio of "
                        "the standard deviations is rational, or bias='atomless'"
                    )
        return None

    def cost(self, net: Network, family: Family, budget: int | None = None) -> Cost:
        """Return a bound on the states that are visited; the note has the patterns that they stand for."""
        patterns, states, largest = 1, 1, 1
        if self._bits(net, family) > MAX_PATTERN_BITS:
            return Cost(
                self.name, 1 << MAX_PATTERN_BITS, "states at most", 1 << MAX_PATTERN_BITS, "far too many patterns"
            )
        for layer in range(1, family.last + 1):
            fan_in, width = net.numeric_widths("an exhaustion")[layer - 1 : layer + 1]
            weights, biases = len(net.laws[layer - 1].atoms or ()), len(_bias_atoms(net, layer, [3] * layer))
            patterns *= weights ** (fan_in * width) * biases**width
            outcomes = weights**fan_in * biases
            if net.activated(layer) and net.slope == 0:
                outcomes = outcomes // 2 + 1
            if layer < family.last:
                states *= outcomes**width if layer == family.first else comb(outcomes + width - 1, width)
            largest = max(largest, states * outcomes)
        return Cost(self.name, largest, "states at most", largest * 20, f"{count_text(patterns)} patterns")

    @staticmethod
    def _bits(net: Network, family: Family) -> int:
        """Return about log2 of the number of patterns."""
        widths = net.numeric_widths("an exhaustion")[: family.last + 1]
        sizes = [len(law.atoms or ()).bit_length() for law in net.laws[: family.last]]
        return sum(size * (a + 1) * b for size, (a, b) in zip(sizes, pairwise(widths), strict=True))

    def way_out(self, net: Network, family: Family) -> str:
        """Return what to do instead."""
        return "use route='transfer' or route='enumeration', a smaller network, or a larger budget"

    def evaluate(self, net: Network, family: Family, options: Options = Options()) -> Value:  # noqa: B008  # frozen
        """Return the moment as a Fraction; refuse if some pre-activation is exactly 0 and its derivative matters."""
        self.checked_cost(net, family, options)
        return expectation(net, family, options.x, progress=options.progress)


def expectation(
    net: Network,
    family: Family,
    x: Sequence[object] | None = None,
    *,
    derivative_at_zero: object = None,
    progress: Progress | None = None,
) -> Fraction:
    """Return E prod Z[p, q]^m of the real network at the input x, for weights and biases of finite support.

    This is the truth that the theorem is tested against, so it also evaluates what no other route may: odd powers at an output,
    and laws with atoms at zero bias, whose value depends on x and on the biases.

    Parameters
    ----------
    net, family
        The network and the monomial.
    x
        The input, exact numbers; (1, 2, ..., n_0) if not given.
    derivative_at_zero
        The derivative to use at a pre-activation of exactly 0 (0 in most frameworks). By default such a pre-activation is
        refused where it matters; a network without biases that is dead has derivative 0.
    progress
        Called with (done, total) now and then, in the states of the layer under way.

    Raises
    ------
    RouteError
        If a pre-activation is 0 where its derivative matters, and `derivative_at_zero` is not given.

    >>> from pathmoments.families import family_of
    >>> net = Network([2, 1], law="rademacher", bias="zero")
    >>> expectation(net, family_of(net, {(0, 0): 2}), (1, 1), derivative_at_zero=0)
    Fraction(1, 4)
    """
    if family.size % 2:
        raise RouteError(
            f"E[{family}] has an odd order, and its value is irrational in general: give an even number of factors"
        )
    width = net.numeric_widths("an exhaustion")[0]
    inputs = checked_input(net, x, range(1, width + 1))
    at_zero = None if derivative_at_zero is None else rational(derivative_at_zero, "derivative_at_zero")
    return _Exhaustion(net, family, at_zero, inputs, progress).run()


def _bias_atoms(net: Network, layer: int, primes: Sequence[int]) -> Mapping[Fraction, Fraction]:
    """Return the bias atoms of a layer before they are scaled to the units of the raw weights."""
    if net.bias == "zero":
        return {Fraction(0): Fraction(1)}
    if isinstance(net.bias, Law):
        return net.bias.atoms or {}
    size = Fraction(1, primes[layer - 1])
    return {-size: Fraction(1, 2), size: Fraction(1, 2)}


def _primes(count: int, avoid: int) -> list[int]:
    """Return the first `count` primes from 3 on that do not divide `avoid`."""
    primes: list[int] = []
    found: list[int] = [2]
    candidate = 3
    while len(primes) < count:
        if all(candidate % p for p in found):
            found.append(candidate)
            if avoid % candidate:
                primes.append(candidate)
        candidate += 2
    return primes


def _bias_scale(net: Network, layer: int) -> Fraction | None:
    """Return what bias atoms are multiplied with where weights are raw atoms, or None if it is irrational.

    The real layer i is sigma_i = sqrt(Var / raw variance) times the raw one, so activations are prod sigma_i times the raw ones, and
    a bias of deviation ratio beta_j appears as beta_j / prod_{i<=j} sigma_i.
    """
    if not isinstance(net.bias, Law):
        return Fraction(1)
    assert net.bias_variances is not None
    square = rational(net.bias_variances[layer - 1], "bias_variance") / net.bias.raw_variance
    for i in range(layer):
        square *= net.laws[i].raw_variance / rational(net.variances[i], "variance")
    root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    return root if root * root == square else None


@dataclass
class _Layer:
    """One layer in integers: atoms of the weights and biases with integer probabilities, the slope as two integers."""

    weights: list[tuple[int, int]]
    biases: list[tuple[int, int]]
    positive: int
    negative: int
    activated: bool
    unit: Fraction
    probability: int


class _Exhaustion:
    def __init__(
        self,
        net: Network,
        family: Family,
        at_zero: Fraction | None,
        x: Sequence[Fraction],
        progress: Progress | None,
    ) -> None:
        self.net, self.family, self.at_zero, self.x, self.progress = net, family, at_zero, x, progress
        denominators = [value.denominator for value in x] + [
            net.slope.denominator,
            (at_zero or Fraction(0)).denominator,
        ]
        denominators += [_denominator(law.atoms or {}) for law in net.laws[: family.last]]
        self.primes = _primes(family.last, avoid=prod(denominators))
        self.sources = list(family.starts())
        self.powers = self._powers_by_output()

    def _powers_by_output(self) -> list[list[tuple[int, int]]]:
        """Return, an output q, the pairs (place of p among the sources, order)."""
        by_output: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for p, q, m in self.family.classes:
            by_output[q].append((self.sources.index(p), m))
        return list(by_output.values())

    def run(self) -> Fraction:
        """Push the distribution of states through the layers and take the expectation at the last.

        All is in the units of raw atoms: a Jacobian entry is `scale` times the integer that stands for it.
        """
        first, last = self.family.first, self.family.last
        common = lcm(*(value.denominator for value in self.x))
        state: State = tuple((int(value * common), ()) for value in self.x)
        states: dict[State, int] = {self._seeded(state) if first == 0 else state: 1}
        unit, scale, probability = Fraction(common), Fraction(1), 1
        for index in range(1, last + 1):
            layer = self._layer(index, unit)
            unit = layer.unit
            if index == last:
                total = sum(weight * self._last(state, layer) for state, weight in self._reported(states))
                probability *= layer.probability ** len(self.powers)
                break
            width = self.net.numeric_widths("an exhaustion")[index]
            states = self._advance(states, layer, width, ordered=index == first)
            probability *= layer.probability**width
            if index == first:
                states = _merged((self._seeded(state), weight) for state, weight in states.items())
        for index in range(first + 1, last + 1):
            scale *= self._unit_step(index)
        variance = prod(
            (
                rational(v, "variance") / law.raw_variance
                for v, law in zip(self.net.variances[first:last], self.net.laws[first:last], strict=True)
            ),
            start=Fraction(1),
        )
        size = self.family.size
        return Fraction(total, probability) / scale**size * variance ** (size // 2)

    def _seeded(self, state: State) -> State:
        """Give the neurons of the first layer their derivatives by themselves: the identity, at the inputs that matter."""
        return tuple((value, tuple(int(i == p) for p in self.sources)) for i, (value, _) in enumerate(state))

    def _unit_step(self, index: int) -> Fraction:
        """Return how many integer units one raw unit of derivative gains in a layer."""
        step = Fraction(_denominator(self.net.laws[index - 1].atoms or {}))
        return (
            step * self._layer_bias_denominator(index) * (self._slope_denominator if self.net.activated(index) else 1)
        )

    @property
    def _slope_denominator(self) -> int:
        at_zero = self.at_zero or Fraction(0)
        return lcm(self.net.slope.denominator, at_zero.denominator)

    def _layer_bias_denominator(self, index: int) -> int:
        scale = _bias_scale(self.net, index)
        assert scale is not None
        return _denominator({atom * scale: p for atom, p in _bias_atoms(self.net, index, self.primes).items()})

    def _layer(self, index: int, unit: Fraction) -> _Layer:
        """Bring a layer to integers: its pre-activations are `unit` * weight denominator * bias denominator times the raw ones."""
        atoms = self.net.laws[index - 1].atoms or {}
        scale = _bias_scale(self.net, index)
        assert scale is not None
        biases = {atom * scale: p for atom, p in _bias_atoms(self.net, index, self.primes).items()}
        weight_denominator, bias_denominator = _denominator(atoms), _denominator(biases)
        pre_unit = unit * weight_denominator * bias_denominator
        activated = self.net.activated(index)
        s = self._slope_denominator if activated else 1
        probabilities = lcm(*(p.denominator for p in atoms.values()))
        bias_probabilities = lcm(*(p.denominator for p in biases.values()))
        fan_in = self.net.numeric_widths("an exhaustion")[index - 1]
        return _Layer(
            weights=[
                (int(a * weight_denominator * bias_denominator), int(p * probabilities)) for a, p in atoms.items()
            ],
            biases=[(int(b * pre_unit), int(p * bias_probabilities)) for b, p in biases.items()],
            positive=s,
            negative=int(self.net.slope * s) if activated else s,
            activated=activated,
            unit=pre_unit * s,
            probability=probabilities**fan_in * bias_probabilities,
        )

    def _neurons(self, state: State, layer: _Layer) -> dict[Neuron, int]:
        """Return the distribution of one neuron of the layer above: all weights and biases into it."""
        width = len(state[0][1])
        alive = any(value for value, _ in state)
        sums: dict[Neuron, int] = _merged(((bias, (0,) * width), weight) for bias, weight in layer.biases)
        for value, row in state:
            sums = _merged(
                ((total + atom * value, tuple(g + atom * r for g, r in zip(gradient, row, strict=True))), weight * p)
                for (total, gradient), weight in sums.items()
                for atom, p in layer.weights
            )
        if not layer.activated:
            return sums
        return _merged((self._activated(neuron, layer, alive), weight) for neuron, weight in sums.items())

    def _activated(self, neuron: Neuron, layer: _Layer, alive: bool) -> Neuron:
        total, gradient = neuron
        if total == 0 and any(gradient) and self.net.slope != 1:
            if self.at_zero is None and self.net.bias == "zero" and not alive:
                slope = layer.negative  # a dead network: its derivative is 0, the alive factor of the theorem
            elif self.at_zero is None:
                raise RouteError(
                    "a pre-activation is exactly 0 where the network has no derivative and it matters: choose another input x, or biases "
                    "that no sum of weights cancels"
                )
            else:
                slope = int(self.at_zero * layer.positive)
        else:
            slope = layer.positive if total > 0 else layer.negative
        if slope == 0:
            return 0, (0,) * len(gradient)
        return slope * total, tuple(slope * g for g in gradient)

    def _advance(self, states: Mapping[State, int], layer: _Layer, width: int, *, ordered: bool) -> dict[State, int]:
        """Return the distribution of the next layer; hidden neurons are interchangeable unless paths start at them."""

        def nexts() -> Iterator[tuple[State, int]]:
            for state, weight in self._reported(states):
                neurons = sorted(self._neurons(state, layer).items())
                for chosen in (
                    product(neurons, repeat=width) if ordered else combinations_with_replacement(neurons, width)
                ):
                    orders = (
                        1 if ordered else factorial(width) // prod(factorial(len(list(g))) for _, g in groupby(chosen))
                    )
                    yield tuple(n for n, _ in chosen), weight * orders * prod(w for _, w in chosen)

        return _merged(nexts())

    def _reported(self, states: Mapping[State, int]) -> Iterator[tuple[State, int]]:
        """Yield the states of a layer, and tell the progress of the layer."""
        for number, item in enumerate(states.items(), start=1):
            yield item
            if self.progress is not None and number % 16 == 0:
                self.progress(number, len(states))

    def _last(self, state: State, layer: _Layer) -> int:
        """Return the expectation of the monomial given the layer below: the outputs are independent."""
        neurons = self._neurons(state, layer)
        return prod(
            sum(weight * prod(row[p] ** m for p, m in powers) for (_, row), weight in neurons.items())
            for powers in self.powers
        )


def _merged(pairs: Iterator[tuple[State, int]] | Iterator[tuple[Neuron, int]]) -> dict:  # type: ignore[type-arg]  # either kind of key
    merged: dict[State | Neuron, int] = defaultdict(int)
    for key, weight in pairs:
        merged[key] += weight
    return dict(merged)


def _denominator(atoms: Mapping[Fraction, Fraction]) -> int:
    return lcm(*(atom.denominator for atom in atoms))
