"""Profiles: every cut against `moment` and the statistics by families of paths, the theory page, and laws of composition."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from pathmoments import Moments, Network, log_norm, moment, profile
from pathmoments.errors import ArgumentError, AtomsError, BudgetError, UnknownMomentError
from pathmoments.exact import to_fmpq
from pathmoments.quantities.profile import Section
from pathmoments.quantities.statistics import Frobenius, SquareTrace

NETWORKS = [
    Network([2, 3, 4, 2]),
    Network([2, 3, 4, 2], law=["laplace", "rademacher", "uniform"], variance=["1/3", 2, "5/7"], output="linear"),
    Network([3, 1, 2, 1, 3], law="laplace", slope="1/3"),
    Network([2, 3, 2, 2], law="uniform", bias="zero"),
    Network([2, 3, 2, 2], bias="zero", output="linear"),
    Network([2, 2, 3], law="sparse:1/2:gaussian", bias="gaussian", slope=-1),
    Network([3, 2], law="rademacher"),
    Network([1, 1, 1], law="laplace"),
]


def _sections(net: Network) -> tuple[Section, ...]:
    found = profile(net)
    assert [section.layers for section in found.prefixes] == [(0, j) for j in range(1, net.depth + 1)]
    assert [section.layers for section in found.suffixes] == [(j, net.depth) for j in range(1, net.depth)]
    assert found.whole is found.prefixes[-1]
    return (*found.prefixes, *found.suffixes)


def _alone(net: Network, layers: tuple[int, int]) -> Network:
    """Return the section as a network of its own: with biases nothing below it matters."""
    first, last = layers
    return Network(
        net.widths[first : last + 1], law=net.laws[first:last], variance=[*net.variances[first:last]], slope=net.slope,
        output=net.output if last == net.depth else "relu",
    )  # fmt: skip


@pytest.mark.parametrize("net", NETWORKS, ids=str)
def test_every_cut_is_the_path_sum(net: Network) -> None:
    """E ||J||_F^2 and E Z^4 of every section are those of the routes; E ||J||_F^4 and E tr (J J^T)^2 those of the families of the section."""
    for section in _sections(net):
        outputs = net.widths[section.layers[1]]
        second: Any = moment(net, {(0, 0): 2}, layers=section.layers)
        assert section.gain == outputs * second
        assert section.norm == section.inputs * outputs * second
        assert section.fourth == moment(net, {(0, 0): 4}, layers=section.layers)
        alone = _alone(net, section.layers)
        own: Any = moment(alone, {(0, 0): 4})
        alive: Any = section.fourth / own
        assert section.norm_square == alive * Frobenius().moment(alone, 2)
        assert section.square_trace == alive * SquareTrace().moment(alone, 1)
        assert section.ratio == section.inputs * section.square_trace / section.norm**2  # type: ignore[operator]  # fractions


@pytest.mark.parametrize(
    "net", [NETWORKS[0], NETWORKS[4], Network([1, 1, 1, 2], law=["laplace", "uniform", "gaussian"])], ids=str
)
def test_log_norms_are_those_of_the_sections(net: Network) -> None:
    """The typical log-norm of every section is that of `log_norm` for its layers."""
    for section in _sections(net):
        expected = log_norm(net, layers=section.layers)
        assert section.log_norm is not None
        assert section.log_norm.mean.overlaps(expected.mean)
        assert section.log_norm.variance.overlaps(expected.variance)
        assert section.log_norm.mean.rel_accuracy_bits() >= 100


def test_log_norms_stop_at_a_layer_without_one() -> None:
    """Sections with a layer of another law have no log-norm, and the others have theirs."""
    found = profile(Network([2, 3, 2, 2, 3], law=["gaussian", "gaussian", "uniform", "gaussian"]))
    assert [section.log_norm is not None for section in found.prefixes] == [True, True, False, False]
    assert [section.log_norm is not None for section in found.suffixes] == [False, False, True]
    assert all(section.log_norm is None for section in _sections(Network([2, 3, 2], law="uniform")))


@pytest.mark.parametrize("c", [1, 4, "1/9"])
def test_well_conditioned_outside_exploding_inside(c: Any) -> None:
    """THEORY 10: Gaussian [2,3,2] with variances (2c/n_0, 2/(c n_1)) is the same end to end for every c; the sections carry c and 1/c."""
    scale = Fraction(c)
    found = profile(Network([2, 3, 2], variance=[scale, Fraction(2, 3) / scale]))
    assert (found.whole.norm, found.whole.square_trace) == (2, Fraction(74, 3))
    below, above = found.prefixes[0], found.suffixes[0]
    assert (below.norm, below.square_trace) == (3 * scale, 15 * scale**2)
    assert (above.norm, above.square_trace) == (2 / scale, Fraction(22, 3) / scale**2)
    assert below.ratio == Fraction(10, 3)
    assert found.highest is (found.whole if scale < 1 else below)
    assert found.lowest is (below if scale < Fraction(2, 3) else found.whole)


def test_numbers_of_the_theory_at_four() -> None:
    """THEORY 10 at c = 4: the prefix has 12 and 240, the suffix 1/2 and 11/24."""
    found = profile(Network([2, 3, 2], variance=[4, "1/6"]))
    assert (found.prefixes[0].norm, found.prefixes[0].square_trace) == (12, 240)
    assert (found.suffixes[0].norm, found.suffixes[0].square_trace) == (Fraction(1, 2), Fraction(11, 24))


@given(
    widths=st.lists(st.integers(1, 5), min_size=3, max_size=6),
    law=st.sampled_from(["gaussian", "uniform", "laplace"]),
    slope=st.sampled_from([0, 1, "1/2"]),
)
def test_sections_compose(widths: list[int], law: str, slope: Any) -> None:
    """At every cut the gains multiply: E ||J||_F^2 = E ||prefix||_F^2 E ||suffix||_F^2 / n_j; and moments obey Cauchy-Schwarz."""
    found = profile(Network(widths, law=law, slope=slope, variance="2/3"))
    for below, above in zip(found.prefixes, found.suffixes, strict=False):
        assert below.norm * above.norm == found.whole.norm * above.inputs  # type: ignore[operator]  # fractions
    for section in (*found.prefixes, *found.suffixes):
        values: Any = section
        assert values.norm_square >= values.norm**2
        assert values.norm_square >= values.square_trace
        assert values.square_trace * min(section.inputs, widths[section.layers[1]]) >= values.norm_square
        assert values.ratio >= 1


def test_one_output_of_signs() -> None:
    """A row of signs has one singular value and a norm that does not vary: the ratio is the number of inputs."""
    (section,) = profile(Network([5, 1], law="rademacher", output="linear")).prefixes
    assert section.ratio == 5
    assert section.norm_square == section.square_trace == section.norm**2


def test_symbols_stand_for_numbers() -> None:
    """A profile in symbols gives that of each width and law."""
    n, v = sympy.symbols("n v", positive=True)
    formulas = profile(Network([2, n, n, 3], law="symbolic", variance=["he", v, "glorot"]))
    numbers = profile(Network([2, 4, 4, 3], law="laplace", variance=["he", "1/5", "glorot"]))
    at = {n: 4, v: sympy.Rational(1, 5), sympy.Symbol("mt_4"): 6}
    for formula, number in zip(
        (*formulas.prefixes, *formulas.suffixes), (*numbers.prefixes, *numbers.suffixes), strict=True
    ):
        for name in ("norm", "norm_square", "square_trace", "fourth", "gain", "ratio"):
            value = getattr(number, name)
            symbolic = sympy.sympify(getattr(formula, name)).subs(at)
            assert sympy.nsimplify(symbolic) == sympy.Rational(value.numerator, value.denominator), name
    with pytest.raises(ArgumentError, match="compared if they are numbers"):
        formulas.highest  # noqa: B018  # the access under test


def test_balls() -> None:
    """Truncated weights have balls for their fourth moments, which overlap those of the transfer and have 100 correct bits; gains stay fractions."""
    net = Network([2, 3, 2], law="truncated:2", bias="zero")
    for section in _sections(net):
        assert isinstance(section.fourth, arb)
        fourth: Any = moment(net, {(0, 0): 4}, layers=section.layers)
        assert section.fourth.overlaps(fourth)
        assert section.fourth.rel_accuracy_bits() >= 100
        assert isinstance(section.gain, Fraction)
        with ctx.workprec(200):
            alone = SquareTrace().moment(_alone(net, section.layers), 1)
            alive = to_fmpq(Fraction(7, 8) if section.layers[0] else Fraction(1))
            assert isinstance(alone, arb)
            assert section.square_trace.overlaps(alone * alive)  # type: ignore[union-attr]  # a ball


def test_deep_networks() -> None:
    """A thousand layers: mean constant and typical value vanishing, linear in the depth; the last prefix is the moment."""
    net = Network([10] * 1001)
    found = profile(net)
    assert {section.gain for section in found.prefixes} == {1}
    assert found.whole.fourth == moment(net, {(0, 0): 4})
    assert found.suffixes[499].fourth == moment(net, {(0, 0): 4}, layers=(500, 1000))
    logs = [section.log_norm for section in found.prefixes]
    assert all(log is not None for log in logs)
    assert logs[-1] is not None
    assert logs[-1].typical < arb(10) ** -100


def test_refusals() -> None:
    """Atoms at zero bias, laws without a fourth moment and alive factors beyond writing are refused."""
    with pytest.raises(AtomsError):
        profile(Network([2, 2, 2], law="rademacher", bias="zero"))
    with pytest.raises(AtomsError):
        profile(Network([2, 2, 2], bias="finite:-1=1/4,0=1/2,1=1/4"))
    with pytest.raises(UnknownMomentError):
        profile(Network([2, 2, 2], law=Moments({2: 1})))
    with pytest.raises(BudgetError):
        profile(Network([2, 600_000, 600_000, 2], bias="zero"))
