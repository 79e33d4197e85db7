"""Marked enumeration: walk the collections of paths behind a moment of activations or gradients, one by one.

The definition of :mod:`pathmoments.routes.marked`, literally: every path from an input or a bias to the output, every choice of the open marks, every
multiset of paths for every bundle; weights and biases to their multiplicities without the marked uses, (1 + slope^m)/2 a neuron on m paths, and powers of x.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import comb, factorial, prod
from typing import Any, TypeAlias

from ..domains import Domain, Element
from ..errors import BudgetError, RouteError
from ..exact import Value, count_text, to_fmpq
from ..families import Family, alive_factor
from ..laws import Law
from ..network import Network
from .base import Options
from .marked import Bundle, Mark, MarkedFamily, Point

DEFAULT_BUDGET = 1_000_000
"""Unordered collections to walk."""

Edge: TypeAlias = tuple[int, int, int]
"""(layer, start, end); the start is -1 at a bias."""
Path: TypeAlias = tuple[Edge, ...]
"""Edges from the top down."""


def enumeration_value(net: Network, family: MarkedFamily, point: Point, options: Options = Options()) -> Value:  # noqa: B008  # frozen
    """Return the value of a family that `check_marked` accepts."""
    if not all(isinstance(width, int) for width in net.widths[: family.last + 1]):
        raise RouteError("an enumeration needs widths that are numbers: use route='transfer'")
    budget = DEFAULT_BUDGET if options.budget is None else options.budget
    count = count_collections(net, family)
    if count > budget:
        raise BudgetError(
            f"enumeration of E[{family.name}] takes {count_text(count)} collections, over the budget of {budget:,}: use route='transfer'"
        )
    domain = net.domain(0, family.last, family.size, biases=True)
    types = _tally(net, family)
    return domain.settle(lambda: domain.value(Fraction(1), _Sum(net, domain, point).total(types)))


def count_collections(net: Network, family: MarkedFamily) -> int:
    """Return how many unordered collections there are, over all choices of the marks (at most, where a bundle has two)."""
    widths = (*net.numeric_widths("an enumeration")[: family.last], 1)
    below, above = [1], [1]  # paths from the sources to a neuron of a layer, and from it to the output
    for layer in range(1, family.last + 1):
        below.append(below[-1] * widths[layer - 1] + isinstance(net.bias, Law))
        above.append(above[-1] * widths[family.last - layer + 1])
    above.reverse()

    def collections(layer: int, paths: int, count: int, *, bias: bool) -> int:
        return widths[layer] * (1 if bias else widths[layer - 1]) * comb(paths * above[layer] + count - 1, count)

    if not family.open_layers:
        whole = (comb(below[-1] + bundle.count - 1, bundle.count) for bundle in family.bundles)
        marks = (len(list(_edges(net, mark))) for bundle in family.bundles for mark in bundle.marks)
        return prod(whole) * prod(marks)
    count = family.bundles[0].count
    each = sum(collections(layer, below[layer - 1], count, bias=False) for layer in family.open_layers)
    if family.biases:
        each += sum(collections(layer, 1, count, bias=True) for layer in family.open_layers)
    return int(each ** len(family.bundles))


_Type: TypeAlias = tuple[tuple[tuple[int, bool, int], ...], tuple[int, ...], tuple[tuple[int, int], ...], int]
"""Of a collection: (layer, bias or not, multiplicity) of its edges, loads of its activated neurons, powers of the inputs, the lowest layer at zero bias."""


def _tally(net: Network, family: MarkedFamily) -> Counter[_Type]:
    """Walk all collections and count their types."""
    types: Counter[_Type] = Counter()
    paths = list(_paths(net, family))
    for marks in product(*(list(_marks(net, family, bundle)) for bundle in family.bundles)):
        choices = []
        for bundle, taken in zip(family.bundles, marks, strict=True):
            through = [path for path in paths if all(edge in path for edge in taken) and _counts(net, path, taken)]
            choices.append([(c, _orders(c)) for c in combinations_with_replacement(through, bundle.count)])
        for chosen in product(*choices):
            collection = [(path, taken) for (c, _), taken in zip(chosen, marks, strict=True) for path in c]
            types[_type(net, collection)] += prod(orders for _, orders in chosen)
    return types


def _counts(net: Network, path: Path, taken: Sequence[Edge]) -> bool:
    """Whether the path has a product: one that starts at a bias of value 0 has not, unless that bias is marked."""
    return path[-1][1] >= 0 or path[-1] in taken or isinstance(net.bias, Law)


def _orders(chosen: Sequence[Path]) -> int:
    return factorial(len(chosen)) // prod(map(factorial, Counter(chosen).values()))


def _paths(net: Network, family: MarkedFamily) -> Iterator[Path]:
    """Yield the paths down from the output: to every input, and to every bias on the way that has a law or may be marked."""
    widths = net.numeric_widths("an enumeration")
    biases = family.biases or any(mark.bias for bundle in family.bundles for mark in bundle.marks)

    def down(layer: int, neuron: int, above: Path) -> Iterator[Path]:
        if layer == 0:
            yield above
            return
        if biases or isinstance(net.bias, Law):
            yield (*above, (layer, -1, neuron))
        for start in range(widths[layer - 1]):
            yield from down(layer - 1, start, (*above, (layer, start, neuron)))

    return down(family.last, family.neuron, ())


def _marks(net: Network, family: MarkedFamily, bundle: Bundle) -> Iterator[tuple[Edge, ...]]:
    """Yield the choices of the marked edges of a bundle."""
    if family.open_layers:
        for layer in family.open_layers:
            yield from ((edge,) for edge in _edges(net, Mark(layer)))
            if family.biases:
                yield from ((edge,) for edge in _edges(net, Mark(layer, bias=True)))
        return
    yield from product(*(list(_edges(net, mark)) for mark in bundle.marks))


def _edges(net: Network, mark: Mark) -> Iterator[Edge]:
    """Yield the edges that a mark allows."""
    below, width = net.numeric_widths("an enumeration")[mark.layer - 1 : mark.layer + 1]
    starts: Iterable[int] = (-1,) if mark.bias else range(below) if mark.start is None else (mark.start,)
    ends = range(width) if mark.end is None else (mark.end,)
    return ((mark.layer, start, end) for start in starts for end in ends)


def _type(net: Network, collection: Sequence[tuple[Path, tuple[Edge, ...]]]) -> _Type:
    """Return what the value of a collection depends on."""
    edges: Counter[Edge] = Counter()
    loads: Counter[tuple[int, int]] = Counter()
    inputs: Counter[int] = Counter()
    for path, taken in collection:
        edges.update(edge for edge in path if edge not in taken)
        loads.update((layer, end) for layer, _, end in path)
        _, start, _ = path[-1]
        if start >= 0:
            inputs[start] += 1
    lowest = min(layer for path, _ in collection for layer, _, _ in path)
    return (
        tuple(sorted((layer, start < 0, count) for (layer, start, _), count in edges.items())),
        tuple(sorted(load for (layer, _), load in loads.items() if net.activated(layer))),
        tuple(sorted(inputs.items())),
        lowest,
    )


class _Sum:
    """The value of a type in a domain."""

    def __init__(self, net: Network, domain: Domain, point: Point) -> None:
        self.net, self.domain, self.point = net, domain, point

    def total(self, types: Counter[_Type]) -> Element:
        """Return the sum over the types."""
        return sum((self._value(one) * count for one, count in types.items()), start=self.domain.element(0))

    def _value(self, one: _Type) -> Element:
        edges, loads, inputs, lowest = one
        if any(count % 2 for _, _, count in edges):
            return self.domain.element(0)
        factor = self.domain.element(prod(((1 + self.net.slope**load) / 2 for load in loads), start=Fraction(1)))
        factor = factor * to_fmpq(prod((self.point.at(p) ** m for p, m in inputs), start=Fraction(1)))
        for layer, bias, count in edges:
            factor = factor * self._edge(layer, bias, count // 2)
        if not inputs and self.net.bias == "zero" and self.net.activated(lowest):
            alive: Any = alive_factor(self.net, Family(((0, 0, 2),), lowest - 1, lowest))
            factor = factor * to_fmpq(alive)
        return factor

    def _edge(self, layer: int, bias: bool, half: int) -> Element:
        """Return the moment of order 2 half of a weight or a bias."""
        law: Any = self.net.bias if bias else self.net.laws[layer - 1]
        variances: Any = self.net.bias_variances if bias else self.net.variances
        return self.domain.element(law._even_moment(half)) * self.domain.element(variances[layer - 1]) ** half
