"""From an nn.Sequential of PyTorch to a Network."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from pathmoments import Gaussian, Network, Uniform, moment
from pathmoments.errors import ArgumentError, UnknownNameError
from pathmoments.frameworks import network_from_torch, network_from_widths


def test_default_of_the_theory_page(torch: Any) -> None:
    """PyTorch's default on the widths 3, 4, 4, 2 with a linear output: E Z^2 = 1/324."""
    nn = torch.nn
    net = network_from_torch(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2)))
    assert net == Network([3, 4, 4, 2], law="uniform", variance="pytorch", output="linear", bias="uniform")
    assert moment(net, {(0, 0): 2}) == Fraction(1, 324)


def test_nested_sequences_and_layers_that_change_nothing(torch: Any) -> None:
    """Flatten, Identity, Dropout(0), and Dropout in a model in use, leave no trace; the activation of the output does."""
    nn = torch.nn
    block = nn.Sequential(nn.Linear(6, 5), nn.Identity(), nn.LeakyReLU(0.2))
    model = nn.Sequential(nn.Flatten(), block, nn.Sequential(nn.Dropout(0.0), nn.Linear(5, 3)), nn.LeakyReLU(0.2))
    expected = {"law": "uniform", "variance": "pytorch", "bias": "uniform"}
    assert network_from_torch(model) == Network([6, 5, 3], output="relu", slope="1/5", **expected)
    used = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Dropout(0.5), nn.Linear(3, 1)).eval()
    assert network_from_torch(used).widths == (2, 3, 1)


def test_a_class_of_sequences_is_read_unless_it_computes_otherwise(torch: Any) -> None:
    """A subclass that only makes its layers is a sequence; one with a forward of its own is not."""
    nn = torch.nn
    plain = type("Plain", (nn.Sequential,), {})(nn.Linear(2, 3), nn.ReLU())
    assert network_from_torch(plain).widths == (2, 3)
    other = type("Other", (nn.Sequential,), {"forward": lambda self, x: x})(nn.Linear(2, 3), nn.ReLU())
    with pytest.raises(ArgumentError, match=r"must be an nn.Sequential, was the Other"):
        network_from_torch(other)


def test_slopes_are_the_decimals_that_are_written(torch: Any) -> None:
    """LeakyReLU's own default is 1/100."""
    nn = torch.nn
    assert network_from_torch(nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU(), nn.Linear(3, 1))).slope == Fraction(1, 100)


def test_without_activations_the_network_is_linear(torch: Any) -> None:
    """A deep one has slope 1, a single layer needs none."""
    nn = torch.nn
    deep = network_from_torch(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2)))
    assert (deep.slope, deep.output) == (Fraction(1), "linear")
    assert network_from_torch(nn.Linear(2, 3)).output == "linear"


def test_initialisers_one_for_all_or_one_a_layer(torch: Any) -> None:
    """Laws and variances may differ between layers; the biases follow their own initialiser."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))
    he = (nn.init.kaiming_normal_, {"nonlinearity": "relu"})
    assert network_from_torch(model, init=he, bias_init="zeros_") == Network([2, 3, 2], output="linear", bias="zero")
    mixed = network_from_torch(model, init=[he, "default"])
    assert mixed.laws == (Gaussian(), Uniform())
    assert mixed.variances == (1, Fraction(1, 9))
    assert mixed.bias == Uniform()
    assert mixed.bias_variances == (Fraction(1, 6), Fraction(1, 9))
    apart = network_from_torch(model, bias_init=["default", ("normal_", {"std": 0.1})])
    assert apart.bias == "atomless"


def test_no_biases(torch: Any) -> None:
    """bias=False is zero biases."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(2, 3, bias=False), nn.ReLU(), nn.Linear(3, 2, bias=False))
    assert network_from_torch(model).bias == "zero"


def _normed(nn: Any) -> Any:
    return nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))


def _hooked(nn: Any) -> Any:
    layer = nn.Linear(2, 3)
    layer.register_forward_hook(lambda *_: None)
    return layer


def _tied(nn: Any) -> Any:
    layer = nn.Linear(3, 3)
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), layer, nn.ReLU(), layer)


