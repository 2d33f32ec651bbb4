"""Categories: places as vectors of zeros and a one, and the place of the largest number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.layers.onehot import ArgMax, OneHot


@kernel("OneHot")
def one_hot(layer: OneHot, weights: Weights, x: Array) -> Array:
    """1 at the category's place, 0 elsewhere."""
    return np.asarray(x[..., None] == np.arange(layer.num_classes)).astype(np.float64)


@kernel("ArgMax")
def arg_max(layer: ArgMax, weights: Weights, x: Array) -> Array:
    """Where the largest number along an axis stands; the first of them at a tie."""
    return np.asarray(np.argmax(x, layer.dim, keepdims=layer.keepdim))
