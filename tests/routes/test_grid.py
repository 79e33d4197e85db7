"""More than 2,000 small networks on which every route must give the same number, and the simulation must agree.

Exact routes agree as fractions. The simulation is held to a rigorous bound at finite sample size, with no normal approximation: the
samples of a case are split into GROUPS groups; by Chebyshev with the EXACT variance a group mean is off by more than C standard errors with
probability at most 1 / C^2, so the median of the group means is off by more than that with probability at most
P(Bin(GROUPS, 1 / C^2) >= GROUPS / 2). The suite's false-alarm rate, all cases together, is asserted below to be under 1e-6.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from flint import arb

from pathmoments import Finite, Gaussian, Laplace, Law, Moments, Network, Rademacher, Sparse, TruncatedGaussian, Uniform
from pathmoments.exact import Value
from pathmoments.families import Family, family_of
from pathmoments.routes import ROUTES, Options, iter_jacobians

LAWS: dict[str, Law] = {
    "gaussian": Gaussian(),
    "uniform": Uniform(),
    "rademacher": Rademacher(),
    "laplace": Laplace(),
    "finite": Finite({-2: "1/8", -1: "1/4", 0: "1/4", 1: "1/4", 2: "1/8"}),
    "sparse": Sparse("1/3", Uniform()),
    "sparse signs": Sparse("1/4", Rademacher()),
    "moments": Moments({2: 2, 4: 9, 6: 66, 8: 751, 10: 12000, 12: 250000}),
    "truncated": TruncatedGaussian(2),
}

ACTIVATIONS: dict[str, dict[str, object]] = {
    "relu": {},
    "linear output": {"output": "linear"},
    "leaky": {"slope": "1/3"},
    "leaky, linear output": {"slope": "-1/2", "output": "linear", "variance": "lecun"},
}

MONOMIALS: list[dict[tuple[int, int], int]] = [
    {(0, 0): 2},
    {(0, 0): 4},
    {(0, 0): 6},
    {(0, 0): 2, (1, 0): 2},
    {(0, 0): 2, (0, 1): 2},
    {(0, 0): 2, (1, 1): 2},
    {(0, 0): 4, (1, 1): 2},
    {(0, 0): 1, (1, 0): 1, (0, 1): 1, (1, 1): 1},
    {(0, 0): 3, (1, 0): 1, (0, 1): 1, (1, 1): 1},
    {(0, 0): 2, (1, 0): 2, (0, 1): 2},
]

MAX_COLLECTIONS = 1_500
MAX_STATES = 3_000
GROUPS = 45
GROUP_SAMPLES = 128
C = 4
CHUNKS = 16


class Case(NamedTuple):
    """One network, and the monomials that are evaluated on it."""

    name: str
    net: Network
    families: list[Family]


def _widths() -> list[tuple[int, ...]]:
    """Depths 1 to 4: all widths up to 3 at depths 1 and 2, and an even choice from the deeper ones."""
    shallow = [w for depth in (1, 2) for w in itertools.product((1, 2, 3), repeat=depth + 1)]
    deep = [w for w in itertools.product((1, 2, 3), repeat=4) if math.prod(w[1:-1]) <= 6][::4]
    deeper = [w for w in itertools.product((1, 2, 3), repeat=5) if math.prod(w[1:-1]) <= 6][::11]
    return shallow + deep + deeper


def _fits(widths: tuple[int, ...], monomial: dict[tuple[int, int], int]) -> bool:
    return all(p < widths[0] and q < widths[-1] for p, q in monomial)


def _cases() -> Iterator[Case]:
    monomials = itertools.cycle(MONOMIALS)
    for widths, (law, instance), (activation, keywords) in itertools.product(
        _widths(), LAWS.items(), ACTIVATIONS.items()
    ):
        net = Network(widths, law=instance, **keywords)  # type: ignore[arg-type]  # keywords of Network
        chosen = [family_of(net, m) for m in itertools.islice(monomials, 3) if _fits(widths, m)] or [
            family_of(net, {(0, 0): 4})
        ]
        enumeration = ROUTES["enumeration"]
        small = [f for f in chosen if enumeration.cost(net, f).count <= MAX_COLLECTIONS] or [
            family_of(net, {(0, 0): 2})
        ]
        yield Case(f"{widths} {law} {activation}", net, small)
    mixed = list(LAWS.values())
    for i, widths in enumerate(w for w in _widths() if len(w) >= 3):
        laws = [mixed[(i + 2 * j) % 6] for j in range(len(widths) - 1)]
        variances = [["he", "3/7", "glorot", "pytorch", "lecun"][(i + j) % 5] for j in range(len(widths) - 1)]
        net = Network(widths, law=laws, variance=variances)
        yield Case(f"{widths} mixed laws", net, [family_of(net, {(0, 0): 4})])


CASES = list(_cases())


def _same(a: Value, b: Value) -> bool:
    if isinstance(a, Fraction):
        return a == b
    assert isinstance(a, arb)
    assert isinstance(b, arb)
    return bool(a.overlaps(b)) and a.rel_accuracy_bits() >= 100 and b.rel_accuracy_bits() >= 100


def test_the_grid_has_two_thousand_networks_of_every_kind() -> None:
    """The grid is as large and as varied as it claims: networks, depths, laws, single and mixed monomials."""
    assert len({case.net for case in CASES}) >= 2_000
    assert {case.net.depth for case in CASES} == {1, 2, 3, 4}
    families = [family for case in CASES for family in case.families]
    assert {len(family.classes) for family in families} == {1, 2, 3, 4}
    assert {family.size for family in families} >= {2, 4, 6}


def test_false_alarm_rate_of_the_suite() -> None:
    """By the binomial tail, all simulations of the grid together raise a false alarm with probability under 1e-6."""
    one = sum(
        math.comb(GROUPS, k) * Fraction(1, C * C) ** k * (1 - Fraction(1, C * C)) ** (GROUPS - k)
        for k in range((GROUPS + 1) // 2, GROUPS + 1)
    )
    assert one * sum(len(case.families) for case in CASES) < Fraction(1, 10**6)


@pytest.mark.grid
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_exact_routes_agree(chunk: int) -> None:
    """Enumeration = transfer on every case; = closed form where it applies; = exhaustion of the real network where it is small."""
    enumeration, transfer = ROUTES["enumeration"], ROUTES["transfer"]
    for case in CASES[chunk::CHUNKS]:
        for family in case.families:
            value = enumeration.evaluate(case.net, family)
            assert _same(value, transfer.evaluate(case.net, family)), (case.name, family)
            for name in ("gaussian", "exhaustion"):
                route = ROUTES[name]
                if route.reason_against(case.net, family) is not None:
                    continue
                if name == "exhaustion" and route.cost(case.net, family).count > MAX_STATES:
                    continue
                assert route.evaluate(case.net, family) == value, (case.name, family, name)


def test_closed_form_and_exhaustion_meet_many_cases() -> None:
    """The two routes that do not always apply are compared on hundreds of cases each."""
    met = {"gaussian": 0, "exhaustion": 0}
    for case in CASES:
        for family in case.families:
            for name in met:
                route = ROUTES[name]
                applies = route.reason_against(case.net, family) is None
                met[name] += applies and (name == "gaussian" or route.cost(case.net, family).count <= MAX_STATES)
    assert met["gaussian"] >= 300
    assert met["exhaustion"] >= 800


@pytest.mark.grid
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_simulation_lies_within_its_exact_error(chunk: int) -> None:
    """The median of group means of real networks, drawn with numpy, is within C exact standard errors of the exact moment."""
    transfer = ROUTES["transfer"]
    for number, case in list(enumerate(CASES))[chunk::CHUNKS]:
        if ROUTES["sampling"].reason_against(case.net, case.families[0]) is not None:
            assert "moments" in case.name
            continue
        jacobians = np.concatenate(list(iter_jacobians(case.net, GROUPS * GROUP_SAMPLES, seed=number, x=None)))
        for family in case.families:
            monomial = np.prod([jacobians[:, q, p] ** m for p, q, m in family.classes], axis=0)
            median = float(np.median(monomial.reshape(GROUPS, GROUP_SAMPLES).mean(axis=1)))
            exact = transfer.evaluate(case.net, family, Options())
            second = transfer.evaluate(case.net, family.squared(), Options())
            standard_error = math.sqrt(max(0.0, float(second - exact * exact)) / GROUP_SAMPLES)
            assert abs(median - float(exact)) <= C * standard_error + 1e-9 * abs(float(exact)), (case.name, family)
