"""Jacobians of freshly initialised PyTorch modules."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pathmoments import Network, dead_probability, log_norm
from pathmoments.errors import ArgumentError
from pathmoments.frameworks import network_from_torch, torch_jacobians

SAMPLES = 10_000


def model_of(torch: Any, name: str) -> Any:
    """Make one of the modules of these tests."""
    nn = torch.nn
    match name:
        case "default":
            return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
        case "leaky":
            return nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU(0.2), nn.Linear(3, 2), nn.LeakyReLU(0.2))
        case "flattened":
            return nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(4, 3), nn.ReLU()), nn.Linear(3, 2))
        case "unbiased":
            return nn.Sequential(nn.Linear(2, 4, bias=False), nn.ReLU(), nn.Linear(4, 3, bias=False), nn.ReLU())
    return nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 3))


def gradients(torch: Any, module: Any, x: Any) -> NDArray[Any]:
    """Return the Jacobian by a loop over the outputs, one torch.autograd.grad each."""
    x = x.clone().requires_grad_()
    outputs = module(x[None])[0].reshape(-1)
    rows = [torch.autograd.grad(output, x, retain_graph=True)[0].reshape(-1) for output in outputs]
    return np.asarray(torch.stack(rows).numpy())


@pytest.mark.parametrize("name", ["default", "leaky", "flattened", "unbiased", "linear"])
def test_jacobians_are_those_of_a_loop_with_autograd(torch: Any, name: str) -> None:
    """Every module that the factory made has the Jacobian that torch.autograd.grad gives for it alone, at the input that was given."""
    made: list[Any] = []

    def factory() -> Any:
        made.append(model_of(torch, name))
        return made[-1]

    first = network_from_torch(model_of(torch, name)).widths[0]
    assert isinstance(first, int)
    x = torch.linspace(-1, 2, first).reshape((2, 2) if name == "flattened" else (first,))
    blocks = list(torch_jacobians(factory, 30, x=x, batch=20, seed=3))
    assert [len(block) for block in blocks] == [20, 10]
    expected = np.stack([gradients(torch, module, x) for module in made[1:]])  # the first one stood for all
    np.testing.assert_allclose(np.concatenate(blocks), expected, rtol=1e-5, atol=1e-6)


NETWORKS: list[tuple[str, Any, Any]] = [
    ("default", None, None),
    ("default", ("kaiming_normal_", {"nonlinearity": "relu"}), "zeros_"),
    ("default", ["default", ("xavier_uniform_", {}), ("trunc_normal_", {"std": 1.0})], ("uniform_", {"a": -1, "b": 1})),
    ("leaky", ("kaiming_uniform_", {"a": 0.2}), None),
    ("flattened", None, None),
    ("unbiased", ("kaiming_uniform_", {"nonlinearity": "relu"}), None),
    ("linear", None, None),
]


@pytest.mark.parametrize(("name", "init", "bias_init"), NETWORKS, ids=str)
def test_sampled_moments_are_the_exact_ones(
    torch: Any, has_moments: Callable[..., None], name: str, init: Any, bias_init: Any
) -> None:
    """E Z^2, E Z^4 and E tr (J J^T)^k, k = 1 and 2, of the network that is read lie within six exact standard errors of what PyTorch draws."""
    model = model_of(torch, name)
    net = network_from_torch(model, init=init or "default", bias_init=bias_init or "default")
    x = torch.tensor([[0.5, -1.0], [2.0, 0.25]]) if name == "flattened" else None
    has_moments(torch_jacobians(model, SAMPLES, x=x, init=init, bias_init=bias_init, seed=41), net)


def test_a_wrong_network_would_be_noticed(torch: Any, has_moments: Callable[..., None]) -> None:
    """PyTorch's default is neither He's initialisation nor one of fan_out."""
    model = model_of(torch, "default")
    blocks = list(torch_jacobians(model, SAMPLES, seed=42))
    for wrong in (Network([3, 4, 4, 2], output="linear"), Network([3, 4, 4, 2], law="uniform", variance="pytorch")):
        with pytest.raises(AssertionError):
            has_moments(blocks, wrong)


def test_a_module_again_draws_what_fresh_ones_would(torch: Any) -> None:
    """Initialising one module in place consumes the same random numbers as making new ones."""

    def factory() -> Any:
        return model_of(torch, "default")

    fresh = np.concatenate(list(torch_jacobians(factory, 300, seed=5)))
    again = np.concatenate(list(torch_jacobians(factory(), 300, seed=5)))
    np.testing.assert_array_equal(fresh, again)


def test_a_factory_may_give_one_module_again_and_again(torch: Any) -> None:
    """Its parameters are taken before they are overwritten."""
    module = model_of(torch, "default")

    def factory() -> Any:
        for part in (module[0], module[2], module[4]):
            part.reset_parameters()
        return module

    own = np.concatenate(list(torch_jacobians(factory, 50, seed=5)))
    assert len(np.unique(own.reshape(50, -1), axis=0)) > 40, "a few are all zero, the others differ"
    np.testing.assert_array_equal(own, np.concatenate(list(torch_jacobians(module, 50, seed=5))))


def test_parameters_that_nothing_draws_again_are_refused(torch: Any) -> None:
    """A parameter of the user's own has no reset_parameters; a factory, or a function that draws it, is needed."""
    nn = torch.nn
    module = nn.Sequential(nn.Linear(2, 3), nn.Module())
    module[1].register_parameter("scale", nn.Parameter(torch.ones(3)))
    module[1].forward = lambda x: x * module[1].scale
    with pytest.raises(ArgumentError, match=r"1 \(Module\) has no reset_parameters, so its parameter scale would stay"):
        torch_jacobians(module, 3)

    def draw(part: Any) -> None:
        if hasattr(part, "scale"):
            nn.init.normal_(part.scale)

    (block,) = torch_jacobians(module, 3, init=draw, seed=1)
    assert block.shape == (3, 3, 2)


