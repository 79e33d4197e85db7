"""The readers of golden references in plain Python and JavaScript: a correct network conforms, one with a wrong gain does not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pathmoments import Network
from pathmoments.golden import GoldenSpec, golden

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES = DOCS / "examples" / "golden"
NODE = shutil.which("node")

COMMANDS = {
    "python": [sys.executable, str(EXAMPLES / "consume.py")],
    "javascript": [NODE or "node", str(EXAMPLES / "consume.js")],
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a reference of which few networks are needed."""
    return written(tmp_path_factory.mktemp("golden"), [3, 16, 2], "1/2")


def written(folder: Path, widths: list[int], effect: str) -> Path:
    """Write the reference of a network of the name "mine"."""
    file = folder / "golden.json"
    net = Network(widths, output="linear", bias="zero")
    content = golden(GoldenSpec((("mine", net),), quantities=("frobenius",), effect=effect))
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


@pytest.fixture(params=COMMANDS)
def reader(request: pytest.FixtureRequest) -> list[str]:
    """Return the command of a reader; without node that in JavaScript is skipped, and fails where CI is set."""
    if request.param == "javascript" and NODE is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have node: install nodejs")
        pytest.skip("node is not installed")
    return COMMANDS[request.param]


@pytest.mark.parametrize(("gain", "status"), [("2", 0), ("1", 1), ("4", 1), ("nan", 1)])
def test_a_reader_ends_with_the_verdict(reader: list[str], reference: Path, gain: str, status: int) -> None:
    """The gain of ReLU conforms (status 0); half of it, twice as much, and what is not a number do not (status 1)."""
    done = subprocess.run(
        [*reader, str(reference), "mine", gain], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout.startswith("mean ")


def test_the_page_shows_what_node_prints(tmp_path: Path) -> None:
    """The JavaScript block of the how-to has the output of node to the letter."""
    if NODE is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have node: install nodejs")
        pytest.skip("node is not installed")
    reference = written(tmp_path, [3, 16, 16, 2], "1/4")
    page = (DOCS / "howto" / "golden.rst").read_text(encoding="utf-8")
    shown = re.findall(r"\$ node golden/consume.js golden.json mine (\S+); .*\n +(mean .*)\n +exit status (\d)", page)
    assert len(shown) == 2
    for gain, line, status in shown:
        done = subprocess.run(
            [*COMMANDS["javascript"], str(reference), "mine", gain], capture_output=True, encoding="utf-8", check=False
        )
        assert (done.stdout.strip(), done.returncode) == (line, int(status))


def test_readers_are_short() -> None:
    """Each reader has at most 34 lines of code, and imports nothing but its standard library."""
    for name, comment in (("consume.py", "#"), ("consume.js", "//")):
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith((comment, '"""'))]
        assert len(lines) <= 34
        assert set(re.findall(r'^import (\w+)|require\("(\w+)"\)', text, flags=re.MULTILINE)) <= {
            *((module, "") for module in ("json", "math", "random", "sys")),
            ("", "fs"),
        }
