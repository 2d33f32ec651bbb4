"""One number of many: sums, means, extremes, norms, losses."""

from __future__ import annotations

import ast
from math import prod

from cnncalc.read.python.bases import InterpreterBase, Op, PackagesBase
from cnncalc.read.python.functions.base import OPS, get, layer, listed, make, named, op, same, the, the_axis, whole
from cnncalc.read.python.functions.binary import operands
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dims, Size
from cnncalc.read.python.tensor.strides import packed
from cnncalc.read.python.tensor.tensors import Param, Tensor, engine_axis
from cnncalc.read.python.values import Args, External, Kwargs, Raised, Refused, Unknown


def reduced(x: Tensor, dim: object, keepdim: bool, node: ast.AST, run: InterpreterBase) -> tuple[Dims, list[int]]:
    """The sizes after axes are taken together, and these axes."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        axes = list(range(len(x.dims)))
    else:
        given = listed(dim)
        axes = [the_axis(x, one, "dim", node) for one in given]
        if len(set(axes)) != len(axes):
            raise Raised("RuntimeError", f"dim {given} has an axis more than once", node)
    dims = tuple(1 if at in axes else size for at, size in enumerate(x.dims) if keepdim or at not in axes)
    return dims, axes


# The layers that do the same, and functions without one.
_KINDS = {"mean": "Mean", "sum": "Sum", "amax": "Max", "amin": "Min", "max": "Max", "min": "Min"}
_PLAIN = """
var std norm prod argmax argmin any all logsumexp median nansum nanmean var_mean std_mean linalg_norm linalg_vector_norm
count_nonzero mode
""".split()


@named(*_KINDS, *_PLAIN)
def _reduce(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    kind = _KINDS.get(name, "")
    x = the(args, kwargs, node)
    if len(args) > 2 and all(isinstance(a, int) and not isinstance(a, bool) for a in args[1:]):
        dim: object = args[1:]
        keepdim = kwargs.get("keepdim", False)
    else:
        dim = get(args, kwargs, 1, "dim", kwargs.get("axis"))
        keepdim = get(args, kwargs, 2, "keepdim", kwargs.get("keepdims", False))
    if isinstance(dim, bool):  # var(x, unbiased)
        dim = None
    if name == "norm":
        dim = kwargs.get("dim", args[2] if len(args) > 2 else None)
        keepdim = kwargs.get("keepdim", args[3] if len(args) > 3 else False)
    if name in ("var", "std", "var_mean", "std_mean") and isinstance(args[2:3] and args[2], bool):
        keepdim = kwargs.get("keepdim", args[3] if len(args) > 3 else False)
    if isinstance(dim, External):
        dim = None
    if x.data is not None and dim is None and name in ("sum", "max", "min", "mean", "amax", "amin", "prod"):
        values = x.data
        number = {"sum": sum(values), "mean": sum(values) / max(len(values), 1), "prod": prod(values)}.get(
            name, (max if "max" in name else min)(values) if values else 0
        )
        return Tensor((), data=[number])
    if x.data and dim is None and name in ("argmax", "argmin"):
        return Tensor((), data=[x.data.index(max(x.data) if name == "argmax" else min(x.data))])
    dims, axes = reduced(x, dim, bool(keepdim), node, packages.interpreter)
    made = None
    if kind and not any(isinstance(x.dims[at], Size) for at in axes):
        made = layer(kind, node, dim=[engine_axis(x.dims, at) for at in axes], keepdim=bool(keepdim))
    result = make(packages, made, [x], dims, node, kind or name)
    result.token = False
    if name in ("max", "min", "median", "mode") and dim is not None:
        return _pair(result, _indices(packages, result, node))
    if name in ("var_mean", "std_mean"):
        return (result, result)
    if name in ("argmax", "argmin", "any", "all", "count_nonzero"):
        result.token = True
    return result


def _indices(packages: PackagesBase, like: Tensor, node: ast.AST) -> Tensor:
    indices = Tensor(like.dims, like.ref)
    indices.token, indices.strides = True, like.strides
    return indices


class Pair(tuple[Tensor, Tensor]):
    """values, indices: what max(dim) gives."""

    type_name = "return types"


def _pair(values: Tensor, indices: Tensor) -> Pair:
    return Pair((values, indices))


@named("cummax", "cummin", "aminmax", "kthvalue")
def _two(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    """Values with their places, or the least with the largest."""
    x = the(args, kwargs, node)
    if name.startswith("cum"):
        result = same(packages, [x], name, node)
    else:
        dim = kwargs.get("dim") if name == "aminmax" else get(args, kwargs, 2, "dim", -1)
        dims, _ = reduced(x, dim, bool(get(args, kwargs, 3, "keepdim", False)), node, packages.interpreter)
        result = make(packages, None, [x], dims, node, name)
    return _pair(result, result if name == "aminmax" else _indices(packages, result, node))


@op("quantile", "nanquantile")
def _quantile(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x, q = the(args, kwargs, node), get(args, kwargs, 1, "q")
    dim, keepdim = get(args, kwargs, 2, "dim"), bool(get(args, kwargs, 3, "keepdim", False))
    dims, _ = reduced(x, dim, keepdim, node, packages.interpreter)
    lead = as_tensor(q, "q", node).dims if isinstance(q, (Tensor, Param)) else ()
    result = make(packages, None, [x], (*lead, *dims), node, "Quantile")
    result.strides = None if lead else packed(dims)
    return result


@op("dist")
def _dist(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    tensors, _ = operands(packages, [as_tensor(a, "an operand", node) for a in args[:2]], node, "dist")
    return make(packages, None, tensors, (), node, "Dist")


@op("linalg_matrix_norm")
def _matrix_norm(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    at = get(args, kwargs, 2, "dim", (-2, -1))
    return OPS["norm"](packages, [args[0]], {"dim": at, "keepdim": kwargs.get("keepdim", False)}, node)


_plain_max, _plain_min = OPS["max"], OPS["min"]


def _either(plain: Op, kind: str) -> Op:
    def run(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        if len(args) > 1 and isinstance(args[1], (Tensor, Param)):
            return OPS[kind.lower()](packages, args[:2], {}, node)
        return plain(packages, args, kwargs, node)

    return run


OPS["max"], OPS["min"] = _either(_plain_max, "Maximum"), _either(_plain_min, "Minimum")


@named("topk", "sort", "msort")
def _topk(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    x = the(args, kwargs, node)
    if name == "topk":
        k = whole(get(args, kwargs, 1, "k"), "k", node)
        at = the_axis(x, get(args, kwargs, 2, "dim", -1), "dim", node)
        dims = (*x.dims[:at], k, *x.dims[at + 1 :])
        size = x.dims[at]
        if isinstance(size, int) and isinstance(k, int) and k > size:
            raise Raised("RuntimeError", "selected index k out of range", node)
    else:
        dims = x.dims
    result = make(packages, None, [x], dims, node, name or "sort")
    return _pair(result, _indices(packages, result, node))


@op("argsort")
def _argsort(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    result = same(packages, [the(args, kwargs, node)], "Argsort", node)
    result.token = True
    return result


# What a loss is without a reduction: a number for each element, for each row of vectors, or for each class index.
_ELEMENTS = (
    "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "kl_div", "poisson_nll_loss", "gaussian_nll_loss", "soft_margin_loss", "hinge_embedding_loss",
    "margin_ranking_loss",
)  # fmt: skip
_ROWS = ("triplet_margin_loss", "cosine_embedding_loss", "triplet_margin_with_distance_loss")
_CLASSES = ("cross_entropy", "nll_loss")
_FIRST = ("multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss")
_BY_NAME = {name.replace("_", "").removesuffix("loss"): name for name in (*_ELEMENTS, *_ROWS, *_CLASSES, *_FIRST)}
_BY_NAME.update(bce="binary_cross_entropy", bcewithlogits="binary_cross_entropy_with_logits", ctc="ctc_loss")
_BY_NAME.update(kldiv="kl_div", multilabelsoftmargin="multilabel_soft_margin_loss")


def loss(packages: PackagesBase, kind: str, args: Args, reduction: object, node: ast.AST) -> Tensor:
    """A loss of a batch, by the name of its function or class: one number, or where nothing is reduced as many."""
    tensors = [as_tensor(value, "an input of a loss", node) for value in args if isinstance(value, (Tensor, Param))]
    if isinstance(reduction, Unknown):
        reduction.refuse("the reduction of a loss", node)
    dims: Dims = ()
    if reduction == "none" and tensors:
        name = _BY_NAME.get(kind.lower().removesuffix("loss"), kind)
        first, other = tensors[0].dims, tensors[min(1, len(tensors) - 1)].dims
        if name in _ELEMENTS:
            tensors, dims = operands(packages, tensors, node, name)
        elif name in _CLASSES:
            dims = other if len(other) < len(first) else (*first[:1], *first[2:])
        elif name in _ROWS:
            dims = first[:-1]
        elif name in _FIRST:
            dims = first[:1]
        else:
            raise Refused("python-unknown-call", f"{kind} without a reduction is not followed", node)
    result = make(packages, None, tensors, dims, node, "Loss")
    if not tensors or dims != tensors[0].dims:
        result.strides = packed(dims)
    return result


@named(*_ELEMENTS, *_ROWS, *_CLASSES, *_FIRST, "ctc_loss")
def _named_loss(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    tensors = [*args, *(value for value in kwargs.values() if isinstance(value, (Tensor, Param)))]
    return loss(packages, name, tensors, kwargs.get("reduction", "mean"), node)
