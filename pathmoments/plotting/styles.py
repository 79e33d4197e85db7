"""What every plot of numbers looks like: colours that may be lost in print, marks and dashes that may not, and text as it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, FAINT = "#1c1c1c", "#6f6f6f"
"""Axes and text, and what is said beside them."""

COLOURS = ("#1b5e9e", "#b5471b", "#1f7a4d", "#7b3f8c", "#8a6d00", "#4a5560")
"""Colours of series: of about one darkness, so that none shouts; two series never differ by colour alone."""

ALARM = "#c00000"
"""What must be seen at once; never its only sign."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "p", ">", "h", "*")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.4)), (0, (6, 2, 1, 2)))

MAX_SERIES = len(MARKERS)
"""Families that one picture tells apart; of more, as many are drawn, evenly spaced among them."""

LABEL_LENGTH = 84
"""Characters of a label; a longer one loses its middle, since its ends tell it from others."""


def style(number: int) -> dict[str, Any]:
    """Return colour, mark and dashes of the series of that number: no two marks are alike, and marks are filled or open by turns."""
    colour = COLOURS[number % len(COLOURS)]
    return {
        "color": colour,
        "marker": MARKERS[number % len(MARKERS)],
        "markerfacecolor": colour if number % 2 == 0 else "none",
        "markeredgecolor": colour,
        "linestyle": DASHES[number % len(DASHES)],
    }


def verbatim(text: str, length: int = LABEL_LENGTH) -> str:
    """Return a text that matplotlib shows as it is: no formula between dollars, nothing hidden by a leading underscore, not too long."""
    line = " ".join(text.split())
    if len(line) > length:
        half = (length - 1) // 2
        line = line[:half].rstrip() + "…" + line[-half:].lstrip()
    return (" " if line.startswith("_") else "") + line.replace("$", r"\$")


def formula(text: str) -> str:
    r"""Return a text with its powers raised and its indices lowered.

    >>> print(formula("n_0^2 E Z^2K of $"))
    $n_{0}^{2}$ E $Z^{2K}$ of \$
    """
    return re.sub(
        r"\b([A-Za-z])(?:_(\w))?(?:\^(\w+))?(?![\w^_])",
        lambda found: (
            f"${found[1]}{_braced('_', found[2])}{_braced('^', found[3])}$" if found[2] or found[3] else found[0]
        ),
        verbatim(text),
    )


def _braced(sign: str, text: str | None) -> str:
    return f"{sign}{{{text}}}" if text else ""


def plain_axes(axes: Axes) -> None:
    """Draw axes with a light grid and without the two sides that say nothing."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, color=FAINT, alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    for part in (axes.spines["left"], axes.spines["bottom"]):
        part.set_color(INK)
    axes.tick_params(which="both", colors=INK)
