"""What a table is of: a grid of networks and the quantities of each. :mod:`pathmoments.tables.reading` reads it from files."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from .grid import WidthGrid, WidthText
from .quantities import Quantity
from .work import Setting

SPEC_SCHEMA = "pathmoments/table-spec/1"
SETTING = dict(zip(("laws", "variances", "outputs", "slopes", "biases"), vars(Setting()), strict=True))
"""What varies beside the widths, in the order of the rows (the last one fastest): {axis of the specification: column of the table}."""
AXES = tuple(SETTING)


class Row(NamedTuple):
    """One network of a table: the parameters of its family, its widths, and the rest of it."""

    parameters: dict[str, int]
    widths: tuple[WidthText, ...]
    setting: Setting


@dataclass(frozen=True)
class TableSpec:
    """A checked specification, made by :func:`pathmoments.tables.spec_of` or :func:`pathmoments.tables.read_spec`.

    Attributes
    ----------
    widths, laws, variances, outputs, slopes, biases
        The axes of the grid; the rows are their product, the last axis fastest.
    quantities
        The columns: the moments of `orders` first, then the quantities, each once.
    digits
        Significant digits of the decimal beside each value; 0 for none.
    exact
        Whether the exact values are shown; without them the decimals are.
    across
        "law", "variance", "output", "slope" or "bias" to have its values side by side in the formats for readers; "" for not.
    title
        A heading for the formats that have one.
    """

    widths: tuple[WidthGrid, ...]
    quantities: tuple[Quantity, ...]
    laws: tuple[str | tuple[str, ...], ...] = ("gaussian",)
    variances: tuple[str | tuple[str, ...], ...] = ("he",)
    outputs: tuple[str, ...] = ("relu",)
    slopes: tuple[str, ...] = ("0",)
    biases: tuple[str, ...] = ("atomless",)
    digits: int = 0
    exact: bool = True
    across: str = ""
    title: str = ""

    @property
    def count(self) -> int:
        """How many rows there are; known without making them."""
        return sum(grid.count for grid in self.widths) * math.prod(len(getattr(self, axis)) for axis in AXES)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names bound by `for` in any of the widths, each once."""
        return tuple(dict.fromkeys(name for grid in self.widths for name in grid.parameters))

    def settings(self) -> list[Setting]:
        """Return all of the grid but the widths."""
        return [Setting(*values) for values in itertools.product(*(getattr(self, axis) for axis in AXES))]

    def rows(self) -> Iterator[Row]:
        """Yield the rows in their order. Precondition: `count` is no more than fits into memory."""
        settings = self.settings()
        for grid in self.widths:
            for parameters, widths in grid:
                for setting in settings:
                    yield Row(parameters, widths, setting)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, defaults included, which :func:`pathmoments.tables.spec_of` reads back."""
        return {
            "schema": SPEC_SCHEMA,
            "title": self.title,
            "widths": [grid.text for grid in self.widths],
            **{axis: [list(v) if isinstance(v, tuple) else v for v in getattr(self, axis)] for axis in AXES},
            "quantities": [quantity.text for quantity in self.quantities],
            "digits": self.digits,
            "exact": self.exact,
            "across": self.across,
        }
