"""At a real terminal: Ctrl-C, the progress bar, shell completion, and pipes that close."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect  # type: ignore[import-untyped]  # ships no types
import pytest

from pathmoments.cli import progress as progress_module
from pathmoments.cli.progress import progress

if TYPE_CHECKING:
    from tests.cli.conftest import Run

SAFETY = 120
"""Seconds after which a process that hangs is given up."""

ENDLESS = ("moment", "2,3,4,2", "--power", "0,0=4", "--check", "100000000000")

# The bar waits a second before it appears; here it does not, so that short work shows it.
IMPATIENT = (
    "import sys, pathmoments.cli.progress as p; p.PATIENCE = 0; from pathmoments.cli import main; sys.exit(main())"
)

# forkpty() in a process with other threads (numpy's) warns from Python 3.12 on; the child only execs.
pytestmark = pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")


def interruptible() -> None:
    """Let the child be interrupted even where the tests run in the background, which ignores SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def terminal(environment: dict[str, str], folder: Path, *arguments: str) -> Iterator[Any]:
    """Start a process on a terminal of its own, and end it whatever happens."""
    child = pexpect.spawn(
        arguments[0], list(arguments[1:]), env=environment | {"TERM": "xterm"}, cwd=str(folder),
        encoding="utf-8", timeout=SAFETY, dimensions=(24, 120), preexec_fn=interruptible,
    )  # fmt: skip
    try:
        yield child
    finally:
        child.close(force=True)


# -- Ctrl-C -------------------------------------------------------------------------------------------------------------


