"""What the commands share: the options that make a network and a monomial, and their readers."""

from __future__ import annotations

import enum
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..dag import DagNetwork
from ..errors import ArgumentError, must_be
from ..laws import LAW_NAMES
from ..network import OUTPUTS, VARIANCES, Network


class Format(enum.StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"
    latex = "latex"


def _complete(*names: str) -> Any:
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


Widths = Annotated[
    str | None,
    typer.Argument(
        metavar="WIDTHS",
        help="The widths n_0,...,n_d, such as 2,3,4,2; a name such as n is a symbol.",
        show_default=False,
    ),
]
Laws = Annotated[
    list[str] | None,
    typer.Option(
        "--law",
        help="The law of the weights, once or once a layer: gaussian (default), uniform, rademacher, laplace, truncated:2, "
        "finite:-1=1/4,0=1/2,1=1/4, sparse:1/2:gaussian, moments:2=1,4=3, symbolic, orthogonal:gain_squared=2.",
        autocompletion=_complete(*LAW_NAMES),
        show_default=False,
    ),
]
Powers = Annotated[
    list[str] | None,
    typer.Option(
        "--power",
        "-p",
        metavar="P,Q=ORDER",
        help="A factor Z[P,Q]^ORDER of the monomial; repeat for several.",
        show_default=False,
    ),
]
Variances = Annotated[
    list[str] | None,
    typer.Option(
        "--variance",
        help="The variance of the weights, once or once a layer: he (default), lecun, glorot, pytorch, or an exact number.",
        autocompletion=_complete(*VARIANCES),
        show_default=False,
    ),
]
Output = Annotated[str, typer.Option(help="relu or linear.", autocompletion=_complete(*OUTPUTS))]
Slope = Annotated[str, typer.Option(help="The slope of a leaky ReLU, an exact number such as 1/4.")]
Bias = Annotated[
    str, typer.Option(help="atomless, zero, or a law.", autocompletion=_complete("atomless", "zero", *LAW_NAMES))
]
NetworkFile = Annotated[
    Path | None,
    typer.Option(
        "--network",
        metavar="FILE",
        help="Read the network from its JSON form (- for stdin), instead of WIDTHS and options.",
        show_default=False,
    ),
]
LayerRange = Annotated[
    str | None,
    typer.Option("--layers", metavar="I:J", help="The Jacobian of the layers I+1..J alone.", show_default=False),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the result.")]
Budget = Annotated[
    int | None,
    typer.Option(
        min=1, help="The most collections, states or coefficients that the route may take.", show_default=False
    ),
]


Input = Annotated[
    str | None,
    typer.Option(
        "--x",
        metavar="X0,X1,...",
        help="The input, exact numbers: of --route exhaustion (default 1,2,...) and of --check (default 1,1,...).",
        show_default=False,
    ),
]

OutputFile = Annotated[
    Path | None,
    typer.Option(
        "--output-file",
        "-o",
        metavar="FILE",
        help="Write the result to this file instead of stdout.",
        show_default=False,
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FILE", help="Draw a picture too (.svg, .png or .pdf).", show_default=False),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go on with a large grid.", show_default=False)]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, metavar="N", help="Work in N processes on this machine.")]
Dask = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Work on the Dask cluster whose scheduler is at this address.",
        show_default=False,
    ),
]
LedgerFile = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        metavar="FILE",
        help="Keep finished results in this file as they finish; a rerun does what is missing.",
        show_default=False,
    ),
]


def network_from(
    widths: str | None,
    file: Path | None,
    laws: list[str] | None,
    variances: list[str] | None,
    output: str,
    slope: str,
    bias: str,
) -> Network:
    """Return the network that the options describe, from a file or from widths."""
    if file is not None:
        _check_alone(widths, laws, variances, output, slope, bias)
        if str(file) == "-":
            return Network.from_json(sys.stdin.read())
        from ..spec import read_network

        return read_network(file)
    if widths is None:
        raise ArgumentError("give the widths, such as 2,3,4,2, or a file with --network FILE")
    return Network(
        _widths(widths),
        law=_one_or_list(laws, "gaussian"),
        variance=_one_or_list(variances, "he"),
        output=output,
        slope=slope,
        bias=bias,
    )


def network_or_dag_from(
    widths: str | None,
    file: Path | None,
    laws: list[str] | None,
    variances: list[str] | None,
    output: str,
    slope: str,
    bias: str,
) -> Network | DagNetwork:
    """Return the network that the options describe; a file may also hold one on a graph (pathmoments/dag/1)."""
    if file is not None:
        from ..dag.spec import DAG_SCHEMA, dag_from_form
        from ..spec import _parsed, network_from_form, read_form

        _check_alone(widths, laws, variances, output, slope, bias)
        where = "" if str(file) == "-" else f"{file}: "
        form = read_form(file) if where else _parsed(sys.stdin.read(), "the text")
        if isinstance(form, dict) and form.get("schema") == DAG_SCHEMA:
            return dag_from_form(form, where)
        return network_from_form(form, where)
    return network_from(widths, file, laws, variances, output, slope, bias)


def _check_alone(
    widths: str | None, laws: list[str] | None, variances: list[str] | None, output: str, slope: str, bias: str
) -> None:
    """Refuse what a file says already."""
    if widths is not None or laws or variances or (output, slope, bias) != ("relu", "0", "atomless"):
        raise ArgumentError(
            "--network FILE describes the whole network: leave out WIDTHS, --law, --variance, --output, --slope and --bias"
        )


def _one_or_list(values: list[str] | None, default: str) -> Any:
    if not values:
        return default
    return values[0] if len(values) == 1 else values


def _widths(text: str) -> list[Any]:
    return [_width(part.strip(), text) for part in text.split(",")]


def _width(part: str, text: str) -> Any:
    if re.fullmatch(r"[+-]?[0-9]{1,110}", part):
        return int(part)
    if re.fullmatch(r"[0-9]+", part):
        raise ArgumentError(must_be("a width", "at most 10^100 neurons", f"the number of {len(part)} digits"))
    if part.isidentifier():
        import sympy

        return sympy.Symbol(part)
    raise ArgumentError(
        must_be("WIDTHS", "whole numbers (or names of symbols) separated by commas, such as 2,3,4,2", text)
    )


def power_from(factors: list[str] | None) -> dict[tuple[int, int], int]:
    """Return {(p, q): order} from texts "p,q=order"; the same entry twice multiplies."""
    if not factors:
        raise ArgumentError("give the monomial with --power P,Q=ORDER, such as --power 0,0=4")
    power: dict[tuple[int, int], int] = {}
    for factor in factors:
        match = re.fullmatch(r"\s*(-?[0-9]{1,18})\s*,\s*(-?[0-9]{1,18})\s*=\s*(-?[0-9]{1,18})\s*", factor)
        if not match:
            raise ArgumentError(must_be("--power", "P,Q=ORDER with whole numbers, such as 0,0=4", factor))
        p, q, order = map(int, match.groups())
        if order < 0:
            raise ArgumentError(must_be("--power", "an order of 0 or more", factor))
        power[p, q] = power.get((p, q), 0) + order
    return power


def layers_from(text: str | None) -> tuple[int, int] | None:
    """Return (i, j) from "i:j"."""
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", text)
    if not match:
        raise ArgumentError(must_be("--layers", "I:J such as 1:3 for the layers 2 and 3", text))
    return int(match[1]), int(match[2])


def input_from(text: str | None) -> list[str] | None:
    """Return the numbers of "x0,x1,...", still as text."""
    return None if text is None else [part.strip() for part in text.split(",")]
