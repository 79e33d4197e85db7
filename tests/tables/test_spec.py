"""Specifications: what a dictionary or a file means, its canonical form, and errors that name the place."""

from __future__ import annotations

import io
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy

from pathmoments import Sparse, Uniform
from pathmoments.errors import SpecError
from pathmoments.tables import TableSpec, read_spec, spec_of
from pathmoments.tables.spec import SPEC_SCHEMA

MINIMAL: dict[str, Any] = {"widths": ["2,3,2"], "orders": [4]}
FULL: dict[str, Any] = {
    "schema": SPEC_SCHEMA,
    "title": "All of it",
    "widths": ["n,n,2 for n in 2..4", [2, 3, 2], "3,1..2,2"],
    "laws": ["gaussian", ["uniform", "rademacher"], {"name": "truncated", "bound": "2"}],
    "variances": ["he", "1/3", ["lecun", 2]],
    "outputs": ["relu", "linear"],
    "slopes": [0, "1/4"],
    "biases": ["atomless", "uniform"],
    "orders": [2, 4],
    "quantities": [
        "moment 1,1=2;0,0=2",
        "variance normalised",
        "bounds 12",
        "bounds 13",
        "fourth",
        "beta",
        "moment 0,0=4",
    ],
    "digits": 8,
    "exact": False,
    "across": "law",
}


def test_defaults_are_those_of_a_network() -> None:
    """Widths and orders suffice: the rest is the network's defaults, and the orders are moments of the entry 0,0."""
    spec = spec_of(MINIMAL)
    assert spec.to_json() == {
        "schema": SPEC_SCHEMA, "title": "", "widths": ["2,3,2"], "laws": ["gaussian"], "variances": ["he"], "outputs": ["relu"],
        "slopes": ["0"], "biases": ["atomless"], "quantities": ["moment 0,0=4"], "digits": 0, "exact": True, "across": "",
    }  # fmt: skip
    assert spec.count == 1


def test_the_canonical_form_says_the_same() -> None:
    """Every key is kept, in a form that is read back to an equal specification."""
    spec = spec_of(FULL)
    form = spec.to_json()
    assert spec_of(json.loads(json.dumps(form))) == spec
    assert form["widths"] == ["n,n,2 for n in 2..4", "2,3,2", "3,1..2,2"]
    assert form["laws"] == ["gaussian", ["uniform", "rademacher"], "truncated:2"]
    assert form["variances"] == ["he", "1/3", ["lecun", "2"]]
    assert form["quantities"] == [
        "moment 0,0=2", "moment 0,0=4", "moment 0,0=2;1,1=2", "variance normalised", "bounds 12", "bounds 13 order=6", "fourth", "beta",
    ]  # fmt: skip


def test_the_rows_are_the_product_in_order() -> None:
    """Widths are outermost, then laws, variances, outputs, slopes and biases, the last one fastest; the count is right."""
    spec = spec_of(FULL)
    rows = list(spec.rows())
    assert spec.count == len(rows) == 6 * 3 * 3 * 2 * 2 * 2
    assert [row.setting.bias for row in rows[:3]] == ["atomless", "uniform", "atomless"]
    assert [row.setting.slope for row in rows[:5]] == ["0", "0", "1/4", "1/4", "0"]
    assert [row.widths for row in rows[::72]] == [(2, 2, 2), (3, 3, 2), (4, 4, 2), (2, 3, 2), (3, 1, 2), (3, 2, 2)]
    assert [row.setting.law for row in rows[:72:24]] == ["gaussian", ("uniform", "rademacher"), "truncated:2"]
    assert rows[0].parameters == {"n": 2}
    assert rows[-1].parameters == {}


def test_a_dictionary_may_hold_what_python_has() -> None:
    """Laws, fractions, tuples and sympy widths are taken as well as their texts."""
    n = sympy.Symbol("n")
    spec = spec_of(
        {
            "widths": [(2, 3, 2), [n, 2 * n, 1]],
            "laws": [Uniform(), (Sparse("1/2", Uniform()), "gaussian")],
            "slopes": [Fraction(1, 3)],
            "biases": [Uniform()],
            "variances": [(Fraction(1, 2), "he")],
            "orders": (4,),
        }
    )
    assert spec.laws == ("uniform", ("sparse:1/2:uniform", "gaussian"))
    assert [grid.text for grid in spec.widths] == ["2,3,2", "n,2*n,1"]
    assert (spec.slopes, spec.biases, spec.variances) == (("1/3",), ("uniform",), (("1/2", "he"),))


COMPLAINTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"width": ["2,3"]}, "width: there is no such key: a table has across, biases, digits, exact, laws"),
    "widths missing": ({"widths": None}, "widths: must be a list"),
    "widths empty": ({"widths": []}, "widths: must have at least one entry"),
    "widths a text": ({"widths": "2,3,2"}, "widths: must be a list, was '2,3,2'"),
    "widths zero": ({"widths": ["2,3", "2,0"]}, "widths[1]: 0 must be a whole number, 1 or more"),
    "widths a float": ({"widths": [[2, 3.0]]}, "widths[0]: must be a list of whole numbers"),
    "widths true": ({"widths": [[2, True]]}, "widths[0]: must be a list of whole numbers"),
    "widths a number": ({"widths": [3]}, 'widths[0]: must be a text such as "n,n,n for n in 1..20"'),
    "law unknown": ({"laws": ["uniform", "cauchy"]}, "laws[1]: law must be one of gaussian"),
    "law of a layer unknown": ({"laws": [["uniform", "cauchy"]]}, "laws[0]: law must be one of gaussian"),
    "variance a float": (
        {"variances": [0.5]},
        "variances[0]: variance must be an exact number, was 0.5: write Fraction(1, 2)",
    ),
    "variance zero": ({"variances": ["0"]}, "variances[0]: variance must be positive"),
    "variance of a layer": (
        {"variances": [["he", "kaiming"]]},
        "variances[0]: variance[1] must be an exact number or one of he",
    ),
    "variance a symbol": ({"variances": [sympy.Symbol("v")]}, "variances[0]: must be a name or an exact number, was v"),
    "output": ({"outputs": ["tanh"]}, "outputs[0]: output must be 'relu' or 'linear', was 'tanh'"),
    "slope a float": ({"slopes": [0, 0.25]}, "slopes[1]: slope must be an exact number, was 0.25"),
    "bias": ({"biases": ["none"]}, "biases[0]: bias must be 'atomless', 'zero' or a law"),
    "order a text": ({"orders": ["4"]}, "orders[0]: an order must be a whole number, 0 or more, was '4'"),
    "order negative": ({"orders": [-2]}, "orders[0]: an order must be"),
    "order a float": ({"orders": [4.0]}, "orders[0]: an order must be"),
    "quantity unknown": ({"quantities": ["mean"]}, "quantities[0]: a quantity must be one of moment, variance"),
    "quantity empty": ({"quantities": [""]}, "quantities[0]: a quantity must be one of moment"),
    "quantity a number": ({"quantities": [4]}, 'quantities[0]: must be a text such as "moment 0,0=4"'),
    "moment malformed": ({"quantities": ["moment 0,0"]}, "quantities[0]: a moment must be P,Q=ORDER"),
    "moment negative": ({"quantities": ["moment 0,-1=2"]}, "quantities[0]: a moment must be P,Q=ORDER"),
    "variance with a number": ({"quantities": ["variance 4"]}, "quantities[0]: variance must be alone"),
    "bounds without a number": ({"quantities": ["bounds"]}, "quantities[0]: bounds must be followed by"),
    "bounds unknown": ({"quantities": ["bounds 99"]}, "one of 2, 11, 12, 13, 14, 15, was '99'"),
    "bounds with an order": ({"quantities": ["bounds 12 order=8"]}, "such as 'bounds 12'"),
    "bounds with an odd order": ({"quantities": ["bounds 13 order=7"]}, "with an even order"),
    "beta normalised": (
        {"quantities": ["beta normalised"]},
        "quantities[0]: what is normalised must be of an even order",
    ),
    "odd moment normalised": ({"quantities": ["moment 0,0=3 normalised"]}, "of an even order"),
    "normalised first": ({"quantities": ["moment normalised 0,0=4"]}, "normalised must be the last word"),
    "nothing to show": ({"orders": []}, "quantities: say what the columns are"),
    "digits negative": ({"digits": -1}, "digits: digits must be a whole number, 0 to 1,000"),
    "digits many": ({"digits": 1001}, "digits: digits must be a whole number, 0 to 1,000"),
    "digits true": ({"digits": True}, "digits: digits must be a whole number"),
    "exact a number": ({"exact": 1}, "exact: "),
    "decimals without digits": ({"exact": False}, "exact: false shows decimals alone: say how many digits"),
    "across unknown": ({"across": "depth"}, "across: must be one of law, variance, output, slope, bias"),
    "title of two lines": ({"title": "a\nb"}, "title: must be a text of one line"),
    "schema of another": ({"schema": "pathmoments/table/1"}, "schema: "),
    "parameter like a column": (
        {"widths": ["law,2 for law in 1..2"]},
        "widths: the parameter law is called like a column",
    ),
    "parameter like a quantity": (
        {"widths": ["beta,2 for beta in 1..2"], "quantities": ["beta"]},
        "the parameter beta is called like a column",
    ),
}


