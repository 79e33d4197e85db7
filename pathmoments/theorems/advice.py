"""Which architecture: the one of least beta for a budget, beside others, with the exact statistics of their gradients.

beta = sum 1/n_j is what the paper's bounds are functions of. The exact values stand beside it because it does not say all: (12) and (15) leave much
room, and (15) none at all with one output and first-layer weights of constant size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from ..domains import BALL_BITS
from ..errors import ArgumentError
from ..exact import Value, integer, scaled, to_fmpq
from ..laws import Law, law_to_text
from ..network import Network
from ..quantities.moments import moment
from ..quantities.variance import empirical_variance
from .allocation import Allocation, parameter_count, spend_neurons, spend_parameters
from .readable import aligned, short_text, widths_text
from .statement import beta

Laws = Law | str | Sequence[Law | str]
Candidate = Network | Sequence[int]


@dataclass(frozen=True)
class Architecture:
    """One architecture and the statistics of its gradients.

    Attributes
    ----------
    network
        Its widths and laws.
    neurons
        Its hidden neurons.
    parameters
        Its weights, and its biases if they are counted.
    beta
        sum 1/n_j over the hidden layers.
    fourth_moment
        n_0^2 E Z[p, q]^4.
    spread
        E dVar, the expected empirical variance of the squared entries of the Jacobian.
    square_variance
        Var Z[p, q]^2 = E Z^4 - (E Z^2)^2.
    advised
        Whether it is the one that the budget is best spent on.
    """

    network: Network
    neurons: int
    parameters: int
    beta: Fraction
    fourth_moment: Value
    spread: Value
    square_variance: Value
    advised: bool = False

    @classmethod
    def of(cls, net: Network, *, biases: bool = True, advised: bool = False) -> Architecture:
        """Return the statistics of a network.

        Raises
        ------
        ArgumentError
            If a width or a law is symbolic: there would be nothing to compare.
        AtomsError
            As in :func:`pathmoments.moment`.

        >>> shown = Architecture.of(Network([2, 3, 2]))
        >>> shown.beta, shown.fourth_moment, shown.spread, shown.square_variance
        (Fraction(1, 3), Fraction(16, 1), Fraction(29, 12), Fraction(15, 4))
        """
        widths = net.numeric_widths("a comparison")
        if net.symbols or any(law.symbolic for law in net.laws):
            raise ArgumentError(
                "a comparison needs numbers, and a law or a variance is symbolic: choose one with numbers"
            )
        with ctx.workprec(2 * BALL_BITS):  # for laws that are not rational
            fourth: Any = moment(net, {(0, 0): 4})
            second: Any = moment(net, {(0, 0): 2})
            values = scaled(fourth, Fraction(widths[0] ** 2)), empirical_variance(net), fourth - second**2
        count = parameter_count(widths, biases=biases)
        return cls(net, sum(widths[1:-1]), count, beta(net), *values, advised)

    @property
    def deviation(self) -> arb:
        """The standard deviation of Z[p, q]^2, the square root of `square_variance`, as a ball."""
        with ctx.workprec(2 * BALL_BITS):
            square = self.square_variance
            return (square if isinstance(square, arb) else arb(to_fmpq(square))).sqrt()

    @property
    def cells(self) -> dict[str, str]:
        """The statistics for eyes, to six digits, by the names of their columns."""
        return {
            "widths": widths_text(self.network.numeric_widths("a table")),
            "neurons": f"{self.neurons:,}",
            "parameters": f"{self.parameters:,}",
            "beta": short_text(self.beta),
            "n_0^2 E Z^4": short_text(self.fourth_moment),
            "E dVar": short_text(self.spread),
            "sd Z^2": short_text(self.deviation),
        }


@dataclass(frozen=True)
class Advice:
    """Architectures side by side, the first of them, where there was a budget, the best one for it.

    Attributes
    ----------
    architectures
        The advised one, then those to compare with, in the order given.
    allocation
        The best hidden widths, whether that is proved, and else the gap; None without a budget.
    budget
        What was to be spent: "640 neurons" or "10,000,000 parameters"; "" without a budget.
    multiple
        What all hidden widths of the advised one are multiples of.
    biases
        Whether parameters count biases.
    """

    architectures: tuple[Architecture, ...]
    allocation: Allocation | None = None
    budget: str = ""
    multiple: int = 1
    biases: bool = True

    @property
    def laws(self) -> str:
        """The law of the weights, where all architectures have one and the same, else ""."""
        laws = {law for one in self.architectures for law in one.network.laws}
        return law_to_text(laws.pop()) if len(laws) == 1 else ""

    @property
    def verdict(self) -> str:
        """One sentence on the advised architecture, "" without a budget."""
        if self.allocation is None:
            return ""
        steps = f" in multiples of {self.multiple}" if self.multiple > 1 else ""
        text = f"{self.budget}: hidden widths {widths_text(self.allocation.widths)}{steps}, beta = {short_text(self.allocation.beta, 10)}, "
        if self.allocation.optimal:
            return text + "the least possible"
        share = self.allocation.gap / self.allocation.beta
        return (
            text
            + f"at most {short_text(self.allocation.gap, 3)} ({short_text(share, 2)} of it) above the least possible"
        )

    def __str__(self) -> str:
        rows = [one.cells for one in self.architectures]
        heading = [self.verdict, ""] if self.verdict else []
        note = ["", f"law of the weights: {self.laws}"] if self.laws else []
        return "\n".join([*heading, *aligned([list(rows[0]), *(list(row.values()) for row in rows)]), *note])


def advise(
    depth: int | None = None,
    *,
    inputs: int | None = None,
    outputs: int | None = None,
    neurons: int | None = None,
    parameters: int | None = None,
    multiple: int = 1,
    biases: bool = True,
    law: Laws = "gaussian",
    compare: Iterable[Candidate] = (),
) -> Advice:
    """Return the hidden widths of least beta for a budget, and the exact statistics of this architecture and of others.

    Parameters
    ----------
    depth, inputs, outputs
        The number of layers of weights (one more than hidden layers), n_0 and n_d. Needed with a budget.
    neurons
        The budget: the most hidden neurons. Inputs and outputs do not count.
    parameters
        The budget, instead: the most weights of all layers, and biases of all layers unless told otherwise.
    multiple
        What all hidden widths must be multiples of.
    biases
        Whether biases count as parameters.
    law
        The law of the weights, one for all layers or one a layer; variances are the paper's 2 / fan_in.
    compare
        Widths (n_0, ..., n_d) of other architectures, or networks, to stand beside it. Without a budget these alone are compared.

    Returns
    -------
    An :class:`pathmoments.theorems.Advice`.

    Raises
    ------
    ArgumentError
        If there is neither a budget nor anything to compare, or two budgets; if the budget does not allow one step for each layer, with the
        smallest that would do; if a number is none.
    AtomsError, UnknownNameError
        From the networks.

    Cost
    ----
    For neurons none. For parameters a fraction of a second, and some seconds at most up to depth 300, after which the gap is told that is left to prove:
    10^7 parameters at depths 20 and 50, and 10^8 at depth 200, were proved; 10^9 at depth 300 were left with a gap of 10^-7 of beta. Then some
    milliseconds an architecture, linear in the depth.

    Source: Hanin (2018), (2): with the depth fixed, a budget is best spent on equal widths. Exactly so for neurons; for parameters the first and the last
    layer have other prices.

    >>> print(advise(4, inputs=16, outputs=2, neurons=24, compare=[[16, 4, 8, 12, 2]]))
    24 neurons: hidden widths 8,8,8, beta = 0.375, the least possible
    <BLANKLINE>
    widths       neurons  parameters      beta  n_0^2 E Z^4     E dVar    sd Z^2
    16,8,8,8,2        24         298     0.375      25.7461  0.0777531  0.310909
    16,4,8,12,2       24         242  0.458333      31.0781  0.0941086  0.342772
    <BLANKLINE>
    law of the weights: gaussian
    """
    integer(multiple, "multiple", minimum=1, what="a whole number of neurons, 1 or more")
    others = [_network(one, law) for one in compare]
    if neurons is None and parameters is None:
        if not others:
            raise ArgumentError(
                "give a budget, neurons=... or parameters=..., or architectures to compare, compare=[[...], ...]"
            )
        return Advice(tuple(Architecture.of(net, biases=biases) for net in others), biases=biases)
    allocation, budget, ends = _allocated(depth, inputs, outputs, neurons, parameters, multiple, biases)
    best = Architecture.of(Network((ends[0], *allocation.widths, ends[1]), law=law), biases=biases, advised=True)
    return Advice(
        (best, *(Architecture.of(net, biases=biases) for net in others)), allocation, budget, multiple, biases
    )


def _allocated(
    depth: object, inputs: object, outputs: object, neurons: object, parameters: object, multiple: int, biases: bool
) -> tuple[Allocation, str, tuple[int, int]]:
    """Return the allocation of the one budget that is given, the budget in words, and the checked ends of the network."""
    if neurons is not None and parameters is not None:
        raise ArgumentError("give one budget, neurons or parameters, not both")
    missing = [name for name, value in (("depth", depth), ("inputs", inputs), ("outputs", outputs)) if value is None]
    if missing:
        raise ArgumentError(f"with a budget, give {' and '.join(missing)} too")
    hidden = (
        integer(depth, "depth", minimum=2, what="a whole number of layers, 2 or more: with hidden widths to choose") - 1
    )
    first = integer(inputs, "inputs", minimum=1, what="a whole number of neurons, 1 or more")
    last = integer(outputs, "outputs", minimum=1, what="a whole number of neurons, 1 or more")
    if neurons is not None:
        amount = integer(neurons, "neurons", minimum=0, what="a whole number")
        return spend_neurons(amount, hidden, multiple=multiple), f"{amount:,} neurons", (first, last)
    amount = integer(parameters, "parameters", minimum=0, what="a whole number")
    allocation = spend_parameters(amount, hidden, inputs=first, outputs=last, multiple=multiple, biases=biases)
    return allocation, f"{amount:,} parameters", (first, last)


def _network(candidate: Candidate, law: Laws) -> Network:
    if isinstance(candidate, Network):
        return candidate
    return Network(candidate, law=law)
