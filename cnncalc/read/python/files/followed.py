"""A file whose top level was followed: the names that it gives, for the networks that are made of it.

An editor's text changes letter by letter, and most letters stand in the body of a function. Then the names keep their
meaning, and only what called that function is worked out again.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.core.problem import Problem, Source, SpecError
from cnncalc.network.graph import Graph
from cnncalc.read.python.files.follow import follow
from cnncalc.read.python.files.imports import Importer
from cnncalc.read.python.files.parse import parse
from cnncalc.read.python.files.places import span_of
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

    def replace(self, source: Source, tree: ast.Module) -> frozenset[Any] | None:
        """Take over another text; the functions that are other ones now.

        None where the file is to be followed anew, as more than bodies of functions is another: then nothing is done.
        """
        old, new = list(_units(self.file.tree)), list(_units(tree))
        before, after = self.file.source.text.split("\n"), source.text.split("\n")
        importer = self.packages.importer
        if len(old) != len(new) or self.touched or (importer is not None and importer.changed()):
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
        for one, other in zip(old, new, strict=True):
            if one.head.first != other.head.first:
                _move(one.node, other.head.first - one.head.first)
        for node, now in changed:
            node.__dict__.clear()
            node.__dict__.update(now.__dict__)
        self.file.source = source
        return frozenset(node for node, _ in changed)


class _Lines(NamedTuple):
    """Lines of a text, from 1, the last one among them."""

    first: int
    last: int

    def text(self, lines: list[str]) -> list[str]:
        return lines[self.first - 1 : self.last]


class _Unit(NamedTuple):
    """A part of a file: a statement, the head of a class, or a function with its body."""

    node: Any
    head: _Lines
    body: _Lines | None


def _units(holder: ast.Module | ast.ClassDef) -> Iterator[_Unit]:
    """The statements of a file in order, those of classes each by itself."""
    for node in holder.body:
        marks = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(mark.lineno for mark in marks)])
        last = node.end_lineno or node.lineno
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            head = _head_end(node)
            inner = node.body[0]
            if head < min([inner.lineno, *(mark.lineno for mark in getattr(inner, "decorator_list", []))]):
                whole = isinstance(node, ast.FunctionDef)
                yield _Unit(node, _Lines(first, head), _Lines(head + 1, last) if whole else None)
                if isinstance(node, ast.ClassDef):
                    yield from _units(node)
                continue
        yield _Unit(node, _Lines(first, last), None)


def _head_end(node: ast.FunctionDef | ast.ClassDef) -> int:
    """The last line that is worked out where the function or class is defined: of its defaults, or its bases."""
    if isinstance(node, ast.ClassDef):
        parts: list[Any] = [*node.bases, *node.keywords]
    else:
        given = node.args
        parts = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg, node.returns,
                 *given.defaults, *given.kw_defaults]  # fmt: skip
    return max([int(node.lineno), *(int(part.end_lineno) for part in parts if part is not None)])


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
    span = span_of(refused.node, home) if hasattr(refused.node, "lineno") else None
    return Problem(
        refused.code, refused.message, source=home if span is not None else source, span=span, help=refused.help
    )
