"""`pathmoments gradients` and `pathmoments ntk`: text and JSON against the library."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from pathmoments import Network, gradient_variance, ntk_moment
from pathmoments.exact import fraction_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def document(run: Run, *arguments: str) -> dict[str, Any]:
    """Return the JSON that a command prints, after checking that it succeeded quietly."""
    done = run(*arguments, "--format", "json")
    assert (done.status, done.stderr) == (0, "")
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_gradients_text_is_a_table_by_layer(run: Run) -> None:
    """Two lines of provenance, then one row a layer and one for all weights."""
    done = run("gradients", "2,3,2", "--x", "1,1")
    assert (done.status, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("network: widths 2,3,2; law gaussian")
    assert lines[1] == "input: 1,1; output 0"
    assert [line.split()[0] for line in lines[2:]] == ["layer", "1", "2", "all"]
    assert lines[3].split() == ["1", "6", "0.166667", "1", "12", "0.185185"]


def test_gradients_json_is_exact(run: Run) -> None:
    """Every number of the table is a fraction in the JSON form, that of the library."""
    content = document(
        run, "gradients", "2,3,2", "--x", "1,2", "--law", "uniform", "--bias", "laplace", "--output-index", "1"
    )
    net = Network([2, 3, 2], law="uniform", bias="laplace")
    assert content["schema"] == "pathmoments/gradients/1"
    assert (content["x"], content["output"]) == ("1,2", 1)
    for row, layer in zip(content["layers"], (1, 2, None), strict=True):
        value: Any = gradient_variance(net, (1, 2), layer=layer, output=1)
        assert row["variance"] == fraction_text(value)
        mean: Any = ntk_moment(net, (1, 2), 1, layer=layer, output=1)
        assert Fraction(row["second"]) == mean / row["weights"]


def test_ntk_text(run: Run) -> None:
    """Mean, second moment, relative variance, and the layers' parts."""
    done = run("ntk", "2,3,2", "--x", "1,1")
    assert (done.status, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:3] == ["E K = 5/2 = 2.5", "E K^2 = 76/3 ~ 25.33333333", "relative variance = 229/75 ~ 3.053333333"]
    assert [line.split() for line in lines[-2:]] == [["1", "1", "0.4"], ["2", "1.5", "0.6"]]


def test_ntk_json_with_biases(run: Run) -> None:
    """With --biases the kernel has them, at zero bias too."""
    content = document(run, "ntk", "2,3,2", "--x", "1/2", "--biases")
    net = Network([2, 3, 2], bias="zero")
    first: Any = ntk_moment(net, "1/2", 1, biases=True)
    assert (content["schema"], content["first"], content["biases"]) == ("pathmoments/ntk/1", fraction_text(first), True)
    assert sum(map(Fraction, content["layers"])) == first


def test_symbols_and_balls(run: Run) -> None:
    """Symbolic widths give formulas, a truncated law gives balls."""
    assert document(run, "ntk", "n,n,n")["second"] == "2*n*(n + 3)"
    assert "+/-" in document(run, "ntk", "2,2,2", "--law", "truncated:2")["relative_variance"]
    assert run("gradients", "n,n,n").stdout.splitlines()[3].split()[2] == "1/(2*n)"


def test_an_input_without_the_first_weight(run: Run) -> None:
    """Where the input is 0 in every place, layer 1 has no gradient to stand beside."""
    done = run("gradients", "2,2", "--x", "0", "--bias", "uniform")
    assert done.status == 0
    assert done.stdout.splitlines()[3].split() == ["1", "4", "0", "-", "-", "0"]


def test_a_network_file_says_its_biases(run: Run, tmp_path: Path) -> None:
    """The zero biases that the commands suppose are no option to contradict a file."""
    file = tmp_path / "network.json"
    file.write_text(json.dumps(Network([2, 3, 2], bias="uniform").to_json()), encoding="utf-8")
    assert document(run, "ntk", "--network", str(file))["network"]["bias"] != "zero"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ntk", "2,3,2", "--bias", "atomless"), "give --bias zero, or a law such as --bias gaussian"),
        (("ntk", "2,3,2", "--x", "1,2,3"), "x must be an input of 2 numbers"),
        (("gradients", "2,3,2", "--x", "0.5"), "x must be an exact number"),
        (("gradients", "2,3,2", "--output-index", "2"), "output must be an index of layer 2, 0 to 1"),
        (("gradients", "2,3,2", "--law", "rademacher"), "have atoms"),
        (("ntk",), "give the widths"),
    ],
)
def test_refusals(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """Each refusal is one line on stderr and status 2."""
    done = run(*arguments)
    assert (done.status, done.stdout) == (2, "")
    assert message in done.message
