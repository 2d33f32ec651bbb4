"""Layers with several inputs, and what makes one number of an axis. Samples broadcast, aligned at their last axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute.engine import buffers
from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.layers.arithmetic import Divide, Elementwise, MatMul, Outer, Parameter, Scale, Subtract
    from cnncalc.layers.einsum import Einsum
    from cnncalc.layers.merge import Concat, Stack
    from cnncalc.layers.reduce import CosineSimilarity, PairwiseDistance, Reduce


def aligned(*arrays: Array) -> list[Array]:
    """The arrays with axes of 1 behind the batch axis, so that NumPy's broadcasting is that of the samples."""
    rank = max(array.ndim for array in arrays)
    return [array.reshape(array.shape[:1] + (1,) * (rank - array.ndim) + array.shape[1:]) for array in arrays]


def _operands(layer: Any, xs: tuple[Array, ...]) -> list[Array]:
    given = list(xs)
    if layer.value is not None:
        value = np.asarray(layer.value, given[0].dtype if given[0].dtype.kind == "f" else np.float64)[None]
        given.insert(0 if getattr(layer, "value_first", False) else len(given), value)
    return aligned(*given)


@kernel("Add", "Average", over=True)
def add(layer: Elementwise, weights: Weights, *xs: Array) -> Array:
    """The sum, or the mean, number by number."""
    given = _operands(layer, xs)
    alike = len({(x.shape, x.dtype) for x in xs}) == 1 and type(given[0]) is np.ndarray
    total = np.add(given[0], given[1], out=buffers.reuse_input(xs[0]) if alike and len(xs) == len(given) else None)
    for x in given[2:]:
        total = total + x
    return total / len(given) if layer.type() == "Average" else total


@kernel("Subtract")
def subtract(layer: Subtract, weights: Weights, *xs: Array) -> Array:
    """The first minus the second."""
    a, b = _operands(layer, xs)
    return a - b


@kernel("Multiply", "Maximum", "Minimum")
def combine(layer: Elementwise, weights: Weights, *xs: Array) -> Array:
    """The product, the larger or the smaller, number by number."""
    function = {"Multiply": np.multiply, "Maximum": np.maximum, "Minimum": np.minimum}[layer.type()]
    given = _operands(layer, xs)
    result = given[0]
    for x in given[1:]:
        result = function(result, x)
    return result


@kernel("Divide")
def divide(layer: Divide, weights: Weights, *xs: Array) -> Array:
    """The first divided by the second; division by zero gives infinity or NaN, as in PyTorch."""
    a, b = _operands(layer, xs)
    with np.errstate(all="ignore"):
        return a / b


@kernel("Scale")
def scale(layer: Scale, weights: Weights, x: Array) -> Array:
    """The input times one number."""
    return x * (layer.factor if x.dtype.kind != "f" else x.dtype.type(layer.factor))  # type: ignore[no-any-return]


@kernel("Parameter")
def parameter(layer: Parameter, weights: Weights) -> Array:
    """The parameter itself, for a batch of one: the runner repeats it for each sample."""
    return weights["weight"][None]


@kernel("MatMul")
def matmul(layer: MatMul, weights: Weights, a: Array, b: Array) -> Array:
    """The matrix product of each pair of samples; a vector is a row on the left and a column on the right."""
    row, column = a.ndim == 2, b.ndim == 2
    left, right = aligned(a[:, None] if row else a, b[:, :, None] if column else b)
    product = left @ right
    if column:
        product = product[..., 0]
    if row:
        product = product[..., 0, :] if not column else product[..., 0]
    return product


@kernel("Einsum")
def einsum(layer: Einsum, weights: Weights, *xs: Array) -> Array:
    """The sum of products of an equation; a term that has no letter for the batch is about one sample."""
    return np.einsum(layer.batched([x.ndim for x in xs]), *xs, optimize=True)  # type: ignore[no-any-return]


@kernel("Outer")
def outer(layer: Outer, weights: Weights, a: Array, b: Array) -> Array:
    """Every number of the first vector times every number of the second."""
    return a[:, :, None] * b[:, None, :]


@kernel("Concat")
def concat(layer: Concat, weights: Weights, *xs: Array) -> Array:
    """One behind the other along an axis."""
    return np.concatenate(xs, layer.dim)


@kernel("Stack")
def stack(layer: Stack, weights: Weights, *xs: Array) -> Array:
    """Side by side on a new axis."""
    return np.stack(xs, layer.dim)


@kernel("Mean", "Sum", "Max", "Min")
def reduce(layer: Reduce, weights: Weights, x: Array) -> Array:
    """One number of all that stand along the axes; of the whole sample where none are named."""
    axes = layer.over(x.ndim)
    method = {"Mean": np.mean, "Sum": np.sum, "Max": np.max, "Min": np.min}[layer.type()]
    return method(x, axis=axes, keepdims=layer.keepdim)  # type: ignore[operator,no-any-return]


@kernel("CosineSimilarity")
def cosine_similarity(layer: CosineSimilarity, weights: Weights, a: Array, b: Array) -> Array:
    """The cosine between two inputs along an axis."""
    a, b = np.broadcast_arrays(*aligned(a, b))
    first, second = (np.maximum(np.sqrt(np.square(x).sum(layer.dim)), layer.eps) for x in (a, b))
    return (a * b).sum(layer.dim) / (first * second)  # type: ignore[no-any-return]


@kernel("PairwiseDistance")
def pairwise_distance(layer: PairwiseDistance, weights: Weights, a: Array, b: Array) -> Array:
    """The norm of the difference along the last axis."""
    a, b = aligned(a, b)
    apart = np.abs(a - b + layer.eps)
    return np.power(np.power(apart, layer.p).sum(-1, keepdims=layer.keepdim), 1 / layer.p)  # type: ignore[no-any-return]
