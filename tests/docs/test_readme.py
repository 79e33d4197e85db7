"""The README is true: what the demo prints, and the Python examples (its console blocks are run with those of the pages)."""

from __future__ import annotations

import doctest
import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _refresh_docs() -> Any:
    spec = importlib.util.spec_from_file_location("refresh_docs_for_readme", ROOT / "scripts" / "refresh_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_demo_prints_what_the_readme_shows() -> None:
    """scripts/demo prints the block of the README to the letter: exact moments, costs, agreement, simulation."""
    refresh_docs = _refresh_docs()
    shown = refresh_docs.DEMO.findall(README)
    assert len(shown) == 1
    assert refresh_docs.demo() == shown[0][1], "if the change is meant: python scripts/refresh_docs.py"


def test_python_examples_of_the_readme() -> None:
    """Every `>>>` of the README gives what stands below it."""
    examples = "\n".join(re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE))
    test = doctest.DocTestParser().get_doctest(examples, {}, "README.md", "README.md", 0)
    assert len(test.examples) >= 4
    assert doctest.DocTestRunner().run(test).failed == 0


def test_readme_opens_with_the_two_commands() -> None:
    """The first block of the README has the two commands, and both exist and can be run."""
    first = README.partition("```console\n")[2].partition("```")[0]
    commands = re.findall(r"^\$ (scripts/\w+)", first, flags=re.MULTILINE)
    assert commands == ["scripts/demo", "scripts/test"]
    assert all((ROOT / command).stat().st_mode & 0o111 for command in commands)
