"""Names of a spec: where each is defined, where it is used, and the tree of blocks."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from cnncalc.bundled import SUFFIXES, bundled_path
from cnncalc.core.problem import Span
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.hints import places
from cnncalc.editor.words import line_of, word_at

COMMENT = re.compile(r"(^|\s)#.*$")
BASE = re.compile(r"base\s*:\s*[\"']?(?P<name>[\w.-]+)")


class Symbol(NamedTuple):
    """A block or a layer in the outline."""

    name: str
    detail: str
    kind: str  # "network", "block", "layer", "name"
    span: Span
    children: tuple[Symbol, ...] = ()


class Place(NamedTuple):
    """A place in this text, or in the file of a path."""

    span: Span
    path: str = ""


def definition(analysis: Analysis, line: int, column: int) -> Place | None:
    """Where the name under the cursor is defined: a layer, a block, a name of `let`, a spec to build on."""
    if analysis.kind == "python":
        from cnncalc.editor.source_names import definition

        found = definition(analysis, line, column)
        return Place(found) if found is not None else None
    base = base_at(analysis, line)
    if base is not None:
        return Place(Span(1, 1, 0), base) if base else None
    word, _ = word_at(analysis.source.text, line, column)
    for name in (word, word.split(".")[0]):
        found = _defined(analysis, name)
        if found is not None:
            return Place(found)
    return None


def base_at(analysis: Analysis, line: int) -> str | None:
    """The file of the spec that a line names as its base; empty for one that there is not; None for other lines."""
    found = BASE.match(line_of(analysis.source.text, line))
    if found is None:
        return None
    name = found["name"]
    beside = os.path.join(os.path.dirname(analysis.source.name), name if name.endswith(SUFFIXES) else f"{name}.yaml")
    if os.path.isfile(beside) and os.path.basename(name) == name:
        return beside
    return bundled_path(name) or ""


def _defined(analysis: Analysis, name: str) -> Span | None:
    if not name:
        return None
    spec = analysis.spec
    if spec is not None:
        if name in spec.blocks:
            span: Span = spec.blocks[name].span
            return span
        if name in spec.let:
            return _written(analysis, name, "let")
        for given in spec.inputs:
            if given.name == name:
                return given.span if given.span is not None else None
    for model in analysis.models:
        for row in model.report.rows if model.report is not None else ():
            if row.name == name or row.name.rpartition(".")[2] == name:
                found = places(row, analysis)
                return found.made or found.called
    return None


def _written(analysis: Analysis, name: str, key: str) -> Span | None:
    """The place of a name below a top-level key."""
    inside = False
    for number, line in enumerate(analysis.source.text.split("\n"), 1):
        if re.match(r"\S", line):
            inside = line.startswith(f"{key}:")
        if inside and (found := re.search(rf"(?<![\w.]){re.escape(name)}\s*:", line)):
            return Span(number, found.start() + 1, len(name))
    return None


def uses(analysis: Analysis, name: str) -> list[Span]:
    """Every place of a spec where the name stands as a word of its own, the defining one among them."""
    found = []
    pattern = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
    for number, line in enumerate(analysis.source.text.split("\n"), 1):
        for at in pattern.finditer(COMMENT.sub("", line)):
            found.append(Span(number, at.start() + 1, len(name)))
    return found


def renamed(analysis: Analysis, name: str, new: str) -> list[Span]:
    """The places to change for another name; none where the network would then be another one, or a wrong one.

    A word can be a layer, its type, an option and a constant at once. So the new text is read and compared.
    """
    from cnncalc.editor.text import analyse

    if not re.fullmatch(r"[^\W\d]\w*", new) or uses(analysis, new):
        return []
    lines = analysis.source.text.split("\n")
    spans = [span for span in uses(analysis, name) if not lines[span.line - 1].startswith("name:")]
    for span in reversed(spans):
        line, start = lines[span.line - 1], span.column - 1
        lines[span.line - 1] = line[:start] + new + line[start + span.length :]
    after = analyse("\n".join(lines), analysis.source.name, "spec")
    return spans if _told(after) == _told(analysis) else []


def _told(analysis: Analysis) -> list[object]:
    """What a name must not change: each layer with its numbers, and which problems there are."""
    found: list[object] = [(problem.code, problem.span and problem.span.line) for problem in analysis.problems]
    for model in analysis.models:
        for row in model.report.rows if model.report is not None else ():
            found.append((type(row.node.layer).__name__, str(row.output_shape), str(row.params)))
    return found


def outline(analysis: Analysis) -> list[Symbol]:
    """The networks with their blocks and layers, as they nest."""
    found: list[Symbol] = []
    spec = analysis.spec
    if spec is not None:
        found += [Symbol(name, "define", "block", block.span) for name, block in spec.blocks.items()]
    for model in analysis.models:
        report = model.report
        if report is None or not (analysis.own_layers or analysis.kind == "python"):
            continue
        from cnncalc.diagram.tree import Item, tree

        def symbols(items: list[Item], prefix: str) -> list[Symbol]:
            made = []
            for item in items:
                if item.start >= len(report.rows):  # noqa: B023 - used before the next model
                    break  # behind a mistake nothing is known
                row = report.rows[item.start]  # noqa: B023
                at = places(row, analysis)
                span = at.called or at.made
                if span is None:
                    continue
                name = item.name.removeprefix(prefix)
                if item.children is None:
                    made.append(Symbol(name, row.call, "layer", span))
                else:
                    inner = tuple(symbols(item.children, item.name + "."))
                    made.append(Symbol(name, f"{item.stop - item.start} layers", "block", span, inner))
            return made

        if len(report.rows) <= MOST_SYMBOLS:
            found += symbols(tree(report.graph), "")
    return found


MOST_SYMBOLS = 5_000
