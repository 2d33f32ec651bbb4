"""Tensors put together and cut: cat, stack, split, gather, roll."""

from __future__ import annotations

import ast
from itertools import islice

from cnncalc.core.layer import Layer
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.base import (
    get,
    integer,
    layer,
    listed,
    make,
    named,
    op,
    size_at,
    sizes_of,
    the,
    the_axis,
    whole,
)
from cnncalc.read.python.functions.index import selected, sliced
from cnncalc.read.python.functions.shapes import _times, repeated, reshaped, unsqueezed
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dim, Repeated, Size
from cnncalc.read.python.tensor.strides import channels_last, formatted, stacked
from cnncalc.read.python.tensor.tensors import Tensor, engine_axis, is_batch, text
from cnncalc.read.python.values import Args, Kwargs, Raised, Refused, Unknown


@op("repeat_interleave")
def _repeat_interleave(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    given = get(args, kwargs, 1, "repeats")
    dim = get(args, kwargs, 2, "dim")
    if dim is None:
        x, dim = reshaped(packages, x, [-1], node), 0
    at = the_axis(x, dim, "dim", node)
    if isinstance(given, Tensor) and given.data is not None and len(given.data) == x.dims[at]:
        dims = (*x.dims[:at], int(sum(given.data)), *x.dims[at + 1 :])
        return make(packages, None, [x], dims, node, "RepeatInterleave")
    many = whole(given, "the number of repeats", node)
    dims = (*x.dims[:at], _times(x.dims[at], many, node), *x.dims[at + 1 :])
    return make(packages, None, [x], dims, node, "RepeatInterleave")


@op("cat", "concat", "concatenate")
def _cat(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    given = args[0] if args else kwargs.get("tensors")
    if isinstance(given, Unknown):
        given.refuse("the tensors of cat", node)
    if isinstance(given, Repeated):
        return _repeated(packages, given, get(args, kwargs, 1, "dim", kwargs.get("axis", 0)), node)
    tensors = [as_tensor(value, "a tensor of cat", node) for value in packages.interpreter.listed(given, node)]
    return _concatenated(packages, tensors, get(args, kwargs, 1, "dim", kwargs.get("axis", 0)), node)


def _repeated(packages: PackagesBase, given: Repeated, dim: object, node: ast.AST) -> Tensor:
    """The same tensor for each sample, along one axis."""
    x = as_tensor(given.of, "a tensor", node)
    at = the_axis(x, dim, "dim", node)
    times: list[Dim] = [1] * len(x.dims)
    times[at] = given.times
    return repeated(packages, x, times, node)


def _concatenated(packages: PackagesBase, tensors: list[Tensor], dim: object, node: ast.AST) -> Tensor:
    if not tensors:
        raise Raised("RuntimeError", "torch.cat(): expected a non-empty list of Tensors", node)
    first = tensors[0]
    at = the_axis(first, dim, "dim", node)
    total = first.dims[at]
    for other in tensors[1:]:
        differs = len(other.dims) != len(first.dims) or any(
            one != two for place, (one, two) in enumerate(zip(first.dims, other.dims, strict=False)) if place != at
        )
        if differs:
            shown = " and ".join(text(tensor.dims) for tensor in tensors[:6])
            raise Refused("shapes-differ", f"cat along axis {at} needs equal sizes elsewhere, but gets {shown}", node)
        size = other.dims[at]
        if isinstance(total, Size) and isinstance(size, Size):
            total = Size(total.times + size.times)
        elif isinstance(total, Size) or isinstance(size, Size):
            raise Refused("python-batch-axis", "cat puts fixed rows into the batch", node)
        else:
            total = total + size
    dims = (*first.dims[:at], total, *first.dims[at + 1 :])
    made = None if isinstance(total, Size) else layer("Concat", node, dim=engine_axis(dims, at))
    return make(packages, made, tensors, dims, node, "Concat")


@op("stack")
def _stack(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    given = args[0] if args else kwargs.get("tensors")
    if isinstance(given, Unknown):
        given.refuse("the tensors of stack", node)
    if isinstance(given, Repeated):
        x, dim = as_tensor(given.of, "a tensor of stack", node), get(args, kwargs, 1, "dim", 0)
        at = the_axis(x, dim, "dim", node, new=True)
        return _repeated(packages, Repeated(unsqueezed(packages, x, at, node), given.times), at, node)
    tensors = [as_tensor(value, "a tensor of stack", node) for value in packages.interpreter.listed(given, node)]
    if not tensors:
        raise Raised("RuntimeError", "stack expects a non-empty TensorList", node)
    if any(tensor.dims != tensors[0].dims for tensor in tensors):
        shown = " and ".join(text(tensor.dims) for tensor in tensors[:6])
        raise Refused("shapes-differ", f"stack needs tensors of one shape, not {shown}", node)
    at = the_axis(tensors[0], get(args, kwargs, 1, "dim", 0), "dim", node, new=True)
    dims = (*tensors[0].dims[:at], len(tensors), *tensors[0].dims[at:])
    place = 1 + sum(not is_batch(size) for size in tensors[0].dims[:at])
    result = make(packages, layer("Stack", node, dim=place), tensors, dims, node, "Stack")
    result.strides = stacked(tensors, at, dims)
    return result


@named("hstack", "vstack", "dstack", "column_stack")
def _hstack(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    dim = {"hstack": 1, "vstack": 0, "dstack": 2, "column_stack": 1}.get(name, 1)
    return _cat(packages, [args[0], dim], {}, node)


@named("hsplit", "vsplit", "dsplit")
def _axis_split(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    at = {"h": 1, "v": 0, "d": 2}[name[0]]
    given = get(args, kwargs, 1, "indices_or_sections", kwargs.get("sections", kwargs.get("indices")))
    return _chunk(packages, [the(args, kwargs, node), given, at], {}, node, "tensor_split")


@named("chunk", "tensor_split")
def _chunk(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    x = the(args, kwargs, node)
    given = get(args, kwargs, 1, "chunks", kwargs.get("indices_or_sections", kwargs.get("sections")))
    at = the_axis(x, get(args, kwargs, 2, "dim", 0), "dim", node)
    size = x.dims[at]
    if isinstance(given, (list, tuple)) and isinstance(size, int):
        ends = [min(max(integer(end, "an index", node), 0), size) for end in given]
        pairs = zip([0, *ends], [*ends, size], strict=True)
        return _pieces(packages, x, at, [max(end - start, 0) for start, end in pairs], node)
    count = integer(given, "chunks", node)
    if count == 0:
        raise Raised("RuntimeError", f"{name} expects a positive number of pieces", node)
    if name == "tensor_split" and isinstance(size, int):
        return _pieces(packages, x, at, [size // count + (place < size % count) for place in range(count)], node)
    if isinstance(size, Size):
        if size.times % count:
            raise Refused("python-batch-axis", "the batch is cut into pieces", node)
        dims = (*x.dims[:at], Size(size.times // count), *x.dims[at + 1 :])
        chunks = tuple(make(packages, None, [x], dims, node, "Chunk") for _ in range(count))
        for chunk in chunks:
            chunk.strides = x.strides
        return chunks
    return _pieces(packages, x, at, _equal_parts(size, -(-size // count)), node)


@op("split", "split_with_sizes")
def split(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> tuple[Tensor, ...]:
    """`torch.split(x, sizes, dim)`."""
    x = the(args, kwargs, node)
    given = get(args, kwargs, 1, "split_size_or_sections", kwargs.get("split_size", kwargs.get("split_sizes")))
    at = the_axis(x, get(args, kwargs, 2, "dim", 0), "dim", node)
    size = size_at(x, at, "the batch is cut into pieces", node)
    if isinstance(given, (list, tuple)):
        parts = [integer(part, "a piece", node) for part in given]
        if sum(parts) != size:
            raise Refused("split-sizes", f"the pieces {parts} of split do not add up to the axis of {size}", node)
    else:
        each = whole(given, "the size of a piece", node)
        if not isinstance(each, int) or each < 1:
            raise Raised("RuntimeError", "split expects a positive size", node)
        parts = _equal_parts(size, each)
    return _pieces(packages, x, at, parts, node)


def _equal_parts(size: int, each: int) -> list[int]:
    """An axis cut into pieces of one size, of which the last may be shorter."""
    return [min(each, size - begin) for begin in range(0, size, each)]


def _pieces(packages: PackagesBase, x: Tensor, at: int, parts: list[int], node: ast.AST) -> tuple[Tensor, ...]:
    """The pieces of an axis, the ports of one node."""
    packages.interpreter.size(len(parts) * 64, node)
    every = [(*x.dims[:at], size, *x.dims[at + 1 :]) for size in parts]
    if len(parts) == 1:
        return (x,)
    if x.constant or not packages.active:
        numbers = iter(x.data) if x.data is not None and len(x.dims) == 1 else None
        pieces = tuple(
            Tensor(dims, what=x.what, data=None if numbers is None else list(islice(numbers, size)))
            for dims, size in zip(every, parts, strict=True)
        )
    else:
        made = layer("Split", node, sizes=parts, dim=engine_axis(x.dims, at))
        number = make(packages, made, [x], every[0], node, "Split").ref
        assert isinstance(number, int)
        pieces = tuple(Tensor(dims, (number, str(place))) for place, dims in enumerate(every))
    for piece in pieces:
        piece.strides = x.strides
    return pieces


@op("unbind")
def _unbind(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    x = the(args, kwargs, node)
    at = the_axis(x, get(args, kwargs, 1, "dim", 0), "dim", node)
    size = size_at(x, at, "the samples of a batch are taken apart", node)
    packages.interpreter.size(size * 64, node)
    return tuple(selected(packages, x, at, place, node) for place in range(size))


@op("select")
def _select(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    at = the_axis(x, get(args, kwargs, 1, "dim"), "dim", node)
    return selected(packages, x, at, whole(get(args, kwargs, 2, "index"), "index", node), node)


@op("narrow")
def _narrow(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    at = the_axis(x, get(args, kwargs, 1, "dim"), "dim", node)
    start = integer(get(args, kwargs, 2, "start"), "start", node)
    length = integer(get(args, kwargs, 3, "length"), "length", node)
    return sliced(packages, x, at, slice(start, start + length), node)


@named("flip", "roll", "fliplr", "flipud", "rot180", "tril", "triu", "tril_", "triu_")
def _flip(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    x = the(args, kwargs, node)
    made: Layer | None = None
    run = packages.interpreter
    if name == "flip":
        axes = [the_axis(x, at, "dim", node) for at in sizes_of(args[1:] or [kwargs.get("dims")], "an axis", run, node)]
        if not any(is_batch(x.dims[at]) for at in axes):
            made = layer("Flip", node, dims=[engine_axis(x.dims, at) for at in axes])
    elif name == "roll":
        shifts, dims = get(args, kwargs, 1, "shifts"), get(args, kwargs, 2, "dims")
        if dims is not None and not isinstance(shifts, Unknown):
            many = listed(shifts)
            axes = [the_axis(x, at, "dim", node) for at in listed(dims)]
            if all(isinstance(one, int) for one in many) and not any(is_batch(x.dims[at]) for at in axes):
                made = layer("Roll", node, shifts=many, dims=[engine_axis(x.dims, at) for at in axes])
    result = make(packages, made, [x], x.dims, node, name.rstrip("_"))
    if name == "roll" and x.strides is not None:  # it joins the two parts along each axis
        along = get(args, kwargs, 2, "dims") is not None
        result.strides = formatted(x.dims, along and channels_last(x.dims, x.strides))
    return result


@op("diff")
def _diff(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    at = the_axis(x, get(args, kwargs, 2, "dim", -1), "dim", node)
    size = size_at(x, at, "differences along the batch are not followed", node)
    if size < 1:
        raise Refused("python-batch-axis", "differences along the batch are not followed", node)
    times = integer(get(args, kwargs, 1, "n", 1), "n", node)
    result = make(packages, None, [x], (*x.dims[:at], max(size - times, 0), *x.dims[at + 1 :]), node, "Diff")
    if "prepend" in kwargs or "append" in kwargs:
        raise Refused("python-unknown-call", "diff with what is put in front or behind is not followed", node)
    if x.data is not None and len(x.dims) == 1 and times == 1:
        result.data = [after - before for before, after in zip(x.data, x.data[1:], strict=False)]
    return result


@named("trapezoid", "trapz", "cumulative_trapezoid")
def _trapezoid(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    x = the(args, kwargs, node)
    at = the_axis(x, kwargs.get("dim", -1), "dim", node)
    size = size_at(x, at, f"{name} along the batch is not followed", node)
    kept = (size - 1,) if name.startswith("cum") else ()
    return make(packages, None, [x], (*x.dims[:at], *kept, *x.dims[at + 1 :]), node, name)


@named("diagonal", "diag", "linalg_diagonal")
def _diagonal(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    x = the(args, kwargs, node)
    offset = integer(get(args, kwargs, 1, "diagonal" if name == "diag" else "offset", 0), "the offset", node)
    if name == "diag" and len(x.dims) == 1:
        side: Dim = x.dims[0]
        if offset:
            side = size_at(x, 0, "a diagonal of a batch is not followed", node) + abs(offset)
        return make(packages, None, [x], (side, side), node, "Diag")
    first, second = (-2, -1) if name == "linalg_diagonal" else (0, 1)
    one = the_axis(x, get(args, kwargs, 2, "dim1", first), "dim", node)
    other = the_axis(x, get(args, kwargs, 3, "dim2", second), "dim", node)
    rows, columns = (size_at(x, at, "a diagonal through the batch is not followed", node) for at in (one, other))
    size = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    rest = tuple(s for at, s in enumerate(x.dims) if at not in (one, other))
    result = make(packages, None, [x], (*rest, size), node, "Diag" if name == "diag" else "Diagonal")
    if x.strides is not None and name != "diag":
        kept = (step for at, step in enumerate(x.strides) if at not in (one, other))
        result.strides = (*kept, x.strides[one] + x.strides[other])
    return result


def unfolded(packages: PackagesBase, x: Tensor, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    """x.unfold(dimension, size, step): windows of an axis, on a new last axis."""
    at = the_axis(x, get(args, kwargs, 1, "dimension"), "dim", node)
    size = integer(get(args, kwargs, 2, "size"), "size", node)
    step = integer(get(args, kwargs, 3, "step"), "step", node)
    length = size_at(x, at, "windows over the samples of a batch are not followed", node)
    if length < size:
        raise Raised("RuntimeError", f"unfold of {size} from an axis of {length}", node)
    count = (length - size) // step + 1
    result = make(packages, None, [x], (*x.dims[:at], count, *x.dims[at + 1 :], size), node, "Windows")
    if x.strides is not None:
        result.strides = (*x.strides[:at], x.strides[at] * step, *x.strides[at + 1 :], x.strides[at])
    return result
