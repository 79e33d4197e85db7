"""How architectures and their numbers are written for eyes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

from flint import arb

from ..exact import Value, decimal_text

REPEATED = 5
"""Equal widths in a row from which on a reader sees their number: 64 x 100."""


def widths_text(widths: Sequence[int]) -> str:
    """Return widths with commas, five or more equal ones in a row as their number.

    >>> widths_text([784, 128, 64, 10]), widths_text([784] + 20 * [128] + [64, 10])
    ('784,128,64,10', '784,128 x 20,64,10')
    """
    parts: list[str] = []
    for width, group in groupby(widths):
        times = len(list(group))
        parts += [f"{width} x {times}"] if times >= REPEATED else [str(width)] * times
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

    >>> short_text(Fraction(2, 3), 3), short_text(arb("0.50000001"))
    ('0.667', '0.5')
    """
    if isinstance(value, arb):
        mantissa, exponent = value.mid().man_exp()
        value = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return decimal_text(value, digits) if isinstance(value, Fraction) else str(value)
