"""A small table of texts in the four formats of `advise`: what is exact in it is in JSON, these are for eyes."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from ..exact import Value, fraction_text
from ..theorems.readable import aligned, short_text

EXACT = 12
"""Characters up to which a cell shows a fraction as it is; longer ones are rounded."""

Rows = Sequence[dict[str, str]]
"""Rows of cells by the names of their columns, all alike."""


class AdviceFormat(enum.StrEnum):
    """How advice is written."""

    text = "text"
    json = "json"
    markdown = "markdown"
    latex = "latex"


_BY_SUFFIX = {".json": AdviceFormat.json, ".md": AdviceFormat.markdown, ".tex": AdviceFormat.latex}

_LATEX = {
    "beta": r"$\beta$",
    "n_0^2 E Z^4": r"$n_0^2\,\mathrm{E}\,Z^4$",
    "E dVar": r"$\mathrm{E}\,\widehat{\mathrm{Var}}$",
    "sd Z^2": r"$\mathrm{sd}\,Z^2$",
    "E ||Ju||^2": r"$\mathrm{E}\,\|Ju\|^2$",
    "E ||J||_F^2": r"$\mathrm{E}\,\|J\|_F^2$",
    "E tr (JJ^T)^2": r"$\mathrm{E}\,\mathrm{tr}(JJ^T)^2$",
    "E Z^4": r"$\mathrm{E}\,Z^4$",
    "typical ||Ju||^2": r"typical $\|Ju\|^2$",
    "sd ln": r"$\mathrm{sd}\,\ln\|Ju\|^2$",
}


def format_of(given: AdviceFormat | None, file: Path | None) -> AdviceFormat:
    """Return the format: as given, else as the file's name ends, else text."""
    if given is not None or file is None:
        return given or AdviceFormat.text
    return _BY_SUFFIX.get(file.suffix.lower(), AdviceFormat.text)


def lines_of(rows: Rows, kind: AdviceFormat) -> list[str]:
    """Return the lines of a table, in any format but JSON."""
    if kind == AdviceFormat.markdown:
        return _markdown(rows)
    return (
        _latex(rows) if kind == AdviceFormat.latex else aligned([list(rows[0]), *(list(row.values()) for row in rows)])
    )


def comment(text: str, kind: AdviceFormat) -> str:
    """Return a sentence as it stands above a table."""
    if kind == AdviceFormat.markdown:
        return _plain(text)
    return f"% {text}" if kind == AdviceFormat.latex else text


def cell_text(value: Value) -> str:
    """Return a short fraction as it is, and a long one or a ball rounded.

    >>> cell_text(Fraction(74, 3)), cell_text(Fraction(1, 3**30))
    ('74/3', '4.85694e-15')
    """
    if isinstance(value, Fraction) and len(text := fraction_text(value)) <= EXACT:
        return text
    return short_text(value)


def _markdown(rows: Rows) -> list[str]:
    names = [_plain(name) for name in rows[0]]
    rule = [":--", *["--:"] * (len(names) - 1)]
    cells = [[_plain(cell) for cell in row.values()] for row in rows]
    return ["| " + " | ".join(line) + " |" for line in (names, rule, *cells)]


def _plain(text: str) -> str:
    return re.sub(r"([\\_*|<>])", r"\\\1", text)


def _latex(rows: Rows) -> list[str]:
    names = [_LATEX.get(name, name) for name in rows[0]]
    lines = [r"\begin{tabular}{l" + "r" * (len(names) - 1) + "}", r"\toprule", " & ".join(names) + r" \\", r"\midrule"]
    lines += [" & ".join(map(_number_latex, row.values())) + r" \\" for row in rows]
    return [*lines, r"\bottomrule", r"\end{tabular}"]


def _number_latex(text: str) -> str:
    match = re.fullmatch(r"([0-9.]+)e([+-][0-9]+)", text)
    if match:
        return rf"${match[1]} \cdot 10^{{{int(match[2])}}}$"
    return text.replace(" x ", r" $\times$ ")
