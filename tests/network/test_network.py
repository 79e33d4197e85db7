"""The network: what it takes, what it says of itself, what it refuses and how."""

from __future__ import annotations

import copy
import itertools
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from pathmoments.domains import Balls, Polynomials, Rationals
from pathmoments.errors import ArgumentError, InexactNumberError, PathMomentsError, UnknownNameError
from pathmoments.laws import (
    Finite,
    Gaussian,
    Laplace,
    Law,
    Moments,
    Rademacher,
    Sparse,
    SymbolicLaw,
    TruncatedGaussian,
    Uniform,
)
from pathmoments.network import MAX_LAYERS, MAX_WIDTH, VARIANCES, Network

n, k = sympy.symbols("n k", integer=True, positive=True)
a = sympy.Symbol("a", positive=True)

NETWORKS = [
    Network([1, 1]),
    Network([2, 3, 2]),
    Network((2, 3, 4, 2), law="uniform", variance="glorot", output="linear"),
    Network([2, 3, 4], law=["laplace", Finite([-2, -1, 1, 2])], variance=["1/3", "lecun"], slope="1/4", bias="zero"),
    Network([2, 3, 4], bias=Uniform(), bias_variance=["pytorch", 2]),
    Network([3, 3, 1], law=Sparse("1/2", TruncatedGaussian()), bias=Gaussian(), variance="pytorch"),
    Network([2, 5, 5, 2], law=Moments({2: 1, 4: 3}, atoms=False), slope=-1),
    Network([n, k, 2], law=SymbolicLaw("m"), variance=["he", a]),
    Network([10**100, 1, 10**100]),
    Network([3] * 5000, law="rademacher"),
]


def test_the_defaults_are_those_of_the_paper() -> None:
    """Gaussian weights of variance 2 / fan_in, ReLU everywhere, atomless biases (Definition 1)."""
    net = Network([2, 3, 4])
    assert net.widths == (2, 3, 4)
    assert net.depth == 2
    assert net.laws == (Gaussian(), Gaussian())
    assert net.variances == (Fraction(1), Fraction(2, 3))
    assert (net.variance, net.output, net.bias) == ("he", "relu", "atomless")
    assert net.slope == 0
    assert (net.bias_variance, net.bias_variances) == (None, None)
    assert net.symbols == frozenset()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("he", [Fraction(2, 3), Fraction(1, 2)]),
        ("lecun", [Fraction(1, 3), Fraction(1, 4)]),
        ("glorot", [Fraction(2, 7), Fraction(2, 9)]),
        ("pytorch", [Fraction(1, 9), Fraction(1, 12)]),
    ],
)
def test_variances_by_name(name: str, expected: list[Fraction]) -> None:
    """He 2/fan_in, LeCun 1/fan_in, Glorot 2/(fan_in + fan_out), PyTorch 1/(3 fan_in), on widths 3, 4, 5."""
    assert list(Network([3, 4, 5], variance=name).variances) == expected
    assert set(VARIANCES) == {"he", "lecun", "glorot", "pytorch"}


@pytest.mark.parametrize(("slope", "factor"), [(0, "2"), ("1/2", "8/5"), (1, "1"), (-1, "1"), (3, "1/5")])
def test_the_he_variance_accounts_for_the_slope(slope: object, factor: str) -> None:
    """With slope a the He variance is 2 / ((1 + a^2) fan_in), so that E Z^2 stays 1/n_0; the other names ignore the slope."""
    net = Network([3, 4, 5], slope=slope)
    assert net.variances == (Fraction(factor) / 3, Fraction(factor) / 4)
    assert Network([3, 4], slope=slope, variance="lecun").variances == (Fraction(1, 3),)


def test_one_value_or_one_a_layer() -> None:
    """Laws and variances are given once for all layers or once a layer, names and numbers mixed."""
    net = Network([2, 3, 4], law=["uniform", Laplace()], variance=("1/7", "he"))
    assert net.laws == (Uniform(), Laplace())
    assert net.variances == (Fraction(1, 7), Fraction(2, 3))
    assert Network([2, 3, 4], law="uniform", variance="1/7") == Network(
        [2, 3, 4], law=["uniform"] * 2, variance=["1/7"] * 2
    )


