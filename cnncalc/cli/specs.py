"""`cnncalc specs`: the networks that ship with the package."""

from __future__ import annotations

from cnncalc.cli.options import Format
from cnncalc.cli.output import show, show_json


def run(format: Format = "table") -> int:
    """The networks that ship with the package, each with its parameters and costs."""
    from cnncalc.pages import specs

    rows = specs.rows()
    if format == "json":
        show_json({"specs": [dict(zip(specs.KEYS, row, strict=True)) for row in rows]})
    else:
        show(specs.page(rows), format)
    return 0
