"""Bad input on the command line: status 2, nothing on stdout, one message on stderr that names the argument and a way out."""

from __future__ import annotations

import errno
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Finished, Run

POWER = ("--power", "0,0=4")
NET = ("moment", "2,3,2", *POWER)
ALL_LAWS = (
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

TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # widths
    "widths missing": (("moment", *POWER), ("widths", "2,3,4,2", "--network")),
    "widths empty": (("moment", "", *POWER), ("WIDTHS", "2,3,4,2")),
    "widths only commas": (("moment", ",", *POWER), ("WIDTHS", "2,3,4,2", "','")),
    "widths ending in a comma": (("moment", "2,3,", *POWER), ("WIDTHS", "'2,3,'")),
    "seed without check": ((*NET, "--seed", "3"), ("--seed", "--check")),
    "width zero": (("moment", "2,0,2", *POWER), ("widths[1]", "1 or more", "was 0")),
    "width negative": (("moment", "2,-3,2", *POWER), ("widths[1]", "1 or more", "was -3")),
    "width a float": (("moment", "2,3.0,2", *POWER), ("WIDTHS", "whole numbers", "2,3.0,2")),
    "width an exponent": (("moment", "2,1e3,2", *POWER), ("WIDTHS", "whole numbers", "2,1e3,2")),
    "one width": (("moment", "2", *POWER), ("widths", "at least two", "2, 3, 2")),
    "width of 5000 digits": (("moment", f"2,{'9' * 5000},2", *POWER), ("width", "10^100", "5000 digits")),
    "width of 105 digits": (("moment", f"2,{'9' * 105},2", *POWER), ("widths[1]", "10^100", "105 digits")),
    "width of letters and spaces": (("moment", "two three", *POWER), ("WIDTHS", "2,3,4,2", "two three")),
    "width with code": (("moment", "2,__import__('os'),2", *POWER), ("WIDTHS", "2,3,4,2")),
    "width in other digits": (("moment", "2,\uff13,2", *POWER), ("WIDTHS", "whole numbers")),
    "widths twice": (("moment", "2,3,2", "2,3,2", *POWER), ("unexpected", "2,3,2")),
    # the monomial
    "power missing": (("moment", "2,3,2"), ("--power", "P,Q=ORDER", "0,0=4")),
    "p out of range": (("moment", "2,3,2", "--power", "2,0=4"), ("p must be", "0 to 1", "was 2")),
    "q out of range": (("moment", "2,3,2", "--power", "0,2=4"), ("q must be", "0 to 1", "was 2")),
    "p negative": (("moment", "2,3,2", "--power", "-1,0=4"), ("p must be", "0 or more", "was -1")),
    "q negative": (("moment", "2,3,2", "--power", "0,-1=4"), ("q must be", "0 or more", "was -1")),
    "p out of range of a section": (
        ("moment", "2,3,2", "--power", "3,0=4", "--layers", "1:2"),
        ("p must be", "layer 1", "0 to 2", "was 3"),
    ),
    "p out of range at order 0": (("moment", "2,3,2", "--power", "7,0=0"), ("p must be", "was 7")),
    "order negative": (("moment", "2,3,2", "--power", "0,0=-4"), ("--power", "0 or more", "0,0=-4")),
    "order odd at an output": (
        ("moment", "2,3,2", "--power", "0,0=3"),
        ("Z[0,0]^3", "output 0", "odd", "even", "linear"),
    ),
    "order odd at one of two outputs": (
        ("moment", "2,3,2", "--power", "0,0=2", "--power", "0,1=1"),
        ("output 1", "odd", "linear"),
    ),
    "order a float": (("moment", "2,3,2", "--power", "0,0=4.0"), ("--power", "whole numbers", "0,0=4.0")),
    "order letters": (("moment", "2,3,2", "--power", "0,0=x"), ("--power", "0,0=4", "0,0=x")),
    "order missing": (("moment", "2,3,2", "--power", "0,0"), ("--power", "P,Q=ORDER")),
    "order of 30 digits": (("moment", "2,3,2", "--power", f"0,0=1{'0' * 30}"), ("--power",)),
    "one index": (("moment", "2,3,2", "--power", "0=4"), ("--power", "P,Q=ORDER", "0=4")),
    # names
    "unknown law": ((*NET, "--law", "cauchy"), ("law", "cauchy", *ALL_LAWS)),
    "unknown law of one layer": ((*NET, "--law", "uniform", "--law", "cauchy"), ("law", "cauchy", *ALL_LAWS)),
    "law in capitals": ((*NET, "--law", "Gaussian"), ("law", "gaussian", "Gaussian")),
    "too many laws": ((*NET, "--law", "uniform", "--law", "uniform", "--law", "uniform"), ("law", "2 layers", "3")),
    "unknown route": ((*NET, "--route", "magic"), ("route", "magic", "auto", "transfer", "enumeration")),
    "unknown variance": ((*NET, "--variance", "kaiming"), ("variance", "kaiming", "he, lecun, glorot, pytorch")),
    "too many variances": ((*NET, *("--variance", "he") * 3), ("variance", "2 layers", "3")),
    "unknown output": ((*NET, "--output", "tanh"), ("output", "relu", "linear", "tanh")),
    "unknown format": ((*NET, "--format", "xml"), ("--format", "text", "json", "latex", "xml")),
    "unknown bias": ((*NET, "--bias", "none"), ("bias", "atomless", "zero", "none")),
    "unknown option": ((*NET, "--colour"), ("--colour", "pathmoments moment -h")),
    "unknown command": (("moments", "2,3,2"), ("moments", "pathmoments -h")),
    # laws
    "atoms at zero bias": (
        (*NET, "--law", "rademacher", "--bias", "zero"),
        ("layer 1", "atoms", "atomless", "exhaustion"),
    ),
    "atoms in the biases": ((*NET, "--law", "rademacher", "--bias", "rademacher"), ("layer 1", "atoms", "atomless")),
    "moments that no law has": ((*NET, "--law", "moments:2=1,4=1/2"), ("mt_4", "at least 1", "1/2")),
    "moments not Hankel-positive": ((*NET, "--law", "moments:2=1,4=3,6=4"), ("no law has these moments", "w^6")),
    "moments with a gap": ((*NET, "--law", "moments:2=1,6=15"), ("2, 4, 6", "without gaps")),
    "moment not given": (
        ("moment", "2,3,2", "--power", "0,0=6", "--law", "moments:2=1,4=3"),
        ("order 6", "up to order 4", "add E w^6"),
    ),
    "moments without numbers": ((*NET, "--law", "moments"), ("law", "moments:2=1,4=3")),
    "moments with a float": ((*NET, "--law", "moments:2=1,4=3e0"), ("E w^4", "exact", "3e0")),
    "finite law not symmetric": ((*NET, "--law", "finite:1=1/2,2=1/2"), ("symmetric", "probability")),
    "finite law not summing to 1": ((*NET, "--law", "finite:-1=1/4,1=1/4"), ("probabilities", "1", "1/2")),
    "finite law at 0 alone": ((*NET, "--law", "finite:0=1"), ("atom other than 0",)),
    "sparse law always zero": ((*NET, "--law", "sparse:1:gaussian"), ("zero", "below 1")),
    "sparse law without a law": ((*NET, "--law", "sparse:1/2"), ("law must be", "gaussian")),
    "numbers for a law without": ((*NET, "--law", "gaussian:3"), ("gaussian", "no numbers", "gaussian:3")),
    "truncated at 0": ((*NET, "--law", "truncated:0"), ("bound", "positive", "0")),
    "symbol that is no name": ((*NET, "--law", "symbolic:2x"), ("symbol", "2x", "mt")),
    "symbolic biases": ((*NET, "--bias", "symbolic"), ("bias", "atomless")),
    # numbers
    "slope as exponent": ((*NET, "--slope", "1e-3"), ("slope", "exact number", "write '1/1000'", "1e-3")),
    "slope as letter": ((*NET, "--slope", "x"), ("slope", "exact number", "1/4", "'x'")),
    "slope not a number": ((*NET, "--slope", "nan"), ("slope", "exact number", "nan")),
    "slope over zero": ((*NET, "--slope", "1/0"), ("slope", "nonzero denominator", "1/0")),
    "slope of 5000 digits": ((*NET, "--slope", "9" * 5000), ("slope", "4000", "5000")),
    "variance as exponent": ((*NET, "--variance", "1e-3"), ("variance", "exact number", "write '1/1000'", "1e-3")),
    "variance zero": ((*NET, "--variance", "0"), ("variance", "positive", "0")),
    "variance negative": ((*NET, "--variance", "-1/2"), ("variance", "positive", "-1/2")),
    # sections
    "layers not a pair": ((*NET, "--layers", "1"), ("--layers", "1:3", "'1'")),
    "layers backwards": ((*NET, "--layers", "2:1"), ("layers", "i < j <= 2", "(2, 1)")),
    "layers beyond the depth": ((*NET, "--layers", "0:9"), ("layers", "<= 2", "(0, 9)")),
    "layers negative": ((*NET, "--layers", "-1:2"), ("--layers", "1:3", "-1:2")),
    # routes
    "enumeration over budget": (
        ("moment", "9,9,9,9,9", "--power", "0,0=8", "--route", "enumeration"),
        ("2,055,528,539,399,788,740 collections", "2,000,000", "transfer", "budget"),
    ),
    "table over budget": (
        ("paths", "9,9,9,9,9", "--power", "0,0=8"),
        ("2,055,528,539,399,788,740 collections", "2,000,000", "budget"),
    ),
    "exhaustion over budget": (
        ("moment", "9,9,9,9", *POWER, "--law", "rademacher", "--route", "exhaustion"),
        ("exhaustion", "budget"),
    ),
    "gaussian route for another law": (
        (*NET, "--law", "uniform", "--route", "gaussian"),
        ("'gaussian' does not apply", "Uniform", "transfer"),
    ),
    "exhaustion of a continuous law": ((*NET, "--route", "exhaustion"), ("finite support", "transfer")),
    "sampling as a route": ((*NET, "--route", "sampling"), ("simulation", "--check")),
    "symbolic width enumerated": (("moment", "2,n,2", *POWER, "--route", "enumeration"), ("numbers", "transfer")),
    "symbolic width in a table": (("paths", "2,n,2", *POWER), ("numbers", "n", "substitute")),
    "symbolic width simulated": (("moment", "2,n,2", *POWER, "--check", "100"), ("simulation", "substitute")),
    "symbolic law simulated": ((*NET, "--law", "symbolic", "--check", "100"), ("cannot be sampled",)),
    "symbolic width with a ball": (("moment", "2,n,2", *POWER, "--law", "truncated"), ("symbol", "ball", "numbers")),
    "moments law simulated": (
        (*NET, "--law", "moments:2=1,4=3,6=15,8=105", "--check", "100"),
        ("Moments", "moments only", "cannot be sampled"),
    ),
    # counts
    "budget zero": ((*NET, "--budget", "0"), ("--budget", "1")),
    "budget letters": ((*NET, "--budget", "many"), ("--budget", "integer")),
    "check zero": ((*NET, "--check", "0"), ("--check", "1")),
    "check as exponent": ((*NET, "--check", "1e6"), ("--check", "integer")),
    "seed negative": ((*NET, "--check", "100", "--seed", "-1"), ("--seed", "0")),
    # files
    "network and widths": (("moment", "2,3,2", *POWER, "--network", "net.json"), ("--network", "WIDTHS", "leave out")),
    "network and law": (("moment", *POWER, "--network", "net.json", "--law", "uniform"), ("--network", "--law")),
    "network and slope": (("moment", *POWER, "--network", "net.json", "--slope", "1/4"), ("--network", "--slope")),
    "network missing": (("moment", *POWER, "--network", "nowhere.json"), ("nowhere.json", "no such file")),
    "network a folder": (("moment", *POWER, "--network", "."), (".", "cannot be read")),
}


