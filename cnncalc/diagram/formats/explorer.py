"""A diagram as a graph for Google's Model Explorer: frames are namespaces, shapes stand at the outputs."""

from __future__ import annotations

from cnncalc.diagram.model import Box, Diagram
from cnncalc.diagram.words import params_text, shape_text
from cnncalc.render.text import safe


def data(diagram: Diagram, params: bool = True) -> dict[str, object]:
    """The document; ids are the boxes' numbers as text."""
    incoming: dict[int, list[dict[str, str]]] = {}
    outputs: dict[int, dict[str, str]] = {}
    for edge in diagram.edges:
        ports = outputs.setdefault(edge.source, {})
        entry = incoming.setdefault(edge.target, [])
        entry.append(
            {
                "sourceNodeId": str(edge.source),
                "sourceNodeOutputId": ports.setdefault(edge.label, str(len(ports))),
                "targetNodeInputId": str(len(entry)),
            }
        )
    nodes = []
    for box in diagram.boxes:
        node: dict[str, object] = {
            "id": str(box.id),
            "label": safe(box.type or box.label),
            "namespace": _namespace(diagram, box.group),
            "attrs": _attributes(box, params),
            "incomingEdges": incoming.get(box.id, []),
        }
        if box.shape is not None:
            shape = [{"key": "shape", "value": shape_text(box.shape)}]
            node["outputsMetadata"] = [{"id": id, "attrs": shape} for id in outputs.get(box.id, {"": "0"}).values()]
        nodes.append(node)
    return {"label": safe(diagram.name), "graphs": [{"id": safe(diagram.name), "nodes": nodes}]}


def _attributes(box: Box, params: bool) -> list[dict[str, str]]:
    found = {"name": box.name, "call": box.detail}
    if params and box.params is not None:
        found["params"] = params_text(box.params)
    if box.copies > 1:
        found["copies"] = str(box.copies)
    return [{"key": key, "value": safe(value)} for key, value in found.items() if value]


def _namespace(diagram: Diagram, group: int | None) -> str:
    """The frames around a box, with slashes between; a slash of a name is none."""
    found = []
    while group is not None:
        frame = diagram.groups[group]
        found.append(safe(frame.title).replace("/", "∕"))
        group = frame.parent
    return "/".join(reversed(found))
