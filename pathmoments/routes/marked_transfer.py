r"""Marked transfer: moments of activations and gradients by one sweep from the output down to the input.

**What it computes.** A state at a layer is the vector partition "which paths share a neuron" of the paths that still run, by bundles
(:mod:`pathmoments.routes.marked`), with a phase: how many bundles have met their mark, where marks are open. Let V_j(sigma) be the sum of the products above
layer j over all ways to come down to it with the paths in the blocks of sigma, at fixed distinct neurons, and W = V / (sigma! ended!), with the factorials
of the block vectors and of the vector of paths that have ended. Then

    W_{j-1}(sigma) = sum_tau act(tau) tau! placements(tau) W_j(tau) K(tau, sigma) times / prod_marked count!,

with K = N(tau', sigma') prod nu / c! of ``pathmoments.routes.marked_kernels``, tau' and sigma' without the bundles marked in layer j, variances to the number
of paths that use a weight (or a bias) unmarked, act(tau) = prod (1 + slope^|block|) / 2, and placements(tau) the ways to choose the neurons; a neuron that
a mark names leaves no choice. `times` counts which of the open bundles are marked here. A bundle ends at a marked bias, and at the input below a
mark in layer 1, where x takes the place of what is below; other paths end at biases only once they have met their marks. What is left at layer 0 meets sums of powers of x.

**Why it is the network's.** By induction from the output down: the signs of all weights and of the bias into a neuron are flipped. If the unmarked uses of these are
even in number, the product stays and open and closed are exchanged, so D is a fair coin apart from the weights. If they are odd, the value is 0 at a neuron without
activation, and not determined at one with it: the sweep refuses where such a collection is reached.

**When all have ended.** At zero bias the layers below a marked bias must be alive, with probability prod (1 - 2^-n_i); a weight's gradient carries its activation and
needs no such factor.

One sweep sums over all layers of all marks, so E K^k costs a multiple of the depth. Rationals are swept as integers, the denominators kept aside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import comb, factorial, lcm, prod
from typing import Any, NamedTuple

from flint import fmpq, fmpz

from ..domains import Domain, Element, Rationals
from ..errors import BudgetError, UndeterminedMomentError
from ..exact import Value, is_symbolic, product
from ..laws import Law
from ..network import Network
from ..partitions import VectorPartition, count_even_partitions, distinct_sums, repeats
from .base import Options, Progress
from .marked import MarkedFamily, Point
from .marked_kernels import Kernels, rejoined, without
from .marked_neurons import Neurons

DEFAULT_BUDGET = 300
"""Partitions of the paths; a layer takes up to the square of their number."""

State = tuple[int, VectorPartition]
"""The phase, and the partition of the paths that still run."""


class Step(NamedTuple):
    """A way to pass a layer: the phase below, which bundles leave out its weights, or a bias of it, and how many choices of bundles it stands for."""

    phase: int
    marked: tuple[int, ...]
    biased: tuple[int, ...]
    done: tuple[int, ...]
    """The bundles that had met all of their marks above."""
    times: int


class Move(NamedTuple):
    """A passage from a state above a layer to one below it."""

    state: State
    weight: Element
    uses: int
    """Uses of unmarked weights; `ends` of unmarked biases."""
    ends: int


def transfer_value(net: Network, family: MarkedFamily, point: Point, options: Options = Options()) -> Value:  # noqa: B008  # frozen
    """Return the value of a family that `check_marked` accepts."""
    _check_budget(family, options)
    domain = net.domain(0, family.last, family.size, biases=True)
    return domain.settle(lambda: _Sweep(net, family, domain, options.progress).value(point))


def _check_budget(family: MarkedFamily, options: Options) -> None:
    budget = DEFAULT_BUDGET if options.budget is None else options.budget
    even = tuple(count + count % 2 for count in family.counts)
    if (states := count_even_partitions(even, limit=budget)) > budget:
        raise BudgetError(
            f"transfer of E[{family.name}] takes {states:,} states or more, over the budget of {budget:,}: use a lower order, or a larger budget"
        )


def check_parity(net: Network, family: MarkedFamily) -> None:
    """Raise UndeterminedMomentError if some collection uses the weights into an activated neuron an odd number of times.

    Even counts cannot; otherwise the states of the sweep are walked without their values.
    """
    if all(count % 2 == 0 for count in family.counts):
        return
    sweep = _Sweep(net, family, net.domain(0, family.last, family.size, biases=True), None)
    states = {sweep.start}
    for layer in range(family.last, 0, -1):
        possible = (state for state in states if sweep.neurons.placed(layer, state[1]) != 0)
        states = {below for state in possible for below in sweep.partitions(layer, state)}


class _Sweep:
    def __init__(self, net: Network, family: MarkedFamily, domain: Domain, progress: Progress | None) -> None:
        self.net, self.family, self.domain, self.progress = net, family, domain, progress
        self.counts, self.size = family.counts, family.size
        self.integers = type(domain) is Rationals
        self.half = max(1, self.size // 2)
        self.kernels, self.neurons = Kernels(domain, len(self.counts)), Neurons(net, family, domain)
        self.bias = net.bias if isinstance(net.bias, Law) else None
        self.start: State = (0, (self.counts,))
        self._moves: dict[Any, list[Move]] = {}
        self._power_of: dict[Any, Any] = {}

    # -- the sweep ----------------------------------------------------------------------------------------------------

    def value(self, point: Point) -> Value:
        """Return the value at an input."""
        last, output = self.family.last, self.net.activated(self.family.last)
        unit = self.neurons.denominator
        vector = {self.start: self.neurons.activation(self.start[1]) if output else 1}
        denominators = [unit] if output else []
        ended: Element = 0  # what came from paths that have all ended, carried down with the others
        for layer in range(last, 1, -1):
            passed, scale = self._pass(layer, vector)
            finished = sum((passed.pop(state) for state in [*passed] if not state[1]), start=0)
            ended = ended * (scale * self._powers(layer)(0, 0))
            if finished != 0:
                ended += self.neurons.alive(layer) * finished
            ended = ended * unit
            vector = {s: p * u for s, u in passed.items() if (p := self.neurons.placed(layer - 1, s[1])) != 0}
            denominators += [scale, unit]
            if self.progress is not None:
                self.progress(last - layer + 1, last)
        total, scale = self._bottom(point, vector)
        denominators.append(scale)
        whole = total + ended * (scale * self._powers(1)(0, 0) * self._orders())
        front = self.domain.power_product(
            (_inverse(below), self.half) for layer in range(1, last + 1) for _, below in self._variances(layer)
        )
        return self.domain.value(front, whole * fmpq(1, product(denominators)))

    def _orders(self) -> int:
        return prod(map(factorial, self.counts))

    def _pass(self, layer: int, vector: dict[State, Element]) -> tuple[dict[State, Element], int]:
        """Return W of the layer below times a scale, and the scale: 1 but for rationals, which stay integers."""
        moves = [(value, move) for state, value in vector.items() for move in self.moves(layer, state)]
        scale = self._scale(move.weight for _, move in moves)
        powers = self._powers(layer)
        below: defaultdict[State, Element] = defaultdict(int)
        for value, move in moves:
            weight = fmpz((move.weight * scale).p) if self.integers else move.weight
            below[move.state] += value * (weight * powers(move.uses, move.ends))
        return dict(below), scale

    def _scale(self, weights: Iterator[Element]) -> int:
        return lcm(*{int(weight.q) for weight in weights}) if self.integers else 1

    def _powers(self, layer: int) -> Any:
        """Return (uses, ends) -> the variances' powers over their denominators' largest ones."""
        variances = tuple(self._variances(layer))
        if variances not in self._power_of:
            self._power_of[variances] = self._made_powers(variances)
        return self._power_of[variances]

    def _made_powers(self, variances: Sequence[tuple[Any, Any]]) -> Any:
        pairs = [(self._number(above), self._number(below)) for above, below in variances]

        @cache
        def power(*uses: int) -> Element:
            used = zip(pairs, uses, strict=False)  # without a law no path ends at a bias
            powers = [a ** (n // 2) * b ** (self.half - n // 2) for (a, b), n in used]
            return prod(powers[1:], start=powers[0])

        return power

    def _variances(self, layer: int) -> list[tuple[Any, Any]]:
        """Return numerator and denominator of the variance of the layer's weights and, where they have a law, of its biases."""
        biases = () if self.bias is None else self.net.bias_variances or ()
        return [_over(given[layer - 1]) for given in (self.net.variances, biases) if given]

    def _number(self, value: Any) -> Element:
        """Return a number as what the vector's entries multiply with."""
        return fmpz(value) if self.integers else self.domain.element(value)

    # -- the layers' moves ---------------------------------------------------------------------------------------------

    def steps(self, layer: int, phase: int) -> Iterator[Step]:
        """Yield the ways to pass a layer: one where marks are given; where they are open, any of the bundles that wait may meet theirs."""
        family = self.family
        if not family.open_layers:
            done = tuple(i for i, b in enumerate(family.bundles) if b.lowest is None or b.lowest > layer)
            yield Step(0, family.marked(layer), family.marked(layer, bias=True), done, 1)
            return
        waiting = len(self.counts) - phase if layer in family.open_layers else 0
        for weights in range(waiting + 1):
            for biases in range(waiting - weights + 1 if family.biases else 1):
                between, below = phase + weights, phase + weights + biases
                times = comb(waiting, weights) * comb(waiting - weights, biases)
                yield Step(
                    below, tuple(range(phase, between)), tuple(range(between, below)), tuple(range(phase)), times
                )

    def moves(self, layer: int, state: State) -> list[Move]:
        """Return the moves from a state down through a layer."""
        law = self.net.laws[layer - 1]
        found = []
        for step in self.steps(layer, state[0]):
            key = (law, layer == 1, step, state[1])
            if key not in self._moves:
                self._moves[key] = self._made(law, step, state[1], at_input=layer == 1)
            found += self._moves[key]
        return found

    def _made(self, law: Law, step: Step, tau: VectorPartition, *, at_input: bool) -> list[Move]:
        gone = (*step.marked, *step.biased)
        rest = without(tau, gone)
        if rest is None or any(sum(block) % 2 for block in rest):
            return []
        front = fmpq(step.times, prod(factorial(self.counts[i]) for i in gone))
        moves = []
        for left, ended, ends in self.kernels.endings(self.bias, rest, step.done):
            for below, entry in self.kernels.below(law, left).items():
                uses = sum(map(sum, below))
                # Below a mark in the first layer is the input alone: its x is the bottom's to give.
                joined = {below} if at_input else rejoined(below, step.marked, self.counts)
                moves += [Move((step.phase, sigma), ended * entry * front, uses, ends) for sigma in joined]
        return moves

    def partitions(self, layer: int, state: State) -> set[State]:
        """Return the states below a state, without values; refuse a collection that is odd at an activated neuron."""
        found: set[State] = set()
        for step in self.steps(layer, state[0]):
            rest = without(state[1], (*step.marked, *step.biased))
            if rest is None:
                continue
            if any(sum(block) % 2 for block in rest):
                if self.net.activated(layer) and self.net.slope != 1:
                    raise UndeterminedMomentError(
                        f"E[{self.family.name}] is not determined by the moments of the weights: the weights into a neuron of layer {layer}, which has the "
                        "activation, occur an odd number of times in a product, so the value depends on more than their moments; make the orders even, use "
                        "output='linear' if it is the output, or simulate it"
                    )
                continue
            found.update(move.state for move in self.moves(layer, state))
        return found

    # -- the input -----------------------------------------------------------------------------------------------------

    def _bottom(self, point: Point, vector: dict[State, Element]) -> tuple[Element, int]:
        """Pass the first layer and meet the input: sums over distinct inputs of powers of x, a block each."""
        distinct = distinct_sums(point.power_sum)
        total = self.domain.element(0)
        scale = self._scale(move.weight for state in vector for move in self.moves(1, state))
        powers = self._powers(1)
        for (phase, tau), value in vector.items():
            for step in self.steps(1, phase):
                if self.family.open_layers and step.phase < len(self.counts):
                    continue  # a bundle without its mark
                at_marks = self._at_marks(step, point)
                for (_, sigma), weight, uses, ends in self._made(self.net.laws[0], step, tau, at_input=True):
                    exponents = tuple(sorted(sum(block) for block in sigma))
                    inputs = self.domain.element(_fraction(distinct(exponents)))
                    orders = fmpq(scale * self._orders(), repeats(sigma))
                    total += inputs * (at_marks * weight * orders) * (value * powers(uses, ends))
        return total, scale

    def _at_marks(self, step: Step, point: Point) -> Element:
        """Return what is below the marks of the first layer: x at the neuron, or its sum of powers."""
        factor = self.domain.element(1)
        for i in step.marked:
            mark = self.family.bundles[i].mark_at(1)
            if mark is None or mark.start is None:
                factor = factor * self.domain.element(_fraction(point.power_sum(self.counts[i])))
            else:
                factor = factor * self.domain.element(point.at(mark.start) ** self.counts[i])
        return factor


def _over(value: Any) -> tuple[Any, Any]:
    """Return numerator and denominator of a variance."""
    if is_symbolic(value):
        return value.as_numer_denom()  # type: ignore[no-any-return]  # sympy's
    fraction = Fraction(value)
    return fraction.numerator, fraction.denominator


def _inverse(value: Any) -> Any:
    return 1 / value if is_symbolic(value) else Fraction(1, int(value))


def _fraction(value: Any) -> Any:
    return Fraction(value) if isinstance(value, int) else value
