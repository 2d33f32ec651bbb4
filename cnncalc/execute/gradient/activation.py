"""Derivatives of elementwise activations, at a corner the one that PyTorch takes; and of softmax."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute.engine.normal_cdf import distribution
from cnncalc.execute.gradient.autodiff import new_node, value
from cnncalc.execute.gradient.custom_gradient import unwrapped
from cnncalc.execute.kernel import Array, Weights
from cnncalc.execute.kernels import activation as forward

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer

_sigmoid, _softplus, _elu = unwrapped(forward.sigmoid), unwrapped(forward.softplus), unwrapped(forward.elu)
_gelu, _softmax, _log_softmax = unwrapped(forward.gelu), unwrapped(forward.softmax), unwrapped(forward.log_softmax)


def sigmoid(x: Array) -> Array:
    """y (1 - y)."""
    made = _sigmoid(value(x))
    return new_node(made, (x, lambda g: g * made * (1 - made)))


def softplus(x: Array) -> Array:
    """The sigmoid."""
    a = value(x)
    return new_node(_softplus(a), (x, lambda g: g * _sigmoid(a)))


def elu(x: Array, alpha: float) -> Array:
    """1, or alpha exp(x) from 0 down."""
    a = value(x)
    return new_node(_elu(a, alpha), (x, lambda g: g * np.where(a > 0, 1, alpha * np.exp(np.minimum(a, 0)))))


def gelu(x: Array, approximate: str = "none") -> Array:
    """The distribution function plus x times the density, or what the approximation has."""
    a = value(x)

    def slope() -> Array:
        if approximate == "none":
            return distribution(a) + a * np.exp(-a * a / 2) / sqrt(2 * pi)
        factor = sqrt(2 / pi)
        bent = np.tanh(factor * (a + 0.044715 * a**3))
        return 0.5 * (1 + bent) + 0.5 * a * (1 - bent * bent) * factor * (1 + 0.134145 * a * a)  # type: ignore[no-any-return]

    return new_node(_gelu(a, approximate), (x, lambda g: g * slope()))


def softmax(x: Array, axis: int, out: Array | None = None) -> Array:
    """y (g - sum of y g)."""
    made = _softmax(value(x), axis)
    return new_node(made, (x, lambda g: made * (g - (g * made).sum(axis, keepdims=True))))


def log_softmax(x: Array, axis: int) -> Array:
    """g - softmax times the sum of g."""
    made = _log_softmax(value(x), axis)
    return new_node(made, (x, lambda g: g - np.exp(made) * g.sum(axis, keepdims=True)))


def _mish(x: Array) -> Array:
    bent = np.tanh(_softplus(x))
    return bent + x * (1 - bent * bent) * _sigmoid(x)  # type: ignore[no-any-return]


def _silu(x: Array) -> Array:
    open_ = _sigmoid(x)
    return open_ * (1 + x * (1 - open_))  # type: ignore[no-any-return]


# layer, x, y -> dy/dx
SLOPES: dict[str, Callable[[Any, Array, Array], Any]] = {
    "ReLU": lambda layer, x, y: x > 0,
    "ReLU6": lambda layer, x, y: (x > 0) & (x < 6),
    "LeakyReLU": lambda layer, x, y: np.where(x > 0, 1, layer.negative_slope),
    "RReLU": lambda layer, x, y: np.where(x > 0, 1, (layer.lower + layer.upper) / 2),
    "CELU": lambda layer, x, y: np.where(x > 0, 1, np.exp(np.minimum(x, 0) / layer.alpha)),
    "SiLU": lambda layer, x, y: _silu(x),
    "Mish": lambda layer, x, y: _mish(x),
    "LogSigmoid": lambda layer, x, y: _sigmoid(-x),
    "Hardsigmoid": lambda layer, x, y: ((x > -3) & (x < 3)) / 6,
    "Hardswish": lambda layer, x, y: np.where(x < -3, 0, np.where(x <= 3, x / 3 + 0.5, 1)),
    "Tanh": lambda layer, x, y: 1 - y * y,
    "Hardtanh": lambda layer, x, y: (x > layer.min_val) & (x < layer.max_val),
    "Hardshrink": lambda layer, x, y: np.abs(x) > layer.lambd,
    "Softshrink": lambda layer, x, y: np.abs(x) > layer.lambd,
    "Tanhshrink": lambda layer, x, y: np.square(np.tanh(x)),
    "Softplus": lambda layer, x, y: np.where(layer.beta * x > layer.threshold, 1, _sigmoid(layer.beta * x)),
    "Softsign": lambda layer, x, y: 1 / np.square(1 + np.abs(x)),
    "Threshold": lambda layer, x, y: x > layer.threshold,
    "Exp": lambda layer, x, y: y,
    "Log": lambda layer, x, y: 1 / x,
    "Sin": lambda layer, x, y: np.cos(x),
    "Cos": lambda layer, x, y: -np.sin(x),
    "Sqrt": lambda layer, x, y: 0.5 / y,
    "Square": lambda layer, x, y: 2 * x,
    "Abs": lambda layer, x, y: np.sign(x),
    "Neg": lambda layer, x, y: -1.0,
    "Pow": lambda layer, x, y: layer.exponent * x ** (layer.exponent - 1 if layer.exponent else 1),
}


def pointwise(layer: Layer, weights: Weights, x: Array) -> Array:
    """An activation layer: its slope, where it has one above; else what its function is made of."""
    slope = SLOPES.get(layer.type())
    if slope is None:
        plain: Array = forward.FUNCTIONS[layer.type()](layer, x)
        return plain
    a = value(x)
    made = unwrapped(forward.pointwise)(layer, weights, a)
    return new_node(made, (x, lambda g: g * slope(layer, a, made)))


def prelu(layer: Layer, weights: Weights, x: Array) -> Array:
    """1, or the factor from 0 down; the factor's gradient is the sum of what it multiplied."""
    a, factor = value(x), value(weights["weight"])
    axes = tuple(at for at in range(a.ndim) if at != 1 or factor.size == 1)
    shape = (-1, *(1,) * (a.ndim - 2)) if factor.size > 1 else (1,)
    return new_node(
        unwrapped(forward.prelu)(layer, {"weight": factor}, a),
        (x, lambda g: g * np.where(a > 0, 1, factor.reshape(shape))),
        (weights["weight"], lambda g: (g * np.minimum(a, 0)).sum(axes).reshape(factor.shape)),
    )