def test_an_init_function_of_modules_is_applied(torch: Any, has_moments: Callable[..., None]) -> None:
    """The usual idiom, module.apply(init_weights); a layer that it skips keeps PyTorch's default."""
    nn = torch.nn

    def init_weights(part: Any) -> None:
        if isinstance(part, nn.Linear) and part.in_features != 3:
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            nn.init.zeros_(part.bias)

    model = model_of(torch, "default")
    he = ("kaiming_normal_", {"nonlinearity": "relu"})
    net = network_from_torch(model, init=["default", he, he], bias_init="default")
    for made in (model, lambda: model_of(torch, "default")):
        has_moments(torch_jacobians(made, SAMPLES // 4, init=init_weights, seed=6), net)


def test_same_seed_same_jacobians(torch: Any) -> None:
    """(model, samples, batch, seed) decide all numbers; another seed, and no seed, give others."""

    def draw(seed: int | None, samples: int = 50) -> NDArray[Any]:
        return np.concatenate(list(torch_jacobians(lambda: model_of(torch, "leaky"), samples, batch=20, seed=seed)))

    np.testing.assert_array_equal(draw(7), draw(7))
    np.testing.assert_array_equal(draw(7)[:40], draw(7, 40))
    assert not np.array_equal(draw(7), draw(8))
    assert not np.array_equal(draw(None), draw(None))
    blocks = draw(7).reshape(50, -1)
    assert len(np.unique(blocks, axis=0)) > 45, "blocks and samples differ (a few are all zero)"


def test_the_generators_are_left_as_they_were(torch: Any) -> None:
    """Drawing seeds torch, numpy and Python for itself, between two samples of the user's own."""

    def state() -> list[Any]:
        return [torch.rand(2).tolist(), np.random.rand(2).tolist(), random.random()]

    def seed() -> None:
        torch.manual_seed(1)
        np.random.seed(1)
        random.seed(1)

    seed()
    expected = [state(), state()]
    seed()
    before = state()
    blocks = torch_jacobians(lambda: model_of(torch, "linear"), 30, batch=20, seed=9)
    next(blocks)
    assert [before, state()] == expected


def test_factories_that_draw_from_numpy_repeat(torch: Any) -> None:
    """The seed reaches an initialisation of the user's own, by whatever generator."""

    def factory() -> Any:
        layer = torch.nn.Linear(2, 2)
        layer.weight.data = torch.tensor(np.random.standard_normal((2, 2)) * random.random(), dtype=torch.float32)
        return layer

    first, second = (np.concatenate(list(torch_jacobians(factory, 10, seed=2))) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert len(np.unique(first[:, 0, 0])) == 10


def test_dtype(torch: Any) -> None:
    """Jacobians come in the type of the parameters, or in the one asked for; bfloat16 as float32."""
    assert next(torch_jacobians(model_of(torch, "default"), 3, seed=1)).dtype == np.float32
    double = next(torch_jacobians(model_of(torch, "default"), 3, seed=1, dtype=torch.float64))
    assert double.dtype == np.float64
    single = next(torch_jacobians(model_of(torch, "default"), 3, seed=1))
    np.testing.assert_allclose(double, single, rtol=1e-4, atol=1e-7)
    assert np.abs(double - single).max() > 0
    half = next(torch_jacobians(model_of(torch, "default").to(torch.bfloat16), 3, seed=1))
    assert half.dtype == np.float32


def test_blocks_are_bounded(torch: Any) -> None:
    """Large modules come in small blocks: sixteen million numbers at most, here a fiftieth of the samples each."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(300, 300), nn.ReLU(), nn.Linear(300, 100))
    sizes = [len(block) for block in torch_jacobians(model, 50, seed=1)]
    assert sum(sizes) == 50
    assert max(sizes) * (300 * 300 + 300 * 100) < 2**22


def test_modules_of_any_kind_can_be_sampled(torch: Any) -> None:
    """A class of the user's own with a buffer, made by its class; its Jacobian is W scaled by the buffer."""
    nn = torch.nn

    def forward(x: Any) -> Any:
        return nn.functional.linear(x, module.weight) * module.scale

    module = nn.Linear(2, 3, bias=False)
    module.register_buffer("scale", torch.tensor(2.0))
    module.forward = forward
    (block,) = torch_jacobians(module, 5, seed=1)
    (plain,) = torch_jacobians(nn.Linear(2, 3, bias=False), 5, seed=1)
    np.testing.assert_allclose(block, 2 * plain)


REFUSED: list[tuple[Callable[[Any], Any], dict[str, Any], str]] = [
    (lambda nn: 7, {}, "model must be a function that makes a module"),
    (lambda nn: int, {}, "the maker of int"),
    (lambda nn: nn.ReLU(), {}, "no parameters"),
    (lambda nn: nn.Conv1d(1, 1, 1), {}, "x must be given"),
    (lambda nn: nn.Linear(2, 3), {"samples": 0}, "samples must be a whole number, 1 or more"),
    (lambda nn: nn.Linear(2, 3), {"batch": 0}, "batch must be a whole number, 1 or more"),
    (lambda nn: nn.Linear(2, 3), {"seed": -1}, "seed must be a whole number, 0 or more"),
    (lambda nn: nn.Linear(2, 3), {"init": ["zeros_", "zeros_"]}, "init must be .* each of the 1 layers"),
    (lambda nn: nn.Linear(2, 3), {"init": lambda part: None, "bias_init": "zeros_"}, "bias_init goes with"),
    (lambda nn: nn.Linear(2, 3), {"x": "ab"}, "must be an array"),
]


@pytest.mark.parametrize(("make", "arguments", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_what_cannot_be_sampled_is_refused_at_the_call(
    torch: Any, make: Callable[[Any], Any], arguments: dict[str, Any], message: str
) -> None:
    """The message comes before the first block is asked for."""
    with pytest.raises(ArgumentError, match=message):
        torch_jacobians(make(torch.nn), **({"samples": 3} | arguments))


def test_modules_of_two_kinds_are_refused(torch: Any) -> None:
    """One block can hold modules of one shape only."""
    nn = torch.nn
    shapes = iter([(2, 3), (2, 3), (3, 2), (2, 3)])
    with pytest.raises(ArgumentError, match="modules of one kind"):
        list(torch_jacobians(lambda: nn.Linear(*next(shapes)), 3, seed=1))
    layers = iter([nn.Linear(2, 3), nn.Linear(2, 3, bias=False)])
    with pytest.raises(ArgumentError, match="modules of one kind"):
        list(torch_jacobians(lambda: next(layers), 1, seed=1))


def test_orthogonal_weights_are_isometries(torch: Any) -> None:
    """J^T J is the identity in each sample."""
    (block,) = torch_jacobians(torch.nn.Linear(3, 3), 4, init="orthogonal_", seed=1)
    np.testing.assert_allclose(block.swapaxes(1, 2) @ block, np.broadcast_to(np.eye(3), (4, 3, 3)), atol=1e-5)


@pytest.mark.parametrize("init", ["kaiming_normal_", "orthogonal_"])
def test_typical_norms_are_the_exact_ones(torch: Any, init: str) -> None:
    """Given alive, ln ||J u||^2 has the mean and at zero bias the network is dead as often as is said, to six exact standard errors."""
    model = model_of(torch, "default")
    net = network_from_torch(model, init=init, bias_init="zeros_")
    jacobians = np.concatenate(list(torch_jacobians(model, SAMPLES, init=init, bias_init="zeros_", seed=7)))
    squares = (jacobians.astype(float)[:, :, 0] ** 2).sum(axis=1)
    logs, exact = np.log(squares[squares > 0]), log_norm(net)
    assert abs(logs.mean() - float(exact.mean)) < 6 * (float(exact.variance) / len(logs)) ** 0.5
    dead = float(dead_probability(net))
    assert abs(1 - len(logs) / SAMPLES - dead) < 6 * (dead * (1 - dead) / SAMPLES) ** 0.5
