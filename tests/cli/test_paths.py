"""`pathmoments paths`: the grouped table sums to the moment, in three formats, and the picture beside it."""

from __future__ import annotations

import errno
import json
import re
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from pathmoments import Network, moment
from pathmoments.exact import fraction_text
from pathmoments.paths import count_collections, multiplicities, neurons, summarize

if TYPE_CHECKING:
    from tests.cli.conftest import Run

TABLE = ("2,3,2", "--power", "0,0=4")


def document(run: Run, *arguments: str) -> dict[str, Any]:
    """Return the JSON that `paths` prints, after checking that it succeeded quietly."""
    done = run("paths", *arguments, "--format", "json")
    assert (done.status, done.stderr) == (0, "")
    content: dict[str, Any] = json.loads(done.stdout)
    return content


# -- the table is the moment --------------------------------------------------------------------------------------------

TABLES = {
    "gaussian": "2,3,2 --power 0,0=4",
    "uniform": "2,3,4,2 --law uniform --power 0,0=4",
    "laplace order 6": "2,3,2 --law laplace --power 1,0=6",
    "depth 1": "3,2 --law rademacher --power 2,1=4",
    "width 1": "1,1,1 --power 0,0=6",
    "mixed": "2,2,2 --law uniform --power 0,0=2 --power 1,1=4",
    "odd pairs": "2,2,2 --power 0,0=1 --power 1,0=1 --power 0,1=1 --power 1,1=1",
    "parity": "2,3,2 --power 0,0=1 --power 1,0=1",
    "empty": "2,3,2 --power 0,0=0",
    "leaky": "2,3,2 --slope 1/4 --power 0,0=4",
    "linear": "2,3,2 --output linear --variance glorot --power 0,0=4",
    "law per layer": "2,3,2 --law uniform --law laplace --power 0,0=4",
    "prefix": "2,2,3,2 --layers 0:2 --power 0,0=4",
    "suffix at zero bias": "2,2,3,2 --bias zero --layers 1:3 --power 0,0=4",
}


@pytest.mark.parametrize("arguments", TABLES.values(), ids=TABLES)
def test_contributions_sum_to_the_moment(run: Run, arguments: str) -> None:
    """The contributions, times the alive factor, sum to the value, which is the moment by the transfer."""
    content = document(run, *arguments.split())
    assert content["schema"] == "pathmoments/paths/1"
    contributions = [Fraction(kind["contribution"]) for kind in content["types"]]
    value = Fraction(content["value"])
    assert sum(contributions, start=Fraction(0)) * Fraction(content["alive"]) == value
    power = {tuple(map(int, entry.split(","))): order for entry, order in content["power"].items()}
    net, (first, last) = Network.from_json(content["network"]), content["layers"]
    assert moment(net, power, layers=(first, last), route="transfer") == value  # type: ignore[arg-type]  # pairs


@pytest.mark.parametrize("arguments", TABLES.values(), ids=TABLES)
def test_counts_are_all_collections(run: Run, arguments: str) -> None:
    """The ordered counts and the vanishing ones are all collections that there are."""
    content = document(run, *arguments.split())
    assert sum(kind["ordered"] for kind in content["types"]) + content["vanishing"] == content["ordered"]
    assert sum(kind["unordered"] for kind in content["types"]) <= content["unordered"]
    power: Any = {tuple(map(int, entry.split(","))): order for entry, order in content["power"].items()}
    net, layers = Network.from_json(content["network"]), tuple(content["layers"])
    assert content["ordered"] == count_collections(net, power, layers=layers)
    assert content["unordered"] == count_collections(net, power, layers=layers, ordered=False)


@pytest.mark.parametrize("arguments", TABLES.values(), ids=TABLES)
def test_each_row_is_its_count_times_its_factors(run: Run, arguments: str) -> None:
    """A contribution is the ordered count times the factors of the layers, and no edge of it is used an odd number of times."""
    content = document(run, *arguments.split())
    for kind in content["types"]:
        assert kind["ordered"] * prod(map(Fraction, kind["factors"])) == Fraction(kind["contribution"])
        assert kind["ordered"] >= kind["unordered"] >= 1
        assert not any(m % 2 for layer in kind["multiplicities"] for m in layer)


