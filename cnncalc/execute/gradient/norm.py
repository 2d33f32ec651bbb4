"""Gradients of norms whose statistics depend on the array itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.gradient.autodiff import new_node, value
from cnncalc.execute.gradient.custom_gradient import unwrapped
from cnncalc.execute.kernel import Array, Weights
from cnncalc.execute.kernels import norm as forward

if TYPE_CHECKING:
    from cnncalc.layers.layer_norm import LocalResponseNorm


def standard(x: Array, eps: float) -> Array:
    """Mean and variance move with the array: (g - mean of g - y times the mean of g y) over the deviation."""
    a = value(x)
    made = unwrapped(forward.standard)(a, eps)
    scale = 1 / np.sqrt(a.var(-1, keepdims=True) + eps)

    def pull(g: Array) -> Array:
        return scale * (g - g.mean(-1, keepdims=True) - made * (g * made).mean(-1, keepdims=True))  # type: ignore[no-any-return]

    return new_node(made, (x, pull))


def local_response_norm(layer: LocalResponseNorm, weights: Weights, x: Array) -> Array:
    """Each number divides those whose channels are near, itself too."""
    a = value(x)
    made = unwrapped(forward.local_response_norm)(layer, {}, a)
    n = layer.size
    before = n // 2
    total = layer.k + layer.alpha / n * forward.near(a * a, before, n - 1 - before)

    def pull(g: Array) -> Array:
        shared = forward.near(g * a * total ** (-layer.beta - 1), n - 1 - before, before)
        return g * total**-layer.beta - 2 * layer.alpha * layer.beta / n * a * shared

    return new_node(made, (x, pull))
