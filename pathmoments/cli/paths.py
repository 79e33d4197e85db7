"""`pathmoments paths`: the path collections behind a moment, grouped by type."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ArgumentError, must_be
from ..exact import fraction_text
from ..paths import DEFAULT_BUDGET, Summary, summarize
from . import options, show
from .progress import progress


def paths_command(
    widths: options.Widths = None,
    power: options.Powers = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "atomless",
    network: options.NetworkFile = None,
    layers: options.LayerRange = None,
    budget: options.Budget = None,
    draw: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw a collection on its network (.svg, .png or .pdf).", show_default=False),
    ] = None,
    row: Annotated[
        int | None,
        typer.Option(
            min=1, help="The row whose first collection --draw shows; the first by default.", show_default=False
        ),
    ] = None,
    format_: options.OutputFormat = options.Format.text,
) -> None:
    """Print the table of path collections whose factors sum to a moment (Theorem 3).

    Example: pathmoments paths 2,3,2 --power 0,0=4
    """
    net = options.network_from(widths, network, law, variance, output, slope, bias)
    monomial, section = options.power_from(power), options.layers_from(layers)
    if row is not None and draw is None:
        raise ArgumentError("--row chooses what --draw shows: give --draw FILE with it")
    with progress(f"E {show.monomial_text(monomial)}") as report:
        table = summarize(net, monomial, layers=section, budget=budget or DEFAULT_BUDGET, progress=report)
    if draw is not None:
        _draw(table, row or 1, draw)
    printers = {options.Format.text: table_text, options.Format.json: _json, options.Format.latex: _latex}
    typer.echo(printers[format_](table))


def _draw(table: Summary, row: int, file: Path) -> None:
    from ..plotting import draw_collection

    if (table.family.first, table.family.last) != (0, table.net.depth):
        raise ArgumentError("--draw shows collections through the whole network: leave out --layers")
    if not table.types:
        raise ArgumentError("there is nothing to draw: every collection uses some edge an odd number of times")
    if row > len(table.types):
        raise ArgumentError(must_be("--row", f"a row of the table, 1 to {len(table.types)}", row))
    draw_collection(table.net, table.types[row - 1].example, file=file)


def _cells(table: Summary) -> list[list[str]]:
    """Return the rows: number, ordered count, for each layer the multiplicities, |Gamma(j)| and C_j, and the contribution."""
    rows = []
    for number, kind in enumerate(table.types, start=1):
        cells = [str(number), f"{kind.ordered:,}"]
        for edges, loads, factor in zip(kind.multiplicities, kind.loads, kind.factors, strict=True):
            cells += [" ".join(map(str, edges)), str(len(loads)), show.value_json(factor)]
        rows.append([*cells, show.value_json(kind.contribution)])
    return rows


def _headers(table: Summary) -> list[str]:
    layers = range(table.family.first + 1, table.family.last + 1)
    return ["row", "collections", *(h for j in layers for h in (f"edges({j})", f"|Γ({j})|", f"C({j})")), "contribution"]


def table_text(table: Summary) -> str:
    """Return the table as the terminal shows it."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for header in _headers(table):
        grid.add_column(header, justify="left" if header.startswith("edges") else "right", no_wrap=True)
    for cells in _cells(table):
        grid.add_row(*cells)
    console = Console(width=10_000, color_system=None)
    with console.capture() as captured:
        console.print(grid)
    body = "\n".join(line.rstrip() for line in captured.get().splitlines())
    return "\n".join([*_opening(table), "", *([body, ""] if table.types else []), *_closing(table)])


def _opening(table: Summary) -> list[str]:
    name = show.monomial_text(table.family.power())
    return [
        f"E {name} = {show.value_text(table.moment)}",
        f"network: {show.network_text(table.net)}",
        f"collections: {table.ordered:,} ordered, {table.unordered:,} unordered; edges(j): how many paths use each edge of layer j",
    ]


def _closing(table: Summary) -> list[str]:
    more = "more " if table.types else ""
    lines = [f"{table.vanishing:,} {more}collections use some edge an odd number of times and contribute 0."]
    if table.alive != 1:
        lines.append(
            f"The sum is times {show.value_text(table.alive)}, the probability that the layers below are alive."
        )
    return lines


def _json(table: Summary) -> str:
    return show.document(
        "paths/1",
        network=table.net.to_json(),
        power=show.power_json(table.family.power()),
        layers=[table.family.first, table.family.last],
        value=show.value_json(table.moment),
        ordered=table.ordered,
        unordered=table.unordered,
        vanishing=table.vanishing,
        alive=show.value_json(table.alive),
        types=[
            {
                "ordered": kind.ordered,
                "unordered": kind.unordered,
                "multiplicities": [list(m) for m in kind.multiplicities],
                "neurons": [len(loads) for loads in kind.loads],
                "factors": [show.value_json(factor) for factor in kind.factors],
                "contribution": show.value_json(kind.contribution),
                "example": [list(path) for path in kind.example],
            }
            for kind in table.types
        ],
    )


def _latex(table: Summary) -> str:
    layers = range(table.family.first + 1, table.family.last + 1)
    heads = [
        "collections",
        *(h for j in layers for h in (rf"$|\gamma({j})|$", rf"$|\Gamma({j})|$", f"$C_{{{j}}}$")),
        "contribution",
    ]
    lines = [rf"\begin{{tabular}}{{{'r' * len(heads)}}}", r"\toprule", " & ".join(heads) + r" \\", r"\midrule"]
    for kind in table.types:
        cells: list[Any] = [kind.ordered]
        for edges, loads, factor in zip(kind.multiplicities, kind.loads, kind.factors, strict=True):
            cells += [", ".join(map(str, edges)), len(loads), f"${show.value_latex(factor)}$"]
        lines.append(" & ".join(map(str, [*cells, f"${show.value_latex(kind.contribution)}$"])) + r" \\")
    lines += [
        rf"{table.vanishing} & \multicolumn{{{len(heads) - 2}}}{{r}}{{some edge used an odd number of times}} & $0$ \\",
        r"\midrule",
        rf"{fraction_text(table.ordered)} & \multicolumn{{{len(heads) - 2}}}{{r}}{{sum}} & ${show.value_latex(table.moment)}$ \\",
    ]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])
