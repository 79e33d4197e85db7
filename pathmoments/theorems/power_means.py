"""(2): power means. With m hidden layers, m / beta <= (1/m) sum n_j <= ((1/m) sum n_j^2)^(1/2), with equality for equal widths.

So with the depth fixed, a budget of neurons (or of parameters) makes beta smallest when it is spent on equal widths.
"""

from __future__ import annotations

from fractions import Fraction

from ..network import Network
from .bound import Bound
from .statement import Statement, Verdict, beta


class PowerMeans(Statement):
    """beta >= m^2 / sum n_j, attained by equal widths."""

    equation = "2"
    title = "beta"
    what = "m / beta <= mean of the hidden widths <= their quadratic mean, equal for equal widths"
    order = 0
    depends_on_law = False

    def reason_against(self, net: Network, order: int) -> str | None:
        """Return None but for a network without hidden layers: (2) is about widths alone."""
        return "the network has no hidden layer" if net.depth == 1 else None

    def _judge(self, net: Network, order: int) -> Verdict:
        hidden = net.numeric_widths("(2)")[1:-1]
        lower = Bound.of(Fraction(len(hidden) ** 2, sum(hidden)))
        squares = Fraction(sum(n * n for n in hidden), len(hidden)) >= Fraction(sum(hidden), len(hidden)) ** 2
        verdict = self._compared("beta", beta(net), lower, None)
        if not squares:
            return Verdict(
                self.equation, "beta", "violated", verdict.exact, lower, note="the quadratic mean is too small"
            )
        return verdict
