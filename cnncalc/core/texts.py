"""Values of options and shapes as users write them."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.number import Shape

# Letters of a value in a message.
MOST_SHOWN = 120


def show_value(value: object) -> str:
    """An option's parsed value, as short as it can be written."""
    if isinstance(value, tuple):
        if value and all(isinstance(p, tuple) and len(p) == 2 and p[0] == p[1] for p in value):
            value = tuple(p[0] for p in value)
        if value and all(part == value[0] for part in value) and not isinstance(value[0], tuple):
            return show_value(value[0])
        return "[" + ", ".join(show_value(part) for part in value) + "]"
    if isinstance(value, list):
        return "[" + ", ".join(show_value(part) for part in value) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value)


def shape_text(x: Shape) -> str:
    """A sample's shape without the batch axis: [3, 64, 64]."""
    return "[" + ", ".join(str(size) for size in x[1:]) + "]"


def show(value: object) -> str:
    """A value as the user would write it, cut where it is long."""
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > MOST_SHOWN:
            return text[: MOST_SHOWN - 3] + "..."
    return text


def _pieces(value: object) -> Iterator[str]:
    """The parts of a value as text: of lists that hold each other many times, no more is made than is shown."""
    if isinstance(value, str):
        yield f'"{value}"'
    elif isinstance(value, (list, tuple)):
        yield "["
        for index, part in enumerate(value):
            if index:
                yield ", "
            yield from _pieces(part)
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        for index, (key, part) in enumerate(value.items()):
            yield f"{', ' if index else ''}{key}: "
            yield from _pieces(part)
        yield "}"
    else:
        yield str(value)


def input_count(least: int, most: int | None) -> str:
    """How many inputs a layer takes."""
    if least == most:
        return "one input" if least == 1 else f"{least} inputs"
    if most is None:
        return f"at least {least} inputs"
    return f"{least} to {most} inputs"
