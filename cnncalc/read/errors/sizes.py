"""Sizes in messages: `[64, 3, 32, 32]`, `torch.Size([10, 512])`, `(None, 28, 28)`, `32x9216`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isqrt, prod


def numbers(text: str) -> list[int | None]:
    """The sizes of a shape in a message; None stands for None."""
    return [None if word in ("None", "?") else int(word) for word in re.findall(r"None|\?|\d{1,12}", text) if word]


def listed(sizes: list[int | None]) -> str:
    """`[64, 3, 32, 32]`."""
    return "[" + ", ".join("N" if size is None else str(size) for size in sizes) + "]"


def flattening(number: int, channels: Mapping[int, str]) -> list[str]:
    """How a number of features may be a feature map's; `channels` says which layers of a network give how many."""
    for count, name in channels.items():
        side = isqrt(number // count)
        if side > 1 and count * side * side == number:
            return [
                f"{number} may be {count}·{side}·{side}, a feature map that was flattened: {name} gives {count} channels."
            ]
    made = factors(number)
    return [f"{number} may be {made}, a feature map that was flattened."] if made else []


def factors(number: int) -> str:
    """How a flattened size is likely made of channels and a square, `64·12·12`; empty where it is not."""
    best = ""
    if number < 36:
        return best
    for side in range(2, 129):
        channels, rest = divmod(number, side * side)
        if rest == 0 and channels in (1, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 50, 64, 96, 128, 192, 256, 384, 512):
            best = f"{channels}·{side}·{side}"
            if channels & (channels - 1) == 0:
                return best
    return best


__all__ = ["factors", "flattening", "listed", "numbers", "prod"]