REFUSED: list[tuple[Callable[[Any], list[Any]], str]] = [
    (lambda nn: [nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU()], r"layer 1 \(BatchNorm1d\) .* it is data-dependent"),
    (lambda nn: [nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3))], r"layer 0.1 \(LayerNorm\) .* divides by a function"),
    (lambda nn: [nn.Conv1d(2, 3, 1)], "it shares weights"),
    (lambda nn: [nn.Linear(2, 3), nn.Dropout(0.5)], "drops neurons at random: set its rate to 0"),
    (lambda nn: [nn.Linear(2, 3), nn.PReLU()], "its slope is a parameter"),
    (lambda nn: [nn.Linear(2, 3), nn.RReLU()], "its slope is random"),
    (lambda nn: [nn.Linear(2, 3), nn.Tanh()], "none of Linear, ReLU, LeakyReLU"),
    (lambda nn: [nn.Linear(2, 3), nn.ReLU6()], "none of Linear, ReLU, LeakyReLU"),
    (lambda nn: [nn.LazyLinear(3)], "its sizes are not known"),
    (lambda nn: [nn.ReLU(), nn.Linear(2, 3)], "stands before the first weights"),
    (lambda nn: [nn.Linear(2, 3), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1)], "no activation stands between layer 0"),
    (lambda nn: [nn.Linear(2, 3), nn.ReLU(), nn.ReLU()], "two activations follow one another"),
    (lambda nn: [nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2), nn.LeakyReLU(0.5)], "slope 0 and .* has 1/2"),
    (lambda nn: [nn.Linear(2, 3), nn.ReLU(), nn.Linear(4, 2)], "takes 4 inputs, and layer 0 .Linear. has 3 outputs"),
    (
        lambda nn: [nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2, bias=False)],
        "layer 2 .Linear. has zero biases and layer 0",
    ),
    (lambda nn: [nn.ReLU()], "no fully connected layer"),
    (lambda nn: [], "no fully connected layer"),
    (lambda nn: [_normed(nn)], "made of other parameters"),
    (lambda nn: [_hooked(nn)], "has hooks"),
    (lambda nn: [_tied(nn)], "shares its weights with layer 0.2"),
]


@pytest.mark.parametrize(("layers", "message"), REFUSED, ids=[message for _, message in REFUSED])
@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")  # torch says it of every LazyLinear
def test_what_is_no_network_is_refused_by_the_name_of_the_layer(
    torch: Any, layers: Callable[[Any], list[Any]], message: str
) -> None:
    """The message has the place of the layer and the reason."""
    with pytest.raises(ArgumentError, match=message):
        network_from_torch(torch.nn.Sequential(*layers(torch.nn)))


def test_other_models_are_sent_to_their_widths(torch: Any) -> None:
    """A module of the user's own has a forward that nobody can read."""
    with pytest.raises(ArgumentError, match=r"must be an nn.Sequential, was the ReLU: .*network_from_widths"):
        network_from_torch(torch.nn.ReLU())
    with pytest.raises(ArgumentError, match="was the type Sequential, not yet called"):
        network_from_torch(torch.nn.Sequential)
    with pytest.raises(ArgumentError, match=r"init must be .* a list of one for each of the 1 layers"):
        network_from_torch(torch.nn.Linear(2, 3), init=["default", "default"])
    with pytest.raises(ArgumentError, match="bias_init must be 'default' or an initialiser, was None"):
        network_from_torch(torch.nn.Linear(2, 3), bias_init=None)
    with pytest.raises(ArgumentError, match=r"init must be .*sparse"):
        network_from_torch(torch.nn.Linear(2, 3), init=("sparse_", {"sparsity": 0.5}))


def test_network_from_widths(torch: Any) -> None:
    """The same network from widths, with a slope as frameworks write it."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU(0.01), nn.Linear(3, 2))
    net = network_from_widths([2, 3, 2], framework="torch", output="linear", slope=0.01)
    assert net == network_from_torch(model)
    without = network_from_widths([2, 3, 2], framework="torch", output="relu", bias_init=None)
    assert (without.bias, without.output) == ("zero", "relu")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"framework": "tf"}, UnknownNameError, "framework must be 'torch', 'jax' or 'keras'"),
        ({"output": "softmax"}, UnknownNameError, "output must be 'relu' or 'linear'"),
        ({"widths": [2, 0]}, ArgumentError, r"widths\[1\] must be a whole number of neurons"),
        ({"widths": [2]}, ArgumentError, "no fully connected layer"),
        ({"init": []}, ArgumentError, "a list of one for each of the 2 layers"),
        ({"slope": "x"}, ArgumentError, "slope must be"),
    ],
    ids=str,
)
def test_widths_that_make_no_network_are_refused(
    torch: Any, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Each argument by its name."""
    given = {"widths": [2, 3, 2], "framework": "torch", "output": "linear"} | arguments
    with pytest.raises(error, match=message):
        network_from_widths(given.pop("widths"), **given)
