"""One command on one input, in this process, within bounds: what came of it, and whether it is a finding."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.cli import by_typer, command_line
from cnncalc.cli.app import main
from cnncalc.execute import memory
from cnncalc.network import work
from cnncalc.query import ask
from cnncalc.symbolic import floors, inequalities
from cnncalc.symbolic.algebra import expand

SECONDS = 2.0  # of the processor, so that a busy machine finds nothing
MEGABYTES = 1_500  # of address space, on top of what the process had
LAYERS = 5_000  # a million otherwise
EXECUTION = 30 << 20  # bytes; 4 GiB otherwise
EXITS = (0, 1, 2)


class Outcome(NamedTuple):
    """What a command did: its status (None where it had none) and, for a finding, what is wrong."""

    status: int | None
    finding: str
    detail: str
    seconds: float


class TooSlow(BaseException):
    """The processor's time is up. No `Exception`, so that nothing in between can take it for a mistake of a spec."""


def _stop(*_: Any) -> None:
    raise TooSlow


@contextlib.contextmanager
def room(megabytes: int) -> Iterator[None]:
    """A bound of memory, for as long as it lasts."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(OSError, ValueError):
        now = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (now + (megabytes << 20), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextlib.contextmanager
def limits(megabytes: int = MEGABYTES) -> Iterator[None]:
    """A bound of memory, for as long as it lasts; the package's own bounds are lower too, so that much is tried."""
    kept = work.MAX_LAYERS, memory.DEFAULT_LIMIT, memory.installed
    longest, ask.MOST_NUMBERS = ask.MOST_NUMBERS, 50_000
    formulas = floors.LONGEST, expand.MOST_TERMS, inequalities.MOST_PARTS, inequalities.MOST_COMPARED
    floors.LONGEST, expand.MOST_TERMS, inequalities.MOST_PARTS, inequalities.MOST_COMPARED = 500, 100, 2_000, 20_000
    commands = by_typer.get_command
    group = commands(by_typer.app)

    # Most of the time would go into making them anew; a single command is still made by what makes them.
    by_typer.get_command = lambda of: group if of is by_typer.app else commands(of)
    work.MAX_LAYERS, memory.DEFAULT_LIMIT, memory.installed = LAYERS, EXECUTION, lambda: EXECUTION
    try:
        with room(megabytes):
            yield
    finally:
        ask.MOST_NUMBERS = longest
        floors.LONGEST, expand.MOST_TERMS, inequalities.MOST_PARTS, inequalities.MOST_COMPARED = formulas
        by_typer.get_command = commands
        work.MAX_LAYERS, memory.DEFAULT_LIMIT, memory.installed = kept


class _Standard(io.StringIO):
    """Standard input with bytes below."""

    def __init__(self, data: bytes) -> None:
        super().__init__("")
        self.bytes = io.BytesIO(data)

    @property
    def buffer(self) -> Any:
        return self.bytes


def run(argv: list[str], standard: bytes = b"", seconds: float = SECONDS) -> Outcome:
    """Run one command; the outcome."""
    out, err = io.StringIO(), io.StringIO()
    kept = sys.stdin, command_line._stdout_file
    sys.stdin, command_line._stdout_file = _Standard(standard), lambda: ""
    debug = os.environ.get("CNNCALC_DEBUG", "")
    os.environ["CNNCALC_DEBUG"] = "1"
    before = signal.signal(signal.SIGPROF, _stop)
    began = time.process_time()
    status: int | None = None
    finding = detail = ""
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = main(argv)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except TooSlow:
        finding, detail = f"more than {seconds:g} s: {_where()}", _trace()
    except BaseException as error:  # that none gets out is what is tried
        finding, detail = f"{type(error).__name__}: {_where()}", _trace()
    finally:
        signal.signal(signal.SIGPROF, before)
        sys.stdin, command_line._stdout_file = kept
        os.environ["CNNCALC_DEBUG"] = debug
        gc.enable()  # whatever the signal has interrupted
    spent = time.process_time() - began
    if not finding:
        finding, detail = _judged(status, out.getvalue(), err.getvalue())
    return Outcome(status, finding, detail, spent)


def _judged(status: int | None, out: str, err: str) -> tuple[str, str]:
    """What is wrong with a command that came to its end."""
    if status not in EXITS:
        return f"status {status}", err
    if "Traceback (most recent" in err or "error[internal]" in err:
        return "a traceback", err
    if re.search(r"^\S+\.py:\d+: \w*Warning: ", err, re.MULTILINE):
        return "a warning of Python", err
    if "this machine has not enough memory" in err:
        return "memory used up", err
    if status == 2 and not err:
        return "status 2 without a word", out[:500]
    if control := next(
        (c for c in out + err if (c < " " and c not in "\n\t") or c == "\x7f" or "\x80" <= c < "\xa0"), ""
    ):
        return f"the control character {control!r} came through", (out + err)[:500]
    return "", ""


def _where() -> str:
    """The innermost line of the package that an exception passed through."""
    frames = [f for f in traceback.extract_tb(sys.exc_info()[2]) if f"{os.sep}cnncalc{os.sep}" in f.filename]
    if not frames:
        return "elsewhere"
    last = frames[-1]
    return f"{os.path.relpath(last.filename, Path(__file__).parents[2])}:{last.lineno} in {last.name}"


def _trace() -> str:
    lines = traceback.format_exc().splitlines()
    return "\n".join(lines[:3] + lines[-60:])
