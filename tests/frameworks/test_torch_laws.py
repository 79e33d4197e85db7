"""What PyTorch's initialisers draw: the law that is read against what the installed PyTorch draws."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx

from pathmoments import Gaussian, TruncatedGaussian, Uniform
from pathmoments.errors import ArgumentError, PathMomentsError, UnknownNameError
from pathmoments.frameworks import torch_weights
from pathmoments.frameworks.torch_laws import torch_bias

FAN_IN, FAN_OUT = 1500, 500
"""750,000 weights: a variance off by 1 % is noticed, and so is mt_4."""

SUPPORTED: list[tuple[str, dict[str, Any], Any, str | None]] = [
    ("normal_", {"std": 0.02}, Gaussian(), "1/2500"),
    ("normal_", {}, Gaussian(), "1"),
    ("uniform_", {"a": -0.05, "b": 0.05}, Uniform(), "1/1200"),
    ("trunc_normal_", {}, TruncatedGaussian(2), None),
    ("trunc_normal_", {"std": 0.02}, TruncatedGaussian(100), "1/2500"),
    ("trunc_normal_", {"std": 0.02, "a": -0.03, "b": 0.03}, TruncatedGaussian("3/2"), None),
    ("trunc_normal_", {"std": 1.0, "a": -0.25, "b": 0.25}, TruncatedGaussian("1/4"), None),
    ("trunc_normal_", {"std": 0.0001}, Gaussian(), "1/100000000"),
    ("kaiming_uniform_", {}, Uniform(), "2/1500"),
    ("kaiming_uniform_", {"a": math.sqrt(5)}, Uniform(), "1/4500"),
    ("kaiming_uniform_", {"nonlinearity": "relu", "mode": "fan_out"}, Uniform(), "2/500"),
    ("kaiming_normal_", {"nonlinearity": "relu"}, Gaussian(), "2/1500"),
    ("kaiming_normal_", {"a": 0.2}, Gaussian(), "25/19500"),
    ("kaiming_normal_", {"nonlinearity": "linear"}, Gaussian(), "1/1500"),
    ("kaiming_normal_", {"nonlinearity": "tanh"}, Gaussian(), "25/13500"),
    ("kaiming_normal_", {"nonlinearity": "selu"}, Gaussian(), "9/24000"),
    ("xavier_uniform_", {}, Uniform(), "1/1000"),
    ("xavier_normal_", {"gain": math.sqrt(2)}, Gaussian(), "1/500"),
    ("xavier_normal_", {"gain": 1.7}, Gaussian(), "289/100000"),
]


@pytest.mark.parametrize(("name", "arguments", "law", "variance"), SUPPORTED, ids=str)
def test_initialisers_draw_the_law_that_is_read(
    torch: Any,
    has_law: Callable[..., None],
    name: str,
    arguments: dict[str, Any],
    law: object,
    variance: str | None,
) -> None:
    """The law and the exact variance are as derived by hand, and a weight that torch fills has them."""
    weights = torch_weights(name, FAN_IN, FAN_OUT, **arguments)
    assert weights.law == law
    assert variance is None or weights.variance == Fraction(variance)
    torch.manual_seed(20260)
    has_law(getattr(torch.nn.init, name)(torch.empty(FAN_OUT, FAN_IN), **arguments).numpy(), weights)


def test_default_of_linear(torch: Any, has_law: Callable[..., None]) -> None:
    """nn.Linear draws weights and biases uniform with variance 1 / (3 fan_in)."""
    torch.manual_seed(20261)
    layer = torch.nn.Linear(FAN_IN, FAN_OUT)
    weights, bias = torch_weights("default", FAN_IN, FAN_OUT), torch_bias("default", FAN_IN)
    assert weights == bias == (Uniform(), Fraction(1, 3 * FAN_IN))
    assert bias is not None
    has_law(layer.weight.detach().numpy(), weights)
    has_law(torch.cat([torch.nn.Linear(10, 5000).bias for _ in range(20)]).detach().numpy(), torch_bias("default", 10))


def test_a_wrong_law_would_be_noticed(torch: Any, has_law: Callable[..., None]) -> None:
    """fan_out for fan_in, a cut without its correction, and a normal law for a uniform one all fail the check above."""
    torch.manual_seed(20262)
    drawn = torch.nn.init.kaiming_uniform_(torch.empty(FAN_OUT, FAN_IN)).numpy()
    cut = torch.nn.init.trunc_normal_(torch.empty(FAN_OUT, FAN_IN)).numpy()
    for values, wrong in (
        (drawn, torch_weights("kaiming_uniform_", FAN_IN, FAN_OUT, mode="fan_out")),
        (drawn, torch_weights("kaiming_normal_", FAN_IN, FAN_OUT)),
        (cut, torch_weights("trunc_normal_", FAN_IN, FAN_OUT)._replace(variance=Fraction(1))),
        (cut, torch_weights("normal_", FAN_IN, FAN_OUT, std=math.sqrt(0.7737))),
    ):
        with pytest.raises(AssertionError):
            has_law(values, wrong)


@pytest.mark.parametrize("bound", ["1/2", "2", "3", "12"])
def test_irrational_variances_are_correct_to_120_bits(torch: Any, bound: str) -> None:
    """What stands for the variance that a cut leaves agrees with a ball of it."""
    c = Fraction(bound)
    variance = torch_weights("trunc_normal_", 3, 4, std=1, a=-c, b=c).variance
    with ctx.workprec(400):
        exact = TruncatedGaussian(c)._raw_moments(1)[1]
        error = abs(arb(variance.numerator) / variance.denominator / exact - 1)
    assert error < arb(2) ** -119


def test_all_ways_to_name_an_initialiser(torch: Any) -> None:
    """The function, its name with and without underscore, a partial, a pair, and arguments beside: all the same."""
    init = torch.nn.init
    wanted = (Gaussian(), Fraction(1, 100))
    for named in (
        functools.partial(init.normal_, std=0.1),
        functools.partial(functools.partial(init.normal_, std=3.0), std=0.1),
        (init.normal_, {"std": 0.1}),
        ("normal_", {"std": 0.1}),
        ("normal", {"std": Fraction(1, 10)}),
    ):
        assert torch_weights(named, 3, 4) == wanted
    assert torch_weights(init.normal_, 3, 4, std=0.1) == wanted


REFUSED: list[tuple[Any, type[PathMomentsError], str]] = [
    (("orthogonal_", {"gain": 0.0}), ArgumentError, "its scale is 0"),
    (("sparse_", {"sparsity": 0.5}), ArgumentError, "a fixed number of entries of each column"),
    ("eye_", ArgumentError, "it draws nothing"),
    ("dirac_", ArgumentError, "it draws nothing"),
    (("constant_", {"val": 0.1}), ArgumentError, "it draws nothing"),
    ("zeros_", ArgumentError, "all Jacobians would be 0"),
    ("ones_", ArgumentError, "it draws nothing"),
    ("lsuv", ArgumentError, "it depends on data"),
    (("normal_", {"mean": 0.1}), ArgumentError, "its mean is 0.1"),
    (("normal_", {"std": 0.0}), ArgumentError, "its scale is 0"),
    ("uniform_", ArgumentError, r"it draws from \[0.0, 1.0\], which is not symmetric"),
    (("trunc_normal_", {"a": -1.0}), ArgumentError, "cut at -1.0 and 2.0, which is not symmetric"),
    (("trunc_normal_", {"mean": 1.0}), ArgumentError, "its mean is 1.0"),
    (("kaiming_normal_", {"nonlinearity": "gelu"}), UnknownNameError, "nonlinearity must be one of leaky_relu"),
    (("kaiming_normal_", {"mode": "fan_avg"}), ArgumentError, "mode must be 'fan_in' or 'fan_out'"),
    (("normal_", {"sd": 0.1}), ArgumentError, "does not take these arguments: .*'sd'"),
    (("default", {"a": 1}), ArgumentError, "takes no arguments"),
    ("he", UnknownNameError, "init must be 'default' or one of uniform_, normal_"),
    (lambda weight: weight, ArgumentError, "an initialiser whose law can be read"),
    (7, ArgumentError, "an initialiser whose law can be read"),
    (None, ArgumentError, "an initialiser whose law can be read"),
]


@pytest.mark.parametrize(("init", "error", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_what_has_no_law_of_independent_symmetric_entries_is_refused(
    torch: Any, init: object, error: type[PathMomentsError], message: str
) -> None:
    """Each refusal says why."""
    with pytest.raises(error, match=message):
        torch_weights(init, 3, 4)


@pytest.mark.parametrize("fans", [(0, 3), (3, 2.0), (-1, 1), ("3", 3)])
def test_fans_are_whole_numbers(torch: Any, fans: tuple[Any, Any]) -> None:
    """A float would make a float of the variance."""
    with pytest.raises(ArgumentError, match=r"fan_(in|out) must be a whole number of neurons"):
        torch_weights("default", *fans)


def test_biases(torch: Any) -> None:
    """Zero in three ways, a law, or a refusal that speaks of biases."""
    assert torch_bias("zeros_", 3) is torch_bias(None, 3) is torch_bias(("constant_", {"val": 0.0}), 3) is None
    assert torch_bias(("normal_", {"std": 0.5}), 3) == (Gaussian(), Fraction(1, 4))
    for init, message in (("kaiming_normal_", "it needs a matrix"), (("constant_", {"val": 1.0}), "it draws nothing")):
        with pytest.raises(ArgumentError, match=f"bias_init must be .*{message}"):
            torch_bias(init, 3)


def test_an_argument_given_twice_is_refused(torch: Any) -> None:
    """A pair and the call may not both name it."""
    with pytest.raises(ArgumentError, match="given twice"):
        torch_weights(("normal_", {"std": 1.0}), 3, 4, std=2.0)
    with pytest.raises(ArgumentError, match="name its arguments"):
        torch_weights(functools.partial(torch.nn.init.normal_, None, 0.0, 1.0), 3, 4)
