"""E tr (J J^T)^k with orthogonal layers: sums of families by the route haar, against zonal polynomials and isometries."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import comb, prod
from typing import Any

import pytest

from pathmoments import Network, Orthogonal, errors, spectrum, trace_moment
from pathmoments.exact import Value
from pathmoments.laws import Law
from pathmoments.quantities.limit_density import limit_density
from pathmoments.quantities.sampled_spectrum import sampled_spectrum
from pathmoments.quantities.spectral_limit import limit_traces
from pathmoments.quantities.statistics import Frobenius, SquareTrace, index_sum
from pathmoments.quantities.traces import product_moment
from pathmoments.routes import Options
from pathmoments.routes.combination import evaluate_combination

O = Orthogonal()  # noqa: E741  # as the group is written
ROOT2 = Orthogonal(gain_squared=2)


def trace(net: Network, k: int) -> Value:
    """Return E tr (J J^T)^k = sum over p_1..p_k, q_1..q_k of E prod_i Z[p_i, q_i] Z[p_(i+1), q_i], family by family."""
    factors = [((i + turn) % k, i, 1) for i in range(k) for turn in (0, 1)] if k > 1 else [(0, 0, 2)]
    terms = index_sum(net, factors, 1, lambda _: net.widths[0])
    return evaluate_combination(net, terms, Fraction(1), route="auto", options=Options())


def shapes(k: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """Yield the partitions of k."""
    if k == 0:
        yield ()
    for first in range(min(k, largest or k), 0, -1):
        yield from ((first, *rest) for rest in shapes(k - first, first))


def zonal(net: Network, k: int) -> Fraction:
    """Return the trace by zonal polynomials: their averages are C(I_n) C(A) / C(I_N) over O(N), and a power of the variance over Gaussian matrices.

    With c_s = 2 column - row over the cells of a shape, C(I_n) is prod_s (n + c_s) up to a factor of the shape: so a Gaussian layer has its variance to the k, an
    orthogonal one gain^(2k) / prod_s (N + c_s), and shapes of more rows than a layer has neurons are 0.
    """
    total = Fraction(0)
    widths = net.numeric_widths("a test")
    for shape in shapes(k):
        cells = [(row, column) for row, length in enumerate(shape) for column in range(length)]
        contents = [2 * column - row for row, column in cells]
        if len(shape) > min(widths):
            continue
        hooks = [2 * (shape[r] - c - 1) + sum(length > c for length in shape) - r - 1 for r, c in cells]
        term = Fraction(2 * k * prod(contents[1:]), prod((h + 1) * (h + 2) for h in hooks))
        term *= prod(widths[0] + c for c in contents)
        for layer in range(1, net.depth + 1):
            law, size = net.laws[layer - 1], max(widths[layer - 1 : layer + 1])
            term *= variance_of(net, layer) ** k
            if isinstance(law, Orthogonal):
                term *= Fraction(size**k, prod(size + c for c in contents))
            term *= open_neurons(net, layer, contents)
        total += term
    return total


def variance_of(net: Network, layer: int) -> Fraction:
    """Return the variance of a layer, a fraction."""
    variance = net.variances[layer - 1]
    assert isinstance(variance, Fraction)
    return variance


def open_neurons(net: Network, layer: int, contents: list[int]) -> Fraction:
    """Return E prod_s (B + c_s), B ~ Binomial(n, 1/2) with a ReLU and B = n without."""
    n = net.numeric_widths("a test")[layer]
    if not net.activated(layer) or net.slope == 1:
        return Fraction(prod(n + c for c in contents))
    return sum((Fraction(comb(n, b), 2**n) * prod(b + c for c in contents) for b in range(n + 1)), start=Fraction(0))


NETWORKS: list[Network] = [
    Network([3, 3, 3], law=ROOT2),
    Network([2, 3, 2], law=O, output="linear"),
    Network([4, 2, 3, 4], law=Orthogonal("3/2")),
    Network([1, 5, 2], law=O),
    Network([3, 4, 4, 2], law=[O, "gaussian", ROOT2]),
    Network([5, 5, 5], law=ROOT2, slope=1),
    Network([2, 2, 2], law=O),
]


@pytest.mark.parametrize("net", NETWORKS, ids=repr)
def test_zonal_polynomials(net: Network) -> None:
    """Families over pairings and one sum over shapes agree for k = 1, 2, 3, where layers are narrower than k too."""
    for k in (1, 2, 3):
        assert trace(net, k) == zonal(net, k), k
    assert SquareTrace().moment(net, 1) == zonal(net, 2)


@pytest.mark.parametrize("net", NETWORKS, ids=repr)
def test_the_transfer_over_orbits(net: Network) -> None:
    """Projections on the orbits of pairings give the zonal values, where layers are narrower than k too."""
    for k in (1, 2, 3, 4):
        assert trace_moment(net, k, route="transfer") == trace_moment(net, k, route="zonal") == zonal(net, k), k


@pytest.mark.parametrize("slope", [0, "1/4"])
@pytest.mark.parametrize("law", [[ROOT2, "laplace", "gaussian"], ["uniform", O, ROOT2]], ids=repr)
def test_orthogonal_layers_beside_others(law: list[Law | str], slope: object) -> None:
    """Beside laws that are not rotation invariant, and for leaky ReLUs, traces and their products are sums of families by the route haar."""
    net = Network([2, 4, 3, 2], law=law, slope=slope)
    for k in (1, 2, 3):
        assert trace_moment(net, k) == trace(net, k), k
    assert product_moment(net, (1, 1)) == Frobenius().moment(net, 2)


def test_spectrum_of_orthogonal_networks() -> None:
    """A spectrum needs products of traces too; a linear one is an isometry with no spread of its norm, sampled or exact."""
    isometry = spectrum(Network([3, 3, 3], law=O, slope=1), orders=3)
    assert (isometry.ratio, isometry.participation, isometry.square_variance) == (1, 3, 0)
    assert isometry.traces == isometry.limit
    net = Network([3, 4, 2], law=[ROOT2, "laplace"])
    assert sampled_spectrum(net, 4_000, orders=2, seed=8).largest < 5


@pytest.mark.parametrize("law", [ROOT2, ["gaussian", O, ROOT2]], ids=repr)
@pytest.mark.parametrize("output", ["relu", "linear"])
def test_limit_of_orthogonal_networks(law: Law | list[Law | str], output: str) -> None:
    """A million times as wide a network has traces a million times the limit, up to some 1e-5; the law does matter here."""
    widths, scale = [3, 2, 4, 2], 10**6
    limit = limit_traces(Network(widths, law=law, output=output), 4)
    wide = Network([scale * n for n in widths], law=law, output=output)
    for k in range(1, 5):
        exact: Any = trace_moment(wide, k)
        leading: Any = limit[k]
        assert abs(exact / (scale * leading) - 1) < Fraction(1, 10**5), k
    assert limit != limit_traces(Network(widths, variance=wide.variance, output=output), 4)
    with pytest.raises(errors.RouteError, match="independent weights"):
        limit_density(wide)


def test_routes_that_need_independent_weights() -> None:
    """Enumeration and Wick's theorem say which route has the traces."""
    for route in ("enumeration", "pairings"):
        with pytest.raises(errors.RouteError, match="use route='transfer'"):
            trace_moment(Network([2, 2], law=O), 2, route=route)


