"""Convolutions, pools, norms, padding and resizing as ONNX operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from cnncalc.core.number import as_ints, prod
from cnncalc.core.window import pads, reach, rule_of
from cnncalc.export.onnx.builder import Builder, Rule
from cnncalc.layers.pad import pairs_of

if TYPE_CHECKING:
    from cnncalc.core.number import Number, Shape
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.adaptive import AdaptivePool
    from cnncalc.layers.conv import Conv
    from cnncalc.layers.conv_transpose import ConvTranspose
    from cnncalc.layers.layer_norm import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
    from cnncalc.layers.norm import ChannelNorm
    from cnncalc.layers.pad import AnyPad, Crop, Pad
    from cnncalc.layers.pool import AvgPool, MaxPool
    from cnncalc.layers.position import PatchEmbedding
    from cnncalc.layers.resample import Upsample
    from cnncalc.layers.response_norm import GRN
    from cnncalc.layers.shuffle import ChannelShuffle, PixelShuffle, PixelUnshuffle

Pairs: TypeAlias = "Sequence[tuple[Number, Number]]"  # amounts before and behind, of each axis
Options: TypeAlias = dict[str, str | float]  # of an operator
MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap", "zeros": "constant", "constant": "constant"}


def ends(pairs: Pairs) -> list[Number]:
    """Amounts as ONNX has them: all that are before, then all behind."""
    return [before for before, _ in pairs] + [after for _, after in pairs]


def padded(g: Builder, x: str, pairs: Pairs, mode: str, value: float = 0.0) -> str:
    """Numbers around the spatial axes."""
    amounts = [0, 0, *(before for before, _ in pairs), 0, 0, *(after for _, after in pairs)]
    return g.op("Pad", x, g.whole(amounts), g.numbers(value) if MODES[mode] == "constant" else None, mode=MODES[mode])


def _conv(g: Builder, layer: Conv, xs: list[str], shapes: Shapes) -> str:
    rule = rule_of(layer)
    pairs = pads(layer, shapes[0][2:]) if rule != "valid" else [(0, 0)] * (len(shapes[0]) - 2)
    x = xs[0]
    if layer.padding_mode != "zeros" and any(map(any, pairs)):
        x, pairs = padded(g, x, pairs, layer.padding_mode), [(0, 0)] * len(pairs)
    return g.op(
        "Conv", x, g.weight("weight"), g.given("bias"), pads=ends(pairs),
        strides=list(layer.stride), dilations=list(layer.dilation), group=layer.groups,
        kernel_shape=list(layer.kernel_size),
    )  # fmt: skip


def _transposed(g: Builder, layer: ConvTranspose, xs: list[str], shapes: Shapes) -> str:
    space = shapes[0][2:]
    pairs = pads(layer, space)
    more = [
        out - ((size - 1) * stride - before - after + reach(kernel, dilation))
        for out, size, stride, kernel, dilation, (before, after) in zip(
            g.row.facts.shape[2:], space, layer.stride, layer.kernel_size, layer.dilation, pairs, strict=True
        )
    ]
    return g.op(
        "ConvTranspose", xs[0], g.weight("weight"), g.given("bias"), pads=ends(pairs),
        strides=list(layer.stride), dilations=list(layer.dilation), group=layer.groups, output_padding=more,
        kernel_shape=list(layer.kernel_size),
    )  # fmt: skip


def _patches(g: Builder, layer: PatchEmbedding, xs: list[str], shapes: Shapes) -> str:
    sizes = list(next(held.shape for held in g.row.facts.weights)[2:])
    bias = g.given("bias")
    made = g.op("Conv", xs[0], g.weight("weight"), bias, strides=sizes, kernel_shape=sizes)
    length, features = g.row.facts.shape[1:]
    return g.op("Transpose", g.reshape(made, (features, length)), perm=[0, 2, 1])


def _max_pool(g: Builder, layer: MaxPool, xs: list[str], shapes: Shapes) -> str:
    if layer.return_indices:
        raise g.refuse("its indices count otherwise in ONNX")
    return g.op(
        "MaxPool", xs[0], kernel_shape=list(layer.kernel_size), strides=list(layer.stride),
        dilations=list(layer.dilation), pads=ends(layer.reached(shapes[0], g.row.facts.shape)),
    )  # fmt: skip


def _avg_pool(g: Builder, layer: AvgPool, xs: list[str], shapes: Shapes) -> str:
    pairs, reached = pads(layer, shapes[0][2:]), layer.reached(shapes[0], g.row.facts.shape)
    around = any(map(any, pairs))
    if getattr(layer, "divisor_override", None) is not None:
        raise g.refuse("ONNX' pool has no divisor_override")
    if layer.ceil_mode and around and reached > list(pairs):
        raise g.refuse("its windows reach over the padding")
    counted = bool(getattr(layer, "count_include_pad", True)) and around
    sides = pairs if around else reached
    return g.op(
        "AveragePool", xs[0], kernel_shape=list(layer.kernel_size), strides=list(layer.stride),
        pads=ends(sides), count_include_pad=int(counted),
    )  # fmt: skip


def _adaptive(kind: str, whole: str) -> Rule:
    def rule(g: Builder, layer: AdaptivePool, xs: list[str], shapes: Shapes) -> str:
        if getattr(layer, "return_indices", False):
            raise g.refuse("its indices count otherwise in ONNX")
        space, wanted = shapes[0][2:], g.row.facts.shape[2:]
        if all(out == 1 for out in wanted):
            return g.op(f"Global{whole}", xs[0])
        return binned(g, kind, xs[0], space, wanted)

    return rule


def binned(g: Builder, kind: str, x: str, space: Sequence[int], wanted: Shape, first: int = 2) -> str:
    """Spatial axes, from `first` on, reduced in as many bins as the output has."""
    made = x
    for axis, (size, out) in enumerate(zip(space, as_ints(wanted), strict=True), first):
        if size == out:
            continue
        bins = [
            g.op(kind, g.slice(made, axis, j * size // out, -(-(j + 1) * size // out)), g.whole([axis]))
            for j in range(out)
        ]
        made = g.op("Concat", *bins, axis=axis) if len(bins) > 1 else bins[0]
    return made if made != x else g.op("Identity", made)


def _scaled(g: Builder, x: str, rank: int) -> str:
    """A factor and a shift for each channel, where the layer has them."""
    for kind, name in (("Mul", "weight"), ("Add", "bias")):
        if g.has(name):
            sizes = (-1, *(1,) * (rank - 2))
            x = g.op(kind, x, g.store(name, [name], lambda array, sizes=sizes: array.reshape(sizes)))
    return x


def _batch_norm(g: Builder, layer: ChannelNorm, xs: list[str], shapes: Shapes) -> str:
    if not g.has("running_mean"):
        raise g.refuse("without running statistics it depends on the batch")
    channels = shapes[0][1]
    scale = g.filled("weight", channels, 1)
    shift = g.filled("bias", channels, 0)
    return g.op(
        "BatchNormalization", xs[0], scale, shift, g.weight("running_mean"), g.weight("running_var"),
        epsilon=float(layer.eps),
    )  # fmt: skip


def _instance_norm(g: Builder, layer: ChannelNorm, xs: list[str], shapes: Shapes) -> str:
    if g.has("running_mean"):
        return _batch_norm(g, layer, xs, shapes)
    channels = shapes[0][1]
    scale = g.filled("weight", channels, 1)
    shift = g.filled("bias", channels, 0)
    return g.op("InstanceNormalization", xs[0], scale, shift, epsilon=float(layer.eps))


def _group_norm(g: Builder, layer: GroupNorm, xs: list[str], shapes: Shapes) -> str:
    groups = layer.num_groups
    ones, zeros = g.numbers(np.ones(groups)), g.numbers(np.zeros(groups))
    apart = g.reshape(xs[0], (groups, prod(shapes[0][1:]) // groups))
    made = g.op("InstanceNormalization", apart, ones, zeros, epsilon=float(layer.eps))
    return _scaled(g, g.reshape(made, shapes[0][1:]), len(shapes[0]))


def layer_norm(
    g: Builder, x: str, axes: int, eps: float, sizes: Sequence[int], weight: str | None, bias: str | None
) -> str:
    """Mean 0 and variance 1 along the last axes; the names are those of weights, None where there is none."""
    scale = g.numbers(np.ones(as_ints(sizes))) if weight is None else g.weight(weight)
    shift = None if bias is None else g.weight(bias)
    return g.op("LayerNormalization", x, scale, shift, axis=-axes, epsilon=float(eps))


def _layer_norm(g: Builder, layer: LayerNorm, xs: list[str], shapes: Shapes) -> str:
    axes = len(layer.normalized_shape or (0,))
    names = ["weight" if g.has("weight") else None, "bias" if g.has("bias") else None]
    return layer_norm(g, xs[0], axes, layer.eps, shapes[0][-axes:], names[0], names[1])


def rms_norm(g: Builder, x: str, axes: int, eps: float | None, weight: str | None) -> str:
    """The last axes over the root of their mean square."""
    mean = g.op("ReduceMean", g.op("Mul", x, x), g.whole(range(-axes, 0)), keepdims=1)
    small = float(np.finfo(g.dtype).eps) if eps is None else eps
    made = g.op("Div", x, g.op("Sqrt", g.op("Add", mean, g.numbers(small))))
    return made if weight is None else g.op("Mul", made, g.weight(weight))


def _rms_norm(g: Builder, layer: RMSNorm, xs: list[str], shapes: Shapes) -> str:
    axes = len(layer.normalized_shape or (0,))
    return rms_norm(g, xs[0], axes, layer.eps, "weight" if g.has("weight") else None)


def _grn(g: Builder, layer: GRN, xs: list[str], shapes: Shapes) -> str:
    length = g.op("ReduceL2", xs[0], g.whole(range(2, len(shapes[0]))), keepdims=1)
    mean = g.op("ReduceMean", length, g.whole([1]), keepdims=1)
    factor = g.op("Div", length, g.op("Add", mean, g.numbers(layer.eps)))
    return g.op("Add", _scaled(g, g.op("Mul", xs[0], factor), len(shapes[0])), xs[0])


def _local_response(g: Builder, layer: LocalResponseNorm, xs: list[str], shapes: Shapes) -> str:
    if layer.size % 2 == 0:
        raise g.refuse("an even size looks to the other side in ONNX")
    return g.op("LRN", xs[0], size=layer.size, alpha=float(layer.alpha), beta=float(layer.beta), bias=float(layer.k))


def _resize(g: Builder, layer: Upsample, xs: list[str], shapes: Shapes) -> str:
    mode = layer.mode
    if mode == "area" or getattr(layer, "antialias", False):
        raise g.refuse(f"ONNX has no such resizing, {mode}" + (" with antialias" if mode != "area" else ""))
    space, wanted = shapes[0][2:], g.row.facts.shape[2:]
    factors = getattr(layer, "scale_factor", None)
    exact = all(out % size == 0 for size, out in zip(space, wanted, strict=True))
    if factors is not None and not exact and not getattr(layer, "recompute_scale_factor", None):
        raise g.refuse("its factor is no whole number", "give the size instead")
    if mode == "nearest":
        return resized(g, xs[0], wanted, "nearest")
    if mode == "nearest-exact":
        options: Options = {"coordinate_transformation_mode": "half_pixel", "nearest_mode": "round_prefer_ceil"}
        return resized(g, xs[0], wanted, "nearest", options=options)
    options = {"coordinate_transformation_mode": "align_corners" if layer.align_corners else "half_pixel"}
    if mode == "bicubic":
        options["cubic_coeff_a"] = -0.75
    return resized(g, xs[0], wanted, "cubic" if mode == "bicubic" else "linear", options=options)


def resized(g: Builder, x: str, sizes: Shape, mode: str, first: int = 2, options: Options | None = None) -> str:
    """Spatial axes, from `first` on, of other sizes; without options numbers are repeated or lie at their middles."""
    if not options:
        options = {"coordinate_transformation_mode": "half_pixel"}
        if mode == "nearest":
            options = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return g.op(
        "Resize", x, None, None, g.whole(sizes), axes=list(range(first, first + len(sizes))), mode=mode, **options
    )


def _pad(mode: str) -> Rule:
    def rule(g: Builder, layer: AnyPad, xs: list[str], shapes: Shapes) -> str:
        pairs = pairs_of(layer.padding)
        rank = len(shapes[0])
        pairs = [(0, 0)] * (rank - 2 - len(pairs)) + pairs
        if len(pairs) > rank - 2:
            raise g.refuse("it pads more than the spatial axes")
        value = getattr(layer, "value", None) or 0.0
        return padded(g, xs[0], pairs, mode, float(value))

    return rule


def _any_pad(g: Builder, layer: Pad, xs: list[str], shapes: Shapes) -> str:
    """F.pad: pairs from the last axis on, whatever axis that is."""
    pairs = pairs_of(layer.padding)
    pairs = [(0, 0)] * (len(shapes[0]) - len(pairs)) + pairs
    constant = MODES[layer.mode] == "constant"
    value = g.numbers(float(layer.value or 0)) if constant else None
    return g.op("Pad", xs[0], g.whole(ends(pairs)), value, mode=MODES[layer.mode])


def _crop(g: Builder, layer: Crop, xs: list[str], shapes: Shapes) -> str:
    pairs = pairs_of(layer.sides(len(shapes[0])))
    made = xs[0]
    for axis, (before, after) in enumerate(pairs, len(shapes[0]) - len(pairs)):
        made = g.slice(made, axis, -before, shapes[0][axis] + after)
    return made


def _shuffle(g: Builder, layer: PixelShuffle, xs: list[str], shapes: Shapes) -> str:
    return g.op("DepthToSpace", xs[0], blocksize=layer.upscale_factor, mode="CRD")


def _unshuffle(g: Builder, layer: PixelUnshuffle, xs: list[str], shapes: Shapes) -> str:
    r = layer.downscale_factor
    channels, height, width = shapes[0][1:]
    apart = g.reshape(xs[0], (channels, height // r, r, width // r, r))
    return g.reshape(g.op("Transpose", apart, perm=[0, 1, 3, 5, 2, 4]), g.row.facts.shape[1:])


def _channels(g: Builder, layer: ChannelShuffle, xs: list[str], shapes: Shapes) -> str:
    count, *space = shapes[0][1:]
    apart = g.reshape(xs[0], (layer.groups, count // layer.groups, *space))
    turned = g.op("Transpose", apart, perm=[0, 2, 1, *range(3, 3 + len(space))])
    return g.reshape(turned, shapes[0][1:])


RULES: dict[str, Rule] = {
    **{f"{lazy}Conv{n}d": _conv for n in (1, 2, 3) for lazy in ("", "Lazy")},
    **{f"{lazy}ConvTranspose{n}d": _transposed for n in (1, 2, 3) for lazy in ("", "Lazy")},
    **{f"MaxPool{n}d": _max_pool for n in (1, 2, 3)},
    **{f"AvgPool{n}d": _avg_pool for n in (1, 2, 3)},
    **{f"AdaptiveAvgPool{n}d": _adaptive("ReduceMean", "AveragePool") for n in (1, 2, 3)},
    **{f"AdaptiveMaxPool{n}d": _adaptive("ReduceMax", "MaxPool") for n in (1, 2, 3)},
    **{f"{lazy}BatchNorm{n}d": _batch_norm for n in (1, 2, 3) for lazy in ("", "Lazy")},
    "BatchNorm": _batch_norm,
    "SyncBatchNorm": _batch_norm,
    **{f"{lazy}InstanceNorm{n}d": _instance_norm for n in (1, 2, 3) for lazy in ("", "Lazy")},
    "GroupNorm": _group_norm,
    "LayerNorm": _layer_norm,
    "RMSNorm": _rms_norm,
    "GRN": _grn,
    "LocalResponseNorm": _local_response,
    **dict.fromkeys(("Upsample", "Interpolate", "UpsamplingNearest2d", "UpsamplingBilinear2d"), _resize),
    **{f"ZeroPad{n}d": _pad("constant") for n in (1, 2, 3)},
    **{f"ConstantPad{n}d": _pad("constant") for n in (1, 2, 3)},
    **{f"ReflectionPad{n}d": _pad("reflect") for n in (1, 2, 3)},
    **{f"ReplicationPad{n}d": _pad("replicate") for n in (1, 2, 3)},
    **{f"CircularPad{n}d": _pad("circular") for n in (1, 2, 3)},
    "Pad": _any_pad,
    "Crop": _crop,
    "PixelShuffle": _shuffle,
    "PixelUnshuffle": _unshuffle,
    "ChannelShuffle": _channels,
    "PatchEmbedding": _patches,
}
