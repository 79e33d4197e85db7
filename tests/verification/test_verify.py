"""`verify`: the grid is counted before it begins, every case is judged, and a statement that is altered is found violated."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from typing import Any

import pytest

from pathmoments import Grid, Network, bounds, verify
from pathmoments.errors import ArgumentError, BudgetError, UnknownNameError
from pathmoments.sweeps import executor
from pathmoments.theorems import CRITERIA, STATEMENTS
from pathmoments.theorems.criteria import DEPTHS
from pathmoments.verification import Finding, Report, suite
from pathmoments.verification.grid import FALSE_ALARM

SMALL: dict[str, Any] = {"max_depth": 2, "max_width": 2, "laws": ("gaussian", "rademacher"), "samples": 512}


@pytest.fixture(scope="module")
def report() -> Report:
    """All statements on a small grid."""
    return verify(Grid(families=("j^2", "3"), **SMALL))


def test_every_statement_is_verified_without_violation(report: Report) -> None:
    """The suite has the paper's numbered statements, each has cases, and none is violated."""
    assert [summary.equation for summary in report.summaries] == ["2", *map(str, (7, 8, 9)), *map(str, range(11, 18))]
    assert all(summary.cases > 0 for summary in report.summaries if summary.equation != "13")
    assert report.violations == 0
    assert report.cases == sum(summary.cases for summary in report.summaries)


def test_all_networks_of_the_grid_are_there(report: Report) -> None:
    """(11) is judged once on every network: all widths, both laws."""
    expected = {
        ",".join(map(str, widths)) + f" --law {law}"
        for depth in (1, 2)
        for widths in itertools.product((1, 2), repeat=depth + 1)
        for law in ("gaussian", "rademacher")
    }
    names = [finding.network for finding in report.findings if finding.equation == "11"]
    assert sorted(names) == sorted(expected)
    assert Grid(**SMALL).networks == len(expected)


def test_default_grid_is_as_large_as_it_says() -> None:
    """1,440 networks: 9 + 27 + 81 + 243 shapes with four laws; a task each, and one for each family and law."""
    grid = Grid()
    tasks = [json.loads(task) for task in grid.tasks()]
    assert grid.networks == 1440 == sum(task["task"] == "verify/1" for task in tasks)
    assert sum(task["task"] == "criteria/1" for task in tasks) == len(grid.families) * 4


def test_findings_are_the_verdicts(report: Report) -> None:
    """What is reported of a network is what `bounds` says of it: value, status, margin, normalised levels."""
    net = Network([2, 1, 2], law="rademacher")
    by_equation = {f.equation: f for f in report.findings if f.network == "2,1,2 --law rademacher"}
    for verdict in bounds(net, statements=["11", "12", "14", "15"]):
        finding = by_equation[verdict.equation]
        assert (finding.status, finding.quantity, finding.exact) == (
            verdict.status,
            verdict.quantity,
            str(verdict.exact),
        )
        assert finding.margin == verdict.log10_margin
        assert Fraction(finding.beta) == 1
    fourth = by_equation["12"]
    exact = Fraction(fourth.exact) * 2**2
    assert 10 ** fourth.levels[1] == pytest.approx(float(exact))  # type: ignore[operator]  # the level of a positive value


def test_summary_finds_the_tightest(report: Report) -> None:
    """The tightest margin of (12) is that of the minimum over all findings, and the average their mean."""
    summary = next(s for s in report.summaries if s.equation == "12")
    margins = [f.margin for f in report.findings if f.equation == "12" and f.margin is not None]
    assert summary.tightest is not None
    assert summary.tightest.margin == min(margins) == 0.0
    assert summary.average == pytest.approx(sum(margins) / len(margins))
    thirteen = next(s for s in verify(Grid(statements=("13",), max_depth=2)).summaries)
    assert thirteen.largest is not None
    assert "laplace" in thirteen.largest.network


