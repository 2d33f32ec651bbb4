"""Seeded numbers for what nobody gave: weights at PyTorch's scale, and inputs. What changes nothing is not drawn.

Each array depends on the seed, its layer's name and its own name alone, so adding a layer leaves the others' numbers as
they were. Everything is drawn in single precision and widened: float32 and float64 runs compute with the same numbers.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import Any
from zlib import crc32

import numpy as np

from cnncalc.core.rules import is_bias
from cnncalc.execute.kernel import Array

# Numbers drawn and scaled at once, so that they stay in cache.
CHUNK = 1 << 16
# Running statistics, and what norms train, with the number that changes nothing.
STATISTICS = {"running_mean": 0.0, "moving_mean": 0.0, "running_var": 1.0, "moving_variance": 1.0}
TRAINED = {"weight": 1.0, "gamma": 1.0, "scale": 1.0, "bias": 0.0, "beta": 0.0}


def generator(seed: int, layer: str, name: str) -> np.random.Generator:
    """The source of numbers for one array."""
    words = [seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, crc32(layer.encode()), crc32(name.encode())]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(words)))


def uniform(shape: tuple[int, ...], low: float, high: float, dtype: str, source: np.random.Generator) -> Array:
    """Numbers between `low` and `high`."""
    out = np.empty(prod(shape), dtype)
    single = out.dtype == np.float32
    room = np.empty(0 if single else min(CHUNK, out.size), np.float32)
    for start in range(0, out.size, CHUNK):
        part = out[start : start + CHUNK] if single else room[: min(CHUNK, out.size - start)]
        source.random(out=part, dtype=np.float32)
        part *= high - low
        part += low
        if not single:
            out[start : start + part.size] = part
    return out.reshape(shape)


def weight(
    layer: Any, layer_name: str, name: str, shape: tuple[int, ...], around: float, seed: int, dtype: str
) -> Array:
    """One parameter array or buffer; `around` is the bound of the matrix that a bias belongs to."""
    last = name.rsplit(".", 1)[-1]
    source = generator(seed, layer_name, name)
    low, high = layer.drawn or (-around, around)
    drawn = uniform(shape, low, high, dtype, source)
    padding = getattr(layer, "padding_idx", None)
    if padding is not None and last == "weight":
        drawn[padding] = 0
    return drawn


def neutral(layer: Any, name: str, given: bool) -> float | None:
    """What stands for an array that nobody gave and that need not be drawn: as in PyTorch before training.

    Running statistics and what norms train are neutral always, biases where another array of the layer is `given`.
    """
    kind, last = layer.type(), name.rsplit(".", 1)[-1]
    if last in STATISTICS:
        return STATISTICS[last]
    if last == "num_batches_tracked" or (kind == "Normalization" and last == "mean"):
        return 0.0
    if kind == "Normalization":
        return 1.0
    if last in TRAINED and (layer.neutral or "norm" in name.rpartition(".")[0]):
        return TRAINED[last]
    return 0.0 if given and (is_bias(name) or last == "b") else None


def bound(layer: Any, name: str, shape: tuple[int, ...], before: float) -> float:
    """How far from 0 a weight is drawn: 1 / sqrt(numbers that one output adds up); a bias is as wide as its matrix."""
    hidden = getattr(layer, "hidden_size", None)
    if type(hidden) is int and hidden > 0:
        return 1 / sqrt(hidden)
    if len(shape) < 2 or (is_bias(name) and layer.summed(shape) is not None):
        return before
    own = layer.summed(shape)
    if own is not None:
        return 1 / sqrt(max(own, 1))
    last = name.rsplit(".", 1)[-1]
    kernel = "kernel" in last  # Keras has the outputs last
    added = shape[0] if last.startswith("W_") else prod(shape[:-1] if kernel else shape[1:])
    return 1 / sqrt(max(added, 1))


def inputs(name: str, shape: tuple[int, ...], limit: int | None, seed: int, dtype: str) -> Array:
    """A batch of inputs: whole numbers below `limit` where there is one, else normally distributed numbers."""
    source = generator(seed, "", name)
    if limit is not None:
        return source.integers(0, max(limit, 1), shape, dtype=np.int64)
    return source.standard_normal(shape, dtype=np.float32).astype(dtype)
