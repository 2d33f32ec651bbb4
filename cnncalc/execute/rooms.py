"""Memory that is used again: the machine takes long to give new memory, longer than to fill it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod
from sys import getrefcount
from threading import get_ident
from typing import Any

import numpy as np

from cnncalc.execute.kernel import Array

# Bytes of a room that a thread keeps from one layer to the next.
KEPT = 1 << 24


class House:
    """Rooms by thread and name, and large memory that arrays of layers lie in."""

    __slots__ = ("large", "named")

    def __init__(self) -> None:
        self.named: dict[tuple[int, str], Array] = {}
        self.large: list[Array] = []


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
    if here is None or size <= KEPT:
        return np.empty(shape, dtype)
    for held in here.large:
        # Every array that lies in it refers to it; here do the list, the loop and the call.
        if size <= held.size <= 2 * size and getrefcount(held) == 3:
            return _laid(held, shape, dtype)
    here.large = [held for held in here.large if getrefcount(held) > 3]
    held = np.empty(size, np.uint8)
    here.large.append(held)
    return _laid(held, shape, dtype)


def _laid(held: Array, shape: tuple[int, ...], dtype: Any) -> Array:
    """The beginning of some memory as an array."""
    found: Array = held[: prod(shape) * np.dtype(dtype).itemsize].view(dtype)
    return found.reshape(shape)
