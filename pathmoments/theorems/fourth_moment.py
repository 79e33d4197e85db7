"""(12): 2/n_0^2 exp(beta/2) <= E Z[p, q]^4 <= 6 mt4max/n_0^2 exp(6 mt4max beta)."""

from __future__ import annotations

from fractions import Fraction

from ..exact import scaled
from ..network import Network
from ..quantities.moments import moment
from .bound import Bound
from .statement import Statement, Verdict, beta, largest_fourth_moment


class FourthMoment(Statement):
    """Both bounds; the lower one is attained by Rademacher weights at depth 1, where beta = 0."""

    equation = "12"
    title = "E Z^4"
    what = "2/n_0^2 exp(beta/2) <= E Z^4 <= 6 mt4max/n_0^2 exp(6 mt4max beta)"

    def _judge(self, net: Network, order: int) -> Verdict:
        square = Fraction(1, net.numeric_widths("(12)")[0] ** 2)
        mt4 = largest_fourth_moment(net)
        lower = Bound.of(2 * square, beta(net) / 2)
        upper = Bound.of(scaled(mt4, 6 * square), scaled(mt4, 6 * beta(net)))
        return self._compared("E Z^4", moment(net, {(0, 0): 4}), lower, upper)
