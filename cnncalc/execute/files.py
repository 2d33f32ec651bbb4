"""Arrays in files."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping

import numpy as np

from cnncalc.execute.kernel import Array
from cnncalc.problem import Fault


def load_npz(path: str) -> dict[str, Array]:
    """The arrays of an .npz file by name; nothing but plain arrays is read. Raises `Fault`."""
    if not path.endswith(".npz"):
        raise Fault("values-file", f'"{path}" is no .npz file', help="numpy.savez writes one")
    try:
        with np.load(path, allow_pickle=False) as held:
            found = {name: held[name] for name in held.files}
    except FileNotFoundError:
        raise Fault("values-file", f'there is no file "{path}"') from None
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise Fault("values-file", f'"{path}" cannot be read: {error}') from None
    for name, array in found.items():
        if array.dtype.kind not in "fiub":
            raise Fault("values-file", f'"{name}" in "{path}" holds no numbers but {array.dtype}')
    return found


def save_npz(path: str, arrays: Mapping[str, Array], inputs: Iterable[str] = ()) -> None:
    """Write arrays to an .npz file, whole or not at all, and never over one of the `inputs`. Raises `Fault`."""
    may_save(path, inputs)
    folder = os.path.dirname(os.path.abspath(path))
    made = ""
    try:
        handle, made = tempfile.mkstemp(prefix=".", suffix=".npz", dir=folder)
        with os.fdopen(handle, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as pack:
            for name, array in arrays.items():
                with pack.open(f"{name}.npy", "w", force_zip64=True) as part:
                    np.lib.format.write_array(part, np.asanyarray(array), allow_pickle=False)
        os.chmod(made, 0o666 & ~_mask())
        os.replace(made, path)
        made = ""
    except OSError as error:
        raise Fault("cannot-save", f'"{path}" cannot be written: {error.strerror or error}') from None
    finally:
        if made:
            os.unlink(made)


def may_save(path: str, inputs: Iterable[str] = ()) -> None:
    """Refuse a file that is no .npz, that is read from, or that is a folder. Raises `Fault`."""
    if not path.endswith(".npz"):
        raise Fault("cannot-save", f'"{path}" is no .npz file', help="for example --save out.npz")
    if os.path.isdir(path):
        raise Fault("cannot-save", f'"{path}" is a folder')
    if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise Fault("cannot-save", f'there is no folder "{os.path.dirname(path)}"')
    for other in inputs:
        if os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other):
            raise Fault("cannot-save", f'"{path}" is an input and is not overwritten', help="save under another name")


def _mask() -> int:
    """The permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
