r"""Pairings: E tr (J J^T)^k for Gaussian weights by Wick's theorem alone, the second route beside zonal polynomials.

The weights of a layer are paired. Between pairings pi and pi' of the 2k paths in two successive layers, a layer of n neurons with factors D_i on {1, slope}
contributes the expectation over the blocks ("loops") of their join

    E prod over loops c of sum_i D_i^|c| = E prod_c (B + slope^|c| (n - B)),    B ~ Binomial(n, 1/2),

which is E B^loops for ReLU. The inputs contribute n_0^loops with their own pairing, the outputs the same as a layer with theirs. No cumulant, no orbit of
set partitions: the cost is the square of the (2k-1)!! pairings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import prod

from flint import fmpq

from ..dihedral import Blocks, Cycles, Orbits, input_pairing, joined, output_pairing, pairings
from ..domains import Domain, Element
from ..exact import to_fmpq
from ..laws import Gaussian
from ..network import Network
from .base import Cost, Options
from .traces import COUNTED, Trace, TraceRoute, falling_factorials

Loops = tuple[int, ...]
"""The sizes of the loops, in ascending order."""


class TracePairings(TraceRoute):
    """Exact for Gaussian weights and any slope; for cross-checks at small k."""

    name = "pairings"
    default_budget = 1_000
    remedy = "use route='zonal' or route='transfer', or a smaller k"

    def reason_against(self, net: Network, trace: Trace) -> str | None:
        """Return why not: another law."""
        others = sorted({repr(law) for law in net.laws[trace.first : trace.last] if law != Gaussian()})
        return f"it is for Gaussian weights, and the network has {others[0]}: use route='transfer'" if others else None

    def cost(self, net: Network, trace: Trace) -> Cost:
        """Return the number of pairings of the paths."""
        count = prod(range(1, 2 * min(trace.half, COUNTED), 2))
        unit = "pairings" + " or more" * (trace.half > COUNTED)
        return Cost(self.name, count, unit, count**2 * (trace.last - trace.first), trace.layers_text)

    def prepare(self, net: Network, trace: Trace, options: Options) -> Callable[[Domain], Element]:
        """Return the product of the Gram matrices."""
        return lambda domain: _product(net, trace, domain)


def _product(net: Network, trace: Trace, domain: Domain) -> Element:
    gram = _gram(trace.cycles)
    inputs = _powers(domain.element(net.widths[trace.first]), trace.half)
    vector = [inputs[len(loops)] for loops in gram.with_inputs]
    for layer in range(trace.first + 1, trace.last):
        weights = _loop_moments(net, domain, layer, trace.half)
        vector = [
            sum((weights[loops] * count * vector[j] for (j, loops), count in row.items()), start=domain.element(0))
            for row in gram.rows
        ]
    weights = _loop_moments(net, domain, trace.last, trace.half)
    ends = zip(gram.with_outputs, gram.sizes, vector, strict=True)
    return sum((weights[loops] * size * value for loops, size, value in ends), start=domain.element(0))


class _Gram:
    """The loops of all joins of pairings of the paths, rows one an orbit."""

    def __init__(self, cycles: Cycles) -> None:
        orbits = Orbits(cycles)
        columns = [(orbits.of(pairing), pairing) for pairing in pairings(2 * sum(cycles))]
        self.sizes = orbits.sizes
        self.with_inputs = [_loops(pairing, input_pairing(cycles)) for pairing in orbits.members]
        self.with_outputs = [_loops(pairing, output_pairing(cycles)) for pairing in orbits.members]
        self.rows = [Counter((j, _loops(row, pairing)) for j, pairing in columns) for row in orbits.members]


@lru_cache(maxsize=8)
def _gram(cycles: Cycles) -> _Gram:
    return _Gram(cycles)


def _loops(first: Blocks, second: Blocks) -> Loops:
    return tuple(sorted(Counter(joined(first, second)).values()))


def _loop_moments(net: Network, domain: Domain, layer: int, k: int) -> Mapping[Loops, Element]:
    """Return, for each kind of loops, E prod_c (B + a^|c| (n - B)); n^loops where there is no activation."""
    n = domain.element(net.widths[layer])
    kinds = sorted({tuple(2 * size for size in shape) for shape in _partitions(k)})
    if not net.activated(layer):
        return {loops: n ** len(loops) for loops in kinds}
    moments = _binomial_moments(domain, net.widths[layer], k)
    found = {}
    for loops in kinds:
        polynomial = [domain.element(1)]
        for size in loops:
            closed = to_fmpq(net.slope**size)
            polynomial = _times(polynomial, n * closed, 1 - closed)
        found[loops] = sum((a * m for a, m in zip(polynomial, moments, strict=False)), start=domain.element(0))
    return found


def _partitions(k: int, largest: int | None = None) -> list[Loops]:
    """Return the integer partitions of k, each ascending."""
    if k == 0:
        return [()]
    top = k if largest is None else min(k, largest)
    return [(*rest, part) for part in range(top, 0, -1) for rest in _partitions(k - part, part)]


def _times(polynomial: Sequence[Element], constant: Element, linear: Element) -> list[Element]:
    """Return a polynomial in B times (constant + linear B)."""
    shifted = [constant * a for a in polynomial] + [0 * constant]
    return [a + (linear * polynomial[i - 1] if i else 0) for i, a in enumerate(shifted)]


def _binomial_moments(domain: Domain, width: object, k: int) -> list[Element]:
    """Return E B^r for r = 0..k: sum_i S(r, i) (n)_i / 2^i with Stirling numbers of the second kind."""
    halved = [entry * fmpq(1, 2**i) for i, entry in enumerate(falling_factorials(domain, width, k))]
    stirling = [1] + [0] * k
    moments = [halved[0]]
    for _ in range(k):
        stirling = [0] + [i * stirling[i] + stirling[i - 1] for i in range(1, k + 1)]
        moments.append(sum((s * entry for s, entry in zip(stirling, halved, strict=True)), start=domain.element(0)))
    return moments


def _powers(base: Element, count: int) -> list[Element]:
    """Return base^0, ..., base^count."""
    return [base**exponent for exponent in range(count + 1)]
