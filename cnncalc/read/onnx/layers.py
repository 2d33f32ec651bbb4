"""Operators of ONNX as layers of the spec language, where one does the same: its shape and its weights must agree.

Each rule gets the attributes and the values that go in, and gives the layer, the inputs it takes and the names of its
weights among the initializers; or None, and the node stays an operation that is known by its shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.read.onnx.attributes import Attributes
from cnncalc.read.onnx.values import Value

Ins: TypeAlias = list[Value | None]
Made: TypeAlias = "Layer | tuple[Layer | None, int] | None"
Rule: TypeAlias = Callable[[Attributes, Ins], Made]


def make(kind: str, **options: object) -> Layer | None:
    """A layer, or None where its options do not go together."""
    found = layers.find(kind)
    if found is None:
        return None
    try:
        return found.bind([], {name: value for name, value in options.items() if value is not None})
    except Fault:
        return None


def layer_for(op: str, attrs: Attributes, ins: Ins, batched: bool) -> tuple[Layer, int] | None:
    """The layer that an operator is, and how many of its inputs are values that flow in."""
    rule = _RULES.get(op)
    if rule is None or not batched:
        return None
    made = rule(attrs, ins)
    layer, taken = made if isinstance(made, tuple) else (made, 1)
    return None if layer is None else (layer, taken)


def _pads(attrs: Attributes, axes: int) -> list[list[int]] | None:
    if attrs.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        return None
    pads = attrs.wholes("pads") or [0] * (2 * axes)
    return [[pads[i], pads[i + axes]] for i in range(axes)]


def _equal_pads(attrs: Attributes, axes: int) -> list[int] | None:
    """The padding of each axis, where it is the same on both sides."""
    pads = _pads(attrs, axes)
    return None if pads is None or any(before != after for before, after in pads) else [before for before, _ in pads]


def _weight(ins: Ins, at: int) -> Value | None:
    value = ins[at] if len(ins) > at else None
    return value if value is not None and value.inits else None


def _conv(transposed: bool) -> Rule:
    def rule(attrs: Attributes, ins: Ins) -> Made:
        weight = _weight(ins, 1)
        if weight is None or not 3 <= len(weight.dims) <= 5 or "output_shape" in attrs:
            return None
        axes = len(weight.dims) - 2
        pads = _equal_pads(attrs, axes) if transposed else _pads(attrs, axes)
        if pads is None:
            return None
        groups = attrs.whole("group", 1)
        channels = [weight.dims[1] * groups, weight.dims[0]]  # in, out
        if transposed:
            channels = [weight.dims[0], weight.dims[1] * groups]
        return make(
            f"ConvTranspose{axes}d" if transposed else f"Conv{axes}d",
            in_channels=channels[0], out_channels=channels[1], kernel_size=list(weight.dims[2:]),
            stride=attrs.wholes("strides", [1] * axes), padding=pads,
            output_padding=attrs.wholes("output_padding", [0] * axes) if transposed else None,
            dilation=attrs.wholes("dilations", [1] * axes), groups=groups, bias=_weight(ins, 2) is not None,
        )  # fmt: skip

    return rule


def _pool(kind: str) -> Rule:
    def rule(attrs: Attributes, ins: Ins) -> Made:
        shape = attrs.wholes("kernel_shape")
        if not shape or len(shape) > 3:
            return None
        pads = _equal_pads(attrs, len(shape))
        if pads is None:
            return None
        options: dict[str, object] = {
            "kernel_size": shape, "stride": attrs.wholes("strides", [1] * len(shape)),
            "padding": pads, "ceil_mode": bool(attrs.get("ceil_mode", 0)),
        }  # fmt: skip
        dilations = attrs.wholes("dilations") or [1] * len(shape)
        if kind == "MaxPool":
            options["dilation"] = dilations
        elif any(one != 1 for one in dilations):
            return None
        else:
            options["count_include_pad"] = bool(attrs.get("count_include_pad", 0))
        return make(f"{kind}{len(shape)}d", **options)

    return rule


def _gemm(attrs: Attributes, ins: Ins) -> Made:
    weight = _weight(ins, 1)
    if weight is None or attrs.get("transA") or attrs.get("alpha", 1.0) != 1.0 or attrs.get("beta", 1.0) != 1.0:
        return None
    rows, columns = weight.dims if attrs.get("transB") else weight.dims[::-1]
    bias = _weight(ins, 2)
    if len(ins) > 2 and ins[2] is not None and (bias is None or bias.dims != (rows,)):
        return None
    return make("Linear", in_features=columns, out_features=rows, bias=bias is not None)


def _matmul(attrs: Attributes, ins: Ins) -> Made:
    weight = _weight(ins, 1)
    if weight is not None and len(weight.dims) == 2:
        return make("Linear", in_features=weight.dims[0], out_features=weight.dims[1], bias=False)
    both = [value for value in ins if value is not None]
    if len(both) == 2 and all(value.flows for value in both):
        return make("MatMul"), 2
    return None


def _norm(attrs: Attributes, ins: Ins) -> Made:
    x, scale = ins[0], _weight(ins, 1)
    if x is None or scale is None or not 2 <= len(x.dims) <= 5:
        return None
    return make(f"BatchNorm{max(1, len(x.dims) - 2)}d", num_features=x.dims[1], eps=attrs.get("epsilon", 1e-5))


def _layer_norm(attrs: Attributes, ins: Ins) -> Made:
    scale, bias = _weight(ins, 1), _weight(ins, 2)
    if scale is None:
        return None
    return make(
        "LayerNorm", normalized_shape=list(scale.dims), eps=attrs.get("epsilon", 1e-5), bias=bias is not None
    )  # fmt: skip


def _embedding(attrs: Attributes, ins: Ins) -> Made:
    table, index = ins[0], ins[1]
    if table is None or not table.inits or len(table.dims) != 2 or attrs.get("axis", 0) != 0:
        return None
    if index is None or index.inits or index.data is not None:
        return None
    return make("Embedding", num_embeddings=table.dims[0], embedding_dim=table.dims[1]), -1  # the second input flows in


def _plain(kind: str, **names: tuple[str, object]) -> Rule:
    def rule(attrs: Attributes, ins: Ins) -> Made:
        return make(kind, **{option: attrs.get(name, default) for option, (name, default) in names.items()})

    return rule


def _axis(kind: str) -> Rule:
    def rule(attrs: Attributes, ins: Ins) -> Made:
        x = ins[0]
        if x is None:
            return None
        axis = attrs.whole("axis", -1) % max(len(x.dims), 1)
        return None if axis == 0 else make(kind, dim=axis)

    return rule


def _merge(kind: str) -> Rule:
    def rule(attrs: Attributes, ins: Ins) -> Made:
        if len(ins) < 2 or any(value is None or not value.flows for value in ins):
            return None
        return make(kind), len(ins)

    return rule


def _concat(attrs: Attributes, ins: Ins) -> Made:
    if any(value is None or not value.flows for value in ins) or not ins or ins[0] is None:
        return None
    axis = attrs.whole("axis", 1) % len(ins[0].dims)
    return (make("Concat", dim=axis), len(ins)) if axis else None


def _flatten(attrs: Attributes, ins: Ins) -> Made:
    return make("Flatten") if attrs.get("axis", 1) == 1 else None


def _clip(attrs: Attributes, ins: Ins) -> Made:
    low = attrs.get("min", _number(ins, 1))
    high = attrs.get("max", _number(ins, 2))
    if low == 0 and high == 6:
        return make("ReLU6")
    return make("Clamp", min=low, max=high)


def _number(ins: Ins, at: int) -> float | None:
    value = ins[at] if len(ins) > at else None
    return float(value.data.ravel()[0]) if value is not None and value.data is not None and value.data.size else None


def _transpose(attrs: Attributes, ins: Ins) -> Made:
    perm = attrs.wholes("perm")
    return make("Permute", dims=perm) if perm and perm[0] == 0 else None


# Operators that are layers of the same name, without options.
_SAME = "Sigmoid Tanh Softplus Softsign Mish Exp Log Sqrt Sin Cos Neg Abs Dropout Identity"
_RULES: dict[str, Rule] = {
    **{name: _plain(name) for name in _SAME.split()},
    "Conv": _conv(False),
    "ConvTranspose": _conv(True),
    "MaxPool": _pool("MaxPool"),
    "AveragePool": _pool("AvgPool"),
    "GlobalAveragePool": lambda attrs, ins: _global("AdaptiveAvgPool", ins),
    "GlobalMaxPool": lambda attrs, ins: _global("AdaptiveMaxPool", ins),
    "Gemm": _gemm,
    "MatMul": _matmul,
    "BatchNormalization": _norm,
    "LayerNormalization": _layer_norm,
    "Gather": _embedding,
    "Relu": _plain("ReLU"),
    "LeakyRelu": _plain("LeakyReLU", negative_slope=("alpha", 0.01)),
    "Elu": _plain("ELU", alpha=("alpha", 1.0)),
    "Selu": _plain("SELU"),
    "Celu": _plain("CELU", alpha=("alpha", 1.0)),
    "HardSwish": _plain("Hardswish"),
    "Gelu": _plain("GELU", approximate=("approximate", "none")),
    "Softmax": _axis("Softmax"),
    "LogSoftmax": _axis("LogSoftmax"),
    "Add": _merge("Add"),
    "Sub": _merge("Subtract"),
    "Mul": _merge("Multiply"),
    "Div": _merge("Divide"),
    "Max": _merge("Maximum"),
    "Min": _merge("Minimum"),
    "Sum": _merge("Add"),
    "Concat": _concat,
    "Flatten": _flatten,
    "Clip": _clip,
    "Transpose": _transpose,
    "DepthToSpace": lambda attrs, ins: (
        make("PixelShuffle", upscale_factor=attrs["blocksize"]) if attrs.get("mode") == "CRD" else None
    ),
}


def _global(kind: str, ins: Ins) -> Layer | None:
    axes = len(ins[0].dims) - 2 if ins[0] is not None else 0
    return make(f"{kind}{axes}d", output_size=1) if 1 <= axes <= 3 else None
