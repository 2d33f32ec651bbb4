"""Single values, bare, for scripts: `cnncalc params NET conv1`, `cnncalc ask NET EXPRESSION`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.cli.output import room, write
from cnncalc.core.problem import Fault
from cnncalc.core.protocols import Named
from cnncalc.render.formats import OF_VALUES

if TYPE_CHECKING:
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report
    from cnncalc.query.scope import NetworkScope


def print_bare(
    network: Network, report: Report, names: list[str], what: str, format: str, known: NetworkScope | None = None
) -> int:
    """Print `NAME.what` for each layer, block or type; an expression (`conv1.shape`) is left alone."""
    from cnncalc.query.ask import ask, scope

    known = known or scope(network, report)
    asked = [f"{name}.{what}" if _is_part(known, name) else name for name in names]
    print_values([(text, ask(network, report, text, known)) for text in asked], format)
    return 0


def print_values(values: list[tuple[str, object]], format: str, precision: int | None = None) -> None:
    """One value bare, several as `expression = value`, or JSON lines; an array begins on a line of its own.

    A person reads thousands apart; one value that is not written to a terminal keeps its digits together.
    """
    from cnncalc.pages import ask as page

    if format == "json":
        from cnncalc.render.json import compact

        lines = [compact({"ask": asked, "value": page.data(value)}) for asked, value in values]
        write("\n".join(lines) + "\n")
    elif format in OF_VALUES:
        from cnncalc.cli.output import show

        show(page.page(values, precision), format)
    elif len(values) == 1:
        bare = page.text if room() is None else page.shown  # a script takes what is written elsewhere
        write(bare(values[0][1], precision) + "\n")
    else:
        written = [(asked, page.shown(value, precision)) for asked, value in values]
        write("".join(f"{asked} ={_gap(text)}{text}\n" for asked, text in written))


def rounds(value: object, precision: int | None) -> bool:
    """Whether a number of decimals changes how a value is written."""
    from cnncalc.pages import ask as page

    return page.text(value, precision) != page.text(value)


def _is_part(known: Any, name: str) -> bool:
    """Whether a name stands for something that has shapes and counts, and not for an expression."""
    try:
        found = known.part(name) or known.lookup(name)
    except (KeyError, Fault):
        return False
    return isinstance(found, Named)


def _gap(text: str) -> str:
    return "\n" if "\n" in text else " "
