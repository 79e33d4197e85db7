"""`pathmoments verify`: what a user types and sees, formats, exit status, refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pathmoments.verification import suite

from .conftest import Run

SMALL = ("--max-depth", "2", "--max-width", "2", "--laws", "gaussian,rademacher", "--samples", "256", "--jobs", "1")


def test_list_names_every_statement(run: Run) -> None:
    """`--list` prints each statement with its equation, and what is checked."""
    done = run("verify", "--list")
    assert (done.status, done.stderr) == (0, "")
    for name, item in suite().items():
        assert f"({name})" in done.stdout
        assert item.what in done.stdout


def test_a_small_grid(run: Run) -> None:
    """Two statements on a small grid: exit status 0, and the summary with cases and verdict."""
    done = run("verify", "11", "(12)", *SMALL)
    assert (done.status, done.stderr) == (0, "")
    assert "48 cases, no violation" in done.stdout
    assert "1,1 --law rademacher" in done.stdout


def test_all_is_the_default(run: Run) -> None:
    """Without a statement, and with `all`, every statement of the suite is verified."""
    grids = []
    for names in ((), ("all",), ("all", "12")):
        done = run("verify", *names, "--format", "json", "--family", "j^2", *SMALL)
        grids.append(json.loads(done.stdout)["grid"]["statements"])
    assert grids == [list(suite())] * 3


def test_json_has_summaries_and_on_request_cases(run: Run) -> None:
    """The JSON report has a versioned schema, exact values as text, and with --cases every case."""
    brief = json.loads(run("verify", "16", "--format", "json", *SMALL).stdout)
    whole = json.loads(run("verify", "16", "--format", "json", "--cases", *SMALL).stdout)
    assert brief["schema"] == whole["schema"] == "pathmoments/verification/1"
    text = json.dumps(whole)
    assert "enumeration = transfer" in text
    assert len(text) > 3 * len(json.dumps(brief))


@pytest.mark.parametrize(
    ("name", "begins"), [("r.html", "<!DOCTYPE html>"), ("r.md", "#"), ("r.tex", "%"), ("r.json", "{")]
)
def test_format_follows_the_file(run: Run, tmp_path: Path, name: str, begins: str) -> None:
    """-o FILE takes the format that the name ends in, and the same grid gives the same bytes."""
    target = tmp_path / name
    assert run("verify", "12", "-o", str(target), *SMALL).status == 0
    first = target.read_bytes()
    assert first.decode().lstrip().lower().startswith(begins.lower()) or name == "r.tex"
    refused = run("verify", "12", "-o", str(target), *SMALL)
    assert (refused.status, target.read_bytes()) == (2, first)
    assert "--force" in refused.message
    assert run("verify", "12", "-o", str(target), "--force", *SMALL).status == 0
    assert target.read_bytes() == first


def test_a_violation_is_exit_status_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a statement is wrong, the command ends with status 1 and names the network."""
    from pathmoments.theorems import Bound, fourth_moment

    class Doubled(Bound):
        @classmethod
        def of(cls, factor: Any, exponent: Any = 0) -> Bound:
            return Bound.of(2 * factor, exponent)

    monkeypatch.setattr(fourth_moment, "Bound", Doubled)
    done = run("verify", "12", *SMALL)
    assert done.status == 1
    assert "1,1 --law rademacher" in done.stdout
    assert "violat" in done.stdout


def test_two_jobs_and_a_ledger_give_the_same(command: Run, tmp_path: Path) -> None:
    """Two processes with a ledger print what one process without prints; a rerun takes all from the ledger."""
    arguments = ("verify", "12", "16", "--max-depth", "2", "--max-width", "2", "--samples", "256", "--laws", "uniform")
    alone = command(*arguments, "--jobs", "1")
    kept = command(*arguments, "--jobs", "2", "--ledger", "runs.db")
    again = command(*arguments, "--jobs", "1", "--ledger", "runs.db")
    assert alone.status == kept.status == again.status == 0
    assert alone.stdout == kept.stdout == again.stdout
    assert (tmp_path / "runs.db").exists()


def test_picture(run: Run, tmp_path: Path) -> None:
    """--plot draws the margins against beta."""
    target = tmp_path / "margins.svg"
    assert run("verify", "12", "14", "--plot", str(target), *SMALL).status == 0
    assert "<svg" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("99",), "one of 2, 7, 8"),
        (("--laws", "cauchy"), "cauchy"),
        (("--orders", "2,x"), "--orders"),
        (("--orders", "3"), "even"),
        (("--output", "softmax"), "softmax"),
        (("--family", "__import__('os')"), "formula"),
        (("--max-depth", "6", "--max-width", "4"), "--yes"),
        (("--cases",), "--format json"),
        (("--format", "html", "-o", "missing/folder/r.html"), "cannot be written"),
        (("--plot", "margins.gif"), ".svg"),
        (("--jobs", "2", "--dask", "tcp://127.0.0.1:1"), "give one of them"),
    ],
)
def test_refusals(run: Run, arguments: tuple[str, ...], words: str) -> None:
    """One message that names the option and the way out, exit status 2, nothing on stdout."""
    done = run("verify", *arguments)
    assert (done.status, done.stdout) == (2, "")
    assert words in done.message


def test_a_large_grid_goes_on_with_yes(run: Run) -> None:
    """The count is said first, in the words of the command line; --yes goes on."""
    grid = ("2", "--max-depth", "9", "--max-width", "3", "--laws", "gaussian", "--jobs", "1")
    refused = run("verify", *grid)
    assert refused.status == 2
    assert "88,569 networks" in refused.message
    assert "--max-depth" in refused.message
