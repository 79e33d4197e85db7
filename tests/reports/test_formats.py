"""A report as text, Markdown, LaTeX and JSON: all say the same, and nothing in a name can break a format."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from pathmoments import __version__
from pathmoments.reports import FORMATS, report_json, report_latex, report_markdown, report_text, words
from pathmoments.verification import Finding, Report, Summary


def table_of(text: str) -> dict[str, list[str]]:
    """Return the rows of the table of a text report: {statement: cells}."""
    lines = [re.split(r"\s{3,}", line.strip()) for line in text.splitlines() if re.match(r"\(\d+\)\s{3,}", line)]
    return {cells[0]: cells for cells in lines}


def ratio(text: str) -> float:
    """Return a margin as it is written."""
    return 1.0 if text == "1 (attained)" else float(text)


# -- all of them --------------------------------------------------------------------------------------------------------


def test_formats_are_named() -> None:
    """The registry has a writer a format, in the order of the help text."""
    assert list(FORMATS) == ["text", "json", "markdown", "latex", "html"]


@pytest.mark.parametrize("name", FORMATS)
def test_writers_repeat(report: Report, name: str) -> None:
    """The same report gives the same text, without a date."""
    assert FORMATS[name](report) == FORMATS[name](report)
    assert not re.search(r"\b20[2-9]\d-\d\d", FORMATS[name](report))


@pytest.mark.parametrize("name", FORMATS)
def test_all_formats_name_every_statement(report: Report, name: str) -> None:
    """Each statement of the report is there, with how many cases it has."""
    text = FORMATS[name](report)
    for summary in report.summaries:
        assert summary.equation in text
        assert f"{summary.cases:,}" in text or str(summary.cases) in text


@pytest.mark.parametrize("name", FORMATS)
def test_reports_without_anything_are_written(name: str) -> None:
    """A report of no statements, and one of a statement without cases, are written and say so."""
    assert FORMATS[name](Report({}, (), ()))
    empty = Report({}, (Summary.of("12", "E Z^4", "what", []),), ())
    assert "0 cases, no violation" in FORMATS[name](empty) or json.loads(FORMATS[name](empty))["cases"] == 0


# -- text ---------------------------------------------------------------------------------------------------------------


def test_text_ends_with_the_verdict(report: Report, hostile: Report) -> None:
    """The last line is the number of cases and of violations."""
    assert report_text(report).splitlines()[-1] == f"{report.cases:,} cases, no violation."
    assert report_text(hostile).splitlines()[-1] == f"{report.cases:,} cases, 1 violation."


def test_undecided_cases_are_in_the_verdict(report: Report) -> None:
    """Undecided is no violation, and it is said."""
    findings = [replace(finding, status="undecided") for finding in report.findings if finding.equation == "11"]
    undecided = Report({}, (Summary.of("11", "E Z^2", "what", findings),), tuple(findings))
    assert report_text(undecided).splitlines()[-1] == f"{len(findings)} cases, no violation, {len(findings)} undecided."


def test_text_table_is_the_summaries(report: Report) -> None:
    """Each row has the statement's counts, the tightest margin, its network, and the average."""
    rows = table_of(report_text(report))
    assert list(rows) == [f"({summary.equation})" for summary in report.summaries]
    for summary in report.summaries:
        _, quantity, cases, violations, tightest, network, average, *also = rows[f"({summary.equation})"]
        assert (quantity, cases, violations) == (summary.title, f"{summary.cases:,}", "0")
        if summary.tightest is None:
            assert (tightest, network, average) == ("-", "-", "-")
            continue
        assert summary.tightest.margin is not None
        assert summary.average is not None
        assert network == summary.tightest.network
        assert ratio(tightest) == pytest.approx(10**summary.tightest.margin, rel=1e-3)
        assert ratio(average) == pytest.approx(10**summary.average, rel=1e-3)
        assert ("vacuous" in "".join(also)) == ("vacuous" in summary.statuses)


