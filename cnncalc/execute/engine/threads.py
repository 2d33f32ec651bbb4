"""Work shared between threads: NumPy lets go of the interpreter in copies, functions and matrix products.

Within `together()` as many threads as BLAS was told to take work in one of two ways. Large matrix products BLAS shares
itself (`parallel_matmul`): its threads are woken in a few microseconds. Other work is handed to threads of this module
in parts (`parallel_for`), each of which should be few and long calls: whoever comes back from a call waits for the
interpreter while another has it, and being woken takes longer than many a call. BLAS keeps to the calling thread
otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import import_module
from math import prod
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cnncalc.execute.kernel import Array

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Item = TypeVar("Item")

# Multiplications, and bytes, that are worth waking another thread for; and multiplications that are worth it for BLAS,
# whose threads are quicker to wake.
PRODUCT, BYTES, BLAS = 1 << 23, 1 << 23, 1 << 19
# Columns of a product end at multiples of this, as the inner loops of BLAS do.
STEP = 16

_count: ContextVar[int] = ContextVar("threads", default=1)


def count() -> int:
    """How many threads `parallel_for` works with here."""
    return _count.get()


@contextmanager
def together() -> Iterator[None]:
    """Let `parallel_for` and `parallel_matmul` use as many threads as BLAS has, and BLAS itself one, while this lasts.

    They are as many as BLAS was told to take (OPENBLAS_NUM_THREADS and its like); without threadpoolctl, one.
    """
    many = max((library.num_threads for library in _libraries()), default=1)
    if many < 2:
        yield
        return
    token = _count.set(many)
    try:
        with _blas(1, many):
            yield
    finally:
        _count.reset(token)


@contextmanager
def _blas(many: int, afterwards: int) -> Iterator[None]:
    """BLAS takes `many` threads, as long as this lasts."""
    for library in _libraries():
        library.set_num_threads(many)
    try:
        yield
    finally:
        for library in _libraries():
            library.set_num_threads(afterwards)


def parallel_for(work: Callable[[Iterator[Item]], object], items: Sequence[Item], alone: bool = False) -> None:
    """Call `work` in every thread with an iterator of items to do; each item comes out of one of them.

    With `alone` it is called in this one, and may share what it does itself.
    """
    todo = iter(items)  # taking the next item of a list is one step of the interpreter
    many = count()
    helpers = 0 if alone else min(many, len(items)) - 1
    if helpers < 1:
        work(todo)
        return
    flags = np.geterr()

    def help_out() -> None:
        with np.errstate(**flags):
            work(todo)

    asked = [_pool(many - 1, os.getpid()).submit(help_out) for _ in range(helpers)]
    try:
        token = _count.set(1)  # what is shared already is not shared again
        try:
            work(todo)
        finally:
            _count.reset(token)
    finally:
        _wait(asked)


def _wait(asked: list[Future[None]]) -> None:
    """Until all are done; what was not begun, as the threads work for somebody else, is done already."""
    try:
        for helper in asked:
            if not helper.cancel():
                helper.result()
    except KeyboardInterrupt:  # who is still at it must not keep others waiting
        _pool.cache_clear()
        raise


def parts(size: int, bytes_each: int, most: int = 0, step: int = 1, products: int = 0) -> list[slice]:
    """An axis of `size` cut for the threads: equal parts, of at most `most` bytes where it is given.

    Beside so many bytes there are `products` multiplications in all.
    """
    total = size * bytes_each
    cut = count() if total >= BYTES or products >= PRODUCT else 1
    if most and total > most * cut:
        cut = -(-total // (most * cut)) * cut
    length = -(-size // max(cut, 1))
    length = max(-(-length // step) * step, 1)
    return [slice(start, min(start + length, size)) for start in range(0, size, length)]


def parallel_matmul(a: Array, b: Array, out: Array | None = None, shift: Array | None = None) -> Array:
    """a @ b + shift of matrices (or stacks of them), columns or rows of the result shared.

    `shift` is a row [columns], or columns [..., rows, 1].
    """
    if out is None:
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        out = np.empty((*lead, a.shape[-2], b.shape[-1]), np.result_type(a, b))
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
    weight = a.shape[-1] * out.size
    if count() > 1 and weight >= max(prod(out.shape[:-2]), 1) * BLAS:
        with _blas(count(), 1):
            work(iter([slice(0, size)]))
    elif count() > 1 and weight >= PRODUCT:
        parallel_for(work, parts(size, BYTES, step=STEP))
    else:
        work(iter([slice(0, size)]))
    return made


def parallel_copy(target: Array, source: Array) -> None:
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

    parallel_for(work, parts(target.shape[axis], target.nbytes // target.shape[axis]))


@lru_cache(maxsize=1)
def _libraries() -> Any:
    """What can tell BLAS how many threads to take."""
    try:
        module = import_module("threadpoolctl")
    except ImportError:
        return ()
    return module.ThreadpoolController().select(user_api="blas").lib_controllers


@lru_cache(maxsize=1)
def _pool(helpers: int, process: int) -> Executor:
    """The threads beside the calling one; a forked process needs its own."""
    from concurrent.futures import ThreadPoolExecutor  # slow to import

    return ThreadPoolExecutor(helpers, thread_name_prefix="cnncalc")
