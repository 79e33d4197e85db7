"""Pure combinatorics of traces: even set partitions of the paths of prod_i tr (J J^T)^k_i, up to the symmetries of their cycles.

tr (J J^T)^k = sum over p_i, q_i of prod_i Z[p_i, q_i] Z[p_{i+1}, q_i], with i modulo k. Path 2i runs from p_i to q_i and path 2i + 1 from p_{i+1} to q_i, so
the outputs pair the paths (2i, 2i + 1) and the inputs pair (2i - 1, 2i). The 2k rotations and reflections of the 2k-cycle of paths that keep both pairings
form the dihedral group of order 2k. A product of traces has one cycle each, given by `cycles` = (k_1, k_2, ...), and equal cycles may change places too.
Whatever depends on the two pairings alone is the same for all set partitions of one orbit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, permutations, product
from math import comb
from typing import NamedTuple, TypeAlias

from .partitions import set_partitions

Blocks: TypeAlias = tuple[int, ...]
"""A set partition as the block of every path, blocks numbered as they appear."""

Cycles: TypeAlias = tuple[int, ...]
"""The powers k_i of a product of traces; (k,) for one."""


def output_pairing(cycles: Cycles) -> Blocks:
    """Return which paths end at one output.

    >>> output_pairing((3,)), output_pairing((2, 1))
    ((0, 0, 1, 1, 2, 2), (0, 0, 1, 1, 2, 2))
    """
    return tuple(path // 2 for path in range(2 * sum(cycles)))


def input_pairing(cycles: Cycles) -> Blocks:
    """Return which paths start at one input.

    >>> input_pairing((3,)), input_pairing((2, 1))
    ((0, 1, 1, 2, 2, 0), (0, 1, 1, 0, 2, 2))
    """
    starts = accumulate(cycles, initial=0)
    return tuple(start + (path + 1) // 2 % k for k, start in zip(cycles, starts, strict=False) for path in range(2 * k))


def symmetries(cycles: Cycles) -> list[tuple[int, ...]]:
    """Return the permutations of the paths that keep both pairings, each as the image of every path: 2k a cycle, times the orders of equal cycles.

    >>> symmetries((2,))
    [(0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0)]
    >>> len(symmetries((2, 2, 1)))
    64
    """
    starts = [2 * start for start in accumulate(cycles, initial=0)]
    orders = (order for order in permutations(range(len(cycles))) if tuple(cycles[c] for c in order) == cycles)
    return [
        tuple(starts[c] + path for c, turn in zip(order, turns, strict=True) for path in turn)
        for order in orders
        for turns in product(*map(_turns, cycles))
    ]


def _turns(k: int) -> list[tuple[int, ...]]:
    """Return the rotations and reflections of one cycle."""
    return [
        tuple((sign * path + 2 * turn + (sign < 0)) % (2 * k) for path in range(2 * k))
        for turn in range(k)
        for sign in (1, -1)
    ]


def numbered(blocks: Blocks) -> Blocks:
    """Return the same set partition with its blocks numbered as they appear.

    >>> numbered((5, 2, 2, 5))
    (0, 1, 1, 0)
    """
    names: dict[int, int] = {}
    return tuple([names.setdefault(block, len(names)) for block in blocks])


def pairings(size: int) -> Iterator[Blocks]:
    """Yield the set partitions of range(size) into pairs, each once: (size - 1)!! of them.

    >>> list(pairings(4))
    [(0, 0, 1, 1), (0, 1, 0, 1), (0, 1, 1, 0)]
    """
    blocks = [-1] * size

    def extend(block: int) -> Iterator[Blocks]:
        if 2 * block == size:
            yield tuple(blocks)
            return
        first = blocks.index(-1)
        blocks[first] = block
        for second in range(first + 1, size):
            if blocks[second] < 0:
                blocks[second] = block
                yield from extend(block + 1)
                blocks[second] = -1
        blocks[first] = -1

    yield from extend(0)


def count_even_set_partitions(size: int) -> int:
    """Return how many set partitions of range(size) have even blocks alone: 1, 4, 31, 379, 6556, 150349, ... for 2, 4, 6, ...

    >>> [count_even_set_partitions(2 * k) for k in range(6)]
    [1, 1, 4, 31, 379, 6556]
    """
    counts = [1]
    for half in range(1, size // 2 + 1):
        counts.append(sum(comb(2 * half - 1, 2 * j - 1) * counts[half - j] for j in range(1, half + 1)))
    return counts[size // 2] if size % 2 == 0 else 0


def refines(fine: Blocks, coarse: Blocks) -> bool:
    """Whether every block of `fine` lies in a block of `coarse`.

    >>> refines((0, 0, 1, 1), (0, 0, 0, 0)), refines((0, 0, 1, 1), (0, 1, 1, 0))
    (True, False)
    """
    return len(set(zip(fine, coarse, strict=True))) == 1 + max(fine)


def joined(first: Blocks, second: Blocks) -> Blocks:
    """Return the finest set partition that both refine.

    >>> joined((0, 0, 1, 1, 2, 2), (0, 1, 1, 0, 2, 2))
    (0, 0, 0, 0, 1, 1)
    """
    root = list(range(1 + max(first)))
    met: dict[int, int] = {}

    def find(block: int) -> int:
        while root[block] != block:
            block = root[block]
        return block

    for one, other in zip(first, second, strict=True):
        root[find(one)] = find(met.setdefault(other, one))
    return numbered(tuple(find(block) for block in first))


class Orbits:
    """The orbits of set partitions of the paths met so far: each partition knows the number of its orbit."""

    def __init__(self, cycles: Cycles) -> None:
        self._symmetries = symmetries(cycles)
        self.number: dict[Blocks, int] = {}
        self.members: list[Blocks] = []
        """The first partition met of each orbit."""
        self.sizes: list[int] = []

    def of(self, blocks: Blocks) -> int:
        """Return the number of the orbit of a partition, a new one if it was not met."""
        known = self.number.get(blocks)
        if known is not None:
            return known
        images = {numbered(tuple([blocks[path] for path in image])) for image in self._symmetries}
        self.number.update(dict.fromkeys(images, len(self.members)))
        self.members.append(blocks)
        self.sizes.append(len(images))
        return len(self.members) - 1


class DihedralMerging(NamedTuple):
    """Which orbits of even set partitions refine which.

    `rows[i][j]` is the number of partitions in the orbit of `coarse[j]` that the one partition `fine[i]` refines; zeros are left out. `fine_sizes` and
    `coarse_sizes` are the numbers of partitions in the orbits.
    """

    fine: list[Blocks]
    fine_sizes: list[int]
    coarse: list[Blocks]
    coarse_sizes: list[int]
    rows: list[dict[int, int]]


@lru_cache(maxsize=16)
def dihedral_merging(cycles: Cycles, *, pairs: bool) -> DihedralMerging:
    """Return the orbits of the even set partitions of the paths of `cycles`; with `pairs`, only the rows of those into pairs.

    Every even set partition is a coarsening of one into pairs. Cost: the number of even set partitions times their symmetries, and
    the number of nonzero entries, at most the Bell number of the sum of the cycles for each orbit.

    >>> merging = dihedral_merging((2,), pairs=False)
    >>> merging.fine
    [(0, 0, 1, 1), (0, 1, 0, 1), (0, 1, 1, 0), (0, 0, 0, 0)]
    >>> merging.rows
    [{0: 1, 3: 1}, {1: 1, 3: 1}, {2: 1, 3: 1}, {3: 1}]
    """
    orbits = Orbits(cycles)
    for pairing in pairings(2 * sum(cycles)):
        orbits.of(pairing)
    fine = len(orbits.members)
    rows: list[dict[int, int]] = []
    while len(rows) < (fine if pairs else len(orbits.members)):
        met = Counter(map(orbits.of, coarsenings(orbits.members[len(rows)])))
        rows.append(dict(sorted(met.items())))
    return DihedralMerging(orbits.members[: len(rows)], orbits.sizes[: len(rows)], orbits.members, orbits.sizes, rows)


def coarsenings(blocks: Blocks) -> Iterator[Blocks]:
    """Yield the set partitions that this one refines, itself among them, each once.

    >>> list(coarsenings((0, 1, 1, 0)))
    [(0, 0, 0, 0), (0, 1, 1, 0)]
    """
    for merged in set_partitions(1 + max(blocks)):
        yield tuple([merged[block] for block in blocks])
