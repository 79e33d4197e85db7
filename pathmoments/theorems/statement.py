"""What every statement has: an equation, conditions, and a verdict on a network."""

from __future__ import annotations

import sys
from abc import ABC
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import ClassVar, Literal

from flint import arb

from ..exact import Value, decimal_text, fraction_text, to_fmpq
from ..families import Family, dependence
from ..network import Network
from ..quantities.median_of_means import Simulation
from .bound import Bound

Status = Literal["holds", "attained", "violated", "vacuous", "degenerate", "not applicable", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """What a statement says of a network, and whether it is so.

    Attributes
    ----------
    equation, quantity
        The number in the paper, and the name of what is bounded.
    status
        "holds" (strictly), "attained" (with equality), "violated", "vacuous" (true, but says nothing), "degenerate" (its formula has no
        value), "not applicable" (a condition fails).
    exact, lower, upper
        The exact value and its bounds, None where there is none.
    note
        What there is to say: the condition that fails, the constant that is needed, why it is vacuous.
    order
        The full order of the quantity in the entries of the Jacobian (0 for beta).
    slack
        The decimal logarithm of a margin that is not a ratio to a bound: the limit of a simulation to what it was off by.
    constant
        The smallest constant C that (13) needs.
    """

    equation: str
    quantity: str
    status: Status
    exact: Value | None = None
    lower: Bound | None = None
    upper: Bound | None = None
    note: str = ""
    order: int = 0
    slack: float | None = None
    constant: float | None = None

    @property
    def margin(self) -> float | None:
        """The tightest ratio, exact / lower or upper / exact, 1 where attained; None without a bound or with a bound of 0. A float, shown and not decided by."""
        logarithm = self.log10_margin
        return None if logarithm is None else 10**logarithm if logarithm < sys.float_info.max_10_exp else inf

    @property
    def log10_margin(self) -> float | None:
        """The decimal logarithm of the margin, which is large for wide bounds."""
        if self.slack is not None:
            return self.slack
        if self.status == "attained":
            return 0.0
        lower, exact, upper = self.levels
        if exact is None:
            return None
        ratios = [exact - lower] if lower is not None else []
        ratios += [upper - exact] if upper is not None else []
        return min(ratios, default=None)

    @property
    def levels(self) -> tuple[float | None, float | None, float | None]:
        """Decimal logarithms of the lower bound, the exact value and the upper bound; None where there is none, or where it is 0."""
        return _log10(self.lower), _log10(self.exact), _log10(self.upper)

    def __str__(self) -> str:
        text = f"({self.equation}) {self.status}"
        if self.exact is not None:
            value = fraction_text(self.exact) if isinstance(self.exact, Fraction) else str(self.exact)
            if len(value) > 40 and isinstance(self.exact, Fraction):
                value = decimal_text(self.exact)
            below = f"{self.lower} <= " if self.lower is not None and self.status != "attained" else ""
            above = f" <= {self.upper}" if self.upper is not None and self.status != "attained" else ""
            text += f": {below}{self.quantity} = {value}{above}"
        return text + (f"; {self.note}" if self.note else "")


class Statement(ABC):
    """One numbered statement of the paper."""

    equation: ClassVar[str]
    title: ClassVar[str]
    what: ClassVar[str]
    bounding: ClassVar[bool] = True
    order: ClassVar[int] = 4
    depends_on_law: ClassVar[bool] = True

    def judge(self, net: Network, *, order: int = 6) -> Verdict:
        """Return the verdict on a network; `order` is the full order that (13) is about."""
        net.numeric_widths("a verdict")
        reason = self.reason_against(net, order)
        if reason is not None:
            return Verdict(self.equation, self.title, "not applicable", note=reason)
        return self._judge(net, order)

    def judge_all(
        self, net: Network, orders: Sequence[int], *, simulation: Simulation | None = None, budget: int | None = None
    ) -> Iterable[Verdict]:
        """Return all verdicts on a network: one, or one an order where the statement is about all of them."""
        return [self.judge(net, order=max(orders))]

    def reason_against(self, net: Network, order: int) -> str | None:
        """Return the condition of the paper's Definition 1 that the network does not meet, or None."""
        if net.output != "relu" or net.slope != 0:
            return "the paper has a ReLU after every layer, the output too"
        if reason := dependence(net, Family((), 0, net.depth)):
            return f"the paper has independent weights, and {reason}"
        for layer, variance in enumerate(net.variances, start=1):
            if variance != Fraction(2, net.widths[layer - 1]):
                return f"the paper has weights of variance 2 / fan_in, and those of layer {layer} have {variance}"
        return None

    def _judge(self, net: Network, order: int) -> Verdict:
        """Return the verdict where the conditions hold."""
        raise NotImplementedError

    def _compared(
        self, quantity: str, exact: Value, lower: Bound | None, upper: Bound | None, note: str = ""
    ) -> Verdict:
        """Return the verdict that comparing the exact value with its bounds gives."""
        below = lower.compare(exact) if lower is not None else 1
        above = -upper.compare(exact) if upper is not None else 1
        status: Status = "violated" if min(below, above) < 0 else "attained" if 0 in (below, above) else "holds"
        return Verdict(self.equation, quantity, status, exact, lower, upper, note, self.order)


def _log10(value: Value | Bound | None) -> float | None:
    ball = arb(to_fmpq(value)) if isinstance(value, Fraction) else value.ball() if isinstance(value, Bound) else value
    return float((ball.log() / arb(10).log()).mid()) if isinstance(ball, arb) and ball > 0 else None


def beta(net: Network) -> Fraction:
    """Return beta = sum over the hidden layers of 1 / n_j, the paper's measure of an architecture.

    >>> beta(Network([2, 3, 4, 2]))
    Fraction(7, 12)
    """
    hidden = net.numeric_widths("beta")[1:-1]
    return sum((Fraction(1, n) for n in hidden), start=Fraction(0))


def largest_fourth_moment(net: Network) -> Value:
    """Return mt4max, the largest normalised fourth moment over the layers."""
    moments = [law.moment(4) for law in set(net.laws)]
    largest = moments[0]
    for moment in moments[1:]:
        largest = moment if moment > largest else largest  # type: ignore[operator]  # numbers compare
    return largest
