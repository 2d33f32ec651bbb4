"""Arrays in files."""

from __future__ import annotations

import zipfile

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
