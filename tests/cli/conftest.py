"""Two ways to run the command line: in this process, for speed, and as the installed command, for what only that shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from pathmoments.cli import app

SAFETY = 120
"""Seconds after which a command that hangs is killed; none takes a tenth of it."""


@dataclass(frozen=True)
class Finished:
    """What a command left: its exit status, and what it wrote."""

    status: int
    stdout: str
    stderr: str

    @property
    def message(self) -> str:
        """What stands on stderr, on one line, without the colours and the frame that typer draws around its own errors."""
        plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|[│╭╮╰╯─]", " ", self.stderr)
        return " ".join(plain.split())


Run: TypeAlias = Callable[..., Finished]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the application in this process: an error that it does not handle fails the test as itself."""
    monkeypatch.setenv("COLUMNS", "300")

    def call(*arguments: str) -> Finished:
        monkeypatch.setattr(sys, "argv", ["pathmoments", *arguments])
        capsys.readouterr()
        status = app.run()
        written = capsys.readouterr()
        return Finished(status, written.out, written.err)

    return call


@pytest.fixture(scope="session")
def executable() -> str:
    """The command `pathmoments` that belongs to the Python that runs the tests."""
    found = next(Path(sysconfig.get_path("scripts")).glob("pathmoments*"), None)
    assert found is not None, "the command is not installed beside this Python"
    return str(found)


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """An environment in which nothing asks for colours, completion or unbuffered output, and lines are long."""
    unwanted = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH", "PYTHONUNBUFFERED")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted and "COMPLETE" not in name}
    return kept | {"COLUMNS": "300", "PYTHONUTF8": "1"}


@pytest.fixture
def command(executable: str, environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the installed command as a process of its own, in an empty folder."""

    def call(*arguments: str, env: dict[str, str] | None = None) -> Finished:
        done = subprocess.run(
            [executable, *arguments],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=environment | (env or {}),
            timeout=SAFETY,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return call
