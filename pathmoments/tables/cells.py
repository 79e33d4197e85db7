"""What stands in a cell, how it travels as JSON, and how it is written: exactly, in LaTeX, and as a correctly rounded decimal.

A cell is a Fraction, a ball (flint.arb), a bound of the paper (a sum of c exp(r)), a formula, a word such as "holds", or None for "there is none".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from flint import arb, ctx

from ..domains import MAX_PRECISION
from ..errors import UndecidedError
from ..exact import Value, decimal_text, fraction_text, is_symbolic, rational, to_fmpq
from ..theorems import Bound

BALL_DIGITS = 30
"""Digits with which a ball is written; the radius that follows them is rounded up, so that what is written contains the value."""
BOUND_BITS = 1 << 12
"""Working precision up to which the decimal of a bound is sought; digits beyond it are none that a table has."""


@dataclass(frozen=True)
class Formula:
    """An expression in the symbols of a network, as text and in LaTeX; `str()` is the text."""

    text: str
    latex: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Word:
    """A word: the status of a verdict."""

    text: str

    def __str__(self) -> str:
        return self.text


Cell: TypeAlias = "Fraction | arb | Bound | Formula | Word | None"


def cell_of(value: Value | Bound | Word | None) -> Cell:
    """Return the cell of a value: an expression becomes its texts, and a bound without exponentials a fraction."""
    if isinstance(value, Bound):
        whole = value.rational()
        return value if whole is None else whole
    if value is None or isinstance(value, (Fraction, arb, Word)):
        return value
    if not is_symbolic(value):
        return rational(value, "a value")
    import sympy

    return Formula(str(value), str(sympy.latex(value)))


# -- as JSON, for a ledger ----------------------------------------------------------------------------------------------


def encoded(cell: Cell) -> Any:
    """Return the JSON form of a cell, which :func:`decoded` reads back to the same cell, balls to the last bit."""
    match cell:
        case Fraction():
            return fraction_text(cell)
        case None:
            return None
        case Word():
            return {"word": cell.text}
        case Formula():
            return {"formula": cell.text, "latex": cell.latex}
        case Bound():
            return {"bound": [[_encoded_number(c), _encoded_number(r)] for c, r in cell.terms]}
    return _encoded_number(cell)


def decoded(form: Any) -> Cell:
    """Return the cell of a JSON form."""
    match form:
        case None:
            return None
        case {"word": str(text)}:
            return Word(text)
        case {"formula": str(text), "latex": str(latex)}:
            return Formula(text, latex)
        case {"bound": list(terms)}:
            return Bound(tuple((_decoded_number(c), _decoded_number(r)) for c, r in terms))
    return _decoded_number(form)


def _encoded_number(value: Value) -> Any:
    """Return "p/q", or the integers of a ball: (m 2^e) plus or minus (r 2^f)."""
    if isinstance(value, Fraction):
        return fraction_text(value)
    assert isinstance(value, arb)
    return {"ball": [str(part) for end in (value.mid(), value.rad()) for part in end.man_exp()]}


def _decoded_number(form: Any) -> Fraction | arb:
    if isinstance(form, str):
        return _fraction(form)
    middle, exponent, radius, radius_exponent = map(int, form["ball"])
    return arb((middle, exponent), (radius, radius_exponent))


def _fraction(text: str) -> Fraction:
    """Return the fraction of "p/q" of any length: CPython's own reader stops at 4300 digits."""
    numerator, _, denominator = text.partition("/")
    if len(text) < 4000:
        return Fraction(int(numerator), int(denominator or 1))
    from flint import fmpq, fmpz

    from ..exact import to_fraction

    return to_fraction(fmpq(fmpz(numerator), fmpz(denominator or 1)))


# -- as text ------------------------------------------------------------------------------------------------------------


def exact_text(cell: Cell) -> str:
    """Return the cell as text formats have it: "p/q", "[mid +/- rad]", "2/9 exp(7/24)", a formula, a word, or ""."""
    match cell:
        case None:
            return ""
        case Fraction():
            return fraction_text(cell)
        case Bound():
            return " + ".join(_term_text(*term) for term in cell.terms)
        case Formula() | Word():
            return cell.text
    return str(cell.str(BALL_DIGITS))


def _term_text(factor: Value, exponent: Value) -> str:
    if exponent == 0:
        return exact_text(cell_of(factor))
    front = "" if factor == 1 else exact_text(cell_of(factor)) + " "
    return f"{front}exp({exact_text(cell_of(exponent))})"


def latex_text(cell: Cell) -> str:
    """Return the cell in LaTeX, ready to stand in a table: mathematics between dollars."""
    match cell:
        case None:
            return ""
        case Word():
            return cell.text
    return f"${_latex(cell)}$"


