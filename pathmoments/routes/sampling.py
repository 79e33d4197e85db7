"""Sampling: the real network in numpy, with weights, biases and an input; no theorem, and an exact standard error.

The samples come in blocks. A block's size depends on the network alone, and block i draws from child i of the seed's SeedSequence, so the
result depends on (network, samples, seed) and on nothing else: not on memory, chunking, order, or the process that draws a block. (For layers
of some hundred neurons the last bits also depend on numpy's linear algebra library and its threads.) Memory is that of one block.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import fsum, inf, isclose, sqrt
from typing import TYPE_CHECKING, Protocol

from ..dag import NO_LAYERS, DagNetwork
from ..errors import ArgumentError, RouteError
from ..exact import Value, integer, is_symbolic
from ..families import Family, checked_input, checked_layers
from ..laws import Law, Moments, SymbolicLaw, Uniform
from ..network import Network
from .base import Cost, Options, Route

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK_WEIGHTS = 1 << 20
"""Numbers of the largest array in one block: about 8 MB."""
MAX_BLOCK = 1 << 13
"""Samples in one block of a small network: what it draws stays in the processor's cache."""


@dataclass(frozen=True)
class SampleMean:
    """The mean of a monomial over sampled networks, a float."""

    mean: float
    samples: int
    seed: int


@dataclass(frozen=True)
class Estimate:
    """A sampled moment beside the exact one.

    Attributes
    ----------
    mean
        The sample mean, a float.
    exact
        The exact moment.
    standard_error
        sqrt(Var / samples), with Var exact: the moment of twice the order less the square of the moment.
    samples, seed
        What was drawn; the same pair gives the same mean.
    """

    mean: float
    exact: Value
    standard_error: float
    samples: int
    seed: int

    @property
    def z(self) -> float:
        """(mean - exact) / standard_error: standard normal for many samples, less so the heavier the tail of the monomial."""
        difference = self.mean - float(self.exact)
        if self.standard_error == 0:
            return 0.0 if isclose(self.mean, float(self.exact), rel_tol=1e-9) else inf
        return difference / self.standard_error

    def __str__(self) -> str:
        return f"{self.mean:.6g} +- {self.standard_error:.2g} (exact standard error), z = {self.z:+.2f}, {self.samples:,} samples, seed {self.seed}"


class Sampling(Route):
    """numpy Monte Carlo of the real network, for every law that can be sampled."""

    name = "sampling"
    exact = False
    default_budget = 30_000_000

    def way_out(self, net: Network, family: Family) -> str:
        """Return what to do instead."""
        return "simulate a smaller network"

    def reason_against(self, net: Network, family: Family) -> str | None:
        """Return why not: symbols, or a law known by its moments only."""
        if net.symbols or any(map(is_symbolic, net.widths)):
            return "it needs numbers, and the network has symbols: substitute numbers for them"
        laws = [*net.laws[: family.last], *([net.bias] if isinstance(net.bias, Law) else [])]
        for law in laws:
            if by_moments_only(law):
                return (
                    f"the law {law} is known by its moments only and cannot be sampled: give a law that has a sampler"
                )
        return None

    def cost(self, net: Network, family: Family, budget: int | None = None) -> Cost:
        """Return the cost of one sample, in weights drawn."""
        widths = net.numeric_widths("a simulation")[: family.last + 1]
        weights = sum(a * b for a, b in pairwise(widths))
        numbers = max(weights, _largest_array(net, family.first, family.last))
        return Cost(self.name, numbers, "numbers a sample", numbers * 20)

    def evaluate(self, net: Network, family: Family, options: Options = Options()) -> SampleMean:  # noqa: B008  # frozen
        """Return the sample mean over `options.samples` networks."""
        self.checked_cost(net, family, options)
        simulation = _simulation(net, options.samples, options.seed, options.x, (family.first, family.last))
        return blocks_mean(simulation, family, options)


class Simulation(Protocol):
    """Networks that can be drawn in blocks, each block by itself."""

    @property
    def samples(self) -> int:
        """How many networks are drawn."""

    @property
    def seed(self) -> int:
        """The seed of all blocks."""

    @property
    def blocks(self) -> int:
        """The number of blocks."""

    def size(self, index: int) -> int:
        """Return the number of samples in a block."""

    def jacobians(self, index: int) -> NDArray[np.float64]:
        """Draw a block."""


