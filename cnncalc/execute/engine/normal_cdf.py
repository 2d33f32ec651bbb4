"""The distribution function of the normal distribution, which NumPy does not have."""

from __future__ import annotations

from functools import lru_cache
from math import cos, erf, erfc, exp, pi, sqrt

import numpy as np

from cnncalc.execute.kernel import Array

# Points of the table for each unit, and where it ends: beyond it the function is 0 or 1 to all digits of a double.
STEP, EDGE = 128, 9
# Numbers worked on at once, so that what is in between stays in cache.
CHUNK = 1 << 14


@lru_cache(maxsize=2)
def _table(dtype: str) -> tuple[Array, Array]:
    """The function and the density at the points -EDGE, -EDGE + 1 / STEP, ..., EDGE."""
    points = [n / STEP for n in range(-EDGE * STEP, EDGE * STEP + 1)]
    values = [0.5 * (1 + erf(x / sqrt(2))) for x in points]
    density = [exp(-x * x / 2) / sqrt(2 * pi) for x in points]
    return np.array(values, dtype), np.array(density, dtype)


@lru_cache(maxsize=1)
def _tail() -> list[float]:
    """Q(z) exp(z^2 / 2) for Q(z) = P(Z > z) as a polynomial of 1 / (1 + z / 3), highest power first."""
    z = [EDGE * (1 - cos(pi * (n + 0.5) / 200)) / 2 for n in range(200)]
    wanted = [erfc(x / sqrt(2)) / 2 * exp(x * x / 2) for x in z]
    weight = np.exp(-np.square(z) / 4)  # where the tail is small, so may be the digits
    powers = np.vander([1 / (1 + x / 3) for x in z], 8)
    return [*np.linalg.lstsq(powers * weight[:, None], wanted * weight, rcond=None)[0]]


def tail(z: Array) -> Array:
    """P(Z > z) for float32 numbers from 0 to 40, to single precision; a new array."""
    t = z * np.float32(1 / 3)
    t += 1
    np.divide(1, t, out=t)
    first, *rest = _tail()
    out = t * np.float32(first)
    for factor in rest[:-1]:
        out += np.float32(factor)
        out *= t
    out += np.float32(rest[-1])
    np.multiply(z, z, out=t)
    t *= np.float32(-0.5)
    out *= np.exp(t, out=t)
    return out


def distribution(x: Array) -> Array:
    """P(Z <= x) for each number, to 1e-16: the nearest point of a table, and Taylor's series from there."""
    flat = np.ascontiguousarray(x).reshape(-1)
    out = np.empty_like(flat)
    for start in range(0, flat.size, CHUNK):
        out[start : start + CHUNK] = _near(flat[start : start + CHUNK])
    return out.reshape(x.shape)


def _near(x: Array) -> Array:
    values, density = _table(x.dtype.name)
    x = np.clip(x, -EDGE, EDGE)
    index = np.rint(x * STEP)
    point = index / STEP
    d = x - point
    place = np.nan_to_num(index, copy=True).astype(np.intp)  # what is no number stays none through `d`
    place += EDGE * STEP
    if x.dtype == np.float32:
        series = 1 - d * point / 2
    else:
        square = point * point
        # The derivatives of the density are Hermite polynomials of the point times the density.
        series = (square - 6) * square + 3
        series = (3 - square) * point / 24 + d * series / 120
        series = (square - 1) / 6 + d * series
        series = 1 + d * (d * series - point / 2)
    series *= d
    series *= density[place]
    series += values[place]
    return series  # type: ignore[no-any-return]
