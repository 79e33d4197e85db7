"""A verification as one HTML page: nothing is fetched, no script runs, and it reads as well on paper and in the dark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from .._version import __version__
from ..plotting.figures import figure_class
from ..plotting.levels import draw_levels, sides_of, with_levels
from ..plotting.margins import draw_margins, with_margins
from ..verification import Report, Summary
from . import words
from .inline import inline_svg
from .page_style import STYLE

TITLE = "Verification of Hanin (NeurIPS 2018)"
_MINUS = "\N{MINUS SIGN}"
_COLUMNS = (
    "statement",
    "what is checked",
    "cases",
    "of these",
    "violations",
    "tightest margin",
    "at network",
    "average margin",
)


def report_html(report: Report) -> str:
    """Return a report as one self-contained HTML page, with its plots.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.

    >>> from pathmoments.verification import Grid, verify
    >>> page = report_html(verify(Grid(statements=("11", "12"), max_depth=2, max_width=2)))
    >>> page.count("<figure"), "96 cases, no violation" in page
    (2, True)
    """
    figure_class()
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(TITLE)}: {escape(words.verdict(report))}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            *_header(report),
            "<main>",
            *_violations(report),
            *_section("What was checked", _grid(report)),
            *_section("Statements", _statements(report)),
            *_section("Margins", _margins(report)),
            *_section("Exact values and their bounds", _levels(report)),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def formula(text: str) -> str:
    """Return a text of the command line as HTML: powers raised, indices lowered, Greek letters and comparisons as such.

    >>> formula("E Z^4 <= 6 mt4max/n_0^2 exp(6 beta)")
    'E Z<sup>4</sup> ≤ 6 mt4max/n<sub>0</sub><sup>2</sup> exp(6 β)'
    """
    text = escape(text.replace("<=", "≤").replace(">=", "≥").replace(" - ", f" {_MINUS} "), quote=False)
    for word, letter in (("beta", "β"), ("eta", "η")):
        text = re.sub(rf"\b{word}\b", letter, text)
    text = re.sub(r"(?<=[A-Za-z])_([A-Za-z0-9])", r"<sub>\1</sub>", text)
    return re.sub(r"(?<=[\w\])>])\^(\w+|\(\w+\))", r"<sup>\1</sup>", text)


def _section(title: str, content: Iterable[str]) -> list[str]:
    lines = list(content)
    return ["<section>", f"<h2>{escape(title)}</h2>", *lines, "</section>"] if lines else []


def _header(report: Report) -> list[str]:
    sign, look = ("✗", "verdict violated") if report.violations else ("✓", "verdict")
    return [
        "<header>",
        f"<h1>{escape(TITLE)}</h1>",
        f'<p class="version">pathmoments {escape(__version__)}, exact arithmetic</p>',
        f'<p class="{look}">{sign} {escape(words.verdict(report))}</p>',
        "</header>",
    ]


def _violations(report: Report) -> list[str]:
    rows = [
        f'<li>({escape(finding.equation)}) <span class="network">{escape(finding.network)}</span>: {formula(words.found(finding))}</li>'
        for summary in report.summaries
        for finding in summary.violations
    ]
    return _section("Violations", ['<ol class="violations">', *rows, "</ol>"]) if rows else []


def _grid(report: Report) -> Iterator[str]:
    rows = words.grid_words(report.grid)
    if rows:
        yield "<dl>"
        yield from (f"<dt>{formula(name)}</dt><dd>{escape(text)}</dd>" for name, text in rows)
        yield "</dl>"


def _statements(report: Report) -> Iterator[str]:
    yield '<div class="scroll" role="region" aria-label="Table of statements" tabindex="0">'
    yield "<table>"
    yield "<caption>One row a statement, by the number of its equation in the paper.</caption>"
    heads = (f'<th scope="col"{_look(name)}>{escape(name)}</th>' for name in _COLUMNS)
    yield f"<thead><tr>{''.join(heads)}</tr></thead>"
    yield "<tbody>"
    yield from map(_row, report.summaries)
    yield "</tbody>"
    yield "</table>"
    yield "</div>"
    yield '<ul class="notes">'
    yield from (f"<li>{formula(note)}</li>" for note in words.notes(report))
    yield "</ul>"


def _row(summary: Summary) -> str:
    _, _, cases, violations, tightest, network, average, _ = words.cells(summary)
    cells = [
        ("what is checked", f"{formula(summary.title)}: {formula(summary.what)}"),
        ("cases", cases),
        ("of these", escape(words.statuses(summary, ("violated",)))),
        ("violations", f"<strong>✗ {violations}</strong>" if summary.violations else violations),
        ("tightest margin", _number(tightest)),
        ("at network", escape(network)),
        ("average margin", _number(average)),
    ]
    columns = "".join(f"<td{_look(name)}>{content}</td>" for name, content in cells)
    return f'<tr><th scope="row">({escape(summary.equation)})</th>{columns}</tr>'


def _look(column: str) -> str:
    looks = {
        "what is checked": "what",
        "of these": "statuses",
        "at network": "network",
        **dict.fromkeys(words.NUMBERS, "number"),
    }
    return f' class="{looks[column]}"' if column in looks else ""


def _number(text: str) -> str:
    match = re.fullmatch(r"([0-9.]+)e([+-][0-9]+)", text)
    return f"{match[1]} · 10<sup>{int(match[2])}</sup>".replace("-", _MINUS) if match else escape(text)


# -- the plots ----------------------------------------------------------------------------------------------------------


def _margins(report: Report) -> Iterator[str]:
    panels = with_margins(report)
    equal = [f"({s.equation})" for s in report.summaries if s not in panels and s.tightest is not None]
    missing = f" {' and '.join(equal)}: equality in every case, no panel." if equal else ""
    drawn = words.simulated(report)
    if drawn:
        missing += f" For {drawn} the line is what the simulation was allowed to be off by."
    if not panels:
        yield "<p>Every margin is 1: equality in every case.</p>" if equal else "<p>No case has a margin.</p>"
        return
    caption = (
        "The margin of each case against beta, one panel a statement. On the line the statement holds with equality; below it, it would fail, and such "
        "cases are crossed out. The tightest case is ringed, and named above the panel. Marks tell the laws apart; those that would cover one another are "
        f"drawn once.{missing}"
    )
    label = f"Margins of the statements {', '.join(f'({s.equation})' for s in panels)} against beta"
    yield from _figure("wide", inline_svg(draw_margins(report), name="margins", label=label), caption)


def _levels(report: Report) -> Iterator[str]:
    for number, summary in enumerate(with_levels(report)):
        if summary.title == "beta":
            continue  # beta against beta: its margins say it all
        own = [finding for finding in report.findings if finding.equation == summary.equation]
        sides = sides_of(own)
        normalised = "" if summary.title == "beta" else ", all times n_0^K for a moment of order 2K"
        caption = (
            f"({summary.equation}) {summary.title}{sides}, against beta{normalised}. Marks are exact values; bounds are thin lines where beta alone gives "
            "them, else short bars."
        )
        svg = inline_svg(
            draw_levels(report, summary.equation), name=f"levels-{number}",
            label=f"({summary.equation}) {summary.title}{sides} against beta",
        )  # fmt: skip
        yield from _figure("one", svg, caption)


def _figure(look: str, svg: str, caption: str) -> list[str]:
    return [f'<figure class="{look}">', svg, f"<figcaption>{formula(caption)}</figcaption>", "</figure>"]
