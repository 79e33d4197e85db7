"""The JSON form of a network on a graph: what is written is read back, and what is wrong is told with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pathmoments import DagNetwork, Network, moment
from pathmoments.errors import ArgumentError, SpecError

FORMS: list[DagNetwork] = [
    DagNetwork.residual(2, 2, law="uniform", skip="-1/3", bias="zero"),
    DagNetwork.from_network(Network([2, 3, 1], law=["sparse:1/2:laplace", "finite:-1=1/2,1=1/2"], slope="1/100")),
    DagNetwork.from_network(Network([1, 2], law="truncated", output="linear")),
]


@pytest.mark.parametrize("dag", FORMS, ids=repr)
def test_forms_are_read_back(dag: DagNetwork) -> None:
    """The form is JSON, and gives the same network as an object and as text."""
    text = json.dumps(dag.to_json())
    assert DagNetwork.from_json(json.loads(text)) == dag == DagNetwork.from_json(text)


def test_a_minimal_form() -> None:
    """Schema, nodes and edges suffice: ends, slope and biases have defaults, and a missing activation is none."""
    form = {
        "schema": "pathmoments/dag/1",
        "nodes": [{"name": "x"}, {"name": ["y", 1]}],
        "edges": [{"from": "x", "to": ["y", 1], "law": "laplace", "variance": 2}],
    }
    assert moment(DagNetwork.from_json(form), {(0, 0): 4}) == 24


def _form(**changes: Any) -> dict[str, Any]:
    return {
        "schema": "pathmoments/dag/1",
        "nodes": [{"name": "x"}, {"name": "y", "activation": "relu"}],
        "edges": [{"from": "x", "to": "y", "law": "gaussian", "variance": "1"}],
    } | changes


BAD: list[tuple[object, str]] = [
    ([], 'schema: must be "pathmoments/dag/1"'),
    (_form(schema="pathmoments/network/1"), 'schema: must be "pathmoments/dag/1"'),
    (_form(nodes=[{}]), "nodes[0].name: is missing"),
    (_form(nodes=[{"name": 1.5}]), "nodes[0].name: must be a text, a whole number or a list of such, was 1.5"),
    (_form(nodes=[{"name": "x"}, {"name": "x"}]), "nodes[1].name: there is a node 'x' already"),
    (
        _form(nodes=[{"name": "x"}, {"name": "y", "activation": "tanh"}]),
        "the activation of the node 'y' must be 'linear'",
    ),
    (_form(edges=[{"from": "x", "to": "z", "weight": 1}]), "edges[0].to: there is no node 'z'"),
    (_form(edges=[{"from": "x", "to": "y", "weight": 1}] * 2), "edges[1]: there is an edge 'x' -> 'y' already"),
    (_form(edges=[{"from": "x", "to": "y", "law": "cauchy", "variance": "1"}]), "edges[0].law: law must be one of"),
    (_form(edges=[{"from": "x", "to": "y", "law": "gaussian"}]), "has a law and needs its variance"),
    (_form(edges=[{"from": "x", "to": "y", "weight": "0.5"}]), "write '1/2'"),
    (_form(biases="zero"), "biases: there is no such key"),
    ("{", "the text: not JSON"),
]


@pytest.mark.parametrize(("form", "message"), BAD)
def test_bad_forms_are_told_with_their_place(form: object, message: str) -> None:
    """Every fault of a form is a SpecError that names the place."""
    with pytest.raises(SpecError) as raised:
        DagNetwork.from_json(form)
    assert message in str(raised.value)


def test_what_has_no_form() -> None:
    """Symbols and names that JSON does not have are refused on the way out."""
    import networkx
    import sympy

    with pytest.raises(ArgumentError, match="numbers alone as variances and weights"):
        DagNetwork.residual(1, 1, skip=sympy.Symbol("a")).to_json()
    graph = networkx.DiGraph()
    graph.add_node(1.5)
    with pytest.raises(ArgumentError, match="texts, whole numbers and tuples"):
        DagNetwork(graph).to_json()
