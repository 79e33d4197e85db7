"""The golden reference: for each network its exact moments, and the numbers of a check that another language carries out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._version import __version__
from ..conformance.influence import Evidence
from ..conformance.measures import Measure, measures
from ..conformance.plan import shared
from ..conformance.planning import Rates
from ..conformance.rates import EFFECT, rates
from ..errors import ArgumentError, PathMomentsError, UnknownMomentError
from ..exact import fraction_text, integer
from ..families import check_determined, family_of
from ..laws import law_to_json
from ..network import Network
from ..quantities.moments import moment
from .fixed import FixedTest, fixed_test, units_of
from .numbers import divided, exact, root, root_decimal, variance
from .schema import EntryMoment, Golden, GoldenNetwork, InfluenceNumbers, Layer, Quantity, Slope
from .spec import GoldenSpec


def golden(spec: GoldenSpec, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Return the document pathmoments/golden/1 (docs: JSON schemas) of a specification.

    Parameters
    ----------
    spec
        The networks and what is wanted of each.
    progress
        Called with (networks done, all).

    Returns
    -------
    What `json.dumps` writes.

    Raises
    ------
    As :func:`pathmoments.plan`, the message opening with the name of the network.

    Cost
    ----
    Under a second a network.

    >>> from pathmoments import Network
    >>> one = golden(GoldenSpec((("net", Network([2, 3, 2])),)))["networks"][0]
    >>> [moment["exact"] for moment in one["entry_moments"]], one["quantities"][0]["variance"]["exact"]
    (['1/2', '4', '245/3', '9380/3'], '64/3')
    """
    wanted = rates(EFFECT if spec.effect is None else spec.effect, spec.false_alarm, spec.miss)
    chosen = measures(spec.quantities)
    samples = (
        None if spec.samples is None else integer(spec.samples, "samples", minimum=1, what="a whole number, 1 or more")
    )
    found = []
    for done, (name, net) in enumerate(spec.networks, start=1):
        try:
            found.append(_network(name, net, chosen, shared(wanted, len(chosen)), spec, samples))
        except PathMomentsError as error:
            raise type(error)(f"{name}: {error}") from error
        if progress is not None:
            progress(done, len(spec.networks))
    document = Golden(
        schema="pathmoments/golden/1",
        version=__version__,
        false_alarm=fraction_text(wanted.false_alarm),
        miss=fraction_text(wanted.miss),
        arithmetic=spec.arithmetic,
        networks=found,
    )
    return document.model_dump(by_alias=True)


def _network(
    name: str, net: Network, chosen: list[Measure], each: Rates, spec: GoldenSpec, samples: int | None
) -> GoldenNetwork:
    net.numeric_widths("a golden reference")
    check_determined(net, family_of(net, {(0, 0): 2}))
    quantities = [_quantity(one, net, each, spec.arithmetic, samples) for one in chosen]
    return GoldenNetwork(
        name=name,
        network=net.to_json(),
        layers=[_layer(net, j) for j in range(1, net.depth + 1)],
        entry_moments=_entry_moments(net, spec.orders),
        quantities=quantities,
    )


def _layer(net: Network, j: int) -> Layer:
    fan_in, fan_out = net.numeric_widths("a golden reference")[j - 1 : j + 1]
    value: Any = net.variances[j - 1]
    return Layer(
        fan_in=fan_in,
        fan_out=fan_out,
        law=law_to_json(net.laws[j - 1]),
        variance=exact(value),
        deviation=root_decimal(value),
        activated=net.activated(j),
    )


def _entry_moments(net: Network, orders: tuple[int, ...]) -> list[EntryMoment]:
    """Return E Z^order of one entry, as far as the moments of the laws are known."""
    found = []
    for order in orders:
        try:
            value = exact(moment(net, {(0, 0): order}))
        except UnknownMomentError:
            break
        found.append(EntryMoment(order=order, exact=value.exact, decimal=value.decimal))
    return found


def _quantity(measure: Measure, net: Network, each: Rates, arithmetic: str, samples: int | None) -> Quantity:
    moments = measure.moments(net)
    if moments.theta == 0:
        raise ArgumentError(f"E S of {measure.name} is 0 on this network, so nothing is a relative change of it")
    inputs, *_, outputs = net.numeric_widths("a golden reference")
    rounding = measure.allowance(net, units_of(arithmetic))
    test = fixed_test(moments, each, rounding, entries=inputs * outputs, samples=samples)
    spread = variance(moments)
    return Quantity(
        name=measure.name,
        pairs=measure.pairs,
        moments=[exact(value) for value in moments.values],
        variance=exact(spread),
        effect=fraction_text(test.effect),
        level=fraction_text(each.false_alarm),
        miss=fraction_text(each.miss),
        samples=test.samples,
        networks=test.samples * (2 if measure.pairs else 1),
        standard_error=root(divided(spread, test.samples)),
        test=_numbers(test),
    )


def _numbers(test: FixedTest) -> InfluenceNumbers:
    return InfluenceNumbers(
        theta=test.above.ladder[0].theta, threshold=test.threshold, above=_side(test.above), below=_side(test.below)
    )


def _side(evidence: Evidence) -> list[Slope]:
    return [
        Slope(slope=one.slope, growth=one.growth, weight=weight)
        for one, weight in zip(evidence.ladder, evidence.weights, strict=True)
    ]
