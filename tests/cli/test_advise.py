"""`pathmoments advise`: budgets, comparisons and families, in every format, against the library."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pathmoments import Network, empirical_variance, moment
from pathmoments.theorems import WidthFamily
from pathmoments.theorems.advice import advise
from pathmoments.theorems.allocation import spend_parameters

if TYPE_CHECKING:
    from tests.cli.conftest import Run

BUDGET = ("advise", "--depth", "4", "--inputs", "16", "--outputs", "2")


def _json(run: Run, *arguments: str) -> dict[str, Any]:
    """Return the JSON that a command prints, after checking that it succeeded quietly."""
    done = run(*arguments, "--format", "json")
    assert (done.status, done.stderr) == (0, "")
    content: dict[str, Any] = json.loads(done.stdout)
    return content


# -- budgets and comparisons --------------------------------------------------------------------------------------------


def test_text_is_the_library_s(run: Run) -> None:
    """The text form is what the library's advice prints."""
    done = run(*BUDGET, "--neurons", "24", "--compare", "16,4,8,12,2", "--law", "uniform")
    expected = advise(4, inputs=16, outputs=2, neurons=24, compare=[[16, 4, 8, 12, 2]], law="uniform")
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout == str(expected) + "\n"
    assert done.stdout.startswith("24 neurons: hidden widths 8,8,8, beta = 0.375, the least possible\n")


def test_json_is_exact(run: Run) -> None:
    """The JSON form has every number as a fraction, and the networks in a form that gives them again."""
    content = _json(run, *BUDGET, "--parameters", "400", "--multiple", "2", "--compare", "16,5 x 3,2")
    best = spend_parameters(400, 3, inputs=16, outputs=2, multiple=2)
    assert (content["schema"], content["budget"], content["multiple"]) == ("pathmoments/advice/1", "400 parameters", 2)
    assert content["advised"]["hidden"] == list(best.widths)
    assert content["advised"]["optimal"] is True
    assert Fraction(content["advised"]["lower"]) == Fraction(content["advised"]["beta"]) == best.beta
    advised, other = content["architectures"]
    assert (advised["advised"], other["advised"]) == (True, False)
    net = Network.from_json(other["network"])
    assert net == Network([16, 5, 5, 5, 2])
    fourth, second = moment(net, {(0, 0): 4}), moment(net, {(0, 0): 2})
    assert isinstance(fourth, Fraction)
    assert isinstance(second, Fraction)
    assert Fraction(other["fourth_moment"]) == 256 * fourth
    assert Fraction(other["spread"]) == empirical_variance(net)
    assert Fraction(other["square_variance"]) == fourth - second**2
    assert abs(float(other["deviation"]) ** 2 - float(fourth - second**2)) < 1e-15
    assert (other["neurons"], other["parameters"]) == (15, 80 + 25 + 25 + 10 + 5 + 5 + 5 + 2)


def test_biases_are_left_out(run: Run) -> None:
    """--no-biases counts weights alone, in the budget and in the table."""
    content = _json(run, *BUDGET, "--parameters", "400", "--no-biases")
    assert content["biases"] is False
    widths = [16, *content["advised"]["hidden"], 2]
    weights = sum(a * b for a, b in pairwise(widths))
    assert content["architectures"][0]["parameters"] == weights <= 400


def test_comparison_without_a_budget(run: Run) -> None:
    """Architectures alone are compared, in the order given; a grid of widths stands for several; laws may differ by layer."""
    content = _json(run, "advise", "--compare", "3,n,2 for n in 4..6", "--compare", "3,2", "--law", "laplace")
    assert "advised" not in content
    assert [one["network"]["widths"] for one in content["architectures"]] == [[3, 4, 2], [3, 5, 2], [3, 6, 2], [3, 2]]
    layers = _json(run, "advise", "--compare", "3,4,2", "--law", "laplace", "--law", "uniform")
    assert layers["architectures"][0]["network"]["law"] == [{"name": "laplace"}, {"name": "uniform"}]


def test_markdown_and_latex(run: Run) -> None:
    """Both have the verdict and one row an architecture, with nothing that the format would read as a command."""
    arguments = (*BUDGET, "--neurons", "24", "--compare", "16,10 x 5,2")
    markdown = run(*arguments, "--format", "markdown").stdout.splitlines()
    assert markdown[0].startswith("24 neurons: hidden widths 8,8,8")
    table = [line for line in markdown if line.startswith("|")]
    assert table[0] == r"| widths | neurons | parameters | beta | n\_0^2 E Z^4 | E dVar | sd Z^2 |"
    assert len(table) == 4
    assert table[3].startswith("| 16,10 x 5,2 | 50 |")
    latex = run(*arguments, "--format", "latex").stdout.splitlines()
    assert next(line for line in latex if line.startswith("%")).startswith("% 24 neurons")
    assert latex[-2:] == [r"\bottomrule", r"\end{tabular}"]
    assert next(line for line in latex if "times" in line).startswith(r"16,10 $\times$ 5,2 & 50 & 632 & 0.5 &")
    assert all(line.count("&") == 6 for line in latex if line.endswith(r"\\"))


