"""Vector partitions against set partitions of labelled paths, written out by brute force."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from math import factorial, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathmoments.partitions import (
    Vector,
    VectorPartition,
    arrangements,
    count_even_partitions,
    even_partitions,
    even_vectors,
    merging,
    repeats,
)

TOTALS: list[Vector] = [
    (),
    (0,),
    (2,),
    (4,),
    (6,),
    (8,),
    (1, 1),
    (0, 2),
    (2, 2),
    (3, 1),
    (4, 2),
    (3, 3),
    (4, 4),
    (5, 3),
    (2, 1, 1),
    (2, 2, 2),
    (3, 2, 1),
    (1, 1, 1, 1),
    (2, 2, 1, 1),
    (1,) * 6,
    (1,) * 8,
]
ODD_TOTALS: list[Vector] = [(1,), (3,), (7,), (2, 1), (1, 1, 1), (4, 3), (2, 2, 1)]

totals = (
    st.lists(st.integers(min_value=0, max_value=5), min_size=1, max_size=4).filter(lambda t: sum(t) <= 9).map(tuple)
)


def set_partitions(labels: list[int]) -> Iterator[list[list[int]]]:
    """Yield every partition of the labels into blocks: the first goes into each block of a partition of the rest, or alone."""
    if not labels:
        yield []
        return
    first, rest = labels[0], labels[1:]
    for blocks in set_partitions(rest):
        for i, block in enumerate(blocks):
            yield [*blocks[:i], [first, *block], *blocks[i + 1 :]]
        yield [[first], *blocks]


def orbits(total: Vector) -> Counter[VectorPartition]:
    """Count the even set partitions of labelled paths by what is left of them when paths of a class are alike."""
    classes = [c for c, count in enumerate(total) for _ in range(count)]
    found: Counter[VectorPartition] = Counter()
    for blocks in set_partitions(list(range(len(classes)))):
        if all(len(block) % 2 == 0 for block in blocks):
            vectors = [tuple(sum(classes[i] == c for i in block) for c in range(len(total))) for block in blocks]
            found[tuple(sorted(vectors, reverse=True))] += 1
    return found


def merged(fine: VectorPartition, coarse: VectorPartition) -> int:
    """Count the maps from the parts of `fine` to the blocks of `coarse` under which each block is the sum of its parts."""
    count = 0
    for places in itertools.product(range(len(coarse)), repeat=len(fine)):
        sums = [
            tuple(map(sum, zip(*(v for v, place in zip(fine, places, strict=True) if place == i), strict=True)))
            for i in range(len(coarse))
        ]
        count += sums == list(coarse)
    return count


@pytest.mark.parametrize("total", TOTALS + ODD_TOTALS, ids=str)
def test_even_partitions_are_the_orbits_of_even_set_partitions(total: Vector) -> None:
    """Each orbit of the set partitions with blocks of even size is one vector partition, once, and there are no others."""
    partitions = list(even_partitions(total))
    assert len(set(partitions)) == len(partitions)
    assert set(partitions) == set(orbits(total))


@pytest.mark.parametrize("total", TOTALS, ids=str)
def test_an_orbit_has_as_many_set_partitions_as_the_factorials_say(total: Vector) -> None:
    """The orbit of a vector partition has prod m! / (prod of v! over the blocks, times prod mult!) set partitions."""
    labellings = prod(map(factorial, total))
    for partition, size in orbits(total).items():
        assert size * arrangements(partition) * repeats(partition) == labellings


@pytest.mark.parametrize("total", TOTALS + ODD_TOTALS, ids=str)
def test_partitions_are_counted_without_being_made(total: Vector) -> None:
    """The count is the length of the list."""
    assert count_even_partitions(total) == len(list(even_partitions(total)))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(totals)
def test_partitions_have_their_total_and_their_order(total: Vector) -> None:
    """Blocks are nonzero, of even size, in descending order, and sum to the total; partitions descend too."""
    partitions = list(even_partitions(total))
    assert partitions == sorted(partitions, reverse=True)
    assert len(partitions) == count_even_partitions(total)
    for partition in partitions:
        assert list(partition) == sorted(partition, reverse=True)
        assert all(sum(block) > 0 and sum(block) % 2 == 0 for block in partition)
        assert tuple(sum(block[i] for block in partition) for i in range(len(total))) == total


@settings(deadline=None, derandomize=True, max_examples=30)
@given(totals)
def test_relabelling_the_classes_permutes_the_partitions(total: Vector) -> None:
    """Classes in another order give the same number of partitions."""
    assert count_even_partitions(tuple(reversed(total))) == count_even_partitions(total)
    assert count_even_partitions((*total, 0)) == count_even_partitions(total)


@pytest.mark.parametrize(
    ("total", "count"),
    [
        ((40,), 627),
        ((1,) * 8, 379),
        ((), 1),
        ((0, 0), 1),
        ((2,), 1),
        ((24,), 77),
        ((200,), 190_569_292),
        ((1,) * 10, 6556),
    ],
    ids=str,
)
def test_known_counts(total: Vector, count: int) -> None:
    """Integer partitions of 1, 12, 20 and 100, and partitions of 8 and 10 labelled paths into even blocks (A005046)."""
    assert count_even_partitions(total) == count


@settings(deadline=None, derandomize=True, max_examples=80)
@given(
    st.lists(st.integers(min_value=0, max_value=6), min_size=1, max_size=3)
    .filter(lambda t: sum(t) % 2 == 0)
    .map(tuple),
    st.integers(min_value=0, max_value=400),
)
def test_a_count_with_a_limit_is_exact_below_it_and_a_lower_bound_above(total: Vector, limit: int) -> None:
    """Up to the limit the count is exact; beyond it the answer is above the limit and not above the count."""
    exact, found = count_even_partitions(total), count_even_partitions(total, limit)
    if exact <= limit:
        assert found == exact
    else:
        assert limit < found <= exact


def test_a_count_far_above_its_limit_is_bounded_at_once() -> None:
    """Where counting would take forever, the limit answers with a lower bound above it."""
    assert count_even_partitions((1000,) * 6, 10**6) > 10**6


@settings(deadline=None, derandomize=True, max_examples=40)
@given(totals)
def test_even_vectors_are_all_of_even_sum_below_the_total(total: Vector) -> None:
    """The nonzero vectors with an even sum, each once, in descending order."""
    expected = [v for v in itertools.product(*(range(c + 1) for c in total)) if sum(v) % 2 == 0 and any(v)]
    assert even_vectors(total) == expected[::-1]


@pytest.mark.parametrize("total", [t for t in TOTALS if sum(t) <= 6] + [(8,), (4, 4)], ids=str)
def test_merging_counts_maps_of_parts_to_blocks(total: Vector) -> None:
    """R[fine][coarse] is the number of maps from parts to blocks that sum up rightly, and zeros are left out."""
    table = merging(total)
    partitions = list(even_partitions(total))
    assert table.coarse == partitions
    assert sorted(table.fine, reverse=True) == partitions
    for fine, row in zip(table.fine, table.rows, strict=True):
        counted = {i: count for i, coarse in enumerate(partitions) if (count := merged(fine, coarse))}
        assert row == counted


@pytest.mark.parametrize("total", [(6,), (8,), (2, 2), (3, 1), (2, 1, 1), (1, 1, 1, 1)], ids=str)
@pytest.mark.parametrize("sizes", [frozenset({2}), frozenset({2, 4}), frozenset({4}), frozenset()], ids=sorted)
def test_merging_with_sizes_has_the_rows_of_these_sizes(total: Vector, sizes: frozenset[int]) -> None:
    """Only the rows whose blocks all have an allowed size are made, and they are the same."""
    whole, part = merging(total), merging(total, sizes)
    assert part.coarse == whole.coarse
    expected = {
        fine: row
        for fine, row in zip(whole.fine, whole.rows, strict=True)
        if all(sum(block) in sizes for block in fine)
    }
    assert dict(zip(part.fine, part.rows, strict=True)) == expected


@pytest.mark.parametrize("total", [(4,), (6,), (2, 2), (3, 1), (2, 1, 1)], ids=str)
def test_power_sums_expand_in_monomials(total: Vector) -> None:
    """In three sets of variables, p_fine = sum R m_coarse as numbers: R is the matrix of symmetric functions."""
    points = [(2, 3, 5), (-1, 4, 7), (3, -2, 1), (5, 1, 2)]
    table = merging(total)

    def power(i: int, vector: Vector) -> int:
        return prod(base**exponent for base, exponent in zip(points[i], vector, strict=False))

    def monomial(partition: VectorPartition) -> int:
        padded = list(partition) + [(0,) * len(total)] * (len(points) - len(partition))
        placed = set(itertools.permutations(padded))
        return sum(prod(power(i, vector) for i, vector in enumerate(order)) for order in placed)

    for fine, row in zip(table.fine, table.rows, strict=True):
        sums = prod(sum(power(i, vector) for i in range(len(points))) for vector in fine)
        assert sums == sum(entry * monomial(table.coarse[column]) for column, entry in row.items())


def test_the_diagonal_of_merging_counts_equal_blocks() -> None:
    """A partition merges into itself by permuting its equal blocks."""
    table = merging((4, 4))
    for fine, row in zip(table.fine, table.rows, strict=True):
        assert row[table.coarse.index(fine)] == repeats(fine)


def test_no_paths_have_one_partition() -> None:
    """The empty partition is the only one of no paths, by convention, and merges into itself once."""
    assert list(even_partitions(())) == list(even_partitions((0, 0))) == [()]
    assert (repeats(()), arrangements(())) == (1, 1)
    assert merging(()).rows == [{0: 1}]
