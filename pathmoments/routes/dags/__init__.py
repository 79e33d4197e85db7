"""HOW a family is summed on a graph: a transfer over a topological order, an enumeration of its paths, and a simulation."""

from __future__ import annotations

from ...dag import DagNetwork
from ...errors import BudgetError, RouteError
from ...families import Family
from .. import check_route_name
from ..base import Options
from .base import DagRoute
from .enumeration import DagEnumeration
from .sampling import DagSampling
from .transfer import DagTransfer

__all__ = ["DAG_ROUTES", "DagRoute", "DagSampling", "dag_route_named"]

DAG_ROUTES: dict[str, DagRoute] = {route.name: route for route in (DagTransfer(), DagEnumeration())}
"""The exact routes."""


def dag_route_named(name: str, dag: DagNetwork, family: Family, options: Options) -> DagRoute:
    """Return the exact route of that name; for "auto" the cheapest that is within its budget.

    Raises
    ------
    UnknownNameError, RouteError
        If there is no such route, or it is for layered networks alone.
    """
    check_route_name(name)
    if name == "auto":
        return _cheapest(dag, family, options)
    if name not in DAG_ROUTES:
        raise RouteError(f"route {name!r} is for layered networks: use 'auto', " + " or ".join(map(repr, DAG_ROUTES)))
    return DAG_ROUTES[name]


def _cheapest(dag: DagNetwork, family: Family, options: Options) -> DagRoute:
    costs = {name: route.cost(dag, family) for name, route in DAG_ROUTES.items()}
    fitting = [
        name
        for name, cost in costs.items()
        if cost.count <= (DAG_ROUTES[name].default_budget if options.budget is None else options.budget)
    ]
    if not fitting:
        sizes = "; ".join(map(str, costs.values()))
        raise BudgetError(
            f"no exact route is within its budget for E[{family}]: {sizes}. Lower the order, use fewer distinct entries, name a route with a larger "
            "budget, or simulate the network"
        )
    return DAG_ROUTES[min(fitting, key=lambda name: costs[name].operations)]
