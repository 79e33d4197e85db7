"""Jacobians of freshly initialised PyTorch modules: each is made by the user's own code, and a block of them is differentiated at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from ..arrays import as_numpy
from ..errors import ArgumentError, must_be
from ..routes.sampling import fresh_seed
from .layers import one_a_layer
from .libraries import library
from .seeds import block_seed, block_sizes, checked_batch, checked_samples, seeded
from .torch_laws import in_place, is_known

if TYPE_CHECKING:
    from numpy.typing import NDArray


def torch_jacobians(
    model: Any,
    samples: int,
    *,
    x: object = None,
    init: object = None,
    bias_init: object = None,
    batch: int | None = None,
    seed: int | None = None,
    dtype: Any = None,
) -> Iterator[NDArray[Any]]:
    """Yield input-output Jacobians of freshly initialised modules, block by block.

    Parameters
    ----------
    model
        A factory: a function of no arguments, or a class, that makes a fresh module; it runs for every sample, so what is sampled is what its constructor
        does. Or, where that is slow, one module: it is initialised again in place for every sample, first by the `reset_parameters` of its parts.
    samples
        How many networks to draw.
    x
        The input, one sample of any shape (without the dimension of a batch); by default ones, as many as the first `nn.Linear` takes.
    init
        What initialises each module after it is made: a function of one part of it, run by `module.apply(init)`; or for the weights of all `nn.Linear` what
        :func:`torch_weights` takes, one or a list of one a layer. By default nothing more happens.
    bias_init
        With an `init` for the weights of `nn.Linear`: what initialises their biases, likewise.
    batch
        How many modules are differentiated at once. By default it depends on their size: at most 1024, and few enough to fit in tens of megabytes.
    seed
        A whole number: the same (model, samples, batch, seed) gives the same arrays. By default a fresh one. The generators of torch, numpy and Python are
        seeded for each block, and left as they were found.
    dtype
        The type in which Jacobians are computed; parameters are drawn in their own and converted. By default their own.

    Yields
    ------
    Arrays J of shape (samples of the block, n_d, n_0) with J[s, q, p] = d f_q / d x_p of sample s; inputs and outputs of more dimensions are flattened.

    Raises
    ------
    ArgumentError
        If the model is no module or does not make one, has no parameters, or needs an `x`; if one module has parameters that nothing would draw again; and
        for initialisers that are not known. (One that is known need not have a law: `orthogonal_` can be drawn.)
    MissingExtraError
        If torch is not installed.

    Modules run in the mode they are in, on their own device. Derivatives are taken backwards, n_d at a time. Memory is that of one block.
    """
    torch = library("torch")
    samples, batch, seed = checked_samples(samples), checked_batch(batch), fresh_seed(seed)
    if not callable(model):
        raise ArgumentError(must_be("model", "a function that makes a module, or a module", model))
    kept = isinstance(model, torch.nn.Module)
    with seeded(block_seed(seed, 0)):
        first = model if kept else model()
    if not isinstance(first, torch.nn.Module):
        raise ArgumentError(
            must_be("model", "a function that makes a module, or a module", f"the maker of {type(first).__name__}")
        )
    initialise = _initialiser(init, bias_init, first, torch)
    if kept:
        draw = partial(_reset, model, _resets(model, everything=callable(init)), initialise)
    else:
        draw = partial(_made, model, initialise)
    drawing = _Drawing(torch, draw, first, _input(x, first, dtype, torch), dtype)
    sizes = block_sizes(samples, drawing.numbers(), batch)
    return (drawing.block(size, block_seed(seed, index)) for index, size in enumerate(sizes))


@dataclass(frozen=True)
class _Drawing:
    """How a module is drawn, and one of them that stands for all: with other parameters it is any other."""

    torch: Any
    draw: Callable[[], Any]
    module: Any
    x: Any
    dtype: Any

    def numbers(self) -> int:
        """Return the numbers of one sample: parameters, and Jacobian."""
        with seeded(0), self.torch.no_grad():
            outputs = int(self.output(self._converted(dict(self._tensors(self.module))), self.x).numel())
        return sum(int(p.numel()) for p in self.module.parameters()) + 2 * outputs * int(self.x.numel())

    def output(self, tensors: Mapping[str, Any], x: Any) -> Any:
        """Return the outputs of the network with these parameters, flattened."""
        return self.torch.func.functional_call(self.module, tensors, (x[None],))[0].reshape(-1)

    def block(self, size: int, seed: int) -> NDArray[Any]:
        """Return the Jacobians of a block."""
        func = self.torch.func
        with seeded(seed):
            stacked = self._stacked(size)
            # The parameters are constants: only x is differentiated.
            rows = func.jacrev(self.output, argnums=1)
            jacobians = func.vmap(rows, in_dims=(0, None), randomness="different")(stacked, self.x)
        return as_numpy(jacobians.reshape(size, -1, self.x.numel()))

    def _stacked(self, size: int) -> dict[str, Any]:
        """Draw modules and return their parameters, stacked by name; each module is dropped as soon as these are taken."""
        names = [name for name, _ in self._tensors(self.module)]
        drawn = []
        for _ in range(size):
            # Copied at once: a factory, too, may give one module again and again.
            drawn.append([tensor.detach().clone() for _, tensor in self._tensors(self.draw())])
        if any(len(tensors) != len(names) for tensors in drawn):
            raise ArgumentError("the model must make modules of one kind, and the numbers of their parameters differ")
        columns = zip(names, zip(*drawn, strict=True), strict=True)
        try:
            return self._converted({name: self.torch.stack(column) for name, column in columns})
        except RuntimeError as error:
            raise ArgumentError(f"the model must make modules of one kind, and they differ: {error}") from None

    def _tensors(self, module: Any) -> Iterator[tuple[str, Any]]:
        """Yield the parameters and buffers with their names."""
        yield from module.named_parameters()
        yield from module.named_buffers()

    def _converted(self, tensors: dict[str, Any]) -> dict[str, Any]:
        if self.dtype is None:
            return tensors
        return {name: t.to(self.dtype) if t.is_floating_point() else t for name, t in tensors.items()}


def _made(factory: Callable[[], Any], initialise: Callable[[Any], None]) -> Any:
    module = factory()
    initialise(module)
    return module


def _reset(module: Any, resets: list[Callable[[], None]], initialise: Callable[[Any], None]) -> Any:
    for reset in resets:
        reset()
    initialise(module)
    return module


def _resets(module: Any, *, everything: bool) -> list[Callable[[], None]]:
    """Return what draws the parts of a module again; refuse parameters that nothing draws, unless a function of the user's may do `everything`."""
    for name, part in module.named_modules():
        own = [parameter for parameter, _ in part.named_parameters(recurse=False)]
        if own and not everything and not hasattr(part, "reset_parameters"):
            where = f"{name or 'the module'} ({type(part).__name__})"
            raise ArgumentError(
                f"{where} has no reset_parameters, so its parameter {own[0]} would stay the same in all samples: give a function that makes a fresh module"
            )
    return [part.reset_parameters for part in module.modules() if hasattr(part, "reset_parameters")]


