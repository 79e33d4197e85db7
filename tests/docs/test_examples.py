"""The documentation is true: every Python example, every command, every picture and every option that it lists."""

from __future__ import annotations

import doctest
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def _refresh_docs() -> ModuleType:
    """Load scripts/refresh_docs.py, which parses and runs the examples."""
    spec = importlib.util.spec_from_file_location("refresh_docs", ROOT / "scripts" / "refresh_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


README = (ROOT / "README.md").read_text(encoding="utf-8")
refresh_docs: Any = _refresh_docs()
PAGES: list[Path] = refresh_docs.pages()
BLOCKS: list[Any] = [block for page in PAGES for block in refresh_docs.blocks(page)]


def _name(value: Any) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


@pytest.mark.parametrize("page", [page for page in PAGES if page.suffix == ".rst"], ids=_name)
def test_python_examples_print_what_the_page_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every `>>>` example of a page gives exactly the output below it."""
    refresh_docs.prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testfile(str(page), module_relative=False, optionflags=0, encoding="utf-8")
    assert failed == 0


@pytest.mark.parametrize("block", [b for b in BLOCKS if any(e.is_run for e in b.examples)], ids=_name)
def test_commands_print_what_the_page_says(block: Any) -> None:
    """Every `$` command of a console block prints exactly the lines below it."""
    written = [(example.command, example.output) for example in block.examples]
    run = [
        (example.command, output) for example, output in zip(block.examples, refresh_docs.outputs(block), strict=True)
    ]
    assert run == written, "if the change is meant: python scripts/refresh_docs.py"


def test_every_page_with_a_command_is_found() -> None:
    """No console block escapes the parser: each line `$ ...` of a page is a command that was found."""
    for page in (page for page in PAGES if page.suffix == ".rst"):
        lines = re.findall(r"^ *\$ \S.*", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found = [example for block in refresh_docs.blocks(page) for example in block.examples]
        assert len(lines) == len(found), page


@pytest.mark.parametrize(("picture", "command"), refresh_docs.PICTURES.items())
def test_pictures_are_drawn_by_their_commands(picture: str, command: str) -> None:
    """A committed picture equals, byte for byte, what the command in its page draws."""
    committed = (ROOT / picture).read_bytes()
    assert refresh_docs.draw(command) == committed, (
        "if the change is meant, or matplotlib is another version than setup.cfg pins: python scripts/refresh_docs.py"
    )


def _options(command: str) -> set[str]:
    import typer.main

    from pathmoments.cli.app import app

    commands: Any = typer.main.get_command(app)
    chosen = commands.commands[command] if command else commands
    return {name for option in chosen.params for name in (*option.opts, *option.secondary_opts) if name.startswith("-")}


def test_command_line_page_lists_every_option() -> None:
    """The reference of the command line names the options that the program has, and no others."""
    page = (DOCS / "reference" / "command_line.rst").read_text(encoding="utf-8")
    rows = re.findall(r"^   \* - (``-.*)", page, flags=re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"``(--?[a-z][a-z-]*)", row)}
    import typer.main

    from pathmoments.cli.app import app

    program: Any = typer.main.get_command(app)
    commands = ("", *program.commands)
    has = set().union(*map(_options, commands)) | {"-h", "--help"}
    assert names == has


def test_reference_documents_every_public_name() -> None:
    """Each name of `pathmoments.__all__` and each error has its entry in the reference."""
    import pathmoments

    text = "\n".join(page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.rst"))
    listed = set(re.findall(r"^\.\. (?:auto|py:)\w+:: pathmoments\.(?:errors\.)?(\w+)", text, flags=re.MULTILINE))
    assert {*pathmoments.__all__, *pathmoments.errors.__all__} <= listed | {"errors", "__version__"}


def test_demo_prints_what_the_readme_shows() -> None:
    """scripts/demo prints the block of the README to the letter: exact moments, costs, agreement, simulation."""
    shown = refresh_docs.DEMO.findall(README)
    assert len(shown) == 1
    assert refresh_docs.demo() == shown[0][1], "if the change is meant: python scripts/refresh_docs.py"


def test_python_examples_of_the_readme() -> None:
    """Every `>>>` of the README gives what stands below it."""
    examples = "\n".join(re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE))
    test = doctest.DocTestParser().get_doctest(examples, {}, "README.md", "README.md", 0)
    assert len(test.examples) >= 4
    assert doctest.DocTestRunner().run(test).failed == 0


def test_readme_opens_with_the_two_commands() -> None:
    """The first block of the README has the two commands, and both exist and can be run."""
    first = README.partition("```console\n")[2].partition("```")[0]
    commands = re.findall(r"^\$ (scripts/\w+)", first, flags=re.MULTILINE)
    assert commands == ["scripts/demo", "scripts/test"]
    assert all((ROOT / command).stat().st_mode & 0o111 for command in commands)
