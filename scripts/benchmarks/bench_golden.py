"""Speed of golden references and of the commands around a check, as processes of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest


def _seconds(*arguments: str) -> float:
    """Return how long a command takes, start of Python included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pathmoments", *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        (("export",), "10 s"),
        (("plan", "64,64,64,10", "--output", "linear", "--bias", "zero", "--effect", "1/20"), "2 s"),
        (("mistakes", "64,64,64,10", "--output", "linear", "--bias", "zero"), "5 s"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_commands(figures: Any, arguments: tuple[str, ...], target: str) -> None:
    """Time a command once, beside the start of the command line alone."""
    start = _seconds("--help")
    figures.add(
        f"pathmoments {arguments[0]}", f"{_seconds(*arguments):.2f} s", target, f"pathmoments --help: {start:.2f} s"
    )
