"""A verification in Markdown and in LaTeX."""

from __future__ import annotations

import re

from ..verification import Report, Summary
from . import words


def report_markdown(report: Report) -> str:
    """Return a report in Markdown: the verdict, what was checked, and a table with one row a statement.

    >>> from pathmoments.verification import Grid, verify
    >>> report_markdown(verify(Grid(statements=("11",), max_depth=1, max_width=2))).splitlines()[2]
    '**16 cases, no violation**'
    """
    rule = ["--:" if header in words.NUMBERS else ":--" for header in words.HEADERS]
    rows = [words.HEADERS, rule, *(list(map(_markdown, words.cells(summary))) for summary in report.summaries)]
    return "\n".join(
        [
            f"# {_markdown(words.heading())}",
            "",
            f"**{words.verdict(report)}**",
            "",
            *_markdown_violations(report),
            *(f"- {_markdown(name)}: {_markdown(text)}" for name, text in words.grid_words(report.grid)),
            "",
            *("| " + " | ".join(row) + " |" for row in rows),
            "",
            "Checked:",
            "",
            *(f"- ({summary.equation}) {_markdown(summary.what)}" for summary in report.summaries),
            "",
            "Read so:",
            "",
            *(f"- {_markdown(note)}" for note in words.notes(report)),
        ]
    )


def _markdown_violations(report: Report) -> list[str]:
    found = [finding for summary in report.summaries for finding in summary.violations]
    return (
        ["## Violations", "", *(f"- {_markdown(words.violation(finding))}" for finding in found), ""] if found else []
    )


def _markdown(text: str) -> str:
    r"""Return a text that Markdown shows as it stands, on one line.

    >>> print(_markdown("a|b <i> 2*3*4 n_0^2"))
    a\|b \<i\> 2\*3\*4 n\_0^2
    """
    return re.sub(r"([\\`*_\[\]<>#|~$&])", r"\\\1", " ".join(text.split()))


# -- LaTeX --------------------------------------------------------------------------------------------------------------


def report_latex(report: Report) -> str:
    r"""Return the table of a report in LaTeX (booktabs), what was checked and the verdict in comments above it.

    >>> from pathmoments.verification import Grid, verify
    >>> print(report_latex(verify(Grid(statements=("11", "12"), max_depth=1, max_width=2))).splitlines()[-3])
    (12) & $\mathrm{E}\, Z^{4}$ & 16 & 0 & 1 (attained) & 1,1 -{}-{}law rademacher & 2.006 & \\
    """
    comments = [
        words.heading(),
        words.verdict(report),
        *(f"{name}: {text}" for name, text in words.grid_words(report.grid)),
    ]
    comments += [f"({summary.equation}) {summary.what}" for summary in report.summaries] + words.notes(report)
    comments += [
        f"VIOLATED: {words.violation(finding)}" for summary in report.summaries for finding in summary.violations
    ]
    return "\n".join(
        [
            *("% " + " ".join(comment.split()) for comment in comments),
            r"\begin{tabular}{" + "".join("r" if header in words.NUMBERS else "l" for header in words.HEADERS) + "}",
            r"\toprule",
            " & ".join(words.HEADERS) + r" \\",
            r"\midrule",
            *map(_latex_row, report.summaries),
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def _latex_row(summary: Summary) -> str:
    equation, title, cases, violations, tightest, network, average, also = words.cells(summary)
    plain = [_latex(equation), _latex_quantity(title), cases, violations, _latex_number(tightest)]
    return " & ".join([*plain, _latex(network), _latex_number(average), _latex(also)]).rstrip() + r" \\"


def _latex_quantity(title: str) -> str:
    r"""Return a quantity's name as a formula where it is one that we know.

    >>> _latex_quantity("E Z^2K"), _latex_quantity("beta"), _latex_quantity("50% of n_0")
    ('$\\mathrm{E}\\, Z^{2K}$', '$\\beta$', '50\\% of n\\_0')
    """
    if title == "beta":
        return r"$\beta$"
    if title == "E dVar":
        return r"$\mathrm{E}\,\widehat{\mathrm{Var}}$"
    match = re.fullmatch(r"E (prod )?Z\^(\w+)", title)
    if match is None:
        return _latex(title)
    return rf"$\mathrm{{E}}\, {chr(92) + 'prod ' if match[1] else ''}Z^{{{match[2]}}}$"


def _latex_number(text: str) -> str:
    match = re.fullmatch(r"([0-9.]+)e([+-][0-9]+)", text)
    return rf"${match[1]} \cdot 10^{{{int(match[2])}}}$" if match else text.replace(words.NONE, "--")


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "-": "-{}",
    "…": r"\ldots{}",
    **{character: "\\" + character for character in "&%$#_{}"},
}


def _latex(text: str) -> str:
    """Return a text that LaTeX shows as it stands: "--law" stays two hyphens."""
    return "".join(_SPECIAL.get(character, character) for character in " ".join(text.split()))
