"""`moment`, `expect`, `cost` as a user meets them: conventions, refusals, polynomials."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from flint import arb

from pathmoments import Estimate, Moments, Network, Z, cost, estimate, expect, moment
from pathmoments.errors import (
    ArgumentError,
    AtomsError,
    BudgetError,
    InexactNumberError,
    OutOfRangeError,
    PathMomentsError,
    RouteError,
    UndeterminedMomentError,
    UnknownMomentError,
    UnknownNameError,
)

NET = Network([2, 3, 2])


@pytest.mark.parametrize("route", ["auto", "enumeration", "transfer", "gaussian"])
def test_the_empty_monomial_is_one(route: str) -> None:
    """Order 0 is the constant 1, also for a suffix at zero bias, where every other moment carries the alive factor."""
    assert moment(NET, {}, route=route) == 1
    assert moment(NET, {(0, 0): 0, (1, 1): 0}, route=route) == 1
    assert moment(Network([2, 3, 2], bias="zero"), {}, layers=(1, 2), route=route) == 1


@pytest.mark.parametrize(
    "power", [{(0, 0): 1, (1, 0): 1}, {(0, 0): 3, (1, 0): 1}, {(0, 0): 1, (1, 0): 1, (0, 1): 2}], ids=str
)
@pytest.mark.parametrize("route", ["auto", "enumeration", "transfer", "gaussian"])
def test_odd_at_an_input_is_exactly_zero(power: dict[tuple[int, int], int], route: str) -> None:
    """Parity at the inputs gives the fraction 0, by every route, without any sum."""
    value = moment(NET, power, route=route)
    assert isinstance(value, Fraction)
    assert value == 0
    assert cost(NET, power, route=route).count == 0


def test_odd_at_an_activated_output_is_refused() -> None:
    """ReLU, leaky ReLU and absolute value outputs, single and mixed, first by the output then by nothing else."""
    for keywords in ({}, {"slope": "1/3"}, {"slope": -1}):
        for power in ({(0, 0): 1}, {(0, 0): 3}, {(0, 0): 1, (0, 1): 1}, {(0, 0): 2, (1, 1): 1}):
            with pytest.raises(UndeterminedMomentError, match=r"not determined .* make every output index even"):
                moment(Network([2, 3, 2], **keywords), power)


def test_a_hidden_layer_as_output_is_activated() -> None:
    """The prefix of a network with a linear output ends in a ReLU layer, so an odd power there is refused."""
    net = Network([2, 3, 2], output="linear")
    assert moment(net, {(0, 0): 1}) == 0
    with pytest.raises(UndeterminedMomentError):
        moment(net, {(0, 0): 1}, layers=(0, 1))


def test_suffix_at_zero_bias() -> None:
    """THEORY 3: on [2,2,3,2] the Jacobian of layers 2 and 3 has E Z^2 = 3/8 without biases and 1/2 with them."""
    assert moment(Network([2, 2, 3, 2], bias="zero"), {(0, 0): 2}, layers=(1, 3)) == Fraction(3, 8)
    assert moment(Network([2, 2, 3, 2]), {(0, 0): 2}, layers=(1, 3)) == Fraction(1, 2)
    assert moment(Network([2, 2, 3, 2], bias="uniform"), {(0, 0): 2}, layers=(1, 3)) == Fraction(1, 2)
    assert moment(Network([2, 2, 3, 2], bias="zero", slope="1/9"), {(0, 0): 2}, layers=(1, 3)) == Fraction(1, 2)


def test_symbolic_alive_factor() -> None:
    """With a symbolic width below, the alive factor is 1 - 2^-n."""
    n = sympy.Symbol("n", positive=True, integer=True)
    value: Any = moment(Network([2, n, 3, 2], bias="zero"), {(0, 0): 2}, layers=(1, 3))
    assert value.subs(n, 2) == sympy.Rational(3, 8)


def test_atoms_are_refused_where_they_matter_and_only_there() -> None:
    """Atoms at zero bias are refused in activated layers; in a linear last layer, or with slope 1, they do no harm."""
    refused = [
        (Network([2, 2, 2], law="rademacher", bias="zero"), None),
        (Network([2, 2, 2], law=["gaussian", "sparse:1/2:gaussian"], bias="zero"), None),
        (Network([2, 2, 2], law="rademacher", bias="rademacher"), None),
        (Network([2, 2, 2], law=Moments({2: 1, 4: 2}), bias="zero"), None),
        (Network([2, 2, 2, 2], law=["rademacher", "gaussian", "gaussian"], bias="zero"), (1, 3)),
        (Network([2, 2, 2], bias="sparse:1/2:gaussian"), (1, 2)),
    ]
    for net, layers in refused:
        with pytest.raises(AtomsError, match="bias='atomless'"):
            moment(net, {(0, 0): 2}, layers=layers)
    allowed = [
        Network([2, 2, 2], law=["gaussian", "rademacher"], bias="zero", output="linear"),
        Network([2, 2, 2], law="rademacher", bias="zero", slope=1),
        Network([2, 2, 2], law=Moments({2: 1, 4: 2}, atoms=False), bias="zero"),
        Network([2, 2, 2], bias="rademacher"),
        Network([2, 2, 2], bias="sparse:1/2:gaussian"),
        Network([2, 2, 2], law="rademacher", bias="gaussian"),
    ]
    for net in allowed:
        assert isinstance(moment(net, {(0, 0): 2}), Fraction)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: moment(NET, {(2, 0): 2}), OutOfRangeError, "p must be an index of the input, 0 to 1, was 2"),
        (lambda: moment(NET, {(0, 2): 2}), OutOfRangeError, "q must be an index of the output, 0 to 1, was 2"),
        (lambda: moment(NET, {(0, 3): 2}, layers=(0, 1)), OutOfRangeError, "q must be an index of layer 1, 0 to 2, was 3"),
        (lambda: moment(NET, {(-1, 0): 2}), ArgumentError, "p must be an index, 0 or more, was -1"),
        (lambda: moment(NET, {(0, 0): -2}), ArgumentError, "order of Z.*must be a whole number, 0 or more, was -2"),
        (lambda: moment(NET, {(0, 0): 2.0}), ArgumentError, "order of Z.*whole number, 0 or more, was 2.0"),  # type: ignore[dict-item]  # must be refused
        (lambda: moment(NET, {(0, 0): True}), ArgumentError, "order of Z.*was True"),
        (lambda: moment(NET, {0: 2}), ArgumentError, r"pair \(p, q\)"),  # type: ignore[dict-item]  # must be refused
        (lambda: moment(NET, 4), ArgumentError, "power must be a mapping"),  # type: ignore[call-overload]  # must be refused
        (lambda: moment(NET, {(0, 0): 2}, layers=(1, 1)), OutOfRangeError, "layers must be .* 0 <= i < j <= 2"),
        (lambda: moment(NET, {(0, 0): 2}, layers=(0, 3)), OutOfRangeError, "layers must be"),
        (lambda: moment(NET, {(0, 0): 2}, route="magic"), UnknownNameError, "route must be one of auto, gaussian"),
        (lambda: moment(NET, {(0, 0): 2, (1, 1): 2}, route="gaussian"), RouteError, "one input or one output .* route='transfer'"),
        (lambda: moment(Network([2, 2], law="uniform"), {(0, 0): 2}, route="gaussian"), RouteError, "Gaussian weights"),
        (lambda: moment(Network([2, 2], law=Moments({2: 1, 4: 3})), {(0, 0): 6}), UnknownMomentError, "add E w\\^6"),
        (lambda: moment(Network([2, sympy.Symbol("n"), 2]), {(0, 0): 2}, route="enumeration"), RouteError, "numbers"),
        (lambda: moment(Network([2, 40, 40, 2]), {(0, 0): 6}, route="enumeration"), BudgetError, "[0-9,]{10,}.*transfer"),
    ],
)  # fmt: skip
def test_refusals_say_what_and_what_to_do(call: Any, error: type[PathMomentsError], message: str) -> None:
    """Each bad call has its type and one message that names the argument, the requirement, what it was, and the way out."""
    with pytest.raises(error, match=message):
        call()


def test_vanishing_monomials_are_still_checked() -> None:
    """A name that is no route is refused even where nothing needs to be summed."""
    with pytest.raises(UnknownNameError):
        moment(NET, {(0, 0): 1, (1, 0): 1}, route="magic")


def test_auto_takes_the_closed_form_for_gaussian_weights() -> None:
    """The cheapest route is named by `cost` and used by `moment`."""
    assert cost(NET, {(0, 0): 8}).route == "gaussian"
    assert cost(NET, {(0, 0): 4, (1, 1): 4}).route == "transfer"
    assert cost(Network([2, 3, 2], law="uniform"), {(0, 0): 8}).route == "transfer"
    assert (
        str(cost(Network([4, 4, 4, 4]), {(0, 0): 6}, route="enumeration"))
        == "enumeration: 54,264 collections (16,777,216 ordered)"
    )


def _gram(inputs: int, outputs: int) -> list[list[Any]]:
    return [[sum(Z[p, q] * Z[r, q] for q in range(outputs)) for r in range(inputs)] for p in range(inputs)]


def _trace_power(inputs: int, outputs: int, k: int) -> Any:
    """Return tr (J J^T)^k as a polynomial in the entries."""
    matrix = sympy.Matrix(_gram(inputs, outputs))
    return sympy.expand((matrix**k).trace())


@pytest.mark.parametrize(
    ("law", "k", "value"),
    [
        ("gaussian", 1, "2"),
        ("gaussian", 2, "74/3"),
        ("gaussian", 3, "2024/3"),
        ("rademacher", 1, "2"),
        ("rademacher", 2, "10"),
        ("rademacher", 3, "680/9"),
    ],
)
def test_trace_moments_as_polynomials(law: str, k: int, value: str) -> None:
    """THEORY 5: E tr (J J^T)^k on [2,3,2], with its monomials of odd pairs, from `expect`."""
    assert expect(Network([2, 3, 2], law=law), _trace_power(2, 2, k)) == Fraction(value)


def test_trace_of_a_linear_rademacher_layer() -> None:
    """THEORY 10: for [2,3], signs of variance 1/2, E tr^k is 3, 6, 27/2."""
    net = Network([2, 3], law="rademacher", variance="1/2", output="linear")
    assert [expect(net, _trace_power(2, 3, k)) for k in (1, 2, 3)] == [3, 6, Fraction(27, 2)]


@pytest.mark.parametrize("half", [0, 1, 2])
def test_expectation_is_linear(half: int) -> None:
    """E of a polynomial is the sum of its monomials' moments with their coefficients, constants included."""
    polynomial = sympy.Rational(1, 3) * Z[0, 0] ** (2 * half) - 2 * Z[0, 1] ** 4 + 5
    expected = Fraction(1, 3) * moment(NET, {(0, 0): 2 * half}) - 2 * moment(NET, {(0, 1): 4}) + 5  # type: ignore[operator]  # fractions
    assert expect(NET, polynomial) == expected


