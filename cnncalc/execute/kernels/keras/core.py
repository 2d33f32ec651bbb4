"""Keras' dense layers, tables, activations, norms and layers that arrange numbers; channels last."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.kernels.activation import (
    SELU_ALPHA,
    SELU_SCALE,
    elu,
    gelu,
    log_softmax,
    sigmoid,
    softmax,
    softplus,
)

if TYPE_CHECKING:
    from cnncalc.layers.keras.activation import ELU, LeakyReLU, PReLU, ReLU, Softmax
    from cnncalc.layers.keras.core import (
        Activation,
        Dense,
        Embedding,
        Flatten,
        Masking,
        Passing,
        Permute,
        RepeatVector,
        Rescaling,
        Reshape,
    )
    from cnncalc.layers.keras.einsum import Dot, EinsumDense
    from cnncalc.layers.keras.merge import Concatenate
    from cnncalc.layers.keras.norm import (
        BatchNormalization,
        GroupNormalization,
        LayerNormalization,
        Normalization,
        RMSNormalization,
        UnitNormalization,
    )

FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": lambda x: elu(x, 1.0),
    "celu": lambda x: elu(x, 1.0),
    "selu": lambda x: SELU_SCALE * elu(x, SELU_ALPHA),
    "gelu": gelu,
    "silu": lambda x: x * sigmoid(x),
    "swish": lambda x: x * sigmoid(x),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "softmax": lambda x: softmax(x, -1),
    "log_softmax": lambda x: log_softmax(x, -1),
    "softplus": softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "log_sigmoid": lambda x: -softplus(-x),
    "exponential": np.exp,
    "mish": lambda x: x * np.tanh(softplus(x)),
    "squareplus": lambda x: (x + np.sqrt(x * x + 4)) / 2,
}


def activated(x: Array, word: str | None) -> Array:
    """The activation of that name, in the array's precision; None is none."""
    return x if word is None else FUNCTIONS[word](x).astype(x.dtype, copy=False)


def finished(layer: Any, weights: Weights, x: Array) -> Array:
    """Bias and activation, which end most layers."""
    if "bias" in weights:
        x = x + weights["bias"]
    return activated(x, layer.activation)


@kernel("keras.Dense")
def dense(layer: Dense, weights: Weights, x: Array) -> Array:
    """x kernel + bias along the last axis."""
    return finished(layer, weights, x @ weights["kernel"])


@kernel("keras.EinsumDense")
def einsum_dense(layer: EinsumDense, weights: Weights, x: Array) -> Array:
    """The product that the equation says."""
    return finished(layer, weights, np.einsum(layer.equation, x, weights["kernel"], optimize=True))


@kernel("keras.Dot")
def dot(layer: Dot, weights: Weights, a: Array, b: Array) -> Array:
    """Numbers along an axis of each multiplied and added up; what is left of the first comes before the second's."""
    first, second = (at % x.ndim for at, x in zip(layer.axes_, (a, b), strict=True))
    if layer.normalize:
        a, b = unit(a, (first,), 1e-12), unit(b, (second,), 1e-12)
    left, right = np.moveaxis(a, first, -1), np.moveaxis(b, second, -1)
    n, size = len(a), left.shape[-1]
    product = np.matmul(left.reshape(n, -1, size), right.reshape(n, -1, size).swapaxes(1, 2))
    shape = (n, *left.shape[1:-1], *right.shape[1:-1])
    return product.reshape(shape if len(shape) > 1 else (n, 1))  # type: ignore[no-any-return]


def unit(x: Array, axes: tuple[int, ...], least: float) -> Array:
    """Divided by the length along the axes."""
    squares = np.square(x).sum(axes, keepdims=True)
    return x / np.sqrt(np.maximum(squares, least))  # type: ignore[no-any-return]


@kernel("keras.Embedding")
def embedding(layer: Embedding, weights: Weights, x: Array) -> Array:
    """Rows of the table."""
    return weights["embeddings"][x.astype(np.int64)]


@kernel("keras.Activation")
def activation(layer: Activation, weights: Weights, x: Array) -> Array:
    """The function of that name."""
    return activated(x, layer.activation)


@kernel(
    "keras.Dropout",
    "keras.SpatialDropout1D",
    "keras.SpatialDropout2D",
    "keras.SpatialDropout3D",
    "keras.AlphaDropout",
    "keras.GaussianDropout",
    "keras.GaussianNoise",
    "keras.ActivityRegularization",
    "keras.Identity",
)
def passed(layer: Passing, weights: Weights, x: Array) -> Array:
    """The input: nothing happens outside training."""
    return x


@kernel("keras.Masking")
def masking(layer: Masking, weights: Weights, x: Array) -> Array:
    """Steps that hold nothing but mask_value become zeros."""
    return x * (x != layer.mask_value).any(-1, keepdims=True)  # type: ignore[no-any-return]


@kernel("keras.Flatten")
def flatten(layer: Flatten, weights: Weights, x: Array) -> Array:
    """One axis for each sample."""
    return x.reshape(len(x), -1)


@kernel("keras.Reshape")
def reshape(layer: Reshape, weights: Weights, x: Array) -> Array:
    """The target shape for each sample."""
    return x.reshape(len(x), *layer.target_shape)


@kernel("keras.Permute")
def permute(layer: Permute, weights: Weights, x: Array) -> Array:
    """The axes in another order, the first of a sample being 1."""
    return x.transpose(0, *layer.dims)


@kernel("keras.RepeatVector")
def repeat_vector(layer: RepeatVector, weights: Weights, x: Array) -> Array:
    """The vector n times."""
    return np.repeat(x[:, None], layer.n, 1)


@kernel("keras.Rescaling")
def rescaling(layer: Rescaling, weights: Weights, x: Array) -> Array:
    """scale * x + offset."""
    return x * layer.scale + layer.offset


