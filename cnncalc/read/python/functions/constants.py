"""Tensors that the code makes: zeros, arange, linspace, tensor([...])."""

from __future__ import annotations

import ast
from math import ceil

from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.builtin.registry import new_object
from cnncalc.read.python.functions.base import get, make, named, op, sizes_of, the, whole
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dim, Size, product
from cnncalc.read.python.tensor.strides import iterated
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import Args, External, Kwargs, Raised, Range, Refused, Unknown

CREATES = frozenset(
    """
        zeros ones empty rand randn full arange linspace eye tensor randint randperm from_numpy as_tensor array
        meshgrid tril_indices triu_indices sparse_coo_tensor normal logspace hann_window hamming_window
        """.split()
)
SHORT = 20_000


@named("zeros", "ones", "empty", "rand", "randn")
def _created(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    if len(args) > 1 and isinstance(args[-1], External):
        args = args[:-1]
    given = args or [kwargs.get("size", kwargs.get("shape"))]
    dims = sizes_of(given, f"a size of {name}", packages.interpreter, node)
    for size in dims:
        if isinstance(size, int) and size < 0:
            raise Raised("RuntimeError", f"Trying to create tensor with negative dimension {size}", node)
    made = Tensor(tuple(dims), what=name)
    number, batches = product(dims)
    if name in ("zeros", "ones") and not batches and number <= 64 and len(dims) == 1:
        made.data = [0.0 if name == "zeros" else 1.0] * number
    return made


@op("full")
def _full(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    return _created(packages, [args[0] if args else kwargs.get("size")], {}, node, "full")


@op("normal")
def _normal(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    size = get(args, kwargs, 2, "size")
    if size is not None:
        return _created(packages, [size], {}, node, "normal")
    tensors = [as_tensor(a, "", node) for a in (*args, *kwargs.values()) if isinstance(a, (Tensor, Param))]
    if not tensors:
        raise Raised("TypeError", "normal() needs a size or a tensor", node)
    return make(packages, None, tensors[:1], tensors[0].dims, node, "normal")


@op("sparse_coo_tensor")
def _sparse(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    size = get(args, kwargs, 2, "size")
    if size is None:
        raise Refused("python-unknown-value", "the size of a sparse tensor depends on its indices", node)
    return _created(packages, [size], {}, node, "sparse")


@op("randint")
def _randint(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    size = kwargs.get("size", next((a for a in args if isinstance(a, (tuple, list))), ()))
    made = _created(packages, [size], {}, node, "randint")
    made.token = True
    return made


@op("zeros_like", "ones_like", "rand_like", "randn_like", "empty_like", "full_like", "randint_like")
def _like(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    made = Tensor(x.dims, what="zeros")
    made.strides = iterated([(x.dims, x.strides)], x.dims)
    return made


@op("arange")
def _arange(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    given = [a for a in args if not isinstance(a, External)]
    if "end" in kwargs:
        given = [kwargs.get("start", 0), kwargs["end"], *([kwargs["step"]] if "step" in kwargs else [])]
    start, stop, step = (0, given[0], 1) if len(given) == 1 else (*given, 1)[:3]
    if kwargs.get("step") is not None and "end" not in kwargs:
        step = kwargs["step"]
    if isinstance(stop, Size) and start == 0 and step == 1:
        return Tensor((stop,), what="arange")
    low, high, each = (_bound(value, node) for value in (start, stop, step))
    if each == 0:
        raise Raised("RuntimeError", "step must be nonzero", node)
    count = max(0, ceil((high - low) / each))
    made = Tensor((count,), what="arange")
    made.token = all(isinstance(value, int) for value in (low, high, each))
    if count <= SHORT:
        made.data = [low + each * at for at in range(count)]
    return made


def _bound(value: object, node: ast.AST) -> float:
    """A bound of arange, or its step."""
    if isinstance(value, Tensor) and value.data and len(value.data) == 1:
        value = value.data[0]
    if isinstance(value, Unknown):
        value.refuse("a bound of arange", node)
    if not isinstance(value, (int, float)) or value != value:
        raise Refused("python-unknown-value", "a bound of arange is not known", node)
    return value


@op("linspace", "logspace")
def _linspace(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    start, stop = get(args, kwargs, 0, "start"), get(args, kwargs, 1, "end", kwargs.get("stop"))
    count = whole(get(args, kwargs, 2, "steps", kwargs.get("num", 50)), "steps", node)
    made = Tensor((count,), what="linspace")
    if not isinstance(count, int) or count > SHORT:
        return made
    if isinstance(start, (int, float)) and isinstance(stop, (int, float)):
        step = (stop - start) / (count - 1) if count > 1 else 0
        made.data = [start + step * at for at in range(count)]
    return made


@op("eye")
def _eye(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    n = whole(get(args, kwargs, 0, "n"), "n", node)
    m = get(args, kwargs, 1, "m")
    return Tensor((n, n if m is None or not isinstance(m, (int, Size)) else m), what="eye")


@op("randperm")
def _randperm(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    return Tensor((whole(args[0], "n", node),), what="randperm")


@named("tensor", "array", "from_numpy", "as_tensor", "Tensor", "FloatTensor", "LongTensor")
def _tensor(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    value = args[0] if args else kwargs.get("data", 0)
    if isinstance(value, (Tensor, Param)):
        return as_tensor(value, "a tensor", node)
    sizes = tuple(size for size in args if isinstance(size, (int, Size)))
    if name in ("Tensor", "FloatTensor", "LongTensor") and args and len(sizes) == len(args):
        return Tensor(sizes, what="empty")
    dims: list[Dim] = []
    rows: list[object] = []
    inner = value
    while isinstance(inner, (list, tuple, Range)):
        items = packages.interpreter.listed(inner, node)
        rows = rows or items
        dims.append(len(items))
        if not items:
            break
        inner = items[0]
    if isinstance(inner, Unknown) and not dims:
        return Tensor((), what="tensor")
    if isinstance(inner, (Tensor, Param)):
        dims.extend(inner.dims)
    made = Tensor(tuple(dims), what="tensor")
    numbers = [part for part in rows if isinstance(part, (int, float))]
    if len(dims) == 1 and len(numbers) == len(rows):
        made.data = numbers
    elif not dims and isinstance(value, (int, float)):
        made.data = [value]
    return made


@op("meshgrid")
def _meshgrid(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    given = list(args[0]) if len(args) == 1 and isinstance(args[0], (list, tuple)) else args
    tensors = [as_tensor(value, "an axis of meshgrid", node) for value in given]
    dims = [tensor.dims[0] if tensor.dims else 1 for tensor in tensors]
    if kwargs.get("indexing") == "xy" and len(dims) > 1:
        dims[0], dims[1] = dims[1], dims[0]
    grids = tuple(Tensor(tuple(dims), what="meshgrid") for _ in tensors)
    for place, grid in enumerate(grids):
        along = 1 - place if kwargs.get("indexing") == "xy" and place < 2 <= len(dims) else place
        grid.strides = tuple(int(at == along) for at in range(len(dims)))
    return grids


@op("iinfo")
def _iinfo(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    name = getattr(get(args, kwargs, 0, "type"), "name", "")
    bits = {"uint8": 8, "int8": 8, "int16": 16, "short": 16, "int32": 32, "int": 32, "int64": 64, "long": 64}.get(name)
    if bits is None:
        return Unknown("the range of this dtype is not known", node)
    signed = name != "uint8"
    least, most = -(2 ** (bits - 1)) if signed else 0, 2 ** (bits - signed) - 1
    return new_object(packages.interpreter, "iinfo", node, min=least, max=most, bits=bits)


@op("finfo")
def _finfo(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    named = args[0].name if args and isinstance(args[0], External) else ""
    bits = {"float16": 16, "half": 16, "bfloat16": 16, "float32": 32, "float": 32, "float64": 64, "double": 64}
    width = bits.get(named) or Unknown("the bits of this dtype are not known", node)
    return new_object(packages.interpreter, "finfo", node, min=-3.4e38, max=3.4e38, eps=1.2e-7, tiny=1.2e-38,
                      smallest_normal=1.2e-38, bits=width)  # fmt: skip
