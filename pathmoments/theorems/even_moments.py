"""(13): E Z[p, q]^(2K) <= C / n_0^K exp(C beta) for K < min n_j, C depending on K and the first 2K moments of the weights.

The paper does not say C. What can be said exactly: the smallest C that the value needs, C = W(beta y) / beta with y = n_0^K E Z^(2K) and W the Lambert
function (C = y at beta = 0), as a ball; and the rate at which log y really grows with beta when all hidden widths are n, to first order in 1/n.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from ..domains import BALL_BITS
from ..errors import ArgumentError
from ..exact import Value, scaled, to_fmpq
from ..network import Network
from ..quantities.median_of_means import Simulation
from ..quantities.moments import moment
from .statement import Statement, Verdict, beta


class EvenMoments(Statement):
    """The constant that the exact value needs, and the sharp rate beside it."""

    equation = "13"
    title = "E Z^2K"
    what = "E Z^2K <= C / n_0^K exp(C beta) for K < min n_j: the smallest C that is needed"

    def reason_against(self, net: Network, order: int) -> str | None:
        """Return the condition that fails: those of Definition 1, or K < min n_j."""
        if order % 2 or order < 2:
            raise ArgumentError(f"order must be even and at least 2, was {order}")
        smallest = min(net.numeric_widths("(13)"))
        if order // 2 >= smallest:
            return f"(13) is for K below the smallest width, and K = {order // 2}, the width {smallest}"
        return super().reason_against(net, order)

    def judge_all(
        self, net: Network, orders: Sequence[int], *, simulation: Simulation | None = None, budget: int | None = None
    ) -> Iterable[Verdict]:
        """Return one verdict an order."""
        return [self.judge(net, order=order) for order in orders]

    def _judge(self, net: Network, order: int) -> Verdict:
        exact = moment(net, {(0, 0): order})
        constant = smallest_constant(net, exact, order)
        rate = sharp_rate(net, order)
        note = f"needs C = {constant.str(6, radius=False)}" + (f"; sharp rate {rate}" if rate is not None else "")
        return Verdict(
            self.equation, f"E Z^{order}", "holds", exact, note=note, order=order, constant=float(constant.mid())
        )


def smallest_constant(net: Network, exact: Value, order: int) -> arb:
    """Return a ball around the smallest C with E Z^order <= C / n_0^(order/2) exp(C beta)."""
    inputs = net.numeric_widths("(13)")[0]
    with ctx.workprec(2 * BALL_BITS):
        normalised = scaled(exact, Fraction(inputs ** (order // 2)))
        y = normalised if isinstance(normalised, arb) else arb(to_fmpq(normalised))
        b = arb(to_fmpq(beta(net)))
        return (b * y).lambertw() / b if beta(net) else y


def sharp_rate(net: Network, order: int) -> Value | None:
    """Return c with log(n_0^K E Z^2K) = const + c beta + O(1/n^2) as all hidden widths n grow, the laws kept.

    None at depth 1, and for a law that is not rational.

    For Gaussian weights c = 5 K (K-1) / 2, whatever the depth, against the paper's 1/2 from below and 6 mt4max from above at K = 2.

    >>> sharp_rate(Network([2, 9, 9, 2]), 4), sharp_rate(Network([2, 9, 2]), 6)
    (5, 15)
    """
    if net.depth == 1 or not all(law.rational for law in net.laws):
        return None
    import sympy

    n = sympy.Symbol("n")
    family = Network([1, *(n,) * (net.depth - 1), 1], law=net.laws)
    value: Any = moment(family, {(0, 0): order})
    inverse = sympy.Symbol("u")
    series = sympy.Poly(sympy.expand(sympy.together(value.subs(n, 1 / inverse))), inverse)
    return series.coeff_monomial(inverse) / series.coeff_monomial(1) / (net.depth - 1)
