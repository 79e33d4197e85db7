"""Pure combinatorics: partitions of a multiset of paths into blocks of even size, and how they merge.

A *vector* counts, class by class, the paths of a block: with classes of interchangeable paths of sizes (m_1, ..., m_r), a set
partition of the paths up to interchange is a *vector partition* of (m_1, ..., m_r), a multiset of vectors with that sum. One
class gives integer partitions. Only blocks of even size occur, because every weight law is symmetric.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import product
from math import comb, factorial, prod
from typing import Any, NamedTuple, TypeAlias

Vector: TypeAlias = tuple[int, ...]
VectorPartition: TypeAlias = tuple[Vector, ...]
"""Blocks in descending order."""


def even_vectors(total: Vector) -> list[Vector]:
    """Return the nonzero vectors v <= total with an even sum, in descending order.

    >>> even_vectors((2, 1))
    [(2, 0), (1, 1)]
    """
    below = product(*(range(m, -1, -1) for m in total))
    return [v for v in below if any(v) and sum(v) % 2 == 0]


def even_partitions(total: Vector) -> Iterator[VectorPartition]:
    """Yield the vector partitions of `total` into blocks of even size, each once, in descending lexicographic order.

    For one class of 2K paths these are the integer partitions of K, doubled. Their number grows like exp(pi sqrt(2K/3)).

    >>> list(even_partitions((6,)))
    [((6,),), ((4,), (2,)), ((2,), (2,), (2,))]
    >>> list(even_partitions((2, 2)))
    [((2, 2),), ((2, 0), (0, 2)), ((1, 1), (1, 1))]
    >>> list(even_partitions(()))
    [()]
    """
    yield from _partitions_from(total, even_vectors(total))


def _partitions_from(rest: Vector, allowed: Sequence[Vector]) -> Iterator[VectorPartition]:
    """Yield the partitions of `rest` into vectors of `allowed` (descending), each partition in descending order."""
    if not any(rest):
        yield ()
        return
    for i, vector in enumerate(allowed):
        if all(a <= b for a, b in zip(vector, rest, strict=True)):
            remaining = tuple(b - a for a, b in zip(vector, rest, strict=True))
            for tail in _partitions_from(remaining, allowed[i:]):
                yield (vector, *tail)


@lru_cache(maxsize=4096)
def count_even_partitions(total: Vector, limit: int | None = None) -> int:
    """Return how many there are, without making them: the coefficient of x^total in prod_v 1 / (1 - x^v).

    With a `limit` the count stops there: an answer above it means "at least this many". Cost: the number of even vectors
    times the number of vectors below `total`.

    >>> count_even_partitions((40,)), count_even_partitions((4, 4)), count_even_partitions((1,) * 8)
    (627, 16, 379)
    """
    if sum(total) % 2:
        return 0
    size = prod(m + 1 for m in total)
    # At least a quarter of the triples (u, v, w) >= 0 with u + v + w = total have even sums (average the generating function
    # over signs), and at most 6 of them are one partition.
    at_least = prod(comb(m + 2, 2) for m in total) // 24
    if limit is not None and at_least > limit:
        return at_least
    strides = [prod(m + 1 for m in total[i + 1 :]) for i in range(len(total))]
    vectors = list(product(*(range(m + 1) for m in total)))
    ways = [0] * size
    ways[0] = 1
    for v in even_vectors(total):
        offset = sum(a * s for a, s in zip(v, strides, strict=True))
        for index in range(offset, size):
            if all(a <= b for a, b in zip(v, vectors[index], strict=True)):
                ways[index] += ways[index - offset]
        if limit is not None and ways[-1] > limit:
            return ways[-1]
    return ways[-1]


class Merging(NamedTuple):
    """The integer matrix R: how power sums expand in monomials.

    `R[row][column]`, with a row `fine` and a column `coarse`, is the number of ways to distribute the blocks of `fine` (told
    apart) over the blocks of `coarse` (told apart) so that each block of `coarse` is the sum of what it receives. It is 0
    unless `fine` refines `coarse`. In the ring of symmetric functions: p_fine = sum_coarse R[fine][coarse] m_coarse.
    """

    fine: list[VectorPartition]
    coarse: list[VectorPartition]
    rows: list[dict[int, int]]
    """One a fine partition: {column: entry}, zeros left out."""


@lru_cache(maxsize=64)
def merging(total: Vector, sizes: frozenset[int] | None = None) -> Merging:
    """Return R for the even partitions of `total`; with `sizes`, only the rows whose blocks all have such a size.

    Rows are made by multiplying power sums one at a time: m_tau p_v puts v on a block of tau or beside them. Cost: the
    number of nonzero entries, times a small factor.

    >>> merging((4,)).rows
    [{0: 1}, {0: 1, 1: 2}]
    """
    code = _Code(total)
    vectors = [v for v in even_vectors(total) if sizes is None or sum(v) in sizes]
    allowed = [(v, code.encode(v)) for v in vectors]
    fine: list[VectorPartition] = []
    products: list[Mapping[Codes, int]] = []

    def extend(prefix: VectorPartition, monomials: Mapping[Codes, int], rest: Vector, start: int) -> None:
        if not any(rest):
            fine.append(prefix)
            products.append(monomials)
            return
        for i in range(start, len(allowed)):
            vector, number = allowed[i]
            if all(a <= b for a, b in zip(vector, rest, strict=True)):
                remaining = tuple(b - a for a, b in zip(vector, rest, strict=True))
                extend((*prefix, vector), _times_power_sum(monomials, number), remaining, i)

    extend((), {(): 1}, total, 0)
    coarse = list(even_partitions(total))
    column = {tuple(map(code.encode, partition)): i for i, partition in enumerate(coarse)}
    return Merging(fine, coarse, [{column[tau]: entry for tau, entry in row.items()} for row in products])


Codes: TypeAlias = tuple[int, ...]
"""A vector partition with its vectors written as numbers, in descending order."""


class _Code:
    """Vectors up to `total` as numbers in mixed radix: sums of vectors are sums of numbers, and the order is the same."""

    def __init__(self, total: Vector) -> None:
        self.weights = [prod(m + 1 for m in total[i + 1 :]) for i in range(len(total))]

    def encode(self, vector: Vector) -> int:
        """Return the number of a vector."""
        return sum(a * w for a, w in zip(vector, self.weights, strict=True))


def _times_power_sum(monomials: Mapping[Codes, int], vector: int) -> dict[Codes, int]:
    """Multiply a symmetric function, given in monomials, by the power sum of exponent `vector`."""
    result: dict[Codes, int] = {}
    get = result.get
    for tau, coefficient in monomials.items():
        previous = -1
        for i, block in enumerate(tau):
            if block != previous:  # equal blocks are one case
                previous = block
                grown = block + vector
                merged = tuple(sorted((*tau[:i], grown, *tau[i + 1 :]), reverse=True))
                result[merged] = get(merged, 0) + coefficient * merged.count(grown)
        merged = tuple(sorted((*tau, vector), reverse=True))
        result[merged] = get(merged, 0) + coefficient * merged.count(vector)
    return result


def repeats(partition: VectorPartition) -> int:
    """Return the number of ways to permute equal blocks, prod mult!.

    >>> repeats(((2,), (2,), (2,)))
    6
    """
    return prod(map(factorial, Counter(partition).values()))


def arrangements(partition: VectorPartition) -> int:
    """Return the product of v! over the blocks v: the factorials that turn monomial coefficients into counts of paths.

    >>> arrangements(((2, 1), (0, 3)))
    12
    """
    return prod(factorial(count) for block in partition for count in block)


def set_partitions(size: int) -> Iterator[tuple[int, ...]]:
    """Yield the set partitions of range(size), each as the block of every element, blocks numbered as they appear: Bell(size) of them.

    >>> list(set_partitions(3))
    [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 1, 2)]
    """
    if size == 0:
        yield ()
        return
    for shorter in set_partitions(size - 1):
        for block in range(max(shorter, default=-1) + 2):
            yield (*shorter, block)


def count_set_partitions(size: int) -> int:
    """Return how many set partitions range(size) has, the Bell number: 1, 1, 2, 5, 15, 52, ...

    >>> [count_set_partitions(n) for n in range(6)]
    [1, 1, 2, 5, 15, 52]
    """
    counts = [1]
    for n in range(size):
        counts.append(sum(comb(n, i) * counts[i] for i in range(n + 1)))
    return counts[size]


def distinct_sums(power_sum: Callable[[int], Any]) -> Callable[[tuple[int, ...]], Any]:
    """Return (e_1, ..., e_k) -> the sum over distinct indices p_1, ..., p_k of prod u_{p_j}^{e_j}, from e -> sum_p u_p^e.

    The last index is free, less the terms in which it meets one of the others; with all u = 1 this is the falling factorial n (n-1) ... (n-k+1).

    >>> distinct_sums(lambda e: 2**e + 3**e)((1, 2))
    30
    """

    @cache
    def distinct(exponents: tuple[int, ...]) -> Any:
        if not exponents:
            return 1
        *others, last = exponents
        total = power_sum(last) * distinct(tuple(others))
        for j, e in enumerate(others):
            total -= distinct(tuple(sorted([*others[:j], *others[j + 1 :], e + last])))
        return total

    return distinct
