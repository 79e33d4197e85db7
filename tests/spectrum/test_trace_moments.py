"""E tr (J J^T)^k: four routes to one number, the theory page, the polynomial written out, and real networks by exhaustion."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

import pytest
import sympy
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from pathmoments import Network, SymbolicLaw, Z, errors, expect, moment, trace_moment
from pathmoments.exact import is_symbolic
from pathmoments.families import Family
from pathmoments.quantities.statistics import Frobenius, SquareTrace
from pathmoments.quantities.traces import TRACE_ROUTES, product_moment, trace_cost, trace_families
from pathmoments.routes.exhaustion import expectation
from pathmoments.routes.traces import Trace
from pathmoments.routes.zonal import _shapes

LAWS = ["gaussian", "uniform", "rademacher", "laplace", "finite:-1=1/8,0=3/4,1=1/8", "sparse:1/3:gaussian"]

THEORY: dict[tuple[str, tuple[int, ...]], list[str]] = {
    ("gaussian", (2, 3, 2)): ["2", "74/3", "2024/3", "868864/27"],
    ("rademacher", (2, 3, 2)): ["2", "10", "680/9"],
    ("gaussian", (3, 3, 3)): ["3", "104/3", "812", "7629760/243"],
}


@pytest.mark.parametrize(("law", "widths"), THEORY)
def test_values_of_the_theory(law: str, widths: tuple[int, ...]) -> None:
    """The values that were found by enumeration before this package had traces."""
    values = THEORY[law, widths]
    assert [str(trace_moment(Network(widths, law=law), k)) for k in range(1, len(values) + 1)] == values


def test_wishart() -> None:
    """A linear Gaussian layer of unit variance: E tr W, tr W^2 and tr W^3 are the classical polynomials in n and p."""
    n, p = sympy.symbols("n p")
    net = Network([p, n], output="linear", variance=1)
    assert trace_moment(net, 1) == n * p
    assert sympy.expand(trace_moment(net, 2) - n * p * (n + p + 1)) == 0
    cubic = n * p * (n**2 + p**2 + 3 * n * p + 3 * n + 3 * p + 4)
    for route in ("zonal", "transfer", "pairings"):
        assert sympy.expand(trace_moment(net, 3, route=route) - cubic) == 0


NETS: list[dict[str, Any]] = [
    {"widths": [2, 3, 2]},
    {"widths": [1, 2, 3]},
    {"widths": [3, 2, 1, 2]},
    {"widths": [2, 2]},
    {"widths": [3, 2, 3], "output": "linear"},
    {"widths": [2, 3], "output": "linear", "variance": "1/2"},
    {"widths": [2, 2, 2], "slope": "1/3"},
    {"widths": [2, 3, 2], "slope": -1, "variance": "lecun"},
    {"widths": [2, 2, 2], "slope": "-1/2", "output": "linear", "variance": ["1/3", 2]},
    {"widths": [2, 2, 3, 2], "slope": 1},
]


@pytest.mark.parametrize("options", NETS, ids=str)
@pytest.mark.parametrize("law", LAWS)
def test_routes_agree(law: str, options: dict[str, Any]) -> None:
    """Every route that applies gives the same fraction, for k up to 4; Gaussian weights have at least three."""
    net = Network(**options, law=law)
    for k in (1, 2, 3, 4):
        values = {}
        for name, route in TRACE_ROUTES.items():
            trace = Trace((k,), 0, net.depth)
            if route.reason_against(net, trace) is None and route.fits(net, trace, 400):
                values[name] = trace_moment(net, k, route=name)
        assert len(set(values.values())) == 1, values
        assert trace_moment(net, k) in values.values()
        assert "transfer" in values
        assert law != "gaussian" or "pairings" in values


def test_laws_and_variances_of_each_layer() -> None:
    """Each layer has its own law and variance, in its own place: routes agree, and another order is another number."""
    options: dict[str, Any] = {"law": ["gaussian", "rademacher", "laplace"], "variance": ["1/2", "he", 3]}
    net = Network([2, 3, 2, 2], **options)
    assert trace_moment(net, 3, route="transfer") == trace_moment(net, 3, route="enumeration")
    turned = Network([2, 3, 2, 2], law=["laplace", "gaussian", "rademacher"], variance=options["variance"])
    assert trace_moment(turned, 3) != trace_moment(net, 3)


def test_high_order_by_two_routes() -> None:
    """Zonal polynomials and the transfer agree beyond what can be enumerated."""
    net = Network([3, 4, 2, 5])
    assert trace_moment(net, 5, route="zonal") == trace_moment(net, 5, route="transfer")


def test_any_order_of_one_row() -> None:
    """With one output tr J J^T is a product of chi-square variables, whose moments of any order are rising products."""
    n = 7
    for k in (8, 20):
        assert trace_moment(Network([n, 1], output="linear", variance=1), k) == prod(n + 2 * i for i in range(k))


@pytest.mark.parametrize(("k", "law"), [(2, "rademacher"), (2, "laplace"), (3, "rademacher")])
def test_the_polynomial_written_out(k: int, law: str) -> None:
    """The trace of the matrix power, multiplied out entry by entry, has the same expectation."""
    net = Network([2, 3, 2], law=law)
    jacobian = sympy.Matrix(2, 2, lambda q, p: Z[p, q])
    assert trace_moment(net, k) == expect(net, sympy.expand(((jacobian * jacobian.T) ** k).trace()))


@pytest.mark.parametrize("x", [(1, 2), (3, -1)])
@pytest.mark.parametrize("widths", [[2, 2, 2], [2, 1, 2, 2]], ids=str)
def test_real_networks_by_exhaustion(widths: list[int], x: tuple[int, int]) -> None:
    """The sum over all weights and biases of the real ReLU network at an input: no theorem."""
    net = Network(widths, law="rademacher")
    for k in (1, 2, 3):
        families = trace_families(net, Trace((k,), 0, net.depth))
        assert sum(c * expectation(net, family, x) for c, family in families) == trace_moment(net, k)


def test_square_trace_is_the_statistic() -> None:
    """The trace of k = 2 is the statistic of that name, whose moments are sums over indices."""
    for law in LAWS:
        net = Network([3, 4, 2], law=law)
        assert trace_moment(net, 2) == SquareTrace().moment(net, 1)


PRODUCTS = [(1, 1), (2, 1), (1, 1, 1), (2, 2), (3, 1)]


@pytest.mark.parametrize("cycles", PRODUCTS, ids=str)
@pytest.mark.parametrize("law", ["gaussian", "rademacher", "laplace"])
def test_products_of_traces(law: str, cycles: tuple[int, ...]) -> None:
    """Products of traces by every route that has them, and by their polynomial where that is short."""
    net = Network([2, 2, 2], law=law)
    value = product_moment(net, cycles, route="transfer")
    assert product_moment(net, cycles, route="enumeration") == value == product_moment(net, cycles[::-1])
    if law == "gaussian":
        assert product_moment(net, cycles, route="pairings") == value
    if sum(cycles) <= 3:
        gram = sympy.Matrix(2, 2, lambda q, p: Z[p, q])
        gram = gram * gram.T
        assert expect(net, sympy.expand(prod((gram**k).trace() for k in cycles))) == value


def test_squares_of_traces_are_those_of_the_statistics() -> None:
    """E (tr J J^T)^2, its third power, and E (tr (J J^T)^2)^2 as sums over indices."""
    for law in LAWS[1:4]:
        net = Network([3, 4, 2], law=law)
        assert product_moment(net, (1, 1)) == Frobenius().moment(net, 2)
        assert product_moment(net, (1, 1, 1)) == Frobenius().moment(net, 3)
        assert product_moment(net, (2, 2)) == SquareTrace().moment(net, 2)


# -- conventions --------------------------------------------------------------------------------------------------------


def test_order_zero_is_the_identity() -> None:
    """For k = 0 the trace is n_d, for any network, even one whose moments are not determined at zero bias."""
    assert trace_moment(Network([2, 3, 4]), 0) == 4
    assert trace_moment(Network([2, 3, 4], law="rademacher", bias="zero"), 0) == 4
    ball: Any = trace_moment(Network([2, 3], law="truncated:2"), 0)
    assert isinstance(ball, arb)


def test_order_one_is_the_number_of_outputs() -> None:
    """With He's variances E ||J||_F^2 = n_d, whatever the law, depth and slope."""
    for law in LAWS:
        assert trace_moment(Network([3, 5, 2, 7], law=law), 1) == 7
        assert trace_moment(Network([3, 5, 2, 7], law=law, slope="1/2"), 1) == 7


