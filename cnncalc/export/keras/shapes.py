"""Shapes, pieces and sums along axes in Keras' words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.number import Shape
from cnncalc.export.call import literal
from cnncalc.export.keras.piece import Piece, Rule, made
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.layers.indexing import Narrow, Pieces, Slice
    from cnncalc.layers.merge import Concat, Stack
    from cnncalc.layers.reduce import Reduce
    from cnncalc.layers.reshape import Flatten, Movedim, Permute, Transpose
    from cnncalc.layers.shuffle import ChannelShuffle


def _concat(row: Row, layer: Concat, xs: tuple[Shape, ...]) -> Piece:
    inner = ", ".join(f"{{{at}}}" for at in range(len(xs)))
    return made(row, "Concatenate", f"axis={layer.dim % len(xs[0])}", f"[{inner}]")


def _stack(row: Row, layer: Stack, xs: tuple[Shape, ...]) -> Piece:
    at = layer.dim % (len(xs[0]) + 1)
    sizes = literal((*xs[0][1:at], 1, *xs[0][at:]))
    parts = [f"layers.Reshape({sizes})({{{number}}})" for number in range(len(xs))]
    return made(row, "Concatenate", f"axis={at}", f"[{', '.join(parts)}]")


def _flatten(row: Row, layer: Flatten, xs: tuple[Shape, ...]) -> Piece:
    if len(xs[0]) > 1 and layer.start_dim == 1 and layer.end_dim % len(xs[0]) == len(xs[0]) - 1:
        return made(row, "Flatten", "")
    return _reshape(row, layer, xs)


def _reshape(row: Row, layer: Layer, xs: tuple[Shape, ...]) -> Piece:
    return made(row, "Reshape", literal(tuple(row.facts.shape[1:])))


def _permute(row: Row, layer: Permute | Transpose | Movedim, xs: tuple[Shape, ...]) -> Piece:
    return made(row, "Permute", literal(tuple(layer.order(len(xs[0]))[1:])))


def _part(axis: int, key: str) -> str:
    """Positions of an axis, as they stand behind a value."""
    return "[" + ", ".join([*[":"] * axis, key]) + "]"


def _slice(row: Row, layer: Slice, xs: tuple[Shape, ...]) -> Piece:
    start, stop, step = ("" if part is None else literal(part) for part in (layer.start, layer.stop, layer.step))
    key = f"{'' if start == '0' else start}:{stop}" + (f":{step}" if step not in ("", "1") else "")
    return Piece("{0}" + _part(layer.dim % len(xs[0]), key))


def _narrow(row: Row, layer: Narrow, xs: tuple[Shape, ...]) -> Piece:
    axis = layer.dim % len(xs[0])
    start = layer.start % xs[0][axis] if layer.start < 0 else layer.start
    return Piece("{0}" + _part(axis, f"{literal(start)}:{literal(start + layer.length)}"))


def _pieces(row: Row, layer: Pieces, xs: tuple[Shape, ...]) -> Piece:
    axis = layer.dim % len(xs[0])
    ends, at = {}, 0
    for port in sorted(row.facts.ports, key=int):
        size = row.facts.ports[port][axis]
        ends[port] = _part(axis, f"{literal(at)}:{literal(at + size)}")
        at += int(size)
    return Piece("{0}", main=ends["0"], ports=ends)


def _shuffle(row: Row, layer: ChannelShuffle, xs: tuple[Shape, ...]) -> Piece:
    count, *space = xs[0][1:]
    groups = literal((layer.groups, count // layer.groups, *space))
    order = literal((2, 1, *range(3, 3 + len(space))))
    inner = f"layers.Permute({order})(layers.Reshape({groups})({{0}}))"
    return made(row, "Reshape", literal((count, *space)), inner)


def _reduce(word: str) -> Rule:
    def rule(row: Row, layer: Reduce, xs: tuple[Shape, ...]) -> Piece:
        axes = layer.over(len(xs[0]))
        keep = ", keepdims=True" if layer.keepdim else ""
        return Piece(f"ops.{word}({{0}}, axis={literal(axes[0] if len(axes) == 1 else axes)}{keep})")

    return rule


RULES: dict[str, Rule] = {
    "Concat": _concat,
    "Flatten": _flatten,
    **dict.fromkeys(("Unflatten", "Reshape", "View", "Squeeze", "Unsqueeze"), _reshape),
    **dict.fromkeys(("Permute", "Transpose", "Movedim"), _permute),
    "Select": lambda row, layer, xs: Piece("{0}" + _part(layer.dim % len(xs[0]), literal(layer.index))),
    "Slice": _slice,
    "Narrow": _narrow,
    "Chunk": _pieces,
    "Split": _pieces,
    "ChannelShuffle": _shuffle,
    "Stack": _stack,
    "Mean": _reduce("mean"),
    "Sum": _reduce("sum"),
    "Max": _reduce("max"),
    "Min": _reduce("min"),
}
