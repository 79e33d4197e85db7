"""`pathmoments verify`: every statement of the paper on every network of a grid."""

from __future__ import annotations

import enum
import os
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ArgumentError, must_be
from . import options
from .output import check_picture, check_targets, emit
from .progress import progress
from .workers import workers

if TYPE_CHECKING:
    from ..verification import Report


class ReportFormat(enum.StrEnum):
    """How a report is written."""

    text = "text"
    json = "json"
    markdown = "markdown"
    latex = "latex"
    html = "html"


_BY_SUFFIX = {".json": "json", ".md": "markdown", ".tex": "latex", ".html": "html", ".htm": "html"}


def verify_command(
    statements: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[STATEMENT...]", help="Numbers of equations such as 12; all by default.", show_default=False
        ),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the statements and what is checked of each.")] = False,
    max_depth: Annotated[int, typer.Option(min=1, help="Networks of 1 to this many layers of weights.")] = 4,
    max_width: Annotated[int, typer.Option(min=1, help="All widths from 1 to this.")] = 3,
    laws: Annotated[
        str | None,
        typer.Option(
            metavar="LAW,...",
            help="Laws of the weights, one for all layers of a network: gaussian,uniform,rademacher,laplace by default.",
            show_default=False,
        ),
    ] = None,
    orders: Annotated[str, typer.Option(metavar="N,...", help="The orders 2K of (13), (16) and (17).")] = "2,4,6",
    output: Annotated[str, typer.Option(help="relu, linear or both; the bounds of the paper are for relu.")] = "relu",
    family: Annotated[
        list[str] | None,
        typer.Option(
            help="A formula in j of hidden widths n_j, such as j^2, for (7) to (9); repeat for several.",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        int, typer.Option(min=0, help="Simulated networks for each network of (16) and (17); 0 for none.")
    ] = 4096,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the simulations.")] = 0,
    budget: Annotated[
        int, typer.Option(min=1, help="The most collections that the enumeration of one case may take.")
    ] = 20_000,
    format_: Annotated[
        ReportFormat | None,
        typer.Option(
            "--format", help="How to print the report; by default as -o FILE ends, else text.", show_default=False
        ),
    ] = None,
    cases: Annotated[
        bool, typer.Option("--cases", help="With --format json: every case, not the summaries alone.")
    ] = False,
    output_file: options.OutputFile = None,
    plot: options.Plot = None,
    force: options.Force = False,
    ledger: options.LedgerFile = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, metavar="N", help="Work in N processes; by default one a core.", show_default=False
        ),
    ] = None,
    dask: options.Dask = None,
    yes: options.Yes = False,
) -> None:
    """Verify the paper's statements on every network of a grid; exit status 1 if any is violated.

    Example: pathmoments verify all --max-width 2 --format html -o report.html
    """
    from ..verification import Grid, suite, verify
    from ..verification.grid import MAX_NETWORKS

    if listing:
        emit("\n".join(f"({name})  {item.title}: {item.what}" for name, item in suite().items()), output_file)
        return
    chosen: dict[str, Any] = {} if laws is None else {"laws": _laws(laws)}
    if family:
        chosen["families"] = tuple(family)
    both = ("relu", "linear")
    grid = Grid(
        statements=() if not statements or "all" in statements else tuple(text.strip("()") for text in statements),
        max_depth=max_depth,
        max_width=max_width,
        orders=_orders(orders),
        outputs=both if output == "both" else (output,),
        budget=budget,
        samples=samples,
        seed=seed,
        **chosen,
    )
    kind = format_.value if format_ else _BY_SUFFIX.get(output_file.suffix.lower(), "text") if output_file else "text"
    if cases and kind != "json":
        raise ArgumentError("--cases is for --format json: the other formats have summaries")
    limit = None if yes else MAX_NETWORKS
    grid.check_size(limit)
    check_targets(output_file, plot, force=force)
    check_picture(plot)
    processes = jobs or (1 if dask is not None else os.cpu_count() or 1)
    with workers(jobs=processes, dask=dask, ledger=ledger) as (executor, kept), progress("verifying") as report:
        found = verify(grid, executor=executor, ledger=kept, limit=limit, progress=report)
    emit(_text(found, kind, cases=cases), output_file)
    if plot is not None:
        from ..plotting import draw_margins

        draw_margins(found, file=plot)
    if found.violations:
        raise typer.Exit(1)


def _text(found: Report, kind: str, *, cases: bool) -> str:
    from ..reports import FORMATS, report_json

    return report_json(found, cases=True) if cases else FORMATS[kind](found)


def _laws(text: str) -> tuple[str, ...]:
    """Return the laws of a list such as "gaussian,finite:-1=1/2,1=1/2": a comma before a letter separates."""
    return tuple(part.strip() for part in re.split(r",\s*(?=[A-Za-z])", text))


def _orders(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"-?[0-9]{1,9}", part) for part in parts):
        raise ArgumentError(must_be("--orders", "whole numbers separated by commas, such as 2,4,6", text))
    return tuple(map(int, parts))
