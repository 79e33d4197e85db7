"""How a check goes through samples: an array all at once, or batches of a function that draws until the verdict is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, BudgetError, must_be
from ..exact import integer
from ..network import Network
from ..routes.sampling import fresh_seed
from .catalogue import FIRST_BATCH
from .diagnosis import Summary
from .gathered import Gathered, networks_to_draw
from .influence import Evidence
from .measures import Measure
from .plan import noticed, percent
from .planning import InfluenceTest, Rates, Test, best_test, evidence_p_value
from .report import Finding
from .rounding import Allowance
from .samples import Drawing, blocks_of, check_sampler, takes_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOKS = 16
"""Batches that a plan is drawn in."""
MOST_UNASKED = 10**7
"""Networks that a plan may draw where nobody said how many."""
MOST_ENTRIES = 2**24
"""Entries that are asked of a sampler at a time."""
FOR_DIAGNOSIS = 2_000
"""Networks that are drawn of a plan, though the verdict is known, so that the likely mistake is seen."""


@dataclass
class Run:
    """What was drawn, and what was found."""

    findings: list[Finding]
    count: int
    planned: int | None
    seed: int | None
    not_finite: int
    summary: Summary


# -- given samples ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _test(measure: Measure, net: Network, count: int, each: Rates, rounding: Allowance) -> Test:
    return best_test(measure.moments(net), count, each, rounding)


def take(samples: object, sampled: Gathered) -> Run:
    """Check an array, or blocks of one: all at once, each quantity with the test that misses least."""
    for block in blocks_of(samples, sampled.net):
        sampled.add(block)
    if not sampled.count:
        raise ArgumentError(must_be("samples", "at least one Jacobian", "the empty array"))
    findings = []
    for one in sampled.chosen:
        values = sampled.all_values(one)
        if not len(values):
            continue
        test = _test(one, sampled.net, len(values), sampled.each, sampled.allowance(one))
        findings.append(sampled.finding(one, test, test.p_value(values)))
    return Run(findings, sampled.count, None, None, sampled.not_finite, sampled.summary)


# -- drawn samples ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _stoppable(
    measure: Measure, net: Network, count: int, level: Fraction, effect: Fraction, rounding: Allowance
) -> InfluenceTest:
    return InfluenceTest(measure.moments(net), count, level, effect, rounding)


@dataclass
class _Watch:
    """One measure while batches come: its evidence, and the most there was."""

    measure: Measure
    test: InfluenceTest
    planned: bool
    both: tuple[Evidence, Evidence]
    most: float = 0.0

    def add(self, values: NDArray[Any]) -> None:
        """Take the values of a batch."""
        for side in self.both:
            side.add(values)
        self.most = max(self.most, *(side.against() for side in self.both))

    def failed(self) -> bool:
        """Whether there was enough evidence at any time."""
        return self.most >= self.test.threshold

    def settled(self, miss: Fraction) -> bool:
        """Whether shifts by the effect, up and down, are excluded at half of the miss rate."""
        return min(side.for_conformance() for side in self.both) >= math.log(2 / miss)


def draw(sampler: Any, sampled: Gathered, draws: int | None, seed: int | None, *, for_diagnosis: int) -> Run:
    """Draw batches until the verdict is known, at most the planned number of networks, and at least `for_diagnosis` of a check that fails.

    A miss is a shift that is excluded too early or that is not noticed by the end: half of the miss rate each.
    """
    net, each = sampled.net, sampled.each
    check_sampler(sampler)
    if seed is not None and not takes_seed(sampler):
        raise ArgumentError("the sampler takes no seed: give a function of (samples, seed), or leave out the seed")
    drawing = Drawing(sampler, net, fresh_seed(seed))
    if draws is not None:
        draws = integer(draws, "draws", minimum=1, what="a whole number, 1 or more")
    # The first batch shows in which type the samples come, and so what rounding is to be allowed for.
    found = sampled.add(drawing.batch(0, FIRST_BATCH if draws is None else min(FIRST_BATCH, draws)))
    halved = Rates(each.effect, each.false_alarm, each.miss / 2)
    total = _planned(sampled, halved) if draws is None else draws
    watches = [_watch(sampled, one, halved, total) for one in sampled.chosen]
    _add(watches, found)
    size, index = batch_size(net, total), 1
    enough = min(total, for_diagnosis)
    while sampled.count < total and not _known(watches, sampled, each, enough, may_settle=draws is None):
        _add(watches, sampled.add(drawing.batch(index, min(size, total - sampled.count))))
        index += 1
    findings = [sampled.finding(w.measure, w.test, evidence_p_value(w.most)) for w in watches]
    return Run(
        findings, sampled.count, total, drawing.seed if drawing.seeded else None, sampled.not_finite, sampled.summary
    )


def _add(watches: list[_Watch], found: dict[str, NDArray[Any]]) -> None:
    """Give the values of a batch to the watches."""
    for watch in watches:
        watch.add(found[watch.measure.name])


def batch_size(net: Network, total: int) -> int:
    """Return the networks to draw at a time: a plan in so many looks, unless that is more than fits into memory."""
    inputs, *_, outputs = net.numeric_widths("a check")
    return max(FIRST_BATCH, min(-(-total // LOOKS), MOST_ENTRIES // (inputs * outputs)))


def _planned(sampled: Gathered, each: Rates) -> int:
    """Return the networks that all planned measures need; refuse more than anybody would want to be drawn unasked."""
    total = max(networks_to_draw(one, sampled.net, each, sampled.allowance(one)) for one in sampled.planned)
    if total > MOST_UNASKED:
        raise BudgetError(
            f"a change of {percent(each.effect)} takes up to {total:,} networks to notice: allow a larger effect, or say with draws= how many to draw"
        )
    return total


def _watch(sampled: Gathered, measure: Measure, each: Rates, total: int) -> _Watch:
    """Return the watch of a measure: of one that is planned, for the effect; of another, for the smallest that so many networks notice."""
    count = max(1, total // 2) if measure.pairs else total
    rounding = sampled.allowance(measure)
    effect: Fraction | None = each.effect
    if measure not in sampled.planned:
        effect = noticed(measure, sampled.net, total, each.false_alarm, each.miss, rounding) or Fraction(1)
    assert effect is not None
    test = _stoppable(measure, sampled.net, count, each.false_alarm, effect, rounding)
    return _Watch(measure, test, measure in sampled.planned, test.gather())


def _known(watches: list[_Watch], sampled: Gathered, each: Rates, enough: int, *, may_settle: bool) -> bool:
    """Whether more networks would change nothing: enough evidence and enough for a diagnosis, or every shift excluded."""
    if sampled.not_finite or sampled.repeated or any(watch.failed() for watch in watches):
        return sampled.count >= enough
    return may_settle and all(watch.settled(each.miss) for watch in watches if watch.planned)
