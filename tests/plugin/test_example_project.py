"""The example project: its right initialisation passes, and each known mistake, made in PyTorch, fails and is named."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pathmoments
from pathmoments import Network, Orthogonal, Report, check, mistakes
from pathmoments.conformance import KnownMistake
from pathmoments.conformance.mistakes import CATALOGUE
from pathmoments.frameworks import torch_jacobians

torch = pytest.importorskip("torch") if os.environ.get("CI") != "true" else importlib.import_module("torch")

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "docs" / "examples" / "project"
PRINTED = ROOT / "docs" / "howto" / "printed"
NET = Network([20, 30, 24, 5], output="linear", bias="zero")
DEEP = Network([20, *[32] * 7, 5], variance="1/2500", output="linear", bias="zero")
ORTHOGONAL = Network([20, 30, 24, 5], law=Orthogonal(gain_squared=2), output="linear", bias="zero")
KNOWN: list[tuple[Network, KnownMistake]] = [
    *((NET, one) for one in mistakes(NET)),
    *((ORTHOGONAL, one) for one in mistakes(ORTHOGONAL) if one.name == "not-orthogonal"),
    *((DEEP, one) for one in mistakes(DEEP) if one.name == "underflow"),
]
"""Every mistake of the catalogue, on the network of the project where it can be."""


@pytest.fixture(scope="module")
def made() -> Iterator[ModuleType]:
    """Give the project's mistakes."""
    torch.set_num_threads(1)
    sys.path.insert(0, str(PROJECT))
    yield importlib.import_module("mistakes")
    sys.path.remove(str(PROJECT))
    for name in ("mistakes", "model"):
        del sys.modules[name]


def drawn(made: ModuleType, known: KnownMistake, net: Network, seed: int) -> Report:
    """Return the report on a mistake, at the number of networks that is planned for it."""
    changed, wrong = made.MISTAKES[known.name]
    if known.name in ("layer-skipped", "layer-missing"):
        wrong = partial(wrong.func, int(known.where[-1]))
    sampler: Callable[..., Any] = (
        (lambda samples, seed: torch_jacobians(wrong, samples, seed=seed)) if changed != "deep_jacobians" else wrong
    )
    return check(sampler, net, draws=known.draws, seed=seed)


def test_the_project_makes_every_known_mistake(made: ModuleType) -> None:
    """Its mistakes are those of the catalogue, no more and no fewer, and each has its report in the documentation."""
    names = [mistake.name for mistake in CATALOGUE]
    assert list(made.MISTAKES) == names
    assert {known.name for _, known in KNOWN} == set(names)
    assert {path.stem for path in PRINTED.glob("*.txt")} == {*names, "passes", "fails"}
    page = (ROOT / "docs" / "howto" / "mistakes.rst").read_text(encoding="utf-8")
    assert re.findall(r"literalinclude:: printed/(.*)\.txt", page) == names


@pytest.mark.parametrize(
    ("net", "known"), KNOWN, ids=lambda one: getattr(one, "name", None) and f"{one.name}{one.where[-2:]}"
)
def test_a_mistake_is_noticed_with_its_planned_networks_and_named(
    made: ModuleType, net: Network, known: KnownMistake
) -> None:
    """As many networks as `mistakes` plans: the check fails, and the mistake is the first suspect or has the same moments as the first."""
    report = drawn(made, known, net, seed=3)
    assert known.draws is not None
    assert not report.passed
    assert known.name in (report.suspects[0].mistake, *report.suspects[0].ties), str(report)


NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e[-+]\d+)?")


def numbers(text: str) -> list[float]:
    """Return the numbers of a text."""
    return [float(found.replace(",", "")) for found in NUMBER.findall(text)]


def words(text: str) -> str:
    """Return a text without its numbers, and without the spaces that align them."""
    return re.sub(r"[ =]+", " ", NUMBER.sub("#", text))


def test_pytest_prints_what_the_documentation_shows(tmp_path: Path) -> None:
    """Pytest on the project passes, fails with each mistake, and names it; every word is that of the documentation, and numbers but for what processors may differ in."""
    home = os.pathsep.join([str(Path(pathmoments.__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, str(ROOT / "scripts" / "refresh_reports.py"), "--into", str(tmp_path)]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": home}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    texts = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert texts.pop("passes").rstrip().endswith("4 checks: 4 conform, 0 do not\n4 passed")
    assert "1 check: 0 conform, 1 do not" in texts.pop("fails")
    assert set(texts) == {mistake.name for mistake in CATALOGUE}
    for name, text in texts.items():
        assert text.startswith("DOES NOT CONFORM"), name
        (first,) = re.findall(r"^  1\. (.*)", text, flags=re.MULTILINE)
        assert first.startswith(f"{name}: ") or re.search(rf"the same moments: .*\b{name}\b", first), text
        assert f"pytest -q --mistake={name} tests/" in text
    for path in tmp_path.iterdir():
        new, committed = path.read_text(encoding="utf-8"), (PRINTED / path.name).read_text(encoding="utf-8")
        assert words(new) == words(committed), "if the change is meant: python scripts/refresh_reports.py"
        assert numbers(new) == pytest.approx(numbers(committed), rel=0.05, abs=1e-300), path.name