def blocks_mean(simulation: Simulation, family: Family, options: Options) -> SampleMean:
    """Return the mean of a monomial over all blocks, drawn here or by the executor's processes."""
    from ..sweeps.chunks import Tasks, finished

    sums, done = array("d"), 0
    work, blocks = partial(_block_sum, simulation, family), Tasks(range(simulation.blocks))
    with closing(finished(work, blocks, options.executor)) as arriving:
        for results in arriving:
            for index, total in results:
                sums.append(total)
                done += simulation.size(index)
            if options.progress is not None:
                options.progress(done, simulation.samples)
    # fsum is exact up to one rounding at its end, so the order in which the blocks arrived does not matter.
    return SampleMean(fsum(sums) / simulation.samples, simulation.samples, simulation.seed)


def by_moments_only(law: Law) -> bool:
    """Whether nothing but moments is known of the law, so that it cannot be sampled."""
    inner = getattr(law, "law", law)
    return isinstance(inner, (Moments, SymbolicLaw)) or (inner is not law and by_moments_only(inner))


def monomial_values(jacobians: NDArray[np.float64], family: Family) -> NDArray[np.float64]:
    """Return prod Z[p, q]^m a sample, by squarings."""
    import numpy as np

    result = np.ones(len(jacobians))
    for p, q, m in family.classes:
        square, order = jacobians[:, q, p], m
        while order:
            if order % 2:
                result = result * square
            order //= 2
            if order:
                square = square * square
    return result


def fresh_seed(seed: int | None) -> int:
    """Return the seed, or one from the operating system, to be reported so that the run can be repeated."""
    import numpy as np

    if seed is None:
        entropy = np.random.SeedSequence().entropy
        assert isinstance(entropy, int)
        return entropy
    return integer(seed, "seed", minimum=0, what="a whole number, 0 or more")


