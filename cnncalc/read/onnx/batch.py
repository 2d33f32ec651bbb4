"""Where an ONNX operator puts the batch axis: the files do not say which axis that is."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnncalc.read.onnx.values import Value

if TYPE_CHECKING:
    from cnncalc.read.onnx.attributes import Attributes


def batch_after(
    op: str, attrs: Attributes, ins: list[Value | None], x: Value, at: int, dims: tuple[int, ...]
) -> int | None:
    """Where an operator puts the batch axis of its input."""
    axis = x.batch
    assert axis is not None
    rank = len(x.dims)
    if op == "Transpose":
        perm = attrs.wholes("perm") or list(range(rank)[::-1])
        return perm.index(axis)
    if op in ("LSTM", "GRU", "RNN"):
        first = attrs.whole("layout", 0) == 1
        return (0 if first else 2) if at == 0 else (0 if first else 1)
    if op in ("Squeeze", "Unsqueeze"):
        axes = _axes(attrs, ins)
        if axes is None:
            return None
        if op == "Squeeze":
            gone = {one % rank for one in axes}
            return None if axis in gone else axis - sum(one < axis for one in gone)
        new = sorted(one % len(dims) for one in axes)
        place: int = axis
        for one in new:
            place += int(one <= place)
        return place
    if op in ("Reshape", "Flatten"):
        before = prod(x.dims[:axis])
        return next((p for p, size in enumerate(dims) if size == 1 and prod(dims[:p]) == before), None)
    if op == "Gather":
        by = attrs.whole("axis", 0) % rank
        if x is not ins[0] and ins[1] is not None:
            return by + axis
        index = len(ins[1].dims) if ins[1] is not None else 0
        return None if by == axis else axis if axis < by else axis + index - 1
    if op.startswith("Reduce") or op in ("ArgMax", "ArgMin"):
        if len(dims) == rank:
            return axis
        gone = {one % rank for one in _axes(attrs, ins) or range(rank)}
        return None if axis in gone else axis - sum(one < axis for one in gone)
    return axis + len(dims) - rank if len(dims) >= rank else axis


def _axes(attrs: Attributes, ins: list[Value | None]) -> list[int] | None:
    """The axes that an operator names: as attributes, or as its second input."""
    axes = attrs.wholes("axes", [attrs.whole("axis", 0)] if "axis" in attrs else None)
    if axes is None and len(ins) > 1 and ins[1] is not None and ins[1].data is not None:
        axes = [int(one) for one in ins[1].data.ravel()]
    return axes
