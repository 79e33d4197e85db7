"""The random network on a directed acyclic graph: nodes with an activation or none, edges with a law or a fixed number.

A node that is no input has the pre-activation act(v) = sum over edges u -> v of w_uv Act(u) + b_v, and Act(v) is its activation of that, or act(v)
itself where it has none. Weights with a law are independent, each with the law and variance of its own edge: a mask is edges left out, a skip
connection an edge past some nodes, an identity an edge of fixed weight 1. Z[p, q] is the derivative of output q by input p. Layered networks are a
special case (:meth:`DagNetwork.from_network`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..domains import Balls, Domain, Polynomials, Rationals
from ..errors import ArgumentError, UnknownNameError, must_be
from ..exact import fraction_text, is_symbolic, rational
from ..laws import Gaussian, Law
from ..network import Network
from .edges import Edge
from .reading import ACTIVATIONS, read_activation, read_edges, read_ends, topological

if TYPE_CHECKING:
    import networkx

BIASES = ("atomless", "zero")

NO_LAYERS = (
    "a graph has no layers: take the inputs and outputs that you want with DagNetwork(graph, inputs=..., outputs=...)"
)
"""What `layers` is refused with."""


class DagNetwork:
    """A random network on a directed acyclic graph.

    Parameters
    ----------
    graph
        A `networkx.DiGraph` without cycles. A node that is no input has the attribute `activation`: "relu", "leaky relu", "abs", "linear" or None.
        An edge has `law` (a Law or its short text) and `variance` (an exact number), for a weight of its own, or `weight`, a fixed exact number
        such as 1 for an identity. An edge attribute `parameter` names its weight; two edges of one parameter are refused. Other attributes are
        not read. The graph is copied.
    inputs, outputs
        The nodes p and q of Z[p, q], in the order of their indices; by default the nodes without incoming edges and those without outgoing
        edges, in the order of the graph. Inputs have no incoming edges; outputs may have outgoing ones.
    slope
        The slope of "leaky relu" nodes for negative pre-activations, an exact number.
    bias
        "atomless": symmetric biases without atoms at all nodes but the inputs (no exact value depends on which), or "zero": none.

    Raises
    ------
    ArgumentError, InexactNumberError, UnknownNameError
        Naming the node or edge: a cycle, a graph with parallel edges, a shared parameter, an edge with neither or both kinds of weight.

    >>> import networkx
    >>> from pathmoments import moment
    >>> graph = networkx.DiGraph()
    >>> graph.add_node("x")
    >>> graph.add_node("a", activation="relu")
    >>> graph.add_node("y", activation=None)
    >>> graph.add_edge("x", "a", law="gaussian", variance=2)
    >>> graph.add_edge("a", "y", law="gaussian", variance=1)
    >>> graph.add_edge("x", "y", weight=1)
    >>> dag = DagNetwork(graph)
    >>> dag
    DagNetwork(3 nodes, 3 edges, inputs=('x',), outputs=('y',))
    >>> moment(dag, {(0, 0): 1}), moment(dag, {(0, 0): 2})
    (Fraction(1, 1), Fraction(2, 1))
    """

    __slots__ = (
        "_incoming",
        "_outgoing",
        "_slopes",
        "activations",
        "bias",
        "edges",
        "inputs",
        "nodes",
        "outputs",
        "slope",
    )

    nodes: tuple[Hashable, ...]
    activations: tuple[str, ...]
    edges: tuple[Edge, ...]
    inputs: tuple[Hashable, ...]
    outputs: tuple[Hashable, ...]
    slope: Fraction
    bias: str
    _slopes: tuple[Fraction | None, ...]
    _incoming: tuple[tuple[Edge, ...], ...]
    _outgoing: tuple[tuple[Edge, ...], ...]

    def __init__(
        self,
        graph: networkx.DiGraph,
        *,
        inputs: Sequence[Hashable] | None = None,
        outputs: Sequence[Hashable] | None = None,
        slope: object = 0,
        bias: str = "atomless",
    ) -> None:
        set_ = super().__setattr__
        set_("nodes", topological(graph))
        set_("inputs", read_ends(graph, inputs, "inputs", graph.in_degree))
        set_("outputs", read_ends(graph, outputs, "outputs", graph.out_degree))
        self._check_inputs(graph)
        set_("activations", tuple(self._activation(graph, node) for node in self.nodes))
        set_("slope", rational(slope, "slope"))
        set_("_slopes", tuple(self.slope if name == "leaky relu" else ACTIVATIONS[name] for name in self.activations))
        self._check_slope()
        set_("edges", read_edges(graph, self.nodes))
        for side in ("start", "end"):
            sorted_: list[list[Edge]] = [[] for _ in self.nodes]
            for edge in self.edges:
                sorted_[getattr(edge, side)].append(edge)
            set_("_outgoing" if side == "start" else "_incoming", tuple(map(tuple, sorted_)))
        if bias not in BIASES:
            raise UnknownNameError(must_be("bias", "'atomless' or 'zero'", bias))
        set_("bias", bias)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a DagNetwork does not change: make another with the {name} you want")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a DagNetwork does not change: make another without its {name}")

    # -- other ways to make one --------------------------------------------------------------------------------------

    @classmethod
    def from_network(cls, net: Network) -> DagNetwork:
        """Return a layered network as a graph with nodes (layer, index); its moments are the same numbers.

        Raises
        ------
        ArgumentError
            If a width is a symbol, or the biases have a law with atoms.

        >>> from pathmoments import moment
        >>> net = Network([2, 3, 4, 2], law="uniform")
        >>> moment(DagNetwork.from_network(net), {(0, 0): 4}) == moment(net, {(0, 0): 4})
        True
        """
        if isinstance(net.bias, Law) and net.bias.has_atoms:
            raise ArgumentError(must_be("bias", "'atomless', 'zero' or a law without atoms", net.bias))
        bias = "zero" if net.bias == "zero" else "atomless"
        graph = net.to_networkx()
        names = {name for _, name in graph.nodes(data="activation")}
        return cls(graph, slope=net.slope if "leaky relu" in names else 0, bias=bias)

    @classmethod
    def residual(
        cls,
        width: int,
        blocks: int,
        *,
        hidden: int | None = None,
        law: Law | str = Gaussian(),  # noqa: B008  # laws are immutable
        variances: tuple[object, object] | None = None,
        skip: object = 1,
        bias: str = "atomless",
    ) -> DagNetwork:
        """Return a chain of residual blocks h + W2 relu(W1 h), each with a linear end.

        Nodes are ("h", block, index), with ("h", 0, index) the inputs, and ("a", block, index).

        Parameters
        ----------
        width
            The width of h: inputs and outputs.
        blocks
            The number of blocks, 1 or more.
        hidden
            The neurons with the ReLU in a block; by default `width`.
        law
            The law of all weights.
        variances
            Those of W1 and W2, exact numbers; by default 2 / width and 1 / hidden.
        skip
            The fixed weight of the identity.
        bias
            As in :class:`DagNetwork`.

        >>> from pathmoments import moment
        >>> dag = DagNetwork.residual(2, 2)
        >>> [moment(dag, power) for power in ({(0, 0): 2}, {(0, 0): 4}, {(0, 1): 4})]
        [Fraction(5, 2), Fraction(497, 8), Fraction(369, 8)]
        """
        from .blocks import residual_graph

        graph, first, last = residual_graph(width, blocks, hidden=hidden, law=law, variances=variances, skip=skip)
        return cls(graph, inputs=first, outputs=last, bias=bias)

    def to_networkx(self) -> networkx.DiGraph:
        """Return the graph, with the attributes that the constructor reads.

        >>> dag = DagNetwork.residual(2, 1)
        >>> DagNetwork(dag.to_networkx()) == dag
        True
        """
        import networkx

        graph = networkx.DiGraph()
        for node, activation in zip(self.nodes, self.activations, strict=True):
            graph.add_node(node, activation=activation)
        for edge in self.edges:
            kept = {"law": edge.law, "variance": edge.variance} if edge.random else {"weight": edge.weight}
            graph.add_edge(self.nodes[edge.start], self.nodes[edge.end], **kept)
        return graph

    # -- JSON --------------------------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """Return the versioned JSON form (exact numbers as text); :meth:`from_json` reads it back.

        >>> dag = DagNetwork.residual(2, 1, law="uniform")
        >>> DagNetwork.from_json(dag.to_json()) == dag
        True
        """
        from .spec import dag_to_json

        return dag_to_json(self)

    @classmethod
    def from_json(cls, form: object) -> DagNetwork:
        """Return the network of a JSON form: the object, or its text.

        Raises
        ------
        SpecError
            Naming the place in the form and what must stand there.
        """
        from .spec import dag_from_json

        return dag_from_json(form)

    # -- what it is made of ------------------------------------------------------------------------------------------

    def place(self, node: Hashable) -> int:
        """Return the place of a node in the topological order `nodes`."""
        return self.nodes.index(node)

    def slope_at(self, place: int) -> Fraction | None:
        """Return the slope of a node's activation, None where it has none (a slope of 1 is none)."""
        slope = self._slopes[place]
        return None if slope == 1 else slope

    def incoming(self, place: int) -> tuple[Edge, ...]:
        """Return the edges into a node."""
        return self._incoming[place]

    def outgoing(self, place: int) -> tuple[Edge, ...]:
        """Return the edges out of a node."""
        return self._outgoing[place]

    @property
    def laws(self) -> frozenset[Law]:
        """The laws of the edges."""
        return frozenset(edge.law for edge in self.edges if edge.law is not None)

    @property
    def symbols(self) -> frozenset[Any]:
        """The sympy symbols in the variances and fixed weights (a symbolic law's moments come on top)."""
        values = [value for edge in self.edges for value in (edge.variance, edge.weight) if is_symbolic(value)]
        return frozenset().union(*(value.free_symbols for value in values))  # type: ignore[union-attr]  # symbolic

    def domain(self, order: int) -> Domain:
        """Return the domain in which sums over `order` paths are exact."""
        symbols = self.symbols
        if symbols or any(law.symbolic for law in self.laws):
            if not all(law.rational for law in self.laws):
                raise ArgumentError(
                    "a symbolic network needs laws with rational or symbolic moments, and one is a ball: give numbers for the symbols"
                )
            moments = [law.moment(k) for law in self.laws for k in range(4, order + 1, 2)]
            return Polynomials(symbols.union(*(m.free_symbols for m in moments if is_symbolic(m))))  # type: ignore[union-attr]  # symbolic
        return Rationals() if all(law.rational for law in self.laws) else Balls()

    # -- identity ----------------------------------------------------------------------------------------------------

    def _key(self) -> tuple[object, ...]:
        edges = frozenset((self.nodes[e.start], self.nodes[e.end], e.law, e.variance, e.weight) for e in self.edges)
        nodes = frozenset(zip(self.nodes, self._slopes, strict=True))
        return nodes, edges, self.inputs, self.outputs, self.bias

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, DagNetwork) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        keywords = {"inputs": self.inputs, "outputs": self.outputs, "slope": self.slope, "bias": self.bias}
        return (_rebuilt, (self.to_networkx(), keywords))

    def __repr__(self) -> str:
        parts = [f"{len(self.nodes)} nodes, {len(self.edges)} edges"]
        parts += [f"{name}={_shortened(getattr(self, name))}" for name in ("inputs", "outputs")]
        if self.slope:
            parts.append(f"slope='{fraction_text(self.slope)}'")
        if self.bias != "atomless":
            parts.append(f"bias={self.bias!r}")
        return f"DagNetwork({', '.join(parts)})"

    # -- checks ------------------------------------------------------------------------------------------------------

    def _activation(self, graph: networkx.DiGraph, node: Hashable) -> str:
        data = graph.nodes[node]
        return read_activation(node, data if node not in self.inputs else {"activation": None, **data})

    def _check_inputs(self, graph: networkx.DiGraph) -> None:
        for node in self.inputs:
            if graph.in_degree(node):
                raise ArgumentError(
                    f"the input {node!r} must have no incoming edges, had one from {next(iter(graph.predecessors(node)))!r}: name other inputs, "
                    "or take those edges out"
                )
            if graph.nodes[node].get("activation") not in (None, "linear"):
                raise ArgumentError(f"the input {node!r} must have no activation: an input is a number")

    def _check_slope(self) -> None:
        leaky = [node for node, name in zip(self.nodes, self.activations, strict=True) if name == "leaky relu"]
        if self.slope and not leaky:
            raise ArgumentError("slope is that of nodes with activation='leaky relu', and there is none: leave it out")
        if leaky and not self.slope:
            raise ArgumentError(
                f"the node {leaky[0]!r} is a leaky relu, whose slope must be given: slope='1/100', or activation='relu' for 0"
            )


def _rebuilt(graph: networkx.DiGraph, keywords: dict[str, Any]) -> DagNetwork:
    """Make a network again from what pickle kept."""
    return DagNetwork(graph, **keywords)


def _shortened(nodes: tuple[Hashable, ...]) -> str:
    if len(nodes) <= 4:
        return repr(nodes)
    return f"({nodes[0]!r}, {nodes[1]!r}, ..., {nodes[-1]!r})"