def _initialiser(init: object, bias_init: object, first: Any, torch: Any) -> Callable[[Any], None]:
    """Return what is done to a module after it is made."""
    if init is None and bias_init is None:
        return lambda module: None
    if callable(init) and not is_known(init):
        if bias_init is not None:
            raise ArgumentError(
                "bias_init goes with an init for the weights of nn.Linear, and init was a function of modules: let it do the biases too"
            )
        return lambda module: module.apply(init)

    @lru_cache(maxsize=1)  # one module is asked for again and again
    def linear(module: Any) -> list[Any]:
        return [part for part in module.modules() if type(part) is torch.nn.Linear]

    count = len(linear(first))
    inits, bias_inits = one_a_layer(init, count, "init"), one_a_layer(bias_init, count, "bias_init")
    fills = [(in_place(a, "init"), in_place(b, "bias_init")) for a, b in zip(inits, bias_inits, strict=True)]

    def fill(module: Any) -> None:
        for part, (fill_weight, fill_bias) in zip(linear(module), fills, strict=True):
            fill_weight(part.weight)
            if part.bias is not None:
                fill_bias(part.bias)

    return fill


def _input(x: object, first: Any, dtype: Any, torch: Any) -> Any:
    """Return the input as a tensor of the type and on the device of the parameters."""
    parameter = next(first.parameters(), None)
    if parameter is None:
        raise ArgumentError("the model has no parameters, so nothing in it is random")
    if x is None:
        linear = next((part for part in first.modules() if isinstance(part, torch.nn.Linear)), None)
        if linear is None:
            raise ArgumentError("x must be given for a model without an nn.Linear: its shape is not known")
        x = [1.0] * linear.in_features
    return torch.tensor(as_numpy(x), dtype=dtype or parameter.dtype, device=parameter.device)
