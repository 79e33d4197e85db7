"""A network whose balls have as many correct bits as asked for: where 100 do not decide how a decimal is rounded."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, ctx

from ..domains import MAX_PRECISION, Balls, Domain
from ..errors import UndecidedError
from ..exact import Value
from ..network import Network


class FinerBalls(Balls):
    """Balls of at least `bits` correct bits."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def settle(self, compute: Callable[[], Value]) -> Value:
        """Return `compute()` at the first precision that gives so many correct bits."""
        precision = 2 * self.bits
        while precision <= MAX_PRECISION:
            with ctx.workprec(precision):
                ball = compute()
                assert isinstance(ball, arb)
                if ball.rel_accuracy_bits() >= self.bits:
                    return ball
            precision *= 2
        raise UndecidedError(f"no {self.bits} bits of the value could be decided at {MAX_PRECISION} bits: {ball}")


class FinerNetwork(Network):
    """The same network, with finer balls."""

    __slots__ = ("bits",)
    bits: int

    @classmethod
    def of(cls, net: Network, bits: int) -> FinerNetwork:
        """Return the network `net` with balls of at least `bits` correct bits."""
        finer = cls(
            net.widths, law=net.laws, variance=net.variance, output=net.output, slope=net.slope, bias=net.bias,
            bias_variance=net.bias_variance,
        )  # fmt: skip
        object.__setattr__(finer, "bits", bits)
        return finer

    def domain(self, first: int, last: int, order: int, *, biases: bool = False) -> Domain:
        """Return the domain of the sums, finer where it has balls."""
        domain = super().domain(first, last, order, biases=biases)
        return FinerBalls(self.bits) if isinstance(domain, Balls) else domain
