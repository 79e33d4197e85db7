"""One collection: the multiplicities |gamma_{alpha,beta}(j)|, the sets Gamma(j), and the factors C_j of Theorem 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import prod

from ..domains import Domain, Element
from ..errors import ArgumentError, must_be
from ..exact import Value, integer
from ..families import Family, check_independent, family_of
from ..network import Network
from .collections import Collection


def multiplicities(collection: Collection) -> list[dict[tuple[int, int], int]]:
    """Return, for each layer j = 1..d, {(alpha, beta): |gamma_{alpha,beta}(j)|}: how many paths use each edge.

    Parameters
    ----------
    collection
        A tuple of paths, each a tuple of neurons, one a layer, ends included.

    Returns
    -------
    One dictionary a layer of weights, edges in use alone.

    Raises
    ------
    ArgumentError
        If the paths are not of one length.

    Cost
    ----
    Linear in the number of paths and layers.

    >>> multiplicities(((0, 0, 0), (0, 1, 0), (0, 1, 0)))
    [{(0, 0): 1, (0, 1): 2}, {(0, 0): 1, (1, 0): 2}]
    """
    _check_collection(collection)
    return [
        dict(sorted(Counter((path[j - 1], path[j]) for path in collection).items()))
        for j in range(1, _length(collection))
    ]


def neurons(collection: Collection) -> list[dict[int, int]]:
    """Return, for each layer j = 0..d, {beta: number of paths through it}; the keys are the set Gamma(j).

    Parameters
    ----------
    collection
        A tuple of paths, each a tuple of neurons, one a layer, ends included.

    Returns
    -------
    One dictionary a layer of neurons, those of Gamma(j) alone.

    Raises
    ------
    ArgumentError
        If the paths are not of one length.

    Cost
    ----
    Linear in the number of paths and layers.

    >>> neurons(((0, 0, 0), (0, 1, 0), (0, 1, 0)))
    [{0: 3}, {0: 1, 1: 2}, {0: 3}]
    """
    _check_collection(collection)
    return [dict(sorted(Counter(path[j] for path in collection).items())) for j in range(_length(collection))]


def layer_factors(net: Network, collection: Collection, *, layers: tuple[int, int] | None = None) -> list[Value]:
    """Return the factors C_1, ..., C_d of a collection (Theorem 3), each with its own weight moments, variances included.

    Parameters
    ----------
    net, layers
        As in :func:`pathmoments.moment`.
    collection
        A tuple of paths, each a tuple of neurons, one a layer, ends included.

    Returns
    -------
    One value a layer: a Fraction, a ball, or a sympy expression for a symbolic law.

    Raises
    ------
    ArgumentError
        If the paths are not of one length, or do not fit the network.

    Cost
    ----
    Linear in the number of paths and layers.

    >>> layer_factors(Network([2, 2, 2]), ((0, 0, 0), (0, 0, 0)))
    [Fraction(1, 2), Fraction(1, 2)]
    """
    edges, loads = multiplicities(collection), neurons(collection)
    if not collection:
        return []
    power = Counter((path[0], path[-1]) for path in collection)
    family = family_of(net, power, layers=layers)
    check_independent(net, family, "the product of the factors C_j")
    if len(edges) != family.last - family.first:
        raise ArgumentError(
            must_be("collection", f"of paths with {family.last - family.first} edges", f"the one with {len(edges)}")
        )
    _check_neurons(net, family, loads)
    return [
        layer_value(net, family, j, tuple(edges[j - 1].values()), tuple(loads[j].values()))
        for j in range(1, len(loads))
    ]


def _length(collection: Collection) -> int:
    return len(collection[0]) if collection else 0


def _check_collection(collection: Collection) -> None:
    if not all(isinstance(path, tuple) for path in collection):
        raise ArgumentError(
            must_be("collection", "a tuple of paths, each a tuple of neurons", "the collection " + repr(collection))
        )
    if len({len(path) for path in collection}) > 1 or any(len(path) < 2 for path in collection):
        raise ArgumentError(
            must_be("collection", "of paths of equal length, two neurons or more", "the collection " + repr(collection))
        )


def _check_neurons(net: Network, family: Family, loads: Sequence[dict[int, int]]) -> None:
    widths = net.numeric_widths("an enumeration")[family.first : family.last + 1]
    for j, (width, load) in enumerate(zip(widths, loads, strict=True)):
        for neuron in load:
            integer(neuron, "a neuron", minimum=0, what=f"an index of layer {family.first + j}")
            if neuron >= width:
                raise ArgumentError(
                    must_be("a neuron", f"an index of layer {family.first + j}, 0 to {width - 1}", neuron)
                )


def layer_value(net: Network, family: Family, j: int, edges: Sequence[int], loads: Sequence[int]) -> Value:
    """Return C_j of the family's layer j as a value, from edge multiplicities and the loads of Gamma(j)."""
    if any(m % 2 for m in edges):
        return Fraction(0)
    layer = family.first + j
    domain = net.domain(family.first, family.last, sum(edges))
    variance = domain.power_product([(net.variances[layer - 1], sum(edges) // 2)])
    return domain.settle(lambda: domain.value(variance, layer_element(net, domain, layer, edges, loads)))


def layer_element(net: Network, domain: Domain, layer: int, edges: Sequence[int], loads: Sequence[int]) -> Element:
    """Return C_j with unit variance: the activation of each neuron times the normalised moment of each edge."""
    factor = domain.element(_activation(net, layer, loads))
    for multiplicity in edges:
        factor = factor * domain.element(net.laws[layer - 1]._even_moment(multiplicity // 2))
    return factor


def _activation(net: Network, layer: int, loads: Sequence[int]) -> Fraction:
    if not net.activated(layer):
        return Fraction(1)
    return prod(((1 + net.slope**load) / 2 for load in loads), start=Fraction(1))
