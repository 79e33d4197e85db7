"""HOW a family is summed: six routes to the same number, one module a route, one signature for all.

=============  ===================================================  ==========================================================
route          applies to                                           cost
=============  ===================================================  ==========================================================
gaussian       Gaussian or orthogonal weights; one input or output  depth * order^2
transfer       every law; single and mixed entries; symbols         depth * states^2, states = even vector partitions
haar           orthogonal layers, other laws between them           depth * states^2 + pairings^3
enumeration    every law; numeric widths                            unordered path collections
exhaustion     laws of finite support, with an input                states of the real network
sampling       laws with a sampler                                  samples * weights
=============  ===================================================  ==========================================================
"""

from __future__ import annotations

from ..errors import BudgetError, UnknownNameError, must_be
from ..families import Family
from ..network import Network
from .base import DEFAULT_SAMPLES, Cost, Options, Progress, Route
from .enumeration import Enumeration
from .exhaustion import Exhaustion
from .gaussian import GaussianClosedForm
from .haar import Haar
from .sampling import Estimate, SampleMean, Sampling, iter_jacobians
from .transfer import Transfer

__all__ = [
    "DEFAULT_SAMPLES",
    "ROUTES",
    "Cost",
    "Estimate",
    "Options",
    "Progress",
    "Route",
    "SampleMean",
    "cheapest",
    "check_route_name",
    "iter_jacobians",
    "route_named",
]

ROUTES: dict[str, Route] = {
    route.name: route for route in (GaussianClosedForm(), Transfer(), Haar(), Enumeration(), Exhaustion(), Sampling())
}

_AUTOMATIC = ("gaussian", "transfer", "haar", "enumeration")
"""Exact for the network as described, without an input; `auto` takes the cheapest of these."""


def route_named(name: str, net: Network, family: Family, options: Options) -> Route:
    """Return the route of that name; for "auto" the cheapest that applies and is within its budget.

    Raises
    ------
    UnknownNameError
        If there is no such route.
    """
    check_route_name(name)
    return cheapest(net, family, options) if name == "auto" else ROUTES[name]


def check_route_name(name: str) -> None:
    """Raise UnknownNameError unless `name` is "auto" or a route."""
    if name != "auto" and name not in ROUTES:
        raise UnknownNameError(must_be("route", "one of auto, " + ", ".join(ROUTES), name))


def cheapest(net: Network, family: Family, options: Options) -> Route:
    """Return the exact route of least cost among those that apply and are within budget."""
    candidates = [route for name in _AUTOMATIC if not (route := ROUTES[name]).reason_against(net, family)]
    costs = {route.name: route.cost(net, family, options.budget) for route in candidates}
    fitting = [
        r for r in candidates if costs[r.name].count <= (r.default_budget if options.budget is None else options.budget)
    ]
    if not fitting:
        sizes = "; ".join(str(cost) for cost in costs.values())
        raise BudgetError(
            f"no exact route is within its budget for E[{family}]: {sizes}. Lower the order, use fewer distinct entries, name a route with a "
            "larger budget, or simulate the network"
        )
    return min(fitting, key=lambda route: costs[route.name].operations)
