"""PyTorch's recorded float64 arrays: weights, inputs, outputs and gradients of the calls of `torch_cases.jsonl.gz`.

`torch_arrays.npz.xz` is one NumPy archive: all floats in a row, all whole numbers in a row, and an index
{case: {name: [kind, start, shape]}}. Names are `input_0`, `param:weight`, `buffer:running_mean`, `call:attn_mask`,
`indices`, `output_0`, and for gradients `gradout`, `gradin_0`, `grad:weight`.
"""

from __future__ import annotations

import io
import json
import lzma
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

PACKED = Path(__file__).parent / "data" / "torch_arrays.npz.xz"

Arrays = dict[str, Any]


def pack(cases: dict[str, Arrays]) -> bytes:
    """The archive of these arrays."""
    rows: dict[str, list[Any]] = {"f": [], "i": [], "b": []}
    ends = dict.fromkeys(rows, 0)
    index: dict[str, dict[str, Any]] = {}
    for case, arrays in cases.items():
        for name, array in arrays.items():
            kind = array.dtype.kind
            index.setdefault(case, {})[name] = [kind, ends[kind], list(array.shape)]
            rows[kind].append(array.ravel())
            ends[kind] += array.size
    written = io.BytesIO()
    whole = {kind: np.concatenate(parts) for kind, parts in rows.items()}
    np.savez(written, index=np.frombuffer(json.dumps(index).encode(), np.uint8), **whole)
    return lzma.compress(written.getvalue())


@lru_cache(maxsize=1)
def recorded() -> dict[str, Arrays]:
    """The arrays of every case, by its id."""
    held = np.load(io.BytesIO(lzma.decompress(PACKED.read_bytes())))
    rows = {kind: held[kind] for kind in "fib"}
    index = json.loads(held["index"].tobytes())
    return {
        case: {
            name: rows[kind][start : start + prod(shape)].reshape(shape) for name, (kind, start, shape) in entry.items()
        }
        for case, entry in index.items()
    }
