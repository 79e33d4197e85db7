"""Rewrite the outputs of the console examples in docs/**/*.rst and README.md, in place, from real runs.

    python scripts/refresh_docs.py            # rewrite what has changed, and name it
    python scripts/refresh_docs.py --check    # change nothing; exit status 1 if something would change

An example is a `.. code-block:: console` (rst) or a fence of kind `console` (md). A line that begins with `$ ` is a command, lines that begin
with `> ` continue it, and the lines up to the next command are its output, stdout and stderr together. The commands of one block run in order
in one new folder that holds the files of docs/examples. Only `pathmoments` and `cat` are run; what other commands print is left as it stands.
Pictures of the documentation are drawn again too. tests/docs/test_examples.py holds the pages against the same runs.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN = ("pathmoments ", "cat ")
"""How the commands begin that are run."""

PICTURES = {
    "docs/explanation/collection.svg": "pathmoments paths 2,3,3,2 --power 0,0=4 --row 3 --draw collection.svg",
    "docs/howto/spectrum.svg": "pathmoments spectrum 32,32,32 --seed 1 --plot spectrum.svg",
    "docs/howto/profile.svg": "pathmoments profile 12,12,12,12,12,12,12,12,12 --variance 1/2 --variance 1/2 --variance 1/2 --variance 1/2 "
    "--variance 1/18 --variance 1/18 --variance 1/18 --variance 1/18 --plot profile.svg",
}
"""The pictures, each with the command that draws it."""


@dataclass(frozen=True)
class Example:
    """One command of a block, with the output that stands in the page."""

    command: str
    source: tuple[str, ...]
    output: str

    @property
    def is_run(self) -> bool:
        """Whether the command is one of those that are run."""
        return self.command.startswith(RUN)


@dataclass(frozen=True)
class Block:
    """One console block of a page: the lines first..last-1 of the file, and what is indented before each."""

    page: Path
    first: int
    last: int
    indent: str
    examples: tuple[Example, ...]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.first + 1}"


def pages(root: Path = ROOT) -> list[Path]:
    """Return the pages that may hold examples: docs/**/*.rst and README.md, without built ones."""
    found = [page for page in sorted((root / "docs").rglob("*.rst")) if "_build" not in page.parts]
    readme = root / "README.md"
    return [*found, readme] if readme.exists() else found


def blocks(page: Path) -> list[Block]:
    """Return the console blocks of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    spans = _fenced(lines) if page.suffix == ".md" else _directives(lines)
    return [Block(page, first, last, indent, _examples(lines[first:last], indent)) for first, last, indent in spans]


def _fenced(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield (first, last, indent) of the fences of kind console."""
    start: int | None = None
    for i, line in enumerate(lines):
        if start is None and line.strip() == "```console":
            start = i + 1
        elif start is not None and line.strip() == "```":
            yield start, i, re.match(r" *", line)[0]  # type: ignore[index]  # always matches
            start = None


def _directives(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield (first, last, indent) of the bodies of `.. code-block:: console`."""
    for i, line in enumerate(lines):
        if not (match := re.fullmatch(r"( *)\.\. code-block:: console", line.rstrip())):
            continue
        outer = len(match[1])
        first = i + 1
        while first < len(lines) and (not lines[first].strip() or lines[first].lstrip().startswith(":")):
            first += 1
        last = first
        for j in range(first, len(lines)):
            if lines[j].strip():
                if len(lines[j]) - len(lines[j].lstrip()) <= outer:
                    break
                last = j + 1
        yield first, last, re.match(r" *", lines[first])[0]  # type: ignore[index]  # always matches


def _examples(lines: Sequence[str], indent: str) -> tuple[Example, ...]:
    body = [line[len(indent) :].rstrip() for line in lines]
    starts = [i for i, line in enumerate(body) if line.startswith("$ ")]
    return tuple(_example(body[start:end]) for start, end in zip(starts, [*starts[1:], len(body)], strict=True))


def _example(lines: Sequence[str]) -> Example:
    """Return the example of a command line, its continuations and its output."""
    source = [lines[0]]
    for line in lines[1:]:
        if not line.startswith("> "):
            break
        source.append(line)
    output = normalised("\n".join(lines[len(source) :]))
    return Example("\n".join(line[2:] for line in source), tuple(source), output)


def normalised(output: str) -> str:
    """Return an output without the spaces at the ends of lines and the blank lines at its ends."""
    return "\n".join(line.rstrip() for line in output.splitlines()).strip("\n")


def environment() -> dict[str, str]:
    """Return the environment of the runs: this Python's commands first, no colours, 80 columns, UTF-8."""
    here = str(Path(sys.executable).parent)
    return {
        **{name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "GITHUB_ACTIONS")},
        "PATH": here + os.pathsep + os.environ.get("PATH", ""),
        "NO_COLOR": "1",
        "TERM": "dumb",
        "COLUMNS": "80",
        "PYTHONIOENCODING": "utf-8",
    }


