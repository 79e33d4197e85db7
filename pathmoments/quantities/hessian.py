"""Second derivatives of an output by two weights: the mean square of the entries of the Hessian, by pair of layers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..errors import ArgumentError, must_be
from ..exact import Value, is_symbolic, scaled
from ..families import checked_network
from ..network import Network
from ..routes import Options, Progress
from ..routes.marked import Bundle, Mark, MarkedFamily, checked_point
from .gradient_variance import weight_count
from .marked import checked_layer, checked_neuron, evaluate


def hessian_moment(
    net: Network,
    x: object,
    layers: tuple[int, int],
    *,
    output: int = 0,
    route: str = "auto",
    budget: int | None = None,
    progress: Progress | None = None,
) -> Value:
    r"""Return the mean over all entries of a block of the Hessian of E (d^2 f_q / d w d w')^2 at an input x, exactly.

    w runs over all weights of layer l and w' over all weights of layer l': (1 / (M_l M_l')) sum_{w, w'} E (d^2 f_q / d w d w')^2. The second derivative is the
    sum over paths through both weights, with both taken out; it exists almost surely. Entries without a path are 0 and are counted: in neighbouring layers,
    those in which w does not end where w' starts; with the last layer, weights into other outputs. Within one layer f_q is linear, and the mean is 0.

    Parameters
    ----------
    net
        The network; its biases are zero or have a law.
    x
        The input: one exact number for each neuron of layer 0, or one number that stands in every place.
    layers
        (l, l'), layers 1..d of weights, in any order.
    output
        The 0-based index q.
    route, budget, progress
        As in :func:`activation_moment`.

    Returns
    -------
    A Fraction, a ball, or a sympy expression.

    Raises
    ------
    UndeterminedMomentError, AtomsError, BudgetError, RouteError, OutOfRangeError, ArgumentError, InexactNumberError
        As :func:`ntk_moment`.

    Cost
    ----
    Linear in the depth, independent of the widths.

    f = w' relu(w x) has the second derivative x where the neuron is open:

    >>> net = Network([1, 1, 1], output="linear", bias="zero")
    >>> hessian_moment(net, 3, (1, 2)), hessian_moment(net, 3, (2, 2))
    (Fraction(9, 2), Fraction(0, 1))
    >>> hessian_moment(Network([2, 3, 4, 2], bias="zero"), (1, 1), (1, 3))
    Fraction(1, 24)
    """
    net = checked_network(net)
    q = checked_neuron(net, net.depth, output, "output")
    if not isinstance(layers, tuple) or len(layers) != 2:
        raise ArgumentError(must_be("layers", "a pair (l, l') of layers of weights such as (1, 2)", layers))
    low, high = sorted(checked_layer(net, layer, "a layer of the Hessian") for layer in layers)
    bundles = (Bundle(2, (Mark(low), Mark(high))),)
    family = MarkedFamily(bundles, net.depth, q, name=f"(d^2 f_{q}/d w^({low}) d w^({high}))^2")
    if low == high:
        checked_point(net, x)
        return Fraction(0)
    total = evaluate(net, family, x, route=route, options=Options(budget=budget, progress=progress))
    entries: Any = weight_count(net, range(low, low + 1)) * weight_count(net, range(high, high + 1))
    return scaled(total, 1 / entries if is_symbolic(entries) else Fraction(1, entries))
