"""Simulations on several cores and on a cluster: the same mean to the last bit, from Python and on the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pathmoments import Network, TruncatedGaussian, estimate
from pathmoments.laws import Law
from pathmoments.sweeps import executor

if TYPE_CHECKING:
    from tests.sweeps.conftest import Cluster

LAWS: list[Law | str] = [
    "gaussian", "uniform", "rademacher", "laplace", TruncatedGaussian(2), "sparse:1/2:laplace", "finite:-2=1/4,0=1/2,2=1/4",
]  # fmt: skip


@pytest.mark.parametrize("place", ["processes", "dask"])
def test_a_mean_from_elsewhere_is_the_same_to_the_last_bit(lasting_cluster: Cluster, place: str) -> None:
    """For every law that can be drawn, processes of this machine and a Dask cluster give the mean that this process gives."""
    with executor(dask=lasting_cluster.address) if place == "dask" else executor(jobs=2) as workers:
        for law in LAWS:
            net = Network([2, 5, 4, 3], law=law, bias="uniform", bias_variance="1/7")
            here, there = (
                estimate(net, {(0, 0): 4}, samples=40_001, seed=3, executor=where).mean for where in (None, workers)
            )
            assert here == there, law


SIMULATION = ("moment", "2,3,4,2", "--power", "0,0=2", "--check", "100000", "--seed", "5")


def said(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Return exit status, stdout and stderr of the command."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pathmoments", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_line_says_the_same(lasting_cluster: Cluster, tmp_path: Path) -> None:
    """`--check` with `--jobs` or `--dask` prints what it prints without, and nothing on stderr."""
    here = said(tmp_path, *SIMULATION)
    assert here[0] == 0
    assert here[1].endswith("100,000 samples, seed 5\n")
    assert (
        here
        == said(tmp_path, *SIMULATION, "--jobs", "2")
        == said(tmp_path, *SIMULATION, "--dask", lasting_cluster.address)
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--jobs", "2"), "--jobs and --dask are the workers of --check: give --check SAMPLES with them"),
        (
            ("--dask", "tcp://127.0.0.1:9"),
            "--jobs and --dask are the workers of --check: give --check SAMPLES with them",
        ),
        (("--check", "10", "--jobs", "2", "--dask", "tcp://127.0.0.1:9"), "give one of them"),
        (("--check", "10", "--dask", "here"), "dask must be the address of a scheduler"),
    ],
    ids=["jobs alone", "dask alone", "both", "no address"],
)
def test_workers_without_work_are_refused(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    """Workers without a simulation, two places at once, and what is no address are one message and exit status 2."""
    status, stdout, stderr = said(tmp_path, *SIMULATION[:4], *arguments)
    assert (status, stdout) == (2, "")
    assert message in stderr
    assert len(stderr.splitlines()) == 1
