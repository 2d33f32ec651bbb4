"""Shapes that were given for the inputs of a file: `-i 3x224x224`, `-i tokens=128`."""

from __future__ import annotations

from typing import Any

from cnncalc.core.problem import Fault
from cnncalc.expression.environment import Environment
from cnncalc.expression.shape_text import shape_of


def given_inputs(texts: list[str], names: list[str]) -> dict[str, tuple[Any, ...]]:
    """The shapes by the inputs' names; one without a name is that of the first input that has none yet."""
    given: dict[str, tuple[Any, ...]] = {}
    for text in texts:
        name, equals, written = text.partition("=")
        help = f"the inputs are {', '.join(names)}"
        if not equals:
            free = [known for known in names if known not in given]
            if not free:
                raise Fault("unknown-name", f'there is no input for "{text}"', help=help)
            name, written = free[0], text
        elif name not in names:
            raise Fault("unknown-name", f'there is no input "{name}"', help=help)
        given[name] = sizes_of(name, written)
    return given


def sizes_of(name: str, written: str) -> tuple[Any, ...]:
    """The sizes of a shape that was given for an input of that name. Raises `Fault`."""
    try:
        return tuple(shape_of(written, Environment({}))[0])
    except Fault as fault:
        more = "give it one: --set NAME=SIZE" if fault.code == "unknown-name" else fault.help
        raise Fault(fault.code, f"{name}: {fault.message}", help=more) from None
