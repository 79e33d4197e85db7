"""Moments on a graph: what :mod:`pathmoments.quantities.moments` asks where the network is a :class:`~pathmoments.DagNetwork`."""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from ..dag import NO_LAYERS, DagNetwork, check_determined
from ..errors import ArgumentError, OutOfRangeError, must_be
from ..exact import Value, integer
from ..families import Family, Power, checked_classes
from ..routes import Cost, Options, SampleMean
from ..routes.dags import DagRoute, DagSampling, dag_route_named


def dag_family(dag: DagNetwork, power: Power, layers: tuple[int, int] | None) -> Family:
    """Return the family of a monomial, after checking its indices and orders; a graph has no layers."""
    if layers is not None:
        raise ArgumentError(NO_LAYERS)
    classes = checked_classes(
        power,
        lambda p: _index(p, "p", len(dag.inputs), "inputs"),
        lambda q: _index(q, "q", len(dag.outputs), "outputs"),
    )
    return Family(classes, 0, 1)


def _index(index: object, name: str, count: int, what: str) -> int:
    number = integer(index, name, minimum=0, what="an index, 0 or more")
    if number >= count:
        raise OutOfRangeError(must_be(name, f"an index of the {what}, 0 to {count - 1}", number))
    return number


def dag_evaluate(dag: DagNetwork, family: Family, *, route: str, options: Options) -> Value:
    """Return the exact value of a checked family, with the convention for the empty monomial."""
    chosen = _checked(dag, family, route, options)
    if not family.classes:
        return Fraction(1) if all(law.rational for law in dag.laws) else arb(1)
    return chosen.evaluate(dag, family, options)


def dag_cost(dag: DagNetwork, family: Family, *, route: str, options: Options) -> Cost:
    """Return what the evaluation will take."""
    chosen = _checked(dag, family, route, options)
    return chosen.cost(dag, family) if family.classes else Cost("parity", 0, "terms", 0, "nothing to sum")


def _checked(dag: DagNetwork, family: Family, route: str, options: Options) -> DagRoute:
    check_determined(dag, family)
    return dag_route_named(route, dag, family, options)


def dag_sampled(dag: DagNetwork, family: Family, options: Options) -> SampleMean:
    """Return the sample mean over simulated networks."""
    return DagSampling().evaluate(dag, family, options)


def dag_reason_against_sampling(dag: DagNetwork) -> str | None:
    """Return why the network cannot be simulated, or None if it can."""
    return DagSampling().reason_against(dag)
