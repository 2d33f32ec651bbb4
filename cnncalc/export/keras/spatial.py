"""Convolutions, pools, padding and resizing in Keras' words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.core.number import Number, Shape
from cnncalc.core.window import pads, rule_of
from cnncalc.export.call import literal
from cnncalc.export.keras.own import pad, padding, upsample
from cnncalc.export.keras.piece import FIRST, Piece, Rule, has, kernel_arrays, made, no, one_or_all, own
from cnncalc.layers.pad import pairs_of
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.layers.adaptive import AdaptivePool, GlobalPool
    from cnncalc.layers.conv import Conv
    from cnncalc.layers.conv_transpose import ConvTranspose
    from cnncalc.layers.layer_norm import LocalResponseNorm
    from cnncalc.layers.pad import AnyPad, Pad
    from cnncalc.layers.pool import AvgPool, MaxPool
    from cnncalc.layers.position import PatchEmbedding
    from cnncalc.layers.resample import Upsample
    from cnncalc.layers.shuffle import PixelShuffle, PixelUnshuffle


def _zeros(pairs: Sequence[tuple[Number, Number]], x: str = "{0}") -> str:
    """Zeros around the spatial axes, by Keras' layer."""
    if not any(map(any, pairs)):
        return x
    axes = len(pairs)
    amounts = literal(tuple(pairs[0]) if axes == 1 else tuple(tuple(pair) for pair in pairs))
    if all(before == after for before, after in pairs):
        amounts = one_or_all(before for before, _ in pairs)
    return f"layers.ZeroPadding{axes}D({amounts}, {FIRST})({x})"


def _conv(row: Row, layer: Conv, xs: tuple[Shape, ...]) -> Piece:
    axes = len(xs[0]) - 2
    special = layer.padding_mode != "zeros"
    if any(one > 1 for one in layer.stride) and any(one > 1 for one in layer.dilation):
        raise no(row, "Keras has no stride together with a dilation")
    pairs = [(0, 0)] * axes if rule_of(layer) == "valid" else pads(layer, xs[0][2:])
    x = padding(row, pairs, layer.padding_mode) if special else _zeros(pairs)
    words = [literal(layer.out_channels), one_or_all(layer.kernel_size)]
    words += [f"strides={one_or_all(layer.stride)}"] if any(one > 1 for one in layer.stride) else []
    words += [f"dilation_rate={one_or_all(layer.dilation)}"] if any(one > 1 for one in layer.dilation) else []
    words += [f"groups={layer.groups}"] if layer.groups > 1 else []
    words += [] if has(row, "bias") else ["use_bias=False"]
    found = made(row, f"Conv{axes}D", ", ".join([*words, FIRST]), x, kernel_arrays(row))
    return found._replace(classes=("Pad",)) if special else found


def _transposed(row: Row, layer: ConvTranspose, xs: tuple[Shape, ...]) -> Piece:
    axes = len(xs[0]) - 2
    if layer.groups > 1 or any(one > 1 for one in layer.dilation):
        raise no(row, "Keras' transposed convolution has no groups, and no dilation here")
    crops = []
    for size, out, kernel, stride, (before, _) in zip(
        xs[0][2:], row.facts.shape[2:], layer.kernel_size, layer.stride, pads(layer, xs[0][2:]), strict=True
    ):
        full = size * stride + max(kernel - stride, 0)  # Keras fills up to a whole stride
        crops.append((before, full - before - out))
    if any(after < 0 for _, after in crops):
        raise no(row, "its output_padding is larger than its padding")
    words = [literal(layer.out_channels), one_or_all(layer.kernel_size), f"strides={one_or_all(layer.stride)}"]
    words += [] if has(row, "bias") else ["use_bias=False"]
    found = made(row, f"Conv{axes}DTranspose", ", ".join([*words, FIRST]), arrays=kernel_arrays(row))
    if not any(map(any, crops)):
        return found
    amounts = literal(crops[0] if axes == 1 else tuple(crops))
    return found._replace(call=f"layers.Cropping{axes}D({amounts}, {FIRST})({found.call})")


def _pool_sizes(layer: MaxPool | AvgPool) -> str:
    return f"{one_or_all(layer.kernel_size)}, strides={one_or_all(layer.stride)}, {FIRST}"


