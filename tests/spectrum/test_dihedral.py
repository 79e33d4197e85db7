"""The combinatorics of a trace, against their definitions carried out on all set partitions."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathmoments.dihedral import (
    Blocks,
    Cycles,
    coarsenings,
    count_even_set_partitions,
    dihedral_merging,
    input_pairing,
    joined,
    numbered,
    output_pairing,
    pairings,
    refines,
    symmetries,
)
from pathmoments.partitions import set_partitions


def even(size: int) -> list[Blocks]:
    """Return the set partitions with even blocks alone, from all of them."""
    return [blocks for blocks in set_partitions(size) if all(n % 2 == 0 for n in Counter(blocks).values())]


def together(blocks: Blocks) -> set[tuple[int, int]]:
    """Return the pairs of elements that share a block: the partition as a relation."""
    return {(i, j) for i, j in combinations(range(len(blocks)), 2) if blocks[i] == blocks[j]}


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_even_set_partitions_are_counted(k: int) -> None:
    """The recurrence counts what a filter over all set partitions finds."""
    assert count_even_set_partitions(2 * k) == len(even(2 * k))
    assert count_even_set_partitions(2 * k - 1) == 0


@pytest.mark.parametrize(("k", "count"), [(1, 1), (2, 3), (3, 15), (4, 105), (5, 945)])
def test_pairings_are_all_and_different(k: int, count: int) -> None:
    """(2k - 1)!! pairings, all different, of two elements each."""
    found = set(pairings(2 * k))
    assert len(found) == count
    assert all(set(Counter(pairing).values()) == {2} for pairing in found)


CYCLES = [(1,), (2,), (3,), (4,), (1, 1), (2, 1), (2, 2), (2, 1, 1)]


@pytest.mark.parametrize("cycles", [*CYCLES, (5,), (3, 3)], ids=str)
def test_symmetries_keep_both_pairings(cycles: Cycles) -> None:
    """They are different permutations, and each carries paths of one input, and of one output, into such."""
    found = symmetries(cycles)
    assert len(set(found)) == len(found)
    for image in found:
        assert sorted(image) == list(range(2 * sum(cycles)))
        for pairing in (input_pairing(cycles), output_pairing(cycles)):
            assert numbered(tuple(pairing[path] for path in image)) == pairing


@pytest.mark.parametrize("cycles", [(2,), (3,), (4,), (1, 1), (2, 1), (2, 2), (1, 1, 1)], ids=str)
def test_symmetries_are_all_of_them(cycles: Cycles) -> None:
    """No other permutation of the paths keeps both pairings."""
    pairs = [together(input_pairing(cycles)), together(output_pairing(cycles))]
    kept = [
        image
        for image in permutations(range(2 * sum(cycles)))
        if all({tuple(sorted((image[i], image[j]))) for i, j in relation} == relation for relation in pairs)
    ]
    assert sorted(symmetries(cycles)) == kept


@pytest.mark.parametrize("cycles", CYCLES, ids=str)
def test_orbits_cover_every_even_set_partition_once(cycles: Cycles) -> None:
    """The sizes of the orbits add up to the number of even set partitions, and no two of their members are images of each other."""
    merging = dihedral_merging(cycles, pairs=False)
    size = 2 * sum(cycles)
    assert sum(merging.coarse_sizes) == count_even_set_partitions(size)
    images = [images_of(blocks, cycles) for blocks in merging.coarse]
    assert [len(orbit) for orbit in images] == merging.coarse_sizes
    assert set.union(*images) == set(even(size))


def images_of(blocks: Blocks, cycles: Cycles) -> set[Blocks]:
    """Return the orbit of a set partition."""
    return {numbered(tuple(blocks[path] for path in image)) for image in symmetries(cycles)}


@pytest.mark.parametrize("pairs", [True, False])
@pytest.mark.parametrize("cycles", CYCLES, ids=str)
def test_rows_count_what_is_refined(cycles: Cycles, pairs: bool) -> None:
    """R[i][j] is the number of partitions of an orbit that a partition refines, by looking at them all."""
    merging = dihedral_merging(cycles, pairs=pairs)
    orbit = {image: j for j, blocks in enumerate(merging.coarse) for image in images_of(blocks, cycles)}
    relations = [(tau, together(tau)) for tau in even(2 * sum(cycles))]
    for fine, row in zip(merging.fine, merging.rows, strict=True):
        relation_of_fine = together(fine)
        assert row == Counter(orbit[tau] for tau, relation in relations if relation_of_fine <= relation)
    assert len(merging.fine) == len(
        [blocks for blocks in merging.coarse if not pairs or set(Counter(blocks).values()) == {2}]
    )


partitions_of_six = st.sampled_from(list(set_partitions(6)))


@given(partitions_of_six, partitions_of_six)
def test_refinement_and_join(first: Blocks, second: Blocks) -> None:
    """Refinement is inclusion of relations; the join is refined by both, and refines all that both refine."""
    assert refines(first, second) == (together(first) <= together(second))
    join = joined(first, second)
    assert together(first) | together(second) <= together(join)
    assert all(refines(join, other) for other in set_partitions(6) if refines(first, other) and refines(second, other))


@given(partitions_of_six)
def test_coarsenings_are_what_is_refined(blocks: Blocks) -> None:
    """Each set partition that this one refines, once."""
    found = list(coarsenings(blocks))
    assert len(set(found)) == len(found)
    assert set(found) == {other for other in set_partitions(6) if refines(blocks, other)}
