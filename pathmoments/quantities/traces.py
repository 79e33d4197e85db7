"""E tr (J J^T)^k, the moments of the singular values of the Jacobian, by four routes.

=============  ===================================================  ==========================================================
route          applies to                                           cost
=============  ===================================================  ==========================================================
zonal          Gaussian or orthogonal, ReLU or linear; any k        depth * k^4
transfer       every law; symbols; k up to 6                        depth * entries between dihedral orbits
pairings       Gaussian weights; k up to 5                          depth * pairings^2, in orbits
enumeration    every law; small numeric networks                    path collections of every family of the sum over indices
=============  ===================================================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from flint import arb

from ..dihedral import input_pairing, output_pairing
from ..domains import Domain, Element
from ..errors import ArgumentError, BudgetError, UnknownNameError, must_be
from ..exact import Value, integer, is_symbolic
from ..families import Family, check_determined, dependence, family_of
from ..network import Network
from ..partitions import count_set_partitions
from ..routes import ROUTES, Cost, Options, Progress
from ..routes.base import PathSum
from ..routes.trace_pairings import TracePairings
from ..routes.trace_transfer import TraceTransfer
from ..routes.traces import COUNTED, Trace, TraceRoute
from ..routes.zonal import Zonal
from .statistics import index_sum


class TraceEnumeration(TraceRoute):
    """The definition: a sum over indices of families, each enumerated path by path."""

    name = "enumeration"
    default_budget = 200_000
    remedy = "use route='auto'"

    def reason_against(self, net: Network, trace: Trace) -> str | None:
        """Return why not: symbolic widths have no neurons to walk, and dependent weights no product of moments."""
        if reason := dependence(net, trace.family):
            return f"{reason}: use route='transfer'"
        return ROUTES["enumeration"].reason_against(net, trace.family)

    def cost(self, net: Network, trace: Trace) -> Cost:
        """Return the number of path collections of the largest family, that of a single entry; or that of the ways in which indices are equal, if it is more."""
        one = ROUTES["enumeration"].cost(net, trace.family)
        choices = count_set_partitions(min(trace.half, COUNTED)) ** 2
        if choices > one.count:
            return Cost(self.name, choices, "choices of equal indices", choices * trace.half, trace.layers_text)
        return Cost(self.name, one.count, f"{one.unit} of the largest family", one.operations, trace.layers_text)

    def prepare(self, net: Network, trace: Trace, options: Options) -> Callable[[Domain], Element]:
        """Walk the collections of all families."""
        route = ROUTES["enumeration"]
        assert isinstance(route, PathSum)
        parts = [(c, route.prepare(net, family, Options())) for c, family in trace_families(net, trace)]
        return lambda domain: sum((part(domain) * c for c, part in parts), start=domain.element(0))


def trace_families(net: Network, trace: Trace) -> list[tuple[int, Family]]:
    """Return the trace as a sum of families with whole coefficients; their number grows like the square of the Bell number of k."""
    ends = zip(input_pairing(trace.cycles), output_pairing(trace.cycles), strict=True)
    inputs = net.widths[trace.first]
    return index_sum(net, [(p, q, 1) for p, q in ends], 1, lambda _: inputs, layers=(trace.first, trace.last))


TRACE_ROUTES: dict[str, TraceRoute] = {
    route.name: route for route in (Zonal(), TraceTransfer(), TracePairings(), TraceEnumeration())
}

_AUTOMATIC = ("zonal", "transfer")


def trace_moment(
    net: Network,
    k: int,
    *,
    layers: tuple[int, int] | None = None,
    route: str = "auto",
    budget: int | None = None,
    progress: Progress | None = None,
) -> Value:
    r"""Return E tr (J J^T)^k, exactly: the k-th moment of the squared singular values of the Jacobian, summed over them.

    J[q, p] = d f_q / d x_p is the Jacobian of `net`, with its laws and variances; nothing is normalised. Every output index of the trace occurs an even number
    of times, so it is determined by the moments of the weights for any symmetric laws and biases without atoms (Hanin 2018, section 3.1, with the
    decoupling of "what is determined" in the documentation).

    Parameters
    ----------
    net
        The network; widths, variances and laws may be symbolic.
    k
        The power, a whole number of 0 or more; 2k is the order in the entries.
    layers
        (i, j) for the Jacobian of the layers i+1..j alone; at zero bias a suffix carries the probability that the layers below are alive.
    route
        "auto", "zonal" (Gaussian or orthogonal weights, any k), "transfer" (every law), "pairings" or "enumeration" (cross-checks).
    budget
        The most of its unit (shapes, set partitions, pairings, collections) that the route may take.
    progress
        Called with (done, total) now and then, by "transfer".

    Returns
    -------
    A Fraction; a ball (flint.arb) where a law is not rational; a sympy expression in factored form where something is symbolic. For k = 0 the trace of the
    identity, n_d.

    Raises
    ------
    AtomsError, BudgetError, RouteError, OutOfRangeError, ArgumentError, UnknownNameError
        As in :func:`pathmoments.moment`.

    Cost
    ----
    Linear in the depth and independent of the widths: "zonal" takes k^2/4 shapes, "transfer" the even set partitions of 2k paths (4, 31, 379, 6556, 150349 for
    k = 2..6).

    >>> [str(trace_moment(Network([2, 3, 2]), k)) for k in range(5)]
    ['2', '2', '74/3', '2024/3', '868864/27']
    >>> [str(trace_moment(Network([2, 3, 2], law="rademacher"), k)) for k in (1, 2, 3)]
    ['2', '10', '680/9']

    One linear layer of Gaussian weights is a Wishart matrix, E tr W^2 = n p (n + p + 1):

    >>> trace_moment(Network([4, 3], output="linear", variance=1), 2) == 3 * 4 * (3 + 4 + 1)
    True
    """
    k = integer(k, "k", minimum=0, what="a whole number, 0 or more")
    check_trace_route(route)
    family = family_of(net, {(0, 0): 2 * k}, layers=layers)
    if k == 0:
        return _identity(net, family)
    return product_moment(net, (k,), layers=layers, route=route, budget=budget, progress=progress)


def product_moment(
    net: Network,
    cycles: tuple[int, ...],
    *,
    layers: tuple[int, int] | None = None,
    route: str = "auto",
    budget: int | None = None,
    progress: Progress | None = None,
) -> Value:
    """Return E prod_i tr (J J^T)^k_i for `cycles` = (k_1, k_2, ...), one or more, all 1 or more; the rest as in :func:`pathmoments.trace_moment`.

    >>> product_moment(Network([2, 3, 2]), (1, 1))
    Fraction(76, 3)
    """
    check_trace_route(route)
    cycles = tuple(sorted((integer(k, "k", minimum=1, what="a whole number, 1 or more") for k in cycles), reverse=True))
    if not cycles:
        raise ArgumentError(must_be("cycles", "one power or more", cycles))
    options = Options(budget=budget, progress=progress)
    family = family_of(net, {(0, 0): 2 * sum(cycles)}, layers=layers)
    check_determined(net, family)
    trace = Trace(cycles, family.first, family.last)
    chosen = TRACE_ROUTES[route] if route != "auto" else _cheapest(net, trace, budget)
    return chosen.evaluate(net, trace, options)


def check_trace_route(route: str) -> None:
    """Raise UnknownNameError unless it is "auto" or a route of traces."""
    if route != "auto" and route not in TRACE_ROUTES:
        raise UnknownNameError(must_be("route", "one of auto, " + ", ".join(TRACE_ROUTES), route))


def trace_cost(
    net: Network, k: int, *, layers: tuple[int, int] | None = None, route: str = "auto", budget: int | None = None
) -> Cost:
    """Return what :func:`trace_moment` takes for k >= 1, before it starts.

    >>> print(trace_cost(Network([2, 3, 2], law="uniform"), 4))
    transfer: 379 set partitions (2 layers)
    """
    family = family_of(net, {(0, 0): 2 * k}, layers=layers)
    trace = Trace((k,), family.first, family.last)
    chosen = TRACE_ROUTES[route] if route != "auto" else _cheapest(net, trace, budget)
    return chosen.cost(net, trace)


def _identity(net: Network, family: Family) -> Value:
    """Return n_d in the type that the network's other moments have."""
    width = net.widths[family.last]
    if is_symbolic(width):
        return width
    balls = any(not law.rational for law in net.laws[family.first : family.last])
    return arb(width) if balls else Fraction(width)


def _cheapest(net: Network, trace: Trace, budget: int | None) -> TraceRoute:
    """Return the first route that applies and is within budget: zonal polynomials where they apply."""
    candidates = [route for name in _AUTOMATIC if not (route := TRACE_ROUTES[name]).reason_against(net, trace)]
    for route in candidates:
        if route.fits(net, trace, budget):
            return route
    sizes = "; ".join(str(route.cost(net, trace)) for route in candidates)
    raise BudgetError(
        f"no exact route is within its budget for E {trace}: {sizes}. Use a smaller k, or a larger budget"
    )
