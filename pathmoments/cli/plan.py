"""`pathmoments plan`: how many networks a check draws, or what so many would notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ArgumentError
from ..exact import fraction_text
from ..network import Network
from ..theorems.readable import aligned, short_text
from . import options, show
from .output import check_targets, emit

if TYPE_CHECKING:
    from fractions import Fraction

    from ..conformance import Plan


def plan_command(
    widths: options.Widths = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "atomless",
    network: options.NetworkFile = None,
    quantity: options.Quantities = None,
    effect: options.Effect = None,
    false_alarm: options.FalseAlarm = "1e-6",
    miss: options.Miss = "1e-3",
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="The other way round: the smallest change that so many networks notice.",
            show_default=False,
        ),
    ] = None,
    arithmetic: options.Arithmetic = "float64",
    format_: options.TextJson = options.TextOrJson.text,
    output_file: options.OutputFile = None,
    force: options.Force = False,
) -> None:
    """Print how many networks a check draws so that both of its error rates are kept, or what so many would notice.

    Examples: pathmoments plan 64,64,64,10 --output linear --bias zero --effect 1/20

    pathmoments plan 64,64,64,10 --quantity frobenius --quantity mean:4 --samples 5000
    """
    from ..conformance import minimum_effect, plan
    from ..conformance.rates import EFFECT

    if samples is not None and effect is not None:
        raise ArgumentError("--samples N asks for the effect that is noticed: leave out --effect, or --samples")
    net = options.network_from(widths, network, law, variance, output, slope, bias)
    check_targets(output_file, force=force)
    chosen = quantity or ["frobenius"]
    rates: dict[str, Any] = {"false_alarm": false_alarm, "miss": miss, "arithmetic": arithmetic}
    if samples is None:
        found = plan(net, chosen, effect=effect or EFFECT, **rates)
        text, content = _lines(found), _content(found)
    else:
        noticed = minimum_effect(net, samples, quantities=chosen, **rates)
        text, content = _noticed_lines(samples, noticed), _noticed_content(net, samples, noticed, false_alarm, miss)
    if format_ == options.TextOrJson.text:
        emit("\n".join([*text, *_rates(net, false_alarm, miss, arithmetic)]), output_file)
    else:
        emit(show.document("plan/1", **content, arithmetic=arithmetic), output_file)


def _lines(found: Plan) -> list[str]:
    head = ("quantity", "E S", "E S^2 / (E S)^2", "level", "networks", "test", "notices")
    rows = [
        (
            one.name, short_text(one.exact), f"{one.ratio:.4g}", f"{float(one.level):.2g}", f"{one.samples:,}", one.test, _percent(one.effect),
        )
        for one in found.quantities
    ]  # fmt: skip
    return [f"{found.samples:,} networks notice a change of {_percent(found.effect)}", "", *aligned([head, *rows]), ""]


def _noticed_lines(samples: int, noticed: dict[str, Fraction | None]) -> list[str]:
    rows = [(name, _percent(effect)) for name, effect in noticed.items()]
    return [f"what {samples:,} networks notice", "", *aligned([("quantity", "notices"), *rows]), ""]


def _rates(net: Network, false_alarm: str, miss: str, arithmetic: str) -> list[str]:
    return [
        f"network: {show.network_text(net)}",
        f"false alarms at most {false_alarm}, misses at most {miss}; Jacobians in {arithmetic}",
    ]


def _percent(effect: Fraction | None) -> str:
    from ..conformance.plan import percent

    return percent(effect)


def _content(found: Plan) -> dict[str, Any]:
    quantities = [
        {
            "quantity": one.name,
            "exact": show.value_json(one.exact),
            "decimal": show.decimal_json(one.exact),
            "ratio": one.ratio,
            "level": fraction_text(one.level),
            "samples_needed": one.samples,
            "test": one.test,
            "minimum_effect": None if one.effect is None else fraction_text(one.effect),
        }
        for one in found.quantities
    ]
    return {
        "network": found.network.to_json(),
        "samples": found.samples,
        "effect": fraction_text(found.effect),
        "false_alarm": fraction_text(found.false_alarm),
        "miss": fraction_text(found.miss),
        "quantities": quantities,
    }


def _noticed_content(
    net: Network, samples: int, noticed: dict[str, Fraction | None], false_alarm: str, miss: str
) -> dict[str, Any]:
    from ..conformance.rates import rate

    return {
        "network": net.to_json(),
        "samples": samples,
        "effect": None,
        "false_alarm": fraction_text(rate(false_alarm, "false_alarm")),
        "miss": fraction_text(rate(miss, "miss")),
        "quantities": [
            {"quantity": name, "minimum_effect": None if effect is None else fraction_text(effect)}
            for name, effect in noticed.items()
        ],
    }
