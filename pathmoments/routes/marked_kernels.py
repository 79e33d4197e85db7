r"""One layer of weights, and of biases, between two partitions of the paths: the numbers of the marked transfer.

For even vector partitions tau (the layer above) and sigma (the layer below) of the same paths, both with their blocks told apart,

    N(tau, sigma) = sum over matrices of vectors with row sums tau and column sums sigma of prod mt_|e| / e!

is R^T D R with cumulants in D (:mod:`pathmoments.routes.transfer`). Paths that end at biases leave the rows first: with c_b of the paths of block b,
an even number of them, the factor is prod_b nu_|c_b| / c_b!, nu the normalised moments of the biases' law. Bundles through a marked weight take no part:
all of a bundle's paths lie in one block above and in one block below, whichever these are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from math import factorial, prod

from flint import fmpq

from ..domains import Domain, Element
from ..laws import Gaussian, Law
from ..partitions import VectorPartition, even_vectors, merging


class Kernels:
    """The numbers N of the laws of a network, in a domain; made when they are first needed."""

    def __init__(self, domain: Domain, bundles: int) -> None:
        self.domain, self.bundles = domain, bundles
        self._below: dict[tuple[Law, VectorPartition], dict[VectorPartition, Element]] = {}

    def below(self, law: Law, tau: VectorPartition) -> dict[VectorPartition, Element]:
        """Return {sigma: N(tau, sigma)}; nothing if some block of tau is odd."""
        if (law, tau) not in self._below:
            if any(sum(block) % 2 for block in tau):
                return {}
            self._make(law, tuple(map(sum, zip(*tau, strict=True))) if tau else (0,) * self.bundles)
        return self._below[law, tau]

    def _make(self, law: Law, total: tuple[int, ...]) -> None:
        """Make the matrix N of a law for all partitions of `total`."""
        size = sum(total)
        sizes = frozenset({2}) if law == Gaussian() and size > 2 else None
        r = merging(total, sizes)
        cumulants = [self.domain.element(k) for k in law.even_cumulants(size // 2)]
        rows: list[defaultdict[VectorPartition, Element]] = [defaultdict(int) for _ in r.coarse]
        for fine, row in zip(r.fine, r.rows, strict=True):
            entry = self.domain.element(1)
            for block, times in Counter(fine).items():
                scale = fmpq(1, prod(map(factorial, block)) ** times * factorial(times))
                entry = entry * cumulants[sum(block) // 2 - 1] ** times * scale
            for i, above in row.items():
                for j, under in row.items():
                    rows[i][r.coarse[j]] += entry * (above * under)
        for tau, entries in zip(r.coarse, rows, strict=True):
            self._below[law, tau] = dict(entries)

    def endings(
        self, law: Law | None, tau: VectorPartition, may_end: Sequence[int]
    ) -> Iterator[tuple[VectorPartition, Element, int]]:
        """Yield (what is left of tau, prod nu_|c| / c!, number of paths that end) over the ways in which paths end at biases.

        Only paths of the bundles `may_end` do, and none where the biases have no law.
        """
        if law is None or not may_end:
            yield tau, self.domain.element(1), 0
            return
        moments = [self.domain.element(law._even_moment(k)) for k in range(sum(map(sum, tau)) // 2 + 1)]
        choices = []
        for block in tau:
            able = tuple(m if i in may_end else 0 for i, m in enumerate(block))
            choices.append([(0,) * len(block), *even_vectors(able)])
        ways: defaultdict[tuple[VectorPartition, int], Element] = defaultdict(int)
        for ending in product(*choices):
            rest = (tuple(a - b for a, b in zip(block, c, strict=True)) for block, c in zip(tau, ending, strict=True))
            weight = self.domain.element(1)
            for c in ending:
                weight = weight * moments[sum(c) // 2] * fmpq(1, prod(map(factorial, c)))
            ways[descending(rest), sum(map(sum, ending))] += weight
        for (left, ended), weight in ways.items():
            yield left, weight, ended


def descending(blocks: Iterator[tuple[int, ...]]) -> VectorPartition:
    """Return the blocks as a partition: those that are not empty, in descending order."""
    return tuple(sorted((block for block in blocks if any(block)), reverse=True))


def without(tau: VectorPartition, bundles: Sequence[int]) -> VectorPartition | None:
    """Return tau without the paths of some bundles, or None if one of these is not whole in one block."""
    total = [sum(column) for column in zip(*tau, strict=True)]
    for bundle in bundles:
        if not any(block[bundle] == total[bundle] for block in tau):
            return None
    return descending(tuple(0 if i in bundles else m for i, m in enumerate(block)) for block in tau)


def rejoined(sigma: VectorPartition, bundles: Sequence[int], counts: Sequence[int]) -> set[VectorPartition]:
    """Return the partitions that are sigma once whole bundles are taken out of them."""
    found = {sigma}
    for bundle in bundles:
        vector = tuple(counts[bundle] if i == bundle else 0 for i in range(len(counts)))
        grown = set()
        for tau in found:
            grown.add(descending(iter((*tau, vector))))
            for i, block in enumerate(tau):
                joined = tuple(a + b for a, b in zip(block, vector, strict=True))
                grown.add(descending(iter((*tau[:i], joined, *tau[i + 1 :]))))
        found = grown
    return found
