"""Places in Python files, for messages: of a call in forward, and of the arguments that made a module."""

from __future__ import annotations

import ast
from functools import lru_cache

from cnncalc.core.problem import Source, Span
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.tensors import Origin


def has_place(node: object) -> bool:
    """Whether something is a node of the syntax that knows where it stands."""
    return getattr(node, "lineno", None) is not None


def span_of(node: object, source: Source | None = None) -> Span:
    """Where an expression or statement stands; columns count characters, as everywhere."""
    line = getattr(node, "lineno", 1)
    column = getattr(node, "col_offset", 0)
    end = getattr(node, "end_col_offset", None)
    length = 1
    if end is not None and getattr(node, "end_lineno", line) == line:
        length = max(1, end - column)
    if source is not None:
        lines = _lines(source.text)
        if 0 < line <= len(lines):
            if lines[line - 1].isascii():
                column = min(column, len(lines[line - 1]))
                length = max(1, min(length, len(lines[line - 1]) - column))
            else:
                text = lines[line - 1].encode("utf-8")
                length = len(text[column : column + length].decode("utf-8", "replace")) or 1
                column = len(text[:column].decode("utf-8", "replace"))
            if getattr(node, "end_lineno", line) != line:
                length = max(1, len(lines[line - 1].rstrip()) - column)
    return Span(line, column + 1, max(1, length))


@lru_cache(maxsize=16)
def _lines(text: str) -> list[str]:
    """The lines of a file, of which every call asks for one."""
    return text.splitlines()


def origin_of(packages: PackagesBase, module: Module | None, node: ast.AST) -> Origin:
    """The origin of a node that a call makes; a module's options stand where it was made."""
    run = packages.interpreter
    node, file = run.spot(node)
    source = file.source if file is not None else Source("<python>", "")
    called = (source, node)
    made = None
    if module is not None and module.file is not None and type(module.node).__name__ == "Place":
        return Origin(module.file.source, module.node, span_of, None, called)
    if (
        module is not None
        and isinstance(module.node, ast.Call)
        and module.layer is not None
        and module.file is not None
    ):
        call, layer, where = module.node, module.layer, module.file.source
        source, node = where, call
        if module.inside:
            return Origin(source, node, span_of, None, called)

        def made(option: str) -> Span:
            for keyword in call.keywords:
                if keyword.arg == option:
                    return span_of(keyword.value, where)
            names = [name for name, known in layer.options.items() if not known.keyword_only]
            stars = any(isinstance(argument, ast.Starred) for argument in call.args)
            if option in names and names.index(option) < len(call.args) and not stars:
                return span_of(call.args[names.index(option)], where)
            return span_of(call, where)

    return Origin(source, node, span_of, made, called)
