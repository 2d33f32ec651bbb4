"""Weights that are made of others before their layer takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncalc.execute import kernel as registry
from cnncalc.execute.kernel import Array, Weights, kernel


def _inner(layer: Any, weights: Weights, x: Array) -> Array | dict[str, Array]:
    return registry.find(layer.layer.kernel_name())(layer.layer, weights, x)


@kernel("WeightNorm")
def weight_norm(layer: Any, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """g v / |v|, the length taken over all axes but `dim`."""
    name = layer.name_
    v = weights[f"{name}_v"]
    over = None if layer.dim is None else tuple(axis for axis in range(v.ndim) if axis != layer.dim % v.ndim)
    made = v * (weights[f"{name}_g"] / np.sqrt((v * v).sum(over, keepdims=layer.dim is not None)))
    return _inner(layer, {**weights, name: made}, x)


@kernel("SpectralNorm")
def spectral_norm(layer: Any, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """The weight over u W v, as the buffers were left by training."""
    name = layer.name_
    weight = weights[f"{name}_orig"]
    axes = [layer.dim, *[axis for axis in range(weight.ndim) if axis != layer.dim]]
    matrix = weight.transpose(axes).reshape(weight.shape[layer.dim], -1)
    largest = weights[f"{name}_u"] @ (matrix @ weights[f"{name}_v"])
    return _inner(layer, {**weights, name: weight / largest}, x)
