"""`cnncalc specs`: the networks that ship with the package."""

from __future__ import annotations

from typing import Annotated

from cnncalc.bundled import nearest
from cnncalc.cli.declared import Argument
from cnncalc.cli.options import Format, nets
from cnncalc.cli.output import show, show_json
from cnncalc.core.problem import fail

EXAMPLES = (
    "cnncalc specs",
    "cnncalc specs bert",
)


def run(
    words: Annotated[
        list[str] | None,
        Argument(
            metavar="[WORD]...",
            autocompletion=nets,
            help="Only those with all these words in name or description.",
            show_default=False,
        ),
    ] = None,
    format: Format = "table",
) -> int:
    """The networks that ship with the package, each with its parameters and costs.

    Words search their names and descriptions: cnncalc specs bert.
    """
    from cnncalc.pages import specs

    said = specs.sentences() if words else {}
    rows = specs.rows(specs.matching(words, said) if words else None)
    if words and not rows:
        near = nearest(words[0])
        fail(
            "unknown-net",
            f"no bundled network has {' and '.join(words)} in its name or description",
            help=f"did you mean {near}?" if near else "cnncalc specs lists them all",
        )
    if format == "json":
        show_json({"specs": [dict(zip(specs.KEYS, row, strict=True)) for row in rows]})
    else:
        show(specs.page(rows, said), format)
    return 0
