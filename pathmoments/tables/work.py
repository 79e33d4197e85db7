"""One piece of work: one quantity of one network. The task's text says all that the result depends on, so that tables share a ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flint import ctx

from .._version import __version__
from ..domains import BALL_BITS
from ..errors import PathMomentsError
from ..laws import law_from_text
from ..network import Network
from .cells import Cell, cell_of, encoded
from .formulas import Formula
from .grid import WidthText, symbolic
from .precision import FinerNetwork
from .quantities import Quantity, quantity_from_text

KIND = "table/1"
"""Kind and version of the task; the version of the package is in the task as well: another version computes anew."""


@dataclass(frozen=True)
class Setting:
    """All of a network but its widths, as texts: one for all layers, or a tuple of one a layer."""

    law: str | tuple[str, ...] = "gaussian"
    variance: str | tuple[str, ...] = "he"
    output: str = "relu"
    slope: str = "0"
    bias: str = "atomless"

    def network(self, widths: Sequence[WidthText]) -> Network:
        """Return the network of these widths; the texts of formulas become sympy expressions."""
        read = [width if type(width) is int else symbolic(Formula(str(width)), {}) for width in widths]
        return Network(read, **_keywords(self))


@lru_cache(maxsize=1024)
def _keywords(setting: Setting) -> dict[str, Any]:
    """Return the keywords of a network, its laws read once."""
    laws: Any = setting.law
    return {
        "law": law_from_text(laws) if isinstance(laws, str) else [law_from_text(law) for law in laws],
        "variance": setting.variance,
        "output": setting.output,
        "slope": setting.slope,
        "bias": setting.bias,
    }


def task_front(setting: Setting, quantity: Quantity) -> str:
    """Return the text of a task up to its widths, in canonical JSON (keys sorted; the widths come last)."""
    common = {"task": KIND, "version": __version__, "quantity": quantity.text, **vars(setting)}
    return json.dumps(common, sort_keys=True, separators=(",", ":"))[:-1] + ',"widths":'


def work(task: str) -> str:
    """Return the cells of a task, as JSON.

    Raises
    ------
    PathMomentsError
        Of the type that the quantity raises, with the network named.
    """
    form = json.loads(task)
    parts: dict[str, Any] = {key: tuple(part) if isinstance(part := form[key], list) else part for key in _SETTING}
    found = cells(Setting(**parts), form["widths"], _quantity(form["quantity"]))
    return json.dumps([encoded(cell) for cell in found], separators=(",", ":"))


_SETTING = ("law", "variance", "output", "slope", "bias")


@lru_cache(maxsize=1024)
def _quantity(text: str) -> Quantity:
    return quantity_from_text(text)


def cells(setting: Setting, widths: Sequence[WidthText], quantity: Quantity, *, bits: int = 0) -> list[Cell]:
    """Return the cells of a quantity on a network, with balls of at least `bits` correct bits where it is not 0."""
    with named(setting, widths, quantity):
        net = setting.network(widths)
        with ctx.workprec(2 * max(bits, BALL_BITS)):
            return [cell_of(value) for value in quantity.values(FinerNetwork.of(net, bits) if bits else net)]


@contextmanager
def named(setting: Setting, widths: Sequence[WidthText], quantity: Quantity) -> Iterator[None]:
    """Put the network and the quantity before the message of an error raised inside."""
    try:
        yield
    except PathMomentsError as error:
        row = f"the row with widths {widths_text(widths)}; {setting_text(vars(setting))}"
        raise type(error)(f"{row}: {quantity.text}: {error}") from error


def widths_text(widths: Sequence[WidthText]) -> str:
    """Return "2,3,2", shortened in the middle where it is long."""
    shown = list(map(str, widths)) if len(widths) <= 12 else [*map(str, widths[:6]), "...", str(widths[-1])]
    return ",".join(shown)


def setting_text(setting: Mapping[str, str | tuple[str, ...]], *, whole: bool = False) -> str:
    """Return a setting, or a part of one, in the words of the options; without `whole`, defaults but the law are left out."""
    default = vars(Setting())
    kept = {
        name: text
        for name, text in setting.items()
        if name == "law" or text != default[name] or (whole and name != "slope")
    }
    return "; ".join(f"{name} {joined(text)}" for name, text in kept.items())


def joined(text: str | tuple[str, ...]) -> str:
    """Return one text, or those of the layers with / between them."""
    return text if isinstance(text, str) else " / ".join(text)
