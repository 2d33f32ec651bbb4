"""`cnncalc lsp`: the language server, which editors start and talk to over standard input and output."""

from __future__ import annotations

from typing import Annotated

from cnncalc.cli.declared import Option
from cnncalc.cli.output import open_streams
from cnncalc.core.problem import fail

EXAMPLES = (
    "cnncalc lsp --stdio",
    "cnncalc lsp",
)


def run(
    stdio: Annotated[bool, Option("--stdio", help="Over standard input and output, which is the only way.")] = True,
) -> int:
    """A language server: shapes beside the lines, in an editor.

    It reads specs and PyTorch source. Editors start it; docs/editors.md has the settings for each.
    """
    try:
        from cnncalc.editor.server import main
    except ImportError:
        fail("lsp-missing", "the language server needs pygls", help='pip install "cnncalc[lsp]"')
    main()
    open_streams()  # the server has closed them
    return 0
