"""Pictures of a verification: each dot is a case, the tightest is named, a violation is seen, and large reports make small files."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from fractions import Fraction
from math import e, log10
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D

import pathmoments.errors as errors
from pathmoments.plotting import draw_levels, draw_margins
from pathmoments.plotting.levels import kind_of, with_levels
from pathmoments.plotting.margins import MAX_KINDS, with_margins
from pathmoments.verification import Finding, Report, Summary


def of(findings: list[Finding]) -> Report:
    """Return the report of these findings."""
    names = dict.fromkeys(finding.equation for finding in findings)
    summaries = [Summary.of(name, "E Z^4", "what", [f for f in findings if f.equation == name]) for name in names]
    return Report({}, tuple(summaries), tuple(findings))


def case(
    network: str = "2,3,2 --law gaussian", beta: str = "1/3", margin: float | None = 0.5, **more: object
) -> Finding:
    """Return a case of (12), as a verification might find it."""
    return replace(Finding("12", network, "E Z^4", "holds", beta=beta, margin=margin), **more)  # type: ignore[arg-type]  # fields by name


def panel(report: Report, equation: str) -> Axes:
    """Return the panel of a statement."""
    (found,) = [a for a in draw_margins(report).axes if a.get_title(loc="left").startswith(f"({equation})")]
    return found


def points(line: Line2D) -> list[tuple[float, float]]:
    """Return the points of a line."""
    return [(float(x), float(y)) for x, y in np.asarray(line.get_xydata())]


def dots(axes: Axes) -> set[tuple[float, float]]:
    """Return the dots: the marks that are neither a line, nor the ring, nor a cross."""
    lines = [one for one in axes.get_lines() if one.get_markersize() < 5 and one.get_linestyle() == "None"]
    return {(round(x, 6), round(y, 6)) for one in lines for x, y in points(one)}


# -- margins ------------------------------------------------------------------------------------------------------------


def test_one_panel_a_statement(report: Report) -> None:
    """Statements that have bounds have a panel, in the report's order; (11) holds with equality and (13) has no bounds: none."""
    titles = [axes.get_title(loc="left").split(")")[0] + ")" for axes in draw_margins(report).axes]
    assert titles == ["(2)", "(12)", "(14)", "(15)"]
    assert [summary.equation for summary in with_margins(report)] == ["2", "12", "14", "15"]


@pytest.mark.parametrize("equation", ["12", "14", "15"])
def test_dots_are_the_cases(report: Report, equation: str) -> None:
    """Each case stands at its beta and margin, and nothing else does."""
    axes = panel(report, equation)
    expected = {
        (round(float(Fraction(finding.beta)), 6), round(finding.margin, 6))
        for finding in report.findings
        if finding.equation == equation and finding.margin is not None
    }
    assert dots(axes) == expected
    assert len(expected) > 20


def test_laws_have_marks_of_their_own(report: Report) -> None:
    """Each law has its mark, the same in every panel and in the legend."""
    figure = draw_margins(report)
    (legend,) = figure.legends
    laws = [text.get_text() for text in legend.get_texts()]
    assert laws == ["gaussian", "uniform", "rademacher", "laplace", "tightest case", "margin 1: equality"]
    marks = {
        text: handle.get_marker()
        for text, handle in zip(laws, legend.legend_handles, strict=True)
        if isinstance(handle, Line2D)
    }
    assert len({marks[law] for law in laws[:4]}) == 4
    (rademacher,) = [one for one in panel(report, "12").get_lines() if one.get_marker() == marks["rademacher"]]
    values = {
        round(f.margin, 6)
        for f in report.findings
        if f.equation == "12" and "rademacher" in f.network and f.margin is not None
    }
    assert {round(y, 6) for _, y in points(rademacher)} == values


def test_the_tightest_case_is_ringed_and_named(report: Report) -> None:
    """The ring is around the smallest margin, and above the panel stand its ratio and its network."""
    for summary in with_margins(report):
        axes, tightest = panel(report, summary.equation), summary.tightest
        assert tightest is not None
        assert tightest.margin is not None
        (ring,) = [one for one in axes.get_lines() if one.get_markersize() == 11]
        ((x, y),) = points(ring)
        logarithmic = axes.get_ylim()[1] > 2 and summary.equation != "2"
        assert x == float(Fraction(tightest.beta))
        assert y == pytest.approx(tightest.margin if logarithmic else 10**tightest.margin)
        assert tightest.network in axes.get_title(loc="left")


