"""A rational number that no partial sum of sum_j 1/n_j exceeds: a bound on beta at every depth of a family.

The formula is held above a minorant c r^j j^a (log j)^b with c > 0, r >= 1 and a, b >= 0, found step by step from its own form (all steps are
monotone, for j >= 3, where log j > 1). What lies beyond a number N of layers is then at most a geometric series or an integral. This is independent
of :mod:`pathmoments.theorems.convergence`, and proves convergence again; it knows fewer formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from flint import arb, ctx

from ..errors import ArgumentError
from ..exact import to_fmpq
from .formula_values import NoValueError, UnclearError, ball, evaluate, width
from .width_formulas import Node, parse

LAYERS = (200, 100, 30, 10, 3)
"""How many layers are summed exactly before the bound takes over; the first whose widths stay below 10^100."""
DIGITS = 6
"""Decimal places to which the bound is rounded up."""
_ONE = Node("number", number=Fraction(1))


@dataclass(frozen=True)
class Minorant:
    """The function c r^j j^a (log j)^b, below a formula for all j >= 3."""

    c: Fraction
    r: Fraction = Fraction(1)
    a: Fraction = Fraction(0)
    b: Fraction = Fraction(0)

    @property
    def growth(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """What orders minorants by their growth."""
        return self.r, self.a, self.b, self.c

    def __mul__(self, other: Minorant) -> Minorant:
        return Minorant(self.c * other.c, self.r * other.r, self.a + other.a, self.b + other.b)

    def to_the(self, power: Fraction) -> Minorant | None:
        """Return a minorant of the power, for a positive exponent."""
        if power <= 0:
            return None
        return Minorant(_below(self.c, power), max(Fraction(1), _below(self.r, power)), self.a * power, self.b * power)

    def tail(self, layers: int) -> arb | None:
        """Return a ball whose upper end is above sum over j > layers of 1 over the function; None where that diverges or is not seen to converge."""
        n, c, r, a, b = (arb(to_fmpq(value)) for value in (layers, self.c, self.r, self.a, self.b))
        if self.r > 1:
            return r**-n / (c * (r - 1) * n**a * n.log() ** b)
        if self.a > 1:
            return n ** (1 - a) / (c * (a - 1) * n.log() ** b)
        if self.a == 1 and self.b > 1:
            return n.log() ** (1 - b) / (c * (b - 1))
        return None


def bound_of_sum(formula: str) -> Fraction | None:
    """Return a rational number that sum over j = 1..m of 1/n_j stays below for every m, or None where none is known.

    It is near the sum: rounded up to six places, and to what the integral says of the layers beyond some hundred.

    >>> bound_of_sum("j^2"), bound_of_sum("2^j"), bound_of_sum("j")
    (Fraction(1644947, 1000000), Fraction(1, 1), None)
    """
    with ctx.workprec(128):
        minorant = _minorant(parse(formula))
        if minorant is None or minorant.tail(3) is None:
            return None
        for layers in LAYERS:
            try:
                total = sum((Fraction(1, width(formula, j)) for j in range(1, layers + 1)), start=Fraction(0))
            except ArgumentError:  # a width beyond 10^100
                continue
            tail = minorant.tail(layers)
            assert tail is not None
            return Fraction(ceil((total + _rational(tail.upper())) * 10**DIGITS), 10**DIGITS)
    return None


def _minorant(node: Node) -> Minorant | None:
    """Return a minorant of a formula, None where no step gives one."""
    if node.constant:
        value = _constant(node)
        return Minorant(value) if value is not None and value > 0 else None
    below = [_minorant(argument) for argument in node.arguments]
    known = [one for one in below if one is not None]
    if node.name == "j":
        return Minorant(Fraction(1), a=Fraction(1))
    if node.name == "max":
        return max(known, key=lambda one: one.growth, default=None)
    if node.name == "^":
        return _power(node, below)
    if node.name == "/":
        inverse = Node("/", (_ONE, node.arguments[1]))
        factor = _constant(inverse) if inverse.constant else None
        return below[0] * Minorant(factor) if below[0] and factor and factor > 0 else None
    if len(known) < len(below):
        return None
    return _step(node.name, known)


def _step(name: str, known: list[Minorant]) -> Minorant | None:
    """Return the minorant of a step all of whose arguments have one, and so are positive."""
    first = known[0]
    match name:
        case "+":
            return max(known, key=lambda one: one.growth)
        case "*":
            return first * known[1]
        case "sqrt":
            return first.to_the(Fraction(1, 2))
        case "ceil":
            return first
        case "min":
            return Minorant(*(min(getattr(one, part) for one in known) for part in "crab"))
        case "log" if first.c >= 1 and first.r > 1:  # log(c r^j ...) >= j log r
            return Minorant(_rational(arb(to_fmpq(first.r)).log().lower()), a=Fraction(1))
        case "log" if first.c >= 1 and first.a > 0:  # log(c j^a ...) >= a log j
            return Minorant(first.a, b=Fraction(1))
        case "exp" if first.a >= 1:  # exp(c j^a ...) >= (e^c)^j
            return Minorant(Fraction(1), r=_rational(arb(to_fmpq(first.c)).exp().lower()))
        case "exp" if first.b >= 1:  # exp(c log j ...) >= j^c
            return Minorant(Fraction(1), a=first.c)
    return None


def _power(node: Node, below: list[Minorant | None]) -> Minorant | None:
    """Return a minorant of a power: of a growing base with a constant exponent, or of a constant base with a growing exponent."""
    base, exponent = node.arguments
    if exponent.constant:
        power = _constant(exponent)
        if not below[0] or power is None or (below[0].c < 1 and not _rational_constant(exponent)):
            return None  # a smaller power is smaller only of what is at least 1
        return below[0].to_the(power)
    if not (base.constant and below[0] and below[0].c > 1 and below[1] and below[1].a >= 1):
        return None
    ratio = _below(below[0].c, below[1].c)
    return Minorant(Fraction(1), r=ratio) if ratio > 1 else None


def _rational_constant(node: Node) -> bool:
    return isinstance(evaluate(node, 1), Fraction)


def _constant(node: Node) -> Fraction | None:
    """Return a rational number not above a constant: the constant itself where it is rational."""
    try:
        value = evaluate(node, 1)
    except (NoValueError, UnclearError):
        return None
    return value if isinstance(value, Fraction) else _rational(value.lower())


def _below(base: Fraction, power: Fraction) -> Fraction:
    """Return a rational number not above base^power, for base > 0."""
    if power.denominator == 1:
        return base**power.numerator
    return _rational((ball(base) ** ball(power)).lower())


def _rational(end: arb) -> Fraction:
    """Return the end of a ball, which is a binary fraction, as it is."""
    mantissa, exponent = end.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
