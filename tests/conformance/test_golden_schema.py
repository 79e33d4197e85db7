"""The document of golden references: its published JSON Schema, its documentation, and the specification that is read."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pathmoments import Network
from pathmoments.errors import SpecError
from pathmoments.golden import GoldenSpec, golden, schema
from pathmoments.golden.reading import read_golden_spec
from pathmoments.spec import read_network

DOCS = Path(__file__).resolve().parents[2] / "docs"
PUBLISHED = json.loads((DOCS / "reference" / "golden.schema.json").read_text(encoding="utf-8"))


def complaints(value: Any, rule: dict[str, Any], place: str = "") -> list[str]:
    """Return where a value breaks a JSON Schema: the parts of the standard that the published schema uses, from scratch."""
    if "$ref" in rule:
        return complaints(value, PUBLISHED["$defs"][rule["$ref"].rpartition("/")[2]], place)
    kinds: dict[str, Callable[[Any], bool]] = {
        "object": lambda v: isinstance(v, dict),
        "array": lambda v: isinstance(v, list),
        "string": lambda v: isinstance(v, str),
        "boolean": lambda v: isinstance(v, bool),
        "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
        "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    }
    if "type" in rule and not kinds[rule["type"]](value):
        return [f"{place}: type"]
    found = []
    if "const" in rule and value != rule["const"]:
        found.append(f"{place}: const")
    if "pattern" in rule and not re.search(rule["pattern"], value):
        found.append(f"{place}: pattern")
    if "minimum" in rule and value < rule["minimum"]:
        found.append(f"{place}: minimum")
    if isinstance(value, list):
        found += [f"{place}: minItems"] if len(value) < rule.get("minItems", 0) else []
        found += [line for i, one in enumerate(value) for line in complaints(one, rule["items"], f"{place}[{i}]")]
    if isinstance(value, dict) and "properties" in rule:
        keys = rule["properties"]
        found += [f"{place}: missing {key}" for key in rule["required"] if key not in value]
        found += [f"{place}: unknown {key}" for key in value if key not in keys and not rule["additionalProperties"]]
        found += [line for key in keys if key in value for line in complaints(value[key], keys[key], f"{place}.{key}")]
    known = {
        "$ref",
        "$schema",
        "$defs",
        "type",
        "const",
        "pattern",
        "minimum",
        "minItems",
        "items",
        "properties",
        "required",
    }
    assert set(rule) <= known | {"additionalProperties", "title", "description"}, (
        "a keyword that this test does not know"
    )
    return found


def document() -> dict[str, Any]:
    """Return a document with a rational network and one of balls."""
    nets = (
        ("rational", Network([2, 3, 2], law="uniform")),
        ("ball", Network([2, 3, 2], law="truncated:2", output="linear")),
    )
    written: dict[str, Any] = json.loads(json.dumps(golden(GoldenSpec(nets, effect="1/2"))))
    return written


def test_the_published_schema_is_that_of_the_models() -> None:
    """docs/reference/golden.schema.json is what `pathmoments export --schema` prints."""
    assert schema.json_schema() == PUBLISHED


def test_documents_fit_the_published_schema() -> None:
    """A document with rationals and balls, as JSON text, fits the schema; each network reads back as itself."""
    written = document()
    assert complaints(written, PUBLISHED) == []
    assert [Network.from_json(one["network"]).widths for one in written["networks"]] == [(2, 3, 2), (2, 3, 2)]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.update(schema="pathmoments/golden/2"), ".schema: const"),
        (lambda d: d["networks"][0].pop("quantities"), ".networks[0]: missing quantities"),
        (lambda d: d["networks"][1].update(extra=1), ".networks[1]: unknown extra"),
        (lambda d: d["networks"][0]["layers"][0].update(fan_in=0), ".networks[0].layers[0].fan_in: minimum"),
        (lambda d: d["networks"][0]["quantities"][0]["variance"].update(exact=0.5), ".exact: type"),
        (lambda d: d["networks"][0]["quantities"][0]["variance"].update(exact="0.5"), ".exact: pattern"),
        (lambda d: d["networks"][0]["quantities"][0]["test"]["above"].clear(), ".above: minItems"),
    ],
)
def test_altered_documents_do_not_fit(change: Callable[[Any], object], place: str) -> None:
    """A document that is altered in one place does not fit the schema, in that place."""
    written = copy.deepcopy(document())
    change(written)
    found = complaints(written, PUBLISHED)
    assert len(found) == 1
    assert found[0].endswith(place)


def test_the_page_of_schemas_names_every_key() -> None:
    """Each key of the document stands in the reference of the JSON schemas."""
    page = (DOCS / "reference" / "schemas.rst").read_text(encoding="utf-8").partition("``pathmoments/golden/1``")[2]
    keys = {key for part in (PUBLISHED, *PUBLISHED["$defs"].values()) for key in part["properties"]}
    assert {key for key in keys - {"schema"} if f"``{key}``" not in page} == set()


# -- specifications -----------------------------------------------------------------------------------------------------


def test_a_specification_in_toml(tmp_path: Path) -> None:
    """The specification of the how-to is read: its networks by name, their defaults, and the options of the check."""
    spec = read_golden_spec(DOCS / "examples" / "references.toml")
    assert dict(spec.networks) == {
        "wide": Network([8, 64, 4], variance="lecun", output="linear", bias="zero"),
        "leaky": Network([3, 16, 16, 2], law="uniform", slope="1/10"),
    }
    assert (spec.quantities, spec.effect, spec.samples) == (("frobenius",), "1/2", None)
    file = tmp_path / "all.toml"
    file.write_text('schema = "pathmoments/golden-spec/1"\nfalse_alarm = 1e-4\norders = [2]\n', encoding="utf-8")
    spec = read_golden_spec(file)
    assert (len(spec.networks), spec.false_alarm, spec.orders) == (16, 1e-4, (2,))


def test_a_network_of_a_specification_reads_as_that_of_a_file(tmp_path: Path) -> None:
    """A network in TOML means what the same keys mean in a network's JSON file; without a name it is called by its widths."""
    form = {
        "schema": "pathmoments/network/1",
        "widths": [2, 3, 2],
        "law": ["uniform", "laplace"],
        "variance": ["1/2", "he"],
    }
    (tmp_path / "net.json").write_text(json.dumps(form), encoding="utf-8")
    text = '[[networks]]\nwidths = [2, 3, 2]\nlaw = ["uniform", "laplace"]\nvariance = ["1/2", "he"]\n'
    (tmp_path / "s.toml").write_text('schema = "pathmoments/golden-spec/1"\n' + text, encoding="utf-8")
    assert read_golden_spec(tmp_path / "s.toml").networks == (("network 2,3,2", read_network(tmp_path / "net.json")),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 'schema: must be "pathmoments/golden-spec/1", is missing'),
        ('schema = "pathmoments/golden-spec/2"', "was 'pathmoments/golden-spec/2'"),
        ("schema = ", "not TOML"),
        ("networks = []", "networks: "),
        ("[[networks]]\nwidths = [2, 0, 2]", "networks[0].widths[1]: must be a whole number"),
        ("[[networks]]\nwidth = [2, 3]", "networks[0].width: there is no such key"),
        ("[[networks]]\nname = 3\nwidths = [2, 3]", "networks[0].name: must be a text"),
        ('[[networks]]\nname = "a"\nwidths = [2, 3]\n[[networks]]\nname = "a"\nwidths = [2, 3]', "different, was 'a'"),
        ("orders = [3]", "orders[0]: "),
        ("quantities = []", "quantities: "),
        ("samples = 0", "samples: "),
        ('samples = 5\neffect = "1/2"', "leave out the effect"),
        ("colour = 1", "colour: there is no such key: a golden specification has arithmetic, effect"),
    ],
)
def test_specifications_that_do_not_fit(tmp_path: Path, text: str, words: str) -> None:
    """A file that does not fit is refused with its name, the place in it, and what must stand there."""
    file = tmp_path / "spec.toml"
    head = "" if text.startswith("schema") or not text else 'schema = "pathmoments/golden-spec/1"\n'
    file.write_text(head + text, encoding="utf-8")
    with pytest.raises(SpecError) as refusal:
        read_golden_spec(file)
    assert words in str(refusal.value)
    assert "spec.toml: " in str(refusal.value)
