"""Moments of the entries, the empirical variance, and beta."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ...errors import ArgumentError, must_be
from ...exact import is_symbolic
from ...families import Power
from ...network import Network
from ...quantities.moments import cost, moment
from ...quantities.variance import empirical_variance, fourth_moments
from .base import Column, Curve, Quantity, no_words

_FOURTH: tuple[Power, ...] = ({(0, 0): 4}, {(0, 0): 2, (1, 0): 2}, {(0, 0): 2, (0, 1): 2}, {(0, 0): 2, (1, 1): 2})


def moment_column(power: Power) -> Column:
    """Return the column of a moment, such as E Z[0,0]^2 Z[1,1]^2."""
    factors = [(p, q, m) for (p, q), m in sorted(power.items()) if m]
    name = " ".join(f"Z[{p},{q}]" + (f"^{m}" if m > 1 else "") for p, q, m in factors) or "1"
    latex = " ".join(f"Z_{{{p},{q}}}" + (f"^{{{m}}}" if m > 1 else "") for p, q, m in factors) or "1"
    return Column(f"E {name}", rf"$\mathbb{{E}}\,{latex}$", sum(m for _, _, m in factors))


class Moment(Quantity):
    """E prod Z[p, q]^order."""

    def __init__(self, power: Power) -> None:
        self.power = {entry: order for entry, order in sorted(power.items()) if order}
        self.text = "moment " + (";".join(f"{p},{q}={m}" for (p, q), m in self.power.items()) or "0,0=0")
        self.columns = (moment_column(self.power),)
        self.curve = Curve(0) if len(self.power) == 1 else None
        self.inputs = 1 + max((p for p, _ in self.power), default=0)
        self.outputs = 1 + max((q for _, q in self.power), default=0)

    @classmethod
    def read(cls, words: Sequence[str]) -> Moment:
        """Return the quantity of "0,0=2;1,1=2"; the same entry twice multiplies."""
        power: dict[tuple[int, int], int] = {}
        for factor in "".join(words).split(";"):
            match = re.fullmatch(r"(\d{1,18}),(\d{1,18})=(\d{1,9})", factor, re.ASCII)
            if not match:
                requirement = "P,Q=ORDER with whole numbers, several with ; between them, such as 0,0=2;1,1=2"
                raise ArgumentError(must_be("a moment", requirement, " ".join(words)))
            p, q, order = map(int, match.groups())
            power[p, q] = power.get((p, q), 0) + order
        return cls(power)

    def values(self, net: Network) -> Sequence[Any]:
        """Return the moment."""
        return (moment(net, self.power),)

    def check(self, net: Network) -> None:
        """Refuse entries outside the network, what is not determined, and what no route can afford."""
        cost(net, self.power)


class Variance(Quantity):
    """E dVar, the expected empirical variance of the squared entries (Theorem 2)."""

    text = "variance"
    columns = (Column("E dVar", r"$\mathbb{E}\,\widehat{\mathrm{Var}}[Z^2]$", 4),)
    curve = Curve(0)

    @classmethod
    def read(cls, words: Sequence[str]) -> Variance:
        """Return the quantity; it takes no numbers."""
        no_words(cls.text, words)
        return cls()

    def values(self, net: Network) -> Sequence[Any]:
        """Return E dVar."""
        return (empirical_variance(net),)

    def check(self, net: Network) -> None:
        """Refuse a network on which fourth moments are not determined."""
        cost(net, _FOURTH[0])


class Fourth(Quantity):
    """The fourth moments that E dVar is made of: one entry, two with one output, two with one input, two with neither in common."""

    text = "fourth"
    columns = tuple(map(moment_column, _FOURTH))
    curve = Curve(0)

    @classmethod
    def read(cls, words: Sequence[str]) -> Fourth:
        """Return the quantity; it takes no numbers."""
        no_words(cls.text, words)
        return cls()

    def values(self, net: Network) -> Sequence[Any]:
        """Return the four moments, None where the network has no such entries."""
        found = fourth_moments(net)
        return (found.single, found.same_output, found.same_input, found.different)

    def check(self, net: Network) -> None:
        """Refuse a network on which fourth moments are not determined."""
        cost(net, _FOURTH[0])


class Beta(Quantity):
    """beta, the sum of 1/n_j over the hidden layers: the paper's measure of an architecture."""

    text = "beta"
    columns = (Column("beta", r"$\beta$"),)

    @classmethod
    def read(cls, words: Sequence[str]) -> Beta:
        """Return the quantity; it takes no numbers."""
        no_words(cls.text, words)
        return cls()

    def values(self, net: Network) -> Sequence[Any]:
        """Return beta; a formula where a width is a symbol."""
        hidden: Any = net.widths[1:-1]
        if not any(map(is_symbolic, hidden)):
            return (sum((Fraction(1, n) for n in hidden), start=Fraction(0)),)
        import sympy

        return (sympy.factor(sympy.Add(*(1 / sympy.sympify(n) for n in hidden))),)

    def check(self, net: Network) -> None:
        """Refuse nothing: every network has a beta."""
