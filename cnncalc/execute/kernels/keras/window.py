"""Keras' convolutions, pools and layers that pad, crop and resize: PyTorch's kernels with the channels moved."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.core.problem import Fault
from cnncalc.core.window import pads
from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.kernels import conv as torch_conv
from cnncalc.execute.kernels import pool as torch_pool
from cnncalc.execute.kernels.keras.core import finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.core.layer import Layer
    from cnncalc.layers.keras.conv import Conv, ConvTranspose, DepthwiseConv, SeparableConv
    from cnncalc.layers.keras.pool import AdaptivePooling, AveragePooling, GlobalPooling, Pooling
    from cnncalc.layers.keras.space import CenterCrop, Cropping, Resizing, UpSampling, ZeroPadding


def first(x: Array) -> Array:
    """Channels to the front: [N, *space, C] as [N, C, *space]."""
    return np.moveaxis(x, -1, 1)


def last(x: Array) -> Array:
    """Channels to the end."""
    return np.moveaxis(x, 1, -1)


def told(layer: Any, space: tuple[int, ...], **more: object) -> Any:
    """What a kernel asks of a layer, under PyTorch's names."""
    facts: dict[str, object] = {
        "padding": pads(layer, space),
        "padding_mode": "zeros",
        "kernel_size": layer.kernel_size,
        "stride": layer.stride,
        "dilation": layer.dilation,
        "groups": getattr(layer, "groups", 1),
    }
    return SimpleNamespace(**{**facts, **more})


def convolved(layer: Layer, matrix: Array, x: Array, **more: object) -> Array:
    """Slide filters [*K, C / G, F] over [N, *space, C]."""
    weight = np.moveaxis(matrix, (-1, -2), (0, 1))
    return last(torch_conv.conv(told(layer, x.shape[1:-1], **more), {"weight": weight}, first(x)))


def depthwise(layer: Layer, matrix: Array, x: Array) -> Array:
    """Filters [*K, C, M] for every channel apart; the M results of a channel lie side by side."""
    *size, channels, times = matrix.shape
    return convolved(layer, matrix.reshape(*size, 1, channels * times), x, groups=channels)


@kernel("keras.Conv1D", "keras.Conv2D", "keras.Conv3D")
def conv(layer: Conv, weights: Weights, x: Array) -> Array:
    """Filters slide over the input."""
    return finished(layer, weights, convolved(layer, weights["kernel"], x))


@kernel("keras.DepthwiseConv1D", "keras.DepthwiseConv2D")
def depthwise_conv(layer: DepthwiseConv, weights: Weights, x: Array) -> Array:
    """Every channel apart."""
    return finished(layer, weights, depthwise(layer, weights["kernel"], x))


@kernel("keras.SeparableConv1D", "keras.SeparableConv2D")
def separable_conv(layer: SeparableConv, weights: Weights, x: Array) -> Array:
    """Every channel apart, then a matrix for each place."""
    between = depthwise(layer, weights["depthwise_kernel"], x)
    matrix = weights["pointwise_kernel"]
    return finished(layer, weights, between @ matrix.reshape(matrix.shape[-2:]))


@kernel("keras.Conv1DTranspose", "keras.Conv2DTranspose", "keras.Conv3DTranspose")
def conv_transpose(layer: ConvTranspose, weights: Weights, x: Array) -> Array:
    """Every input number adds its window to a larger output: all of it is made, then cut or extended."""
    matrix = weights["kernel"]
    axes = matrix.ndim - 2
    space = x.shape[1:-1]
    plain: Any = SimpleNamespace(
        output_size=None,
        padding=((0, 0),) * axes,
        output_padding=(0,) * axes,
        kernel_size=layer.kernel_size,
        stride=layer.stride,
        dilation=layer.dilation,
        groups=1,
    )
    weight = np.moveaxis(matrix, (-1, -2), (0, 1))
    whole = torch_conv.conv_transpose(plain, {"weight": weight}, first(x))
    for axis in range(axes):
        span = layer.dilation[axis] * (layer.kernel_size[axis] - 1) + 1
        start, size = placed(layer, axis, space[axis], span)
        # A window that starts before 0 or ends after the size is cut; what no window reaches is 0.
        before, after = max(-start, 0), max(start + size - whole.shape[2 + axis], 0)
        widths = [(0, 0)] * whole.ndim
        widths[2 + axis] = (before, after)
        whole = np.pad(whole, widths)
        taken: list[slice] = [slice(None)] * whole.ndim
        taken[2 + axis] = slice(start + before, start + before + size)
        whole = whole[tuple(taken)]
    return finished(layer, weights, last(whole))


