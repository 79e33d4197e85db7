"""The tangent kernel on the diagonal, K(x, x) = sum over the weights of (d f_q / d w)^2, and its moments."""

from __future__ import annotations

from typing import Any

from flint import ctx

from ..domains import BALL_BITS
from ..errors import ArgumentError
from ..exact import Value, integer, is_symbolic
from ..families import checked_network
from ..network import Network
from ..routes import Options, Progress
from ..routes.marked import Bundle, MarkedFamily
from .marked import checked_layer, checked_neuron, evaluate


def ntk_moment(
    net: Network,
    x: object,
    k: int,
    *,
    output: int = 0,
    layer: int | None = None,
    biases: bool = False,
    route: str = "auto",
    budget: int | None = None,
    progress: Progress | None = None,
) -> Value:
    r"""Return E K(x, x)^k of the neural tangent kernel of output q at an input x, exactly, at any depth.

    K(x, x) = sum over all weights w of (d f_q / d w)^2, at the weights' own variances (no factor is taken out of a layer). K^k is a sum over k pairs of
    paths, each pair with one marked weight; one sweep sums over the layers of all marks at once. The relative variance is E K^2 / (E K)^2 - 1. At zero bias
    and He variances, E K = |x|^2 / n_0 sum_j n_{j-1} / 2.

    Parameters
    ----------
    net
        The network; its biases are zero or have a law.
    x
        The input: one exact number for each neuron of layer 0, or one number that stands in every place.
    k
        The power, a whole number of 0 or more.
    output
        The 0-based index q.
    layer
        A layer 1..d to sum over its weights alone; all by default.
    biases
        Whether the sum has the derivatives by the biases too; by default weights alone. At zero bias these carry the probability that the layer below is alive.
    route, budget, progress
        As in :func:`activation_moment`.

    Returns
    -------
    A Fraction, a ball, or a sympy expression.

    Raises
    ------
    UndeterminedMomentError
        For biases "atomless": they have no law, and the kernel depends on it.
    AtomsError, BudgetError, RouteError, OutOfRangeError, ArgumentError, InexactNumberError
        As :func:`activation_moment`.

    Cost
    ----
    Linear in the depth on integers whose length grows with it, independent of the widths; k = 1, 2, 3, 4 have 1, 3, 12, 77 partitions, in k + 1 phases.

    >>> net = Network([2, 3, 2], bias="zero")
    >>> ntk_moment(net, (1, 1), 1), ntk_moment(net, (1, 1), 2)
    (Fraction(5, 2), Fraction(76, 3))
    >>> ntk_moment(net, (1, 1), 2, route="enumeration")
    Fraction(76, 3)

    A linear layer has the kernel |x|^2.

    >>> ntk_moment(Network([2, 1], output="linear", bias="zero"), (3, 4), 2)
    Fraction(625, 1)
    """
    net = checked_network(net)
    q = checked_neuron(net, net.depth, output, "output")
    k = integer(k, "k", minimum=0, what="a whole number, 0 or more")
    name = ("K" if layer is None else f"K_{layer}") + (f"^{k}" if k != 1 else "")
    family = MarkedFamily((Bundle(2),) * k, net.depth, q, open_layers(net, layer), biases, name)
    return evaluate(net, family, x, route=route, options=Options(budget=budget, progress=progress))


def relative_variance(first: Value, second: Value) -> Value:
    """Return E K^2 / (E K)^2 - 1 from the two moments.

    >>> net = Network([2, 3, 2], bias="zero")
    >>> relative_variance(ntk_moment(net, (1, 1), 1), ntk_moment(net, (1, 1), 2))
    Fraction(229, 75)

    Raises
    ------
    ArgumentError
        If E K is 0: the input is 0 and only the first layer has gradients.
    """
    if first == 0:
        raise ArgumentError("a kernel whose mean is 0 has no relative variance: give an input other than 0")
    with ctx.workprec(2 * BALL_BITS):  # balls are subtracted at more than their own accuracy
        value: Any = second / (first * first) - 1  # type: ignore[operator]  # of one kind
    if is_symbolic(value):
        import sympy

        return sympy.factor(value)
    return value


def open_layers(net: Network, layer: object) -> range:
    """Return the layers of marks that are summed over: one, or all where `layer` is None."""
    if layer is None:
        return range(1, net.depth + 1)
    only = checked_layer(net, layer)
    return range(only, only + 1)
