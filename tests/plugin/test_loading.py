"""The plugin costs nothing where it is not used, and is part of the wheel."""

from __future__ import annotations

import configparser
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import _pathmoments_pytestplugin

from .conftest import INSTALLED, PLUGIN, Run

HEAVY = ("pathmoments", "numpy", "flint", "sympy", "torch")


def test_loading_imports_nothing_of_the_library() -> None:
    """A fresh interpreter that imports the plugin, and a fresh pytest that runs a test under it, have loaded neither pathmoments nor numpy."""
    probe = f"import sys, {PLUGIN}; print(*(set({HEAVY!r}) & sys.modules.keys()))"
    folder = str(Path(_pathmoments_pytestplugin.__file__).parent)
    done = subprocess.run([sys.executable, "-c", probe], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_suite_without_checks_loads_nothing(pytester: pytest.Pytester, run: Run) -> None:
    """Under pytest itself, in a process of its own."""
    assert run is not None  # sets the options
    pytester.makepyfile(f"import sys\ndef test_a():\n    assert not set({HEAVY!r}) & sys.modules.keys()\n")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)


def test_the_plugin_is_registered_for_wheels() -> None:
    """setup.cfg has the module and its entry point; where the wheel is installed, so has its metadata."""
    settings = Path(__file__).resolve().parents[2] / "setup.cfg"
    config = configparser.ConfigParser()
    config.read(settings, encoding="utf-8")
    assert config["options"]["py_modules"] == PLUGIN
    assert config["options.entry_points"]["pytest11"].strip() == f"pathmoments = {PLUGIN}"
    if INSTALLED:
        files = importlib.metadata.files("pathmoments") or []
        assert f"{PLUGIN}.py" in map(str, files)


def test_pytest_shows_the_fixture_the_marker_and_the_options(run: Run) -> None:
    """--fixtures, --markers and --help say what there is."""
    assert "assert_conforms" in run("--fixtures").text
    assert "@pytest.mark.conformance(false_alarm)" in run("--markers").text
    text = run("--help").text
    for option in ("seed", "false-alarm", "false-alarm-per-test", "summary"):
        assert f"--pathmoments-{option}" in text
    assert "pathmoments_false_alarm" in text
