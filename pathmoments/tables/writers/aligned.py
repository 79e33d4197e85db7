"""Text for a terminal, and Markdown: the same columns, aligned, and what is the same in all rows below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..readable import Readable, readable
from .entries import entry_text, runs

if TYPE_CHECKING:
    from ..result import Table


def to_text(table: Table) -> str:
    """Return the table for a terminal."""
    shown = readable(table)
    rows = _cells(shown)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = ["-" * width for width in widths]
    lines = ["  ".join(_aligned(row, widths, shown.numeric)).rstrip() for row in (rows[0], rule, *rows[1:])]
    title = [table.spec.title, ""] if table.spec.title else []
    return "\n".join([*title, *lines, *(["", f"all rows: {shown.notes}"] if shown.notes else [])])


def to_markdown(table: Table) -> str:
    """Return the table as Markdown, aligned so that it can be read as text too."""
    shown = readable(table)
    rows = [[cell.replace("|", r"\|") for cell in row] for row in _cells(shown)]
    widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
    sides = zip(widths, shown.numeric, strict=True)
    rule = [("-" * (width - 1) + ":") if right else "-" * width for width, right in sides]
    lines = ["| " + " | ".join(_aligned(row, widths, shown.numeric)) + " |" for row in (rows[0], rule, *rows[1:])]
    title = [f"**{table.spec.title}**", ""] if table.spec.title else []
    return "\n".join([*title, *lines, *(["", f"All rows: {shown.notes}."] if shown.notes else [])])


def _cells(shown: Readable) -> list[list[str]]:
    """Return the rows as text, the headings first; a decimal beside its exact value needs not say of what it is."""
    names = [heading.name[heading.name.rindex("(") :] if heading.beside else heading.name for heading in shown.headings]
    return [names, *([_cell(entry) for entry in row] for row in shown.rows)]


def _cell(entry: Any) -> str:
    if isinstance(entry, tuple):
        return ",".join(str(width) if times == 1 else f"{width} x {times}" for width, times in runs(entry))
    return entry_text(entry)


def _aligned(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> list[str]:
    cells = zip(row, widths, numeric, strict=True)
    return [cell.rjust(width) if right else cell.ljust(width) for cell, width, right in cells]
