r"""Exploding and vanishing gradients themselves: the empirical variance of the squared gradients over the weights.

Equation (6) of Hanin (2018), left there out of scope. With M weights w and g_w = d f_q / d w,

    dVar = (1/M) sum_w g_w^4 - ((1/M) sum_w g_w^2)^2,    E dVar = (1/M) E sum_w g_w^4 - (1/M^2) E K^2:

one bundle of four paths and two bundles of two, each with a mark at any weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import ctx

from ..domains import BALL_BITS
from ..exact import Value, is_symbolic, scaled
from ..families import checked_network
from ..network import Network
from ..routes import Options, Progress
from ..routes.marked import Bundle, MarkedFamily
from .marked import checked_neuron, evaluate
from .ntk import ntk_moment, open_layers


def gradient_variance(
    net: Network,
    x: object,
    *,
    layer: int | None = None,
    output: int = 0,
    route: str = "auto",
    budget: int | None = None,
    progress: Progress | None = None,
) -> Value:
    r"""Return E dVar, the expected empirical variance of (d f_q / d w)^2 over the weights w of the network or of one layer, exactly.

    dVar = (1/M) sum g^4 - ((1/M) sum g^2)^2 over all M weights at an input x: the exploding and vanishing gradient problem itself (Hanin 2018, equation (6)).
    All weights are counted; in the last layer those into other outputs have gradient 0.

    Parameters
    ----------
    net
        The network; its biases are zero or have a law.
    x
        The input: one exact number for each neuron of layer 0, or one number that stands in every place.
    layer
        A layer 1..d of weights; the whole network by default.
    output
        The 0-based index q.
    route, budget, progress
        As in :func:`activation_moment`.

    Returns
    -------
    A Fraction, a ball, or a sympy expression in factored form. Exactly 0 for a single weight.

    Raises
    ------
    UndeterminedMomentError, AtomsError, BudgetError, RouteError, OutOfRangeError, ArgumentError, InexactNumberError
        As :func:`ntk_moment`.

    Cost
    ----
    That of E K^2: linear in the depth on integers whose length grows with it, independent of the widths.

    >>> net = Network([2, 3, 2], bias="zero")
    >>> gradient_variance(net, (1, 1)), gradient_variance(net, (1, 1), layer=1)
    (Fraction(20, 27), Fraction(5, 27))
    >>> gradient_variance(Network([1, 1], bias="zero"), 3)
    Fraction(0, 1)
    """
    return gradient_spread(net, x, layer=layer, output=output, route=route, budget=budget, progress=progress).variance


@dataclass(frozen=True)
class GradientSpread:
    """The gradients by the weights of a layer, or of a network, as a whole.

    Attributes
    ----------
    weights
        Their number M.
    second, fourth
        The means over them of E g^2 and of E g^4.
    variance
        E dVar, the expected empirical variance of g^2.
    """

    weights: Any
    second: Value
    fourth: Value
    variance: Value


def gradient_spread(
    net: Network,
    x: object,
    *,
    layer: int | None = None,
    output: int = 0,
    route: str = "auto",
    budget: int | None = None,
    progress: Progress | None = None,
) -> GradientSpread:
    """Return E dVar with the means that it is made of; parameters, errors and cost as in :func:`pathmoments.gradient_variance`.

    >>> gradient_spread(Network([2, 3, 2], bias="zero"), (1, 1), layer=1)
    GradientSpread(weights=6, second=Fraction(1, 6), fourth=Fraction(1, 3), variance=Fraction(5, 27))
    """
    net = checked_network(net)
    q = checked_neuron(net, net.depth, output, "output")
    layers = open_layers(net, layer)
    whole = MarkedFamily((Bundle(4),), net.depth, q, layers, name="sum (d f/d w)^4")
    fourth = evaluate(net, whole, x, route=route, options=Options(budget=budget, progress=progress))
    first, square = (
        ntk_moment(net, x, k, output=q, layer=layer, route=route, budget=budget, progress=progress) for k in (1, 2)
    )
    count = weight_count(net, layers)
    inverse = 1 / count if is_symbolic(count) else Fraction(1, count)
    return GradientSpread(count, scaled(first, inverse), scaled(fourth, inverse), difference(fourth, square, count))


def weight_count(net: Network, layers: range) -> Any:
    """Return the number M of weights in some layers, a number or an expression."""
    sizes = [a * b for a, b in pairwise(net.widths)]
    return sum(sizes[layer - 1] for layer in layers)


def difference(fourth: Any, square: Any, count: Any) -> Value:
    """Return fourth / M - square / M^2."""
    inverse = 1 / count if is_symbolic(count) else Fraction(1, count)
    with ctx.workprec(2 * BALL_BITS):  # balls are subtracted at more than their own accuracy
        value: Any = scaled(fourth, inverse) - scaled(square, inverse * inverse)  # type: ignore[operator]  # of one kind
    if is_symbolic(value):
        import sympy

        return sympy.factor(value)
    return value
