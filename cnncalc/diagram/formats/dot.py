"""A diagram in Graphviz' language, for those who have it."""

from __future__ import annotations

from cnncalc.diagram.model import Diagram
from cnncalc.diagram.words import heading, lines, params_text
from cnncalc.render.text import safe


def render(diagram: Diagram, params: bool = True, right: bool = False) -> str:
    """The graph; frames are clusters."""
    title = [diagram.name, *diagram.notes]
    if params and diagram.total is not None:
        title.append(f"total: {params_text(diagram.total)}")
    out = [
        f"digraph {_quoted([diagram.name])} {{",
        f'  graph [label={_quoted(title)}, labelloc=t, fontname="Helvetica", rankdir={"LR" if right else "TB"}];',
        '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica", fontsize=11];',
        '  edge [fontname="Helvetica", fontsize=10];',
    ]
    members: dict[int | None, list[str]] = {}
    for box in diagram.boxes:
        colour = ', fillcolor="#e0ecff"' if box.kind in ("matrix", "weight") else ""
        line = f"n{box.id} [label={_quoted(lines(box, params))}, tooltip={_quoted([box.name])}{colour}];"
        members.setdefault(box.group, []).append(line)
    frames: dict[int | None, list[list[str]]] = {}
    for group in reversed(diagram.groups):  # inner frames come after the outer ones
        lead = [f"subgraph cluster_{group.id} {{", f"  label={_quoted([heading(group, params)])};"]
        inner = [*members.get(group.id, ()), *(line for part in reversed(frames.pop(group.id, [])) for line in part)]
        frames.setdefault(group.parent, []).append([*lead, *(f"  {line}" for line in inner), "}"])
    for part in (members.get(None, []), *reversed(frames.get(None, []))):
        out += [f"  {line}" for line in part]
    for edge in diagram.edges:
        words = [edge.label] if edge.label else []
        options = []
        if edge.delay:
            words.append(f"t - {edge.delay}")
            options = ["style=dashed", "constraint=false"]
        if words:
            options.insert(0, f"label={_quoted([', '.join(words)])}")
        out.append(f"  n{edge.source} -> n{edge.target}" + (f" [{', '.join(options)}]" if options else "") + ";")
    return "\n".join([*out, "}"]) + "\n"


def _quoted(texts: list[str]) -> str:
    """Lines as a string in which nothing has a meaning of its own: no quote, no escape, no entity."""
    escaped = [safe(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for text in texts]
    return '"' + "\\n".join(escaped) + '"'
