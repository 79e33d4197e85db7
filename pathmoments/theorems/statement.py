"""What every statement has: an equation, conditions, and a verdict on a network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

from flint import arb

from ..exact import Value, decimal_text, fraction_text
from ..network import Network
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
    """

    equation: str
    quantity: str
    status: Status
    exact: Value | None = None
    lower: Bound | None = None
    upper: Bound | None = None
    note: str = ""

    @property
    def margin(self) -> float | None:
        """The tightest ratio, exact / lower or upper / exact, 1 where attained; None without a bound or with a bound of 0."""
        if not isinstance(self.exact, (Fraction, arb)) or self.exact == 0:
            return None
        value = float(self.exact)
        ratios = [value / float(self.lower.ball())] if self.lower is not None and self.lower.ball() > 0 else []
        ratios += [float(self.upper.ball()) / value] if self.upper is not None else []
        return min(ratios, default=None)

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

    def judge(self, net: Network, *, order: int = 6) -> Verdict:
        """Return the verdict on a network; `order` is the full order that (13) is about."""
        net.numeric_widths("a verdict")
        reason = self.reason_against(net, order)
        if reason is not None:
            return Verdict(self.equation, self.title, "not applicable", note=reason)
        return self._judge(net, order)

    def reason_against(self, net: Network, order: int) -> str | None:
        """Return the condition of the paper's Definition 1 that the network does not meet, or None."""
        if net.output != "relu" or net.slope != 0:
            return "the paper has a ReLU after every layer, the output too"
        for layer, variance in enumerate(net.variances, start=1):
            if variance != Fraction(2, net.widths[layer - 1]):
                return f"the paper has weights of variance 2 / fan_in, and those of layer {layer} have {variance}"
        return None

    @abstractmethod
    def _judge(self, net: Network, order: int) -> Verdict:
        """Return the verdict where the conditions hold."""

    def _compared(
        self, quantity: str, exact: Value, lower: Bound | None, upper: Bound | None, note: str = ""
    ) -> Verdict:
        """Return the verdict that comparing the exact value with its bounds gives."""
        below = lower.compare(exact) if lower is not None else 1
        above = -upper.compare(exact) if upper is not None else 1
        status: Status = "violated" if min(below, above) < 0 else "attained" if 0 in (below, above) else "holds"
        return Verdict(self.equation, quantity, status, exact, lower, upper, note)


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
