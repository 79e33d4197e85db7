"""The depth at which the mean stops describing a typical network: against log_norm and moments, layer by layer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from pathmoments import Network, dead_probability, log_norm, moment, profile, trace_moment, typical_depth
from pathmoments.errors import ArgumentError, InexactNumberError, RouteError, UndecidedError
from pathmoments.quantities import typical


def _below(width: int, depth: int, fraction: Fraction, slope: int) -> bool:
    """Whether exp E ln ||Ju||^2 is below the fraction of E ||Ju||^2 / P(alive), from a network of that depth."""
    net = Network([width] * (depth + 1), slope=slope, variance="1/7")
    square: Any = moment(net, {(0, 0): 2})
    dead: Any = dead_probability(net)
    level = fraction * square * width / (1 - dead)
    return bool(log_norm(net).typical < fmpq(level.numerator, level.denominator))


@given(
    width=st.integers(1, 12),
    fraction=st.fractions("1/100", "9/10", max_denominator=100),
    slope=st.sampled_from([0, 1, -1]),
)
def test_least_depth(width: int, fraction: Fraction, slope: int) -> None:
    """At the depth found the typical value is below the fraction of the mean, and one layer before it is not; the variance does not matter."""
    depth = typical_depth(width, fraction=fraction, slope=slope)
    assert _below(width, depth, fraction, slope)
    assert depth == 1 or not _below(width, depth - 1, fraction, slope)


def test_rates() -> None:
    """Wide layers: (2/5) n ln(1/f) ReLU layers, and n ln(1/f) linear ones."""
    log2 = 0.6931471805599453
    assert abs(typical_depth(10**5) / 10**5 - 0.4 * log2) < 1e-4
    assert abs(typical_depth(10**5, slope=1) / 10**5 - log2) < 1e-4
    assert typical_depth(50, fraction=Fraction(1, 2**40)) > 30 * typical_depth(50)


def test_undecided_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the ratio were exactly the fraction at some depth, no precision would tell, and the error says undecided."""
    monkeypatch.setattr(typical, "_log_ratio", lambda net, layer: -arb.const_log2() / 3)
    monkeypatch.setattr(typical, "MAX_PRECISION", 512)
    with ctx.workprec(53), pytest.raises(UndecidedError, match="512 bits"):
        typical_depth(3)


@pytest.mark.parametrize(
    "net",
    [
        Network([3, 4, 8, 2, 9, 5, 3]),
        Network([3, 8, 2, 9], output="linear", variance=5),
        Network([2, 9, 9, 9], slope=1),
        Network([1, 1, 1, 1], law=["uniform", "rademacher", "laplace"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("fraction", ["9/10", "1/2", "1/5"])
def test_layer_of_a_network(net: Network, fraction: str) -> None:
    """The layer found is the first whose prefix has a typical value below the fraction of its mean given alive."""
    sections = profile(net).prefixes
    below = []
    for section in sections:
        gain: Any = section.gain
        dead: Any = dead_probability(net, layers=section.layers)
        level = Fraction(fraction) * gain / (1 - dead)
        assert section.log_norm is not None
        below.append(bool(section.log_norm.typical < fmpq(level.numerator, level.denominator)))
    assert typical.typical_layer(net, fraction=fraction) == (below.index(True) + 1 if True in below else None)


@pytest.mark.parametrize("fraction", ["9/10", "1/2"])
def test_layer_of_an_orthogonal_network(fraction: str) -> None:
    """The same from the means and log-norms of prefixes that are networks of their own."""
    laws = ["orthogonal:gain_squared=2", "orthogonal", "gaussian", "orthogonal"]
    below = []
    for depth in range(1, 5):
        net = Network([4, 3, 4, 2, 2][: depth + 1], law=laws[:depth])
        mean: Any = trace_moment(net, 1)
        dead: Any = dead_probability(net)
        level = Fraction(fraction) * mean / net.widths[0] / (1 - dead)
        below.append(bool(log_norm(net).typical < fmpq(level.numerator, level.denominator)))
    found = typical.typical_layer(Network([4, 3, 4, 2, 2], law=laws), fraction=fraction)
    assert found == below.index(True) + 1


def test_layer_needs_a_log_norm() -> None:
    """Networks without a closed log-norm are refused, with the layer named."""
    with pytest.raises(RouteError, match="layer 2 are Uniform"):
        typical.typical_layer(Network([2, 2, 2], law=["gaussian", "uniform"]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "width must be"),
        ({"width": 3, "fraction": 1}, "fraction must be between 0 and 1"),
        ({"width": 3, "fraction": "-1/2"}, "fraction must be between 0 and 1"),
        ({"width": 3, "slope": "1/2"}, "slope must be 0, 1 or -1"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    """Widths, fractions and slopes that have no answer are refused."""
    with pytest.raises(ArgumentError, match=message):
        typical_depth(**arguments)


def test_floats_are_refused() -> None:
    """A fraction must be exact."""
    with pytest.raises(InexactNumberError):
        typical_depth(3, fraction=0.5)
