"""`pathmoments check`: exit status, formats, what is taken as samples, and the user's own exceptions."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np
import pytest

from pathmoments import Network, iter_jacobians
from pathmoments.conformance import check
from pathmoments.reports.junit import check_junit

from .conftest import Run

NET = ("3,8,8,2", "--output", "linear", "--bias", "zero")
QUICK = (*NET, "--effect", "1/2", "--seed", "1")
SAMPLER = """
from pathmoments import Network, iter_jacobians

class nested:
    def he(samples, seed):
        return iter_jacobians(Network([3, 8, 8, 2], output="linear", bias="zero"), samples, seed=seed)

he = nested.he

def glorot(samples, seed):
    return iter_jacobians(Network([3, 8, 8, 2], output="linear", bias="zero", variance="glorot"), samples, seed=seed)
"""
Write = Callable[[str], str]
_count = itertools.count()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a module into the current folder, an empty one, and return its name, which no other test has."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(text: str) -> str:
        name = f"initialiser_of_test_{next(_count)}"
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return name

    return write


def test_a_correct_sampler_is_status_0(run: Run, module: Write) -> None:
    """The networks that were meant conform: status 0, the report with seed and rates on stdout, nothing on stderr."""
    done = run("check", f"{module(SAMPLER)}:he", *QUICK)
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout.startswith("conforms: p = ")
    assert "seed 1;" in done.stdout


def test_a_mistake_is_status_1(run: Run, module: Write) -> None:
    """Another initialiser does not conform: status 1, and the report has the probable mistake first."""
    done = run("check", f"{module(SAMPLER)}:glorot", *QUICK)
    assert (done.status, done.stderr) == (1, "")
    assert done.stdout.startswith("DOES NOT CONFORM")
    assert "  1. glorot: Glorot for He" in done.stdout


def test_the_report_is_that_of_the_library(run: Run, module: Write) -> None:
    """The JSON is the report's, options passed on: quantities, rates, draws and arithmetic."""
    name = module(SAMPLER)
    options = (
        "--quantity",
        "frobenius",
        "--quantity",
        "Z[0,1]^2",
        "--false-alarm",
        "1e-3",
        "--miss",
        "1/50",
        "--draws",
        "300",
    )
    done = run("check", f"{name}:he", *QUICK, *options, "--arithmetic", "float32", "--format", "json")
    net = Network([3, 8, 8, 2], output="linear", bias="zero")
    report = check(
        lambda samples, seed: iter_jacobians(net, samples, seed=seed), net, quantities=["frobenius", "Z[0,1]^2"], effect="1/2",
        false_alarm="1e-3", miss="1/50", draws=300, seed=1, arithmetic="float32",
    )  # fmt: skip
    assert done.status == 0
    assert json.loads(done.stdout) == json.loads(json.dumps(report.to_json()))
    assert json.loads(done.stdout)["schema"] == "pathmoments/check/1"


def test_a_network_from_a_file(run: Run, module: Write, tmp_path: Path) -> None:
    """--network FILE holds the samples against the network of a JSON file."""
    net = Network([3, 8, 8, 2], output="linear", bias="zero", variance="glorot")
    (tmp_path / "net.json").write_text(json.dumps(net.to_json()), encoding="utf-8")
    target = f"{module(SAMPLER)}:glorot"
    assert run("check", target, "--network", "net.json", "--effect", "1/2", "--seed", "1").status == 0


def test_an_attribute_of_an_attribute(run: Run, module: Write) -> None:
    """A sampler may be an attribute of an object of the module."""
    assert run("check", f"{module(SAMPLER)}:nested.he", *QUICK).status == 0


