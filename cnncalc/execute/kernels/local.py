"""Windows with filters of their own: one product for every tap of the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.core.window import pads
from cnncalc.execute.engine.windows import counts, pad, tap
from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.layers.local import LocallyConnected

LETTERS = {1: "l", 2: "hw"}


@kernel("LocallyConnected1d", "LocallyConnected2d")
def locally_connected(layer: LocallyConnected, weights: Weights, x: Array) -> Array:
    """Filters [C_out, *positions, C_in, *K] meet [N, C_in, *space], each at its position."""
    weight, axes = weights["weight"], layer.axes
    x = pad(x, pads(layer, x.shape[2:]))
    count = counts(x.shape[2:], layer.kernel_size, layer.stride, layer.dilation)
    places = LETTERS[axes]
    out: Any = 0.0
    for position in np.ndindex(*layer.kernel_size):
        taken = x
        for axis, at in enumerate(position):
            taken = tap(taken, 2 + axis, at * layer.dilation[axis], layer.stride[axis], count[axis])
        own = weight[(..., *position)]
        out = out + np.einsum(f"nc{places},o{places}c->no{places}", taken, own)
    return out + weights["bias"] if "bias" in weights else out  # type: ignore[no-any-return]
