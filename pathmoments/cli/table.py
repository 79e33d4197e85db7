"""`pathmoments table`: exact values on every network of a grid."""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ArgumentError, must_be
from ..laws import LAW_NAMES
from ..network import OUTPUTS, VARIANCES
from . import options
from .output import check_picture, check_targets, emit
from .progress import progress
from .workers import workers

if TYPE_CHECKING:
    from ..tables import Table, TableSpec


class TableFormat(enum.StrEnum):
    """How a table is written."""

    text = "text"
    csv = "csv"
    json = "json"
    markdown = "markdown"
    latex = "latex"
    parquet = "parquet"


SUFFIXES = {
    ".txt": TableFormat.text,
    ".csv": TableFormat.csv,
    ".json": TableFormat.json,
    ".md": TableFormat.markdown,
    ".markdown": TableFormat.markdown,
    ".tex": TableFormat.latex,
    ".parquet": TableFormat.parquet,
}


def _many(flag: str, help_: str, *names: str, metavar: str | None = None) -> Any:
    complete = (lambda incomplete: [name for name in names if name.startswith(incomplete)]) if names else None
    return typer.Option(flag, help=help_, autocompletion=complete, metavar=metavar, show_default=False)


def table_command(
    widths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WIDTHS...",
            help="Widths such as 2,3,2, or grids such as 'n,n,n for n in 1..20', '1..3,{4|8},2', '8,64 x 3,1'; a name that no `for` binds is a symbol.",
            show_default=False,
        ),
    ] = None,
    law: Annotated[
        list[str] | None, _many("--law", "A law of the weights; repeat for several. Default gaussian.", *LAW_NAMES)
    ] = None,
    variance: Annotated[
        list[str] | None, _many("--variance", "A variance of the weights; repeat for several. Default he.", *VARIANCES)
    ] = None,
    output: Annotated[
        list[str] | None, _many("--output", "relu (default) or linear; repeat for both.", *OUTPUTS)
    ] = None,
    slope: Annotated[
        list[str] | None, _many("--slope", "A slope of a leaky ReLU; repeat for several. Default 0.")
    ] = None,
    bias: Annotated[
        list[str] | None,
        _many("--bias", "atomless (default), zero, or a law; repeat for several.", "atomless", "zero", *LAW_NAMES),
    ] = None,
    order: Annotated[
        list[str] | None,
        _many("--order", "A column E Z[0,0]^ORDER; repeat for several, or 2,4,6.", metavar="ORDER,..."),
    ] = None,
    quantity: Annotated[
        list[str] | None,
        _many(
            "--quantity",
            "Columns: 'moment 0,0=2;1,1=2', variance, fourth, beta, 'bounds 12', each also with 'normalised' behind it; repeat for several.",
        ),
    ] = None,
    digits: Annotated[
        int | None,
        typer.Option(min=0, help="Decimals of so many significant digits beside the exact values.", show_default=False),
    ] = None,
    decimals: Annotated[bool, typer.Option("--decimals", help="Show the decimals alone.", show_default=False)] = False,
    across: Annotated[
        str | None,
        _many(
            "--across",
            "law, variance, output, slope or bias: its values side by side.",
            "law",
            "variance",
            "output",
            "slope",
            "bias",
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="A heading.", show_default=False)] = None,
    spec: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Read all of this from a TOML or JSON file (- for stdin) instead.", show_default=False
        ),
    ] = None,
    format_: Annotated[
        TableFormat | None,
        typer.Option(
            "--format",
            help="How to write the table; by default as the name after -o ends, else text.",
            show_default=False,
        ),
    ] = None,
    output_file: options.OutputFile = None,
    plot: options.Plot = None,
    force: options.Force = False,
    yes: options.Yes = False,
    ledger: options.LedgerFile = None,
    jobs: options.Jobs = 1,
    dask: options.Dask = None,
) -> None:
    """Print exact moments, variances and bounds on every network of a grid, one row a network.

    Example: pathmoments table "n,n,n for n in 1..5" --law gaussian --law uniform --order 4 --digits 6
    """
    from ..tables import MAX_ROWS, check_size, table

    given: dict[str, Any] = {
        "widths": widths, "laws": law, "variances": variance, "outputs": output, "slopes": slope, "biases": bias,
        "orders": _orders(order), "quantities": quantity, "digits": digits, "exact": False if decimals else None, "across": across, "title": title,
    }  # fmt: skip
    asked = _spec(spec, {key: value for key, value in given.items() if value is not None})
    kind = _format(format_, output_file)
    check_size(asked, None if yes else MAX_ROWS)
    _check_names(output_file, plot, ledger)
    check_targets(output_file, plot, force=force)
    check_picture(plot)
    if plot is not None and not any(quantity.curve for quantity in asked.quantities):
        raise ArgumentError(
            "--plot draws moments of one entry, variances and bounds against beta: add one, such as --order 4"
        )
    try:
        with (
            workers(jobs=jobs, dask=dask, ledger=ledger) as (executor, kept),
            progress(f"{asked.count:,} rows") as report,
        ):
            found = table(asked, executor=executor, ledger=kept, limit=None, progress=report)
    except KeyboardInterrupt:
        typer.echo(f"Interrupted: no table was written; {_rest(ledger)}.", err=True)
        raise typer.Exit(2) from None
    try:
        _write(found, kind, output_file)
    except ArgumentError as error:
        raise ArgumentError(f"{error}; {_rest(ledger)}") from error
    if plot is not None:
        _draw(found, plot)


