"""Moments on graphs against values known beforehand: the theory's, layered networks, closed forms, the real network."""

from __future__ import annotations

import itertools
import random
from collections.abc import Hashable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx
import pytest
from flint import arb, fmpq

from pathmoments import DagNetwork, Finite, Law, Network, Rademacher, Z, cost, expect, moment
from pathmoments.errors import UndeterminedMomentError
from pathmoments.exact import Value

if TYPE_CHECKING:
    from tests.dag.conftest import Exhausted

Power = dict[tuple[int, int], int]


def _fraction(dag: DagNetwork, power: Power) -> Fraction:
    value = moment(dag, power)
    assert isinstance(value, Fraction)
    return value


# -- values known beforehand --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ["transfer", "enumeration"])
@pytest.mark.parametrize(
    ("power", "value"), [({(0, 0): 2}, "5/2"), ({(0, 0): 4}, "497/8"), ({(0, 1): 4}, "369/8"), ({(0, 0): 1}, "1")]
)
def test_residual_values_of_the_theory(power: Power, value: str, route: str) -> None:
    """Two residual blocks of width 2, Var W1 = 2/2 and Var W2 = 1/2, have the moments that were derived beforehand."""
    assert moment(DagNetwork.residual(2, 2), power, route=route) == Fraction(value)


@pytest.mark.parametrize(("width", "hidden", "blocks"), [(1, 1, 1), (2, 3, 4), (4, 4, 50), (3, 2, 7)])
def test_residual_norms_are_products(width: int, hidden: int, blocks: int) -> None:
    """E |J e_0|^2 and E |J e_0|^4 of Gaussian residual blocks are products of one closed-form factor a block.

    Given u, the block adds xi = W2 D W1 u, Gaussian given the norm of D W1 u: E |u + xi|^4 is (1 + (4 + 2n) c S_1 + n (n + 2) c^2 S_2) |u|^4 with
    c = Var W1 Var W2 and S_k = E (sum_i D_i g_i^2)^k.
    """
    n, m = width, hidden
    dag = DagNetwork.residual(n, blocks, hidden=m)
    c = Fraction(2, n) * Fraction(1, m)
    first, second = Fraction(m, 2), Fraction(3 * m, 2) + Fraction(m * (m - 1), 4)
    squares = [_fraction(dag, {(0, q): 2}) for q in range(n)]
    assert sum(squares) == (1 + n * c * first) ** blocks
    fourth = _fraction(dag, {(0, 0): 4})
    if n > 1:
        fourth += (n - 1) * (_fraction(dag, {(0, 1): 4}) + 2 * _fraction(dag, {(0, 0): 2, (0, 1): 2}))
    if n > 2:
        fourth += (n - 1) * (n - 2) * _fraction(dag, {(0, 1): 2, (0, 2): 2})
    assert fourth == (1 + (4 + 2 * n) * c * first + n * (n + 2) * c**2 * second) ** blocks


def test_identity_alone_is_the_identity() -> None:
    """With fixed edges alone the Jacobian is a number: all orders, odd ones too, are its powers."""
    graph = networkx.DiGraph()
    graph.add_node("x")
    graph.add_node("h", activation=None)
    graph.add_node("y", activation=None)
    graph.add_weighted_edges_from([("x", "h", Fraction(-1, 2)), ("h", "y", 3), ("x", "y", 1)])
    dag = DagNetwork(graph)
    assert [moment(dag, {(0, 0): k}) for k in range(5)] == [Fraction(-1, 2) ** k for k in range(5)]


def test_a_path_of_one_node() -> None:
    """A node that is input and output has derivative 1 by itself, and 0 by another input."""
    graph = networkx.DiGraph()
    graph.add_nodes_from(["x", "y"])
    dag = DagNetwork(graph)
    assert [moment(dag, power) for power in ({(0, 0): 3}, {(0, 1): 2}, {})] == [1, 0, 1]
    assert moment(dag, {(0, 0): 3, (1, 1): 1}, route="enumeration") == 1


def test_a_long_chain() -> None:
    """A chain of 2,000 nodes is no deeper than memory: both routes give the product of its weights' moments."""
    graph = networkx.DiGraph()
    graph.add_node(0)
    for node in range(1, 2_000):
        graph.add_node(node, activation="relu" if node % 2 else None)
        graph.add_edge(node - 1, node, law="uniform", variance=2 if node % 2 else 1)
    values = {moment(DagNetwork(graph), {(0, 0): 4}, route=route) for route in ("transfer", "enumeration")}
    assert values == {Fraction(9, 5) ** 1999 * 4**1000 / 2**1000}


# -- layered networks ---------------------------------------------------------------------------------------------------

LAYERED: list[Network] = [
    Network(widths, law=law, **keywords)  # type: ignore[arg-type]  # keywords of Network
    for widths in ([1, 1], [3, 2], [2, 3, 2], [2, 2, 3, 2])
    for law, keywords in itertools.product(
        ("gaussian", "uniform", "rademacher", "laplace", "sparse:1/3:uniform", "truncated", "moments:2=2,4=9,6=66"),
        ({}, {"output": "linear"}, {"slope": "1/3", "variance": "lecun"}, {"slope": -1}),
    )
]

