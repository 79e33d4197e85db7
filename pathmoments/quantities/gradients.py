"""Moments of the derivatives of an output by weights and biases: the gradients of training themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ..errors import ArgumentError, must_be
from ..exact import Value, integer
from ..families import checked_network
from ..network import Network
from ..routes import Options, Progress
from ..routes.marked import Bundle, Mark, MarkedFamily
from .marked import checked_layer, checked_neuron, evaluate

Orders: TypeAlias = "Mapping[tuple[int, int, int], int] | Mapping[tuple[int, None, int], int] | Mapping[tuple[int, int | None, int], int]"
"""{(layer, a, b): order}: the weight of layer 1..d from neuron a of the layer below to neuron b; with a None the bias of neuron b."""


def gradient_moment(
    net: Network,
    x: object,
    weights: Orders,
    *,
    output: int = 0,
    route: str = "auto",
    budget: int | None = None,
    progress: Progress | None = None,
) -> Value:
    r"""Return E prod (d f_q / d w)^order over some weights w at an input x, exactly.

    f_q is output q of `net`. The derivative by a weight is the sum over the paths through it with the weight taken out of the product, so its moments are
    path sums as in Theorem 3 of Hanin (2018), for the gradients of his equation (6). For one weight, activation and backward signal are independent.

    Parameters
    ----------
    net
        The network; its biases are zero or have a law (any biases do if all weights are in layer 1, or are biases).
    x
        The input: one exact number for each neuron of layer 0, or one number that stands in every place.
    weights
        {(layer, a, b): order}: layer 1..d, a and b 0-based indices of neurons in layers `layer` - 1 and `layer`, full orders. (layer, None, b) is the
        bias of neuron b; at zero bias its gradient carries the probability that the layer below is alive.
    output
        The 0-based index q.
    route, budget, progress
        As in :func:`activation_moment`.

    Returns
    -------
    A Fraction, a ball, or a sympy expression. Exactly 0 where parity makes it so, or where f_q does not depend on a weight: those of the last layer into
    other outputs. Exactly 1 for no weights.

    Raises
    ------
    UndeterminedMomentError
        If in some product the weights into an activated neuron occur an odd number of times (odd orders), or for biases without a law.
    AtomsError, BudgetError, RouteError, OutOfRangeError, ArgumentError, InexactNumberError
        As :func:`activation_moment`.

    Cost
    ----
    Linear in the depth, independent of the widths; with the number of vector partitions of the orders.

    >>> net = Network([2, 3, 2], bias="zero")
    >>> gradient_moment(net, (1, 1), {(1, 0, 0): 2}), gradient_moment(net, (1, 1), {(1, 0, 0): 4})
    (Fraction(1, 6), Fraction(1, 3))
    >>> gradient_moment(net, (1, 1), {(1, 0, 0): 2, (2, 0, 0): 2})
    Fraction(1, 3)

    The gradient by the bias of neuron 0 of layer 2 is 1 where the output is open; the layer below is dead with probability 1/8:

    >>> gradient_moment(net, (1, 1), {(2, None, 0): 2})
    Fraction(7, 16)

    A linear network of depth 1: d f / d w is the input.

    >>> gradient_moment(Network([2, 1], output="linear", bias="zero"), (5, 3), {(1, 0, 0): 3})
    Fraction(125, 1)
    """
    net = checked_network(net)
    q = checked_neuron(net, net.depth, output, "output")
    if not isinstance(weights, Mapping):
        raise ArgumentError(must_be("weights", "a mapping {(layer, a, b): order} such as {(1, 0, 0): 2}", weights))
    orders = [(_mark(net, weight), _order(weight, order)) for weight, order in weights.items()]
    bundles = tuple(Bundle(order, (mark,)) for mark, order in orders if order)
    family = MarkedFamily(bundles, net.depth, q, name=_name(q, bundles))
    return evaluate(net, family, x, route=route, options=Options(budget=budget, progress=progress))


def _mark(net: Network, weight: object) -> Mark:
    if not isinstance(weight, tuple) or len(weight) != 3:
        raise ArgumentError(
            must_be("a weight", "(layer, a, b) such as (1, 0, 0), or (layer, None, b) for a bias", weight)
        )
    layer = checked_layer(net, weight[0], "the layer of a weight")
    end = checked_neuron(net, layer, weight[2], "b")
    if weight[1] is None:
        return Mark(layer, end=end, bias=True)
    return Mark(layer, checked_neuron(net, layer - 1, weight[1], "a"), end)


def _order(weight: object, order: object) -> int:
    return integer(order, f"the order of the derivative by {weight}", minimum=0, what="a whole number, 0 or more")


def _name(output: int, bundles: tuple[Bundle, ...]) -> str:
    """Return the product in words: "(d f_0/d w^(1)_(0,0))^2"."""
    factors = []
    for bundle in bundles:
        (mark,) = bundle.marks
        by = f"b^({mark.layer})_{mark.end}" if mark.bias else f"w^({mark.layer})_({mark.start},{mark.end})"
        factors.append(f"(d f_{output}/d {by})" + (f"^{bundle.count}" if bundle.count > 1 else ""))
    return " ".join(factors)
