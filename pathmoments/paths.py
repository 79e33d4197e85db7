r"""The enumerator: paths, collections of paths, multiplicities |gamma_{alpha,beta}(j)|, the sets Gamma(j), and the factors C_j.

A path from p to q is (gamma(0) = p, gamma(1), ..., gamma(d) = q), one neuron a layer. For an ordered collection Gamma of paths,
Gamma(j) is the set of neurons of layer j on some path, |gamma_{alpha,beta}(j)| counts the paths that use the edge alpha -> beta between
layers j-1 and j, and Theorem 3 (Remark 3 for mixed entries) says

    E prod_m Z[p_m, q_m]^{2 K_m} = sum over ordered collections of prod_j C_j,
    C_j = (1/2)^{|Gamma(j)|} prod over edges of mu^{(j)}_{|gamma_{alpha,beta}(j)|},

where the positions that belong to each entry are fixed. A neuron on m paths contributes (1 + slope^m)/2 for a leaky ReLU and 1 at a linear
output. Everything here is the definition carried out, neuron by neuron: the reference that all faster routes are held against.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, groupby, product
from math import comb, factorial, prod
from typing import NamedTuple, TypeAlias

from .domains import Domain, Element
from .errors import ArgumentError, BudgetError, must_be
from .exact import Value, count_text, integer, scaled
from .families import Family, Power, alive_factor, check_determined, family_of
from .network import Network

Path: TypeAlias = tuple[int, ...]
Collection: TypeAlias = tuple[Path, ...]

MAX_COUNT_BITS = 50_000
"""Counts of collections longer than this are not made to compare costs."""

DEFAULT_BUDGET = 2_000_000
"""Unordered collections walked without asking; about ten seconds."""


# -- paths and collections ----------------------------------------------------------------------------------------------


def count_paths(net: Network, p: int, q: int, *, layers: tuple[int, int] | None = None) -> int:
    """Return the number of paths from p to q: the product of the hidden widths between them.

    Parameters
    ----------
    net
        The network; hidden widths must be numbers.
    p, q
        An input and an output index (of the layers i and j of a section).
    layers
        (i, j) for paths through the layers i+1..j alone; by default all.

    Returns
    -------
    The number, exactly.

    Raises
    ------
    OutOfRangeError, ArgumentError
        For indices outside the network, or symbolic widths.

    Cost
    ----
    One product.

    >>> count_paths(Network([2, 3, 4, 2]), 0, 1)
    12
    """
    family = family_of(net, {(p, q): 1}, layers=layers)
    return _count_paths(net, family)


def _hidden_widths(net: Network, family: Family) -> tuple[int, ...]:
    widths = net.widths[family.first + 1 : family.last]
    if not all(isinstance(width, int) for width in widths):
        net.numeric_widths("an enumeration")  # refuses, and names the symbol
    return widths


def _count_paths(net: Network, family: Family) -> int:
    return prod(_hidden_widths(net, family))


def iter_paths(net: Network, p: int, q: int, *, layers: tuple[int, int] | None = None) -> Iterator[Path]:
    """Yield the paths from input p to output q in lexicographic order.

    A path is the tuple of its neurons, one a layer, ends included. There are as many as the product of the hidden widths.

    Parameters
    ----------
    net
        The network; hidden widths must be numbers.
    p, q
        An input and an output index (of the layers i and j of a section).
    layers
        (i, j) for paths through the layers i+1..j alone; by default all.

    Yields
    ------
    Paths, one at a time.

    Raises
    ------
    OutOfRangeError, ArgumentError
        For indices outside the network, or symbolic widths.

    Cost
    ----
    Linear in the depth for each path.

    >>> list(iter_paths(Network([2, 3, 2]), 0, 1))
    [(0, 0, 1), (0, 1, 1), (0, 2, 1)]
    """
    family = family_of(net, {(p, q): 1}, layers=layers)
    return _paths(net, family, p, q)


def _paths(net: Network, family: Family, p: int, q: int) -> Iterator[Path]:
    widths = _hidden_widths(net, family)
    return ((p, *hidden, q) for hidden in product(*map(range, widths)))


def count_collections(
    net: Network, power: Power, *, ordered: bool = True, layers: tuple[int, int] | None = None
) -> int:
    """Return how many collections there are, before any is made.

    With P the number of paths of an entry and m its order: P^m ordered collections an entry, C(P + m - 1, m) unordered ones, and
    the product over the entries.

    Parameters
    ----------
    net, power, layers
        As in :func:`pathmoments.moment`.
    ordered
        Whether collections that differ in the order of one entry's paths count apart.

    Returns
    -------
    The number, exactly.

    Raises
    ------
    OutOfRangeError, ArgumentError
        As in :func:`pathmoments.moment`.

    Cost
    ----
    Products and binomials of long integers: at once unless order times depth is in the millions.

    >>> net = Network([4, 4, 4, 4])
    >>> count_collections(net, {(0, 0): 6}), count_collections(net, {(0, 0): 6}, ordered=False)
    (16777216, 54264)
    """
    family = family_of(net, power, layers=layers)
    return counted_collections(net, family, ordered)


def collections_bits(net: Network, family: Family) -> int:
    """Return about log2 of the number of unordered collections, at once, for counts too long to be made."""
    bits = sum(width.bit_length() for width in _hidden_widths(net, family))
    return max(
        0,
        sum(
            min(m * (bits + 1), (1 << min(bits, 60)) * m.bit_length()) - int(m.bit_length() - 1) for m in family.counts
        ),
    )


def ordered_text(net: Network, family: Family) -> str:
    """Return the number of ordered collections in words; too long ones are not made."""
    bits = family.size * sum(width.bit_length() for width in _hidden_widths(net, family))
    return count_text(counted_collections(net, family, ordered=True)) if bits <= MAX_COUNT_BITS else "far too many"


def counted_collections(net: Network, family: Family, ordered: bool) -> int:
    """Return how many collections a checked family has."""
    paths = _count_paths(net, family)
    return prod(paths**m if ordered else comb(paths + m - 1, m) for m in family.counts)


def iter_collections(
    net: Network, power: Power, *, ordered: bool = False, layers: tuple[int, int] | None = None
) -> Iterator[tuple[Collection, int]]:
    """Yield (collection, multiplicity) pairs, lazily.

    A collection is a tuple of paths: those of the first entry of sorted(power), then those of the second, and so on. Ordered
    collections come one by one with multiplicity 1, in lexicographic order; unordered ones with each entry's paths sorted and
    the number of ordered collections that they stand for (a product of multinomials). The multiplicities sum to the ordered
    count either way; for the growth see :func:`count_collections`.

    Parameters
    ----------
    net, power, layers
        As in :func:`pathmoments.moment`.
    ordered
        Whether collections that differ in the order of one entry's paths count apart.

    Yields
    ------
    Pairs of a collection and its multiplicity.

    Raises
    ------
    OutOfRangeError, ArgumentError
        As in :func:`pathmoments.moment`.

    Cost
    ----
    Linear in order times depth for each pair; the paths of each entry are held in memory.

    >>> net = Network([2, 2, 2])
    >>> for collection, multiplicity in iter_collections(net, {(0, 0): 2}):
    ...     print(collection, multiplicity)
    ((0, 0, 0), (0, 0, 0)) 1
    ((0, 0, 0), (0, 1, 0)) 2
    ((0, 1, 0), (0, 1, 0)) 1
    """
    family = family_of(net, power, layers=layers)
    return _collections(net, family, ordered)


def _collections(net: Network, family: Family, ordered: bool) -> Iterator[tuple[Collection, int]]:
    def choices(p: int, q: int, m: int) -> Iterator[Collection]:
        paths = list(_paths(net, family, p, q))
        return product(paths, repeat=m) if ordered else combinations_with_replacement(paths, m)

    def extend(
        chosen: Collection, multiplicity: int, classes: Sequence[tuple[int, int, int]]
    ) -> Iterator[tuple[Collection, int]]:
        if not classes:
            yield chosen, multiplicity
            return
        p, q, m = classes[0]
        for paths in choices(p, q, m):
            orders = 1 if ordered else _orders(paths)
            yield from extend(chosen + paths, multiplicity * orders, classes[1:])

    return extend((), 1, family.classes)


def _orders(paths: Collection) -> int:
    """Return the number of ways to order sorted paths: m! / prod run!."""
    return factorial(len(paths)) // prod(factorial(len(list(run))) for _, run in groupby(paths))


# -- one collection -----------------------------------------------------------------------------------------------------


def multiplicities(collection: Collection) -> list[dict[tuple[int, int], int]]:
    """Return, for each layer j = 1..d, {(alpha, beta): |gamma_{alpha,beta}(j)|}: how many paths use each edge.

    Parameters
    ----------
    collection
        A tuple of paths, each a tuple of neurons, one a layer, ends included.

    Returns
    -------
    One dictionary a layer of weights, edges in use alone.

    Raises
    ------
    ArgumentError
        If the paths are not of one length.

    Cost
    ----
    Linear in the number of paths and layers.

    >>> multiplicities(((0, 0, 0), (0, 1, 0), (0, 1, 0)))
    [{(0, 0): 1, (0, 1): 2}, {(0, 0): 1, (1, 0): 2}]
    """
    _check_collection(collection)
    return [
        dict(sorted(Counter((path[j - 1], path[j]) for path in collection).items()))
        for j in range(1, _length(collection))
    ]


def neurons(collection: Collection) -> list[dict[int, int]]:
    """Return, for each layer j = 0..d, {beta: number of paths through it}; the keys are the set Gamma(j).

    Parameters
    ----------
    collection
        A tuple of paths, each a tuple of neurons, one a layer, ends included.

    Returns
    -------
    One dictionary a layer of neurons, those of Gamma(j) alone.

    Raises
    ------
    ArgumentError
        If the paths are not of one length.

    Cost
    ----
    Linear in the number of paths and layers.

    >>> neurons(((0, 0, 0), (0, 1, 0), (0, 1, 0)))
    [{0: 3}, {0: 1, 1: 2}, {0: 3}]
    """
    _check_collection(collection)
    return [dict(sorted(Counter(path[j] for path in collection).items())) for j in range(_length(collection))]


def layer_factors(net: Network, collection: Collection, *, layers: tuple[int, int] | None = None) -> list[Value]:
    """Return the factors C_1, ..., C_d of a collection (Theorem 3), each with its own weight moments, variances included.

    Parameters
    ----------
    net, layers
        As in :func:`pathmoments.moment`.
    collection
        A tuple of paths, each a tuple of neurons, one a layer, ends included.

    Returns
    -------
    One value a layer: a Fraction, a ball, or a sympy expression for a symbolic law.

    Raises
    ------
    ArgumentError
        If the paths are not of one length, or do not fit the network.

    Cost
    ----
    Linear in the number of paths and layers.

    >>> layer_factors(Network([2, 2, 2]), ((0, 0, 0), (0, 0, 0)))
    [Fraction(1, 2), Fraction(1, 2)]
    """
    edges, loads = multiplicities(collection), neurons(collection)
    if not collection:
        return []
    power = Counter((path[0], path[-1]) for path in collection)
    family = family_of(net, power, layers=layers)
    if len(edges) != family.last - family.first:
        raise ArgumentError(
            must_be("collection", f"of paths with {family.last - family.first} edges", f"the one with {len(edges)}")
        )
    _check_neurons(net, family, loads)
    return [
        _layer_value(net, family, j, tuple(edges[j - 1].values()), tuple(loads[j].values()))
        for j in range(1, len(loads))
    ]


def _length(collection: Collection) -> int:
    return len(collection[0]) if collection else 0


def _check_collection(collection: Collection) -> None:
    if not all(isinstance(path, tuple) for path in collection):
        raise ArgumentError(
            must_be("collection", "a tuple of paths, each a tuple of neurons", "the collection " + repr(collection))
        )
    if len({len(path) for path in collection}) > 1 or any(len(path) < 2 for path in collection):
        raise ArgumentError(
            must_be("collection", "of paths of equal length, two neurons or more", "the collection " + repr(collection))
        )


def _check_neurons(net: Network, family: Family, loads: Sequence[dict[int, int]]) -> None:
    widths = net.numeric_widths("an enumeration")[family.first : family.last + 1]
    for j, (width, load) in enumerate(zip(widths, loads, strict=True)):
        for neuron in load:
            integer(neuron, "a neuron", minimum=0, what=f"an index of layer {family.first + j}")
            if neuron >= width:
                raise ArgumentError(
                    must_be("a neuron", f"an index of layer {family.first + j}, 0 to {width - 1}", neuron)
                )


def _layer_value(net: Network, family: Family, j: int, edges: Sequence[int], loads: Sequence[int]) -> Value:
    """Return C_j of the family's layer j as a value, from edge multiplicities and the loads of Gamma(j)."""
    domain = net.domain(family.first, family.last, sum(edges))

    def compute() -> Value:
        variance = net.variances[family.first + j - 1]
        if any(m % 2 for m in edges):
            return domain.value(Fraction(1), domain.element(0))
        return domain.value(
            domain.power_product([(variance, sum(edges) // 2)]), _factor(net, domain, family.first + j, edges, loads)
        )

    if any(m % 2 for m in edges):
        return Fraction(0)
    return domain.settle(compute)


def _factor(net: Network, domain: Domain, layer: int, edges: Sequence[int], loads: Sequence[int]) -> Element:
    """Return C_j with unit variance: the activation of each neuron times the normalised moment of each edge."""
    factor = domain.element(_activation(net, layer, loads))
    for multiplicity in edges:
        factor = factor * domain.element(net.laws[layer - 1]._even_moment(multiplicity // 2))
    return factor


def _activation(net: Network, layer: int, loads: Sequence[int]) -> Fraction:
    if not net.activated(layer):
        return Fraction(1)
    return prod(((1 + net.slope**load) / 2 for load in loads), start=Fraction(1))


# -- all collections, grouped by type -----------------------------------------------------------------------------------

Layer: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""Of one layer of a collection: the edge multiplicities and the loads of the neurons of Gamma(j), each in descending order."""


@dataclass(frozen=True)
class CollectionType:
    """The collections that have the same numbers in every layer, and so the same factors.

    Attributes
    ----------
    multiplicities
        For each layer 1..d, the multiplicities |gamma_{alpha,beta}(j)| of the edges in use, in descending order.
    loads
        For each layer 1..d, the number of paths through each neuron of Gamma(j), in descending order; its length is |Gamma(j)|.
    ordered, unordered
        How many ordered and unordered collections are of this type.
    factors
        C_1, ..., C_d of each of them.
    contribution
        The sum over the type: ordered * prod C_j.
    example
        The first collection of the type.
    """

    multiplicities: tuple[tuple[int, ...], ...]
    loads: tuple[tuple[int, ...], ...]
    ordered: int
    unordered: int
    factors: tuple[Value, ...]
    contribution: Value
    example: Collection


@dataclass(frozen=True)
class Summary:
    """All collections of a moment, grouped by type; the contributions sum to the moment.

    `vanishing` counts the ordered collections in which some edge is used an odd number of times: each contributes 0. The ordered
    counts of the types and `vanishing` sum to `ordered`. `alive` is the factor of a suffix at zero bias, 1 otherwise.
    """

    net: Network
    family: Family
    types: tuple[CollectionType, ...]
    ordered: int
    unordered: int
    vanishing: int
    alive: Value
    moment: Value


def summarize(
    net: Network,
    power: Power,
    *,
    layers: tuple[int, int] | None = None,
    budget: int = DEFAULT_BUDGET,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Walk all path collections of E prod Z[p, q]^order and group them by type (Theorem 3, Remark 3).

    Parameters
    ----------
    net, power, layers
        As in :func:`pathmoments.moment`.
    budget
        The number of unordered collections that may be walked.
    progress
        Called with (done, total) now and then, in unordered collections.

    Returns
    -------
    A :class:`pathmoments.paths.Summary`: the types with counts, factors and contributions, and the moment.

    Raises
    ------
    BudgetError
        If there are more; the message has the count.
    UndeterminedMomentError, AtomsError, ArgumentError, OutOfRangeError
        As in :func:`pathmoments.moment`.

    >>> table = summarize(Network([2, 3, 2]), {(0, 0): 4})
    >>> for kind in table.types:
    ...     print(kind.multiplicities, kind.ordered, [str(c) for c in kind.factors], kind.contribution)
    ((4,), (4,)) 3 ['3/2', '2/3'] 3
    ((2, 2), (2, 2)) 18 ['1/4', '2/9'] 1
    >>> table.moment, table.ordered, table.vanishing
    (Fraction(4, 1), 81, 60)
    """
    family = family_of(net, power, layers=layers)
    check_determined(net, family)
    check_budget(net, family, budget)
    counts = tally(net, family, progress)
    domain = net.domain(family.first, family.last, family.size)
    alive = alive_factor(net, family)
    variances = domain.power_product((v, family.size // 2) for v in net.variances[family.first : family.last])

    def total(front: Value, shapes: Mapping[Shape, Found]) -> Value:
        return domain.settle(lambda: domain.value(front, type_sum(net, family, domain, shapes)))

    types = []
    for shape, found in sorted(counts.items(), reverse=True):
        types.append(
            CollectionType(
                multiplicities=tuple(edges for edges, _ in shape),
                loads=tuple(loads for _, loads in shape),
                ordered=found.ordered,
                unordered=found.unordered,
                factors=tuple(_layer_value(net, family, j, e, n) for j, (e, n) in enumerate(shape, start=1)),
                contribution=total(variances, {shape: found}),
                example=found.example,
            )
        )
    ordered = counted_collections(net, family, ordered=True)
    return Summary(
        net=net,
        family=family,
        types=tuple(types),
        ordered=ordered,
        unordered=counted_collections(net, family, ordered=False),
        vanishing=ordered - sum(kind.ordered for kind in types),
        alive=alive,
        moment=total(scaled(alive, variances), counts),
    )


def check_budget(net: Network, family: Family, budget: int) -> None:
    """Raise BudgetError if the family has more unordered collections than the budget."""
    if collections_bits(net, family) > MAX_COUNT_BITS:
        raise BudgetError(
            f"the enumeration of E[{family}] would walk far more collections than any budget allows: use moment with route='transfer', which does "
            "not walk them"
        )
    unordered = counted_collections(net, family, ordered=False)
    if unordered > budget:
        ordered = ordered_text(net, family)
        raise BudgetError(
            f"the enumeration of E[{family}] would walk {count_text(unordered)} collections ({ordered} ordered), over the budget of "
            f"{budget:,}: use moment with route='transfer', which does not walk them"
            + (f", or budget={unordered}" if unordered < 10**9 else "")
        )


Shape: TypeAlias = tuple[Layer, ...]


class Found(NamedTuple):
    """What the walk found of one shape: how many collections, and the first."""

    ordered: int
    unordered: int
    example: Collection


def type_sum(net: Network, family: Family, domain: Domain, counts: Mapping[Shape, Found]) -> Element:
    """Return the sum over the types of (ordered count) * prod C_j, at unit variances and without the alive factor."""
    total = domain.element(0)
    for shape, found in counts.items():
        term = domain.element(found.ordered)
        for j, (edges, loads) in enumerate(shape, start=1):
            term = term * _factor(net, domain, family.first + j, edges, loads)
        total = total + term
    return total


def tally(net: Network, family: Family, progress: Callable[[int, int], None] | None = None) -> dict[Shape, Found]:
    """Walk the unordered collections and return what was found of each shape that does not vanish.

    The walk adds one path at a time in nondecreasing order and keeps the multiplicity of every edge. Each path uses one edge a
    layer, so a layer with more odd edges than paths to come cannot become even: that branch contributes 0 and is left.
    Precondition: numeric widths. Cost: a few microseconds a collection walked; memory: the number of types.
    """
    return _Walk(net, family).run(progress)


class _Walk:
    """The state of the walk: edge multiplicities and odd edges a layer, changed in place as paths come and go."""

    def __init__(self, net: Network, family: Family) -> None:
        self.classes = [(list(_paths(net, family, p, q)), m) for p, q, m in family.classes]
        self.edges: list[Counter[tuple[int, int]]] = [Counter() for _ in range(family.last - family.first)]
        self.odd = [0] * len(self.edges)
        self.chosen: list[tuple[Path, int]] = []
        self.shapes: dict[Shape, Found] = {}

    def run(self, progress: Callable[[int, int], None] | None) -> dict[Shape, Found]:
        self.progress, self.done = progress, 0
        self.total = prod(comb(len(paths) + m - 1, m) for paths, m in self.classes)
        if self.classes:
            self._extend(0, 0, self.classes[0][1], 1)
        else:
            self._record(1)
        return self.shapes

    def _extend(self, index: int, start: int, left: int, orders: int) -> None:
        """Add copies of one of the paths `start..` of class `index`, of which `left` are still to come, in every way.

        `orders` counts the ordered collections so far: c copies can stand at C(left, c) sets of the places that are left. The
        recursion is as deep as a collection has distinct paths.
        """
        paths = self.classes[index][0]
        later = sum(m for _, m in self.classes[index + 1 :])
        for i in range(start, len(paths)):
            last = i + 1 == len(paths)
            for copies in (left,) if last else range(1, left + 1):
                self._toggle(paths[i], copies)
                self.chosen.append((paths[i], copies))
                rest = left - copies
                if max(self.odd) <= rest + later:
                    count = orders * comb(left, copies)
                    if rest:
                        self._extend(index, i + 1, rest, count)
                    elif later:
                        self._extend(index + 1, 0, self.classes[index + 1][1], count)
                    else:
                        self._record(count)
                self.chosen.pop()
                self._toggle(paths[i], -copies)
                if len(self.chosen) == 0 and self.progress is not None:
                    others = prod(comb(len(further) + m - 1, m) for further, m in self.classes[1:])
                    self.done += comb(len(paths) - i + rest - 2, rest) * others if rest else others
                    self.progress(self.done, self.total)

    def _toggle(self, path: Path, copies: int) -> None:
        """Put copies of the path on its edges (or take them off), and keep count of the odd edges of each layer."""
        edges, odd, flips = self.edges, self.odd, copies % 2
        for j in range(len(edges)):
            layer, edge = edges[j], path[j : j + 2]
            layer[edge] = multiplicity = layer[edge] + copies  # type: ignore[index]  # a slice of two neurons is an edge
            if flips:
                odd[j] += 1 if multiplicity % 2 else -1

    def _record(self, ordered: int) -> None:
        layers = []
        for edges in self.edges:
            used = {edge: m for edge, m in edges.items() if m}
            loads: Counter[int] = Counter()
            for (_, end), m in used.items():
                loads[end] += m
            layers.append((tuple(sorted(used.values(), reverse=True)), tuple(sorted(loads.values(), reverse=True))))
        shape = tuple(layers)
        before = self.shapes.get(shape)
        if before is None:
            example = tuple(path for path, copies in self.chosen for _ in range(copies))
            self.shapes[shape] = Found(ordered, 1, example)
        else:
            self.shapes[shape] = Found(before.ordered + ordered, before.unordered + 1, before.example)