MONOMIALS: list[Power] = [
    {(0, 0): 4},
    {(0, 0): 6},
    {(0, 0): 2, (1, 1): 2},
    {(0, 0): 1, (1, 0): 1, (0, 1): 1, (1, 1): 1},
    {(0, 0): 2, (1, 0): 2},
    {(0, 0): 1, (1, 0): 1},
]


def _same(a: Value, b: Value) -> bool:
    if isinstance(a, arb):
        return isinstance(b, arb) and bool(a.overlaps(b)) and (b == 0 or b.rel_accuracy_bits() >= 100)
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("net", LAYERED, ids=str)
def test_layered_networks_give_the_same_numbers(net: Network) -> None:
    """The transfer over nodes and the transfer over set partitions agree on layered networks, whatever law, slope and output."""
    dag = DagNetwork.from_network(net)
    for power in MONOMIALS:
        if all(p < net.widths[0] and q < net.widths[-1] for p, q in power):
            assert _same(moment(net, power), moment(dag, power)), power


def test_layered_networks_refuse_the_same() -> None:
    """An odd order at an activated output is refused on the graph as in layers, and is 0 at a linear one."""
    odd: Power = {(0, 0): 1, (0, 1): 1}
    with pytest.raises(UndeterminedMomentError, match=r"odd number of paths ends in the node \(2, 0\)|node \(2, 1\)"):
        moment(DagNetwork.from_network(Network([2, 2, 2])), odd)
    assert moment(DagNetwork.from_network(Network([2, 2, 2], output="linear")), odd) == 0
    assert moment(DagNetwork.from_network(Network([2, 2, 2], slope=1)), odd) == 0


# -- the real network ---------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """A graph with its ends, a monomial, and two positions (input, biases) of the real network."""

    graph: networkx.DiGraph
    inputs: list[Hashable]
    outputs: list[Hashable]
    power: Power
    slope: int
    positions: list[tuple[list[int], dict[Hashable, int]]]

    def dag(self) -> DagNetwork:
        """Return the network."""
        return DagNetwork(self.graph, inputs=self.inputs, outputs=self.outputs, slope=self.slope)


LAWS: list[Law] = [Rademacher(), Rademacher(), Finite([-2, -1, 1, 2]), Finite({-1: "1/4", 0: "1/2", 1: "1/4"})]


