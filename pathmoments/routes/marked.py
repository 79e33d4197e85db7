r"""WHAT is summed for activations and gradients: bundles of paths into one neuron, some of them through marked weights.

With an input x and biases, the activation of neuron q is a sum over paths, sum_gamma x_gamma(0) prod w D: paths that start at an input or at the bias of a
neuron on their way, with D = 1 where the neuron is open. A derivative of it by a weight keeps the paths through that weight and takes the weight out of
their products: the edge is *marked*. Hence every moment of activations, gradients and second derivatives is a sum over collections of paths in bundles,

    E prod over bundles (sum over paths through the bundle's marks of the product without the marked weights)^count,

and a mark may be left open, to be summed over a layer's weights or over all weights. The tangent kernel to the power k is k bundles of two paths,
each with one mark anywhere (Hanin 2018, equation (6), is the case k = 1 and its neighbour with one bundle of four).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..errors import ArgumentError, AtomsError, UndeterminedMomentError, must_be
from ..exact import Value, is_symbolic, rational
from ..families import checked_input
from ..laws import Law
from ..network import Network


@dataclass(frozen=True)
class Mark:
    """A weight of layer `layer`, from neuron `start` of the layer below to neuron `end`; None where it is summed over.

    With `bias` the bias of neuron `end` instead: a path through it starts there.
    """

    layer: int
    start: int | None = None
    end: int | None = None
    bias: bool = False


@dataclass(frozen=True)
class Bundle:
    """`count` interchangeable paths, all of them through each of the marks."""

    count: int
    marks: tuple[Mark, ...] = ()

    @property
    def lowest(self) -> int | None:
        """The lowest layer with a mark."""
        return min((mark.layer for mark in self.marks), default=None)

    def mark_at(self, layer: int) -> Mark | None:
        """Return the mark in a layer."""
        return next((mark for mark in self.marks if mark.layer == layer), None)


@dataclass(frozen=True)
class MarkedFamily:
    """Bundles of paths from the inputs and the biases to neuron `neuron` of layer `last`.

    With `open_layers` the bundles are alike, without marks of their own, and each has one mark at any weight of any of these layers, with `biases` at any
    weight or bias: the value is summed over all of these marks. `name` is how messages call it.
    """

    bundles: tuple[Bundle, ...]
    last: int
    neuron: int = 0
    open_layers: range = range(0)
    biases: bool = False
    name: str = field(default="", compare=False)

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of paths of each bundle."""
        return tuple(bundle.count for bundle in self.bundles)

    @property
    def size(self) -> int:
        """The number of paths in a collection."""
        return sum(self.counts)

    @property
    def needs_activations(self) -> bool:
        """Whether activations above the input enter: not if every bundle has a mark in the first layer, or at a bias."""
        if self.open_layers:
            return self.open_layers[-1] > 1
        return any(bundle.lowest != 1 and not any(mark.bias for mark in bundle.marks) for bundle in self.bundles)

    def marked(self, layer: int, *, bias: bool = False) -> tuple[int, ...]:
        """Return the bundles with a mark at a weight (or a bias) of the layer."""
        marks = [bundle.mark_at(layer) for bundle in self.bundles]
        return tuple(i for i, mark in enumerate(marks) if mark is not None and mark.bias == bias)

    def pins(self, layer: int) -> dict[int, int]:
        """Return {bundle: neuron of the layer that all of its paths pass}."""
        pins = {}
        for i, bundle in enumerate(self.bundles):
            above, below = bundle.mark_at(layer + 1), bundle.mark_at(layer)
            if above is not None and above.start is not None and not above.bias:
                pins[i] = above.start
            if below is not None and below.end is not None:
                pins[i] = below.end
        return pins

    def contradicts(self) -> bool:
        """Whether no path passes all marks of some bundle: two marks ask for two neurons of a layer, or the last for another output."""
        for bundle in self.bundles:
            for mark in bundle.marks:
                below = bundle.mark_at(mark.layer - 1)
                ends = (None if below is None else below.end, None if mark.bias else mark.start)
                if None not in ends and ends[0] != ends[1]:
                    return True
                if mark.layer == self.last and mark.end not in (None, self.neuron):
                    return True
                if mark.bias and bundle.lowest != mark.layer:
                    return True
        return False


