"""The one signature of all routes to E tr (J J^T)^k, and to products of traces: why not, what it costs, and the value.

A trace is a sum over indices of families, all with as many paths between the same layers. Its routes do not sum family by family: they know how the indices
run around, and take all of them at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from ..dihedral import Cycles
from ..domains import Domain, Element
from ..errors import BudgetError, RouteError
from ..exact import Value
from ..families import Family
from ..network import Network
from .base import Cost, Options, prefactor

COUNTED = 50
"""The k up to which what a route takes is counted: beyond it the count is that of k = 50, of 78 digits or more, and a lower bound."""


@dataclass(frozen=True)
class Trace:
    """prod_i tr (J J^T)^k_i of the Jacobian J of the layers first+1..last, all k_i >= 1 and at least one."""

    cycles: Cycles
    first: int
    last: int

    @property
    def half(self) -> int:
        """Half the number of paths: the sum of the k_i."""
        return sum(self.cycles)

    @property
    def family(self) -> Family:
        """A family of the sum: what it shares with all others (variances, domain, conditions) is that of the trace."""
        return Family(((0, 0, 2 * self.half),), self.first, self.last)

    def domain(self, net: Network) -> Domain:
        """Return the domain in which the sum is exact."""
        return net.domain(self.first, self.last, 2 * self.half)

    @property
    def layers_text(self) -> str:
        """The number of layers, with its noun."""
        count = self.last - self.first
        return f"{count} layer" + "s" * (count != 1)

    def __str__(self) -> str:
        return " ".join(f"tr (J J^T)^{k}" for k in self.cycles)


class TraceRoute(ABC):
    """A way to evaluate a trace that `check_determined` accepts."""

    name: ClassVar[str]
    default_budget: ClassVar[int]
    remedy: ClassVar[str] = "use route='auto', a smaller k, or a larger budget"

    @abstractmethod
    def reason_against(self, net: Network, trace: Trace) -> str | None:
        """Return why the route cannot evaluate this trace of this network, or None if it can."""

    @abstractmethod
    def cost(self, net: Network, trace: Trace) -> Cost:
        """Return what the evaluation will take, without starting it."""

    @abstractmethod
    def prepare(self, net: Network, trace: Trace, options: Options) -> Callable[[Domain], Element]:
        """Return the sum without the variances and the alive factor, for a domain."""

    def fits(self, net: Network, trace: Trace, budget: int | None) -> bool:
        """Whether the cost is within the budget."""
        return self.cost(net, trace).count <= (self.default_budget if budget is None else budget)

    def evaluate(self, net: Network, trace: Trace, options: Options) -> Value:
        """Return the expectation, after refusing what does not apply or is over budget."""
        if reason := self.reason_against(net, trace):
            raise RouteError(f"route {self.name!r} does not apply: {reason}")
        if not self.fits(net, trace, options.budget):
            budget = self.default_budget if options.budget is None else options.budget
            raise BudgetError(
                f"{self.name} of E {trace} takes {self.cost(net, trace).amount}, over the budget of {budget:,}: {self.remedy}"
            )
        element = self.prepare(net, trace, options)
        domain, front = trace.domain(net), prefactor(net, trace.family)
        return domain.settle(lambda: domain.value(front, element(domain)))


def falling_factorials(domain: Domain, width: object, count: int) -> list[Element]:
    """Return [1, n, n (n-1), ...], `count` + 1 of them.

    >>> from pathmoments.domains import Rationals
    >>> falling_factorials(Rationals(), 3, 4)
    [1, 3, 6, 6, 0]
    """
    n, falling = domain.element(width), [domain.element(1)]
    for i in range(count):
        falling.append(falling[-1] * (n - i))
    return falling
