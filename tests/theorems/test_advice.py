"""Budgets: the best widths against brute force, the proof and its bounds, and the statistics that stand beside them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath  # type: ignore[import-untyped]  # ships no types
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from pathmoments import Network, empirical_variance, moment
from pathmoments.errors import ArgumentError, UnknownNameError
from pathmoments.theorems import allocation, beta, parameter_search
from pathmoments.theorems.advice import Advice, Architecture, advise
from pathmoments.theorems.allocation import parameter_count, spend_neurons, spend_parameters
from pathmoments.theorems.parameter_bounds import Relaxation, Windows
from pathmoments.theorems.parameter_chains import Chain, real_solution, rounded_solution, total
from pathmoments.theorems.readable import widths_text


def _inverse_sum(widths: tuple[int, ...]) -> Fraction:
    return sum((Fraction(1, n) for n in widths), start=Fraction(0))


# -- neurons ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("multiple", [1, 2, 3])
@pytest.mark.parametrize(("neurons", "hidden"), [(6, 1), (7, 2), (11, 3), (13, 4), (9, 3)])
def test_neurons_are_spent_best(neurons: int, hidden: int, multiple: int) -> None:
    """No widths in these multiples, with so many neurons at most, have a smaller beta; the widths are within the budget themselves."""
    found = spend_neurons(neurons * multiple + multiple - 1, hidden, multiple=multiple)
    steps = range(multiple, neurons * multiple + 1, multiple)
    best = min(_inverse_sum(w) for w in product(steps, repeat=hidden) if sum(w) < (neurons + 1) * multiple)
    assert found.beta == best == _inverse_sum(found.widths) == found.lower
    assert sum(found.widths) <= neurons * multiple + multiple - 1
    assert all(width % multiple == 0 for width in found.widths)
    assert found.optimal


def test_neurons_go_to_equal_widths() -> None:
    """(2) is attained where the budget divides; what is left over makes the first layers wider."""
    assert spend_neurons(640, 5).widths == (128,) * 5
    assert spend_neurons(643, 5).widths == (129, 129, 129, 128, 128)
    assert spend_neurons(643, 5, multiple=8).widths == (128,) * 5


# -- parameters ---------------------------------------------------------------------------------------------------------


def _all_widths(
    budget: int, hidden: int, ends: tuple[int, int], multiple: int, biases: bool
) -> Iterator[tuple[int, ...]]:
    """Yield all hidden widths within a budget of parameters."""

    def continued(widths: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        rest = (multiple,) * (hidden - len(widths))
        if parameter_count((ends[0], *widths, *rest, ends[1]), biases=biases) > budget:
            return
        if not rest:
            yield widths
            return
        width = multiple
        while parameter_count((ends[0], *widths, width, *rest[1:], ends[1]), biases=biases) <= budget:
            yield from continued((*widths, width))
            width += multiple

    yield from continued(())


def _cases() -> list[tuple[int, int, tuple[int, int], int, bool]]:
    """Return budgets from the smallest that does to some hundred more, for one to six hidden layers."""
    draw, cases = random.Random(20181), []
    for hidden, most in ((1, 500), (2, 500), (3, 250), (4, 90), (5, 45), (6, 30)):
        for _ in range(9):
            ends, multiple = (draw.choice((1, 2, 5, 30)), draw.choice((1, 2, 10))), draw.choice((1, 1, 2, 3))
            biases = draw.random() < 0.5
            least = parameter_count((ends[0], *(multiple,) * hidden, ends[1]), biases=biases)
            cases.append((least + draw.randrange(most) * multiple, hidden, ends, multiple, biases))
    return cases


@pytest.mark.parametrize(("budget", "hidden", "ends", "multiple", "biases"), _cases())
def test_parameters_are_spent_best(
    budget: int, hidden: int, ends: tuple[int, int], multiple: int, biases: bool
) -> None:
    """Against all widths within the budget: the least beta, and of those the fewest parameters; and it is said to be proved."""
    found = spend_parameters(budget, hidden, inputs=ends[0], outputs=ends[1], multiple=multiple, biases=biases)
    best = min(
        (_inverse_sum(widths), parameter_count((ends[0], *widths, ends[1]), biases=biases))
        for widths in _all_widths(budget, hidden, ends, multiple, biases)
    )
    assert (found.beta, parameter_count((ends[0], *found.widths, ends[1]), biases=biases)) == best
    assert found.beta == _inverse_sum(found.widths)
    assert found.optimal
    assert all(width % multiple == 0 for width in found.widths)


@pytest.mark.parametrize(("budget", "ends"), [(100_000, (784, 10)), (12_345, (3, 3)), (999_999, (1, 5000))])
def test_two_hidden_layers_of_any_width(budget: int, ends: tuple[int, int]) -> None:
    """With two hidden layers the second is the widest that fits beside the first: all first widths are tried."""
    inputs, outputs = ends
    fitting = (
        (n, (budget - outputs - (inputs + 1) * n) // (n + 1 + outputs))
        for n in range(1, (budget - outputs) // (inputs + 1))
    )
    best = min(Fraction(n + m, n * m) for n, m in fitting if m >= 1)
    found = spend_parameters(budget, 2, inputs=inputs, outputs=outputs)
    assert (found.beta, found.optimal) == (best, True)


@pytest.mark.parametrize(
    ("hidden", "multiple", "expected"),
    [
        (19, 8, 0.02614604414128911),
        (19, 1, 0.02614542458747133),
        (49, 8, 0.10916485358917383),
        (49, 1, 0.10916280593963847),
    ],
)
def test_deep_networks_are_proved(hidden: int, multiple: int, expected: float) -> None:
    """Ten million parameters at depth 20 and 50: proved, within the budget, and what a separate program in floating point found."""
    found = spend_parameters(10**7, hidden, inputs=784, outputs=10, multiple=multiple)
    assert found.optimal
    assert parameter_count((784, *found.widths, 10)) <= 10**7
    assert abs(float(found.beta) - expected) < 1e-15


@given(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9), st.integers(0, 120))
def test_symmetry_and_monotony(hidden: int, inputs: int, outputs: int, more: int) -> None:
    """Without biases input and output may be exchanged; a larger budget is never worse."""
    least = parameter_count((inputs, *(1,) * hidden, outputs), biases=False)
    there, back = (
        spend_parameters(least + more, hidden, inputs=first, outputs=last, biases=False).beta
        for first, last in ((inputs, outputs), (outputs, inputs))
    )
    assert there == back
    assert spend_parameters(least + more + 7, hidden, inputs=inputs, outputs=outputs, biases=False).beta <= there


CHAIN = Chain((31, 1, 1, 6), 2, 700)


def test_the_real_solution_is_stationary() -> None:
    """1/u_j^2 = L price_j to nine digits, and the budget is spent."""
    point, multiplier = real_solution(CHAIN)
    units: Any = point
    for k, u in enumerate(point):
        assert abs(u**2 * multiplier * CHAIN.price(units, k) - 1) < Fraction(1, 10**8)
    assert 0 <= CHAIN.budget - CHAIN.cost(units) < Fraction(1, 10**5)


def test_bounds_are_bounds() -> None:
    """Both bounds are below every solution, and every solution as good as the one at hand is inside the windows, before and after they are narrowed."""
    point, multiplier = real_solution(CHAIN)
    units = rounded_solution(CHAIN, point)
    everything = [u for u in product(range(1, 25), repeat=4) if CHAIN.cost(u) <= CHAIN.budget]
    best = min(map(total, everything))
    ranges, lower = Relaxation(CHAIN, point, multiplier).windows(total(units))
    windows = Windows.of(CHAIN, ranges, total(units), multiplier)
    windows.narrow()
    assert best * Fraction(9, 10) < lower <= best
    assert lower <= windows.proven <= best
    for solution in everything:
        if total(solution) <= total(units):
            assert all(low <= u <= high for u, (low, high) in zip(solution, ranges, strict=True))
            assert all(u in width for u, width in zip(solution, windows.widths, strict=True))


def test_what_is_too_large_to_prove_has_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is given up leaves a good solution and a bound below the best one."""
    best = spend_parameters(3000, 6, inputs=20, outputs=3)
    monkeypatch.setattr(parameter_search, "MOST_STEPS", 0)
    found = spend_parameters(3000, 6, inputs=20, outputs=3)
    assert not found.optimal
    assert found.lower < best.beta <= found.beta < best.beta * Fraction(11, 10)
    assert found.gap == found.beta - found.lower > 0
    monkeypatch.setattr(allocation, "MOST_WIDTHS", 0)
    assert 0 < spend_parameters(3000, 6, inputs=20, outputs=3).lower < best.beta
    told = str(advise(7, inputs=20, outputs=3, parameters=3000))
    assert "above the least possible" in told
    assert "the least possible\n" in told


