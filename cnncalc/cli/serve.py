"""`cnncalc serve NET`: the report as a page that follows the text, on this machine alone."""

from __future__ import annotations

import os
import sys
from typing import Annotated

from cnncalc.cli.declared import Option
from cnncalc.cli.options import Input, Net
from cnncalc.core.problem import fail


def run(
    net: Net,
    input_: Input = None,
    port: Annotated[int, Option("--port", metavar="N", min=0, max=65535, help="The port; 0 for a free one.")] = 0,
    open_: Annotated[bool, Option("--open/--no-open", help="Open it in the browser.")] = True,
) -> int:
    """A live page that follows the text, on this machine alone.

    The text stands on one side, on the other picture, table and formulas, following each keystroke.
    Saves of the file are followed too; nothing is written. Ctrl-C ends it.
    """
    from cnncalc.bundled import bundled_path
    from cnncalc.web.server import Live

    path = net if os.path.isfile(net) else bundled_path(net) or ""
    if net == "-":
        fail("option-value", "serve follows a file or a chain: standard input is read once")
    if not path and "->" not in net and "→" not in net:
        from cnncalc.read.resolve import resolve

        resolve(net)  # says what is wrong with the name
    try:
        live = Live(port, path, "" if path else net, list(input_ or ()))
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
