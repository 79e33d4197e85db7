"""The catalogue of mistakes: each against simulated networks, its shifts against the moments of prefixes, and what the diagnosis makes of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pathmoments import DagNetwork, Gaussian, Network, Orthogonal, Sparse, check, iter_jacobians, mistakes
from pathmoments.conformance.catalogue import KnownMistake, mistaken_shift, prefix
from pathmoments.conformance.diagnosis import MEANT, Summary, log_likelihood, suspects
from pathmoments.conformance.measures import measures
from pathmoments.conformance.mistakes import CATALOGUE, Variant
from pathmoments.errors import ArgumentError
from pathmoments.quantities.statistics import Frobenius

NETS = [
    Network([8, 16, 12, 4], output="linear", bias="zero"),
    Network([5, 12, 9, 3], law="uniform"),
    Network([6, 20, 10, 5], law="truncated", variance="lecun", output="linear", bias="zero"),
    Network([6, 20, 10, 5], slope="1/5", output="linear", bias="zero"),
    Network([4, 6, 5, 3], law="rademacher"),
    Network([6, 12, 10, 4], law=Sparse("1/2", Gaussian()), output="linear"),
    Network([6, 12, 10, 4], law=Orthogonal(gain_squared=2), output="linear", bias="zero"),
]


def made(net: Network) -> Iterator[KnownMistake]:
    """Yield the mistakes on a network that make another network."""
    yield from (one for one in mistakes(net) if one.network is not None)


def test_each_mistake_is_somewhere() -> None:
    """Every entry of the catalogue but underflow changes one of the networks here, and underflow one of float16's smallest numbers."""
    names = {one.name for net in (*NETS[:2], NETS[-1]) for one in mistakes(net)}
    tiny = mistakes(Network([4, 4, 4], variance=Fraction(1, 2**40)))
    assert names | {one.name for one in tiny} == {one.name for one in CATALOGUE}
    assert next(one for one in tiny if one.name == "underflow").ratios == {"frobenius": 0, "mean:4": 0}


@pytest.mark.parametrize("net", NETS, ids=str)
def test_shifts_are_those_of_prefixes(net: Network) -> None:
    """Layer by layer: the quotient of E ||J||_F^2 of the two networks' prefixes, by the route of moments; the last is the ratio of the whole."""
    for one in made(net):
        if one.shifts:
            assert math.isclose(float(one.shifts[-1]), float(one.ratios["frobenius"]))
            for layer, shift in enumerate(one.shifts, start=1):
                expected, wrong = (Frobenius().moment(prefix(which, layer), 1) for which in (net, one.network))  # type: ignore[arg-type]  # made
                if isinstance(wrong, Fraction) and isinstance(expected, Fraction) and isinstance(shift, Fraction):
                    assert wrong == shift * expected
                assert math.isclose(float(wrong), float(shift) * float(expected))


@pytest.mark.parametrize("net", NETS, ids=str)
def test_the_diagnosis_names_what_was_simulated(net: Network) -> None:
    """From 4,000 simulated networks of each mistake the first suspect is that mistake, or one whose mean of ||J||^2 is within a tenth of its own; where a layer is named it is the right one, or it says that another may be."""
    found = {one.name: one for one in made(net)}
    for one in made(net):
        summary = Summary(all(not law.has_atoms for law in net.laws))
        for block in iter_jacobians(one.network, 4_000, seed=11):  # type: ignore[arg-type]  # made
            summary.add(block)
        first = suspects(net, summary)[0]
        if one.name not in (first.mistake, *first.ties):
            ratio: Any = found[first.mistake].ratios["frobenius"] / one.ratios["frobenius"]  # type: ignore[operator]  # numbers
            assert abs(ratio - 1) < 0.1, (one.name, first)
        elif one.where:
            assert one.where in first.where or "another" in first.where


def test_gains_are_those_of_the_frameworks() -> None:
    """What each wrong gain makes of the variance 2 / fan_in: gains of sqrt(5), 1 and 5/3 for sqrt(2), and the variance b^2 / 3 of a uniform law with bound b."""
    found = {one.name: one.network for one in made(NETS[0])}
    squares: dict[str, Fraction | int] = {
        "gain-sqrt5": 5, "gain-linear": 1, "gain-tanh": Fraction(5, 3) ** 2, "bound-as-deviation": 6, "deviation-as-bound": Fraction(2, 3), "default": Fraction(1, 3),
    }  # fmt: skip
    for name, variance in squares.items():
        network = found[name]
        assert network is not None
        assert network.variances == tuple(variance * Fraction(1, n) for n in (8, 16, 12))


def test_draws_notice_the_mistake() -> None:
    """With the networks that a mistake is said to need, each of five checks notices it."""
    net = NETS[0]
    for one in made(net):
        if one.draws is not None and one.draws < 1000:
            for seed in range(5):
                draw = lambda n, seed, wrong=one.network: iter_jacobians(wrong, n, seed=seed)  # noqa: E731  # one each
                assert not check(draw, net, draws=one.draws, seed=seed, diagnose=False).passed


def test_deep_networks_have_mistakes_too() -> None:
    """At depth 120 a variance may change E ||J||^2 by more than floats hold: the likelihoods are numbers still, and a shift is cut where a larger one makes no difference."""
    deep = Network([8] * 121, output="linear", bias="zero")
    summary = Summary()
    summary.add(1e-60 * np.concatenate(list(iter_jacobians(Network([8, 8]), 50, seed=1))))
    assert math.isfinite(log_likelihood(deep, MEANT, Variant(deep), summary))
    halved, steep = (Network([8] * 121, output="linear", bias="zero", variance=v) for v in ("1/8", 10**6))
    assert log_likelihood(deep, MEANT, Variant(halved), summary) > log_likelihood(deep, MEANT, Variant(deep), summary)
    shift = mistaken_shift(measures("frobenius")[0], deep, MEANT, Variant(steep))
    assert shift is not None
    assert shift.difference == 16 * (2**20 - 1)


def test_a_seed_that_may_be_dead_is_found_by_pairs() -> None:
    """Equal Jacobians show one seed at once, unless the network that is repeated may be dead: then pairs do."""
    alive, dead = (
        next(one for one in mistakes(net) if one.name == "one-seed")
        for net in (Network([8, 32, 8], output="linear"), Network([8, 2, 8]))
    )
    assert (alive.by, alive.draws) == ("repeats", 64)
    assert dead.by == "alike"


def test_what_is_no_network_is_refused() -> None:
    """A graph has no mistakes here, nor has what no float holds; a quantity that is constant is not watched."""
    with pytest.raises(ArgumentError, match="net must be a Network"):
        mistakes(DagNetwork(NETS[1].to_networkx()))  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ArgumentError, match="floats hold its powers"):
        mistakes(Network([2, 2], variance=10**400))
    constant = mistakes(Network([4, 4], law="rademacher", output="linear"))
    assert all("alike" not in one.ratios for one in constant)
