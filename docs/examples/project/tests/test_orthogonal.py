"""The orthogonal classifier is orthogonal."""

from model import WIDTHS, make_orthogonal
from pathmoments import Network, Orthogonal
from pathmoments.frameworks import torch_jacobians

NET = Network(WIDTHS, law=Orthogonal(gain_squared=2), output="linear", bias="zero")


def draw(samples, seed):
    """Return Jacobians of fresh classifiers."""
    return torch_jacobians(make_orthogonal, samples, seed=seed)


def test_orthogonal(assert_conforms):
    """Normal weights of the same variance have the same mean square, and a fourth moment that is larger by 23 %."""
    assert_conforms(draw, NET, quantities="mean:4", effect="1/5")
