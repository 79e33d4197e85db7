"""The false-alarm rate of a suite is divided, exactly, over its tests and their calls."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _pathmoments_pytestplugin import Group

from .conftest import Run

Suite = Callable[..., None]
MILLIONTH = Fraction(1, 10**6)

THREE = """
def test_one(assert_conforms):
    assert_conforms(right, NET, **COARSE)

def test_two(assert_conforms):
    for _ in range(3):
        assert_conforms(right, NET, **COARSE)

def test_three(assert_conforms):
    assert_conforms(right, NET, **COARSE, false_alarm="1/4000000")
    assert_conforms(right, NET, **COARSE)

def test_without():
    pass
"""


def test_tests_have_equal_parts_and_calls_half_of_what_is_left(run: Run, suite: Suite) -> None:
    """Three tests use the fixture: a third of 1e-6 each, of which the calls take a half, a quarter, an eighth, or what they say."""
    suite(THREE)
    rates = run("tests").rates()
    part = MILLIONTH / 3
    assert rates == {
        "test_one": [part / 2],
        "test_two": [part / 2, part / 4, part / 8],
        "test_three": [MILLIONTH / 4, (part - MILLIONTH / 4) / 2],
    }
    assert all(sum(taken) <= part for taken in rates.values())


MARKED = """
pytestmark = pytest.mark.conformance(false_alarm="4e-7")

def test_a(assert_conforms):
    assert_conforms(right, NET, **COARSE)

@pytest.mark.conformance(false_alarm=1e-7)
@pytest.mark.parametrize("k", range(2))
def test_b(assert_conforms, k):
    assert_conforms(right, NET, **COARSE)

class TestC:
    pytestmark = pytest.mark.conformance(false_alarm=2e-7)

    def test_d(self, assert_conforms):
        assert_conforms(right, NET, **COARSE)

    @pytest.mark.parametrize("k", [0, pytest.param(1, marks=pytest.mark.conformance(false_alarm="5e-8"))])
    def test_e(self, assert_conforms, k):
        assert_conforms(right, NET, **COARSE)
"""


def test_a_marker_is_for_all_that_it_marks(run: Run, suite: Suite) -> None:
    """A module's marker, a class's, a function's and a parameter's: each takes from the one around it, and the parts add up to the suite's rate."""
    suite(MARKED)
    suite("def test_rest(assert_conforms):\n    assert_conforms(right, NET, **COARSE)\n", "rest")
    parts = {test: 2 * rates[0] * 10**8 for test, rates in run("tests").rates().items()}
    assert parts == {
        "test_a": 10,
        "test_b[0]": 5,
        "test_b[1]": 5,
        "TestC::test_d": Fraction(15, 2),
        "TestC::test_e[0]": Fraction(15, 2),
        "TestC::test_e[1]": 5,
        "test_rest": 60,
    }
    assert sum(parts.values()) == 100


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("@pytest.mark.conformance(false_alarm=1e-6)\ndef test_a(assert_conforms): pass\ndef test_b(assert_conforms): pass", "1 of its tests have none"),
        ("@pytest.mark.conformance(false_alarm=1e-5)\ndef test_a(assert_conforms): pass", "take 1e-05 of its false-alarm rate 1e-06"),
        ("@pytest.mark.conformance(1e-7)\ndef test_a(assert_conforms): pass", "the marker is conformance(false_alarm=RATE)"),
        ("@pytest.mark.conformance(false_alarm=2)\ndef test_a(assert_conforms): pass", "must be a rate between 0 and 1"),
    ],
)  # fmt: skip
def test_markers_that_take_too_much_are_refused(run: Run, suite: Suite, body: str, message: str) -> None:
    """A usage error before any test runs, with the way out."""
    suite(body)
    ran = run("tests")
    assert ran.result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in ran.text


