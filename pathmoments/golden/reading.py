"""Specifications of golden references from TOML files.

    schema = "pathmoments/golden-spec/1"
    quantities = ["frobenius"]
    effect = "1/20"

    [[networks]]
    name = "mine"
    widths = [8, 32, 32, 4]
    law = "uniform"
    output = "linear"

Errors name the place in the file. Nothing read is evaluated as code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from ..errors import PathMomentsError, SpecError
from ..network import Network
from ..spec import MAX_COMPLAINTS, NETWORK_SCHEMA, network_from_json
from ..tables.reading import toml_of
from .spec import SPEC_SCHEMA, GoldenSpec, default_networks, named


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")

    schema_: Literal["pathmoments/golden-spec/1"] = Field(alias="schema")
    networks: Annotated[list[dict[str, Any]], Field(min_length=1)] | None = None
    quantities: Annotated[list[StrictStr], Field(min_length=1)] | None = None
    effect: StrictStr | StrictInt | float | None = None
    false_alarm: StrictStr | float | None = None
    miss: StrictStr | float | None = None
    orders: Annotated[list[Annotated[StrictInt, Field(ge=2, multiple_of=2)]], Field(min_length=1)] | None = None
    samples: Annotated[StrictInt, Field(ge=1)] | None = None
    arithmetic: StrictStr | None = None


def read_golden_spec(path: str | Path) -> GoldenSpec:
    """Return the specification of a TOML file; "-" is stdin.

    Raises
    ------
    SpecError
        If the file is missing, is not TOML, or does not fit; the message names the file and the place in it.
    """
    content, name = toml_of(path)
    if not isinstance(content, dict) or content.get("schema") != SPEC_SCHEMA:
        was = f"was {content['schema']!r}" if isinstance(content, dict) and "schema" in content else "is missing"
        raise SpecError(f'{name}: schema: must be "{SPEC_SCHEMA}", {was}: this version reads that schema alone')
    try:
        model = _Model.model_validate(content)
    except ValidationError as error:
        lines = [f"{name}: {line}" for line in dict.fromkeys(map(_complaint, error.errors()))]
        raise SpecError("\n".join(lines[:MAX_COMPLAINTS])) from error
    given = {key: value for key, value in model if value is not None and key not in ("schema_", "networks")}
    tuples: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    networks = default_networks() if model.networks is None else _networks(model.networks, name)
    try:
        return GoldenSpec(networks, **tuples)
    except PathMomentsError as error:
        raise SpecError(f"{name}: {error}") from error


def _networks(forms: list[dict[str, Any]], file: str) -> tuple[tuple[str, Network], ...]:
    found = []
    for place, form in enumerate(forms):
        rest = dict(form)
        name = rest.pop("name", None)
        try:
            net = network_from_json({"schema": NETWORK_SCHEMA, **rest})
        except PathMomentsError as error:
            lines = [f"{file}: networks[{place}].{line}" for line in str(error).splitlines()]
            raise SpecError("\n".join(lines)) from error
        if name is not None and not (isinstance(name, str) and name.isprintable() and name):
            raise SpecError(f"{file}: networks[{place}].name: must be a text of one line, was {name!r}")
        found.append((name or named("network", net.widths), net))
    return tuple(found)


def _complaint(problem: Any) -> str:
    """Return the place in dotted form, and what must stand there."""
    steps = [step for step in problem["loc"] if isinstance(step, int) or step in _KEYS]
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    if problem["type"] == "extra_forbidden":
        return f"{problem['loc'][0]}: there is no such key: a golden specification has {', '.join(sorted(_KEYS))}"
    message = problem["msg"][0].lower() + problem["msg"][1:]
    return f"{place}: {message}, was {problem['input']!r}"


_KEYS = frozenset({"schema", *(name for name in _Model.model_fields if name != "schema_")})
