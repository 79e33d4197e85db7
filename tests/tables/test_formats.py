"""Every format, read back to the same exact values; the same bytes whatever the process."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet  # type: ignore[import-untyped]  # ships no types
import pytest
from flint import arb

import pathmoments
from pathmoments.errors import ArgumentError, MissingExtraError
from pathmoments.tables import Table, spec_of, table
from pathmoments.tables.cells import Formula, Word
from pathmoments.theorems import Bound

SPEC: dict[str, Any] = {
    "title": "Everything, 100 % of it: a_b & c",
    "widths": ["n,3,m for n in 2..3, m in {1|4}", "4,k,2*k"],
    "laws": ["gaussian", "sparse:1/2:rademacher", ["laplace", "uniform"]],
    "outputs": ["relu", "linear"],
    "orders": [4],
    "quantities": ["moment 0,0=2;1,0=2", "beta", "variance normalised"],
    "digits": 7,
}
NUMERIC: dict[str, Any] = {
    "widths": ["n,4,m for n in 2..4, m in 2..3"],
    "laws": ["gaussian", "uniform", "truncated:2"],
    "orders": [2, 8],
    "quantities": ["bounds 12", "bounds 15"],
    "digits": 12,
}


@pytest.fixture(scope="module")
def numeric() -> Table:
    """A table of fractions, balls, bounds and words."""
    return table(NUMERIC)


@pytest.fixture(scope="module")
def everything() -> Table:
    """A table with symbols, a law a layer and a title full of special characters."""
    return table(SPEC)


def number(text: str) -> Any:
    """Return what the text of an exact cell stands for: a fraction, a ball, a bound's terms, or the text itself."""
    if re.fullmatch(r"-?\d+(/\d+)?", text):
        return Fraction(text)
    if text.startswith("["):
        return arb(text)
    if "exp(" in text:
        terms = [re.fullmatch(r"(\S+) exp\((\S+)\)|exp\((\S+)\)", term) for term in text.split(" + ")]
        assert all(terms), text
        return Bound(tuple((Fraction(m[1] or 1), Fraction(m[2] or m[3])) for m in terms if m))
    return text


def same(text: str | None, cell: Any) -> bool:
    """Whether the text stands for the cell: exactly, or for a ball around it."""
    if cell is None or text in (None, ""):
        return cell is None and text in (None, "")
    assert text is not None
    found = number(text) if isinstance(cell, (Fraction, arb)) or (isinstance(cell, Bound) and "[" not in text) else text
    if isinstance(cell, arb):
        return bool(cell in found) if isinstance(found, arb) else False
    if isinstance(cell, (Fraction, Bound)):
        return bool(found == cell) if not isinstance(found, str) else "[" in found
    return found == (",".join(map(str, cell)) if isinstance(cell, tuple) else str(cell))


# -- machine formats ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["numeric", "everything"])
def test_csv_is_read_back(name: str, request: pytest.FixtureRequest) -> None:
    """The csv module reads one record a network, and each entry stands for its cell."""
    made: Table = request.getfixturevalue(name)
    text = made.to_csv()
    records = list(csv.reader(io.StringIO(text)))
    assert text.endswith("\n")
    assert "\r" not in text
    assert records[0] == [heading.name for heading in made.columns]
    assert len(records) == 1 + len(made)
    for record, row in zip(records[1:], made.rows, strict=True):
        assert all(map(same, record, row)), record


@pytest.mark.parametrize("name", ["numeric", "everything"])
def test_json_is_read_back(name: str, request: pytest.FixtureRequest) -> None:
    """JSON has the schema, the version, the specification that makes the table again, and one object a network."""
    made: Table = request.getfixturevalue(name)
    content = json.loads(made.to_json())
    assert list(content) == ["schema", "version", "spec", "columns", "rows"]
    assert (content["schema"], content["version"]) == ("pathmoments/table/1", pathmoments.__version__)
    assert spec_of(content["spec"]) == made.spec
    assert [column["name"] for column in content["columns"]] == [heading.name for heading in made.columns]
    assert [column["kind"] for column in content["columns"]] == [heading.kind for heading in made.columns]
    for record, row in zip(content["rows"], made.rows, strict=True):
        assert list(record) == [heading.name for heading in made.columns]
        assert record.pop("widths") == list(row[0])
        texts = [value if value is None else str(value) for value in record.values()]
        assert all(map(same, texts, row[1:])), record


