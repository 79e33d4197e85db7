"""The probability that a network is dead: in some layer all neurons are closed, and every derivative is 0.

Given the layers below, the signs of a layer's pre-activations are independent fair coins (flip the weights and the bias into one neuron), whatever the laws. So a ReLU
layer of n neurons is dead with probability 2^(-n), independently of the others; at zero bias this is so while the layers below are alive.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from flint import fmpz

from ..errors import BudgetError
from ..exact import Value, is_symbolic, product
from ..families import MAX_ALIVE_WIDTH, check_determined, family_of
from ..network import Network


def dead_probability(net: Network, *, layers: tuple[int, int] | None = None) -> Value:
    r"""Return the probability that in some layer all neurons are closed, 1 - prod_j (1 - 2^(-n_j)), exactly.

    The product is over the layers with a ReLU: a linear output layer never dies, and with a slope other than 0 nothing does. A dead layer makes J = 0. At zero bias it
    also makes the output 0, whatever the layers above; with biases the network is constant near the input. For weights without atoms J = 0 only so.

    Parameters
    ----------
    net
        The network, with any laws.
    layers
        (i, j) for the Jacobian of the layers i+1..j alone. At zero bias the layers below count too: a signal must reach layer i. By default the whole network.

    Returns
    -------
    A Fraction, or a sympy expression where a width is a symbol.

    Raises
    ------
    AtomsError
        If a pre-activation can be exactly 0: a law with atoms at zero bias.
    BudgetError
        If the layers have more than 1,000,000 neurons together: the fraction has as many bits.
    OutOfRangeError, ArgumentError
        For layers outside the network.

    Cost
    ----
    One product of numbers with as many bits as there are neurons.

    >>> from pathmoments import Network, dead_probability
    >>> dead_probability(Network([2, 3, 2]))
    Fraction(11, 32)
    >>> dead_probability(Network([1, 1, 1, 1], output="linear")), dead_probability(Network([2, 3, 2], slope="1/4"))
    (Fraction(3, 4), Fraction(0, 1))
    """
    family = family_of(net, {(0, 0): 2}, layers=layers)
    check_determined(net, family)
    if net.slope != 0:
        return Fraction(0)
    first = 0 if net.bias == "zero" and net.activated(family.first + 1) else family.first
    widths = Counter(net.widths[layer] for layer in range(first + 1, family.last + 1) if net.activated(layer))
    if any(map(is_symbolic, widths)):
        import sympy

        return 1 - sympy.Mul(*((1 - sympy.Rational(1, 2) ** width) ** times for width, times in widths.items()))
    bits = sum(width * times for width, times in widths.items())
    if bits > MAX_ALIVE_WIDTH:
        raise BudgetError(
            f"the probability of a dead layer has a denominator of more than {MAX_ALIVE_WIDTH:,} bits: it is at most the sum of 2^(-n_j) over "
            "the layers; give fewer or narrower layers"
        )
    alive = product((fmpz(1) << width) - 1 for width in widths.elements())
    return 1 - Fraction(int(alive), 1 << bits)
