"""What is refused on a graph, with the node or edge named; and that the truth differs from the path sum there."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import networkx
import pytest

from pathmoments import DagNetwork, Finite, Gaussian, Network, Rademacher, cost, estimate, iter_jacobians, moment
from pathmoments.errors import (
    ArgumentError,
    AtomsError,
    BudgetError,
    InexactNumberError,
    OutOfRangeError,
    RouteError,
    UndeterminedMomentError,
    UnknownNameError,
)
from pathmoments.families import Family
from pathmoments.routes.dags import DAG_ROUTES

if TYPE_CHECKING:
    from tests.dag.conftest import Exhausted

SIGNS: dict[str, Any] = {"law": Rademacher(), "variance": 1}


def _graph(nodes: dict[str, str | None], edges: dict[tuple[str, str], dict[str, Any]]) -> networkx.DiGraph:
    graph = networkx.DiGraph()
    for node, activation in nodes.items():
        graph.add_node(node, activation=activation)
    for (start, end), data in edges.items():
        graph.add_edge(start, end, **data)
    return graph


def _path_sum(dag: DagNetwork, order: int) -> Fraction:
    """Return what the formula would give for E Z[0, 0]^order, determined or not."""
    value = DAG_ROUTES["transfer"].evaluate(dag, Family(((0, 0, order),), 0, 1))
    assert isinstance(value, Fraction)
    return value


# -- what is not determined ----------------------------------------------------------------------------------------------


def _relu_block() -> networkx.DiGraph:
    return _graph(
        {"x": None, "a": "relu", "y": "relu"},
        {("x", "a"): SIGNS, ("a", "y"): SIGNS, ("x", "y"): {"weight": 1}},
    )


def test_a_block_that_ends_in_a_relu_is_refused(exhausted: Exhausted) -> None:
    """relu(h + W2 relu(W1 h)) is refused with the node named; its truth depends on the input, and the path sum is neither value."""
    graph = _relu_block()
    with pytest.raises(UndeterminedMomentError, match=r"the node 'y' \(relu\) has an edge of fixed weight from 'x'"):
        moment(DagNetwork(graph), {(0, 0): 2})
    biases = {"a": 3, "y": 50}
    truths = [exhausted(graph, {(0, 0): 2}, inputs=["x"], outputs=["y"], x=[x], biases=biases) for x in (1_000, -1_000)]
    assert truths == [Fraction(3, 2), 0]
    assert _path_sum(DagNetwork(graph), 2) == Fraction(3, 4)


def test_a_relu_sum_of_relus_is_refused(exhausted: Exhausted) -> None:
    """A fixed sum of two activated nodes is refused: E Z^2 has the product of two first moments, which depend on the input."""
    graph = _graph(
        {"x": None, "a": "relu", "b": "relu", "y": None},
        {("x", "a"): SIGNS, ("x", "b"): SIGNS, ("a", "y"): {"weight": 1}, ("b", "y"): {"weight": 1}},
    )
    dag = DagNetwork(graph)
    with pytest.raises(
        UndeterminedMomentError,
        match=r"may pass the node '[ab]' \(relu\), from which an edge of fixed weight leads to 'y'",
    ):
        moment(dag, {(0, 0): 2})
    truths = {
        exhausted(graph, {(0, 0): 2}, inputs=["x"], outputs=["y"], x=[x], biases={"a": 3, "b": 5, "y": 0})
        for x in (1, 100)
    }
    assert truths == {Fraction(1), Fraction(3, 2)}
    assert _path_sum(dag, 2) == 1


def test_one_relu_read_out_by_a_fixed_edge(exhausted: Exhausted) -> None:
    """With one fixed edge from an activated node even orders are determined, and odd ones refused."""
    graph = _graph({"x": None, "a": "relu", "y": None}, {("x", "a"): SIGNS, ("a", "y"): {"weight": 3}})
    dag = DagNetwork(graph)
    assert moment(dag, {(0, 0): 2}) == Fraction(9, 2)
    assert exhausted(graph, {(0, 0): 2}, inputs=["x"], outputs=["y"], x=[7], biases={"a": 2, "y": 1}) == Fraction(9, 2)
    with pytest.raises(UndeterminedMomentError, match="odd number of paths may pass the node 'a'"):
        moment(dag, {(0, 0): 1})


def test_blocks_behind_a_relu_stem_are_determined(exhausted: Exhausted) -> None:
    """Identity skips may start at an activated node, where a random layer behind the blocks makes every load even."""
    graph = _graph(
        {"x": None, "stem": "relu", "a": "relu", "h": None, "y": None},
        {
            ("x", "stem"): SIGNS,
            ("stem", "a"): SIGNS,
            ("stem", "h"): {"weight": 1},
            ("a", "h"): SIGNS,
            ("h", "y"): SIGNS,
        },
    )
    value = moment(DagNetwork(graph), {(0, 0): 2})
    assert value == Fraction(3, 4)
    for x in (1, 1_000):
        biases = {"stem": 10, "a": 33, "h": 4, "y": 2}
        assert exhausted(graph, {(0, 0): 2}, inputs=["x"], outputs=["y"], x=[x], biases=biases) == value
    direct = DagNetwork(graph, outputs=["h"])
    assert moment(direct, {(0, 0): 2}) == value
    with pytest.raises(UndeterminedMomentError, match="the node 'stem'"):
        moment(direct, {(0, 0): 1})


def test_shared_weights_are_refused() -> None:
    """Edges of one parameter are refused, both named; the truth of a recurrence is not the path sum of independent weights."""
    law = Finite([-2, -1, 1, 2])
    edge: dict[str, Any] = {"law": law, "variance": law.raw_variance}
    nodes = {"x": None, "a": "relu", "y": "relu"}
    shared = _graph(nodes, {("x", "a"): edge | {"parameter": "w"}, ("a", "y"): edge | {"parameter": "w"}})
    with pytest.raises(ArgumentError, match=r"the edge 'x' -> 'a' and edge 'a' -> 'y' share the parameter 'w'"):
        DagNetwork(shared)
    free = _graph(nodes, {("x", "a"): edge | {"parameter": "w1"}, ("a", "y"): edge | {"parameter": "w2"}})
    path_sum = moment(DagNetwork(free), {(0, 0): 2})
    truth = Fraction(0)
    for w in (-2, -1, 1, 2):  # the same weight twice: y = relu(w relu(w x + b) + c) at x = 1, b = +-1/3, c = +-1/7
        for b in (Fraction(1, 3), Fraction(-1, 3)):
            for c in (Fraction(1, 7), Fraction(-1, 7)):
                inner = w + b
                outer = w * max(inner, Fraction(0)) + c
                assert inner
                assert outer
                truth += Fraction(w * w * (inner > 0) * (outer > 0)) ** 2 / 16
    assert (path_sum, truth) == (Fraction(25, 16), Fraction(17, 4))


def test_odd_at_an_activated_output_is_refused() -> None:
    """The message names the node and the way out."""
    dag = DagNetwork(_graph({"x": None, "y": "abs"}, {("x", "y"): SIGNS}))
    with pytest.raises(
        UndeterminedMomentError, match=r"E\[Z\[0,0\]\^3\].*an odd number of paths ends in the node 'y' \(abs\)"
    ):
        moment(dag, {(0, 0): 3})
    assert moment(dag, {(0, 0): 4}) == 1


def test_atoms_at_zero_biases_are_refused() -> None:
    """Zero biases need laws without atoms at and below activated nodes; behind all of them atoms do no harm."""
    edge: dict[str, Any] = {"law": "gaussian", "variance": 1}
    nodes = {"x": None, "h": None, "a": "relu", "y": None}

    def dag(first: object, second: object, third: object) -> DagNetwork:
        edges = {
            ("x", "h"): edge | {"law": first},
            ("h", "a"): edge | {"law": second},
            ("a", "y"): edge | {"law": third},
        }
        return DagNetwork(_graph(nodes, edges), bias="zero")

    assert moment(dag("gaussian", "uniform", "rademacher"), {(0, 0): 2}) == Fraction(1, 2)
    for first, second, node in (("rademacher", "gaussian", "h"), ("gaussian", "sparse:1/2:gaussian", "a")):
        with pytest.raises(
            AtomsError, match=rf"the weights into the node '{node}' have atoms .* the pre-activation of 'a'"
        ):
            moment(dag(first, second, "gaussian"), {(0, 0): 2})
    assert moment(dag("rademacher", "rademacher", "gaussian"), {(0, 0): 1}) == 0  # the last weight's sign alone


def test_atoms_at_zero_biases_are_refused_as_in_layers() -> None:
    """A layered network with Rademacher weights and no biases is refused as a graph too."""
    net = Network([2, 1], law="rademacher", bias="zero")
    for given in (net, DagNetwork.from_network(net)):
        with pytest.raises(AtomsError):
            moment(given, {(0, 0): 2})


def test_nodes_beside_the_paths_may_be_anything() -> None:
    """An activated node that no path of the monomial can pass is not asked for."""
    graph = _relu_block()
    graph.add_node("z", activation=None)
    graph.add_edge("a", "z", law="gaussian", variance=2)
    assert moment(DagNetwork(graph, outputs=["z"]), {(0, 0): 2}) == 1


# -- graphs that are none -------------------------------------------------------------------------------------------------


def _with(**attributes: Any) -> networkx.DiGraph:
    return _graph({"x": None, "y": "relu"}, {("x", "y"): attributes})


def _cycle() -> networkx.DiGraph:
    return _graph({"x": None, "a": "relu", "b": "relu"}, {("x", "a"): SIGNS, ("a", "b"): SIGNS, ("b", "a"): SIGNS})


def _parallel() -> networkx.DiGraph:
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from("xy", activation=None)
    graph.add_edges_from([("x", "y"), ("x", "y")], weight=1)
    return graph


BAD: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: DagNetwork(_cycle()), ArgumentError, "graph must have no cycle, had 'a' -> 'b' -> 'a'"),
    (lambda: DagNetwork(_parallel()), ArgumentError, "parallel edges"),
    (lambda: DagNetwork(networkx.Graph()), ArgumentError, "graph must be a networkx.DiGraph"),
    (lambda: DagNetwork([2, 3, 2]), ArgumentError, "graph must be a networkx.DiGraph"),
    (lambda: DagNetwork(networkx.DiGraph()), ArgumentError, "graph must have nodes"),
    (
        lambda: DagNetwork(_with()),
        ArgumentError,
        "the edge 'x' -> 'y' must have a law with a variance, or a fixed weight, had neither",
    ),
    (lambda: DagNetwork(_with(law="gaussian", variance=1, weight=1)), ArgumentError, "had both"),
    (lambda: DagNetwork(_with(law="gaussian")), ArgumentError, "has a law and needs its variance"),
    (lambda: DagNetwork(_with(weight=1, variance=1)), ArgumentError, "has a fixed weight, which has no variance"),
    (
        lambda: DagNetwork(_with(weight=0.5)),
        InexactNumberError,
        "the weight of the edge 'x' -> 'y' must be an exact number",
    ),
    (
        lambda: DagNetwork(_with(law="gaussian", variance=0)),
        ArgumentError,
        "the variance of the edge 'x' -> 'y' must be positive",
    ),
    (lambda: DagNetwork(_with(law="cauchy", variance=1)), UnknownNameError, "law must be one of"),
    (lambda: DagNetwork(_with(law=3, variance=1)), ArgumentError, "the law of the edge 'x' -> 'y' must be a Law"),
    (lambda: DagNetwork(_with(**SIGNS), slope="1/4"), ArgumentError, "slope is that of nodes"),
    (lambda: DagNetwork(_with(**SIGNS), bias="gaussian"), UnknownNameError, "bias must be 'atomless' or 'zero'"),
    (
        lambda: DagNetwork(_with(**SIGNS), inputs=["z"]),
        ArgumentError,
        "inputs must be a list of nodes of the graph, was 'z'",
    ),
    (
        lambda: DagNetwork(_with(**SIGNS), inputs=["y"]),
        ArgumentError,
        "the input 'y' must have no incoming edges, had one from 'x'",
    ),
    (lambda: DagNetwork(_with(**SIGNS), outputs=[]), ArgumentError, "outputs must be a list of different nodes"),
    (lambda: DagNetwork(_with(**SIGNS), outputs="y"), ArgumentError, "outputs must be a list of nodes"),
    (lambda: DagNetwork(_graph({"x": "relu"}, {})), ArgumentError, "the input 'x' must have no activation"),
    (
        lambda: DagNetwork(_graph({"x": None, "y": "tanh"}, {("x", "y"): SIGNS})),
        UnknownNameError,
        "the activation of the node 'y'",
    ),
    (
        lambda: DagNetwork(_graph({"x": None, "y": "leaky relu"}, {("x", "y"): SIGNS})),
        ArgumentError,
        "whose slope must be given",
    ),
    (lambda: DagNetwork(networkx.DiGraph([("x", "y")])), ArgumentError, "the node 'y' must have an activation"),
    (lambda: DagNetwork.from_network(Network([2, 2], bias="rademacher")), ArgumentError, "bias must be"),
    (lambda: DagNetwork.residual(0, 1), ArgumentError, "width must be"),
]


@pytest.mark.parametrize(("make", "error", "message"), BAD)
def test_graphs_that_are_refused(make: Callable[[], object], error: type[Exception], message: str) -> None:
    """Every refusal is typed and says which node, edge or argument."""
    with pytest.raises(error) as raised:
        make()
    assert message in str(raised.value)


def test_a_law_of_matrices_is_refused() -> None:
    """Weights that depend on one another are no edges of a graph."""

    class Dependent(Gaussian):
        independent = False

    with pytest.raises(ArgumentError, match="weights depend on one another"):
        DagNetwork(_with(law=Dependent(), variance=1))


def test_moments_that_are_refused() -> None:
    """Indices, layers, routes and budgets are checked before anything is summed, and the message has the way out."""
    dag = DagNetwork.residual(2, 3)
    with pytest.raises(OutOfRangeError, match="q must be an index of the outputs, 0 to 1, was 2"):
        moment(dag, {(0, 2): 2})
    with pytest.raises(ArgumentError, match="a graph has no layers"):
        moment(dag, {(0, 0): 2}, layers=(0, 1))
    with pytest.raises(ArgumentError, match="a graph has no layers"):
        iter_jacobians(dag, 10, layers=(0, 1))
    with pytest.raises(ArgumentError, match="power must be a mapping"):
        moment(dag, [(0, 0)])  # type: ignore[call-overload]  # refused
    with pytest.raises(RouteError, match="route 'gaussian' is for layered networks"):
        moment(dag, {(0, 0): 2}, route="gaussian")
    with pytest.raises(UnknownNameError, match="route must be one of"):
        moment(dag, {(0, 0): 2}, route="fast")
    with pytest.raises(
        BudgetError, match=r"enumeration of E\[Z\[0,0\]\^4\] takes .* collections, over the budget of 10"
    ):
        moment(dag, {(0, 0): 4}, route="enumeration", budget=10)
    with pytest.raises(BudgetError, match="no exact route is within its budget"):
        moment(dag, {(0, 0): 8}, budget=3)
    with pytest.raises(RouteError, match="known by its moments only"):
        estimate(DagNetwork.residual(2, 1, law="moments:2=1,4=3"), {(0, 0): 2})


def test_a_dag_network_does_not_change() -> None:
    """It is a value: it compares, hashes and pickles, and refuses to be changed."""
    dag = DagNetwork.residual(2, 2, law="uniform", bias="zero")
    again = pickle.loads(pickle.dumps(dag))
    assert again == dag
    assert hash(again) == hash(dag)
    assert dag != DagNetwork.residual(2, 2, law="uniform")
    assert repr(dag).startswith("DagNetwork(10 nodes, 20 edges, inputs=(('h', 0, 0), ('h', 0, 1)), ")
    with pytest.raises(AttributeError, match="does not change"):
        dag.slope = 2  # type: ignore[assignment]  # refused
    with pytest.raises(AttributeError, match="does not change"):
        del dag.slope


def test_cost_counts_what_is_walked() -> None:
    """The transitions are at most those announced, and the announcement is quick for a deep network."""
    dag = DagNetwork.residual(4, 50)
    known = cost(dag, {(0, 0): 4})
    assert (known.route, known.unit) == ("transfer", "transitions at most")
    assert known.count < 100_000
    assert cost(dag, {}).count == 0
    paths = cost(DagNetwork.residual(2, 2), {(0, 0): 4}, route="enumeration")
    assert paths.count == math.comb(13 + 3, 4)
