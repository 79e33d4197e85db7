"""A quantity of order 2K in the entries, times n_0^K."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ...errors import ArgumentError, must_be
from ...exact import is_symbolic, scaled
from ...network import Network
from ...theorems import Bound
from .base import Column, Quantity


class Normalised(Quantity):
    """The columns of another quantity, each times its n_0^K."""

    def __init__(self, inner: Quantity) -> None:
        orders = [column.order for column in inner.columns if column.order]
        if not orders or any(order % 2 for order in orders):
            raise ArgumentError(must_be("what is normalised", "of an even order in the entries, 2 or more", inner.text))
        self.inner = inner
        self.text = f"{inner.text} normalised"
        self.columns = tuple(map(_column, inner.columns))
        self.curve, self.inputs, self.outputs = inner.curve, inner.inputs, inner.outputs

    def values(self, net: Network) -> Sequence[Any]:
        """Return the values of the other quantity, each times its n_0^K."""
        width: Any = net.widths[0]
        inputs: Any = width if is_symbolic(width) else Fraction(width)
        pairs = zip(self.inner.values(net), self.inner.columns, strict=True)
        return [times(value, inputs ** (column.order // 2)) if column.order else value for value, column in pairs]

    def check(self, net: Network) -> None:
        """Refuse what the other quantity refuses."""
        self.inner.check(net)


def times(value: Any, factor: Any) -> Any:
    """Return a value of any kind times a factor, at the working precision for balls; None stays None."""
    if value is None:
        return None
    if isinstance(value, Bound):
        return Bound(tuple((scaled(c, factor), r) for c, r in value.terms))
    product = scaled(value, factor)
    if not is_symbolic(product):
        return product
    import sympy

    return sympy.factor(product)


def _column(column: Column) -> Column:
    """Return the column with n_0^K in its headings, behind the number of an equation."""
    if not column.order:
        return column
    half = column.order // 2
    name, latex = (f"n_0^{half}", f"n_0^{{{half}}}") if half > 1 else ("n_0", "n_0")
    front, heading = split(column.latex)
    heading = f"${latex}\\,{heading[1:]}" if heading.startswith("$") else f"${latex}$ {heading}"
    return replace(column, name=" ".join([*front, name, split(column.name)[1]]), latex=" ".join([*front, heading]))


def split(heading: str) -> tuple[list[str], str]:
    """Return the number of the equation, if there is one, and the rest of a heading.

    >>> split("(12) lower"), split("E Z^2")
    ((['(12)'], 'lower'), ([], 'E Z^2'))
    """
    front, found, rest = heading.partition(") ")
    return ([f"{front})"], rest) if found and heading.startswith("(") else ([], heading)
