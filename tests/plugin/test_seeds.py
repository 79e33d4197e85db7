"""A seed decides what every test draws; a failing test prints the command that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from itertools import pairwise

import pytest

from .conftest import Ran, Run

Suite = Callable[..., None]

MIXED = """
def test_right(assert_conforms):
    assert_conforms(right, NET, **COARSE)
    assert_conforms(right, NET, **COARSE)

@pytest.mark.parametrize("name", ["a b", "c"])
def test_wrong(assert_conforms, name):
    assert_conforms(wrong, NET, **COARSE)
"""


def command_of(ran: Ran, test: str) -> str:
    """Return the printed command that repeats a test."""
    lines = [line.removeprefix("E").strip() for line in ran.text.splitlines()]
    found = [line for before, line in pairwise(lines) if before.endswith("; to repeat this:")]
    return next(line for line in found if test in line)


def test_a_seed_repeats_everything(run: Run, suite: Suite) -> None:
    """One seed, one set of observed means; another seed, others; each test and each call has a seed of its own."""
    suite(MIXED)
    first, again, other = (run("tests", f"--pathmoments-seed={seed}") for seed in (1, 1, 2))
    assert first.observed() == again.observed()
    assert first.observed()["test_right"] != other.observed()["test_right"]
    seeds = [seed for found in first.values("seed").values() for seed in found]
    assert len(set(seeds)) == len(seeds) == 4


def test_without_a_seed_a_fresh_one_is_printed(run: Run, suite: Suite) -> None:
    """Two runs draw different networks, and each says its seed before the tests and after them."""
    suite(MIXED)
    first, second = run("tests"), run("tests")
    assert first.observed() != second.observed()
    lines = [line for line in first.text.splitlines() if "--pathmoments-seed=" in line and "to repeat" not in line]
    seeds = {line.rpartition("--pathmoments-seed=")[2].split()[0] for line in lines if "pytest -" not in line}
    assert len(seeds) == 1
    assert run("tests", f"--pathmoments-seed={seeds.pop()}").observed() == first.observed()


def test_seeds_do_not_depend_on_the_other_tests(run: Run, suite: Suite, pytester: pytest.Pytester) -> None:
    """A test alone, in another order, or with pytest's root elsewhere, draws what it draws in the whole suite."""
    suite(MIXED)
    seed = "--pathmoments-seed=5"
    whole = run("tests", seed).values("seed")
    assert run("tests/test_suite.py::test_wrong[c]", seed).values("seed") == {"test_wrong[c]": whole["test_wrong[c]"]}
    (pytester.path / "tests" / "conftest.py").write_text(
        "def pytest_collection_modifyitems(items): items.reverse()\n", encoding="utf-8"
    )
    assert run("tests", seed).values("seed") == whole
    assert run("tests", seed, f"--rootdir={pytester.path / 'tests'}").values("seed") == whole


@pytest.mark.parametrize("where", [".", "tests"])
def test_the_printed_command_repeats_a_failure(
    run: Run, suite: Suite, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The command, from the folder in which pytest was called, gives one test with the same networks, level and verdict."""
    suite(MIXED)
    pytester.makeini("[pytest]\n")
    monkeypatch.chdir(pytester.path / where)
    ran = run(*(["tests", "-q"] if where == "." else ["-q"]))
    command = command_of(ran, "a b")
    assert "pytest -q " in command
    program, *words = shlex.split(command)
    again = run(*words)
    assert program == "pytest"
    assert again.result.parseoutcomes()["failed"] == 1
    assert again.checks == [one for one in ran.checks if "a b" in one[0]]
    assert command_of(again, "a b") == command


def test_options_are_repeated_and_workers_are_not(run: Run, suite: Suite, pytester: pytest.Pytester) -> None:
    """The command has the options of the project's own, and neither the places searched, nor other seeds and rates, nor -n."""
    suite(MIXED)
    pytester.makeconftest("def pytest_addoption(parser): parser.addoption('--model')\n")
    ran = run("--model", "small", "tests", "--pathmoments-seed", "7", "--pathmoments-false-alarm=1e-4", "-x")
    rate = "--pathmoments-false-alarm-per-test=1/30000"
    test = "'tests/test_suite.py::test_wrong[a b]'"
    assert command_of(ran, "a b") == f"pytest --model small -x {test} --pathmoments-seed=7 {rate}"


OWN = """
import numpy as np

def test_seed(assert_conforms):
    assert_conforms(right, NET, **COARSE, seed=11)

def test_array(assert_conforms):
    seed = assert_conforms.seed
    assert_conforms(np.concatenate(list(right(4000, seed))), NET)
    assert seed != assert_conforms.seed

def test_unseeded(assert_conforms):
    assert_conforms(lambda samples: wrong(samples, None), NET, **COARSE)
"""


def test_samples_that_the_plugin_does_not_draw(run: Run, suite: Suite) -> None:
    """A test's own seed is kept; an array has none, but can be drawn with the test's; a sampler without a seed is told of."""
    suite(OWN)
    ran = run("tests", "--pathmoments-seed=1")
    assert ran.values("seed") == {"test_seed": [11], "test_array": [None], "test_unseeded": [None]}
    assert ran.result.parseoutcomes()["passed"] == 2
    assert "the samples came without a seed: it repeats them if they are drawn with assert_conforms.seed" in ran.text


def test_no_seeds_are_refused(run: Run) -> None:
    """A usage error."""
    ran = run("--pathmoments-seed=-1")
    assert ran.result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--pathmoments-seed must be a whole number, 0 or more, was -1" in ran.text
