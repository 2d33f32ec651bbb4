"""A diagram as a JSON document: nodes, edges, groups."""

from __future__ import annotations

from cnncalc.diagram.model import Diagram
from cnncalc.network.row import plain


def data(diagram: Diagram, params: bool = True) -> dict[str, object]:
    """The document. Free sizes are text; an edge's `delay` is 0 within a step."""
    nodes = []
    for box in diagram.boxes:
        node: dict[str, object] = {"id": box.id, "kind": box.kind, "name": box.name, "label": box.label}
        if box.type:
            node["type"] = box.type
        if box.detail:
            node["detail"] = box.detail
        node["shape"] = None if box.shape is None else [plain(size) for size in box.shape]
        if params:
            node["params"] = plain(box.params)
        node["copies"] = box.copies
        node["group"] = box.group
        nodes.append(node)
    edges = [
        {"from": edge.source, "to": edge.target, "label": edge.label, "delay": edge.delay} for edge in diagram.edges
    ]
    groups = []
    for group in diagram.groups:
        made: dict[str, object] = {"id": group.id, "name": group.name, "label": group.label, "copies": group.copies}
        if params:
            made["params"] = plain(group.params)
        groups.append({**made, "parent": group.parent})
    document: dict[str, object] = {"name": diagram.name, "nodes": nodes, "edges": edges, "groups": groups}
    document["output"] = diagram.output
    if params:
        document["total_params"] = plain(diagram.total)
    if diagram.notes:
        document["notes"] = diagram.notes
    return document
