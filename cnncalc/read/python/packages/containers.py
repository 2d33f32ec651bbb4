"""Methods of ModuleList, ModuleDict and Sequential."""

from __future__ import annotations

import ast
from typing import Any

from cnncalc.read.python.layers import modules
from cnncalc.read.python.layers.module import Module


def _append(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    modules.add_child(module, str(len(held_by(module))), args[0] if args else kwargs.get("module"), node)
    return module


def extend_container(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    for child in run.listed(args[0], node):
        _append(run, module, [child], {}, node)
    return module


def _insert(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    held = list(module.children.values())
    held.insert(args[0], args[1])
    module.children = {str(at): child for at, child in enumerate(held)}
    return module


def _pop(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    key = args[0] if args else -1
    name = key if isinstance(key, str) else list(module.children)[key]
    child = module.children.pop(name)
    if not isinstance(key, str):
        module.children = {str(at): part for at, part in enumerate(module.children.values())}
    return child


def _update(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    for name, child in run.packages.pairs(args[0], node):
        modules.add_child(module, name, child, node)


CONTAINER_METHODS: dict[str, Any] = {
    "append": _append,
    "extend": extend_container,
    "insert": _insert,
    "pop": _pop,
    "update": _update,
    "keys": lambda run, module, args, kwargs, node: list(held_by(module)),
    "values": lambda run, module, args, kwargs, node: list(held_by(module).values()),
    "items": lambda run, module, args, kwargs, node: list(held_by(module).items()),
}


def held_by(module: Module) -> dict[str, Any]:
    """What a container holds, by name and in order: modules, parameters, and what was put in as None."""
    held: dict[str, Any] = {**module.params, **module.children}
    held.update((name, None) for name in module.empty)
    if module.kind in ("ModuleList", "ParameterList", "Sequential") and all(map(str.isdigit, held)):
        return dict(sorted(held.items(), key=lambda pair: int(pair[0])))
    return held
