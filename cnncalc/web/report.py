"""The report of a network as one HTML file: picture, table, costs, and whatever the chosen layer has to say."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.number import Number
from cnncalc.core.problem import Fault
from cnncalc.diagram.tree import Copies, Item, copies_of, tree
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.render.html import escape
from cnncalc.render.text import cell
from cnncalc.web import charts, details, pictures
from cnncalc.web.insides import Insides

if TYPE_CHECKING:
    from cnncalc.core.number import Number, Shape
    from cnncalc.execute.execution import Execution

HERE = Path(__file__).resolve().parent
MOST_LAYERS = 20_000  # each is a line that can be clicked


def page(
    report: Report, totals: dict[str, object], notes: Sequence[str] = (), execution: Execution | None = None
) -> str:
    """The page. `totals` are bytes by name, `notes` warnings; one of an `execution` with arrays has maps of them."""
    style, script = (asset(name) for name in ("report.css", "report.js"))
    return "\n".join([*_head(report.name, style, script), *_body(report, totals, notes, execution, script)]) + "\n"


def bounded(report: Report) -> None:
    """Refuse a page of more layers than a browser shows."""
    if len(report.rows) > MOST_LAYERS:
        message = f"the report would have {len(report.rows):,} layers, more than {MOST_LAYERS:,}"
        help = "a smaller repeat will do to see how it grows; cnncalc shapes lists all of them"
        raise Fault("too-many-layers", message, help=help)


def asset(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def _head(title: str, style: str, script: str) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"
    yield "<!DOCTYPE html>"
    yield '<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title or 'network')} - cnncalc</title>\n<style>\n{style}</style>\n</head>"


def _body(
    report: Report, totals: dict[str, object], notes: Sequence[str], execution: Execution | None, script: str
) -> Iterator[str]:
    yield '<body>\n<a class="skip" href="#layers">to the table</a>'
    yield from parts(report, totals, notes, execution)
    yield f"<script>{script}</script>\n</body>\n</html>"


def parts(
    report: Report,
    totals: dict[str, object],
    notes: Sequence[str] = (),
    execution: Execution | None = None,
    shown: Sequence[pictures.Shown] | None = None,
) -> Iterator[str]:
    """What stands in the page's body, for a page that has a script of its own; `shown` are other pictures than all."""
    found, kinds = details.templates(report)
    made: dict[str, object] = {}
    if execution is not None:
        from cnncalc.web.maps import maps

        made = maps(execution, [row.name for row in report.rows])
    yield '<header id="sums">'
    yield f"<h1>{escape(report.name or 'network')}</h1>"
    yield from _sums(report, totals)
    yield "</header>"
    yield "<main>"
    for note in notes:
        yield f'<p class="warning">{escape(note)}</p>'
    yield from _pictures(pictures.pictures(report) if shown is None else shown)
    yield from _table(report)
    yield '<section id="detail" aria-labelledby="detail-title" aria-live="polite" tabindex="0">'
    yield '<h2 id="detail-title">Layer</h2><p class="hint">Choose a layer in the table or in the picture.</p></section>'
    yield '<section id="costs" aria-labelledby="costs-title"><h2 id="costs-title">Costs</h2><div class="charts">'
    yield from charts.charts(report, totals)
    yield "</div></section>"
    yield "</main>"
    for number, text in enumerate(found):
        yield f'<template id="kind-{number}">{text}</template>'
    insides = Insides(report)
    data = details.packed(details.data(report, kinds, made, insides)) | insides.data()
    for number, text in enumerate(insides.pictures):
        yield f'<template id="inside-{number}">{text}</template>'
    rows = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    yield f'<script type="application/json" id="rows">{_in_script(rows)}</script>'


def begun(report: Report) -> Iterator[str]:
    """The table of a network that is right only up to some layer: those that are."""
    yield f"<header><h1>{escape(report.name or 'network')}</h1></header>\n<main>"
    yield '<p class="warning">The layers before the first mistake:</p>'
    yield '<section aria-labelledby="begun-title"><h2 id="begun-title">Layers</h2>'
    yield '<div class="scroll" tabindex="0" role="region" aria-label="table, scrolls"><table id="table"><thead><tr>'
    for title in ("Layer", "Type", "Output"):
        yield f'<th scope="col" class="text">{title}</th>'
    yield '<th scope="col" class="number">Parameters</th></tr></thead><tbody>'
    for row in report.rows:
        cells = f"<td>{escape(row.call)}</td><td>{escape(_shape(row.output_shape))}</td>"
        number = f'<td class="number">{escape(cell(row.params, "number"))}</td>'
        yield f'<tr><th scope="row">{escape(row.name)}</th>{cells}{number}</tr>'
    yield "</tbody></table></div></section></main>"


def _in_script(text: str) -> str:
    """JSON that ends no element: signs that HTML reads are written by their numbers."""
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _sums(report: Report, totals: dict[str, object]) -> Iterator[str]:
    sums: list[tuple[str, Number | str]] = [
        ("parameters", report.totals.params),
        ("multiply-accumulates", report.totals.macs),
    ]
    if report.totals.trainable != report.totals.params:
        sums.insert(1, ("trainable", report.totals.trainable))
    sums += [(name if name == "input" else f"input {name}", _shape(shape)) for name, shape in report.inputs.items()]
    if not report.graph.weights_only:
        sums.append(("output", _shape(report.output_shape)))
    weights = totals.get("weight_bytes")
    if type(weights) is int:
        sums.append(("weights in float32", f"{weights / 1e6:,.2f} MB"))
    yield "<dl>"
    for title, value in sums:
        yield f"<div><dt>{escape(title)}</dt><dd>{escape(cell(value, 'number'))}</dd></div>"
    yield "</dl>"


