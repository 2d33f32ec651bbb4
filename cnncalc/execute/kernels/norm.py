"""Normalisation: statistics are the running ones where the layer has them, else those of the array itself."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute.engine import buffers, threads
from cnncalc.execute.gradient.custom_gradient import custom_vjp
from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.layers.layer_norm import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
    from cnncalc.layers.norm import BatchNorm, InstanceNorm
    from cnncalc.layers.response_norm import GRN

# What a weight may be that nobody follows.
PLAIN = (np.ndarray, type(None))


@kernel(
    "BatchNorm",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "SyncBatchNorm",
    over=True,
)
def batch_norm(layer: BatchNorm, weights: Weights, x: Array) -> Array:
    """One factor and one shift a channel, from running statistics; without them and in training from the batch."""
    if "running_mean" in weights and not layer.training:
        return _channelwise(x, weights["running_mean"], weights["running_var"], layer.eps, weights)
    axes = (0, *range(2, x.ndim))
    mean = x.mean(axes)
    variance = np.square(x - _channels(mean, x)).mean(axes)
    if layer.training and "num_batches_tracked" in weights:
        seen = weights["num_batches_tracked"] + 1
        part = 1 / seen if layer.momentum is None else layer.momentum
        _moved(weights, part, mean, variance, x.size // max(x.shape[1], 1))
        weights["num_batches_tracked"] = np.asarray(seen)
    return _channelwise(x, mean, variance, layer.eps, weights)


def _moved(weights: Weights, part: Any, mean: Array, variance: Array, count: int) -> None:
    """The running statistics after a batch, the variance that of `count - 1` degrees of freedom."""
    free = variance * (count / max(count - 1, 1))
    for name, new in (("running_mean", mean), ("running_var", free)):
        weights[name] = (1 - part) * weights[name] + part * new


@kernel(
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
)
def instance_norm(layer: InstanceNorm, weights: Weights, x: Array) -> Array:
    """Each channel of each sample by itself, or by running statistics where the layer has them, but in training."""
    if "running_mean" in weights and not layer.training:
        return _channelwise(x, weights["running_mean"], weights["running_var"], layer.eps, weights)
    if layer.training and "running_mean" in weights:
        flat = x.reshape(*x.shape[:2], -1)
        variance = np.square(flat - flat.mean(2, keepdims=True)).mean(2)
        _moved(weights, layer.momentum or 0.0, flat.mean(2).mean(0), variance.mean(0), flat.shape[2])
    return _trained(standard(x.reshape(*x.shape[:2], -1), layer.eps).reshape(x.shape), weights)


@kernel("GroupNorm")
def group_norm(layer: GroupNorm, weights: Weights, x: Array) -> Array:
    """Groups of channels of each sample by themselves."""
    grouped = x.reshape(x.shape[0], layer.num_groups, -1)
    return _trained(standard(grouped, layer.eps).reshape(x.shape), weights)


@kernel("LayerNorm", over=True)
def layer_norm(layer: LayerNorm, weights: Weights, x: Array) -> Array:
    """The last axes, as many as normalized_shape has, together."""
    return trailing_norm(x, len(layer.normalized_shape or (0,)), layer.eps, weights.get("weight"), weights.get("bias"))


def trailing_norm(x: Array, axes: int, eps: float, weight: Array | None, bias: Array | None) -> Array:
    """Mean 0 and variance 1 along the last `axes` axes, then factor and shift."""
    if type(x) is np.ndarray and type(weight) in PLAIN and type(bias) in PLAIN and x.size:
        return _rows(x, axes, eps, weight, bias)
    out: Array = standard(x.reshape(*x.shape[: x.ndim - axes], -1), eps).reshape(x.shape)
    if weight is not None:
        out *= weight
    if bias is not None:
        out += bias
    return out


def _rows(x: Array, axes: int, eps: float, weight: Array | None, bias: Array | None) -> Array:
    """The same for arrays that nobody follows."""
    flat = x.reshape(prod(x.shape[: x.ndim - axes]), -1)
    out = buffers.reuse_input(x).reshape(flat.shape)
    factor, shift = (None if part is None else part.reshape(-1) for part in (weight, bias))
    share = np.full((flat.shape[1], 1), 1 / flat.shape[1], x.dtype)

    def work(todo: Iterator[slice]) -> None:
        for part in todo:
            centred = np.subtract(flat[part], flat[part] @ share, out=out[part])
            variance = np.einsum("ij,ij->i", centred, centred) / x.dtype.type(flat.shape[1])
            centred *= (1 / np.sqrt(variance + eps)).astype(x.dtype)[:, None]
            if factor is not None:
                centred *= factor
            if shift is not None:
                centred += shift

    threads.parallel_for(work, threads.parts(len(flat), flat.shape[1] * x.itemsize))
    return out.reshape(x.shape)


@kernel("RMSNorm")
def rms_norm(layer: RMSNorm, weights: Weights, x: Array) -> Array:
    """The last axes over the root of their mean square."""
    axes = len(layer.normalized_shape or (0,))
    flat = x.reshape(*x.shape[: x.ndim - axes], -1)
    eps = np.finfo(x.dtype).eps if layer.eps is None else layer.eps
    out = (flat / np.sqrt(np.square(flat).mean(-1, keepdims=True) + eps)).reshape(x.shape)
    if "weight" in weights:
        out *= weights["weight"]
    return out  # type: ignore[no-any-return]


@kernel("LocalResponseNorm")
@custom_vjp
def local_response_norm(layer: LocalResponseNorm, weights: Weights, x: Array) -> Array:
    """x / (k + alpha / n * sum of squares over n neighbouring channels) ** beta; an even n looks one further back."""
    n = layer.size
    before = n // 2
    total = near(np.square(x), before, n - 1 - before)
    total *= layer.alpha / n
    total += layer.k
    if layer.beta == 0.75:  # what everyone writes; two roots are far quicker than a power
        np.sqrt(total, out=total)
        return x / (total * np.sqrt(total))  # type: ignore[no-any-return]
    return x / total**layer.beta


def near(x: Array, before: int, after: int) -> Array:
    """Each channel's number with those of so many channels before and after it, summed."""
    channels = x.shape[1]
    total = x.copy()
    for apart in range(max(-before, 1 - channels), min(after, channels - 1) + 1):
        if apart > 0:
            total[:, :-apart] += x[:, apart:]
        elif apart < 0:
            total[:, -apart:] += x[:, :apart]
    return total


