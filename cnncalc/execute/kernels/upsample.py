"""Upsampling and interpolation, one axis after the other."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.kernels.pool import bins

if TYPE_CHECKING:
    from cnncalc.layers.resample import Upsample


# Keys 1981 with PyTorch's choice of the free number.
CUBIC = -0.75


@kernel("Upsample", "Interpolate", "UpsamplingNearest2d", "UpsamplingBilinear2d")
def upsample(layer: Upsample, weights: Weights, x: Array) -> Array:
    """Every spatial axis by itself: which numbers each new one is made of, and in what proportion."""
    axes = x.ndim - 2
    for axis in range(axes):
        size = x.shape[2 + axis]
        wanted = layer.size[axis] if isinstance(layer.size, tuple) else layer.size
        factor = layer.scale_factor[axis] if isinstance(layer.scale_factor, tuple) else layer.scale_factor
        if factor is not None:
            wanted = floor(size * float(factor))
            factor = None if getattr(layer, "recompute_scale_factor", None) else float(factor)
        x = _resized(layer, x, 2 + axis, wanted or 1, factor)
    return x


def _resized(layer: Upsample, x: Array, axis: int, wanted: int, factor: float | None) -> Array:
    size, mode = x.shape[axis], layer.mode
    if mode == "area":
        share = np.zeros((wanted, size), x.dtype)
        for row, (start, end) in enumerate(bins(size, wanted)):
            share[row, start:end] = 1 / (end - start)
        return np.moveaxis(np.moveaxis(x, axis, -1) @ share.T, -1, axis)
    if mode.startswith("nearest"):
        # PyTorch places the nearest neighbour in single precision.
        apart = np.float32(size / wanted if factor is None else 1 / factor)
        shift = np.float32(0.5 if mode == "nearest-exact" else 0)
        place = np.floor((np.arange(wanted, dtype=np.float32) + shift) * apart).astype(np.int64)
        if mode == "nearest" and x.ndim == 4 and wanted in (size, 2 * size):  # of images, whatever the factor says
            place = np.arange(wanted) * size // wanted
        return x.take(np.minimum(place, size - 1), axis)  # type: ignore[no-any-return]
    if wanted == size and (mode.endswith("linear") or getattr(layer, "antialias", False)):
        return x  # whatever the factor says, as in PyTorch
    corners = bool(layer.align_corners)
    if corners:
        step = (size - 1) / (wanted - 1) if wanted > 1 else 0.0
    else:
        step = size / wanted if factor is None else 1 / factor
    if getattr(layer, "antialias", False):
        return np.moveaxis(np.moveaxis(x, axis, -1) @ _smooth(size, wanted, step, mode).astype(x.dtype).T, -1, axis)
    source = np.arange(wanted) * step if corners else (np.arange(wanted) + 0.5) * step - 0.5
    if mode == "bicubic":
        first = np.floor(source)
        parts = _cubic(source - first)
        places = [np.clip(first.astype(np.int64) + at, 0, size - 1) for at in (-1, 0, 1, 2)]
    else:
        source = np.maximum(source, 0)
        first = np.minimum(source.astype(np.int64), size - 1)
        part = np.minimum(source - first, 1)
        parts, places = [1 - part, part], [first, np.minimum(first + 1, size - 1)]
    shape = [1] * x.ndim
    shape[axis] = wanted
    total = None
    for place, part in zip(places, parts, strict=True):
        made = x.take(place, axis) * part.reshape(shape).astype(x.dtype)
        total = made if total is None else total + made
    return total  # type: ignore[return-value]


def _cubic(t: Array) -> list[Array]:
    """The proportions of the numbers at -1, 0, 1, 2 for a place t between 0 and 1."""

    def near(u: Array) -> Array:
        return ((CUBIC + 2) * u - (CUBIC + 3)) * u * u + 1

    def far(u: Array) -> Array:
        return ((CUBIC * u - 5 * CUBIC) * u + 8 * CUBIC) * u - 4 * CUBIC

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def _smooth(size: int, wanted: int, step: float, mode: str) -> Array:
    """A filter as wide as what one output covers, so that making smaller leaves nothing out: [wanted, size]."""
    reach = (2 if mode == "bicubic" else 1) * max(step, 1.0)
    narrow = 1 / max(step, 1.0)
    matrix = np.zeros((wanted, size))
    for place in range(wanted):
        centre = step * (place + 0.5)
        start, end = max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), size)
        u = np.abs((np.arange(start, end) - centre + 0.5) * narrow)
        if mode == "bicubic":
            near = (1.5 * u - 2.5) * u * u + 1
            part = np.where(u < 1, near, np.where(u < 2, ((-0.5 * u + 2.5) * u - 4) * u + 2, 0))
        else:
            part = np.maximum(1 - u, 0)
        matrix[place, start:end] = part / part.sum()
    return matrix
