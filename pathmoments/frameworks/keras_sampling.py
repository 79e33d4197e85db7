"""Jacobians of freshly initialised Keras 3 models, on the backend that Keras runs on: JAX or PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from ..arrays import as_numpy
from ..errors import ArgumentError, MissingExtraError, must_be
from ..routes.sampling import fresh_seed
from .jax_sampling import jax_jacobians
from .libraries import BACKENDS, library
from .seeds import block_seed, block_sizes, checked_batch, checked_samples, seeded

if TYPE_CHECKING:
    from numpy.typing import NDArray

Draw = Callable[[], list[Any]]
"""Draws the values of all variables of a model, trainable ones first."""
Output = Callable[[Any, Any], Any]
"""From (variables, input) to outputs, or to their derivatives."""


def keras_jacobians(
    model: Any, samples: int, *, x: object = None, batch: int | None = None, seed: int | None = None
) -> Iterator[NDArray[Any]]:
    """Yield input-output Jacobians of freshly initialised models, block by block.

    Parameters
    ----------
    model
        A factory: a function of no arguments that makes a fresh model, and builds it; it runs for every sample, so what is sampled is what it does. Or, where
        that is slow, one model: the initialisers of its layers are called again for every sample with fresh seeds, and the model is left alone. Mistakes in
        seeds are then not seen.
    samples
        How many networks to draw.
    x
        The input, one sample of any shape (without the dimension of a batch); by default ones of the model's `input_shape`.
    batch
        How many models are differentiated at once. By default it depends on their size: at most 1024, and few enough to fit in tens of megabytes.
    seed
        A whole number: the same (model, samples, batch, seed) gives the same arrays. By default a fresh one. The generators of Python, numpy and torch are
        seeded for each block (Keras draws its seeds from Python's), and left as they were found.

    Yields
    ------
    Arrays J of shape (samples of the block, n_d, n_0) with J[s, q, p] = d f_q / d x_p of sample s; inputs and outputs of more dimensions are flattened.

    Raises
    ------
    ArgumentError
        If the model is no model or does not make one, is not built, or has variables without an initialiser of their own.
    MissingExtraError
        If keras is not installed, or runs on another backend.

    Models run as in use, with `training=False`. Memory is that of one block.
    """
    keras = library("keras")
    backend = keras.config.backend()
    if backend not in BACKENDS:
        raise MissingExtraError(
            f"Keras runs on {backend}, and Jacobians are drawn on jax or torch: set the environment variable KERAS_BACKEND before the start"
        )
    samples, batch, seed = checked_samples(samples), checked_batch(batch), fresh_seed(seed)
    kept = isinstance(model, keras.Model)
    if not kept and not callable(model):
        raise ArgumentError(must_be("model", "a function that makes a keras.Model, or a model", model))
    with seeded(block_seed(seed, 0)):
        first = model if kept else model()
    if not isinstance(first, keras.Model) or not first.built:
        raise ArgumentError(must_be("model", "a keras.Model that knows its input, or a function that makes one", first))
    inputs = _input(x, first)
    if kept and backend == "jax":
        return jax_jacobians(_drawn_with_keys(first), _output(first), samples, x=inputs, batch=batch, seed=seed)
    draw: Draw = _drawn_again(first) if kept else lambda: [v.value for v in _variables(model())]
    drawing = _Drawing(keras, draw, first, inputs, (_with_jax if backend == "jax" else _with_torch)(_output(first)))
    sizes = block_sizes(samples, drawing.numbers(), batch)
    return (drawing.block(size, block_seed(seed, index)) for index, size in enumerate(sizes))


@dataclass(frozen=True)
class _Drawing:
    """How the variables of a model are drawn, and one model that stands for all: with other variables it is any other."""

    keras: Any
    draw: Draw
    model: Any
    x: NDArray[Any]
    jacobians: Output

    def numbers(self) -> int:
        """Return the numbers of one sample: variables, and Jacobian."""
        shapes = self.keras.tree.flatten(self.model.compute_output_shape((1, *self.x.shape)))
        parameters: int = self.model.count_params()
        return parameters + 2 * self.x.size * prod(map(int, shapes[1:]))

    def block(self, size: int, seed: int) -> NDArray[Any]:
        """Return the Jacobians of a block."""
        with seeded(seed):
            stacked = self._stacked(size)
        jacobians = self.jacobians(stacked, self.keras.ops.convert_to_tensor(self.x))
        return as_numpy(jacobians.reshape(size, -1, self.x.size))

    def _stacked(self, size: int) -> list[Any]:
        """Draw models and return their variables, stacked one by one."""
        import numpy as np

        to_numpy = self.keras.ops.convert_to_numpy
        # Copied at once: a factory, too, may give one model again and again.
        drawn = [[np.array(to_numpy(value)) for value in self.draw()] for _ in range(size)]
        shapes = [tuple(variable.shape) for variable in _variables(self.model)]
        if any([value.shape for value in values] != shapes for values in drawn):
            raise ArgumentError("the model must make models of one kind, and the shapes of their variables differ")
        return [self.keras.ops.convert_to_tensor(np.stack(column)) for column in zip(*drawn, strict=True)]


def _output(model: Any) -> Output:
    """Return the function (variables, input) -> outputs, flattened."""
    trainable = len(model.trainable_variables)

    def output(variables: Any, x: Any) -> Any:
        known = variables[:trainable], variables[trainable:]
        return model.stateless_call(*known, x[None], training=False)[0][0].reshape(-1)

    return output


def _with_jax(output: Output) -> Output:
    jax = library("jax")
    block: Output = jax.jit(jax.vmap(jax.jacrev(output, argnums=1), in_axes=(0, None)))
    return block


def _with_torch(output: Output) -> Output:
    func = library("torch").func
    block: Output = func.vmap(func.jacrev(output, argnums=1), in_dims=(0, None))
    return block


def _variables(model: Any) -> list[Any]:
    return [*model.trainable_variables, *model.non_trainable_variables]


def _drawn_again(model: Any) -> Draw:
    """Return a draw that calls the initialiser of each weight with a fresh seed; other variables, the states of generators, stay."""
    initialisers = _initialisers(model)

    def draw() -> list[Any]:
        fresh = [(v, _without_seed(initialisers.get(id(v)))) for v in _variables(model)]
        return [v.value if init is None else init(tuple(v.shape), dtype=v.dtype) for v, init in fresh]

    return draw


def _drawn_with_keys(model: Any) -> Callable[[Any], list[Any]]:
    """Return the same as a function of a key, which JAX can vectorise: on that backend an initialiser takes a key for a seed."""
    initialisers = _initialisers(model)
    variables = _variables(model)

    def draw(key: Any) -> list[Any]:
        values = []
        for variable, own in zip(variables, library("jax").random.split(key, len(variables)), strict=True):
            initialiser = _without_seed(initialisers.get(id(variable)))
            if hasattr(initialiser, "seed"):
                initialiser.seed = own
            values.append(
                variable.value if initialiser is None else initialiser(tuple(variable.shape), dtype=variable.dtype)
            )
        return values

    return draw


def _initialisers(model: Any) -> dict[int, Any]:
    """Return the initialiser of each weight, by the identity of its variable; refuse weights that cannot be drawn again."""
    found = {}
    for layer in model._flatten_layers():
        for part in ("kernel", "bias"):
            variable, initialiser = getattr(layer, part, None), getattr(layer, f"{part}_initializer", None)
            if variable is not None and type(initialiser).__module__.startswith("keras."):
                found[id(variable)] = initialiser
    for weight in model.weights:
        if id(weight) not in found:
            raise ArgumentError(
                f"model must have an initialiser of Keras for each weight, and {weight.path} has none: give a function that makes a fresh model"
            )
    return found


def _without_seed(initialiser: Any) -> Any:
    """Return a fresh initialiser of the kind, with a seed of its own where it takes one."""
    if initialiser is None:
        return None
    form = initialiser.get_config()
    return type(initialiser).from_config({**form, "seed": None} if "seed" in form else form)


def _input(x: object, model: Any) -> NDArray[Any]:
    import numpy as np

    if x is not None:
        return as_numpy(x).astype(np.float32)
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or None in shape[1:]:
        raise ArgumentError("x must be given for a model whose input_shape is not known")
    return np.ones(shape[1:], dtype=np.float32)
