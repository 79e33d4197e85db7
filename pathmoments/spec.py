"""The JSON form of a network: a versioned schema, and errors that name the place in the file.

    {"schema": "pathmoments/network/1", "widths": [2, 3, 2], "law": {"name": "uniform"}, "variance": "he",
     "output": "relu", "slope": "1/4", "bias": "atomless"}

Only "schema" and "widths" are required. `law` and `variance` take one value or a list of one a layer; exact numbers are
text ("1/4"); a symbolic width is the name of its symbol. Nothing read is evaluated as code.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from .errors import ArgumentError, PathMomentsError, SpecError
from .exact import MAX_DIGITS, fraction_text, is_symbolic
from .laws import Law, law_from_json, law_to_json
from .network import MAX_WIDTH, OUTPUTS, Network

NETWORK_SCHEMA = "pathmoments/network/1"

MAX_COMPLAINTS = 10
"""Complaints about one file that are listed."""


def _width(value: object) -> object:
    if isinstance(value, str):
        if not value.isidentifier():
            raise ValueError('must be a whole number, or the name of a symbol such as "n"')
        import sympy

        return sympy.Symbol(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_WIDTH:
        shown = value if len(str(value)) < 40 else f"one of {len(str(value))} characters"
        raise ValueError(f"must be a whole number of neurons, from 1 to 10^100, was {shown}")
    return value


def _widths(value: object) -> object:
    if not isinstance(value, list):
        raise ValueError(f"must be a list of widths such as [2, 3, 2], was {value!r}")
    return value


def _law(value: object) -> Law:
    try:
        return law_from_json(value)
    except PathMomentsError as error:
        raise ValueError(str(error)) from error


def _number(value: object) -> object:
    if value is None:
        raise ValueError("must be an exact number as text, such as '1/4', was null")
    if isinstance(value, float):
        raise ValueError(f"must be an exact number as text, such as '1/4', was the float {value}")
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("must be an exact number as text, such as '1/4', or a name")
    return value


def _bias(value: object) -> object:
    if value in ("atomless", "zero"):
        return value
    try:
        return _law(value)
    except ValueError as error:
        raise ValueError(f'must be "atomless", "zero" or a law: {error}') from error


_Width = Annotated[Any, BeforeValidator(_width)]
_LawSpec = Annotated[Any, BeforeValidator(_law)]
_Number = Annotated[Any, BeforeValidator(_number)]


class _NetworkSpec(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    schema_: Literal["pathmoments/network/1"] = Field(alias="schema")
    widths: Annotated[list[_Width], BeforeValidator(_widths)]
    law: list[_LawSpec] | _LawSpec = "gaussian"
    variance: list[_Number] | _Number = "he"
    output: Literal["relu", "linear"] = "relu"
    slope: _Number = 0
    bias: Annotated[Any, BeforeValidator(_bias)] = "atomless"
    bias_variance: list[_Number] | _Number | None = None


def network_to_json(network: Network) -> dict[str, Any]:
    """Return the JSON form of a network, defaults included, so that a file says all it means."""
    laws = network.laws
    form: dict[str, Any] = {
        "schema": NETWORK_SCHEMA,
        "widths": [_width_to_json(width) for width in network.widths],
        "law": law_to_json(laws[0]) if len(set(laws)) == 1 else [law_to_json(law) for law in laws],
        "variance": _numbers_to_json(network.variance, "variance"),
        "output": network.output,
        "slope": fraction_text(network.slope),
        "bias": law_to_json(network.bias) if isinstance(network.bias, Law) else network.bias,
    }
    if network.bias_variance is not None:
        form["bias_variance"] = _numbers_to_json(network.bias_variance, "bias_variance")
    return form


def _width_to_json(width: Any) -> int | str:
    if not is_symbolic(width):
        return int(width)
    if not width.is_Symbol:
        raise ArgumentError(
            f"the JSON form has symbols alone as widths, and one is {width}: use a symbol of its own for it"
        )
    return str(width)


def _numbers_to_json(value: Any, argument: str) -> Any:
    if isinstance(value, tuple):
        return [_numbers_to_json(one, argument) for one in value]
    if is_symbolic(value):
        raise ArgumentError(f"the JSON form has numbers and names alone as {argument}, and one is {value}")
    return value if isinstance(value, str) else fraction_text(value)


def network_from_json(form: object) -> Network:
    """Return the network of a JSON form: the object itself, or its text."""
    if isinstance(form, (str, bytes)):
        return _network(_parsed(form, "the text"), "")
    return _network(form, "")


def read_network(path: str | Path) -> Network:
    """Return the network of a JSON file (docs: JSON schemas, pathmoments/network/1).

    Parameters
    ----------
    path
        The file's name.

    Returns
    -------
    The :class:`pathmoments.Network`.

    Raises
    ------
    SpecError
        If the file is missing, is not JSON, or does not fit the schema; the message names the file and the place in it.
    """
    return _network(read_form(path), f"{path}: ")


def read_form(path: str | Path) -> object:
    """Return what the JSON of a file says, of any schema."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")  # with or without a byte order mark
    except FileNotFoundError:
        raise SpecError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a name that no file can have
        raise SpecError(f"{path}: cannot be read as text: {error}") from error
    return _parsed(text, str(path))


