"""The command line: finds the command, imports it alone, and turns every mistake into a diagnostic and a status."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper

from cnncalc.cli import command_line, front
from cnncalc.cli.output import FRAGMENT, is_utf8, open_streams, print_problems, silence, write
from cnncalc.core.problem import Fault, Problem, SpecError
from cnncalc.core.steps import STEPS


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 all well, 1 the answer is no, 2 a wrong call or spec."""
    if argv is None:
        # The process is short: looking for cycles of objects costs more than its end, which frees them all.
        gc.set_threshold(100_000, 50, 100)
    open_streams()
    words = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        if not is_utf8(stream) and isinstance(stream, TextIOWrapper):
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
            if argv is None:
                gc.freeze()  # at its end Python looks through all that is left, several times
    except SpecError as error:
        print_problems(error.problems)
        _point_to_page(error.problems)
        return 2
    except Fault as fault:  # a fact of no place
        problems = [Problem(fault.code, fault.message, help=fault.help)]
        print_problems(problems)
        _point_to_page(problems)
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
    if "_CNNCALC_COMPLETE" in os.environ:
        from cnncalc.cli import completion

        status = completion.run()
    else:
        if argv in (["--version"], ["-V"]):
            from cnncalc import __version__

            write(f"cnncalc {__version__}\n")
            return 0
        argv = command_line.normalize(command_line.decoded(argv)) or ["--help"]
        status = front.run(argv)
    if status is None:
        from cnncalc.cli import by_typer

        status = by_typer.run(argv)
    if FRAGMENT.asked and not FRAGMENT.used:
        from cnncalc.cli.unused_options import say

        say(["--fragment"], "in what is no LaTeX")
    FRAGMENT.ask(False)
    return status


def _point_to_page(problems: list[Problem]) -> None:
    """On a terminal, say where more is written about a problem."""
    if not sys.stderr.isatty():
        return
    from cnncalc.problems import codes

    known = set(codes())
    found = dict.fromkeys(problem.code for problem in problems if problem.code in known)
    if found:
        sys.stderr.write(f"more on this: cnncalc why {next(iter(found))}\n")
