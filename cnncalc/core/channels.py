"""Where the channels stand: first in PyTorch's layers, last in Keras', and the other way round where a spec says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Part = TypeVar("Part")  # a size, or its name


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
