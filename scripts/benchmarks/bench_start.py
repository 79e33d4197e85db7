"""How long a start takes: the import, and the quickest command."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

COMMAND = str(Path(sys.executable).with_name("pathmoments"))


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    ("what", "command", "target"),
    [
        ("import pathmoments", [sys.executable, "-c", "import pathmoments"], "0.3 s"),
        ("pathmoments --version", [COMMAND, "--version"], "0.5 s"),
        ("pathmoments --help", [COMMAND, "--help"], ""),
        ("pathmoments moment 2,3,4,2 --power 0,0=4", [COMMAND, "moment", "2,3,4,2", "--power", "0,0=4"], ""),
    ],
)
def test_start(benchmark: Any, figures: Any, what: str, command: list[str], target: str) -> None:
    """A fresh process, beside one that imports numpy."""
    numpy = [sys.executable, "-c", "import numpy"]
    _seconds(command)
    pairs = [(_seconds(command), _seconds(numpy)) for _ in range(9)]
    benchmark.pedantic(lambda: _seconds(command), rounds=3)
    own, other = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    figures.add(what, f"{own:.3f} s", target, f"python -c 'import numpy': {other:.3f} s")
