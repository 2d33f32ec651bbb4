"""Functions of each number alone, softmax and its kin, and layers that act in training alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute.engine import buffers, threads
from cnncalc.execute.engine.normal_cdf import distribution, tail
from cnncalc.execute.gradient.custom_gradient import custom_vjp
from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.layers.activation import XIELU, PReLU
    from cnncalc.layers.regularise import Drop

# Klambauer et al. 2017: with these a standard normal input keeps mean 0 and variance 1.
SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


@custom_vjp
def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without a warning where exp overflows to infinity and the result is 0."""
    with np.errstate(over="ignore"):
        out = np.exp(-x)
    out += 1
    return np.reciprocal(out, out=out)


@custom_vjp
def softplus(x: Array) -> Array:
    """ln(1 + exp(x)) without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@custom_vjp
def softmax(x: Array, axis: int, out: Array | None = None) -> Array:
    """Exponentials along an axis over their sum; the largest is taken away first, so nothing overflows."""
    if not x.size:
        return x
    result: Array = np.subtract(x, x.max(axis, keepdims=True), out=out)
    np.exp(result, out=result)
    result *= 1 / result.sum(axis, keepdims=True)
    return result


@custom_vjp
def gelu(x: Array, approximate: str = "none") -> Array:
    """x times the normal distribution function, or its approximation by tanh."""
    if approximate == "none" and x.dtype == np.float32:
        far = np.abs(x)
        np.clip(far, 0, 40, out=far)
        lost = tail(far)
        lost *= far
        out = np.clip(x, 0, np.inf)
        out -= lost
        return out
    if approximate == "none":
        out = distribution(x)
    else:
        out = x * x
        out *= 0.044715
        out += 1
        out *= x
        out *= np.sqrt(2 / np.pi).astype(x.dtype)
        np.tanh(out, out=out)
        out += 1
        out *= 0.5
    out *= x
    return out


@custom_vjp
def elu(x: Array, alpha: float) -> Array:
    """x, or alpha (exp(x) - 1) below 0."""
    low: Array = np.clip(x, -np.inf, 0)
    np.expm1(low, out=low)
    low *= alpha
    low += np.clip(x, 0, np.inf)
    return low


def _leaky(x: Array, slope: float) -> Array:
    """x, or slope x below 0: a sum is several times as quick as a choice."""
    out: Array = np.clip(x, -np.inf, 0)
    out *= slope
    out += np.clip(x, 0, np.inf)
    return out


# Where the function only cuts off: at which numbers.
BOUNDS: dict[str, Callable[[Any], tuple[float, float]]] = {
    "ReLU": lambda layer: (0.0, np.inf),
    "ReLU6": lambda layer: (0.0, 6.0),
    "Hardtanh": lambda layer: (layer.min_val, layer.max_val),
}


def _cut_off(layer: Layer, x: Array, out: Array | None = None) -> object:
    return np.clip(x, *BOUNDS[layer.type()](layer), out=out)  # NumPy's maximum takes three times as long


FUNCTIONS: dict[str, Callable[[Any, Array], Any]] = {
    **dict.fromkeys(BOUNDS, _cut_off),
    "LeakyReLU": lambda layer, x: _leaky(x, layer.negative_slope),
    "RReLU": lambda layer, x: _leaky(x, (layer.lower + layer.upper) / 2),
    "ELU": lambda layer, x: elu(x, layer.alpha),
    "CELU": lambda layer, x: np.where(x > 0, x, layer.alpha * np.expm1(np.minimum(x, 0) / layer.alpha)),
    "SELU": lambda layer, x: SELU_SCALE * elu(x, SELU_ALPHA),
    **dict.fromkeys(("GELU", "NewGELU"), lambda layer, x: gelu(x, layer.approximate)),
    "SiLU": lambda layer, x: x * sigmoid(x),
    "Mish": lambda layer, x: x * np.tanh(softplus(x)),
    "Sigmoid": lambda layer, x: sigmoid(x),
    "LogSigmoid": lambda layer, x: -softplus(-x),
    "Hardsigmoid": lambda layer, x: np.clip(x / 6 + 0.5, 0, 1),
    "Hardswish": lambda layer, x: x * np.clip(x + 3, 0, 6) / 6,
    "Tanh": lambda layer, x: np.tanh(x),
    "Hardshrink": lambda layer, x: np.where(np.abs(x) > layer.lambd, x, 0),
    "Softshrink": lambda layer, x: np.sign(x) * np.maximum(np.abs(x) - layer.lambd, 0),
    "Tanhshrink": lambda layer, x: x - np.tanh(x),
    "Softplus": lambda layer, x: np.where(layer.beta * x > layer.threshold, x, softplus(layer.beta * x) / layer.beta),
    "Softsign": lambda layer, x: x / (1 + np.abs(x)),
    "Threshold": lambda layer, x: np.where(x > layer.threshold, x, layer.value),
    "Softmax": lambda layer, x: softmax(x, layer.normalized_axis(x.ndim)),
    "Softmin": lambda layer, x: softmax(-x, layer.normalized_axis(x.ndim)),
    "Softmax2d": lambda layer, x: softmax(x, -3),
    "LogSoftmax": lambda layer, x: log_softmax(x, layer.normalized_axis(x.ndim)),
    "GLU": lambda layer, x: glu(x, layer.dim),
    "Exp": lambda layer, x: np.exp(x),
    "Log": lambda layer, x: _quiet(np.log, x),
    "Sin": lambda layer, x: np.sin(x),
    "Cos": lambda layer, x: np.cos(x),
    "Sqrt": lambda layer, x: _quiet(np.sqrt, x),
    "Square": lambda layer, x: np.square(x),
    "Abs": lambda layer, x: np.abs(x),
    "Neg": lambda layer, x: -x,
    "Clamp": lambda layer, x: np.clip(x, layer.min, layer.max) if (layer.min, layer.max) != (None, None) else x,
    "Pow": lambda layer, x: _quiet(np.power, x, layer.exponent),
}


# What looks at more than one number, and how many bytes the others are given at once: they stay in cache.
WHOLE = ("Softmax", "Softmin", "Softmax2d", "LogSoftmax", "GLU")
CHUNK = 1 << 19
# How many multiplications a function takes about as long as.
FUNCTION = 64


@kernel(*FUNCTIONS, over=True)
@custom_vjp
def pointwise(layer: Layer, weights: Weights, x: Array) -> Array:
    """The function of that name."""
    # A whole number is computed with as a float, a float32 stays one.
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    kind = layer.type()
    function, cut = FUNCTIONS[kind], kind in BOUNDS
    if kind in WHOLE or (x.nbytes <= CHUNK and not cut):
        return np.asarray(function(layer, x)).astype(x.dtype, copy=False)
    flat, out = x.reshape(-1), buffers.reuse_input(x)
    made = out.reshape(-1)

    def work(todo: Iterator[slice]) -> None:
        for part in todo:
            if cut:
                _cut_off(layer, flat[part], made[part])
            else:
                made[part] = function(layer, flat[part])

    if cut:
        threads.parallel_for(work, threads.parts(x.size, x.itemsize))
    else:
        threads.parallel_for(work, threads.parts(x.size, x.itemsize, CHUNK, products=x.size * FUNCTION))
    return out


def _quiet(function: Any, *arguments: Any) -> Any:
    """NaN and infinity are results here, as in PyTorch, and no reason to warn."""
    with np.errstate(all="ignore"):
        return function(*arguments)


@custom_vjp
def log_softmax(x: Array, axis: int) -> Array:
    """The logarithm of softmax, without computing softmax."""
    if not x.size:
        return x
    out: Array = x - x.max(axis, keepdims=True)
    out -= np.log(np.exp(out).sum(axis, keepdims=True))
    return out


def glu(x: Array, axis: int) -> Array:
    """The first half of an axis times the sigmoid of the second."""
    first, second = np.split(x, 2, axis)
    return first * sigmoid(second)


@kernel("PReLU")
@custom_vjp
def prelu(layer: PReLU, weights: Weights, x: Array) -> Array:
    """x, or a trained factor times x below 0; several factors belong to axis 1."""
    factor = weights["weight"]
    if factor.size > 1 and not layer.per_element:
        factor = factor.reshape(-1, *(1,) * (x.ndim - 2))
    return np.where(x >= 0, x, factor * x)


@kernel("XIELU")
def xielu(layer: XIELU, weights: Weights, x: Array) -> Array:
    """Both sides of 0, with factors whose softplus is trained."""
    above, below = softplus(weights["alpha_p"]), layer.beta + softplus(weights["alpha_n"])
    low = np.exp(np.minimum(x, layer.eps)) - 1 - x
    return np.where(x > 0, above * x * x, below * low) + layer.beta * x


@kernel(
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "AlphaDropout",
    "FeatureAlphaDropout",
    "DropPath",
    "StochasticDepth",
)
def dropout(layer: Drop, weights: Weights, x: Array) -> Array:
    """The input: nothing is dropped outside training."""
    return x
