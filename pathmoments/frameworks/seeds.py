"""Blocks of samples and their seeds: what a block draws depends on the seed and on its place, and on nothing that ran before."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..exact import integer

BLOCK_NUMBERS = 1 << 22
"""Numbers, of parameters and Jacobians, in one block: about 16 MB in float32."""
MAX_BLOCK = 1 << 10
"""Samples in one block of a small network."""
SPREAD = 0x9E3779B1
"""An odd number: its multiples modulo 2^32 are all different, so no two blocks have one seed (torch's generator takes 32 bits)."""


def block_sizes(samples: int, numbers: int, batch: int | None) -> list[int]:
    """Return the sizes of the blocks: `batch`, or by the numbers that one sample has; the last may be smaller."""
    if batch is None:
        batch = max(1, min(MAX_BLOCK, BLOCK_NUMBERS // max(1, numbers)))
    whole, rest = divmod(samples, batch)
    return [batch] * whole + ([rest] if rest else [])


def checked_samples(samples: object) -> int:
    """Return the number of samples."""
    return integer(samples, "samples", minimum=1, what="a whole number, 1 or more")


def checked_batch(batch: object) -> int | None:
    """Return the size of a block, or None where the network decides it."""
    return None if batch is None else integer(batch, "batch", minimum=1, what="a whole number, 1 or more")


def words(seed: int) -> tuple[int, int]:
    """Return two 32-bit words that depend on all of the seed."""
    import numpy as np

    first, second = np.random.SeedSequence(seed).generate_state(2)
    return int(first), int(second)


def block_seed(seed: int, block: int) -> int:
    """Return the 32-bit seed of a block; different blocks have different ones."""
    return (words(seed)[0] + block * SPREAD) % 2**32


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global generators of Python, numpy and torch, and leave them afterwards as they were found."""
    import numpy as np

    python, numpy = random.getstate(), np.random.get_state()  # the user's constructor may draw from it
    torch: Any = sys.modules.get("torch")
    try:
        random.seed(seed)
        np.random.seed(seed)
        if torch is None:
            yield
            return
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
