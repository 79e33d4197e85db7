"""Joint moments of the entries of one matrix, against mathematics without pairings in orbits: known values, the circle, orthonormality, a labelled Gram matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from math import factorial, prod
from typing import TypeAlias

import pytest
from flint import fmpq, fmpq_mat

from pathmoments import Network, Orthogonal, moment
from pathmoments.routes.haar import pairing_inverse

Counts: TypeAlias = Mapping[tuple[int, int], int]
"""{(row, column): power} of a monomial in the entries of O."""


def exact(counts: Counts, rows: int, columns: int) -> Fraction:
    """Return E prod O[row, column]^power by the route haar: the moment of a linear network of one layer, Z[p, q] = O[q, p]."""
    net = Network([columns, rows], law=Orthogonal(), output="linear")
    value = moment(net, {(column, row): power for (row, column), power in counts.items()}, route="haar")
    assert isinstance(value, Fraction)
    return value


@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_known_values(n: int) -> None:
    """Fourth moments and all moments of one entry in O(N), as the literature has them (Collins and Sniady 2006)."""
    assert exact({(0, 0): 2, (0, 1): 2}, n, n) == Fraction(1, n * (n + 2))
    assert exact({(0, 0): 2, (1, 1): 2}, n, n) == Fraction(n + 1, (n - 1) * n * (n + 2))
    assert exact({(0, 0): 1, (0, 1): 1, (1, 0): 1, (1, 1): 1}, n, n) == Fraction(-1, (n - 1) * n * (n + 2))
    for half in range(1, 7):
        assert exact({(0, 0): 2 * half}, n, n) == Fraction(prod(range(1, 2 * half, 2)), prod(range(n, n + 2 * half, 2)))


def circle(counts: Counts) -> Fraction:
    """Return the moment in O(2) by integrating over the angle: half rotations (c, -s; s, c), half reflections (c, s; s, -c)."""
    a, b, c, d = (counts.get(entry, 0) for entry in ((0, 0), (0, 1), (1, 0), (1, 1)))
    return _angle(a + d, b + c) * Fraction((-1) ** b + (-1) ** d, 2)


def _angle(cosines: int, sines: int) -> Fraction:
    """Return the mean of cos^a sin^b over the circle."""
    if cosines % 2 or sines % 2:
        return Fraction(0)
    top = factorial(cosines) * factorial(sines)
    bottom = factorial(cosines // 2) * factorial(sines // 2) * factorial((cosines + sines) // 2)
    return Fraction(top, bottom * 2 ** (cosines + sines))


def test_the_circle() -> None:
    """All monomials up to order 8 in O(2), most of them beyond N = 2, where the Gram matrix of pairings is singular."""
    met = 0
    for powers in product(range(7), repeat=4):
        if sum(powers) in (2, 4, 6, 8):
            counts = {(i // 2, i % 2): m for i, m in enumerate(powers) if m}
            assert exact(counts, 2, 2) == circle(counts), counts
            met += circle(counts) != 0
    assert met > 40


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 1)])
def test_a_vector_on_the_circle(rows: int, columns: int) -> None:
    """A 1 x 2 or 2 x 1 layer is a row or a column of O(2)."""
    for a, b in ((2, 0), (4, 2), (2, 6), (4, 4)):
        other = (columns - 1, rows - 1)[::-1]
        counts = {(0, 0): a, other: b}
        assert exact({e: m for e, m in counts.items() if m}, rows, columns) == circle(counts)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize(
    "rest",
    [
        {(0, 0): 2, (1, 1): 4},
        {(0, 0): 2, (0, 1): 2, (1, 0): 2},
        {(0, 0): 1, (0, 1): 1, (1, 0): 1, (1, 1): 1},
        {(0, 0): 3, (0, 1): 1, (1, 0): 1, (1, 1): 1},
        {(0, 0): 6},
    ],
)
def test_rows_are_orthonormal_whatever_multiplies_them(n: int, rest: dict[tuple[int, int], int]) -> None:
    """sum_b O_0b O_rb M has the expectation of [r = 0] M, at orders beyond N too."""
    for row in (0, 1):
        total = Fraction(0)
        for column in range(n):
            counts = dict(rest)
            for entry in ((0, column), (row, column)):
                counts[entry] = counts.get(entry, 0) + 1
            total += exact(counts, n, n)
        assert total == (exact(rest, n, n) if row == 0 else 0)


def pairings(elements: tuple[int, ...]) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield the pairings of the elements."""
    if not elements:
        yield ()
        return
    first, *others = elements
    for partner in others:
        for rest in pairings(tuple(e for e in others if e != partner)):
            yield ((first, partner), *rest)


