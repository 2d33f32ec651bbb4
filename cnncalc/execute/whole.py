"""Which inputs hold whole numbers, and below what: an embedding's rows, a one-hot's classes, positions of an axis."""

from __future__ import annotations

from typing import Any

from cnncalc.report import Report

# Layers that hand whole numbers on as they are.
CARRIERS = (
    "Flatten Unflatten Reshape View Permute Transpose Movedim Squeeze Unsqueeze Expand Tile Select Slice Narrow Chunk "
    "Split Flip Roll Concat Stack Identity Dropout"
)
# For an input that says it holds whole numbers, but nothing that reads it says which.
DEFAULT = 10


def limits(report: Report) -> dict[int, int]:
    """For each input (by number) that holds whole numbers: the number they must stay below."""
    graph = report.graph
    found: dict[int, int] = {}
    # value -> the inputs whose numbers it holds unchanged
    carried: dict[int, set[int]] = {number: {number} for number in range(len(graph.inputs))}
    for at, row in enumerate(report.rows):
        layer: Any = row.layer
        kind = layer.type()
        numbers = [ref if isinstance(ref, int) else ref[0] for ref in row.node.inputs]
        if kind in CARRIERS.split():
            carried[len(graph.inputs) + at] = set().union(*(carried.get(number, set()) for number in numbers))
            continue
        for slot, number in enumerate(numbers):
            limit = _limit(layer, kind, slot, row.facts.inputs)
            for source in carried.get(number, ()) if limit is not None else ():
                found[source] = min(found.get(source, limit), limit)
    for number, given in enumerate(graph.inputs):
        if given.dtype == "int":
            found.setdefault(number, DEFAULT)
    return found


def _limit(layer: Any, kind: str, slot: int, shapes: Any) -> Any:
    """Below what the numbers of one input of a layer must stay; None where any number will do."""
    if kind in ("Embedding", "EmbeddingBag"):
        return layer.num_embeddings if slot == 0 else None
    if kind == "OneHot":
        return layer.num_classes
    if kind == "IndexSelect" and slot == 1:
        return shapes[0][layer.dim]
    if kind.startswith("MaxUnpool") and slot == 1:
        return 1
    return None
