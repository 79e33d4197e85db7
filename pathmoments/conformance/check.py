"""Someone's sampled Jacobians against the exact moments of a network: a verdict whose false-alarm rate is proved, and what is probably wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, BudgetError, ConformanceError, must_be
from ..exact import integer
from ..families import check_determined, family_of
from ..network import Network
from ..quantities.statistics import Statistic
from ..routes.sampling import fresh_seed
from .catalogue import FIRST_BATCH, prefix
from .diagnosis import SCALE, TAILS, Summary, repeats_tell, suspects
from .influence import Evidence
from .measures import DEFAULT, Measure, affordable, check_measurable, measures
from .plan import networks, noticed, percent, shared
from .planning import InfluenceTest, Rates, Test, best_test, evidence_p_value, samples_needed
from .rates import EFFECT, FALSE_ALARM, MISS, rates
from .report import Finding, Report, unlikely_repeats
from .rounding import Allowance, Units
from .samples import Block, Drawing, blocks_of, check_sampler, child_seed, is_sampler, takes_seed, units_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOKS = 16
"""Batches that a plan is drawn in."""
MOST_ENTRIES = 2**24
"""Entries that are asked of a sampler at a time."""
FOR_DIAGNOSIS = 2_000
"""Networks that are drawn of a plan, though the verdict is known, so that the likely mistake is seen."""


def check(
    samples: object,
    net: Network,
    *,
    quantities: str | Iterable[object] | None = None,
    effect: object = EFFECT,
    false_alarm: object = FALSE_ALARM,
    miss: object = MISS,
    draws: int | None = None,
    seed: int | None = None,
    arithmetic: str | None = None,
    prefixes: Mapping[int, object] | None = None,
    diagnose: bool = True,
) -> Report:
    """Hold sampled Jacobians against the exact moments of a network.

    Parameters
    ----------
    samples
        Jacobians J[sample, q, p] of freshly initialised networks, output index first: an array of numpy, torch or jax, or an iterable of such blocks. Or a function
        (samples, seed) that draws so many; it is then called in batches until the verdict is known, at most for the planned number.
    net
        What they are held against.
    quantities
        What is averaged, as in :func:`pathmoments.plan`. By default "frobenius", for which the draws are planned, and beside it "mean:4" and "alike", which notice other laws and shared seeds.
    effect, false_alarm, miss
        As in :func:`pathmoments.plan`.
    draws
        How many networks to draw instead of the planned number: fewer only if the check fails before.
    seed
        The seed of the first batch's seed and all others; by default a fresh one, which the report names.
    arithmetic
        "float64", "float32", "float16" or "bfloat16", if the Jacobians were computed in another type than the one in which they come. Accelerators may multiply float32 arrays in
        TF32, whose roundoff is that of "float16", or in bfloat16: no array shows it.
    prefixes
        {j: samples of the Jacobian of the layers 1..j}, in the same forms: if the check fails, the report says at which layer the deviation begins.
    diagnose
        Whether a check that fails ranks the known mistakes.

    Returns
    -------
    A :class:`Report`; `report.passed` is the verdict and `print(report)` the table.

    Raises
    ------
    ArgumentError
        If the samples have another shape than the network's Jacobian, or their type rounds so coarsely that nothing could be noticed.
    BudgetError
        If more than 10^12 networks would be needed.
    AtomsError, UnknownMomentError, UnknownNameError
        As :func:`pathmoments.plan`.

    Cost
    ----
    The exact moments, once a network; then a few vector operations a sample, far less than drawing it.

    A correct network fails with probability at most `false_alarm`, whatever the number of samples and whenever it is stopped (docs: what the error rates mean).

    >>> from pathmoments import Network, check, iter_jacobians
    >>> net = Network([3, 8, 8, 2], output="linear", bias="zero")
    >>> check(lambda n, seed: iter_jacobians(net, n, seed=seed), net, seed=1).passed
    True
    >>> wrong = Network([3, 8, 8, 2], output="linear", bias="zero", variance="glorot")
    >>> report = check(lambda n, seed: iter_jacobians(wrong, n, seed=seed), net, seed=1)
    >>> report.passed, report.suspects[0].mistake
    (False, 'glorot')
    """
    wanted = rates(effect, false_alarm, miss)
    _check_network(net)
    _check_prefixes(prefixes, net)
    chosen = measures(DEFAULT if quantities is None else quantities)
    planned = chosen[:1] if quantities is None else chosen
    for one in planned:
        check_measurable(one, net)
    chosen = affordable(net, chosen, planned)
    sampled = _Sampled(net, chosen, planned, shared(wanted, len(chosen)), wanted.false_alarm, arithmetic)
    if is_sampler(samples):
        run = _draw(samples, sampled, draws, seed)
    else:
        if draws is not None or seed is not None:
            raise ArgumentError(
                "draws and seed go with a function that draws, and samples were an array: leave them out"
            )
        run = _take(samples, sampled)
    if not (run.not_finite or any(finding.samples for finding in run.findings)):
        raise ArgumentError("samples must be at least two Jacobians: alike compares pairs of them, and there is none")
    report = Report(
        network=net,
        findings=tuple(run.findings),
        rates=wanted,
        samples=run.count,
        planned=run.planned,
        seed=run.seed,
        arithmetic=sampled.roundings,
        not_finite=run.not_finite,
        repeated=run.summary.repeated if run.summary.telling else 0,
    )
    if report.passed:
        return report
    layer = None if prefixes is None else _first_layer(prefixes, net, wanted, run.seed, arithmetic)
    return replace(report, suspects=suspects(net, run.summary) if diagnose else (), layer=layer)


def assert_conforms(samples: object, net: Network, **options: Any) -> Report:
    """Raise ConformanceError, an AssertionError whose message is the report, unless sampled Jacobians conform to a network.

    Parameters, errors and cost as in :func:`check`.

    Returns
    -------
    The :class:`Report` of a check that passed.

    >>> from pathmoments import Network, assert_conforms, iter_jacobians
    >>> net = Network([3, 8, 8, 2], output="linear", bias="zero")
    >>> assert_conforms(lambda n, seed: iter_jacobians(net, n, seed=seed), net, seed=1).passed
    True
    """
    report = check(samples, net, **options)
    if not report.passed:
        raise ConformanceError(str(report), report)
    return report


@dataclass
class _Run:
    """What was drawn, and what was found."""

    findings: list[Finding]
    count: int
    planned: int | None
    seed: int | None
    not_finite: int
    summary: Summary


@dataclass
class _Sampled:
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


def _check_network(net: Network) -> None:
    """Refuse symbols, and laws with atoms at zero bias, before anything is drawn."""
    if not isinstance(net, Network):
        raise ArgumentError(must_be("net", "a Network such as Network([64, 64, 10])", net))
    net.numeric_widths("a check")
    check_determined(net, family_of(net, {(0, 0): 2}))


@lru_cache(maxsize=256)
def _test(measure: Measure, net: Network, count: int, each: Rates, rounding: Allowance) -> Test:
    return best_test(measure.moments(net), count, each, rounding)


@lru_cache(maxsize=256)
def _to_draw(measure: Measure, net: Network, each: Rates, rounding: Allowance) -> int:
    return networks(measure, samples_needed(measure.moments(net), each, rounding, stoppable=True))


@lru_cache(maxsize=256)
def _needed(measure: Measure, net: Network, each: Rates, rounding: Allowance) -> int | None:
    try:
        return _to_draw(measure, net, each, rounding)
    except BudgetError:
        return None


# -- given samples ------------------------------------------------------------------------------------------------------


def _take(samples: object, sampled: _Sampled) -> _Run:
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
    return _Run(findings, sampled.count, None, None, sampled.not_finite, sampled.summary)


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


def _draw(sampler: Any, sampled: _Sampled, draws: int | None, seed: int | None) -> _Run:
    """Draw batches until the verdict is known, at most the planned number of networks.

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
    while sampled.count < total and not _known(watches, sampled, each, total, may_settle=draws is None):
        _add(watches, sampled.add(drawing.batch(index, min(size, total - sampled.count))))
        index += 1
    findings = [sampled.finding(w.measure, w.test, evidence_p_value(w.most)) for w in watches]
    return _Run(
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


def _planned(sampled: _Sampled, each: Rates) -> int:
    """Return the networks that all planned measures need."""
    return max(_to_draw(one, sampled.net, each, sampled.allowance(one)) for one in sampled.planned)


def _watch(sampled: _Sampled, measure: Measure, each: Rates, total: int) -> _Watch:
    """Return the watch of a measure: of one that is planned, for the effect; of another, for the smallest that so many networks notice."""
    count = max(1, total // 2) if measure.pairs else total
    rounding = sampled.allowance(measure)
    effect: Fraction | None = each.effect
    if measure not in sampled.planned:
        effect = noticed(measure, sampled.net, total, each.false_alarm, each.miss, rounding) or Fraction(1)
    assert effect is not None
    test = _stoppable(measure, sampled.net, count, each.false_alarm, effect, rounding)
    return _Watch(measure, test, measure in sampled.planned, test.gather())


def _known(watches: list[_Watch], sampled: _Sampled, each: Rates, total: int, *, may_settle: bool) -> bool:
    """Whether more networks would change nothing: enough evidence and enough for a diagnosis, or every shift excluded."""
    if sampled.not_finite or sampled.repeated or any(watch.failed() for watch in watches):
        return sampled.count >= min(total, FOR_DIAGNOSIS)
    return may_settle and all(watch.settled(each.miss) for watch in watches if watch.planned)


# -- where --------------------------------------------------------------------------------------------------------------


def _check_prefixes(prefixes: object, net: Network) -> None:
    """Refuse what is no mapping from layers, before anything is drawn."""
    if prefixes is not None and not isinstance(prefixes, Mapping):
        raise ArgumentError(must_be("prefixes", "a mapping {j: samples of the layers 1..j}", prefixes))
    for layer in prefixes or ():
        what = f"a layer, 1 to {net.depth}"
        if integer(layer, "a layer of prefixes", minimum=1, what=what) > net.depth:
            raise ArgumentError(must_be("a layer of prefixes", what, layer))


def _first_layer(
    prefixes: Mapping[int, object], net: Network, wanted: Rates, seed: int | None, arithmetic: str | None
) -> int | None:
    """Return the first layer whose prefix does not conform, None if all do."""
    for layer in sorted(prefixes):
        options: dict[str, Any] = {
            "diagnose": False,
            "arithmetic": arithmetic,
            "effect": wanted.effect,
            "false_alarm": wanted.false_alarm,
        }
        if is_sampler(prefixes[layer]) and seed is not None and takes_seed(prefixes[layer]):  # type: ignore[arg-type]  # is_sampler
            options["seed"] = child_seed(seed, 2**20 + layer)
        if not check(prefixes[layer], prefix(net, layer), **options).passed:
            return layer
    return None
