"""A command as typer makes it, once: the options it takes stand in its module and nowhere else."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperOption
from typer.main import get_command

from cnncalc.cli.bundle import unbundled

QUIET: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["--help", "-h"]},
}


WATCHED = frozenset(
    ["shapes", "params", "explain", "check", "ask", "cost", "compare", "solve", "run", "draw", "report"]
)
# Commands whose pages LaTeX has.
PAGES = frozenset(["shapes", "params", "explain", "check", "ask", "cost", "compare", "solve", "run", "layers", "specs"])
FRAGMENT_HELP = "Of LaTeX: the page alone, for input in a document."
AGAIN = "Again at each save of a file that was read, until Ctrl-C."


class Flag(NamedTuple):
    """An option: how it is written, the longest form first, and whether the next word is its value."""

    written: tuple[str, ...]
    takes: bool


def _listed(examples: tuple[str, ...]) -> str:
    """Examples as they end a help, in lines of their own; a line break in one is a shell's."""
    lines = [line for example in examples for line in f"  {example}".replace("\n", " \\\n      ").split("\n")]
    return "\n".join(["\b", "Examples:", *lines])


@cache
def command(name: str) -> Any:
    """The command of that name, its module imported."""
    app = typer.Typer(**QUIET)
    module = import_module(f"cnncalc.cli.{name}")
    app.command(name=name, epilog=_listed(module.EXAMPLES))(unbundled(module.run))
    made = get_command(app)
    if name in WATCHED:
        made.params.append(TyperOption(param_decls=["--watch"], is_flag=True, expose_value=False, help=AGAIN))
    options = {param.name for param in made.params}
    if "format" in options and "fragment" not in options and name in PAGES:
        made.params.append(
            TyperOption(
                param_decls=["--fragment"], is_flag=True, expose_value=False, help=FRAGMENT_HELP, callback=_fragment
            )
        )
    return made


def _fragment(ctx: Any, param: Any, wanted: bool) -> None:
    from cnncalc.cli.output import FRAGMENT

    FRAGMENT.ask(bool(wanted))


@cache
def flags(name: str) -> tuple[Flag, ...]:
    """The options of a command."""
    found = []
    for param in command(name).params:
        if param.param_type_name == "option" and param.opts != ["--watch"]:  # which `app` takes out
            written = sorted((*param.opts, *param.secondary_opts), key=len, reverse=True)
            found.append(Flag(tuple(written), not param.is_flag))
    return tuple(found)


def taking(name: str) -> frozenset[str]:
    """The options of a command after which the next word is a value, also those that are common to all."""
    every = (*flags(name), *common())
    return frozenset(word for flag in every if flag.takes for word in flag.written)


@cache
def common() -> tuple[Flag, ...]:
    """The options that people expect of every command on NET."""
    from cnncalc.cli import options

    kinds: tuple[Any, ...] = (options.Batch, options.Depth, options.Seed, options.Execute)
    found = []
    for kind in kinds:
        info = kind.__metadata__[0]  # in `Annotated` the first name stands where the default would
        found.append(Flag((info.default, *info.param_decls), kind is not options.Execute))
    return tuple(found)


def idle(name: str) -> tuple[Flag, ...]:
    """The common options that a command on NET has no use for."""
    if not any(param.name == "net" or param.name == "a" for param in command(name).params):
        return ()
    own = {word for flag in flags(name) for word in flag.written}
    return tuple(flag for flag in common() if own.isdisjoint(flag.written))
