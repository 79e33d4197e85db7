"""What is refused, with the way out."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

from pathmoments import (
    DagNetwork,
    Network,
    activation_moment,
    bounds,
    dead_probability,
    gradient_moment,
    gradient_variance,
    hessian_moment,
    log_norm,
    ntk_moment,
    profile,
    spectrum,
)
from pathmoments.errors import (
    ArgumentError,
    AtomsError,
    BudgetError,
    InexactNumberError,
    OutOfRangeError,
    RouteError,
    UndeterminedMomentError,
    UnknownNameError,
)
from pathmoments.quantities.ntk import relative_variance
from pathmoments.quantities.spectral_limit import limit_traces
from pathmoments.quantities.typical import typical_layer

NET = Network([2, 3, 2], bias="zero")


@pytest.mark.parametrize(
    "quantity",
    [
        lambda net: activation_moment(net, 1, 2),
        lambda net: gradient_moment(net, 1, {(2, 0, 0): 2}),
        lambda net: ntk_moment(net, 1, 1),
        lambda net: gradient_variance(net, 1),
        lambda net: hessian_moment(net, 1, (2, 3)),
    ],
)
def test_biases_without_a_law(quantity: Any) -> None:
    """Activations depend on the biases, so "atomless" is not enough; zero or a law is the way out."""
    with pytest.raises(UndeterminedMomentError, match="bias='atomless': give bias='zero', or a law"):
        quantity(Network([2, 3, 2, 2]))
    assert quantity(Network([2, 3, 2, 2], bias="uniform")) > 0


@pytest.mark.parametrize(
    "quantity",
    [
        lambda net: activation_moment(net, 1, 2),
        lambda net: gradient_moment(net, 1, {(2, 0, 0): 2}),
        lambda net: ntk_moment(net, 1, 1),
        lambda net: gradient_variance(net, 1),
        lambda net: hessian_moment(net, 1, (1, 2)),
        profile,
        spectrum,
        dead_probability,
        log_norm,
        typical_layer,
        lambda net: limit_traces(net, 2),
        bounds,
    ],
)
def test_graphs(quantity: Any) -> None:
    """What is for layers refuses a graph, and says what it takes."""
    with pytest.raises(ArgumentError, match="net must be a Network"):
        quantity(DagNetwork.residual(2, 1))


@pytest.mark.parametrize(
    "quantity", [lambda net: ntk_moment(net, 1, 1), lambda net: activation_moment(net, 1, 2), profile]
)
def test_orthogonal_layers(quantity: Any) -> None:
    """The refusal of dependent weights names the layer and what has their moments."""
    with pytest.raises(RouteError, match=r"needs independent weights, and the weights of layer 2 .*spectrum"):
        quantity(Network([2, 3, 2], law=["gaussian", "orthogonal"], bias="zero"))


def test_a_kernel_of_mean_zero() -> None:
    """At the input 0 the first layer alone has no gradients, and no relative variance."""
    net = Network([2, 2], bias="uniform")
    with pytest.raises(ArgumentError, match="mean is 0"):
        relative_variance(ntk_moment(net, 0, 1), ntk_moment(net, 0, 2))


def test_atoms() -> None:
    """Weights with atoms and biases with atoms may cancel; either without atoms is enough."""
    with pytest.raises(AtomsError, match="zero biases"):
        ntk_moment(Network([2, 3, 2], law="rademacher", bias="zero"), 1, 1)
    with pytest.raises(AtomsError, match="biases with atoms"):
        activation_moment(Network([2, 3, 2], law="rademacher", bias="rademacher"), 1, 2)
    for law, bias in (("rademacher", "uniform"), ("uniform", "rademacher")):
        assert ntk_moment(Network([2, 3, 2], law=law, bias=bias), 1, 1) > 0
    assert activation_moment(Network([2, 1], law="rademacher", bias="zero", output="linear", variance=1), 1, 4) == 8
    assert ntk_moment(Network([2, 2, 1], law="rademacher", bias="zero", slope=1), 1, 1) > 0


def test_biases_that_may_be_zero() -> None:
    """The gradient by a bias depends on how often the layers below are dead, which such biases leave open; weights' gradients do not."""
    net = Network([2, 3, 2], bias="sparse:1/2:gaussian")
    with pytest.raises(AtomsError, match="an atom at 0"):
        ntk_moment(net, 1, 1, biases=True)
    assert ntk_moment(net, 1, 1) > 0


