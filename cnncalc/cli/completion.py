"""What a shell is told when Tab is pressed, without typer, whose import is what one would wait for.

The questions and the forms of the answers are those of the scripts that `--install-completion` writes. What is not
plain (quotes, an option in one word with its value, mistakes, PowerShell) is None here, and typer's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from cnncalc.cli import front, known
from cnncalc.cli.bundle import Parameter
from cnncalc.cli.command_line import COMMANDS
from cnncalc.cli.declared import Context
from cnncalc.cli.output import write

Words = list[tuple[str, str]]  # what may stand there, each with its help or nothing
HELP = [("--help", "Show this message and exit."), ("-h", "Show this message and exit.")]


def run() -> int | None:
    """Answer the shell's question; the exit status, or None where the line is not plain."""
    shell = os.environ["_CNNCALC_COMPLETE"].removeprefix("complete_")
    line = os.environ.get("COMP_WORDS" if shell == "bash" else "_TYPER_COMPLETE_ARGS", "")
    if shell not in FORMS or any(letter in line for letter in "\"'\\="):
        return None
    words = line.split()
    at = len(words) - (not line.endswith(" "))
    if shell == "bash":
        number = os.environ.get("COMP_CWORD", "")
        at = int(number) if number.isdecimal() else 0
    begun = words[at] if at < len(words) else ""
    found = _found(words[1:at], begun) if at else None
    if found is None:
        return None
    if shell == "fish" and os.environ.get("_TYPER_COMPLETE_FISH_ACTION") != "get-args":
        return 0 if found else 1  # whether there is anything but files
    write(FORMS[shell](found) + "\n")
    return 0


def _found(done: list[str], begun: str) -> Words | None:
    """What may stand where a word was begun, behind the words that are done."""
    if not done:
        return None if begun.startswith("-") else _beginning(begun, list(COMMANDS.items()))
    taken = known.taken(done[0]) if done[0] in COMMANDS else []
    waiting = next((each for each in taken if done[-1] in each.on and each.kind is not bool), None)
    split = front.split(taken, done[1:-1] if waiting else done[1:])
    if not taken or split is None or (waiting and begun.startswith("-")):
        return None
    alone, values, given = split
    if begun.startswith("-"):
        left = [each for each in taken if each.name not in given or "list" in str(each.kind)]
        options = [
            (word, _said(each, "help") or "") for each in left if not each.argument for word in [*each.on, *each.off]
        ]
        return _beginning(begun, [*options, *HELP])
    asked = waiting
    for each in taken:
        if asked is None and each.argument:
            asked = each if not alone or "list" in str(each.kind) else None
            values[each.name] = alone.pop(0) if alone else None
    return _values(asked, Context(given, values), begun) if asked is not None else []


def _values(asked: Parameter, context: Context, begun: str) -> Words:
    """What a parameter proposes."""
    propose: Callable[..., list[object]] | None = _said(asked, "autocompletion")
    if propose is None:
        return []
    takes = propose.__code__.co_varnames[: propose.__code__.co_argcount]
    said = propose(**{name: begun if name == "incomplete" else context for name in takes})
    return _beginning(begun, [word if isinstance(word, tuple) else (word, "") for word in said])


def _beginning(begun: str, words: Words) -> Words:
    return [word for word in words if word[0].startswith(begun)]


def _said(parameter: Parameter, what: str) -> Any:
    return None if parameter.option is None else parameter.option.more.get(what)


def _bash(found: Words) -> str:
    return "\n".join(word for word, _ in found)


def _zsh(found: Words) -> str:
    if not found:
        return "_files"
    said = (f'"{_escaped(word)}"' + (f':"{_escaped(help)}"' if help else "") for word, help in found)
    return "_arguments '*: :((" + "\n".join(said) + "))'"


def _escaped(text: str) -> str:
    for letter, instead in (('"', '""'), ("'", "''"), ("$", "\\$"), ("`", "\\`"), (":", r"\\:")):
        text = text.replace(letter, instead)
    return text


def _fish(found: Words) -> str:
    return "\n".join(f"{word}\t{' '.join(help.split())}" if help else word for word, help in found)


FORMS: dict[str, Callable[[Words], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
