"""The command line: finds the command, imports it alone, and turns every mistake into a diagnostic and a status."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from cnncalc.cli import command_line
from cnncalc.cli.known import QUIET, command
from cnncalc.cli.output import FRAGMENT, open_streams, print_problems, silence, write
from cnncalc.core.problem import Fault, Problem, SpecError
from cnncalc.core.steps import STEPS

# The parser's own exceptions are typer's vendored click or click itself, by typer's version.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


class Commands(TyperGroup):
    """A group that imports a command's module when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands' names, in the order of the help."""
        return list(command_line.COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name not in command_line.COMMANDS:
            return None
        return command(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
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


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 all well, 1 the answer is no, 2 a wrong call or spec."""
    if argv is None:
        # The process is short: looking for cycles of objects costs more than its end, which frees them all.
        gc.set_threshold(100_000, 50, 100)
    open_streams()
    words = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        if (stream.encoding or "").lower().replace("-", "") != "utf8" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    STEPS.begin()
    STEPS.held = True
    try:
        try:
            if "--watch" in words and "--help" not in words:
                from cnncalc.cli import watch

                if watch.takes(words):
                    return watch.watch([word for word in words if word != "--watch"], main)
            return _run(words)
        finally:
            STEPS.held = False
            sys.stdout.flush()
    except SpecError as error:
        print_problems(error.problems)
        _point_to_page(error.problems)
        return 2
    except Fault as fault:  # a fact of no place
        problems = [Problem(fault.code, fault.message, help=fault.help)]
        print_problems(problems)
        _point_to_page(problems)
        return 2
    except UsageError as error:
        from cnncalc.cli.usage import problem

        print_problems([problem(error)])
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        silence()
        return 0
    except OSError as error:  # a full disk, a folder that is gone
        try:
            sys.stdout.flush()
        except OSError:
            silence()
        where = f': "{error.filename}"' if error.filename else ""
        print_problems([Problem("system-refused", f"the system refused: {error.strerror or error}{where}")])
        return 2
    except RecursionError:
        print_problems([Problem("too-deep", "the network is nested too deeply")])
        return 2
    except MemoryError:
        print_problems(
            [Problem("too-much-memory", "this machine has not enough memory for it", help="try a smaller network")]
        )
        return 2
    except Exception as error:
        if os.environ.get("CNNCALC_DEBUG"):
            raise
        message = f"internal error, {type(error).__name__}: {error}"
        help = "this is a mistake in cnncalc, please report it; CNNCALC_DEBUG=1 shows where it happened"
        print_problems([Problem("internal", " ".join(message.split()), help=help)])
        return 2


def _run(argv: list[str]) -> int:
    group = get_command(app)
    if "_CNNCALC_COMPLETE" not in os.environ:
        argv = command_line.normalize(command_line.decoded(argv)) or ["--help"]
    status = group.main(argv, prog_name="cnncalc", standalone_mode=False)
    if FRAGMENT.asked and not FRAGMENT.used:
        from cnncalc.cli.unused_options import say

        say(["--fragment"], "in what is no LaTeX")
    FRAGMENT.ask(False)
    return status if isinstance(status, int) else 0


def _point_to_page(problems: list[Problem]) -> None:
    """On a terminal, say where more is written about a problem."""
    if not sys.stderr.isatty():
        return
    from cnncalc.problems import codes

    known = set(codes())
    found = dict.fromkeys(problem.code for problem in problems if problem.code in known)
    if found:
        sys.stderr.write(f"more on this: cnncalc why {next(iter(found))}\n")
