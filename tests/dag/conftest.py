"""The real network on a graph, added up over all values of its weights and biases: no path, no coin, no theorem."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, TypeAlias

import networkx
import numpy as np
import pytest

SLOPES = {"relu": 0, "abs": -1}

Exhausted: TypeAlias = Callable[..., Fraction]


class _Patterns:
    """All values of independent variables with integer atoms, one array element a pattern."""

    def __init__(self, laws: Mapping[Hashable, Mapping[Fraction, Fraction]]) -> None:
        count = 1
        for law in laws.values():
            count *= len(law)
        assert count <= 1 << 18
        rest = np.arange(count)
        self.chances, self.whole = np.ones(count, dtype=np.int64), 1
        self.values: dict[Hashable, Any] = {}
        for name, law in laws.items():
            rest, digit = np.divmod(rest, len(law))
            assert all(atom.denominator == 1 for atom in law)
            self.values[name] = np.array([int(atom) for atom in law])[digit]
            parts = lcm(*(chance.denominator for chance in law.values()))
            self.chances *= np.array([int(chance * parts) for chance in law.values()])[digit]
            self.whole *= parts


def _exhausted(
    graph: networkx.DiGraph,
    power: Mapping[tuple[int, int], int],
    *,
    inputs: Sequence[Hashable],
    outputs: Sequence[Hashable],
    x: Sequence[int],
    biases: Mapping[Hashable, int],
    slope: int = 0,
) -> Fraction:
    """Return E prod Z[p, q]^order of the real network at the input x.

    Laws of finite support are taken at their own scale: the variance of an edge must be that of its atoms as given. An activated node v has the biases
    +-biases[v], a linear node the bias biases[v]. A pre-activation of 0 fails.
    """
    laws: dict[Hashable, Mapping[Fraction, Fraction]] = {}
    for start, end, data in graph.edges(data=True):
        if "law" in data:
            assert data["variance"] == data["law"].raw_variance
            laws[start, end] = data["law"].atoms
    activated = [node for node in graph if graph.nodes[node].get("activation") not in (None, "linear")]
    half = Fraction(1, 2)
    laws |= {("bias", node): {Fraction(-biases[node]): half, Fraction(biases[node]): half} for node in activated}
    patterns = _Patterns(laws)
    rows: dict[Hashable, Any] = {}
    for node in networkx.topological_sort(graph):
        if node in inputs:
            p = list(inputs).index(node)
            rows[node] = np.array([int(i == p) for i in range(len(x))] + [x[p]])[:, None]
            continue
        row: Any = np.zeros((len(x) + 1, 1), dtype=np.int64)
        for start, _, data in graph.in_edges(node, data=True):
            row = row + rows[start] * (patterns.values[start, node] if "law" in data else int(data["weight"]))
        row = row + np.array([0] * len(x) + [1])[:, None] * (
            patterns.values[("bias", node)] if node in activated else biases[node]
        )
        if node in activated:
            assert np.all(row[-1]), f"a pre-activation of {node!r} is 0"
            activation = graph.nodes[node]["activation"]
            row = row * np.where(row[-1] > 0, 1, SLOPES.get(activation, slope))
        rows[node] = row
    monomial: Any = patterns.chances
    for (p, q), order in power.items():
        monomial = monomial * rows[outputs[q]][p] ** order
    return Fraction(int(np.broadcast_to(monomial, patterns.chances.shape).sum()), patterns.whole)


@pytest.fixture(scope="session")
def exhausted() -> Exhausted:
    """Give :func:`_exhausted`."""
    return _exhausted
