"""The median of group means: its false-alarm rate against a second computation and against repeated draws, and its power."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from pathmoments import Moments, Network, moment
from pathmoments.families import family_of
from pathmoments.quantities.median_of_means import Simulation, can_be_simulated, groups_for, median_tail

FAMILY = {(0, 0): 2}


@pytest.mark.parametrize("groups", [1, 3, 5, 9])
def test_tail_is_that_of_a_convolution(groups: int) -> None:
    """P(Bin(groups, 1/16) >= groups / 2), by convolving exact two-point distributions."""
    distribution = [Fraction(1)]
    for _ in range(groups):
        longer = [*distribution, Fraction(0)]
        distribution = [
            Fraction(15, 16) * here + Fraction(1, 16) * below
            for here, below in zip(longer, [Fraction(0), *distribution], strict=True)
        ]
    assert median_tail(groups) == sum(distribution[(groups + 1) // 2 :])


def test_groups_are_the_fewest_that_keep_the_rate() -> None:
    """The union bound over all checks is kept, and two groups fewer would not keep it."""
    rate = Fraction(1, 10**6)
    for checks in (1, 100, 20_000):
        groups = groups_for(checks, rate)
        assert groups % 2 == 1
        assert checks * median_tail(groups) <= rate < checks * median_tail(groups - 2)
    planned = Simulation.planned(4096, checks=20_000, false_alarm=rate, seed=1)
    assert planned.false_alarm(20_000) <= rate


def test_correct_networks_pass_and_a_wrong_value_fails() -> None:
    """The exact moment is within the limit for many seeds; a value off by twice the limit is not, for any."""
    net = Network([2, 3, 2], law="uniform")
    family = family_of(net, FAMILY)
    exact = moment(net, FAMILY)
    assert isinstance(exact, Fraction)
    for seed in range(30):
        simulation = Simulation(2000, 5, seed)
        (right,) = simulation.compare(net, [(family, exact)])
        assert right.agrees
        (wrong,) = simulation.compare(net, [(family, exact + Fraction(2 * right.limit))])
        assert not wrong.agrees


def test_groups_are_means_of_their_own_samples() -> None:
    """The median is that of the means of consecutive groups of real networks' monomials."""
    from pathmoments import iter_jacobians

    net = Network([2, 3, 2])
    simulation = Simulation(1000, 5, 3)
    (deviation,) = simulation.compare(net, [(family_of(net, FAMILY), Fraction(1, 2))])
    values = np.concatenate(list(iter_jacobians(net, 1000, seed=3)))[:, 0, 0] ** 2
    assert deviation.median == pytest.approx(sorted(values[i : i + 200].mean() for i in range(0, 1000, 200))[2])
    variance = float(moment(net, {(0, 0): 4}) - Fraction(1, 4))  # type: ignore[operator]  # a Fraction
    assert deviation.limit == pytest.approx(4 * (variance / 200) ** 0.5, rel=1e-6)


def test_what_cannot_be_drawn_is_known() -> None:
    """A law known by its moments has no sampler."""
    assert can_be_simulated(Network([2, 2]))
    assert not can_be_simulated(Network([2, 2], law=Moments({2: 1, 4: 2})))
