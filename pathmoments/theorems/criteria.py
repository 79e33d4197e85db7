"""(7), (8), (9): which families of architectures avoid exploding and vanishing gradients, annealed and quenched.

A family n_1, n_2, ... of hidden widths, taken at every depth, avoids the problem

    (7) annealed, if sup over the depth of n_0^K E Z[p, q]^2K is finite for every K,
    (9) quenched, if sup over the depth of E dVar is finite,

and the paper's answer to both is (8): if and only if sum_j 1/n_j converges. "If" is (13) and (14), "only if" is (12) and (15), whose right sides are
functions of beta, the partial sum. The paper writes (7) and (9) for E Z^2 = 1, against 1/n_0 in its (11); here the power of n_0 is written out.

"Only if" has a hole in (9): with one output and first-layer weights of constant size (15) is 0 and forces nothing. The verdict then says so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

from flint import ctx

from ..domains import BALL_BITS
from ..exact import Value, decimal_text, scaled
from ..laws import Law
from ..network import Network
from ..quantities.moments import moment
from .bound import Bound
from .convergence import Decision
from .statement import Status, Verdict, beta, largest_fourth_moment
from .variance_bounds import VarianceLower, VarianceUpper
from .width_families import REACH, WidthFamily, sequence_of_depths

DEPTHS = (1, 2, 4, 8, 16, 32, 64)
"""Depths at which a family is judged: a network of depth d has d - 1 hidden layers."""

BETA = 4
"""The depth at which the beta of a divergent family exceeds this is told."""


class Criterion(ABC):
    """One of (7), (8), (9): what it is about, and its verdicts on a family."""

    equation: ClassVar[str]
    title: ClassVar[str]
    what: ClassVar[str]
    depends_on_law: ClassVar[bool] = True

    def judge_family(
        self, family: WidthFamily, *, law: Law | str = "gaussian", depths: Iterable[int] = DEPTHS
    ) -> list[Verdict]:
        """Return one verdict a depth: the exact value there, its bounds compared with it, and in the note what is decided of the family.

        Parameters
        ----------
        family
            The family; for a formula write ``WidthFamily("j^2")``.
        law
            The law of all weights.
        depths
            Numbers of layers of weights: one more than hidden layers.

        Returns
        -------
        Verdicts whose status is "violated" where a bound fails, else "undecided" where the family's sum is, else what the comparison gave.

        Raises
        ------
        ArgumentError, UndecidedError
            From the widths of the family, see :meth:`pathmoments.WidthFamily.widths`.
        """
        decision = family.decide()
        return [self._judge(family, decision, family.network(depth, law=law)) for depth in sequence_of_depths(depths)]

    def answer(self, family: WidthFamily, *, law: Law | str = "gaussian") -> str:
        """Return what the paper says of the family: "avoided", "not avoided", "undecided", or why it says nothing.

        >>> [CRITERIA[equation].answer(WidthFamily("j")) for equation in ("7", "8", "9")]
        ['not avoided', 'diverges', 'not avoided']
        """
        return {True: "avoided", False: "not avoided", None: "undecided"}[family.decide().converges]

    @abstractmethod
    def _judge(self, family: WidthFamily, decision: Decision, net: Network) -> Verdict:
        """Return the verdict on the family's network of one depth."""

    def _verdict(
        self,
        decision: Decision,
        exact: Value,
        lower: Bound | None,
        upper: Bound | None,
        note: str,
        *,
        everywhere: Bound | None = None,
        order: int = 0,
    ) -> Verdict:
        """Return the verdict that the comparisons and the decision give together; `everywhere` bounds the value at every depth."""
        below = lower.compare(exact) if lower is not None else 1
        above = -upper.compare(exact) if upper is not None else 1
        status: Status = "attained" if 0 in (below, above) else "holds"
        if min(below, above) < 0 or (everywhere is not None and everywhere.compare(exact) > 0):
            status = "violated"
        elif decision.converges is None:
            status = "undecided"
        return Verdict(self.equation, self.title, status, exact, lower, upper, f"{decision}{note}", order)


class Annealed(Criterion):
    """(7), at K = 2, between the bounds of (12)."""

    equation = "7"
    title = "n_0^2 E Z^4"
    what = "sup over the depth of n_0^K E Z^2K is finite for every K (7) iff sum 1/n_j converges (8): shown at K = 2, with (12)"

    def _judge(self, family: WidthFamily, decision: Decision, net: Network) -> Verdict:
        mt4, b, inputs = largest_fourth_moment(net), beta(net), family.inputs
        with ctx.workprec(2 * BALL_BITS):  # for laws that are not rational
            exact = scaled(moment(net, {(0, 0): 4}), Fraction(inputs**2))
        lower = Bound.of(Fraction(2), b / 2)
        upper = Bound.of(scaled(mt4, Fraction(6)), scaled(mt4, 6 * b))
        everywhere = _everywhere(family, decision, mt4, Fraction(1))
        note = _consequence(family, decision, everywhere, "n_0^2 E Z^4", "n_0^2 E Z^4 >= 2 exp(beta/2)")
        # Its order stays 0: the power of n_0 is in the value already.
        return self._verdict(decision, exact, lower, upper, note, everywhere=everywhere)


