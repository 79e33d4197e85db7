"""`pathmoments mistakes`: exact shifts by depth and ratios, as a table and as JSON."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from pathmoments import Network, mistakes

from .conftest import Run

NET = Network([4, 8, 8, 2], output="linear", bias="zero")
ARGUMENTS = ("mistakes", "4,8,8,2", "--output", "linear", "--bias", "zero")


def test_the_table(run: Run) -> None:
    """Each mistake has a row with its layer, its exact shift by depth, its ratios and its networks, and its title below."""
    done = run(*ARGUMENTS)
    found = mistakes(NET)
    assert (done.status, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    head = next(line for line in lines if line.startswith("mistake "))
    assert head.split() == [
        "mistake",
        "where",
        "1..1",
        "1..2",
        "frobenius",
        "mean:4",
        "alike",
        "networks",
        "seen",
        "in",
    ]
    # A gain of 1 for sqrt(2) halves each variance; the linear output layer counts too.
    row = next(line for line in lines if line.startswith("gain-linear ")).split()
    assert row[1:5] == ["1/2", "1/4", "1/8", "1/64"]
    for one in found:
        assert any(line.startswith(one.name) and one.where in line and one.by in line for line in lines)
        assert any(line.startswith(one.name) and line.endswith(one.title) for line in lines)


def test_json_is_exact(run: Run) -> None:
    """The JSON has each mistake of the library, numbers as "p/q" with decimals, the network that comes out, and null for none."""
    content = json.loads(run(*ARGUMENTS, "--effect", "1/4", "--format", "json").stdout)
    found = mistakes(NET, effect="1/4")
    assert (content["schema"], content["effect"], content["miss"]) == ("pathmoments/mistakes/1", "1/4", "1/1000")
    assert [(one["mistake"], one["where"], one["samples_needed"]) for one in content["mistakes"]] == [
        (one.name, one.where, one.draws) for one in found
    ]
    by_name = {one["mistake"]: one for one in content["mistakes"]}
    assert [Fraction(one["exact"]) for one in by_name["glorot"]["shifts"]] == list(
        next(one for one in found if one.name == "glorot").shifts
    )
    assert by_name["gain-linear"]["ratios"]["frobenius"] == {"exact": "1/8", "decimal": "0.125"}
    assert Network.from_json(by_name["default"]["network"]).laws[0].name == "uniform"
    assert by_name["one-seed"]["network"] is None


def test_a_deep_network_keeps_the_table_narrow(run: Run) -> None:
    """The middle layers of a deep network are left out of the table, and stand in the JSON."""
    deep = ("mistakes", "2,2,2,2,2,2,2,2,2,2", "--output", "linear", "--false-alarm", "1/10", "--miss", "1/10")
    head = next(line for line in run(*deep).stdout.splitlines() if line.startswith("mistake "))
    assert head.split()[2:9] == ["1..1", "1..2", "1..3", "1..4", "...", "1..7", "1..8"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("mistakes", "4,n,2"), "widths that are numbers"),
        (("mistakes", "4,8,2", "--law", "symbolic"), "moments that are numbers"),
        (("mistakes", "4,8,2", "--miss", "2"), "miss must be between 0 and 1"),
        (("mistakes",), "give the widths"),
    ],
)
def test_refusals(run: Run, arguments: tuple[str, ...], words: str) -> None:
    """One message, status 2, nothing on stdout."""
    done = run(*arguments)
    assert (done.status, done.stdout) == (2, "")
    assert words in done.message