def test_width_one() -> None:
    """With one input and one output the trace is the entry's square: E Z^2k."""
    net = Network([1, 3, 1], law="uniform")
    assert [trace_moment(net, k) for k in (1, 2, 3)] == [moment(net, {(0, 0): 2 * k}) for k in (1, 2, 3)]


def test_suffix_at_zero_bias_must_be_alive() -> None:
    """A suffix at zero bias carries the probability that the layers below are alive, (1 - 2^-2)(1 - 2^-3) here."""
    net = Network([2, 2, 3, 2], bias="zero")
    for k in (1, 2):
        alone: Any = trace_moment(Network([3, 2]), k)
        assert trace_moment(net, k, layers=(2, 3)) == Fraction(21, 32) * alone
        assert trace_moment(net, k, layers=(2, 3), route="enumeration") == trace_moment(net, k, layers=(2, 3))


def test_prefix_and_suffix_of_the_theory() -> None:
    """J may be well conditioned while its factors explode and vanish: [2,3,2], variances (2c/n_0, 2/(c n_1)), at c = 1 and 4."""
    for c in (1, 4):
        net = Network([2, 3, 2], variance=[Fraction(2 * c, 2), Fraction(2, 3 * c)])
        assert [trace_moment(net, k) for k in (1, 2)] == [2, Fraction(74, 3)]
    assert [trace_moment(net, k, layers=(0, 1)) for k in (1, 2)] == [12, 240]
    assert [trace_moment(net, k, layers=(1, 2)) for k in (1, 2)] == [Fraction(1, 2), Fraction(11, 24)]


