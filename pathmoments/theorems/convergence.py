"""Whether sum_j 1/n_j converges, for n_j = max(1, ceil(f(j))): decided on the logarithmic scale of Bertrand's series, or said to be undecided.

If f is bounded, so are the n_j, and the sum diverges. If f tends to infinity, n_j / f(j) tends to 1, and the sum converges with sum 1/f(j). Let
a = lim log f / log j: the sum converges for a > 1 and diverges for a < 1, by comparison with sum j^-s. At a = 1 the next scale decides in the same
way, b = lim log(f / j) / log log j, by comparison with sum 1/(j (log j)^s), and so on. f itself need not have limits: it is held between two functions
that do (:mod:`pathmoments.theorems.envelopes`), and the lower one must converge, or the upper one diverge. Limits are sympy's (Gruntz's algorithm).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .effort import TooMuchError, within
from .envelopes import Envelope, NotBoundedError
from .width_formulas import parse

EFFORT = 2_000_000
"""Calls of Python functions after which a decision is given up: a few seconds."""
SCALES = 4
"""log f / log j, log(f / j) / log log j, ...: how many are tried."""


@dataclass(frozen=True)
class Decision:
    """Whether sum 1/n_j converges, and why.

    Attributes
    ----------
    converges
        True, False, or None where it is undecided, which is neither.
    reason
        The limits that decide it, or what stood in the way.
    """

    converges: bool | None
    reason: str

    def __str__(self) -> str:
        verb = {True: "converges", False: "diverges", None: "is undecided"}[self.converges]
        return f"sum 1/n_j {verb}: {self.reason}"


@lru_cache(maxsize=1024)
def decide(formula: str) -> Decision:
    """Return whether sum 1/n_j converges for n_j = max(1, ceil(f(j))).

    Raises
    ------
    ArgumentError, UnknownNameError
        If the text is no formula.

    Cost
    ----
    Mostly below a tenth of a second; at most a few seconds, after which it is undecided.

    >>> print(decide("j^2"))
    sum 1/n_j converges: log f / log j -> 2, above 1
    >>> print(decide("j*log(j+1)"))
    sum 1/n_j diverges: log f / log j -> 1, log(f / j) / log log j -> 1, log(f / (j * log j)) / log log log j -> 0, below 1
    >>> decide("j^2*(1+(-1)^j)").converges is None
    True
    """
    node = parse(formula)
    import sympy  # noqa: F401  # before the effort is counted: loading it is none, and must not be given up halfway

    try:
        return within(EFFORT, lambda: _decision(node))
    except TooMuchError:
        return Decision(None, f"its limits were not found within {EFFORT:,} steps")
    except NotBoundedError as error:
        return Decision(None, str(error))
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        NotImplementedError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        # what sympy raises where it has no limit; none of it says anything of the sum
        return Decision(None, f"sympy found no limit ({type(error).__name__})")


def _decision(node: Any) -> Decision:
    import sympy

    envelope = Envelope(sympy.Dummy("j", positive=True))
    low, high = envelope.of(node)
    decision = _by_scales(envelope, low)
    if low is high:
        return decision
    if decision.converges:
        return Decision(True, f"f >= {low}, f for it: {decision.reason}".replace("_j", "j"))
    above = _by_scales(envelope, high)
    if above.converges is False:
        return Decision(False, f"f <= {high}, f for it: {above.reason}".replace("_j", "j"))
    return Decision(None, f"f is between {low} and {high}, which do not decide it".replace("_j", "j"))


def _by_scales(envelope: Envelope, function: Any) -> Decision:
    """Return the decision for a function that has limits."""
    import sympy

    if envelope.sign(function) <= 0:
        return Decision(False, "f <= 0 from some j on, so the widths are 1")
    logarithm = _logarithm(function)
    bound = envelope.limit(logarithm)
    if bound.is_finite or bound is sympy.S.NegativeInfinity:
        return Decision(False, f"f -> {sympy.exp(bound)}, so the widths are bounded")
    scales, reasons = [envelope.j], []
    for number in range(SCALES):
        finer = sympy.log(scales[-1])
        exponent = envelope.limit(logarithm / finer)
        reasons.append(f"{_ratio(number)} -> {'infinity' if exponent is sympy.oo else exponent}")
        if (exponent - 1).is_extended_positive:
            return Decision(True, ", ".join(reasons) + ", above 1")
        if (exponent - 1).is_extended_negative:
            return Decision(False, ", ".join(reasons) + ", below 1")
        if exponent != 1:
            return Decision(None, ", ".join(reasons) + ", which could not be compared with 1")
        scales.append(finer)
        logarithm -= finer
    return Decision(None, ", ".join(reasons) + ", and finer scales are not tried")


def _logarithm(function: Any) -> Any:
    """Return log f with the logarithms of products, powers and exponentials taken apart, which spares the limits most of their work."""
    import sympy

    return sympy.expand_log(sympy.log(function))


def _ratio(number: int) -> str:
    """Return the name of a ratio: log f / log j, log(f / j) / log log j, log(f / (j * log j)) / log log log j, ..."""
    names = ["log " * i + "j" for i in range(number + 2)]
    taken = " * ".join(names[:number])
    argument = " f" if number == 0 else f"(f / {taken})" if number == 1 else f"(f / ({taken}))"
    return f"log{argument} / {names[number + 1]}"
