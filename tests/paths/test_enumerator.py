"""The enumerator against the definition, carried out here from its words."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction
from math import prod
from typing import Any

import pytest
import sympy

from pathmoments import (
    Finite,
    Network,
    Rademacher,
    SymbolicLaw,
    count_collections,
    count_paths,
    iter_collections,
    iter_paths,
    layer_factors,
    moment,
    multiplicities,
    neurons,
    summarize,
)
from pathmoments.errors import ArgumentError, BudgetError, OutOfRangeError, UndeterminedMomentError

Power = dict[tuple[int, int], int]
POWERS: list[Power] = [
    {(0, 0): 2},
    {(0, 0): 4},
    {(0, 0): 2, (1, 1): 2},
    {(0, 0): 1, (1, 0): 1, (0, 1): 1, (1, 1): 1},
    {(0, 1): 2, (1, 1): 2},
]


def _theorem(net: Network, power: Power) -> Fraction:
    """Theorem 3 and Remark 3 word by word: all ordered tuples, the positions of each entry fixed, neuron by neuron."""
    widths = [int(w) for w in net.widths]
    positions = [entry for entry, order in sorted(power.items()) for _ in range(order)]
    choices = [[(p, *hidden, q) for hidden in itertools.product(*map(range, widths[1:-1]))] for p, q in positions]
    total = Fraction(0)
    for gamma in itertools.product(*choices):
        term = Fraction(1)
        for j in range(1, len(widths)):
            for beta in {path[j] for path in gamma}:
                through = sum(path[j] == beta for path in gamma)
                if net.activated(j):
                    term *= (1 + net.slope**through) / 2
            for alpha, beta in itertools.product(range(widths[j - 1]), range(widths[j])):
                used = sum((path[j - 1], path[j]) == (alpha, beta) for path in gamma)
                weight = net.laws[j - 1].moment(used)
                assert isinstance(weight, Fraction)
                term *= weight
        total += term
    half = len(positions) // 2
    return total * prod((v**half for v in net.variances), start=Fraction(1))  # type: ignore[operator]  # fractions


@pytest.mark.parametrize("power", POWERS, ids=str)
@pytest.mark.parametrize("law", ["gaussian", "laplace", "finite:-2=1/4,-1=1/4,1=1/4,2=1/4"])
@pytest.mark.parametrize("keywords", [{}, {"slope": "-1/3"}, {"output": "linear", "variance": "glorot"}], ids=str)
def test_moment_is_the_theorem_word_by_word(power: Power, law: str, keywords: dict[str, str]) -> None:
    """The enumeration route, the summary and a literal sum over ordered tuples are the same fraction."""
    net = Network([2, 2, 3, 2], law=law, **keywords)
    expected = _theorem(net, power)
    assert moment(net, power, route="enumeration") == expected
    assert summarize(net, power).moment == expected


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("power", POWERS, ids=str)
def test_collections_with_their_factors_sum_to_the_moment(power: Power, ordered: bool) -> None:
    """Iterating collections and multiplying the public layer factors gives the moment, ordered or with multiplicities."""
    net = Network([2, 3, 2], law="laplace", slope="1/2")
    total, count, seen = Fraction(0), 0, 0
    for collection, multiplicity in iter_collections(net, power, ordered=ordered):
        factors: list[Any] = layer_factors(net, collection)
        total += multiplicity * prod(factors, start=Fraction(1))
        count += multiplicity
        seen += 1
    assert total == moment(net, power, route="transfer")
    assert count == count_collections(net, power)
    assert seen == count_collections(net, power, ordered=ordered)


def test_unordered_collections_stand_for_the_ordered_ones() -> None:
    """Sorting each entry's paths of every ordered collection gives each unordered one exactly as often as it says."""
    net, power = Network([2, 2, 2, 2]), {(0, 0): 3, (1, 0): 1}
    sorted_ = Counter(
        (*sorted(collection[:3]), *sorted(collection[3:]))
        for collection, _ in iter_collections(net, power, ordered=True)
    )
    assert dict(iter_collections(net, power)) == dict(sorted_)


