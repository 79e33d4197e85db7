"""(16) and (17): the routes agree, a route that is wrong is noticed, and what is no case says so."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from pathmoments import Network, bounds
from pathmoments.errors import ArgumentError, AtomsError
from pathmoments.quantities.median_of_means import Simulation
from pathmoments.routes import ROUTES
from pathmoments.theorems import STATEMENTS

SIMULATION = Simulation(4096, 29, 1)


def test_theorem_3_on_a_network() -> None:
    """One verdict an order, with the exact values (that of order 6 by hand from the chi-square form) and the routes that took part."""
    verdicts = list(STATEMENTS["16"].judge_all(Network([2, 3, 2]), [2, 4, 6], simulation=SIMULATION))
    assert [verdict.exact for verdict in verdicts] == [Fraction(1, 2), 4, Fraction(245, 3)]
    assert [verdict.status for verdict in verdicts] == ["holds"] * 3
    assert all("enumeration = transfer = gaussian; simulation" in verdict.note for verdict in verdicts)
    assert all(verdict.margin is not None and verdict.margin > 1 for verdict in verdicts)


def test_exhaustion_of_the_real_network_takes_part() -> None:
    """Where the law is finite and the network small, all patterns of the real network are among the routes."""
    (verdict,) = STATEMENTS["16"].judge_all(Network([2, 2, 2], law="rademacher"), [8])
    assert verdict.exact == Fraction(65, 4)
    assert verdict.note == "enumeration = transfer = exhaustion"


def test_remark_3_covers_odd_pairs() -> None:
    """E Z_00 Z_01 Z_10 Z_11, odd at every pair and even at every output, is 1/4 on [2,2,2] for any law."""
    for law in ("gaussian", "uniform", "rademacher"):
        verdicts = {v.quantity: v for v in STATEMENTS["17"].judge_all(Network([2, 2, 2], law=law), [4])}
        odd = verdicts["E Z[0,0] Z[0,1] Z[1,0] Z[1,1]"]
        assert (odd.status, odd.exact) == ("holds", Fraction(1, 4))


@pytest.mark.parametrize("wrong", ["enumeration", "transfer", "gaussian"])
@pytest.mark.parametrize("equation", ["16", "17"])
def test_a_wrong_route_is_a_violation(monkeypatch: pytest.MonkeyPatch, wrong: str, equation: str) -> None:
    """If any one route gives another number, the verdict says violated, and what each gave."""
    route, original = ROUTES[wrong], type(ROUTES[wrong]).evaluate

    def altered(*arguments: Any) -> Any:
        return original(route, *arguments) * Fraction(1001, 1000)

    monkeypatch.setattr(route, "evaluate", altered, raising=False)
    verdicts = list(STATEMENTS[equation].judge_all(Network([2, 3, 2]), [4]))
    assert verdicts[0].status == "violated"
    assert "the routes disagree" in verdicts[0].note


@pytest.mark.parametrize("equation", ["16", "17"])
def test_a_wrong_simulation_is_a_violation(monkeypatch: pytest.MonkeyPatch, equation: str) -> None:
    """If the networks that are drawn are others than the routes', the verdict says violated."""
    from pathmoments.quantities import median_of_means

    def others(net: Network, samples: int, *, seed: int) -> Any:
        from pathmoments import iter_jacobians

        return (2 * block for block in iter_jacobians(net, samples, seed=seed))

    monkeypatch.setattr(median_of_means, "iter_jacobians", others)
    verdicts = list(STATEMENTS[equation].judge_all(Network([2, 2], law="uniform"), [2, 4], simulation=SIMULATION))
    assert verdicts[0].status == "violated"
    assert verdicts[0].margin is not None
    assert verdicts[0].margin < 1


def test_what_is_too_large_or_does_not_fit_is_no_case() -> None:
    """An enumeration over the limit, and a network without the entries, are not applicable, with the reason."""
    (large,) = STATEMENTS["16"].judge_all(Network([3, 3, 3, 3]), [8], budget=1000)
    assert large.status == "not applicable"
    assert "over 1,000" in large.note
    (narrow,) = STATEMENTS["17"].judge_all(Network([1, 3, 1]), [4])
    assert narrow.status == "not applicable"


def test_odd_orders_and_atoms_are_refused() -> None:
    """As everywhere: an odd order is no K, and signs at zero bias are not determined."""
    with pytest.raises(ArgumentError, match="even"):
        list(STATEMENTS["16"].judge_all(Network([2, 2]), [3]))
    with pytest.raises(AtomsError):
        list(STATEMENTS["16"].judge_all(Network([2, 2], law="rademacher", bias="zero"), [4]))


def test_bounds_takes_them_by_number() -> None:
    """`bounds(net, statements=["16", "17"])` gives their verdicts; by default it gives the statements that bound something."""
    verdicts = bounds(Network([2, 3, 2]), statements=["16", "17"], order=4)
    assert [(verdict.equation, verdict.status) for verdict in verdicts] == [("16", "holds"), ("17", "holds")]
    assert [verdict.equation for verdict in bounds(Network([2, 3, 2]))] == ["2", "11", "12", "13", "14", "15"]