def test_balls_contain_the_truncated_gaussian() -> None:
    """A wide truncation is near the Gaussian, and a ball is accurate."""
    value: Any = trace_moment(Network([3, 4, 2], law="truncated:9"), 3)
    exact = trace_moment(Network([3, 4, 2]), 3)
    assert isinstance(exact, Fraction)
    assert value.rel_accuracy_bits() >= 100
    assert abs(float(value) / float(exact) - 1) < 1e-9


# -- symbols ------------------------------------------------------------------------------------------------------------

n_0, n_1, n_2 = sympy.symbols("n_0 n_1 n_2")


@pytest.mark.parametrize("options", [{}, {"output": "linear"}, {"slope": "1/3"}], ids=str)
@pytest.mark.parametrize("law", ["gaussian", "uniform"])
def test_symbolic_widths_give_every_network(law: str, options: dict[str, Any]) -> None:
    """A formula in the widths is the number where numbers stand, widths below k included."""
    for k in (2, 3):
        formula: Any = trace_moment(Network([n_0, n_1, n_2], law=law, **options), k)
        for widths in ([2, 3, 2], [1, 1, 1], [4, 2, 3]):
            value: Any = trace_moment(Network(widths, law=law, **options), k)
            substituted = formula.subs(dict(zip((n_0, n_1, n_2), widths, strict=True)))
            assert sympy.Rational(value.numerator, value.denominator) == substituted


@pytest.mark.parametrize("law", ["uniform", "rademacher", "laplace"])
def test_symbolic_laws_give_every_law(law: str) -> None:
    """A formula in mt_4 and mt_6 is the number for the law's moments."""
    formula: Any = trace_moment(Network([3, 2, 3], law=SymbolicLaw()), 3)
    assert is_symbolic(formula)
    net = Network([3, 2, 3], law=law)
    moments = {f"mt_{r}": sympy.Rational(str(net.laws[0].moment(r))) for r in (4, 6)}
    assert formula.subs(moments) == sympy.Rational(str(trace_moment(net, 3)))


# -- laws of algebra ----------------------------------------------------------------------------------------------------

small = st.lists(st.integers(1, 5), min_size=2, max_size=4)


@settings(max_examples=30)
@given(small, st.sampled_from(LAWS), st.integers(1, 4))
def test_linear_networks_are_symmetric_under_transposition(widths: list[int], law: str, k: int) -> None:
    """A linear network read from its outputs to its inputs has the same traces: tr (J J^T)^k = tr (J^T J)^k."""
    there = Network(widths, law=law, slope=1, output="linear", variance=1)
    back = Network(widths[::-1], law=law, slope=1, output="linear", variance=1)
    assert trace_moment(there, k) == trace_moment(back, k)


@settings(max_examples=30)
@given(small, st.sampled_from(LAWS), st.integers(1, 3), st.fractions("1/4", 4, max_denominator=5))
def test_variances_scale(widths: list[int], law: str, k: int, factor: Fraction) -> None:
    """Each layer's variance times c multiplies E tr (J J^T)^k by c^k, wherever it stands."""
    plain = Network(widths, law=law)
    first: Any = plain.variances[0]
    scaled = Network(widths, law=law, variance=[first * factor, *plain.variances[1:]])
    before: Any = trace_moment(plain, k)
    assert trace_moment(scaled, k) == before * factor**k