@pytest.mark.parametrize("value", [1, "1/3", Fraction(2, 3), sympy.Rational(2, 3), np.int64(2), 10**50])
def test_variances_may_be_any_exact_number(value: Any) -> None:
    """Exact numbers of any kind are taken as the variance of the weights and of the biases."""
    expected = Fraction(str(value))
    assert Network([2, 3], variance=value).variances == (expected,)
    assert Network([2, 3], bias="gaussian", bias_variance=value).bias_variances == (expected,)


def test_biases_have_the_variance_of_the_weights_unless_one_is_given() -> None:
    """As in nn.Linear, a law for the biases has the variance of the layer's weights by default."""
    assert Network([3, 4, 4], bias="uniform", variance="pytorch").bias_variances == (Fraction(1, 9), Fraction(1, 12))
    assert Network([3, 4, 4], bias="uniform", bias_variance=["lecun", 2]).bias_variances == (
        Fraction(1, 3),
        Fraction(2),
    )
    assert Network([3, 4, 4], bias="zero").bias_variances is None


@pytest.mark.parametrize(
    "widths",
    [(2, 3), [2, 3], iter([2, 3]), range(2, 4), np.array([2, 3]), [sympy.Integer(2), np.int8(3)]],
    ids=["tuple", "list", "iterator", "range", "array", "integers of other libraries"],
)
def test_widths_may_come_as_any_sequence(widths: Any) -> None:
    """Lists, tuples, iterators, ranges, arrays and integers of other libraries are taken, and kept as ints."""
    net = Network(widths)
    assert net.widths == (2, 3)
    assert all(type(width) is int for width in net.widths)


def test_the_activation_of_each_layer() -> None:
    """The input has no activation, hidden layers have it, and the output has it unless it is linear."""
    relu, linear = Network([2, 3, 4]), Network([2, 3, 4], output="linear")
    assert [relu.activated(j) for j in range(3)] == [False, True, True]
    assert [linear.activated(j) for j in range(3)] == [False, True, False]
    assert [Network([2, 3], output="linear").activated(j) for j in range(2)] == [False, False]


@pytest.mark.parametrize(
    ("widths", "parts"),
    [
        ([], ["widths must be at least two", "the sequence of 0", "[2, 3, 2]"]),
        ([2], ["widths must be at least two", "the sequence of 1", "[2, 3, 2]"]),
        ([2, 0], ["widths[1] must be a whole number of neurons, 1 or more", "was 0"]),
        ([-3, 2], ["widths[0] must be a whole number of neurons, 1 or more", "was -3"]),
        ([2, 3.0, 2], ["widths[1] must be a whole number of neurons, 1 or more", "was 3.0"]),
        ([2, "3"], ["widths[1] must be a whole number", "was '3'"]),
        ([2, None], ["widths[1] must be a whole number", "was None"]),
        ([True, 2], ["widths[0] must be a whole number", "was True"]),
        ([2, Fraction(3)], ["widths[1] must be a whole number", "was Fraction(3, 1)"]),
        ([2, [3, 2]], ["widths[1] must be a whole number", "was [3, 2]"]),
        ([2, sympy.Integer(0)], ["widths[1] must be a whole number", "was 0"]),
        ([2, sympy.Rational(1, 2)], ["widths[1] must be a whole number", "was 1/2"]),
        ([2, MAX_WIDTH + 1], ["widths[1] must be at most 10^100 neurons", "the number of 101 digits"]),
        ("232", ["widths must be a sequence of whole numbers such as [2, 3, 2]", "was '232'"]),
        (b"23", ["widths must be a sequence of whole numbers", "was b'23'"]),
        (3, ["widths must be a sequence of whole numbers", "was 3"]),
        (None, ["widths must be a sequence of whole numbers", "was None"]),
    ],
    ids=str,
)
def test_widths_that_are_none_are_refused(widths: Any, parts: list[str]) -> None:
    """Empty, single, zero, negative, fractional and textual widths are refused, naming the place."""
    with pytest.raises(ArgumentError) as caught:
        Network(widths)
    assert isinstance(caught.value, ValueError)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


def test_widths_without_end_are_refused() -> None:
    """An infinite iterator is given up after the largest depth that is allowed."""
    widths = itertools.count(1)
    with pytest.raises(ArgumentError, match="widths must be those of a network of at most 1,000,000 layers"):
        Network(widths)
    assert next(widths) <= MAX_LAYERS + 4


