"""What a picture shows of a table: normalised values and bounds against beta, as floats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import ctx

from ..domains import BALL_BITS
from .cells import log10
from .quantities import Curve, Quantity
from .quantities.normalised import Normalised, split, times
from .spec import SETTING

if TYPE_CHECKING:
    from .result import Table


@dataclass(frozen=True)
class TableCurve:
    """One curve: decimal logarithms of n_0^K times an exact value of order 2K, and of its bounds, beside beta.

    Attributes
    ----------
    label
        The setting and, where there are several, the quantity.
    heading
        What is drawn, in LaTeX.
    beta, value
        One entry a row of the table; None where the value is 0, or blank.
    lower, upper
        The bounds, None where the quantity has none.
    """

    label: str
    heading: str
    beta: list[float] = field(default_factory=list)
    value: list[float | None] = field(default_factory=list)
    lower: list[float | None] | None = None
    upper: list[float | None] | None = None


def curves(table: Table) -> list[TableCurve]:
    """Return the curves of a table, one a setting and quantity; rows with symbolic widths are none."""
    numbers = {heading.name: number for number, heading in enumerate(table.columns)}
    drawn = [(quantity, quantity.curve) for quantity in table.spec.quantities if quantity.curve is not None]
    varying = [name for axis, name in SETTING.items() if len(getattr(table.spec, axis)) > 1]
    found: dict[tuple[Any, ...], TableCurve] = {}
    for place, row in enumerate(table.rows):
        widths = row[numbers["widths"]]
        if any(isinstance(width, str) for width in widths):
            continue
        beta = float(sum(Fraction(1, width) for width in widths[1:-1]))
        setting = {name: row[numbers[name]] for name in varying}
        for quantity, curve in drawn:
            key = (*setting.values(), quantity.text)
            if key not in found:
                found[key] = _empty(setting, quantity, curve, several=len(drawn) > 1)
            one = found[key]
            one.beta.append(beta)
            for level, column in ((one.value, curve.value), (one.lower, curve.lower), (one.upper, curve.upper)):
                if level is not None and column is not None:
                    cell = table.values[quantity.columns[column].name][place]
                    level.append(_level(cell, widths, quantity, column))
    return list(found.values())


def _empty(setting: dict[str, str], quantity: Quantity, curve: Curve, *, several: bool) -> TableCurve:
    column = (quantity if isinstance(quantity, Normalised) else Normalised(quantity)).columns[curve.value]
    label = ", ".join([*setting.values(), *([column.name] if several or not setting else [])])
    heading = split(column.latex)[1].replace(r"\widehat{\mathrm{Var}}", r"\mathrm{Var}")  # no picture has so wide a hat
    found = TableCurve(label, heading)
    return replace(found, lower=None if curve.lower is None else [], upper=None if curve.upper is None else [])


def _level(cell: Any, widths: Sequence[int], quantity: Quantity, column: int) -> float | None:
    order = quantity.columns[column].order
    if cell is None or isinstance(quantity, Normalised) or not order:
        return log10(cell)
    with ctx.workprec(2 * BALL_BITS):
        return log10(times(cell, Fraction(widths[0]) ** (order // 2)))
