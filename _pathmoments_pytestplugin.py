"""The pytest plugin of pathmoments: the fixture `assert_conforms`, a false-alarm budget for the whole suite, seeds that repeat a failure, and a summary of every check.

It stands outside the package, so that pytest loads it without pathmoments, numpy or a framework: the first check imports these.

The budget. A suite fails by chance with probability at most its budget (1e-6 unless told otherwise), which is divided over the tests that use the fixture, as fractions: see :class:`Group`. A test
divides its part over its calls: each takes half of what is left, or the `false_alarm` that it says. By the union bound no independence is needed.

The seed. Each call's seed is a hash of the suite's seed, of the test's name and of the number of the call, so it depends on no other test, on no order and on no worker of pytest-xdist.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathmoments import Network, Report

FIXTURE, MARKER, PROPERTY = "assert_conforms", "conformance", "pathmoments"
SEED, BUDGET, PART, SUMMARY = (
    "--pathmoments-seed",
    "--pathmoments-false-alarm",
    "--pathmoments-false-alarm-per-test",
    "--pathmoments-summary",
)
FEW = 20
"""Checks up to which the summary shows all of them unless told otherwise."""


# -- options ------------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("pathmoments", "pathmoments: initialisers against exact moments")
    group.addoption(SEED, type=int, metavar="N", help="seed of all checks (default: a fresh one, which is printed)")
    group.addoption(
        BUDGET,
        metavar="RATE",
        help="false-alarm rate of the whole suite, divided over its tests (default: the ini option, 1e-6)",
    )
    group.addoption(
        PART, metavar="RATE", help="false-alarm rate of each test, whatever the suite's: repeats one test of a suite"
    )
    group.addoption(
        SUMMARY,
        choices=("all", "failed", "none"),
        help=f"checks that the summary shows (default: all of up to {FEW}, else those that failed)",
    )
    parser.addini("pathmoments_false_alarm", "false-alarm rate of the whole suite, such as 1e-6", default="1e-6")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and decide the seed and the budget."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(false_alarm): what all tests so marked may take together of the suite's false-alarm rate; every test that uses {FIXTURE} has this marker",
    )
    suite = config.stash[SUITE] = Suite.of(config)
    if not _is_worker(config):
        config.pluginmanager.register(Summary(suite, config.getoption(SUMMARY)), "pathmoments-summary")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist the seed, and how it was all called."""
    suite = node.config.stash[SUITE]
    node.workerinput[PROPERTY] = {"seed": suite.seed, "words": list(suite.words)}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Divide the budget over the tests that were collected, before -k and -m take any away: what they leave has the parts that it has in the whole suite."""
    tests = [item for item in items if FIXTURE in getattr(item, "fixturenames", ())]
    if tests:
        tests[0].config.stash[SUITE].divide(tests)
    for item in tests:
        item.add_marker(MARKER)


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """Say the seed before the first test runs, for a run that is killed."""
    suite = config.stash[SUITE]
    return [str(suite)] if suite.parts else []


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


# -- the suite ----------------------------------------------------------------------------------------------------------


@dataclass
class Group:
    """Tests that have a part of the false-alarm rate together: the whole suite, or those under one marker.

    What the groups in it take is theirs; the rest is divided equally over its own tests.
    """

    name: str
    rate: Fraction
    tests: list[str] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)

    def inner(self, name: str, rate: Fraction) -> Group:
        """Return the group of a marker in this one."""
        return self.groups.setdefault(name, Group(name, rate))

    def parts(self) -> Iterator[tuple[str, Fraction]]:
        """Yield (test, its part): they add up to at most the rate."""
        taken = sum((group.rate for group in self.groups.values()), Fraction(0))
        if taken > self.rate or (taken == self.rate and self.tests):
            raise pytest.UsageError(
                f"the markers {MARKER}(false_alarm=...) in {self.name} take {rate_text(taken)} of its false-alarm rate {rate_text(self.rate)}, "
                f"and {len(self.tests)} of its tests have none: mark them with less, or give the suite more with {BUDGET}"
            )
        for test in self.tests:
            yield test, (self.rate - taken) / len(self.tests)
        for group in self.groups.values():
            yield from group.parts()


@dataclass
class Suite:
    """What all checks of a run share.

    Attributes
    ----------
    seed, rate
        The seed of all, and the false-alarm rate of all together.
    each
        That of each test instead, where one test of a suite is repeated.
    words
        The options with which pytest was called, but for those of this plugin and the tests named.
    parts
        {test: its part of the rate}.
    """

    seed: int
    rate: Fraction
    each: Fraction | None
    words: tuple[str, ...]
    parts: dict[str, Fraction] = field(default_factory=dict)

    @classmethod
    def of(cls, config: pytest.Config) -> Suite:
        """Return the suite of a run; a worker of pytest-xdist has been told."""
        told: Mapping[str, Any] = getattr(config, "workerinput", {}).get(PROPERTY, {})
        seed = told.get("seed", config.getoption(SEED))
        if seed is not None and seed < 0:
            raise pytest.UsageError(f"{SEED} must be a whole number, 0 or more, was {seed}")
        each = config.getoption(PART)
        return cls(
            secrets.randbits(32) if seed is None else seed,
            _rate(config.getoption(BUDGET) or config.getini("pathmoments_false_alarm"), BUDGET),
            None if each is None else _rate(each, PART),
            tuple(told.get("words", _options(config.invocation_params.args, config.args))),
        )

    def divide(self, tests: Sequence[pytest.Item]) -> None:
        """Give each test its part."""
        root = Group("the suite", self.rate)
        for item in tests:
            group = root
            for name, rate in _markers(item):
                group = group.inner(name, rate)
            group.tests.append(item.nodeid)
        self.parts = dict.fromkeys((item.nodeid for item in tests), self.each) if self.each else dict(root.parts())

    def seed_of(self, test: str, call: int) -> int:
        """Return the seed of a call, which is that of a repetition too: no folder is in it, for that depends on where pytest finds its root."""
        file, _, name = test.partition("::")
        text = f"{self.seed}/{PurePosixPath(file).name}::{name}/{call}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")

    def command(self, config: pytest.Config, test: str) -> str:
        """Return the command that repeats a test."""
        file, colons, name = test.partition("::")
        place = os.path.relpath(config.rootpath / file, config.invocation_params.dir)
        return shlex.join(
            ["pytest", *self.words, place + colons + name, f"{SEED}={self.seed}", f"{PART}={self.parts[test]}"]
        )

    def __str__(self) -> str:
        shared = (
            f"false-alarm rate {rate_text(self.each)} a test"
            if self.each
            else f"false-alarm rate {rate_text(self.rate)}"
        )
        if self.parts:
            shared += f", {len(self.parts)} test{'s' if len(self.parts) > 1 else ''}"
        return f"pathmoments: {shared}, {SEED}={self.seed}"


SUITE = pytest.StashKey[Suite]()


def _rate(text: object, where: str) -> Fraction:
    try:
        rate = Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate < 1:
        raise pytest.UsageError(f"{where} must be a rate between 0 and 1, such as 1e-6, was {text!r}")
    return rate


def _markers(item: pytest.Item) -> list[tuple[str, Fraction]]:
    """Return (what is marked, its rate), from the outside in; a decorated test with parameters is one."""
    found: dict[str, Fraction] = {}
    for node, mark in reversed(list(item.iter_markers_with_node(MARKER))):
        if set(mark.kwargs) != {"false_alarm"} or mark.args:
            raise pytest.UsageError(f"{node.nodeid}: the marker is {MARKER}(false_alarm=RATE), was {mark}")
        name = node.nodeid
        if isinstance(item, pytest.Function) and node is item and any(mark is one for one in _decorations(item)):
            name = name.removesuffix(item.name) + item.originalname
        found[name] = _rate(mark.kwargs["false_alarm"], f"{MARKER}(false_alarm) of {name}")
    return list(found.items())


def _decorations(item: pytest.Function) -> Sequence[pytest.Mark]:
    """Return the markers of a function itself; all tests that are made of it by its parameters have these."""
    found: Sequence[pytest.Mark] = getattr(item.obj, "pytestmark", ())
    return found


def _options(words: Sequence[str], places: Sequence[str]) -> Iterator[str]:
    """Yield what is not a place to look for tests, nor an option that a repetition has anew (SEED, BUDGET and PART, which BUDGET begins) or does not need (the workers)."""
    after = False
    for word in words:
        if not after and word not in places and not word.startswith((SEED, BUDGET, "-n", "--numprocesses")):
            yield word
        after = word in (SEED, BUDGET, PART, "-n", "--numprocesses")


def rate_text(rate: Fraction) -> str:
    """Return a rate as a decimal with two digits."""
    return f"{float(rate):.2g}"


# -- the fixture --------------------------------------------------------------------------------------------------------


@pytest.fixture(name=FIXTURE)
def _assert_conforms(request: pytest.FixtureRequest) -> AssertConforms:
    """Check samples of Jacobians, or a function that draws them, against the exact moments of a Network: assert_conforms(samples, network, ...)."""
    return AssertConforms(request.node)


class AssertConforms:
    """The checks of one test: :func:`pathmoments.assert_conforms` with this test's part of the suite's false-alarm rate and with its seed."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._suite = item.config.stash[SUITE]
        if item.nodeid not in self._suite.parts:
            raise pytest.UsageError(
                f"{item.nodeid} asks for {FIXTURE} while it runs, and has no part of the false-alarm rate: name the fixture as an argument, or in usefixtures"
            )
        self._left = self._suite.parts[item.nodeid]
        self._calls = 0

    def __repr__(self) -> str:
        return f"<{FIXTURE} of {self._item.nodeid}>"

    @property
    def seed(self) -> int:
        """The seed that the next check has, for a test that draws its samples itself."""
        return self._suite.seed_of(self._item.nodeid, self._calls)

    def __call__(self, samples: object, network: Network, **options: Any) -> Report:
        """Raise ConformanceError, an AssertionError, unless the samples conform; parameters as of :func:`pathmoments.check`."""
        __tracebackhide__ = True
        from pathmoments import check
        from pathmoments.conformance.samples import is_sampler, takes_seed
        from pathmoments.errors import ConformanceError

        options["false_alarm"] = self._take(options.get("false_alarm"))
        if is_sampler(samples) and takes_seed(samples):
            options.setdefault("seed", self.seed)
        self._calls += 1
        report = check(samples, network, **options)
        self._record(report)
        if not report.passed:
            raise ConformanceError(f"{report}\n\n{self._how_to_repeat(report)}", report)
        return report

    def _take(self, wanted: object) -> Fraction:
        """Return the false-alarm rate of a call: what it wants, or half of what is left."""
        from pathmoments.conformance.rates import rate
        from pathmoments.errors import ArgumentError, must_be

        taken = self._left / 2 if wanted is None else rate(wanted, "false_alarm")
        if taken > self._left:
            left = f"at most {rate_text(self._left)}, what is left of this test's part of the suite's false-alarm rate"
            raise ArgumentError(
                must_be("false_alarm", left, wanted, f"mark the test with @pytest.mark.{MARKER}(false_alarm=...)")
            )
        self._left -= taken
        return taken

    def _record(self, report: Report) -> None:
        """Leave the report where pytest-xdist carries it to the summary, and where junitxml finds it."""
        from pathmoments.conformance.report import table_rows

        told = {"rows": table_rows(report.findings), "report": report.to_json()}
        self._item.user_properties.append((PROPERTY, json.dumps(told)))

    def _how_to_repeat(self, report: Report) -> str:
        lines = [
            f"{SEED}={self._suite.seed}; to repeat this:",
            f"  {self._suite.command(self._item.config, self._item.nodeid)}",
        ]
        if report.seed is None:
            lines.append(f"  (the samples came without a seed: it repeats them if they are drawn with {FIXTURE}.seed)")
        return "\n".join(lines)


