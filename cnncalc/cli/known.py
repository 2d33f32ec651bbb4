"""The parameters of each command: the options it takes stand in its module and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, get_args

from cnncalc.cli.bundle import Parameter, parameters
from cnncalc.cli.declared import Option
from cnncalc.cli.output import FRAGMENT

WATCHED = frozenset(
    ["shapes", "params", "explain", "check", "ask", "cost", "compare", "solve", "run", "draw", "report"]
)
WATCH = Option("--watch", help="Run again whenever a file that was read is saved, until Ctrl-C.")
FRAGMENTS = Option(
    "--fragment",
    help="For LaTeX: only the body, to input in a document.",
    callback=lambda wanted: FRAGMENT.ask(bool(wanted)),
)


class Flag(NamedTuple):
    """An option: how it is written, the longest form first, and whether the next word is its value."""

    written: tuple[str, ...]
    takes: bool


def run(name: str) -> Callable[..., int]:
    """What the command does; its module is imported."""
    made: Callable[..., int] = import_module(f"cnncalc.cli.{name}").run
    return made


def examples(name: str) -> tuple[str, ...]:
    """Calls of the command for its help; its module is imported."""
    made: tuple[str, ...] = import_module(f"cnncalc.cli.{name}").EXAMPLES
    return made


@cache
def taken(name: str) -> list[Parameter]:
    """What a command takes, with the options that many have."""
    found = parameters(run(name))
    options = {parameter.name for parameter in found}
    if name in WATCHED:
        found.append(Parameter("watch", bool, False, WATCH, passed=False))
    if "format" in options and "fragment" not in options and _in_latex(name, found):
        found.append(Parameter("fragment", bool, False, FRAGMENTS, passed=False))
    return found


def _in_latex(name: str, found: list[Parameter]) -> bool:
    """Whether it takes the formats of pages, which `check` has with further ones."""
    from cnncalc.cli.options import Format

    return name == "check" or any(parameter.option in get_args(Format) for parameter in found)


@cache
def flags(name: str) -> tuple[Flag, ...]:
    """The options of a command."""
    options = (parameter for parameter in taken(name) if parameter.option not in (None, WATCH))  # `app` takes out
    return tuple(_flag([*each.on, *each.off], each.kind is not bool) for each in options if not each.argument)


def taking(name: str) -> frozenset[str]:
    """The options of a command after which the next word is a value, also those that are common to all."""
    every = (*flags(name), *common())
    return frozenset(word for flag in every if flag.takes for word in flag.written)


@cache
def common() -> tuple[Flag, ...]:
    """The options that people expect of every command on NET."""
    from cnncalc.cli import options

    kinds: tuple[Any, ...] = (options.Batch, options.Depth, options.Seed, options.Execute)
    return tuple(_flag(kind.__metadata__[0].written, kind is not options.Execute) for kind in kinds)


def _flag(written: Any, takes: bool) -> Flag:
    return Flag(tuple(sorted(written, key=len, reverse=True)), takes)


def idle(name: str) -> tuple[Flag, ...]:
    """The common options that a command on NET has no use for."""
    if not any(parameter.name in ("net", "a") for parameter in taken(name)):
        return ()
    own = {word for flag in flags(name) for word in flag.written}
    return tuple(flag for flag in common() if own.isdisjoint(flag.written))
