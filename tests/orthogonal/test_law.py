"""The law of a layer: its variance, the moments of an entry, what it draws, and where it does not belong."""

from __future__ import annotations

import json
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from pathmoments import Network, Orthogonal, Sparse, moment
from pathmoments.errors import ArgumentError, AtomsError, InexactNumberError, RouteError, UnknownNameError


def test_a_gain_is_given_once_and_exactly() -> None:
    """The gain or its square, as an exact number other than 0; a sign changes nothing."""
    assert Orthogonal("3/2") == Orthogonal(gain_squared="9/4") == Orthogonal("-3/2")
    assert [repr(Orthogonal()), repr(Orthogonal(gain_squared=2))] == ["Orthogonal()", "Orthogonal(gain_squared='2')"]
    wrong: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"gain": 1, "gain_squared": 1}, ArgumentError, "not both"),
        ({"gain": 0}, ArgumentError, "gain must be a number other than 0"),
        ({"gain_squared": -2}, ArgumentError, "gain_squared must be positive"),
        ({"gain": 1.5}, InexactNumberError, "gain must be an exact number"),
    ]
    for given, error, message in wrong:
        with pytest.raises(error, match=message):
            Orthogonal(**given)


def test_the_shape_of_the_layer_decides_the_variance() -> None:
    """gain^2 / max(fan_in, fan_out), whatever the name of the variance; other layers keep the network's."""
    net = Network([2, 5, 3, 3], law=[Orthogonal(gain_squared=2), "gaussian", Orthogonal("1/2")], variance="lecun")
    assert net.variances == (Fraction(2, 5), Fraction(1, 5), Fraction(1, 12))
    assert net.domain(0, 3, 6).element(1) == 1


def test_another_number_for_the_variance_is_refused() -> None:
    """A number that contradicts the law is no variance; the law's own number is taken."""
    assert Network([3, 3], law="orthogonal", variance="1/3") == Network([3, 3], law="orthogonal")
    with pytest.raises(
        ArgumentError, match=r"the variance of layer 2 is that of its law Orthogonal\(\), 1/3, and 1 was"
    ):
        Network([2, 3, 3], law=["gaussian", "orthogonal"], variance=1)


def test_symbolic_widths_stay_away_from_an_orthogonal_layer() -> None:
    """The larger side decides the variance, so both sides are numbers; widths elsewhere may be symbols."""
    n = sympy.Symbol("n", positive=True, integer=True)
    with pytest.raises(ArgumentError, match="layer 1 needs widths that are numbers, and they are 2 and n"):
        Network([2, n, 2], law="orthogonal")
    mixed = Network([3, 3, n, 2], law=["orthogonal", "gaussian", "uniform"])
    formula: Any = moment(mixed, {(0, 0): 4})
    for width in (1, 2, 5):
        number = Network([3, 3, width, 2], law=["orthogonal", "gaussian", "uniform"])
        assert formula.subs(n, width) == moment(number, {(0, 0): 4})


def test_networks_are_written_and_read() -> None:
    """JSON, pickle and repr keep the law of each layer."""
    net = Network([2, 3, 3], law=["uniform", Orthogonal(gain_squared=2)], output="linear")
    assert Network.from_json(json.dumps(net.to_json())) == net
    assert pickle.loads(pickle.dumps(net)) == net
    assert repr(net) == "Network([2, 3, 3], law=[Uniform(), Orthogonal(gain_squared='2')], output='linear')"


def test_moments_of_an_entry() -> None:
    """A coordinate of a uniform point of the sphere: 1 at N = 1, 3 N / (N + 2) at order 4, nearly normal for large N, 0 at odd orders."""
    law = Orthogonal(7)
    assert [law.entry_moment(order, 1) for order in range(5)] == [1, 0, 1, 0, 1]
    assert [law.entry_moment(4, n) for n in (2, 3, 10)] == [Fraction(3, 2), Fraction(9, 5), Fraction(5, 2)]
    assert abs(law.entry_moment(6, 10**9) - 15) < Fraction(1, 10**6)
    with pytest.raises(RouteError, match=r"entry_moment\(order, size\), and route='haar'"):
        law.moment(4)