def test_paths_of_a_network() -> None:
    """Paths are the tuples of neurons in lexicographic order, as many as the product of the hidden widths."""
    net = Network([2, 3, 2, 4])
    paths = list(iter_paths(net, 1, 3))
    assert paths == sorted(paths)
    assert len(set(paths)) == count_paths(net, 1, 3) == 6
    assert all(path[0] == 1 and path[-1] == 3 for path in paths)
    assert list(iter_paths(net, 2, 1, layers=(1, 2))) == [(2, 1)]


def test_multiplicities_and_neurons_of_a_collection() -> None:
    """|gamma(j)| counts the uses of an edge, the keys of neurons() are Gamma(j), and each layer sums to the number of paths."""
    collection = ((0, 0, 1, 1), (0, 2, 1, 1), (0, 2, 1, 1), (0, 2, 0, 1))
    assert multiplicities(collection) == [
        {(0, 0): 1, (0, 2): 3},
        {(0, 1): 1, (2, 0): 1, (2, 1): 2},
        {(0, 1): 1, (1, 1): 3},
    ]
    assert neurons(collection) == [{0: 4}, {0: 1, 2: 3}, {0: 1, 1: 3}, {1: 4}]
    assert (multiplicities(()), neurons(())) == ([], [])


def test_iterators_are_lazy() -> None:
    """The first of 10^60 collections comes at once."""
    net = Network([10, 1000, 1000, 10])
    collection, multiplicity = next(iter_collections(Network([10, 50, 50, 10]), {(0, 0): 6}))
    assert (collection, multiplicity) == (((0, 0, 0, 0),) * 6, 1)
    assert next(iter_paths(net, 0, 0)) == (0, 0, 0, 0)
    assert count_collections(net, {(0, 0): 10}) == 10**60


@pytest.mark.parametrize("widths", [[2, 3, 2], [2, 2, 2, 2], [2, 1, 2]], ids=str)
@pytest.mark.parametrize("power", POWERS, ids=str)
def test_the_walk_meets_every_collection(widths: list[int], power: Power) -> None:
    """Counts announced and found are those of a literal loop: all, those with an odd edge, and the others, ordered and unordered."""
    net = Network(widths)
    table = summarize(net, power)
    for ordered in (True, False):
        everything = list(iter_collections(net, power, ordered=ordered))
        odd = [m for c, m in everything if any(n % 2 for layer in multiplicities(c) for n in layer.values())]
        assert (
            count_collections(net, power, ordered=ordered)
            == (table.ordered if ordered else table.unordered)
            == len(everything)
        )
        if ordered:
            assert table.vanishing == len(odd)
            assert sum(kind.ordered for kind in table.types) == len(everything) - len(odd)
        else:
            assert sum(kind.unordered for kind in table.types) == len(everything) - len(odd)


def test_types_group_what_is_alike() -> None:
    """Counts of a type by a literal loop over ordered collections: same multiplicities and loads in every layer."""
    net, power = Network([2, 3, 2, 2]), {(0, 0): 4}
    literal: Counter[Any] = Counter()
    for collection, _ in iter_collections(net, power, ordered=True):
        edges = [sorted(layer.values(), reverse=True) for layer in multiplicities(collection)]
        loads = [sorted(layer.values(), reverse=True) for layer in neurons(collection)[1:]]
        if all(m % 2 == 0 for layer in edges for m in layer):
            literal[str((edges, loads))] += 1
    table = summarize(net, power)
    found = {
        str(([list(e) for e in kind.multiplicities], [list(n) for n in kind.loads])): kind.ordered
        for kind in table.types
    }
    assert found == dict(literal)


