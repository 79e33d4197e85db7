"""`pathmoments export`: one network, several from a file, the JSON Schema, and refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pathmoments import Network
from pathmoments.golden import GoldenSpec, golden, spec
from pathmoments.golden.schema import Golden, json_schema

from .conftest import Run

ARGUMENTS = ("export", "2,3,2", "--law", "uniform")


def test_one_network(run: Run) -> None:
    """The options of a network and of the check make one document, as the library's."""
    options = (
        "--name",
        "mine",
        "--quantity",
        "frobenius",
        "--effect",
        "1/2",
        "--false-alarm",
        "1e-3",
        "--miss",
        "1/50",
        "--orders",
        "2,4",
    )
    done = run(*ARGUMENTS, *options, "--arithmetic", "float32")
    wanted = GoldenSpec(
        (("mine", Network([2, 3, 2], law="uniform")),), quantities=("frobenius",), effect="1/2", false_alarm="1e-3", miss="1/50",
        orders=(2, 4), arithmetic="float32",
    )  # fmt: skip
    assert (done.status, done.stderr) == (0, "")
    assert json.loads(done.stdout) == golden(wanted)
    assert Golden.model_validate_json(done.stdout).networks[0].name == "mine"


def test_samples(run: Run) -> None:
    """--samples N gives each quantity N samples, and the effect that they notice."""
    content: Any = json.loads(run(*ARGUMENTS, "--quantity", "frobenius", "--samples", "4000").stdout)
    assert content["networks"][0]["name"] == "network 2,3,2"
    assert content["networks"][0]["quantities"][0]["samples"] == 4000


def test_without_a_network_frameworks_initialisers(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a network the document has what frameworks initialise (here on one small shape), written whole to a file."""
    monkeypatch.setattr(spec, "SHAPES", ((2, 3, 2),))
    target = tmp_path / "golden.json"
    done = run("export", "--quantity", "frobenius", "--effect", "1/2", "-o", str(target))
    assert (done.status, done.stdout, done.stderr) == (0, "", "")
    networks = Golden.model_validate_json(target.read_text(encoding="utf-8")).networks
    assert [one.name.partition(" ")[0] for one in networks] == [name for name, _ in spec.INITIALISERS]
    assert run("export", "-o", str(target)).status == 2


def test_a_specification(run: Run, tmp_path: Path) -> None:
    """--spec FILE reads networks and options from TOML."""
    file = tmp_path / "spec.toml"
    file.write_text(
        'schema = "pathmoments/golden-spec/1"\nquantities = ["frobenius"]\neffect = "1/2"\n[[networks]]\nname = "a"\nwidths = [2, 3, 2]\n',
        encoding="utf-8",
    )
    content = json.loads(run("export", "--spec", str(file)).stdout)
    assert [one["name"] for one in content["networks"]] == ["a"]


def test_schema(run: Run) -> None:
    """--schema prints the JSON Schema."""
    done = run("export", "--schema")
    assert (done.status, json.loads(done.stdout)) == (0, json_schema())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("export", "--name", "mine"), "give WIDTHS or --network FILE with it"),
        (("export", "--law", "uniform"), "give the widths"),
        (("export", "--spec", "missing.toml"), "missing.toml: there is no such file"),
        (("export", "2,3,2", "--spec", "spec.toml"), "leave out WIDTHS"),
        (("export", "--effect", "1/2", "--spec", "spec.toml"), "leave out WIDTHS"),
        ((*ARGUMENTS, "--samples", "9", "--effect", "1/2"), "leave out the effect"),
        ((*ARGUMENTS, "--orders", "2,3"), "--orders must be even whole numbers"),
        ((*ARGUMENTS, "--orders", "0"), "--orders must be even whole numbers"),
        ((*ARGUMENTS, "--quantity", "mean"), "a quantity must be one of"),
        ((*ARGUMENTS, "--false-alarm", "0"), "--false-alarm must be between 0 and 1"),
        ((*ARGUMENTS, "--effect", "1/5000"), "network 2,3,2: "),
        ((*ARGUMENTS, "--arithmetic", "float8"), "one of float64"),
        (("export", "2,n,2"), "widths that are numbers"),
        ((*ARGUMENTS, "-o", "missing/golden.json"), "cannot be written"),
    ],
)
def test_refusals(run: Run, arguments: tuple[str, ...], words: str) -> None:
    """One message, status 2, nothing on stdout."""
    done = run(*arguments)
    assert (done.status, done.stdout) == (2, "")
    assert words in done.message
