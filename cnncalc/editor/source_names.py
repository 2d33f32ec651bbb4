"""Names of Python source: where the attribute or name under the cursor gets its value, by the text alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cnncalc.core.problem import Span
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.words import line_of
from cnncalc.read.python.files.parse import tree_of


def definition(analysis: Analysis, line: int, column: int) -> Span | None:
    """The line of `self.conv1 = ...` for `self.conv1`, of `class Block` or `def` for a name of the file."""
    try:
        tree = tree_of(analysis.source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    text = line_of(analysis.source.text, line)
    offset = len(text[: column - 1].encode())
    for holder, node in _parts(tree, None):
        if getattr(node, "lineno", 0) != line or not node.col_offset <= offset <= (node.end_col_offset or 0):
            continue
        if isinstance(node, ast.Attribute) and _is_self(node.value) and holder is not None:
            start = (node.value.end_col_offset or 0) + 1
            if offset >= start:
                return _attribute(analysis, tree, holder, node.attr)
        if isinstance(node, ast.Name):
            return _top(analysis, tree, node.id)
    return None


def _parts(node: ast.AST, holder: ast.ClassDef | None) -> Iterator[tuple[ast.ClassDef | None, ast.expr]]:
    """Every expression, with the class that it stands in."""
    stack: list[tuple[ast.AST, ast.ClassDef | None]] = [(node, holder)]
    while stack:
        part, inside = stack.pop()
        if isinstance(part, ast.expr):
            yield inside, part
        within = part if isinstance(part, ast.ClassDef) else inside
        stack += [(inner, within) for inner in ast.iter_child_nodes(part)]


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _attribute(analysis: Analysis, tree: ast.Module, holder: ast.ClassDef, name: str) -> Span | None:
    """Where a class, or a base of it in the file, sets an attribute first, or has a method of that name."""
    classes = {part.name: part for part in tree.body if isinstance(part, ast.ClassDef)}
    waiting, seen = [holder], []
    while waiting:
        part = waiting.pop(0)
        seen.append(part)
        methods = [one for one in part.body if isinstance(one, ast.FunctionDef)]
        for method in sorted(methods, key=lambda one: one.name != "__init__"):
            for _, inner in _parts(method, part):
                stored = isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
                if stored and inner.attr == name and _is_self(inner.value):  # type: ignore[attr-defined]
                    return _span(analysis, inner.lineno, (inner.end_col_offset or 0) - len(name.encode()), name)
            if method.name == name:
                return _span(analysis, method.lineno, method.col_offset + len("def "), name)
        for statement in part.body:
            target = statement.target if isinstance(statement, ast.AnnAssign) else None
            targets = statement.targets if isinstance(statement, ast.Assign) else [target]
            if any(isinstance(one, ast.Name) and one.id == name for one in targets):
                return _span(analysis, statement.lineno, statement.col_offset, name)
        bases = [classes[base.id] for base in part.bases if isinstance(base, ast.Name) and base.id in classes]
        waiting += [base for base in bases if base not in seen]
    return None


def _top(analysis: Analysis, tree: ast.Module, name: str) -> Span | None:
    """Where the top level of the file gives a name its meaning."""
    for statement in tree.body:
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef)) and statement.name == name:
            return _span(analysis, statement.lineno, statement.col_offset + len(_word(statement)), name)
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    return _span(analysis, target.lineno, target.col_offset, name)
    return None


def _word(statement: ast.ClassDef | ast.FunctionDef) -> str:
    return "class " if isinstance(statement, ast.ClassDef) else "def "


def _span(analysis: Analysis, line: int, offset: int, name: str) -> Span:
    """A place of which the column is known in bytes, as Python counts."""
    before = line_of(analysis.source.text, line).encode()[:offset].decode(errors="replace")
    return Span(line, len(before) + 1, len(name))
