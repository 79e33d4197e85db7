"""Jacobians of freshly initialised JAX models: initialiser, model and derivative are one vectorised, compiled function of the sample's number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..arrays import as_numpy
from ..errors import ArgumentError, must_be
from ..routes.sampling import fresh_seed
from .libraries import library
from .seeds import block_sizes, checked_batch, checked_samples, words

if TYPE_CHECKING:
    from numpy.typing import NDArray


def jax_jacobians(
    init_fn: Callable[[Any], Any],
    apply_fn: Callable[[Any, Any], Any],
    samples: int,
    *,
    x: object,
    batch: int | None = None,
    seed: int | None = None,
) -> Iterator[NDArray[Any]]:
    """Yield input-output Jacobians of freshly initialised models, block by block.

    Parameters
    ----------
    init_fn
        A function of a key that returns parameters, any tree of arrays. For a Flax module: `lambda key: module.init(key, x)`.
    apply_fn
        The function (parameters, input) -> output, such as `module.apply`.
    samples
        How many networks to draw.
    x
        The input, one sample of any shape; an array of JAX keeps its type.
    batch
        How many models are drawn and differentiated at once. By default it depends on their size: at most 1024, and few enough to fit in tens of
        megabytes. The arrays do not depend on it.
    seed
        A whole number: the same (init_fn, apply_fn, samples, seed) gives the same arrays; sample s draws from `fold_in(key, s)`. By default a fresh one.

    Yields
    ------
    Arrays J of shape (samples of the block, n_d, n_0) with J[s, q, p] = d f_q / d x_p of sample s; inputs and outputs of more dimensions are flattened.

    Raises
    ------
    ArgumentError
        If a function is none, or the samples or the batch are no whole number.
    MissingExtraError
        If jax is not installed.

    Both functions are traced and compiled once, whatever the number of calls with the same two: they must draw from the key alone. Memory is that of one block.
    """
    jax = library("jax")
    for name, function in (("init_fn", init_fn), ("apply_fn", apply_fn)):
        if not callable(function):
            raise ArgumentError(must_be(name, "a function", function))
    samples, batch = checked_samples(samples), checked_batch(batch)
    import numpy as np

    key = jax.random.wrap_key_data(np.array(words(fresh_seed(seed)), dtype=np.uint32), impl="threefry2x32")
    inputs = x if isinstance(x, jax.Array) else jax.numpy.asarray(as_numpy(x))

    def size(index: Any) -> Any:
        parameters = init_fn(jax.random.fold_in(key, index))
        return parameters, apply_fn(parameters, inputs)

    parameters, outputs = jax.eval_shape(size, 0)
    numbers = sum(leaf.size for leaf in jax.tree.leaves(parameters)) + 2 * outputs.size * inputs.size
    try:
        block = _compiled(init_fn, apply_fn)
    except TypeError:  # a callable that has no hash
        block = _compiled.__wrapped__(init_fn, apply_fn)
    return _blocks(lambda indices: block(key, inputs, indices), block_sizes(samples, numbers, batch))


@lru_cache(maxsize=16)
def _compiled(init_fn: Callable[[Any], Any], apply_fn: Callable[[Any, Any], Any]) -> Callable[[Any, Any, Any], Any]:
    """Return (key, input, samples' numbers) -> Jacobians, compiled once for the two functions: a check asks for batch after batch."""
    jax = library("jax")

    def jacobian(key: Any, inputs: Any, index: Any) -> Any:
        parameters = init_fn(jax.random.fold_in(key, index))
        rows = jax.jacrev(lambda given: apply_fn(parameters, given).reshape(-1))(inputs)
        return rows.reshape(-1, inputs.size)

    compiled: Callable[[Any, Any, Any], Any] = jax.jit(jax.vmap(jacobian, in_axes=(None, None, 0)))
    return compiled


def _blocks(block: Callable[[Any], Any], sizes: list[int]) -> Iterator[NDArray[Any]]:
    import numpy as np

    # Blocks are drawn whole, a power of two, and cut: one compiled function serves the last one, and calls for other numbers of samples.
    whole = 1 << (sizes[0] - 1).bit_length()
    starts = range(0, sizes[0] * len(sizes), sizes[0])
    for start, size in zip(starts, sizes, strict=True):
        yield as_numpy(block(np.arange(start, start + whole, dtype=np.uint32)))[:size]