def test_atoms_are_those_of_signs() -> None:
    """Only a 1 x 1 orthogonal matrix has atoms; at zero bias it is refused as signs are, and larger layers are not."""
    assert [Orthogonal().atoms_in(*shape) for shape in ((1, 1), (1, 2), (2, 1), (3, 3))] == [True, False, False, False]
    for law in ("orthogonal", "rademacher"):
        with pytest.raises(AtomsError, match="the weights of layer 1 have atoms"):
            moment(Network([1, 1, 2], law=[law, "gaussian"], bias="zero"), {(0, 0): 2})
    atomless = Network([1, 2, 1], law="orthogonal")
    assert moment(Network([1, 2, 1], law="orthogonal", bias="zero"), {(0, 0): 4}) == moment(atomless, {(0, 0): 4})


def test_one_by_one_layers_are_signs() -> None:
    """A network of 1 x 1 orthogonal layers is one of Rademacher weights of variance 1."""
    for order in (2, 4, 6):
        signs = moment(Network([1, 1, 1], law="rademacher", variance=1), {(0, 0): order})
        assert moment(Network([1, 1, 1], law="orthogonal"), {(0, 0): order}) == signs == Fraction(1, 4)
        assert moment(Network([1, 1, 1], law="orthogonal"), {(0, 0): order}, route="haar") == signs


def test_where_the_law_does_not_belong() -> None:
    """Biases and mixtures are of independent numbers."""
    with pytest.raises(ArgumentError, match="bias must be 'atomless', 'zero' or a law of independent numbers"):
        Network([2, 2], bias="orthogonal")
    with pytest.raises(ArgumentError, match="law must be one of independent weights"):
        Sparse("1/2", Orthogonal())
    with pytest.raises(UnknownNameError):
        Network([2, 2], law="orthonormal")


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 5), (5, 2), (1, 4)])
def test_what_is_drawn_is_orthogonal(shape: tuple[int, int]) -> None:
    """Rows (or columns) are orthogonal, of the length that unit variance of the entries asks for, for every sample."""
    draws = Orthogonal().sample(np.random.default_rng(1), (50, *shape))
    assert draws.shape == (50, *shape)
    flat = draws if shape[0] <= shape[1] else draws.swapaxes(1, 2)
    gram = flat @ flat.swapaxes(1, 2)
    np.testing.assert_allclose(gram, np.broadcast_to(max(shape) * np.eye(min(shape)), gram.shape), atol=1e-12)


def test_what_is_drawn_is_haar_distributed() -> None:
    """Signs of the diagonal are fair, and a moment that QR without its correction misses is within five exact standard errors."""
    samples, n = 40_000, 3
    draws = Orthogonal().sample(np.random.default_rng(2), (samples, n, n), variance=Fraction(1, n))
    assert abs(np.sign(draws[:, range(n), range(n)]).mean(axis=0)).max() < 5 / samples**0.5
    product = draws[:, 0, 0] * draws[:, 0, 1] * draws[:, 1, 0] * draws[:, 1, 1]
    exact = -1 / ((n - 1) * n * (n + 2))
    net = Network([n, n], law="orthogonal", output="linear")
    second = float(moment(net, {(0, 0): 2, (0, 1): 2, (1, 0): 2, (1, 1): 2}))
    assert abs(product.mean() - exact) < 5 * ((second - exact**2) / samples) ** 0.5


def test_single_numbers_are_not_drawn() -> None:
    """A sample is a matrix or a batch of them."""
    with pytest.raises(ArgumentError, match=r"size must be a tuple \(..., rows, columns\)"):
        Orthogonal().sample(np.random.default_rng(0), 5)