def _random_case(seed: int) -> Case:
    """Return a random graph of up to 8 nodes: activated nodes have random edges alone, linear nodes random and fixed ones."""
    draw = random.Random(seed)
    inputs: list[Hashable] = [f"x{i}" for i in range(draw.randint(1, 2))]
    graph = networkx.DiGraph()
    graph.add_nodes_from(inputs)
    kinds = ["leaky relu", *draw.choices(["relu", "relu", "abs", None, None], k=5)][draw.randint(0, 1) :]
    kinds = kinds[: draw.randint(2, 5)]
    draw.shuffle(kinds)
    random_edges = 0
    for number, kind in enumerate(kinds):
        node, below = f"{kind or 'linear'} {number}", list(graph)
        graph.add_node(node, activation=kind)
        for start in draw.sample(below, k=min(len(below), draw.randint(1, 3))):
            if kind is None and (draw.random() < 0.6 or random_edges > 5):
                graph.add_edge(start, node, weight=draw.choice([1, 1, -1, 2]))
            else:
                law = draw.choice(LAWS if random_edges < 4 else LAWS[:1])
                graph.add_edge(start, node, law=law, variance=law.raw_variance)
                random_edges += 1
    inner = list(graph)[len(inputs) :]
    outputs = list(dict.fromkeys([inner[-1], draw.choice(inner)]))
    entries = [
        (draw.randrange(len(inputs)), draw.randrange(len(outputs))) for _ in range(draw.choice([1, 2, 2, 3, 4, 4]))
    ]
    power = {entry: entries.count(entry) for entry in entries}
    positions = []
    for scale in (1, 10_000):  # the biases large beside the input, and small
        biases = {node: scale * draw.choice([-1, 1]) * (10_007 + 2 * draw.randrange(5_000)) for node in inner}
        positions.append(([draw.choice([-1, 1]) * 10_000_000 // scale for _ in inputs], biases))
    return Case(graph, inputs, outputs, power, draw.choice([2, 3, -2]) if "leaky relu" in kinds else 0, positions)


def _cases() -> Iterator[Case]:
    for seed in range(420):
        case = _random_case(seed)
        patterns = 2 ** sum(
            "activation" in data and data["activation"] is not None for _, data in case.graph.nodes(data=True)
        )
        for _, _, data in case.graph.edges(data=True):
            patterns *= len(data["law"].atoms) if "law" in data else 1
        if patterns <= 1 << 14:
            yield case


CASES = list(_cases())


def _truths(case: Case, exhausted: Exhausted) -> list[Fraction]:
    return [
        exhausted(
            case.graph, case.power, inputs=case.inputs, outputs=case.outputs, x=x, biases=biases, slope=case.slope
        )
        for x, biases in case.positions
    ]


def _exact(case: Case) -> Value | None:
    """Return the moment by the transfer, None if it is refused."""
    try:
        return moment(case.dag(), case.power, route="transfer")
    except UndeterminedMomentError:
        return None


@pytest.mark.parametrize("chunk", range(6))
def test_real_networks_have_the_moments(chunk: int, exhausted: Exhausted) -> None:
    """On random graphs, what is not refused is the exact expectation of the real network at two positions, by both exact routes."""
    for number, case in list(enumerate(CASES))[chunk::6]:
        value = _exact(case)
        if value is not None:
            assert moment(case.dag(), case.power, route="enumeration") == value, number
            assert _truths(case, exhausted) == [value, value], (number, case)


def test_random_graphs_are_varied() -> None:
    """The random graphs have what graphs can have: nonzero values, odd orders that are not 0, refusals, two classes and more."""
    values = [_exact(case) for case in CASES]
    assert len(CASES) >= 300
    assert sum(value is None for value in values) >= 40
    assert sum(bool(value) for value in values) >= 120
    odd = [value for case, value in zip(CASES, values, strict=True) if sum(case.power.values()) % 2]
    assert sum(bool(value) for value in odd) >= 15
    assert sum(len(case.power) > 1 and bool(value) for case, value in zip(CASES, values, strict=True)) >= 15


def test_refusals_are_needed(exhausted: Exhausted) -> None:
    """Of the refused monomials on random graphs, most depend on the position, or differ from the path sum."""
    from pathmoments.families import Family
    from pathmoments.routes.dags import DAG_ROUTES

    refused = [case for case in CASES if _exact(case) is None]
    needed = 0
    for case in refused:
        family = Family(tuple((p, q, m) for (p, q), m in sorted(case.power.items())), 0, 1)
        path_sum = DAG_ROUTES["transfer"].evaluate(case.dag(), family)
        needed += set(_truths(case, exhausted)) != {path_sum}
    assert needed >= 0.9 * len(refused)


# -- both routes, larger orders, other domains ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_enumeration_is_the_transfer(seed: int) -> None:
    """On random graphs with laws of all kinds the literal enumeration and the transfer agree, also at higher orders."""
    case = _random_case(1_000 + seed)
    laws = itertools.cycle(["gaussian", "laplace", "uniform", "rademacher", "sparse:1/4:gaussian"])
    for _, _, data in case.graph.edges(data=True):
        if "law" in data:
            data |= {"law": next(laws), "variance": "2/3"}
    powers: list[Power] = [case.power, {(0, 0): 6}, {(0, 0): 4, (len(case.inputs) - 1, len(case.outputs) - 1): 4}]
    for power in powers:
        try:
            value = moment(case.dag(), power, route="transfer")
        except UndeterminedMomentError:
            continue
        if cost(case.dag(), power, route="enumeration").count <= 20_000:
            assert moment(case.dag(), power, route="enumeration") == value


def test_symbols_and_balls() -> None:
    """Symbolic variances, fixed weights and moments give an expression, a truncated law a ball that its value at mt_4 overlaps."""
    import sympy

    a, v = sympy.symbols("a v", positive=True)
    value: Any = moment(DagNetwork.residual(2, 2, skip=a, variances=(v, "1/2"), law="symbolic"), {(0, 0): 4})
    assert value.subs({a: 1, v: 1, "mt_4": 3}) == sympy.Rational(497, 8)
    fourth = moment(Network([1, 1], law="truncated", output="linear", variance=1), {(0, 0): 4})
    terms = sympy.Poly(value.subs({a: 1, v: 1}), sympy.Symbol("mt_4")).terms()
    assert isinstance(fourth, arb)
    expected = sum((fourth**power * fmpq(int(c.p), int(c.q)) for (power,), c in terms), start=arb(0))
    ball = moment(DagNetwork.residual(2, 2, law="truncated"), {(0, 0): 4})
    assert isinstance(ball, arb)
    assert ball.overlaps(expected)
    assert ball.rel_accuracy_bits() >= 100
    assert moment(DagNetwork.from_network(Network([2, 2], law="truncated", output="linear")), {(0, 0): 1}) == arb(0)


def test_polynomials_on_a_graph() -> None:
    """`expect` adds up moments and does not take nodes for alike: E (Z_00 - Z_01)^2 on residual blocks."""
    dag = DagNetwork.residual(2, 2)
    value = expect(dag, (Z[0, 0] - Z[0, 1]) ** 2)
    assert value == _fraction(dag, {(0, 0): 2}) + _fraction(dag, {(0, 1): 2}) - 2 * _fraction(
        dag, {(0, 0): 1, (0, 1): 1}
    )
    assert _fraction(dag, {(0, 0): 2}) != _fraction(dag, {(0, 1): 2})