def test_the_line_of_equality_is_in_sight(report: Report) -> None:
    """Margin 1 is a line in every panel, however far the cases are from it."""
    for figure in (draw_margins(report), draw_margins(of([case(margin=300.0), case(beta="1", margin=301.0)]))):
        for axes in figure.axes:
            low, high = axes.get_ylim()
            place = [one for one in axes.get_lines() if one.get_marker() == "None"][-1].get_ydata()
            assert low < np.asarray(place).tolist()[0] < high


def test_a_violation_is_crossed_out_and_in_sight() -> None:
    """A margin below 1 is crossed out, large and in the colour of alarm, and lies within the panel."""
    figure = draw_margins(of([case(), case("3,3 --law laplace", "0", -1.5, status="violated")]))
    (axes,) = figure.axes
    assert "violation" in [text.get_text() for text in figure.legends[0].get_texts()]
    (cross,) = [one for one in axes.get_lines() if one.get_marker() == "x"]
    assert [x for x, _ in points(cross)] == [0]
    assert axes.get_ylim()[0] < points(cross)[0][1] < axes.get_ylim()[1]
    assert to_rgba(cross.get_color()) == to_rgba("#c00000")
    assert "3,3 --law laplace" in axes.get_title(loc="left")


def test_without_violations_nothing_is_crossed_out(report: Report) -> None:
    """No cross without a margin below 1."""
    assert all(one.get_marker() != "x" for axes in draw_margins(report).axes for one in axes.get_lines())


def test_more_laws_than_marks_share_one() -> None:
    """Beyond the marks there are, laws share one, and the legend says so."""
    findings = [case(f"2,2 --law finite:-{i}=1/2,{i}=1/2", f"{i}/7", 0.1 * i) for i in range(1, 12)]
    (legend,) = draw_margins(of(findings)).legends
    assert len(legend.get_texts()) == MAX_KINDS + 2
    assert legend.get_texts()[MAX_KINDS - 1].get_text() == "other laws"


@pytest.mark.parametrize(
    ("network", "kind"),
    [
        ("2,3,2 --law uniform", "uniform"),
        ("2,3,2", "gaussian"),
        ("2,3 --law sparse:1/2:gaussian --output linear", "sparse:1/2:gaussian, linear output"),
        ("n_j = 2^j, depth 5 --law laplace", "laplace"),
    ],
)
def test_kind_of_a_network(network: str, kind: str) -> None:
    """The law, and the output where it is not the paper's."""
    assert kind_of(case(network)) == kind


def test_a_report_without_margins_is_refused() -> None:
    """No margin, or 1 everywhere: there is nothing to see."""
    for findings in ([], [case(margin=None)], [case(margin=0.0)]):
        with pytest.raises(errors.ArgumentError, match="nothing to draw"):
            draw_margins(of(findings))


# -- levels -------------------------------------------------------------------------------------------------------------


def test_levels_are_the_exact_values(report: Report) -> None:
    """Each exact value of (12) stands at its beta, and the lower bound is the line 2 exp(beta/2)."""
    (axes,) = draw_levels(report, "12").axes
    lines = {str(one.get_label()): one for one in axes.get_lines()}
    for law in ("gaussian", "uniform", "rademacher", "laplace"):
        own = [f for f in report.findings if f.equation == "12" and f.network.endswith(law)]
        expected = {(round(float(Fraction(f.beta)), 6), round(f.levels[1], 6)) for f in own if f.levels[1] is not None}
        assert {(round(x, 6), round(y, 6)) for x, y in points(lines[law])} == expected
    assert all(y == pytest.approx(log10(2) + x / 2 * log10(e)) for x, y in points(lines["lower bound"]))
    assert axes.get_ylabel() == r"$n_0^{2}\;\mathrm{E}\,Z^{4}$"


