"""The JSON form of a network on a graph: a versioned schema, and errors that name the place in the file.

    {"schema": "pathmoments/dag/1",
     "nodes": [{"name": "x"}, {"name": "a", "activation": "relu"}, {"name": "y", "activation": null}],
     "edges": [{"from": "x", "to": "a", "law": "gaussian", "variance": "2"}, {"from": "a", "to": "y", "law": "gaussian", "variance": "1"},
               {"from": "x", "to": "y", "weight": "1"}],
     "inputs": ["x"], "outputs": ["y"], "slope": "0", "bias": "atomless"}

Only "schema", "nodes" and "edges" are required. A name is a text, a whole number, or a list of such (a tuple in Python). Nothing read is evaluated as code.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..errors import ArgumentError, PathMomentsError, SpecError
from ..exact import Value, fraction_text, is_symbolic
from ..laws import law_to_json
from ..spec import MAX_COMPLAINTS, _law, _parsed
from .edges import Edge
from .graph import DagNetwork

DAG_SCHEMA = "pathmoments/dag/1"


def _name(value: object) -> Hashable:
    if isinstance(value, list):
        return tuple(map(_name, value))
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(f"must be a text, a whole number or a list of such, was {value!r}")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(f"must be an exact number as text, such as '1/4', was {value!r}")
    return value


_Name = Annotated[Any, BeforeValidator(_name)]
_Number = Annotated[Any, BeforeValidator(_number)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class _NodeSpec(_Form):
    name: _Name
    activation: str | None = None


class _EdgeSpec(_Form):
    start: _Name = Field(alias="from")
    end: _Name = Field(alias="to")
    law: Annotated[Any, BeforeValidator(_law)] = None
    variance: _Number = None
    weight: _Number = None
    parameter: _Name = None

    def attributes(self) -> dict[str, Any]:
        """Return the attributes that were given."""
        return {key: getattr(self, key) for key in self.model_fields_set - {"start", "end"}}


class _DagSpec(_Form):
    schema_: Literal["pathmoments/dag/1"] = Field(alias="schema")
    nodes: list[_NodeSpec]
    edges: list[_EdgeSpec]
    inputs: list[_Name] | None = None
    outputs: list[_Name] | None = None
    slope: _Number = 0
    bias: str = "atomless"


def dag_to_json(dag: DagNetwork) -> dict[str, Any]:
    """Return the JSON form of a network, defaults included, so that a file says all it means."""
    return {
        "schema": DAG_SCHEMA,
        "nodes": [
            {"name": _name_to_json(node), "activation": None if activation == "linear" else activation}
            for node, activation in zip(dag.nodes, dag.activations, strict=True)
        ],
        "edges": [_edge_to_json(dag, edge) for edge in dag.edges],
        "inputs": list(map(_name_to_json, dag.inputs)),
        "outputs": list(map(_name_to_json, dag.outputs)),
        "slope": fraction_text(dag.slope),
        "bias": dag.bias,
    }


def _edge_to_json(dag: DagNetwork, edge: Edge) -> dict[str, Any]:
    form = {"from": _name_to_json(dag.nodes[edge.start]), "to": _name_to_json(dag.nodes[edge.end])}
    if edge.law is None:
        return form | {"weight": _number_to_json(edge.weight)}
    return form | {"law": law_to_json(edge.law), "variance": _number_to_json(edge.variance)}


def _name_to_json(node: Hashable) -> Any:
    if isinstance(node, tuple):
        return list(map(_name_to_json, node))
    if isinstance(node, bool) or not isinstance(node, (str, int)):
        raise ArgumentError(
            f"the JSON form has texts, whole numbers and tuples of them as names of nodes, and one is {node!r}"
        )
    return node


def _number_to_json(value: Value | None) -> str:
    if is_symbolic(value):
        raise ArgumentError(f"the JSON form has numbers alone as variances and weights, and one is {value}")
    return fraction_text(value)  # type: ignore[arg-type]  # a number


def dag_from_json(form: object) -> DagNetwork:
    """Return the network of a JSON form: the object itself, or its text."""
    return dag_from_form(_parsed(form, "the text") if isinstance(form, (str, bytes)) else form, "")


def dag_from_form(form: object, where: str) -> DagNetwork:
    """Return the network of a parsed form; `where` begins every message, such as the file's name."""
    import networkx

    if not isinstance(form, dict) or form.get("schema") != DAG_SCHEMA:
        raise SpecError(f'{where}schema: must be "{DAG_SCHEMA}" in an object with "nodes" and "edges"')
    try:
        spec = _DagSpec.model_validate(form)
    except ValidationError as error:
        raise SpecError("\n".join(where + line for line in _complaints(error))) from error
    graph = networkx.DiGraph()
    for i, node in enumerate(spec.nodes):
        if node.name in graph:
            raise SpecError(f"{where}nodes[{i}].name: there is a node {node.name!r} already")
        graph.add_node(node.name, activation=node.activation)
    for i, edge in enumerate(spec.edges):
        for place, end in (("from", edge.start), ("to", edge.end)):
            if end not in graph:
                raise SpecError(f"{where}edges[{i}].{place}: there is no node {end!r}")
        if graph.has_edge(edge.start, edge.end):
            raise SpecError(f"{where}edges[{i}]: there is an edge {edge.start!r} -> {edge.end!r} already")
        graph.add_edge(edge.start, edge.end, **edge.attributes())
    try:
        return DagNetwork(graph, inputs=spec.inputs, outputs=spec.outputs, slope=spec.slope, bias=spec.bias)
    except PathMomentsError as error:
        raise SpecError(f"{where}{error}") from error


def _complaints(error: ValidationError) -> list[str]:
    """Return one line a complaint: the place in dotted form, and what must stand there."""
    lines = []
    for problem in error.errors():
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"]).lstrip(".")
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "there is no such key"
        elif problem["type"] == "missing":
            message = "is missing"
        lines.append(f"{place}: {message}")
    return lines[:MAX_COMPLAINTS] + ([f"and {len(lines) - MAX_COMPLAINTS} more"] if len(lines) > MAX_COMPLAINTS else [])