def test_contributions_sum_to_the_moment() -> None:
    """Each contribution is count times product of factors; their sum times the alive factor is the moment."""
    net = Network([2, 2, 3, 2], bias="zero", law="laplace")
    for layers in (None, (1, 3)):
        table = summarize(net, {(0, 0): 4}, layers=layers)
        total = Fraction(0)
        for kind in table.types:
            factors: Any = prod(kind.factors, start=Fraction(1))
            assert kind.contribution == kind.ordered * factors
            total += kind.ordered * factors
        assert total * table.alive == table.moment == moment(net, {(0, 0): 4}, layers=layers, route="transfer")  # type: ignore[operator]  # fractions
        assert table.alive == (1 if layers is None else Fraction(3, 4))


def test_examples_belong_to_their_types() -> None:
    """The example of a type has its multiplicities and factors."""
    net = Network([2, 3, 4, 2], law="uniform")
    for kind in summarize(net, {(0, 0): 6}).types:
        edges = tuple(tuple(sorted(layer.values(), reverse=True)) for layer in multiplicities(kind.example))
        assert edges == kind.multiplicities
        assert tuple(layer_factors(net, kind.example)) == kind.factors


def test_symbolic_moments_show_in_the_factors() -> None:
    """With symbolic moments the factors and contributions are expressions that sum to the transfer's."""
    table = summarize(Network([2, 3, 2], law=SymbolicLaw()), {(0, 0): 4})
    mt4 = sympy.Symbol("mt_4")
    assert table.types[0].factors == (mt4 / 2, sympy.Rational(2, 9) * mt4)
    assert sympy.expand(table.moment - moment(Network([2, 3, 2], law=SymbolicLaw()), {(0, 0): 4})) == 0  # type: ignore[operator]  # fractions


def test_odd_multiplicities_have_factor_zero() -> None:
    """A collection with an odd edge has a factor 0, since the laws are symmetric."""
    assert layer_factors(Network([2, 2, 2]), ((0, 0, 0), (0, 1, 0))) == [0, 0]


@pytest.mark.parametrize("law", [Rademacher(), Finite([-3, -1, 1, 3])])
def test_degenerate_networks(law: Any) -> None:
    """One path alone (all hidden widths 1, or depth 1): one collection, one type."""
    for widths in ([1, 1], [2, 1, 1, 2]):
        table = summarize(Network(widths, law=law), {(0, 0): 6})
        assert (table.ordered, table.unordered, table.vanishing, len(table.types)) == (1, 1, 0, 1)
    empty = summarize(Network([2, 2], law=law), {})
    assert (empty.ordered, empty.moment, len(empty.types)) == (1, 1, 1)


def test_over_budget_says_the_count_and_the_route() -> None:
    """Too many collections are refused before the walk, with both counts and the route that would do."""
    net, power = Network([3, 20, 28, 3]), {(0, 0): 4}
    ordered, unordered = (count_collections(net, power, ordered=o) for o in (True, False))
    message = rf"walk {unordered:,} collections \({ordered:,} ordered\).*route='transfer'"
    with pytest.raises(BudgetError, match=message):
        summarize(net, power)
    assert summarize(Network([3, 4, 3]), {(0, 0): 4}, budget=35).unordered == 35


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: iter_paths(Network([2, 2]), 2, 0), OutOfRangeError, "p must be"),
        (lambda: summarize(Network([2, 2]), {(0, 0): 3}), UndeterminedMomentError, "odd"),
        (lambda: layer_factors(Network([2, 2, 2]), ((0, 0), (0, 0))), ArgumentError, "2 edges"),
        (
            lambda: layer_factors(Network([2, 2, 2]), ((0, 5, 0), (0, 5, 0))),
            ArgumentError,
            "index of layer 1, 0 to 1, was 5",
        ),
        (lambda: multiplicities(((0, 0), (0, 0, 0))), ArgumentError, "equal length"),
        (lambda: count_paths(Network([2, sympy.Symbol("n"), 2]), 0, 0), ArgumentError, "numbers"),
    ],
)
def test_refusals(call: Any, error: type[Exception], message: str) -> None:
    """Bad indices, collections that do not fit the network, and symbols are refused with their reason."""
    with pytest.raises(error, match=message):
        call()
