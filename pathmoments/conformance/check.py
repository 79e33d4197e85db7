"""Someone's sampled Jacobians against the exact moments of a network: a verdict whose false-alarm rate is proved, and what is probably wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import ArgumentError, ConformanceError, must_be
from ..exact import integer
from ..families import check_determined, family_of
from ..network import Network
from .catalogue import prefix
from .diagnosis import suspects
from .gathered import Gathered
from .measures import DEFAULT, affordable, check_measurable, measures
from .plan import shared
from .planning import Rates
from .rates import EFFECT, FALSE_ALARM, MISS, rates
from .report import Report
from .runs import FOR_DIAGNOSIS, draw, take
from .samples import child_seed, is_sampler, takes_seed


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
        If a plan takes more than 10^7 networks and `draws` does not say how many to draw.
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
    sampled = Gathered(net, chosen, planned, shared(wanted, len(chosen)), wanted.false_alarm, arithmetic)
    if is_sampler(samples):
        run = draw(samples, sampled, draws, seed, for_diagnosis=FOR_DIAGNOSIS if diagnose else 0)
    else:
        if draws is not None or seed is not None:
            raise ArgumentError(
                "draws and seed go with a function that draws, and samples were an array: leave them out"
            )
        run = take(samples, sampled)
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


def _check_network(net: Network) -> None:
    """Refuse symbols, and laws with atoms at zero bias, before anything is drawn."""
    if not isinstance(net, Network):
        raise ArgumentError(must_be("net", "a Network such as Network([64, 64, 10])", net))
    net.numeric_widths("a check")
    check_determined(net, family_of(net, {(0, 0): 2}))


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
    for layer, given in sorted(prefixes.items()):
        options: dict[str, Any] = {
            "diagnose": False,
            "arithmetic": arithmetic,
            "effect": wanted.effect,
            "false_alarm": wanted.false_alarm,
        }
        if is_sampler(given) and seed is not None and takes_seed(given):
            options["seed"] = child_seed(seed, 2**20 + layer)
        if not check(given, prefix(net, layer), **options).passed:
            return layer
    return None
