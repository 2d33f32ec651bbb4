"""Numbers picked and put by their places: gather, take, scatter, index_add, draws."""

from __future__ import annotations

import ast
from collections.abc import Callable

from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.base import get, integer, make, named, op, sizes_of, the, the_axis, whole
from cnncalc.read.python.functions.binary import broadcast
from cnncalc.read.python.functions.shapes import reshaped
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dims, product
from cnncalc.read.python.tensor.strides import iterated, overlaps
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import Args, Kwargs

# What a function makes of two tensors: the kind of its node, the place and name of the second, and the sizes.
_OF_TWO: dict[str, tuple[str, int, str, Callable[[Dims, Dims], Dims]]] = {
    "take": ("Take", 1, "index", lambda x, y: y),
    "gather": ("Gather", 2, "index", lambda x, y: y),
    "cdist": ("Cdist", 1, "x2", lambda x, y: (*x[:-1], y[-2])),
    "outer": ("Outer", 1, "vec2", lambda x, y: (*x, *y)),
    "ger": ("Outer", 1, "vec2", lambda x, y: (*x, *y)),
    "grid_sample": ("GridSample", 1, "grid", lambda x, y: (*x[:2], *y[1:-1])),
}


@named(*_OF_TWO)
def _of_two(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    kind, place, second, dims = _OF_TWO[name]
    x, y = the(args, kwargs, node), as_tensor(get(args, kwargs, place, second), second, node)
    return make(packages, None, [x, y], dims(x.dims, y.dims), node, kind)


@op("index_select")
def _index_select(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    at = the_axis(x, get(args, kwargs, 1, "dim"), "dim", node)
    index_ = as_tensor(get(args, kwargs, 2, "index"), "the index", node)
    dims = (*x.dims[:at], index_.dims[0] if index_.dims else 1, *x.dims[at + 1 :])
    return make(packages, None, [x, index_], dims, node, "IndexSelect")


@op("take_along_dim")
def _along(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x, index_ = the(args, kwargs, node), as_tensor(get(args, kwargs, 1, "indices"), "the index", node)
    dim = get(args, kwargs, 2, "dim")
    if dim is None:
        return make(packages, None, [x, index_], (product(index_.dims)[0],), node, "Gather")
    at = the_axis(x, dim, "dim", node)
    dims = broadcast([(*one.dims[:at], 1, *one.dims[at + 1 :]) for one in (x, index_)], node, "take_along_dim")
    return make(packages, None, [x, index_], (*dims[:at], index_.dims[at], *dims[at + 1 :]), node, "Gather")


@named("atleast_1d", "atleast_2d", "atleast_3d")
def _atleast(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    x = the(args, kwargs, node)
    wanted = int(name[8])
    dims = list(x.dims)
    while len(dims) < wanted:  # the third axis comes last, the others first
        dims = [*dims, 1] if len(dims) == 2 else [1, *dims]
    return reshaped(packages, x, dims, node, name)


@op("rot90")
def _rot90(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x, k = the(args, kwargs, node), integer(get(args, kwargs, 1, "k", 1), "k", node)
    one, other = (
        the_axis(x, at, "dim", node) for at in packages.interpreter.listed(get(args, kwargs, 2, "dims", (0, 1)), node)
    )
    dims = list(x.dims)
    if k % 2:
        dims[one], dims[other] = dims[other], dims[one]
    return make(packages, None, [x], tuple(dims), node, "Rot90")


@op("as_strided")
def _strided(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    sizes = sizes_of([get(args, kwargs, 1, "size")], "a size", packages.interpreter, node)
    return make(packages, None, [the(args, kwargs, node)], tuple(sizes), node, "AsStrided")


@op("searchsorted")
def _searchsorted(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    values = get(args, kwargs, 1, "input")
    dims = as_tensor(values, "the values", node).dims if isinstance(values, (Tensor, Param)) else ()
    return make(packages, None, [as_tensor(a, "", node) for a in args if isinstance(a, Tensor)], dims, node, "Search")


@op("histc")
def _histc(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    return make(packages, None, [the(args, kwargs, node)], (whole(get(args, kwargs, 1, "bins", 100), "bins", node),),
                node, "Histc")  # fmt: skip


@op("multinomial")
def _multinomial(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x, count = the(args, kwargs, node), whole(get(args, kwargs, 1, "num_samples"), "num_samples", node)
    made = make(packages, None, [x], (*x.dims[:-1], count), node, "Multinomial")
    made.token = True
    return made


@named(
    *"""
    scatter scatter_ scatter_add scatter_add_ index_add index_add_ index_copy_ masked_scatter fill_diagonal_
    index_fill_ index_fill index_copy index_put index_put_ slice_scatter select_scatter diagonal_scatter
    scatter_reduce scatter_reduce_ index_reduce put_
    """.split(),
)
def _scatter(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    tensors = [as_tensor(a, "an operand", node) for a in args if isinstance(a, (Tensor, Param))]
    result, x = make(packages, None, tensors, tensors[0].dims, node, "Scatter"), tensors[0]
    if name in ("slice_scatter", "select_scatter", "diagonal_scatter"):
        result.strides = iterated([(x.dims, x.strides)], x.dims) if overlaps(x.dims, x.strides) else x.strides
    elif name.startswith(("index_fill", "index_put", "index_copy", "index_reduce")):
        result.strides = iterated([(x.dims, x.strides)], x.dims)
    return result