def test_sums_too_close_for_rounding_are_compared_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """With bounds of a few bits only, where rounding tells nothing, the best is found all the same."""
    best = spend_parameters(900, 3, inputs=10, outputs=4)
    whole = Windows.of

    def coarse(chain: Chain, ranges: list[tuple[int, int]], limit: Fraction, multiplier: Fraction) -> Windows:
        windows = whole(chain, ranges, limit, multiplier)
        one = 1 << 12
        return Windows(chain, windows.widths, 12, -(-limit * one // 1), int(multiplier * one))

    monkeypatch.setattr(Windows, "of", coarse)
    assert spend_parameters(900, 3, inputs=10, outputs=4) == best


# -- errors -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({}, "give a budget"),
        ({"neurons": 10}, "give depth and inputs and outputs too"),
        ({"depth": 3, "inputs": 2, "parameters": 50}, "give outputs too"),
        ({"depth": 3, "inputs": 2, "outputs": 2, "neurons": 9, "parameters": 9}, "not both"),
        ({"depth": 1, "inputs": 2, "outputs": 2, "neurons": 9}, "2 or more"),
        ({"depth": 6, "inputs": 2, "outputs": 2, "neurons": 4}, "neurons must be at least 5"),
        ({"depth": 6, "inputs": 2, "outputs": 2, "neurons": 39, "multiple": 8}, "at least 40"),
        ({"depth": 3, "inputs": 2, "outputs": 2, "parameters": 8}, "parameters must be from 9"),
        ({"depth": 3, "inputs": 2, "outputs": 2, "parameters": 4, "biases": False}, "parameters must be from 5"),
        ({"depth": 3, "inputs": 2, "outputs": 2, "parameters": 10**16}, "10\\^15"),
        ({"depth": 3, "inputs": 0, "outputs": 2, "parameters": 100}, "inputs must be"),
        ({"depth": 3, "inputs": 2, "outputs": 2.0, "neurons": 100}, "outputs must be"),
        ({"depth": 3, "inputs": 2, "outputs": 2, "neurons": 100, "multiple": 0}, "multiple must be"),
        ({"depth": 3, "inputs": 2, "outputs": 2, "neurons": 1.5}, "neurons must be"),
        ({"compare": ["2,3"]}, "sequence of whole numbers"),
        ({"compare": [[2, 0, 2]]}, "widths\\[1\\]"),
        ({"compare": [[2, 3, 2]], "law": "symbolic"}, "symbolic"),
    ],
)
def test_refusals(keywords: dict[str, Any], message: str) -> None:
    """What is missing or impossible is named, with the smallest budget that would do."""
    with pytest.raises(ArgumentError, match=message):
        advise(**keywords)