def block_size(net: Network, last: int, first: int = 0) -> int:
    """Return the number of samples in a block, from the network and the section alone: by the largest array of a sample."""
    return max(1, min(MAX_BLOCK, BLOCK_WEIGHTS // _largest_array(net, first, last)))


def _largest_array(net: Network, first: int, last: int) -> int:
    """Return the numbers in the largest array of one sample: a layer's weights, or its rows of the Jacobian."""
    widths = net.numeric_widths("a simulation")[: last + 1]
    weights = max(a * b for a, b in pairwise(widths))
    return max(weights, max(widths[first + 1 :]) * (widths[first] + 1))


def iter_jacobians(
    net: Network | DagNetwork,
    samples: int,
    *,
    seed: int | None = None,
    x: Sequence[object] | None = None,
    layers: tuple[int, int] | None = None,
) -> Iterator[NDArray[np.float64]]:
    """Yield input-output Jacobians of freshly drawn networks, block by block.

    Parameters
    ----------
    net
        The network, or a :class:`pathmoments.DagNetwork`; its laws must have a sampler. `bias="atomless"` is drawn as uniform biases of the weights'
        variance.
    samples
        How many networks to draw.
    seed
        A whole number; the same (net, samples, seed) gives the same arrays. By default a fresh one.
    x
        The input, exact numbers; all ones by default.
    layers
        (i, j) for the Jacobian of the layers i+1..j (the layers below are simulated too); by default all.

    Yields
    ------
    Arrays J of shape (samples of the block, n_j, n_i), float64, with J[s, q, p] = d Act^(j)_q / d Act^(i)_p of sample s.

    Raises
    ------
    RouteError
        If a law is known by its moments only, or a width is a symbol.

    >>> blocks = list(iter_jacobians(Network([2, 3, 4]), 10_000, seed=1))
    >>> [block.shape for block in blocks]
    [(8192, 4, 2), (1808, 4, 2)]
    """
    simulation: Simulation
    if isinstance(net, DagNetwork):
        from .dags.sampling import dag_simulation

        if layers is not None:
            raise ArgumentError(NO_LAYERS)
        simulation = dag_simulation(net, samples, seed, x)
    else:
        simulation = _simulation(net, samples, seed, x, layers)
    return map(simulation.jacobians, range(simulation.blocks))


class InBlocks:
    """Samples that are drawn in blocks of one size, the last of which may be smaller."""

    samples: int
    block: int

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return -(-self.samples // self.block)

    def size(self, index: int) -> int:
        """Return the number of samples in a block: all have the same, but for the last."""
        return min(self.block, self.samples - index * self.block)


@dataclass(frozen=True)
class _Simulation(InBlocks):
    """All that the samples depend on; block i of them can be drawn anywhere, for it has a seed of its own."""

    net: Network
    samples: int
    seed: int
    x: tuple[float, ...]
    first: int
    last: int
    block: int

    def jacobians(self, index: int) -> NDArray[np.float64]:
        """Draw a block."""
        import numpy as np

        generator = np.random.default_rng(child_seed(self.seed, index))
        return _block(self.net, generator, self.size(index), self.x, self.first, self.last)


def _block_sum(simulation: Simulation, family: Family, index: int) -> float:
    """Return the sum of a monomial over a block (this may run in a worker)."""
    return float(monomial_values(simulation.jacobians(index), family).sum())


def _simulation(
    net: Network, samples: int, seed: int | None, x: Sequence[object] | None, layers: tuple[int, int] | None
) -> _Simulation:
    """Return a simulation whose arguments were found right."""
    first, last = checked_layers(net, layers)
    samples = integer(samples, "samples", minimum=1, what="a whole number, 1 or more")
    family = Family((), first, last)
    if reason := Sampling().reason_against(net, family):
        raise RouteError(f"a simulation is not possible: {reason}")
    Sampling().checked_cost(net, family, Options())
    inputs = _float_input(net, checked_input(net, x, [1] * net.numeric_widths("a simulation")[0]))
    _check_floats(net)
    return _Simulation(net, samples, fresh_seed(seed), inputs, first, last, block_size(net, last, first))


def _float_input(net: Network, x: Sequence[Fraction]) -> tuple[float, ...]:
    """Return the input as floats; without biases its scale does not matter and is taken out."""
    scale = max(map(abs, x)) if net.bias == "zero" else Fraction(1)
    try:
        return tuple(float(value / scale) for value in x)
    except OverflowError:
        raise ArgumentError("x must be within the range of floats for a simulation") from None


def _check_floats(net: Network) -> None:
    """Refuse standard deviations that are 0 or infinite as floats."""
    for layer, variance in enumerate([*net.variances, *(net.bias_variances or ())]):
        if not 1e-300 < variance < 1e300:
            raise ArgumentError(
                f"the variance of layer {layer % net.depth + 1} is beyond the range of floats: a simulation cannot draw it"
            )


def child_seed(seed: int, index: int) -> np.random.SeedSequence:
    """Return child `index` of the seed, as `spawn` would make it."""
    import numpy as np

    return np.random.SeedSequence(seed, spawn_key=(index,))


def _block(
    net: Network, generator: np.random.Generator, size: int, x: tuple[float, ...], first: int, last: int
) -> NDArray[np.float64]:
    """Draw `size` networks and return their Jacobians.

    The activation travels as the last column beside the columns of the Jacobian, so a layer is one batched matrix product. Weights
    are used as they are drawn; their scale joins the derivative of the activation, since no sign depends on it.
    """
    import numpy as np

    widths = net.numeric_widths("a simulation")
    state = np.broadcast_to(np.array(x)[:, None], (size, widths[0], 1))
    for layer in range(1, last + 1):
        law = net.laws[layer - 1]
        scale = sqrt(net.variances[layer - 1]) / law._drawn_deviation()
        weights = law._draw(generator, (size, widths[layer], widths[layer - 1]))
        # The first layer's Jacobian is its weights; from there on it is one product a layer.
        state = np.concatenate([weights, weights @ state], axis=2) if layer == first + 1 else weights @ state
        _add_biases(net, generator, layer, scale, state[:, :, -1])
        state *= _derivative(state[:, :, -1:], net.slope, scale) if net.activated(layer) else scale
    return state[:, :, :-1]


def _add_biases(
    net: Network, generator: np.random.Generator, layer: int, scale: float, pre_activations: NDArray[np.float64]
) -> None:
    """Add freshly drawn biases to pre-activations that are still without the scale of their weights."""
    if net.bias == "zero":
        return
    law: Law = Uniform()
    variance = net.variances[layer - 1]
    if isinstance(net.bias, Law):
        assert net.bias_variances is not None
        law, variance = net.bias, net.bias_variances[layer - 1]
    biases = law._draw(generator, pre_activations.shape)
    biases *= sqrt(variance) / (law._drawn_deviation() * scale)
    pre_activations += biases


def _derivative(pre_activations: NDArray[np.float64], slope: Fraction, scale: float) -> NDArray[np.float64]:
    """Return `scale` where the pre-activation is positive and `slope * scale` elsewhere."""
    import numpy as np

    derivative = np.multiply(pre_activations > 0, scale * float(1 - slope), dtype=np.float64)
    if slope:
        derivative += scale * float(slope)
    return derivative
