"""Moments of entries of the input-output Jacobian, polynomials in them, and the simulation beside them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf, isfinite, sqrt
from typing import TYPE_CHECKING, Any, Literal, overload

from flint import arb, ctx

from ..dag import DagNetwork
from ..domains import BALL_BITS
from ..errors import ArgumentError, RouteError, must_be
from ..exact import Value, expression, integer, is_symbolic, rational, scaled
from ..families import Family, Power, check_determined, check_outputs, family_of
from ..network import Network
from ..routes import (
    DEFAULT_SAMPLES,
    ROUTES,
    Cost,
    Estimate,
    Options,
    Progress,
    SampleMean,
    check_route_name,
    route_named,
)
from .dags import dag_cost, dag_evaluate, dag_family, dag_reason_against_sampling, dag_sampled

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import sympy


@overload
def moment(
    net: Network | DagNetwork,
    power: Power,
    *,
    route: Literal["sampling"],
    layers: tuple[int, int] | None = None,
    budget: int | None = None,
    x: Sequence[object] | None = None,
    samples: int = DEFAULT_SAMPLES,
    seed: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Estimate: ...


@overload
def moment(
    net: Network | DagNetwork,
    power: Power,
    *,
    layers: tuple[int, int] | None = None,
    route: str = "auto",
    budget: int | None = None,
    x: Sequence[object] | None = None,
    samples: int = DEFAULT_SAMPLES,
    seed: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Value: ...


def moment(
    net: Network | DagNetwork,
    power: Power,
    *,
    layers: tuple[int, int] | None = None,
    route: str = "auto",
    budget: int | None = None,
    x: Sequence[object] | None = None,
    samples: int = DEFAULT_SAMPLES,
    seed: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Value | Estimate:
    r"""Return E prod Z[p, q]^order, exactly.

    Z[p, q] = d f_q / d x_p is the derivative of output q by input p of the random network `net`, with the weight laws and
    variances of `net`; nothing is normalised. This is Theorem 3 of Hanin (2018) for one entry, Remark 3 for several, and by the
    decoupling of the activations (see "what is determined" in the documentation) also holds when every output index is even but
    a pair (p, q) is odd.

    Parameters
    ----------
    net
        The network; or a :class:`pathmoments.DagNetwork`, whose inputs and outputs p and q count, and which has no layers.
    power
        {(p, q): order}, 0-based input and output indices and full orders: {(0, 0): 4} is E Z[0, 0]^4 (the paper's K = 2).
    layers
        (i, j) for the Jacobian of the layers i+1..j alone, d Act^(j)_q / d Act^(i)_p, with p and q indices into layers i and
        j. At zero bias a suffix carries the probability that the layers below are alive. By default the whole network.
    route
        "auto" (the cheapest exact route that applies), "enumeration", "transfer", "haar", "gaussian", "exhaustion", or "sampling",
        which gives what :func:`estimate` gives.
    budget
        The most of its unit (collections, states, patterns) that the route may take; see :func:`cost`.
    x
        The input, exact numbers: for "exhaustion" (1, 2, ..., n_0) by default, for "sampling" all ones. No other route reads it.
    samples, seed, executor
        For "sampling" alone, see :func:`estimate`.
    progress
        Called with (done, total) now and then.

    Returns
    -------
    A Fraction; a ball (flint.arb) that contains the value where a law is not rational; a sympy expression where a width or a
    law is symbolic. Exactly 0 where an input index (or a linear output index) occurs an odd number of times; exactly 1 for the
    empty monomial. From "sampling" an :class:`Estimate`.

    Raises
    ------
    UndeterminedMomentError
        If an output with the activation occurs an odd number of times.
    AtomsError
        If a pre-activation can be exactly 0: a law with atoms at zero bias.
    BudgetError
        If the sum is too large for the route, with the count and the route that would do.
    RouteError
        If the route named does not apply.
    OutOfRangeError, ArgumentError, UnknownMomentError, UnknownNameError
        For indices outside the network, orders that are no whole numbers, moments that a law was not given, unknown routes.

    Cost
    ----
    Operations linear in the depth and independent of the widths, on integers whose length grows with log(width), except by
    enumeration and exhaustion; see :func:`cost`.

    >>> net = Network([2, 3, 4, 2], law="uniform")
    >>> moment(net, {(0, 0): 4})
    Fraction(993, 250)
    >>> moment(net, {(0, 0): 4}, route="enumeration")
    Fraction(993, 250)

    Mixed entries, and one that parity makes 0:

    >>> moment(Network([2, 2, 2]), {(0, 0): 1, (1, 0): 1, (0, 1): 1, (1, 1): 1})
    Fraction(1, 4)
    >>> moment(net, {(0, 0): 1, (1, 0): 1})
    Fraction(0, 1)

    A linear network of depth 1 is its weight: E Z^4 = mt_4 Var^2.

    >>> moment(Network([3, 1], output="linear", variance=1), {(2, 0): 4})
    Fraction(3, 1)
    """
    if route == "sampling":
        return estimate(
            net, power, samples=samples, seed=seed, x=x, layers=layers, progress=progress, executor=executor
        )
    family = _family(net, power, layers)
    return evaluate(net, family, route=route, options=Options(budget=budget, x=x, progress=progress))


def _family(net: Network | DagNetwork, power: Power, layers: tuple[int, int] | None) -> Family:
    return dag_family(net, power, layers) if isinstance(net, DagNetwork) else family_of(net, power, layers=layers)


def evaluate(net: Network | DagNetwork, family: Family, *, route: str, options: Options) -> Value:
    """Return the exact value of a checked family, with the conventions for what needs no route."""
    if isinstance(net, DagNetwork):
        return dag_evaluate(net, family, route=route, options=options)
    _check(net, family, route)
    if not family.classes:
        return _constant(net, family, 1)
    if family.vanishes() and not _must_meet_the_network(family, route):
        return _constant(net, family, 0)
    value: Value = route_named(route, net, family, options).evaluate(net, family, options)
    return value


def _constant(net: Network, family: Family, number: int) -> Value:
    """Return 0 or 1, exactly, in the type that the network's other moments have: balls do not mix with fractions."""
    balls = any(not law.rational for law in net.laws[family.first : family.last])
    return arb(number) if balls else Fraction(number)


def _must_meet_the_network(family: Family, route: str) -> bool:
    """Whether parity may not answer: exhaustion is asked of the real network (an odd size is 0 by the output's sign alone)."""
    return route == "exhaustion" and family.size % 2 == 0


def _check(net: Network, family: Family, route: str) -> None:
    """Refuse unknown routes and what is not determined; exhaustion meets every pre-activation, and refuses a zero itself."""
    check_route_name(route)
    if route == "exhaustion":
        check_outputs(net, family)
    else:
        check_determined(net, family)


def cost(
    net: Network | DagNetwork,
    power: Power,
    *,
    layers: tuple[int, int] | None = None,
    route: str = "auto",
    budget: int | None = None,
) -> Cost:
    """Return what `moment` will take by that route, before it starts.

    Parameters
    ----------
    net, power, layers, route, budget
        As in :func:`moment`.

    Returns
    -------
    A :class:`Cost`: the route that "auto" takes, the count and its unit, and a note.

    >>> net = Network([2, 3, 4, 2], law="uniform")
    >>> print(cost(net, {(0, 0): 6}))
    transfer: 3 states (3 layers)
    >>> print(cost(net, {(0, 0): 6}, route="enumeration"))
    enumeration: 12,376 collections (2,985,984 ordered)
    """
    family = _family(net, power, layers)
    if isinstance(net, DagNetwork):
        return dag_cost(net, family, route=route, options=Options(budget=budget))
    _check(net, family, route)
    if not family.classes or (family.vanishes() and not _must_meet_the_network(family, route)):
        return Cost("parity", 0, "terms", 0, "nothing to sum")
    chosen = route_named(route, net, family, Options(budget=budget))
    if reason := chosen.reason_against(net, family):
        raise RouteError(f"route {route!r} does not apply: {reason}")
    return chosen.cost(net, family, budget)


def expect(
    net: Network | DagNetwork,
    polynomial: sympy.Expr,
    *,
    layers: tuple[int, int] | None = None,
    route: str = "auto",
    budget: int | None = None,
) -> Value:
    """Return the exact expectation of a polynomial in the entries `Z[p, q]` of the Jacobian.

    Parameters
    ----------
    net, layers, route, budget
        As in :func:`moment`.
    polynomial
        A sympy polynomial in `pathmoments.Z[p, q]`, with exact (or symbolic) coefficients.

    Returns
    -------
    A Fraction, ball or sympy expression, as :func:`moment`. A ball is as wide as its terms add up to: where they cancel it can have
    fewer than 100 correct bits.

    Raises
    ------
    ArgumentError
        If the expression is not a polynomial in `Z[p, q]`, or a coefficient is a float.
    UndeterminedMomentError
        If a monomial has an odd number of factors at an activated output.

    Cost
    ----
    One moment for each kind of monomial: monomials alike up to relabelling are evaluated once.

    >>> from pathmoments import Z
    >>> expect(Network([2, 3, 2]), (Z[0, 0]**2 + Z[1, 0]**2)**2)
    Fraction(32, 3)
    """
    if route == "sampling":
        raise RouteError(
            "a polynomial has no exact standard error here: use estimate for its monomials, or iter_jacobians"
        )
    values: dict[Family, Value] = {}
    terms: list[tuple[Value, Family]] = []
    for coefficient, power in _monomials(polynomial):
        family = _family(net, power, layers)
        terms.append((coefficient, family.relabelled() if isinstance(net, Network) else family))
        if terms[-1][1] not in values:
            values[terms[-1][1]] = evaluate(net, family, route=route, options=Options(budget=budget))
    if any(isinstance(value, arb) for value in values.values()) and any(is_symbolic(c) for c, _ in terms):
        raise ArgumentError(
            "a polynomial with symbolic coefficients needs a rational law, and the moments here are balls: give numbers"
        )
    with ctx.workprec(2 * BALL_BITS):  # balls are added at more than their own accuracy
        total: Any = sum(scaled(values[key], coefficient) for coefficient, key in terms)
    return Fraction(total) if isinstance(total, int) else total


def _monomials(polynomial: object) -> list[tuple[Any, dict[tuple[int, int], int]]]:
    """Return (coefficient, power) a monomial of a sympy polynomial in Z[p, q]."""
    import sympy

    given = sympy.sympify(polynomial) if isinstance(polynomial, (int, Fraction)) else polynomial
    if not isinstance(given, sympy.Expr):
        raise ArgumentError(must_be("polynomial", "a sympy polynomial in Z[p, q], such as Z[0, 0]**2", polynomial))
    whole: Any = expression(given, "polynomial", positive=False)
    entries = sorted(whole.atoms(sympy.Indexed), key=str)
    for entry in entries:
        if str(entry.base.label) != "Z" or len(entry.indices) != 2:
            raise ArgumentError(must_be("polynomial", "in the entries Z[p, q]", str(entry)))
    if not entries:
        return [(_coefficient(whole), {})] if whole != 0 else []
    try:
        terms = sympy.Poly(whole, *entries).terms()
    except sympy.PolynomialError as error:
        raise ArgumentError(must_be("polynomial", "a polynomial in Z[p, q]", str(whole))) from error
    monomials = []
    for powers, coefficient in terms:
        power = {
            (_index(entry.indices[0]), _index(entry.indices[1])): int(order)
            for entry, order in zip(entries, powers, strict=True)
            if order
        }
        monomials.append((_coefficient(coefficient), power))
    return monomials


def _index(index: Any) -> int:
    if not index.is_Integer:
        raise ArgumentError(must_be("an index of Z", "a whole number", str(index)))
    return int(index)


def _coefficient(coefficient: Any) -> Value:
    import sympy

    if coefficient.has(sympy.Indexed, sympy.IndexedBase):
        raise ArgumentError(must_be("polynomial", "a polynomial in Z[p, q] with whole indices", str(coefficient)))
    if is_symbolic(coefficient):
        return coefficient
    return rational(coefficient, "a coefficient")


def estimate(
    net: Network | DagNetwork,
    power: Power,
    *,
    samples: int = DEFAULT_SAMPLES,
    seed: int | None = None,
    x: Sequence[object] | None = None,
    layers: tuple[int, int] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Estimate:
    """Simulate real networks with numpy and hold the sample mean of a monomial against its exact expectation.

    Parameters
    ----------
    net, power, layers
        As in :func:`moment`. The law must have a sampler; `bias="atomless"` is drawn as uniform biases of the weights' variance.
    samples
        How many networks to draw; memory does not depend on it.
    seed
        A whole number; the same (net, samples, seed) gives the same mean. By default a fresh one, reported in the result.
    x
        The input, exact numbers; all ones by default. The exact value does not depend on it.
    progress
        Called with (done, samples).
    executor
        A standard executor (`concurrent.futures.Executor`) whose processes draw the networks, such as that of a Dask client; by
        default this process does. The mean does not depend on it.

    Returns
    -------
    An :class:`Estimate`: the mean, the exact moment, the exact standard error sqrt((E M^2 - (E M)^2) / samples) of the monomial M,
    and the z-score.

    Raises
    ------
    As :func:`moment`, and RouteError if a law is known by its moments only or a width is a symbol; ClusterError if the executor's
    workers go away.

    Cost
    ----
    Within 1.5 times of drawing the weights and multiplying the matrices; memory of one block.

    >>> result = estimate(Network([2, 3, 2], law="uniform"), {(0, 0): 4}, samples=20_000, seed=1)
    >>> result.exact, abs(result.z) < 5
    (Fraction(52, 25), True)
    """
    family = _family(net, power, layers)
    if reason := _reason_against_sampling(net, family):
        raise RouteError(f"a simulation is not possible: {reason}")
    samples = integer(samples, "samples", minimum=1, what="a whole number, 1 or more")
    exact = evaluate(net, family, route="auto", options=Options())
    second = evaluate(net, family.squared(), route="auto", options=Options())
    variance: Any = second - exact * exact  # type: ignore[operator]  # both numbers
    deviation = sqrt(max(0.0, _float(variance, family)))
    _float(exact, family)
    options = Options(samples=samples, seed=seed, x=x, progress=progress, executor=executor)
    drawn = _sampled(net, family, options)
    return Estimate(drawn.mean, exact, deviation / sqrt(samples), samples, drawn.seed)


def _reason_against_sampling(net: Network | DagNetwork, family: Family) -> str | None:
    if isinstance(net, DagNetwork):
        return dag_reason_against_sampling(net)
    return ROUTES["sampling"].reason_against(net, family)


def _sampled(net: Network | DagNetwork, family: Family, options: Options) -> SampleMean:
    if isinstance(net, DagNetwork):
        return dag_sampled(net, family, options)
    drawn: SampleMean = ROUTES["sampling"].evaluate(net, family, options)
    return drawn


def _float(value: Any, family: Family) -> float:
    """Return the nearest float, for what is sampled; refuse what no float can hold."""
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise RouteError(
            f"the variance of {family} is beyond the range of floats, so no simulation can meet it: lower the order"
        )
    return number
