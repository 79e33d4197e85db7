"""`pathmoments mistakes`: the known mistakes of initialisers, what each does to exact moments, and the networks that show it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..conformance.measures import DEFAULT
from ..exact import Value, fraction_text
from ..network import Network
from ..theorems.readable import aligned, short_text
from . import options, show
from .output import check_targets, emit

if TYPE_CHECKING:
    from ..conformance.catalogue import KnownMistake

SHORT = 14
"""Characters of a fraction from which on the table has its decimal (JSON has it whole)."""
ENDS = (4, 2)
"""How many layers of a deep network are left at the two ends of a row."""


def mistakes_command(
    widths: options.Widths = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "atomless",
    network: options.NetworkFile = None,
    effect: options.Effect = None,
    false_alarm: options.FalseAlarm = "1e-6",
    miss: options.Miss = "1e-3",
    format_: options.TextJson = options.TextOrJson.text,
    output_file: options.OutputFile = None,
    force: options.Force = False,
) -> None:
    """Print what known mistakes of an initialiser do to the exact moments, layer by layer, and how many networks show each.

    Example: pathmoments mistakes 64,64,64,10 --output linear --bias zero
    """
    from ..conformance import mistakes
    from ..conformance.rates import EFFECT

    net = options.network_from(widths, network, law, variance, output, slope, bias)
    check_targets(output_file, force=force)
    found = mistakes(net, effect=effect or EFFECT, false_alarm=false_alarm, miss=miss)
    if format_ == options.TextOrJson.text:
        emit("\n".join(_lines(net, found)), output_file)
        return
    rates = {"effect": effect or fraction_text(EFFECT), "false_alarm": false_alarm, "miss": miss}
    content = {name: fraction_text(Fraction(rate.strip())) for name, rate in rates.items()}
    document = show.document("mistakes/1", network=net.to_json(), **content, mistakes=[_content(one) for one in found])
    emit(document, output_file)


def _lines(net: Network, found: list[KnownMistake]) -> list[str]:
    hidden = range(1, net.depth)
    watched = [name for name in DEFAULT if any(name in one.ratios for one in found)]
    head = ["mistake", "where", *_ends([f"1..{j}" for j in hidden]), *watched, "networks", "seen in"]
    rows = [
        [
            one.name,
            one.where,
            *_ends([_short(value) for value in one.shifts[:-1]] or ["" for _ in hidden]),
            *(_short(one.ratios[name]) if name in one.ratios else "" for name in watched),
            "none" if one.draws is None else f"{one.draws:,}",
            one.by,
        ]
        for one in found
    ]
    titles = {one.name: one.title for one in found}
    wide = max(map(len, titles))
    return [
        f"network: {show.network_text(net)}",
        "E ||J||_F^2 of the layers 1..j, and of each watched quantity, over what it should be; the networks with which it is seen, and in what",
        "",
        *aligned([head, *rows]),
        "",
        *(f"{name.ljust(wide)}  {title}" for name, title in titles.items()),
    ]


def _ends(cells: list[str]) -> list[str]:
    """Return the cells of the layers, without the middle of a deep network."""
    first, last = ENDS
    return cells if len(cells) <= first + last + 1 else [*cells[:first], "...", *cells[-last:]]


def _short(value: Value) -> str:
    text = show.value_json(value)
    return text if len(text) < SHORT else short_text(value)


def _content(one: KnownMistake) -> dict[str, Any]:
    return {
        "mistake": one.name,
        "title": one.title,
        "where": one.where,
        "network": None if one.network is None else one.network.to_json(),
        "shifts": [_number(value) for value in one.shifts],
        "ratios": {name: _number(value) for name, value in one.ratios.items()},
        "samples_needed": one.draws,
        "seen_in": one.by,
    }


def _number(value: Value) -> dict[str, str | None]:
    return {"exact": show.value_json(value), "decimal": show.decimal_json(value)}