def refused(done: Finished) -> None:
    """Assert what every refusal has in common."""
    assert done.status == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "Error" in done.message
    assert 20 < len(done.message) < 1200


@pytest.mark.parametrize(("arguments", "fragments"), TABLE.values(), ids=TABLE)
def test_refused_with_a_message(run: Run, arguments: tuple[str, ...], fragments: tuple[str, ...]) -> None:
    """Bad input ends with status 2, nothing on stdout, and a message with what it was and what to do."""
    done = run(*arguments)
    refused(done)
    assert [fragment for fragment in fragments if fragment not in done.message] == []


@pytest.mark.parametrize(
    "name",
    [
        "width zero",
        "order odd at an output",
        "unknown law",
        "unknown format",
        "moments that no law has",
        "enumeration over budget",
        "network missing",
        "moments law simulated",
    ],
)
def test_installed_command_refuses_alike(command: Run, run: Run, name: str) -> None:
    """The installed command ends with the same status and the same message, and without a traceback."""
    arguments, _ = TABLE[name]
    done = command(*arguments)
    refused(done)
    assert done.message == run(*arguments).message


@pytest.mark.parametrize(
    "name", ["width zero", "p out of range", "unknown law", "atoms at zero bias", "network missing"]
)
def test_paths_refuses_alike(run: Run, name: str) -> None:
    """`paths` reads networks and monomials as `moment` does, and refuses them with the same words."""
    arguments, _ = TABLE[name]
    done = run("paths", *arguments[1:])
    refused(done)
    assert done.stderr == run(*arguments).stderr


