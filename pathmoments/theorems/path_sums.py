"""(16) and (17): Theorem 3 for one entry and Remark 3 for several, by every route that applies.

The path sum is walked literally (enumeration) and must equal, as a fraction, what the transfer over partitions gives, the closed form of Gaussian
weights, and the expectation over all patterns of the REAL network where the laws are finite (exhaustion: no path, no theorem). A simulation of real
networks must lie within a limit that is rigorous at finite sample size. Another route that would take too long is left out, and the verdict names those that took part.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import log10
from typing import Any

from flint import arb

from ..errors import ArgumentError
from ..exact import Value, to_fmpq
from ..families import Family, Power, check_determined, dependence, family_of
from ..network import Network
from ..quantities.median_of_means import Deviation, Simulation, can_be_simulated
from ..routes import ROUTES, Options, Route
from .statement import Statement, Status, Verdict

LIMITS = {"enumeration": 20_000, "transfer": 2_000, "gaussian": 5_000, "exhaustion": 3_000}
"""The largest cost of each exact route, in its own unit, that a case is worth: what is beyond the enumeration's is no case."""

MIXED: tuple[dict[tuple[int, int], int], ...] = (
    {(0, 0): 2, (1, 0): 2},
    {(0, 0): 2, (0, 1): 2},
    {(0, 0): 2, (1, 1): 2},
    {(0, 0): 1, (1, 0): 1, (0, 1): 1, (1, 1): 1},
    {(0, 0): 4, (1, 1): 2},
    {(0, 0): 2, (1, 0): 2, (0, 1): 2},
)
"""The monomials that (17) is tried on; those that fit the network and the orders asked for."""


class PathSums(Statement):
    """What (16) and (17) share: monomials, evaluated by every route that applies."""

    bounding = False

    def judge(self, net: Network, *, order: int = 6) -> Verdict:
        """Return the verdict on the monomial of that order, without a simulation; for (17), the first that is not confirmed, or the last."""
        verdicts = list(self.judge_all(net, [order]))
        return next((verdict for verdict in verdicts if verdict.status != "holds"), verdicts[-1])

    def reason_against(self, net: Network, order: int) -> str | None:
        """Return why not: the theorem is for every network of independent symmetric weights."""
        return dependence(net, Family((), 0, net.depth))

    def judge_all(
        self, net: Network, orders: Sequence[int], *, simulation: Simulation | None = None, budget: int | None = None
    ) -> Iterator[Verdict]:
        """Yield the verdict on each monomial of these orders; one simulation serves all of them."""
        net.numeric_widths(f"({self.equation})")
        if reason := self.reason_against(net, max(orders)):
            yield Verdict(self.equation, self.title, "not applicable", note=reason)
            return
        families = [family_of(net, power) for power in self.monomials(net, orders)]
        if not families:
            note = "no monomial of these orders fits the network"
            yield Verdict(self.equation, self.title, "not applicable", note=note)
        for family in families:
            check_determined(net, family)
        counts = [ROUTES["enumeration"].cost(net, family, budget).count for family in families]
        limit = LIMITS["enumeration"] if budget is None else budget
        for family, count in zip(families, counts, strict=True):
            if count > limit:
                note = f"the enumeration would walk {count:,} collections, over {limit:,}"
                yield Verdict(self.equation, f"E {family}", "not applicable", note=note)
        chosen = [family for family, count in zip(families, counts, strict=True) if count <= limit]
        values = [routes_of(net, family, limit) for family in chosen]
        exact = [(family, found["enumeration"]) for family, found in zip(chosen, values, strict=True)]
        deviations: list[Deviation | None] = [None] * len(chosen)
        if simulation is not None and chosen and can_be_simulated(net):
            deviations = list(simulation.compare(net, exact))
        for family, found, deviation in zip(chosen, values, deviations, strict=True):
            yield self._compared_routes(family, found, deviation)

    @abstractmethod
    def monomials(self, net: Network, orders: Sequence[int]) -> Iterable[Power]:
        """Return the monomials of these orders that fit the network."""

    def _compared_routes(self, family: Family, values: dict[str, Value], deviation: Deviation | None) -> Verdict:
        """Return the verdict: the routes agree, and the simulation lies within its limit."""
        exact, note, slack = values["enumeration"], " = ".join(values), None
        agrees = all(_same(value, exact) for value in values.values())
        if not agrees:
            note = "the routes disagree: " + ", ".join(f"{route} {value}" for route, value in values.items())
        if deviation is not None:
            agrees = agrees and deviation.agrees
            part = deviation.difference / deviation.limit if deviation.limit else 0.0
            slack = -log10(part) if part else None
            note += f"; simulation off by {part:.2g} of what is allowed"
        status: Status = "holds" if agrees else "violated"
        return Verdict(self.equation, f"E {family}", status, exact, note=note, order=family.size, slack=slack)


class Theorem3(PathSums):
    """One entry."""

    equation = "16"
    title = "E Z^2K"
    what = "the sum over collections of paths: enumeration = transfer = closed form = exhaustion of the real network; simulation"

    def monomials(self, net: Network, orders: Sequence[int]) -> Iterable[Power]:
        """Return the powers of one entry."""
        for order in orders:
            if order % 2 or order < 2:
                raise ArgumentError(f"order must be even and at least 2, was {order}")
        return [{(0, 0): order} for order in orders]


class Remark3(PathSums):
    """Several entries, those that the remark does not cover included: a pair may be odd where its output is even."""

    equation = "17"
    title = "E prod Z^2K"
    what = "the same for products of entries: enumeration = transfer = closed form = exhaustion of the real network; simulation"

    def monomials(self, net: Network, orders: Sequence[int]) -> Iterable[Power]:
        """Return the monomials of at most the largest order whose entries the network has."""
        inputs, *_, outputs = net.numeric_widths("(17)")
        return [
            power
            for power in MIXED
            if sum(power.values()) <= max(orders) and all(p < inputs and q < outputs for p, q in power)
        ]


def routes_of(net: Network, family: Family, collections: int) -> dict[str, Value]:
    """Return the value by each exact route that applies and is cheap enough; the enumeration always takes part."""
    limits = LIMITS | {"enumeration": collections}
    routes = [ROUTES[name] for name, limit in limits.items() if _applies(ROUTES[name], net, family, limit)]
    return {route.name: route.evaluate(net, family, Options(budget=limits[route.name])) for route in routes}


def _applies(route: Route, net: Network, family: Family, limit: int) -> bool:
    return route.reason_against(net, family) is None and route.cost(net, family, limit).count <= limit


def _same(value: Any, exact: Any) -> bool:
    """Whether two exact values are the same: fractions equal, balls (of laws that are not rational) overlapping."""
    if isinstance(value, Fraction) and isinstance(exact, Fraction):
        return value == exact
    return bool(_as_ball(value).overlaps(_as_ball(exact)))


def _as_ball(value: Any) -> arb:
    return value if isinstance(value, arb) else arb(to_fmpq(value))