def placed(layer: ConvTranspose, axis: int, size: int, span: int) -> tuple[int, int]:
    """Where the output starts in all that the windows reach, and how long it is."""
    stride = layer.stride[axis]
    same = layer.padding == "same"
    if layer.output_padding is None:
        # As many as a strided convolution with this padding would have made the input from.
        total = max(span - stride, 0) if same else 0
        return total // 2, size * stride if same else size * stride + max(span - stride, 0)
    cut = span // 2 if same else 0
    return cut, (size - 1) * stride + span - 2 * cut + layer.output_padding[axis]


# --- pools ---------------------------------------------------------------------------------------------------------


@kernel("keras.MaxPooling1D", "keras.MaxPooling2D", "keras.MaxPooling3D")
def max_pooling(layer: Pooling, weights: Weights, x: Array) -> Array:
    """The largest of every window; padding never wins."""
    facts = told(layer, x.shape[1:-1], return_indices=False, ceil_mode=False)
    return last(torch_pool.max_pool(facts, {}, first(x)))  # type: ignore[arg-type]


@kernel("keras.AveragePooling1D", "keras.AveragePooling2D", "keras.AveragePooling3D")
def average_pooling(layer: AveragePooling, weights: Weights, x: Array) -> Array:
    """The mean of what every window has of the input."""
    facts = told(layer, x.shape[1:-1], count_include_pad=False, ceil_mode=False)
    return last(torch_pool.avg_pool(facts, {}, first(x)))


@kernel("keras.GlobalAveragePooling1D", "keras.GlobalAveragePooling2D", "keras.GlobalAveragePooling3D")
def global_average(layer: GlobalPooling, weights: Weights, x: Array) -> Array:
    """The mean of every channel."""
    return x.mean(tuple(range(1, x.ndim - 1)), keepdims=layer.keepdims)  # type: ignore[no-any-return]


@kernel("keras.GlobalMaxPooling1D", "keras.GlobalMaxPooling2D", "keras.GlobalMaxPooling3D")
def global_max(layer: GlobalPooling, weights: Weights, x: Array) -> Array:
    """The largest of every channel."""
    return x.max(tuple(range(1, x.ndim - 1)), keepdims=layer.keepdims)  # type: ignore[no-any-return]


