"""Which inputs hold whole numbers, and below what: an embedding's rows, a one-hot's classes, positions of an axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.report import Report, Row

# Layers that hand whole numbers on as they are.
CARRIERS = (
    "Flatten Unflatten Reshape View Permute Transpose Movedim Squeeze Unsqueeze Expand Tile Select Slice Narrow Chunk "
    "Split Flip Roll Concat Stack Identity Dropout"
)
# For an input that says it holds whole numbers, but nothing that reads it says which.
DEFAULT = 10


def limits(report: Report) -> dict[int, int]:
    """For each input (by number) that holds whole numbers: the number that drawn ones must stay below."""
    found: dict[int, int] = {}
    for source, limit, _ in _readers(report):
        found[source] = min(found.get(source, limit), limit)
    for number, given in enumerate(report.graph.inputs):
        if given.dtype == "int":
            found.setdefault(number, DEFAULT)
    return found


def readers(report: Report) -> dict[int, tuple[int, str]]:
    """For each input whose whole numbers choose among rows: how many rows there are at least, and whose they are."""
    found: dict[int, tuple[int, str]] = {}
    for source, limit, row in _readers(report):
        if not row.type.startswith("MaxUnpool"):  # places, of which it says itself which fit
            found[source] = min(found.get(source, (limit, row.name)), (limit, row.name))
    return found


def _readers(report: Report) -> Iterator[tuple[int, int, Row]]:
    """An input, what its numbers must stay below, and the row that says so."""
    graph = report.graph
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
                yield source, limit, row


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
    if kind in ("CrossEntropyLoss", "NLLLoss") and slot == 1 and len(shapes[1]) < len(shapes[0]):
        return shapes[0][1]
    return None
