"""How a changed module comes to life in a process that has imported the module: its code is put into what is there."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

DERIVED = ("options", "ranks", "inferences")  # a class makes them from its other attributes


def mark(code: CodeType) -> tuple[str, int, int]:
    """What tells the functions of a file apart; lambdas of one line by their column."""
    columns = [place[2] for place in code.co_positions() if place[2]] if code.co_name == "<lambda>" else []
    return code.co_name, code.co_firstlineno, min(columns, default=0)


def live_functions(paths: Iterable[str]) -> dict[str, list[FunctionType]]:
    """The functions of files wherever they are held."""
    gc.unfreeze()  # `tests/conftest.py` freezes what is there after collection, and frozen objects are not listed
    found: dict[str, list[FunctionType]] = {path: [] for path in paths}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename in found:
            found[thing.__code__.co_filename].append(thing)
    return found


def inner_codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from inner_codes(constant)


def forget(module: ModuleType, tree: ast.Module) -> None:
    """Empty what a module has gathered in dictionaries that begin empty."""
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Dict) and not node.value.keys:
            for name in ast.walk(node.targets[0] if isinstance(node, ast.Assign) else node.target):
                if isinstance(name, ast.Name):
                    vars(module)[name.id].clear()


def execute_again(module: ModuleType, code: CodeType) -> None:
    """Run a module's changed code, and put what came out into the live classes, functions and importers."""
    made: dict[str, Any] = {name: vars(module).get(name) for name in ("__name__", "__file__", "__package__")}
    exec(code, made)
    importers = [other for name, other in list(sys.modules.items()) if name.split(".")[0] in ("cnncalc", "tests")]
    for name, new in made.items():
        old = vars(module).get(name)
        if name.startswith("__") or new is old:
            continue
        if isinstance(old, type) and old.__module__ == module.__name__ and isinstance(new, type):
            renew_class(old, new)
        elif isinstance(old, FunctionType):
            old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
        elif not isinstance(new, (type, ModuleType)) and not hasattr(new, "__wrapped__"):
            for other in (module, *importers):
                if name in vars(other) and vars(other)[name] is old:
                    setattr(other, name, new)


def renew_class(old: type, new: type) -> None:
    """Give a live class the attributes that a changed one has, and its subclasses what follows from them."""
    for name, value in vars(new).items():
        now = vars(old).get(name)
        if isinstance(value, FunctionType) and isinstance(now, FunctionType):
            now.__defaults__, now.__kwdefaults__ = value.__defaults__, value.__kwdefaults__
        elif type(value).__name__ == "Option" and type(now).__name__ == "Option":
            vars(now).update(vars(value))
        elif name[0] != "_" and name not in DERIVED and not callable(value) and not hasattr(value, "__get__"):
            setattr(old, name, value)
    family: list[Any] = [old]
    for kind in family:
        super(kind, kind).__init_subclass__()
        family.extend(type.__subclasses__(kind))