def test_order_eight() -> None:
    """At k = 4 families have up to eight distinct entries."""
    net = Network([3, 2, 3], law=ROOT2)
    assert trace(net, 4) == zonal(net, 4)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_isometries(n: int) -> None:
    """A linear square orthogonal network has all singular values equal to the gain's power; a rectangular one n_d or n_0 of them, the fewer."""
    for k in (1, 2, 3):
        assert trace(Network([n] * 4, law=O, slope=1, output="linear"), k) == n
        assert trace(Network([n] * 3, law=ROOT2, slope=1, output="linear"), k) == n * 4**k
        assert trace(Network([n + 2, n], law=O, output="linear"), k) == n
        assert trace(Network([n, n + 1, n + 3], law=O, slope=1, output="linear"), k) == n


@pytest.mark.parametrize("n", [1, 2, 5])
def test_one_relu_layer_is_a_projection(n: int) -> None:
    """J J^T of one square orthogonal layer is D, whose n/2 open neurons on average count in every power."""
    for k in (1, 2, 3):
        assert trace(Network([n, n], law=O), k) == Fraction(n, 2)


def test_more_isometric_than_gaussian() -> None:
    """At one layer's scale the spread of the singular values, m_2 / m_1^2, is smaller with orthogonal layers, and stays so when a law stands between."""
    laws: list[list[Law | str]] = [[ROOT2] * 3, [ROOT2, "uniform", ROOT2], ["gaussian", "uniform", "gaussian"]]
    nets = [Network([4] * 4, law=law) for law in laws]
    first = [trace(net, 1) for net in nets]
    second = [trace(net, 2) for net in nets]
    assert first[0] == first[1] == first[2] == 4
    assert second[0] < second[1] < second[2]  # type: ignore[operator]  # fractions
