"""`pathmoments advise`: the best architecture for a budget beside others, or what families of widths come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ArgumentError
from ..exact import fraction_text
from . import options, show
from .columns import AdviceFormat, comment, format_of, lines_of
from .families import draw_families, families_json, families_lines, judged_families
from .output import check_picture, check_targets, emit

if TYPE_CHECKING:
    from ..theorems.advice import Advice, Architecture


def _number(flag: str, help_: str) -> Any:
    return typer.Option(flag, metavar="N", help=help_, show_default=False)


def advise_command(
    depth: Annotated[int | None, _number("--depth", "Layers of weights: one more than hidden layers.")] = None,
    inputs: Annotated[int | None, _number("--inputs", "n_0; with --family 2 by default.")] = None,
    outputs: Annotated[int | None, _number("--outputs", "n_d; with --family 2 by default.")] = None,
    neurons: Annotated[int | None, _number("--neurons", "The budget: the most hidden neurons.")] = None,
    parameters: Annotated[
        int | None, _number("--parameters", "The budget, instead: the most weights and biases.")
    ] = None,
    multiple: Annotated[int, typer.Option("--multiple", metavar="N", help="Hidden widths are multiples of this.")] = 1,
    biases: Annotated[bool, typer.Option("--biases/--no-biases", help="Whether biases count as parameters.")] = True,
    compare: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WIDTHS",
            help="Another architecture, such as 784,64,128,10 or '784,64 x 5,10'; repeat for several.",
            show_default=False,
        ),
    ] = None,
    family: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FORMULA",
            help="A family of hidden widths n_j instead, such as 'j^2'; repeat for several. With j, + - * / ^ and log, sqrt, exp, floor, ceil, min, max.",
            show_default=False,
        ),
    ] = None,
    depths: Annotated[
        str | None,
        typer.Option(metavar="D,...", help="The depths of families: 1,2,4,...,64 by default.", show_default=False),
    ] = None,
    law: options.Laws = None,
    format_: Annotated[
        AdviceFormat | None,
        typer.Option("--format", help="How to print it; by default as -o FILE ends, else text.", show_default=False),
    ] = None,
    output_file: options.OutputFile = None,
    plot: options.Plot = None,
    force: options.Force = False,
) -> None:
    """Print the hidden widths of least beta for a budget, with the exact statistics of their gradients, or what a family of widths comes to.

    Examples: pathmoments advise --depth 6 --inputs 784 --outputs 10 --neurons 640 --compare 784,64,192,128,64,192,10

    pathmoments advise --family 'j^2' --family 'j*log(j+1)' --depths 2,8,32
    """
    kind = format_of(format_, output_file)
    budget = {"--depth": depth, "--neurons": neurons, "--parameters": parameters, "--compare": compare}
    asked = [name for name, value in budget.items() if value]
    if family and asked:
        raise ArgumentError(f"--family is about all depths at once: leave out {asked[0]}, or --family")
    if depths is not None and not family:
        raise ArgumentError("--depths is for --family; with a budget give --depth")
    if not family and not compare and neurons is None and parameters is None:
        raise ArgumentError("give a budget (--neurons N or --parameters N), architectures to --compare, or a --family")
    check_targets(output_file, plot, force=force)
    check_picture(plot)
    if family:
        judged = judged_families(family, inputs=inputs, outputs=outputs, law=law, depths=depths)
        emit(families_json(judged) if kind == AdviceFormat.json else families_lines(judged, kind), output_file)
        if plot is not None:
            draw_families(judged, plot)
        return
    from ..theorems.advice import advise

    found = advise(
        depth, inputs=inputs, outputs=outputs, neurons=neurons, parameters=parameters, multiple=multiple, biases=biases,
        law=law[0] if law and len(law) == 1 else law or "gaussian", compare=_compared(compare or []),
    )  # fmt: skip
    emit(_document(found) if kind == AdviceFormat.json else "\n".join(_lines(found, kind)), output_file)
    if plot is not None:
        _draw(found, plot)


def _compared(texts: list[str]) -> list[Any]:
    """Return the widths that the texts describe, in their order; a text may describe several."""
    from ..tables.grid import WidthGrid

    return [list(widths) for text in texts for _, widths in WidthGrid(text)]


def _lines(found: Advice, kind: AdviceFormat) -> list[str]:
    """Return the advice as lines of text, Markdown or LaTeX."""
    if kind == AdviceFormat.text:
        return str(found).splitlines()
    between = [""] if kind == AdviceFormat.markdown else []
    sentences = [found.verdict, f"law of the weights: {found.laws}" if found.laws else ""]
    heading = [line for text in sentences if text for line in (comment(text, kind), *between)]
    return [*heading, *lines_of([one.cells for one in found.architectures], kind)]


def _document(found: Advice) -> str:
    content: dict[str, Any] = {}
    if found.allocation is not None:
        content["budget"] = found.budget
        content["multiple"] = found.multiple
        content["advised"] = {
            "hidden": list(found.allocation.widths),
            "beta": fraction_text(found.allocation.beta),
            "optimal": found.allocation.optimal,
            "lower": fraction_text(found.allocation.lower),
        }
    content |= {"biases": found.biases, "architectures": [_architecture(one) for one in found.architectures]}
    return show.document("advice/1", **content)


def _architecture(one: Architecture) -> dict[str, Any]:
    values = {
        "beta": one.beta,
        "fourth_moment": one.fourth_moment,
        "spread": one.spread,
        "square_variance": one.square_variance,
    }
    return {
        "network": one.network.to_json(),
        "advised": one.advised,
        "neurons": one.neurons,
        "parameters": one.parameters,
        **{name: show.value_json(value) for name, value in values.items()},
        "deviation": show.decimal_json(one.deviation),
    }


def _draw(found: Advice, file: Path) -> None:
    from math import log10

    from ..plotting import Series, draw_against_beta
    from ..theorems import STATEMENTS

    series = []
    for one in found.architectures:
        verdict = STATEMENTS["12"].judge(one.network)
        shift = 2 * log10(one.network.numeric_widths("a picture")[0])
        lower, value, upper = (None if level is None else level + shift for level in verdict.levels)
        label = ("advised: " if one.advised else "") + one.cells["widths"]
        series.append(Series(label, [float(one.beta)], [value], [lower], [upper]))
    draw_against_beta(series, ylabel=r"$n_0^2\;\mathrm{E}\,Z^4$", title=found.budget, file=file)
