"""The classifier is initialised as it should be."""

from model import WIDTHS, make
from pathmoments import Network
from pathmoments.frameworks import torch_jacobians

NET = Network(WIDTHS, output="linear", bias="zero")  # He's rule, normal weights


def test_initialisation(assert_conforms):
    """The size of the Jacobian, the weight of its tails and the seeds are those of He's rule: to 25 %."""
    assert_conforms(lambda samples, seed: torch_jacobians(make, samples, seed=seed), NET, effect="1/4")
