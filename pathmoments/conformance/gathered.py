"""The values that a check has gathered so far: each Jacobian is looked at once, for all statistics and for the diagnosis."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, BudgetError
from ..network import Network
from ..quantities.statistics import Statistic
from .diagnosis import SCALE, TAILS, Summary, repeats_tell
from .measures import Measure
from .plan import networks, noticed, percent
from .planning import Rates, Test, samples_needed
from .report import Finding, unlikely_repeats
from .rounding import Allowance, Units
from .samples import Block, units_for

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class Gathered:
    """The quantities that are watched, and the values that have come so far."""

    net: Network
    chosen: list[Measure]
    planned: list[Measure]
    each: Rates
    false_alarm: Fraction
    arithmetic: str | None
    units: Units | None = None
    summary: Summary = field(init=False)
    values: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    count: int = 0
    not_finite: int = 0
    _odd: NDArray[Any] | None = None
    """The last ||J||_F^2, where its neighbour is yet to come."""

    def __post_init__(self) -> None:
        self.summary = Summary(repeats_tell(self.net))

    def add(self, block: Block) -> dict[str, NDArray[Any]]:
        """Take a block; return the values of each measure."""
        import numpy as np

        if self.units is None:
            self.units = units_for(block.stored, self.arithmetic)
            self._check_roundings()
            # The levels stay as they are: this depends on no observation, and is an allowance without end.
            self.chosen = [one for one in self.chosen if self.allowance(one).finite]
        elif block.stored > self.units.stored:
            raise ArgumentError(
                "the samples must be of one float type, and a later block is of a coarser one than the first"
            )
        jacobians = block.jacobians.astype("float64", copy=False)
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is looked for
            rows = np.einsum("nqp,nqp->nq", jacobians, jacobians)
            finite = rows.sum(axis=1) < self.largest**2
        self.count += len(finite)
        if not finite.all():
            self.not_finite += int((~finite).sum())
            jacobians, rows = jacobians[finite], rows[finite]
        values_of: dict[Statistic, NDArray[Any]] = {SCALE: rows.sum(axis=1), TAILS: TAILS.of(jacobians)}
        for one in self.chosen:
            if one.statistic not in values_of:
                values_of[one.statistic] = one.statistic.of(jacobians)
        self.summary.add(jacobians, rows=rows, tails=values_of[TAILS])
        # Pairs do not depend on the blocks: a value that was left over before comes first.
        norms = values_of[SCALE] if self._odd is None else np.concatenate([self._odd, values_of[SCALE]])
        self._odd = norms[len(norms) // 2 * 2 :]
        found = {one.name: one.arranged(norms if one.pairs else values_of[one.statistic]) for one in self.chosen}
        for name, values in found.items():
            self.values.setdefault(name, []).append(values)
        return found

    @property
    def largest(self) -> float:
        """The entries from which on doubles might not hold a statistic, which then is no evidence: they count as not finite."""
        orders = [one.statistic.order * (2 if one.pairs else 1) for one in self.chosen]
        return float(10 ** (280 / max(TAILS.order, *orders)))

    def allowance(self, measure: Measure) -> Allowance:
        """Return what rounding may do to a measure."""
        assert self.units is not None
        return measure.allowance(self.net, self.units)

    @property
    def repeated(self) -> bool:
        """Whether equal Jacobians alone fail the check."""
        summary = self.summary
        return summary.telling and unlikely_repeats(summary.repeated, self.count, self.false_alarm)

    @property
    def roundings(self) -> str:
        """What was allowed for, in words."""
        if self.units is None:
            return "none"
        computed = f"2^-{self.units.computed.denominator.bit_length() - 1} an operation"
        stored = (
            f", 2^-{self.units.stored.denominator.bit_length() - 1} when stored"
            if self.units.stored != self.units.computed
            else ""
        )
        return computed + stored

    def _check_roundings(self) -> None:
        """Refuse arithmetic whose roundings alone could be taken for the effect."""
        for one in self.planned:
            allowance = self.allowance(one)
            share = allowance.bias / float(one.moments(self.net).theta) if allowance.finite else math.inf
            if share >= float(self.each.effect) / 2:
                size = percent(Fraction(share)) if share < 1e6 else "any amount"
                raise ArgumentError(
                    f"rounding in the arithmetic of these samples may change E {one.name} by {size}, and the effect to be noticed is {percent(self.each.effect)}: compute the Jacobians "
                    "in float32 or float64 and say so with arithmetic='float32' if they are stored in less, or allow a larger effect"
                )

    def all_values(self, measure: Measure) -> NDArray[Any]:
        """Return all values of a measure."""
        import numpy as np

        parts = self.values.get(measure.name, [])
        return np.concatenate(parts) if parts else np.empty(0)

    def finding(self, measure: Measure, test: Test, p: float) -> Finding:
        """Return what was found of a measure."""
        values = self.all_values(measure)
        moments = measure.moments(self.net)
        count = len(values)
        samples = count * (2 if measure.pairs else 1)
        rounding = self.allowance(measure)
        return Finding(
            measure.name,
            float(values.mean()) if count else math.nan,
            moments.values[0],
            math.sqrt(float(moments.variance) / count) if count else math.inf,
            p,
            self.each.false_alarm,
            test.name,
            count,
            noticed(measure, self.net, samples, self.each.false_alarm, self.each.miss, rounding),
            _needed(measure, self.net, self.each, rounding),
            moments.ratio,
        )


@lru_cache(maxsize=256)
def networks_to_draw(measure: Measure, net: Network, each: Rates, rounding: Allowance) -> int:
    """Return the networks that a check needs, which may stop early, for one measure."""
    return networks(measure, samples_needed(measure.moments(net), each, rounding, stoppable=True))


@lru_cache(maxsize=256)
def _needed(measure: Measure, net: Network, each: Rates, rounding: Allowance) -> int | None:
    try:
        return networks_to_draw(measure, net, each, rounding)
    except BudgetError:
        return None
