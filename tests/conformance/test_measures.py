"""Statistics of pairs: their exact moments against the sum over all pairs of networks."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np

from pathmoments import Finite, Network
from pathmoments.conformance.influence import influence
from pathmoments.conformance.measures import measure
from pathmoments.conformance.planning import InfluenceTest, evidence_p_value
from pathmoments.conformance.tails import RawMoments


def test_moments_of_pairs() -> None:
    """One weight of +-1 and +-3 behind a ReLU: the mean and second moment of `alike` are those over the nine pairs of values, computed as samples are."""
    weight = Finite({-3: "1/8", -1: "3/8", 1: "3/8", 3: "1/8"})
    net = Network([1, 1], law=weight, variance=3)
    alike = measure("alike")
    law = {Fraction(0): Fraction(1, 2), Fraction(1): Fraction(3, 8), Fraction(3): Fraction(1, 8)}
    moments = [Fraction(0), Fraction(0)]
    for (a, p), (b, q) in itertools.product(law.items(), repeat=2):
        (value,) = alike.values(np.array([[[float(a)]], [[float(b)]]]))
        for k in (0, 1):
            moments[k] += p * q * Fraction(value) ** (k + 1)
    assert alike.moments(net).values == tuple(moments)
    assert len(alike.values(np.ones((3, 1, 1)))) == 1


def test_two_directions_share_a_level() -> None:
    """Evidence log 20 in the better of two directions is worth p = 1/10, the threshold is where p is the level, and psi(2) is log 5."""
    assert math.isclose(evidence_p_value(math.log(20)), 0.1)
    test = InfluenceTest(RawMoments((Fraction(1), Fraction(2))), 10, Fraction(1, 50), Fraction(1))
    assert 0.02 * (1 - 1e-11) < evidence_p_value(test.threshold) <= test.level
    assert math.isclose(influence(np.array([2.0]))[0], math.log(5))
