"""Arrays in files."""

from __future__ import annotations

import math
import os
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from cnncalc.core.atomic_write import atomic_write, may_save
from cnncalc.core.problem import Fault
from cnncalc.read.yaml.text_file import waits

Array: TypeAlias = npt.NDArray[Any]

# Of an .npz file: arrays, and bytes once they are unpacked.
MOST_ARRAYS = 100_000
MOST_BYTES = 4 << 30
PIECE = 1 << 20


def load_npz(path: str) -> dict[str, Array]:
    """The arrays of an .npz file by name; nothing but plain arrays is read. Raises `Fault`.

    What the file says about its sizes is checked before anything is unpacked: a small file may stand for terabytes.
    """
    if not path.endswith(".npz"):
        raise Fault("values-file", f'"{path}" is no .npz file', help="numpy.savez writes one")
    try:
        if waits(path):
            raise Fault("values-file", f'"{path}" is a pipe, not a file')
        with zipfile.ZipFile(path) as pack:
            names = pack.infolist()
            _bounded(path, names)
            found = {info.filename.removesuffix(".npy"): _array(path, pack, info) for info in names}
    except FileNotFoundError:
        raise Fault("values-file", f'there is no file "{path}"') from None
    except OSError as error:
        raise Fault("values-file", f'"{path}" cannot be read: {error.strerror or error}') from None
    except (ValueError, zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise Fault("values-file", f'"{path}" cannot be read: {error}') from None
    return found


def _bounded(path: str, names: list[zipfile.ZipInfo]) -> None:
    """Refuse files that hold more than is kept in memory."""
    if len(names) > MOST_ARRAYS:
        raise Fault("values-too-large", f'"{path}" has {len(names):,} arrays, more than {MOST_ARRAYS:,}')
    if sum(info.compress_size for info in names) > os.path.getsize(path):  # the same bytes stand for several arrays
        raise Fault("values-file", f'"{path}" cannot be read: its arrays are in each other')
    total = sum(info.file_size for info in names)
    if total > MOST_BYTES:
        raise Fault(
            "values-too-large",
            f'"{path}" holds {total:,} bytes once it is unpacked, more than {MOST_BYTES:,}',
            help="leave out the arrays that are not needed",
        )


def _array(path: str, pack: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    """One array, whose header must say what the file has."""
    name = info.filename.removesuffix(".npy")
    with pack.open(info) as part:
        version = np.lib.format.read_magic(part)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        try:
            shape, fortran, dtype = read(part)
        except Exception as error:  # it is Python's notation, and read by Python's tokenizer
            raise ValueError(f"the header of {name} is broken") from error
        if dtype.kind not in "fiub" or dtype.hasobject:
            raise Fault("values-file", f'"{name}" in "{path}" holds no numbers but {dtype}')
        held, said = info.file_size - part.tell(), math.prod(shape) * dtype.itemsize
        if held != said:
            raise Fault("values-file", f'"{name}" in "{path}" says it has {said:,} bytes of numbers, and has {held:,}')
        data = bytearray(said)
        at = 0
        while at < said and (piece := part.read(PIECE)):  # never the whole array twice
            data[at : at + len(piece)] = piece
            at += len(piece)
    if at != said:
        raise Fault("values-file", f'"{name}" in "{path}" is cut off')
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def save_npz(path: str, arrays: Mapping[str, Array], inputs: Iterable[str] = ()) -> None:
    """Write arrays to an .npz file, whole or not at all, and never over one of the `inputs`. Raises `Fault`."""
    may_save_npz(path, inputs)
    with atomic_write(path, inputs) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as pack:
        for name, array in arrays.items():
            with pack.open(f"{name}.npy", "w", force_zip64=True) as part:
                np.lib.format.write_array(part, np.asanyarray(array), allow_pickle=False)


def may_save_npz(path: str, inputs: Iterable[str] = ()) -> None:
    """Refuse a file that is no .npz, and what no file may be. Raises `Fault`."""
    if not path.endswith(".npz"):
        raise Fault("cannot-save", f'"{path}" is no .npz file', help="for example --save out.npz")
    may_save(path, inputs)