def test_the_specification_in_the_json_makes_the_same_table(numeric: Table) -> None:
    """What the JSON says it is of gives the same bytes again."""
    again = table(json.loads(numeric.to_json())["spec"])
    assert (again.to_json(), again.to_latex()) == (numeric.to_json(), numeric.to_latex())


@pytest.mark.parametrize("name", ["numeric", "everything"])
def test_parquet_is_read_back(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Pyarrow reads columns of text with the same entries, nulls for blanks, and the specification in the metadata."""
    made: Table = request.getfixturevalue(name)
    made.to_parquet(tmp_path / "t.parquet")
    content = pyarrow.parquet.read_table(tmp_path / "t.parquet")
    assert content.column_names == [heading.name for heading in made.columns]
    assert {str(kind) for kind in content.schema.types} == {"string"}
    about = json.loads(content.schema.metadata[b"pathmoments"])
    assert spec_of(about["spec"]) == made.spec
    assert about["schema"] == "pathmoments/table/1"
    for record, row in zip(zip(*content.to_pydict().values(), strict=True), made.rows, strict=True):
        assert all(map(same, record, row)), record
    made.to_parquet(tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == (tmp_path / "t.parquet").read_bytes()


def test_parquet_without_pyarrow_names_the_extra(
    numeric: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says how to install what is missing, and no file is left."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'pathmoments\[parquet\]'"):
        numeric.to_parquet(tmp_path / "t.parquet")
    assert list(tmp_path.iterdir()) == []


def test_parquet_into_a_folder_that_is_not_there(numeric: Table, tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(ArgumentError, match=r"t\.parquet: cannot be written"):
        numeric.to_parquet(tmp_path / "missing" / "t.parquet")


# -- formats for readers ------------------------------------------------------------------------------------------------


def shown(made: Table) -> list[int]:
    """Return the columns that a reader sees of the tables of this file, found by their names."""
    varying = {"numeric": ("n", "m", "law"), "everything": ("widths", "law", "output")}
    names = varying["numeric" if made.spec.widths[0].is_family and len(made.spec.widths) == 1 else "everything"]
    return [i for i, heading in enumerate(made.columns) if heading.kind != "parameter" or heading.name in names]


@pytest.mark.parametrize("name", ["numeric", "everything"])
def test_markdown_is_read_back(name: str, request: pytest.FixtureRequest) -> None:
    """Splitting at the pipes gives the columns that vary, every entry exact; the lines are equally long."""
    made: Table = request.getfixturevalue(name)
    lines = [line for line in made.to_markdown().splitlines() if line.startswith("|")]
    assert len(set(map(len, lines))) == 1
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    assert len(cells) == 2 + len(made)
    assert all(re.fullmatch(r"-+:?", cell) for cell in cells[1])
    numbers = shown(made)
    for record, row in zip(cells[2:], made.rows, strict=True):
        assert all(same(text, row[i]) for text, i in zip(record, numbers, strict=True)), record


def test_text_is_aligned(numeric: Table) -> None:
    """The terminal's form has a rule below the headings, columns two spaces apart, and what is the same in all rows below."""
    lines = numeric.to_text().splitlines()
    rule = [match.span() for match in re.finditer(r"-+", lines[1])]
    assert len(rule) == len(shown(numeric))
    for line, row in zip(lines[2:-2], numeric.rows, strict=True):
        cells = [line[start:end].strip() for start, end in rule]
        assert all(same(text, row[i]) for text, i in zip(cells, shown(numeric), strict=True)), line
    assert lines[-2:] == ["", "all rows: widths n,4,m; variance he; output relu; bias atomless"]
    assert str(numeric) == numeric.to_text()
    assert not any(line.endswith(" ") for line in lines)


TOKEN = re.compile(
    r"\\[a-zA-Z]+|\\[\\,&%$#_{}]|[a-zA-Z0-9]+(?:\.[0-9]+)?|[-+*/=()\[\]|.,:;!'~ ]|(?P<special>[{}$&^_%#])", re.ASCII
)
KNOWN = {
    "\\frac", "\\mathbb", "\\widehat", "\\mathrm", "\\beta", "\\approx", "\\pm", "\\cdot", "\\times", "\\left", "\\right",
    "\\,", "\\&", "\\%", "\\$", "\\#", "\\_", "\\{", "\\}",
}  # fmt: skip


def tokens(cell: str) -> Iterator[str]:
    """Yield the tokens of a cell; refuse what TeX would stumble over."""
    place, mathematics, depth = 0, False, 0
    while place < len(cell):
        match = TOKEN.match(cell, place)
        assert match, f"no token at {cell[place:]!r}"
        token = match[0]
        assert not token.startswith("\\") or token in KNOWN, token
        if token == "$":
            mathematics = not mathematics
        assert token not in ("^", "_") or mathematics, f"{token} outside of mathematics: {cell}"
        assert token not in ("&", "%", "#"), f"{token} not escaped: {cell}"
        depth += (token == "{") - (token == "}")
        assert depth >= 0, cell
        place = match.end()
        yield token
    assert (mathematics, depth) == (False, 0), cell


def tabular(text: str) -> tuple[str, list[list[str]]]:
    """Return the alignment and the cells of a tabular, after checking its frame and every token."""
    lines = [line for line in text.splitlines() if not line.startswith("%")]
    opening = re.fullmatch(r"\\begin\{tabular\}\{([lr]+)\}", lines[0])
    assert opening
    assert [lines[1], lines[3], *lines[-2:]] == [r"\toprule", r"\midrule", r"\bottomrule", r"\end{tabular}"]
    rows = []
    for line in [lines[2], *lines[4:-2]]:
        assert line.endswith(r" \\")
        cells = re.split(r"(?<!\\)&", line.removesuffix(r" \\"))
        rows.append([cell.strip() for cell in cells])
        assert len(cells) == len(opening[1])
        for cell in rows[-1]:
            list(tokens(cell))
    return opening[1], rows


def from_latex(cell: str) -> Fraction:
    r"""Return the fraction of $-\frac{p}{q}$ or of $p$."""
    match = re.fullmatch(r"\$(-?)(?:\\frac\{(\d+)\}\{(\d+)\}|(\d+))\$", cell)
    assert match, cell
    return (-1 if match[1] else 1) * Fraction(int(match[2] or match[4]), int(match[3] or 1))


@pytest.mark.parametrize("name", ["numeric", "everything"])
def test_latex_is_read_back(name: str, request: pytest.FixtureRequest) -> None:
    """Every token is one that TeX takes, braces and dollars balance, and every fraction is exactly its cell."""
    made: Table = request.getfixturevalue(name)
    alignment, rows = tabular(made.to_latex())
    numbers = shown(made)
    assert len(alignment) == len(numbers)
    assert len(rows) == 1 + len(made)
    fractions = 0
    for record, row in zip(rows[1:], made.rows, strict=True):
        for text, i in zip(record, numbers, strict=True):
            if isinstance(row[i], Fraction):
                assert from_latex(text) == row[i]
                fractions += 1
            elif isinstance(row[i], Formula):
                assert text == f"${row[i].latex}$"
            elif isinstance(row[i], Word):
                assert text == row[i].text
            assert (text == "") == (row[i] is None)
    assert fractions > 20


def test_the_representation_is_short() -> None:
    """At the prompt a table says how many rows and which columns it has; printed, it is the text."""
    made = table({"widths": ["n,2 for n in 1..3"], "orders": [2]})
    assert repr(made) == "Table(3 rows: widths, n, law, variance, output, slope, bias, E Z[0,0]^2)"


def test_latex_of_long_networks_and_headings() -> None:
    """Runs of equal widths are counted, names of several letters are set as words, and headings are mathematics."""
    made = table({"widths": ["3,wide_1 x 6,2 for wide_1 in 8..9", "n,2*n x 7,1"], "orders": [2]})
    text = made.to_latex()
    tabular(text)
    assert r"$3,8^{\times 6},2$" in text
    assert r"$n,\left(2 n\right)^{\times 7},1$" in text
    assert r"$\mathbb{E}\,Z_{0,0}^{2}$" in text
    family = table({"widths": ["3,wide_1 x 6,2 for wide_1 in 8..9"], "orders": [2], "title": "50 % more"})
    assert r"$\mathit{wide\_1}$" in family.to_latex()
    assert family.to_latex().splitlines()[0] == "% 50 % more"
    assert "3,8 x 6,2" in table({"widths": ["3,8 x 6,2", "2,2"], "orders": [2]}).to_text()


def test_decimals_beyond_plain_notation() -> None:
    """A decimal with an exponent is a power of ten in LaTeX, in all other formats as Python writes it."""
    made = table({"widths": ["9,9"], "orders": [2, 40], "digits": 4, "variances": ["1/1001"]})
    (_, cells) = tabular(made.to_latex())[1]
    small = made.rows[0][-1]
    assert re.fullmatch(r"\d\.\d{3}e-\d\d", small)
    assert cells[-1] == "$" + small.replace("e-", r" \cdot 10^{-") + "}$"


# -- one axis across the page -------------------------------------------------------------------------------------------


def test_laws_side_by_side() -> None:
    """With `across` the laws stand beside each other, one row a network, in the formats for readers alone."""
    spec = {"widths": ["n,n,1 for n in 2..4"], "laws": ["gaussian", "rademacher"], "orders": [4], "across": "law"}
    made = table(spec)
    assert made.to_text().splitlines()[0].split() == ["n", "gaussian", "rademacher"]
    assert made.to_text().splitlines()[-1].endswith("; E Z[0,0]^4 by law")
    _, rows = tabular(made.to_latex())
    assert rows[0] == ["$n$", "gaussian", "rademacher"]
    found = [from_latex(cell) for row in rows[1:] for cell in row[1:]]
    assert found == made.column("E Z[0,0]^4")
    assert made.to_csv() == table(spec | {"across": ""}).to_csv()


def test_several_quantities_across() -> None:
    """With several quantities, or decimals, every value of the axis has its own columns, said in the heading."""
    made = table(
        {"widths": ["2,3,2", "3,3,2"], "outputs": ["relu", "linear"], "orders": [2, 4], "digits": 3, "across": "output"}
    )
    heading = [cell.strip() for cell in made.to_markdown().splitlines()[0].strip("|").split("|")]
    assert heading == [
        "widths", "relu: E Z[0,0]^2", "(3 digits)", "relu: E Z[0,0]^4", "(3 digits)", "linear: E Z[0,0]^2", "(3 digits)",
        "linear: E Z[0,0]^4", "(3 digits)",
    ]  # fmt: skip
    assert len(tabular(made.to_latex())[1]) == 3


def test_an_axis_with_one_value_stays_where_it_was() -> None:
    """There is nothing to put side by side."""
    spec = {"widths": ["2,3,2"], "orders": [4]}
    assert table(spec | {"across": "law"}).to_text() == table(spec).to_text()


# -- the same bytes -----------------------------------------------------------------------------------------------------

CODE = """
import json, sys
from pathlib import Path
from pathmoments import sweeps
from pathmoments.tables import table
if __name__ == "__main__":
    with sweeps.executor(jobs=int(sys.argv[3])) as workers:
        made = table(json.loads(sys.argv[1]), executor=workers)
    folder = Path(sys.argv[2])
    for name in ("text", "csv", "json", "markdown", "latex"):
        (folder / name).write_text(getattr(made, "to_" + name)(), encoding="utf-8")
    made.to_parquet(folder / "parquet")
"""


def test_the_same_specification_gives_the_same_bytes(tmp_path: Path) -> None:
    """Other processes, other hash seeds, one worker or two: every format is the same to the byte."""
    script = tmp_path / "make.py"
    script.write_text(CODE, encoding="utf-8")
    found = []
    for seed, jobs in (("0", "1"), ("1", "1"), ("4242", "2")):
        folder = tmp_path / seed
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-W", "error", str(script), json.dumps(SPEC), str(folder), jobs],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
        )
        found.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert len(found[0]) == 6
    assert found[0] == found[1] == found[2]