def _rest(ledger: Path | None) -> str:
    """Return where the finished values are when no table could be written."""
    return f"what is finished is in {ledger}" if ledger is not None else "with --ledger FILE what is finished is kept"


def _spec(file: Path | None, given: dict[str, Any]) -> TableSpec:
    """Return the specification of the flags, or of the file."""
    from ..tables import read_spec, spec_of

    if file is not None:
        if given:
            raise ArgumentError(
                "--spec FILE describes the whole table: leave out WIDTHS, the options of the networks, --order, --quantity, --digits, "
                "--decimals, --across and --title"
            )
        return read_spec(file)
    if "widths" not in given:
        raise ArgumentError("give the widths, such as 2,3,2 or 'n,n,n for n in 1..20', or a file with --spec FILE")
    if "orders" not in given and "quantities" not in given:
        raise ArgumentError("say what the columns are: --order 4, or --quantity variance")
    if "exact" in given and not given.get("digits"):
        raise ArgumentError("--decimals shows decimals alone: say how many digits with --digits")
    if {"for", "in"} & set(given["widths"]):
        grid = " ".join(given["widths"])
        raise ArgumentError(f"a grid is one argument: put it in quotation marks, such as '{grid}'")
    return spec_of(given)


def _orders(texts: list[str] | None) -> list[int] | None:
    """Return the orders of "4" and "2,4,6"."""
    parts = [part.strip() for text in texts or () for part in text.split(",")]
    for part in parts:
        if not re.fullmatch(r"-?[0-9]{1,9}", part):
            raise ArgumentError(must_be("--order", "a whole number, or several with commas between them", part))
    return list(map(int, parts)) if texts else None


def _format(format_: TableFormat | None, file: Path | None) -> TableFormat:
    if format_ is None and file is not None and file.suffix not in SUFFIXES:
        raise ArgumentError(
            must_be("the name after -o", "one that ends in " + ", ".join(SUFFIXES), file.name, "or give --format")
        )
    kind = format_ or (SUFFIXES[file.suffix] if file is not None else TableFormat.text)
    if kind == TableFormat.parquet and file is None:
        raise ArgumentError("parquet is not text: give a file with -o FILE")
    return kind


def _check_names(*files: Path | None) -> None:
    """Refuse one name for two files: the later would replace the earlier."""
    names = [file.resolve() for file in files if file is not None]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(f"{name.name} would be written twice: give -o, --plot and --ledger a file each")


def _write(found: Table, kind: TableFormat, file: Path | None) -> None:
    if kind == TableFormat.parquet:
        assert file is not None
        found.to_parquet(file)
        return
    text: str = getattr(found, f"to_{kind}")()
    emit(text.removesuffix("\n"), file)


def _draw(found: Table, file: Path) -> None:
    from ..plotting import Series, draw_against_beta

    curves = found.curves()
    names = {curve.heading for curve in curves}
    draw_against_beta(
        [Series(curve.label, curve.beta, curve.value, curve.lower, curve.upper) for curve in curves],
        ylabel=names.pop() if len(names) == 1 else "each value times $n_0^K$",
        title=found.spec.title,
        file=file,
    )