def test_text_counts_other_statuses_in_words(report: Report) -> None:
    """What neither holds nor is attained is counted, and every word that is used is explained below."""
    text = report_text(report)
    (fifteen,) = [summary for summary in report.summaries if summary.equation == "15"]
    counts = f"{fifteen.statuses['degenerate']} degenerate, {fifteen.statuses['vacuous']} vacuous"
    assert table_of(text)["(15)"][-1] == counts
    assert "Vacuous: " in text
    assert "Degenerate: " in text
    assert "Not applicable: " in text
    assert "Undecided: " not in text


def test_text_says_the_constant_of_13(report: Report) -> None:
    """The largest constant that (13) needs is said, with its network."""
    (thirteen,) = [summary for summary in report.summaries if summary.equation == "13"]
    assert thirteen.largest is not None
    assert thirteen.largest.constant is not None
    flat = " ".join(report_text(report).split())
    assert f"{thirteen.largest.constant:.4g}, for {thirteen.largest.quantity} at {thirteen.largest.network}" in flat


def test_text_has_no_colours(report: Report) -> None:
    """No escape sequence is in the text, and no line ends in blanks."""
    assert "\x1b" not in report_text(report)
    assert all(line == line.rstrip() for line in report_text(report).splitlines())


def test_violations_are_listed_in_full(hostile: Report) -> None:
    """A violation is listed with its network, quantity and note; a long value loses its middle, but not in JSON."""
    (finding,) = [f for f in hostile.findings if f.status == "violated"]
    (line,) = [line for line in report_text(hostile).splitlines() if finding.note in line]
    assert finding.network in line
    assert "E Z^4 = 777" in line
    assert "(302 characters); margin 0.03162; " in line
    assert len(line) < 300
    assert finding.exact in report_json(hostile)


def test_nothing_is_listed_without_violations(report: Report) -> None:
    """Without violations there is no such heading in any format."""
    assert "VIOLATED" not in report_text(report) + report_latex(report)
    assert "## Violations" not in report_markdown(report)
    assert "<h2>Violations" not in FORMATS["html"](report)


# -- what was asked -----------------------------------------------------------------------------------------------------


def test_grid_in_words(report: Report) -> None:
    """The grid is said in words, without what does not matter to the statements that were asked for."""
    said = dict(words.grid_words(report.grid))
    assert said["networks"] == (
        "every choice of widths from 1 to 2, inputs and outputs included, with 1 to 3 layers of weights"
    )
    assert said["laws"] == "gaussian, uniform, rademacher, laplace"
    assert said["orders 2K"] == "2, 4, 6"
    assert "simulation" not in said
    assert not any("(7)" in name for name in said)


def test_grid_of_simulated_statements() -> None:
    """Where paths are summed, the simulation and the budget are said."""
    grid = {"statements": ["16"], "samples": 4096, "seed": 3, "budget": 20000, "families": ["2^j"], "orders": [2]}
    assert words.grid_words(grid) == [
        ("orders 2K", "2"),
        ("path collections", "enumerated up to 20,000 a case"),
        ("simulation", "4,096 networks drawn for each, seed 3"),
    ]


def test_unknown_entries_of_a_grid_are_shown() -> None:
    """What has no words of its own is shown as it is, without brackets."""
    grid = {"beta_max": "7/2", "shapes": [[2, 3], [4]], "more": {"a": 1}, "nothing": None}
    assert words.grid_words(grid) == [
        ("beta max", "7/2"),
        ("shapes", "2, 3, 4"),
        ("more", "a 1"),
        ("nothing", "none"),
    ]


# -- JSON ---------------------------------------------------------------------------------------------------------------


def test_json_has_summaries(report: Report) -> None:
    """JSON has the schema, the version, the grid and each summary; the cases only when asked for."""
    content = json.loads(report_json(report))
    assert (content["schema"], content["version"]) == ("pathmoments/verification/1", __version__)
    assert content["grid"] == report.grid
    assert (content["cases"], content["violations"]) == (report.cases, 0)
    assert "findings" not in content
    for form, summary in zip(content["statements"], report.summaries, strict=True):
        assert (form["equation"], form["cases"], form["statuses"]) == (
            summary.equation,
            summary.cases,
            summary.statuses,
        )
        assert form["average"] == summary.average
        assert (form["tightest"] and Finding.from_json(form["tightest"])) == summary.tightest


