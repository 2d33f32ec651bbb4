"""Questions about the syntax tree that need no values."""

from __future__ import annotations

import ast

from cnncalc.read.python.files.walk import parts

LENGTH = 1_000_000  # of a list or a text

SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitAnd: "&", ast.BitXor: "^", ast.MatMult: "@",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


def called(node: ast.AST) -> str:
    """The last name of what is called or raised: `relu` of `F.relu(x)`."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else "exception"


def path_of(node: ast.AST) -> str:
    """`a.b.c` as it is written; empty for other expressions."""
    if isinstance(node, ast.Call):
        return path_of(node.func)
    if isinstance(node, ast.Attribute):
        inner = path_of(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def bound_names(statement: ast.stmt) -> list[str]:
    """The names that a statement would have given a value."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return [statement.name]
    found = []
    for part in ast.walk(statement):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.append(part.id)
        elif isinstance(part, ast.alias):
            found.append((part.asname or part.name).split(".")[0])
    return found


def yields(node: ast.FunctionDef) -> bool:
    """Whether a function is a generator; noted on the node, since it is asked at each call."""
    known: bool | None = getattr(node, "_cnncalc_yields", None)
    if known is None:
        inside = parts(node.body, (ast.FunctionDef, ast.Lambda, ast.ClassDef))
        known = any(type(part) in (ast.Yield, ast.YieldFrom) for part in inside)
        node.__dict__["_cnncalc_yields"] = known
    return known


_SPEAKS = ("print", "warn", "warning", "info", "debug", "error", "log", "warning_once")


def only_speaks(node: ast.If) -> bool:
    """Whether a condition only decides what is printed or refused, or laid out anew in memory."""

    def harmless(statement: ast.stmt) -> bool:
        if isinstance(statement, (ast.Pass, ast.Raise, ast.Assert)):
            return True
        if isinstance(statement, ast.Expr):
            value = statement.value
            return isinstance(value, ast.Constant) or (isinstance(value, ast.Call) and called(value.func) in _SPEAKS)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            name = statement.targets[0]
            return isinstance(name, ast.Name) and ast.unparse(statement.value) == f"{name.id}.contiguous()"
        return isinstance(statement, ast.If) and only_speaks(statement)

    return all(harmless(statement) for statement in (*node.body, *node.orelse))


def short(node: ast.AST) -> str:
    """An expression as it is written, cut to 60 characters."""
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        return "this"
    return text if len(text) <= 60 else text[:57] + "..."
