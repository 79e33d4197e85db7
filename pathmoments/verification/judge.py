"""One task of a verification: all statements on one network, or all criteria on one family of widths. Runs in any process."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from math import log10
from typing import Any

from ..exact import Value, fraction_text
from ..network import Network
from ..quantities.median_of_means import Simulation
from ..theorems import CRITERIA, STATEMENTS, Verdict, WidthFamily, beta
from ..theorems.criteria import DEPTHS
from .report import Finding


def judge(task: str) -> str:
    """Return the findings of a task, as JSON text."""
    content = json.loads(task)
    findings = _network(content) if content["task"] == "verify/1" else _family(content)
    return json.dumps([finding.to_json() for finding in findings], separators=(",", ":"))


def _network(content: dict[str, Any]) -> Iterable[Finding]:
    net = Network(content["widths"], law=content["law"], output=content["output"])
    name = ",".join(map(str, content["widths"])) + f" --law {content['law']}"
    name += f" --output {content['output']}" if content["output"] != "relu" else ""
    for equation in content["statements"]:
        statement = STATEMENTS[equation]
        simulation = _simulation(content) if not statement.bounding else None
        verdicts = statement.judge_all(net, content["orders"], simulation=simulation, budget=content["budget"])
        yield from (_finding(verdict, net, name) for verdict in verdicts)


def _simulation(content: dict[str, Any]) -> Simulation | None:
    """Return the simulation of a network: its seed is the grid's and the network's, so networks are drawn independently."""
    if content["simulation"] is None:
        return None
    samples, groups, seed = content["simulation"]
    laws = [*content["widths"], *content["law"].encode(), *content["output"].encode()]
    return Simulation(samples, groups, seed * 257 ** len(laws) + sum(n * 257**i for i, n in enumerate(laws)))


def _family(content: dict[str, Any]) -> Iterable[Finding]:
    family = WidthFamily(content["family"])
    for equation in content["statements"]:
        for depth, verdict in zip(
            DEPTHS, CRITERIA[equation].judge_family(family, law=content["law"], depths=DEPTHS), strict=True
        ):
            net = family.network(depth, law=content["law"])
            yield _finding(verdict, net, f"n_j = {content['family']}, depth {depth} --law {content['law']}")


def _finding(verdict: Verdict, net: Network, name: str) -> Finding:
    """Return the finding of a verdict, with levels normalised by n_0^K."""
    shift = verdict.order / 2 * log10(net.numeric_widths("a verification")[0])
    lower, exact, upper = (None if level is None else level + shift for level in verdict.levels)
    return Finding(
        verdict.equation, name, verdict.quantity, verdict.status, _exact_text(verdict.exact), verdict.note, str(beta(net)),
        verdict.log10_margin, (lower, exact, upper), verdict.constant,
    )  # fmt: skip


def _exact_text(value: Value | None) -> str:
    if value is None:
        return ""
    return fraction_text(value) if isinstance(value, Fraction) else str(value)