@pytest.mark.parametrize("which", ["report", "hostile"])
def test_json_with_cases_has_the_whole_report(which: str, request: pytest.FixtureRequest) -> None:
    """From the findings in JSON the same report is made again."""
    report: Report = request.getfixturevalue(which)
    content = json.loads(report_json(report, cases=True))
    findings = tuple(map(Finding.from_json, content["findings"]))
    assert findings == report.findings
    assert [form["violations"] for form in content["statements"]] == [
        [finding.to_json() for finding in summary.violations] for summary in report.summaries
    ]


def test_json_of_no_cases() -> None:
    """An empty list of cases is valid JSON."""
    assert json.loads(report_json(Report({}, (), ()), cases=True))["findings"] == []


# -- Markdown and LaTeX -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["report", "hostile"])
def test_markdown_rows_have_equal_columns(which: str, request: pytest.FixtureRequest) -> None:
    """Every row of the table has as many cells as the header, whatever a network is called."""
    text = report_markdown(request.getfixturevalue(which))
    rows = [re.split(r"(?<!\\)\|", line) for line in text.splitlines() if line.startswith("|")]
    assert {len(row) for row in rows} == {len(words.HEADERS) + 2}
    assert len(rows) == 2 + 6


def test_markdown_shows_names_as_they_are(hostile: Report) -> None:
    """No mark-up in a name is taken for mark-up."""
    text = report_markdown(hostile)
    assert "<script>" not in text
    assert re.sub(r"\\(.)", r"\1", text).count("<script>") == 2
    assert not re.search(r"(?<!\\)[<>&$]", text)


def latex_is_clean(text: str) -> bool:
    """Whether, formulas and commands aside, no character is left that LaTeX would take for an instruction."""
    body = re.sub(r"\$[^$]*\$", "", text)
    body = re.sub(r"\\(text\w+|ldots|begin|end|toprule|midrule|bottomrule)\b(\{\w*\})*", "", body)
    body = re.sub(r"\\[&%$#_{}\\]", "", body).replace("-{}", "")
    return not re.search(r"[\\{}$%#_^~<>]", body)


@pytest.mark.parametrize("which", ["report", "hostile"])
def test_latex_has_no_unescaped_specials(which: str, request: pytest.FixtureRequest) -> None:
    """Comments aside, everything special is escaped; rows have equal columns; braces are balanced."""
    text = report_latex(request.getfixturevalue(which))
    lines = [line for line in text.splitlines() if not line.startswith("%")]
    rows = [line for line in lines if line.endswith(r"\\")]
    assert len(rows) == 1 + 6
    assert {len(re.split(r"(?<!\\)&", row)) for row in rows} == {len(words.HEADERS)}
    assert all(latex_is_clean(row.replace(" & ", " ")) for row in rows[1:])
    assert lines[0] == r"\begin{tabular}{llrrrlrl}"
    assert lines[-1] == r"\end{tabular}"
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}") or which == "hostile"  # its comments name it as it is


def test_latex_probe_sees_specials() -> None:
    """The probe above would notice a character that was forgotten."""
    assert latex_is_clean(r"50\% of n\_0 \textasciicircum{} $x^2$ -{}-{}law")
    assert not any(latex_is_clean(f"a {character} b") for character in "%#_^~<>{}$")


def test_latex_writes_formulas(report: Report) -> None:
    """Quantities are formulas, powers of ten too."""
    text = report_latex(report)
    assert r"$\mathrm{E}\, Z^{4}$" in text
    assert r"$\beta$" in text
    assert re.search(r"\$\d\.\d{3} \\cdot 10\^\{\d+\}\$", text)


def test_comments_stay_comments(hostile: Report) -> None:
    """A line break in a name does not end a comment of LaTeX or a row of Markdown."""
    (bad,) = [finding for finding in hostile.findings if finding.status == "violated"]
    broken = replace(bad, network="2,3\n\\input{x}")
    report = Report({}, (Summary.of("12", "E Z^4", "what\nmore", [broken]),), (broken,))
    assert not re.search(r"^\\input", report_latex(report), re.MULTILINE)
    assert not re.search(r"^\\input", report_markdown(report), re.MULTILINE)