@pytest.mark.parametrize(
    ("keywords", "error", "natural", "parts"),
    [
        ({"variance": 0.5}, InexactNumberError, TypeError, ["variance must be an exact number", "was 0.5", "'1/2'"]),
        (
            {"variance": ["he", 0.5]},
            InexactNumberError,
            TypeError,
            ["variance[1] must be an exact number", "was 0.5", "'1/2'"],
        ),
        (
            {"variance": np.float64(2)},
            InexactNumberError,
            TypeError,
            ["variance must be an exact number", "was 2.0", "'2'"],
        ),
        ({"variance": 0}, ArgumentError, ValueError, ["variance must be positive", "was '0'"]),
        ({"variance": "-1/2"}, ArgumentError, ValueError, ["variance must be positive", "was '-1/2'"]),
        (
            {"variance": "kaiming"},
            UnknownNameError,
            LookupError,
            ["variance", "one of he, lecun, glorot, pytorch", "'kaiming'"],
        ),
        ({"variance": "1/0"}, ArgumentError, ValueError, ["variance", "a nonzero denominator", "'1/0'"]),
        ({"variance": None}, ArgumentError, ValueError, ["variance must be an exact number", "None"]),
        (
            {"variance": ["he"]},
            ArgumentError,
            ValueError,
            ["variance", "one for each of the 2 layers", "the sequence of 1"],
        ),
        (
            {"variance": ["he"] * 3},
            ArgumentError,
            ValueError,
            ["variance", "one for each of the 2 layers", "sequence of 3"],
        ),
        ({"slope": 0.01}, InexactNumberError, TypeError, ["slope must be an exact number", "was 0.01", "'1/100'"]),
        ({"slope": "leaky"}, ArgumentError, ValueError, ["slope must be an exact number", "was 'leaky'"]),
        ({"slope": None}, ArgumentError, ValueError, ["slope must be an exact number", "was None"]),
        ({"slope": a}, ArgumentError, ValueError, ["slope must be an exact number", "was a"]),
        ({"law": "normal"}, UnknownNameError, LookupError, ["law must be one of gaussian, uniform", "'normal'"]),
        ({"law": 3}, ArgumentError, ValueError, ["law must be a Law such as Gaussian() or a name", "was 3"]),
        ({"law": Gaussian}, ArgumentError, ValueError, ["law must be a Law such as Gaussian()", "Gaussian"]),
        ({"law": ["uniform"]}, ArgumentError, ValueError, ["law", "one for each of the 2 layers", "the sequence of 1"]),
        ({"law": []}, ArgumentError, ValueError, ["law", "one for each of the 2 layers", "the sequence of 0"]),
        ({"output": "tanh"}, UnknownNameError, LookupError, ["output must be 'relu' or 'linear'", "was 'tanh'"]),
        ({"output": None}, UnknownNameError, LookupError, ["output must be 'relu' or 'linear'", "was None"]),
        ({"output": ["relu"]}, UnknownNameError, LookupError, ["output must be 'relu' or 'linear'", "was ['relu']"]),
        ({"bias": "none"}, UnknownNameError, LookupError, ["bias must be 'atomless', 'zero' or a law", "was 'none'"]),
        ({"bias": 0}, ArgumentError, ValueError, ["bias must be 'atomless', 'zero' or a law", "was 0"]),
        ({"bias": ["zero", "zero"]}, ArgumentError, ValueError, ["bias must be 'atomless', 'zero' or a law"]),
        ({"bias": SymbolicLaw()}, ArgumentError, ValueError, ["bias must be a law with numbers", "write 'atomless'"]),
        (
            {"bias_variance": 1},
            ArgumentError,
            ValueError,
            ["bias_variance goes with a law", "'atomless'", "bias=Gaussian()"],
        ),
        ({"bias": "zero", "bias_variance": 1}, ArgumentError, ValueError, ["bias_variance goes with a law", "'zero'"]),
        (
            {"bias": "uniform", "bias_variance": 0.5},
            InexactNumberError,
            TypeError,
            ["bias_variance must be", "0.5", "'1/2'"],
        ),
        ({"bias": "uniform", "bias_variance": 0}, ArgumentError, ValueError, ["bias_variance must be positive", "'0'"]),
        ({"bias": "uniform", "bias_variance": "no"}, UnknownNameError, LookupError, ["bias_variance must be", "'no'"]),
    ],
    ids=str,
)
def test_arguments_that_no_network_has_are_refused(
    keywords: dict[str, Any], error: type[PathMomentsError], natural: type[Exception], parts: list[str]
) -> None:
    """Each refusal has its type, and names the argument, what it must be, what it was and the way out."""
    with pytest.raises(error) as caught:
        Network([2, 3, 2], **keywords)
    assert isinstance(caught.value, natural)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


