"""Gradients of padding: the inside keeps its gradient, and copies at the border add theirs to what they copied."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnncalc.execute.engine import windows as forward
from cnncalc.execute.gradient import autodiff
from cnncalc.execute.gradient.custom_gradient import unwrapped
from cnncalc.execute.kernel import Array

_pad = unwrapped(forward.pad)


def pad(x: Array, pads: Sequence[tuple[int, int]], mode: str = "zeros", value: float = 0.0) -> Array:
    """The padded array; it lies in memory of its own, since it may be needed in the backward pass."""
    a = autodiff.value(x)
    return autodiff.new_node(_pad(a, pads, mode, value), (x, lambda g: pad_back(g, a.shape, pads, mode)))


def pad_back(g: Array, shape: tuple[int, ...], pads: Sequence[tuple[int, int]], mode: str) -> Array:
    """The gradient of an array from that of the padded one."""
    if all(before == 0 and after == 0 for before, after in pads):
        return g
    if mode not in forward.MODES:
        return _pad(g, [(-before, -after) for before, after in pads])  # type: ignore[no-any-return]
    first = len(shape) - len(pads)
    for at, sides in enumerate(pads, first):  # one axis after the other: which number each place was copied from
        size = shape[at]
        source = _pad(np.arange(size)[None], [sides], mode)[0]
        total = np.zeros((*g.shape[:at], size, *g.shape[at + 1 :]), g.dtype)
        np.add.at(total, (slice(None),) * at + (source,), g)
        g = total
    return g
