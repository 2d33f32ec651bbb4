"""Where the numbers of a tensor lie in memory, as far as it is sure: `view` refuses what a permutation has scattered.

Strides are those of PyTorch, with a large batch; None where they are not known, and then nothing is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul
from typing import Any

from cnncalc.core.layer import Layer
from cnncalc.read.python.sizes import Size

Strides = tuple[int, ...]
BATCH = 1_000_003  # stands for the batch: no size of a network is a multiple of it

# What PyTorch writes anew, one row after the other, whatever it reads.
FRESH = frozenset(("Linear", "Embedding", "LayerNorm", "Softmax", "LogSoftmax", "Repeat"))
# What keeps to the order of its inputs.
ELEMENTWISE = frozenset(("Add", "Subtract", "Multiply", "Divide", "Pow", "activation"))
# What writes row after row where its input does, or is no image with its channels last.
ORDERED = frozenset(("convolution", "pool", "norm"))

REDUCED = frozenset(("Mean", "Sum", "Max", "Min"))
JOINED = frozenset(("Concat", "Stack"))  # three axes are no image: they come row after row


def _numbers(dims: Sequence[Any]) -> list[int]:
    return [size.times * BATCH if isinstance(size, Size) else size for size in dims]


def packed(dims: Sequence[Any]) -> Strides:
    """The strides of sizes that lie row after row."""
    steps = accumulate((max(size, 1) for size in _numbers(dims)[:0:-1]), mul, initial=1)
    return tuple(steps)[::-1] if dims else ()


def after(kind: str, layer: Layer | None, inputs: Sequence[Any], dims: Sequence[Any]) -> Strides | None:
    """The strides of what an operation gives; `inputs` are tensors."""
    if kind in FRESH:
        return packed(dims)
    ranks = [len(tensor.dims) for tensor in inputs]
    if kind == "MatMul":
        return packed(dims) if len(ranks) == 2 and ranks[0] >= ranks[1] > 1 else None
    sizes = [tensor.dims for tensor in inputs if tensor.dims]
    strides: list[Strides] = [tensor.strides for tensor in inputs if tensor.dims and tensor.strides is not None]
    if not sizes or len(strides) < len(sizes):
        return None
    first = strides[0]
    category = "" if layer is None else layer.category
    if category == "dropout":  # a network that is evaluated hands on what it gets
        return first
    packs = strides == [packed(one) for one in sizes]
    if category in ORDERED:
        return packed(dims) if packs or len(first) < 2 or first[1] != 1 else None
    if kind in REDUCED:
        return packed(dims) if packs else None
    if kind in ELEMENTWISE or category in ELEMENTWISE:
        return packed(dims) if packs else ordered(dims, first) if sizes[0] == tuple(dims) else None
    return packed(dims) if kind in JOINED and (packs or len(dims) == 3) else None


def ordered(dims: Sequence[Any], strides: Strides) -> Strides | None:
    """The strides of a copy: without gaps, in the order of these."""
    sizes = _numbers(dims)
    order = sorted(range(len(sizes)), key=lambda at: -strides[at])
    wide = [strides[at] for at in order if sizes[at] != 1]
    if 0 in wide or len(set(wide)) < len(wide):
        return None
    steps = dict(zip(order, packed([sizes[at] for at in order]), strict=True))
    return tuple(steps[at] for at in range(len(sizes)))


def viewed(old: Sequence[Any], strides: Strides, new: Sequence[Any]) -> Strides | None:
    """The strides of the same memory with other sizes; None where no strides give it."""
    sizes, wanted = _numbers(old), _numbers(new)
    if not sizes:
        return (1,) * len(wanted)
    found = [0] * len(wanted)
    at, base, numbers, covered = len(wanted) - 1, strides[-1], 1, 1
    for axis in range(len(sizes) - 1, -1, -1):
        numbers *= sizes[axis]
        if axis and (sizes[axis - 1] == 1 or strides[axis - 1] == numbers * base):
            continue  # the axis before it goes on where this one ends
        while at >= 0 and (covered < numbers or wanted[at] == 1):
            found[at] = covered * base
            covered *= wanted[at]
            at -= 1
        if covered != numbers:
            return None
        if axis:
            base, numbers, covered = strides[axis - 1], 1, 1
    return tuple(found) if at == -1 else None
