"""A diagram as SVG, drawn without any other program: words in one width, so that every box fits what stands in it."""

from __future__ import annotations

from xml.sax.saxutils import escape

from cnncalc.diagram.layout.nested import Line, Placed, place
from cnncalc.diagram.model import Diagram
from cnncalc.diagram.words import heading, lines, params_text
from cnncalc.render.text import safe, width

LETTER = 7.25  # the width of one letter at 12 pixels, with some room
ROW = 16.0
LONGEST = 60  # letters of a line; what is longer is cut there and stands whole in the tooltip
COLOURS = {
    "input": ("#eef2f7", "#64748b"),
    "layer": ("#ffffff", "#475569"),
    "block": ("#f8fafc", "#475569"),
    "value": ("#eef2f7", "#64748b"),
    "matrix": ("#e0ecff", "#3b6fb6"),
    "weight": ("#e0ecff", "#3b6fb6"),
    "operation": ("#fff7e6", "#b7791f"),
}
WEIGHTED = ("#e0ecff", "#3b6fb6")
STYLE = """\
text { font: 12px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1e293b; text-anchor: middle }
.name { font-weight: bold }
.less { fill: #475569; font-size: 11px }
.frame { fill: #94a3b8; fill-opacity: 0.09; stroke: #94a3b8; stroke-dasharray: 4 3 }
.title { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
.title { text-anchor: start; fill: #475569; font-size: 11px }
.words { font-size: 11px; fill: #334155 }
.head { text-anchor: start; font-size: 14px; font-weight: bold }
.note { text-anchor: start; font-size: 11px; fill: #475569 }
.line { fill: none; stroke: #64748b; stroke-width: 1.3 }
.late { stroke-dasharray: 5 4; stroke: #b45309 }
"""
HEAD = 34.0


def render(diagram: Diagram, params: bool = True, right: bool = False) -> str:
    """The picture as an SVG document. Raises `Fault` where there would be too many lines in it."""
    words = {box.id: [_cut(text) for text in lines(box, params)] for box in diagram.boxes}
    titles = {group.id: _cut(heading(group, params)) for group in diagram.groups}
    sizes = {id: (_width(max(texts, key=width)) + 20, ROW * len(texts) + 12) for id, texts in words.items()}
    placed = place(diagram, sizes, {id: _width(text) for id, text in titles.items()}, right, _width)
    notes = [_cut(safe(note), 120) for note in diagram.notes]
    if params and diagram.total is not None:
        notes.append(_cut(f"total: {safe(params_text(diagram.total))}", 120))
    head = _cut(safe(diagram.name), 120)
    wide = max(placed.width, _width(head) * 1.2 + 32, *(_width(note) + 32 for note in notes), 0)
    high = placed.height + HEAD + ROW * len(notes) + (8 if notes else 0)
    shift = (wide - placed.width) / 2
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high:.0f}" '
        f'viewBox="0 0 {wide:.0f} {high:.0f}">',
        f"<title>{_safe(diagram.name)}</title>",
        f"<style>\n{STYLE}</style>",
        f"<defs>{_marker('arrow', '#64748b')}{_marker('later', '#b45309')}</defs>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text class="head" x="16" y="26">{_safe(head)}</text>',
        f'<g transform="translate({shift:.1f} {HEAD:.0f})">',
    ]
    for group in diagram.groups:
        x, y, across, down = placed.frames[group.id]
        out.append(f'<rect class="frame" {_place(x, y, across, down)} rx="8"/>')
    out += [_line(line, right) for line in placed.lines]
    for group in diagram.groups:
        x, y, _, _ = placed.frames[group.id]
        out.append(f'<text class="title" x="{x + 9:.1f}" y="{y + 16:.1f}">{_safe(titles[group.id])}</text>')
    out += _boxes(diagram, placed, words)
    for text, x, y in placed.words:
        wide = _width(text) + 4
        out.append(f'<rect {_place(x - wide / 2, y - 8, wide, 16)} fill="#ffffff"/>')
        out.append(f'<text class="words" x="{x:.1f}" y="{y + 4:.1f}">{_safe(text)}</text>')
    out.append("</g>")
    for number, note in enumerate(notes):
        y = placed.height + HEAD + ROW * (number + 0.5)
        out.append(f'<text class="note" x="16" y="{y:.1f}">{_safe(note)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def _boxes(diagram: Diagram, placed: Placed, words: dict[int, list[str]]) -> list[str]:
    out = []
    for box in diagram.boxes:
        x, y, across, down = placed.boxes[box.id]
        filled, edge = COLOURS[box.kind]
        if (
            box.kind in ("layer", "block")
            and box.params is not None
            and not (type(box.params) is int and not box.params)
        ):
            filled, edge = WEIGHTED
        round = 14 if box.kind in ("input", "value") else 4
        out.append(f'<g class="box"><title>{_safe(box.name)}</title>')
        out.append(f'<rect {_place(x, y, across, down)} rx="{round}" fill="{filled}" stroke="{edge}"/>')
        for number, text in enumerate(words[box.id]):
            at = y + 6 + ROW * number + 12
            kind = "name" if number == 0 else "less"
            out.append(f'<text class="{kind}" x="{x + across / 2:.1f}" y="{at:.1f}">{_safe(text)}</text>')
        out.append("</g>")
    return out


def _line(line: Line, right: bool) -> str:
    """Straight parts and swings in turn; a line round the picture has corners."""
    points = line.points
    path = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for number in range(len(points) - 1):
        (x, y), (to_x, to_y) = points[number], points[number + 1]
        if line.round or number % 2 == 0 or (to_y if right else to_x) == (y if right else x):
            path.append(f"L{to_x:.1f} {to_y:.1f}")
        elif right:
            middle = (x + to_x) / 2
            path.append(f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}")
        else:
            middle = (y + to_y) / 2
            path.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
    arrow = f' marker-end="url(#{"later" if line.late else "arrow"})"' if line.arrow else ""
    return f'<path class="line{" late" if line.late else ""}" d="{" ".join(path)}"{arrow}/>'


def _marker(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0.5 L7.5 4 L0 7.5 z" fill="{colour}"/></marker>'
    )


def _place(x: float, y: float, across: float, down: float) -> str:
    return f'x="{x:.1f}" y="{y:.1f}" width="{across:.1f}" height="{down:.1f}"'


def _width(text: str) -> float:
    return LETTER * width(text)


def _cut(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _safe(text: str) -> str:
    return escape(safe(text), {'"': "&quot;"})
