"""The formats that pages are written in: each has a module of its name here with `render(document)`.

A new one is such a module and a line below. `table` is `plain` where no terminal draws it; `json` is what the command
has to say as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.core.problem import did_you_mean, fail


class Format(NamedTuple):
    """A format: its name, what people write for it, whether single values are a page in it, whether it is one table."""

    name: str
    aliases: tuple[str, ...]
    values: bool
    one_table: bool = False


PAGES = (
    Format("table", (), values=False),
    Format("plain", ("text", "txt"), values=False),
    Format("markdown", ("md",), values=True),
    Format("latex", ("tex",), values=True),
    Format("csv", (), values=True, one_table=True),
    Format("json", (), values=False),
    Format("html", (), values=True),
)
FORMATS = tuple(format.name for format in PAGES)
# Those in which a value that was asked for is a page; in others it stands alone.
OF_VALUES = tuple(format.name for format in PAGES if format.values)
# Those that have room for one table and for nothing beside it.
ONE_TABLE = tuple(format.name for format in PAGES if format.one_table)
# Those that a person reads, with the names that worksheets and quizzes have for them.
FOR_READERS = ("table", "plain", "text", "markdown", "latex", "html")
ALIASES = {alias: format.name for format in PAGES for alias in format.aliases}


def unknown(value: str, formats: tuple[str, ...], aliases: Mapping[str, str]) -> None:
    """Refuse a format that is none of these, with the one that was probably meant."""
    near = did_you_mean(aliases.get(value, value), formats)
    fail(
        "unknown-format",
        f'there is no format "{value}"',
        help=[*([f"did you mean {near}?"] if near else []), f"the formats are {', '.join(formats)}"],
    )