def test_families_are_judged_at_every_depth(report: Report) -> None:
    """(7), (8) and (9) are judged for each formula, law and depth."""
    for equation in CRITERIA:
        laws = 2 if CRITERIA[equation].depends_on_law else 1
        assert sum(f.equation == equation for f in report.findings) == 2 * laws * len(DEPTHS)


def test_false_alarm_rate_of_a_run_is_kept() -> None:
    """The groups of the simulations are planned for all checks of the grid together."""
    grid = Grid()
    simulation = grid.simulation()
    assert simulation is not None
    checks = sum(f.equation in ("16", "17") for f in verify(Grid(**SMALL)).findings)
    assert checks <= Grid(**SMALL).networks * 9
    assert simulation.false_alarm(grid.networks * 9) <= FALSE_ALARM


def test_networks_are_simulated_with_seeds_of_their_own() -> None:
    """The seed of a network's simulation depends on the grid's seed, the widths, the law and the output, and on nothing else."""
    from pathmoments.verification.judge import _simulation

    seeds = set()
    for task in [*Grid().tasks(), *Grid(seed=1, outputs=("linear",)).tasks()]:
        content = json.loads(task)
        if content["task"] == "verify/1":
            simulation = _simulation(content)
            assert simulation is not None
            seeds.add(simulation.seed)
    assert len(seeds) == 2 * 1440


@pytest.mark.parametrize("equation", ["2", "11", "12", "14", "15"])
def test_an_altered_statement_is_found_violated(monkeypatch: pytest.MonkeyPatch, equation: str) -> None:
    """If the exact values were half or twice what they are, the verification would say so, for every bound."""
    from pathmoments.theorems import Statement, Verdict

    original = Statement._compared

    def altered(self: Statement, quantity: str, exact: Any, *bounds: Any) -> Verdict:
        return original(self, quantity, exact * (10**40 if equation == "14" else Fraction(1, 10**3)), *bounds)

    monkeypatch.setattr(Statement, "_compared", altered)
    found = verify(Grid(statements=(equation,), **SMALL))
    assert found.violations > 0
    assert found.summaries[0].violations[0].status == "violated"


def test_same_report_in_other_processes(report: Report) -> None:
    """Two processes give the same report, finding by finding."""
    with executor(jobs=2) as workers:
        assert verify(Grid(families=("j^2", "3"), **SMALL), executor=workers) == report


def test_a_large_grid_says_its_count_first() -> None:
    """The count comes at once, however large the grid, with the way out."""
    with pytest.raises(BudgetError, match="1,440 networks, over 1,000"):
        verify(Grid(), limit=1000)
    with pytest.raises(BudgetError, match="networks, over"):
        verify(Grid(max_depth=60, max_width=60))


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"statements": ("99",)}, UnknownNameError, "one of 2, 7, 8, 9, 11"),
        ({"max_depth": 0}, ArgumentError, "max_depth"),
        ({"max_width": "three"}, Exception, "max_width"),
        ({"orders": (3,)}, ArgumentError, "even"),
        ({"orders": ()}, ArgumentError, "orders"),
        ({"laws": ()}, ArgumentError, "laws"),
        ({"laws": ("cauchy",)}, UnknownNameError, "cauchy"),
        ({"outputs": ("softmax",)}, UnknownNameError, "softmax"),
        ({"samples": -1}, ArgumentError, "samples"),
        ({"families": ("import os",)}, ArgumentError, "formula"),
    ],
)
def test_bad_grids_are_refused(keywords: dict[str, Any], error: type[Exception], message: str) -> None:
    """Each argument is checked before anything begins."""
    with pytest.raises(error, match=message):
        Grid(**keywords)


def test_every_item_of_the_suite_cites_its_equation() -> None:
    """The suite lists every statement object once, with a title and what is checked."""
    registered = suite()
    assert list(registered) == sorted({**STATEMENTS, **CRITERIA}, key=int)
    for name, item in registered.items():
        assert item.equation == name
        assert item.title
        assert len(item.what.split()) > 3


def test_findings_travel_as_json(report: Report) -> None:
    """A finding read back from its JSON form is itself."""
    for finding in report.findings[:200]:
        assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding
