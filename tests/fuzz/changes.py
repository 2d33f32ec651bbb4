"""What mutation testing changes in a module: one operator, number or statement at a time.

What cannot be noticed stays: texts, annotations, decorators, `symbol=`, `help=`, `strict=`.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from types import CodeType
from typing import Any, NamedTuple

PAIRS: tuple[tuple[type[ast.AST], type[ast.AST]], ...] = (
    (ast.Add, ast.Sub),
    (ast.Mult, ast.FloorDiv),
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.And, ast.Or),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
)
SWAPS = {**dict(PAIRS), **{other: one for one, other in PAIRS}, ast.Mod: ast.FloorDiv, ast.Div: ast.Mult}
WORDS = {"min": "max", "max": "min", "any": "all", "all": "any"}
EXACT = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)  # swapped, these are negated
QUIET = {"annotation", "returns", "decorator_list", "format_spec"}
QUIET_WORDS = {"symbol", "help", "strict", "maxsize"}


class Mutant(NamedTuple):
    """One change: `owner.field` (its entry `at`, where it is a list) becomes `new`.

    `scope` and `within`: the lines and the name of the class or function around it; `outer`: it is outside functions.
    """

    path: str
    number: int
    line: int
    scope: range
    within: str
    outer: bool
    said: str
    owner: ast.AST
    field: str
    at: int | None
    new: ast.AST

    def code(self, tree: ast.Module) -> CodeType:
        """The changed module; the tree stays changed."""
        if self.at is None:
            setattr(self.owner, self.field, self.new)
        else:
            getattr(self.owner, self.field)[self.at] = self.new
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)


def with_field(node: ast.AST, **fields: Any) -> Any:
    """The node with other fields, at the same place."""
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def changes(node: Any, field: str, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node may become, and what to call it."""
    if isinstance(node, (ast.BinOp, ast.BoolOp, ast.AugAssign)) and type(node.op) in SWAPS:
        new = SWAPS[type(node.op)]
        yield f"{type(node.op).__name__} -> {new.__name__}", with_field(node, op=new())
    elif isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            new = SWAPS[type(op)]
            yield (
                f"{type(op).__name__} -> {new.__name__}",
                with_field(node, ops=[*node.ops[:at], new(), *node.ops[at + 1 :]]),
            )
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        value = not node.value if isinstance(node.value, bool) else node.value + 1
        yield f"{node.value} -> {value}", with_field(node, value=value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield f"{type(node.op).__name__} dropped", node.operand
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        if name in WORDS:
            yield f"{name} -> {WORDS[name]}", with_field(node, func=with_field(node.func, id=WORDS[name]))
        elif name in ("largest", "smallest"):
            yield f"{name} -> the first", node.args[0]
            yield f"{name} -> the last", node.args[-1]
        elif name == "ceil_div":
            yield "ceil_div -> //", ast.copy_location(ast.BinOp(node.args[0], ast.FloorDiv(), node.args[1]), node)
    test = field == "test" or (field == "ifs" and isinstance(parent, ast.comprehension))
    known = isinstance(node, (ast.UnaryOp, ast.Compare)) and not (
        isinstance(node, ast.Compare) and (len(node.ops) > 1 or not isinstance(node.ops[0], EXACT))
    )
    if test and not known:
        yield "negated", ast.copy_location(ast.UnaryOp(ast.Not(), node), node)
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    guard = isinstance(node, ast.Return) and isinstance(parent, (ast.If, ast.For, ast.Try))
    if isinstance(node, (ast.Raise, ast.Continue, ast.Break)) or (isinstance(node, ast.Expr) and not text) or guard:
        yield "left out", ast.copy_location(ast.If(ast.Constant(False), [node], []), node)
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield "returns None", with_field(node, value=ast.Constant(None))


def mutants(path: str, tree: ast.Module) -> list[Mutant]:
    """Every change of a module."""
    found: list[Mutant] = []

    def walk(node: ast.AST, scope: range, within: str, inner: bool) -> None:
        if isinstance(node, ast.keyword) and node.arg in QUIET_WORDS:
            return
        for field, value in ast.iter_fields(node):
            if field in QUIET:
                continue
            body = field == "body" and isinstance(node, (ast.FunctionDef, ast.Lambda))
            for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(child, ast.AST):
                    continue
                around, name = scope, within
                if isinstance(child, (ast.FunctionDef, ast.ClassDef)) and not inner:
                    around, name = range(child.lineno, (child.end_lineno or child.lineno) + 1), child.name
                for said, new in changes(child, field, node):
                    line, outer = getattr(child, "lineno", 0), not (inner or body)
                    found.append(Mutant(path, len(found), line, around, name, outer, said, node, field, index, new))
                walk(child, around, name, inner or body)

    walk(tree, range(0), "", False)
    return found
