"""`pathmoments table`: the flags against the library, the files it writes, what it refuses, and kills at any moment."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet  # type: ignore[import-untyped]  # ships no types
import pytest

from pathmoments.tables import table

if TYPE_CHECKING:
    from tests.cli.conftest import Run

SAFETY = 120
"""Seconds after which a process that hangs is given up."""

GRID = ("table", "n,n,2 for n in 1..3", "--law", "gaussian", "--law", "uniform", "--order", "4")
SPEC: dict[str, Any] = {"widths": ["n,n,2 for n in 1..3"], "laws": ["gaussian", "uniform"], "orders": [4]}

TOML = """schema = "pathmoments/table-spec/1"
widths = ["n,n,2 for n in 1..3"]
laws = ["gaussian", "uniform"]
orders = [4]
"""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has an empty folder of its own."""
    monkeypatch.chdir(tmp_path)


# -- formats and files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["text", "csv", "json", "markdown", "latex"])
def test_a_format_on_stdout_and_in_a_file_is_that_of_the_library(run: Run, name: str) -> None:
    """Each text format is printed, and written to a file, as `Table` gives it; a file ends with one newline."""
    expected = getattr(table(SPEC), f"to_{name}")().removesuffix("\n") + "\n"
    done = run(*GRID, "--format", name)
    assert (done.status, done.stderr, done.stdout) == (0, "", expected)
    done = run(*GRID, "--format", name, "-o", "out")
    assert (done.status, done.stderr, done.stdout) == (0, "", "")
    assert Path("out").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    ("suffix", "name"),
    [
        (".txt", "text"),
        (".csv", "csv"),
        (".json", "json"),
        (".md", "markdown"),
        (".markdown", "markdown"),
        (".tex", "latex"),
    ],
)
def test_the_format_is_that_of_the_file(run: Run, suffix: str, name: str) -> None:
    """Without --format the end of the name decides."""
    assert run(*GRID, "-o", f"out{suffix}").status == 0
    assert Path(f"out{suffix}").read_text(encoding="utf-8").rstrip("\n") == getattr(table(SPEC), f"to_{name}")().rstrip(
        "\n"
    )


def test_parquet_needs_a_file(run: Run) -> None:
    """Parquet is written to a file, and not to a terminal."""
    assert run(*GRID, "-o", "out.parquet").status == 0
    content = pyarrow.parquet.read_table("out.parquet").to_pydict()
    assert list(map(Fraction, content["E Z[0,0]^4"])) == table(SPEC).column("E Z[0,0]^4")
    done = run(*GRID, "--format", "parquet")
    assert (done.status, done.stdout) == (2, "")
    assert "give a file with -o FILE" in done.message


OPTIONS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "widths": (("2,3,2", "1..2,3"), {"widths": ["2,3,2", "1..2,3"], "orders": [4]}),
    "symbols": (("n,n,1", "2,3"), {"widths": ["n,n,1", "2,3"], "orders": [4]}),
    "variance": (
        ("2,3", "--variance", "lecun", "--variance", "1/3"),
        {"widths": ["2,3"], "variances": ["lecun", "1/3"]},
    ),
    "output": (("2,3", "--output", "relu", "--output", "linear"), {"widths": ["2,3"], "outputs": ["relu", "linear"]}),
    "slope": (("2,3", "--slope", "0", "--slope", "-1/2"), {"widths": ["2,3"], "slopes": ["0", "-1/2"]}),
    "bias": (("2,3", "--bias", "zero"), {"widths": ["2,3"], "biases": ["zero"]}),
    "orders": (("2,3", "--order", "2"), {"widths": ["2,3"], "orders": [2, 4]}),
    "quantity": (
        ("2,3", "--quantity", "variance normalised"),
        {"widths": ["2,3"], "quantities": ["variance normalised"]},
    ),
    "digits": (("2,3", "--digits", "5"), {"widths": ["2,3"], "digits": 5}),
    "decimals": (("2,3", "--digits", "5", "--decimals"), {"widths": ["2,3"], "digits": 5, "exact": False}),
    "across": (
        ("2,3", "--law", "uniform", "--law", "laplace", "--across", "law"),
        {"widths": ["2,3"], "laws": ["uniform", "laplace"], "across": "law"},
    ),
    "title": (("2,3", "--title", "A table"), {"widths": ["2,3"], "title": "A table"}),
}


