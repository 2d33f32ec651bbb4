"""A note on what fits and is rarely meant: a Linear on a feature map without Flatten, which acts on its last axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.core.channels import has_channels
from cnncalc.core.layer import Layer
from cnncalc.core.layer_result import count
from cnncalc.core.number import is_free, prod
from cnncalc.core.problem import Problem

if TYPE_CHECKING:
    from cnncalc.network.graph import Graph, Input
    from cnncalc.network.report import Report


def unflattened(report: Report) -> list[Problem]:
    """A note for each Linear whose in_features were left out and that takes a feature map; one for its copies."""
    graph = report.graph
    matrices = [row for row in report.rows if row.layer.parallel == "matrix"]
    if not matrices:
        return []
    maps = _maps(graph)
    notes: dict[int, Problem] = {}
    for row in matrices:
        layer, x = row.layer, row.facts.inputs[0] if row.facts.inputs else ()
        if layer.__dict__.get("in_features") is not None or row.owner is not None:
            continue
        if len(x) < 3 or row.node.inputs[0] not in maps or id(row.node.origin) in notes:
            continue
        flat = count(layer.weights((1, prod(x[1:]))))
        notes[id(row.node.origin)] = Problem(
            "last-axis",
            f"{row.name}: {row.type} acts on the last axis ({_text(x[-1])}); after Flatten it would have {_text(flat)} "
            f"parameters, here it has {_text(row.params)}",
            source=graph.source,
            span=row.node.place(),
            help="write Flatten before it where it should take the whole feature map",
            severity="note",
        )
    return list(notes.values())


def _maps(graph: Graph) -> set[Any]:
    """The values that have channels and spatial axes, in the order in which the layers give them."""
    maps: set[Any] = {number for number, given in enumerate(graph.inputs) if _is_map(given)}
    for number, node in enumerate(graph.nodes, len(graph.inputs)):
        layer = node.layer
        together = layer.inputs[1] is None and layer.type() not in ("Stack", "Einsum")
        if layer.elementwise or layer.keeps_axes or together:
            same = not maps.isdisjoint(node.inputs if together else node.inputs[:1])
        else:
            same = _gives_map(layer, graph.convention)
        if same:
            maps.add(number)
    return maps


def _gives_map(layer: Layer, convention: str) -> bool:
    return has_channels(layer.gives, convention)


def _is_map(given: Input) -> bool:
    """Whether an input is a picture: three axes, or two that are alike, 28x28."""
    shape = given.shape
    if given.dtype == "int":
        return False
    return len(shape) > 2 or (len(shape) == 2 and type(shape[0]) is int and shape[0] == shape[1] and shape[0] > 1)


def _text(number: Any) -> str:
    if type(number) is int:
        return f"{number:,}"
    return str(number.pretty()) if is_free(number) else str(number)
