"""The one signature of the exact routes on a graph, and the factors of a path sum there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import ClassVar

from ...dag import DagNetwork, Edge
from ...domains import Domain, Element
from ...errors import BudgetError
from ...exact import Value
from ...families import Family
from ..base import Cost, Options


class DagRoute(ABC):
    """A way to add up the path sum on a graph. It assumes a family that `check_determined` accepts."""

    name: ClassVar[str]
    default_budget: ClassVar[int]

    @abstractmethod
    def cost(self, dag: DagNetwork, family: Family) -> Cost:
        """Return what the evaluation will take, quickly and without starting it."""

    @abstractmethod
    def prepare(self, dag: DagNetwork, family: Family, options: Options) -> Callable[[Domain], Element]:
        """Do what does not depend on the domain, and return the function that gives the sum in a domain."""

    @abstractmethod
    def way_out(self) -> str:
        """Return what to do instead when the budget does not suffice."""

    def evaluate(self, dag: DagNetwork, family: Family, options: Options = Options()) -> Value:  # noqa: B008  # frozen
        """Return the moment: a Fraction, a ball, or a sympy expression."""
        budget = self.default_budget if options.budget is None else options.budget
        cost = self.cost(dag, family)
        if cost.count > budget:
            raise BudgetError(
                f"{self.name} of E[{family}] takes {cost.amount}, over the budget of {budget:,}: {self.way_out()}"
            )
        element = self.prepare(dag, family, options)
        domain = dag.domain(family.size)
        return domain.settle(lambda: domain.value(Fraction(1), element(domain)))


def edge_factor(domain: Domain, edge: Edge, multiplicity: int) -> Element:
    """Return E w^multiplicity: mt_m Var^(m/2), 0 for an odd m, or the power of a fixed weight."""
    if edge.law is None:
        return domain.element(edge.weight) ** multiplicity
    if multiplicity % 2:
        return domain.element(0)
    half = multiplicity // 2
    return domain.element(edge.law._even_moment(half)) * domain.element(edge.variance) ** half


def node_factor(dag: DagNetwork, place: int, load: int) -> Fraction:
    """Return what a node that `load` paths pass contributes: (1 + slope^load) / 2 with an activation, else 1."""
    slope = dag.slope_at(place)
    return Fraction(1) if slope is None or not load else (1 + slope**load) / 2
