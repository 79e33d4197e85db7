r"""Zonal polynomials: E tr (J J^T)^k for Gaussian weights, any k, any width.

For a Gaussian W with n rows and weights of variance v, the zonal polynomial C_lambda, lambda a partition of k, is an eigenfunction of averaging over W:
E C_lambda(W A W^T) = v^k prod over cells s of (n + c_s) C_lambda(A), c_s = 2 column - row. Layer by layer,

    E tr (J J^T)^k = sum over lambda of (2k theta_lambda / j_lambda) prod_s (n_0 + c_s) prod over layers j of v_j^k E prod_s (B_j + c_s),

B_j ~ Binomial(n_j, 1/2) the open neurons of a ReLU layer, B_j = n_j where there is no activation (or one of slope 1 or -1, whose square is 1). Here
theta_lambda is the product of c_s over all cells but the corner and j_lambda = prod_s (2a+l+1)(2a+l+2), with arm a and leg l: 2k theta_lambda / j_lambda
is the coefficient in p_k = sum over lambda (Macdonald 1995, VII.2). theta vanishes where lambda holds the cell (row 2, column 1): k^2/4 shapes are left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import factorial, prod

from flint import fmpq

from ..domains import Domain, Element, Rationals
from ..exact import balanced
from ..laws import Gaussian
from ..network import Network
from .base import Cost, Options
from .gaussian import orthogonal_sizes
from .traces import Trace, TraceRoute, falling_factorials

Shape = tuple[int, ...]


class Zonal(TraceRoute):
    """Exact for Gaussian weights with ReLU, linear or absolute-value activations, at any k and width."""

    name = "zonal"
    default_budget = 5_000

    def reason_against(self, net: Network, trace: Trace) -> str | None:
        """Return why not: a product of traces, another law, or a slope at which the activations are no projections."""
        if len(trace.cycles) > 1:
            return "it is for one trace, and this is a product: use route='transfer'"
        laws = set(net.laws[trace.first : trace.last])
        others = sorted(repr(law) for law in laws if law.independent and law != Gaussian())
        if others:
            return f"it is for Gaussian or orthogonal weights, and the network has {others[0]}: use route='transfer'"
        activated = any(map(net.activated, range(trace.first + 1, trace.last + 1)))
        if activated and abs(net.slope) not in (0, 1):
            return f"it is for the slopes 0, 1 and -1, and the network has {net.slope}: use route='transfer'"
        return None

    def cost(self, net: Network, trace: Trace) -> Cost:
        """Return the number of shapes."""
        shapes, layers = 1 + trace.half**2 // 4, trace.last - trace.first
        return Cost(self.name, shapes, "shapes", shapes * trace.half**2 * (layers + 1), trace.layers_text)

    def prepare(self, net: Network, trace: Trace, options: Options) -> Callable[[Domain], Element]:
        """Return the sum over the shapes."""

        def solve(domain: Domain) -> Element:
            layers, sizes = _layers(net, trace, domain), orthogonal_sizes(net, trace.family)
            total = sum((_term(domain, layers, sizes, shape) for shape in _shapes(trace.half)), start=domain.element(0))
            projected = sum(_projects(net, j) for j in range(trace.first + 1, trace.last + 1))
            return total * fmpq(1, 1 << (trace.half * projected))

        return solve


def _layers(net: Network, trace: Trace, domain: Domain) -> list[tuple[list[Element], int]]:
    """Return [E (B)_r for r = 0..k] of each kind of layer, and how many there are; times 2^k where neurons close, since E (B)_r = (n)_r / 2^r."""
    kinds = Counter((net.widths[j], _projects(net, j)) for j in range(trace.first + 1, trace.last + 1))
    kinds[net.widths[trace.first], False] += 1
    layers = []
    for (width, half), times in kinds.items():
        falling = falling_factorials(domain, width, trace.half)
        if half:
            falling = [entry * (1 << (trace.half - r)) for r, entry in enumerate(falling)]
        if type(domain) is Rationals:
            falling = [entry.p for entry in falling]  # whole numbers: quicker than fractions
        layers.append((falling, times))
    return layers


def _term(
    domain: Domain, layers: Sequence[tuple[Sequence[Element], int]], sizes: Counter[int], shape: Shape
) -> Element:
    """Return the coefficient of the shape times E prod_s (B + c_s) of each layer."""
    newton = _newton(_contents(shape))
    factors = (
        sum((a * b for a, b in zip(falling, newton, strict=True)), start=0 * falling[0]) ** times
        for falling, times in layers
    )
    kept = [domain.element(_kept(size, shape)) ** times for size, times in sizes.items()]
    return balanced([*factors, *kept], domain.element(_coefficient(shape)))


def _kept(size: int, shape: Shape) -> Fraction:
    """Return N^k / prod_s (N + c_s): an orthogonal layer of size N against a Gaussian one; 0 for shapes of more rows than N, which no such layer has."""
    return Fraction(0) if len(shape) > size else Fraction(size ** sum(shape), prod(size + c for c in _contents(shape)))


def _projects(net: Network, layer: int) -> bool:
    """Whether the activation of a layer closes neurons."""
    return net.activated(layer) and net.slope == 0


def _shapes(k: int) -> Iterator[Shape]:
    """Yield the 1 + floor(k^2 / 4) partitions of k without the cell (row 2, column 1), where theta is not 0.

    >>> list(_shapes(4))
    [(4,), (3, 1), (2, 2), (2, 1, 1), (1, 1, 1, 1)]
    """
    yield (k,)
    for first in range(k - 1, 0, -1):
        for second in range(min(first, k - first), 0, -1):
            yield (first, second, *(1,) * (k - first - second))


def _contents(shape: Shape) -> list[int]:
    """Return c_s = 2 column - row of each cell, the corner first."""
    return [2 * column - row for row, length in enumerate(shape) for column in range(length)]


def _coefficient(shape: Shape) -> Fraction:
    """Return 2k theta / j, the coefficient of the shape in the power sum p_k.

    >>> [str(_coefficient(shape)) for shape in _shapes(2)]
    ['1/3', '-1/3']
    """
    columns = [sum(length > column for length in shape) for column in range(shape[0])]
    hooks = [
        (2 * (length - column - 1) + columns[column] - row - 1)
        for row, length in enumerate(shape)
        for column in range(length)
    ]
    return Fraction(2 * sum(shape) * prod(_contents(shape)[1:]), prod((hook + 1) * (hook + 2) for hook in hooks))


def _newton(contents: Sequence[int]) -> list[int]:
    """Return the coefficients of f(B) = prod_s (B + c_s) in falling factorials of B: the forward differences at 0, the r-th over r!.

    >>> _newton([0, 2])
    [0, 3, 1]
    """
    differences = [prod(b + c for c in contents) for b in range(len(contents) + 1)]
    newton = []
    for r in range(len(contents) + 1):
        newton.append(differences[0] // factorial(r))
        differences = [after - before for before, after in pairwise(differences)]
    return newton