def test_expectation_of_constants_and_of_nothing() -> None:
    """Numbers are polynomials too."""
    assert expect(NET, sympy.Integer(7)) == 7
    assert expect(NET, Z[0, 0] - Z[0, 0]) == 0
    assert expect(NET, 3) == 3


def test_expectation_with_symbols_and_balls() -> None:
    """Symbolic coefficients and networks give expressions, truncated laws give balls of full accuracy."""
    t = sympy.Symbol("t")
    assert expect(NET, t * Z[0, 0] ** 2) == t / 2
    n = sympy.Symbol("n", positive=True, integer=True)
    assert expect(Network([2, n, 2]), Z[0, 0] ** 4 - Z[0, 1] ** 4) == 0
    ball = expect(Network([2, 3, 2], law="truncated"), Z[0, 0] ** 4 + Z[0, 0] ** 2 / 3)
    assert isinstance(ball, arb)
    assert ball.rel_accuracy_bits() > 95


@pytest.mark.parametrize(
    ("polynomial", "error", "message"),
    [
        (Z[0, 0] ** 2 / Z[0, 1], ArgumentError, "polynomial in Z"),
        (sympy.sin(Z[0, 0]), ArgumentError, "polynomial in Z"),
        (0.5 * Z[0, 0] ** 2, InexactNumberError, "polynomial must be an exact expression"),
        (sympy.IndexedBase("Y")[0, 0] ** 2, ArgumentError, "entries Z"),
        (Z[0] ** 2, ArgumentError, "entries Z"),
        (Z[sympy.Symbol("i"), 0] ** 2, ArgumentError, "index of Z"),
        (Z[0, 0] + Z[0, 0] ** 2, UndeterminedMomentError, "odd"),
        ("Z[0,0]**2", ArgumentError, "sympy polynomial"),
        (Z[5, 0] ** 2, OutOfRangeError, "p must be"),
    ],
    ids=str,
)
def test_expectation_refuses(polynomial: Any, error: type[PathMomentsError], message: str) -> None:
    """What is not an exact polynomial in the entries is refused; text is never evaluated."""
    with pytest.raises(error, match=message):
        expect(NET, polynomial)