def network_from_form(form: object, where: str) -> Network:
    """Return the network of a parsed form; `where` begins every message, such as the file's name."""
    return _network(form, where)


def _parsed(text: str | bytes, where: str) -> object:
    if len(text) > 100_000_000:
        raise SpecError(f"{where}: larger than 100 MB, which no network needs")
    try:
        return json.loads(text, parse_int=_bounded_int, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise SpecError(f"{where}: not JSON at line {error.lineno} column {error.colno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{where}: not JSON: {error}") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _network(form: object, where: str) -> Network:
    if not isinstance(form, dict):
        raise SpecError(
            f'{where}a network must be an object such as {{"schema": "{NETWORK_SCHEMA}", "widths": [2, 3, 2]}}'
        )
    if form.get("schema") != NETWORK_SCHEMA:
        was = f"was {form['schema']!r}" if "schema" in form else "is missing"
        raise SpecError(f'{where}schema: must be "{NETWORK_SCHEMA}", {was}: this version reads that schema alone')
    try:
        spec = _NetworkSpec.model_validate(form)
    except ValidationError as error:
        lines = [f"{where}{line}" for line in _complaints(error, form)]
        more = [f"{where}and {len(lines) - MAX_COMPLAINTS} more"] if len(lines) > MAX_COMPLAINTS else []
        raise SpecError("\n".join(lines[:MAX_COMPLAINTS] + more)) from error
    keywords = {key: getattr(spec, key) for key in _NetworkSpec.model_fields if key not in ("schema_", "widths")}
    try:
        return Network(spec.widths, **keywords)
    except PathMomentsError as error:
        raise SpecError(f"{where}{error}") from error


def _complaints(error: ValidationError, form: dict[str, Any]) -> list[str]:
    """Return one line a complaint: the place in dotted form, and what must stand there."""
    lines: dict[str, str] = {}
    lists = {key for key in _LISTS if isinstance(form.get(key), list)}
    for problem in error.errors():
        steps = [step for step in problem["loc"] if isinstance(step, int) or str(step) in _PLACES]
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
        place = place or ".".join(map(str, problem["loc"]))
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "there is no such key: a network has " + ", ".join(sorted(_PLACES))
        elif problem["type"] == "missing":
            message = "is missing"
        elif problem["type"] == "literal_error" and place == "output":
            message = "must be " + " or ".join(f'"{name}"' for name in OUTPUTS) + f", was {problem['input']!r}"
        if place in lists or (problem["type"] == "list_type" and place in _LISTS):
            continue  # the other half of "one value or a list": its complaint says it better
        lines.setdefault(place, f"{place}: {message}")
    return list(lines.values())


_LISTS = frozenset({"law", "variance", "bias_variance"})
"""What takes one value or a list of one a layer."""

_PLACES = frozenset({"schema", "widths", "law", "variance", "output", "slope", "bias", "bias_variance"})
