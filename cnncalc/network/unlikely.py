"""What fits and is rarely meant.

A Reshape that keeps an axis of 1 for the batch, an Upsample that makes smaller,
a Linear on a feature map that nobody flattened, which acts on its last axis alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cnncalc.core.channels import has_channels
from cnncalc.core.layer import Layer
from cnncalc.core.layer_result import count
from cnncalc.core.number import is_free, prod
from cnncalc.core.problem import Fault, Problem

if TYPE_CHECKING:
    from cnncalc.network.graph import Graph, Input
    from cnncalc.network.report import Report
    from cnncalc.network.row import Row


RESIZED = ("Upsample", "Interpolate")


def unlikely(report: Report) -> list[Problem]:
    """The notes on a propagated network, one for all copies of an entry."""
    found: dict[tuple[int, str], Problem] = {}
    for row in report.rows:
        for fault in _looks(row):
            key = (id(row.node.origin), fault.code)
            if key in found:
                continue
            found[key] = Problem(
                fault.code,
                f"{row.name}: {fault.message}",
                source=report.graph.source,
                span=row.node.place(fault.option),
                help=fault.help,
                severity="note",
            )
    return [*unflattened(report), *found.values()]


def _looks(row: Row) -> Iterator[Fault]:
    if not row.facts.inputs:  # a module that is never called
        return
    fault = _reshape(row) if row.type == "Reshape" else _upsample(row) if row.type in RESIZED else None
    if fault:
        yield fault


def _reshape(row: Row) -> Fault | None:
    """`Reshape(-1, 256)` of 256 numbers: the -1 is the batch in PyTorch's `x.reshape(-1, 256)`, and 1 here."""
    written, shape = row.layer.__dict__.get("shape_"), row.facts.shape
    if not isinstance(written, tuple) or len(written) < 2 or written[0] != -1:
        return None
    if type(shape[1]) is not int or shape[1] != 1:
        return None
    rest = ", ".join(map(str, written[1:]))
    return Fault(
        "leading-one",
        f"-1 is 1 here, as shapes have no batch axis: the output is [1, {rest}]",
        help=f"write Reshape({rest}), or View(-1, {rest}) as in PyTorch",
    )


def _upsample(row: Row) -> Fault | None:
    """`Upsample(2)`: PyTorch's first number is the size of the output, and no factor."""
    size, shape, before = row.layer.__dict__.get("size"), row.facts.shape[2:], row.facts.inputs[0][2:]
    numbers = [*shape, *before]
    if size is None or any(type(number) is not int for number in numbers):
        return None
    if not all(after < first for after, first in zip(shape, before, strict=True)) or max(shape) > 8:
        return None
    made, given = "x".join(map(str, shape)), "x".join(map(str, before))
    return Fault(
        "size-or-factor",
        f"size={shape[0]} makes {made} of {given}: as in PyTorch the first number is the size",
        option="size",
        help=f"write {row.type}(scale_factor={shape[0]}) for {shape[0]} times as large",
    )


# --- a Linear on a feature map ---------------------------------------------------------------------------------------

LINEAR = ("Linear", "LazyLinear", "Dense")


def unflattened(report: Report) -> list[Problem]:
    """A note for each Linear whose in_features were left out and that takes a feature map; one for its copies."""
    graph = report.graph
    if not any(row.type in LINEAR for row in report.rows):
        return []
    maps = _maps(graph)
    notes: dict[int, Problem] = {}
    for row in report.rows:
        layer, x = row.layer, row.facts.inputs[0] if row.facts.inputs else ()
        if row.type not in LINEAR or getattr(layer, "in_features", None) is not None or row.owner is not None:
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