def test_smallest_budgets_that_do() -> None:
    """The budgets named in refusals are enough."""
    assert advise(6, inputs=2, outputs=2, neurons=40, multiple=8).architectures[0].neurons == 40
    assert advise(3, inputs=2, outputs=2, parameters=9).architectures[0].parameters == 9
    with pytest.raises(UnknownNameError):
        advise(3, inputs=2, outputs=2, parameters=9, law="unknown")


# -- statistics ---------------------------------------------------------------------------------------------------------


def test_statistics_are_those_of_the_library() -> None:
    """beta, n_0^2 E Z^4, E dVar and Var Z^2 of each architecture; the deviation is the root of the last."""
    mpmath.mp.dps = 40
    other = Network([3, 4, 2], law=["laplace", "uniform"], output="linear")
    found = advise(4, inputs=3, outputs=2, neurons=14, law="uniform", compare=[[3, 2, 9, 2], other])
    assert [one.advised for one in found.architectures] == [True, False, False]
    assert found.architectures[0].network == Network([3, 5, 5, 4, 2], law="uniform")
    assert found.architectures[2].network is other
    for one in found.architectures:
        second, fourth = (moment(one.network, {(0, 0): order}) for order in (2, 4))
        assert isinstance(second, Fraction)
        assert isinstance(fourth, Fraction)
        assert isinstance(one.square_variance, Fraction)
        assert one.beta == beta(one.network)
        assert one.fourth_moment == 9 * fourth
        assert one.spread == empirical_variance(one.network)
        assert one.square_variance == fourth - second**2
        root = mpmath.mpf(one.deviation.str(30, radius=False))
        assert mpmath.almosteq(root**2 * one.square_variance.denominator, one.square_variance.numerator, 1e-25)


