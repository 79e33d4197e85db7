"""A table with a ledger: what is finished is not computed again, by this table or another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import pathmoments
from pathmoments.errors import UnknownMomentError
from pathmoments.sweeps import Ledger
from pathmoments.tables import build, table, work

SPEC: dict[str, Any] = {
    "widths": ["n,3,m for n in 2..4, m in 2..3", "2,k,2"],
    "laws": ["gaussian", "truncated:2"],
    "orders": [4],
    "quantities": ["moment 0,0=2;1,1=2"],
    "digits": 5,
}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that are worked on."""
    tasks: list[str] = []

    def counted(task: str) -> str:
        tasks.append(task)
        return work.work(task)

    monkeypatch.setattr(build, "work", counted)
    return tasks


def rational() -> dict[str, Any]:
    """Return the specification without what needs a symbol and a ball at once."""
    return SPEC | {"widths": SPEC["widths"][:1]}


def test_a_rerun_computes_nothing(tmp_path: Path, done: list[str]) -> None:
    """The second time every result comes from the ledger, and the bytes are the same."""
    with Ledger(tmp_path / "l.db") as ledger:
        first = table(rational(), ledger=ledger)
        assert len(done) == len(set(done)) == len(ledger) == 6 * 2 * 2
        done.clear()
        again = table(rational(), ledger=ledger)
    assert done == []
    assert again.to_json() == first.to_json() == table(rational()).to_json()


def test_tables_that_overlap_share_a_ledger(tmp_path: Path, done: list[str]) -> None:
    """Another table computes only the networks and quantities that no table had, other digits or not."""
    with Ledger(tmp_path / "l.db") as ledger:
        table(rational(), ledger=ledger)
        done.clear()
        other = rational() | {
            "widths": ["3,3,2", "9,3,2"],
            "laws": ["gaussian"],
            "quantities": ["variance"],
            "digits": 30,
        }
        table(other, ledger=ledger)
    asked = [(json.loads(task)["widths"], json.loads(task)["quantity"]) for task in done]
    assert sorted(asked) == [([3, 3, 2], "variance"), ([9, 3, 2], "moment 0,0=4"), ([9, 3, 2], "variance")]


def test_a_task_says_all_that_its_result_depends_on(done: list[str]) -> None:
    """Kind, version, network and quantity, in canonical JSON: keys sorted, no spaces."""
    table(SPEC | {"laws": [["uniform", "laplace"]], "slopes": ["1/4"], "orders": [], "widths": ["2,k,2"]})
    (task,) = done
    form = json.loads(task)
    assert form == {
        "task": "table/1", "version": pathmoments.__version__, "quantity": "moment 0,0=2;1,1=2", "widths": [2, "k", 2],
        "law": ["uniform", "laplace"], "variance": "he", "output": "relu", "slope": "1/4", "bias": "atomless",
    }  # fmt: skip
    assert task == json.dumps(form, sort_keys=True, separators=(",", ":"))


def test_what_is_finished_stays_when_a_row_is_refused(tmp_path: Path) -> None:
    """A moment that a law was not given stops the table; the rows before it are in the ledger, and the rest can follow."""
    spec = {"widths": ["n,3,2 for n in 1..5"], "laws": ["gaussian", "moments:2=1,4=3"], "orders": [6]}
    with Ledger(tmp_path / "l.db") as ledger:
        with pytest.raises(UnknownMomentError, match=r"the row with widths .*law moments:2=1,4=3"):
            table(spec, ledger=ledger)
        kept = len(ledger)
        whole = table(spec | {"laws": ["gaussian"]}, ledger=ledger)
        assert len(ledger) == 5
    assert kept <= 5
    assert whole.column("E Z[0,0]^6") == table(spec | {"laws": ["gaussian"]}).column("E Z[0,0]^6")
