"""x[...]: numbers, slices, None, ... and tensors of positions."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.builtin.registry import kind_of
from cnncalc.read.python.functions.base import layer, make, whole, written
from cnncalc.read.python.functions.binary import broadcast
from cnncalc.read.python.functions.shapes import unsqueezed
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dims, Size
from cnncalc.read.python.tensor.strides import packed, picked
from cnncalc.read.python.tensor.tensors import Param, Tensor, engine_axis, is_batch, text
from cnncalc.read.python.values import Object, Raised, Range, Refused, Unknown


def sliced(packages: PackagesBase, x: Tensor, at: int, cut: slice, node: ast.AST) -> Tensor:
    """Some positions of an axis, as Python's slices do."""
    size = x.dims[at]
    parts = [
        None if part is None else whole(part, "the end of a slice", node) for part in (cut.start, cut.stop, cut.step)
    ]
    start, stop, step = parts
    if (start in (None, 0)) and (stop is None or stop == size) and step in (None, 1):
        return x
    if isinstance(size, Size):
        if isinstance(start, Size) or isinstance(stop, Size):
            low = start.times if isinstance(start, Size) else 0
            high = stop.times if isinstance(stop, Size) else size.times
            if (isinstance(start, int) and start != 0) or isinstance(stop, int):
                raise Refused("python-batch-axis", "a part of a batch is taken", node)
            return make(packages, None, [x], (*x.dims[:at], Size(high - low), *x.dims[at + 1 :]), node, "Slice")
        if step is not None and isinstance(step, int) and size.times % step == 0 and stop is None:
            return make(packages, None, [x], (*x.dims[:at], Size(size.times // step), *x.dims[at + 1 :]), node, "Slice")
        raise Refused("python-batch-axis", "a part of a batch is taken", node)
    if start in (None, 0) and stop == Size(1) and step in (None, 1) and all(isinstance(d, int) for d in x.dims):
        return make(
            packages, None, [x], (*x.dims[:at], stop, *x.dims[at + 1 :]), node, "Slice"
        )  # a row for each sample
    if any(isinstance(part, Size) for part in parts):
        raise Refused("python-unknown-value", "the end of a slice depends on the batch size", node)
    try:
        begin, end, stride = slice(start, stop, step).indices(size)
    except (ValueError, TypeError) as error:
        raise Raised(type(error).__name__, str(error), node) from None
    if stride < 1:
        raise Raised("ValueError", "step must be greater than zero", node)
    length = len(range(begin, end, stride))
    dims = (*x.dims[:at], length, *x.dims[at + 1 :])
    options: dict[str, object] = {"dim": engine_axis(x.dims, at), "start": begin, "stop": end}
    made = layer("Slice", node, **options, **({"step": stride} if stride > 1 else {}))
    result = make(packages, made, [x], dims, node, "Slice")
    if x.strides is not None:
        result.strides = (*x.strides[:at], x.strides[at] * stride, *x.strides[at + 1 :])
    if x.data is not None and len(x.dims) == 1:
        result.data = x.data[begin:end:stride]
    return result


def selected(packages: PackagesBase, x: Tensor, at: int, place: object, node: ast.AST) -> Tensor:
    """One position of an axis; the axis goes."""
    dims = (*x.dims[:at], *x.dims[at + 1 :])
    size = x.dims[at]
    if isinstance(size, Size):
        if is_batch(size):
            if isinstance(place, int) and place not in (0, -1):
                message = f"sample {place} of a batch is taken, and how many there are is not known"
                help = f"x[:, {place}] is position {place} of each sample"
                raise Refused("python-batch-axis", message, node, help=help)
            return make(packages, None, [x], dims, node, "Select")
        raise Refused("python-batch-axis", "one row of what was merged into the batch is taken", node)
    if isinstance(place, int) and not -size <= place < size:
        raise Refused("index-out-of-range", f"position {place} of axis {at} of {text(x.dims)}, which has {size}", node)
    made = layer("Select", node, dim=engine_axis(x.dims, at), index=place) if isinstance(place, int) else None
    result = make(packages, made, [x], dims, node, "Select")
    if x.strides is not None:
        result.strides = (*x.strides[:at], *x.strides[at + 1 :])
    if x.data is not None and len(x.dims) == 1 and isinstance(place, int):
        result.data = [x.data[place]]
    return result


def index(packages: PackagesBase, value: object, key: object, node: ast.AST) -> Tensor:
    """`x[...]` with numbers, slices, None, `...` and tensors of positions."""
    x = as_tensor(value, "what is indexed", node)
    keys = list(key) if isinstance(key, tuple) else [key]
    counted = sum(part is not None and part is not Ellipsis for part in keys)
    for part in keys:
        if isinstance(part, (Tensor, Param)) and _is_mask(part):
            counted += len(as_tensor(part, "a mask", node).dims) - 1
    if counted > len(x.dims):
        raise Raised("IndexError", f"too many indices for tensor of dimension {len(x.dims)}", node)
    place = next((i for i, part in enumerate(keys) if part is Ellipsis), None)
    if place is not None:
        keys[place : place + 1] = [slice(None)] * (len(x.dims) - counted)
    at = 0
    advanced: list[tuple[int, Dims]] = []
    extra: list[Tensor] = []
    positions: dict[int, Tensor] = {}
    for part in keys:
        if part is None:
            x = unsqueezed(packages, x, at, node)
            at += 1
        elif isinstance(part, slice):
            x = sliced(packages, x, at, part, node)
            at += 1
        elif isinstance(part, bool):
            raise Refused("python-construct", "a truth value as index is not followed", node)
        elif isinstance(part, (int, Object)) or (isinstance(part, Tensor) and part.data is not None and not part.dims):
            x = selected(packages, x, at, whole(part, "a position", node), node)
        elif isinstance(part, (list, tuple, Range)):
            count = len(part.of) if isinstance(part, Range) else len(part)
            _within(x, at, part.of if isinstance(part, Range) else part, node)
            advanced.append((at, (count,)))
            at += 1
        elif isinstance(part, (Tensor, Param)):
            tensor = as_tensor(part, "an index", node)
            if _is_mask(tensor):
                raise Refused(
                    "python-unknown-value", "how many elements a mask keeps depends on the numbers in a tensor", node
                )
            _within(x, at, tensor.data or (), node)
            extra.append(tensor)
            positions[at] = tensor
            advanced.append((at, tensor.dims))
            at += 1
        elif isinstance(part, Unknown):
            part.refuse("a position", node)
        else:
            raise Raised("TypeError", f"a tensor cannot be indexed by {kind_of(part)}", node)
    if not advanced:
        return x
    shape = broadcast([dims for _, dims in advanced], node, "indices")
    places = [place for place, _ in advanced]
    rest = [size for place, size in enumerate(x.dims) if place not in places]
    together = places == list(range(places[0], places[0] + len(places)))
    first = places[0] if together else 0
    batch = [x.dims[place] for place in places if isinstance(x.dims[place], Size)]
    dims = (*rest[:first], *shape, *rest[first:])
    if batch and sum(isinstance(size, Size) for size in dims) == 0 and not all(t.constant for t in extra):
        raise Refused("python-batch-axis", "samples of a batch are picked by position", node)
    result = make(packages, None, [x, *extra], dims, node, "Index")
    orders = [(own, positions[at].strides if at in positions else packed(own)) for at, own in advanced]
    result.strides = picked(x, places, orders, dims, first)
    return result


def _within(x: Tensor, at: int, places: Iterable[object], node: ast.AST) -> None:
    """Refuse positions beyond an axis, where they are known."""
    size = x.dims[at] if at < len(x.dims) else None
    for place in places:
        if isinstance(place, int) and isinstance(size, int) and not -size <= place < size:
            raise Raised("IndexError", f"index {place} is out of bounds for dimension {at} with size {size}", node)


def _is_mask(tensor: object) -> bool:
    inside = tensor.tensor if isinstance(tensor, Param) else tensor
    return getattr(inside, "what", "") == "mask"


def set_item(packages: PackagesBase, x: Tensor, key: object, value: object, node: ast.AST) -> None:
    """`x[...] = value`: the sizes stay; what is written in is not followed as a value of its own."""
    data = x.data if len(x.dims) == 1 and isinstance(value, (int, float)) else None
    if data is not None and isinstance(key, int) and isinstance(value, (int, float)) and -len(data) <= key < len(data):
        x.data = [*data]
        x.data[key] = value
        return
    x.data = None
    _fits(packages, x, key, value, node)
    if packages.active and isinstance(value, (Tensor, Param)) and not as_tensor(value, "a value", node).constant:
        inner = as_tensor(value, "a value", node)
        made = make(packages, None, [x, inner], x.dims, node, "SetItem")
        x.ref = made.ref


def _fits(packages: PackagesBase, x: Tensor, key: object, value: object, node: ast.AST) -> None:
    """Refuse a place that is not there, and a value whose sizes do not fit it, where the place is plain."""
    keys = key if isinstance(key, tuple) else (key,)
    if not all(part is None or part is Ellipsis or isinstance(part, (int, slice)) for part in keys):
        return
    active, packages.active = packages.active, False
    try:
        place = index(packages, x, key, node)
    finally:
        packages.active = active
    written(place, node)
    if not isinstance(value, (Tensor, Param)):
        return
    given = value.dims
    while len(given) > len(place.dims) and given[0] == 1:
        given = given[1:]
    pairs = zip(reversed(place.dims), reversed(given), strict=False)
    if len(given) > len(place.dims) or any(
        isinstance(one, int) and isinstance(other, int) and other not in (1, one) for one, other in pairs
    ):
        raise Raised("RuntimeError", f"a value of {text(given)} does not fit a place of {text(place.dims)}", node)


def iterate(packages: PackagesBase, value: object, node: ast.AST) -> list[Tensor]:
    """The rows of a tensor, one after the other."""
    x = as_tensor(value, "what is looped over", node)
    if not x.dims:
        raise Raised("TypeError", "iteration over a 0-d tensor", node)
    if isinstance(x.dims[0], Size):
        raise Refused("python-unknown-value", "a loop over the samples of a batch is not followed", node)
    packages.interpreter.size(x.dims[0] * 16, node)
    return [selected(packages, x, 0, place, node) for place in range(x.dims[0])]
