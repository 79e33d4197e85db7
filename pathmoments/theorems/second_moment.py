"""(11): E Z[p, q]^2 = 1 / n_0, for every architecture."""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from ..domains import BALL_BITS
from ..network import Network
from ..quantities.moments import moment
from .bound import Bound
from .statement import Statement, Verdict


class SecondMoment(Statement):
    """Equality: the mean square neither explodes nor vanishes."""

    equation = "11"
    title = "E Z^2"
    what = "E Z^2 = 1 / n_0"
    order = 2

    def _judge(self, net: Network, order: int) -> Verdict:
        bound = Bound.of(Fraction(1, net.numeric_widths("(11)")[0]))
        exact = moment(net, {(0, 0): 2})
        if isinstance(exact, arb) and exact.overlaps(bound.ball()):
            return Verdict(
                self.equation,
                "E Z^2",
                "attained",
                exact,
                bound,
                bound,
                note=f"to {BALL_BITS} bits: the law is not rational",
                order=self.order,
            )
        return self._compared("E Z^2", exact, bound, bound)
