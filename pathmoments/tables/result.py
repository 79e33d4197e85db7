"""A finished table: columns, rows, and the formats it is written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import UnknownNameError, must_be
from ..files import written
from .spec import TableSpec

if TYPE_CHECKING:
    from .cells import Cell
    from .curves import TableCurve

Kind = Literal["parameter", "exact", "decimal", "word"]


@dataclass(frozen=True)
class Heading:
    """The heading of one column.

    Attributes
    ----------
    name
        Its name, the same in all formats but LaTeX.
    latex
        Its heading in LaTeX.
    kind
        "parameter" (widths and the rest of the network), "exact", "decimal" or "word".
    beside
        Whether it is the decimal of the exact column before it.
    """

    name: str
    latex: str
    kind: Kind
    beside: bool = False


@dataclass(frozen=True, repr=False)
class Table:
    """A table of exact values: one row a network, made by :func:`pathmoments.table`.

    Attributes
    ----------
    spec
        What was asked.
    columns
        The headings: widths, the parameters bound by `for`, law, variance, output, slope, bias; then the values, each with its decimal.
    rows
        One tuple a network, one entry a column: the widths as a tuple, other parameters as text or number, exact values as Fraction, ball,
        :class:`pathmoments.theorems.Bound` or formula, decimals as text, and None for "there is none".
    values
        The exact columns by name, also where the decimals are shown alone.
    """

    spec: TableSpec
    columns: tuple[Heading, ...]
    rows: tuple[tuple[Any, ...], ...]
    values: Mapping[str, Sequence[Cell]]

    def column(self, name: str) -> list[Any]:
        """Return the entries of the column of that name.

        Raises
        ------
        UnknownNameError
            If there is no such column.
        """
        names = [heading.name for heading in self.columns]
        if name not in names:
            raise UnknownNameError(must_be("a column", "one of " + ", ".join(names), name))
        number = names.index(name)
        return [row[number] for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"Table({len(self):,} rows: {', '.join(heading.name for heading in self.columns)})"

    def __str__(self) -> str:
        return self.to_text()

    # -- formats -----------------------------------------------------------------------------------------------------

    def to_text(self) -> str:
        """Return the table as a terminal shows it."""
        from .writers.aligned import to_text

        return to_text(self)

    def to_csv(self) -> str:
        r"""Return the table as CSV (RFC 4180 with \\n at the ends of lines): every parameter in every row."""
        from .writers.csv import to_csv

        return to_csv(self)

    def to_json(self) -> str:
        """Return the table as JSON, schema pathmoments/table/1: the version and the specification, then the rows."""
        from .writers.json import to_json

        return to_json(self)

    def to_markdown(self) -> str:
        """Return the table as Markdown."""
        from .writers.aligned import to_markdown

        return to_markdown(self)

    def to_latex(self) -> str:
        """Return the table as a LaTeX tabular, for the package booktabs."""
        from .writers.latex import to_latex

        return to_latex(self)

    def to_parquet(self, path: str | Path) -> None:
        """Write the table as a Parquet file, whole or not at all; every column is text, as in CSV.

        Raises
        ------
        MissingExtraError
            If pyarrow is not installed.
        ArgumentError
            If the file cannot be written.
        """
        from .writers.parquet import write_parquet

        with written(Path(path)) as temporary:
            write_parquet(self, temporary)

    # -- for pictures ------------------------------------------------------------------------------------------------

    def curves(self) -> list[TableCurve]:
        """Return what a picture against beta shows: n_0^K E Z^2K and its bounds, one curve a setting and quantity."""
        from .curves import curves

        return curves(self)
