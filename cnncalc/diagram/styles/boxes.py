"""Boxes, arrows and frames as a picture."""

from __future__ import annotations

from cnncalc.diagram.inks import LIGHT
from cnncalc.diagram.layout import steps
from cnncalc.diagram.layout.nested import place
from cnncalc.diagram.layout.placed import Line, Placed
from cnncalc.diagram.model import Box, Diagram
from cnncalc.diagram.scene import HEAD, Item, Part, Point, Rectangle, Scene, Shape, Words, span, wrapped
from cnncalc.diagram.styles.heat import Heat
from cnncalc.diagram.styles.legend import legend
from cnncalc.diagram.styles.words import MOST, bare, box_lines, frame_lines, signed
from cnncalc.diagram.words import params_text
from cnncalc.render.text import safe

ROW = 15.0
PAD = 7.0  # above and below the words of a box
TOP = 32.0  # the room of the heading
MARGIN = 16.0
Size = tuple[float, float]


def scene(
    diagram: Diagram,
    params: bool = True,
    right: bool | None = None,
    page: Size | None = None,
    heat: Heat | None = None,
    brief: bool = False,
    letters: int = MOST,
) -> Scene:
    """The picture. What is higher than the page stands in columns. Raises `Fault` for too many lines.

    `right`: arrows lead to the right; without it those of cells do.
    """
    states = diagram.states and right is None and steps.fits(diagram)
    right = diagram.cell if right is None else right
    words = {box.id: box_lines(box, params, brief, heat.text(box) if heat else "", letters) for box in diagram.boxes}
    title = letters if letters == MOST else letters * 2 // 3  # the line beside a title pushes its frame apart
    titles = {group.id: frame_lines(group, params, title) for group in diagram.groups}
    notes = [safe(note) for note in diagram.notes]
    if params and diagram.total is not None:
        notes.append(f"total: {safe(params_text(diagram.total))}")
    inks = {box.id: heat.ink(box) if heat else ink(box) for box in diagram.boxes}
    entries = heat.legend() if heat else _meanings(list(inks.values()))
    room = TOP + ROW * len(notes) + 24.0 + 18.0 * (1 + sum(span(word) + 32 for _, word in entries) // 300)
    if states:
        placed = steps.place(diagram, sizes(diagram, words), span)
    else:
        placed = place(
            diagram,
            sizes(diagram, words),
            title_sizes(titles),
            right,
            span,
            None if page is None else (page[0], max(300.0, page[1] - room)),
        )
    made = Scene(safe(diagram.name))
    head = wrapped(safe(diagram.name), 120)
    top = TOP + 18.0 * (len(head) - 1)
    wide = max([placed.width, *(span(line, HEAD) + 2 * MARGIN for line in head)])
    wide = max(wide, min(420.0, max([span(note) for note in notes], default=0.0) + 2 * MARGIN))
    placed.move((wide - placed.width) / 2, top)
    made.width, y = wide, placed.height + top
    made.items += [Words(text, MARGIN, 24 + 18 * at, "start", True, size=HEAD) for at, text in enumerate(head)]
    made.items += [] if states else _frames(diagram, placed, titles)
    made.items += [_line(line) for line in placed.lines]
    made.items += [part for line in placed.lines for part in _role(line, right)]
    made.items += [_box(diagram.boxes[id], at, inks[id], words[id]) for id, at in placed.boxes.items()]
    for text, x, at in placed.words:
        made.items.append(Words(safe(text), x, at + 4, ink="less", halo=True))
    letters = max(20, int((wide - 2 * MARGIN) / span("m")))
    for note in notes:
        for text in wrapped(note, letters):
            made.items.append(Words(text, MARGIN, y + 10, "start", ink="less"))
            y += ROW
    found, y = legend(entries, MARGIN, y + 4, wide - 2 * MARGIN)
    made.items += found
    made.height = y + 8
    made.notes = notes
    return made


def ink(box: Box) -> str:
    """The colour of a box, by what it is."""
    if box.kind == "layer":
        return box.category if box.category in LIGHT else "other"
    return {"block": "block", "matrix": "matrix", "weight": "matrix", "operation": "operation"}.get(box.kind, "input")


def _meanings(inks: list[str]) -> list[tuple[str, str]]:
    """The legend: which kinds of layers there are."""
    kinds = ("convolution", "linear", "attention", "recurrent", "norm", "pool", "embedding", "activation", "block")
    found = [(name, "pool, resize" if name == "pool" else name) for name in kinds if name in inks]
    return found if len(found) > 1 else []


def sizes(diagram: Diagram, words: dict[int, tuple[list[str], list[str]]]) -> dict[int, Size]:
    """What each box needs for its words, and for the words at the ends of its lines."""
    roles: dict[int, dict[int, str]] = {}
    for edge in diagram.edges:
        if not edge.delay:
            roles.setdefault(edge.target, {}).setdefault(edge.source, edge.role)
    found = {}
    for id, (named, less) in words.items():
        wide = max(map(span, [*named, *less])) + 18
        entries = roles.get(id, {})
        if len(entries) > 1:
            wide = max(wide, 2 * sum(max(22.0, span(role) + 18) for role in entries.values()) - 20)
        found[id] = (
            ROW + 2 * PAD if signed(diagram.boxes[id]) else max(wide, 34.0),
            ROW * (len(named) + len(less)) + 2 * PAD,
        )
    return found


def title_sizes(titles: dict[int, list[str]]) -> dict[int, Size]:
    """What the titles of frames need."""
    return {id: (max(map(span, texts)), ROW * len(texts)) for id, texts in titles.items()}


def _frames(diagram: Diagram, placed: Placed, titles: dict[int, list[str]]) -> list[Item]:
    found: list[Item] = []
    deep: dict[int, int] = {}
    for group in diagram.groups:
        deep[group.id] = 0 if group.parent is None else deep[group.parent] + 1
        x, y, wide, high = placed.frames[group.id]
        found.append(Rectangle(("frame", "inner")[deep[group.id] % 2], x, y, wide, high, 8, True, name=group.name))
        for at, text in enumerate(titles[group.id]):
            found.append(Words(text, x + 9, y + 16 + ROW * at, "start", at == 0, "less"))
    return found


def _box(box: Box, at: tuple[float, float, float, float], ink: str, words: tuple[list[str], list[str]]) -> Item:
    x, y, wide, high = at
    corner = high / 2 if bare(box) else 12 if box.kind in ("input", "value") else 4
    items: list[Item] = [Rectangle(ink, x, y, wide, high, corner)]
    named, less = words
    for number, text in enumerate([*named, *less]):
        bold = number < len(named)
        items.append(Words(text, x + wide / 2, y + PAD + ROW * number + 11, bold=bold, ink="text"))
    return Part(safe(box.name), items)


def _line(line: Line) -> Shape:
    return Shape("late" if line.late else "line", line.start, line.parts, arrow=line.arrow, dash=line.late)


def _role(line: Line, right: bool) -> list[Item]:
    """The words at the end of a line."""
    if not line.role:
        return []
    x, y = line.end
    place: Point = (x - 9, y - 5) if right else (x + 5, y - 5)
    return [Words(safe(line.role), *place, "end" if right else "start", ink="less", halo=True)]