@pytest.mark.parametrize(("arguments", "spec"), OPTIONS.values(), ids=OPTIONS)
def test_options_say_what_the_specification_says(run: Run, arguments: tuple[str, ...], spec: dict[str, Any]) -> None:
    """Each option is the key of that name: the JSON has the specification and the values of the library."""
    done = run("table", *arguments, "--order", "4", "--format", "json")
    assert (done.status, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json.loads(table({"orders": [4]} | spec).to_json())


def test_a_specification_from_a_file_and_from_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """--spec FILE and --spec - make the table of the flags."""
    Path("t.toml").write_text(TOML, encoding="utf-8")
    expected = run(*GRID).stdout
    assert run("table", "--spec", "t.toml").stdout == expected
    for text in (TOML, json.dumps({"schema": "pathmoments/table-spec/1", **SPEC})):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        assert run("table", "--spec", "-").stdout == expected


def test_two_processes_give_the_same_bytes(command: Run) -> None:
    """--jobs 2 changes nothing but the time."""
    assert command(*GRID, "--jobs", "2", "--format", "json").stdout == table(SPEC).to_json()


def test_a_picture_against_beta(run: Run) -> None:
    """--plot draws one curve a law beside the table, and bounds where they are asked for."""
    done = run(*GRID, "--quantity", "bounds 12", "--plot", "p.svg", "--title", "Square networks")
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout.startswith("Square networks\n")
    assert Path("p.svg").read_text(encoding="utf-8").startswith("<?xml")


# -- refusals -----------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no widths": (("table", "--order", "4"), ("give the widths", "--spec FILE")),
    "no columns": (("table", "2,3"), ("--order 4", "--quantity variance")),
    "decimals without digits": (("table", "2,3", "--order", "4", "--decimals"), ("--digits",)),
    "spec and widths": (("table", "2,3", "--spec", "t.toml"), ("--spec FILE describes the whole table", "WIDTHS")),
    "spec and digits": (("table", "--digits", "3", "--spec", "t.toml"), ("--spec FILE describes the whole table", "--digits")),
    "missing spec": (("table", "--spec", "missing.toml"), ("missing.toml: there is no such file",)),
    "wrong spec": (("table", "--spec", "wrong.toml"), ("wrong.toml: widths[1]: 0 must be a whole number",)),
    "width zero": (("table", "2,0", "--order", "4"), ("widths[0]: 0 must be", "1 or more")),
    "unknown law": (("table", "2,3", "--order", "4", "--law", "cauchy"), ("laws[0]: law must be one of gaussian", "cauchy")),
    "unknown quantity": (("table", "2,3", "--quantity", "mean"), ("quantities[0]: a quantity must be one of", "mean")),
    "order negative": (("table", "2,3", "--order", "-2"), ("orders[0]: an order must be", "-2")),
    "order letters": (("table", "2,3", "--order", "four"), ("--order", "whole number", "four")),
    "grid in pieces": (("table", "n,n", "for", "n", "in", "1..3", "--order", "4"), ("quotation marks, such as 'n,n for n in 1..3'",)),
    "moment without its name": (("table", "2,3", "--quantity", "0,0=4"), ("write 'moment 0,0=4'",)),
    "unknown format": (("table", "2,3", "--order", "4", "--format", "xml"), ("--format", "csv", "xml")),
    "unknown suffix": (("table", "2,3", "--order", "4", "-o", "out.xls"), (".csv", ".tex", "out.xls", "--format")),
    "row refused": (
        ("table", "1..3,2", "--quantity", "moment 1,0=2"),
        ("the row with widths 1,2; law gaussian: moment 1,0=2: p must be an index of the input",),
    ),
    "jobs zero": (("table", "2,3", "--order", "4", "--jobs", "0"), ("--jobs",)),
    "jobs and dask": (("table", "2,3", "--order", "4", "--jobs", "2", "--dask", "tcp://x:1"), ("jobs=2", "dask")),
    "plot of nothing": (("table", "2,3", "--quantity", "beta", "--plot", "p.png"), ("--plot draws moments",)),
    "plot of another kind": (("table", "2,3", "--order", "4", "--plot", "p.gif"), ("p.gif",)),
    "one file twice": (("table", "2,3", "--order", "4", "--format", "csv", "-o", "x.svg", "--plot", "./x.svg"), ("x.svg would be written twice",)),
    "ledger is output": (
        ("table", "2,3", "--order", "4", "-o", "x.csv", "--ledger", "x.csv"),
        ("x.csv would be written twice",),
    ),
    "no such folder": (("table", "2,3", "--order", "4", "-o", "no/x.csv"), ("x.csv: cannot be written: No such file",)),
    "below a file": (("table", "2,3", "--order", "4", "-o", "t.toml/x.csv"), ("x.csv: cannot be written: Not a directory",)),
    "a folder": (("table", "2,3", "--order", "4", "--format", "csv", "-o", "folder", "--force"), ("folder: is a folder",)),
    "too many rows": (("table", "1..200,1..200", "--order", "4"), ("the table has 40,000 rows, over 20,000", "--yes")),
    "rows beyond memory": (
        ("table", "1..1000000,1..1000000", "--order", "4", "--yes"),
        ("the table has 1,000,000,000,000 rows", "2,000,000"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_one_message_and_status_2(run: Run, arguments: tuple[str, ...], said: tuple[str, ...]) -> None:
    """Nothing on stdout, no file, and a message that says what is wrong and the way out."""
    Path("t.toml").write_text(TOML, encoding="utf-8")
    Path("wrong.toml").write_text(TOML.replace('1..3"]', '1..3", "2,0"]'), encoding="utf-8")
    Path("folder").mkdir()
    before = sorted(Path().iterdir())
    done = run(*arguments)
    assert (done.status, done.stdout) == (2, "")
    for words in said:
        assert words in done.message
    assert sorted(Path().iterdir()) == before


def test_a_large_table_goes_on_with_yes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """--yes makes what is refused without it, with the count said first."""
    monkeypatch.setattr("pathmoments.tables.MAX_ROWS", 5)
    done = run(*GRID)
    assert (done.status, done.stdout) == (2, "")
    assert "the table has 6 rows, over 5: choose smaller ranges, or go on with --yes" in done.message
    assert run(*GRID, "--yes").stdout == table(SPEC).to_text() + "\n"
    assert run(*GRID, "-y").status == 0


def test_output_that_exists_is_kept_without_force(run: Run) -> None:
    """A file is replaced with --force alone; refused, it is as it was, and no work was done."""
    Path("out.csv").write_text("mine", encoding="utf-8")
    done = run(*GRID, "-o", "out.csv", "--ledger", "l.db")
    assert (done.status, done.stdout) == (2, "")
    assert "out.csv: exists already: --force replaces it" in done.message
    assert Path("out.csv").read_text(encoding="utf-8") == "mine"
    assert not Path("l.db").exists()
    assert run(*GRID, "-o", "out.csv", "--force").status == 0
    assert Path("out.csv").read_text(encoding="utf-8") == table(SPEC).to_csv()


def test_a_full_disk_loses_nothing(executable: str, environment: dict[str, str]) -> None:
    """Where the file cannot grow: one message, status 2, the old file as it was, and nothing left behind."""
    Path("out.csv").write_text("mine", encoding="utf-8")
    arguments = ["table", "n,2,2 for n in 1..400", "--order", "4", "-o", "out.csv", "--force"]

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    done = subprocess.run(
        [executable, *arguments], capture_output=True, text=True, env=environment, timeout=SAFETY, check=False,
        preexec_fn=limited,  # no threads of ours
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "Error: out.csv: cannot be written: File too large; with --ledger FILE what is finished is kept\n"
    )
    assert {path.name: path.read_text(encoding="utf-8") for path in Path().iterdir()} == {"out.csv": "mine"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_device_on_stdout(executable: str, environment: dict[str, str]) -> None:
    """A stdout that takes nothing is one message and status 2."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [executable, *GRID],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            timeout=SAFETY,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "Error: the output cannot be written: No space left on device\n"


# -- ledgers and kills --------------------------------------------------------------------------------------------------


def kept(ledger: Path) -> set[tuple[str, str]]:
    """Return the (task, result) pairs of a ledger, none if there is no ledger yet."""
    if not ledger.exists():
        return set()
    with closing(sqlite3.connect(ledger)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return set(connection.execute("SELECT task, result FROM results"))


def test_a_rerun_with_a_ledger_adds_nothing(run: Run) -> None:
    """The second run finds every result in the ledger and writes the same bytes."""
    assert run(*GRID, "--ledger", "l.db", "-o", "a.csv").status == 0
    first = kept(Path("l.db"))
    assert len(first) == 6
    assert run(*GRID, "--ledger", "l.db", "-o", "b.csv").status == 0
    assert kept(Path("l.db")) == first
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


KILLS = 50
SEED = 20181203


def wait_for_more(process: subprocess.Popen[Any], ledger: Path, before: int) -> None:
    """Wait until the ledger has more results than before, or the process has ended."""
    deadline = time.monotonic() + SAFETY
    while process.poll() is None and len(kept(ledger)) <= before and time.monotonic() < deadline:
        time.sleep(0.005)


def test_kills_at_random_moments_lose_nothing(executable: str, environment: dict[str, str]) -> None:
    """Fifty SIGKILLs, at any moment of a run and of its work: the ledger only grows, the file is whole or absent, and the end is the same."""
    grid = ["table", "n,3,m for n in 2..31, m in 1..20", "--law", "uniform", "--order", "4", "--digits", "8", "--force"]
    ledger, out = Path("l.db"), Path("out.csv")

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([executable, *grid, *arguments], env=environment, stderr=subprocess.PIPE)

    began = time.monotonic()
    assert start("-o", "undisturbed.csv").communicate(timeout=SAFETY)[1] == b""
    whole = time.monotonic() - began
    expected = Path("undisturbed.csv").read_bytes()
    generator, grew, finished = random.Random(SEED), 0, 0
    for kill in range(KILLS):
        before = kept(ledger)
        process = start("--ledger", str(ledger), "-o", str(out))
        if kill % 2:  # at a moment of the work, however slowly this machine starts
            wait_for_more(process, ledger, len(before))
        try:
            _, stderr = process.communicate(timeout=generator.uniform(0, whole / (4 if kill % 2 else 1)))
            assert (process.returncode, stderr) == (0, b"")
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=SAFETY)
        after = kept(ledger)
        assert before <= after, f"seed {SEED}, kill {kill}"
        grew += before < after
        if out.exists():
            assert out.read_bytes() == expected, f"seed {SEED}, kill {kill}"
            finished += 1
            for file in (out, *Path().glob("l.db*")):  # once more from the beginning
                file.unlink()
    story = (
        f"seed {SEED}: {KILLS} kills, a run takes {whole:.2f} s; {grew} added to the ledger, {finished} came too late"
    )
    print(story)  # noqa: T201  # pytest shows it if the test fails, or with -s
    assert grew >= KILLS // 4
    assert start("--ledger", str(ledger), "-o", str(out)).communicate(timeout=SAFETY)[1] == b""
    assert out.read_bytes() == expected
    assert len(kept(ledger)) == 600


@pytest.mark.parametrize("ledger", [True, False])
def test_an_interrupted_table_says_where_its_results_are(
    executable: str, environment: dict[str, str], ledger: bool
) -> None:
    """Ctrl-C ends with status 2 and one message, without a table; with a ledger, what is finished is in it."""
    arguments = ["table", "2..51,2..51,2..21", "--order", "4", "--law", "uniform", "--yes", "-o", "out.csv"]
    process = subprocess.Popen(
        [executable, *arguments, *(["--ledger", "l.db"] if ledger else [])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no threads of ours
    )  # fmt: skip
    if ledger:
        wait_for_more(process, Path("l.db"), 0)
    else:
        time.sleep(4)  # it is at work, or still starting: the end is the same
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=SAFETY)
    assert (process.returncode, stdout) == (2, "")
    assert len(stderr.splitlines()) == 1
    assert stderr.startswith("Interrupted: ")
    assert not Path("out.csv").exists()
    if ledger:
        assert stderr == "Interrupted: no table was written; what is finished is in l.db.\n"
        assert len(kept(Path("l.db"))) > 0


def test_csv_of_the_command_is_exact(run: Run) -> None:
    """The printed fractions are those of the theory: E Z^4 of 2,3,2 is 4, 52/25, 4/3 and 13 for the four laws."""
    laws = ("gaussian", "uniform", "rademacher", "laplace")
    done = run("table", "2,3,2", *(part for law in laws for part in ("--law", law)), "--order", "4", "--format", "csv")
    records = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [record["E Z[0,0]^4"] for record in records] == ["4", "52/25", "4/3", "13"]


def test_it_runs_in_an_environment_without_a_home(executable: str) -> None:
    """Nothing but the interpreter is needed: an empty environment will do."""
    done = subprocess.run(
        [executable, *GRID, "--format", "csv"],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=SAFETY,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", table(SPEC).to_csv())