def test_files(run: Run, tmp_path: Path) -> None:
    """-o writes the result, in the format of its name; a picture is drawn; nothing is replaced unasked."""
    result, picture = tmp_path / "advice.json", tmp_path / "advice.svg"
    arguments = (*BUDGET, "--neurons", "24", "--compare", "16,4,8,12,2", "-o", str(result), "--plot", str(picture))
    assert run(*arguments) == run(*arguments, "--force")
    assert json.loads(result.read_text(encoding="utf-8"))["budget"] == "24 neurons"
    assert "advised: 16,8,8,8,2" in picture.read_text(encoding="utf-8")
    again = run(*arguments)
    assert again.status == 2
    assert "--force" in again.message


# -- families -----------------------------------------------------------------------------------------------------------


def test_family_text(run: Run) -> None:
    """What is decided, the answers to (7) and (9), and one row a depth with the bounds."""
    done = run("advise", "--family", "j^2", "--depths", "1,3,3", "--inputs", "3", "--outputs", "1")
    assert (done.status, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:5] == [
        "n_j = max(1, ceil(f)), f = j^2; n_0 = 3, n_d = 1, law gaussian",
        "(8) sum 1/n_j converges: log f / log j -> 2, above 1",
        "(7) annealed: avoided",
        "(9) quenched: avoided",
        "",
    ]
    columns = [
        "depth",
        "beta",
        "n_0^2 E Z^4",
        "at least (12)",
        "at most (12)",
        "E dVar",
        "at least (15)",
        "at most (14)",
    ]
    assert " ".join(lines[5].split()) == " ".join(columns)
    assert [line.split()[:3] for line in lines[6:]] == [["1", "0", "6"], ["3", "1.25", "81"]]


def test_family_json(run: Run) -> None:
    """Exact values and bounds of (7), (8), (9) at each depth; a bound of the sum; undecided is null."""
    content = _json(run, "advise", "--family", "j^2", "--family", "j", "--family", "j^2*(1+(-1)^j)", "--depths", "4")
    assert content["schema"] == "pathmoments/families/1"
    assert [one["converges"] for one in content["families"]] == [True, False, None]
    assert [one["annealed"] for one in content["families"]] == ["avoided", "not avoided", "undecided"]
    squares, numbers, _ = content["families"]
    assert Fraction(squares["sum_bound"]) == WidthFamily("j^2").sum_bound()
    assert numbers["sum_bound"] is None
    (depth,) = squares["depths"]
    assert depth["widths"] == [2, 1, 4, 9, 2]
    values = {verdict["equation"]: verdict for verdict in depth["verdicts"]}
    net = Network([2, 1, 4, 9, 2])
    fourth = moment(net, {(0, 0): 4})
    assert isinstance(fourth, Fraction)
    assert Fraction(values["7"]["exact"]) == 4 * fourth
    assert Fraction(values["8"]["exact"]) == 1 + Fraction(1, 4) + Fraction(1, 9)
    assert Fraction(values["9"]["exact"]) == empirical_variance(net)
    assert values["7"]["lower"].startswith("[3.949")


def test_family_where_nothing_is_forced(run: Run) -> None:
    """One output and signs in the first layer: the quenched answer says that the bound is 0."""
    done = run("advise", "--family", "j", "--outputs", "1", "--law", "rademacher", "--depths", "2")
    assert "(9) quenched: not forced: with one output" in done.stdout


def test_families_in_other_formats(run: Run, tmp_path: Path) -> None:
    """Markdown, LaTeX and a picture of several families."""
    picture = tmp_path / "families.svg"
    arguments = ("advise", "--family", "j^2", "--family", "sqrt(j)", "--depths", "1,2,4")
    markdown = run(*arguments, "--format", "markdown", "--plot", str(picture)).stdout
    assert markdown.count("| depth |") == 2
    assert "f = sqrt(j)" in picture.read_text(encoding="utf-8")
    latex = run(*arguments, "--format", "latex").stdout
    assert latex.count(r"\begin{tabular}") == 2
    assert "% (8) sum 1/n_j converges" in latex


# -- refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "give a budget (--neurons N or --parameters N)"),
        ("--depth 5", "give a budget"),
        ("--neurons 10", "give depth and inputs and outputs too"),
        ("--depth 4 --inputs 2 --outputs 2 --neurons 9 --parameters 9", "not both"),
        ("--depth 6 --inputs 2 --outputs 2 --neurons 4", "at least 5"),
        ("--depth 6 --inputs 2 --outputs 2 --parameters 4", "parameters must be from 15"),
        ("--compare 2", "at least two"),
        ("--compare 2,n,2", "whole number of neurons"),
        ("--compare 2,3,2 --law symbolic", "symbolic"),
        ("--family j^", "formula"),
        ("--family sin(j)", "one of log"),
        ("--family j --neurons 10", "leave out --neurons"),
        ("--family j --compare 2,3", "leave out --compare"),
        ("--family j --depths 0", "--depths must be"),
        ("--family j --depths 1;2", "--depths must be"),
        ("--family j --law uniform --law laplace", "one --law"),
        ("--family j --inputs 0", "inputs must be"),
        ("--family 2^j --depths 500", "10^100"),
        ("--depths 1,2 --compare 2,3,2", "--depths is for --family"),
        ("--compare 2,3,2 --plot picture.txt", "svg"),
    ],
)
def test_refusals(run: Run, arguments: str, message: str) -> None:
    """One message on stderr, exit status 2, nothing on stdout."""
    done = run("advise", *arguments.split())
    assert (done.status, done.stdout) == (2, "")
    assert message in done.message
