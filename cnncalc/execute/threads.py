"""Work shared between threads: NumPy lets go of the interpreter in copies, functions and matrix products.

Within `together()` BLAS keeps to the thread that calls it, and this module hands parts of the work to as many threads
as BLAS had. Outside of it, and in the threads themselves, everything runs where it is called.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

from cnncalc.execute import rooms
from cnncalc.execute.kernel import Array

Item = TypeVar("Item")

# Multiplications, and bytes, that are worth waking another thread for.
PRODUCT, BYTES = 1 << 20, 1 << 18
# Columns of a product end at multiples of this, as the inner loops of BLAS do.
STEP = 16

_count: ContextVar[int] = ContextVar("threads", default=1)


def count() -> int:
    """How many threads `share` works with here."""
    return _count.get()


@contextmanager
def together() -> Iterator[None]:
    """Let `share` use the threads that BLAS has, and BLAS one in each of them, as long as this lasts.

    They are as many as BLAS was told to take (OPENBLAS_NUM_THREADS and its like). Without threadpoolctl it keeps them.
    """
    libraries = _libraries()
    many = max((library.num_threads for library in libraries.lib_controllers), default=1) if libraries else 1
    with rooms.kept():
        if many < 2:
            yield
            return
        token = _count.set(many)
        try:
            with libraries.limit(limits=1):
                yield
        finally:
            _count.reset(token)


def share(work: Callable[[Iterator[Item]], Any], items: Sequence[Item], alone: bool = False) -> None:
    """Call `work` in every thread with an iterator of items to do; each item comes out of one of them.

    With `alone` it is called in this one, and may share what it does itself.
    """
    todo = iter(items)  # taking the next item of a list is one step of the interpreter
    helpers = 0 if alone else min(count(), len(items)) - 1
    if helpers < 1:
        work(todo)
        return
    flags, house = np.geterr(), rooms.house()

    def help_out() -> None:
        with np.errstate(**flags), rooms.kept(house):
            work(todo)

    pool = _pool(count() - 1, os.getpid())
    others = [pool.submit(help_out) for _ in range(helpers)]
    token = _count.set(1)  # what is shared already is not shared again
    try:
        work(todo)
    finally:
        _count.reset(token)
        for other in others:
            other.result()


def parts(size: int, bytes_each: int, most: int = 0, step: int = 1) -> list[slice]:
    """An axis of `size` cut for the threads: equal parts, of at most `most` bytes where it is given."""
    total = size * bytes_each
    cut = count() if total >= BYTES else 1
    if most and total > most * cut:
        cut = -(-total // (most * cut)) * cut
    length = -(-size // max(cut, 1))
    length = max(-(-length // step) * step, 1)
    return [slice(start, min(start + length, size)) for start in range(0, size, length)]


def product(a: Array, b: Array, out: Array | None = None, shift: Array | None = None) -> Array:
    """a @ b + shift of matrices (or stacks of them), columns or rows of the result shared.

    `shift` is a row [columns], or columns [..., rows, 1].
    """
    if out is None:
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        out = rooms.again((*lead, a.shape[-2], b.shape[-1]), np.result_type(a, b))
    made, wide = out, b.shape[-1] >= a.shape[-2]

    def work(todo: Iterator[slice]) -> None:
        for part in todo:
            if wide:
                target = made[..., part]
                np.matmul(a, b[..., part], out=target)
            else:
                target = made[..., part, :]
                np.matmul(a[..., part, :], b, out=target)
            if shift is not None:
                if shift.ndim == 1:
                    target += shift[part] if wide else shift
                else:
                    target += shift if wide else shift[..., part, :]

    size = b.shape[-1] if wide else a.shape[-2]
    if count() == 1 or a.shape[-1] * a.shape[-2] * b.shape[-1] < PRODUCT:
        work(iter([slice(0, size)]))
    else:
        share(work, parts(size, BYTES, step=STEP))
    return made


def copy(target: Array, source: Array) -> None:
    """target[...] = source, rows of the first axis that has several shared."""
    axis = next((at for at, size in enumerate(target.shape) if size > 1), None)
    if count() == 1 or axis is None or target.nbytes < 2 * BYTES:
        np.copyto(target, source)
        return
    source = np.broadcast_to(source, target.shape)
    lead = (slice(None),) * axis

    def work(todo: Iterator[slice]) -> None:
        for part in todo:
            np.copyto(target[(*lead, part)], source[(*lead, part)])

    share(work, parts(target.shape[axis], target.nbytes // target.shape[axis]))


@lru_cache(maxsize=1)
def _libraries() -> Any:
    """What can tell BLAS how many threads to take, or None."""
    try:
        module = import_module("threadpoolctl")
    except ImportError:
        return None
    return module.ThreadpoolController().select(user_api="blas")


@lru_cache(maxsize=1)
def _pool(helpers: int, process: int) -> Any:
    """The threads beside the calling one; a forked process needs its own."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(helpers, thread_name_prefix="cnncalc")
