"""`pathmoments profile` and `pathmoments typical`: in every format, against the library."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flint import arb

from pathmoments import Network, dead_probability, log_norm, profile

if TYPE_CHECKING:
    from tests.cli.conftest import Run

EXPLODING = ("2,3,2", "--variance", "4", "--variance", "1/6")


def _json(run: Run, *arguments: str) -> dict[str, Any]:
    """Return the JSON that a command prints, after checking that it succeeded quietly."""
    done = run(*arguments, "--format", "json")
    assert (done.status, done.stderr) == (0, "")
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_text_says_what_explodes_inside(run: Run) -> None:
    """The first line compares the gain end to end with the largest and the smallest inside; the tables have the numbers of THEORY 10."""
    done = run("profile", *EXPLODING)
    assert (done.status, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert (
        lines[0]
        == "E ||Ju||^2, ||u|| = 1: 1 end to end; inside at most 6 (after layer 1) and at least 1 (after layer 2)"
    )
    rows = [line.split() for line in lines if line[:1].isdigit()]
    assert [row[:4] for row in rows] == [
        ["1..1", "6", "12", "240"],
        ["1..2", "1", "2", "74/3"],
        ["2..2", "1/6", "1/2", "11/24"],
    ]


@pytest.mark.parametrize("options", [(), ("--law", "laplace", "--output", "linear"), ("--bias", "zero")])
def test_json_is_exact(run: Run, options: tuple[str, ...]) -> None:
    """The JSON has every number of every section as an exact text, and the network."""
    content = _json(run, "profile", "2,3,4,2", *options)
    assert content["schema"] == "pathmoments/profile/1"
    found = profile(Network.from_json(content["network"]))
    for side in ("prefixes", "suffixes"):
        sections = getattr(found, side)
        assert [tuple(one["layers"]) for one in content[side]] == [section.layers for section in sections]
        for one, section in zip(content[side], sections, strict=True):
            for name in ("gain", "norm", "norm_square", "square_trace", "ratio", "fourth"):
                assert Fraction(one[name]) == getattr(section, name)
            if section.log_norm is None:
                assert one["log_norm"] is None
            else:
                assert arb(one["log_norm"]["mean"]).overlaps(section.log_norm.mean)


def test_symbols_have_no_extremes(run: Run) -> None:
    """With symbols the tables are formulas, and no gain is called the largest."""
    done = run("profile", "n,n,n")
    assert done.status == 0
    assert done.stdout.startswith("network: widths n,n,n")
    assert "(5*n**2 + 14*n + 17)/n" in done.stdout


def test_files_and_formats(run: Run, tmp_path: Path) -> None:
    """-o writes in the format of its name, --plot draws, and neither replaces a file without --force."""
    table, picture = tmp_path / "profile.md", tmp_path / "profile.svg"
    arguments = ("profile", *EXPLODING, "-o", str(table), "--plot", str(picture))
    assert run(*arguments).status == 0
    assert "| 1..1 | 6 | 12 | 240 |" in table.read_text(encoding="utf-8")
    assert picture.read_text(encoding="utf-8").startswith("<?xml")
    again = run(*arguments)
    assert again.status == 2
    assert "--force" in again.stderr
    latex = run("profile", *EXPLODING, "--format", "latex").stdout
    assert r"1..2 & 1 & 2 & 74/3 & 37/3 & 4 & 0.20104 & 2.79993 \\" in latex


def test_typical_text(run: Run) -> None:
    """The text names the mean, the dead, the typical value, its bounds and the layer from which the mean misleads."""
    done = run("typical", ",".join(["10"] * 6))
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "E ||Ju||^2 = 1 for ||u|| = 1"
    assert "typical ||Ju||^2, the exponential of that mean: 0.21496" in done.stdout
    assert done.stdout.endswith("the typical value is below 1/2 of the mean given alive from layer 3 on\n")
    assert "at no layer" in run("typical", "10,10", "--fraction", "1/9").stdout


def test_typical_json(run: Run) -> None:
    """The JSON has the balls of the library."""
    content = _json(run, "typical", "2,3,2", "--bias", "zero", "--probability", "3/4")
    net = Network([2, 3, 2], bias="zero")
    log = log_norm(net)
    assert content["schema"] == "pathmoments/typical/1"
    assert Fraction(content["dead"]) == dead_probability(net)
    assert (content["mean"], content["mean_given_alive"], content["layer"]) == ("1", "32/21", 1)
    assert arb(content["log_norm"]["mean"]).overlaps(log.mean)
    for text, bound in zip(content["within"], log.within("3/4"), strict=True):
        assert arb(text).overlaps(bound)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("profile", "2,3,2", "--law", "rademacher", "--bias", "zero"), "atoms"),
        (("typical", "2,3,2", "--law", "uniform"), "weights of layer 1 are Uniform()"),
        (("typical", "2,n,2"), "symbol"),
        (("typical", "2,3,2", "--fraction", "2"), "fraction must be between 0 and 1"),
        (("typical", "2,3,2", "--probability", "0.5"), "must be an exact number"),
    ],
)
def test_refusals(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """What has no answer is one message on stderr and status 2."""
    done = run(*arguments)
    assert (done.status, done.stdout) == (2, "")
    assert message in done.message