@dataclass(frozen=True)
class Point:
    """An input x of exact numbers: one for each neuron of layer 0, or one that stands in every place."""

    values: tuple[Fraction, ...] | Fraction
    width: Any

    def power_sum(self, exponent: int) -> Value:
        """Return sum_p x_p^exponent."""
        if isinstance(self.values, Fraction):
            whole: Value = self.width * _sympy_if(self.values**exponent, self.width)
            return whole
        return sum((value**exponent for value in self.values), start=Fraction(0))

    def at(self, p: int) -> Fraction:
        """Return x_p."""
        return self.values if isinstance(self.values, Fraction) else self.values[p]

    @property
    def is_zero(self) -> bool:
        """Whether x is 0 in every place."""
        return self.values == 0 if isinstance(self.values, Fraction) else not any(self.values)


def _sympy_if(value: Fraction, width: object) -> Any:
    """Return a fraction that multiplies with the width: sympy's, if the width is."""
    if not is_symbolic(width):
        return value
    import sympy

    return sympy.Rational(value.numerator, value.denominator)


def checked_point(net: Network, x: object) -> Point:
    """Return the input: a sequence of one exact number a neuron of layer 0, or one number that stands in every place.

    Raises
    ------
    ArgumentError, InexactNumberError
        For another length, floats, or the input 0 at biases that can be 0.
    """
    width = net.widths[0]
    if isinstance(x, Iterable) and not isinstance(x, str):
        given: Sequence[object] = list(x)
        if is_symbolic(width):
            raise ArgumentError(
                must_be("x", f"one number, which stands in every place, where the width is {width}", given)
            )
        return Point(tuple(checked_input(net, given, range(int(width)))), width)
    value = rational(x, "x")
    checked_input(net, [value], [1])
    return Point(value, width)


def check_marked(net: Network, family: MarkedFamily) -> None:
    """Raise unless the path sum of activations is that of the network (parity at the outputs is the transfer's to see).

    Raises
    ------
    UndeterminedMomentError
        If activations enter and the biases have no law.
    AtomsError
        If a pre-activation can be exactly 0 while the layer below it is alive.
    """
    if net.bias == "atomless":
        if family.needs_activations:
            raise UndeterminedMomentError(
                f"E[{family.name}] depends on the activations, so on the law of the biases, and the network has bias='atomless': give "
                "bias='zero', or a law such as bias='gaussian'; moments of the Jacobian alone do not need it"
            )
        return
    if net.slope == 1 or not any(map(net.activated, range(1, family.last + 1))):
        return
    if isinstance(net.bias, Law) and not net.bias.has_atoms:
        return
    for layer in range(1, family.last + 1):
        law = net.laws[layer - 1]
        if net.activated(layer) and law.has_atoms:
            biases = "zero biases" if net.bias == "zero" else f"biases with atoms ({net.bias})"
            raise AtomsError(
                f"the weights of layer {layer} have atoms ({law}) and the network has {biases}: a pre-activation may be exactly 0, where "
                "the theorem does not hold; use a law without atoms for the weights or for the biases"
            )
    at_biases = family.biases or any(mark.bias for bundle in family.bundles for mark in bundle.marks)
    if at_biases and net.slope == 0 and isinstance(net.bias, Law) and net.bias.atoms_at_zero:
        raise AtomsError(
            f"the biases are 0 with positive probability ({net.bias}), so how often the layers below a bias are dead is not determined; use "
            "bias='zero' or a law without an atom at 0, or leave the gradients of the biases out"
        )
