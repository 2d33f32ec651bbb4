"""Multiply-accumulates of an ONNX operator, by the sizes of its inputs and of its output."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnncalc.read.onnx.values import Value

if TYPE_CHECKING:
    from cnncalc.read.onnx.attributes import Attributes


def macs(op: str, attrs: Attributes, ins: list[Value | None], y: tuple[int, ...]) -> int:
    """Multiply-accumulates of a node, for the one sample that the batch is."""

    def dims(at: int) -> tuple[int, ...]:
        value = ins[at] if at < len(ins) else None
        return value.dims if value is not None else ()

    if op in ("Conv", "ConvInteger"):
        return prod(y) * prod(dims(1)[1:])
    if op == "QLinearConv":
        return prod(y) * prod(dims(3)[1:])
    if op == "ConvTranspose":
        return prod(dims(0)) * prod(dims(1)[1:])
    if op == "Gemm":
        return prod(y) * dims(0)[0 if attrs.get("transA") else 1]
    if op in ("MatMul", "MatMulInteger", "QLinearMatMul"):
        return prod(y) * dims(0)[-1]
    if op in ("LSTM", "GRU", "RNN"):
        x, w, r = dims(0), dims(1), dims(2)
        return x[0] * x[1] * w[0] * w[1] * (w[2] + r[2])
    if op == "Einsum":
        left, _, right = str(attrs.get("equation", "")).replace(" ", "").partition("->")
        sizes: dict[str, int] = {}
        for term, value in zip(left.split(","), ins, strict=False):
            if "." in term or value is None:
                return 0
            sizes.update(zip(term, value.dims, strict=False))
        return prod(sizes.values()) if len(ins) > 1 and set(sizes) - set(right) else 0
    return 0