@pytest.mark.parametrize("arguments", TABLES.values(), ids=TABLES)
def test_example_is_of_its_type(run: Run, arguments: str) -> None:
    """The example of a row has the multiplicities and the numbers of neurons of the row, and the monomial's ends."""
    content = document(run, *arguments.split())
    for kind in content["types"]:
        collection = tuple(map(tuple, kind["example"]))
        edges = [sorted(layer.values(), reverse=True) for layer in multiplicities(collection)]
        assert edges == [layer for layer in kind["multiplicities"] if layer]
        assert [len(layer) for layer in neurons(collection)[1:]] == [n for n in kind["neurons"] if n]
        ends = Counter(f"{path[0]},{path[-1]}" for path in collection)
        assert ends == {entry: order for entry, order in content["power"].items() if order}


def test_alive_factor_is_said(run: Run) -> None:
    """At zero bias the table of a suffix says by what its sum is multiplied: 1/2 times 3/4."""
    arguments = ("2,2,3,2", "--bias", "zero", "--layers", "1:3", "--power", "0,0=2")
    content = document(run, *arguments)
    assert (content["alive"], content["value"]) == ("3/4", "3/8")
    text = run("paths", *arguments).stdout
    assert "times 3/4 = 0.75, the probability that the layers below are alive" in text
    assert "edges(2)" in text
    assert "edges(1)" not in text


def test_truncated_law(run: Run) -> None:
    """A law that is not rational has balls as factors and contributions."""
    content = document(run, "2,3,2", "--law", "truncated", "--power", "0,0=4")
    assert "+/-" in content["value"]
    assert any("+/-" in kind["contribution"] for kind in content["types"])


# -- text and LaTeX -----------------------------------------------------------------------------------------------------


def rows_of(text: str) -> list[list[str]]:
    """Return the cells of the rows of the text table: columns stand at least two spaces apart."""
    lines = [line for line in text.splitlines() if re.match(r" *\d+  ", line)]
    return [re.split(r"  +", line.strip()) for line in lines]


def test_text_table_is_the_summary(run: Run) -> None:
    """The text table of 2,3,2 at order 4 has the rows of the library's summary."""
    done = run("paths", *TABLE)
    assert (done.status, done.stderr) == (0, "")
    table = summarize(Network([2, 3, 2]), {(0, 0): 4})
    expected = []
    for number, kind in enumerate(table.types, start=1):
        cells = [str(number), str(kind.ordered)]
        for edges, loads, factor in zip(kind.multiplicities, kind.loads, kind.factors, strict=True):
            cells += [" ".join(map(str, edges)), str(len(loads)), fraction_text(factor)]  # type: ignore[arg-type]  # fractions here
        expected.append([*cells, fraction_text(kind.contribution)])  # type: ignore[arg-type]  # fractions here
    assert rows_of(done.stdout) == expected
    assert expected == [
        ["1", "3", "4", "1", "3/2", "4", "1", "2/3", "3"],
        ["2", "18", "2 2", "2", "1/4", "2 2", "1", "2/9", "1"],
    ]


def test_text_says_what_is_around_the_table(run: Run) -> None:
    """Before the table stand the moment and the counts, after it how many collections vanish."""
    lines = run("paths", *TABLE).stdout.splitlines()
    assert lines[0] == "E Z[0,0]^4 = 4"
    assert lines[1].startswith("network: widths 2,3,2; law gaussian")
    assert lines[2].startswith("collections: 81 ordered, 15 unordered")
    assert lines[-1].startswith("60 more collections")


def test_wide_table_is_not_wrapped(command: Run) -> None:
    """The rows of a deep network stay whole lines on a narrow terminal, for grep and less."""
    narrow = command("paths", "2,2,2,2,2,2,2", "--power", "0,0=4", env={"COLUMNS": "40"})
    assert narrow.status == 0
    rows = rows_of(narrow.stdout)
    assert len(rows) > 10
    assert {len(row) for row in rows} == {2 + 3 * 6 + 1}


