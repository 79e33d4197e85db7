"""Laws by name: the short text of the command line, and the JSON form of files. Nothing is evaluated as code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError, UnknownNameError, must_be
from ..exact import fraction_text
from .base import Law
from .classical import Gaussian, Laplace, Uniform
from .discrete import Finite, Rademacher, Sparse
from .given import Moments, SymbolicLaw
from .orthogonal import Orthogonal
from .truncated import TruncatedGaussian

LAW_NAMES = (
    "gaussian",
    "uniform",
    "rademacher",
    "laplace",
    "finite",
    "sparse",
    "moments",
    "symbolic",
    "truncated",
    "orthogonal",
)

_PLAIN: dict[str, Callable[[], Law]] = {
    "gaussian": Gaussian,
    "uniform": Uniform,
    "rademacher": Rademacher,
    "laplace": Laplace,
    "truncated": TruncatedGaussian,
    "symbolic": SymbolicLaw,
    "orthogonal": Orthogonal,
}


def law_from_text(text: str) -> Law:
    """Return the law that a short text names.

    `gaussian`, `uniform`, `rademacher`, `laplace`, `truncated` or `truncated:2`, `finite:-1=1/4,0=1/2,1=1/4`,
    `sparse:1/2:gaussian` (probability of zero, then any law), `moments:2=1,4=3,6=15`, `symbolic` or `symbolic:m`; the last two
    with `:atomless` behind them to say that the law has no atoms; `orthogonal`, `orthogonal:gain=3/2` or `orthogonal:gain_squared=2`.

    >>> law_from_text("sparse:1/2:uniform")
    Sparse('1/2', Uniform())
    """
    return _law_from_text(text.strip(), text, MAX_NESTING)


def _law_from_text(part: str, text: str, nesting: int) -> Law:
    name, colon, rest = part.partition(":")
    if name not in LAW_NAMES:
        raise UnknownNameError(must_be("law", "one of " + ", ".join(LAW_NAMES), text))
    if not colon and name in _PLAIN:
        return _PLAIN[name]()
    match name:
        case "truncated" if rest:
            return TruncatedGaussian(rest)
        case "symbolic" if rest:
            symbol, atoms = _atoms_said(rest, text)
            return SymbolicLaw(symbol, atoms=atoms)
        case "orthogonal" if "=" in rest:
            return _orthogonal(_pairs(rest, text))
        case "sparse" if ":" in rest:
            zero, _, inner = rest.partition(":")
            return Sparse(zero, _law_from_text(inner, text, _deeper(nesting)))
        case "finite" if rest:
            return Finite(_pairs(rest, text))
        case "moments" if rest:
            numbers, atoms = _atoms_said(rest, text)
            return Moments({_order(order, text): value for order, value in _pairs(numbers, text).items()}, atoms=atoms)
    if name in _EXAMPLES:
        raise ArgumentError(must_be("law", f"written with its numbers, such as '{_EXAMPLES[name]}'", text))
    raise ArgumentError(f"the law {name} takes no numbers, was {text!r}: write '{name}'")


_EXAMPLES = {
    "finite": "finite:-1=1/4,0=1/2,1=1/4",
    "sparse": "sparse:1/2:gaussian",
    "moments": "moments:2=1,4=3,6=15",
    "truncated": "truncated:2",
    "symbolic": "symbolic:m",
    "orthogonal": "orthogonal:gain_squared=2",
}

MAX_NESTING = 10
"""Sparse laws inside one another that are read from text."""


def _deeper(nesting: int) -> int:
    if nesting == 0:
        raise ArgumentError(
            f"law must be a mixture of at most {MAX_NESTING} sparse laws: merge their probabilities of zero into one"
        )
    return nesting - 1


def _atoms_said(text: str, whole: str) -> tuple[str, bool]:
    """Return what stands before ":atomless", and whether the law may have atoms."""
    before, _, said = text.partition(":")
    if said not in ("", "atomless"):
        raise ArgumentError(must_be("law", "followed by nothing or by ':atomless'", whole))
    return before, not said


def _orthogonal(numbers: dict[str, Any]) -> Orthogonal:
    """Return the law of a gain or its square, refusing other keys."""
    for key in numbers:
        if key not in _KEYS["orthogonal"][1]:
            raise ArgumentError(f"the law orthogonal has no key {key!r}: it has gain, gain_squared")
    return Orthogonal(**numbers)


def _pairs(text: str, whole: str) -> dict[str, str]:
    """Return {left: right} from "left=right,...", refusing what is given twice."""
    pairs: dict[str, str] = {}
    for part in text.split(","):
        left, equals, right = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise ArgumentError(must_be("law", "given by pairs such as '1=1/2' or '4=3'", whole))
        if left in pairs:
            raise ArgumentError(f"law must name each value or order once, and {left} stands twice in {whole!r}")
        pairs[left] = right
    return pairs


def _order(order: str, text: str) -> int:
    if not (order.isascii() and order.isdigit() and len(order) < 6):
        raise ArgumentError(must_be("law", f"such as '{_EXAMPLES['moments']}'", text))
    return int(order)


def law_to_text(law: Law) -> str:
    """Return the short text of a law, which :func:`law_from_text` reads back.

    >>> law_to_text(Sparse("1/2", Finite([-1, 1])))
    'sparse:1/2:finite:-1=1/2,1=1/2'
    """
    match law:
        case Finite():
            return "finite:" + ",".join(f"{fraction_text(a)}={fraction_text(p)}" for a, p in law.pairs)
        case Sparse():
            return f"sparse:{fraction_text(law.zero)}:{law_to_text(law.law)}"
        case Moments():
            numbers = ",".join(f"{2 * k}={fraction_text(m)}" for k, m in enumerate(law.even, start=1))
            return f"moments:{numbers}" + ("" if law.has_atoms else ":atomless")
        case SymbolicLaw():
            return f"symbolic:{law.symbol}" + ("" if law.has_atoms else ":atomless")
        case TruncatedGaussian():
            return f"truncated:{fraction_text(law.bound)}"
        case Orthogonal() if law.gain_squared != 1:
            return f"orthogonal:gain_squared={fraction_text(law.gain_squared)}"
    return law.name


def law_to_json(law: Law) -> dict[str, Any]:
    """Return the JSON form of a law: its name, and its numbers as text.

    >>> law_to_json(Sparse("1/2", Gaussian()))
    {'name': 'sparse', 'zero': '1/2', 'law': {'name': 'gaussian'}}
    """
    form: dict[str, Any] = {"name": law.name}
    match law:
        case Finite():
            form["atoms"] = {fraction_text(a): fraction_text(p) for a, p in law.pairs}
        case Sparse():
            form |= {"zero": fraction_text(law.zero), "law": law_to_json(law.law)}
        case Moments():
            form["moments"] = {str(2 * k): fraction_text(m) for k, m in enumerate(law.even, start=1)}
            form["atoms"] = law.has_atoms
        case SymbolicLaw():
            form |= {"symbol": law.symbol, "atoms": law.has_atoms}
        case TruncatedGaussian():
            form["bound"] = fraction_text(law.bound)
        case Orthogonal():
            form["gain_squared"] = fraction_text(law.gain_squared)
    return form


def law_from_json(form: object) -> Law:
    """Return the law of a JSON form, or of the short text of :func:`law_from_text`.

    >>> law_from_json({"name": "truncated", "bound": "2"})
    TruncatedGaussian('2')
    """
    return _law_from_json(form, MAX_NESTING)


def _law_from_json(form: object, nesting: int) -> Law:
    if isinstance(form, str):
        return _law_from_text(form.strip(), form, nesting)
    if not isinstance(form, dict) or not isinstance(form.get("name"), str):
        raise ArgumentError(must_be("law", 'a name such as "uniform" or an object with a "name"', form))
    name, keys = form["name"], {key: value for key, value in form.items() if key != "name"}
    if name not in LAW_NAMES:
        raise UnknownNameError(must_be("law", "one of " + ", ".join(LAW_NAMES), name))
    required, optional = _KEYS.get(name, ((), ()))
    for key in keys:
        if key not in required + optional:
            raise ArgumentError(
                f"the law {name} has no key {key!r}: it has " + (", ".join(required + optional) or "none")
            )
    for key in required:
        if key not in keys:
            raise ArgumentError(f"the law {name} needs the key {key!r}")
    match name:
        case "finite":
            return Finite(_object(keys["atoms"], "atoms"))
        case "sparse":
            return Sparse(keys["zero"], _law_from_json(keys["law"], _deeper(nesting)))
        case "moments":
            given = {_order(str(order), str(form)): m for order, m in _object(keys["moments"], "moments").items()}
            return Moments(given, atoms=_flag(keys.get("atoms", True)))
        case "symbolic":
            return SymbolicLaw(keys.get("symbol", "mt"), atoms=_flag(keys.get("atoms", True)))
        case "truncated":
            return TruncatedGaussian(keys.get("bound", 2))
        case "orthogonal":
            return _orthogonal(keys)
    return _PLAIN[name]()


_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "finite": (("atoms",), ()),
    "sparse": (("zero", "law"), ()),
    "moments": (("moments",), ("atoms",)),
    "symbolic": ((), ("symbol", "atoms")),
    "truncated": ((), ("bound",)),
    "orthogonal": ((), ("gain", "gain_squared")),
}


def _object(form: object, key: str) -> dict[str, object]:
    if not isinstance(form, dict):
        raise ArgumentError(must_be(key, "an object of numbers written as text", form))
    return form


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ArgumentError(must_be("atoms", "true or false", value))
    return value
