"""Functions of Python's library that files make settings with: json, re, string, inspect."""

from __future__ import annotations

import ast
import re

from cnncalc.read.python.bases import Call, InterpreterBase
from cnncalc.read.python.builtin.registry import native, natives, new_object
from cnncalc.read.python.values import (
    MISSING,
    Args,
    Bound,
    Class,
    External,
    Function,
    Kwargs,
    Native,
    Object,
    Partial,
    Raised,
    Unknown,
)

STRINGS = ("ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits", "punctuation", "printable")


def constant_of(path: str) -> object:
    """A text of the module `string`; MISSING for every other path."""
    head, _, name = path.rpartition(".")
    if head != "string" or name not in STRINGS:
        return MISSING
    import string

    return getattr(string, name)


@native("json.loads")
def _loads(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if not isinstance(args[0], str):
        return Unknown("the text that json.loads reads is not known", node)
    run.size(len(args[0]), node)
    import json

    try:
        return json.loads(args[0])
    except (ValueError, RecursionError) as error:
        raise Raised("ValueError", str(error)[:80], node) from None


# What could take a search more than cubic time: a group that is repeated, and more than three open ends.
_REPEATED = r"\)[*+{?]"
_OPEN = r"[*+]|\{\d+,"


def _harmless(pattern: str, text: str) -> bool:
    return (
        len(text) <= 300
        and len(pattern) <= 100
        and not re.search(_REPEATED, pattern)
        and len(re.findall(_OPEN, pattern)) <= 3
    )


def _searched(name: str, place: int) -> Call:
    """One of re's functions, where the pattern is simple and the text short."""

    def call(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        pattern, text = (args[0], args[place]) if len(args) == place + 1 and not kwargs else (None, None)
        if not isinstance(pattern, str) or not isinstance(text, str) or not _harmless(pattern, text):
            return Unknown(f"re.{name} with this pattern or text is not followed", node)
        if name == "sub" and not isinstance(args[1], str):
            return Unknown("re.sub with a function is not followed", node)
        run.spend(100 + len(text) ** min(len(re.findall(_OPEN, pattern)), 3) // 50, node)
        try:
            found = getattr(re, name)(*args)
        except (re.error, RecursionError, OverflowError) as error:
            raise Raised("ValueError", str(error)[:80], node) from None
        return _match(found, run, node) if isinstance(found, re.Match) else found

    return call


for _name, _place in (("match", 1), ("fullmatch", 1), ("search", 1), ("findall", 1), ("split", 1), ("sub", 2)):
    native(f"re.{_name}")(_searched(_name, _place))


def _match(found: re.Match[str], run: InterpreterBase, node: ast.AST) -> Object:
    made = new_object(run, "Match", node)

    def group(r: InterpreterBase, args: Args, kwargs: Kwargs, at: ast.AST) -> object:
        wanted = [name for name in args if isinstance(name, (int, str))]
        try:
            parts = [found.group(name) for name in wanted or [0]]
        except IndexError as error:
            raise Raised("IndexError", str(error), at) from None
        if len(wanted) < len(args):
            raise Raised("IndexError", "no such group", at)
        return tuple(parts) if len(parts) > 1 else parts[0]

    made.attrs["group"] = Native("group", group)
    made.attrs["groups"] = Native("groups", lambda r, a, k, n: found.groups())
    made.attrs["groupdict"] = Native("groupdict", lambda r, a, k, n: found.groupdict())
    made.attrs["start"] = Native("start", lambda r, a, k, n: found.start())
    made.attrs["end"] = Native("end", lambda r, a, k, n: found.end())
    return made


@natives("inspect.", "isfunction isclass ismethod")
def _is_kind(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    value = args[0]
    if isinstance(value, Unknown):
        return value
    if name == "isclass" and isinstance(value, External):
        return value.name[:1].isupper()
    return isinstance(value, {"isfunction": Function, "isclass": Class, "ismethod": Bound}[name])


@native("inspect.signature", "inspect.getfullargspec")
def _signature(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    value, skip = args[0], 0
    if isinstance(value, Bound):
        value, skip = value.function, 1
    if isinstance(value, Class):
        value, skip = value.find("__init__"), 1
    if not isinstance(value, Function) or isinstance(value, Partial):
        return Unknown("the signature of this value is not known", node)
    given = value.node.args
    plain = [one.arg for one in (*given.posonlyargs, *given.args)]
    known = dict(zip(plain[len(plain) - len(value.defaults) :], value.defaults, strict=True))
    known |= {one.arg: default for one, default in zip(given.kwonlyargs, value.kw_defaults, strict=True)}
    kinds = dict.fromkeys(plain, "POSITIONAL_OR_KEYWORD") | {one.arg: "KEYWORD_ONLY" for one in given.kwonlyargs}
    more = ((given.vararg, "VAR_POSITIONAL"), (given.kwarg, "VAR_KEYWORD"))
    kinds |= {one.arg: said for one, said in more if one is not None}
    made = new_object(run, "Signature", node)
    made.attrs["args"] = list(kinds)
    parameters: dict[str, Object] = {}
    for name in list(kinds)[skip:]:
        default = known.get(name, MISSING)
        parameters[name] = one = new_object(run, "Parameter", node)
        one.attrs["name"] = name
        one.attrs["default"] = External("inspect.Parameter.empty") if default is MISSING else default
        one.attrs["kind"] = External(f"inspect.Parameter.{kinds[name]}")
        one.attrs["annotation"] = Unknown("annotations are not followed", node)
    made.attrs["parameters"] = parameters
    return made
