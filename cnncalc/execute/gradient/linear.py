"""Gradients of embedding tables: each row gets the sum over its uses, as PyTorch trains it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.gradient.autodiff import SparseGrad, new_node, value
from cnncalc.execute.gradient.custom_gradient import unwrapped
from cnncalc.execute.kernel import Array, Weights
from cnncalc.execute.kernels import linear as forward

if TYPE_CHECKING:
    from cnncalc.layers.embedding import Embedding, EmbeddingBag


def embedding(layer: Embedding, weights: Weights, x: Array) -> Array:
    """The row of padding_idx is not trained; with scale_grad_by_freq a row's gradient is shared by its uses.

    A row that max_norm has shortened is trained as if it had been stored so.
    """
    table, places = value(weights["weight"]), value(x)

    def pull(g: Array) -> SparseGrad:
        rows = g.reshape(-1, table.shape[1])
        flat = places.reshape(-1)
        return SparseGrad(table.shape, flat, _shares(layer, table, flat)[:, None] * rows, True)

    return new_node(unwrapped(forward.embedding)(layer, {"weight": table}, places), (weights["weight"], pull))


def _shares(layer: Embedding | EmbeddingBag, table: Array, flat: Array) -> Array:
    """What part of its gradient each use of a row hands on."""
    share = np.ones(len(flat), table.dtype)
    if getattr(layer, "scale_grad_by_freq", False):
        share /= np.bincount(flat, minlength=len(table))[flat]
    if layer.padding_idx is not None:
        share[flat == layer.padding_idx % len(table)] = 0
    return share


def embedding_bag(layer: EmbeddingBag, weights: Weights, x: Array, factors: Array | None = None) -> Array:
    """Every row of a bag gets the bag's gradient, by its share; of a maximum, the first that it came from."""
    table, places = value(weights["weight"]), value(x)
    given = None if factors is None else value(factors)
    made = unwrapped(forward.embedding_bag)(layer, {"weight": table}, places, given)
    part = places != (-1 if layer.padding_idx is None else layer.padding_idx % len(table))
    bags = part[:, None]
    if layer.offsets is not None:
        edges = [*layer.offsets] if layer.include_last_offset else [*layer.offsets, places.shape[1]]
        at = np.arange(places.shape[1])
        bags = bags & np.array([(start <= at) & (at < end) for start, end in itertools.pairwise(edges)])
    share = bags.astype(table.dtype)
    if layer.mode == "mean":
        share = share / np.maximum(bags.sum(-1, keepdims=True), 1)
    weighted = share if given is None else share * given[:, None]

    def to_table(g: Array) -> SparseGrad:
        g = g[:, None] if layer.offsets is None else g
        if layer.mode == "max":
            seen = np.where(bags[..., None], table[places][:, None], -np.inf)
            first = np.eye(places.shape[1], dtype=bool)[seen.argmax(2)].swapaxes(2, 3)  # [N, bags, positions, features]
            rows = (first * bags[..., None] * g[:, :, None]).sum(1)
        else:
            rows = weighted.swapaxes(1, 2) @ g
        flat = places.reshape(-1)
        if getattr(layer, "scale_grad_by_freq", False):
            rows = rows / np.bincount(flat, minlength=len(table))[places][..., None]
        return SparseGrad(table.shape, flat, rows.reshape(-1, table.shape[1]), True)

    def to_factors(g: Array) -> Array:
        g = g[:, None] if layer.offsets is None else g
        return (share.swapaxes(1, 2) @ g * table[places]).sum(-1)  # type: ignore[no-any-return]

    return new_node(made, (weights["weight"], to_table), (factors, to_factors))