def _latex(cell: Cell) -> str:
    match cell:
        case Fraction():
            return fraction_latex(cell)
        case Formula():
            return cell.latex
        case Bound():
            return " + ".join(_term_latex(*term) for term in cell.terms)
        case arb():
            middle, _, radius = cell.str(BALL_DIGITS).strip("[]").partition(" +/- ")
            return decimal_latex(middle) + (rf" \pm {decimal_latex(radius)}" if radius else "")
    raise AssertionError(cell)  # words and blanks are no mathematics


def fraction_latex(value: Fraction) -> str:
    r"""Return \\frac{p}{q}, the sign before it.

    >>> fraction_latex(Fraction(-2, 3))
    '-\\frac{2}{3}'
    """
    sign = "-" if value < 0 else ""
    numerator, slash, denominator = fraction_text(abs(value)).partition("/")
    return sign + (rf"\frac{{{numerator}}}{{{denominator}}}" if slash else numerator)


def _term_latex(factor: Value, exponent: Value) -> str:
    if exponent == 0:
        return _latex(cell_of(factor))
    front = "" if factor == 1 else _latex(cell_of(factor)) + r"\,"
    power = fraction_text(exponent) if isinstance(exponent, Fraction) else _latex(cell_of(exponent))
    return f"{front}e" + (f"^{{{power}}}" if exponent != 1 else "")


def decimal_latex(text: str) -> str:
    r"""Return a decimal of :func:`pathmoments.exact.decimal_text` in LaTeX.

    >>> decimal_latex("8.225e-20")
    '8.225 \\cdot 10^{-20}'
    """
    mantissa, e, exponent = text.partition("e")
    return mantissa + (rf" \cdot 10^{{{int(exponent)}}}" if e else "")


# -- as a decimal -------------------------------------------------------------------------------------------------------


def rounded(value: Fraction, digits: int) -> str:
    """Return the fraction rounded to `digits` significant digits, ties to even, all of them written; 0 is "0".

    >>> rounded(Fraction(12, 25), 4), rounded(Fraction(4), 3), rounded(Fraction(1, 10**6), 2)
    ('0.4800', '4.00', '1.0e-06')
    """
    mantissa, e, exponent = decimal_text(value, digits).partition("e")
    missing = digits - len(mantissa.lstrip("-0.").replace(".", ""))
    if missing > 0 and value:
        mantissa += ("" if "." in mantissa else ".") + "0" * missing
    return mantissa + e + exponent


def decimal(cell: Cell, digits: int, finer: Callable[[int], Cell] | None = None) -> str | None:
    """Return the cell rounded to `digits` significant digits, ties to even; None for what is no number.

    Fractions are rounded exactly. A ball is rounded where both of its ends round alike, and is otherwise computed again with more bits by
    `finer(bits)`; a bound is evaluated at rising precision.

    Raises
    ------
    UndecidedError
        If the ends still round differently at the highest precision.

    >>> decimal(Fraction(993, 250), 3), decimal(Bound.of(Fraction(1, 2), Fraction(1)), 8), decimal(None, 8)
    ('3.97', '1.3591409', None)
    """
    if isinstance(cell, Fraction):
        return rounded(cell, digits)
    if not isinstance(cell, (arb, Bound)):
        return None
    for ball in _balls(cell, digits, finer):
        middle, radius = _exactly(ball.mid()), _exactly(ball.rad())
        low = rounded(middle - radius, digits)
        if low == rounded(middle + radius, digits):
            return low
    raise UndecidedError(f"{exact_text(cell)} could not be rounded to {digits} digits: ask for fewer or more")


def _balls(cell: arb | Bound, digits: int, finer: Callable[[int], Cell] | None) -> Iterator[arb]:
    """Yield smaller and smaller balls around the number."""
    yield from _evaluated(cell, digits)
    bits = 128
    while finer is not None and bits < 4 * digits:
        bits *= 2
    for _ in range(4 if finer is not None else 0):
        assert finer is not None
        again = finer(bits)
        assert isinstance(again, (arb, Bound))
        yield from _evaluated(again, digits)
        bits *= 2


def _evaluated(cell: arb | Bound, digits: int) -> Iterator[arb]:
    if isinstance(cell, arb):
        yield cell
        return
    precision = 64
    while precision <= max(BOUND_BITS, 16 * digits) and precision <= MAX_PRECISION:
        with ctx.workprec(precision):
            yield cell.ball()
        precision *= 2


def _exactly(number: arb) -> Fraction:
    """Return the dyadic number that a ball of radius 0 is: flint's own ends of a ball are rounded to the working precision."""
    mantissa, exponent = (int(part) for part in number.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def log10(cell: Cell) -> float | None:
    """Return the decimal logarithm, for pictures; None for what is not a positive number."""
    if isinstance(cell, Fraction):
        cell = arb(to_fmpq(cell))
    elif isinstance(cell, Bound):
        cell = cell.ball()
    return float((cell.log() / arb(10).log()).mid()) if isinstance(cell, arb) and cell > 0 else None
