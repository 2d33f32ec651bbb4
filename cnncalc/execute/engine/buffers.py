"""Buffers that are reused: the operating system takes longer to hand out new memory than it takes to fill it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod
from threading import get_ident

import numpy as np
from numpy.typing import DTypeLike

from cnncalc.execute.kernel import Array

# Bytes of scratch memory that a thread keeps between layers, and from how many on an array of a layer is large.
KEPT, LARGE = 1 << 23, 1 << 24
# Scratch arrays that are kept from one run to the next, at most.
ROOMS = 32
# After so many layers memory that nobody holds is given back.
IDLE = 12


class BufferPool:
    """Scratch arrays by thread and name, and large memory that arrays of layers lie in, for one thread."""

    __slots__ = ("large", "layer", "named", "spent", "thread")

    def __init__(self) -> None:
        self.thread = get_ident()
        self.named: dict[tuple[int, str], Array] = {}
        # each with the layer that took it last
        self.large: list[tuple[Array, int]] = []
        self.layer = 0
        # the inputs of the present layer that nothing else will read
        self.spent: tuple[int, ...] = ()


_current: ContextVar[BufferPool | None] = ContextVar("pool", default=None)
# What the last one worked in, for the next: memory that was used before is there at once.
_idle: list[dict[tuple[int, str], Array]] = []


def current_pool() -> BufferPool | None:
    """Where memory is kept here."""
    return _current.get()


@contextmanager
def pooled(inside: BufferPool | None = None) -> Iterator[None]:
    """Keep memory as long as this lasts; scratch arrays, which are few and small, for the next run too."""
    here = inside or BufferPool()
    if inside is None and _idle:
        here.named = _idle.pop()
    token = _current.set(here)
    try:
        yield
    finally:
        _current.reset(token)
        if inside is None and not _idle and len(here.named) <= ROOMS:
            _idle.append(here.named)


def scratch(name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """An array to work in until this thread asks for the same name again; its numbers are not set."""
    here, size = _current.get(), prod(shape) * np.dtype(dtype).itemsize
    if here is None or size > KEPT:
        return np.empty(shape, dtype)
    key = (get_ident(), name)
    held = here.named.get(key)
    if held is None or held.size < size:
        held = here.named[key] = np.empty(size, np.uint8)
    return _laid(held, shape, dtype)


def empty_reused(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """An array for a layer to give, in the memory of an earlier one where nobody holds that any more."""
    here, size = _current.get(), prod(shape) * np.dtype(dtype).itemsize
    if here is None or size < LARGE or here.thread != get_ident():
        return np.empty(shape, dtype)
    for at, (held, _) in enumerate(here.large):
        if _holders(held) == UNHELD and size <= held.size <= size + size // 4:
            here.large[at] = held, here.layer
            return _laid(held, shape, dtype)
    held = np.empty(size, np.uint8)
    here.large.append((held, here.layer))
    return _laid(held, shape, dtype)


def donate(arrays: list[Array]) -> None:
    """The inputs of the layer that comes: those that nothing but this list holds may be written over."""
    here = _current.get()
    if here is not None:
        here.spent = tuple(id(x) for x in arrays if _holders(x) == UNHELD and _free(here, x))


def _free(here: BufferPool, x: Array) -> bool:
    """Whether x lies in memory that it has for itself."""
    base = x.base
    if not (type(x) is np.ndarray and x.flags.c_contiguous and x.flags.writeable and x.dtype.kind == "f"):
        return False
    if base is None:
        return True
    return type(base) is np.ndarray and _holders(base) - sum(base is held for held, _ in here.large) == UNHELD


def reuse_input(x: Array) -> Array:
    """An array like x for a layer to give: x itself where nothing else reads it, so that no new memory is needed."""
    here = _current.get()
    if here is not None and id(x) in here.spent and here.thread == get_ident():
        return x
    return empty_reused(x.shape, x.dtype)


def release_idle() -> None:
    """After a layer: give back the memory that nothing refers to or that was not reused lately."""
    here = _current.get()
    if here is None:
        return
    here.spent = ()
    here.layer += 1
    old = [at for at, (held, used) in enumerate(here.large) if _holders(held) == UNHELD and here.layer - used > IDLE]
    for at in reversed(old):
        del here.large[at]


# Every array that lies in some memory refers to it: how many things do is known of what nobody else holds.
_holders: Callable[[object], int] = getattr(sys, "getrefcount", lambda held: 0)


def _unheld() -> int:
    here = [(np.empty(1), 0)]
    for held, _ in here:
        return _holders(held)
    return 0


UNHELD = _unheld() or -1


def _laid(held: Array, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """The beginning of some memory as an array."""
    found: Array = held[: prod(shape) * np.dtype(dtype).itemsize].view(dtype)
    return found.reshape(shape)
