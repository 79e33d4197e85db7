"""Without the plugin: unittest, and plain asserts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pathmoments

from .conftest import HEAD, Run

CASES = """
import unittest
from pathmoments import assert_conforms, check

class Initialisation(unittest.TestCase):
    def test_right(self):
        assert_conforms(right, NET, **COARSE, seed=1)

    def test_wrong(self):
        assert_conforms(wrong, NET, **COARSE, seed=1)

    def test_report(self):
        self.assertTrue(check(right, NET, **COARSE, seed=1).passed)
        self.assertFalse(check(wrong, NET, **COARSE, seed=1).passed)
"""


def test_unittest_itself(tmp_path: Path) -> None:
    """With `python -m unittest`: a failure, not an error, with the report and what it is probably; and no pytest in sight."""
    text = HEAD.replace("import pytest\n", "") + CASES
    (tmp_path / "test_cases.py").write_text(text, encoding="utf-8")
    home = str(Path(pathmoments.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-m", "unittest", "-v", "test_cases"], cwd=tmp_path, env=os.environ | {"PYTHONPATH": home},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "FAILED (failures=1)" in done.stderr
    assert "Ran 3 tests" in done.stderr
    assert "DOES NOT CONFORM" in done.stderr
    assert "1. default: the default of nn.Linear" in done.stderr


def test_test_cases_under_pytest(run: Run, suite: Callable[..., None]) -> None:
    """A TestCase may take the fixture too, through a fixture of its own that is used by itself: it has a seed and a part of the rate."""
    suite(
        """
import unittest

class Initialisation(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _checks(self, assert_conforms):
        self.assert_conforms = assert_conforms

    def test_right(self):
        self.assert_conforms(right, NET, **COARSE)
"""
    )
    ran = run("tests")
    assert ran.result.parseoutcomes() == {"passed": 1}
    assert list(ran.values("seed")) == ["Initialisation::test_right"]


def test_plain_asserts(run: Run, suite: Callable[..., None]) -> None:
    """`assert check(...).passed` passes and fails as it should, and the error of assert_conforms is an AssertionError."""
    suite(
        """
from pathmoments import assert_conforms, check

def test_right():
    assert check(right, NET, **COARSE, seed=1).passed

def test_wrong():
    assert check(wrong, NET, **COARSE, seed=1).passed

def test_error():
    with pytest.raises(AssertionError, match="DOES NOT CONFORM"):
        assert_conforms(wrong, NET, **COARSE, seed=1)
"""
    )
    assert run("tests").result.parseoutcomes() == {"passed": 2, "failed": 1}