def _shape(sizes: Shape) -> str:
    from cnncalc.render.text import formula

    return "x".join(formula(size) for size in sizes)


def _pictures(found: Sequence[pictures.Shown]) -> Iterator[str]:
    yield '<section id="picture" aria-labelledby="picture-title"><h2 id="picture-title">Picture</h2>'
    if not found:
        yield "<p>The network has more boxes than a picture can show.</p></section>"
        return
    made = [at for at, one in enumerate(found) if one.svg]
    start = made[0] if len(made) == 1 else pictures.first(found)
    if len(found) > 1:
        yield '<div class="tools" role="group" aria-label="how much the picture shows">'
        for at, one in enumerate(found):
            pressed = "true" if at == start else "false"
            label = f"depth {one.depth}" if one.depth else "all layers"
            yield f'<button type="button" data-picture="{at}" aria-pressed="{pressed}">{label}</button>'
        yield "</div>"
    for at, one in enumerate(found):
        hidden = "" if at == start else " hidden"
        region = 'class="picture" tabindex="0" role="region" aria-label="picture, scrolls"'
        yield f'<div {region} data-shows="{at}"{hidden}>'
        yield f"{one.svg}</div>"
    yield "</section>"


def _table(report: Report) -> Iterator[str]:
    lines = entries(report)
    columns = [("Layer", "text"), ("Type", "text"), ("Output", "text"), ("Parameters", "number"), ("MACs", "number")]
    yield '<section id="layers" aria-labelledby="layers-title"><h2 id="layers-title">Layers</h2>'
    yield '<div class="tools"><label>Filter <input type="search" id="filter" autocomplete="off"></label>'
    if any(line.row is None for line in lines):
        yield '<button type="button" id="open-all">open all</button>'
        yield '<button type="button" id="close-all">close all</button>'
    yield '<span id="count" role="status"></span></div>'
    yield '<div class="scroll" tabindex="0" role="region" aria-label="table, scrolls"><table id="table"><thead><tr>'
    for title, kind in columns:
        yield f'<th scope="col" class="{kind}"><button type="button">{title}</button></th>'
    yield "</tr></thead><tbody>"
    most = {what: max((v for row in report.rows if type(v := getattr(row, what)) is int), default=0) for what in BARS}
    closed: set[str] = set()
    for line in lines:
        if line.alike or line.inside in closed:
            closed.add(line.id)
        yield _line(report, line, hidden=line.inside in closed, most=most)
    yield "</tbody>"
    yield '<tfoot id="total"><tr>'
    yield f'<th scope="row">total</th><td></td><td></td><td class="number">{cell(report.totals.params, "number")}</td>'
    yield f'<td class="number">{cell(report.totals.macs, "number")}</td></tr></tfoot></table></div></section>'


BARS = ("params", "macs")


def _line(report: Report, line: Entry, hidden: bool, most: dict[str, int]) -> str:
    # Of thousands of lines every letter counts: quotes and ends that HTML does without are left out.
    above = f" data-inside={line.inside}" if line.inside else ""
    attributes = f"id={line.id}{above} style=--level:{line.level}" + (" hidden" if hidden else "")
    word = escape(line.name.rpartition(".")[2] if line.inside else line.name)
    if line.row is None:
        count = f"{len(line.rows)} layers" if len(line.rows) != 1 else "1 layer"
        said = f"as {line.alike}" if line.alike else count
        opened = "false" if line.alike else "true"
        last = line.rows[-1].output_shape
        cells = [escape(said), escape(_shape(last))]
        button = f"<button class=fold aria-expanded={opened}>{word}</button>"
        head = f'<th scope=row title="{escape(line.name)}">{button}'
        opening = f"<tr class=block {attributes}>"
        values = {what: total(line.rows, what) for what in BARS}
    else:
        row = line.row
        shape = "" if row.unused is not None and report.graph.weights_only else _shape(row.output_shape)
        cells = [escape(row.call), escape(shape)]
        head = f"<th scope=row><button class=layer>{word}</button>"
        opening = f"<tr class=leaf {attributes}>"
        values = {what: getattr(row, what) for what in BARS}
    numbers = []
    for what, value in values.items():
        bar = ""
        if line.row is not None and type(value) is int and value and most[what]:
            bar = f" style=--share:{100 * value / most[what]:.1f}%"
        numbers.append(f"<td class=number{bar}>{escape(cell(value, 'number'))}")
    return opening + head + "".join(f"<td>{text}" for text in cells) + "".join(numbers)


class Entry(NamedTuple):
    """One line. `row` is None for a block; `alike` is the block of which this one is a copy; `inside` is its parent."""

    id: str
    inside: str
    level: int
    name: str
    row: Row | None
    rows: Sequence[Row]
    alike: str


def entries(report: Report) -> list[Entry]:
    """All lines in order, a block before what is in it."""
    found: list[Entry] = []
    copies = copies_of(report)
    for run in copies.runs(tree(report.graph)):
        found += _run(report, copies, run, "", 0)
    return found


def _run(report: Report, copies: Copies, run: list[Item], inside: str, level: int) -> Iterator[Entry]:
    first = run[0]
    for item in run:
        rows = report.rows[item.start : item.stop]
        if item.children is None:
            yield Entry(f"l{item.start}", inside, level, item.name, rows[0], rows, "")
            continue
        id = f"b{item.start}-{level}"
        yield Entry(id, inside, level, item.name, None, rows, first.name if item is not first else "")
        for inner in copies.runs(item.children):
            yield from _run(report, copies, inner, id, level + 1)


def total(rows: Sequence[Row], what: str) -> Number:
    """The sum of `params` or `macs`."""
    return sum((getattr(row, what) or 0) for row in rows)
