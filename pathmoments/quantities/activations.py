"""Moments of the network's function and of its hidden activations at an input."""

from __future__ import annotations

from ..exact import Value, integer
from ..families import checked_network
from ..network import Network
from ..routes import Options, Progress
from ..routes.marked import Bundle, MarkedFamily
from .marked import checked_layer, checked_neuron, evaluate


def activation_moment(
    net: Network,
    x: object,
    order: int,
    *,
    layer: int | None = None,
    neuron: int = 0,
    route: str = "auto",
    budget: int | None = None,
    progress: Progress | None = None,
) -> Value:
    r"""Return E Act^order for one neuron at an input x, exactly: of f_q(x) = Act^(d)_q by default, or of a hidden neuron.

    Act^(j) = relu(W^(j) Act^(j-1) + b^(j)) with Act^(0) = x, over the weights and biases of `net`, at its variances; nothing is normalised. An activation is
    a sum over paths from the inputs and the biases (Hanin 2018, section 5), and its even moments follow as those of the Jacobian do (Theorem 3).

    Parameters
    ----------
    net
        The network; its biases are zero or have a law.
    x
        The input: one exact number for each neuron of layer 0, or one number that stands in every place.
    order
        The full order.
    layer, neuron
        The layer, 1 to the depth (the output by default), and the 0-based index in it.
    route
        "auto" and "transfer" (a sweep over partitions), or "enumeration" of the paths.
    budget
        The most of its unit (states, collections) that the route may take.
    progress
        Called with (done, total) now and then.

    Returns
    -------
    A Fraction, a ball, or a sympy expression. Exactly 0 for odd orders at a linear output, exactly 1 for order 0.

    Raises
    ------
    UndeterminedMomentError
        For an odd order at an activated neuron, or biases "atomless": they have no law, and activations depend on it.
    AtomsError
        If a pre-activation can be exactly 0.
    BudgetError, RouteError, OutOfRangeError, ArgumentError, InexactNumberError
        As :func:`moment`.

    Cost
    ----
    Linear in the depth, independent of the widths.

    >>> net = Network([2, 3, 2], bias="zero")
    >>> activation_moment(net, (1, 1), 2), activation_moment(net, (1, 1), 4, layer=1, neuron=2)
    (Fraction(1, 1), Fraction(6, 1))

    One linear layer is a sum of weights: E f^2 = |x|^2 Var, and a bias adds its variance.

    >>> [str(activation_moment(Network([2, 1], output="linear", variance=1, bias=b), (1, 3), 2)) for b in ("zero", "uniform")]
    ['10', '11']
    """
    net = checked_network(net)
    last = net.depth if layer is None else checked_layer(net, layer)
    index = checked_neuron(net, last, neuron, "neuron")
    order = integer(order, "order", minimum=0, what="a whole number, 0 or more")
    name = f"Act^({last})_{index}" + (f"^{order}" if order != 1 else "")
    family = MarkedFamily((Bundle(order),) if order else (), last, index, name=name)
    return evaluate(net, family, x, route=route, options=Options(budget=budget, progress=progress))
