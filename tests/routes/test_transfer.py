"""The transfer route inside: tree against sweep, both against other mathematics; symbols, balls, costs, refusals."""

from __future__ import annotations

from fractions import Fraction
from math import factorial, prod

import pytest
import sympy
from flint import arb

from pathmoments import Network, cost, moment
from pathmoments.errors import BudgetError
from pathmoments.families import family_of
from pathmoments.routes import transfer


def test_product_tree_equals_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deep network gives the same fraction as a tree of matrices and as a vector that sweeps from both ends."""
    net = Network(
        [3 + j % 7 for j in range(60)], law=["uniform", "laplace", "rademacher"] * 19 + ["uniform"] * 2, slope="1/3"
    )
    power = {(0, 0): 4, (1, 0): 2}
    sweep = moment(net, power, route="transfer")
    monkeypatch.setattr(transfer, "TREE_DEPTH_PER_STATE", 0)
    assert moment(net, power, route="transfer") == sweep


def test_deep_network_by_tree_equals_closed_form() -> None:
    """At depth 3,000 the tree agrees with P = prod (1 + 5/n_j) for Gaussian weights."""
    widths = list(range(2, 3003))
    expected = 6 * prod((1 + Fraction(5, n) for n in widths[1:-1]), start=Fraction(1)) / widths[0] ** 2
    assert moment(Network(widths), {(0, 0): 4}, route="transfer") == expected


def test_depth_one_is_the_weight() -> None:
    """With one layer a moment is act(2K) mt_2K Var^K, for every order up to 40."""
    net = Network([3, 2], law="laplace", slope="1/2")
    variance = Fraction(2, 3) / (1 + Fraction(1, 4))
    for half in (1, 2, 7, 20):
        activation = (1 + Fraction(1, 2) ** (2 * half)) / 2
        assert (
            moment(net, {(2, 1): 2 * half}, route="transfer")
            == activation * Fraction(factorial(2 * half), 2**half) * variance**half
        )


def test_hidden_layers_of_one_neuron_multiply() -> None:
    """In a chain of single neurons each layer contributes half its weight's moment."""
    net = Network([1] * 8, law="uniform", variance=1)
    for half in (1, 3, 6):
        assert moment(net, {(0, 0): 2 * half}, route="transfer") == (Fraction(3**half, 2 * half + 1) / 2) ** 7


def test_symbols_agree_with_numbers_on_substitution() -> None:
    """Symbolic widths and moments, then numbers, equals numbers from the start; shared and per-layer symbols."""
    n0, n, m = sympy.symbols("n0 n m", positive=True, integer=True)
    expression = moment(Network([n0, n, m, n, 3], law="symbolic", slope="1/3"), {(0, 0): 4, (1, 1): 2})
    numbers = Network([2, 2, 3, 2, 3], law="uniform", slope="1/3")
    values = {
        n0: 2,
        n: 2,
        m: 3,
        sympy.Symbol("mt_4"): sympy.Rational(9, 5),
        sympy.Symbol("mt_6"): sympy.Rational(27, 7),
    }
    exact = moment(numbers, {(0, 0): 4, (1, 1): 2}, route="enumeration")
    assert isinstance(exact, Fraction)
    assert expression.subs(values) == sympy.Rational(exact.numerator, exact.denominator)  # type: ignore[union-attr]  # sympy


def test_symbolic_result_is_factored() -> None:
    """The Gaussian fourth moment with symbolic widths is 6 (n1+5)(n2+5) / (n0^2 n1 n2), as both routes print it."""
    n0, n1, n2 = sympy.symbols("n0 n1 n2", positive=True, integer=True)
    net = Network([n0, n1, n2, 4])
    for route in ("transfer", "gaussian"):
        assert str(moment(net, {(0, 0): 4}, route=route)) == "6*(n1 + 5)*(n2 + 5)/(n0**2*n1*n2)"


def test_symbolic_variance_stays_in_front() -> None:
    """Glorot's 2/(fan_in + fan_out) is no polynomial in the widths and still comes out exactly."""
    n = sympy.Symbol("n", positive=True, integer=True)
    expression = moment(Network([2, n, 3], variance="glorot", law="uniform"), {(0, 0): 4})
    number = moment(Network([2, 5, 3], variance="glorot", law="uniform"), {(0, 0): 4})
    assert isinstance(number, Fraction)
    assert sympy.simplify(expression.subs(n, 5) - sympy.Rational(number.numerator, number.denominator)) == 0  # type: ignore[union-attr]  # sympy


def test_ball_has_its_accuracy_and_contains_a_finer_one() -> None:
    """A ball has 100 bits or more, also at high order where cumulants cancel, and overlaps that of the enumeration."""
    net = Network([2, 3, 2], law="truncated:2")
    high = moment(net, {(0, 0): 24}, route="transfer")
    assert isinstance(high, arb)
    assert high.rel_accuracy_bits() >= 100
    by_paths = moment(net, {(0, 0): 8}, route="enumeration")
    by_states = moment(net, {(0, 0): 8}, route="transfer")
    assert isinstance(by_paths, arb)
    assert isinstance(by_states, arb)
    assert by_paths.overlaps(by_states)


@pytest.mark.parametrize(("order", "states"), [(2, 1), (4, 2), (24, 77), (40, 627)])
def test_cost_is_the_number_of_integer_partitions(order: int, states: int) -> None:
    """One entry of order 2K has p(K) states, and their number is known at once."""
    taken = cost(Network([2, 3, 2], law="uniform"), {(0, 0): order}, route="transfer")
    assert (taken.count, taken.unit) == (states, "states")


def test_too_many_states_are_refused_with_the_count() -> None:
    """An order beyond the budget is refused before any work, with the number of states and what to do."""
    net = Network([2, 3, 2], law="uniform")
    with pytest.raises(BudgetError, match=r"transfer .* [\d,]+ states.* budget of 2,000.*lower order"):
        moment(net, {(0, 0): 200}, route="transfer")
    with pytest.raises(BudgetError, match="no exact route is within its budget"):
        moment(Network([2, 30, 30, 2], law="uniform"), {(0, 0): 200})


def test_auto_walks_where_walking_is_cheaper() -> None:
    """At order 100 three hidden neurons have 5,151 collections and 204,226 states: auto takes the enumeration."""
    net = Network([2, 3, 2], law="uniform")
    assert cost(net, {(0, 0): 100}).route == "enumeration"
    assert cost(net, {(0, 0): 4}).route == "transfer"


def test_a_larger_budget_is_taken() -> None:
    """The budget is the caller's: 10 states refuse order 24, 77 do not."""
    net = Network([2, 3, 2], law="uniform")
    with pytest.raises(BudgetError, match="budget of 10"):
        moment(net, {(0, 0): 24}, route="transfer", budget=10)
    assert moment(net, {(0, 0): 24}, route="transfer", budget=77) == moment(net, {(0, 0): 24}, route="enumeration")


def test_gaussian_weights_need_rows_of_pairs_alone() -> None:
    """The merging matrix of Gaussian weights has one row a pairing orbit: a single one for one entry."""
    net = Network([2, 3, 2])
    family = family_of(net, {(0, 0): 12})
    problem = transfer.Problem(net, family, net.domain(0, 2, 12))
    assert problem.merging.fine == [((2,),) * 6]
