"""`pathmoments export`: a golden reference for other languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ArgumentError, must_be
from . import options, show
from .output import check_targets, emit
from .progress import progress


def export_command(
    widths: options.Widths = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "atomless",
    network: options.NetworkFile = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The name of the network in the document.", show_default=False),
    ] = None,
    quantity: options.Quantities = None,
    effect: options.Effect = None,
    false_alarm: Annotated[
        str | None,
        typer.Option(
            "--false-alarm",
            metavar="RATE",
            help="The probability that a correct network fails; 1e-6 by default.",
            show_default=False,
        ),
    ] = None,
    miss: Annotated[
        str | None,
        typer.Option(
            metavar="RATE", help="The probability that the effect is missed; 1e-3 by default.", show_default=False
        ),
    ] = None,
    orders: Annotated[
        str | None,
        typer.Option(
            metavar="N,...", help="Orders of the moments of one entry; 2,4,6,8 by default.", show_default=False
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="So many samples of each quantity, and the effect that they notice.",
            show_default=False,
        ),
    ] = None,
    arithmetic: Annotated[
        str | None,
        typer.Option(
            help="In what Jacobians will be computed: float64 (default), float32, float16 or bfloat16.",
            show_default=False,
        ),
    ] = None,
    spec: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Read all of this from a TOML file (- for stdin) instead.", show_default=False
        ),
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the document instead.")] = False,
    output_file: options.OutputFile = None,
    force: options.Force = False,
) -> None:
    """Write networks, exact moments, exact standard errors and checks as JSON that another language reads; without a network, what frameworks initialise.

    Examples: pathmoments export -o golden.json

    pathmoments export 8,32,32,4 --law uniform --output linear --bias zero --effect 1/20 -o golden.json
    """
    from ..golden import GoldenSpec, default_spec, golden, named
    from ..golden.schema import json_schema

    check_targets(output_file, force=force)
    if schema:
        emit(json.dumps(json_schema(), indent=2), output_file)
        return
    net = (law or [], variance or [], output, slope, bias)
    given: dict[str, Any] = {
        "quantities": tuple(quantity) if quantity else None, "effect": effect, "false_alarm": false_alarm, "miss": miss,
        "orders": _orders(orders), "samples": samples, "arithmetic": arithmetic,
    }  # fmt: skip
    given = {key: value for key, value in given.items() if value is not None}
    described = widths is not None or network is not None or net != ([], [], "relu", "0", "atomless")
    if spec is not None and (given or described or name is not None):
        raise ArgumentError(
            "--spec FILE describes the whole document: leave out WIDTHS and all options but -o and --force"
        )
    if name is not None and not described:
        raise ArgumentError("--name is that of a network: give WIDTHS or --network FILE with it")
    if spec is not None:
        from ..golden.reading import read_golden_spec

        asked = read_golden_spec(spec)
    elif described:
        one = options.network_from(widths, network, law, variance, output, slope, bias)
        asked = GoldenSpec(((name or named("network", one.widths), one),), **given)
    else:
        asked = default_spec(**given)
    with progress(f"{len(asked.networks)} networks") as report:
        content = golden(asked, progress=report)
    emit(show.document("golden/1", **{k: v for k, v in content.items() if k not in ("schema", "version")}), output_file)


def _orders(text: str | None) -> tuple[int, ...] | None:
    """Return the orders of "2,4"."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,4}", part) and int(part) and int(part) % 2 == 0 for part in parts):
        raise ArgumentError(must_be("--orders", "even whole numbers separated by commas, such as 2,4,6", text))
    return tuple(map(int, parts))