@pytest.mark.parametrize(("change", "complaint"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_a_complaint_names_the_place(change: dict[str, Any], complaint: str) -> None:
    """What does not fit is refused with the key, the number of the entry, and what must stand there."""
    with pytest.raises(SpecError) as caught:
        spec_of(MINIMAL | change, "t.toml: ")
    assert complaint in str(caught.value)
    assert str(caught.value).startswith("t.toml: ")


def test_all_complaints_are_made_at_once() -> None:
    """Each place that does not fit has its line; of very many the first ten."""
    with pytest.raises(SpecError) as caught:
        spec_of({"widths": ["2,0"], "laws": ["x"], "digits": -1, "colour": "red"})
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "widths[0]",
        "laws[0]",
        "digits",
        "colour",
    ]
    with pytest.raises(SpecError) as caught:
        spec_of({"widths": ["0,0"] * 30, "orders": [4]})
    assert str(caught.value).splitlines()[-1] == "and 20 more"
    assert len(str(caught.value).splitlines()) == 11


@pytest.mark.parametrize("content", [None, [], "2,3,2", 4])
def test_what_is_no_object_is_refused(content: Any) -> None:
    """Lists and texts are no specification."""
    with pytest.raises(SpecError, match="a table must be an object"):
        spec_of(content)


TOML = """
schema = "pathmoments/table-spec/1"
widths = ["n,n,n for n in 1..5", [2, 3, 2]]
laws = ["gaussian", ["uniform", "laplace"]]
orders = [4]
digits = 6
"""


def test_toml_and_json_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in either language, or on stdin, gives the same specification."""
    form = {
        "schema": SPEC_SCHEMA,
        "widths": ["n,n,n for n in 1..5", [2, 3, 2]],
        "laws": ["gaussian", ["uniform", "laplace"]],
        "orders": [4],
        "digits": 6,
    }
    (tmp_path / "t.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "t.json").write_text("\ufeff" + json.dumps(form), encoding="utf-8")
    expected = spec_of(form)
    assert isinstance(expected, TableSpec)
    assert read_spec(tmp_path / "t.toml") == read_spec(tmp_path / "t.json") == expected
    for text in (TOML, json.dumps(form)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert read_spec("-") == expected


FILES = {
    "missing.toml": (None, "there is no such file"),
    "broken.toml": ("widths = [", "not TOML: "),
    "broken.json": ('{"widths": [', "not JSON at line 1"),
    "twice.json": ('{"widths": 1, "widths": 2}', "the key 'widths' stands twice"),
    "twice.toml": ("digits = 1\ndigits = 2", "not TOML: Cannot overwrite a value"),
    "list.json": ("[]", 'schema: must be "pathmoments/table-spec/1", is missing'),
    "old.toml": (
        'schema = "pathmoments/table-spec/0"',
        "was 'pathmoments/table-spec/0': this version reads that schema alone",
    ),
    "without.toml": ('widths = ["2,3"]', "schema: must be"),
    "wrong.toml": (f'schema = "{SPEC_SCHEMA}"\nwidths = ["2,0"]\norders = [4]', "widths[0]: 0 must be"),
    "float.toml": (
        f'schema = "{SPEC_SCHEMA}"\nwidths = ["2,3"]\norders = [4]\nslopes = [0.1]',
        "slopes[0]: slope must be an exact number",
    ),
}


@pytest.mark.parametrize(("name", "content", "said"), [(n, c, s) for n, (c, s) in FILES.items()], ids=FILES)
def test_a_file_that_does_not_fit_is_named(name: str, content: str | None, said: str, tmp_path: Path) -> None:
    """The message opens with the file and names the place in it."""
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        read_spec(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8, and folders, are refused as such."""
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "bytes.toml", tmp_path):
        with pytest.raises(SpecError, match="cannot be read as text"):
            read_spec(path)
