"""What a user hands over, as blocks of Jacobians J[sample, q, p]: an array, blocks of one, or a function that draws."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeGuard

from ..arrays import SIGNIFICANDS, as_numpy, unit_roundoff
from ..errors import ArgumentError, UnknownNameError, must_be
from ..network import Network
from .rounding import Units

if TYPE_CHECKING:
    from numpy.typing import NDArray

Sampler = Callable[..., Any]
"""(samples, seed) -> an array of so many Jacobians, or blocks of it; a function of the number alone draws as it likes."""


@dataclass(frozen=True)
class Block:
    """Some Jacobians, float, and the unit roundoff of the type in which they came."""

    jacobians: NDArray[Any]
    stored: Fraction


def is_sampler(samples: object) -> TypeGuard[Sampler]:
    """Whether `samples` draws networks when it is called."""
    return callable(samples) and not hasattr(samples, "__array__")


def blocks_of(samples: object, net: Network) -> Iterator[Block]:
    """Yield the Jacobians of an array, or of an iterable of arrays, with their shape checked."""
    if hasattr(samples, "shape") or (
        isinstance(samples, (list, tuple)) and samples and not hasattr(samples[0], "shape")
    ):
        yield _block(samples, net)
    elif isinstance(samples, Iterable) and not isinstance(samples, (str, bytes, dict)):
        for part in samples:
            yield _block(part, net)
    else:
        raise ArgumentError(
            must_be(
                "samples",
                "an array J[sample, q, p], an iterable of such, or a function (samples, seed) that draws one",
                samples,
            )
        )


def _block(array: object, net: Network) -> Block:
    inputs, *_, outputs = net.numeric_widths("a check")
    values = as_numpy(array)
    if values.ndim == 2 and values.shape == (outputs, inputs):
        values = values[None]
    if values.ndim != 3 or values.shape[1:] != (outputs, inputs):
        way_out = ""
        if values.ndim == 3 and values.shape[1:] == (inputs, outputs):
            way_out = "it has inputs before outputs: give samples.swapaxes(1, 2)"
        raise ArgumentError(
            must_be(
                "samples",
                f"an array of shape (samples, {outputs}, {inputs}), J[sample, q, p]",
                f"the array of shape {values.shape}",
                way_out,
            )
        )
    return Block(values, unit_roundoff(array))


def check_sampler(sampler: Sampler) -> None:
    """Refuse a function that cannot be called with a number of samples, before it is."""
    try:
        inspect.signature(sampler).bind(*((1, 0) if takes_seed(sampler) else (1,)))
    except TypeError as error:
        way_out = f"this one cannot be called so: {error}"
        raise ArgumentError(
            must_be("a sampler", "a function of (samples, seed), or of samples alone", sampler, way_out)
        ) from None
    except ValueError:  # no signature to look at
        return


@dataclass(frozen=True)
class Drawing:
    """A user's function, called for one batch after another; each batch has a seed of its own."""

    sampler: Sampler
    net: Network
    seed: int

    def batch(self, index: int, samples: int) -> Block:
        """Draw a batch, in whatever blocks it comes."""
        import numpy as np

        drawn = self.sampler(samples, child_seed(self.seed, index)) if self.seeded else self.sampler(samples)
        blocks, count = [], 0
        for block in blocks_of(drawn, self.net):
            blocks.append(block)
            count += len(block.jacobians)
            if count > samples:  # there may be no end of them
                break
        if count != samples:
            more = " or more" if count > samples else ""
            raise ArgumentError(
                f"the sampler was asked for {samples:,} networks and gave {count:,}{more}: it must give as many as it is asked for"
            )
        return Block(np.concatenate([block.jacobians for block in blocks]), max(block.stored for block in blocks))

    @property
    def seeded(self) -> bool:
        """Whether the function takes a seed."""
        return takes_seed(self.sampler)


def takes_seed(sampler: Sampler) -> bool:
    """Whether a sampler takes (samples, seed), not the number alone; a second argument with a default is a seed only by that name."""
    try:
        signature = inspect.signature(sampler)
    except ValueError:  # a function without a signature, as some builtins are
        return True
    try:
        bound = signature.bind(1, 0)
    except TypeError:
        return False
    second = list(bound.signature.parameters.values())[len(bound.args) - 1 :][:1]
    return all(one.default is one.empty or one.name == "seed" for one in second)


def child_seed(seed: int, index: int) -> int:
    """Return the 32-bit seed of a batch, which every generator takes."""
    import numpy as np

    return int(np.random.SeedSequence(seed, spawn_key=(index,)).generate_state(1)[0])


def units_for(stored: Fraction, arithmetic: str | None) -> Units:
    """Return the unit roundoffs: computed in the type in which the samples came, unless `arithmetic` names another."""
    if arithmetic is None:
        return Units(stored, stored)
    if arithmetic not in SIGNIFICANDS:
        raise UnknownNameError(must_be("arithmetic", "one of " + ", ".join(SIGNIFICANDS), arithmetic))
    return Units(Fraction(1, 2 ** SIGNIFICANDS[arithmetic]), stored)
