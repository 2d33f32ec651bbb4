"""Bounds that layers share. Every bound, with what it protects and how it is raised, stands in docs/bounds.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.core.problem import Fault

# A size that is written: what fits into a machine's word (PyTorch writes "to the end" as 2^63 - 1).
SIZE_BITS = 64
WIDEST = (1 << SIZE_BITS) - 1
# The elements of an array that follows: some 120 digits, still readable.
ELEMENT_BITS = 400
MOST_AXES = 64  # as of a shape that is written
# Inner layers of one layer, and its outputs: each has a line of its own somewhere.
MOST_PARTS = 10_000


def size(value: int) -> int:
    """The size, unless it is larger than any machine's."""
    if value.bit_length() > SIZE_BITS:
        raise Fault(
            "size-too-large",
            f"a number of {digits(value):,} digits is too large for a size",
            help="18 digits always fit",
        )
    return value


def count(number: object, most: int, option: str) -> None:
    """Refuse more parts than can be listed; a free number passes."""
    number = getattr(number, "value", number)
    if isinstance(number, int) and number > most:
        said = f"{number:,}" if number.bit_length() <= SIZE_BITS else "very many"
        raise Fault("too-many-parts", f"{said} are more parts than one layer may have, {most:,}", option=option)


def elements(shape: Sequence[object], layer: Any) -> None:
    """Refuse an array whose number of elements could not be read any more; free sizes pass."""
    if len(shape) > MOST_AXES + 1:
        raise Fault("array-too-large", f"{layer.type()} would make an array of more than {MOST_AXES} axes")
    total = 1
    for size in shape:
        size = getattr(size, "value", size)
        if type(size) is int:
            total *= size
            if total.bit_length() > ELEMENT_BITS:
                raise Fault(
                    "array-too-large",
                    f"{layer.type()} would make an array whose number of elements has more than "
                    f"{int(ELEMENT_BITS * 0.30103)} digits",
                )


def digits(value: int) -> int:
    """How many digits a number has; about, where it is too large to be written."""
    bits = value.bit_length()
    return len(str(abs(value))) if bits < 10_000 else int(bits * 0.30103) + 1
