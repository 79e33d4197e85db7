"""`pathmoments check`: the user's sampled Jacobians against the exact moments of a network."""

from __future__ import annotations

import enum
import traceback
from typing import TYPE_CHECKING, Annotated

import typer

from . import options, show
from .output import check_targets, emit

if TYPE_CHECKING:
    from ..conformance import Report


class CheckFormat(enum.StrEnum):
    """How the report of a check is written."""

    text = "text"
    json = "json"
    junit = "junit"


def check_command(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="package.module:sampler, a function (samples, seed) that draws Jacobians J[sample, q, p], or an array; or a .npy file of one.",
            show_default=False,
        ),
    ],
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
    draws: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Draw at most so many networks, not the planned number.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The seed of all draws; a fresh one by default.", show_default=False)
    ] = None,
    arithmetic: Annotated[
        str | None,
        typer.Option(
            help="float64, float32, float16 or bfloat16, if the Jacobians are computed in another type than the one in which they come.",
            show_default=False,
        ),
    ] = None,
    format_: Annotated[CheckFormat, typer.Option("--format", help="How to write the report.")] = CheckFormat.text,
    output_file: options.OutputFile = None,
    force: options.Force = False,
    show_traceback: Annotated[
        bool, typer.Option("--traceback", help="Print the whole traceback of an exception of TARGET's own code.")
    ] = False,
) -> None:
    """Check sampled Jacobians against a network; exit status 0 if they conform, 1 if they do not, 2 if there is nothing to check.

    Example: pathmoments check mypackage.init:sampler --network net.json
    """
    from ..conformance import check
    from ..conformance.rates import EFFECT
    from .loading import UserCodeError, samples_from

    net = options.network_from(widths, network, law, variance, output, slope, bias)
    check_targets(output_file, force=force)
    try:
        report = check(
            samples_from(target), net, quantities=quantity or None, effect=effect or EFFECT, false_alarm=false_alarm, miss=miss,
            draws=draws, seed=seed, arithmetic=arithmetic,
        )  # fmt: skip
    except UserCodeError as error:
        if show_traceback:
            traceback.print_exception(error.__cause__)
        raise
    emit(_written(report, format_, target), output_file)
    if not report.passed:
        raise typer.Exit(1)


def _written(report: Report, kind: CheckFormat, target: str) -> str:
    if kind == CheckFormat.junit:
        from ..reports.junit import check_junit

        return check_junit(report, target)
    if kind == CheckFormat.text:
        return str(report)
    content = report.to_json()
    return show.document(
        "check/1", **{key: value for key, value in content.items() if key not in ("schema", "version")}
    )
