r"""Transfer over dihedral orbits: E tr (J J^T)^k for every law, in time linear in the depth and independent of the widths.

**What it computes.** Label the 2k paths of the trace, or of a product of traces (:mod:`pathmoments.dihedral`). The state at a layer is the even set partition of the paths by the
neurons they share. Between layers of states sigma and tau stands

    N(tau, sigma) = prod over blocks B of the meet of mt_|B| = sum over even pi <= sigma, tau of prod over blocks of pi of kappa_|B|,

a layer of n neurons contributes act(tau) (n)_{|tau|} with act(tau) = prod over blocks (1 + slope^|B|) / 2, and the ends run over all states in which the
paths of one input (output) share it: sigma >= the input pairing, tau >= the output pairing.

**Orbits.** All of this is invariant under the dihedral group, so states are orbits. Let R[pi][tau] be the number of partitions in the orbit of tau that one pi
refines, and |pi| the size of its orbit. Summed over orbits N is R^T diag(|pi| kappa_pi) R, with 1/|tau| at every layer between two of them. For Gaussian
weights the rows into pairs alone are left, and a layer of an orthogonal matrix has a matrix on these (:mod:`pathmoments.routes.trace_haar`) in the place of
the diagonal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod

from flint import fmpq

from ..dihedral import Blocks, count_even_set_partitions, dihedral_merging, input_pairing, output_pairing, refines
from ..domains import Domain, Element
from ..exact import to_fmpq
from ..laws import Gaussian, Law
from ..network import Network
from .base import Cost, Options
from .trace_haar import trace_projection
from .traces import COUNTED, Trace, TraceRoute, falling_factorials


class TraceTransfer(TraceRoute):
    """Exact for every law, orthogonal layers among them; cost linear in depth, independent of the widths."""

    name = "transfer"
    default_budget = 200_000
    remedy = "use a smaller k, route='zonal' if the weights are Gaussian, or a larger budget"

    def reason_against(self, net: Network, trace: Trace) -> str | None:
        """Return None: it applies to all."""
        return None

    def cost(self, net: Network, trace: Trace) -> Cost:
        """Return the number of even set partitions of the paths, of which each orbit has up to 2k."""
        count = count_even_set_partitions(2 * min(trace.half, COUNTED))
        unit = "set partitions" + " or more" * (trace.half > COUNTED)
        return Cost(self.name, count, unit, count * (trace.last - trace.first + 2), trace.layers_text)

    def prepare(self, net: Network, trace: Trace, options: Options) -> Callable[[Domain], Element]:
        """Return the sweep from the inputs to the outputs."""
        return lambda domain: _Sweep(net, trace, domain).total(options)


class _Sweep:
    """The orbits of a trace on a network, and what each layer contributes to them."""

    def __init__(self, net: Network, trace: Trace, domain: Domain) -> None:
        self.net, self.trace, self.domain = net, trace, domain
        self.laws = net.laws[trace.first : trace.last]
        on_pairs = all(law == Gaussian() or not law.independent for law in self.laws)
        self.merging = dihedral_merging(trace.cycles, pairs=on_pairs)
        self.lengths = [1 + max(tau) for tau in self.merging.coarse]

    def total(self, options: Options) -> Element:
        """Return the sum without the variances."""
        diagonals = {law: self._diagonal(law) for law in set(self.laws) if law.independent}
        vector = self._placed(self.trace.first, self._within(input_pairing(self.trace.cycles)))
        between = [fmpq(1, size) for size in self.merging.coarse_sizes]
        for step, law in enumerate(self.laws, start=1):
            layer = self.trace.first + step
            fine = self._to_fine(vector)
            if law.independent:
                fine = [d * value for d, value in zip(diagonals[law], fine, strict=True)]
            else:
                fine = self._projected(layer, fine)
            ends = self._within(output_pairing(self.trace.cycles)) if layer == self.trace.last else between
            placed = self._placed(layer, self._activated(layer, ends))
            vector = [p * value for p, value in zip(placed, self._to_coarse(fine), strict=True)]
            if options.progress is not None:
                options.progress(step, len(self.laws))
        return sum(vector, start=self.domain.element(0))

    def _within(self, pairing: Blocks) -> list[fmpq]:
        """Return 1 for the states in which the paths of each pair share a neuron, 0 for others."""
        return [fmpq(int(refines(pairing, tau))) for tau in self.merging.coarse]

    def _activated(self, layer: int, weights: Sequence[fmpq]) -> Sequence[fmpq]:
        """Return the weights times act(tau) at a layer that has the activation."""
        if not self.net.activated(layer):
            return weights
        return [w * to_fmpq(self._activation(tau)) for w, tau in zip(weights, self.merging.coarse, strict=True)]

    def _activation(self, tau: Blocks) -> Fraction:
        return prod(((1 + self.net.slope**size) / 2 for size in Counter(tau).values()), start=Fraction(1))

    def _placed(self, layer: int, weights: Sequence[fmpq]) -> list[Element]:
        """Return the weights times (n)_{|tau|}, the ways to choose the neurons."""
        falling = falling_factorials(self.domain, self.net.widths[layer], self.trace.half)
        return [falling[length] * weight for length, weight in zip(self.lengths, weights, strict=True)]

    def _diagonal(self, law: Law) -> list[Element]:
        """Return, an orbit of fine partitions, its size times prod over blocks kappa_|B|."""
        cumulants = [self.domain.element(k) for k in law.even_cumulants(self.trace.half)]
        entries = []
        for pi, size in zip(self.merging.fine, self.merging.fine_sizes, strict=True):
            entry = self.domain.element(size)
            for block in Counter(pi).values():
                entry = entry * cumulants[block // 2 - 1]
            entries.append(entry)
        return entries

    def _projected(self, layer: int, fine: Sequence[Element]) -> list[Element]:
        """Return what an orthogonal layer makes of the values on fine partitions: those into pairs, which stand first, are left."""
        size = max(width for width in self.net.widths[layer - 1 : layer + 1] if isinstance(width, int))
        zero = self.domain.element(0)
        projected = [
            sum((value * entry for value, entry in zip(fine, row, strict=False) if entry), start=zero)
            for row in trace_projection(self.trace.cycles, size)
        ]
        return [*projected, *[zero] * (len(fine) - len(projected))]

    def _to_fine(self, coarse: Sequence[Element]) -> list[Element]:
        zero = self.domain.element(0)
        return [sum((entry * coarse[j] for j, entry in row.items()), start=zero) for row in self.merging.rows]

    def _to_coarse(self, fine: Sequence[Element]) -> list[Element]:
        result = [self.domain.element(0)] * len(self.merging.coarse)
        for value, row in zip(fine, self.merging.rows, strict=True):
            for j, entry in row.items():
                result[j] = result[j] + entry * value
        return result
