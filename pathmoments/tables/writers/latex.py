r"""LaTeX: a tabular for the package booktabs, fractions as \frac{p}{q}; title and what is the same in all rows stand above it as comments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..cells import decimal_latex, latex_text
from ..formulas import Formula
from ..grid import symbolic
from ..readable import readable
from .entries import escaped, runs

if TYPE_CHECKING:
    from ..result import Heading, Table


def to_latex(table: Table) -> str:
    """Return the table as LaTeX."""
    shown = readable(table)
    sides = "".join("r" if right else "l" for right in shown.numeric)
    comments = [table.spec.title, f"all rows: {shown.notes}" if shown.notes else ""]
    lines = [f"% {line}" for line in comments if line]
    lines += [
        rf"\begin{{tabular}}{{{sides}}}",
        r"\toprule",
        _row(heading.latex for heading in shown.headings),
        r"\midrule",
    ]
    lines += [_row(map(_entry, row, shown.headings)) for row in shown.rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def _row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _entry(entry: Any, heading: Heading) -> str:
    if heading.kind == "parameter":
        if isinstance(entry, tuple):
            return f"${','.join(_width(width, times) for width, times in runs(entry))}$"
        return f"${entry}$" if isinstance(entry, int) else escaped(entry or "")
    return f"${decimal_latex(entry)}$" if isinstance(entry, str) else latex_text(entry)


def _width(width: Any, times: int) -> str:
    r"""Return a width in mathematics; a run of equal ones as 64^{\times 100}."""
    text = str(width)
    if isinstance(width, str):
        import sympy

        text = str(sympy.latex(symbolic(Formula(width), {})))
    if times == 1:
        return text
    base = text if text.isalnum() else rf"\left({text}\right)"
    return rf"{base}^{{\times {times}}}"
