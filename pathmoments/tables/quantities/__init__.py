"""What a column of a table can be: one small class a quantity, registered under its first word.

    moment 0,0=4             E Z[0,0]^4
    moment 0,0=2;1,1=2       E Z[0,0]^2 Z[1,1]^2
    variance                 E dVar, the expected empirical variance of the squared entries
    fourth                   the four kinds of fourth moments that E dVar is made of
    beta                     sum of 1/n_j over the hidden layers
    bounds 12                the bounds, the exact value and the verdict of an equation of the paper
    bounds 13 order=8        the constant that the exact value needs

and any of them `normalised`: a quantity of order 2K in the entries times n_0^K, so that its value does not fade as n_0 grows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...errors import ArgumentError, UnknownNameError, must_be
from .base import Column, Curve, Quantity
from .entries import Beta, Fourth, Moment, Variance
from .normalised import Normalised
from .verdicts import Bounds

__all__ = ["QUANTITIES", "Column", "Curve", "Moment", "Quantity", "quantity_from_text"]

QUANTITIES: dict[str, Callable[[Sequence[str]], Quantity]] = {
    "moment": Moment.read,
    "variance": Variance.read,
    "fourth": Fourth.read,
    "beta": Beta.read,
    "bounds": Bounds.read,
}
"""The readers by first word: a new quantity is one class and one line here."""


def quantity_from_text(text: str) -> Quantity:
    """Return the quantity that a text names.

    >>> quantity_from_text("moment 1,1=2; 0,0=2 normalised").text
    'moment 0,0=2;1,1=2 normalised'
    """
    name, *words = text.split() or [""]
    if name not in QUANTITIES:
        way_out = f"write 'moment {text}'" if "=" in name else ""
        raise UnknownNameError(must_be("a quantity", "one of " + ", ".join(QUANTITIES), text, way_out))
    if "normalised" not in words:
        return QUANTITIES[name](words)
    if words.index("normalised") != len(words) - 1:
        raise ArgumentError(must_be("normalised", "the last word of a quantity", text))
    return Normalised(QUANTITIES[name](words[:-1]))
