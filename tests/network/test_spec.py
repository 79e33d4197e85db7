"""The JSON form of a network: what is written is read back, and what is wrong is told with its place."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from pathmoments.errors import ArgumentError, SpecError
from pathmoments.laws import (
    Finite,
    Gaussian,
    Laplace,
    Law,
    Moments,
    Rademacher,
    Sparse,
    SymbolicLaw,
    TruncatedGaussian,
    Uniform,
)
from pathmoments.network import VARIANCES, Network
from pathmoments.spec import NETWORK_SCHEMA, read_network

positive = st.fractions(min_value=Fraction(1, 10**6), max_value=10**6, max_denominator=10**6)
small = st.fractions(min_value=Fraction(1, 9), max_value=9, max_denominator=9)
numeric_laws: st.SearchStrategy[Law] = st.one_of(
    st.sampled_from([Gaussian(), Uniform(), Rademacher(), Laplace()]),
    small.map(TruncatedGaussian),
    st.lists(small, min_size=1, max_size=3, unique=True).map(
        lambda values: Finite([s * v for v in values for s in (-1, 1)])
    ),
    st.builds(lambda v, atoms: Moments({2: v, 4: 3 * v * v}, atoms=atoms), small, st.booleans()),
    st.builds(Sparse, st.fractions(min_value=0, max_value="9/10", max_denominator=10), st.just(Uniform())),
)
laws = numeric_laws | st.builds(SymbolicLaw, st.sampled_from(["mt", "m"]), atoms=st.booleans())
variances = st.sampled_from(sorted(VARIANCES)) | positive
symbols = st.sampled_from(["n", "width", "n_1"]).map(sympy.Symbol)
widths = st.integers(min_value=1, max_value=100) | st.just(10**100) | symbols


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """A random network, every argument given once or once a layer."""
    depth = draw(st.integers(min_value=1, max_value=4))

    def layered(one: st.SearchStrategy[Any]) -> Any:
        return draw(one | st.lists(one, min_size=depth, max_size=depth))

    bias = draw(st.sampled_from(["atomless", "zero"]) | numeric_laws)
    return Network(
        draw(st.lists(widths, min_size=depth + 1, max_size=depth + 1)),
        law=layered(laws),
        variance=layered(variances),
        output=draw(st.sampled_from(["relu", "linear"])),
        slope=draw(st.fractions(min_value=-2, max_value=2, max_denominator=100)),
        bias=bias,
        bias_variance=layered(variances) if isinstance(bias, Law) and draw(st.booleans()) else None,
    )


def form(**changes: Any) -> dict[str, Any]:
    """Return the form of a small network, changed."""
    return {"schema": NETWORK_SCHEMA, "widths": [2, 3, 2], **changes}


@settings(deadline=None, derandomize=True, max_examples=150)
@given(networks())
def test_a_network_is_read_back_from_its_json(net: Network) -> None:
    """Through a JSON object and through JSON text, a network comes back equal, in its arguments and in its form."""
    written = net.to_json()
    text = json.dumps(written)
    for back in (Network.from_json(written), Network.from_json(text), Network.from_json(text.encode())):
        assert back == net
        assert hash(back) == hash(net)
        assert back.variance == net.variance
        assert back.bias_variance == net.bias_variance
        assert back.to_json() == written


def test_the_form_is_pinned() -> None:
    """The form of schema 1: defaults are written out, exact numbers are text."""
    assert Network([2, 3, 2]).to_json() == {
        "schema": "pathmoments/network/1",
        "widths": [2, 3, 2],
        "law": {"name": "gaussian"},
        "variance": "he",
        "output": "relu",
        "slope": "0",
        "bias": "atomless",
    }
    net = Network(
        [2, 3, 2], law=["uniform", "truncated"], variance=["1/3", "he"], slope="1/4", bias="uniform", bias_variance=2
    )
    assert net.to_json() == {
        "schema": "pathmoments/network/1",
        "widths": [2, 3, 2],
        "law": [{"name": "uniform"}, {"name": "truncated", "bound": "2"}],
        "variance": ["1/3", "he"],
        "output": "relu",
        "slope": "1/4",
        "bias": {"name": "uniform"},
        "bias_variance": "2",
    }


def test_schema_and_widths_suffice() -> None:
    """What is left out has the default of the class."""
    assert Network.from_json(form()) == Network([2, 3, 2])


def test_short_forms_are_read() -> None:
    """Laws may be short text, whole numbers may be JSON numbers, and widths may be names of symbols."""
    n = sympy.Symbol("n")
    read = Network.from_json(
        form(widths=[2, "n", 2], law=["sparse:1/2:uniform", "laplace"], variance=[1, "1/2"], slope=1)
    )
    assert read == Network([2, n, 2], law=[Sparse("1/2", Uniform()), Laplace()], variance=[1, "1/2"], slope=1)
    assert Network.from_json(form(bias="laplace", bias_variance=[1, "he"])).bias == Laplace()


def test_a_file_is_read(tmp_path: Path) -> None:
    """A file with the JSON text gives the network, by path or by the text of the path."""
    net = Network([2, 3, 2], law="uniform", slope="1/4")
    path = tmp_path / "net.json"
    path.write_text(json.dumps(net.to_json()), encoding="utf-8")
    assert read_network(path) == read_network(str(path)) == net


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"widths": [2, 0, 2]}, ["widths[1]: must be a whole number of neurons, from 1 to 10^100, was 0"]),
        ({"widths": [-1, 2]}, ["widths[0]: must be a whole number of neurons, from 1 to 10^100, was -1"]),
        ({"widths": [2, 3.5]}, ["widths[1]: must be a whole number"]),
        ({"widths": [2, True]}, ["widths[1]: must be a whole number"]),
        ({"widths": [2, None]}, ["widths[1]: must be a whole number"]),
        ({"widths": [2, 10**101]}, ["widths[1]: must be a whole number"]),
        ({"widths": [2, "2 n"]}, ["widths[1]: must be a whole number, or the name of a symbol"]),
        ({"widths": [2, "__import__('os')"]}, ["widths[1]: must be a whole number, or the name of a symbol"]),
        ({"widths": [2]}, ["widths must be at least two", "the sequence of 1"]),
        ({"widths": 3}, ["widths: "]),
        ({"law": "normal"}, ["law: law must be one of gaussian", "'normal'"]),
        ({"law": ["uniform", "normal"]}, ["law[1]: law must be one of gaussian", "'normal'"]),
        ({"law": [{"name": "uniform", "w": 1}, "uniform"]}, ["law[0]: the law uniform has no key 'w'"]),
        ({"law": {"name": "finite", "atoms": {"1": 1.0}}}, ["law: a probability must be an exact number", "1.0"]),
        ({"law": ["uniform"]}, ["law must be one value or one for each of the 2 layers", "the sequence of 1"]),
        ({"variance": 0.5}, ["variance: must be an exact number as text, such as '1/4'", "the float 0.5"]),
        ({"variance": ["he", 0.5]}, ["variance[1]: must be an exact number as text", "the float 0.5"]),
        ({"variance": ["he", None]}, ["variance[1]: must be an exact number as text", "was null"]),
        ({"variance": "kaiming"}, ["variance must be an exact number or one of he, lecun", "'kaiming'"]),
        ({"variance": "-1/2"}, ["variance must be positive", "'-1/2'"]),
        ({"variance": ["he"]}, ["variance must be one value or one for each of the 2 layers", "the sequence of 1"]),
        ({"output": "tanh"}, ['output: must be "relu" or "linear"', "'tanh'"]),
        ({"slope": 0.01}, ["slope: must be an exact number as text", "the float 0.01"]),
        ({"slope": True}, ["slope: must be an exact number as text"]),
        ({"slope": "steep"}, ["slope must be an exact number", "'steep'"]),
        ({"bias": "none"}, ['bias: must be "atomless", "zero" or a law', "'none'"]),
        ({"bias": {"name": "symbolic"}}, ["bias must be a law with numbers", "write 'atomless'"]),
        ({"bias_variance": "1"}, ["bias_variance goes with a law for the biases", "'atomless'"]),
        ({"activation": "relu"}, ["activation: there is no such key", "bias, bias_variance, law, output, schema"]),
    ],
    ids=str,
)
def test_a_form_that_is_no_network_is_refused_with_the_place(changes: dict[str, Any], parts: list[str]) -> None:
    """The message names the place in the form and what must stand there, from an object, from text and from a file."""
    for given_form in (form(**changes), json.dumps(form(**changes))):
        with pytest.raises(SpecError) as caught:
            Network.from_json(given_form)
        assert isinstance(caught.value, ValueError)
        assert all(part in str(caught.value) for part in parts), str(caught.value)
        assert "\n" not in str(caught.value)


def test_all_complaints_are_told_at_once() -> None:
    """A form with several faults has one line for each, each with its place."""
    with pytest.raises(SpecError) as caught:
        Network.from_json(form(widths=[0, 2, 2.5], slope=0.5, activation="relu"))
    places = [line.partition(":")[0] for line in str(caught.value).splitlines()]
    assert sorted(places) == ["activation", "slope", "widths[0]", "widths[2]"]


def test_missing_widths_are_told() -> None:
    """The widths have no default."""
    with pytest.raises(SpecError, match=r"^widths: is missing$"):
        Network.from_json({"schema": NETWORK_SCHEMA})


@pytest.mark.parametrize("schema", ["pathmoments/network/2", "pathmoments/network", 1, None])
def test_another_schema_is_refused(schema: object) -> None:
    """The message says which schema this version reads and which it was."""
    with pytest.raises(SpecError, match=f'^schema: must be "{NETWORK_SCHEMA}", was {schema!r}: this version reads'):
        Network.from_json(form(schema=schema))


def test_a_form_without_a_schema_is_refused() -> None:
    """The schema is required, so that a later version can tell."""
    with pytest.raises(SpecError, match=f'^schema: must be "{NETWORK_SCHEMA}", is missing'):
        Network.from_json({"widths": [2, 3, 2]})


@pytest.mark.parametrize("given_form", [None, 3, [2, 3, 2], "[2, 3, 2]", "null", '"uniform"'], ids=repr)
def test_what_is_no_object_is_refused(given_form: object) -> None:
    """A list, a number or null is no network, as an object or as text."""
    with pytest.raises(SpecError, match="a network must be an object such as"):
        Network.from_json(given_form)


@pytest.mark.parametrize("text", ["", "{", "{'schema': 1}", "Network([2, 3])", "{} {}", b"\xff\xfe{", b"{"])
def test_text_that_is_not_json_is_refused(text: str | bytes) -> None:
    """The message says that the text is not JSON, with line and column where there is one."""
    with pytest.raises(SpecError, match=r"^the text: not JSON") as caught:
        Network.from_json(text)
    assert isinstance(caught.value, ValueError)


def test_deep_and_long_text_is_refused() -> None:
    """Nesting beyond what Python reads, and numbers of thousands of digits, are refused as not JSON."""
    with pytest.raises(SpecError, match=r"^the text: not JSON: "):
        Network.from_json("[" * 100_000)
    with pytest.raises(SpecError, match=r"^the text: not JSON: a number of 5000 digits"):
        Network.from_json('{"widths": [' + "1" * 5000 + "]}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{\n  widths", "not JSON at line 2 column 3"),
        (b"\xff\xfe\x00", "cannot be read as text"),
        (b"[]", "a network must be an object"),
        (b'{"widths": [2, 3]}', 'schema: must be "pathmoments/network/1"'),
        (b'{"schema": "pathmoments/network/1", "widths": [2, 0]}', r"widths\[1\]: must be a whole number"),
        (b'{"schema": "pathmoments/network/1", "widths": [2, 3], "slope": "x"}', "slope must be an exact number"),
    ],
)
def test_a_file_that_is_no_network_is_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    """Every line of the message begins with the name of the file."""
    path = tmp_path / "net.json"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=f"net.json: {message}") as caught:
        read_network(path)
    assert all(line.startswith(f"{path}: ") for line in str(caught.value).splitlines())


def test_every_line_of_many_complaints_names_the_file(tmp_path: Path) -> None:
    """Several faults in a file are several lines, each with the name."""
    path = tmp_path / "net.json"
    path.write_text(json.dumps(form(widths=[0, 0], slope=0.5)), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        read_network(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{path}: ") for line in lines)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """A path where there is nothing, or no file, is told as such."""
    with pytest.raises(SpecError, match=r"none.json: there is no such file"):
        read_network(tmp_path / "none.json")
    with pytest.raises(SpecError, match="cannot be read as text"):
        read_network(tmp_path)


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (Network([sympy.Symbol("n") + 1, 2]), "symbols alone as widths, and one is n \\+ 1"),
        (Network([2, 2], variance=sympy.Symbol("v")), "numbers and names alone as variance, and one is v"),
        (Network([2, 2], bias="uniform", bias_variance=sympy.Symbol("v")), "numbers and names alone as bias_variance"),
    ],
)
def test_what_json_cannot_say_is_refused(net: Network, message: str) -> None:
    """Expressions other than symbols as widths, and symbolic variances, have no JSON form."""
    with pytest.raises(ArgumentError, match=message):
        net.to_json()


def test_deep_nesting_and_names_that_no_file_has() -> None:
    """Laws nested a thousand deep, in text or JSON, and a file name with a null byte are refused, not crashed on."""
    deep: dict[str, object] = {"name": "gaussian"}
    for _ in range(500):
        deep = {"name": "sparse", "zero": "1/2", "law": deep}
    with pytest.raises(SpecError, match="at most 10 sparse laws"):
        Network.from_json({"schema": NETWORK_SCHEMA, "widths": [2, 2], "law": deep})
    with pytest.raises(ArgumentError, match="at most 10 sparse laws"):
        Network([2, 2], law="sparse:1/2:" * 3000 + "gaussian")
    with pytest.raises(SpecError):
        read_network("a\0b")


def test_a_key_given_twice_is_refused() -> None:
    """JSON would take the last of two equal keys silently."""
    with pytest.raises(SpecError, match="'widths' stands twice"):
        Network.from_json('{"schema": "pathmoments/network/1", "widths": [2, 2], "widths": [2, 3]}')


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    """Editors on Windows put one in front."""
    file = tmp_path / "net.json"
    file.write_text(json.dumps(Network([2, 3]).to_json()), encoding="utf-8-sig")
    assert read_network(file) == Network([2, 3])
