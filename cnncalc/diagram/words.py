"""The words on boxes: shapes, counts, titles; the same in every format."""

from __future__ import annotations

import re

from cnncalc.core.number import Number, Shape
from cnncalc.diagram.model import Box, Group
from cnncalc.render.text import formula, safe

UNNAMED = re.compile(r"(sequential|residual|parallel)_\d+")


def short(name: str, prefix: str) -> str:
    """A name inside a frame, without the groups that nobody named; a number alone gets the word before it."""
    words = name.split(".")
    at = prefix.count(".") if prefix and name.startswith(prefix) else 0
    kept: list[str] = []
    for index in range(at, len(words) - 1):
        branch = words[index].isdigit() and (index == at > 0 or (index and words[index - 1].startswith("parallel_")))
        if not branch and not UNNAMED.fullmatch(words[index]):
            kept.append(words[index])
    kept.append(words[-1])
    if kept[0].isdigit() and at:
        kept.insert(0, words[at - 1])
    return ".".join(kept)


def shape_text(shape: Shape) -> str:
    """`8x24x24`; with free sizes `[n, d]`; `one number` for a shape without axes."""
    if not shape:
        return "one number"
    if all(type(size) is int for size in shape):
        return "x".join(map(str, shape))
    return "[" + ", ".join(formula(size) for size in shape) + "]"


def params_text(params: Number) -> str:
    """`9,690 params`; a formula as people write it."""
    if type(params) is not int:
        return f"{formula(params)} params"
    return f"{params:,} param" if params == 1 else f"{params:,} params"


def counted(params: Number, copies: int) -> str:
    """The parameters of something that stands there `copies` times."""
    return f"{copies} × {params_text(params)}" if copies > 1 else params_text(params)


def title(box: Box) -> str:
    """The box's label with the number of copies."""
    return f"{box.label} × {box.copies}" if box.copies > 1 else box.label


def told_by_name(box: Box, label: str | None = None) -> bool:
    """Whether the label, or that part of it, says the type already: `conv2d_1`, `relu`."""
    return re.sub(r"_\d+$", "", box.label if label is None else label).replace("_", "").lower() == box.type.lower()


def lines(box: Box, params: bool = True) -> list[str]:
    """The lines on a box: what it is, how it is made, what comes out."""
    found = [title(box)]
    if box.before:
        found.append(f"after {', '.join(box.before)}")
    if box.detail and box.detail.lower() != box.label.lower():
        found.append(box.detail)
    if box.after:
        found.append(f"then {', '.join(box.after)}")
    parts = [] if box.shape is None else [shape_text(box.shape)]
    if params and box.params is not None:
        parts.append(counted(box.params, box.copies))
    if parts:
        found.append(", ".join(parts))
    return [safe(line) for line in found]


def one_line(box: Box, params: bool = True) -> str:
    """`conv1: Conv2d -> 8x24x24 (608 params)`."""
    text = title(box)
    if box.kind == "block":
        text += f": {box.detail}"
    elif box.type and box.kind == "layer" and not told_by_name(box):
        text += f": {box.type}"
    if box.shape is not None:
        text += f"{':' if box.kind == 'input' else ' ->'} {shape_text(box.shape)}"
    if params and box.params is not None:
        text += f" ({counted(box.params, box.copies)})"
    return safe(text)


def heading(group: Group, params: bool = True) -> str:
    """`layer1 × 2 (2 × 73,984 params)`."""
    text = group.title
    if params and group.params is not None:
        text += f" ({counted(group.params, group.copies)})"
    return safe(text)
