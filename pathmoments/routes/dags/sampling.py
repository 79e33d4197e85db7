"""Sampling on a graph: the real network in numpy, node by node, with its Jacobian carried along; no theorem.

Blocks and seeds are as in the simulation of layered networks: block i draws from child i of the seed, so the result depends on the network, the number of
samples, the input and the seed alone.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ...dag import DagNetwork, Edge
from ...errors import ArgumentError, RouteError, must_be
from ...exact import integer, rational
from ...families import Family
from ...laws import Uniform
from ..base import Options
from ..sampling import (
    BLOCK_WEIGHTS,
    MAX_BLOCK,
    InBlocks,
    SampleMean,
    blocks_mean,
    by_moments_only,
    child_seed,
    fresh_seed,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class DagSampling:
    """numpy Monte Carlo of the real network on a graph."""

    def reason_against(self, dag: DagNetwork) -> str | None:
        """Return why not: symbols, or a law known by its moments only."""
        if dag.symbols:
            return "it needs numbers, and the network has symbols: substitute numbers for them"
        for law in dag.laws:
            if by_moments_only(law):
                return (
                    f"the law {law} is known by its moments only and cannot be sampled: give a law that has a sampler"
                )
        return None

    def evaluate(self, dag: DagNetwork, family: Family, options: Options) -> SampleMean:
        """Return the sample mean over `options.samples` networks."""
        return blocks_mean(dag_simulation(dag, options.samples, options.seed, options.x), family, options)


def dag_simulation(dag: DagNetwork, samples: int, seed: int | None, x: Sequence[object] | None) -> DagSimulation:
    """Return a simulation whose arguments were found right."""
    samples = integer(samples, "samples", minimum=1, what="a whole number, 1 or more")
    if reason := DagSampling().reason_against(dag):
        raise RouteError(f"a simulation is not possible: {reason}")
    block = max(1, min(MAX_BLOCK, BLOCK_WEIGHTS // (_most_kept(dag) * (len(dag.inputs) + 1))))
    return DagSimulation(dag, samples, fresh_seed(seed), _input(dag, x), block)


def _input(dag: DagNetwork, x: Sequence[object] | None) -> tuple[float, ...]:
    """Return the input as floats; by default 1 + 1/3, 1 + 1/5, 1 + 1/7, ..., which no sum with small whole weights cancels."""
    if x is None:
        return tuple(float(1 + Fraction(1, 2 * p + 3)) for p in range(len(dag.inputs)))
    if isinstance(x, str) or not isinstance(x, Sized) or len(x) != len(dag.inputs):
        raise ArgumentError(must_be("x", f"an input of {len(dag.inputs)} exact numbers", x))
    return tuple(float(rational(value, f"x[{p}]")) for p, value in enumerate(x))


def _most_kept(dag: DagNetwork) -> int:
    """Return how many nodes at most have values that are still needed."""
    last = _last_uses(dag)
    kept, most = 0, 0
    for place in range(len(dag.nodes)):
        kept += 1
        most = max(most, kept)
        kept -= last.count(place)
    return most


def _last_uses(dag: DagNetwork) -> list[int]:
    """Return, for each node, the place at which it is used last; an output is used to the end."""
    outputs = {dag.place(node) for node in dag.outputs}
    return [
        len(dag.nodes) if place in outputs else max([place, *(edge.end for edge in dag.outgoing(place))])
        for place in range(len(dag.nodes))
    ]


@dataclass(frozen=True)
class DagSimulation(InBlocks):
    """All that the samples depend on; block i of them can be drawn anywhere, for it has a seed of its own."""

    dag: DagNetwork
    samples: int
    seed: int
    x: tuple[float, ...]
    block: int

    def jacobians(self, index: int) -> NDArray[np.float64]:
        """Draw a block: an array J[sample, q, p]."""
        import numpy as np

        dag, size = self.dag, self.size(index)
        generator = np.random.default_rng(child_seed(self.seed, index))
        last = _last_uses(dag)
        states: dict[int, NDArray[np.float64]] = {}  # the row of the Jacobian, and as its last entry the value
        for place, node in enumerate(dag.nodes):
            if node in dag.inputs:
                states[place] = np.broadcast_to(_unit_row(dag.inputs.index(node), self.x), (size, len(self.x) + 1))
            else:
                states[place] = _drawn(dag, generator, place, states, size)
            for used in [used for used in states if last[used] <= place]:
                del states[used]
        return np.stack([states[dag.place(node)][:, :-1] for node in dag.outputs], axis=1)


def _unit_row(p: int, x: Sequence[float]) -> NDArray[np.float64]:
    import numpy as np

    row = np.zeros(len(x) + 1)
    row[p], row[-1] = 1, x[p]
    return row


def _drawn(
    dag: DagNetwork, generator: np.random.Generator, place: int, states: dict[int, NDArray[np.float64]], size: int
) -> NDArray[np.float64]:
    """Draw the weights and the bias of a node, and return its row of the Jacobian with its value."""
    import numpy as np

    incoming = dag.incoming(place)
    total = np.zeros((size, len(dag.inputs) + 1))
    for edge in incoming:
        total += states[edge.start] * _weights(generator, edge, size)
    if dag.bias == "atomless":
        total[:, -1] += Uniform().sample(generator, size, variance=_bias_variance(incoming))
    slope = dag.slope_at(place)
    if slope is not None:
        total *= np.where(total[:, -1:] > 0, 1.0, float(slope))
    return total


def _weights(generator: np.random.Generator, edge: Edge, size: int) -> NDArray[np.float64] | float:
    if edge.law is None:
        return float(edge.weight)  # type: ignore[arg-type]  # fixed, and no symbol
    assert isinstance(edge.variance, Fraction)
    return edge.law.sample(generator, (size, 1), variance=edge.variance)


def _bias_variance(incoming: Sequence[Edge]) -> Fraction:
    """Return the mean variance of the weights into a node, 1 where there are none: any bias without atoms will do."""
    variances = [edge.variance for edge in incoming if isinstance(edge.variance, Fraction)]
    return sum(variances, start=Fraction(0)) / len(variances) if variances else Fraction(1)