def test_the_input_zero() -> None:
    """At zero bias the input 0 is refused; with biases it is an input."""
    for x in (0, (0, 0)):
        with pytest.raises(ArgumentError, match="x must not be 0"):
            ntk_moment(NET, x, 1)
    assert activation_moment(Network([2, 3, 2], bias="uniform"), 0, 2) > 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ntk_moment(NET, (1, 2, 3), 1), ArgumentError, "x must be an input of 2 numbers"),
        (lambda: ntk_moment(NET, 0.5, 1), InexactNumberError, "x must be an exact number"),
        (lambda: ntk_moment(NET, "one", 1), ArgumentError, "x must be an exact number"),
        (lambda: ntk_moment(NET, 1, -1), ArgumentError, "k must be a whole number"),
        (lambda: ntk_moment(NET, 1, 1, output=2), OutOfRangeError, "output must be an index of layer 2, 0 to 1"),
        (lambda: ntk_moment(NET, 1, 1, layer=3), OutOfRangeError, "layer must be a layer of weights, 1 to 2"),
        (lambda: ntk_moment(NET, 1, 1, layer=0), ArgumentError, "layer must be a layer of weights"),
        (lambda: ntk_moment(NET, 1, 1, route="gaussian"), RouteError, "for the Jacobian alone"),
        (lambda: ntk_moment(NET, 1, 1, route="magic"), UnknownNameError, "route must be one of"),
        (lambda: ntk_moment(NET, 1, 6), BudgetError, r"transfer of E\[K\^6\] takes .* states or more, over the budget of 300"),
        (lambda: ntk_moment(NET, 1, 2, route="enumeration", budget=9), BudgetError, "use route='transfer'"),
        (lambda: ntk_moment("net", 1, 1), ArgumentError, "net must be a Network"),  # type: ignore[arg-type]  # refused
        (lambda: activation_moment(NET, 1, 2, layer=1, neuron=3), OutOfRangeError, "neuron must be an index of layer 1, 0 to 2"),
        (lambda: activation_moment(NET, 1, -2), ArgumentError, "order must be a whole number"),
        (lambda: gradient_moment(NET, 1, {(1, 2, 0): 2}), OutOfRangeError, "a must be an index of layer 0, 0 to 1"),
        (lambda: gradient_moment(NET, 1, {(1, 0, 3): 2}), OutOfRangeError, "b must be an index of layer 1, 0 to 2"),
        (lambda: gradient_moment(NET, 1, {(3, 0, 0): 2}), OutOfRangeError, "the layer of a weight"),
        (lambda: gradient_moment(NET, 1, {(1, 0, 0): 2.0}), ArgumentError, "the order of the derivative"),  # type: ignore[arg-type]  # refused
        (lambda: gradient_moment(NET, 1, {(1, 0): 2}), ArgumentError, "a weight must be"),  # type: ignore[arg-type]  # refused
        (lambda: gradient_moment(NET, 1, [(1, 0, 0)]), ArgumentError, "weights must be a mapping"),  # type: ignore[arg-type]  # refused
        (lambda: hessian_moment(NET, 1, (1, 3)), OutOfRangeError, "a layer of the Hessian"),
        (lambda: hessian_moment(NET, 1, 1), ArgumentError, "layers must be a pair"),  # type: ignore[arg-type]  # refused
    ],
)  # fmt: skip
def test_arguments(call: Any, error: type[Exception], message: str) -> None:
    """Each bad argument is named, with what it must be."""
    with pytest.raises(error, match=message):
        call()


def test_symbols() -> None:
    """A symbolic width takes one number for x, and no enumeration; alive factors of symbols are no polynomials."""
    n = sympy.Symbol("n")
    net = Network([n, n, n], bias="zero")
    with pytest.raises(ArgumentError, match="one number, which stands in every place"):
        ntk_moment(net, (1, 1), 1)
    with pytest.raises(RouteError, match="route='transfer'"):
        ntk_moment(net, 1, 1, route="enumeration")
    with pytest.raises(ArgumentError, match="no polynomial"):
        ntk_moment(net, 1, 1, biases=True)
