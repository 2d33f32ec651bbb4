"""The command line as typer reads it: help, completion, mistakes and whatever is not written plainly."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import Parameter as Signed
from inspect import Signature
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from cnncalc.cli import command_line, known, left_out
from cnncalc.cli.bundle import NOTHING, Parameter, call
from cnncalc.cli.declared import Context
from cnncalc.cli.front import written
from cnncalc.cli.output import print_problems, write

QUIET: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["--help", "-h"]},
}
# The parser's own exceptions are typer's vendored click or click itself, by typer's version.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


class Commands(TyperGroup):
    """A group that imports a command's module when it is needed."""

    def list_commands(self, ctx: object) -> list[str]:
        """The commands' names, in the order of the help."""
        return list(command_line.COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name not in command_line.COMMANDS:
            return None
        return command(cmd_name)

    def format_commands(self, ctx: object, formatter: Any) -> None:
        """The commands of the help, by what they are wanted for; none is imported for it."""
        longest = max(map(len, command_line.COMMANDS))
        for title, lines in command_line.GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(longest), line) for name, line in lines.items()])


def _version(wanted: bool) -> None:
    if wanted:
        from cnncalc import __version__

        write(f"cnncalc {__version__}\n")
        raise typer.Exit


app = typer.Typer(cls=Commands, **{**QUIET, "add_completion": True})


@app.callback()
def cnncalc(
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Shapes, parameters and costs of neural networks, with the reason.

    NET is a spec file, PyTorch source, an ONNX or Keras file, a config.json, a bundled name, - for standard input, or
    a chain in quotes.

    \b
    Examples:
      cnncalc shapes "3x64x64 -> Conv2d(3, 16, 3) -> Flatten"
      cnncalc explain lenet5 conv1
      cnncalc shapes model.py -i 3x32x32
      cnncalc COMMAND --help
    """


def _listed(examples: tuple[str, ...]) -> str:
    """Examples as they end a help, in lines of their own; a line break in one is a shell's."""
    lines = [line for example in examples for line in f"  {example}".replace("\n", " \\\n      ").split("\n")]
    return "\n".join(["\b", "Examples:", *lines])


@cache
def command(name: str) -> object:
    """The command of that name, its module imported."""
    made = typer.Typer(**QUIET)
    made.command(name=name, epilog=_listed(known.examples(name)))(signed(known.run(name), known.taken(name)))
    return get_command(made)


def signed(run: Callable[..., int], taken: list[Parameter]) -> Callable[..., int]:
    """The command with a signature as typer reads it."""

    def called(**values: object) -> int:
        for parameter in taken:
            if parameter.option is None:
                values[parameter.name] = context_of(values[parameter.name], taken)
        return call(run, taken, values)

    flat = [
        Signed(
            parameter.name,
            Signed.KEYWORD_ONLY,
            default=Signed.empty if parameter.default is NOTHING else parameter.default,
            annotation=_annotation(parameter),
        )
        for parameter in taken
    ]
    called.__doc__ = run.__doc__
    called.__annotations__ = {each.name: each.annotation for each in flat}
    called.__signature__ = Signature(flat)  # type: ignore[attr-defined]
    return called


def _annotation(parameter: Parameter) -> object:
    if parameter.option is None:
        return typer.Context
    kind: Any = typer.Argument if parameter.argument else typer.Option
    return Annotated[parameter.kind, kind(*parameter.option.written, **parameter.option.more)]


def context_of(context: Any, taken: list[Parameter]) -> Context:
    """What typer's context says, in our words."""
    given = {}
    for parameter in taken:
        source = context.get_parameter_source(parameter.name)
        if parameter.on and source is not None and source.name == "COMMANDLINE":
            off = bool(parameter.off) and context.params[parameter.name] is False
            given[parameter.name] = written(parameter, not off)
    return Context(given, context.params)


def run(words: list[str]) -> int:
    """Run one command; returns its status."""
    try:
        status = get_command(app).main(words, prog_name="cnncalc", standalone_mode=False)
    except UsageError as error:
        from cnncalc.cli.usage import problem

        print_problems([problem(error)])
        return 2
    except left_out.Missing as error:
        print_problems([left_out.problem(f"cnncalc {words[0]}", error)])
        return 2
    return status if isinstance(status, int) else 0
