"""The page: well formed, self-contained, readable without colour or sight, and safe whatever a network is called."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser

import pytest

import pathmoments.errors as errors
from pathmoments.plotting import draw_margins
from pathmoments.reports import report_html
from pathmoments.reports.inline import VARIABLES, inline_svg
from pathmoments.reports.page import formula
from pathmoments.reports.page_style import STYLE
from pathmoments.verification import Report, Summary

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """What is on a page: elements with their attributes and texts; refuses tags that do not match."""

    def __init__(self, text: str) -> None:
        """Parse a whole page."""
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself: only those of SVG may."""
        assert "svg" in self.open, f"<{tag}/> is no HTML"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text with the element that it is in."""
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of that name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self) -> str:
        """Return all that is read, style sheets aside."""
        return " ".join(" ".join(text for tag, text in self.texts if tag != "style").split())


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    """Return the page of a report without violations."""
    return report_html(report)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    """Return it parsed."""
    return Page(html)


@pytest.fixture(scope="module")
def bad_html(hostile: Report) -> str:
    """Return the page of a report with a violation by a network with a hostile name."""
    return report_html(hostile)


# -- form ---------------------------------------------------------------------------------------------------------------


def test_page_is_well_formed(html: str, bad_html: str) -> None:
    """Every tag that is opened is closed, in order, and the page says what it is."""
    for text in (html, bad_html):
        assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert len(Page(text).all("title")) == 1


def test_headings_are_in_order(page: Page) -> None:
    """One first-level heading, then second-level ones: no level is skipped."""
    levels = [tag for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels == ["h1", *["h2"] * (len(levels) - 1)]
    assert [text for tag, text in page.texts if tag == "h2"] == [
        "What was checked", "Statements", "Margins", "Exact values and their bounds",
    ]  # fmt: skip


def test_table_headers_have_a_scope(page: Page) -> None:
    """Each header cell says whether it heads a column or a row; each row has the columns of the header."""
    scopes = [attributes.get("scope") for attributes in page.all("th")]
    assert scopes == ["col"] * 8 + ["row"] * 6
    assert len(page.all("td")) == 6 * 7
    assert len(page.all("caption")) == 1


def test_figures_have_captions_and_names(page: Page) -> None:
    """Each figure has a picture that says in words what it is, and a caption."""
    assert len(page.all("figure")) == len(page.all("figcaption")) == len(page.all("svg")) == 4
    for attributes in page.all("svg"):
        assert attributes["role"] == "img"
        assert attributes["aria-label"]
    labels = [attributes["aria-label"] for attributes in page.all("svg")]
    assert labels == [
        "Margins of the statements (2), (12), (14), (15) against beta",
        "(12) E Z^4 between its bounds against beta",
        "(14) E dVar and its upper bound against beta",
        "(15) E dVar and its lower bound against beta",
    ]


def test_page_repeats(report: Report, html: str) -> None:
    """The same report gives the same bytes."""
    assert report_html(report) == html


# -- self-contained -----------------------------------------------------------------------------------------------------


def test_nothing_is_fetched(html: str, page: Page) -> None:
    """No element fetches or runs anything: no src, no script, no link but to the page's own parts, nothing in the style sheet."""
    assert not {"script", "link", "img", "image", "iframe", "object", "embed", "base", "a"} & {
        t for t, _ in page.elements
    }
    for _, attributes in page.elements:
        assert "src" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "xlink:href"):
            assert attributes.get(name, "#").startswith("#")
    assert not re.search(r"url\((?!#)|@import|https?:|//", html)


def test_references_lead_somewhere(page: Page) -> None:
    """Names are unique on the page, though it has several pictures, and each reference has its target."""
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    used = {attributes["href"][1:] for _, attributes in page.elements if "href" in attributes}
    used |= {attributes["clip-path"][5:-1] for _, attributes in page.elements if "clip-path" in attributes}
    assert used <= set(names)
    assert len(used) > 50


def test_colours_follow_the_page(html: str) -> None:
    """Every colour of a picture is a variable, set for light and for dark screens, or the picture's own to fall back on."""
    pictures = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert not re.search(r"(?<!, )#[0-9a-f]{6}\b", pictures)
    light, dark = (re.findall(r"(--[\w-]+): #", part) for part in STYLE.split("@media", 2)[:2])
    assert light == dark
    assert set(re.findall(r"var\((--[\w-]+)", html)) <= set(light)
    assert set(VARIABLES.values()) <= set(light)


