"""Names of Python source: where the attribute or name under the cursor gets its value, by the text alone."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterator

from cnncalc.core.problem import Span
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.words import line_of
from cnncalc.read.python.files.parse import tree_of


class NotRenamed(Exception):
    """Why a name stays as it is."""


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


def renamed(analysis: Analysis, line: int, column: int, new: str) -> list[Span]:
    """The places to change for another name of an attribute of `self`, or of a local name of a function.

    Raises `NotRenamed` with the reason where the source would then mean something else, as far as this file says.
    """
    try:
        tree = tree_of(analysis.source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotRenamed("the file is no Python yet") from None
    if not new.isidentifier() or keyword.iskeyword(new):
        raise NotRenamed(f'"{new}" is no name')
    offset = len(line_of(analysis.source.text, line)[: column - 1].encode())
    for holder, node in _parts(tree, None):
        if getattr(node, "lineno", 0) != line or not node.col_offset <= offset <= (node.end_col_offset or 0):
            continue
        if isinstance(node, ast.Attribute) and _is_self(node.value) and holder is not None:
            if offset > (node.value.end_col_offset or 0):
                return _renamed_attribute(analysis, tree, node.attr, new)
        elif isinstance(node, ast.Name) and node.id != "self":
            return _renamed_local(analysis, tree, node, new)
    raise NotRenamed("only attributes of self and local names are renamed")


def _renamed_attribute(analysis: Analysis, tree: ast.Module, name: str, new: str) -> list[Span]:
    found = []
    for part in ast.walk(tree):
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and part.name in (name, new):
            raise NotRenamed(f'line {part.lineno} defines "{part.name}"')
        if isinstance(part, ast.Constant) and part.value == name:
            raise NotRenamed(f'line {part.lineno} has "{name}" as a text')
        if not isinstance(part, ast.Attribute) or part.attr not in (name, new):
            continue
        if part.attr == new or not _is_self(part.value):
            raise NotRenamed(f"line {part.lineno} has {ast.unparse(part)}")
        found.append(_span(analysis, part.end_lineno or 0, (part.end_col_offset or 0) - len(name.encode()), name))
    return _checked(analysis, name, found)


def _renamed_local(analysis: Analysis, tree: ast.Module, node: ast.Name, new: str) -> list[Span]:
    around = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and node in ast.walk(one)]
    if not around:
        raise NotRenamed("only attributes of self and local names are renamed")
    function, name, found, stored = around[-1], node.id, [], False
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.comprehension)
    for part in ast.walk(function):
        word = part.arg if isinstance(part, ast.arg) else part.id if isinstance(part, ast.Name) else ""
        own = part.target if isinstance(part, ast.comprehension) else part  # what it reads is the function's
        if (
            isinstance(part, scopes)
            and part is not function
            and any(getattr(one, "id", getattr(one, "arg", "")) == name for one in ast.walk(own))
        ):
            raise NotRenamed(f'"{name}" stands in a function or a comprehension inside, too')
        if isinstance(part, (ast.Global, ast.Nonlocal)) and name in part.names:
            raise NotRenamed(f'"{name}" is no local name here')
        if word == new:
            raise NotRenamed(f'"{new}" is there already')
        if word != name:
            continue
        if isinstance(part, ast.arg):
            raise NotRenamed(f'"{name}" is an argument: callers may name it')
        assert isinstance(part, ast.Name)
        stored = stored or isinstance(part.ctx, ast.Store)
        found.append(_span(analysis, part.lineno, part.col_offset, name))
    if not stored:
        raise NotRenamed(f'"{name}" is no local name here')
    return _checked(analysis, name, found)


def _checked(analysis: Analysis, name: str, found: list[Span]) -> list[Span]:
    """The places in order, if the name stands at each: in f-strings Python 3.11 and older say other ones."""
    for span in found:
        if line_of(analysis.source.text, span.line)[span.column - 1 :][: span.length] != name:
            raise NotRenamed(f'"{name}" stands in a text')
    return sorted(found)


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
