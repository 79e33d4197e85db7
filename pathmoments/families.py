"""WHAT is summed: a family of m labelled paths, in classes of interchangeable ones.

Every exact quantity of the package is a linear combination of families; a family is evaluated by any route that can
(:mod:`pathmoments.routes`). A class (p, q, m) stands for m paths from input p to output q, that is, for a factor Z[p, q]^m.
This module turns powers of entries into families and knows when the theorem determines their value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from .errors import (
    ArgumentError,
    AtomsError,
    BudgetError,
    OutOfRangeError,
    RouteError,
    UndeterminedMomentError,
    must_be,
)
from .exact import Value, integer, is_symbolic, rational
from .laws import Law
from .network import Network, Width

MAX_ALIVE_WIDTH = 1_000_000
"""Neurons below a suffix up to which the probability that it is alive is computed exactly."""

Power: TypeAlias = Mapping[tuple[int, int], int]
"""{(p, q): order}: the monomial prod Z[p, q]^order; orders are full orders, not the paper's K."""


@dataclass(frozen=True)
class Family:
    """The ordered collections of paths between two layers with a given number from each input to each output.

    `classes` holds (p, q, m) with m >= 1, sorted; `first` and `last` are the layers where the paths start and end.
    """

    classes: tuple[tuple[int, int, int], ...]
    first: int
    last: int

    @property
    def size(self) -> int:
        """The number m of paths in a collection."""
        return sum(m for _, _, m in self.classes)

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of paths of each class."""
        return tuple(m for _, _, m in self.classes)

    def starts(self) -> dict[int, int]:
        """Return {p: number of paths that start there}."""
        return _totals((p, m) for p, _, m in self.classes)

    def ends(self) -> dict[int, int]:
        """Return {q: number of paths that end there}."""
        return _totals((q, m) for _, q, m in self.classes)

    def power(self) -> dict[tuple[int, int], int]:
        """Return the monomial as {(p, q): order}."""
        return {(p, q): m for p, q, m in self.classes}

    def squared(self) -> Family:
        """Return the family of the squared monomial: its value is the second moment of the monomial."""
        return Family(tuple((p, q, 2 * m) for p, q, m in self.classes), self.first, self.last)

    def relabelled(self) -> Family:
        """Return the family with inputs and outputs numbered as they appear: its value is the same (neurons are alike)."""
        starts = {p: i for i, p in enumerate(dict.fromkeys(p for p, _, _ in self.classes))}
        ends = {q: i for i, q in enumerate(dict.fromkeys(q for _, q, _ in self.classes))}
        return Family(tuple(sorted((starts[p], ends[q], m) for p, q, m in self.classes)), self.first, self.last)

    def odd_outputs(self) -> list[int]:
        """Return the outputs at which an odd number of paths ends."""
        return [q for q, m in self.ends().items() if m % 2]

    def vanishes(self) -> bool:
        """Whether parity makes the value 0: an odd number of paths at an input or at an output (symmetric weights)."""
        return bool(self.odd_outputs()) or any(m % 2 for m in self.starts().values())

    def __str__(self) -> str:
        return " ".join(f"Z[{p},{q}]" + (f"^{m}" if m > 1 else "") for p, q, m in self.classes) or "1"


def _totals(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    totals: Counter[int] = Counter()
    for index, count in pairs:
        totals[index] += count
    return dict(totals)


def family_of(net: Network, power: Power, *, layers: tuple[int, int] | None = None) -> Family:
    """Return the family of a monomial in the entries of the Jacobian, after checking its indices and orders.

    Parameters
    ----------
    net, power
        The network, and {(p, q): order} with p an index into layer `layers[0]` and q into layer `layers[1]`.
    layers
        (i, j) with 0 <= i < j <= depth for the Jacobian of the layers i+1..j; by default the whole network (0, depth).

    Raises
    ------
    ArgumentError
        If an order is negative or not a whole number, or `power` is not a mapping of pairs.
    OutOfRangeError
        If p, q or a layer is outside the network.
    """
    first, last = checked_layers(net, layers)
    classes = checked_classes(
        power, lambda p: _checked_index(net, p, first, "p"), lambda q: _checked_index(net, q, last, "q")
    )
    return Family(classes, first, last)


def checked_classes(
    power: Power, input_index: Callable[[object], int], output_index: Callable[[object], int]
) -> tuple[tuple[int, int, int], ...]:
    """Return the classes (p, q, order) of a monomial, sorted, those of order 0 left out; the two functions check an index p and an index q."""
    if not isinstance(power, Mapping):
        raise ArgumentError(must_be("power", "a mapping {(p, q): order} such as {(0, 0): 4}", power))
    classes = []
    for entry, given in power.items():
        if not isinstance(entry, tuple) or len(entry) != 2:
            raise ArgumentError(must_be("an entry of power", "a pair (p, q) of an input and an output index", entry))
        order = integer(given, f"the order of Z[{entry[0]}, {entry[1]}]", minimum=0, what="a whole number, 0 or more")
        p, q = input_index(entry[0]), output_index(entry[1])
        if order:
            classes.append((p, q, order))
    return tuple(sorted(classes))


def checked_network(net: object) -> Network:
    """Return the network; refuse anything else, a graph too, which has no layers."""
    if not isinstance(net, Network):
        raise ArgumentError(must_be("net", "a Network such as Network([2, 3, 2])", net))
    return net


def checked_layers(net: Network, layers: tuple[int, int] | None) -> tuple[int, int]:
    """Return (i, j) with 0 <= i < j <= depth; all layers by default."""
    net = checked_network(net)
    if layers is None:
        return 0, net.depth
    if not isinstance(layers, tuple) or len(layers) != 2:
        raise ArgumentError(must_be("layers", "a pair (i, j) for the Jacobian of layers i+1..j", layers))
    first, last = (integer(i, "a layer", minimum=0, what="a whole number, 0 or more") for i in layers)
    if not first < last <= net.depth:
        raise OutOfRangeError(must_be("layers", f"(i, j) with 0 <= i < j <= {net.depth}", (first, last)))
    return first, last


def _checked_index(net: Network, index: object, layer: int, name: str) -> int:
    number = integer(index, name, minimum=0, what="an index, 0 or more")
    width = net.widths[layer]
    if not is_symbolic(width) and number >= width:
        kind = "the input" if layer == 0 else "the output" if layer == net.depth else f"layer {layer}"
        raise OutOfRangeError(must_be(name, f"an index of {kind}, 0 to {int(width) - 1}", number))
    return number


def checked_input(net: Network, x: Sequence[object] | None, default: Sequence[int]) -> list[Fraction]:
    """Return an input of exact numbers, `default` if none is given; refuse 0 at zero bias, where the network is dead."""
    if x is None:
        return [Fraction(value) for value in default]
    if isinstance(x, str) or not isinstance(x, Iterable):
        raise ArgumentError(must_be("x", "a sequence of exact numbers", x))
    values = [rational(value, f"x[{i}]") for i, value in enumerate(x)]
    if len(values) != len(default):
        raise ArgumentError(must_be("x", f"an input of {len(default)} numbers", f"the input of {len(values)}"))
    if not any(values) and (net.bias == "zero" or (isinstance(net.bias, Law) and net.bias.atoms_at_zero)):
        raise ArgumentError(
            "x must not be 0 in every place: at the input 0 a network whose biases can be 0 is not differentiable"
        )
    return values


def dependence(net: Network, family: Family) -> str | None:
    """Return which weights of the family's layers depend on one another, so that no product of single moments is theirs; or None."""
    for layer in range(family.first + 1, family.last + 1):
        law = net.laws[layer - 1]
        if not law.independent:
            return f"the weights of layer {layer} depend on one another ({law})"
    return None