class Summability(Criterion):
    """(8): beta, against the bound of the sum where there is one."""

    equation = "8"
    title = "beta"
    what = "sum 1/n_j converges or diverges (8): decided on the scales of Bertrand's series; beta against a bound of the sum"
    depends_on_law = False

    def answer(self, family: WidthFamily, *, law: Law | str = "gaussian") -> str:
        """Return "converges", "diverges" or "undecided"."""
        return {True: "converges", False: "diverges", None: "undecided"}[family.decide().converges]

    def _judge(self, family: WidthFamily, decision: Decision, net: Network) -> Verdict:
        bound = family.sum_bound() if decision.converges else None
        note = _depth_note(family) if decision.converges is False else ""
        return self._verdict(decision, beta(net), None, None if bound is None else Bound.of(bound), note)


class Quenched(Criterion):
    """(9): E dVar, between the bounds (15) and (14)."""

    equation = "9"
    title = "E dVar"
    what = "sup over the depth of E dVar is finite (9) iff sum 1/n_j converges (8): with (14) and (15)"

    def answer(self, family: WidthFamily, *, law: Law | str = "gaussian") -> str:
        """Return "avoided", "not avoided", "undecided", or why the paper says nothing."""
        if family.inputs * family.outputs == 1:
            return "avoided: one entry has no spread"
        below = VarianceLower().judge(family.network(2, law=law))
        if below.status == "vacuous" and family.decide().converges is False:
            return "not forced: with one output and first-layer weights of constant size the bound (15) is 0"
        return super().answer(family, law=law)

    def _judge(self, family: WidthFamily, decision: Decision, net: Network) -> Verdict:
        above, below = VarianceUpper().judge(net), VarianceLower().judge(net)
        assert above.exact is not None
        if above.status == "degenerate":
            return Verdict(self.equation, self.title, "degenerate", above.exact, note=f"{above.note}; {decision}")
        entries = family.inputs * family.outputs
        factor = Fraction(entries - 1, entries * family.inputs**2)
        everywhere = _everywhere(family, decision, largest_fourth_moment(net), factor)
        forced = "E dVar is at least the bound (15)"
        note = _consequence(family, decision, everywhere, self.title, forced)
        vacuous = below.status == "vacuous"
        if vacuous and decision.converges is False:
            note = f"; but {below.note}: (15) forces nothing here, and E dVar need not grow{_depth_note(family)}"
        lower = None if vacuous else below.lower
        verdict = self._verdict(decision, above.exact, lower, above.upper, note, everywhere=everywhere, order=4)
        if vacuous and decision.converges is False and verdict.status != "violated":
            return replace(verdict, status="vacuous", lower=below.lower)
        return verdict


def _everywhere(family: WidthFamily, decision: Decision, mt4: Value, factor: Fraction) -> Bound | None:
    """Return factor * 6 mt4 exp(6 mt4 S) with S above every beta of a convergent family, None where no S is known."""
    bound = family.sum_bound() if decision.converges else None
    return None if bound is None else Bound.of(scaled(mt4, 6 * factor), scaled(mt4, 6 * bound))


def _consequence(family: WidthFamily, decision: Decision, everywhere: Bound | None, quantity: str, forced: str) -> str:
    """Return what follows for the quantity at every depth, with numbers where there are some."""
    if decision.converges is None:
        return ""
    if not decision.converges:
        return f"; so {forced}, which is unbounded{_depth_note(family)}"
    bound = family.sum_bound()
    if bound is None:
        return f"; so {quantity} is bounded"
    return f"; so beta stays below {decimal_text(bound, 30)}, and {quantity} below about {everywhere}, at every depth"


def _depth_note(family: WidthFamily) -> str:
    depth = family.depth_beyond(BETA)
    return f"; beta exceeds {BETA} " + (f"first at depth {depth:,}" if depth else f"beyond depth {REACH + 1:,}")


CRITERIA: dict[str, Criterion] = {
    criterion.equation: criterion for criterion in (Annealed(), Summability(), Quenched())
}


def criteria(
    family: WidthFamily | str, *, law: Law | str = "gaussian", depths: Iterable[int] = DEPTHS
) -> list[Verdict]:
    """Return the verdicts of (7), (8) and (9) on a family of widths, in this order, one a depth each.

    Parameters
    ----------
    family
        A :class:`WidthFamily`, or its formula (with two inputs and two outputs).
    law
        The law of all weights.
    depths
        Numbers of layers of weights: one more than hidden layers.

    Returns
    -------
    Verdicts; see :meth:`pathmoments.theorems.Criterion.judge_family`.

    Raises
    ------
    ArgumentError, UnknownNameError, UndecidedError
        If the formula is none, or gives no widths at these depths.

    Cost
    ----
    The decision, at most a few seconds, once a formula; then some milliseconds a depth, linear in it.

    >>> [(verdict.equation, verdict.status, str(verdict.exact)) for verdict in criteria("j^2", depths=[3])]
    [('7', 'holds', '81'), ('8', 'holds', '5/4'), ('9', 'holds', '99/8')]
    """
    chosen = WidthFamily(family) if isinstance(family, str) else family
    kept = sequence_of_depths(depths)
    return [verdict for one in CRITERIA.values() for verdict in one.judge_family(chosen, law=law, depths=kept)]
