"""Timing in pairs: A B A B ..., so that a drift of the machine hits both."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any


class Pair:
    """Seconds of two things that were timed in turn."""

    def __init__(self, ours: list[float], theirs: list[float]) -> None:
        self.ours = ours
        self.theirs = theirs

    @property
    def ratio(self) -> float:
        """The median of the ratios of neighbours."""
        return median(a / b for a, b in zip(self.ours, self.theirs, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Medians and spread, for the JSON file."""
        return {
            "ours": {"median": median(self.ours), "min": min(self.ours), "max": max(self.ours)},
            "theirs": {"median": median(self.theirs), "min": min(self.theirs), "max": max(self.theirs)},
            "ratio": self.ratio,
            "runs": len(self.ours),
        }


def turns(
    ours: Callable[[], Any], theirs: Callable[[], Any], runs: int, clock: Callable[[], float] | None = None
) -> Pair:
    """Call both in turn, once without counting; `clock` says what counts, by itself what `now` says."""
    clock = clock or now
    ours()
    theirs()
    a, b = [], []
    for _ in range(runs):
        a.append(_seconds(ours, clock))
        b.append(_seconds(theirs, clock))
    return Pair(a, b)


def processes(ours: list[str], theirs: list[str], runs: int, terminal: bool = False) -> Pair:
    """Processor time of two commands in turn as whole processes; `terminal`: the first has a pseudo-terminal."""
    return turns(lambda: _process(ours, terminal), lambda: _process(theirs, False), runs, _children)


def _children() -> float:
    """Processor seconds of all processes that were started and have ended."""
    times = resource.getrusage(resource.RUSAGE_CHILDREN)
    return times.ru_utime + times.ru_stime


def python(*words: str) -> list[str]:
    """A command of this interpreter."""
    return [sys.executable, *words]


def cnncalc(*words: str) -> list[str]:
    """A cnncalc command, as its entry point starts it."""
    code = "import sys; from cnncalc.cli.app import main; sys.exit(main())"
    return [sys.executable, "-c", code, *words]


def _process(command: list[str], terminal: bool) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    if not terminal:
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, check=False)
        return
    import pty

    reader, writer = pty.openpty()
    environment.update(TERM="xterm", COLUMNS="120")
    with subprocess.Popen(command, stdin=writer, stdout=writer, stderr=subprocess.DEVNULL, env=environment) as child:
        os.close(writer)
        while True:
            try:
                if not os.read(reader, 65536):
                    break
            except OSError:
                break
        child.wait()
    os.close(reader)


class Others:
    """What everybody else does on the machine, from when it is made: read off `/proc/stat`, which Linux has."""

    def __init__(self) -> None:
        self.began = perf_counter(), self._busy(), self._own()

    def processors(self) -> float | None:
        """How many processors the others kept busy since; None where the system does not tell."""
        began, busy, own = self.began
        if busy is None:
            return None
        used = (self._busy() or 0) - busy - (self._own() - own)
        return round(max(used, 0.0) / max(perf_counter() - began, 1e-9), 2)

    @staticmethod
    def _busy() -> float | None:
        """Seconds of all processors that were not idle."""
        try:
            with open("/proc/stat", encoding="ascii") as lines:
                user, nice, system, _, _, irq, soft = (int(word) for word in lines.readline().split()[1:8])
        except OSError:
            return None
        return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def _own() -> float:
        return sum(os.times()[:4])


def one_thread() -> bool:
    """Whether this process was told to work in one thread: then the processor's time counts, not the wall's."""
    return os.environ.get("OMP_NUM_THREADS") == "1"


def now() -> float:
    """Seconds of the clock that counts here."""
    return process_time() if one_thread() else perf_counter()


def _seconds(call: Callable[[], Any], clock: Callable[[], float]) -> float:
    started = clock()
    call()
    return clock() - started