def test_latex_is_a_booktabs_table(run: Run) -> None:
    """The LaTeX form is a tabular with booktabs rules, as many columns as heads, and the sum below."""
    done = run("paths", *TABLE, "--format", "latex")
    assert (done.status, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    match = re.fullmatch(r"\\begin\{tabular\}\{(r+)\}", lines[0])
    assert match is not None
    assert (lines[1], lines[-2], lines[-1]) == (r"\toprule", r"\bottomrule", r"\end{tabular}")
    assert lines.count(r"\midrule") == 2
    heads, first, second, vanishing, total = (line for line in lines if line.endswith(r"\\"))
    assert {line.count("&") + 1 for line in (heads, first, second)} == {len(match[1])}
    assert r"$|\Gamma(1)|$" in heads
    assert first == r"3 & 4 & 1 & $\frac{3}{2}$ & 4 & 1 & $\frac{2}{3}$ & $3$ \\"
    assert second == r"18 & 2, 2 & 2 & $\frac{1}{4}$ & 2, 2 & 1 & $\frac{2}{9}$ & $1$ \\"
    assert vanishing.startswith("60 & ")
    assert vanishing.endswith(r"$0$ \\")
    assert "81" in total
    assert total.endswith(r"$4$ \\")


def test_budget_raises_the_limit(run: Run) -> None:
    """--budget is the number of unordered collections that may be walked."""
    assert run("paths", *TABLE, "--budget", "15").status == 0
    refused = run("paths", *TABLE, "--budget", "14")
    assert (refused.status, refused.stdout) == (2, "")
    assert "15 collections" in refused.message


def test_table_beyond_any_budget_is_refused(run: Run) -> None:
    """A table with more collections than can be counted on a line is refused like any other."""
    widths = ",".join(str(10**9 + j) for j in range(101))
    done = run("paths", widths, "--power", "0,0=10")
    assert (done.status, done.stdout) == (2, "")
    assert "budget" in done.message
    assert len(done.message) < 2000


# -- the picture --------------------------------------------------------------------------------------------------------


def labels(svg: str) -> Counter[str]:
    """Return how often each text stands in an svg of matplotlib, which writes it in a comment beside the outlines."""
    return Counter(re.findall(r"<!-- (.+?) -->", svg))


@pytest.mark.parametrize(("row", "expected"), [(1, {"4": 2, "2": 1}), (2, {"2": 5})])
def test_draw_svg_has_the_multiplicities(run: Run, tmp_path: Path, row: int, expected: dict[str, int]) -> None:
    """The svg shows the first collection of the row: a label for each edge in use, beside one for each neuron."""
    file = tmp_path / "picture.svg"
    done = run("paths", *TABLE, "--draw", str(file), "--row", str(row))
    assert (done.status, done.stderr) == (0, "")
    svg = file.read_text(encoding="utf-8")
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    found = labels(svg)
    assert {text: found[text] for text in expected} == expected  # widths 2,3,2 have one neuron numbered 2
    assert found["4"] == expected.get("4", 0)


def test_draw_still_prints_the_table(run: Run, tmp_path: Path) -> None:
    """--draw adds a picture and takes nothing away."""
    assert run("paths", *TABLE, "--draw", str(tmp_path / "a.svg")).stdout == run("paths", *TABLE).stdout


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")])
def test_draw_formats_repeat_exactly(run: Run, tmp_path: Path, suffix: str, start: bytes) -> None:
    """Each format is what its suffix says, more than an empty page, the same bytes twice, and the only file left."""
    files = [tmp_path / f"{name}.{suffix}" for name in ("first", "second")]
    for file in files:
        assert run("paths", *TABLE, "--row", "2", "--draw", str(file)).status == 0
    first, second = (file.read_bytes() for file in files)
    assert first.startswith(start)
    assert len(first) > 4000
    assert first == second
    assert sorted(tmp_path.iterdir()) == files


def test_draw_repeats_exactly_in_another_process(command: Run, tmp_path: Path) -> None:
    """Neither the process nor its hash seed shows in the picture."""
    files = [tmp_path / "first.svg", tmp_path / "second.svg"]
    for file, seed in zip(files, ("1", "2"), strict=True):
        done = command("paths", *TABLE, "--draw", file.name, env={"PYTHONHASHSEED": seed})
        assert (done.status, done.stderr) == (0, "")
    assert files[0].read_bytes() == files[1].read_bytes()


def test_draw_suffix_may_be_upper_case(run: Run, tmp_path: Path) -> None:
    """A suffix in capitals is the same format."""
    assert run("paths", *TABLE, "--draw", str(tmp_path / "A.PNG")).status == 0
    assert (tmp_path / "A.PNG").read_bytes().startswith(b"\x89PNG")


REFUSED_PICTURES = {
    "row beyond the table": (("--row", "3", "--draw", "a.svg"), ("--row", "1 to 2", "3")),
    "row zero": (("--row", "0", "--draw", "a.svg"), ("--row",)),
    "wrong suffix": (("--draw", "a.txt"), (".svg", ".png", ".pdf", "a.txt")),
    "no suffix": (("--draw", "picture"), (".svg", "picture")),
    "no such folder": (("--draw", "nowhere/a.svg"), ("nowhere", "a.svg", "cannot be written")),
    "a file for a folder": (("--draw", "file/a.svg"), ("a.svg", "cannot be written")),
    "a folder for a file": (("--draw", "folder.svg"), ("folder.svg", "cannot be written")),
    "a section": (("--layers", "0:1", "--draw", "a.svg"), ("--draw", "--layers")),
}


@pytest.mark.parametrize(("arguments", "fragments"), REFUSED_PICTURES.values(), ids=REFUSED_PICTURES)
def test_refused_picture_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], fragments: tuple[str, ...]
) -> None:
    """A picture that cannot be made is refused with status 2, nothing on stdout, and no file more than before."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "folder.svg").mkdir()
    before = sorted(tmp_path.rglob("*"))
    done = run("paths", *TABLE, *arguments)
    assert (done.status, done.stdout) == (2, "")
    assert [fragment for fragment in fragments if fragment not in done.message] == []
    assert sorted(tmp_path.rglob("*")) == before


def test_unwritable_folder_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without write permission is refused with status 2 (permission is denied by hand: root has it everywhere)."""

    def denied(*_: object, **__: object) -> tuple[int, str]:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", denied)
    done = run("paths", *TABLE, "--draw", str(tmp_path / "a.svg"))
    assert (done.status, done.stdout) == (2, "")
    assert "a.svg: cannot be written: Permission denied" in done.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("failure", "fragment"),
    [(OSError(errno.ENOSPC, "No space left on device"), "No space left"), (KeyboardInterrupt(), "Interrupted")],
    ids=["full disk", "interrupt"],
)
def test_failure_while_writing_keeps_the_old_picture(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, fragment: str
) -> None:
    """A disk that fills up, or Ctrl-C, half-way through a picture leaves the one from before and nothing else."""

    def fails_half_way(figure: Figure, file: Path, **_: object) -> None:
        file.write_bytes(b"half a picture")
        raise failure

    target = tmp_path / "a.svg"
    target.write_bytes(b"the picture from before")
    monkeypatch.setattr(Figure, "savefig", fails_half_way)
    done = run("paths", *TABLE, "--draw", str(target))
    assert (done.status, done.stdout) == (2, "")
    assert fragment in done.message
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"the picture from before"


def test_draw_where_every_collection_vanishes(run: Run, tmp_path: Path) -> None:
    """A table without rows has no picture, and the refusal says so rather than ask for a row from 1 to 0."""
    arguments = ("2,3,2", "--power", "0,0=1", "--power", "1,0=1", "--draw", str(tmp_path / "a.svg"))
    done = run("paths", *arguments)
    assert (done.status, done.stdout) == (2, "")
    assert "1 to 0" not in done.message
    assert list(tmp_path.iterdir()) == []


def test_large_picture_is_refused(run: Run, tmp_path: Path) -> None:
    """A network with more edges than a picture can show is refused with their number."""
    done = run("paths", "50,50", "--power", "0,0=2", "--draw", str(tmp_path / "a.svg"))
    assert (done.status, done.stdout) == (2, "")
    assert "2,500 edges" in done.message
    assert list(tmp_path.iterdir()) == []


def test_picture_without_matplotlib(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the refusal has the command that installs it; the table itself needs none."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    done = run("paths", *TABLE, "--draw", str(tmp_path / "a.svg"))
    assert (done.status, done.stdout) == (2, "")
    assert "pip install 'pathmoments[plot]'" in done.message
    assert run("paths", *TABLE).status == 0
