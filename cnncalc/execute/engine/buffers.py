"""Inputs that a layer may write its result over: new memory takes longer to come by than to fill."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar

import numpy as np

from cnncalc.execute.kernel import Array

# The inputs of the present layer that nothing else will read, by `id`; other threads see none.
_spent: ContextVar[tuple[int, ...]] = ContextVar("spent", default=())


def donate(arrays: list[Array]) -> None:
    """The inputs of the layer that comes: those that nothing but this list holds may be written over."""
    _spent.set(tuple(id(x) for x in arrays if _holders(x) == UNHELD and _free(x)))


def _free(x: Array) -> bool:
    """Whether x lies in memory that it has for itself."""
    base = x.base
    if not (type(x) is np.ndarray and x.flags.c_contiguous and x.flags.writeable and x.dtype.kind == "f"):
        return False
    return base is None or (type(base) is np.ndarray and _holders(base) == UNHELD)


def reuse_input(x: Array) -> Array:
    """An array like x for a layer to give: x itself where nothing else reads it, so that no new memory is needed."""
    return x if id(x) in _spent.get() else np.empty(x.shape, x.dtype)


# Every array that lies in some memory refers to it: how many things do is known of what nobody else holds.
_holders: Callable[[object], int] = getattr(sys, "getrefcount", lambda held: 0)


def _unheld() -> int:
    here = [np.empty(1)]
    for held in here:
        return _holders(held)
    return 0


UNHELD = _unheld() or -1
