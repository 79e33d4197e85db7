"""The axis of values that are given by their decimal logarithms: 10^300 is as good a value as 3, and none is ever computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axis import YAxis

DECADES = 2
"""From this many decades on, an axis is logarithmic."""

_MINOR_UNTIL = 5
"""Decades up to which a logarithmic axis has ticks between the powers of ten."""

_PLAIN = (-3.0, 5.0)
"""Decimal logarithms between which a linear axis needs no unit."""

Point = tuple[float, float, Any]


@dataclass(frozen=True)
class Scale:
    """How a level (a decimal logarithm) becomes a place on the axis.

    Attributes
    ----------
    low, high
        The levels at the ends of what is shown.
    logarithmic
        Whether places are levels; else they are the values themselves, in units of 10^unit.
    unit
        0 unless the values are too large or too small to be written out.
    """

    low: float
    high: float
    logarithmic: bool
    unit: int = 0

    @classmethod
    def over(cls, low: float, high: float) -> Scale:
        """Return the scale for levels from `low` to `high`: logarithmic from two decades on."""
        if high - low >= DECADES:
            return cls(low, high, logarithmic=True)
        plain = _PLAIN[0] <= low and high < _PLAIN[1]
        return cls(low, high, logarithmic=False, unit=0 if plain else floor(high))

    def place(self, level: float | None) -> float:
        """Return the place of a level on the axis, nan (which is not drawn) for None."""
        if level is None:
            return float("nan")
        return level if self.logarithmic else float(10 ** (level - self.unit))

    def places(self, levels: Iterable[float | None]) -> list[float]:
        """Return the places of several levels."""
        return [self.place(level) for level in levels]

    @property
    def unit_text(self) -> str:
        """What the label of the axis must say of the unit: nothing where there is none."""
        return f", in units of $10^{{{self.unit}}}$" if self.unit else ""

    def set_ticks(self, axis: YAxis) -> None:
        """Label powers of ten on a logarithmic axis, and the values on a linear one."""
        from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, ScalarFormatter

        if not self.logarithmic:
            plain = ScalarFormatter(useOffset=False)
            plain.set_scientific(False)
            axis.set_major_formatter(plain)
            return
        axis.set_major_locator(MaxNLocator(nbins=7, integer=True))
        axis.set_major_formatter(FuncFormatter(lambda level, _: f"$10^{{{level:.0f}}}$"))
        if self.high - self.low <= _MINOR_UNTIL:
            decades = range(floor(self.low) - 1, floor(self.high) + 2)
            axis.set_minor_locator(FixedLocator([k + log10(m) for k in decades for m in range(2, 10)]))


def ratio_text(level: float) -> str:
    """Return 10^level with four significant digits.

    >>> ratio_text(0.0), ratio_text(0.5), ratio_text(-2.0), ratio_text(300.25), ratio_text(-4000.0)
    ('1.000', '3.162', '0.01000', '1.778e+300', '1.000e-4000')
    """
    exponent = floor(level)
    if -3 <= exponent < 4:
        text = f"{10**level:.{max(0, 3 - exponent)}f}"
        return text if len(text.replace(".", "").lstrip("0")) <= 4 else f"{10**level:.{max(0, 2 - exponent)}f}"
    mantissa = f"{10 ** (level - exponent):.3f}"
    if mantissa == "10.000":
        mantissa, exponent = "1.000", exponent + 1
    return f"{mantissa}e{exponent:+03d}"


def visible(levels: Sequence[float], bounds: Sequence[float], *, room: float) -> tuple[float, float]:
    """Return the range of levels to show: all the exact levels, and bounds no further from them than `room` times what they span.

    Bounds such as exp(18 beta) would press what they bound into a line; who leaves some out must say so.
    """
    low, high = min(levels), max(levels)
    reach = room * max(high - low, 0.5)
    inside = [level for level in bounds if low - reach <= level <= high + reach]
    outside = [level for level in bounds if not low - reach <= level <= high + reach]
    ends = [low, high, *inside]
    if any(level < low for level in outside):
        ends.append(low - reach)
    if any(level > high for level in outside):
        ends.append(high + reach)
    return min(ends), max(ends)


def thinned(points: Sequence[Point], limit: int) -> list[Point]:
    """Return at most `limit` of the points (x, y, anything), by the same rule each time: of points that would cover one another, the lowest.

    Equal points are one, and the lowest point of all is kept.
    """
    points = list({(round(x, 9), round(y, 9), z): (x, y, z) for x, y, z in points}.values())
    if len(points) <= limit:
        return points
    left, bottom = min(x for x, _, _ in points), min(y for _, y, _ in points)
    width = max(x for x, _, _ in points) - left or 1.0
    height = max(y for _, y, _ in points) - bottom or 1.0
    cells = 256
    while True:
        kept: dict[tuple[int, ...], int] = {}
        for number, (x, y, _) in enumerate(points):
            cell = tuple(min(cells - 1, int(part * cells)) for part in ((x - left) / width, (y - bottom) / height))
            if cell not in kept or y < points[kept[cell]][1]:
                kept[cell] = number
        if len(kept) <= limit or cells == 1:
            return [points[number] for number in sorted(kept.values())]
        cells = max(1, cells * 3 // 4)
