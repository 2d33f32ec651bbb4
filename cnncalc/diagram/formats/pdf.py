"""A picture as PDF, by reportlab, which brings its fonts along (`pip install "cnncalc[pictures]"`)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from cnncalc.core.problem import Fault
from cnncalc.diagram.formats.svg import head
from cnncalc.diagram.inks import LIGHT
from cnncalc.diagram.scene import Point, Rectangle, Scene, Shape, Words, span

POINT = 0.75  # points of a pixel
# What the fonts do not have, in letters.
SIGNS = {"σ": "sigma", "⊙": "*", "→": "->", "⌊": "[", "⌋": "]", "μ": "µ", "γ": "gamma", "β": "beta", "ε": "eps"}
SIGNS.update({"−": "-", "∕": "/"})


def render(scene: Scene) -> bytes:
    """The PDF: one page of the picture's size. Raises `Fault` where the library is not there."""
    try:
        from reportlab.pdfbase.pdfmetrics import registerFont
        from reportlab.pdfbase.ttfonts import TTFont
        from reportlab.pdfgen.canvas import Canvas
    except ImportError:
        raise missing("PDF") from None
    registerFont(TTFont("Vera", "Vera.ttf"))
    registerFont(TTFont("VeraBd", "VeraBd.ttf"))
    out = BytesIO()
    canvas = Canvas(out, pagesize=(scene.width * POINT, scene.height * POINT), invariant=1)
    canvas.setTitle(scene.name)
    canvas.transform(POINT, 0, 0, -POINT, 0, scene.height * POINT)
    canvas.setLineWidth(1.2)
    for item in scene.flat():
        _draw(canvas, item)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def missing(what: str) -> Fault:
    """What is said where the extra is not installed."""
    return Fault(
        "missing-extra", f"{what} needs a library that is not installed", help='pip install "cnncalc[pictures]"'
    )


def _draw(canvas: Any, item: Shape | Rectangle | Words) -> None:
    from reportlab.lib.colors import HexColor

    fill, edge = LIGHT[item.ink]
    fills, strokes = fill != "none", edge != "none"
    if fills:
        canvas.setFillColor(HexColor(fill))
    if strokes:
        canvas.setStrokeColor(HexColor(edge))
    if isinstance(item, Words):
        _words(canvas, item)
        return
    canvas.setDash([4, 3] if item.dash else [])
    if isinstance(item, Rectangle):
        round = min(item.round, item.width / 2, item.height / 2)
        canvas.roundRect(item.x, item.y, item.width, item.height, round, stroke=strokes, fill=fills)
        return
    _path(canvas, item.start, item.parts, item.closed, strokes, fills and item.closed)
    if item.arrow:
        fill, edge = LIGHT[f"head {item.ink}"]
        canvas.setFillColor(HexColor(fill))
        tip, left, right = head(item)
        _path(canvas, tip, [(left,), (right,)], True, False, True)


def _path(canvas: Any, start: Point, parts: list[tuple[Point, ...]], closed: bool, strokes: bool, fills: bool) -> None:
    path = canvas.beginPath()
    path.moveTo(*start)
    for part in parts:
        numbers = [number for point in part for number in point]
        (path.curveTo if len(part) == 3 else path.lineTo)(*numbers)
    if closed:
        path.close()
    canvas.drawPath(path, stroke=strokes, fill=fills)


def _words(canvas: Any, item: Words) -> None:
    """A line of text, made narrower where the font is wider than the room."""
    from reportlab.pdfbase.pdfmetrics import getFont, stringWidth

    font = "VeraBd" if item.bold else "Vera"
    size = item.size * 0.92
    known = getFont(font).face.charToGlyph
    text = "".join(letter if ord(letter) in known else SIGNS.get(letter, "?") for letter in item.text)
    wide = stringWidth(text, font, size)
    scale = min(1.0, span(item.text, item.size) / wide) if wide else 1.0
    x = item.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[item.anchor] * wide * scale
    canvas.saveState()
    canvas.transform(scale, 0, 0, -1, x, item.y)
    canvas.setFont(font, size)
    canvas.drawString(0, 0, text)
    canvas.restoreState()
