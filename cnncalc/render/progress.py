"""How far a long execution is: a bar on standard error, drawn by rich, which is loaded once it has taken a while."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from types import TracebackType
from typing import Any

from cnncalc.render.text import safe

# Seconds that pass without a bar; most networks are done by then.
PATIENCE = 0.5


@contextmanager
def progress() -> Iterator[Callable[[int, int, str], None] | None]:
    """What shows how far an execution is while the block runs; None where standard error is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    with Progress() as bar:
        yield bar.show


class Progress:
    """A bar that is there while its block runs, and leaves nothing behind."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._started = perf_counter()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, total: int, name: str) -> None:
        """Layer number `done` of `total` is about to run."""
        if self._bar is None:
            if perf_counter() - self._started < self._patience:
                return
            self._begin(total)
        self._bar.update(self._task, completed=done, description=safe(name))

    def _begin(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        name = TextColumn("{task.description}", markup=False)
        console = Console(stderr=True, highlight=False)
        self._bar = Bar(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), name, console=console, transient=True)
        self._task = self._bar.add_task("", total=total)
        self._bar.start()
