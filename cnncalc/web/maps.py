"""Executed values as small grey maps: what a reader can see of an array."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution
    from cnncalc.execute.kernel import Array

MOST_BYTES = 150_000  # of all maps together
SIDE = 28
CHANNELS = 8


def maps(execution: Execution, names: list[str]) -> dict[str, object]:
    """For each layer a few channels of its output, as bytes from its least to its largest number."""
    import numpy as np

    each = MOST_BYTES // max(1, len(names))
    found: dict[str, object] = {}
    for name in names:
        try:
            array = np.asarray(execution[name])[0]
        except (KeyError, IndexError):
            continue
        if array.ndim == 0 or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            continue
        planes = _planes(array)
        side = SIDE
        while side > 4 and _shape(planes[0], side)[0] * _shape(planes[0], side)[1] > each:
            side //= 2
        high, wide = _shape(planes[0], side)
        count = max(1, min(CHANNELS, len(planes), each // max(1, high * wide)))
        low, top = float(array.min()), float(array.max())
        scale = 255 / (top - low) if top > low else 0.0
        small = [_shrunk(plane, high, wide) for plane in planes[:count]]
        data = b"".join(((plane - low) * scale).astype(np.uint8).tobytes() for plane in small)
        found[name] = {
            "shape": [count, high, wide],
            "of": len(planes),
            "range": [f"{low:.4g}", f"{top:.4g}"],
            "data": base64.b64encode(data).decode("ascii"),
        }
    return found


def _planes(array: Array) -> list[Array]:
    """The array as matrices: channels of a map, a sequence as one, a vector as one line."""
    if array.ndim == 1:
        return [array[None, :]]
    if array.ndim == 2:
        return [array]
    return list(array.reshape(-1, *array.shape[-2:])[:CHANNELS])


def _shape(plane: Array, side: int) -> tuple[int, int]:
    return min(plane.shape[0], side), min(plane.shape[1], side * side if plane.shape[0] == 1 else side)


def _shrunk(plane: Array, high: int, wide: int) -> Array:
    """The plane at fewer places: means of blocks would hide what is small, so every so many numbers one is taken."""
    import numpy as np

    rows = np.linspace(0, plane.shape[0] - 1, high).astype(int)
    columns = np.linspace(0, plane.shape[1] - 1, wide).astype(int)
    found: Array = plane[rows][:, columns]
    return found
