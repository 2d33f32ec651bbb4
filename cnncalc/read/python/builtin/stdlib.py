"""Functions of Python's library that files make settings with: json, re, string, inspect."""

from __future__ import annotations

import ast
import re
from typing import Any

from cnncalc.read.python.builtin.registry import native
from cnncalc.read.python.values import (
    MISSING,
    Bound,
    Class,
    External,
    Function,
    Native,
    Object,
    Partial,
    Raised,
    Unknown,
)

STRINGS = ("ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits", "punctuation", "printable")


def constant_of(path: str) -> Any:
    """A text of the module `string`; MISSING for every other path."""
    head, _, name = path.rpartition(".")
    if head != "string" or name not in STRINGS:
        return MISSING
    import string

    return getattr(string, name)


@native("json.loads")
def _loads(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    if not isinstance(args[0], str):
        return Unknown("what json reads", node)
    run.size(len(args[0]), node)
    import json

    try:
        return json.loads(args[0])
    except (ValueError, RecursionError) as error:
        raise Raised("ValueError", str(error)[:80], node) from None


# What could take a search more than cubic time: a group that is repeated, and more than three open ends.
_REPEATED = r"\)[*+{?]"
_OPEN = r"[*+]|\{\d+,"


def _harmless(pattern: Any, text: Any) -> bool:
    return (
        isinstance(pattern, str)
        and isinstance(text, str)
        and len(text) <= 300
        and len(pattern) <= 100
        and not re.search(_REPEATED, pattern)
        and len(re.findall(_OPEN, pattern)) <= 3
    )


def _searched(name: str, place: int) -> Any:
    """One of re's functions, where the pattern is simple and the text short."""

    def call(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        if kwargs or len(args) != place + 1 or not _harmless(args[0], args[place]):
            return Unknown(f"what re.{name} finds", node)
        if name == "sub" and not isinstance(args[1], str):
            return Unknown("what re.sub puts in", node)
        run.spend(100 + len(args[place]) ** min(len(re.findall(_OPEN, args[0])), 3) // 50, node)
        try:
            found = getattr(re, name)(*args)
        except (re.error, RecursionError, OverflowError) as error:
            raise Raised("ValueError", str(error)[:80], node) from None
        return _match(found, run, node) if isinstance(found, re.Match) else found

    return call


for _name, _place in (("match", 1), ("fullmatch", 1), ("search", 1), ("findall", 1), ("split", 1), ("sub", 2)):
    native(f"re.{_name}")(_searched(_name, _place))


def _match(found: re.Match[str], run: Any, node: ast.AST) -> Object:
    made = Object(Class("Match", [External("object")], node, run.file))

    def group(r: Any, args: list[Any], kwargs: dict[str, Any], at: Any) -> Any:
        try:
            return found.group(*args)
        except (IndexError, TypeError) as error:
            raise Raised("IndexError", str(error), at) from None

    made.attrs["group"] = Native("group", group)
    made.attrs["groups"] = Native("groups", lambda r, a, k, n: found.groups())
    made.attrs["groupdict"] = Native("groupdict", lambda r, a, k, n: found.groupdict())
    made.attrs["start"] = Native("start", lambda r, a, k, n: found.start())
    made.attrs["end"] = Native("end", lambda r, a, k, n: found.end())
    return made


@native("inspect.isfunction")
def _isfunction(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    return args[0] if isinstance(args[0], Unknown) else isinstance(args[0], Function)


@native("inspect.isclass")
def _isclass(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return value
    return isinstance(value, Class) or (isinstance(value, External) and value.name[:1].isupper())


@native("inspect.ismethod")
def _ismethod(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    return args[0] if isinstance(args[0], Unknown) else isinstance(args[0], Bound)


@native("inspect.signature", "inspect.getfullargspec")
def _signature(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value, skip = args[0], 0
    if isinstance(value, Bound):
        value, skip = value.function, 1
    if isinstance(value, Class):
        value, skip = value.find("__init__"), 1
    if not isinstance(value, Function) or isinstance(value, Partial):
        return Unknown("a signature", node)
    given = value.node.args
    plain = [one.arg for one in (*given.posonlyargs, *given.args)]
    known = dict(zip(plain[len(plain) - len(value.defaults) :], value.defaults, strict=True))
    known |= {one.arg: default for one, default in zip(given.kwonlyargs, value.kw_defaults, strict=True)}
    kinds = dict.fromkeys(plain, "POSITIONAL_OR_KEYWORD") | {one.arg: "KEYWORD_ONLY" for one in given.kwonlyargs}
    more = ((given.vararg, "VAR_POSITIONAL"), (given.kwarg, "VAR_KEYWORD"))
    kinds |= {one.arg: said for one, said in more if one is not None}
    made = Object(Class("Signature", [External("object")], node, run.file))
    made.attrs["args"] = list(kinds)
    made.attrs["parameters"] = parameters = {}
    for name in list(kinds)[skip:]:
        one = parameters[name] = Object(Class("Parameter", [External("object")], node, run.file))
        default = known.get(name, MISSING)
        one.attrs["name"] = name
        one.attrs["default"] = External("inspect.Parameter.empty") if default is MISSING else default
        one.attrs["kind"] = External(f"inspect.Parameter.{kinds[name]}")
        one.attrs["annotation"] = Unknown("an annotation", node)
    return made