@pytest.mark.parametrize(("variance", "status"), [("he", 0), ("pytorch", 1)])
def test_arrays(run: Run, module: Write, tmp_path: Path, variance: str, status: int) -> None:
    """An array of the module, and one in a .npy file, are checked as they are."""
    net = Network([3, 8, 8, 2], output="linear", bias="zero", variance=variance)
    np.save(tmp_path / "samples.npy", np.concatenate(list(iter_jacobians(net, 3000, seed=3))))
    name = module("import numpy\nsamples = numpy.load('samples.npy')\n")
    done = [run("check", target, *NET, "--format", "json") for target in (f"{name}:samples", "samples.npy")]
    assert [one.status for one in done] == [status, status]
    assert done[0].stdout == done[1].stdout
    assert json.loads(done[0].stdout)["samples"] == 3000


def test_prints_of_a_sampler_do_not_enter_the_report(run: Run, module: Write) -> None:
    """What the user's code prints, on import and in the sampler, goes to stderr: stdout is the report alone."""
    text = (
        "print('importing')\n"
        + SAMPLER
        + "\ndef loud(samples, seed):\n    print('drawing')\n    yield from he(samples, seed)\n    print('drawn')\n"
    )
    done = run("check", f"{module(text)}:loud", *QUICK, "--format", "json")
    assert done.status == 0
    assert json.loads(done.stdout)["passed"]
    assert [word in done.stderr for word in ("importing", "drawing", "drawn")] == [True] * 3


def test_entries_that_are_not_finite(run: Run, module: Write) -> None:
    """Jacobians that are not finite fail the check, and the JSON stays JSON: null for what is no number."""
    text = "import numpy\ndef broken(samples, seed):\n    return numpy.full((samples, 2, 3), numpy.nan)\n"
    done = run("check", f"{module(text)}:broken", *QUICK, "--format", "json")
    assert done.status == 1
    content = json.loads(done.stdout, parse_constant=pytest.fail)
    assert content["not_finite"] == content["samples"] > 0
    assert content["findings"][0]["observed"] is None


@pytest.mark.parametrize("size", ["1e80", "1e200"])
def test_entries_whose_powers_no_double_holds(run: Run, module: Write, size: str) -> None:
    """Entries so large that a statistic overflows are no evidence of anything, and fail the check all the same."""
    text = f"import numpy\ndef huge(samples, seed):\n    return {size} * numpy.random.default_rng(seed).normal(size=(samples, 2, 3))\n"
    done = run("check", f"{module(text)}:huge", *QUICK)
    assert (done.status, done.stderr) == (1, "")


@pytest.mark.parametrize("kind", ["float16", "float32"])
def test_coarse_arithmetic_is_allowed_for(run: Run, module: Write, kind: str) -> None:
    """Jacobians that come in float16 conform, although rounding hides some of the statistics; the report says what was allowed for."""
    text = (
        SAMPLER
        + f"\ndef coarse(samples, seed):\n    for block in he(samples, seed):\n        yield block.astype('{kind}')\n"
    )
    done = run("check", f"{module(text)}:coarse", *NET, "--effect", "1", "--seed", "1")
    assert (done.status, done.stderr) == (0, "")
    assert ("2^-11" if kind == "float16" else "2^-24") in done.stdout


# -- JUnit --------------------------------------------------------------------------------------------------------------


def test_junit_of_a_check_that_passes(run: Run, module: Write) -> None:
    """JUnit XML has one test case a statistic, two of the samples themselves, no failure, and seed and samples as properties."""
    name = module(SAMPLER)
    done = run("check", f"{name}:he", *QUICK, "--format", "junit")
    root = Xml.fromstring(done.stdout)
    assert done.stdout.startswith('<?xml version="1.0"')
    assert (done.status, root.tag, [child.tag for child in root]) == (0, "testsuites", ["testsuite"])
    cases = root.findall("./testsuite/testcase")
    assert [case.get("name") for case in cases] == ["frobenius", "mean:4", "alike", "finite", "different networks"]
    assert {case.get("classname") for case in cases} == {f"{name}:he"}
    assert root.findall(".//failure") == []
    properties = {one.get("name"): one.get("value") for one in root.findall("./testsuite/properties/property")}
    assert properties["seed"] == "1"
    assert int(properties["samples"] or 0) > 0


