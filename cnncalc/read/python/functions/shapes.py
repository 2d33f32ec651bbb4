"""Other sizes for the same numbers: views, permutations, expansions."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from copy import copy

from cnncalc.core.layer import Layer
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.base import get, layer, listed, make, named, op, sizes_of, the, the_axis, whole
from cnncalc.read.python.functions.binary import aligned
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dim, Dims, Size, product
from cnncalc.read.python.tensor.strides import cuts, packed, viewed
from cnncalc.read.python.tensor.tensors import Tensor, batch_at, engine_axis, is_batch, sample, text
from cnncalc.read.python.values import Args, External, Kwargs, Raised, Refused


def reshaped(
    packages: PackagesBase, x: Tensor, wanted: Sequence[Dim], node: ast.AST, what: str = "view", copies: bool = True
) -> Tensor:
    """Other sizes for the same numbers; one may be -1. `copies`: as reshape does where a view cannot be."""
    total, batches = product(x.dims)
    opens = [at for at, size in enumerate(wanted) if isinstance(size, int) and size == -1]
    if len(opens) > 1:
        raise Raised("RuntimeError", "only one dimension can be inferred", node)
    known, mine = product(size for at, size in enumerate(wanted) if at not in opens)
    if any(isinstance(size, int) and size < -1 for size in wanted):
        raise Raised("RuntimeError", f"invalid shape dimension in {wanted}", node)
    shown = ", ".join(str(size) for size in wanted)
    per = sample(x.dims)
    each = " · ".join(map(str, per)) if len(per) > 1 else ""
    if opens:
        rest = batches - mine
        if known == 0 or rest not in (0, 1) or total % known:
            helps: list[str] = []
            if rest == 1 and known and total % known:
                helps.append(f"one sample has {total}{f' = {each}' if each else ''} numbers: write {total} for {known}")
            raise Refused(
                "reshape-count",
                f"{what}({shown}) cannot hold {text(x.dims)}: {total} numbers per sample are not a multiple of {known}",
                node,
                helps,
            )
        size: Dim = Size(total // known) if rest else total // known
        wanted = [*wanted[: opens[0]], size, *wanted[opens[0] + 1 :]]
    elif known != total or mine != batches:
        if mine != batches and batches == 1 and mine == 0:
            message = f"{what}({shown}) gives the batch axis of {text(x.dims)} a fixed size"
            raise Refused("python-batch-axis", message, node, help="write -1 or x.size(0) for the batch")
        message = f"{what}({shown}) holds {known} numbers per sample, but {text(x.dims)} has {total}"
        raise Refused("reshape-count", message, node)
    dims = tuple(wanted)
    if dims == x.dims:
        return x
    made: Layer | None = None
    inner = sample(dims)
    try:
        made = layer("Reshape", node, shape=list(inner)) if inner else None
    except Refused:
        made = None
    strides = None if x.strides is None else viewed(x.dims, x.strides, dims)
    if strides is None and x.strides is None and not copies and not cuts(x.dims, dims):
        message = f"whether {what}({shown}) can be a view is not known: the order of {text(x.dims)} in memory is not"
        raise Refused("python-unknown-value", message, node, help="reshape(...) needs no order, contiguous() makes one")
    if strides is None and x.strides is not None:
        if not copies:
            message = f"{what}({shown}) cannot be a view of {text(x.dims)}, whose axes lie in another order in memory"
            raise Refused("python-raises", message, node, help="reshape(...) copies where it must, contiguous() before")
        strides = packed(dims)
    result = make(packages, made, [x], dims, node, "Reshape")
    result.data = x.data if x.constant else None
    result.strides = strides
    return result


@named("view", "reshape", "_unsafe_view")
def _view(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    x = the(args, kwargs, node)
    given = args[1:] or [kwargs.get("shape", kwargs.get("size"))]
    if len(given) == 1 and isinstance(given[0], External):
        if given[0].name not in ("float32", "float", "int32", "int"):
            raise Refused("python-unknown-call", "a view of a type of another width is not followed", node)
        return x
    sizes = sizes_of(given, "a size of view", packages.interpreter, node)
    return reshaped(packages, x, sizes, node, copies=name == "reshape")


@named("view_as", "reshape_as")
def _view_as(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    sizes = list(as_tensor(args[1], "the other tensor", node).dims)
    return reshaped(packages, the(args, kwargs, node), sizes, node, copies=name == "reshape_as")


@op("flatten", "ravel")
def _flatten(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    if not x.dims:
        return reshaped(packages, x, [1], node)
    start = the_axis(x, get(args, kwargs, 1, "start_dim", 0), "start_dim", node)
    end = the_axis(x, get(args, kwargs, 2, "end_dim", -1), "end_dim", node)
    if start > end:
        raise Raised("RuntimeError", "flatten() has invalid args: start_dim cannot come after end_dim", node)
    number, batches = product(x.dims[start : end + 1])
    size = Size(number) if batches else number
    dims = (*x.dims[:start], size, *x.dims[end + 1 :])
    if dims == x.dims:
        return x
    made = None
    if not batches and end > start:
        last = -1 if end == len(x.dims) - 1 else engine_axis(x.dims, end)  # as one writes it
        made = layer("Flatten", node, start_dim=engine_axis(x.dims, start), end_dim=last)
    elif batches:
        made = layer("Reshape", node, shape=list(sample(dims))) if sample(dims) else None
    result = make(packages, made, [x], dims, node, "Flatten")
    if x.strides is not None:
        result.strides = viewed(x.dims, x.strides, dims) or packed(dims)
    return result


@op("unflatten")
def _unflatten(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    at = the_axis(x, get(args, kwargs, 1, "dim"), "dim", node)
    given = get(args, kwargs, 2, "sizes", kwargs.get("unflattened_size"))
    sizes = [whole(size, "a size", node) for size in packages.interpreter.listed(given, node)]
    known, _ = product(size for size in sizes if size != -1)
    total = x.dims[at]
    if -1 in sizes:
        if isinstance(total, Size):
            rest: Dim | None = Size(total.times // known) if total.times % known == 0 else None
        else:
            rest = total // known if known and total % known == 0 else None
        if rest is None:
            raise Refused("reshape-count", f"an axis of {total} is no multiple of {known}", node)
        sizes = [rest if size == -1 else size for size in sizes]
    return reshaped(packages, x, [*x.dims[:at], *sizes, *x.dims[at + 1 :]], node, "unflatten", copies=False)


@op("permute")
def _permute(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    given = args[1:] or [kwargs.get("dims")]
    order = [the_axis(x, at, "dim", node) for at in sizes_of(given, "an axis", packages.interpreter, node)]
    if sorted(order) != list(range(len(x.dims))):
        raise Refused("permutation", f"permute needs every axis of {text(x.dims)} once, not {order}", node)
    return moved(packages, x, order, node, "Permute")


def moved(packages: PackagesBase, x: Tensor, order: list[int], node: ast.AST, kind: str) -> Tensor:
    """The axes in another order; the batch may move, and stays in front in the engine."""
    dims = tuple(x.dims[at] for at in order)
    strides = None if x.strides is None else tuple(x.strides[at] for at in order)
    if order == list(range(len(order))):
        return x
    axes = [engine_axis(x.dims, at) for at in order if not is_batch(x.dims[at])]
    if axes == sorted(axes):  # only the batch moved
        result = Tensor(dims, x.ref)
        result.token, result.param = x.token, x.param
        if x.param is not None and x.ref is None and packages.active:
            result = Tensor(dims, packages.tracer.ref(x))
    else:
        result = make(packages, layer("Permute", node, dims=[0, *axes]), [x], dims, node, kind)
    result.strides = strides
    return result


@op("transpose", "swapaxes", "swapdims", "transpose_")
def _transpose(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    one = the_axis(x, get(args, kwargs, 1, "dim0"), "dim0", node)
    other = the_axis(x, get(args, kwargs, 2, "dim1"), "dim1", node)
    order = list(range(len(x.dims)))
    order[one], order[other] = other, one
    return moved(packages, x, order, node, "Transpose")


@op("t")
def _t(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    return moved(packages, x, list(range(len(x.dims)))[::-1], node, "Transpose")


@op("movedim", "moveaxis")
def _movedim(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    source, target = get(args, kwargs, 1, "source"), get(args, kwargs, 2, "destination")
    old, new = ([the_axis(x, at, "dim", node) for at in listed(given)] for given in (source, target))
    if len(old) != len(new):
        raise Raised("RuntimeError", f"movedim of {len(old)} axes to {len(new)} places", node)
    places = dict(zip(new, old, strict=True))
    rest = iter(at for at in range(len(x.dims)) if at not in old)
    return moved(
        packages, x, [places[at] if at in places else next(rest) for at in range(len(x.dims))], node, "Movedim"
    )


@op("squeeze", "squeeze_")
def _squeeze(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    dim = get(args, kwargs, 1, "dim")
    among = range(len(x.dims)) if dim is None else [the_axis(x, one, "dim", node) for one in listed(dim)]
    return squeezed(packages, x, among, node)


def squeezed(packages: PackagesBase, x: Tensor, among: Iterable[int], node: ast.AST) -> Tensor:
    """A tensor without those of these axes that are 1."""
    axes = [at for at in among if x.dims[at] == 1]
    dims = tuple(size for at, size in enumerate(x.dims) if at not in axes)
    if dims == x.dims:
        return x
    made = layer("Squeeze", node, dim=[engine_axis(x.dims, at) for at in axes])
    result = make(packages, made, [x], dims, node, "Squeeze")
    if x.strides is not None:
        result.strides = tuple(stride for at, stride in enumerate(x.strides) if at not in axes)
    return result


@op("unsqueeze", "unsqueeze_")
def _unsqueeze(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    return unsqueezed(packages, x, the_axis(x, get(args, kwargs, 1, "dim"), "dim", node, new=True), node)


def unsqueezed(packages: PackagesBase, x: Tensor, at: int, node: ast.AST) -> Tensor:
    """A tensor with a further axis of 1."""
    dims = (*x.dims[:at], 1, *x.dims[at:])
    place = 1 + sum(not is_batch(size) for size in x.dims[:at])
    result = make(packages, layer("Unsqueeze", node, dim=place), [x], dims, node, "Unsqueeze")
    if x.strides is not None:
        result.strides = viewed(x.dims, x.strides, dims)
    return result


@op("expand", "broadcast_to")
def _expand(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    given = args[1:] or [kwargs.get("size", kwargs.get("sizes"))]
    return _expanded(packages, x, sizes_of(given, "a size of expand", packages.interpreter, node), node)


@op("expand_as")
def _expand_as(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    return _expanded(packages, the(args, kwargs, node), list(as_tensor(args[1], "the other tensor", node).dims), node)


def _expanded(packages: PackagesBase, x: Tensor, sizes: Sequence[Dim], node: ast.AST) -> Tensor:
    fresh = len(sizes) - len(x.dims)
    if fresh < 0:
        raise Raised("RuntimeError", f"expand of {text(x.dims)} needs as many sizes or more", node)
    dims: list[Dim] = []
    for at, size in enumerate(sizes):
        mine = x.dims[at - fresh] if at >= fresh else 1
        if size == -1 and at < fresh:
            raise Raised("RuntimeError", "expand cannot know the size of a new axis from -1", node)
        if size == -1:
            size = mine
        elif mine != 1 and size != mine:
            raise Refused("shapes-differ", f"expand cannot make {size} of an axis of {mine} in {text(x.dims)}", node)
        dims.append(size)
    result = tuple(dims)
    if result == x.dims:
        return x
    strides = None
    if x.strides is not None:
        strides = (0,) * fresh + tuple(
            stride if mine == size else 0 for mine, stride, size in zip(x.dims, x.strides, result[fresh:], strict=True)
        )
    x = aligned(packages, x, result, node)
    made = layer("Expand", node, sizes=list(sample(result))) if sample(result) else None
    expanded = make(packages, made, [x], result, node, "Expand")
    expanded.strides = strides
    return expanded


@named("repeat", "tile")
def _repeat(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    x = the(args, kwargs, node)
    times = sizes_of(
        args[1:] or [kwargs.get("repeats", kwargs.get("dims"))], "a number of repeats", packages.interpreter, node
    )
    if len(times) < len(x.dims):
        if name == "repeat":
            raise Raised("RuntimeError", f"repeat of {text(x.dims)} needs {len(x.dims)} numbers or more", node)
        times = [*[1] * (len(x.dims) - len(times)), *times]
    return repeated(packages, x, times, node)


def repeated(packages: PackagesBase, x: Tensor, times: list[Dim], node: ast.AST) -> Tensor:
    """A tensor put side by side with itself along each axis; further axes come in front."""
    old: Dims = (1,) * (len(times) - len(x.dims)) + x.dims
    dims = tuple(_times(size, many, node) for size, many in zip(old, times, strict=True))
    if dims == x.dims:
        same = copy(x)
        same.strides = packed(dims)
        return same
    x = aligned(packages, x, dims, node) if batch_at(x.dims) is None else x
    return make(packages, None, [x], dims, node, "Repeat")


def _times(size: Dim, many: Dim, node: ast.AST) -> Dim:
    if isinstance(size, Size):
        if isinstance(many, Size):
            raise Refused("python-batch-axis", "the batch is repeated batch times", node)
        return Size(size.times * many)
    return Size(many.times * size) if isinstance(many, Size) else size * many
