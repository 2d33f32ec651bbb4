"""Keras' layers, channels last, as ONNX operators: images have their channels in front around a convolution or pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.core.number import as_ints, prod
from cnncalc.core.window import pads
from cnncalc.export.onnx.activations import gelu, shrunk, silu, softplus
from cnncalc.export.onnx.builder import Builder, Rule, same
from cnncalc.export.onnx.spatial import binned, ends, resized, rms_norm

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.execute.kernel import Array
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.keras import activation as kinds
    from cnncalc.layers.keras import conv, core, norm, pool, space
    from cnncalc.layers.keras.einsum import EinsumDense


def _clip(g: Builder, x: str, low: float, high: float) -> str:
    return g.op("Clip", x, g.numbers(low), g.numbers(high))


FUNCTIONS: dict[str, Callable[[Builder, str], str]] = {
    "relu": lambda g, x: g.op("Relu", x),
    "leaky_relu": lambda g, x: g.op("LeakyRelu", x, alpha=0.2),
    "relu6": lambda g, x: _clip(g, x, 0, 6),
    "elu": lambda g, x: g.op("Elu", x, alpha=1.0),
    "celu": lambda g, x: g.op("Elu", x, alpha=1.0),
    "selu": lambda g, x: g.op("Selu", x),
    "gelu": gelu,
    **dict.fromkeys(("silu", "swish"), silu),
    "sigmoid": lambda g, x: g.op("Sigmoid", x),
    "tanh": lambda g, x: g.op("Tanh", x),
    "softmax": lambda g, x: g.op("Softmax", x, axis=-1),
    "log_softmax": lambda g, x: g.op("LogSoftmax", x, axis=-1),
    "softplus": softplus,
    "softsign": lambda g, x: g.op("Softsign", x),
    "hard_sigmoid": lambda g, x: g.op("HardSigmoid", x, alpha=1 / 6, beta=0.5),
    **dict.fromkeys(("hard_silu", "hard_swish"), lambda g, x: g.op("HardSwish", x)),
    "hard_tanh": lambda g, x: _clip(g, x, -1, 1),
    "hard_shrink": lambda g, x: shrunk(g, x, 0.5, False),
    "soft_shrink": lambda g, x: shrunk(g, x, 0.5, True),
    "tanh_shrink": lambda g, x: g.op("Sub", x, g.op("Tanh", x)),
    "log_sigmoid": lambda g, x: g.op("Neg", softplus(g, g.op("Neg", x))),
    "exponential": lambda g, x: g.op("Exp", x),
    "mish": lambda g, x: g.op("Mul", x, g.op("Tanh", softplus(g, x))),
    "squareplus": lambda g, x: g.op(
        "Mul", g.op("Add", x, g.op("Sqrt", g.op("Add", g.op("Mul", x, x), g.numbers(4)))), g.numbers(0.5)
    ),
}


def activated(g: Builder, word: str | None, x: str) -> str:
    """The activation of that name; None is none."""
    return x if word is None else FUNCTIONS[word](g, x)


def ended(g: Builder, layer: core.Dense | EinsumDense | conv.SeparableConv | conv.ConvTranspose, x: str) -> str:
    """Bias along the last axis and activation, which end most layers."""
    made = g.op("Add", x, g.weight("bias")) if g.has("bias") else x
    return activated(g, layer.activation, made)


def first(g: Builder, x: str, rank: int) -> str:
    """[N, *space, C] as [N, C, *space]."""
    return g.op("Transpose", x, perm=[0, rank - 1, *range(1, rank - 1)])


def last(g: Builder, x: str, rank: int) -> str:
    """[N, C, *space] as [N, *space, C]."""
    return g.op("Transpose", x, perm=[0, *range(2, rank), 1])


def _around(rule: Callable[[Builder, Any, str, tuple[int, ...]], str]) -> Rule:
    """A rule for channels in front, with the axes moved before and after."""

    def moved(g: Builder, layer: Layer, xs: list[str], shapes: Shapes) -> str:
        rank = len(shapes[0])
        made = rule(g, layer, first(g, xs[0], rank), shapes[0])
        return last(g, made, rank)

    return moved


def _slid(
    g: Builder,
    layer: conv.Conv | conv.DepthwiseConv | conv.SeparableConv,
    x: str,
    shape: tuple[int, ...],
    weight: str,
    bias: str | None,
    groups: int,
) -> str:
    return g.op(
        "Conv", x, weight, bias, pads=ends(pads(layer, shape[1:-1])), strides=list(layer.stride),
        dilations=list(layer.dilation), group=groups, kernel_shape=list(layer.kernel_size),
    )  # fmt: skip


def _outputs_first(axes: int) -> tuple[int, ...]:
    """The order that makes [*K, in, out] an [out, in, *K]."""
    return (axes + 1, axes, *range(axes))


def _conv(g: Builder, layer: conv.Conv, x: str, shape: tuple[int, ...]) -> str:
    weight = g.weight("kernel", _outputs_first(len(layer.kernel_size)))
    made = _slid(g, layer, x, shape, weight, g.given("bias"), layer.groups)
    if layer.activation in ("softmax", "log_softmax"):
        return g.op("Softmax" if layer.activation == "softmax" else "LogSoftmax", made, axis=1)
    return activated(g, layer.activation, made)


def _apart(
    g: Builder,
    layer: conv.DepthwiseConv | conv.SeparableConv,
    x: str,
    shape: tuple[int, ...],
    name: str,
    bias: str | None,
) -> str:
    """Filters [*K, C, M] for every channel apart; the M results of a channel lie side by side."""

    def shaped(array: Array) -> Array:
        *size, channels, times = array.shape
        return np.moveaxis(array.reshape(*size, 1, channels * times), (-1, -2), (0, 1))

    return _slid(g, layer, x, shape, g.store(name, [name], shaped), bias, shape[-1])


def _depthwise(g: Builder, layer: conv.DepthwiseConv, x: str, shape: tuple[int, ...]) -> str:
    made = _apart(g, layer, x, shape, "kernel", g.given("bias"))
    return activated(g, layer.activation, made)


def _separable(g: Builder, layer: conv.SeparableConv, xs: list[str], shapes: Shapes) -> str:
    rank = len(shapes[0])
    between = _apart(g, layer, first(g, xs[0], rank), shapes[0], "depthwise_kernel", None)
    weight = g.weight("pointwise_kernel", _outputs_first(rank - 2))
    return ended(g, layer, last(g, g.op("Conv", between, weight), rank))


def _transposed(g: Builder, layer: conv.ConvTranspose, xs: list[str], shapes: Shapes) -> str:
    """All that the windows reach, then cut or filled up with zeros to what Keras gives."""
    rank = len(shapes[0])
    weight = g.weight("kernel", _outputs_first(rank - 2))
    steps, apart = list(layer.stride), list(layer.dilation)
    made = g.op("ConvTranspose", first(g, xs[0], rank), weight, strides=steps, dilations=apart)
    same = layer.padding == "same"
    for axis, (size, out, stride, kernel, dilation) in enumerate(
        zip(shapes[0][1:-1], as_ints(g.row.facts.shape[1:-1]), steps, layer.kernel_size, apart, strict=True), 2
    ):
        span = dilation * (kernel - 1) + 1
        whole = (size - 1) * stride + span
        start = span // 2 if same else 0
        if layer.output_padding is None:
            start = max(span - stride, 0) // 2 if same else 0
        missing = max(start + out - whole, 0)
        if missing:
            widths = [0] * (2 * rank)
            widths[rank + axis] = missing
            made = g.op("Pad", made, g.whole(widths), g.numbers(0))
        if start or whole + missing != out:
            made = g.slice(made, axis, int(start), int(start + out))
    return ended(g, layer, last(g, made, rank))


def _max_pool(g: Builder, layer: pool.Pooling, x: str, shape: tuple[int, ...]) -> str:
    sides = ends(pads(layer, shape[1:-1]))
    return g.op("MaxPool", x, kernel_shape=list(layer.kernel_size), strides=list(layer.stride), pads=sides)


def _average_pool(g: Builder, layer: pool.Pooling, x: str, shape: tuple[int, ...]) -> str:
    sides = ends(pads(layer, shape[1:-1]))
    return g.op(
        "AveragePool", x, kernel_shape=list(layer.kernel_size), strides=list(layer.stride), pads=sides,
        count_include_pad=0,
    )  # fmt: skip


def _global(kind: str) -> Rule:
    return lambda g, layer, xs, shapes: g.op(
        kind, xs[0], g.whole(range(1, len(shapes[0]) - 1)), keepdims=int(layer.keepdims)
    )


def _adaptive(kind: str) -> Rule:
    return lambda g, layer, xs, shapes: binned(
        g, kind, xs[0], shapes[0][1:-1], g.row.facts.shape[1:-1], first=1
    )  # fmt: skip


def _pad(g: Builder, layer: space.ZeroPadding, xs: list[str], shapes: Shapes) -> str:
    return g.op("Pad", xs[0], g.whole(ends([(0, 0), *layer.padding, (0, 0)])), g.numbers(0))


def _crop(g: Builder, layer: space.Cropping, xs: list[str], shapes: Shapes) -> str:
    made = xs[0]
    for axis, (before, after) in enumerate(layer.cropping, 1):
        if before or after:
            made = g.slice(made, axis, before, shapes[0][axis] - after)
    return made if made != xs[0] else g.op("Identity", made)


def _up(g: Builder, layer: Layer, xs: list[str], shapes: Shapes) -> str:
    mode = getattr(layer, "interpolation", "nearest")
    if mode not in ("nearest", "bilinear"):
        raise g.refuse(f"ONNX has no such interpolation, {mode}")
    return resized(g, xs[0], g.row.facts.shape[1:-1], "nearest" if mode == "nearest" else "linear", first=1)


def _einsum(g: Builder, layer: EinsumDense, xs: list[str], shapes: Shapes) -> str:
    read = layer.read(shapes[0])
    made = g.op("Einsum", xs[0], g.weight("kernel"), equation=f"{read.taken},{read.kernel}->{read.made}")
    return ended(g, layer, made)


def _batch_norm(g: Builder, layer: norm.BatchNormalization, xs: list[str], shapes: Shapes) -> str:
    rank = len(shapes[0])
    axis = layer.axis % rank
    (channels,) = as_ints(layer.sizes(shapes[0]))
    scale = g.filled("gamma", channels, 1)
    shift = g.filled("beta", channels, 0)
    there = [0, axis, *(at for at in range(1, rank) if at != axis)]
    x = xs[0] if axis == 1 else g.op("Transpose", xs[0], perm=there)
    made = g.op(
        "BatchNormalization", x, scale, shift, g.weight("moving_mean"), g.weight("moving_variance"),
        epsilon=float(layer.epsilon),
    )  # fmt: skip
    return made if axis == 1 else g.op("Transpose", made, perm=[there.index(at) for at in range(rank)])


def _layer_norm(g: Builder, layer: norm.LayerNormalization, xs: list[str], shapes: Shapes) -> str:
    rank = len(shapes[0])
    axes = sorted(axis % rank for axis in layer.axis)
    if axes != [*range(rank - len(axes), rank)] or layer.rms_scaling:
        raise g.refuse("it is over other axes than the last ones")
    sizes = layer.sizes(shapes[0])
    scale = g.filled("gamma", as_ints(sizes), 1)
    shift = g.given("beta")
    return g.op("LayerNormalization", xs[0], scale, shift, axis=-len(axes), epsilon=float(layer.epsilon))


def _rms_norm(g: Builder, layer: norm.RMSNormalization, xs: list[str], shapes: Shapes) -> str:
    if [axis % len(shapes[0]) for axis in layer.axis] != [len(shapes[0]) - 1]:
        raise g.refuse("it is over other axes than the last one")
    return rms_norm(g, xs[0], 1, layer.epsilon, "scale")


def _relu(g: Builder, layer: kinds.ReLU, xs: list[str], shapes: Shapes) -> str:
    if layer.threshold:
        raise g.refuse("ONNX has no threshold but 0")
    made = g.op("LeakyRelu", xs[0], alpha=float(layer.negative_slope)) if layer.negative_slope else xs[0]
    most = None if layer.max_value is None else g.numbers(layer.max_value)
    if layer.negative_slope:
        return made if most is None else g.op("Min", made, most)
    return g.op("Relu", made) if most is None else g.op("Clip", made, g.numbers(0), most)


def _softmax(g: Builder, layer: kinds.Softmax, xs: list[str], shapes: Shapes) -> str:
    if len(layer.axis) == 1:
        return g.op("Softmax", xs[0], axis=layer.axis[0] % len(shapes[0]))
    axes = g.whole([axis % len(shapes[0]) for axis in layer.axis])
    raised = g.op("Exp", g.op("Sub", xs[0], g.op("ReduceMax", xs[0], axes, keepdims=1)))
    return g.op("Div", raised, g.op("ReduceSum", raised, axes, keepdims=1))


def _rescaled(g: Builder, layer: core.Rescaling, xs: list[str], shapes: Shapes) -> str:
    return g.op("Add", g.op("Mul", xs[0], g.numbers(layer.scale)), g.numbers(layer.offset))


def _repeated(g: Builder, layer: core.RepeatVector, xs: list[str], shapes: Shapes) -> str:
    return g.op("Expand", g.unsqueeze(xs[0], 1), g.whole([1, layer.n, shapes[0][1]]))


_PASSING = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout",
            "GaussianNoise", "ActivityRegularization", "Identity")  # fmt: skip
_ALL: dict[str, Rule] = {
    **{f"Conv{n}D": _around(_conv) for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": _around(_depthwise) for n in (1, 2)},
    **{f"SeparableConv{n}D": _separable for n in (1, 2)},
    **{f"Conv{n}DTranspose": _transposed for n in (1, 2, 3)},
    **{f"MaxPooling{n}D": _around(_max_pool) for n in (1, 2, 3)},
    **{f"AveragePooling{n}D": _around(_average_pool) for n in (1, 2, 3)},
    **{f"GlobalAveragePooling{n}D": _global("ReduceMean") for n in (1, 2, 3)},
    **{f"GlobalMaxPooling{n}D": _global("ReduceMax") for n in (1, 2, 3)},
    **{f"AdaptiveAveragePooling{n}D": _adaptive("ReduceMean") for n in (1, 2, 3)},
    **{f"AdaptiveMaxPooling{n}D": _adaptive("ReduceMax") for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": _pad for n in (1, 2, 3)},
    **{f"Cropping{n}D": _crop for n in (1, 2, 3)},
    **{f"UpSampling{n}D": _up for n in (1, 2, 3)},
    **dict.fromkeys(_PASSING, same("Identity")),
    "Dense": lambda g, layer, xs, shapes: ended(g, layer, g.op("MatMul", xs[0], g.weight("kernel"))),
    "EinsumDense": _einsum,
    "Embedding": lambda g, layer, xs, shapes: g.op("Gather", g.weight("embeddings"), xs[0], axis=0),
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "RMSNormalization": _rms_norm,
    "Activation": lambda g, layer, xs, shapes: (
        activated(g, layer.activation, xs[0]) if layer.activation else g.op("Identity", xs[0])
    ),
    "ReLU": _relu,
    "LeakyReLU": lambda g, layer, xs, shapes: g.op("LeakyRelu", xs[0], alpha=float(layer.negative_slope)),
    "ELU": lambda g, layer, xs, shapes: g.op("Elu", xs[0], alpha=float(layer.alpha)),
    "PReLU": lambda g, layer, xs, shapes: g.op("PRelu", xs[0], g.weight("alpha")),
    "Softmax": _softmax,
    "Flatten": lambda g, layer, xs, shapes: g.reshape(xs[0], [prod(shapes[0][1:])]),
    "Reshape": lambda g, layer, xs, shapes: g.reshape(xs[0], g.row.facts.shape[1:]),
    "Permute": lambda g, layer, xs, shapes: g.op("Transpose", xs[0], perm=[0, *map(int, layer.dims)]),
    "RepeatVector": _repeated,
    "Rescaling": _rescaled,
    "Concatenate": lambda g, layer, xs, shapes: g.op("Concat", *xs, axis=layer.axis % len(shapes[0])),
}
RULES: dict[str, Rule] = {f"keras.{name}": rule for name, rule in _ALL.items()}
