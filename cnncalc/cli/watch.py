"""`--watch`: a command that is run again whenever a file that it read is saved."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TextIO

from cnncalc.core.problem import fail
from cnncalc.render.diagnostic import takes_escapes

PAUSE = 0.05  # seconds between two looks at the files
SETTLED = 0.02  # seconds for which a file must stay as it is: editors write in several steps
HOME, LINE, REST = "\x1b[H", "\x1b[K", "\x1b[J"

INTERRUPTED = 130

State = dict[str, tuple[int, int, int] | None]


class Files:
    """The files that a run opened for reading, as they were before; those of Python itself are left out."""

    def __init__(self, named: list[str]) -> None:
        self.listening = False
        # What is named on the command line counts also while it is not there.
        self.named = [os.path.abspath(name) for name in named]
        self.seen: State = {}
        self.own = {os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, os.path.dirname(os.__file__))}
        self.own.add(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        sys.addaudithook(self._opened)

    def begin(self) -> None:
        """A run begins."""
        self.seen = {name: _state(name) for name in {*self.named, *self.seen}}
        self.listening = True

    def _opened(self, event: str, args: tuple[object, ...]) -> None:
        if not self.listening or event != "open" or not isinstance(args[0], (str, bytes)):
            return
        mode = args[1]
        if isinstance(mode, str) and not mode.startswith("r"):
            return
        path = os.path.abspath(os.fsdecode(args[0]))
        if path not in self.seen and not any(path.startswith(own + os.sep) for own in self.own):
            self.seen[path] = _state(path)

    def now(self) -> State:
        """The files as they are now."""
        return {name: _state(name) for name in self.seen}


def _state(name: str) -> tuple[int, int, int] | None:
    """What tells one state of a file from another; None where it is not there."""
    try:
        seen = os.stat(name)
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


class Screen:
    """Standard output and error together, kept until the command is through."""

    def __init__(self, real: TextIO, kept: list[tuple[TextIO, str]]) -> None:
        self._real = real
        self._kept = kept

    def write(self, text: str) -> int:
        """Keep some text."""
        self._kept.append((self._real, text))
        return len(text)

    def flush(self) -> None:
        """Nothing goes out yet."""

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def takes(argv: list[str]) -> bool:
    """Whether the command can be run again: others have no such option, and say so."""
    from cnncalc.cli.command_line import COMMANDS
    from cnncalc.cli.known import WATCHED

    if argv[0] in COMMANDS and argv[0] not in WATCHED:
        return False
    if "-" in argv:
        fail("option-value", "--watch needs files: standard input is read once")
    return True


def watch(argv: list[str], once: Callable[[list[str]], int]) -> int:
    """Run the command, and again at each save, until it is interrupted."""
    files = Files([word for word in argv if os.path.isfile(word)])
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and takes_escapes(sys.stdout)
    try:
        while True:
            kept: list[tuple[TextIO, str]] = []
            out, err = sys.stdout, sys.stderr
            sys.stdout, sys.stderr = Screen(out, kept), Screen(err, kept)
            files.begin()
            try:
                status = once(argv)
            finally:
                files.listening = False
                sys.stdout, sys.stderr = out, err
            _show(kept, terminal)
            if status == INTERRUPTED:
                return status
            _wait(files)
    except KeyboardInterrupt:
        if terminal:
            sys.stdout.write("\n")
        return INTERRUPTED


def _show(kept: list[tuple[TextIO, str]], terminal: bool) -> None:
    """On a terminal in place of what stood there, line by line against flicker; elsewhere one after the other."""
    if terminal:
        text = "".join(text for _, text in kept)
        lines = "".join(f"{line}{LINE}\n" for line in text.split("\n")[:-1])
        sys.stdout.write(f"{HOME}{lines}{REST}")
        sys.stdout.flush()
        return
    for stream, text in kept:
        stream.write(text)
    sys.stdout.write("\n")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _wait(files: Files) -> None:
    """Until a file is another one than was read, and stays so for a moment."""
    while (now := files.now()) == files.seen:
        time.sleep(PAUSE)
    while True:
        time.sleep(SETTLED)
        if (after := files.now()) == now:
            return
        now = after
