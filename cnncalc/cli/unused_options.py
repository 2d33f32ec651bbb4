"""What was asked for and changes nothing in what is printed: it is said, never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cnncalc.cli.declared import Context
from cnncalc.core.problem import Problem

if TYPE_CHECKING:
    from cnncalc.network.report import Report


def say(flags: Iterable[str], where: str) -> None:
    """Note that options change nothing: `--depth and --batch change nothing in cnncalc solve`."""
    names = list(dict.fromkeys(flags))
    if not names:
        return
    from cnncalc.cli.output import print_problems

    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    verb = "changes" if len(names) == 1 else "change"
    print_problems([Problem("no-effect", f"{listed} {verb} nothing {where}", severity="note")])


def say_flat(given: Given, report: Report, depth: int | None) -> None:
    """Say it where --depth finds no block to fold."""
    from cnncalc.pages.fold import folds

    if depth is not None and not folds(report, depth):
        given.idle("depth", f"in {report.name}, which has no blocks below level {depth}")


class Given:
    """The options that were given to a command; those that change nothing are said once, with the first reason."""

    def __init__(self, ctx: Context) -> None:
        self._flags = dict(ctx.given)

    def __contains__(self, name: str) -> bool:
        return name in self._flags

    def idle(self, names: str, where: str) -> None:
        """Say that the options of these parameters, where they were given, change nothing `where`."""
        say([self._flags.pop(name) for name in names.split() if name in self._flags], where)