def test_interrupt_at_the_terminal(executable: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Ctrl-C while the bar is on the screen ends with status 2, one message, and no traceback."""
    with terminal(environment, tmp_path, executable, *ENDLESS) as child:
        child.expect_exact("simulating 100,000,000,000 networks")
        child.sendintr()
        child.expect_exact("Interrupted")
        child.expect(pexpect.EOF)
        rest = child.before
        child.close()
    assert (child.exitstatus, child.signalstatus) == (2, None)
    assert "Traceback" not in rest
    assert "no output was written" in rest
    assert list(tmp_path.iterdir()) == []


WORK = {
    "simulation": ("estimate", ENDLESS),
    "enumeration": (
        "moment",
        ("moment", "5,5,5,5", "--power", "0,0=12", "--route", "enumeration", "--budget", str(10**15)),
    ),
    "transfer": ("moment", ("moment", "2,3,4,2", "--power", "0,0=120", "--law", "laplace", "--budget", str(10**15))),
    "table": ("summarize", ("paths", "5,5,5,5", "--power", "0,0=12", "--budget", str(10**15))),
}


@pytest.mark.parametrize(("function", "arguments"), WORK.values(), ids=WORK)
def test_interrupt_without_a_terminal(
    environment: dict[str, str], tmp_path: Path, function: str, arguments: tuple[str, ...]
) -> None:
    """SIGINT while any of the long computations runs ends with status 2 and the message alone."""
    started = (  # says on stdout that the work has begun
        f"import sys, pathmoments.cli.{arguments[0]} as module\n"
        f"real = module.{function}\n"
        "def announced(*args, **kwargs):\n"
        "    print('started', flush=True)\n"
        "    return real(*args, **kwargs)\n"
        f"module.{function} = announced\n"
        "from pathmoments.cli import main\n"
        "sys.exit(main())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", started, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment,
        preexec_fn=interruptible,  # noqa: PLW1509  # no threads of ours
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=SAFETY)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, stdout) == (2, "")
    assert stderr.strip().startswith("Interrupted: ")
    assert len(stderr.strip().splitlines()) == 1


# -- the progress bar ---------------------------------------------------------------------------------------------------

SHORT = ("moment", "2,3,4,2", "--power", "0,0=4", "--check", "200000", "--seed", "1")


def test_bar_appears_on_a_terminal_and_goes(environment: dict[str, str], tmp_path: Path) -> None:
    """Long work shows a bar on the terminal and wipes it before the result is printed."""
    with terminal(environment, tmp_path, sys.executable, "-c", IMPATIENT, *SHORT) as child:
        child.expect_exact("simulating 200,000 networks")
        child.expect_exact("E Z[0,0]^4 = 9")
        child.expect_exact("simulation: ")
        child.expect(pexpect.EOF)
        after = child.before
        child.close()
    assert child.exitstatus == 0
    assert "simulating" not in after


def test_no_bar_where_stderr_is_not_a_terminal(environment: dict[str, str], tmp_path: Path) -> None:
    """The same work writes nothing to a stderr that is a pipe."""
    done = subprocess.run(
        [sys.executable, "-c", IMPATIENT, *SHORT],
        capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=SAFETY, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("E Z[0,0]^4 = 9")


def test_bar_stays_out_of_redirected_output(environment: dict[str, str], tmp_path: Path) -> None:
    """On a terminal with stdout redirected the bar is on the screen and the file has the result alone."""
    shell = 'exec "$0" -c "$1" ' + " ".join(SHORT) + " --format json > result.json"
    with terminal(environment, tmp_path, "/bin/sh", "-c", shell, sys.executable, IMPATIENT) as child:
        child.expect_exact("simulating 200,000 networks")
        child.expect(pexpect.EOF)
        child.close()
    assert child.exitstatus == 0
    text = (tmp_path / "result.json").read_text(encoding="utf-8")
    assert text.startswith("{")
    assert "\x1b" not in text


def test_no_bar_for_short_work(executable: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Work of a moment shows no bar, even on a terminal."""
    with terminal(environment, tmp_path, executable, "moment", "2,3,4,2", "--power", "0,0=4") as child:
        child.expect(pexpect.EOF)
        screen = child.before
        child.close()
    assert child.exitstatus == 0
    assert "\x1b" not in screen
    assert [line.split(":")[0] for line in screen.splitlines()] == ["E Z[0,0]^4 = 9", "network", "route"]


def test_progress_gives_nothing_without_a_terminal() -> None:
    """Without a terminal there is nothing to call, so that routes need not even count."""
    with progress("work") as report:
        assert report is None


def test_progress_is_patient(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The bar appears only once the patience is over."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(progress_module, "PATIENCE", float("inf"))
    with progress("work") as report:
        assert report is not None
        report(1, 2)
    assert capsys.readouterr().err == ""


# -- completion ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_show_completion_prints_a_script(command: Run, shell: str) -> None:
    """--show-completion prints the script that makes the shell ask the command."""
    disabled = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # take the shell named, not the one we run in
    done = command("--show-completion", shell, env=disabled)
    assert (done.status, done.stderr) == (0, "")
    assert "_PATHMOMENTS_COMPLETE" in done.stdout


COMPLETIONS = {
    "commands": (
        "",
        {
            "moment",
            "paths",
            "spectrum",
            "verify",
            "table",
            "advise",
            "profile",
            "typical",
            "gradients",
            "ntk",
            "check",
            "plan",
            "mistakes",
            "export",
        },
    ),
    "a command": ("pa", {"paths"}),
    "a law": ("moment --law g", {"gaussian"}),
    "laws": ("moment --law s", {"sparse", "symbolic"}),
    "a route": ("moment --route t", {"transfer"}),
    "routes": ("moment --route ", {"auto", "gaussian", "transfer", "haar", "enumeration", "exhaustion"}),
    "a variance": ("moment --variance g", {"glorot"}),
    "an output": ("moment --output l", {"linear"}),
    "a bias": ("moment --bias z", {"zero"}),
    "formats": ("paths --format ", {"text", "json", "latex"}),
    "nothing": ("moment --law q", set()),
}


@pytest.mark.parametrize(("typed", "offered"), COMPLETIONS.values(), ids=COMPLETIONS)
def test_completion_offers(command: Run, typed: str, offered: set[str]) -> None:
    """What is typed is completed with the names that begin so, by the protocol of the bash script."""
    words = f"pathmoments {typed}"
    question = {"_PATHMOMENTS_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = command(env=question)
    assert (done.status, done.stderr) == (0, "")
    assert set(done.stdout.split()) == offered


# -- pipes that close ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json"])
def test_head(executable: str, environment: dict[str, str], tmp_path: Path, form: str) -> None:
    """`| head -1` shows the first line and no complaint."""
    pipeline = f'"$0" paths 2,3,2 --power 0,0=4 --format {form} | head -1'
    done = subprocess.run(
        ["/bin/sh", "-c", pipeline, executable],
        capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=SAFETY, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == {"text": "E Z[0,0]^4 = 4\n", "json": "{\n"}[form]


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "arguments",
    [("moment", "2,3,2", "--power", "0,0=4"), ("paths", "2,3,2", "--power", "0,0=4"), ("--version",), ("--help",)],
    ids=lambda arguments: str(arguments[0]),
)
def test_closed_pipe(
    executable: str, environment: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], unbuffered: str
) -> None:
    """A reader that is gone before the first line is no error: nothing on stderr, and not the status of a disagreement."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [executable, *arguments],
            stdout=writing, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
            env=environment | {"PYTHONUNBUFFERED": unbuffered}, timeout=SAFETY, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 0