def test_everything_after_the_widths_is_named() -> None:
    """A second positional argument is an error of Python's own."""
    with pytest.raises(TypeError, match="positional argument"):
        Network([2, 3], Gaussian())  # type: ignore[call-arg]  # must be refused


@pytest.mark.parametrize(
    "name", ["widths", "laws", "variance", "slope", "output", "bias", "bias_variance", "_variances", "other"]
)
def test_a_network_does_not_change(name: str) -> None:
    """Setting any attribute, existing or not, is refused."""
    net = Network([2, 3, 2])
    with pytest.raises(AttributeError, match=f"a Network does not change: make another with the {name} you want"):
        setattr(net, name, 1)
    assert net == Network([2, 3, 2])
    assert not hasattr(net, "__dict__")


@pytest.mark.parametrize("net", NETWORKS, ids=repr)
def test_networks_are_values(net: Network) -> None:
    """A network equals its copy and its pickle, hashes alike, and looks alike."""
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert_same(pickle.loads(pickle.dumps(net, protocol)), net)
    assert_same(copy.deepcopy(net), net)
    assert_same(copy.copy(net), net)
    assert net != "a network"


def assert_same(other: Network, net: Network) -> None:
    """Two networks are equal in all that they say."""
    assert other == net
    assert hash(other) == hash(net)
    assert repr(other) == repr(net)
    for name in (
        "widths",
        "laws",
        "variance",
        "variances",
        "output",
        "slope",
        "bias",
        "bias_variance",
        "bias_variances",
    ):
        assert getattr(other, name) == getattr(net, name)


def test_networks_differ_where_their_numbers_do() -> None:
    """Networks are equal when all their numbers are, however these were given, and differ otherwise."""
    assert len(set(NETWORKS)) == len(NETWORKS)
    assert Network([2, 3, 2], variance=[1, "2/3"]) == Network([2, 3, 2])
    assert len({Network([2, 3, 2], variance=[1, "2/3"]), Network([2, 3, 2])}) == 1
    others: list[dict[str, Any]] = [
        {"law": "uniform"},
        {"variance": "lecun"},
        {"output": "linear"},
        {"slope": 1, "variance": [1, "2/3"]},
        {"bias": "zero"},
        {"bias": "gaussian"},
        {"bias": "gaussian", "bias_variance": 5},
    ]
    assert len({Network([2, 3, 2]), *(Network([2, 3, 2], **keywords) for keywords in others)}) == len(others) + 1


@pytest.mark.parametrize(
    ("net", "text"),
    [
        (Network([2, 3, 2]), "Network([2, 3, 2])"),
        (NETWORKS[2], "Network([2, 3, 4, 2], law=Uniform(), variance='glorot', output='linear')"),
        (NETWORKS[4], "Network([2, 3, 4], bias=Uniform(), bias_variance=['pytorch', '2'])"),
        (Network([n, 2], variance=a), "Network([n, 2], variance=a)"),
        (Network([3] * 100, slope="1/4"), "Network([3, 3, 3, 3, 3, 3, ..., 3], slope='1/4')"),
    ],
    ids=str,
)
def test_a_network_is_shown_as_it_is_written(net: Network, text: str) -> None:
    """The repr says what differs from the defaults, and long networks are cut."""
    assert repr(net) == text


@pytest.mark.parametrize("net", [NETWORKS[i] for i in (0, 1, 2, 3, 6)], ids=repr)
def test_the_graph_has_all_neurons_and_all_weights(net: Network) -> None:
    """Nodes are (layer, index), edges join each layer to the next completely, and both carry what they are."""
    graph = net.to_networkx()
    widths = net.numeric_widths("a test")
    nodes = {(layer, i) for layer, width in enumerate(widths) for i in range(width)}
    edges = {((j, i), (j + 1, o)) for j in range(net.depth) for i in range(widths[j]) for o in range(widths[j + 1])}
    assert graph.is_directed()
    assert set(graph.nodes) == nodes
    assert set(graph.edges) == edges
    for (layer, index), data in graph.nodes(data=True):
        rectifier = "relu" if net.slope == 0 else "leaky relu"
        activation = None if layer == 0 else rectifier if net.activated(layer) else "linear"
        assert data == {"layer": layer, "index": index, "activation": activation}
    for (layer, _), _, data in graph.edges(data=True):
        assert data == {"law": net.laws[layer], "variance": net.variances[layer]}