def test_counts_of_parameters_and_neurons() -> None:
    """Weights, biases unless left out, hidden neurons alone."""
    one = Architecture.of(Network([3, 4, 5, 2]))
    assert (one.neurons, one.parameters) == (9, 12 + 20 + 10 + 4 + 5 + 2)
    assert Architecture.of(Network([3, 4, 5, 2]), biases=False).parameters == 42


def test_laws_that_are_not_rational_have_balls() -> None:
    """A truncated law gives balls of thirty digits, and a deviation."""
    (one,) = advise(compare=[[3, 4, 2]], law="truncated").architectures
    assert isinstance(one.square_variance, arb)
    assert one.square_variance.rel_accuracy_bits() > 90
    assert abs(float(one.deviation) ** 2 - float(one.square_variance)) < 1e-12


def test_advice_is_readable() -> None:
    """The verdict first, one row an architecture, the law below; long runs of equal widths are counted."""
    text = str(advise(8, inputs=16, outputs=2, neurons=56, compare=[[16, 4, 4, 2]]))
    assert text.splitlines() == [
        "56 neurons: hidden widths 8 x 7, beta = 0.875, the least possible",
        "",
        "widths      neurons  parameters   beta  n_0^2 E Z^4     E dVar    sd Z^2",
        "16,8 x 7,2       56         586  0.875      179.525   0.547387  0.835083",
        "16,4,4,2          8          98    0.5       30.375  0.0920105  0.338742",
        "",
        "law of the weights: gaussian",
    ]
    mixed = Advice((Architecture.of(Network([2, 3, 2])), Architecture.of(Network([2, 3, 2], law="laplace"))))
    assert mixed.verdict == mixed.laws == ""
    assert len(str(mixed).splitlines()) == 3


def test_runs_of_widths_are_read_by_tables() -> None:
    """What advice prints for widths is what a grid of widths reads."""
    from pathmoments.tables.grid import WidthGrid

    widths = (784, *(720,) * 12, 712, 720, 640, 640, 10)
    assert widths_text(widths) == "784,720 x 12,712,720,640,640,10"
    assert [tuple(found) for _, found in WidthGrid(widths_text(widths))] == [widths]


def test_long_widths_are_shortened() -> None:
    """The middle of very many different widths is left out."""
    text = widths_text(range(1000, 1100))
    assert text.startswith("1000,1001,")
    assert text.endswith(",1098,1099")
    assert ",...," in text
    assert len(text) < 110
