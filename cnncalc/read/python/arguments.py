"""argparse: a file that names its options on a command line is followed with their defaults."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin.registry import new_object
from cnncalc.read.python.values import MISSING, Args, Kwargs, Native, Object, Raised, Unknown

SWITCHES = {"store_true": False, "store_false": True, "count": None, "append": None, "store_const": None}
SAME = ("add_argument_group", "add_mutually_exclusive_group")


def parser(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """`argparse.ArgumentParser(...)`: parse_args gives the defaults of what was added."""
    made = new_object(run, "ArgumentParser", node)
    found: dict[str, object] = {}
    for given in run.listed(kwargs.get("parents") or (), node):
        inside = given.attrs.get("__found__") if isinstance(given, Object) else None
        if isinstance(inside, dict):
            found.update(inside)
    made.attrs["__found__"] = found

    def add(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        name = _name(args, kwargs)
        if name:
            found[name] = _default(run, args, kwargs, node)
        return new_object(run, "Action", node)

    def parse(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        names = new_object(run, "Namespace", node)
        names.attrs.update(found)
        return names

    def defaults(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
        found.update(kwargs)

    def default(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        return found.get(args[0]) if args and isinstance(args[0], str) else None

    made.attrs["add_argument"] = Native("add_argument", add)
    made.attrs["parse_args"] = Native("parse_args", parse)
    made.attrs["parse_known_args"] = Native("parse_known_args", lambda r, a, k, n: (parse(r, a, k, n), []))
    made.attrs["set_defaults"] = Native("set_defaults", defaults)
    made.attrs["get_default"] = Native("get_default", default)
    for name in ("print_help", "print_usage", "format_help", "error", "exit"):
        made.attrs[name] = Native(name, lambda r, a, k, n: None)
    for name in SAME:
        made.attrs[name] = Native(name, lambda r, a, k, n: made)
    return made


def _name(args: Args, kwargs: Kwargs) -> str:
    """The attribute that an option sets: `dest`, the first long option, else the first."""
    given = kwargs.get("dest")
    if isinstance(given, str):
        return given
    words = [word for word in args if isinstance(word, str)]
    first = next((word for word in words if word.startswith("--")), words[0] if words else "")
    return first.lstrip("-").replace("-", "_") if first.startswith("-") else first


def _default(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """The value of an option that is not given."""
    word = next((word for word in args if isinstance(word, str)), "an option")
    action = kwargs.get("action", MISSING)
    default = kwargs.get("default", MISSING)
    if default is MISSING and isinstance(action, str) and action in SWITCHES:
        return SWITCHES[action]
    if default is MISSING:
        needed = kwargs.get("required") is True or not (word.startswith("-") or kwargs.get("nargs") in ("?", "*"))
        return Unknown(f"{word} has no default", node, run.file) if needed else None
    kind = kwargs.get("type")
    if isinstance(default, str) and kind is not None and not isinstance(kind, Unknown):
        try:
            return run.call(kind, [default], {}, node)
        except Raised as raised:
            return Unknown(raised.message, node, run.file)
    return default
