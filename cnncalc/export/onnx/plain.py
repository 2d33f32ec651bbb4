"""Arithmetic, shapes and embeddings as ONNX operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.export.onnx.builder import Builder, Rule, same

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.adaptive import GlobalPool
    from cnncalc.layers.arithmetic import Elementwise, MatMul, Outer, Parameter
    from cnncalc.layers.einsum import Einsum
    from cnncalc.layers.embedding import Embedding
    from cnncalc.layers.indexing import Flip, IndexSelect, Narrow, Pieces, Roll, Select, Slice
    from cnncalc.layers.linear import Linear
    from cnncalc.layers.merge import Stack
    from cnncalc.layers.position import ClassToken, PositionalEmbedding
    from cnncalc.layers.reduce import Reduce
    from cnncalc.layers.reshape import Expand, Flatten, Movedim, Permute, Tile, Transpose


def aligned(g: Builder, names: list[str], shapes: Shapes, rank: int | None = None) -> list[str]:
    """The values with axes of 1 behind the batch, so that samples broadcast from their last axis on."""
    rank = max(len(shape) for shape in shapes) if rank is None else rank
    made = []
    for name, shape in zip(names, shapes, strict=True):
        missing = rank - len(shape)
        made.append(g.op("Unsqueeze", name, g.whole(range(1, 1 + missing))) if missing else name)
    return made


SIGNS = {"Add": "Add", "Average": "Add", "Subtract": "Sub", "Multiply": "Mul", "Divide": "Div", "Maximum": "Max",
         "Minimum": "Min"}  # fmt: skip


def _operators(g: Builder, layer: Elementwise, xs: list[str], shapes: Shapes) -> str:
    operands = aligned(g, xs, shapes)
    if getattr(layer, "value", None) is not None:
        constant = g.numbers(layer.value)
        operands.insert(0 if getattr(layer, "value_first", False) else len(operands), constant)
    made = operands[0]
    for operand in operands[1:]:
        made = g.op(SIGNS[layer.type()], made, operand)
    return g.op("Div", made, g.numbers(len(operands))) if layer.type() == "Average" else made


def _matmul(g: Builder, layer: MatMul, xs: list[str], shapes: Shapes) -> str:
    row, column = len(shapes[0]) == 2, len(shapes[1]) == 2
    left = g.op("Unsqueeze", xs[0], g.whole([1])) if row else xs[0]
    right = g.op("Unsqueeze", xs[1], g.whole([2])) if column else xs[1]
    ranks = [shapes[0] + (1,) if row else shapes[0], shapes[1] + (1,) if column else shapes[1]]
    made = g.op("MatMul", *aligned(g, [left, right], ranks))
    return g.reshape(made, g.row.facts.shape[1:]) if row or column else made


def _stack(g: Builder, layer: Stack, xs: list[str], shapes: Shapes) -> str:
    axis = layer.dim % (len(shapes[0]) + 1)
    return g.op("Concat", *(g.op("Unsqueeze", x, g.whole([axis])) for x in xs), axis=axis)


def _einsum(g: Builder, layer: Einsum, xs: list[str], shapes: Shapes) -> str:
    return g.op("Einsum", *xs, equation=layer.batched([len(shape) for shape in shapes]))


def _outer(g: Builder, layer: Outer, xs: list[str], shapes: Shapes) -> str:
    return g.op("Mul", g.op("Unsqueeze", xs[0], g.whole([2])), g.op("Unsqueeze", xs[1], g.whole([1])))


# --- shapes --------------------------------------------------------------------------------------------------------


def _flatten(g: Builder, layer: Flatten, xs: list[str], shapes: Shapes) -> str:
    if len(shapes[0]) > 1 and layer.start_dim == 1 and layer.end_dim % len(shapes[0]) == len(shapes[0]) - 1:
        return g.op("Flatten", xs[0], axis=1)
    return shaped(g, layer, xs, shapes)


def shaped(g: Builder, layer: Layer, xs: list[str], shapes: Shapes) -> str:
    """The same numbers in another shape."""
    return g.reshape(xs[0], g.row.facts.shape[1:])


def _permute(g: Builder, layer: Permute | Transpose | Movedim, xs: list[str], shapes: Shapes) -> str:
    return g.op("Transpose", xs[0], perm=layer.order(len(shapes[0])))


def _expand(g: Builder, layer: Expand, xs: list[str], shapes: Shapes) -> str:
    sizes = g.row.facts.shape[1:]
    missing = len(sizes) + 1 - len(shapes[0])
    x = g.op("Unsqueeze", xs[0], g.whole(range(1, 1 + missing))) if missing else xs[0]
    return g.op("Expand", x, g.whole([1, *sizes]))


def _tile(g: Builder, layer: Tile, xs: list[str], shapes: Shapes) -> str:
    missing = max(len(layer.dims) - len(shapes[0]) + 1, 0)
    x = g.op("Unsqueeze", xs[0], g.whole(range(1, 1 + missing))) if missing else xs[0]
    times = (1,) * (len(shapes[0]) + missing - 1 - len(layer.dims)) + tuple(layer.dims)
    return g.op("Tile", x, g.whole([1, *times]))


def _select(g: Builder, layer: Select, xs: list[str], shapes: Shapes) -> str:
    axis = layer.dim % len(shapes[0])
    return g.op("Gather", xs[0], g.whole(layer.index % shapes[0][axis]), axis=axis)


def _slice(g: Builder, layer: Slice, xs: list[str], shapes: Shapes) -> str:
    axis = layer.dim % len(shapes[0])
    start, stop, step = slice(layer.start, layer.stop, layer.step).indices(shapes[0][axis])
    return g.slice(xs[0], axis, start, stop if stop >= 0 else -(shapes[0][axis] + 1), step)


def _narrow(g: Builder, layer: Narrow, xs: list[str], shapes: Shapes) -> str:
    axis = layer.dim % len(shapes[0])
    start = layer.start % shapes[0][axis] if layer.start < 0 else layer.start
    return g.slice(xs[0], axis, start, start + layer.length)


def _index_select(g: Builder, layer: IndexSelect, xs: list[str], shapes: Shapes) -> str:
    axis = layer.dim % len(shapes[0])
    others = [other for other in range(1, len(shapes[0])) if other != axis]
    index = g.op("Unsqueeze", xs[1], g.whole(others)) if others else xs[1]
    each = g.op("Expand", index, g.whole([1, *g.row.facts.shape[1:]]))  # every sample has its own index
    return g.op("GatherElements", xs[0], each, axis=axis)


def _pieces(g: Builder, layer: Pieces, xs: list[str], shapes: Shapes) -> dict[str, str]:
    axis = layer.dim % len(shapes[0])
    sizes = [g.row.facts.ports[port][axis] for port in sorted(g.row.facts.ports, key=int)]
    made = g.ops("Split", (xs[0], g.whole(sizes)), len(sizes), axis=axis)
    return {"output": made[0], **{str(at): name for at, name in enumerate(made)}}


def _flip(g: Builder, layer: Flip, xs: list[str], shapes: Shapes) -> str:
    made = xs[0]
    for dim in layer.dims:
        axis = dim % len(shapes[0])
        made = g.slice(made, axis, shapes[0][axis] - 1, -(shapes[0][axis] + 1), -1)
    return made


def _roll(g: Builder, layer: Roll, xs: list[str], shapes: Shapes) -> str:
    made = xs[0]
    for shift, dim in zip(layer.shifts, layer.dims, strict=True):
        axis = dim % len(shapes[0])
        size = shapes[0][axis]
        cut = -shift % size if size else 0
        if cut:
            made = g.op("Concat", g.slice(made, axis, cut, size), g.slice(made, axis, 0, cut), axis=axis)
    return made if made != xs[0] else g.op("Identity", made)


def _reduce(kind: str) -> Rule:
    def rule(g: Builder, layer: Reduce, xs: list[str], shapes: Shapes) -> str:
        axes = [axis % len(shapes[0]) for axis in layer.over(len(shapes[0]))]
        return g.op(kind, xs[0], g.whole(axes), keepdims=int(layer.keepdim))

    return rule


def _global(kind: str) -> Rule:
    def rule(g: Builder, layer: GlobalPool, xs: list[str], shapes: Shapes) -> str:
        return g.op(kind, xs[0], g.whole(range(2, len(shapes[0]))), keepdims=int(layer.keepdim))

    return rule


def _embedding(g: Builder, layer: Embedding, xs: list[str], shapes: Shapes) -> str:
    if layer.max_norm is not None:
        raise g.refuse("ONNX has no table whose rows are made shorter")
    return g.op("Gather", g.weight("weight"), xs[0], axis=0)


def _position(g: Builder, layer: PositionalEmbedding, xs: list[str], shapes: Shapes) -> str:
    length, features = shapes[0][1:]
    if g.has("weight"):
        table = g.weight("weight")
        rows = next(held.shape[0] for held in g.row.facts.weights)
        return g.op("Add", xs[0], table if rows == length else g.slice(table, 0, 0, length))
    pairs = np.arange((features + 1) // 2)
    angles = np.arange(length)[:, None] / 10000.0 ** (2 * pairs / max(features, 1))
    vectors = np.stack([np.sin(angles), np.cos(angles)], -1).reshape(length, -1)[:, :features]
    return g.op("Add", xs[0], g.numbers(vectors))


def _parameter(g: Builder, layer: Parameter, xs: list[str], shapes: Shapes) -> str:
    return g.expand(g.op("Unsqueeze", g.weight("weight"), g.whole([0])), g.row.facts.shape[1:])


def _class_token(g: Builder, layer: ClassToken, xs: list[str], shapes: Shapes) -> str:
    token = g.expand(g.weight("class_token"), (layer.tokens, shapes[0][2]))
    return g.op("Concat", token, xs[0], axis=1)


def _linear(g: Builder, layer: Linear, xs: list[str], shapes: Shapes) -> str:
    if len(shapes[0]) == 2:
        return g.op("Gemm", xs[0], g.weight("weight"), g.given("bias"), transB=1)
    return g.affine(xs[0], "weight", "bias")


RULES: dict[str, Rule] = {
    "Linear": _linear,
    "LazyLinear": _linear,
    **dict.fromkeys(
        ("Identity", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout",
         "DropPath", "StochasticDepth"),
        same("Identity"),
    ),
    **dict.fromkeys(SIGNS, _operators),
    "MatMul": _matmul,
    "Concat": lambda g, layer, xs, shapes: g.op("Concat", *xs, axis=layer.dim % len(shapes[0])),
    "Stack": _stack,
    "Einsum": _einsum,
    "Outer": _outer,
    "Exp": same("Exp"),
    "Log": same("Log"),
    "Sqrt": same("Sqrt"),
    "Sin": same("Sin"),
    "Cos": same("Cos"),
    "Abs": same("Abs"),
    "Neg": same("Neg"),
    "Square": lambda g, layer, xs, shapes: g.op("Mul", xs[0], xs[0]),
    "Scale": lambda g, layer, xs, shapes: g.op("Mul", xs[0], g.numbers(float(layer.factor))),
    "Pow": lambda g, layer, xs, shapes: g.op("Pow", xs[0], g.numbers(layer.exponent)),
    "Flatten": _flatten,
    **dict.fromkeys(("Unflatten", "Reshape", "View", "Squeeze", "Unsqueeze"), shaped),
    **dict.fromkeys(("Permute", "Transpose", "Movedim"), _permute),
    "Expand": _expand,
    "Tile": _tile,
    "Select": _select,
    "Slice": _slice,
    "Narrow": _narrow,
    "IndexSelect": _index_select,
    "Chunk": _pieces,
    "Split": _pieces,
    "Flip": _flip,
    "Roll": _roll,
    "Mean": _reduce("ReduceMean"),
    "Sum": _reduce("ReduceSum"),
    "Max": _reduce("ReduceMax"),
    "Min": _reduce("ReduceMin"),
    "GlobalAvgPool": _global("ReduceMean"),
    "GlobalMaxPool": _global("ReduceMax"),
    "Embedding": _embedding,
    "PositionalEmbedding": _position,
    "Parameter": _parameter,
    "ClassToken": _class_token,
}  # fmt: skip
