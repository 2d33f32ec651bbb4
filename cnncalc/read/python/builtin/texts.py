"""Texts: formats and the methods of str."""

from __future__ import annotations

import ast
import re

from cnncalc.read.python.bases import InterpreterBase, Method
from cnncalc.read.python.builtin.registry import kind_of, unknown
from cnncalc.read.python.values import Args, Bound, Exhausted, Function, Kwargs, Object, Raised, Refused, Unknown


def shown(value: object, run: InterpreterBase, node: ast.AST, quoted: bool = False) -> object:
    """str(value), or repr with `quoted`; `Unknown` for what has no text here."""
    run.spend(1, node)
    if isinstance(value, Unknown):
        return value
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, str):
        return repr(value) if quoted else value
    if isinstance(value, (list, tuple)):
        found = [shown(part, run, node, True) for part in value]
        parts = [part for part in found if isinstance(part, str)]
        if len(parts) < len(found):
            return next(part for part in found if not isinstance(part, str))
        run.size(sum(map(len, parts)), node)
        if isinstance(value, tuple):
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        return f"[{', '.join(parts)}]"
    if isinstance(value, Object) and "name" in value.attrs and value.kind.members() is not None:
        return f"{value.kind.name}.{value.attrs['name']}"
    if isinstance(value, Object) and isinstance(value.kind.find("__str__"), Function):
        return run.call(Bound(value, value.kind.find("__str__")), [], {}, node)
    return Unknown(f"a {kind_of(value)} has no text here", node)


def formatted(value: object, spec: str, conversion: str, run: InterpreterBase, node: ast.AST) -> object:
    """A value in an f-string."""
    if any(len(digits) > 4 for digits in re.findall(r"\d+", spec)):
        raise Exhausted("python-too-long", f"a text would be formatted with {spec[:20]}", node)
    if isinstance(value, (bool, int, float, str)) and not conversion:
        try:
            return format(value, spec)
        except (ValueError, OverflowError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    text = shown(value, run, node, quoted=conversion in ("r", "a"))
    return format(text, spec) if isinstance(text, str) and spec else text


def by_percent(text: str, values: object, run: InterpreterBase, node: ast.AST) -> object:
    """`text % values`."""
    if any(len(digits) > 4 for digits in re.findall(r"\d+", text)) or "*" in text:
        raise Exhausted("python-too-long", "a text would be formatted too wide", node)
    given = values if isinstance(values, (tuple, dict)) else (values,)
    lacks = unknown(given.values() if isinstance(given, dict) else given)
    if lacks is not None:
        return lacks
    parts = given.values() if isinstance(given, dict) else given
    if not all(part is None or isinstance(part, (bool, int, float, str)) for part in parts):
        return Unknown("a value that is no number or text is formatted", node)
    try:
        return text % given
    except (TypeError, ValueError, KeyError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


def formatted_by_method(run: InterpreterBase, text: str, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """str.format, for names and numbers in braces; attributes and indices are refused."""
    lacks = unknown(args, kwargs)
    if lacks is not None:
        return lacks
    count = 0

    def put(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] in ("{{", "}}"):
            return found[0][0]
        name, _, spec = found[1].partition(":")
        name, _, conversion = name.partition("!")
        if name == "":
            name, count = str(count), count + 1
        if name.isdigit() and int(name) < len(args):
            value = args[int(name)]
        elif name in kwargs:
            value = kwargs[name]
        else:
            raise Refused("python-construct", f"the field {{{found[1][:40]}}} of format is not followed", node)
        made = formatted(value, spec, conversion, run, node)
        if not isinstance(made, str):
            raise Refused("python-construct", "a value has no text", node)
        return made

    result = re.sub(r"\{\{|\}\}|\{([^{}]*)\}", put, text)
    run.size(len(result), node)
    return result


TEXT_METHODS = frozenset(
    """
        lower upper strip lstrip rstrip split rsplit startswith endswith isdigit isalpha isalnum isupper islower
        capitalize title find rfind index count partition rpartition splitlines removeprefix removesuffix swapcase
        casefold isidentifier isnumeric isspace
        """.split()
)


def plain_method(name: str) -> Method[str]:
    """A method of str that only reads its text, by its name."""

    def call(run: InterpreterBase, this: str, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        lacks = unknown(args, kwargs)
        if lacks is not None:
            return lacks
        try:
            return getattr(this, name)(*args, **kwargs)
        except (TypeError, ValueError) as error:
            raise Raised(type(error).__name__, str(error), node) from None

    return call


def joined(run: InterpreterBase, this: str, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """str.join."""
    given = run.listed(args[0], node)
    lacks = unknown(given)
    if lacks is not None:
        return lacks
    parts = [part for part in given if isinstance(part, str)]
    if len(parts) < len(given):
        raise Raised("TypeError", "join takes texts", node)
    run.size(sum(len(part) + len(this) for part in parts), node)
    return this.join(parts)


def replaced(run: InterpreterBase, this: str, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """str.replace, within the longest text that is allowed."""
    old, new = (*args[:2], None, None)[:2]
    count = args[2] if len(args) > 2 else -1
    if not isinstance(old, str) or not isinstance(new, str) or not isinstance(count, int):
        return unknown(args) or Unknown("what str.replace gets is no plain text", node)
    run.size(len(this) + (this.count(old) if old else len(this) + 1) * len(new), node)
    return this.replace(old, new, count)


def padded(name: str) -> Method[str]:
    """zfill, ljust, rjust or center, within the longest text that is allowed."""

    def call(run: InterpreterBase, this: str, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        if not args or not isinstance(args[0], int):
            return Unknown(f"the width of {name} is not known", node)
        run.size(args[0], node)
        return getattr(this, name)(*args)

    return call
