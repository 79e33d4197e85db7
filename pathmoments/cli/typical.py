"""`pathmoments typical`: what a typical network does, beside the mean over all of them."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..exact import fraction_text, rational
from ..network import Network
from ..theorems.readable import short_text
from . import options, show
from .columns import cell_text

if TYPE_CHECKING:
    from ..quantities.log_norm import LogNorm


class PlainFormat(enum.StrEnum):
    """How a result is printed that has no table."""

    text = "text"
    json = "json"


def typical_command(
    widths: options.Widths = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "atomless",
    network: options.NetworkFile = None,
    fraction: Annotated[
        str, typer.Option(help="The fraction of the mean below which the mean says nothing of a typical network.")
    ] = "1/2",
    probability: Annotated[str, typer.Option(help="The probability with which the bounds of ||Ju||^2 hold.")] = "9/10",
    format_: Annotated[PlainFormat, typer.Option("--format", help="How to print the result.")] = PlainFormat.text,
) -> None:
    """Print mean and variance of ln ||Ju||^2 given that the network is alive, for Gaussian weights, beside the mean of ||Ju||^2.

    Example: pathmoments typical 10,10,10,10,10,10
    """
    net = options.network_from(widths, network, law, variance, output, slope, bias)
    from ..quantities.dead import dead_probability
    from ..quantities.log_norm import log_norm
    from ..quantities.moments import moment
    from ..quantities.typical import typical_layer

    log = log_norm(net)
    second: Any = moment(net, {(0, 0): 2})
    mean = second * net.widths[-1]
    values: dict[str, Any] = {"mean": mean, "dead": dead_probability(net)}
    values["mean_given_alive"] = mean / (1 - values["dead"])
    layer = typical_layer(net, fraction=fraction)
    write = _json if format_ == PlainFormat.json else _text
    typer.echo(write(net, log, values, rational(fraction, "--fraction"), layer, rational(probability, "--probability")))


def _text(
    net: Network, log: LogNorm, values: dict[str, Any], fraction: Any, layer: int | None, probability: Any
) -> str:
    low, high = (short_text(bound) for bound in log.within(probability))
    lowest, highest = (short_text(bound) for bound in log.median)
    level = fraction_text(fraction)
    return "\n".join(
        [
            f"E ||Ju||^2 = {cell_text(values['mean'])} for ||u|| = 1",
            f"network: {show.network_text(net)}",
            f"dead with probability {cell_text(values['dead'])}; given alive E ||Ju||^2 = {cell_text(values['mean_given_alive'])}",
            f"given alive ln ||Ju||^2 has mean {log.mean.str(15)} and variance {log.variance.str(15)}",
            f"typical ||Ju||^2, the exponential of that mean: {short_text(log.typical)}",
            f"median of ||Ju||^2 given alive: between {lowest} and {highest}",
            f"with probability {fraction_text(probability)} given alive: between {low} and {high}",
            f"the typical value is below {level} of the mean given alive from layer {layer} on"
            if layer
            else f"at no layer is the typical value below {level} of the mean given alive",
        ]
    )


def _json(
    net: Network, log: LogNorm, values: dict[str, Any], fraction: Any, layer: int | None, probability: Any
) -> str:
    return show.document(
        "typical/1",
        network=net.to_json(),
        **{name: show.value_json(value) for name, value in values.items()},
        log_norm={"mean": show.value_json(log.mean), "variance": show.value_json(log.variance)},
        typical=show.value_json(log.typical),
        median=[show.value_json(bound) for bound in log.median],
        probability=fraction_text(probability),
        within=[show.value_json(bound) for bound in log.within(probability)],
        fraction=fraction_text(fraction),
        layer=layer,
    )