def test_symbolic_variances() -> None:
    """A variance may be an expression, on numeric widths too: the moment is that power of it times the number."""
    v = sympy.Symbol("v", positive=True)
    for route in ("auto", "transfer", "enumeration", "gaussian"):
        assert moment(Network([2, 3, 2], variance=v), {(0, 0): 4}, route=route) == v**4 * _at_unit_variance()
    with pytest.raises(ArgumentError, match="one is a ball"):
        moment(Network([2, 3, 2], variance=v, law="truncated"), {(0, 0): 4})


def _at_unit_variance() -> sympy.Expr:
    value = moment(Network([2, 3, 2], variance=1), {(0, 0): 4})
    assert isinstance(value, Fraction)
    return sympy.Rational(value.numerator, value.denominator)


def test_expressions_must_be_exact_polynomials() -> None:
    """Floats and negative numbers inside an expression are refused by the network, roots by the sum."""
    n = sympy.Symbol("n", positive=True)
    for widths, error in (([2, n + 0.5, 2], InexactNumberError), ([2, -n, 2], ArgumentError)):
        with pytest.raises(error, match=r"widths\[1\] must be"):
            Network(widths)
    with pytest.raises(InexactNumberError, match="variance must be an exact expression"):
        Network([2, 2], variance=0.5 * n)
    with pytest.raises(ArgumentError, match="polynomial in its symbols"):
        moment(Network([2, n * sympy.sqrt(2), 2]), {(0, 0): 4})