def test_package_errors_are_one_line(run: Run) -> None:
    """A refusal of the package is one line that starts with Error, whatever was in the input."""
    for arguments in (("moment", "2,3\n4,2", *POWER), (*NET, "--law", "cau\nchy"), (*NET, "--slope", "1\n2")):
        done = run(*arguments)
        refused(done)
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("Error: ")


@pytest.mark.parametrize(
    ("option", "decimal", "exact"),
    [("--slope", "0.25", "1/4"), ("--variance", "0.1", "1/10"), ("--slope", "+0.250", "1/4")],
)
def test_decimals_are_refused_with_the_fraction_to_write(run: Run, option: str, decimal: str, exact: str) -> None:
    """A slope or variance in decimals is refused, and the message says how to write it exactly."""
    done = run(*NET, option, decimal)
    refused(done)
    assert f"write '{exact}'" in done.message
    assert run(*NET, option, exact).status == 0


# -- network files ------------------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {"schema": "pathmoments/network/1", "widths": [2, 3, 2]}

FILES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "empty": ("", ("not JSON", "line 1 column 1")),
    "not JSON": ('{"widths": [2, 3\n', ("not JSON", "line 2")),
    "a number of 5000 digits": (f'{{"widths": [{"9" * 5000}]}}', ("not JSON", "5000 digits")),
    "nested without end": ("[" * 100_000, ("not JSON",)),
    "a list": ([], ("object", '"widths"')),
    "no schema": ({"widths": [2, 3, 2]}, ("schema", "pathmoments/network/1", "missing")),
    "other schema version": (GOOD | {"schema": "pathmoments/network/2"}, ("schema", "network/1", "network/2")),
    "a result instead of a network": (GOOD | {"schema": "pathmoments/moment/1"}, ("schema", "network/1", "moment/1")),
    "unknown key": (GOOD | {"widht": 3}, ("widht", "no such key", "widths", "law", "variance")),
    "no widths": ({"schema": GOOD["schema"]}, ("widths", "missing")),
    "widths a number": (GOOD | {"widths": 5}, ("widths", "list")),
    "one width": (GOOD | {"widths": [2]}, ("widths", "at least two")),
    "width zero": (GOOD | {"widths": [2, 0, 2]}, ("widths[1]", "from 1 to 10^100", "was 0")),
    "width a float": (GOOD | {"widths": [2, 3, 2.5]}, ("widths[2]", "whole number")),
    "width true": (GOOD | {"widths": [True, 3, 2]}, ("widths[0]", "whole number")),
    "width text": (GOOD | {"widths": [2, "3 + n", 2]}, ("widths[1]", "whole number", "symbol")),
    "width with code": (GOOD | {"widths": [2, "exit()", 2]}, ("widths[1]", "whole number", "symbol")),
    "unknown law": (GOOD | {"law": "cauchy"}, ("law", "cauchy", "gaussian, uniform")),
    "unknown law of a layer": (GOOD | {"law": ["uniform", "cauchy"]}, ("law[1]", "cauchy", "gaussian, uniform")),
    "law with an unknown key": (GOOD | {"law": {"name": "uniform", "width": 1}}, ("law", "width", "uniform")),
    "law without its numbers": (GOOD | {"law": {"name": "finite"}}, ("law", "atoms")),
    "moments that no law has": (
        GOOD | {"law": {"name": "moments", "moments": {"2": "1", "4": "1/2"}}},
        ("law", "mt_4", "at least 1"),
    ),
    "laws for other layers": (GOOD | {"law": ["uniform"] * 3}, ("law", "2 layers", "3")),
    "slope a float": (GOOD | {"slope": 0.25}, ("slope", "exact", "'1/4'", "0.25")),
    "slope text": (GOOD | {"slope": "steep"}, ("slope", "exact", "steep")),
    "variance a float": (GOOD | {"variance": 0.25}, ("variance", "exact", "'1/4'", "0.25")),
    "variance a float in a list": (GOOD | {"variance": ["he", 0.25]}, ("variance[1]", "exact", "0.25")),
    "variance negative": (GOOD | {"variance": "-1"}, ("variance", "positive", "-1")),
    "unknown variance": (GOOD | {"variance": "kaiming"}, ("variance", "kaiming", "he, lecun")),
    "unknown output": (GOOD | {"output": "tanh"}, ("output", "relu", "linear", "tanh")),
    "unknown bias": (GOOD | {"bias": "none"}, ("bias", "none")),
    "bias a list": (GOOD | {"bias": []}, ("bias",)),
    "slope a list": (GOOD | {"slope": ["1/4"]}, ("slope",)),
    "output a list": (GOOD | {"output": ["relu"]}, ("output", "relu", "linear")),
    "bias variance without a law": (GOOD | {"bias_variance": "1"}, ("bias_variance", "law")),
}


