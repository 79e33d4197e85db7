"""The catalogue of mistakes on a network: what each does to exact moments, layer by layer, and how many networks detect it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from operator import mul
from typing import Any

from flint import arb, ctx

from ..domains import BALL_BITS
from ..errors import PathMomentsError
from ..exact import Value, to_fmpq
from ..families import check_determined, family_of
from ..network import Network
from .diagnosis import repeats_tell, vanishing
from .influence import Shift
from .measures import DEFAULT, Measure, affordable, check_measurable, measures
from .mistakes import CATALOGUE, ONE_SEED, UNDERFLOW, Mistake, Variant
from .planning import InfluenceTest, Rates
from .rates import EFFECT, FALSE_ALARM, MISS, rates
from .tails import RawMoments, to_float

FIRST_BATCH = 64
"""Networks in the smallest batch of a check."""
LARGEST_SHIFT = 2**20
"""The factor of a shift from which a larger one makes no difference."""
MOST = 10**12
"""Networks beyond which a mistake counts as not detected."""


@dataclass(frozen=True)
class KnownMistake:
    """One mistake on one network.

    Attributes
    ----------
    name, title, where
        Its name, what it is, and the layer ("" for all).
    network
        What comes out of it; None where that is no network (one seed, underflow).
    shifts
        E ||J_{1..j}||_F^2 of it over that of the network meant, for the Jacobian of the layers 1..j, j = 1..depth: exact. () where it has other layers.
    ratios
        {quantity: E S' / E S} for what a check watches by default and the mistake changes.
    draws
        The networks with which a check notices it, both error rates kept; None where it cannot, or not by 10^12.
    by
        The quantity that notices it first; "repeats" where Jacobians are equal to the bit.
    """

    name: str
    title: str
    where: str
    network: Network | None
    shifts: tuple[Value, ...]
    ratios: dict[str, Value]
    draws: int | None
    by: str


def mistakes(
    net: Network, *, effect: object = EFFECT, false_alarm: object = FALSE_ALARM, miss: object = MISS
) -> list[KnownMistake]:
    """Return the known mistakes that an initialiser of this network may have, with their exact moments and the draws that detect them.

    Parameters
    ----------
    net
        The network that was meant.
    effect, false_alarm, miss
        Those of the check, see :func:`pathmoments.plan`: its slopes are best for the effect, and larger shifts take fewer networks.

    Returns
    -------
    One :class:`~pathmoments.conformance.KnownMistake` for each mistake and layer where it changes something, in the order of the catalogue.

    Raises
    ------
    As :func:`pathmoments.plan`.

    Cost
    ----
    A few moments of order 4 and 8 a mistake and layer: about a second at depth 4, half a minute at depth 40.

    >>> from pathmoments import Network, mistakes
    >>> found = {one.name: one for one in mistakes(Network([64, 64, 64, 10], output="linear", bias="zero"))}
    >>> found["gain-linear"].ratios["frobenius"], found["gain-linear"].draws < 100
    (Fraction(1, 8), True)
    """
    wanted = rates(effect, false_alarm, miss)
    check_determined(net, family_of(net, {(0, 0): 2}))
    net.numeric_widths("a mistake")
    scale, *others = measures(DEFAULT)
    check_measurable(scale, net)
    watched = affordable(net, others, [scale])
    return [
        _known(net, mistake, variant, watched, wanted) for mistake in CATALOGUE for variant in _possible(net, mistake)
    ]


def _possible(net: Network, mistake: Mistake) -> Iterator[Variant]:
    """Yield the variants whose moments can be computed: one more ReLU may meet atoms, or moments that a law was not given."""
    for variant in mistake.variants(net):
        try:
            if variant.network is not None:
                moments_of(variant, "frobenius")
        except PathMomentsError:
            continue
        yield variant


def moments_of(variant: Variant, name: str) -> RawMoments | None:
    """Return the moments of a watched statistic on what a mistake makes; None where that is no network."""
    return None if variant.network is None else measures(name)[0].two_moments(variant.network)


def _known(net: Network, mistake: Mistake, variant: Variant, watched: list[Measure], wanted: Rates) -> KnownMistake:
    level = wanted.false_alarm / max(1, len(watched))
    each = Rates(wanted.effect, level, wanted.miss)
    # What makes another network is seen in single Jacobians; pairs of them show that they are one.
    telling = [one for one in watched if one.pairs == (mistake.name == ONE_SEED)]
    counts = {one.name: _draws(one, net, mistake, variant, each) for one in telling}
    if mistake.name == ONE_SEED and repeats_tell(net) and vanishing(net)[0] <= each.miss:
        counts["repeats"] = FIRST_BATCH  # Jacobians that are equal to the bit, unless it is the one of a dead network
    found = {name: count for name, count in counts.items() if count is not None}
    by = min(found, key=lambda name: found[name]) if found else ""
    ratios = {one.name: _ratio(one, net, mistake, variant) for one in telling}
    return KnownMistake(
        mistake.name, mistake.title, variant.where, variant.network, _shifts(net, variant), ratios, found.get(by), by
    )


def prefix(net: Network, layer: int) -> Network:
    """Return the network of the layers 1..layer, whose output is that hidden layer."""
    return Network(
        net.widths[: layer + 1],
        law=net.laws[:layer],
        variance=net.variances[:layer],
        output=net.output if layer == net.depth else "relu",
        slope=net.slope,
        bias=net.bias,
        bias_variance=None if net.bias_variances is None else net.bias_variances[:layer],
    )


def _shifts(net: Network, variant: Variant) -> tuple[Value, ...]:
    """Return products over the layers: E ||J_{1..j}||_F^2 is n_0 times one of n_i v_i, halved by a ReLU."""
    if variant.network is None or variant.network.depth != net.depth:
        return ()
    layers = range(1, net.depth + 1)
    return tuple(accumulate((_gain(variant.network, j) / _gain(net, j) for j in layers), mul))


def _gain(net: Network, layer: int) -> Any:
    """Return n v E D^2 for a layer of n neurons."""
    variance: Any = net.variances[layer - 1]
    half = (1 + net.slope**2) / 2 if net.activated(layer) else 1
    return net.numeric_widths("a mistake")[layer] * variance * half


def _quotient(a: Value, b: Value) -> Value:
    """Return a / b: a ball where one of them is."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a / b
    with ctx.workprec(2 * BALL_BITS):
        top, bottom = (arb(to_fmpq(v)) if isinstance(v, Fraction) else v for v in (a, b))
        return top / bottom


def _ratio(measure: Measure, net: Network, mistake: Mistake, variant: Variant) -> Value:
    exact = measure.two_moments(net).values[0]
    if variant.network is not None:
        return _quotient(measure.two_moments(variant.network).values[0], exact)
    gone = mistake.name == UNDERFLOW or (mistake.name == ONE_SEED and measure.pairs)
    return Fraction(0) if gone else Fraction(1)


def mistaken_shift(measure: Measure, net: Network, mistake: Mistake, variant: Variant) -> Shift | None:
    """Return what the mistake makes of a statistic; None where it does not change its expectation, or all its values at once."""
    meant = measure.two_moments(net)
    theta, variance = float(meant.theta), float(meant.variance)
    if variant.network is not None:
        made = measure.two_moments(variant.network)
        if abs(made.theta - meant.theta) <= meant.radius + made.radius:
            return None
        # What floats may not hold stands for by a smaller multiple of itself, which is noticed no sooner.
        scale = max(Fraction(1), made.theta / (LARGEST_SHIFT * meant.theta))
        first, second = made.theta / scale, made.second / scale**2
        square = to_float(second - 2 * meant.theta * first + meant.theta**2)
        return Shift(theta, 0.0, variance, float(first - meant.theta), square) if square < math.inf else None
    if mistake.name == UNDERFLOW or (mistake.name == ONE_SEED and measure.pairs):
        return Shift(theta, 0.0, variance, -theta, theta**2, theta**3)
    return None


def _draws(measure: Measure, net: Network, mistake: Mistake, variant: Variant, each: Rates) -> int | None:
    """Return the networks with which a check with this quantity notices the mistake, to within one part in a hundred."""
    shift = mistaken_shift(measure, net, mistake, variant)
    if shift is None:
        return None
    moments = measure.two_moments(net)

    def noticed(samples: int) -> bool:
        test = InfluenceTest(moments, samples, each.false_alarm, each.effect)
        return test.miss_of(shift) <= each.miss

    few, many = 1, 2
    while not noticed(many):
        few, many = many, 2 * many
        if many > MOST:
            return None
    while many - few > max(1, few // 100):
        middle = (few + many) // 2
        few, many = (few, middle) if noticed(middle) else (middle, many)
    return many * (2 if measure.pairs else 1)
