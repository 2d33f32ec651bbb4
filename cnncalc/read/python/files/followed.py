"""A file whose top level was followed: the names that it gives, for the networks that are made of it.

An editor's text changes letter by letter, and most letters stand in the body of a function. Then the names keep their
meaning, and only what called that function is worked out again.
"""

from __future__ import annotations

import ast
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnncalc.core.problem import Problem, Source, SpecError
from cnncalc.network.graph import Graph
from cnncalc.read.python.files.follow import follow
from cnncalc.read.python.files.imports import Importer
from cnncalc.read.python.files.parse import parse, parsed_part
from cnncalc.read.python.files.places import has_place, span_of
from cnncalc.read.python.interpreter.interpreter import Interpreter
from cnncalc.read.python.packages.packages import Packages
from cnncalc.read.python.tensor.tensors import Tracer
from cnncalc.read.python.values import Class, File, Refused


class Followed:
    """The interpreter behind a file's top level, and which functions that called."""

    def __init__(self, source: Source, path: str, tree: ast.Module | None = None) -> None:
        packages = Packages(Tracer(Graph("", [])))
        self.run = run = Interpreter(packages)
        if path:
            packages.importer = Importer(run, path)
        stem = os.path.splitext(os.path.basename(path))[0] if path else "model"
        absolute = os.path.abspath(path) if path else ""
        self.file = run.file = File(source, tree if tree is not None else parse(source), absolute, stem)
        self.packages = packages
        try:
            follow(run, self.file)
        except Refused as refused:
            raise SpecError([placed(refused, source)]) from None
        except RecursionError:
            raise SpecError([too_deep(source)]) from None
        self.entered, run.entered = run.entered, set()
        self.steps = run.steps
        self.names = dict(self.file.scope.names)
        self.examples = list(packages.examples)
        self.held = self._held()

    def begin(self) -> None:
        """Make a network as if none had been made before."""
        run = self.run
        self.file.scope.names.clear()
        self.file.scope.names.update(self.names)
        run.steps, run.depth, run.file = self.steps, 0, self.file
        run.frames.clear()
        run.entered = set()
        self.packages.building = 0
        self.packages.examples = list(self.examples)

    @property
    def touched(self) -> bool:
        """Whether something that was made of the file changed what its top level holds."""
        return self.held != self._held()

    def _held(self) -> list[tuple[int, int]]:
        """The lists, dicts and classes of all files, and how much each holds."""
        importer = self.packages.importer
        files = [self.file, *(file for file in (importer.files.values() if importer is not None else ()) if file)]
        found = []
        for file in files:
            names = self.names if file is self.file else file.scope.names
            for value in (*names.values(), names):
                inside = (value.names, *value.names.values()) if isinstance(value, Class) else (value,)
                found += [(id(one), len(one)) for one in inside if isinstance(one, (list, dict))]
        return found

    # --- another text of the same file -------------------------------------------------------------------------------

    def replace(self, source: Source, tree: ast.Module | None = None) -> frozenset[ast.stmt] | None:
        """Take over another text; the functions that are other ones now.

        Without a tree of the text only the class or function around the change is parsed. None where that is not
        enough, or, with a tree, where the file is to be followed anew, as more than bodies of functions is another:
        then nothing is done.
        """
        before, after = self.file.source.text.split("\n"), source.text.split("\n")
        importer = self.packages.importer
        if self.touched or (importer is not None and importer.changed()):
            return None
        body = self.file.tree.body
        part = _Part(body, tree.body, []) if tree is not None else _part(body, before, after)
        if part is None:
            return None
        old, new = list(_units(part.old)), list(_units(part.new))
        if len(old) != len(new):
            return None
        changed = []
        for one, other in zip(old, new, strict=True):
            if one.head.text(before) != other.head.text(after) or type(one.node) is not type(other.node):
                return None
            if one.body is None or other.body is None:
                if one.body is not other.body:
                    return None
            elif one.body.text(before) != other.body.text(after):
                if one.node in self.entered:
                    return None
                changed.append((one.node, other.node))
        moved = [(one.node, other.head.first - one.head.first) for one, other in zip(old, new, strict=True)]
        if len(before) != len(after):
            moved += [(one.node, len(after) - len(before)) for one in _units(part.behind)]
        for node, by in moved:
            if by:
                _move(node, by)
        for node, now in changed:
            node.__dict__.clear()
            node.__dict__.update(now.__dict__)
        for one, other in zip(old, new, strict=True):  # a class ends with its last function
            one.node.end_lineno, one.node.end_col_offset = other.node.end_lineno, other.node.end_col_offset
        self.file.source = source
        return frozenset(node for node, _ in changed)


