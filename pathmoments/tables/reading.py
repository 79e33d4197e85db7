"""Specifications of tables from flags, dictionaries, and files in TOML or JSON.

    schema = "pathmoments/table-spec/1"
    widths = ["n,n,n for n in 1..5"]
    laws = ["gaussian", "uniform"]
    orders = [2, 4]
    digits = 6

Errors name the place in the file. Nothing read is evaluated as code.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..errors import PathMomentsError, SpecError
from ..exact import fraction_text, integer, is_symbolic
from ..laws import Law, law_from_json, law_to_text
from ..network import Network
from ..spec import MAX_COMPLAINTS, _parsed
from .grid import WidthGrid
from .quantities import Moment, Quantity, quantity_from_text
from .spec import SETTING, SPEC_SCHEMA, TableSpec

MAX_DIGITS = 1_000


def spec_of(content: object, where: str = "") -> TableSpec:
    """Return the specification of a dictionary; `where` stands before each complaint.

    Raises
    ------
    SpecError
        Naming each place that does not fit, and what must stand there.

    >>> spec_of({"widths": ["n,n,n for n in 1..5"], "laws": ["gaussian", "uniform"], "orders": [4]}).count
    10
    """
    if not isinstance(content, Mapping):
        raise SpecError(
            f'{where}a table must be an object such as {{"widths": ["2,3,2"], "orders": [4]}}, was {content!r}'
        )
    try:
        model = _Model.model_validate({"schema": SPEC_SCHEMA, **content})
    except ValidationError as error:
        lines = [where + line for line in _complaints(error)]
        more = [f"{where}and {len(lines) - MAX_COMPLAINTS} more"] if len(lines) > MAX_COMPLAINTS else []
        raise SpecError("\n".join(lines[:MAX_COMPLAINTS] + more)) from error
    moments = [Moment({(0, 0): order}) for order in model.orders]
    quantities = tuple(dict.fromkeys([*moments, *model.quantities]))
    if not quantities:
        raise SpecError(
            f'{where}quantities: say what the columns are: orders such as [4], or quantities such as ["variance"]'
        )
    if not model.exact and not model.digits:
        raise SpecError(f"{where}exact: false shows decimals alone: say how many digits, such as digits = 6")
    fields = {
        name: getattr(model, name) for name in _Model.model_fields if name not in ("schema_", "orders", "quantities")
    }
    tuples: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }
    spec = TableSpec(quantities=quantities, **tuples)
    taken = {"widths", *SETTING.values(), *(column.name for quantity in quantities for column in quantity.columns)}
    for name in spec.parameters:
        if name in taken:
            raise SpecError(f"{where}widths: the parameter {name} is called like a column: give it another name")
    return spec


def read_spec(path: str | Path) -> TableSpec:
    """Return the specification of a file: TOML if its name ends so, else JSON; "-" is stdin, TOML unless it opens with a brace.

    Raises
    ------
    SpecError
        If the file is missing, is not TOML or JSON, or does not fit; the message names the file and the place in it.
    """
    if str(path) == "-":
        text, name = sys.stdin.read(), "stdin"
        toml = not text.lstrip().startswith("{")
    else:
        text, name, toml = _text(path), str(path), Path(path).suffix == ".toml"
    content = _toml(text, name) if toml else _parsed(text, name)
    if not isinstance(content, dict) or content.get("schema") != SPEC_SCHEMA:
        was = f"was {content['schema']!r}" if isinstance(content, dict) and "schema" in content else "is missing"
        raise SpecError(f'{name}: schema: must be "{SPEC_SCHEMA}", {was}: this version reads that schema alone')
    return spec_of(content, f"{name}: ")


def toml_of(path: str | Path) -> tuple[object, str]:
    """Return what a TOML file, or stdin for "-", holds, and its name for complaints."""
    if str(path) == "-":
        return _toml(sys.stdin.read(), "stdin"), "stdin"
    return _toml(_text(path), str(path)), str(path)


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")  # with or without a byte order mark
    except FileNotFoundError:
        raise SpecError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a name that no file can have
        raise SpecError(f"{path}: cannot be read as text: {error}") from error


def _toml(text: str, name: str) -> object:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{name}: not TOML: {error}") from error


# -- what stands at each key --------------------------------------------------------------------------------------------


def _said(read: Callable[[Any], Any]) -> BeforeValidator:
    """Return the validator of a value that the library reads, its refusal being the complaint."""

    def validated(value: object) -> Any:
        try:
            return read(value)
        except PathMomentsError as error:
            raise ValueError(str(error)) from error

    return BeforeValidator(validated)


def _grid(value: object) -> WidthGrid:
    if isinstance(value, (list, tuple)):
        for width in value:
            if isinstance(width, bool) or not (isinstance(width, (int, str)) or is_symbolic(width)):
                raise ValueError(f"must be a list of whole numbers and formulas, was {value!r}")
        value = ",".join(map(str, value))
    if not isinstance(value, str):
        raise ValueError(f'must be a text such as "n,n,n for n in 1..20", or a list such as [2, 3, 2], was {value!r}')
    return WidthGrid(value)


def _law(value: object) -> str | tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(_one_law(law) for law in value)
    return _one_law(value)


def _one_law(value: object) -> str:
    return law_to_text(value if isinstance(value, Law) else law_from_json(value))


def _variance(value: object) -> str | tuple[str, ...]:
    layers = len(value) if isinstance(value, (list, tuple)) else 1
    found = Network([1] * (layers + 1), variance=value).variance
    return tuple(map(_number, found)) if isinstance(found, tuple) else _number(found)


def _number(value: Any) -> str:
    if is_symbolic(value):
        raise ValueError(f"must be a name or an exact number, was {value}")
    return value if isinstance(value, str) else fraction_text(value)


def _output(value: Any) -> str:
    return Network([1, 1], output=value).output


def _slope(value: object) -> str:
    return fraction_text(Network([1, 1], slope=value).slope)


def _bias(value: Any) -> str:
    bias = Network([1, 1], bias=law_from_json(value) if isinstance(value, dict) else value).bias
    return law_to_text(bias) if isinstance(bias, Law) else bias


def _quantity(value: object) -> Quantity:
    if not isinstance(value, str):
        raise ValueError(f'must be a text such as "moment 0,0=4", was {value!r}')
    return quantity_from_text(value)


def _order(value: object) -> int:
    return integer(value, "an order", minimum=0, what="a whole number, 0 or more")


def _digits(value: object) -> int:
    digits = integer(value, "digits", minimum=0, what=f"a whole number, 0 to {MAX_DIGITS:,}")
    if digits > MAX_DIGITS:
        raise ValueError(f"digits must be a whole number, 0 to {MAX_DIGITS:,}, was {digits}")
    return digits


def _title(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"must be a text of one line, was {value!r}")
    return value


def _listed(value: object) -> object:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"must be a list, was {value!r}")
    return list(value)


_LIST = BeforeValidator(_listed)
_SOME = Field(min_length=1)


def _across(value: object) -> str:
    if value and value not in SETTING.values():
        raise ValueError("must be one of " + ", ".join(SETTING.values()) + f", was {value!r}")
    return str(value or "")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    schema_: Literal["pathmoments/table-spec/1"] = Field(alias="schema")
    title: Annotated[str, _said(_title)] = ""
    widths: Annotated[list[Annotated[Any, _said(_grid)]], _LIST, _SOME]
    laws: Annotated[list[Annotated[Any, _said(_law)]], _LIST, _SOME] = ["gaussian"]
    variances: Annotated[list[Annotated[Any, _said(_variance)]], _LIST, _SOME] = ["he"]
    outputs: Annotated[list[Annotated[Any, _said(_output)]], _LIST, _SOME] = ["relu"]
    slopes: Annotated[list[Annotated[Any, _said(_slope)]], _LIST, _SOME] = ["0"]
    biases: Annotated[list[Annotated[Any, _said(_bias)]], _LIST, _SOME] = ["atomless"]
    orders: Annotated[list[Annotated[Any, _said(_order)]], _LIST] = []
    quantities: Annotated[list[Annotated[Any, _said(_quantity)]], _LIST] = []
    digits: Annotated[int, _said(_digits)] = 0
    exact: Annotated[bool, Field(strict=True)] = True
    across: Annotated[str, _said(_across)] = ""


def _complaints(error: ValidationError) -> list[str]:
    """Return one line a complaint: the place in dotted form, and what must stand there."""
    lines = []
    for problem in error.errors():
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"]).lstrip(".")
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            keys = ", ".join(sorted(field.alias or name for name, field in _Model.model_fields.items()))
            message = f"there is no such key: a table has {keys}"
        elif problem["type"] == "missing":
            message = "is missing"
        elif problem["type"] == "too_short":
            message = "must have at least one entry"
        elif problem["type"] in ("bool_type", "literal_error"):
            message = f"{problem['msg']}, was {problem['input']!r}"
        lines.append(f"{place}: {message}")
    return lines
