"""HTML: a page of its own, without scripts and without anything fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.document import Document, Formula, Heading, Note, Part, Picture, Table
from cnncalc.render.mathml import equation
from cnncalc.render.plain import picture_lines, tree_lines
from cnncalc.render.text import safe, written

ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
STYLE = """\
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --rule: #767676; --good: #176b2c; --bad: #b00020 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #16181c; --rule: #8a8f98; --good: #6fd08c; --bad: #ff8a8a }
}
body { font-family: sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: var(--ink);
  background: var(--paper) }
h1, h2 { overflow-wrap: anywhere }
.scroll, pre { overflow-x: auto }
table { border-collapse: collapse; margin: 1em 0 }
th, td { padding: 0.2em 0.8em; text-align: left; white-space: nowrap }
th, tfoot td { border-bottom: 1px solid var(--rule); font-weight: bold }
tfoot td { border-bottom: none; border-top: 1px solid var(--rule) }
.right { text-align: right; font-variant-numeric: tabular-nums }
.formula { font-family: serif; font-size: 1.1em; margin: 0.3em 0 0.3em 2em; overflow-x: auto }
.formula div + div { margin-left: 2em }
.good { color: var(--good) }
.bad { color: var(--bad) }
"""


def render(document: Document) -> str:
    """The document as one HTML page that ends with a newline."""
    title = next((part.text for part in document.parts if isinstance(part, Heading)), "cnncalc")
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{STYLE}</style>",
        "</head>",
        "<body>",
    ]
    return "\n".join([*lines, *body(document), "</body>", "</html>"]) + "\n"


def body(document: Document) -> list[str]:
    """The document's parts as HTML, for a page that has a head of its own."""
    return [line for part in document.parts for line in _part(part)]


def escape(text: str) -> str:
    """The text so that a browser shows it as it is."""
    return safe(text).translate(ESCAPES)


def _part(part: Part) -> Iterator[str]:
    if isinstance(part, Heading):
        level = min(part.level, 6)
        yield f"<h{level}>{escape(part.text)}</h{level}>"
    elif isinstance(part, Table):
        yield from _table(part)
    elif isinstance(part, Note):
        yield (
            f"<p>{escape(part.text)}</p>" if part.kind == "note" else f'<p class="{part.kind}">{escape(part.text)}</p>'
        )
    elif isinstance(part, Formula):
        yield from _formula(part)
    else:
        texts = picture_lines(part) if isinstance(part, Picture) else tree_lines(part)
        yield "<pre>" + "\n".join(map(escape, texts)) + "</pre>"


def _formula(part: Formula) -> Iterator[str]:
    """MathML, a line for each step, where TeX is known; else the text."""
    lines = equation(part.tex_left, part.tex_steps) if part.tex_left else []
    if lines:
        yield '<div class="formula">' + "".join(f"<div>{line}</div>" for line in lines) + "</div>"
    else:
        yield f'<p class="formula">{escape(" = ".join([part.left, *part.steps]))}</p>'


def _table(table: Table) -> Iterator[str]:
    rights = [column.right for column in table.columns]
    yield '<div class="scroll" tabindex="0" role="region" aria-label="table"><table>'
    yield f"<thead>{_row([column.title for column in table.columns], rights, 'th')}</thead>"
    yield "<tbody>"
    for row in written(table, [*table.lead, *table.rows]):
        yield _row(row, rights, "td")
    yield "</tbody>"
    if table.footers:
        yield "<tfoot>"
        for row in written(table, table.footers):
            yield _row(row, rights, "td")
        yield "</tfoot>"
    yield "</table></div>"


def _row(cells: list[str], rights: list[bool], tag: str) -> str:
    kinds = [' class="right"' if right else "" for right in rights]
    shown = [f"<{tag}{kind}>{escape(cell)}</{tag}>" for cell, kind in zip(cells, kinds, strict=True)]
    return "<tr>" + "".join(shown) + "</tr>"
