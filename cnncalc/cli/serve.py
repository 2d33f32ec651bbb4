"""`cnncalc serve NET`: the report as a page that follows the text, on this machine alone or as files for a browser."""

from __future__ import annotations

import os
import sys
from typing import Annotated

from cnncalc.cli.declared import Argument, Context, Option
from cnncalc.cli.options import Input
from cnncalc.cli.unused_options import Given
from cnncalc.core.problem import fail

EXAMPLES = (
    "cnncalc serve net.yaml",
    "cnncalc serve lenet5 --port 8000",
)


def run(
    ctx: Context,
    net: Annotated[
        str | None,
        Argument(
            metavar="[NET]",
            help="A file, a chain or a bundled network; without it a small example.",
            show_default=False,
        ),
    ] = None,
    input_: Input = None,
    port: Annotated[int, Option("--port", metavar="N", min=0, max=65535, help="The port; 0 for a free one.")] = 0,
    open_: Annotated[bool, Option("--open/--no-open", help="Open it in the browser.")] = True,
    static: Annotated[
        str | None,
        Option(
            "--static",
            metavar="DIR",
            help="Write the page as files instead: it runs in the browser, from any file server.",
            show_default=False,
        ),
    ] = None,
    pyodide: Annotated[
        str | None,
        Option(
            "--pyodide",
            metavar="FILE",
            help="With --static: the archive that npm pack pyodide writes, or its folder.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """A live page that follows what you type, on this machine only.

    The text stands on one side, on the other picture, table and formulas, following each keystroke.
    Saves of the file are followed too; nothing is written. Ctrl-C ends it.

    With --static the page is written into a folder: Python runs in the browser, and what is typed stays there.
    """
    from cnncalc.bundled import bundled_path
    from cnncalc.web.page import START

    given = Given(ctx)
    path = "" if net is None else net if os.path.isfile(net) else bundled_path(net) or ""
    if net == "-":
        fail("option-value", "serve follows a file or a chain: standard input is read once")
    if net is not None and not path and "->" not in net and "→" not in net:
        from cnncalc.read.resolve import resolve

        resolve(net)  # says what is wrong with the name
    text = START if net is None else "" if path else net
    if static is not None:
        given.idle("port open_", "with --static")
        given.idle("input_", "with --static: write it into the text")
        return _write(static, pyodide, path, text)
    given.idle("pyodide", "without --static")
    return _serve(path, text, port, open_, list(input_ or ()))


def _serve(path: str, text: str, port: int, open_: bool, inputs: list[str]) -> int:
    from cnncalc.web.server import Live

    try:
        live = Live(port, path, text, inputs)
    except OSError as error:
        fail("option-value", f"port {port} cannot be used: {error.strerror}", help="leave --port out for a free one")
    sys.stdout.write(f"{live.address}\n")
    sys.stdout.flush()
    if open_ and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(live.address)
    try:
        live.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        return 130
    finally:
        live.server_close()
    return 0


def _write(folder: str, pyodide: str | None, path: str, text: str) -> int:
    from cnncalc.read.yaml.text_file import read_text
    from cnncalc.web import site

    if pyodide is None:
        fail(
            "missing-argument",
            "--static needs Pyodide, the Python of browsers, and nothing is downloaded",
            help=site.GET,
        )
    files = site.site(pyodide, os.path.basename(path), read_text(path).text if path else text)
    site.write(folder, files)
    size = sum(map(len, files.values()))
    sys.stdout.write(f"{folder}: {len(files)} files, {size / 1e6:.1f} MB\n")
    return 0
