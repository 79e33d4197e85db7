"""Entries of a table as plain text, the same in all formats but LaTeX, and what all formats share."""

from __future__ import annotations

import re
from typing import Any

from ..cells import exact_text

_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    c: f"\\{c}" for c in "&%$#_{}"
}

REPEATED = 5
"""Equal widths in a row from which on a reader sees their number: 64 x 100."""


def entry_text(entry: Any) -> str:
    """Return an entry as text: widths with commas, exact values, decimals and words as they are, "" for none."""
    if isinstance(entry, str):
        return entry
    if isinstance(entry, tuple):
        return ",".join(map(str, entry))
    return str(entry) if isinstance(entry, int) else exact_text(entry)


def runs(widths: tuple[Any, ...]) -> list[tuple[Any, int]]:
    """Return (width, how often) of the runs of equal widths; short runs stay apart.

    >>> runs((8, 64, 64, 64, 64, 64, 1, 1))
    [(8, 1), (64, 5), (1, 1), (1, 1)]
    """
    found: list[tuple[Any, int]] = []
    for width in widths:
        if found and found[-1][0] == width:
            found[-1] = (width, found[-1][1] + 1)
        else:
            found.append((width, 1))
    return [
        part for width, times in found for part in ([(width, times)] if times >= REPEATED else [(width, 1)] * times)
    ]


def escaped(text: str) -> str:
    r"""Return text in which no character is a command.

    >>> escaped("finite:-1=1/2 & 50%")
    'finite:-1=1/2 \\& 50\\%'
    """
    return re.sub(r"[\\~^&%$#_{}]", lambda match: _SPECIAL[match[0]], text)
