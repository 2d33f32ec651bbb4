"""Layers that multiply the last axis by a matrix, and tables that whole numbers point into."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.engine import threads
from cnncalc.execute.gradient.custom_gradient import custom_vjp
from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.layers.embedding import Embedding, EmbeddingBag
    from cnncalc.layers.linear import Bilinear, Identity, Linear


def affine(x: Array, matrix: Array, bias: Array | None = None) -> Array:
    """x matrix^T + bias along the last axis, as one matrix product however many axes x has."""
    rows = x.reshape(-1, x.shape[-1]) if x.shape[-1] else np.zeros((x[..., :1].size or _rows(x), 0), x.dtype)
    if type(rows) is np.ndarray and type(matrix) is np.ndarray:
        out = threads.parallel_matmul(rows, matrix.T, shift=bias)
    else:
        out = rows @ matrix.T
        if bias is not None:
            out += bias
    return out.reshape(*x.shape[:-1], matrix.shape[0])


def _rows(x: Array) -> int:
    return int(np.prod(x.shape[:-1]))


@kernel("Linear", "LazyLinear")
def linear(layer: Linear, weights: Weights, x: Array) -> Array:
    """Every row [F_in] becomes a row [F_out]."""
    return affine(x, weights["weight"], weights.get("bias"))


@kernel("Bilinear")
def bilinear(layer: Bilinear, weights: Weights, a: Array, b: Array) -> Array:
    """Output feature o is a W_o b."""
    weight = weights["weight"]
    features, first, second = weight.shape
    left = affine(a, weight.transpose(0, 2, 1).reshape(features * second, first))
    out = (left.reshape(*a.shape[:-1], features, second) @ b[..., None])[..., 0]
    return out + weights["bias"] if "bias" in weights else out


@kernel("Identity")
def identity(layer: Identity, weights: Weights, x: Array) -> Array:
    """The input."""
    return x


@kernel("Embedding")
@custom_vjp
def embedding(layer: Embedding, weights: Weights, x: Array) -> Array:
    """The row of the table for every whole number."""
    return _shortened(layer, weights["weight"])[x]


@kernel("EmbeddingBag")
@custom_vjp
def embedding_bag(layer: EmbeddingBag, weights: Weights, x: Array, factors: Array | None = None) -> Array:
    """The mean, sum or maximum of the rows of every bag; rows of padding_idx take no part, an empty bag gives zeros."""
    table = _shortened(layer, weights["weight"])
    rows = table[x]
    part: Array = x != (-1 if layer.padding_idx is None else layer.padding_idx % len(table))
    bags: Array = part[:, None]
    if layer.offsets is not None:
        edges = [*layer.offsets] if layer.include_last_offset else [*layer.offsets, x.shape[1]]
        at = np.arange(x.shape[1])
        bags = np.logical_and(bags, [(start <= at) & (at < end) for start, end in itertools.pairwise(edges)])
    if layer.mode == "max":
        some = np.asarray(bags.any(-1))[..., None]
        best = np.max(np.where(bags[..., None], rows[:, None], -np.inf), 2, initial=-np.inf)
        out = np.where(some, best, 0).astype(table.dtype)
    else:
        share = bags.astype(table.dtype)
        out = (share if factors is None else share * factors[:, None]) @ rows
        if layer.mode == "mean":
            out = out / np.maximum(share.sum(-1), 1)[..., None]
    return out[:, 0] if layer.offsets is None else out


def _shortened(layer: Embedding | EmbeddingBag, table: Array) -> Array:
    """The table with rows longer than max_norm brought to it."""
    limit = layer.max_norm
    if limit is None:
        return table
    lengths = (np.abs(table) ** layer.norm_type).sum(1) ** (1 / layer.norm_type)
    factor = np.where(lengths > limit, limit / (lengths + 1e-7), 1)
    return table * factor[:, None].astype(table.dtype)  # type: ignore[no-any-return]