# -- the summary --------------------------------------------------------------------------------------------------------


class Summary:
    """The table of all checks at the end, in the process that has the terminal."""

    def __init__(self, suite: Suite, shown: str | None) -> None:
        self.suite = suite
        self.shown = shown
        self.checks: list[tuple[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the checks of a test that is over."""
        if report.when == "teardown":
            told = [value for name, value in report.user_properties if name == PROPERTY]
            self.checks += [(report.nodeid, json.loads(str(value))) for value in told]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the table."""
        shown = self.shown or ("all" if len(self.checks) <= FEW else "failed")
        if not self.checks or shown == "none":
            return
        failed = [check for check in self.checks if not check[1]["report"]["passed"]]
        terminalreporter.section(str(self.suite))
        for line in _table(self.checks if shown == "all" else failed):
            terminalreporter.write_line(line)
        count = f"{len(self.checks)} check{'s' if len(self.checks) > 1 else ''}"
        terminalreporter.write_line(f"{count}: {len(self.checks) - len(failed)} conform, {len(failed)} do not")


def _table(checks: Sequence[tuple[str, Any]]) -> Iterator[str]:
    """Yield the lines: the head, then for each check its test and verdict, and a line a statistic."""
    rows = [row for _, told in checks for row in told["rows"]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for place, (test, told) in enumerate(checks):
        head, *findings = told["rows"]
        if not place:
            yield _line(head, widths)
        verdict = "conforms" if told["report"]["passed"] else "DOES NOT CONFORM"
        yield f"{test}: {verdict}, {told['report']['samples']:,} networks"
        yield from (_line(row, widths) for row in findings)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if i == 0 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(["  " + first, *others]).rstrip()
