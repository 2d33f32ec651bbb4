"""The names of axes, and where the channels stand: first in PyTorch's layers, last in Keras', or as a spec says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from cnncalc.core.window import AXIS_NAMES

Part = TypeVar("Part")  # a size, or its name

# What a layer does to its input, and the input itself, by the number of spatial axes.
OVER = {1: "along", 2: "over", 3: "through"}
INPUT = {1: "a sequence", 2: "an image", 3: "a volume"}
LARGER = {1: "longer", 2: "larger", 3: "larger"}


def has_channels(axes: str, convention: str = "pytorch") -> bool:
    """Whether an axis string stands for channels followed by space, as in "N C H W", or with Keras "N H W C"."""
    names = axes.split(" | ")[-1].split()
    if convention == "keras":
        return len(names) > 2 and names[-1][0] in "CF" and names[-2][0] in "WL" and "U" not in names
    return len(names) > 2 and names[1].startswith("C") and names[2][0] in "DHL"


def to_shown_order(shape: Sequence[Part], convention: str) -> tuple[Part, ...]:
    """A sample's shape in the order that is shown where it is not the layers'."""
    return (shape[-1], *shape[:-1]) if convention == "keras" else (*shape[1:], shape[0])


def to_layer_order(shape: Sequence[Part], convention: str) -> tuple[Part, ...]:
    """A sample's shape as it was written, in the order that the layers have."""
    return (*shape[1:], shape[0]) if convention == "keras" else (shape[-1], *shape[:-1])


def other_order(layout: str, shape: Sequence[Part]) -> tuple[str, Sequence[Part]]:
    """The other order of axes than the one that shapes are shown in, and a shape of three axes or more in it."""
    if layout == "channels_last":
        return "channels_first", (shape[-1], *shape[:-1]) if len(shape) > 2 else shape
    return "channels_last", (*shape[1:], shape[0]) if len(shape) > 2 else shape


def with_space(form: str, axes: int) -> str:
    """The names of axes with those of the spatial ones, `{space}` of the input and `{space_out}` of the output."""
    names = ("L",) if axes == 1 else ("D", "H", "W")[-axes:]
    return form.replace("{space}", " ".join(names)).replace("{space_out}", " ".join(f"{name}_out" for name in names))


def sentence(doc: str | None, axes: int, channels_last: bool) -> str | None:
    """A family's docstring for one of its types: `{image}` is its input, `{kind}` that without its axes."""
    if doc is None:
        return None
    space = ", ".join(AXIS_NAMES[axes])
    shape = f"[{space}, channels]" if channels_last else f"[channels, {space}]"
    for word, text in (
        ("{image}", f"{{kind}} {shape}"),
        ("{kind}", INPUT[axes]),
        ("{over}", OVER[axes]),
        ("{larger}", LARGER[axes]),
        ("{axes}", str(axes)),
    ):
        doc = doc.replace(word, text)
    return doc