def test_parts_do_not_depend_on_what_is_selected(run: Run, suite: Suite) -> None:
    """Under -k and -m a test has the part that it has in the whole suite; every test with the fixture has the marker."""
    suite(THREE)
    whole = run("tests").rates()
    assert run("tests", "-k", "two").rates() == {"test_two": whole["test_two"]}
    ran = run("tests", "-m", "conformance")
    assert ran.rates() == whole
    assert ran.result.parseoutcomes() == {"passed": 3, "deselected": 1}


def test_rates_from_the_command_line_and_the_ini_file(run: Run, suite: Suite, pytester: pytest.Pytester) -> None:
    """The option beats the ini file, which beats 1e-6; and a rate a test beats both."""
    suite(THREE)
    pytester.makeini("[pytest]\npathmoments_false_alarm = 3e-3\n")
    assert run("tests").rates()["test_one"] == [Fraction(1, 2000)]
    assert run("tests", "--pathmoments-false-alarm=3/100").rates()["test_one"] == [Fraction(1, 200)]
    assert run("tests", "--pathmoments-false-alarm-per-test", "2e-2").rates()["test_one"] == [Fraction(1, 100)]


@pytest.mark.parametrize("option", ["--pathmoments-false-alarm=", "--pathmoments-false-alarm-per-test=", "ini"])
@pytest.mark.parametrize("rate", ["0", "1", "often", "1/0"])
def test_no_rates_are_refused(run: Run, pytester: pytest.Pytester, option: str, rate: str) -> None:
    """A usage error that says what a rate is."""
    word = f"{option}{rate}"
    if option == "ini":
        pytester.makeini(f"[pytest]\npathmoments_false_alarm = {rate}\n")
        word = "-q"
    ran = run(word)
    assert ran.result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"must be a rate between 0 and 1, such as 1e-6, was '{rate}'" in ran.text


def test_a_call_takes_no_more_than_is_left(run: Run, suite: Suite) -> None:
    """A false_alarm beyond the test's part is refused, and the message names the marker."""
    suite("def test_a(assert_conforms):\n    assert_conforms(right, NET, **COARSE, false_alarm='2e-6')\n")
    ran = run("tests")
    assert ran.result.parseoutcomes() == {"failed": 1}
    assert "false_alarm must be at most 1e-06, what is left of this test's part" in ran.text
    assert "@pytest.mark.conformance(false_alarm=...)" in ran.text


def test_a_test_that_is_not_counted_is_refused(run: Run, suite: Suite) -> None:
    """The fixture asked for while a test runs has no part of the rate."""
    suite("def test_a(request):\n    request.getfixturevalue('assert_conforms')\n")
    ran = run("tests")
    assert "name the fixture as an argument, or in usefixtures" in ran.text
    assert ran.result.ret != pytest.ExitCode.OK


RATES = st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(1, 10), max_denominator=1000)


@given(RATES, st.lists(st.tuples(st.lists(st.sampled_from("abc"), max_size=3), RATES), min_size=1, max_size=12))
def test_parts_add_up_to_at_most_the_rate(rate: Fraction, tests: list[tuple[list[str], Fraction]]) -> None:
    """Whatever the nesting of markers: exact parts, one a test and each above 0, that add up to no more than the rate; or a refusal."""
    root = Group("the suite", rate)
    for number, (path, inner) in enumerate(tests):
        group = root
        for depth, name in enumerate(path):
            group = group.inner(name, inner / 2**depth)
        group.tests.append(str(number))
    try:
        parts = dict(root.parts())
    except pytest.UsageError:
        return
    assert set(parts) == {str(number) for number in range(len(tests))}
    assert all(part > 0 for part in parts.values())
    assert sum(parts.values()) <= rate
    if root.tests:
        assert sum(parts.values()) + _unused(root) == rate


def _unused(group: Group) -> Fraction:
    """Return what nobody has: the rest of groups that have no tests of their own."""
    inner = sum((_unused(one) for one in group.groups.values()), Fraction(0))
    if group.tests:
        return inner
    return inner + group.rate - sum((one.rate for one in group.groups.values()), Fraction(0))