def check_independent(net: Network, family: Family, what: str) -> None:
    """Raise RouteError if the weights of some layer of the family depend on one another; `what` needs independent ones."""
    if reason := dependence(net, family):
        raise RouteError(
            f"{what} needs independent weights, and {reason}: moment has their exact moments, by route='haar', and spectrum those of their singular values"
        )


def check_determined(net: Network, family: Family) -> None:
    """Raise unless the path sum is the moment (docs/explanation/determined.rst).

    Raises
    ------
    UndeterminedMomentError
        If an output with the activation occurs an odd number of times.
    AtomsError
        If a pre-activation can be exactly 0 while the layer below it is alive.
    """
    check_outputs(net, family)
    if family.classes and net.slope != 1 and not family.odd_outputs():
        _check_atoms(net, family)


def check_outputs(net: Network, family: Family) -> None:
    """Raise UndeterminedMomentError if an output with the activation occurs an odd number of times.

    At a linear output the moment is then 0, whatever the rest of the network: the sign of a row of the last matrix flips Z alone.
    """
    odd = family.odd_outputs()
    if odd and net.slope != 1 and net.activated(family.last):
        raise UndeterminedMomentError(
            f"E[{family}] is not determined by the moments of the weights: output {odd[0]} occurs an odd number of times, so the value "
            "depends on the input and the biases; make every output index even, use output='linear', or simulate it with iter_jacobians"
        )


