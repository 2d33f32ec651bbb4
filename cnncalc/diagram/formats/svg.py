"""A picture as SVG: its styles apply to nothing outside it, and it has dark colours where the reader prefers them."""

from __future__ import annotations

import hashlib
from xml.sax.saxutils import escape

from cnncalc.diagram.inks import DARK, LIGHT, Pair
from cnncalc.diagram.scene import SIZE, Item, Part, Point, Rectangle, Scene, Shape, Words
from cnncalc.render.text import safe

FONT = '"DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace'
HEAD_LONG, HEAD_WIDE = 7.0, 3.2  # an arrow's head


def render(scene: Scene) -> str:
    """The SVG document."""
    body: list[str] = []
    used: dict[str, None] = {"paper": None}
    for item in scene.items:
        _item(item, body, used)
    text = "\n".join(body)
    name = _safe(scene.name)
    scope = "cnn-" + hashlib.sha1(f"{scene.name}{scene.width}{text}".encode()).hexdigest()[:10]
    wide, high = f"{scene.width:.0f}", f"{scene.height:.0f}"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{scope}" role="img" aria-label="{name}" width="{wide}" '
        f'height="{high}" viewBox="0 0 {wide} {high}">',
        f"<title>{name}</title>",
        f"<style>\n{_style(scope, used)}</style>",
        f'<rect class="paper" width="{wide}" height="{high}"/>',
    ]
    if scene.description:
        out.insert(2, f"<desc>{_safe(scene.description)}</desc>")
    return "\n".join([*out, text, "</svg>"]) + "\n"


def _style(scope: str, used: dict[str, None]) -> str:
    """Rules for this picture alone."""
    own = f".{scope}"
    rules = [
        f"{own} text {{ font: {SIZE:g}px {FONT}; stroke: none }}",
        f"{own} .b {{ font-weight: bold }}",
        f"{own} .m {{ text-anchor: middle }}",
        f"{own} .e {{ text-anchor: end }}",
        f"{own} path {{ stroke-width: 1.3 }}",
        f"{own} .d {{ stroke-dasharray: 4 3 }}",
    ]
    rules += _inks(own, LIGHT, used)
    dark = "\n".join(_inks(own, DARK, used))
    return "\n".join(rules) + f"\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _inks(own: str, inks: dict[str, Pair], used: dict[str, None]) -> list[str]:
    found = []
    for name in used:
        if name == "halo":
            paper = inks["paper"][0]
            found.append(f"{own} .halo {{ paint-order: stroke; stroke: {paper}; stroke-width: 3px }}")
        else:
            fill, edge = inks[name]
            found.append(f"{own} .{_class(name)} {{ fill: {fill}; stroke: {edge} }}")
    return found


def _class(ink: str) -> str:
    return ink.replace(" ", "-")


def _item(item: Item, out: list[str], used: dict[str, None]) -> None:
    if isinstance(item, Part):
        out.append(f'<g class="box"><title>{_safe(item.name)}</title>')
        for inner in item.items:
            _item(inner, out, used)
        out.append("</g>")
        return
    used[item.ink] = None
    kind = _class(item.ink)
    if isinstance(item, Rectangle):
        kind += " d" if item.dash else ""
        round = f' rx="{item.round:g}"' if item.round else ""
        size = f'x="{item.x:.1f}" y="{item.y:.1f}" width="{item.width:.1f}" height="{item.height:.1f}"'
        out.append(f'<rect class="{kind}" {size}{round}/>')
    elif isinstance(item, Words):
        kind += {"start": "", "middle": " m", "end": " e"}[item.anchor] + (" b" if item.bold else "")
        if item.halo:
            used["halo"] = None
            kind += " halo"
        size = "" if item.size == SIZE else f' style="font-size:{item.size:g}px"'
        out.append(f'<text class="{kind}" x="{item.x:.1f}" y="{item.y:.1f}"{size}>{_safe(item.text)}</text>')
    else:
        kind += " d" if item.dash else ""
        out.append(f'<path class="{kind}" d="{_path(item)}"/>')
        if item.arrow:
            used[f"head {item.ink}"] = None
            tip, left, right = head(item)
            triangle = " ".join(f"{x:.1f} {y:.1f}" for x, y in (tip, left, right))
            out.append(f'<path class="head-{_class(item.ink)}" d="M{triangle}Z"/>')


def _path(shape: Shape) -> str:
    path = [f"M{shape.start[0]:.1f} {shape.start[1]:.1f}"]
    for part in shape.parts:
        numbers = " ".join(f"{x:.1f} {y:.1f}" for x, y in part)
        path.append(("C" if len(part) == 3 else "L") + numbers)
    return "".join(path) + ("Z" if shape.closed else "")


def head(shape: Shape) -> tuple[Point, Point, Point]:
    """The corners of an arrow's head, the tip first."""
    points = [shape.start, *(point for part in shape.parts for point in part)]
    x, y = points[-1]
    from_x, from_y = next((point for point in reversed(points[:-1]) if point != (x, y)), (x, y - 1))
    length = ((x - from_x) ** 2 + (y - from_y) ** 2) ** 0.5
    dx, dy = (x - from_x) / length, (y - from_y) / length
    back = (x - HEAD_LONG * dx, y - HEAD_LONG * dy)
    return (
        (x, y),
        (back[0] - HEAD_WIDE * dy, back[1] + HEAD_WIDE * dx),
        (back[0] + HEAD_WIDE * dy, back[1] - HEAD_WIDE * dx),
    )


def _safe(text: str) -> str:
    return escape(safe(text), {'"': "&quot;"})
