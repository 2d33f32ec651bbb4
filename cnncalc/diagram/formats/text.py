"""A diagram in plain characters: a line a box, lanes on the left for the values that are still needed."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.diagram.model import Box, Diagram, Edge
from cnncalc.diagram.words import heading, one_line, params_text, short
from cnncalc.render.fit import after, hanging
from cnncalc.render.text import safe, width

# What stands in a lane: a box, a value that passes, ends of side lines left and right of the box, and so on.
DRAWN = {"box": "●", "pass": "│", "line": "─", "left": "├", "right": "┤", "cross": "┼", "end": "╯", "begin": "╰"}
DRAWN["end between"] = "┴"
PLAIN = {"box": "o", "pass": "|", "line": "-", "left": "+", "right": "+", "cross": "+", "end": "'", "begin": "'"}
PLAIN["end between"] = "+"
# Signs that a lane leaves downwards, and those that it reaches from above.
GOES = frozenset({"box", "pass", "left", "right", "cross"})
COMES = frozenset({*GOES, "end", "begin", "end between"})
ASCII = str.maketrans({"×": "x", "−": "-", "⌊": "[", "⌋": "]", "·": "*", "≥": ">", "√": "sqrt", "…": "..."})


def render(diagram: Diagram, params: bool = True, ascii: bool = False, room: int | None = None) -> str:
    """The text; without `ascii` it has lines of Unicode. What is wider than `room` goes on below."""
    rows = list(_rows(diagram, params))
    widest = max((len(lanes) for lanes, _, _ in rows), default=0)
    signs = PLAIN if ascii else DRAWN
    lines = [safe(diagram.name), ""]
    for at, (lanes, indent, text) in enumerate(rows):
        drawn = "".join(" " if sign == "" else signs[sign] for sign in lanes)
        own = f"{drawn.ljust(widest)} {'  ' * indent}"
        if room is None or width(own + text) <= room:
            lines.append((own + text).rstrip())
            continue
        down = zip(lanes, rows[at + 1][0] if at + 1 < len(rows) else (), strict=False)
        below = "".join(signs["pass"] if sign in GOES and next in COMES else " " for sign, next in down)
        lines.extend(after(own, text, below.ljust(len(own)) + "  ", room))
    lines += ["", *map(safe, diagram.notes)] if diagram.notes else []
    if params and diagram.total is not None:
        lines += ["", f"total: {params_text(diagram.total)}"]
    if room is not None:
        heads = {0, *range(len(lines) - len(diagram.notes) - 3, len(lines))}
        lines = [part for at, line in enumerate(lines) for part in (hanging(line, room, 4) if at in heads else [line])]
    text = "\n".join(lines) + "\n"
    if ascii:
        text = text.translate(ASCII).encode("ascii", "backslashreplace").decode("ascii")
    return text


def _rows(diagram: Diagram, params: bool) -> Iterator[tuple[list[str], int, str]]:
    """For each line the lanes, how far it stands to the right, and its words."""
    incoming: dict[int, list[Edge]] = {}
    needed: dict[int, int] = {}
    for edge in diagram.edges:
        incoming.setdefault(edge.target, []).append(edge)
    for target, edges in incoming.items():
        for source in {edge.source for edge in edges if not edge.delay}:
            needed[source] = needed.get(source, 0) + (target != source)
    lanes: list[int | None] = []
    opened: list[int] = []
    before: int | None = None
    for box in diagram.boxes:
        frames = diagram.frames(box.group)
        common = 0
        while common < min(len(opened), len(frames)) and opened[common] == frames[common]:
            common += 1
        for at in range(common, len(frames)):
            passing = [sign for lane in lanes for sign in ("" if lane is None else "pass", "")]
            yield passing[:-1], at, heading(diagram.groups[frames[at]], params)
        opened = frames
        edges = incoming.get(box.id, [])
        signs = _lanes(lanes, needed, box.id, list(dict.fromkeys(edge.source for edge in edges if not edge.delay)))
        yield signs, len(frames), one_line(box, params) + _sources(diagram, box, edges, before)
        before = box.id


def _sources(diagram: Diagram, box: Box, edges: list[Edge], before: int | None) -> str:
    """Where its values come from, unless that is the line above alone."""
    if [(edge.source, edge.label, edge.delay) for edge in edges] == [(before, "", 0)] or not edges:
        return ""
    within = "" if box.group is None else diagram.groups[box.group].name + "."
    words = []
    for edge in edges:
        source = diagram.boxes[edge.source]
        if source.kind in ("layer", "block"):
            word = source.label if source.group == box.group else short(source.name, within)
            word += f".{edge.label}" if edge.label else ""
        else:
            word = source.label.partition(" = ")[0].partition(", ")[0]
            word += f" through {edge.label}" if edge.label else ""
        words.append(f"{word} at t - {edge.delay}" if edge.delay else word)
    return safe("  <- " + ("; " if any(edge.delay for edge in edges) else ", ").join(words))


def _lanes(lanes: list[int | None], needed: dict[int, int], box: int, sources: list[int]) -> list[str]:
    """The signs of a box's line; `lanes` and `needed` are brought up to date."""
    taken = [lanes.index(source) for source in sources if source in lanes]
    for lane in taken:
        source = lanes[lane]
        assert source is not None
        needed[source] -= 1
    ended = {lane for lane in taken if not needed[lanes[lane]]}  # type: ignore[index]
    if ended:
        column = min(ended)
    else:
        least = max(taken, default=-1) + 1
        free = [lane for lane in range(least, len(lanes)) if lanes[lane] is None]
        column = free[0] if free else len(lanes)
        lanes.extend([None] * (column + 1 - len(lanes)))
    low, high = min([column, *taken]), max([column, *taken])
    signs: list[str] = []
    for lane, value in enumerate(lanes):
        inside = low <= lane <= high
        if lane == column:
            sign = "box"
        elif lane in taken:
            edge = lane in (low, high)
            if lane in ended:
                sign = ("begin" if lane < column else "end") if edge else "end between"
            else:
                sign = ("left" if lane < column else "right") if edge else "cross"
        elif value is not None:
            sign = "pass"
        else:
            sign = "line" if inside else ""
        signs += [sign, "line" if low <= lane < high else ""]
    for lane in ended:
        lanes[lane] = None
    lanes[column] = box if needed.get(box) else None
    while lanes and lanes[-1] is None:
        lanes.pop()
    return signs[:-1]
