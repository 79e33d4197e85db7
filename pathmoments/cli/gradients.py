"""`pathmoments gradients`: the gradients by the weights, layer by layer, and whether they explode or vanish."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..exact import Value, is_symbolic
from ..network import Network
from . import options, show
from .progress import progress

if TYPE_CHECKING:
    from ..quantities.gradient_variance import GradientSpread


class GradientsFormat(enum.StrEnum):
    """How the result is printed."""

    text = "text"
    json = "json"


Point = Annotated[
    str,
    typer.Option("--x", metavar="X0,X1,...", help="The input, exact numbers; one number, or ones, for every place."),
]
OutputIndex = Annotated[
    int, typer.Option("--output-index", min=0, metavar="Q", help="The output whose gradients are taken.")
]
PrintFormat = Annotated[GradientsFormat, typer.Option("--format", help="How to print the result.")]


def network_at_zero(network: Any, bias: str) -> str:
    """Return the biases to describe a network with: zero by default, since gradients depend on them; a file says it itself."""
    return "atomless" if network is not None and bias == "zero" else bias


def point_from(text: str) -> Any:
    """Return the input of "ones", "1/2" or "1,2,3", its numbers still as text."""
    if text.strip() == "ones":
        return 1
    return options.input_from(text) if "," in text else text


def gradients_command(
    widths: options.Widths = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "zero",
    network: options.NetworkFile = None,
    x: Point = "ones",
    output_index: OutputIndex = 0,
    format_: PrintFormat = GradientsFormat.text,
) -> None:
    """Print, layer by layer, the exact moments of the gradients g = d f_Q / d w at an input: E g^2, its size beside layer 1, E g^4, and the spread of g^2.

    Example: pathmoments gradients 64,64,10 --x ones
    """
    net = options.network_from(widths, network, law, variance, output, slope, network_at_zero(network, bias))
    rows = _rows(net, point_from(x), output_index)
    typer.echo(
        _json(net, x, output_index, rows) if format_ == GradientsFormat.json else _text(net, x, output_index, rows)
    )


def _rows(net: Network, x: Any, output: int) -> dict[str, GradientSpread]:
    """Return the gradients of each layer, and of all."""
    from ..quantities.gradient_variance import gradient_spread

    rows = {}
    with progress("gradients by layer") as report:
        for layer in range(1, net.depth + 1):
            rows[str(layer)] = gradient_spread(net, x, layer=layer, output=output)
            if report is not None:
                report(layer, net.depth + 1)
        rows["all"] = gradient_spread(net, x, output=output)
    return rows


def _relative(value: Any, first: Any) -> Value | None:
    """Return value / first, None where the first is 0 (an input with zeros in layer 1 alone)."""
    if first == 0:
        return None
    ratio: Value = value / first
    if is_symbolic(ratio):
        import sympy

        return sympy.factor(ratio)
    return ratio


def _cells(name: str, row: GradientSpread, first: Any) -> list[str]:
    from ..theorems.readable import short_text

    square: Any = row.second
    fourth: Any = row.fourth
    values = [row.second, _relative(square, first), _relative(fourth, square * square), row.variance]
    return [name, str(row.weights), *("-" if value is None else short_text(value) for value in values)]


def _text(net: Network, x: str, output: int, rows: dict[str, GradientSpread]) -> str:
    from ..theorems.readable import aligned

    heading = ["layer", "weights", "E g^2", "beside layer 1", "E g^4/(E g^2)^2", "E dVar"]
    first = rows["1"].second
    table = aligned([heading, *(_cells(name, row, first) for name, row in rows.items())])
    return "\n".join([*heading_lines(net, x, output), *table])


def heading_lines(net: Network, x: str, output: int) -> list[str]:
    """Return what the table is of."""
    return [f"network: {show.network_text(net)}", f"input: {x}; output {output}"]


def _json(net: Network, x: str, output: int, rows: dict[str, GradientSpread]) -> str:
    return show.document(
        "gradients/1",
        network=net.to_json(),
        x=x,
        output=output,
        layers=[{"layer": name, **_content(row)} for name, row in rows.items()],
    )


def _content(row: GradientSpread) -> dict[str, Any]:
    weights = row.weights if isinstance(row.weights, int) else str(row.weights)
    values = {"second": row.second, "fourth": row.fourth, "variance": row.variance}
    exact = {name: show.value_json(value) for name, value in values.items()}
    return {"weights": weights, **exact, "decimal": {name: show.decimal_json(value) for name, value in values.items()}}
