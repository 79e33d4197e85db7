"""`pathmoments ntk`: the tangent kernel on the diagonal, its mean, its spread, and the layers' parts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..exact import Value, is_symbolic
from ..network import Network
from . import options, show
from .gradients import GradientsFormat, OutputIndex, Point, PrintFormat, heading_lines, network_at_zero, point_from
from .progress import progress


def ntk_command(
    widths: options.Widths = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "zero",
    network: options.NetworkFile = None,
    x: Point = "ones",
    output_index: OutputIndex = 0,
    biases: Annotated[bool, typer.Option("--biases", help="Add the gradients by the biases to the kernel.")] = False,
    format_: PrintFormat = GradientsFormat.text,
) -> None:
    """Print the exact moments of the tangent kernel K = sum over the weights of (d f_Q / d w)^2 at an input: E K, E K^2, its relative variance, the layers' parts.

    Example: pathmoments ntk 2,3,2 --x 1,1
    """
    net = options.network_from(widths, network, law, variance, output, slope, network_at_zero(network, bias))
    point = point_from(x)
    from ..quantities.ntk import ntk_moment, relative_variance

    with progress("tangent kernel") as report:
        moments = [ntk_moment(net, point, k, output=output_index, biases=biases, progress=report) for k in (1, 2)]
        parts = [
            ntk_moment(net, point, 1, output=output_index, layer=layer, biases=biases)
            for layer in range(1, net.depth + 1)
        ]
    spread = relative_variance(*moments)
    if format_ == GradientsFormat.json:
        typer.echo(_json(net, x, output_index, biases, moments, spread, parts))
        return
    lines = heading_lines(net, x, output_index)
    lines.insert(0, f"relative variance = {show.value_text(spread)}")
    lines.insert(0, f"E K^2 = {show.value_text(moments[1])}")
    lines.insert(0, f"E K = {show.value_text(moments[0])}")
    typer.echo("\n".join([*lines, *_table(moments[0], parts)]))


def _table(whole: Any, parts: list[Any]) -> list[str]:
    from ..theorems.readable import aligned, short_text

    rows = [
        [str(layer), short_text(part), short_text(_share(part, whole))] for layer, part in enumerate(parts, start=1)
    ]
    return aligned([["layer", "E K_layer", "share"], *rows])


def _share(part: Any, whole: Any) -> Value:
    share: Value = part / whole
    if is_symbolic(share):
        import sympy

        return sympy.factor(share)
    return share


def _json(
    net: Network, x: str, output: int, biases: bool, moments: list[Value], spread: Value, parts: list[Value]
) -> str:
    values = {"first": moments[0], "second": moments[1], "relative_variance": spread}
    return show.document(
        "ntk/1",
        network=net.to_json(),
        x=x,
        output=output,
        biases=biases,
        **{name: show.value_json(value) for name, value in values.items()},
        decimal={name: show.decimal_json(value) for name, value in values.items()},
        layers=[show.value_json(part) for part in parts],
    )
