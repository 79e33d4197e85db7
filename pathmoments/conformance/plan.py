"""How many networks to draw, before any is drawn; and what so many would notice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ..exact import Value, integer
from ..network import Network
from .measures import Measure, check_measurable, measures
from .planning import Rates, Test, samples_needed, smallest_effect
from .rates import EFFECT, FALSE_ALARM, MISS, rate, rates
from .rounding import Allowance
from .samples import units_for

STATED = Fraction(1, 2**53)
"""The unit roundoff of float64, in which a plan supposes Jacobians to be computed."""


@dataclass(frozen=True)
class PlannedMeasure:
    """What one quantity needs.

    Attributes
    ----------
    name
        The quantity.
    exact, ratio
        E S, and E S^2 / (E S)^2 as a float: how heavy its tail is.
    level
        Its part of the false-alarm rate.
    samples
        The networks with which both rates are kept for this quantity alone.
    test
        The test that achieves it: influence, mean, or median of means.
    effect
        The smallest relative change that is noticed with the networks of the whole plan; None if there is none below 2^20.
    """

    name: str
    exact: Value
    ratio: float
    level: Fraction
    samples: int
    test: str
    effect: Fraction | None


@dataclass(frozen=True)
class Plan:
    """How many networks a check draws, and what its error rates are.

    Attributes
    ----------
    network
        What is checked.
    samples
        The networks to draw: enough for each of the quantities.
    effect, false_alarm, miss
        A correct network fails with probability at most `false_alarm`, all quantities together; one whose S is larger or smaller by the factor 1 + `effect`
        passes with probability at most `miss`, for each quantity.
    quantities
        One :class:`~pathmoments.conformance.PlannedMeasure` each.
    """

    network: Network
    samples: int
    effect: Fraction
    false_alarm: Fraction
    miss: Fraction
    quantities: tuple[PlannedMeasure, ...]

    def __str__(self) -> str:
        return f"{self.samples:,} networks notice a change of {percent(self.effect)} in each of {', '.join(one.name for one in self.quantities)}"


def plan(
    net: Network,
    quantities: str | Iterable[object],
    *,
    effect: object = EFFECT,
    false_alarm: object = FALSE_ALARM,
    miss: object = MISS,
    arithmetic: str = "float64",
) -> Plan:
    """Return how many networks to draw so that a check keeps both of its error rates, with proof.

    Parameters
    ----------
    net
        The network that is to be checked; its widths are numbers.
    quantities
        What is averaged over the networks, one name or several: "frobenius" ||J||_F^2, "trace" tr (J J^T)^2, "mean:4" the mean of Z[p, q]^4 over all
        entries, "Z[0,0]^2" one entry, "norm:1,1/2" ||J u||^2, "alike" half the squared difference of ||J||_F^2 between two networks. Orders are full orders.
    effect
        The relative change of the expectation, up or down, that is to be noticed: 1/10 is ten per cent.
    false_alarm
        The probability that a correct network fails, divided equally over the quantities.
    miss
        The probability that a network whose statistic is larger, or smaller, by the factor 1 + effect passes.
    arithmetic
        "float64", "float32", "float16" or "bfloat16": in what the Jacobians will be computed. What rounding may do is allowed for.

    Returns
    -------
    A :class:`Plan`.

    Raises
    ------
    ArgumentError, UnknownNameError
        If a rate, the effect or a name is none.
    BudgetError
        If more than 10^12 networks would be needed, or rounding alone could look like the effect.
    UndeterminedMomentError, AtomsError
        If the theorem does not determine a moment that is needed.

    Cost
    ----
    E S to E S^4 and a bisection: under a second at depth 20.

    The bounds are finite: Catoni's influence function with the exact variance, or Markov's inequality with the exact central moments of the sample mean (docs: what the error rates mean).
    About 86 Var S / (effect E S)^2 networks at the default rates; the normal approximation would say 64.

    >>> from pathmoments import Network, plan
    >>> print(plan(Network([64, 64, 64, 10], output="linear", bias="zero"), "frobenius", effect="1/20"))
    1,920 networks notice a change of 5 % in each of frobenius
    """
    wanted = rates(effect, false_alarm, miss)
    chosen = measures(quantities)
    each = shared(wanted, len(chosen))
    needed = {one: _needed(one, net, each, arithmetic) for one in chosen}
    samples = max(networks(one, test) for one, test in needed.items())
    rows = tuple(_row(one, net, test, samples, each, arithmetic) for one, test in needed.items())
    return Plan(net, samples, wanted.effect, wanted.false_alarm, wanted.miss, rows)


def minimum_effect(
    net: Network,
    samples: int,
    *,
    quantities: str | Iterable[object] = "frobenius",
    false_alarm: object = FALSE_ALARM,
    miss: object = MISS,
    arithmetic: str = "float64",
) -> dict[str, Fraction | None]:
    """Return, for each quantity, the smallest relative change that so many networks notice: the inverse of :func:`plan`.

    Parameters
    ----------
    net, quantities, false_alarm, miss, arithmetic
        As in :func:`plan`.
    samples
        The number of networks.

    Returns
    -------
    {name: effect}, each to within one part in a hundred and on the safe side; None where even a factor of 2^20 may be missed.

    Raises
    ------
    As :func:`plan`.

    Cost
    ----
    As :func:`plan`.

    >>> from pathmoments import Network, minimum_effect
    >>> {name: round(float(effect), 3) for name, effect in minimum_effect(Network([64, 64, 64, 10]), 10_000).items()}
    {'frobenius': 0.04}
    """
    count = integer(samples, "samples", minimum=1, what="a whole number, 1 or more")
    chosen = measures(quantities)
    level, most = rate(false_alarm, "false_alarm") / len(chosen), rate(miss, "miss")
    for one in chosen:
        check_measurable(one, net)
    return {one.name: noticed(one, net, count, level, most, _allowance(one, net, arithmetic)) for one in chosen}


def shared(wanted: Rates, parts: int) -> Rates:
    """Return the rates of each of several quantities: the false alarms add up to those wanted."""
    return Rates(wanted.effect, wanted.false_alarm / parts, wanted.miss)


def networks(measure: Measure, test: Test) -> int:
    """Return the networks behind the samples of a test: two for each pair."""
    return test.samples * (2 if measure.pairs else 1)


@lru_cache(maxsize=256)
def noticed(
    measure: Measure, net: Network, samples: int, level: Fraction, miss: Fraction, rounding: Allowance
) -> Fraction | None:
    """Return the smallest effect that so many networks notice."""
    count = samples // 2 if measure.pairs else samples
    return smallest_effect(measure.moments(net), count, level, miss, rounding, stoppable=True) if count else None


def percent(effect: Fraction | None) -> str:
    """Return a relative change in words, with two digits.

    >>> percent(Fraction(1, 20)), percent(Fraction(37, 1000)), percent(None)
    ('5 %', '3.7 %', 'nothing')
    """
    return (
        "nothing"
        if effect is None
        else f"{float(100 * effect):.2g} %"
        if effect < 1
        else f"{float(100 * effect):,.0f} %"
    )


def _needed(measure: Measure, net: Network, each: Rates, arithmetic: str) -> Test:
    check_measurable(measure, net)
    return samples_needed(measure.moments(net), each, _allowance(measure, net, arithmetic))


def _allowance(measure: Measure, net: Network, arithmetic: str) -> Allowance:
    return measure.allowance(net, units_for(STATED, arithmetic))


def _row(measure: Measure, net: Network, test: Test, samples: int, each: Rates, arithmetic: str) -> PlannedMeasure:
    moments = measure.moments(net)
    effect = noticed(measure, net, samples, each.false_alarm, each.miss, _allowance(measure, net, arithmetic))
    return PlannedMeasure(
        measure.name, moments.values[0], moments.ratio, each.false_alarm, networks(measure, test), test.name, effect
    )
