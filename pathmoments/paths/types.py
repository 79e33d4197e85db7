"""All collections of a moment, walked once and grouped by type: collections of a type have the same factors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import comb, prod
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from ..domains import Domain, Element
from ..errors import BudgetError
from ..exact import Value, count_text, is_symbolic, scaled
from ..families import Family, Power, alive_factor, check_determined, check_independent, family_of
from ..network import Network
from .collections import (
    MAX_COUNT_BITS,
    Collection,
    Path,
    all_paths,
    collections_bits,
    counted_collections,
    ordered_text,
)
from .factors import layer_element, layer_value

DEFAULT_BUDGET = 2_000_000
"""Unordered collections walked without asking; about ten seconds."""

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
    check_independent(net, family, "a table of collections")
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
                factors=tuple(layer_value(net, family, j, e, n) for j, (e, n) in enumerate(shape, start=1)),
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

REMEMBERED = 50_000
"""Collections of the longest walk that is remembered."""


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
            term = term * layer_element(net, domain, family.first + j, edges, loads)
        total = total + term
    return total


def tally(net: Network, family: Family, progress: Callable[[int, int], None] | None = None) -> Mapping[Shape, Found]:
    """Walk the unordered collections and return what was found of each shape that does not vanish.

    The walk adds one path at a time in nondecreasing order and keeps the multiplicity of every edge. Each path uses one edge a
    layer, so a layer with more odd edges than paths to come cannot become even: that branch contributes 0 and is left.
    No law enters, so the last few short walks are remembered: networks that differ in their laws alone share them.
    Precondition: numeric widths. Cost: a few microseconds a collection walked; memory: the number of types.
    """
    widths = net.widths
    if (
        progress is None
        and not any(map(is_symbolic, widths))
        and counted_collections(net, family, ordered=False) <= REMEMBERED
    ):
        return remembered(widths, family)
    return _Walk(net, family).run(progress)


@lru_cache(maxsize=16)
def remembered(widths: tuple[int, ...], family: Family) -> Mapping[Shape, Found]:
    """Return the tally on a network of these widths."""
    return MappingProxyType(_Walk(Network(widths), family).run(None))


class _Walk:
    """The state of the walk: edge multiplicities and odd edges a layer, changed in place as paths come and go."""

    def __init__(self, net: Network, family: Family) -> None:
        self.classes = [(list(all_paths(net, family, p, q)), m) for p, q, m in family.classes]
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