def _bins(x: Array, axis: int, count: int, reduce: Callable[..., Array]) -> Array:
    """Reduce parts of an axis: part j is from floor(j n / count) to ceil((j + 1) n / count)."""
    n = x.shape[axis]
    parts = [reduce(np.take(x, range(j * n // count, -((-(j + 1) * n) // count)), axis), axis) for j in range(count)]
    return np.stack(parts, axis)


@kernel("keras.AdaptiveAveragePooling1D", "keras.AdaptiveAveragePooling2D", "keras.AdaptiveAveragePooling3D")
def adaptive_average(layer: AdaptivePooling, weights: Weights, x: Array) -> Array:
    """The mean of as many parts as the output has."""
    for axis, count in enumerate(layer.output_size):
        x = _bins(x, 1 + axis, count, np.mean)
    return x


@kernel("keras.AdaptiveMaxPooling1D", "keras.AdaptiveMaxPooling2D", "keras.AdaptiveMaxPooling3D")
def adaptive_max(layer: AdaptivePooling, weights: Weights, x: Array) -> Array:
    """The largest of as many parts as the output has."""
    for axis, count in enumerate(layer.output_size):
        x = _bins(x, 1 + axis, count, np.max)
    return x


# --- padding, cropping, resizing -----------------------------------------------------------------------------------


@kernel("keras.ZeroPadding1D", "keras.ZeroPadding2D", "keras.ZeroPadding3D")
def zero_padding(layer: ZeroPadding, weights: Weights, x: Array) -> Array:
    """Zeros around."""
    return np.pad(x, ((0, 0), *layer.padding, (0, 0)))


@kernel("keras.Cropping1D", "keras.Cropping2D", "keras.Cropping3D")
def cropping(layer: Cropping, weights: Weights, x: Array) -> Array:
    """Less on each side."""
    inside = (slice(before, size - after) for size, (before, after) in zip(x.shape[1:-1], layer.cropping, strict=True))
    return x[(slice(None), *inside)]


@kernel("keras.UpSampling1D", "keras.UpSampling2D", "keras.UpSampling3D")
def up_sampling(layer: UpSampling, weights: Weights, x: Array) -> Array:
    """Every row and column several times, or interpolated."""
    how: str = getattr(layer, "interpolation", "nearest")
    if how != "nearest":
        height, width = (size * times for size, times in zip(x.shape[1:-1], layer.size, strict=True))
        return resized(x, height, width, how)
    for axis, times in enumerate(layer.size):
        x = np.repeat(x, times, 1 + axis)
    return x


@kernel("keras.Resizing")
def resizing(layer: Resizing, weights: Weights, x: Array) -> Array:
    """Another height and width."""
    height, width = x.shape[1:-1]
    for flag in ("crop_to_aspect_ratio", "pad_to_aspect_ratio"):
        if getattr(layer, flag) and height * layer.width != width * layer.height:
            raise Fault("no-kernel", f"Resizing with {flag} cannot be executed: there is no kernel for it")
    if layer.antialias and (layer.height < height or layer.width < width) and layer.interpolation != "nearest":
        raise Fault("no-kernel", "Resizing with antialias cannot be executed: there is no kernel for it")
    return resized(x, layer.height, layer.width, layer.interpolation)


@kernel("keras.CenterCrop")
def center_crop(layer: CenterCrop, weights: Weights, x: Array) -> Array:
    """The middle."""
    height, width = x.shape[1:-1]
    if height < layer.height or width < layer.width:
        # Keras resizes what is too small, keeping the proportions, and cuts the middle out of that.
        scale = max(layer.height / height, layer.width / width)
        return center(resized(x, round(height * scale), round(width * scale), "bilinear"), layer.height, layer.width)
    return center(x, layer.height, layer.width)


def center(x: Array, height: int, width: int) -> Array:
    """The middle rows and columns."""
    top, left = (x.shape[1] - height) // 2, (x.shape[2] - width) // 2
    return x[:, top : top + height, left : left + width]


def resized(x: Array, height: int, width: int, how: str) -> Array:
    """An image of that size; the centres of the pixels lie at halves."""
    if how not in ("nearest", "bilinear"):
        raise Fault("no-kernel", f'interpolation "{how}" cannot be executed: there is no kernel for it')
    for axis, size in ((1, height), (2, width)):
        n = x.shape[axis]
        point = (np.arange(size) + 0.5) * n / size - 0.5
        if how == "nearest":
            x = np.take(x, np.clip(np.floor(point + 0.5).astype(int), 0, n - 1), axis)
            continue
        low = np.floor(point).astype(int)
        part = (point - low).reshape([-1 if at == axis else 1 for at in range(x.ndim)])
        below, above = (np.take(x, np.clip(at, 0, n - 1), axis) for at in (low, low + 1))
        x = (below * (1 - part) + above * part).astype(x.dtype, copy=False)
    return x
