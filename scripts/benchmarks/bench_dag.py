"""Speed of the transfer on graphs."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pathmoments import DagNetwork, Network, cost, moment


def test_residual_blocks(benchmark: Any, figures: Any) -> None:
    """Fifty residual blocks of width 4, order 4, made and summed, beside the number of collections that are not walked."""
    benchmark.pedantic(lambda: moment(DagNetwork.residual(4, 50), {(0, 0): 4}, route="transfer"), rounds=3)
    walked = cost(DagNetwork.residual(4, 50), {(0, 0): 4}, route="enumeration")
    figures.add(
        "DAG: 50 residual blocks of width 4, order 4",
        f"{benchmark.stats.stats.median:.3f} s",
        "10 s",
        f"enumeration would walk {walked.amount}",
    )


def test_beside_enumeration(benchmark: Any, figures: Any) -> None:
    """Two residual blocks of width 2, order 6, beside the literal enumeration."""
    dag = DagNetwork.residual(2, 2)
    benchmark.pedantic(lambda: moment(dag, {(0, 0): 6}, route="transfer"), rounds=3)
    start = time.perf_counter()
    literal = moment(dag, {(0, 0): 6}, route="enumeration")
    seconds = time.perf_counter() - start
    assert literal == moment(dag, {(0, 0): 6}, route="transfer")
    figures.add(
        "DAG: 2 residual blocks of width 2, order 6",
        f"{benchmark.stats.stats.median:.4f} s",
        "-",
        f"enumeration of its collections: {seconds:.2f} s",
    )


@pytest.mark.parametrize("width", [6])
def test_layers_as_a_graph(benchmark: Any, figures: Any, width: int) -> None:
    """A layered network as a graph, beside the transfer over set partitions that knows its neurons to be alike."""
    net = Network([width] * 11, law="uniform")
    dag = DagNetwork.from_network(net)
    benchmark.pedantic(lambda: moment(dag, {(0, 0): 4}, route="transfer"), rounds=3)
    start = time.perf_counter()
    assert moment(net, {(0, 0): 4}) == moment(dag, {(0, 0): 4})
    seconds = time.perf_counter() - start
    figures.add(
        f"DAG: 10 layers of {width} neurons, order 4",
        f"{benchmark.stats.stats.median:.3f} s",
        "-",
        f"both routes, layers and graph: {seconds:.2f} s",
    )
