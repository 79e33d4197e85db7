"""The table at the end: every check, with xdist as without."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

import _pathmoments_pytestplugin

from .conftest import Run

Suite = Callable[..., None]

TWO = """
def test_right(assert_conforms):
    assert_conforms(right, NET, effect=1)

def test_wrong(assert_conforms):
    assert_conforms(wrong, NET, **COARSE)

def test_without():
    pass
"""


def section(text: str) -> list[str]:
    """Return the lines of the summary, its title first."""
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if re.fullmatch(r"=+ pathmoments: .* =+", line)]
    if not starts:
        return []
    (start,) = starts
    return [line.strip("= ") for line in lines[start : next(i for i in range(start + 1, 99) if lines[i][:1] == "=")]]


def test_all_checks_stand_in_the_summary(run: Run, suite: Suite) -> None:
    """The seed, the rate, a head, each test with its verdict, a line a statistic with what the report has, and a count."""
    suite(TWO)
    ran = run("tests", "--pathmoments-seed=1")
    title, head, right, *rest, count = section(ran.text)
    assert title == "pathmoments: false-alarm rate 1e-06, 2 tests, --pathmoments-seed=1"
    assert head.split() == ["statistic", "observed", "exact", "ratio", "p", "level", "notices", "networks", "needed"]
    assert re.fullmatch(r"tests/test_suite.py::test_right: conforms, [\d,]+ networks", right)
    assert [line.split()[0] for line in rest] == [
        "frobenius",
        "mean:4",
        "alike",
        "tests/test_suite.py::test_wrong:",
        "frobenius",
    ]
    assert "DOES NOT CONFORM" in rest[3]
    observed = ran.observed()["test_wrong"][0][0]
    assert rest[4].split()[1] == f"{observed:.5g}"
    assert count == "2 checks: 1 conform, 1 do not"


def test_xdist_gives_the_same_summary(run: Run, suite: Suite) -> None:
    """Two workers, one seed that nobody gave: the summary stands once, and without xdist the seed gives the same checks and the same command."""
    suite(TWO)
    ran = run("tests", "-n", "2")
    assert ran.result.parseoutcomes() == {"failed": 1, "passed": 2}
    title, *lines = section(ran.text)
    (seed,) = re.findall(r"--pathmoments-seed=\d+", title)
    alone = run("tests", seed)
    assert sorted(lines) == sorted(section(alone.text)[1:])
    assert sorted(ran.checks, key=str) == sorted(alone.checks, key=str)
    commands = [re.findall(r"pytest tests/test_suite.py::test_wrong --.*", one.text) for one in (ran, alone)]
    assert commands[0] == commands[1] != []


def test_what_is_shown_can_be_chosen(run: Run, suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """All, those that failed, or none; and beyond a few checks those that failed unless all are asked for."""
    suite(TWO)
    assert len(section(run("tests", "--pathmoments-summary=failed").text)) == 5
    assert section(run("tests", "--pathmoments-summary=none").text) == []
    monkeypatch.setattr(_pathmoments_pytestplugin, "FEW", 1)
    assert len(section(run("tests").text)) == 5
    assert len(section(run("tests", "--pathmoments-summary=all").text)) == 9


def test_a_suite_without_checks_has_no_summary(run: Run, suite: Suite) -> None:
    """Nothing of the plugin is seen where the fixture is not used."""
    suite("def test_a():\n    pass\n")
    assert "pathmoments:" not in run("tests").text


def test_junit_xml_has_the_reports(run: Run, suite: Suite, pytester: pytest.Pytester) -> None:
    """Each check is a property of its test, as JSON."""
    suite(TWO)
    run("tests", "--junitxml=out.xml")
    tree = ET.parse(pytester.path / "out.xml")
    values = [one.attrib["value"] for one in tree.iter("property") if one.attrib["name"] == "pathmoments"]
    assert [json.loads(value)["report"]["schema"] for value in values] == ["pathmoments/check/1"] * 2


def test_checks_in_fixtures_are_seen(run: Run, suite: Suite) -> None:
    """A check that a fixture makes before the test is one of the test's."""
    suite(
        "@pytest.fixture\ndef checked(assert_conforms):\n    return assert_conforms(right, NET, **COARSE)\n\ndef test_a(checked):\n    assert checked.passed\n"
    )
    assert section(run("tests").text)[-1] == "1 check: 1 conform, 0 do not"
