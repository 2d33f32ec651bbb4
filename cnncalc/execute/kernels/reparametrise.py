"""Weights that are made of others before their layer takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute import kernel as registry
from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.layers.reparametrise import Reparametrised, SpectralNorm, WeightNorm


def _inner(layer: Reparametrised, weights: Weights, x: Array) -> Array | dict[str, Array]:
    return registry.find(layer.layer.kernel_name())(layer.layer, weights, x)


def iterated(matrix: Any, u: Any, times: object) -> tuple[Array, Array]:
    """Steps towards the vectors of the largest singular value, which no derivative goes through."""
    held, u = (getattr(part, "_value", part) for part in (matrix, u))
    for _ in range(max(times, 1) if type(times) is int else 1):
        v = held.T @ u
        v = v / max(np.sqrt(v @ v), 1e-12)
        u = held @ v
        u = u / max(np.sqrt(u @ u), 1e-12)
    return u, v


@kernel("WeightNorm")
def weight_norm(layer: WeightNorm, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """g v / |v|, the length taken over all axes but `dim`."""
    name = layer.name_
    v = weights[f"{name}_v"]
    over = None if layer.dim is None else tuple(axis for axis in range(v.ndim) if axis != layer.dim % v.ndim)
    made = v * (weights[f"{name}_g"] / np.sqrt((v * v).sum(over, keepdims=layer.dim is not None)))
    return _inner(layer, {**weights, name: made}, x)


@kernel("SpectralNorm")
def spectral_norm(layer: SpectralNorm, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """The weight over u W v, as the buffers were left by training; in training they take a step first."""
    name = layer.name_
    weight = weights[f"{name}_orig"]
    axes = [layer.dim, *[axis for axis in range(weight.ndim) if axis != layer.dim]]
    matrix = weight.transpose(axes).reshape(weight.shape[layer.dim], -1)
    u, v = weights[f"{name}_u"], weights[f"{name}_v"]
    if layer.training:
        u, v = iterated(matrix, u, layer.n_power_iterations)
        weights.update({f"{name}_u": u, f"{name}_v": v})
    largest = u @ (matrix @ v)
    return _inner(layer, {**weights, name: weight / largest}, x)
