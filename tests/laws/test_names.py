"""Laws by name: the short text of the command line and the JSON form of files."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathmoments.errors import ArgumentError, InexactNumberError, PathMomentsError, UnknownNameError
from pathmoments.laws import (
    LAW_NAMES,
    Finite,
    Gaussian,
    Laplace,
    Law,
    Moments,
    Orthogonal,
    Rademacher,
    Sparse,
    SymbolicLaw,
    TruncatedGaussian,
    Uniform,
    law_from_json,
    law_from_text,
    law_to_json,
)

TEXTS: dict[str, Law] = {
    "gaussian": Gaussian(),
    "uniform": Uniform(),
    "rademacher": Rademacher(),
    "laplace": Laplace(),
    " laplace ": Laplace(),
    "truncated": TruncatedGaussian(2),
    "truncated:5/2": TruncatedGaussian("5/2"),
    "symbolic": SymbolicLaw(),
    "symbolic:m": SymbolicLaw("m"),
    "finite:-1=1/4,0=1/2,1=1/4": Finite({-1: "1/4", 0: "1/2", 1: "1/4"}),
    "finite:-1/2=1/2,1/2=1/2": Finite(["-1/2", "1/2"]),
    "sparse:1/2:uniform": Sparse("1/2", Uniform()),
    "sparse:1/2:sparse:1/4:truncated:3": Sparse("1/2", Sparse("1/4", TruncatedGaussian(3))),
    "sparse:1/2:finite:-1=1/2,1=1/2": Sparse("1/2", Finite([-1, 1])),
    "moments:2=1,4=3,6=15": Moments({2: 1, 4: 3, 6: 15}),
    "orthogonal": Orthogonal(),
    "orthogonal:gain=3/2": Orthogonal("3/2"),
    "orthogonal:gain_squared=2": Orthogonal(gain_squared=2),
    "moments:2=1/3,4=1/5:atomless": Moments({2: "1/3", 4: "1/5"}, atoms=False),
}

positive = st.fractions(min_value=Fraction(1, 50), max_value=50, max_denominator=50)


@st.composite
def finite(draw: st.DrawFn) -> Law:
    """A random finite law."""
    values = draw(st.lists(positive, min_size=1, max_size=4, unique=True))
    masses = [draw(st.integers(min_value=1, max_value=9)) for _ in values]
    at_zero = draw(st.integers(min_value=0, max_value=5))
    total = 2 * sum(masses) + at_zero
    atoms = {sign * a: Fraction(m, total) for a, m in zip(values, masses, strict=True) for sign in (-1, 1)}
    return Finite(atoms | {Fraction(0): Fraction(at_zero, total)})


@st.composite
def moments(draw: st.DrawFn) -> Law:
    """A law given by some moments of a random finite law."""
    law, count = draw(finite()), draw(st.integers(min_value=1, max_value=5))
    return Moments({2 * k: law.moment(2 * k) for k in range(1, count + 1)}, atoms=draw(st.booleans()))


plain = st.sampled_from([Gaussian(), Uniform(), Rademacher(), Laplace()])
truncated = positive.map(TruncatedGaussian)
orthogonal = st.builds(Orthogonal, positive)
symbolic = st.builds(SymbolicLaw, st.sampled_from(["mt", "m", "mu_1"]), atoms=st.booleans())
probabilities = st.fractions(min_value=0, max_value=Fraction(99, 100), max_denominator=100)
laws: st.SearchStrategy[Law] = st.recursive(
    st.one_of(plain, truncated, symbolic, finite(), moments()),
    lambda inner: st.builds(Sparse, probabilities, inner),
    max_leaves=3,
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_short_text_names_a_law(text: str) -> None:
    """Each form of the short text gives the law it says."""
    assert law_from_text(text) == TEXTS[text]


def test_every_name_has_a_law_and_every_law_a_name() -> None:
    """The names offered are those of the laws, each once, and each is used by a text above."""
    assert sorted(LAW_NAMES) == sorted({law.name for law in TEXTS.values()})
    assert len(set(LAW_NAMES)) == len(LAW_NAMES)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.one_of(laws, orthogonal))
def test_json_gives_a_law_back(law: Law) -> None:
    """A law written as JSON text and read again is equal, with equal hash and equal form."""
    form = law_to_json(law)
    back = law_from_json(json.loads(json.dumps(form)))
    assert back == law
    assert hash(back) == hash(law)
    assert law_to_json(back) == form


@pytest.mark.parametrize("text", TEXTS)
def test_a_short_text_is_a_json_form_too(text: str) -> None:
    """Where a file has a string for a law, it is the short text."""
    assert law_from_json(text) == law_from_text(text)


@pytest.mark.parametrize(
    ("law", "form"),
    [
        (Gaussian(), {"name": "gaussian"}),
        (
            Finite([-1, "1/2", "-1/2", 1]),
            {"name": "finite", "atoms": {"-1": "1/4", "-1/2": "1/4", "1/2": "1/4", "1": "1/4"}},
        ),
        (Orthogonal(gain_squared=2), {"name": "orthogonal", "gain_squared": "2"}),
        (Sparse("1/2", Gaussian()), {"name": "sparse", "zero": "1/2", "law": {"name": "gaussian"}}),
        (Moments({2: 2, 4: 12}), {"name": "moments", "moments": {"2": "1", "4": "3"}, "atoms": True}),
        (SymbolicLaw("m", atoms=False), {"name": "symbolic", "symbol": "m", "atoms": False}),
        (TruncatedGaussian("5/2"), {"name": "truncated", "bound": "5/2"}),
    ],
    ids=str,
)
def test_the_json_form_is_pinned(law: Law, form: dict[str, Any]) -> None:
    """Files of this schema keep their form: the name, and exact numbers as text."""
    assert law_to_json(law) == form


@pytest.mark.parametrize(
    ("form", "law"),
    [
        ({"name": "symbolic"}, SymbolicLaw()),
        ({"name": "truncated"}, TruncatedGaussian(2)),
        ({"name": "truncated", "bound": 3}, TruncatedGaussian(3)),
        ({"name": "moments", "moments": {"2": 1, "4": 3}}, Moments({2: 1, 4: 3})),
        ({"name": "sparse", "zero": "1/2", "law": "uniform"}, Sparse("1/2", Uniform())),
        ({"name": "orthogonal", "gain": 3}, Orthogonal(3)),
    ],
    ids=str,
)
def test_optional_keys_have_the_defaults_of_the_classes(form: dict[str, Any], law: Law) -> None:
    """A key left out means what the argument left out means; an inner law may be short text."""
    assert law_from_json(form) == law


@pytest.mark.parametrize(
    ("text", "error", "natural", "parts"),
    [
        ("normal", UnknownNameError, LookupError, ["law must be one of gaussian, uniform", "'normal'"]),
        ("", UnknownNameError, LookupError, ["law must be one of", "''"]),
        ("Gaussian", UnknownNameError, LookupError, ["law must be one of", "'Gaussian'"]),
        (
            "orthogonal:2",
            ArgumentError,
            ValueError,
            ["law must be written with its numbers", "'orthogonal:gain_squared=2'"],
        ),
        ("orthogonal:scale=2", ArgumentError, ValueError, ["no key 'scale'"]),
        ("orthogonal:gain=0", ArgumentError, ValueError, ["gain must be a number other than 0"]),
        (
            "sparse:1/2:orthogonal",
            ArgumentError,
            ValueError,
            ["law must be one of independent weights", "no longer orthogonal"],
        ),
        ("sparse:1/2", ArgumentError, ValueError, ["law must be written with its numbers", "'sparse:1/2:gaussian'"]),
        ("sparse:1/2:normal", UnknownNameError, LookupError, ["law must be one of", "normal"]),
        (
            "gaussian:3",
            ArgumentError,
            ValueError,
            ["the law gaussian takes no numbers", "'gaussian:3'", "write 'gaussian'"],
        ),
        ("finite", ArgumentError, ValueError, ["law must be written with its numbers", "'finite:-1=1/4,0=1/2,1=1/4'"]),
        ("sparse", ArgumentError, ValueError, ["law must be written with its numbers", "'sparse:1/2:gaussian'"]),
        ("moments:", ArgumentError, ValueError, ["law must be written with its numbers", "'moments:2=1,4=3,6=15'"]),
        ("finite:1,2", ArgumentError, ValueError, ["given by pairs such as '1=1/2'", "'finite:1,2'"]),
        ("finite:-1=1/2,1=", ArgumentError, ValueError, ["a probability must be an exact number", "''"]),
        ("moments:two=1", ArgumentError, ValueError, ["law must be such as", "'moments:two=1'"]),
        ("moments:²=1", ArgumentError, ValueError, ["law must be such as"]),
        ("moments:2=1,4=3:smooth", ArgumentError, ValueError, ["law must be followed by", "'moments:2=1,4=3:smooth'"]),
        ("moments:2=1,4=1/2", ArgumentError, ValueError, ["no law has these moments", "1/2"]),
        ("truncated:wide", ArgumentError, ValueError, ["bound must be an exact number", "'wide'"]),
        ("symbolic:1m", ArgumentError, ValueError, ["symbol must be a name", "'1m'"]),
        ("sparse:2:gaussian", ArgumentError, ValueError, ["zero must be a probability", "'2'"]),
    ],
)
def test_a_text_that_names_no_law_is_refused(
    text: str, error: type[PathMomentsError], natural: type[Exception], parts: list[str]
) -> None:
    """The message says what must stand in the text, what stood there, and how to write it."""
    with pytest.raises(error) as caught:
        law_from_text(text)
    assert isinstance(caught.value, natural)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


@pytest.mark.parametrize(
    ("form", "error", "natural", "parts"),
    [
        ({"name": "normal"}, UnknownNameError, LookupError, ["law must be one of gaussian", "'normal'"]),
        ({}, ArgumentError, ValueError, ["law must be a name such as", 'an object with a "name"']),
        ({"name": 3}, ArgumentError, ValueError, ["law must be a name such as", "{'name': 3}"]),
        (["gaussian"], ArgumentError, ValueError, ["law must be a name such as", "['gaussian']"]),
        (None, ArgumentError, ValueError, ["law must be a name such as", "None"]),
        ({"name": "uniform", "width": 1}, ArgumentError, ValueError, ["the law uniform has no key 'width'", "none"]),
        ({"name": "orthogonal", "scale": "1"}, ArgumentError, ValueError, ["no key 'scale'", "gain, gain_squared"]),
        ({"name": "sparse", "zeros": "1/2"}, ArgumentError, ValueError, ["no key 'zeros'", "zero, law"]),
        ({"name": "sparse", "zero": "1/2"}, ArgumentError, ValueError, ["the law sparse needs the key 'law'"]),
        ({"name": "finite"}, ArgumentError, ValueError, ["the law finite needs the key 'atoms'"]),
        (
            {"name": "finite", "atoms": [1, -1]},
            ArgumentError,
            ValueError,
            ["atoms must be an object of numbers", "[1, -1]"],
        ),
        (
            {"name": "finite", "atoms": {"-1": 0.5, "1": 0.5}},
            InexactNumberError,
            TypeError,
            ["a probability", "0.5", "'1/2'"],
        ),
        ({"name": "moments", "moments": 3}, ArgumentError, ValueError, ["moments must be an object of numbers", "3"]),
        ({"name": "moments", "moments": {"two": 1}}, ArgumentError, ValueError, ["law must be such as"]),
        (
            {"name": "moments", "moments": {"2": 1}, "atoms": "no"},
            ArgumentError,
            ValueError,
            ["atoms must be true or false", "'no'"],
        ),
        ({"name": "symbolic", "symbol": "a b"}, ArgumentError, ValueError, ["symbol must be a name", "'a b'"]),
        ({"name": "symbolic", "atoms": 1}, ArgumentError, ValueError, ["atoms must be true or false", "1"]),
        ({"name": "truncated", "bound": 2.5}, InexactNumberError, TypeError, ["bound", "2.5", "'5/2'"]),
        (
            {"name": "sparse", "zero": "1/2", "law": {"name": "no"}},
            UnknownNameError,
            LookupError,
            ["law must be one of", "'no'"],
        ),
    ],
)
def test_a_json_form_that_is_no_law_is_refused(
    form: Any, error: type[PathMomentsError], natural: type[Exception], parts: list[str]
) -> None:
    """Unknown names and keys, missing keys, floats and wrong types are refused by name."""
    with pytest.raises(error) as caught:
        law_from_json(form)
    assert isinstance(caught.value, natural)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


@pytest.mark.parametrize(
    "text", ["__import__('os')", "symbolic:__import__('os')", "truncated:__import__('os')", "finite:1+1=1"]
)
def test_nothing_in_a_text_is_evaluated(text: str) -> None:
    """Text that would be code is refused as text."""
    with pytest.raises(PathMomentsError):
        law_from_text(text)
