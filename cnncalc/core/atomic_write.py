"""Files that are written whole or not at all, and never over what was read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from cnncalc.core.problem import Fault


def may_save(path: str, inputs: Iterable[str] = ()) -> None:
    """Refuse what is no name of a file, is in no folder, or is one of the `inputs`. Raises `Fault` "cannot-save"."""
    if not path or os.path.isdir(path):
        raise Fault("cannot-save", f'"{path}" is a folder' if path else "the name of the file is empty")
    if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise Fault("cannot-save", f'there is no folder "{os.path.dirname(path)}"')
    if os.path.exists(path) and not os.path.isfile(path):
        raise Fault("cannot-save", f'"{path}" is no file')
    for other in inputs:
        if os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other):
            raise Fault("cannot-save", f'"{path}" is an input and is not overwritten', help="save under another name")


@contextmanager
def atomic_write(path: str, inputs: Iterable[str] = ()) -> Iterator[IO[bytes]]:
    """What to write the file's bytes into; it takes its place when all of them are there. Raises `Fault`."""
    import tempfile

    may_save(path, inputs)
    path = os.path.realpath(path)  # where a link points
    made = ""
    try:
        handle, made = tempfile.mkstemp(prefix=".", dir=os.path.dirname(path))
        with os.fdopen(handle, "wb") as out:
            yield out
        os.chmod(made, _mode(path))
        os.replace(made, path)
        made = ""
    except OSError as error:
        raise Fault("cannot-save", f'"{path}" cannot be written: {error.strerror or error}') from None
    finally:
        if made:
            os.unlink(made)


def _mode(path: str) -> int:
    """Who may read and write the file: as before, or as every new file."""
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def save_text(path: str, text: str, inputs: Iterable[str] = ()) -> None:
    """Write a text in UTF-8. Raises `Fault`."""
    with atomic_write(path, inputs) as out:
        out.write(text.encode("utf-8"))