def test_dark_screens_do_not_print(html: str) -> None:
    """The dark colours are for screens alone: paper is white."""
    assert "@media screen and (prefers-color-scheme: dark)" in html
    assert "@media print" in html
    assert html.count("prefers-color-scheme") == 1


# -- content ------------------------------------------------------------------------------------------------------------


def test_the_verdict_is_at_the_top(report: Report, page: Page, hostile: Report, bad_html: str) -> None:
    """Below the title stands the verdict, and the title of the window has it too; a violation is no matter of colour."""
    assert f"✓ {report.cases:,} cases, no violation" in page.text()
    bad = Page(bad_html).text()
    assert f"✗ {hostile.cases:,} cases, 1 violation" in bad
    assert "✓" not in bad
    assert bad.index("✗") < bad.index("What was checked")
    assert next(text for tag, text in Page(bad_html).texts if tag == "title").endswith("1 violation")


def test_violations_come_first(hostile: Report, bad_html: str) -> None:
    """Violations are listed before all else, with network, quantity and note; in the table they are marked by a sign."""
    bad = Page(bad_html)
    (finding,) = [f for f in hostile.findings if f.status == "violated"]
    assert next(text for tag, text in bad.texts if tag == "h2") == "Violations"
    assert finding.network in [text for _, text in bad.texts]
    assert finding.note in bad.text()
    assert "✗ 1" in [text for tag, text in bad.texts if tag == "strong"]


def test_names_are_escaped(bad_html: str) -> None:
    """A name with mark-up is shown, and is no mark-up: not in a list, not in the table, not in a picture's label."""
    bad = Page(bad_html)
    assert not {"script", "b", "i"} & {tag for tag, _ in bad.elements}
    assert bad.text().count("<script>alert(1)</script>") == 2


def test_every_statement_has_a_row(report: Report, page: Page) -> None:
    """Each row has what is checked, the cases, their statuses, and the tightest network."""
    text = page.text()
    for summary in report.summaries:
        assert f"({summary.equation})" in text
        assert f"{summary.cases:,}" in text
        if summary.tightest is not None:
            assert summary.tightest.network in text
    assert "1 (attained)" in text
    assert "with equality" in text
    assert "geometric mean" in text
    assert "NaN" not in text
    assert "None" not in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("n_0^K", "n<sub>0</sub><sup>K</sup>"),
        ("mt4^(1) - 1", "mt4<sup>(1)</sup> \N{MINUS SIGN} 1"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("(7) to (9), E Z^2K", "(7) to (9), E Z<sup>2K</sup>"),
        ("beta theta", "β theta"),
        ("<sup>x</sup>", "&lt;sup&gt;x&lt;/sup&gt;"),
    ],
)
def test_formulas(text: str, shown: str) -> None:
    """Powers are raised, indices lowered, and mark-up in a text stays text."""
    assert formula(text) == shown


def test_statements_that_hold_with_equality_are_said(page: Page) -> None:
    """(11) has no panel, and the caption says why."""
    assert "(11): equality in every case, no panel." in page.text()


@pytest.mark.parametrize(
    ("equation", "said"), [("11", "Every margin is 1: equality in every case."), ("13", "No case has a margin.")]
)
def test_page_without_margins(report: Report, equation: str, said: str) -> None:
    """Where there is nothing to draw, a sentence says so, and there is no empty figure."""
    own = [finding for finding in report.findings if finding.equation == equation]
    (summary,) = [summary for summary in report.summaries if summary.equation == equation]
    page = Page(report_html(Report(report.grid, (summary,), tuple(own))))
    assert said in page.text()
    assert page.all("figure") == []


def test_page_of_nothing() -> None:
    """A report without statements is a page all the same."""
    page = Page(report_html(Report({}, (), ())))
    assert "0 cases, no violation" in page.text()


# -- the picture inside -------------------------------------------------------------------------------------------------


def test_inline_picture_has_its_own_names(report: Report) -> None:
    """Two pictures with different names share no id, and the label is escaped."""
    first, second = (inline_svg(draw_margins(report), name=name, label='a "b" <c>') for name in ("first", "second"))
    assert not set(re.findall(r'id="([^"]*)"', first)) & set(re.findall(r'id="([^"]*)"', second))
    assert first.replace("first-", "second-") == second
    assert 'aria-label="a &quot;b&quot; &lt;c&gt;"' in first
    assert "<metadata" not in first
    assert "<style" not in first


def test_missing_matplotlib_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib the page is refused with the command that installs it, whether or not it would have plots."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'pathmoments\[plot\]'"):
        report_html(Report({}, (Summary.of("12", "E Z^4", "what", []),), ()))