@pytest.mark.parametrize(
    ("equation", "title"),
    [
        ("2", "(2) beta and its lower bound"),
        ("12", "(12) E $Z^{4}$ between its bounds"),
        ("14", "(14) E dVar and its upper bound"),
        ("15", "(15) E dVar and its lower bound"),
        ("13", "(13) E $Z^{2K}$"),
    ],
)
def test_title_says_which_bounds_there_are(report: Report, equation: str, title: str) -> None:
    """The title names the statement, what is bounded, and the bounds that are there."""
    (axes,) = draw_levels(report, equation).axes
    assert axes.get_title(loc="left") == title


def test_orders_are_told_apart() -> None:
    """(13) is about several moments: each has marks of its own, named in the legend."""
    findings = [case(quantity=f"E Z^{order}", levels=(None, 0.5 * order, None)) for order in (2, 4, 6)]
    figure = draw_levels(of(findings), "12")
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["E Z^2, gaussian", "E Z^4, gaussian", "E Z^6, gaussian"]
    assert figure.axes[0].get_ylabel() == "moment of order $2K$, times $n_0^K$"


def test_statements_worth_a_picture(report: Report) -> None:
    """Those whose bounds are not always attained: not (11), and not (13), which has none."""
    assert [summary.equation for summary in with_levels(report)] == ["2", "12", "14", "15"]


def test_unknown_statement_is_refused(report: Report) -> None:
    """A statement that the report has not is refused with those it has."""
    with pytest.raises(errors.UnknownNameError, match="equation must be one of 2, 11, 12, 13, 14, 15, was '99'"):
        draw_levels(report, "99")


def test_statement_without_values_is_refused() -> None:
    """Where every exact value is 0 or missing there is nothing to draw."""
    with pytest.raises(errors.ArgumentError, match=r"no case of \(12\) has an exact value"):
        draw_levels(of([case()]), "12")


# -- files --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_files_repeat(report: Report, tmp_path: Path, suffix: str) -> None:
    """The same report gives the same bytes, and no other file is left."""
    for name in ("a", "b"):
        draw_margins(report, file=tmp_path / f"{name}.{suffix}")
        draw_levels(report, "12", file=str(tmp_path / f"{name}12.{suffix}"))
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
    assert (tmp_path / f"a12.{suffix}").read_bytes() == (tmp_path / f"b12.{suffix}").read_bytes()
    assert len(list(tmp_path.iterdir())) == 4


def test_twenty_thousand_cases_make_a_small_file(tmp_path: Path) -> None:
    """A large report is a picture of less than 300 kB, and its tightest case is in it."""
    rng = random.Random(0)
    findings = []
    for number in range(20_000):
        value, below, above = rng.uniform(0, 9), rng.uniform(0, 3), rng.uniform(0, 30)
        findings.append(
            case(
                f"{number},2 --law {('gaussian', 'uniform', 'laplace')[number % 3]}",
                f"{rng.randrange(1, 900)}/60",
                min(below, above),
                equation=("12", "14", "15", "16", "17")[number % 5],
                levels=(value - below, value, value + above),
            )
        )
    report = of(findings)
    draw_margins(report, file=tmp_path / "margins.svg")
    draw_levels(report, "12", file=tmp_path / "levels.svg")
    assert 100_000 < (tmp_path / "margins.svg").stat().st_size < 300_000
    assert 100_000 < (tmp_path / "levels.svg").stat().st_size < 300_000
    tightest = min(finding.margin for finding in findings if finding.equation == "12" and finding.margin is not None)
    assert min(y for _, y in dots(panel(report, "12"))) == pytest.approx(tightest, abs=1e-5)


@pytest.mark.parametrize("name", ["a.txt", "a"])
def test_wrong_suffix_is_refused(report: Report, tmp_path: Path, name: str) -> None:
    """A file that is no picture is refused, and none is made."""
    with pytest.raises(errors.UnknownNameError, match=r"\.svg, \.png or \.pdf"):
        draw_margins(report, file=tmp_path / name)
    with pytest.raises(errors.UnknownNameError, match=r"\.svg, \.png or \.pdf"):
        draw_levels(report, "12", file=tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_missing_matplotlib_is_said(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib the error has the command that installs it."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'pathmoments\[plot\]'"):
        draw_margins(report)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'pathmoments\[plot\]'"):
        draw_levels(report, "12")
