"""The document pathmoments/golden/1 as models: what is written is checked against them, and its JSON Schema is theirs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

RATIONAL = r"^-?[0-9]+(/[0-9]+)?$"
DECIMAL = r"^-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?$"

Rational = Annotated[str, Field(pattern=RATIONAL)]
Number = Annotated[str, Field(pattern=RATIONAL + r"|^\[.* \+/- .*\]$", description='"p/q", or a ball "[mid +/- rad]"')]
Decimal = Annotated[str, Field(pattern=DECIMAL, description="correctly rounded to 17 significant digits")]
Count = Annotated[int, Field(ge=1)]


class Part(BaseModel):
    """What all parts of the document share: no other keys, and no change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exact(Part):
    """An exact value."""

    exact: Number
    decimal: Decimal


class Root(Part):
    """The square root of an exact value."""

    square: Number
    decimal: Decimal


class EntryMoment(Part):
    """E Z[p, q]^order of any one entry."""

    order: Count
    exact: Number
    decimal: Decimal


class Layer(Part):
    """The weights of a layer."""

    fan_in: Count
    fan_out: Count
    law: dict[str, Any]
    variance: Exact
    deviation: Decimal
    activated: bool


class Slope(Part):
    """A slope of the influence test, what it grows by in each sample, and its weight."""

    slope: float
    growth: float
    weight: float


class InfluenceNumbers(Part):
    """The numbers of the influence test: it fails if the evidence of either side reaches the threshold."""

    theta: float
    threshold: float
    above: Annotated[list[Slope], Field(min_length=1)]
    below: Annotated[list[Slope], Field(min_length=1)]


class Quantity(Part):
    """A statistic S of one Jacobian, or of two: its exact moments, its plan and its test."""

    name: str
    pairs: bool
    moments: Annotated[list[Exact], Field(min_length=2)]
    variance: Exact
    effect: Rational
    level: Rational
    miss: Rational
    samples: Count
    networks: Count
    standard_error: Root
    test: InfluenceNumbers


class GoldenNetwork(Part):
    """A network with everything that is known of it."""

    name: str
    network: dict[str, Any]
    layers: Annotated[list[Layer], Field(min_length=1)]
    entry_moments: list[EntryMoment]
    quantities: Annotated[list[Quantity], Field(min_length=1)]


class Golden(Part):
    """Networks, exact moments, exact standard errors, plans and tests."""

    schema_: Literal["pathmoments/golden/1"] = Field(alias="schema")
    version: str
    false_alarm: Rational
    miss: Rational
    arithmetic: str
    networks: Annotated[list[GoldenNetwork], Field(min_length=1)]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the document."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Golden.model_json_schema(by_alias=True)}
