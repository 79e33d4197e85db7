"""The deep classifier's Jacobians are what they should be, as this project hands them on."""

from model import DEEP_WIDTHS, deep_jacobians
from pathmoments import Network

NET = Network(DEEP_WIDTHS, variance="1/2500", output="linear", bias="zero")  # 0.02 squared


def test_deep(assert_conforms):
    """Entries of about 1e-9 survive."""
    assert_conforms(deep_jacobians, NET, effect=1)