@kernel("keras.Concatenate")
def concatenate(layer: Concatenate, weights: Weights, *xs: Array) -> Array:
    """One behind the other."""
    return np.concatenate(xs, layer.axis)


# --- activations that are layers -----------------------------------------------------------------------------------


@kernel("keras.ReLU")
def relu(layer: ReLU, weights: Weights, x: Array) -> Array:
    """0, or a slope, below the threshold; never above max_value."""
    out = np.where(x >= layer.threshold, x, layer.negative_slope * (x - layer.threshold))
    return (out if layer.max_value is None else np.minimum(out, layer.max_value)).astype(x.dtype, copy=False)


@kernel("keras.LeakyReLU")
def leaky_relu(layer: LeakyReLU, weights: Weights, x: Array) -> Array:
    """A slope below 0."""
    return np.where(x > 0, x, layer.negative_slope * x)


@kernel("keras.ELU")
def elu_layer(layer: ELU, weights: Weights, x: Array) -> Array:
    """alpha (exp(x) - 1) below 0."""
    return elu(x, layer.alpha)


@kernel("keras.PReLU")
def prelu(layer: PReLU, weights: Weights, x: Array) -> Array:
    """A factor for each number below 0."""
    return np.where(x > 0, x, weights["alpha"] * x)


@kernel("keras.Softmax")
def softmax_layer(layer: Softmax, weights: Weights, x: Array) -> Array:
    """Along one axis, or over several together."""
    out = np.exp(x - x.max(layer.axis, keepdims=True))
    return out / out.sum(layer.axis, keepdims=True)  # type: ignore[no-any-return]


# --- norms ---------------------------------------------------------------------------------------------------------


def along(values: Array, axes: tuple[int, ...], x: Array) -> Array:
    """Weights of the given axes, shaped to broadcast against the array."""
    shape = [1] * x.ndim
    for at in axes:
        shape[at] = x.shape[at]
    return values.reshape(shape)


def scaled(x: Array, weights: Weights, axes: tuple[int, ...]) -> Array:
    """Times gamma, plus beta."""
    if "gamma" in weights:
        x = x * along(weights["gamma"], axes, x)
    return x + along(weights["beta"], axes, x) if "beta" in weights else x


def standard(x: Array, axes: tuple[int, ...], epsilon: float) -> Array:
    """Mean 0 and variance 1 along the axes."""
    centred = x - x.mean(axes, keepdims=True)
    return centred / np.sqrt(np.square(centred).mean(axes, keepdims=True) + epsilon)  # type: ignore[no-any-return]


@kernel("keras.BatchNormalization")
def batch_normalization(layer: BatchNormalization, weights: Weights, x: Array) -> Array:
    """By the moving statistics; by those of the batch where they are absent, and in training."""
    kept = (layer.axis % x.ndim,)
    if "moving_mean" in weights and not layer.training:
        centred = x - along(weights["moving_mean"], kept, x)
        out = centred / np.sqrt(along(weights["moving_variance"], kept, x) + layer.epsilon)
    else:
        others = tuple(at for at in range(x.ndim) if at not in kept)
        out = standard(x, others, layer.epsilon)
        if layer.training and "moving_mean" in weights:
            for name, new in (("moving_mean", x.mean(others)), ("moving_variance", x.var(others))):
                weights[name] = layer.momentum * weights[name] + (1 - layer.momentum) * new
    return scaled(out, weights, kept)


@kernel("keras.LayerNormalization")
def layer_normalization(layer: LayerNormalization, weights: Weights, x: Array) -> Array:
    """Each sample along the given axes."""
    axes = tuple(at % x.ndim for at in layer.axis)
    return scaled(standard(x, axes, layer.epsilon), weights, axes)


@kernel("keras.GroupNormalization")
def group_normalization(layer: GroupNormalization, weights: Weights, x: Array) -> Array:
    """Each group of channels of each sample."""
    at = layer.axis % x.ndim
    channels = x.shape[at]
    groups = channels if layer.groups == -1 else layer.groups
    moved = np.moveaxis(x, at, 1)
    parts = moved.reshape(len(x), groups, -1)
    out = np.moveaxis(standard(parts, (2,), layer.epsilon).reshape(moved.shape), 1, at)
    return scaled(out, weights, (at,))


@kernel("keras.RMSNormalization")
def rms_normalization(layer: RMSNormalization, weights: Weights, x: Array) -> Array:
    """Over the root of the mean square."""
    axes = tuple(at % x.ndim for at in layer.axis)
    out = x / np.sqrt(np.square(x).mean(axes, keepdims=True) + layer.epsilon)
    return out * along(weights["scale"], axes, x)  # type: ignore[no-any-return]


@kernel("keras.UnitNormalization")
def unit_normalization(layer: UnitNormalization, weights: Weights, x: Array) -> Array:
    """Over the length."""
    return unit(x, tuple(at % x.ndim for at in layer.axis), 1e-12)


@kernel("keras.Normalization")
def normalization(layer: Normalization, weights: Weights, x: Array) -> Array:
    """By a mean and a variance that the data gave."""
    dims = layer.axis if isinstance(layer.axis, (list, tuple)) else () if layer.axis is None else (layer.axis,)
    kept = tuple(at % x.ndim for at in dims)
    mean = weights["mean"] if layer.mean is None else np.asarray(layer.mean, x.dtype)
    variance = weights["variance"] if layer.variance is None else np.asarray(layer.variance, x.dtype)
    mean, variance = (along(v, kept, x) if v.size > 1 else v for v in (mean, variance))
    deviation = np.maximum(np.sqrt(variance), 1e-7)
    return x * deviation + mean if layer.invert else (x - mean) / deviation