def prepare(folder: Path, root: Path = ROOT) -> None:
    """Put the example files of the documentation into a folder."""
    for file in sorted((root / "docs" / "examples").iterdir()):
        if file.is_file():
            shutil.copy(file, folder)


def run(command: str, folder: Path) -> str:
    """Run a command in a folder and return what it prints, stdout and stderr together."""
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    return normalised(done.stdout)


def outputs(block: Block) -> list[str]:
    """Return what the commands of a block print now; for a command that is not run, what stands in the page."""
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        return [run(example.command, Path(name)) if example.is_run else example.output for example in block.examples]


def draw(command: str) -> bytes:
    """Return the picture that a command draws."""
    with tempfile.TemporaryDirectory() as name:
        run(command, Path(name))
        return (Path(name) / command.rsplit(maxsplit=1)[-1]).read_bytes()


def refresh(page: Path, *, write: bool) -> list[str]:
    """Rewrite the outputs of a page and return the places where one has changed."""
    lines = page.read_text(encoding="utf-8").splitlines()
    changed = []
    for block in reversed(blocks(page)):
        found = outputs(block)
        if found == [example.output for example in block.examples]:
            continue
        changed.append(str(block))
        body = [
            line
            for example, output in zip(block.examples, found, strict=True)
            for line in (*example.source, *output.splitlines())
        ]
        lines[block.first : block.last] = [(block.indent + line).rstrip() for line in body]
    if changed and write:
        page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return changed[::-1]


DEMO = re.compile(r"(<!-- demo -->\n```text\n)(.*?)(```\n)", re.DOTALL)
"""The block of the README that shows what scripts/demo prints."""


def demo() -> str:
    """Return what scripts/demo prints, by this Python."""
    command = [sys.executable, str(ROOT / "scripts" / "demo.py")]
    return subprocess.run(
        command, env=environment(), capture_output=True, encoding="utf-8", timeout=300, check=True
    ).stdout


def refresh_demo(readme: Path, *, write: bool) -> list[str]:
    """Rewrite the demo's block of the README and return its place if it has changed."""
    before = readme.read_text(encoding="utf-8")
    printed = demo()
    after, found = DEMO.subn(lambda match: match[1] + printed + match[3], before)
    if found != 1:
        sys.exit("README.md has no block <!-- demo -->")
    if write:
        readme.write_text(after, encoding="utf-8")
    return [] if after == before else ["README.md: demo"]


def main() -> int:
    """Refresh all pages and pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing; exit status 1 if something would change")
    write = not parser.parse_args().check
    changed = [place for page in pages() for place in refresh(page, write=write)]
    changed += refresh_demo(ROOT / "README.md", write=write)
    for name, command in PICTURES.items():
        picture, file = draw(command), ROOT / name
        if not file.exists() or file.read_bytes() != picture:
            changed.append(name)
            if write:
                file.write_bytes(picture)
    verb = "rewritten" if write else "out of date"
    for place in changed:
        print(f"{verb}: {place}")
    print(f"{len(changed)} of the examples {verb}")
    return 1 if changed and not write else 0


if __name__ == "__main__":
    sys.exit(main())
