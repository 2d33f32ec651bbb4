"""Convolutions and their transposes: each case in the form that is quickest for it."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.core.window import pads
from cnncalc.execute.engine import im2col, threads, winograd
from cnncalc.execute.engine.windows import counts, pad, tap
from cnncalc.execute.gradient.custom_gradient import custom_vjp
from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.layers.conv import Conv
    from cnncalc.layers.conv_transpose import ConvTranspose

# Bytes of window matrix copied before it is multiplied: about what a core's cache holds.
BLOCK = im2col.BLOCK


@kernel("Conv1d", "Conv2d", "Conv3d", "LazyConv1d", "LazyConv2d", "LazyConv3d")
@custom_vjp
def conv(layer: Conv, weights: Weights, x: Array) -> Array:
    """Filters [C_out, C_in / G, *K] slide over [N, C_in, *space]."""
    weight, bias = weights["weight"], weights.get("bias")
    x = pad(x, pads(layer, x.shape[2:]), layer.padding_mode)
    n, filters, kernel_size = x.shape[0], weight.shape[0], weight.shape[2:]
    count = counts(x.shape[2:], kernel_size, layer.stride, layer.dilation)
    out = np.empty((n, filters, *count), np.result_type(x, weight))
    if not out.size:
        return out
    if prod(kernel_size) == 1:
        _pointwise(layer, weight, bias, x, out)
    elif len(count) == 2 and winograd.pays(layer, weight, x, out.shape[2:]):
        winograd.convolve(weight, bias, x, out)
    else:
        im2col.convolve(layer, weight, bias, x, out)
    return out


def _pointwise(layer: Conv, weight: Array, bias: Array | None, x: Array, out: Array) -> None:
    """A kernel of one element is one matrix product on the array as it lies."""
    for axis, (step, count) in enumerate(zip(layer.stride, out.shape[2:], strict=True)):
        x = tap(x, 2 + axis, 0, step, count)
    g = layer.groups
    taken = x.reshape(x.shape[0], g, x.shape[1] // g, -1)
    made = out.reshape(out.shape[0], g, out.shape[1] // g, -1)
    threads.parallel_matmul(
        weight.reshape(g, -1, weight.shape[1]), taken, made, None if bias is None else bias.reshape(g, -1, 1)
    )


@kernel(
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
)
@custom_vjp
def conv_transpose(layer: ConvTranspose, weights: Weights, x: Array) -> Array:
    """Every number of [N, C_in, *space] spreads over a window; filters are [C_in, C_out / G, *K]."""
    weight = weights["weight"]
    bias = weights.get("bias")
    n, channels, *space = x.shape
    g, kernel_size, axes = layer.groups, weight.shape[2:], weight.ndim - 2
    filters = weight.shape[1] * g
    matrix = weight.reshape(g, channels // g, -1).transpose(0, 2, 1)
    spread = threads.parallel_matmul(matrix, x.reshape(n, g, channels // g, -1)).reshape(
        n, filters, *kernel_size, *space
    )
    borders = pads(layer, tuple(space))
    full, inside = [], []
    for axis in range(axes):
        end = (space[axis] - 1) * layer.stride[axis] + (kernel_size[axis] - 1) * layer.dilation[axis] + 1
        before, after = borders[axis]
        size = end + layer.output_padding[axis] - before - after
        if layer.output_size is not None:
            size = layer.output_size[axis]
        full.append(max(end, before + size))
        inside.append(slice(before, before + size))
    whole = np.empty((n, filters, *full), spread.dtype)

    def work(todo: Iterator[slice]) -> None:
        for part in todo:
            whole[:, part] = 0 if bias is None else bias[part].reshape(-1, *(1,) * axes)
            for position in np.ndindex(*kernel_size):
                target = whole[:, part]
                for axis, at in enumerate(position):
                    target = tap(target, 2 + axis, at * layer.dilation[axis], layer.stride[axis], space[axis])
                target += spread[(slice(None), part, *position)]

    threads.parallel_for(work, threads.parts(filters, n * prod(full) * whole.itemsize, BLOCK))
    return np.ascontiguousarray(whole[(slice(None), slice(None), *inside)])
