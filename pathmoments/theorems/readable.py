"""How architectures and their numbers are written for eyes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

from flint import arb

from ..exact import Value, decimal_text

REPEATED = 5
"""Equal widths in a row from which on a reader sees their number: 64 x 100."""
LONG = 160
"""Characters of widths beyond which the middle is left out."""
ENDS = (12, 6)
"""How many widths, or runs of widths, are left of a long text."""
SMALL = Fraction(1, 1000)
"""Numbers below it are written with a power of ten."""


def widths_text(widths: Sequence[int]) -> str:
    """Return widths with commas, five or more equal ones in a row as their number, and the middle of a long text left out.

    >>> widths_text([784, 128, 64, 10]), widths_text([784] + 20 * [128] + [64, 10])
    ('784,128,64,10', '784,128 x 20,64,10')
    """
    parts: list[str] = []
    for width, group in groupby(widths):
        times = len(list(group))
        parts += [f"{width} x {times}"] if times >= REPEATED else [str(width)] * times
    if sum(map(len, parts)) > LONG and len(parts) > ENDS[0] + ENDS[1]:
        parts = [*parts[: ENDS[0]], "...", *parts[-ENDS[1] :]]
    return ",".join(parts)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines of text: the first column to the left, the others to the right."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        [cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, wide, strict=True))]
        for row in rows
    )
    return ["  ".join(line).rstrip() for line in lines]


def short_text(value: Value, digits: int = 6) -> str:
    """Return a number rounded to so many digits; a ball by its middle.

    >>> short_text(Fraction(2, 3), 3), short_text(arb("0.50000001")), short_text(Fraction(1, 70_000))
    ('0.667', '0.5', '1.42857e-05')
    """
    if isinstance(value, arb):
        mantissa, exponent = value.mid().man_exp()
        value = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    if not isinstance(value, Fraction):
        return str(value)
    if 0 < abs(value) < SMALL:  # so that small numbers of one column are written in one way
        mantissa_text, _, exponent_text = decimal_text(value * Fraction(1, 10**9), digits).partition("e")
        return f"{mantissa_text}e{int(exponent_text) + 9:+03d}"
    return decimal_text(value, digits)
