"""Whether a statement that could not be followed would have changed a network that the file made before it."""

from __future__ import annotations

import ast

from cnncalc.read.python.interpreter.syntax import called
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.values import File, Function

# What changes a network wherever it is called, and what does where it is called on a part of one.
ALWAYS = frozenset(
    ("requires_grad_", "add_module", "register_module", "register_parameter", "setattr", "delattr", "__setattr__")
)
ON_PARTS = frozenset(["append", "extend", "insert", "pop", "apply", "update"])
LISTED = frozenset(["parameters", "named_parameters", "modules", "named_modules", "children", "named_children"])


def changed(statement: ast.stmt, file: File) -> list[Module]:
    """The networks of the top level that a statement would have changed, as far as its text tells."""
    names = {
        part.id: value
        for part in ast.walk(statement)
        if isinstance(part, ast.Name) and isinstance(value := file.scope.names.get(part.id), Module)
    }
    if not names or _trains(statement):
        return []
    return list(names.values()) if _changes(statement, frozenset(names), file, 0) else []


def _trains(statement: ast.stmt) -> bool:
    """Whether it is a loop over something else than the parts of a network: over epochs, batches."""
    if isinstance(statement, ast.While):
        return True
    return isinstance(statement, ast.For) and not any(
        isinstance(part, ast.Call) and called(part) in LISTED for part in ast.walk(statement.iter)
    )


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _changes(root: ast.AST, names: frozenset[str], file: File, depth: int) -> bool:
    for part in ast.walk(root):
        targets: list[ast.expr] = []
        if isinstance(part, (ast.Assign, ast.Delete)):
            targets = part.targets
        elif isinstance(part, (ast.AugAssign, ast.AnnAssign)):
            targets = [part.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr == "requires_grad":
                return True
            if isinstance(target, (ast.Attribute, ast.Subscript)) and _root(target) in names:
                return True
        if not isinstance(part, ast.Call):
            continue
        name = called(part)
        if name in ALWAYS:
            return True
        if name in ON_PARTS and isinstance(part.func, ast.Attribute) and _root(part.func) in names:
            return True
        function = file.scope.names.get(name) if isinstance(part.func, ast.Name) else None
        if isinstance(function, Function) and depth < 3 and not isinstance(function.node, ast.Lambda):
            given = [argument.arg for argument in (*function.node.args.posonlyargs, *function.node.args.args)]
            inside = {arg for arg, value in zip(given, part.args, strict=False) if _root(value) in names}
            inside |= {keyword.arg for keyword in part.keywords if keyword.arg and _root(keyword.value) in names}
            if inside and _changes(function.node, frozenset(inside), file, depth + 1):
                return True
    return False
