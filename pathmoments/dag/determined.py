r"""When the path sum on a graph is the moment of the real network: decoupling, node by node.

**Theorem.** Replace the derivative D_v of an activated node v by a fair coin on {1, slope} that is independent of all weights. E prod Z^order does not change if

1. all edges into v have independent symmetric random weights (then flipping their signs, and that of the bias, flips the pre-activation alone), and
2. every collection that passes v an odd number of times has expectation 0,

and the pre-activation of v is not exactly 0 where its derivative matters. *Proof.* Expand in collections. One that passes v an even number of times keeps its
product of weights under the flip, which exchanges D_v = 1 and D_v = slope; the others are 0 on both sides.

Nodes are decoupled one after another, the last ones first. When v's turn comes, let A be the activated nodes that are left, v among them and none of them
behind v. A random edge into a node that has none of A behind or at it is independent of every derivative that is left, so its multiplicity is
even in every collection that counts. Let x_e be the multiplicity mod 2 of a fixed edge e. As many paths enter a node as leave it or end in it, so

    sum over fixed e into u of x_e  =  sum over fixed e out of u of x_e  +  (number of paths that end in u)     (mod 2)

for every such node u, and v is passed (sum over fixed e out of v of x_e + ends in v) times mod 2. Condition 2 holds if these equations force that
number to be even: linear algebra over two elements. It fails for a fixed edge from an activated node into a fixed sum with others: E Z^2 then has the product
of two first moments E[D w] of different nodes, which depend on the input and the biases.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import xor
from typing import Protocol

from ..errors import AtomsError, UndeterminedMomentError
from .edges import Edge
from .graph import DagNetwork
from .support import Support


class Monomial(Protocol):
    """What is known here of a family: its classes (p, q, m), and how it is written."""

    @property
    def classes(self) -> tuple[tuple[int, int, int], ...]:
        """Classes (p, q, m) of m paths from input p to output q."""


def check_determined(dag: DagNetwork, family: Monomial) -> None:
    """Raise unless the path sum is the moment, with a reason that names the node.

    Raises
    ------
    UndeterminedMomentError
        If an activated node has a fixed incoming edge, or may be passed an odd number of times by paths that count.
    AtomsError
        If a pre-activation can be exactly 0: zero biases, and a law with atoms below an activated node.
    """
    support = Support(dag, family.classes)
    parities = _Parities(support)
    if parities.contradict:
        return  # the signs of weights above all activations make it 0
    _check_incoming(support, family)
    _check_atoms(support)
    if (place := parities.decouple()) is not None:
        raise UndeterminedMomentError(_odd_message(support, family, place))


def _activated(support: Support) -> list[int]:
    """Return the nodes whose derivatives the monomial has, in topological order."""
    return [place for place in sorted(support.nodes) if support.dag.slope_at(place) is not None]


def _check_incoming(support: Support, family: Monomial) -> None:
    dag = support.dag
    for place in _activated(support):
        for edge in dag.incoming(place):
            if not edge.random:
                raise UndeterminedMomentError(
                    f"E[{family}] is not determined by the moments of the weights: the node {dag.nodes[place]!r} ({dag.activations[place]}) has an edge "
                    f"of fixed weight from {dag.nodes[edge.start]!r}, so its sign is no fair coin; end the block without an activation, or give the "
                    "edge a law"
                )


def _check_atoms(support: Support) -> None:
    """Refuse atoms below an activated node where the biases are 0."""
    dag = support.dag
    if dag.bias != "zero":
        return
    activated = _activated(support)
    below = _masks(dag, activated)
    for edge in dag.edges:
        if edge.law is not None and edge.law.has_atoms and below[edge.end]:
            raise AtomsError(
                f"the weights into the node {dag.nodes[edge.end]!r} have atoms ({edge.law}) and the network has zero biases: the pre-activation of "
                f"{dag.nodes[activated[below[edge.end].bit_length() - 1]]!r} may be exactly 0, where the theorem does not hold; use bias='atomless' "
                "or a law without atoms"
            )


def _odd_message(support: Support, family: Monomial, place: int) -> str:
    dag = support.dag
    node, activation = dag.nodes[place], dag.activations[place]
    fixed = [dag.nodes[edge.end] for edge in support.outgoing(place) if not edge.random]
    start = f"E[{family}] is not determined by the moments of the weights: "
    if not fixed:
        return (
            f"{start}an odd number of paths ends in the node {node!r} ({activation}), so the value depends on the input and the biases; make its "
            "order even, or simulate it with iter_jacobians"
        )
    return (
        f"{start}an odd number of paths may pass the node {node!r} ({activation}), from which an edge of fixed weight leads to {fixed[0]!r}, so the value "
        "depends on the input and the biases; give that edge a law, or simulate it with iter_jacobians"
    )


def _masks(dag: DagNetwork, activated: list[int]) -> list[int]:
    """Return, for each node, the set of the activated nodes at or behind it, as the bits of an integer."""
    masks = [0] * len(dag.nodes)
    for bit, place in enumerate(activated):
        masks[place] = 1 << bit
    for place in reversed(range(len(dag.nodes))):
        for edge in dag.outgoing(place):
            masks[place] |= masks[edge.end]
    return masks


class _Parities:
    """The equations between the parities of fixed edges, as rows of bits in echelon form; the bit 0 is the constant."""

    def __init__(self, support: Support) -> None:
        self.support = support
        fixed = [edge for edge in support.dag.edges if not edge.random and support.carried(edge)]
        self.bits = {edge: 2 << i for i, edge in enumerate(fixed)}
        self.starts, self.ends = support.loads(support.starts), support.loads(support.ends)
        self.rows: dict[int, int] = {}
        self.contradict = False
        self.activated = _activated(support)
        self.left = (1 << len(self.activated)) - 1
        self.masks = _masks(support.dag, self.activated)
        self.watched: dict[int, list[int]] = {}
        for place in support.nodes:
            self._watch(place)

    def decouple(self) -> int | None:
        """Decouple all activated nodes and return None; or return the last one that cannot be."""
        waiting = list(enumerate(self.activated))[::-1]
        while waiting:
            stuck = [(bit, place) for bit, place in waiting if not self._decoupled(bit, place)]
            if len(stuck) == len(waiting):
                return next(place for bit, place in stuck if self._is_last(bit, place))
            waiting = stuck
        return None

    def _is_last(self, bit: int, place: int) -> bool:
        """Whether none of the nodes that are left is behind this one."""
        return self.masks[place] & self.left == 1 << bit

    def _decoupled(self, bit: int, place: int) -> bool:
        """Decouple a node if it is one of the last and is passed an even number of times."""
        if self.contradict or (self._is_last(bit, place) and self._reduced(self._leaving(place)) == 0):
            self.left ^= 1 << bit
            for freed in self.watched.pop(bit, []):
                self._watch(freed)
            return True
        return False

    def _watch(self, place: int) -> None:
        """Impose a node's equation if no activated node is left at or behind it; else wait for one of them."""
        if waiting_for := self.masks[place] & self.left:
            self.watched.setdefault(waiting_for.bit_length() - 1, []).append(place)
            return
        row = self._reduced(self._leaving(place) ^ self._entering(place))
        if row == 1:
            self.contradict = True
        elif row:
            self.rows[row.bit_length()] = row

    def _leaving(self, place: int) -> int:
        return self._sum(self.support.dag.outgoing(place)) ^ (self.ends[place] & 1)

    def _entering(self, place: int) -> int:
        return self._sum(self.support.dag.incoming(place)) ^ (self.starts[place] & 1)

    def _sum(self, edges: Iterable[Edge]) -> int:
        """Return the sum of the fixed ones among the edges, as a row."""
        return reduce(xor, (self.bits.get(edge, 0) for edge in edges), 0)

    def _reduced(self, row: int) -> int:
        """Return what the equations leave of a row: 0 if they imply that it is even, 1 that it is odd."""
        reduced = 0
        while row > 1:
            pivot = row.bit_length()
            if pivot in self.rows:
                row ^= self.rows[pivot]
            else:
                reduced |= 1 << (pivot - 1)
                row ^= 1 << (pivot - 1)
        return reduced | row
