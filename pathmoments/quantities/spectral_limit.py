r"""The infinite-width limit of the spectrum of J J^T, for any depth, shape, law and slope.

Let all widths grow together, with n_{j-1} times the variance v_j of each layer fixed. Then T(z) = sum_k tr (J J^T)^k z^k is, up to what vanishes against the
widths, the solution of

    T = z phi(T),    phi(t) = (n_0 + t) prod over layers j of v_j g_j(t),    g_j(t) = n_j w / chi(w) at w = t / n_j,

where chi is the inverse of psi(z) = E D^2 z / (1 - D^2 z) and D the derivative of the activation: g_j(t) = n_j / 2 + t for ReLU, n_j + t where there is no
activation. For S-transforms multiply: in the dimension N of a layer, 1 / S is proportional to n_j + t for W^T W (Marchenko-Pastur) and the activation's is
that of its two values; in t = N w the change of dimension from one layer to the next costs nothing. By Lagrange,

    lim tr (J J^T)^k = (1/k) [t^{k-1}] phi(t)^k,

which for L ReLU layers of equal width and He's variances is n (1/k) sum_j C(k, j+1) 2^j C(L k, j). No law of independent weights occurs in it: the limit is
universal. It is also what is left of the zonal sum when every content c_s and every fluctuation of B_j is dropped.

An orthogonal layer of size N, the larger of its widths, has the factor 1 / (1 + t / N) besides: cut out of O(N) its W^T W is a projection, whose S-transform
is that of a Gaussian layer times (N + t) / N.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import comb
from typing import Any

from flint import fmpq

from ..domains import Domain, Element, Polynomials, Rationals
from ..exact import Value, integer, is_symbolic, scaled, to_fmpq
from ..families import checked_layers
from ..network import Network
from ..routes.gaussian import orthogonal_sizes
from ..routes.traces import Trace


def limit_traces(net: Network, orders: int, *, layers: tuple[int, int] | None = None) -> tuple[Value, ...]:
    """Return the leading terms of E tr (J J^T)^k for k = 0..orders as all widths grow together, at the shape of the network.

    Parameters
    ----------
    net, layers
        The network and section as in :func:`pathmoments.trace_moment`; biases do not matter, nor laws, but for orthogonal layers.
    orders
        The largest k, a whole number of 1 or more.

    Returns
    -------
    Fractions, or sympy expressions for symbolic widths or variances. A network with all widths twice as large and variances half as large has twice the values.

    Cost
    ----
    orders^3 operations a layer.

    >>> [int(t) for t in limit_traces(Network([1, 1]), 6)]
    [1, 1, 3, 11, 45, 197, 903]
    >>> [int(t) for t in limit_traces(Network([100, 100, 100]), 4)]
    [100, 100, 500, 3300, 24900]
    >>> [int(t) for t in limit_traces(Network([1, 1], output="linear", variance=1), 5)]
    [1, 1, 2, 5, 14, 42]

    Orthogonal matrices leave all singular values alike, and a ReLU then closes half of them:

    >>> [int(t) for t in limit_traces(Network([8, 8, 8, 8], law="orthogonal", output="linear", slope=1), 4)]
    [8, 8, 8, 8, 8]
    >>> [int(t) for t in limit_traces(Network([8, 8], law="orthogonal"), 4)]
    [8, 4, 4, 4, 4]
    """
    orders = integer(orders, "orders", minimum=1, what="a whole number, 1 or more")
    first, last = checked_layers(net, layers)
    domain: Domain = Polynomials(net.symbols) if net.symbols else Rationals()
    one: Value = net.widths[last] if is_symbolic(net.widths[last]) else Fraction(net.widths[last])
    return (one, *(_leading(net, k, first, last, domain) for k in range(1, orders + 1)))


def _leading(net: Network, k: int, first: int, last: int, domain: Domain) -> Value:
    """Return (1/k) [t^(k-1)] phi(t)^k."""
    layers = Counter((net.widths[j], net.activated(j)) for j in range(first + 1, last + 1))
    series = _power([domain.element(net.widths[first]), domain.element(1)], k, k, domain)
    powers: list[tuple[Any, int]] = [(variance, k) for variance in net.variances[first:last]]
    for (width, activated), times in layers.items():
        q = activation_series(net.slope if activated else Fraction(1), k)
        top = max(1, *(i for i, a in enumerate(q) if a != 0))
        n = domain.element(width)
        factor = [n ** (top - i) * to_fmpq(q[i]) for i in range(min(top + 1, len(q)))]
        series = _times(series, _power(factor, k * times, k, domain), k)
        powers.append((1 / (width if is_symbolic(width) else Fraction(width)), (top - 1) * k * times))
    for size, times in orthogonal_sizes(net, Trace((k,), first, last).family).items():
        kept = [fmpq((-1) ** i * comb(k * times + i - 1, i), size**i) for i in range(k)]  # (1 + t/N)^(-k times)
        series = _times(series, [domain.element(1) * a for a in kept], k)
    front = domain.power_product(powers)
    return domain.value(scaled(front, Fraction(1, k)), series[k - 1])


def activation_series(slope: Fraction, count: int) -> list[Fraction]:
    """Return w / chi(w) up to w^max(1, count - 1), for D fair on {1, slope}: 1/2 + w for ReLU, 1 + w where D^2 = 1.

    psi(z) = z h(z) with h(z) = sum_i (1 + slope^(2i+2)) / 2 z^i, so that w / chi = h(chi); chi = w / h(chi) is iterated until it stands.

    >>> [str(a) for a in activation_series(Fraction(0), 4)], [str(a) for a in activation_series(Fraction(1, 2), 3)]
    (['1/2', '1', '0', '0'], ['5/8', '17/20', '18/125'])
    """
    size = max(2, count)
    square = to_fmpq(slope**2)
    h = [(1 + square ** (i + 1)) / 2 for i in range(size)]
    whole = [h[0]] + [fmpq(0)] * (size - 1)
    for _ in range(size):
        chi = [fmpq(0), *_inverse(whole)[: size - 1]]
        whole = [fmpq(0)] * size
        for coefficient in reversed(h):
            whole = _times(whole, chi, size)
            whole[0] += coefficient
    return [Fraction(int(a.p), int(a.q)) for a in whole]


def _inverse(series: Sequence[fmpq]) -> list[fmpq]:
    """Return 1 / series, to the same length."""
    inverse = [1 / series[0]]
    for i in range(1, len(series)):
        inverse.append(-sum((series[j] * inverse[i - j] for j in range(1, i + 1)), start=fmpq(0)) / series[0])
    return inverse


def _times(one: Sequence[Element], other: Sequence[Element], size: int) -> list[Element]:
    """Return the product of two power series up to t^(size-1)."""
    result = [0 * one[0]] * size
    for i, a in enumerate(one[:size]):
        for j, b in enumerate(other[: size - i]):
            result[i + j] = result[i + j] + a * b
    return result


def _power(series: Sequence[Element], exponent: int, size: int, domain: Domain) -> list[Element]:
    """Return a power of a power series up to t^(size-1), by squarings."""
    result, square = [domain.element(1)], list(series)
    while exponent:
        if exponent % 2:
            result = _times(result, square, size)
        exponent //= 2
        if exponent:
            square = _times(square, square, size)
    return result + [domain.element(0)] * (size - len(result))
