"""What every quantity has: a canonical text, columns, values on a network, and what a picture shows of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import ArgumentError, must_be
from ...network import Network


@dataclass(frozen=True)
class Column:
    """One column of values.

    Attributes
    ----------
    name
        The name, such as "E Z[0,0]^4".
    latex
        The heading in LaTeX, its mathematics between dollars.
    order
        The full order in the entries of the Jacobian, by which the column is normalised; None for what is not.
    numeric
        Whether there are numbers in it, which have decimals: not in a column of words.
    """

    name: str
    latex: str
    order: int | None = None
    numeric: bool = True


@dataclass(frozen=True)
class Curve:
    """Which columns of a quantity a picture shows, by their numbers: the exact value, and the bounds below and above it."""

    value: int
    lower: int | None = None
    upper: int | None = None


class Quantity(ABC):
    """A quantity of a network.

    Attributes
    ----------
    text
        The canonical text, which `quantity_from_text` reads back.
    columns
        What its columns are called.
    curve
        What a picture shows of it, None for nothing.
    inputs, outputs
        How many inputs and outputs the network must have.
    """

    text: str
    columns: tuple[Column, ...]
    curve: Curve | None = None
    inputs: int = 1
    outputs: int = 1

    @abstractmethod
    def values(self, net: Network) -> Sequence[Any]:
        """Return one value a column: a Fraction, a ball, an expression, a bound, a word, or None."""

    @abstractmethod
    def check(self, net: Network) -> None:
        """Refuse, before any work, a network on which the quantity is not determined, or too large."""

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Quantity) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


def no_words(name: str, words: Sequence[str]) -> None:
    """Refuse words after the name of a quantity that takes none."""
    if words:
        raise ArgumentError(must_be(name, "alone", " ".join([name, *words]), f"write {name!r}"))
