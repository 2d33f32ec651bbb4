"""`-o FILE`: what a command writes, in a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from cnncalc.cli.declared import Option
from cnncalc.cli.output import write, write_utf8
from cnncalc.core.atomic_write import save_text

if TYPE_CHECKING:
    from cnncalc.spec.model import Spec

Output = Annotated[
    str | None,
    Option("--output", "-o", metavar="FILE", help="Write to a file instead of standard output."),
]


def put(text: str, path: str | None, inputs: Iterable[str] = ()) -> None:
    """Write a text to a file, which is none of the `inputs`, or to standard output without one. Raises `Fault`."""
    if path is None:
        write_utf8()
        write(text)
    else:
        save_text(path, text, inputs)


def read_by(spec: Spec) -> list[str]:
    """The further files that a spec reads: its base, and the arrays under `values`."""
    names = [spec.base[0]] if spec.base is not None else []
    values = spec.values
    if values is not None and values.kind == "scalar" and values.data:
        names.append(str(values.data))
    return [os.path.join(spec.folder or os.getcwd(), name) for name in names]