def _check_atoms(net: Network, family: Family) -> None:
    """Refuse atoms where they matter; only activated layers up to the family's last can put a pre-activation at 0."""
    if net.bias == "atomless" or (isinstance(net.bias, Law) and not net.bias.has_atoms):
        return
    if not net.activated(family.first + 1):
        return  # the linear output layer alone: its weights
    for layer in range(1, family.last + 1):
        law = net.laws[layer - 1]
        if net.activated(layer) and law.atoms_in(*net.widths[layer - 1 : layer + 1]):
            biases = "zero biases" if net.bias == "zero" else f"biases with atoms ({net.bias})"
            raise AtomsError(
                f"the weights of layer {layer} have atoms ({law}) and the network has {biases}: a pre-activation may be exactly 0, where "
                "the theorem does not hold; use bias='atomless', a law without atoms, or route='exhaustion' with an input x"
            )
    if family.first and net.slope == 0 and isinstance(net.bias, Law) and net.bias.atoms_at_zero:
        raise AtomsError(
            f"the biases are 0 with positive probability ({net.bias}), so how often the layers below layer {family.first} are dead is not "
            "determined; use bias='atomless' or bias='zero'"
        )


def alive_factor(net: Network, family: Family) -> Value:
    """Return the probability that layer `family.first` is alive: prod_{i=1}^{first} (1 - 2^(-n_i)) at zero bias, else 1.

    A ReLU layer is dead when all of its pre-activations are negative, each a fair coin given that the layer below is alive;
    with biases, or with a slope other than 0, nothing dies. A linear output layer alone has its weights for a Jacobian, dead or alive.

    >>> alive_factor(Network([2, 2, 3, 2], bias="zero"), Family(((0, 0, 2),), 1, 3))
    Fraction(3, 4)
    """
    if net.bias != "zero" or net.slope != 0 or not family.classes or not net.activated(family.first + 1):
        return Fraction(1)
    check_alive_size(net, family.first)
    if any(map(is_symbolic, net.widths[1 : family.first + 1])):
        import sympy

        return sympy.Mul(*map(layer_alive, net.widths[1 : family.first + 1]))
    factor = Fraction(1)
    for width in net.widths[1 : family.first + 1]:
        factor *= layer_alive(width)  # type: ignore[operator]  # fractions
    return factor


def layer_alive(width: Width) -> Value:
    """Return the probability that not all neurons of a ReLU layer are closed, 1 - 2^(-n)."""
    if is_symbolic(width):
        import sympy

        return 1 - sympy.Rational(1, 2) ** width
    return 1 - Fraction(1, 2**width)


def check_alive_size(net: Network, layer: int) -> None:
    """Refuse a probability that the layers 1..layer are alive which nobody could write down."""
    widths = net.widths[1 : layer + 1]
    if not any(map(is_symbolic, widths)) and sum(widths) > MAX_ALIVE_WIDTH:
        raise BudgetError(
            f"the probability that layer {layer} is alive has a denominator of more than {MAX_ALIVE_WIDTH:,} bits: use bias='atomless' "
            "(the factor is then 1; here it differs from 1 by less than any use could notice)"
        )
