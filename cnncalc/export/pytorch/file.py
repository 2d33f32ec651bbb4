"""The target "pytorch": code, and the given weights as a `state_dict` beside it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from cnncalc.export.targets import Product, Request

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array
    from cnncalc.network.report import Report
    from cnncalc.spec.model import Spec


def write(report: Report, spec: Spec | None, request: Request) -> Product:
    """The code; with arrays also what `torch.save(model.state_dict())` would write."""
    from cnncalc.export.pytorch.writer import export

    made = export(report, spec, request.network)
    if request.arrays is None:
        return Product(made.text)
    import numpy as np

    arrays = {}
    for name, end in made.parameters.items():
        if name in request.arrays:
            array = np.asarray(request.arrays[name])
            array = made.turns[name](array) if name in made.turns else array
            arrays[end] = array.astype(np.int64 if end.endswith("num_batches_tracked") else request.dtype)
    remark = 'model.load_state_dict(torch.load("{file}.pt")) puts the weights in'
    return Product(made.text, state_dict(arrays), ".pt", (remark,))


STORAGES = {"float32": "FloatStorage", "float64": "DoubleStorage", "int64": "LongStorage"}


def state_dict(arrays: Mapping[str, Array]) -> bytes:
    """The file's bytes, names in their order."""
    import numpy as np

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as pack:
        pack.writestr("archive/data.pkl", _table(arrays))
        pack.writestr("archive/byteorder", "little")
        for number, array in enumerate(arrays.values()):
            data = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
            pack.writestr(f"archive/data/{number}", data.tobytes())
        pack.writestr("archive/version", "3\n")
    return out.getvalue()


def _table(arrays: Mapping[str, Array]) -> bytes:
    """Which array is where: a dict of names and tensors."""
    parts = [b"\x80\x02}("]
    for number, (name, array) in enumerate(arrays.items()):
        strides = [1]
        for size in reversed(array.shape[1:]):
            strides.insert(0, strides[0] * size)
        parts += [
            _text(name), b"ctorch._utils\n_rebuild_tensor_v2\n((",
            _text("storage"), f"ctorch\n{STORAGES[str(array.dtype)]}\n".encode(), _text(str(number)), _text("cpu"),
            _whole(array.size), b"tQ", _whole(0), _tuple(array.shape), _tuple(strides[: array.ndim]),
            b"\x89ccollections\nOrderedDict\n)RtR",
        ]  # fmt: skip
    return b"".join([*parts, b"u."])


def _text(text: str) -> bytes:
    data = text.encode("utf-8")
    return b"X" + struct.pack("<I", len(data)) + data


def _whole(number: int) -> bytes:
    if number < 1 << 31:
        return b"J" + struct.pack("<i", number)
    return b"\x8a\x08" + struct.pack("<q", number)


def _tuple(numbers: Iterable[int]) -> bytes:
    return b"(" + b"".join(_whole(number) for number in numbers) + b"t"
