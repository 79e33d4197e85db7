"""`pathmoments moment --network` with the JSON form of a graph."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pathmoments import DagNetwork, Network, moment
from pathmoments.exact import fraction_text

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file with two residual blocks."""
    path = tmp_path / "residual.json"
    path.write_text(json.dumps(DagNetwork.residual(2, 2).to_json()))
    return str(path)


def test_text_has_value_graph_and_route(run: Run, file: str) -> None:
    """The text form says the value, the size of the graph and its ends, and the route."""
    done = run("moment", "--network", file, "--power", "0,0=4")
    assert (done.status, done.stderr) == (0, "")
    value, network, route = done.stdout.splitlines()
    assert value == "E Z[0,0]^4 = 497/8 = 62.125"
    assert network.startswith("network: graph of 10 nodes and 20 edges; inputs ('h', 0, 0), ('h', 0, 1); outputs ")
    assert route == "route: transfer: 51 transitions at most (7 nodes, 3 in the frontier)"


def test_json_value_is_recomputed_from_its_own_network(run: Run, file: str) -> None:
    """The network in the JSON form gives the value again; a graph has no layers."""
    done = run("moment", "--network", file, "--power", "0,1=2", "--format", "json", "--check", "20000", "--seed", "1")
    content: dict[str, Any] = json.loads(done.stdout)
    assert done.status == 0
    assert "layers" not in content
    value: Any = moment(DagNetwork.from_json(content["network"]), {(0, 1): 2}, route="enumeration")
    assert content["value"] == fraction_text(value) == "3/2"
    assert abs(content["simulation"]["z"]) < 6


def test_graph_on_stdin(run: Run, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--network -` reads either schema from stdin."""
    for text in (Path(file).read_text(), json.dumps(Network([1, 1], variance="5").to_json())):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        done = run("moment", "--network", "-", "--power", "0,0=2")
        assert done.stdout.startswith("E Z[0,0]^2 = 5/2 = 2.5")


def test_refusals_name_the_place(run: Run, file: str, tmp_path: Path) -> None:
    """Status 2 with the file and the place in it, the node, or the option that does not go with a graph."""
    bad = tmp_path / "bad.json"
    bad.write_text(
        '{"schema": "pathmoments/dag/1", "nodes": [{"name": "x"}], "edges": [{"from": "x", "to": "y", "weight": 0.5}]}'
    )
    cases = [
        (
            ("--network", str(bad), "--power", "0,0=2"),
            "bad.json: edges[0].weight: must be an exact number as text, such as '1/4', was 0.5",
        ),
        (("--network", file, "--power", "0,0=2", "--layers", "0:1"), "a graph has no layers"),
        (("--network", file, "--power", "0,0=2", "--route", "gaussian"), "is for layered networks"),
        (("--network", file, "--power", "0,0=2", "--law", "uniform"), "describes the whole network"),
        (("--network", file, "--power", "0,0=2", "--expand", "1"), "--expand needs a symbolic width"),
        (("--network", file, "--power", "0,5=2"), "q must be an index of the outputs, 0 to 1, was 5"),
    ]
    for arguments, message in cases:
        done = run("moment", *arguments)
        assert (done.status, done.stdout) == (2, "")
        assert message in done.message
    assert run("paths", "--network", file, "--power", "0,0=2").status == 2
