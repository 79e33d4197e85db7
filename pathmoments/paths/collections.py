"""Paths and collections of paths: iterated lazily, counted before they are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, groupby, product
from math import comb, factorial, prod
from typing import TypeAlias

from ..exact import count_text
from ..families import Family, Power, family_of
from ..network import Network

Path: TypeAlias = tuple[int, ...]
Collection: TypeAlias = tuple[Path, ...]

MAX_COUNT_BITS = 50_000
"""Counts of collections longer than this are not made to compare costs."""


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


def hidden_widths(net: Network, family: Family) -> tuple[int, ...]:
    """Return the widths between the family's layers, as numbers."""
    widths = net.widths[family.first + 1 : family.last]
    if not all(isinstance(width, int) for width in widths):
        net.numeric_widths("an enumeration")  # refuses, and names the symbol
    return widths


def _count_paths(net: Network, family: Family) -> int:
    return prod(hidden_widths(net, family))


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
    return all_paths(net, family, p, q)


def all_paths(net: Network, family: Family, p: int, q: int) -> Iterator[Path]:
    """Yield the paths of a checked family from p to q."""
    widths = hidden_widths(net, family)
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
    bits = sum(width.bit_length() for width in hidden_widths(net, family))
    return max(
        0,
        sum(
            min(m * (bits + 1), (1 << min(bits, 60)) * m.bit_length()) - int(m.bit_length() - 1) for m in family.counts
        ),
    )


def ordered_text(net: Network, family: Family) -> str:
    """Return the number of ordered collections in words; too long ones are not made."""
    bits = family.size * sum(width.bit_length() for width in hidden_widths(net, family))
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
        paths = list(all_paths(net, family, p, q))
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