class _Part(NamedTuple):
    """The statements of a file that a change is in, before and after it, and those behind them."""

    old: Sequence[ast.stmt]
    new: Sequence[ast.stmt]
    behind: Sequence[ast.stmt]


def _part(body: list[ast.stmt], before: list[str], after: list[str]) -> _Part | None:
    """The class or function of the top level that a change is in; None where it is elsewhere, or not one any more.

    Its lines up to the next statement are parsed alone: where they are a whole statement, Python reads what stands
    before and behind them as it did.
    """
    least = min(len(before), len(after))
    above = next((at for at in range(least) if before[at] != after[at]), least)
    below = next((at for at in range(least - above) if before[-1 - at] != after[-1 - at]), least - above)
    firsts = [_first(node) for node in body]
    at = bisect_right(firsts, above) - 1
    end = firsts[at + 1] - 1 if at + 1 < len(body) else len(before)
    if at < 0 or end < len(before) - below or not isinstance(body[at], (ast.ClassDef, ast.FunctionDef)):
        return None
    lines = after[firsts[at] - 1 : end + len(after) - len(before)]
    if any("\r" in line[:-1] for line in lines):  # Python begins a line there
        return None
    future = [one for one in body if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    try:
        new = parsed_part("\n" * (firsts[at] - 1) + "\n".join(lines), future)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if len(new) != 1 or _first(new[0]) != firsts[at]:
        return None
    return _Part([body[at]], new, body[at + 1 :])


def _first(node: ast.stmt) -> int:
    """The first line of a statement, with its decorators."""
    marks: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(mark.lineno for mark in marks)])


class _Lines(NamedTuple):
    """Lines of a text, from 1, the last one among them."""

    first: int
    last: int

    def text(self, lines: list[str]) -> list[str]:
        return lines[self.first - 1 : self.last]


class _Unit(NamedTuple):
    """A part of a file: a statement, the head of a class, or a function with its body."""

    node: ast.stmt
    head: _Lines
    body: _Lines | None


def _units(statements: Sequence[ast.stmt]) -> Iterator[_Unit]:
    """Statements in order, those of classes each by itself."""
    for node in statements:
        first = _first(node)
        last = node.end_lineno or node.lineno
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            head = _head_end(node)
            if head < _first(node.body[0]):
                whole = isinstance(node, ast.FunctionDef)
                yield _Unit(node, _Lines(first, head), _Lines(head + 1, last) if whole else None)
                if isinstance(node, ast.ClassDef):
                    yield from _units(node.body)
                continue
        yield _Unit(node, _Lines(first, last), None)


def _head_end(node: ast.FunctionDef | ast.ClassDef) -> int:
    """The last line that is worked out where the function or class is defined: of its defaults, or its bases."""
    if isinstance(node, ast.ClassDef):
        parts: list[ast.expr | ast.keyword | ast.arg | None] = [*node.bases, *node.keywords]
    else:
        given = node.args
        parts = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg, node.returns,
                 *given.defaults, *given.kw_defaults]  # fmt: skip
    return max([int(node.lineno), *(part.end_lineno or 0 for part in parts if part is not None)])


def _move(node: ast.AST, by: int) -> None:
    """Put a statement so many lines below; of a class its head, as its statements are units of their own."""
    parts = [node]
    for part in parts:
        held = part.__dict__
        if "lineno" in held:
            held["lineno"] += by
            held["end_lineno"] += by
        for name in part._fields:
            value = held.get(name)
            if isinstance(value, list):
                if type(part) is not ast.ClassDef or name != "body":
                    parts += [inner for inner in value if isinstance(inner, ast.AST)]
            elif isinstance(value, ast.AST):
                parts.append(value)


def too_deep(source: Source) -> Problem:
    """What is said where Python's own depth is used up."""
    return Problem("python-too-long", "the code is nested too deeply to be followed", source=source)


def placed(refused: Refused, source: Source) -> Problem:
    """A refusal at its place."""
    home = refused.file.source if refused.file is not None else source
    span = span_of(refused.node, home) if has_place(refused.node) else None
    return Problem(
        refused.code, refused.message, source=home if span is not None else source, span=span, help=refused.help
    )
