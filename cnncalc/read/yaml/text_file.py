"""A file's text, or why it cannot be read; YAML itself is not needed for it."""

from __future__ import annotations

import os
import stat
from typing import Any

from cnncalc.core.problem import Problem, Source, Span, did_you_mean, fail
from cnncalc.read.yaml.protect_calls import clean

LARGEST_FILE = 64 * 1024 * 1024


def read_text(path: str) -> Source:
    """The text of a file. What cannot be read raises a SpecError that says why."""
    try:
        if waits(path):
            fail("file-unreadable", f'"{path}" is a pipe', help=f"read it as standard input: - < {path}")
        with open(path, "rb", opener=_at_once) as file:
            data = _all(file)
    except FileNotFoundError:
        fail("file-not-found", f'there is no file "{path}"', help=_near(path))
    except IsADirectoryError:
        fail("file-unreadable", f'"{path}" is a folder', help="name a file in it")
    except (OSError, ValueError) as error:
        # Python's versions say differently that no file can be called that.
        reason = getattr(error, "strerror", None) or "no name has a null character in it"
        fail("file-unreadable", f'"{path}" cannot be read: {reason}')
    return decode(data, path)


def within(folder: str, name: str) -> str | None:
    """The path of a file that a spec names, in its folder or below; None where it leads out, links included."""
    home = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(home, name))
    return path if path.startswith(home.rstrip(os.sep) + os.sep) else None


def outside(name: str, source: Source, span: Span) -> Problem:
    """The problem of a file that is not within."""
    message = f'"{name}" is not in the spec\'s own folder'
    return Problem("outside-folder", message, source=source, span=span, help="put the file beside the spec")


def waits(path: str) -> bool:
    """Whether it is a named pipe, which waits for somebody to write; the shell's own, as `<(command)`, are written to.

    Raises OSError where there is nothing.
    """
    return stat.S_ISFIFO(os.stat(path).st_mode) and not path.startswith(("/dev/", "/proc/"))


def _at_once(path: str, flags: int) -> int:
    """Open a file that is not waited for where it has nothing yet, unless somebody writes at its other end."""
    handle = os.open(path, flags | (0 if stat.S_ISFIFO(os.stat(path).st_mode) else getattr(os, "O_NONBLOCK", 0)))
    if os.isatty(handle):
        os.set_blocking(handle, True)
    return handle


def _all(file: Any) -> bytes:
    """What a file holds, or more than may be; /proc/kmsg is a file and has no end, which is refused."""
    data: bytes | None = file.read(LARGEST_FILE + 1)
    ended = file.isatty() or (data is not None and len(data) > LARGEST_FILE)
    if data is None or not (ended or file.raw.read(1) is not None):
        fail("file-unreadable", f'"{file.name}" has no end, and is not waited for', help="name a file")
    return data


def decode(data: bytes, name: str) -> Source:
    """The text of some bytes (a file, standard input): UTF-8, with or without a byte order mark."""
    if len(data) > LARGEST_FILE:
        fail("file-too-large", f'"{name}" has more than {LARGEST_FILE >> 20} MB, the most a spec may have')
    for mark, encoding in (
        (b"\xff\xfe\x00\x00", "UTF-32"),
        (b"\x00\x00\xfe\xff", "UTF-32"),
        (b"\xff\xfe", "UTF-16"),
        (b"\xfe\xff", "UTF-16"),
    ):
        if data.startswith(mark):
            message = f'"{name}" is {encoding} text, and a spec is UTF-8'
            fail("file-encoding", message, help="save it as UTF-8; in PowerShell: ... | Out-File -Encoding utf8 FILE")
    if b"\x00" in data[:4096]:
        if data[1:2] == data[3:4] == b"\x00" or data[0:1] == data[2:3] == b"\x00":
            fail("file-encoding", f'"{name}" is UTF-16 text, and a spec is UTF-8', help="save it as UTF-8")
        fail("file-encoding", f'"{name}" is no text file', help="a spec is YAML text")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f'"{name}" is not UTF-8: line {line} has the byte 0x{data[error.start]:02X}'
        fail("file-encoding", message, help="save it as UTF-8")
    return Source(name, clean(text))


def _near(path: str) -> tuple[str, ...]:
    """The file of that folder whose name is nearest."""
    folder, name = os.path.split(path)
    if os.path.islink(path):
        return (f"it is a link to {os.readlink(path)}",)
    try:
        names: Any = [entry for entry in os.listdir(folder or ".") if entry.endswith((".yaml", ".yml"))]
    except (OSError, ValueError):
        return (f'there is no folder "{folder}" either',) if folder else ()
    near = did_you_mean(name, names)
    if near:
        return (f"did you mean {os.path.join(folder, near)}?",)
    from cnncalc.bundled import nearest

    known = nearest(os.path.splitext(name)[0])
    return (f"did you mean the bundled network {known}?",) if known else ()