def test_a_width_may_not_be_named_like_a_moment() -> None:
    """A width called mt_4 beside a symbolic law would be one symbol with its moment in the result."""
    with pytest.raises(ArgumentError, match="mt_4 is a width or variance and also a moment"):
        Network([2, sympy.Symbol("mt_4"), 2], law="symbolic")


def test_odd_at_a_linear_output_needs_no_law() -> None:
    """There the sign of the last row decides alone: 0 also for laws with atoms at zero bias."""
    assert moment(Network([2, 3, 2], law="rademacher", bias="zero", output="linear"), {(0, 0): 1}) == 0


def test_cost_refuses_what_moment_refuses() -> None:
    """`cost` and `moment` check alike: exhaustion may meet atoms at zero bias, the others may not."""
    net = Network([2, 2], law="rademacher", bias="zero")
    assert cost(net, {(0, 0): 4}, route="exhaustion").unit == "states at most"
    with pytest.raises(AtomsError):
        cost(net, {(0, 0): 4})


def test_sampling_is_a_route_like_the_others() -> None:
    """`route="sampling"` gives the estimate that `estimate` gives, a type of its own."""
    result = moment(NET, {(0, 0): 2}, route="sampling", samples=1000, seed=3)
    assert result == estimate(NET, {(0, 0): 2}, samples=1000, seed=3)
    assert isinstance(result, Estimate)
    with pytest.raises(RouteError, match="use estimate"):
        expect(NET, Z[0, 0] ** 2, route="sampling")


def test_progress_is_told_by_every_route() -> None:
    """Each route calls back with (done, total) and ends at the total; none depends on it."""
    calls: list[tuple[int, int]] = []
    for net, power, route in (
        (Network([2, 3, 3, 2], law="uniform"), {(0, 0): 4}, "transfer"),
        (Network([2, 3, 3, 2], law="uniform"), {(0, 0): 4}, "enumeration"),
        (Network([2, 3, 3, 2], law="rademacher"), {(0, 0): 4}, "exhaustion"),
        (Network([2, 3, 3, 2]), {(0, 0): 4}, "sampling"),
    ):
        calls.clear()
        moment(net, power, route=route, progress=lambda done, total: calls.append((done, total)))
        assert calls, route
        assert all(0 < done <= total for done, total in calls), route
