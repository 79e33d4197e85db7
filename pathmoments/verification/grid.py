"""What is verified: a grid of networks and of families of widths, statements, orders; and how many cases that is, before any of it begins."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from .._version import __version__
from ..errors import ArgumentError, BudgetError, UnknownNameError, must_be
from ..exact import count_text, integer
from ..laws import law_from_text, law_to_text
from ..network import OUTPUTS
from ..quantities.median_of_means import Simulation
from ..theorems import CRITERIA, FAMILIES, STATEMENTS, WidthFamily
from ..theorems.path_sums import LIMITS, MIXED

DEFAULT_LAWS = ("gaussian", "uniform", "rademacher", "laplace")
FALSE_ALARM = Fraction(1, 10**6)
"""The most that all simulations of a verification may raise a false alarm with, by proof."""
MAX_NETWORKS = 20_000
"""Networks of the largest grid that is verified without being asked twice."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What a verification is of: every network of depth 1 to `max_depth` with every width from 1 to `max_width`, with every law and output.

    Attributes
    ----------
    statements
        Numbers of equations, in the order of the suite; all by default.
    max_depth, max_width, laws, outputs
        The networks: all widths (n_0, ..., n_d), one law for all layers, the paper's variances 2 / fan_in.
    orders
        The full orders of (13), (16) and (17).
    families
        Formulas in j of families of widths, for (7), (8) and (9).
    budget
        The most collections that the enumeration of one case may take; a case that would take more is no case.
    samples, seed
        Simulated networks for (16) and (17), 0 for none.

    Raises
    ------
    ArgumentError, UnknownNameError
        If an argument is not what it must be.

    >>> Grid(max_depth=2, max_width=3, laws=("uniform",)).networks
    36
    """

    statements: tuple[str, ...] = ()
    max_depth: int = 4
    max_width: int = 3
    laws: tuple[str, ...] = DEFAULT_LAWS
    orders: tuple[int, ...] = (2, 4, 6)
    outputs: tuple[str, ...] = ("relu",)
    families: tuple[str, ...] = field(default_factory=lambda: tuple(FAMILIES))
    budget: int = LIMITS["enumeration"]
    samples: int = 4096
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every argument, and put statements and laws into their standard form."""
        known = suite()
        for name in self.statements:
            if name not in known:
                raise UnknownNameError(must_be("a statement", "all, or one of " + ", ".join(known), name))
        wanted = tuple(name for name in known if name in self.statements or not self.statements)
        object.__setattr__(self, "statements", wanted)
        for name, least in (("max_depth", 1), ("max_width", 1), ("budget", 1), ("samples", 0), ("seed", 0)):
            integer(getattr(self, name), name, minimum=least, what=f"a whole number, {least} or more")
        object.__setattr__(self, "laws", tuple(law_to_text(law_from_text(law)) for law in _listed(self.laws, "laws")))
        for order in _listed(self.orders, "orders"):
            integer(order, "an order", minimum=2, what="an even whole number, 2 or more")
            if order % 2:
                raise ArgumentError(must_be("an order", "an even whole number, 2 or more", order))
        for output in _listed(self.outputs, "outputs"):
            if output not in OUTPUTS:
                raise UnknownNameError(must_be("output", "one of " + ", ".join(OUTPUTS), output))
        for formula in self.families:
            WidthFamily(formula)

    @property
    def networks(self) -> int:
        """The number of networks: sum over depths of max_width^(depth + 1), for each law and output."""
        n, d = self.max_width, self.max_depth
        shapes = (
            d * (d + 3) // 2 if n == 1 and d > 10_000 else sum(n ** (depth + 1) for depth in range(1, min(d, 64) + 1))
        )
        return shapes * len(self.laws) * len(self.outputs)

    def check_size(self, limit: int | None) -> None:
        """Refuse a grid of more networks than the limit, with the count."""
        if limit is not None and self.networks > limit:
            raise BudgetError(
                f"the grid has {count_text(self.networks)} networks, over {limit:,}: lower max_depth or max_width, or go on with limit=None"
            )

    def simulation(self) -> Simulation | None:
        """Return what is simulated for each network, planned so that the false-alarm rate of all of them together is kept."""
        checks = self.networks * (len(self.orders) + len(MIXED))
        return (
            Simulation.planned(self.samples, checks=checks, false_alarm=FALSE_ALARM, seed=self.seed)
            if self.samples
            else None
        )

    def tasks(self) -> Iterator[str]:
        """Yield the tasks, each one network or one family with all its statements, as texts that say all that the result depends on."""
        per_network = [name for name in self.statements if name in STATEMENTS]
        simulation = self.simulation()
        common = {"task": "verify/1", "version": __version__, "orders": self.orders, "budget": self.budget}
        common["simulation"] = [simulation.samples, simulation.groups, simulation.seed] if simulation else None
        shapes = itertools.chain.from_iterable(
            itertools.product(range(1, self.max_width + 1), repeat=depth + 1) for depth in range(1, self.max_depth + 1)
        )
        for widths in shapes if per_network else ():
            for law, output in itertools.product(self.laws, self.outputs):
                once = (law, output) == (self.laws[0], self.outputs[0])
                statements = [name for name in per_network if once or STATEMENTS[name].depends_on_law]
                yield _text(common | {"widths": widths, "law": law, "output": output, "statements": statements})
        criteria = [name for name in self.statements if name in CRITERIA]
        for formula, law in itertools.product(self.families, self.laws) if criteria else ():
            statements = [name for name in criteria if law == self.laws[0] or CRITERIA[name].depends_on_law]
            yield _text(
                {"task": "criteria/1", "version": __version__, "family": formula, "law": law, "statements": statements}
            )

    def to_json(self) -> dict[str, Any]:
        """Return the grid as JSON has it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def suite() -> dict[str, Any]:
    """Return the registered statements by the numbers of their equations, in the paper's order."""
    return dict(sorted((STATEMENTS | CRITERIA).items(), key=lambda item: int(item[0])))


def _listed(values: Sequence[Any], name: str) -> Sequence[Any]:
    if not values:
        raise ArgumentError(f"{name} must have at least one entry")
    return values


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
