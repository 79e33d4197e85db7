"""Small suites that use the plugin, run in this process, and what their checks left."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pathmoments import Network, check, iter_jacobians

PLUGIN = "_pathmoments_pytestplugin"
INSTALLED = any(one.value == PLUGIN for one in importlib.metadata.entry_points(group="pytest11"))
HEAD = """
import pytest
from pathmoments import Network, iter_jacobians

NET = Network([6, 12, 4], output="linear", bias="zero")
WRONG = Network([6, 12, 4], output="linear", bias="zero", law="uniform", variance="pytorch")
COARSE = {"effect": 1, "quantities": "frobenius"}

def right(samples, seed):
    return iter_jacobians(NET, samples, seed=seed)

def wrong(samples, seed):
    return iter_jacobians(WRONG, samples, seed=seed)
"""
"""What every suite begins with."""

# All that a check loads, loaded here: pytester forgets what a suite loads, and numpy is loaded once a process.
_NET = Network([6, 12, 4], output="linear", bias="zero")
check(lambda samples, seed: iter_jacobians(_NET, samples, seed=seed), _NET, effect=1, seed=1)
assert np.random.default_rng is not None


class Ran:
    """A suite that has run."""

    def __init__(self, result: pytest.RunResult) -> None:
        self.result = result
        self.text = result.stdout.str() + result.stderr.str()

    @property
    def checks(self) -> list[tuple[str, dict[str, Any]]]:
        """The tests and the reports of their checks, as JSON, in the order in which they ran."""
        recorder: Any = getattr(self.result, "reprec")  # noqa: B009  # pytester sets it where it runs in this process
        found = [one for one in recorder.getreports("pytest_runtest_logreport") if one.when == "teardown"]
        return [
            (one.nodeid, json.loads(value)["report"])
            for one in found
            for name, value in one.user_properties
            if name == "pathmoments"
        ]

    def values(self, key: str) -> dict[str, list[Any]]:
        """{test: what stands under the key in each of its reports}."""
        found: dict[str, list[Any]] = {}
        for test, report in self.checks:
            found.setdefault(test.partition("::")[2], []).append(report[key])
        return found

    def rates(self) -> dict[str, list[Fraction]]:
        """{test: the false-alarm rates of its checks}."""
        return {test: [Fraction(rate) for rate in rates] for test, rates in self.values("false_alarm").items()}

    def observed(self) -> dict[str, list[list[float]]]:
        """{test: the observed means of its checks}."""
        return {
            test: [[one["observed"] for one in findings] for findings in all_findings]
            for test, all_findings in self.values("findings").items()
        }


Run = Callable[..., Ran]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs pytest, with the plugin whether it is installed or not, on the files there are."""
    words = ["-p no:cacheprovider", "-p no:unraisableexception", "--strict-markers"]
    if not INSTALLED:
        # This process has imported it: that its assertions are not rewritten is no matter.
        words += [f"-p {PLUGIN}", "-W ignore::pytest.PytestAssertRewriteWarning"]
    monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(words))

    def runs(*words: str) -> Ran:
        return Ran(pytester.runpytest_inprocess(*words))

    return runs


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Callable[..., None]:
    """Give a function that writes the tests of a suite into tests/test_NAME.py."""

    def write(body: str, name: str = "suite") -> None:
        folder = pytester.path / "tests"
        folder.mkdir(exist_ok=True)
        (folder / f"test_{name}.py").write_text(HEAD + body, encoding="utf-8")

    return write
