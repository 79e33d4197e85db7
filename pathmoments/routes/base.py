"""The one signature of all routes: why not, what it costs, and the value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from ..domains import Domain, Element
from ..errors import BudgetError, RouteError
from ..exact import Value, count_text, integer, scaled
from ..families import Family, alive_factor
from ..network import Network

if TYPE_CHECKING:
    from concurrent.futures import Executor

Progress = Callable[[int, int], None]
"""Called with (done, total) in the unit of the route's cost."""


DEFAULT_SAMPLES = 100_000


@dataclass(frozen=True)
class Cost:
    """What a route will take, known before it starts.

    `count` is the number of `unit` (collections, states, patterns, samples); `operations` estimates the elementary steps, for
    comparing routes; `note` says the rest in words.
    """

    route: str
    count: int
    unit: str
    operations: int
    note: str = ""

    @property
    def amount(self) -> str:
        """The count with its unit, such as "1 state" or "54,264 collections"."""
        noun, _, rest = self.unit.partition(" ")
        noun = noun.removesuffix("s") if self.count == 1 else noun
        return f"{count_text(self.count)} {noun} {rest}".rstrip()

    def __str__(self) -> str:
        return f"{self.route}: {self.amount}" + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True)
class Options:
    """What a caller may set for a route; each route reads what it needs."""

    budget: int | None = None
    x: Sequence[object] | None = None
    samples: int = DEFAULT_SAMPLES
    seed: int | None = None
    progress: Progress | None = field(default=None, compare=False)
    executor: Executor | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.budget is not None:
            integer(self.budget, "budget", minimum=1, what="a whole number, 1 or more")


class Route(ABC):
    """A way to evaluate a family. A route assumes a family that `check_determined` accepts and that does not vanish."""

    name: ClassVar[str]
    exact: ClassVar[bool] = True
    default_budget: ClassVar[int]

    @abstractmethod
    def reason_against(self, net: Network, family: Family) -> str | None:
        """Return why the route cannot evaluate this family of this network, or None if it can."""

    @abstractmethod
    def cost(self, net: Network, family: Family, budget: int | None = None) -> Cost:
        """Return what the evaluation will take, quickly and without starting it (a count above `budget` may be a lower bound)."""

    @abstractmethod
    def evaluate(self, net: Network, family: Family, options: Options = Options()) -> Any:  # frozen
        """Return the value: exact from an exact route, an estimate from sampling."""

    def checked_cost(self, net: Network, family: Family, options: Options) -> Cost:
        """Return the cost, after refusing what does not apply or is over budget."""
        if reason := self.reason_against(net, family):
            raise RouteError(f"route {self.name!r} does not apply: {reason}")
        budget = self.default_budget if options.budget is None else options.budget
        cost = self.cost(net, family, budget)
        if cost.count > budget:
            raise BudgetError(
                f"{self.name} of E[{family}] takes {cost.amount}, over the budget of {budget:,}: "
                + self.way_out(net, family)
            )
        return cost

    def way_out(self, net: Network, family: Family) -> str:
        """Return what to do instead when the budget does not suffice."""
        return "use route='auto', or a larger budget"


class PathSum(Route):
    """A route that adds up the path sum of Theorem 3, each in its way: variances and alive factor stand in front."""

    @abstractmethod
    def prepare(self, net: Network, family: Family, options: Options) -> Callable[[Domain], Element]:
        """Do what does not depend on the domain, and return the function that gives the sum at unit variances in a domain."""

    def evaluate(self, net: Network, family: Family, options: Options = Options()) -> Value:
        """Return the moment: a Fraction, a ball, or a sympy expression."""
        self.checked_cost(net, family, options)
        element = self.prepare(net, family, options)
        domain = net.domain(family.first, family.last, family.size)
        front = prefactor(net, family)
        return domain.settle(lambda: domain.value(front, element(domain)))


def prefactor(net: Network, family: Family) -> Value:
    """Return what a path sum at unit variances is multiplied by: Var^(m/2) a layer (m paths, m edges), and the alive factor."""
    half = family.size // 2
    domain = net.domain(family.first, family.last, family.size)
    variances = domain.power_product((variance, half) for variance in net.variances[family.first : family.last])
    return scaled(alive_factor(net, family), variances)
