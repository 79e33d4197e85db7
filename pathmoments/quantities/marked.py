"""What activations, gradients, the tangent kernel and second derivatives share: checks, conventions, and the choice of a route."""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from ..domains import Balls
from ..errors import OutOfRangeError, RouteError, must_be
from ..exact import Value, integer, is_symbolic
from ..families import Family, check_independent
from ..network import Network
from ..routes import ROUTES, Options, check_route_name
from ..routes.marked import MarkedFamily, check_marked, checked_point
from ..routes.marked_enumeration import enumeration_value
from ..routes.marked_transfer import check_parity, transfer_value

_VALUES = {"auto": transfer_value, "transfer": transfer_value, "enumeration": enumeration_value}


def evaluate(net: Network, family: MarkedFamily, x: object, *, route: str, options: Options) -> Value:
    """Return the exact value of a family at an input, after all checks but those of its indices."""
    point = checked_point(net, x)
    check_route_name(route)
    if route not in _VALUES:
        others = ", ".join(name for name in ROUTES if name not in _VALUES)
        raise RouteError(
            f"route {route!r} is for the Jacobian alone, as are {others}: use 'auto', 'transfer' or 'enumeration'"
        )
    if not family.bundles:
        return _constant(net, family, 1)
    check_independent(net, Family((), 0, family.last), f"E[{family.name}]")
    check_marked(net, family)
    if family.contradicts():
        return _constant(net, family, 0)
    check_parity(net, family)
    return _VALUES[route](net, family, point, options)


def _constant(net: Network, family: MarkedFamily, number: int) -> Value:
    """Return 0 or 1 in the type that the network's other moments have."""
    domain = net.domain(0, family.last, family.size, biases=True)
    return arb(number) if isinstance(domain, Balls) else Fraction(number)


def checked_neuron(net: Network, layer: int, index: object, name: str) -> int:
    """Return the index of a neuron of a layer."""
    number = integer(index, name, minimum=0, what="an index, 0 or more")
    width = net.widths[layer]
    if not is_symbolic(width) and number >= width:
        raise OutOfRangeError(must_be(name, f"an index of layer {layer}, 0 to {int(width) - 1}", number))
    return number


def checked_layer(net: Network, layer: object, name: str = "layer") -> int:
    """Return a layer of weights, 1 to the depth."""
    number = integer(layer, name, minimum=1, what=f"a layer of weights, 1 to {net.depth}")
    if number > net.depth:
        raise OutOfRangeError(must_be(name, f"a layer of weights, 1 to {net.depth}", number))
    return number
