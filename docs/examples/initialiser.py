"""Two initialisers of a ReLU network of widths 3, 8, 8, 2 with a linear output, as `pathmoments check` draws them."""

from itertools import pairwise

import numpy as np

WIDTHS = (3, 8, 8, 2)


def he(samples, seed, gain=2.0):
    """Return the Jacobians J[sample, q, p] of so many fresh networks, weights of variance gain / fan_in."""
    generator = np.random.default_rng(seed)
    x = np.ones((samples, WIDTHS[0], 1))
    jacobians = np.broadcast_to(np.eye(WIDTHS[0]), (samples, WIDTHS[0], WIDTHS[0]))
    for layer, (fan_in, fan_out) in enumerate(pairwise(WIDTHS), start=1):
        weights = generator.normal(0, np.sqrt(gain / fan_in), (samples, fan_out, fan_in))
        x, jacobians = weights @ x, weights @ jacobians
        if layer < len(WIDTHS) - 1:
            x, jacobians = x * (x > 0), jacobians * (x > 0)
    return jacobians


def forgotten(samples, seed):
    """Return those of an initialiser that forgets the gain of ReLU."""
    return he(samples, seed, gain=1.0)
