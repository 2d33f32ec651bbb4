"""Methods of ModuleList, ModuleDict and Sequential."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase, Method
from cnncalc.read.python.builtin.registry import kind_of
from cnncalc.read.python.layers import modules
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.values import Args, Kwargs, Raised


def _append(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    modules.add_child(module, str(len(held_by(module))), args[0] if args else kwargs.get("module"), node)
    return module


def extend_container(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """`modules.extend(more)`."""
    for child in run.listed(args[0], node):
        _append(run, module, [child], {}, node)
    return module


def _insert(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    held = list(module.children.values())
    at, child = args[0], args[1]
    if not isinstance(at, int) or not isinstance(child, Module):
        raise Raised("TypeError", f"insert takes a position and a module, not {kind_of(at)} and {kind_of(child)}", node)
    held.insert(at, child)
    module.children = {str(at): child for at, child in enumerate(held)}
    return module


def _pop(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    key = args[0] if args else -1
    if not isinstance(key, (int, str)):
        raise Raised("TypeError", f"a module is taken out by a position or a name, not {kind_of(key)}", node)
    name = key if isinstance(key, str) else list(module.children)[key]
    child = module.children.pop(name)
    if not isinstance(key, str):
        module.children = {str(at): part for at, part in enumerate(module.children.values())}
    return child


def _update(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    for name, child in run.packages.pairs(args[0], node):
        modules.add_child(module, str(name), child, node)


CONTAINER_METHODS: dict[str, Method[Module]] = {
    "append": _append,
    "extend": extend_container,
    "insert": _insert,
    "pop": _pop,
    "update": _update,
    "keys": lambda run, module, args, kwargs, node: list(held_by(module)),
    "values": lambda run, module, args, kwargs, node: list(held_by(module).values()),
    "items": lambda run, module, args, kwargs, node: list(held_by(module).items()),
}


def held_by(module: Module) -> dict[str, object]:
    """What a container holds, by name and in order: modules, parameters, and what was put in as None."""
    held: dict[str, object] = {**module.params, **module.children}
    held.update((name, None) for name in module.empty)
    if module.kind in ("ModuleList", "ParameterList", "Sequential") and all(map(str.isdigit, held)):
        return dict(sorted(held.items(), key=lambda pair: int(pair[0])))
    return held
