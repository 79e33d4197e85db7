"""Where conventions, sizes and types meet: each of these was once wrong, slow, or an untyped exception."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from flint import arb

from pathmoments import (
    Finite,
    Gaussian,
    Network,
    Sparse,
    SymbolicLaw,
    Z,
    cost,
    estimate,
    expect,
    iter_jacobians,
    layer_factors,
    moment,
)
from pathmoments.errors import (
    ArgumentError,
    AtomsError,
    BudgetError,
    InexactNumberError,
    PathMomentsError,
    RouteError,
)
from pathmoments.families import family_of
from pathmoments.routes.exhaustion import expectation

n, v = sympy.symbols("n v")


@pytest.mark.parametrize("law", ["gaussian", "rademacher", "sparse:1/2:gaussian"])
@pytest.mark.parametrize("bias", ["zero", "sparse:1/2:gaussian"])
def test_a_linear_output_layer_alone_is_its_weights(law: str, bias: str) -> None:
    """The section of a linear last layer has no activation: no alive factor, no atoms to refuse, whatever lies below."""
    net = Network([2, 2, 1], law=law, output="linear", bias=bias)
    for route in ("auto", "transfer", "enumeration"):
        assert moment(net, {(0, 0): 2}, layers=(1, 2), route=route) == 1
    if law == "rademacher" and bias == "zero":
        assert moment(net, {(0, 0): 2}, layers=(1, 2), route="exhaustion", x=(1, 1)) == 1
    if law == "gaussian":
        assert abs(estimate(net, {(0, 0): 2}, layers=(1, 2), samples=50_000, seed=3).z) < 5


def test_exhaustion_meets_the_network_also_where_parity_gives_zero() -> None:
    """At x = (1, 1) two signs cancel and E Z_00 Z_10 is 1/4, not 0: exhaustion refuses there, and gives 0 at a general input."""
    net, power = Network([2, 1], law="rademacher", bias="zero"), {(0, 0): 1, (1, 0): 1}
    assert expectation(net, family_of(net, power), (1, 1), derivative_at_zero=0) == Fraction(1, 4)
    with pytest.raises(RouteError, match="exactly 0"):
        moment(net, power, route="exhaustion", x=(1, 1))
    with pytest.raises(ArgumentError, match=r"x\[0\]"):
        moment(net, power, route="exhaustion", x=("foo", 1))
    assert moment(net, power, route="exhaustion", x=(1, 2)) == 0


def test_input_zero_is_refused_where_biases_can_be_zero() -> None:
    """At x = 0 a bias of 0 leaves the network without a derivative, for exhaustion and simulation alike."""
    finite = Finite({-1: "1/4", 0: "1/2", 1: "1/4"})
    with pytest.raises(ArgumentError, match="x must not be 0"):
        estimate(Network([2, 3, 2], bias=Sparse("1/2", Gaussian())), {(0, 0): 2}, samples=10, x=(0, 0))
    with pytest.raises(ArgumentError, match="x must not be 0"):
        moment(
            Network([1, 1], law="rademacher", variance=1, bias=finite, bias_variance="1/2"),
            {(0, 0): 2},
            route="exhaustion",
            x=(0,),
        )
    assert moment(Network([2, 1], law="rademacher"), {(0, 0): 2}, route="exhaustion", x=(0, 0)) == Fraction(1, 2)


def test_balls_stay_balls() -> None:
    """Constants and vanishing monomials of a truncated law are exact balls, so sums and estimates of them work."""
    net = Network([2, 3, 2], law="truncated")
    one, zero = moment(net, {}), moment(net, {(0, 0): 1, (1, 0): 1})
    assert isinstance(one, arb)
    assert isinstance(zero, arb)
    assert one == 1
    assert zero == 0
    fourth: Any = moment(net, {(0, 0): 4})
    for polynomial in (1 + Z[0, 0] ** 4, Z[0, 0] ** 4 + Z[0, 0] * Z[1, 0] + 1):
        total = expect(net, polynomial)
        assert isinstance(total, arb)
        assert total.overlaps(fourth + 1)
    assert abs(estimate(net, {(0, 0): 1, (1, 0): 1}, samples=1000, seed=1).z) < 5
    with pytest.raises(ArgumentError, match="symbolic coefficients"):
        expect(net, n * Z[0, 0] ** 4)


@pytest.mark.parametrize("order", [10**6, 10**8, 10**12])
def test_absurd_orders_are_refused_at_once(order: int) -> None:
    """No count of collections is made that is too long to be one."""
    for law in ("gaussian", "uniform"):
        with pytest.raises(BudgetError, match="no exact route is within its budget"):
            moment(Network([2, 3, 4, 2], law=law), {(0, 0): order})
    with pytest.raises(BudgetError, match=r"far too many|far more"):
        moment(Network([2, 3, 4, 2]), {(0, 0): order}, route="enumeration")


def test_absurd_widths_have_a_cost_at_once() -> None:
    """Ten thousand layers of 10^30 neurons, and exhaustions of 10^10 bits, are weighed by the length of their counts."""
    assert cost(Network([2, *[10**30] * 10_000, 2]), {(0, 0): 2000}).route == "gaussian"
    wide = Network([2, 10**5, 10**5, 2], law="rademacher")
    assert cost(wide, {(0, 0): 2}, route="exhaustion").note == "far too many patterns"
    with pytest.raises(BudgetError):
        moment(wide, {(0, 0): 2}, route="exhaustion")
    with pytest.raises(BudgetError, match="numbers a sample"):
        iter_jacobians(Network([2, 10**30, 2]), 2)


def test_auto_is_the_closed_form_in_deep_networks() -> None:
    """A hundred thousand equal layers are one power, and weighing the routes costs next to nothing."""
    net = Network([100] * 100_001)
    assert moment(net, {(0, 0): 4}) == 6 * Fraction(105, 100) ** 99_999 / 100**2


def test_symbols_outside_a_section() -> None:
    """Symbolic widths below a section at zero bias enter by the alive factor alone, those above not at all."""
    below: Any = moment(Network([2, n, 3, 2], bias="zero"), {(0, 0): 2}, layers=(2, 3))
    assert sympy.simplify(below - (1 - 2**-n) * sympy.Rational(7, 24)) == 0
    for route in ("auto", "enumeration", "transfer"):
        assert moment(Network([2, 3, 2, n]), {(0, 0): 4}, layers=(0, 2), route=route) == 4


def test_a_leaky_suffix_needs_no_alive_factor() -> None:
    """With a slope nothing dies, so biases that can be 0 are no reason to refuse a suffix of atomless weights."""
    assert moment(
        Network([2, 2, 2], slope="1/4", bias=Sparse("1/2", Gaussian())), {(0, 0): 2}, layers=(1, 2)
    ) == Fraction(1, 2)
    with pytest.raises(AtomsError):
        moment(Network([2, 2, 2], bias=Sparse("1/2", Gaussian())), {(0, 0): 2}, layers=(1, 2))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: estimate(Network([2, 2], bias="gaussian", bias_variance=v), {(0, 0): 2}, samples=9), RouteError, "symbols"),
        (lambda: estimate(Network([2, 2]), {(0, 0): 2}, samples=9, x=(10**400, 1)), ArgumentError, "range of floats"),
        (lambda: estimate(Network([2, 2], variance=Fraction(1, 10**700)), {(0, 0): 2}, samples=9), ArgumentError, "range of floats"),
        (lambda: moment(Network([2, 2]), {(0, 0): 2}, budget="5"), ArgumentError, "budget must be"),  # type: ignore[call-overload]  # must be refused
        (lambda: moment(Network([2, 2]), {(0, 0): 2}, budget=-1), ArgumentError, "budget must be"),
        (lambda: layer_factors(Network([2, 2]), ((),)), ArgumentError, "two neurons or more"),
        (lambda: expect(Network([2, 2]), 0.5 * n * Z[0, 0] ** 2), InexactNumberError, "exact expression"),
        (lambda: expect(Network([2, 2]), sympy.Sum(Z[n, 0] ** 2, (n, 0, 1))), ArgumentError, "whole indices"),
        (lambda: Network([2, sympy.Symbol("m_4"), 2], law=Sparse("1/2", SymbolicLaw("m"))), ArgumentError, "also a moment"),
        (lambda: Network([2, n, sympy.Symbol("n", positive=True)]), ArgumentError, "one name"),
    ],
)  # fmt: skip
def test_refusals(call: Any, error: type[PathMomentsError], message: str) -> None:
    """What cannot be answered is refused with its own type and reason."""
    with pytest.raises(error, match=message):
        call()


def test_a_tiny_input_is_as_good_as_another_without_biases() -> None:
    """Without biases only the direction of x matters, so an input below the smallest float is scaled up."""
    result = estimate(Network([2, 3, 2], bias="zero"), {(0, 0): 2}, x=(Fraction(1, 10**400), 0), samples=20_000, seed=1)
    assert abs(result.z) < 5


@pytest.mark.parametrize("widths", [[1, 1, 1], [1, 2, 1], [1, 1, 2, 1]], ids=str)
def test_high_orders_on_few_paths(widths: list[int]) -> None:
    """A thousand copies of one path are one step of the walk, not a thousand calls deep; against the transfer at lower order."""
    net = Network(widths, law="uniform")
    assert moment(net, {(0, 0): 40}, route="enumeration") == moment(net, {(0, 0): 40}, route="transfer")
    chain = (Fraction(3**1000, 2001) / 2) ** 2
    assert moment(Network([1, 1, 1], law="uniform", variance=1), {(0, 0): 2000}) == chain
    assert moment(net, {(0, 0): 3000}, route="enumeration") > 0


def test_not_a_network() -> None:
    """A list of widths in the place of a network is refused with what to write."""
    with pytest.raises(ArgumentError, match=r"net must be a Network such as Network\(\[2, 3, 2\]\)"):
        moment([2, 3, 2], {(0, 0): 2})  # type: ignore[call-overload]  # must be refused
