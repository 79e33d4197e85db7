"""`pathmoments plan`: the numbers of the library, both ways round, in both formats."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from pathmoments import Network, minimum_effect, plan

from .conftest import Run

NET = Network([3, 8, 8, 2], output="linear", bias="zero")
ARGUMENTS = ("plan", "3,8,8,2", "--output", "linear", "--bias", "zero")
TWO = ("--quantity", "frobenius", "--quantity", "norm:1,1/2,0")


def test_a_plan_as_a_table(run: Run) -> None:
    """The text has the networks to draw, a row a quantity, and the rates."""
    done = run(*ARGUMENTS, *TWO, "--effect", "1/4", "--false-alarm", "1e-4", "--miss", "1/100")
    found = plan(NET, ["frobenius", "norm:1,1/2,0"], effect="1/4", false_alarm="1e-4", miss="1/100")
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{found.samples:,} networks notice a change of 25 %")
    for one in found.quantities:
        assert f"\n{one.name} " in done.stdout
        assert f" {one.samples:,} " in done.stdout
    assert "false alarms at most 1e-4, misses at most 1/100; Jacobians in float64" in done.stdout


def test_a_plan_as_json(run: Run) -> None:
    """The JSON has the attributes of the library's plan, exact numbers as text."""
    content = json.loads(run(*ARGUMENTS, "--effect", "1/4", "--arithmetic", "float32", "--format", "json").stdout)
    found = plan(NET, "frobenius", effect="1/4", arithmetic="float32")
    assert (content["schema"], content["samples"], content["effect"]) == ("pathmoments/plan/1", found.samples, "1/4")
    assert Network.from_json(content["network"]) == NET
    (one,) = content["quantities"]
    assert one["exact"] == "4"
    assert Fraction(one["minimum_effect"]) == found.quantities[0].effect
    assert (one["samples_needed"], one["test"], one["level"]) == (found.samples, "influence", "1/1000000")


def test_the_other_way_round(run: Run) -> None:
    """--samples N has the smallest effect of each quantity, as the library's minimum_effect."""
    noticed = minimum_effect(NET, 2000, quantities=["frobenius", "norm:1,1/2,0"])
    content = json.loads(run(*ARGUMENTS, *TWO, "--samples", "2000", "--format", "json").stdout)
    assert {one["quantity"]: Fraction(one["minimum_effect"]) for one in content["quantities"]} == noticed
    assert (content["samples"], content["effect"]) == (2000, None)
    text = run(*ARGUMENTS, *TWO, "--samples", "2000").stdout
    assert text.startswith("what 2,000 networks notice\n")


def test_too_few_networks_notice_nothing(run: Run) -> None:
    """Where no change is noticed, the text says nothing and the JSON null."""
    assert "frobenius  nothing" in run(*ARGUMENTS, "--samples", "1").stdout
    content = json.loads(run(*ARGUMENTS, "--samples", "1", "--format", "json").stdout)
    assert content["quantities"][0]["minimum_effect"] is None


def test_what_rounding_hides_is_not_noticed(run: Run) -> None:
    """In float16 some quantities notice nothing with any number of networks, and that is an answer."""
    content = json.loads(
        run(
            *ARGUMENTS, "--quantity", "mean:8", "--samples", "5000", "--arithmetic", "float16", "--format", "json"
        ).stdout
    )
    assert content["quantities"] == [{"quantity": "mean:8", "minimum_effect": None}]


def test_output_file(run: Run, tmp_path: Path) -> None:
    """-o writes the plan, and does not replace a file without --force."""
    target = tmp_path / "plan.json"
    arguments = (*ARGUMENTS, "--effect", "1/2", "--format", "json", "-o", str(target))
    assert run(*arguments).status == 0
    assert json.loads(target.read_text(encoding="utf-8"))["schema"] == "pathmoments/plan/1"
    assert run(*arguments).status == 2
    assert run(*arguments, "--force").status == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--samples", "100", "--effect", "1/2"), "leave out --effect, or --samples"),
        (("--quantity", "mean:3"), "even whole number"),
        (("--quantity", "frobenius", "--quantity", "frobenius"), "different ones"),
        (("--effect", "1e-9"), "more than 1,000,000,000,000 networks"),
        (("--law", "symbolic", "--bias", "atomless"), "moments that are numbers"),
        (("--law", "rademacher"), "--bias atomless"),
        (("--arithmetic", "float8"), "one of float64"),
    ],
)
def test_refusals(run: Run, options: tuple[str, ...], words: str) -> None:
    """One message with the way out, status 2, nothing on stdout."""
    done = run(*ARGUMENTS, *options)
    assert (done.status, done.stdout) == (2, "")
    assert words in done.message


def test_symbolic_widths_are_refused(run: Run) -> None:
    """A plan needs numbers for symbolic widths."""
    done = run("plan", "3,n,2")
    assert (done.status, done.stdout) == (2, "")
    assert "moments that are numbers" in done.message
