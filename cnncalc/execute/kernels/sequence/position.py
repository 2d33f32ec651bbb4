"""Where a token stands: positional embeddings, rotations, distances, patches and class tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.kernels.linear import affine
from cnncalc.execute.kernels.sequence.masks import causal, forbidden

if TYPE_CHECKING:
    from cnncalc.layers.position import (
        ALiBi,
        CausalMask,
        ClassToken,
        PatchEmbedding,
        PositionalEmbedding,
        RotaryEmbedding,
    )


@kernel("PositionalEmbedding")
def positional_embedding(layer: PositionalEmbedding, weights: Weights, x: Array) -> Array:
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
def rotary_embedding(layer: RotaryEmbedding, weights: Weights, x: Array) -> Array:
    """Pairs of features of each head rotated by the position's angle (Su et al. 2021)."""
    size = layer.dim or x.shape[-1]
    apart = x.reshape(*x.shape[:-1], x.shape[-1] // size, size).swapaxes(-2, -3)
    return rotated(layer, apart).swapaxes(-2, -3).reshape(x.shape)


def rotated(layer: RotaryEmbedding, x: Array) -> Array:
    """[..., length, features of one head], the first of them rotated as a `RotaryEmbedding` says."""
    size = int(layer.turning(x.shape[-1]))
    angles = np.arange(x.shape[-2])[:, None] * _speeds(layer, size, int(layer.part(x.shape[-1])))
    sin, cos = np.sin(angles).astype(x.dtype), np.cos(angles).astype(x.dtype)
    if layer.interleaved:
        pairs = x[..., :size].reshape(*x.shape[:-1], size // 2, 2)
        even, odd = pairs[..., 0], pairs[..., 1]
        turned = np.stack([even * cos - odd * sin, odd * cos + even * sin], -1).reshape(*x.shape[:-1], size)
    else:
        first, second = x[..., : size // 2], x[..., size // 2 : size]
        turned = np.concatenate([first * cos - second * sin, second * cos + first * sin], -1)
    return turned if size == x.shape[-1] else np.concatenate([turned, x[..., size:]], -1)


def _speeds(layer: RotaryEmbedding, size: int, part: int) -> Array:
    """How far each pair turns from one position to the next: base ** (-2 i / part), slower for longer texts."""
    speeds = 1 / float(layer.base) ** (2 * np.arange(size // 2) / max(part, 1))
    if layer.original_length is None:
        return speeds / layer.factor
    waves = layer.original_length * speeds / (2 * np.pi)
    low, high = layer.low_freq_factor, layer.high_freq_factor
    kept = np.clip((waves - low) / (high - low), 0, 1)
    return speeds * (kept + (1 - kept) / layer.factor)


@kernel("ALiBi")
def alibi(layer: ALiBi, weights: Weights, x: Array) -> Array:
    """Scores minus the distance times the head's slope: 2 ** (-8 / h), its square, ... (Press et al. 2021)."""
    return x + distances(*x.shape[1:]).astype(x.dtype)  # type: ignore[no-any-return]


def distances(count: int, length: int, memory: int) -> Array:
    """Minus the distance of each pair of positions times the slope of each head, [heads, length, memory]."""
    whole = 1 << (count.bit_length() - 1)
    slopes = [2 ** (-8 * (at + 1) / whole) for at in range(whole)]
    # Where the heads are no power of two, the rest come from the sequence of twice as many, every second one.
    slopes += [2 ** (-4 * (at + 1) / whole) for at in range(0, 2 * (count - whole), 2)]
    apart = np.abs(np.arange(memory) - np.arange(length)[:, None])
    return -np.array(slopes)[:, None, None] * apart  # type: ignore[no-any-return]


@kernel("CausalMask")
def causal_mask(layer: CausalMask, weights: Weights, x: Array) -> Array:
    """Scores [..., L, S] with minus infinity above the diagonal."""
    return x + forbidden(causal(*x.shape[-2:]), x.dtype)


@kernel("PatchEmbedding")
def patch_embedding(layer: PatchEmbedding, weights: Weights, x: Array) -> Array:
    """Patches as rows, one matrix product."""
    weight = weights["weight"]
    n, channels, height, width = x.shape
    tall, wide = weight.shape[2:]
    apart = x.reshape(n, channels, height // tall, tall, width // wide, wide).transpose(0, 2, 4, 1, 3, 5)
    rows = apart.reshape(n, (height // tall) * (width // wide), channels * tall * wide)
    return affine(rows, weight.reshape(len(weight), -1), weights.get("bias"))


@kernel("ClassToken")
def class_token(layer: ClassToken, weights: Weights, x: Array) -> Array:
    """Trained vectors in front of the sequence."""
    token = weights["class_token"]
    return np.concatenate([np.broadcast_to(token, (len(x), *token.shape[1:])).astype(x.dtype, copy=False), x], 1)