@settings(max_examples=30)
@given(small, st.sampled_from(LAWS))
def test_moments_obey_their_inequalities(widths: list[int], law: str) -> None:
    """Cauchy-Schwarz between traces, and m_2 >= m_1^2 over the eigenvalues there can be."""
    net = Network(widths, law=law)
    one, two, three, four = (Fraction(str(trace_moment(net, k))) for k in (1, 2, 3, 4))
    assert two**2 <= one * three
    assert three**2 <= two * four
    assert two * min(widths) >= one**2


def test_order_of_hidden_layers() -> None:
    """Hidden layers of Gaussian weights may change places (each is a factor of every zonal term); of others they may not."""
    orders = ([2, 3, 5, 2], [2, 5, 3, 2])
    for k in (1, 2, 3):
        first, second = (trace_moment(Network(widths), k, route="transfer") for widths in orders)
        assert first == second
    assert [trace_moment(Network(widths, law="rademacher"), 2) for widths in orders] == [
        Fraction(256, 15),
        Fraction(248, 15),
    ]
    assert trace_moment(Network(orders[0], law="rademacher"), 2, route="enumeration") == Fraction(256, 15)


# -- refusals -----------------------------------------------------------------------------------------------------------


def test_refusals() -> None:
    """Each refusal is typed and names what would do."""
    net = Network([2, 3, 2], law="uniform")
    with pytest.raises(errors.UnknownNameError, match="zonal, transfer, pairings, enumeration"):
        trace_moment(net, 2, route="gaussian")
    with pytest.raises(errors.RouteError, match="Gaussian or orthogonal weights"):
        trace_moment(net, 2, route="zonal")
    with pytest.raises(errors.RouteError, match="a product"):
        product_moment(Network([2, 3, 2]), (1, 1), route="zonal")
    with pytest.raises(errors.RouteError, match="slopes 0, 1 and -1"):
        trace_moment(Network([2, 2], slope="1/2"), 2, route="zonal")
    with pytest.raises(errors.BudgetError, match="4,373,461 set partitions"):
        trace_moment(net, 7)
    with pytest.raises(errors.BudgetError, match="over the budget of 10"):
        trace_moment(net, 3, route="transfer", budget=10)
    with pytest.raises(errors.ArgumentError, match="k must be a whole number"):
        trace_moment(net, -1)
    with pytest.raises(errors.ArgumentError, match="cycles must be one power or more"):
        product_moment(net, ())
    for budget in (-1, "many"):
        with pytest.raises(errors.ArgumentError, match="budget must be a whole number"):
            trace_moment(net, 2, budget=budget)  # type: ignore[arg-type]  # the point
    with pytest.raises(errors.OutOfRangeError):
        trace_moment(net, 2, layers=(1, 3))
    with pytest.raises(errors.AtomsError):
        trace_moment(Network([2, 2], law="rademacher", bias="zero"), 2)
    with pytest.raises(errors.RouteError, match="numbers"):
        trace_moment(Network([n_0, 2]), 2, route="enumeration")


def test_cost_is_what_is_refused() -> None:
    """The cost names the route that is taken; Gaussian weights at slopes that are no projection take the transfer."""
    assert trace_cost(Network([2, 3, 2]), 20).route == "zonal"
    assert trace_cost(Network([2, 3, 2]), 3).count == 3
    assert trace_cost(Network([2, 3, 2], slope="1/2"), 4).route == "transfer"
    assert trace_cost(Network([2, 3, 2], law="uniform"), 5).count == 6556


@pytest.mark.parametrize("route", ["auto", "zonal", "transfer", "pairings", "enumeration"])
@pytest.mark.parametrize("k", [10**3, 10**7])
def test_hopeless_orders_are_refused_at_once(route: str, k: int) -> None:
    """What a route takes is known without counting one by one."""
    with pytest.raises(errors.BudgetError, match=r"over the budget|within its budget"):
        trace_moment(Network([2, 1, 2]), k, route=route)


@pytest.mark.parametrize("k", range(1, 12))
def test_shapes_are_counted(k: int) -> None:
    """The cost of the zonal route is the number of shapes it sums."""
    assert trace_cost(Network([2, 2]), k).count == sum(1 for _ in _shapes(k))


def test_progress_counts_layers() -> None:
    """The transfer reports each layer."""
    steps: list[tuple[int, int]] = []
    trace_moment(Network([2, 3, 2, 2], law="uniform"), 2, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_families_of_a_trace_are_as_many_as_its_indices() -> None:
    """Every index occurs twice, so no family vanishes: the coefficients add up to n_0^k n_d^k choices."""
    net = Network([3, 4, 2])
    for k in (1, 2, 3):
        terms = trace_families(net, Trace((k,), 0, 2))
        assert all(isinstance(family, Family) for _, family in terms)
        assert sum(c for c, _ in terms) == 6**k
