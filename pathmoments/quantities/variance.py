r"""Theorem 2: the expected empirical variance of the squared entries of the Jacobian, exactly.

With M = n_0 n_d entries, dVar = (1/M) sum Z^4 - ((1/M) sum Z^2)^2 over all entries (p, q). Entries are alike up to relabelling, so its expectation
is made of four fourth moments,

    E dVar = (1/M) [(M - 1) E Z^4 - (n_0 - 1) A - (n_d - 1) B - (n_0 - 1)(n_d - 1) C],

A = E Z[p,q]^2 Z[p',q]^2, B = E Z[p,q]^2 Z[p,q']^2 and C = E Z[p,q]^2 Z[p',q']^2 for p != p', q != q'. For any laws, widths and depth.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..exact import Value, is_symbolic
from ..families import check_determined, family_of
from ..network import Network
from ..routes import Options
from ..routes.combination import Term, evaluate_combination
from .moments import moment

_FOURTH = {
    "single": {(0, 0): 4},
    "same_output": {(0, 0): 2, (1, 0): 2},
    "same_input": {(0, 0): 2, (0, 1): 2},
    "different": {(0, 0): 2, (1, 1): 2},
}


@dataclass(frozen=True)
class FourthMoments:
    """The four fourth moments of the Jacobian that Theorem 2 is made of; None where the network has no such entries.

    Attributes
    ----------
    single
        E Z[p, q]^4.
    same_output
        E Z[p, q]^2 Z[p', q]^2 for two inputs; None with one input.
    same_input
        E Z[p, q]^2 Z[p, q']^2 for two outputs; None with one output.
    different
        E Z[p, q]^2 Z[p', q']^2 for two inputs and two outputs; None with one of either.
    """

    single: Value
    same_output: Value | None
    same_input: Value | None
    different: Value | None


def fourth_moments(
    net: Network, *, layers: tuple[int, int] | None = None, route: str = "auto", budget: int | None = None
) -> FourthMoments:
    """Return the four kinds of fourth moments of the entries of the Jacobian.

    Parameters, errors and cost as in :func:`pathmoments.moment`.

    >>> fourth_moments(Network([2, 3, 2]))
    FourthMoments(single=Fraction(4, 1), same_output=Fraction(4, 3), same_input=Fraction(2, 3), different=Fraction(1, 3))
    """
    values = {
        kind: moment(net, power, layers=layers, route=route, budget=budget) if _exists(net, power, layers) else None
        for kind, power in _FOURTH.items()
    }
    return FourthMoments(**values)


def empirical_variance(
    net: Network, *, layers: tuple[int, int] | None = None, route: str = "auto", budget: int | None = None
) -> Value:
    r"""Return E dVar, the expected empirical variance of the squared entries Z[p, q]^2 over all p and q, exactly.

    dVar = (1/M) sum Z^4 - ((1/M) sum Z^2)^2 with M = n_0 n_d, as in Theorem 2 of Hanin (2018); nothing is normalised.

    Parameters
    ----------
    net, layers, route, budget
        As in :func:`pathmoments.moment`; with `layers` the entries are those of the section. Routes: "auto", "enumeration",
        "transfer", "haar", "gaussian".

    Returns
    -------
    A Fraction, a ball, or a sympy expression in factored form. Exactly 0 for a single entry (M = 1).

    Raises
    ------
    AtomsError, BudgetError, RouteError, OutOfRangeError
        As in :func:`pathmoments.moment`.

    Cost
    ----
    Four moments of order 4: linear in the depth, independent of the widths.

    >>> from pathmoments import Network, empirical_variance
    >>> [str(empirical_variance(Network([2, 3, 2], law=law))) for law in ("gaussian", "uniform", "rademacher", "laplace")]
    ['29/12', '169/150', '2/3', '211/24']
    >>> empirical_variance(Network([1, 5, 1]))
    Fraction(0, 1)
    """
    whole = family_of(net, _FOURTH["single"], layers=layers)
    check_determined(net, whole)
    inputs, outputs = net.widths[whole.first], net.widths[whole.last]
    entries: Any = inputs * outputs
    if entries == 1:
        return Fraction(0)
    coefficients: dict[str, Any] = {
        "single": entries - 1,
        "same_output": 1 - inputs,
        "same_input": 1 - outputs,
        "different": -(inputs - 1) * (outputs - 1),
    }
    terms: list[Term] = [
        (coefficients[kind], family_of(net, power, layers=layers))
        for kind, power in _FOURTH.items()
        if _exists(net, power, layers)
    ]
    front = 1 / entries if is_symbolic(entries) else Fraction(1, entries)
    return evaluate_combination(net, terms, front, route=route, options=Options(budget=budget))


def _exists(net: Network, power: dict[tuple[int, int], int], layers: tuple[int, int] | None) -> bool:
    """Whether the section has the inputs and outputs that the monomial needs."""
    first, last = (0, net.depth) if layers is None else layers
    inputs, outputs = net.widths[first], net.widths[last]
    most_p, most_q = max(p for p, _ in power), max(q for _, q in power)
    return (is_symbolic(inputs) or most_p < inputs) and (is_symbolic(outputs) or most_q < outputs)
