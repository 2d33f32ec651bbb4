"""An operator of an ONNX file, with ONNX' own NumPy implementation of it: one sample after the other.

The arrays of a network have the batch axis in front; in the file it may stand elsewhere, or nowhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.read.onnx.arrays import array_of, compute


@kernel("onnx.Node")
def node(layer: Any, weights: Weights, *xs: Array) -> Array | dict[str, Array]:
    """All outputs of the node: the first as "output", the others by their names."""
    step = layer.step

    def get(name: str) -> Array:
        return weights[name] if name in weights else step.stored(name)

    constants = {at: _typed(array_of(value, get), value.dtype) for at, value in step.fixed.items()}
    count = len(xs[0]) if xs else 1
    made: list[list[Array]] = []
    for sample in range(count):
        flows = iter(xs)
        feeds = [
            constants.get(at) if value is None or at in constants else _turned(next(flows)[sample], value)
            for at, value in enumerate(step.ins)
        ]
        found = compute(step.node, feeds, step.versions) if step.node is not None else [constants[0]]
        made.append([_front(array, batch) for array, batch in zip(found, step.batches, strict=True) if batch != "none"])
    joined = [np.concatenate(parts) for parts in zip(*made, strict=True)]
    return joined[0] if len(joined) == 1 else dict(zip(step.names, joined, strict=True))


def _turned(sample: Array, value: Any) -> Array:
    """One sample as the file has it: with its batch axis of 1 where it stands there."""
    array = sample if value.batch is None else np.expand_dims(sample, value.batch)
    return _typed(array, value.dtype)


def _typed(array: object, dtype: int) -> Array:
    """Whole numbers and truth values as such; floats stay as precise as they are computed with."""
    import onnx

    found: Array = np.asarray(array)
    if dtype in (1, 10, 11, 16) or dtype > 13:
        return found
    return found.astype(onnx.helper.tensor_dtype_to_np_dtype(dtype), copy=False)


def _front(array: Array, batch: int | None) -> Array:
    found: Array = np.asarray(array)
    return found[None] if batch is None else np.moveaxis(found, batch, 0)
