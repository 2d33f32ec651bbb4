"""Command lines of plain words, read without typer, whose import takes longer than most networks.

What is not plain (help, a mistake, a value in one word with its option) is None here, and typer's.
"""

from __future__ import annotations

import re
from typing import Any

from cnncalc.cli import known
from cnncalc.cli.bundle import NOTHING, Parameter, call
from cnncalc.cli.command_line import COMMANDS
from cnncalc.cli.declared import Context

_WHOLE = re.compile(r"\d{1,9}", re.ASCII)


def run(words: list[str]) -> int | None:
    """Run a command if its line is plain; None where it is not."""
    name = words[0]
    taken = known.taken(name) if name in COMMANDS else []
    values = read(taken, words[1:]) if taken else None
    if values is None:
        return None
    for parameter in taken:
        if parameter.option is not None and "callback" in parameter.option.more:
            values[parameter.name] = parameter.option.more["callback"](values[parameter.name])
    return call(known.run(name), taken, values)


def read(taken: list[Parameter], words: list[str]) -> dict[str, object] | None:
    """The values of a command's parameters; None where the words are not plain."""
    found = split(taken, words)
    if found is None:
        return None
    alone, values, given = found
    return _placed(taken, alone, values, Context(given, values))


def split(taken: list[Parameter], words: list[str]) -> tuple[list[str], dict[str, Any], dict[str, str]] | None:
    """The words that stand alone, the values of options and how these were written; None where some are not plain."""
    switches = {word: (parameter, True) for parameter in taken for word in parameter.on}
    switches |= {word: (parameter, False) for parameter in taken for word in parameter.off}
    values: dict[str, Any] = {}
    given: dict[str, str] = {}
    alone: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            alone.append(word)
            continue
        parameter, on = switches.get(word, (None, True))
        if parameter is None or parameter.name == "watch":
            return None
        given[parameter.name] = written(parameter, on)
        value = on if parameter.kind is bool else _value(parameter, next(rest, ""))
        if value is None:
            return None
        values[parameter.name] = [*values.get(parameter.name, []), *value] if isinstance(value, list) else value
    return alone, values, given


def written(parameter: Parameter, on: bool = True) -> str:
    """The option as a message names it."""
    return max(parameter.on if on else parameter.off, key=len)


def _value(parameter: Parameter, word: str) -> object:
    """What a word is for an option; None where it is not plain."""
    if not word or word.startswith("-"):
        return None
    kind = str(parameter.kind)
    if "list" in kind:
        return [word]
    if "int" not in kind:
        return word
    assert parameter.option is not None
    least, most = parameter.option.more.get("min"), parameter.option.more.get("max")
    number = int(word) if _WHOLE.fullmatch(word) else None
    if number is None or (least is not None and number < least) or (most is not None and number > most):
        return None
    return number


def _placed(
    taken: list[Parameter], alone: list[str], values: dict[str, object], context: Context
) -> dict[str, object] | None:
    """The values with those that stand on their places, and with defaults; None where a word is missing or left."""
    for parameter in taken:
        if parameter.option is None:
            values[parameter.name] = context
        elif parameter.argument and alone:
            values[parameter.name] = alone if "list" in str(parameter.kind) else alone.pop(0)
            alone = [] if "list" in str(parameter.kind) else alone
        elif parameter.name not in values:
            if parameter.default is NOTHING:
                return None
            values[parameter.name] = parameter.default
    return None if alone else values
