"""Single values, bare, for scripts: `cnncalc params NET conv1`, `cnncalc ask NET EXPRESSION`."""

from __future__ import annotations

from typing import Any

from cnncalc.cli.output import write


def print_bare(network: Any, report: Any, names: list[str], what: str, format: str) -> int:
    """Print `NAME.what` for each name; an expression with a property of its own (`conv1.shape`) is left alone."""
    from cnncalc.analysis.ask import ask

    values = []
    for name in names:
        asked = name if _has_property(name) else f"{name}.{what}"
        values.append((asked, ask(network, report, asked)))
    print_values(values, format)
    return 0


def print_values(values: list[tuple[str, Any]], format: str) -> None:
    """One value bare, several as `expression = value`, or JSON lines."""
    from cnncalc.pages import ask as page

    if format == "json":
        from cnncalc.render.json import compact

        lines = [compact({"ask": asked, "value": page.data(value)}) for asked, value in values]
        write("\n".join(lines) + "\n")
    elif format in ("markdown", "csv"):
        from cnncalc.cli.output import show

        show(page.page(values), format)
    elif len(values) == 1:
        write(page.text(values[0][1]) + "\n")
    else:
        write("".join(f"{asked} = {page.text(value)}\n" for asked, value in values))


PROPERTIES = frozenset(
    {"shape", "input_shape", "params", "trainable", "macs", "flops", "dense", "receptive_field", "weight", "bias"}
)


def _has_property(name: str) -> bool:
    return name.rpartition(".")[2] in PROPERTIES or any(character in name for character in "()[+-*/ ")
