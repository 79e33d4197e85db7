"""Laws that hold for every network, stated with Hypothesis: they know no formula of any route."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pathmoments import Finite, Gaussian, Laplace, Law, Network, Rademacher, Sparse, Uniform, moment

laws = st.one_of(
    st.sampled_from([Gaussian(), Uniform(), Rademacher(), Laplace(), Sparse("2/5", Gaussian())]),
    st.lists(st.integers(1, 5), min_size=1, max_size=3).map(lambda atoms: Finite([*atoms, *(-a for a in atoms)])),
)
slopes = st.sampled_from([Fraction(0), Fraction(1, 4), Fraction(-1, 2), Fraction(1)])
outputs = st.sampled_from(["relu", "linear"])


@st.composite
def networks(draw: st.DrawFn, *, ends: int = 2, max_depth: int = 5) -> Network:
    """A network with at least `ends` inputs and outputs, its layers of different laws."""
    depth = draw(st.integers(1, max_depth))
    widths = [
        draw(st.integers(ends, 5)),
        *(draw(st.integers(1, 6)) for _ in range(depth - 1)),
        draw(st.integers(ends, 5)),
    ]
    chosen = [draw(laws) for _ in range(depth)]
    return Network(widths, law=chosen, output=draw(outputs), slope=draw(slopes))


def _exact(net: Network, power: dict[tuple[int, int], int], layers: tuple[int, int] | None = None) -> Fraction:
    value = moment(net, power, layers=layers)
    assert isinstance(value, Fraction)
    return value


@given(networks(), st.data())
def test_relabelling_neurons_changes_nothing(net: Network, data: st.DataObject) -> None:
    """Inputs among themselves, and outputs among themselves, are alike."""
    inputs = data.draw(st.permutations(range(int(net.widths[0]))))
    outputs_ = data.draw(st.permutations(range(int(net.widths[-1]))))
    power = {(0, 0): 2, (1, 1): 2, (0, 1): 2}
    moved = {(inputs[p], outputs_[q]): m for (p, q), m in power.items()}
    assert _exact(net, power) == _exact(net, moved)


@given(networks(), st.integers(1, 3), st.fractions(Fraction(1, 10), 10, max_denominator=20), st.data())
def test_scaling_the_weights_of_a_layer(net: Network, half: int, factor: Fraction, data: st.DataObject) -> None:
    """Multiplying one layer's variance by c multiplies a moment of order 2K by c^K."""
    layer = data.draw(st.integers(0, net.depth - 1))
    variances = [v * factor if j == layer else v for j, v in enumerate(net.variances)]  # type: ignore[operator]  # fractions
    scaled = Network(net.widths, law=net.laws, variance=variances, output=net.output, slope=net.slope)
    assert _exact(scaled, {(0, 0): 2 * half}) == factor**half * _exact(net, {(0, 0): 2 * half})


@given(networks(max_depth=6), st.data())
def test_composing_layers_at_second_order(net: Network, data: st.DataObject) -> None:
    """Cut at a hidden layer of n neurons: E Z^2 = n * E(prefix entry)^2 * E(suffix entry)^2."""
    if net.depth == 1:
        return
    cut = data.draw(st.integers(1, net.depth - 1))
    prefix, suffix = _exact(net, {(0, 0): 2}, (0, cut)), _exact(net, {(0, 0): 2}, (cut, net.depth))
    assert _exact(net, {(0, 0): 2}) == int(net.widths[cut]) * prefix * suffix


@given(networks(max_depth=6), st.data())
def test_composing_layers_at_fourth_order(net: Network, data: st.DataObject) -> None:
    """E Z^4 = n E a^4 E b^4 + 3 n (n-1) E a_0^2 a_1^2 E b_0^2 b_1^2, a the prefix's column and b the suffix's row."""
    if net.depth == 1:
        return
    cut = data.draw(st.integers(1, net.depth - 1))
    n, end = int(net.widths[cut]), net.depth
    same = _exact(net, {(0, 0): 4}, (0, cut)) * _exact(net, {(0, 0): 4}, (cut, end))
    total = n * same
    if n > 1:
        pair = _exact(net, {(0, 0): 2, (0, 1): 2}, (0, cut)) * _exact(net, {(0, 0): 2, (1, 0): 2}, (cut, end))
        total += 3 * n * (n - 1) * pair
    assert _exact(net, {(0, 0): 4}) == total


@given(networks(), st.integers(1, 3), st.integers(1, 3))
def test_cauchy_schwarz(net: Network, j: int, k: int) -> None:
    """(E X^j Y^k)^2 <= E X^2j E Y^2k for X, Y squares of two entries."""
    left = _exact(net, {(0, 0): 2 * j, (1, 1): 2 * k}) ** 2
    assert left <= _exact(net, {(0, 0): 4 * j}) * _exact(net, {(1, 1): 4 * k})


@given(networks())
def test_moments_are_monotone(net: Network) -> None:
    """(E Z^2K)^(1/K) does not decrease with K (Lyapunov), and log-convexity in between."""
    second, fourth, sixth = (_exact(net, {(0, 0): 2 * k}) for k in (1, 2, 3))
    assert fourth >= second**2
    assert sixth * second >= fourth**2


@given(networks(), st.integers(1, 4))
def test_rademacher_weights_give_the_least_moments(net: Network, half: int) -> None:
    """All normalised moments of any law are at least 1, those of signs, and the path sum has positive terms."""
    signs = Network(net.widths, law=Rademacher(), variance=list(net.variances), output=net.output, slope=net.slope)
    assert _exact(signs, {(0, 0): 2 * half}) <= _exact(net, {(0, 0): 2 * half})


@given(st.lists(laws, min_size=3, max_size=3), st.integers(1, 3))
def test_wide_networks_are_gaussian_entries(chosen: list[Law], half: int) -> None:
    """With wide hidden layers Z given an open output is nearly Gaussian: n_0^K E Z^2K -> 2^K/2 (2K-1)!!, for every law."""
    width = 10**9
    net = Network([width, width, width, width], law=chosen)
    limit = Fraction({1: 1, 2: 3, 3: 15}[half] * 2**half, 2)
    value = _exact(net, {(0, 0): 2 * half}) * width**half
    assert abs(value / limit - 1) < Fraction(10**5, width)


@given(networks(ends=1))
def test_a_linear_network_of_slope_one_forgets_its_activation(net: Network) -> None:
    """With slope 1 the output kind does not matter, and E Z^2 is the product of variances and hidden widths."""
    linear = [Network(net.widths, law=net.laws, slope=1, output=output) for output in ("relu", "linear")]
    values = {_exact(one, {(0, 0): 2}) for one in linear}
    expected = Fraction(1)
    for j, variance in enumerate(linear[0].variances):
        expected *= variance * (int(net.widths[j]) if j else 1)  # type: ignore[operator]  # fractions
    assert values == {expected}


@given(networks(), st.sampled_from([((0, 0),), ((0, 0), (0, 1)), ((0, 0), (1, 1))]))
def test_odd_inputs_vanish(net: Network, pairs: tuple[tuple[int, int], ...]) -> None:
    """An input that occurs an odd number of times makes the moment exactly 0."""
    power = {(0, 0): 1, (1, 0): 1, **{pair: 2 for pair in pairs if pair != (0, 0)}}
    assert _exact(net, power) == 0