def _channels(values: Array, x: Array) -> Array:
    """One value per channel, shaped to broadcast against [N, C, *space]."""
    return values.reshape(-1, *(1,) * (x.ndim - 2))


@custom_vjp
def standard(x: Array, eps: float) -> Array:
    """Mean 0 and variance 1 along the last axis; a new array."""
    centred: Array = x - x.mean(-1, keepdims=True)
    variance = np.einsum("...i,...i->...", centred, centred) / x.shape[-1]
    centred *= (1 / np.sqrt(variance + eps))[..., None]
    return centred


def _trained(x: Array, weights: Weights) -> Array:
    """Factor and shift of each channel, in place."""
    if "weight" in weights:
        x *= _channels(weights["weight"], x)
    if "bias" in weights:
        x += _channels(weights["bias"], x)
    return x


def _channelwise(x: Array, mean: Array, variance: Array, eps: float, weights: Weights) -> Array:
    """(x - mean) / sqrt(variance + eps) * weight + bias, as one factor and one shift a channel."""
    factor = 1 / np.sqrt(variance + eps)
    if "weight" in weights:
        factor = factor * weights["weight"]
    shift = weights["bias"] - mean * factor if "bias" in weights else -mean * factor
    factor, shift = factor.astype(x.dtype), shift.astype(x.dtype)
    if x.ndim < 3 or not x.size or any(type(part) is not np.ndarray for part in (x, factor, shift)):
        out = x * _channels(factor, x)
        out += _channels(shift, x)
        return out
    flat = x.reshape(*x.shape[:2], -1)
    made = buffers.reuse_input(x).reshape(flat.shape)

    def work(todo: Iterator[tuple[int, slice]]) -> None:
        for sample, part in todo:
            target = made[sample, part]
            np.multiply(flat[sample, part], factor[part, None], out=target)
            target += shift[part, None]

    cuts = threads.parts(x.shape[1], flat.shape[2] * x.itemsize)
    threads.parallel_for(work, [(sample, part) for sample in range(len(x)) for part in cuts])
    return made.reshape(x.shape)


@kernel("GRN")
def response_norm(layer: GRN, weights: Weights, x: Array) -> Array:
    """weight * x * n + bias + x, with n the length of each channel over the mean length."""
    length = np.sqrt(np.sum(x * x, axis=tuple(range(2, x.ndim)), keepdims=True))
    shape = (1, -1, *(1,) * (x.ndim - 2))
    scaled = x * (length / (np.mean(length, axis=1, keepdims=True) + layer.eps))
    made: Array = np.reshape(weights["weight"], shape) * scaled + np.reshape(weights["bias"], shape) + x
    return made
