"""The probability of a dead layer: against all sign patterns of the real network, and against simulated ones."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import count, islice, pairwise, product
from typing import Any

import numpy as np
import pytest
import sympy

from pathmoments import Network, dead_probability, iter_jacobians
from pathmoments.errors import AtomsError, BudgetError, OutOfRangeError
from pathmoments.families import Family, alive_factor


def _share_of_dead(widths: Sequence[int], *, biases: bool) -> Fraction:
    """Return the share of sign patterns in which some layer of the real network has all neurons closed.

    Each weight and bias has a magnitude of its own, the square root of a prime times a power of 10 rounded to a whole number, and all signs are run through.
    """
    primes = (n for n in count(2) if all(n % m for m in range(2, n)))
    sizes = [a * b + b * biases for a, b in pairwise(widths)]
    magnitudes = [int((p**0.5) * 10**9) for p in islice(primes, sum(sizes))]
    dead = 0
    for signs in product((-1, 1), repeat=len(magnitudes)):
        weights = iter(s * m for s, m in zip(signs, magnitudes, strict=True))
        signal = list(range(2, 2 + widths[0]))
        scale = 1
        for width in widths[1:]:
            scale *= 10**9
            before = [
                sum(next(weights) * value for value in signal) + (next(weights) * scale if biases else 0)
                for _ in range(width)
            ]
            assert 0 not in before, "a pre-activation is 0: choose other magnitudes"
            signal = [max(0, value) for value in before]
            if not any(signal):
                dead += 1
                break
    return Fraction(dead, 2 ** len(magnitudes))


@pytest.mark.parametrize("widths", [[1, 1, 1, 1], [2, 2, 2], [2, 3, 2], [1, 2, 2, 1], [3, 1, 4, 1]], ids=str)
def test_all_sign_patterns_at_zero_bias(widths: list[int]) -> None:
    """Of all sign patterns of a network without biases the exact share has a dead layer."""
    assert dead_probability(Network(widths, bias="zero")) == _share_of_dead(widths, biases=False)


@pytest.mark.parametrize("widths", [[1, 1, 1], [2, 2, 1], [1, 2, 2]], ids=str)
def test_all_sign_patterns_with_biases(widths: list[int]) -> None:
    """With biases the share is the same."""
    assert dead_probability(Network(widths)) == _share_of_dead(widths, biases=True)


@pytest.mark.parametrize("bias", ["zero", "atomless"])
@pytest.mark.parametrize("layers", [(0, 3), (1, 3), (0, 2)])
def test_simulated_networks(bias: str, layers: tuple[int, int]) -> None:
    """The share of real networks with J = 0 is within 5 standard errors, for sections too: at zero bias they die with the layers below."""
    net = Network([2, 2, 3, 2], law="laplace", bias=bias)
    samples = 40_000
    zeros = sum(int((~block.any(axis=(1, 2))).sum()) for block in iter_jacobians(net, samples, seed=3, layers=layers))
    exact: Any = dead_probability(net, layers=layers)
    assert abs(zeros / samples - exact) < 5 * np.sqrt(float(exact * (1 - exact)) / samples)


def test_known_values() -> None:
    """[2,3,2]: 1 - 7/8 * 3/4; a chain of depth d lives with probability 2^-d; linear layers and leaky ReLUs do not die."""
    assert dead_probability(Network([2, 3, 2])) == Fraction(11, 32)
    assert dead_probability(Network([2, 3, 2], output="linear")) == Fraction(1, 8)
    assert dead_probability(Network([1] * 101)) == 1 - Fraction(1, 2**100)
    assert dead_probability(Network([1] * 101, slope=1)) == 0
    assert dead_probability(Network([3, 2], output="linear")) == 0
    assert dead_probability(Network([100] * 1001)) == 1 - (1 - Fraction(1, 2**100)) ** 1000


def test_sections() -> None:
    """At zero bias a section needs the layers below alive, unless it is the linear output layer alone; with biases it does not."""
    net = Network([2, 2, 3, 2], bias="zero")
    for first in (0, 1, 2):
        own: Any = dead_probability(Network([2, 2, 3, 2]), layers=(first, 3))
        factor: Any = alive_factor(net, Family(((0, 0, 2),), first, 3))
        assert dead_probability(net, layers=(first, 3)) == 1 - (1 - own) * factor
    assert dead_probability(Network([2, 2, 2], bias="zero", output="linear"), layers=(1, 2)) == 0


def test_symbolic_widths() -> None:
    """The formula in symbols gives the number at each width."""
    n, m = sympy.symbols("n m", positive=True, integer=True)
    formula: Any = dead_probability(Network([2, n, m, n]))
    exact: Any = dead_probability(Network([2, 3, 4, 3]))
    assert formula.subs({n: 3, m: 4}) == sympy.Rational(exact.numerator, exact.denominator)


def test_refusals() -> None:
    """Atoms at zero bias, fractions too long to be written, and layers outside the network are refused."""
    with pytest.raises(AtomsError):
        dead_probability(Network([2, 2], law="rademacher", bias="zero"))
    with pytest.raises(BudgetError, match="1,000,000 bits"):
        dead_probability(Network([2, 600_000, 600_000]))
    with pytest.raises(OutOfRangeError):
        dead_probability(Network([2, 2]), layers=(1, 3))
