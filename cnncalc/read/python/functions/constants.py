"""Tensors that the code makes: zeros, arange, linspace, tensor([...])."""

from __future__ import annotations

import ast
from typing import Any

from cnncalc.read.python.functions.base import OPS, get, make, named, op, sizes_of, the, whole
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Size, product
from cnncalc.read.python.tensor.strides import iterated
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import Class, External, Object, Raised, Range, Refused, Unknown

CREATES = frozenset(
    [
        "zeros",
        "ones",
        "empty",
        "rand",
        "randn",
        "full",
        "arange",
        "linspace",
        "eye",
        "tensor",
        "randint",
        "randperm",
        "from_numpy",
        "as_tensor",
        "array",
        "meshgrid",
        "tril_indices",
        "triu_indices",
        "sparse_coo_tensor",
        "normal",
        "logspace",
        "hann_window",
        "hamming_window",
    ]
)
SHORT = 20_000


def _creation(name: str) -> Any:
    def run(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
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

    return run


for _name in ["zeros", "ones", "empty", "rand", "randn"]:
    OPS[_name] = _creation(_name)


@op("full")
def _full(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
    return _creation("full")(packages, [args[0] if args else kwargs.get("size")], {}, node)  # type: ignore[no-any-return]


@op("normal")
def _normal(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
    size = get(args, kwargs, 2, "size")
    if size is not None:
        return _creation("normal")(packages, [size], {}, node)  # type: ignore[no-any-return]
    tensors = [as_tensor(a, "", node) for a in (*args, *kwargs.values()) if isinstance(a, (Tensor, Param))]
    if not tensors:
        raise Raised("TypeError", "normal() needs a size or a tensor", node)
    return make(packages, None, tensors[:1], tensors[0].dims, node, "normal")


@op("sparse_coo_tensor")
def _sparse(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
    size = get(args, kwargs, 2, "size")
    if size is None:
        raise Refused("python-unknown-value", "the size of a sparse tensor depends on its indices", node)
    return _creation("sparse")(packages, [size], {}, node)  # type: ignore[no-any-return]


@op("randint")
def _randint(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
    size = kwargs.get("size", next((a for a in args if isinstance(a, (tuple, list))), ()))
    made = _creation("randint")(packages, [size], {}, node)
    made.token = True
    return made  # type: ignore[no-any-return]


@op("zeros_like", "ones_like", "rand_like", "randn_like", "empty_like", "full_like", "randint_like")
def _like(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    made = Tensor(x.dims, what="zeros")
    made.strides = iterated([(x.dims, x.strides)], x.dims)
    return made


@op("arange")
def _arange(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
    given = [a for a in args if not isinstance(a, External)]
    if "end" in kwargs:
        given = [kwargs.get("start", 0), kwargs["end"], *([kwargs["step"]] if "step" in kwargs else [])]
    start, stop, step = (0, given[0], 1) if len(given) == 1 else (*given, 1)[:3]
    if kwargs.get("step") is not None and "end" not in kwargs:
        step = kwargs["step"]
    if isinstance(stop, Size) and start == 0 and step == 1:
        return Tensor((stop,), what="arange")
    values = [v.data[0] if isinstance(v, Tensor) and v.data and len(v.data) == 1 else v for v in (start, stop, step)]
    for value in values:
        if isinstance(value, Unknown):
            value.refuse("a bound of arange", node)
        if not isinstance(value, (int, float)) or value != value:
            raise Refused("python-unknown-value", "a bound of arange is not known", node)
    start, stop, step = values
    if step == 0:
        raise Raised("RuntimeError", "step must be nonzero", node)
    import math

    count = max(0, math.ceil((stop - start) / step))
    made = Tensor((count,), what="arange")
    made.token = all(isinstance(value, int) for value in values)
    if count <= SHORT:
        made.data = [start + step * at for at in range(count)]
    return made


@op("linspace", "logspace")
def _linspace(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
    start, stop = get(args, kwargs, 0, "start"), get(args, kwargs, 1, "end", kwargs.get("stop"))
    count = whole(get(args, kwargs, 2, "steps", kwargs.get("num", 50)), "steps", node)
    made = Tensor((count,), what="linspace")
    if isinstance(count, int) and count <= SHORT and all(isinstance(v, (int, float)) for v in (start, stop)):
        step = (stop - start) / (count - 1) if count > 1 else 0
        made.data = [start + step * at for at in range(count)]
    return made


@op("eye")
def _eye(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
    n = whole(get(args, kwargs, 0, "n"), "n", node)
    m = get(args, kwargs, 1, "m")
    return Tensor((n, n if m is None or not isinstance(m, (int, Size)) else m), what="eye")


@op("randperm")
def _randperm(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Tensor:
    return Tensor((whole(args[0], "n", node),), what="randperm")


@named("tensor", "array", "from_numpy", "as_tensor", "Tensor", "FloatTensor", "LongTensor")
def _tensor(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST, name: str) -> Any:
    value = args[0] if args else kwargs.get("data", 0)
    if isinstance(value, (Tensor, Param)):
        return as_tensor(value, "a tensor", node)
    if name in ("Tensor", "FloatTensor", "LongTensor") and args and all(isinstance(a, (int, Size)) for a in args):
        return Tensor(tuple(args), what="empty")
    dims: list[int] = []
    inner = value
    while isinstance(inner, (list, tuple, Range)):
        items = packages.interpreter.listed(inner, node)
        dims.append(len(items))
        if not items:
            break
        inner = items[0]
    if isinstance(inner, Unknown) and not dims:
        return Tensor((), what="tensor")
    if isinstance(inner, (Tensor, Param)):
        dims.extend(inner.dims)
    made = Tensor(tuple(dims), what="tensor")
    if len(dims) == 1 and all(isinstance(part, (int, float)) for part in value):
        made.data = list(value)
    elif not dims and isinstance(value, (int, float)):
        made.data = [value]
    return made


@op("meshgrid")
def _meshgrid(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
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
def _iinfo(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    name = getattr(get(args, kwargs, 0, "type"), "name", "")
    bits = {"uint8": 8, "int8": 8, "int16": 16, "short": 16, "int32": 32, "int": 32, "int64": 64, "long": 64}.get(name)
    if bits is None:
        return Unknown("the range of a type", node)
    signed = name != "uint8"
    made = Object(Class("iinfo", [External("object")], node, packages.interpreter.file))
    made.attrs.update(min=-(2 ** (bits - 1)) if signed else 0, max=2 ** (bits - signed) - 1, bits=bits)
    return made


@op("finfo")
def _finfo(packages: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    made = Object(Class("finfo", [External("object")], node, packages.interpreter.file))
    made.attrs.update(min=-3.4e38, max=3.4e38, eps=1.2e-7, tiny=1.2e-38, smallest_normal=1.2e-38)
    named = args[0].name if args and isinstance(args[0], External) else ""
    bits = {"float16": 16, "half": 16, "bfloat16": 16, "float32": 32, "float": 32, "float64": 64, "double": 64}
    made.attrs["bits"] = bits.get(named) or Unknown("the type of the numbers", node)
    return made