def labelled(counts: Counts, n: int) -> Fraction:
    """Return the moment by Weingarten's formula as it is written: all pairings of all factors, and the inverse of N^loops."""
    factors = [entry for entry, m in counts.items() for _ in range(m)]
    every = list(pairings(tuple(range(len(factors)))))
    gram = fmpq_mat(len(every), len(every), [fmpq(n) ** _loops(a, b) for a in every for b in every])
    weingarten = gram.inv()
    allowed = [
        [i for i, pairing in enumerate(every) if all(factors[a][side] == factors[b][side] for a, b in pairing)]
        for side in (0, 1)
    ]
    total = sum((weingarten[i, j] for i in allowed[0] for j in allowed[1]), start=fmpq(0))
    return Fraction(int(total.p), int(total.q))


def _loops(a: tuple[tuple[int, int], ...], b: tuple[tuple[int, int], ...]) -> int:
    blocks: list[set[int]] = []
    for pair in (*a, *b):
        touched = [block for block in blocks if block & set(pair)]
        blocks = [block for block in blocks if not block & set(pair)] + [set(pair).union(*touched)]
    return len(blocks)


@pytest.mark.parametrize("n", [3, 4, 6])
@pytest.mark.parametrize(
    "counts",
    [
        {(0, 0): 2, (1, 1): 2, (2, 2): 2},
        {(0, 0): 1, (0, 1): 1, (1, 1): 1, (1, 2): 1, (2, 2): 1, (2, 0): 1},
        {(0, 0): 1, (0, 1): 1, (1, 1): 1, (1, 0): 1, (2, 2): 2},
        {(0, 0): 4, (1, 1): 2},
        {(0, 0): 3, (0, 1): 1, (1, 0): 1, (1, 1): 1},
    ],
)
def test_the_formula_of_weingarten(counts: dict[tuple[int, int], int], n: int) -> None:
    """At order 6 the orbits give what 15 x 15 labelled pairings give; a rectangular layer is a corner of the square one."""
    assert exact(counts, n, n) == labelled(counts, n)
    assert exact(counts, 3, n) == exact(counts, n, 3) == labelled(counts, n)


@pytest.mark.parametrize(("total", "size"), [((2, 2), 1), ((2, 2, 2), 2), ((1,) * 6, 2), ((4, 2, 2), 2)])
def test_the_inverse_is_one_on_its_range(total: tuple[int, ...], size: int) -> None:
    """A singular Gram matrix T has T T^- T = T, with T by its definition N^loops over labelled pairings of each kind."""
    classes = [c for c, m in enumerate(total) for _ in range(m)]
    kinds: dict[tuple[tuple[int, ...], ...], list[tuple[tuple[int, int], ...]]] = {}
    for pairing in pairings(tuple(range(len(classes)))):
        vectors = [tuple((classes[a] == c) + (classes[b] == c) for c in range(len(total))) for a, b in pairing]
        kinds.setdefault(tuple(sorted(vectors, reverse=True)), []).append(pairing)
    inverse = fmpq_mat(pairing_inverse(total, size))
    ordered = sorted(kinds, reverse=True)
    every = prod(map(factorial, total))
    gram = fmpq_mat(
        [
            [
                fmpq(sum(size ** _loops(a, b) for a in kinds[f] for b in kinds[g]) * _weight(f) * _weight(g), every)
                for g in ordered
            ]
            for f in ordered
        ]
    )
    assert gram * inverse * gram == gram
    assert gram.rank() < len(ordered) == inverse.nrows()


def _weight(kind: tuple[tuple[int, ...], ...]) -> int:
    """Return the product of v! and of the multiplicities' factorials."""
    repeated = prod(factorial(kind.count(vector)) for vector in set(kind))
    return repeated * prod(factorial(entry) for vector in kind for entry in vector)
