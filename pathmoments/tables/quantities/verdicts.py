"""The equations of the paper as columns: bounds, exact value, the constant that is needed, and the verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ...errors import ArgumentError, UnknownNameError, must_be
from ...network import Network
from ...theorems import bounds
from ...theorems.even_moments import smallest_constant
from ..cells import Word
from .base import Column, Curve, Quantity


class _Equation(NamedTuple):
    """What an equation bounds, of which order it is (None: as asked, and ORDER stands for it), and its columns."""

    name: str
    latex: str
    order: int | None
    columns: str


_VARIANCE = r"$\mathbb{E}\,\widehat{\mathrm{Var}}[Z^2]$"

EQUATIONS = {
    "2": _Equation("beta", r"$\beta$", 0, "lower exact status"),
    "11": _Equation("E Z^2", r"$\mathbb{E}\,Z^2$", 2, "lower exact upper status"),
    "12": _Equation("E Z^4", r"$\mathbb{E}\,Z^4$", 4, "lower exact upper status"),
    "13": _Equation("E Z^ORDER", r"$\mathbb{E}\,Z^{ORDER}$", None, "exact C status"),
    "14": _Equation("E dVar", _VARIANCE, 4, "exact upper status"),
    "15": _Equation("E dVar", _VARIANCE, 4, "lower exact status"),
}


class Bounds(Quantity):
    """What one equation says of a network; where it does not apply, its status says so and the rest is blank."""

    def __init__(self, equation: str, order: int = 6) -> None:
        self.equation, self.order = equation, order
        said = EQUATIONS[equation]
        self.kinds = said.columns.split()
        self.text = f"bounds {equation}" + (f" order={order}" if said.order is None else "")
        self.columns = tuple(self._column(kind, said) for kind in self.kinds)
        numbers = {kind: number for number, kind in enumerate(self.kinds)}
        self.curve = Curve(numbers["exact"], numbers.get("lower"), numbers.get("upper")) if said.order != 0 else None

    def _column(self, kind: str, said: _Equation) -> Column:
        order = self.order if said.order is None else said.order
        front = f"({self.equation})" if said.order is not None else f"({self.equation}, order {order})"
        name, latex = {"exact": (said.name, said.latex), "C": ("C", "$C$")}.get(kind, (kind, kind))
        normal = order if kind in ("lower", "exact", "upper") else None
        texts = [f"{front} {text}".replace("ORDER", str(order)) for text in (name, latex)]
        return Column(texts[0], texts[1], normal, numeric=kind != "status")

    @classmethod
    def read(cls, words: Sequence[str]) -> Bounds:
        """Return the quantity of "12" or "13 order=8"."""
        given = " ".join(words)
        equation = words[0] if words else ""
        if equation not in EQUATIONS:
            requirement = "followed by the number of an equation, one of " + ", ".join(EQUATIONS)
            raise UnknownNameError(must_be("bounds", requirement, given))
        if not words[1:]:
            return cls(equation)
        match = re.fullmatch(r"order=(\d{1,9})", "".join(words[1:]), re.ASCII)
        if EQUATIONS[equation].order is not None or not match or int(match[1]) < 2 or int(match[1]) % 2:
            raise ArgumentError(
                must_be("bounds", "such as 'bounds 12', or 'bounds 13 order=8' with an even order", given)
            )
        return cls(equation, int(match[1]))

    def values(self, net: Network) -> Sequence[Any]:
        """Return the columns of the verdict."""
        (verdict,) = bounds(net, statements=[self.equation], order=self.order)
        found: dict[str, Any] = {
            "lower": verdict.lower,
            "exact": verdict.exact,
            "upper": verdict.upper,
            "status": Word(verdict.status),
        }
        if "C" in self.kinds and verdict.exact is not None:
            found["C"] = smallest_constant(net, verdict.exact, self.order)
        return [found.get(kind) for kind in self.kinds]

    def check(self, net: Network) -> None:
        """Refuse symbolic widths."""
        net.numeric_widths("a verdict")
