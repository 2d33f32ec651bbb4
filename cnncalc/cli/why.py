"""`cnncalc why CODE`: the page on a problem."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.output import write
from cnncalc.problem import did_you_mean, fail


def run(
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help="What stands in error[...]; without it, all codes.", show_default=False),
    ] = None,
) -> int:
    """A page on a problem's code: a wrong spec, the message, the fix."""
    from cnncalc.problems import codes, read

    known = codes()
    if code is None:
        write("\n".join(known) + "\n")
        return 0
    code = code.removeprefix("error").removeprefix("warning").strip("[]: ")
    if code not in known:
        near = did_you_mean(code, known)
        fail(
            "unknown-code",
            f'there is no page on "{code}"',
            help=f"did you mean {near}?" if near else "cnncalc why lists all codes",
        )
    write(read(code))
    return 0
