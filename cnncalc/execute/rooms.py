"""Memory that is used again: the machine takes long to give new memory, longer than to fill it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod
from threading import get_ident
from typing import Any

import numpy as np

from cnncalc.execute.kernel import Array

# Bytes of a room that a thread keeps from one layer to the next, and from how many on an array of a layer is large.
KEPT, LARGE = 1 << 23, 1 << 24
# After so many layers memory that nobody holds is given back.
IDLE = 12


class House:
    """Rooms by thread and name, and large memory that arrays of layers lie in, for one thread."""

    __slots__ = ("large", "layer", "named", "thread")

    def __init__(self) -> None:
        self.thread = get_ident()
        self.named: dict[tuple[int, str], Array] = {}
        # each with the layer that took it last
        self.large: list[tuple[Array, int]] = []
        self.layer = 0


_house: ContextVar[House | None] = ContextVar("house", default=None)


def house() -> House | None:
    """Where memory is kept here."""
    return _house.get()


@contextmanager
def kept(inside: House | None = None) -> Iterator[None]:
    """Keep memory as long as this lasts."""
    token = _house.set(inside or House())
    try:
        yield
    finally:
        _house.reset(token)


def room(name: str, shape: tuple[int, ...], dtype: Any) -> Array:
    """An array to work in until this thread asks for the same name again; its numbers are not set."""
    here, size = _house.get(), prod(shape) * np.dtype(dtype).itemsize
    if here is None or size > KEPT:
        return np.empty(shape, dtype)
    key = (get_ident(), name)
    held = here.named.get(key)
    if held is None or held.size < size:
        held = here.named[key] = np.empty(size, np.uint8)
    return _laid(held, shape, dtype)


def again(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array for a layer to give, in the memory of an earlier one where nobody holds that any more."""
    here, size = _house.get(), prod(shape) * np.dtype(dtype).itemsize
    if here is None or size < LARGE or here.thread != get_ident():
        return np.empty(shape, dtype)
    for at, (held, _) in enumerate(here.large):
        if _holders(held) == UNHELD and size <= held.size <= size + size // 4:
            here.large[at] = held, here.layer
            return _laid(held, shape, dtype)
    held = np.empty(size, np.uint8)
    here.large.append((held, here.layer))
    return _laid(held, shape, dtype)


def tidy() -> None:
    """After a layer: give back the memory that nobody holds or took of late."""
    here = _house.get()
    if here is None:
        return
    here.layer += 1
    old = [at for at, (held, used) in enumerate(here.large) if _holders(held) == UNHELD and here.layer - used > IDLE]
    for at in reversed(old):
        del here.large[at]


# Every array that lies in some memory refers to it: how many things do is known of what nobody else holds.
_holders: Callable[[Any], int] = getattr(sys, "getrefcount", lambda held: 0)


def _unheld() -> int:
    here = [(np.empty(1), 0)]
    for held, _ in here:
        return _holders(held)
    return 0


UNHELD = _unheld() or -1


def _laid(held: Array, shape: tuple[int, ...], dtype: Any) -> Array:
    """The beginning of some memory as an array."""
    found: Array = held[: prod(shape) * np.dtype(dtype).itemsize].view(dtype)
    return found.reshape(shape)
