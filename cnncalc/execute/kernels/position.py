"""Where a token stands: positional embeddings, rotations, distances, patches and class tokens."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.kernels.attention import causal, forbidden
from cnncalc.execute.kernels.linear import affine


@kernel("PositionalEmbedding")
def positional_embedding(layer: Any, weights: Weights, x: Array) -> Array:
    """The input plus a vector for each position: the first rows of the table, or sines and cosines."""
    if "weight" in weights:
        return x + weights["weight"][: x.shape[1]]
    angles = _angles(x.shape[1], x.shape[2], 10000.0)
    vectors = np.stack([np.sin(angles), np.cos(angles)], -1).reshape(x.shape[1], -1)[:, : x.shape[2]]
    return x + vectors.astype(x.dtype)  # type: ignore[no-any-return]


def _angles(length: int, features: int, base: float) -> Array:
    """position / base ** (2 i / features), for each position and pair i."""
    pairs = np.arange((features + 1) // 2)
    return np.arange(length)[:, None] / base ** (2 * pairs / max(features, 1))


@kernel("RotaryEmbedding")
def rotary_embedding(layer: Any, weights: Weights, x: Array) -> Array:
    """Neighbouring features 2 i and 2 i + 1 of each head turned by the position's angle (Su et al. 2021)."""
    size = layer.dim or x.shape[-1]
    angles = _angles(x.shape[-2], size, layer.base)
    sin, cos = (part.astype(x.dtype)[:, None] for part in (np.sin(angles), np.cos(angles)))
    pairs = x.reshape(*x.shape[:-1], x.shape[-1] // size, size // 2, 2)
    even, odd = pairs[..., 0], pairs[..., 1]
    return np.stack([even * cos - odd * sin, odd * cos + even * sin], -1).reshape(x.shape)


@kernel("ALiBi")
def alibi(layer: Any, weights: Weights, x: Array) -> Array:
    """Scores minus the distance times the head's slope: 2 ** (-8 / h), its square, ... (Press et al. 2021)."""
    count = x.shape[1]
    whole = 1 << (count.bit_length() - 1)
    slopes = [2 ** (-8 * (at + 1) / whole) for at in range(whole)]
    # Where the heads are no power of two, the rest come from the sequence of twice as many, every second one.
    slopes += [2 ** (-4 * (at + 1) / whole) for at in range(0, 2 * (count - whole), 2)]
    apart = np.abs(np.arange(x.shape[3]) - np.arange(x.shape[2])[:, None])
    return x - (np.array(slopes)[:, None, None] * apart).astype(x.dtype)  # type: ignore[no-any-return]


@kernel("CausalMask")
def causal_mask(layer: Any, weights: Weights, x: Array) -> Array:
    """Scores [..., L, S] with minus infinity above the diagonal."""
    return x + forbidden(causal(*x.shape[-2:]), x.dtype)


@kernel("PatchEmbedding")
def patch_embedding(layer: Any, weights: Weights, x: Array) -> Array:
    """Patches as rows, one matrix product."""
    weight = weights["weight"]
    n, channels, height, width = x.shape
    tall, wide = weight.shape[2:]
    apart = x.reshape(n, channels, height // tall, tall, width // wide, wide).transpose(0, 2, 4, 1, 3, 5)
    rows = apart.reshape(n, (height // tall) * (width // wide), channels * tall * wide)
    return affine(rows, weight.reshape(len(weight), -1), weights.get("bias"))


@kernel("ClassToken")
def class_token(layer: Any, weights: Weights, x: Array) -> Array:
    """Trained vectors in front of the sequence."""
    token = weights["class_token"]
    return np.concatenate([np.broadcast_to(token, (len(x), *token.shape[1:])).astype(x.dtype, copy=False), x], 1)