def test_junit_of_a_check_that_fails(run: Run, module: Write, tmp_path: Path) -> None:
    """A statistic that fails has a failure with the report's text, the counts agree, and -o writes the file although the status is 1."""
    done = run("check", f"{module(SAMPLER)}:glorot", *QUICK, "--format", "junit", "-o", "report.xml")
    assert (done.status, done.stdout, done.stderr) == (1, "", "")
    suite = Xml.parse(tmp_path / "report.xml").getroot()[0]
    failures = suite.findall("./testcase/failure")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", str(len(failures)), "0")
    assert failures
    assert "DOES NOT CONFORM" in (failures[0].text or "")
    assert "exact 4" in (failures[0].get("message") or "")


def test_junit_of_repeated_and_broken_networks() -> None:
    """Networks that share a seed, and entries that are not finite, fail test cases of their own."""
    net = Network([3, 8, 8, 2], output="linear", bias="zero")
    one = next(iter_jacobians(net, 1, seed=4))
    samples = np.concatenate([np.repeat(one, 400, axis=0), np.full((1, 2, 3), np.inf)])
    cases = Xml.fromstring(check_junit(check(samples, net), "x")).findall(".//testcase")
    failed = {case.get("name"): failure.get("message") for case in cases for failure in case}
    assert failed["finite"] == "1 Jacobians are not finite"
    assert (failed["different networks"] or "").startswith("399 Jacobians are equal")


def test_junit_escapes_what_xml_cannot_hold() -> None:
    """Markup and control characters in a name leave well-formed XML; laws with atoms have no case for different networks."""
    net = Network([2, 3, 2], law="rademacher")
    report = check(lambda n, seed: iter_jacobians(net, n, seed=seed), net, effect=2, seed=1)
    root = Xml.fromstring(check_junit(report, 'a<b>&"\x00\x1b\ud800c'))
    assert root[0].get("name") == 'pathmoments check a<b>&"???c'
    assert [case.get("name") for case in root.findall(".//testcase")][-1] == "finite"


