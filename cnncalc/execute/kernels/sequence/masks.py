"""Masks of attention: where a position may not read, and the numbers that are added there."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from cnncalc.execute.kernel import Array


def forbidden(where: Array, dtype: DTypeLike) -> Array:
    """The mask that is -infinity where something must not be read."""
    return np.where(where, -np.inf, 0).astype(dtype)


def causal(length: int, memory: int, window: int | None = None, both: bool = False) -> Array:
    """True where a position may not read: later ones, or with a window those too far back (or, both ways, away)."""
    ahead = np.arange(memory) - np.arange(length)[:, None]
    if both:
        return np.abs(ahead) >= window  # type: ignore[no-any-return]
    return ahead > 0 if window is None else (ahead > 0) | (ahead <= -window)
