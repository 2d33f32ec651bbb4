"""HTML: a page of its own, without anything fetched from elsewhere.

Where a table is sortable, a click on a title sorts it; that is the only script.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.document import Bar, Document, Formula, Heading, Note, Picture, Question, Table, Tree
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
main, .scroll, pre { overflow-x: auto }
p { overflow-wrap: anywhere }
table { border-collapse: collapse; margin: 1em 0 }
th, td { padding: 0.2em 0.8em; text-align: left; white-space: nowrap }
th, tfoot td { border-bottom: 1px solid var(--rule); font-weight: bold }
tfoot td { border-bottom: none; border-top: 1px solid var(--rule) }
.right { text-align: right; font-variant-numeric: tabular-nums }
.bar { display: block; width: 16em; background: #8883; border-radius: 2px }
.bar i { display: block; height: 0.8em; min-width: 2px; background: #4a86c8 }
.formula { font-family: serif; font-size: 1.1em; margin: 0.3em 0 0.3em 2em }
.formula div + div { margin-left: 2em }
.good { color: var(--good) }
.bad { color: var(--bad) }
table.sortable th button { font: inherit; color: inherit; background: none; border: none; padding: 0; cursor: pointer;
  text-decoration: underline dotted }
"""
SORT = """\
document.querySelectorAll("table.sortable th").forEach(function (th) {
  th.firstChild.addEventListener("click", function () {
    var body = th.closest("table").tBodies[0], at = th.cellIndex, down = th.dataset.down === "1"
    var key = function (row) { return row.cells[at].textContent.trim() }
    var size = function (text) { return parseFloat(text.replace(/,/g, "")) }
    Array.from(body.rows).sort(function (a, b) {
      var x = key(a), y = key(b), n = size(x) - size(y)
      return (isNaN(n) ? x.localeCompare(y) : n) * (down ? -1 : 1)
    }).forEach(function (row) { body.appendChild(row) })
    th.dataset.down = down ? "" : "1"
    th.parentNode.querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort") })
    th.setAttribute("aria-sort", down ? "descending" : "ascending")
  })
})
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
        '<main tabindex="0">',
    ]
    if not any(isinstance(part, Heading) and part.level == 1 for part in document.parts):
        lines.append(f"<h1>{escape(title)}</h1>")
    lines.extend(body(document))
    lines.append("</main>")
    if any(isinstance(part, Table) and part.sortable for part in document.parts):
        lines.append(f"<script>\n{SORT}</script>")
    return "\n".join([*lines, "</body>", "</html>"]) + "\n"


def body(document: Document) -> list[str]:
    """The document's parts as HTML, for a page that has a head of its own."""
    found: list[str] = []
    tables = 0
    for part in document.parts:
        if isinstance(part, Table):
            tables += 1
            found += _table(part, f"table {tables}" if tables > 1 else "table")
        else:
            found += _part(part)
    return found


def escape(text: str) -> str:
    """The text so that a browser shows it as it is."""
    return safe(text).translate(ESCAPES)


def _part(part: Heading | Question | Formula | Tree | Note | Picture) -> Iterator[str]:
    if isinstance(part, Heading):
        level = min(part.level, 6)
        yield f"<h{level}>{escape(part.text)}</h{level}>"
    elif isinstance(part, Note):
        yield (
            f"<p>{escape(part.text)}</p>" if part.kind == "note" else f'<p class="{part.kind}">{escape(part.text)}</p>'
        )
    elif isinstance(part, Question):
        lines = "".join(f"<br>{escape(line)}" for line in part.lines)
        yield f"<p>{part.number}. {escape(part.head)}{lines}</p>"
    elif isinstance(part, Formula):
        yield from _formula(part)
    else:
        texts = picture_lines(part) if isinstance(part, Picture) else tree_lines(part)
        yield '<pre tabindex="0">' + "\n".join(map(escape, texts)) + "</pre>"


def _formula(part: Formula) -> Iterator[str]:
    """MathML, a line for each step, where TeX is known; else the text."""
    lines = equation(part.tex_left, part.tex_steps) if part.tex_left else []
    if lines:
        yield '<div class="formula">' + "".join(f"<div>{line}</div>" for line in lines) + "</div>"
    else:
        yield f'<p class="formula">{escape(" = ".join([part.left, *part.steps]))}</p>'


def _table(table: Table, label: str) -> Iterator[str]:
    rights = [column.right for column in table.columns]
    kind = ' class="sortable"' if table.sortable else ""
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table{kind}>'
    titles = [escape(column.title) for column in table.columns]
    if table.sortable:
        titles = [f'<button type="button">{title}</button>' for title in titles]
    yield f"<thead>{_row(titles, rights, 'th')}</thead>"
    yield "<tbody>"
    rows = [*table.lead, *table.rows]
    for row, texts in zip(rows, written(table, rows), strict=True):
        cells = [
            _bar(value) if isinstance(value, Bar) else escape(text) for value, text in zip(row, texts, strict=True)
        ]
        yield _row(cells, rights, "td")
    yield "</tbody>"
    if table.footers:
        yield "<tfoot>"
        for row in written(table, table.footers):
            yield _row(list(map(escape, row)), rights, "td")
        yield "</tfoot>"
    yield "</table></div>"


def _bar(bar: Bar) -> str:
    place = f"margin-left: {100 * bar.start:.1f}%; width: {100 * (bar.end - bar.start):.1f}%"
    return f'<span class="bar"><i style="{place}"></i></span>'


def _row(cells: list[str], rights: list[bool], tag: str) -> str:
    """Cells that are HTML already as a row."""
    kinds = [' class="right"' if right else "" for right in rights]
    shown = [f"<{tag}{kind}>{cell}</{tag}>" for cell, kind in zip(cells, kinds, strict=True)]
    return "<tr>" + "".join(shown) + "</tr>"