# -- refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (
            "no_such_module_anywhere:he",
            "no module no_such_module_anywhere: modules are looked for in the current folder",
        ),
        ("pathmoments.no_such_part:he", "no module pathmoments.no_such_part"),
        ("{}:missing", "has no missing"),
        ("{}:nested.missing", "has no nested.missing"),
        ("{}:number", "a function (samples, seed) that draws Jacobians, or an array of them, was 3"),
        ("{}", "TARGET must be package.module:sampler"),
        ("{}:", "TARGET must be package.module:sampler"),
        ("../{}:he", "TARGET must be package.module:sampler"),
        ("missing.npy", "missing.npy: there is no such file"),
        ("text.npy", "text.npy: cannot be read as an array"),
        ("objects.npy", "objects.npy: cannot be read as an array: Object arrays cannot be loaded"),
        ("turned.npy", "it has inputs before outputs: give samples.swapaxes(1, 2)"),
    ],
)
def test_targets_that_are_refused(run: Run, module: Write, tmp_path: Path, target: str, words: str) -> None:
    """A target that names no samples is bad input: status 2, one message, nothing on stdout; pickles are not loaded."""
    name = module(SAMPLER + "\nnumber = 3\n")
    (tmp_path / "text.npy").write_text("not an array", encoding="utf-8")
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "turned.npy", np.zeros((5, 3, 2)))
    done = run("check", target.format(name), *NET)
    assert (done.status, done.stdout) == (2, "")
    assert words in done.message
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def he(samples, seed):\n    return 1 / 0\n", ":he raised ZeroDivisionError at {}.py:2: division by zero"),
        ("def he(samples, seed):\n    yield 1 / 0\n", ":he raised ZeroDivisionError at {}.py:2: division by zero"),
        ("import sys\nsys.exit(0)\n", "the import of {} raised SystemExit at {}.py:2: 0"),
        ("def he(:\n", "the import of {} raised SyntaxError at {}.py:1: "),
        (
            "import no_such_library\n",
            "the import of {} raised ModuleNotFoundError at {}.py:1: No module named 'no_such_library'",
        ),
        ("def he(samples, seed):\n    raise ValueError\n", "raised ValueError at {}.py:2: no message"),
        (
            "from pathmoments import Network\ndef he(samples, seed):\n    return Network([0, 1])\n",
            ":he raised ArgumentError at {}.py:3: widths[0]",
        ),
    ],
)
def test_exceptions_of_the_users_code(run: Run, module: Write, text: str, words: str) -> None:
    """An exception of the module or the sampler is one message with its type and place, status 2, and no traceback unless asked for."""
    name = module(text)
    done = run("check", f"{name}:he", *NET)
    assert (done.status, done.stdout) == (2, "")
    assert words.replace("{}", name) in done.message
    assert done.stderr.count("\n") == 1
    asked = run("check", f"{name}:he", *NET, "--traceback")
    assert asked.status == 2
    assert "Traceback (most recent call last)" in asked.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def he(samples, seed):\n    return [[[0.0] * 2] * 3] * samples\n", "shape (samples, 2, 3)"),
        (
            "import numpy\ndef he(samples, seed):\n    return numpy.zeros((1, 2, 3))\n",
            "was asked for 64 networks and gave 1",
        ),
        ("def he(samples, seed):\n    return 'text'\n", "samples must be an array"),
        ("import numpy\nhe = numpy.zeros((0, 2, 3))\n", "at least one Jacobian"),
        ("import numpy\nhe = numpy.zeros((5, 2, 3), dtype='U1')\n", "array of real numbers"),
    ],
)
def test_samples_that_are_refused(run: Run, module: Write, text: str, words: str) -> None:
    """Samples of another shape, number or type than asked for are bad input."""
    done = run("check", f"{module(text)}:he", *NET)
    assert (done.status, done.stdout) == (2, "")
    assert words in done.message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--effect", "0"), "effect must be"),
        (("--false-alarm", "2"), "--false-alarm must be between 0 and 1"),
        (("--miss", "x"), "miss must be a number such as 1e-6 or 1/10"),
        (("--quantity", "mean"), "a quantity must be one of frobenius"),
        (("--arithmetic", "float8"), "arithmetic must be one of float64"),
        (("--draws", "0"), "--draws"),
        (("--format", "html"), "--format"),
        (("-o", "missing/report.xml"), "cannot be written"),
        (("--network", "net.json"), "leave out WIDTHS"),
    ],
)
def test_options_that_are_refused(run: Run, module: Write, options: tuple[str, ...], words: str) -> None:
    """A bad option is one message and status 2, before anything is drawn."""
    text = "def he(samples, seed):\n    raise AssertionError('was drawn')\n"
    done = run("check", f"{module(text)}:he", *NET, *options)
    assert (done.status, done.stdout) == (2, "")
    assert words in done.message or "--arithmetic" in options


def test_a_seed_for_an_array_is_refused(run: Run, module: Write, tmp_path: Path) -> None:
    """--seed and --draws go with a sampler."""
    module("")
    np.save(tmp_path / "samples.npy", np.zeros((5, 2, 3)))
    done = run("check", "samples.npy", *NET, "--seed", "1")
    assert done.status == 2
    assert "leave them out" in done.message


def test_the_installed_command_finds_modules_of_the_current_folder(command: Run, tmp_path: Path) -> None:
    """The command, started as a program, imports from the folder in which it is started."""
    (tmp_path / "mine.py").write_text(SAMPLER, encoding="utf-8")
    (tmp_path / "pathmoments_cfg.py").write_text("raise AssertionError\n", encoding="utf-8")
    done: Any = command("check", "mine:he", *QUICK)
    assert (done.status, done.stderr) == (0, "")
