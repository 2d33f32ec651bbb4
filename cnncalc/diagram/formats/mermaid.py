"""A diagram as a Mermaid flowchart, as GitHub and many editors draw it."""

from __future__ import annotations

import re

from cnncalc.diagram.model import Diagram
from cnncalc.diagram.words import heading, lines, params_text
from cnncalc.render.text import safe

PLAIN = frozenset(" .,:()=+-/×_−⌊⌋·")


def render(diagram: Diagram, params: bool = True, right: bool = False) -> str:
    """The flowchart; every word is escaped, so that no name can end a label or start a command."""
    out = ["---", f"title: {_quoted(diagram.name)}", "---", f"flowchart {'LR' if right else 'TD'}"]
    out += [f"  %% {_escaped(note)}" for note in diagram.notes]
    if params and diagram.total is not None:
        out.append(f"  %% total: {_escaped(params_text(diagram.total))}")
    inner: dict[int | None, list[int]] = {}
    for group in diagram.groups:
        inner.setdefault(group.parent, []).append(group.id)
    # A frame stands where its first box does.
    open_frames: list[int] = []
    for box in diagram.boxes:
        frames = diagram.frames(box.group)
        while open_frames != frames[: len(open_frames)]:
            open_frames.pop()
            out.append("  " * (len(open_frames) + 1) + "end")
        for group_id in frames[len(open_frames) :]:
            title = _escaped(heading(diagram.groups[group_id], params))
            out.append("  " * (len(open_frames) + 1) + f'subgraph g{group_id}["{title}"]')
            open_frames.append(group_id)
        label = "<br/>".join(map(_escaped, lines(box, params)))
        left, end = ('(["', '"])') if box.kind in ("input", "value") else ('["', '"]')
        out.append("  " * (len(open_frames) + 1) + f"n{box.id}{left}{label}{end}")
    out += ["  " * depth + "end" for depth in range(len(open_frames), 0, -1)]
    for edge in diagram.edges:
        words = [edge.label] if edge.label else []
        if edge.delay:
            words.append(f"t - {edge.delay}")
        arrow = "-.->" if edge.delay else "-->"
        label = f'|"{_escaped(", ".join(words))}"|' if words else ""
        out.append(f"  n{edge.source} {arrow}{label} n{edge.target}")
    return "\n".join(out) + "\n"


def _escaped(text: str) -> str:
    """The text with everything that Mermaid or Markdown could read as more than a letter written as a number."""
    text = safe(text)
    made = [letter if letter.isalnum() or letter in PLAIN else f"#{ord(letter)};" for letter in text]
    if re.match(r"[-+]|\d+[.)]", text):  # it would begin a list
        made[0] = f"#{ord(text[0])};"
    return "".join(made)


def _quoted(text: str) -> str:
    """The text as a YAML string in one line, of letters and escapes alone."""
    made = (
        letter if letter.isalnum() or letter in PLAIN else f"\\u{ord(letter):04x}" if ord(letter) < 1 << 16 else "?"
        for letter in safe(text)
    )
    return f'"{"".join(made)}"'
