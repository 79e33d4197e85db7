"""The page on CI is true: each block of Python on it is a test file, and pytest runs them all on the real frameworks."""

from __future__ import annotations

import importlib.util
import os
import re
import textwrap
from pathlib import Path

import pytest

import pathmoments

from .conftest import Run

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^\.\. code-block:: python\n\n((?:   .*\n|\n)+)", re.MULTILINE)


def test_every_block_of_the_page_passes(pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks, each under the name that its first line gives, in a process of their own: frameworks leave threads behind."""
    missing = [name for name in ("torch", "jax", "flax", "keras") if importlib.util.find_spec(name) is None]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"not installed: {', '.join(missing)}")
    assert run is not None  # sets the options
    page = (DOCS / "howto" / "ci.rst").read_text(encoding="utf-8")
    blocks = [textwrap.dedent(body) for body in BLOCK.findall(page)]
    assert len(blocks) == page.count("code-block:: python") >= 7
    pytester.mkdir("tests")
    for code in blocks:
        name = code.removeprefix("# ").partition("\n")[0]
        (pytester.path / name).write_text(code, encoding="utf-8")
    home = str(Path(pathmoments.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([home, os.environ.get("PYTHONPATH", "")]))
    for name, value in {"JAX_PLATFORMS": "cpu", "KERAS_BACKEND": "jax", "OMP_NUM_THREADS": "1"}.items():
        monkeypatch.setenv(name, value)
    result = pytester.runpytest_subprocess("-q", "--pathmoments-seed=1", "--durations=5")
    assert result.ret == 0, result.stdout.str()
    assert result.parseoutcomes()["passed"] == len(blocks) + 2  # two widths, and two cases of unittest


def test_the_reference_lists_every_option(run: Run) -> None:
    """The options of the page are those that pytest's help has, and no others."""
    page = (DOCS / "reference" / "pytest.rst").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   \* - ``(--[a-z-]+)", page, flags=re.MULTILINE))
    assert listed == set(re.findall(r"^\s+(--pathmoments-[a-z-]+)", run("--help").text, flags=re.MULTILINE))
    assert "``pathmoments_false_alarm``" in page
