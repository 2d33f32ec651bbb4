"""Which initializers of an ONNX file are parameters of a node, and which are statistics, scales or sizes."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, TypeAlias

from cnncalc.read.onnx.values import FLOATS, Value

if TYPE_CHECKING:
    from onnx import NodeProto

Named: TypeAlias = tuple[str, tuple[int, ...]]  # an initializer with its sizes
# Inputs of an operator that hold scales, zero points, statistics or sizes: they are no parameters.
NO_WEIGHTS = {
    "DequantizeLinear": (1, 2), "QuantizeLinear": (1, 2), "QLinearConv": (1, 2, 4, 5, 6, 7),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7), "MatMulInteger": (2, 3), "ConvInteger": (2, 3),
    "BatchNormalization": (3, 4), "Clip": (1, 2), "Pad": (1, 2, 3), "OneHot": (1, 2),
}  # fmt: skip
# Inputs that are weights although they are whole numbers: quantised ones.
QUANTISED = {
    "DequantizeLinear": (0,), "QLinearConv": (3, 8), "QLinearMatMul": (0, 3), "MatMulInteger": (0, 1),
    "ConvInteger": (1,),
}  # fmt: skip
# Inputs of which a single number is a weight: a network with one output has a bias of one.
SINGLE = {
    "Conv": (1, 2), "ConvTranspose": (1, 2), "Gemm": (1, 2), "BatchNormalization": (1, 2), "LayerNormalization": (1, 2),
    "InstanceNormalization": (1, 2), "GroupNormalization": (1, 2), "PRelu": (1,), "MatMul": (1,),
}  # fmt: skip


def statistics(nodes: Iterable[NodeProto]) -> set[str]:
    """The names that a batch norm takes as mean and variance."""
    return {name for node in nodes if node.op_type == "BatchNormalization" for name in node.input[3:5]}


def weights_of(
    op: str,
    ins: list[Value | None],
    values: dict[str, Value],
    dims: dict[str, tuple[int, ...]],
    all_single: bool,
    quantised: bool = False,
) -> tuple[list[Named], list[Named]]:
    """The initializers that are a node's weights and those that are its buffers, each with its sizes.

    all_single   whether a single number is a weight wherever it stands: the file has no other initializers
    quantised    whether what comes out is dequantised, as a table's rows are
    """
    weights: dict[str, tuple[int, ...]] = {}
    buffers: dict[str, tuple[int, ...]] = {}
    for at, value in enumerate(ins):
        if value is None:
            continue
        for name in value.inits:
            if op == "BatchNormalization" and at in (3, 4):
                if len(dims[name]) > 1:  # no running statistic, but what one is worked out from
                    weights[name] = dims[name]
                else:
                    buffers[name] = dims[name]
                continue
            if at in NO_WEIGHTS.get(op, ()):
                continue
            kind = values[name].dtype
            single = prod(dims[name]) == 1 and (kind in FLOATS or kind in (2, 3, 6))
            spread = prod(value.dims) > 1  # one number expanded, such as the ones of a norm without weights
            if single and not all_single and (spread or at not in SINGLE.get(op, ())):
                continue
            if (
                kind in FLOATS
                or at in QUANTISED.get(op, ())
                or (quantised and at == 0 and kind in (2, 3, 4, 5, 21, 22))
                or (kind in (2, 3, 21, 22) and value.dtype in FLOATS)
                or (kind == 6 and value.dtype in FLOATS)
            ):
                weights[name] = dims[name]
    return list(weights.items()), list(buffers.items())
