"""Theorem 2: bounds (14) and (15) of the expected empirical variance E dVar of the squared entries.

With M = n_0 n_d and eta = (n_0 - 1) / (n_0 n_d - 1), which has no value (0/0) at M = 1:

    (14)  E dVar <= (1 - 1/M) 6 mt4max/n_0^2 exp(6 mt4max beta),
    (15)  E dVar >= (1/n_0^2) (1 - 1/M) (1 - eta + (4 eta/n_1) (mt4^(1) - 1) e^(-1/n_1)) exp(beta/2).

(15) says nothing where its right side is 0: one output and Rademacher weights in the first layer. Then dVar can be identically 0 whatever the later
layers ([3,1,4,1]), so a large beta does not by itself force a large dVar.
"""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from typing import ClassVar

from ..exact import scaled
from ..network import Network
from ..quantities.variance import empirical_variance
from .bound import Bound
from .statement import Statement, Verdict, beta, largest_fourth_moment

_NAME = "E dVar"


class _Theorem2(Statement):
    title = _NAME
    alone: ClassVar[str]
    """What the statement says of a single entry."""

    def _judge(self, net: Network, order: int) -> Verdict:
        inputs, *_, outputs = net.numeric_widths("Theorem 2")
        if inputs * outputs == 1:
            return Verdict(self.equation, _NAME, "degenerate", Fraction(0), note=f"M = n_0 n_d = 1: {self.alone}")
        return self._bounded(net, inputs, outputs)

    @abstractmethod
    def _bounded(self, net: Network, inputs: int, outputs: int) -> Verdict:
        """Return the verdict for more than one entry."""


class VarianceUpper(_Theorem2):
    """The upper bound."""

    equation = "14"
    alone = "one entry has no spread, and both sides are 0"
    what = "E dVar <= (1 - 1/M) 6 mt4max/n_0^2 exp(6 mt4max beta)"

    def _bounded(self, net: Network, inputs: int, outputs: int) -> Verdict:
        mt4 = largest_fourth_moment(net)
        factor = scaled(mt4, 6 * (1 - Fraction(1, inputs * outputs)) / inputs**2)
        upper = Bound.of(factor, scaled(mt4, 6 * beta(net)))
        return self._compared(_NAME, empirical_variance(net), None, upper)


class VarianceLower(_Theorem2):
    """The lower bound."""

    equation = "15"
    alone = "one entry has no spread, and eta is 0/0"
    what = "E dVar >= (1/n_0^2)(1 - 1/M)(1 - eta + (4 eta/n_1)(mt4^(1) - 1) exp(-1/n_1)) exp(beta/2)"

    def _bounded(self, net: Network, inputs: int, outputs: int) -> Verdict:
        entries, first = inputs * outputs, net.numeric_widths("(15)")[1]
        eta = Fraction(inputs - 1, entries - 1)
        front = (1 - Fraction(1, entries)) / inputs**2
        excess = scaled(net.laws[0].moment(4) - 1, front * 4 * eta / first)
        lower = Bound(((front * (1 - eta), beta(net) / 2), (excess, beta(net) / 2 - Fraction(1, first))))
        exact = empirical_variance(net)
        if lower.rational() == 0:
            note = "the bound is 0: one output, and first-layer weights of constant size"
            return Verdict(self.equation, _NAME, "vacuous", exact, lower, note=note, order=self.order)
        return self._compared(_NAME, exact, lower, None)
