"""What is said of the word under the cursor: the layer with its formulas and numbers, or its definition."""

from __future__ import annotations

import re
from typing import Any

from cnncalc import layers
from cnncalc.core.number import grouped
from cnncalc.core.problem import Fault, Span, SpecError
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.hints import hints, lens, places
from cnncalc.editor.names import base_at
from cnncalc.editor.words import word_at
from cnncalc.network.network import Network
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.read.resolve import read_file
from cnncalc.render.markdown import escape
from cnncalc.render.text import cell


def hover(analysis: Analysis, line: int, column: int) -> tuple[str, Span] | None:
    """Markdown on what stands there, and the place that it is about."""
    found = row_at(analysis, line, column)
    if found is not None:
        report, rows, span = found
        return _layer(report, rows), span
    word, span = word_at(analysis.source.text, line, column)
    if analysis.kind == "spec":
        base = base_at(analysis, line)
        if base:
            return _base(base, analysis), span
        return (definition(word), span) if word and layers.find_any(word) else None
    for hint in hints(analysis, range(line, line + 1)):  # of a block, or of several layers
        lines = "\n".join(["```text", hint.text.strip(), *hint.tip.replace("```", "").split("\n"), "```"])
        return lines, Span(line, 1, hint.column - 1)
    return (definition(word), span) if "nn." in word and layers.find(word) else None


def _base(path: str, analysis: Analysis) -> str:
    """What a spec that is built on says of itself, and its totals."""
    comment = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for text in file:
            if not text.startswith("#"):
                break
            comment.append(text.strip("# \n"))
    try:
        report: Report = Network(read_file(path)).report()
    except (SpecError, Fault):
        return _plain(" ".join(comment))
    return "\n\n".join([f"**{_code(lens(report, report.name))}**", _plain(" ".join(comment))])


def row_at(analysis: Analysis, line: int, column: int) -> tuple[Report, list[Row], Span] | None:
    """The layers that were written around a place: those of the narrowest span."""
    best: tuple[Report, list[Row], Span] | None = None
    for model in analysis.models:
        if model.report is None:
            continue
        for row in model.report.rows:
            for span in places(row, analysis):
                if span is None or span.line != line or not span.column <= column <= span.column + span.length:
                    continue
                if best is not None and span == best[2]:
                    best[1].append(row)
                elif best is None or span.length < best[2].length:
                    best = model.report, [row], span
    return best


@grouped()
def _layer(report: Report, rows: list[Row]) -> str:
    """A layer as a table of facts over its formulas."""
    from cnncalc.document import Formula, Note
    from cnncalc.pages import explain

    row = rows[0]
    copies = f" ({len(rows)} times)" if len(rows) > 1 else ""
    texts = [f"**{_code(row.name)}**: {_code(row.call)}{copies}"]
    if report.graph.weights_only:
        texts.append(f"{cell(row.params, 'number')} parameters")
        return "\n\n".join(texts)
    facts = [f"{cell(row.params, 'number')} parameters", f"{cell(row.macs, 'number')} MACs"]
    seen = _field(report, row)
    texts.append(", ".join([*facts, *([f"receptive field {seen}"] if seen else [])]))
    try:
        parts = explain.page(report, [row], []).parts
    except Fault:
        return "\n\n".join(texts)
    formulas = [" = ".join([part.left, *part.steps]) for part in parts if isinstance(part, Formula)]
    if formulas:  # editors draw no TeX
        texts.append("\n".join(["```text", *(text.replace("```", "") for text in formulas), "```"]))
    return "\n\n".join([*texts, *(_plain(part.text) for part in parts if isinstance(part, Note))])


def _field(report: Report, row: Row) -> str:
    from cnncalc.receptive.fields import Fields

    found = Fields(report).get(row.name)
    return " x ".join(map(str, found[0].size)) if found else ""


def definition(name: str, convention: str = "pytorch") -> str:
    """A layer type with its options."""
    kind: Any = layers.find(name, convention) or layers.find(name, "keras")
    if kind is None:
        return ""
    from cnncalc.pages.layers import options

    head = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    lines = [f"**{_code(kind.type())}**", head]
    rows = []
    for option in options(kind):
        default = "required" if option.required else f"default {option.like or option.default}"
        default = "the input determines it" if option.inferred else default
        rows.append(f"- {_code(option.name)}: {option.help} ({default})")
    return "\n\n".join([*lines, "\n".join(rows)])


# No markup in running text: what some editors would show with its backslash.
NEEDLESS = re.compile(r"\\([\[|`]|\](?!\\?[(\[:])|(?<=\w\\)_(?=\w))")


def _plain(text: str) -> str:
    """Text as it is, but for what is code in it."""
    return NEEDLESS.sub(r"\1", escape(text))


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"