def _max_pool(row: Row, layer: MaxPool, xs: tuple[Shape, ...]) -> Piece:
    if layer.return_indices or any(one > 1 for one in layer.dilation):
        raise no(row, "Keras' pool has no indices and no dilation")
    pairs = layer.reached(xs[0], row.facts.shape)
    x = "{0}"
    if any(map(any, pairs)):
        x = f'ops.pad({{0}}, {literal(((0, 0), (0, 0), *pairs))}, constant_values=float("-inf"))'
    return made(row, f"MaxPooling{len(pairs)}D", _pool_sizes(layer), x)


def _avg_pool(row: Row, layer: AvgPool, xs: tuple[Shape, ...]) -> Piece:
    pairs = pads(layer, xs[0][2:])
    around = any(map(any, pairs))
    if getattr(layer, "divisor_override", None) is not None or (
        around and (layer.ceil_mode or not layer.count_include_pad)
    ):
        raise no(row, "Keras' mean counts what lies inside alone")
    if layer.ceil_mode and any(map(any, layer.reached(xs[0], row.facts.shape))):
        raise no(row, "Keras' windows do not reach over the end")
    return made(row, f"AveragePooling{len(pairs)}D", _pool_sizes(layer), _zeros(pairs))


def _adaptive(kind: str) -> Rule:
    def rule(row: Row, layer: AdaptivePool, xs: tuple[Shape, ...]) -> Piece:
        if getattr(layer, "return_indices", False):
            raise no(row, "Keras' pool has no indices")
        space, wanted = xs[0][2:], row.facts.shape[2:]
        axes = len(space)
        if space == wanted:
            return made(row, "Identity", "")
        if all(out == 1 for out in wanted):
            return made(row, f"Global{kind}Pooling{axes}D", f"{FIRST}, keepdims=True")
        if any(size % out for size, out in zip(space, wanted, strict=True)):
            raise no(row, "its bins are not equally large")
        bins = tuple(size // out for size, out in zip(space, wanted, strict=True))
        return made(row, f"{kind}Pooling{axes}D", f"{one_or_all(bins)}, {FIRST}")

    return rule


def _global(kind: str) -> Rule:
    def rule(row: Row, layer: GlobalPool, xs: tuple[Shape, ...]) -> Piece:
        keep = ", keepdims=True" if layer.keepdim else ""
        return made(row, f"Global{kind}Pooling{len(xs[0]) - 2}D", f"{FIRST}{keep}")

    return rule


def _patches(row: Row, layer: PatchEmbedding, xs: tuple[Shape, ...]) -> Piece:
    kernel = row.facts.weights[0].shape
    bias = "" if has(row, "bias") else ", use_bias=False"
    sizes = one_or_all(kernel[2:])
    inner = made(row, "Conv2D", f"{kernel[0]}, {sizes}, strides={sizes}{bias}, {FIRST}", arrays=kernel_arrays(row))
    length, features = row.facts.shape[1:]
    return inner._replace(call=f"layers.Permute((2, 1))(layers.Reshape(({features}, {length}))({inner.call}))")


def _pad(row: Row, layer: AnyPad | Pad, xs: tuple[Shape, ...]) -> Piece:
    pairs = pairs_of(layer.padding)
    pairs = [(0, 0)] * (len(xs[0]) - 2 - len(pairs)) + pairs
    inner = len(pairs) == len(xs[0]) - 2 and not getattr(layer, "value", 0)
    if inner and getattr(layer, "mode", "constant") == "constant" and all(side <= 0 for pair in pairs for side in pair):
        if len(pairs) == 1:  # Keras' layer of one axis has its channels last
            return Piece(f"{{0}}[:, :, {-pairs[0][0]}:{xs[0][2] + pairs[0][1]}]")
        less = literal(tuple((-before, -after) for before, after in pairs))
        return Piece(f"layers.Cropping{len(pairs)}D({less}, {FIRST})({{0}})")
    more = [(0, 0)] * (len(xs[0]) - len(pairs)) + pairs
    plain = getattr(layer, "mode", "constant") == "constant" and all(side >= 0 for pair in pairs for side in pair)
    if plain and len(pairs) > len(xs[0]) - 2 and not any(more[0]):
        value = getattr(layer, "value", 0) or 0.0
        return Piece(f"ops.pad({{0}}, {literal(tuple(more))}, constant_values={float(value)!r})")
    constant = getattr(layer, "value", 0) or getattr(layer, "mode", "constant") != "constant"
    if constant or len(pairs) != len(xs[0]) - 2 or any(amount < 0 for pair in pairs for amount in pair):
        return pad(row, layer, xs)
    return Piece(_zeros(pairs))


def _shuffle(row: Row, layer: PixelShuffle, xs: tuple[Shape, ...]) -> Piece:
    r = layer.upscale_factor
    channels, height, width = xs[0][1:]
    apart = f"layers.Reshape({literal((channels // (r * r), r, r, height, width))})({{0}})"
    return made(row, "Reshape", literal(tuple(row.facts.shape[1:])), f"layers.Permute((1, 4, 2, 5, 3))({apart})")


def _unshuffle(row: Row, layer: PixelUnshuffle, xs: tuple[Shape, ...]) -> Piece:
    r = layer.downscale_factor
    channels, height, width = xs[0][1:]
    apart = f"layers.Reshape({literal((channels, height // r, r, width // r, r))})({{0}})"
    return made(row, "Reshape", literal(tuple(row.facts.shape[1:])), f"layers.Permute((1, 3, 5, 2, 4))({apart})")


def _local_response(row: Row, layer: LocalResponseNorm, xs: tuple[Shape, ...]) -> Piece:
    options = {name: layer.__dict__[name] for name in ("size", "alpha", "beta", "k")}
    return own(row, "LocalResponseNorm", options)


def _resized(row: Row, layer: Upsample, xs: tuple[Shape, ...]) -> Piece:
    """An image of another size, by interpolation between the middles of its points."""
    space, wanted = xs[0][2:], row.facts.shape[2:]
    if layer.mode != "bilinear" or layer.align_corners or getattr(layer, "antialias", False):
        return _upsample(row, layer, xs)
    factors = getattr(layer, "scale_factor", None)
    exact = all(out % size == 0 for size, out in zip(space, wanted, strict=True))
    if len(space) != 2 or (factors is not None and not exact):
        return upsample(row, layer, xs)
    return made(row, "Resizing", f'{wanted[0]}, {wanted[1]}, interpolation="bilinear", {FIRST}')


def _upsample(row: Row, layer: Upsample, xs: tuple[Shape, ...]) -> Piece:
    space, wanted = xs[0][2:], row.facts.shape[2:]
    factors = tuple(out // size for size, out in zip(space, wanted, strict=True))
    words = {"nearest": "", "bilinear": ', interpolation="bilinear"'}
    whole = len(space) == 2 and not any(out % size for size, out in zip(space, wanted, strict=True))
    if not whole or layer.mode not in words or layer.align_corners:
        return upsample(row, layer, xs)
    return made(row, "UpSampling2D", f"{literal(factors)}, {FIRST}{words[layer.mode]}")


RULES: dict[str, Rule] = {
    **{f"{lazy}Conv{n}d": _conv for n in (1, 2, 3) for lazy in ("", "Lazy")},
    **{f"{lazy}ConvTranspose{n}d": _transposed for n in (1, 2, 3) for lazy in ("", "Lazy")},
    **{f"MaxPool{n}d": _max_pool for n in (1, 2, 3)},
    **{f"AvgPool{n}d": _avg_pool for n in (1, 2, 3)},
    **{f"AdaptiveAvgPool{n}d": _adaptive("Average") for n in (1, 2, 3)},
    **{f"AdaptiveMaxPool{n}d": _adaptive("Max") for n in (1, 2, 3)},
    "GlobalAvgPool": _global("Average"),
    "GlobalMaxPool": _global("Max"),
    "PatchEmbedding": _patches,
    "Pad": _pad,
    **{f"ZeroPad{n}d": _pad for n in (1, 2, 3)},
    "Upsample": _upsample,
    "Interpolate": _resized,
    "PixelShuffle": _shuffle,
    "PixelUnshuffle": _unshuffle,
    "LocalResponseNorm": _local_response,
    "UpsamplingNearest2d": _upsample,
}
