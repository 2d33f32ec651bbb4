"""Layers that carry a state along a sequence; one loop runs over steps.

Plain array code without writing in place, so that it can be differentiated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.layers.scan import LinearAttention, SelectiveScan


@kernel("SelectiveScan")
def selective_scan(layer: SelectiveScan, weights: Weights, x: Array, dt: Array, b: Array, c: Array) -> Array:
    """The state [batch, features, state] is multiplied by exp(d A), and d B x comes on top."""
    batch, length, size = x.shape
    heads = layer.num_heads or size
    if layer.dt_bias:
        dt = dt + weights["dt_bias"]
    step = np.logaddexp(np.zeros_like(dt), dt)
    a = -np.exp(weights["A_log"])
    decay = step[..., None] * (a[:, None] if layer.num_heads else a)  # [batch, length, heads, state or 1]
    each = size // heads
    values = np.reshape(x, (batch, length, heads, each))
    b, c = _grouped(b, layer, heads), _grouped(c, layer, heads)
    state: Array | float = 0.0
    read = []
    for t in range(length):
        put = (step[:, t, :, None] * values[:, t])[..., None] * b[:, t, :, None]
        state = np.exp(decay[:, t])[:, :, None] * state + put
        read.append(np.sum(state * c[:, t, :, None], axis=-1))
    made = np.stack(read, axis=1) + weights["D"][:, None] * values
    return np.reshape(made, x.shape)


def _grouped(x: Array, layer: SelectiveScan, heads: int) -> Array:
    """B or C for each head: [batch, length, heads or 1, state]."""
    batch, length, size = x.shape
    groups = layer.groups
    apart = np.reshape(x, (batch, length, groups, size // groups))
    return apart if groups == 1 else apart[:, :, np.arange(heads) // (heads // groups)]


@kernel("LinearAttention")
def linear_attention(layer: LinearAttention, weights: Weights, query: Array, key: Array, value: Array) -> Array:
    """The state of each head is the sum of the outer products of keys and values so far."""
    batch, length, size = query.shape
    heads = layer.num_heads
    q, k = (np.reshape(x, (batch, length, heads, size // heads)) for x in (query, key))
    v = np.reshape(value, (batch, length, heads, value.shape[2] // heads))
    keep: Array | float = 1 / (1 + np.exp(-weights["decay"]))[:, None, None] if layer.decay else 1.0
    state: Array | float = 0.0
    read = []
    for t in range(length):
        state = keep * state + k[:, t, :, :, None] * v[:, t, :, None, :]
        read.append(np.sum(q[:, t, :, :, None] * state, axis=2))
    return np.reshape(np.stack(read, axis=1), value.shape)


@kernel("WKV")
def wkv(layer: Layer, weights: Weights, key: Array, value: Array) -> Array:
    """A mean of the values so far; the largest exponent is taken out of every sum."""
    decay, first = np.exp(weights["time_decay"]), weights["time_first"]
    top: Array | None = None
    over: Array | float = 0.0
    under: Array | float = 0.0
    made = []
    for t in range(key.shape[1]):
        k, v = key[:, t], value[:, t]
        now = first + k
        most = now if top is None else np.maximum(top, now)
        old: Array | float = 0.0 if top is None else np.exp(top - most)
        new = np.exp(now - most)
        made.append((old * over + new * v) / (old * under + new))
        after = k if top is None else np.maximum(top - decay, k)
        kept: Array | float = 0.0 if top is None else np.exp(top - decay - after)
        over, under, top = kept * over + np.exp(k - after) * v, kept * under + np.exp(k - after), after
    return np.stack(made, axis=1)
