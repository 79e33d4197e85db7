"""The edges of a graph."""

from __future__ import annotations

from dataclasses import dataclass

from ..exact import Value
from ..laws import Law


@dataclass(frozen=True)
class Edge:
    """An edge between two nodes, given by their places in the topological order: a law with a variance, or a fixed weight.

    An edge with a law has a weight of its own, independent of all others.
    """

    start: int
    end: int
    law: Law | None = None
    variance: Value | None = None
    weight: Value | None = None

    @property
    def random(self) -> bool:
        """Whether the weight is random."""
        return self.law is not None
