"""The plan of the house: a room imports only from floors at or below its own, and the door opens quickly."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pathmoments

FLOORS = {
    "_version": 1,
    "arrays": 1,
    "errors": 1,
    "exact": 1,
    "domains": 1,
    "files": 1,
    "sweeps": 1,
    "laws": 1,
    "network": 2,
    "dag": 2,
    "spec": 2,
    "families": 3,
    "partitions": 3,
    "dihedral": 3,
    "paths": 3,
    "routes": 5,
    "quantities": 6,
    "theorems": 7,
    "tables": 8,
    "verification": 8,
    "conformance": 8,
    "cli": 9,
    "frameworks": 9,
    "plotting": 9,
    "reports": 9,
    "__main__": 9,
}
"""Every room and its floor: a new room is entered here."""

HOUSE = Path(pathmoments.__file__).parent
MODULES = sorted(HOUSE.rglob("*.py"))
HEAVY = ("numpy", "sympy", "networkx", "matplotlib", "pydantic", "typer", "mpmath", "rich")


def dotted(path: Path) -> tuple[str, ...]:
    """Return the name of the module in a file, below the package: () for the package itself."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def imported(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the name, below the package, of all that a file imports from the package, wherever in it the import stands."""
    name = dotted(path)
    package = name if path.name == "__init__.py" else name[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first, *rest = alias.name.split(".")
                if first == "pathmoments":
                    yield tuple(rest)
        elif isinstance(node, ast.ImportFrom):
            module = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                base = package[: len(package) - node.level + 1] + module
            elif module[0] == "pathmoments":
                base = module[1:]
            else:
                continue
            yield from (base or (alias.name,) for alias in node.names)


def imports_between_rooms() -> Iterator[tuple[str, str]]:
    """Yield (room, room it imports from) for all imports that leave a room; the package's own front door is no room."""
    for path in MODULES:
        name = dotted(path)
        if name:
            yield from ((name[0], target[0]) for target in imported(path) if target[0] != name[0])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: ".".join(dotted(path)) or "pathmoments")
def test_a_room_imports_from_its_floor_or_below(path: Path) -> None:
    """No import of a module, lazy ones and those for types included, leads to a floor above its own."""
    name = dotted(path)
    if not name:
        assert all(target[0] in FLOORS for target in imported(path))
        return
    for target in imported(path):
        assert target, f"{path.name} imports the front door"
        assert target[0] in FLOORS, f"{path.name} imports {target[0]}, which has no floor"
        assert FLOORS[target[0]] <= FLOORS[name[0]], f"{'.'.join(name)} imports {'.'.join(target)} from above"


def test_the_house_has_the_rooms_of_the_plan() -> None:
    """Every module is in a room of the plan, and every room of the plan exists."""
    assert {dotted(path)[0] for path in MODULES if dotted(path)} == set(FLOORS)


def test_every_module_is_seen() -> None:
    """The files looked at are all the modules that Python can import from the package."""
    walked = {m.name for m in pkgutil.walk_packages(pathmoments.__path__, "pathmoments.")} | {"pathmoments"}
    seen = {".".join(("pathmoments", *dotted(path))) for path in MODULES}
    assert seen - {"pathmoments.__main__"} == walked - {"pathmoments.__main__"}


def test_the_parser_sees_imports() -> None:
    """Imports known to exist are found: relative, lazy, of a module by name, and across rooms."""
    found = set(imports_between_rooms())
    assert {
        ("laws", "exact"),
        ("network", "spec"),
        ("paths", "families"),
        ("routes", "paths"),
        ("cli", "quantities"),
    } <= found
    assert ("quantities", "moments") in set(imported(HOUSE / "cli" / "moment.py"))
    assert ("errors",) in set(imported(HOUSE / "__init__.py"))


def test_the_lowest_floor_depends_on_errors_alone() -> None:
    """Errors and _version import nothing of the package."""
    assert [target for room, target in imports_between_rooms() if room in ("errors", "_version")] == []


def loaded_after(code: str) -> set[str]:
    """Return which of the heavy libraries a fresh interpreter has loaded after running the code."""
    report = f"import sys\n{code}\nprint(*(set({HEAVY!r}) & sys.modules.keys()))"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", report],
        cwd=HOUSE.parent,  # the package under test, whatever folder the tests run in
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import pathmoments",
        "import pathmoments; dir(pathmoments); pathmoments.__version__; pathmoments.errors",
        "from pathmoments import Network; Network([2, 3, 2], law='uniform').variances",
        "from pathmoments import Network, moment; assert moment(Network([2, 3, 2]), {(0, 0): 4}) == 4",
    ],
)
def test_importing_and_using_rationals_loads_nothing_heavy(code: str) -> None:
    """Arrays, symbols, graphs, figures, schemas and the command line load when first needed, and not before."""
    assert loaded_after(code) == set()


def test_the_probe_sees_what_is_loaded() -> None:
    """The test above would notice: sampling loads numpy, and it alone."""
    code = (
        "from pathmoments import Gaussian, Network; import numpy; "
        "Gaussian().sample(numpy.random.default_rng(0), 3); Network([2, 3])"
    )
    assert loaded_after(code) == {"numpy"}
