"""`pathmoments spectrum`: every option against the library, and the three formats."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pathmoments import Network, expansion, spectrum, trace_moment
from pathmoments.quantities.sampled_spectrum import sampled_spectrum
from pathmoments.quantities.spectrum import grown

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def document(run: Run, *arguments: str) -> dict[str, Any]:
    """Return the JSON that `spectrum` prints, after checking that it succeeded quietly."""
    done = run("spectrum", *arguments, "--format", "json")
    assert (done.status, done.stderr) == (0, "")
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_text(run: Run) -> None:
    """The moments, one a line, then what follows from them, the network and the route."""
    done = run("spectrum", "2,3", "--law", "rademacher", "--variance", "1/2", "--output", "linear", "--orders", "3")
    assert (done.status, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:4] == ["moments per output m_k = E tr (J J^T)^k / 3", "m_1 = 1", "m_2 = 2", "m_3 = 9/2 = 4.5"]
    assert "participation: 3/2 = 1.5" in done.stdout
    assert lines[-1].startswith("route: transfer: 31 set partitions")


def test_json_is_what_the_library_finds(run: Run) -> None:
    """Every value of the JSON form is that of `spectrum` for the network in it."""
    content = document(run, "2,3,4", "--law", "uniform", "--slope", "1/2", "--orders", "3", "--limit")
    found: Any = spectrum(Network.from_json(content["network"]), orders=3)
    assert content["schema"] == "pathmoments/spectrum/1"
    assert [Fraction(t) for t in content["traces"]] == list(found.traces)
    assert [Fraction(m) for m in content["moments"]] == list(found.moments)
    assert [Fraction(m) for m in content["moments_per_input"]] == list(found.moments_per_input)
    assert [Fraction(m) for m in content["limit_moments"]] == list(found.limit_moments)
    for name in ("square_mean", "square_variance", "ratio", "ratio_per_input", "participation", "spread"):
        assert Fraction(content[name]) == getattr(found, name)
    assert content["layers"] == [0, 2]
    assert "expansions" not in content
    assert "simulation" not in content


def test_expansions(run: Run) -> None:
    """Symbolic widths are expanded as they are, numbers at their shape; both as the library does it."""
    symbolic = document(run, "n,n,n", "--orders", "2", "--expand", "1")
    assert symbolic["expansions"][2] == {
        "symbols": ["n"], "order": 1, "coefficients": {"0": "5", "1": "14"}, "remainder_power": 2,
    }  # fmt: skip
    numbers = document(run, "2,3,2", "--orders", "2", "--expand", "1")
    value: Any = trace_moment(grown(Network([2, 3, 2])), 2)
    series = expansion(value, "s", order=1)
    # The trace is 2 s times the moment.
    assert Fraction(numbers["expansions"][2]["coefficients"]["0"]) == Fraction(str(series.coefficients[-1])) / 2


def test_latex(run: Run) -> None:
    """One aligned formula a moment, with its expansion and its limit."""
    done = run("spectrum", "n,n,n", "--orders", "2", "--expand", "1", "--limit", "--format", "latex")
    assert done.status == 0
    last = done.stdout.splitlines()[-1]
    assert last.startswith("m_{2} = ")
    assert last.endswith(r"\quad \to \quad 5")
    assert r"5 + \frac{14}{n}" in last


def test_sections_and_routes(run: Run) -> None:
    """--layers and --route reach the library, and the section is named."""
    done = run("spectrum", "2,3,4,2", "--layers", "1:3", "--route", "pairings", "--orders", "2")
    assert "E tr (J J^T)^k / 2, layers 2..3" in done.stdout
    assert "route: pairings: 3 pairings" in done.stdout
    content = document(run, "2,3,4,2", "--layers", "1:3", "--orders", "2")
    assert [Fraction(t) for t in content["traces"]] == [
        trace_moment(Network([2, 3, 4, 2]), k, layers=(1, 3)) for k in (0, 1, 2)
    ]


def test_check_simulates(run: Run) -> None:
    """--check prints the sampled traces of that seed with their z, and exits 0 where they agree."""
    content = document(run, "3,4,2", "--orders", "3", "--check", "2000", "--seed", "4")
    drawn = sampled_spectrum(Network([3, 4, 2]), 2000, orders=3, seed=4)
    assert content["simulation"]["traces"] == list(drawn.means)
    assert content["simulation"]["z"] == [0.0, drawn.z(1), drawn.z(2)]
    done = run("spectrum", "3,4,2", "--orders", "3", "--check", "2000", "--seed", "4")
    assert "no exact standard error beyond k = 2" in done.stdout


def test_a_simulation_that_disagrees_ends_with_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mean far from the exact value is marked, and the exit status is 1."""
    from dataclasses import replace

    from pathmoments.cli import spectrum as command

    def wrong(*arguments: Any, **options: Any) -> Any:
        drawn = sampled_spectrum(*arguments, **options)
        return replace(drawn, means=tuple(2 * mean for mean in drawn.means))

    monkeypatch.setattr(command, "sampled_spectrum", wrong)
    done = run("spectrum", "8,8", "--check", "2000", "--seed", "1")
    assert done.status == 1
    assert "DISAGREES" in done.stdout


def test_plot(run: Run, tmp_path: Path) -> None:
    """--plot writes the picture; it does not replace one without --force."""
    file = tmp_path / "a.svg"
    arguments = ("spectrum", "6,6", "--seed", "1", "--check", "50", "--plot", str(file))
    assert run(*arguments).status == 0
    first = file.read_bytes()
    refused = run(*arguments)
    assert refused.status == 2
    assert file.read_bytes() == first
    assert run(*arguments, "--force").status == 0
    assert file.read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("3,3", "--orders", "1"), ("--orders", "2")),
        (("3,3", "--route", "gaussian"), ("route", "zonal, transfer")),
        (("3,3", "--seed", "1"), ("--seed", "--check", "--plot")),
        (("3,3", "--law", "uniform", "--orders", "9"), ("set partitions", "smaller k")),
        (("3,3", "--law", "uniform", "--route", "zonal"), ("Gaussian or orthogonal weights", "--route transfer")),
        (("n,3", "--check", "10"), ("numbers",)),
        (("3,3", "--plot", "a.txt"), (".svg, .png or .pdf",)),
        (("3,3", "--law", "truncated:2", "--expand", "1"), ("symbolic network needs laws",)),
    ],
    ids=" ".join,
)
def test_refusals(run: Run, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    """What is refused is one message with exit status 2, and nothing on stdout."""
    done = run("spectrum", *arguments)
    assert (done.status, done.stdout) == (2, "")
    assert all(word in done.message for word in words), done.message