def test_the_graph_has_as_many_paths_as_the_widths_say() -> None:
    """From one input to one output there is a path for each choice of hidden neurons."""
    import networkx

    graph = Network([2, 3, 4, 2]).to_networkx()
    assert networkx.is_directed_acyclic_graph(graph)
    assert sum(1 for _ in networkx.all_simple_paths(graph, (0, 1), (3, 0))) == 3 * 4


def test_symbolic_widths_give_symbolic_variances() -> None:
    """Widths may be symbols or expressions in them, and the variances by name follow."""
    net = Network([n, 2 * k, 3])
    assert net.symbols == {n, k}
    assert net.variances == (2 / n, 1 / k)
    assert Network([n, k], variance="glorot").variances == (2 / (n + k),)
    assert Network([n, k], variance="pytorch").variances == (1 / (3 * n),)
    assert Network([n, k], slope="1/2").variances == (sympy.Rational(8, 5) / n,)
    assert Network([2, 3], variance=a / 2).symbols == {a}


@pytest.mark.parametrize("name", sorted(VARIANCES))
@settings(deadline=None, derandomize=True, max_examples=20)
@given(widths=st.tuples(st.integers(min_value=1, max_value=50), st.integers(min_value=1, max_value=50)))
def test_symbolic_variances_are_the_numeric_ones_at_numbers(name: str, widths: tuple[int, int]) -> None:
    """Substituting numbers for the symbols gives the variances of the numeric network."""
    symbolic: Any = Network([n, k], variance=name, slope="1/3").variances[0]
    numeric = Network(widths, variance=name, slope="1/3").variances[0]
    at_numbers = symbolic.subs({n: widths[0], k: widths[1]})
    assert Fraction(int(at_numbers.p), int(at_numbers.q)) == numeric


def test_what_needs_numbers_refuses_symbols() -> None:
    """The graph of a symbolic network does not exist, and the refusal names the width and the way out."""
    with pytest.raises(
        ArgumentError, match=r"to_networkx\(\) needs widths that are numbers, and one is k: substitute"
    ) as caught:
        Network([2, k, 2]).to_networkx()
    assert isinstance(caught.value, ValueError)
    assert Network([2, 3]).numeric_widths("a test") == (2, 3)


@pytest.mark.parametrize(
    ("net", "kind"),
    [
        (Network([2, 3, 2]), Rationals),
        (Network([2, 3, 2], law=["uniform", "truncated"]), Balls),
        (Network([2, 3, 2], law=Sparse("1/2", TruncatedGaussian())), Balls),
        (Network([2, k, 2]), Polynomials),
        (Network([2, 3, 2], law=["symbolic", "uniform"]), Polynomials),
    ],
    ids=repr,
)
def test_sums_are_exact_in_the_domain_of_laws_and_widths(net: Network, kind: type) -> None:
    """Rational laws sum as rationals, truncated ones as balls, symbols as polynomials."""
    assert type(net.domain(0, net.depth, 4)) is kind


def test_the_domain_is_that_of_the_layers_summed() -> None:
    """Layers outside the sum do not matter to its domain."""
    net = Network([2, 3, 2, 2], law=["truncated", "uniform", "uniform"])
    assert type(net.domain(0, 3, 4)) is Balls
    assert type(net.domain(1, 3, 4)) is Rationals


def test_balls_and_symbols_do_not_mix() -> None:
    """A symbolic width with a law that is not rational is refused with the way out."""
    with pytest.raises(ArgumentError, match="one is a ball: give numbers for the symbols"):
        Network([2, k, 2], law=TruncatedGaussian()).domain(0, 2, 4)


@pytest.mark.parametrize(
    "law", [Gaussian(), Rademacher(), "gaussian", "sparse:1/2:uniform", "moments:2=1,4=3"], ids=str
)
def test_any_law_with_numbers_may_be_the_law_of_the_biases(law: Law | str) -> None:
    """Biases take a law or its short text."""
    assert isinstance(Network([2, 3], bias=law).bias, Law)


def test_attributes_can_neither_be_set_nor_deleted() -> None:
    """A network is a value."""
    net = Network([2, 3])
    with pytest.raises(AttributeError, match="does not change"):
        net.slope = Fraction(1)
    with pytest.raises(AttributeError, match="does not change"):
        del net.slope