@pytest.mark.parametrize(("content", "fragments"), FILES.values(), ids=FILES)
def test_bad_network_file(run: Run, tmp_path: Path, content: Any, fragments: tuple[str, ...]) -> None:
    """A network file that does not fit is refused with its name and the place in it."""
    file = tmp_path / "net.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    done = run("moment", "--network", str(file), *POWER)
    refused(done)
    assert [fragment for fragment in ("net.json", *fragments) if fragment not in done.message] == []


def test_every_mistake_in_a_file_is_said_at_once(run: Run, tmp_path: Path) -> None:
    """A file with several mistakes is refused with all of them, one a line."""
    file = tmp_path / "net.json"
    file.write_text(json.dumps(GOOD | {"widths": [2, 0, -1], "slope": 0.5, "wide": 1}), encoding="utf-8")
    done = run("moment", "--network", str(file), *POWER)
    refused(done)
    assert [place for place in ("widths[1]", "widths[2]", "slope", "wide") if f"{place}: " not in done.message] == []


def test_network_file_that_is_not_text(run: Run, tmp_path: Path) -> None:
    """A binary file is refused as one."""
    file = tmp_path / "net.json"
    file.write_bytes(b"\xff\xfe\x00\x01")
    done = run("moment", "--network", str(file), *POWER)
    refused(done)
    assert "net.json: cannot be read as text" in done.message


# -- what is not the user's input, but ends the same way ----------------------------------------------------------------


def test_out_of_memory(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running out of memory is a message with a way out, not a traceback."""

    def greedy(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("pathmoments.cli.moment.moment", greedy)
    done = run(*NET)
    refused(done)
    assert "out of memory: lower the order" in done.message


class _FullDisk:
    """A stdout on a disk without space."""

    encoding, errors = "utf-8", "strict"

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        """Nothing was written."""

    def isatty(self) -> bool:
        """Return what a file returns."""
        return False


def test_output_that_cannot_be_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Output to a full disk is a message with the reason, not a traceback, and not the status of a disagreement."""
    monkeypatch.setattr(sys, "stdout", _FullDisk())
    done = run(*NET)
    refused(done)
    assert "No space left on device" in done.message
