"""One number of many: sums, means, extremes, norms, losses."""

from __future__ import annotations

from math import prod
from typing import Any

from cnncalc.read.python.apply import as_tensor
from cnncalc.read.python.functions.base import OPS, Dims, get, layer, make, op, same, the, whole
from cnncalc.read.python.functions.binary import operands
from cnncalc.read.python.sizes import Size
from cnncalc.read.python.tensors import Param, Tensor, axis_of, engine_axis
from cnncalc.read.python.values import External, Raised


def reduced(x: Tensor, dim: Any, keepdim: bool, node: Any, run: Any) -> tuple[Dims, list[int]]:
    """The sizes after axes are taken together, and these axes."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        axes = list(range(len(x.dims)))
    else:
        given = list(dim) if isinstance(dim, (tuple, list)) else [dim]
        axes = [axis_of(x, whole(one, "dim", node), node) for one in given]
    dims = tuple(1 if at in axes else size for at, size in enumerate(x.dims) if keepdim or at not in axes)
    return dims, axes


def _reduce(kind: str, name: str) -> Any:
    def run(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        x = the(args, kwargs, node)
        if len(args) > 2 and all(isinstance(a, int) and not isinstance(a, bool) for a in args[1:]):
            dim: Any = args[1:]
            keepdim: Any = kwargs.get("keepdim", False)
        else:
            dim = get(args, kwargs, 1, "dim", kwargs.get("axis"))
            keepdim = get(args, kwargs, 2, "keepdim", kwargs.get("keepdims", False))
        if isinstance(dim, bool):  # var(x, unbiased)
            dim = None
        if name in ("norm", "var", "std", "var_mean", "std_mean") and name == "norm":
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
        dims, axes = reduced(x, dim, bool(keepdim), node, packages.interpreter)
        made = None
        if kind and not any(isinstance(x.dims[at], Size) for at in axes):
            made = layer(kind, node, dim=[engine_axis(x.dims, at) for at in axes], keepdim=bool(keepdim))
        result = make(packages, made, [x], dims, node, kind or name)
        result.token = False
        if name in ("max", "min", "median", "mode", "cummax", "kthvalue") and dim is not None:
            return _pair(result, _indices(packages, result, node))
        if name in ("var_mean", "std_mean"):
            return (result, result)
        if name in ("argmax", "argmin", "any", "all", "count_nonzero"):
            result.token = True
        return result

    return run


def _indices(packages: Any, like: Tensor, node: Any) -> Tensor:
    indices = Tensor(like.dims, like.ref)
    indices.token = True
    return indices


class Pair(tuple[Any, ...]):
    """values, indices: what max(dim) gives."""

    type_name = "return types"


def _pair(values: Tensor, indices: Tensor) -> Any:
    return Pair((values, indices))


for _name, _kind in (
    ("mean", "Mean"), ("sum", "Sum"), ("amax", "Max"), ("amin", "Min"), ("max", "Max"), ("min", "Min"), ("var", ""),
    ("std", ""), ("norm", ""), ("prod", ""), ("argmax", ""), ("argmin", ""), ("any", ""), ("all", ""),
    ("logsumexp", ""), ("median", ""), ("nansum", ""), ("nanmean", ""), ("var_mean", ""), ("std_mean", ""),
    ("linalg_norm", ""), ("linalg_vector_norm", ""), ("count_nonzero", ""),
):  # fmt: skip
    OPS[_name] = _reduce(_kind, _name)

_plain_max, _plain_min = OPS["max"], OPS["min"]


def _either(plain: Any, kind: str) -> Any:
    def run(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        if len(args) > 1 and isinstance(args[1], (Tensor, Param)):
            tensors, dims = operands(packages, [as_tensor(a, "an operand", node) for a in args[:2]], node, kind)
            return make(packages, layer(kind, node), tensors, dims, node, kind)
        return plain(packages, args, kwargs, node)

    return run


OPS["max"], OPS["min"] = _either(_plain_max, "Maximum"), _either(_plain_min, "Minimum")


@op("topk", "sort", "msort")
def _topk(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    x = the(args, kwargs, node)
    name = node.func.attr if hasattr(getattr(node, "func", None), "attr") else ""
    if name == "topk":
        k = whole(get(args, kwargs, 1, "k"), "k", node)
        at = axis_of(x, get(args, kwargs, 2, "dim", -1), node)
        dims = (*x.dims[:at], k, *x.dims[at + 1 :])
        if not isinstance(x.dims[at], Size) and isinstance(k, int) and k > x.dims[at]:
            raise Raised("RuntimeError", "selected index k out of range", node)
    else:
        dims = x.dims
    result = make(packages, None, [x], dims, node, name or "sort")
    return _pair(result, _indices(packages, result, node))


@op("argsort")
def _argsort(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    result = same(packages, [the(args, kwargs, node)], "Argsort", node)
    result.token = True
    return result


def loss(packages: Any, args: list[Any], node: Any) -> Tensor:
    """A loss of a batch: one number."""
    tensors = [as_tensor(value, "an input of a loss", node) for value in args if isinstance(value, (Tensor, Param))]
    return make(packages, None, tensors, (), node, "Loss")


for _name in [
    "cross_entropy",
    "nll_loss",
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "kl_div",
    "huber_loss",
    "hinge_embedding_loss",
    "cosine_embedding_loss",
    "triplet_margin_loss",
    "ctc_loss",
]:
    OPS[_name] = lambda packages, args, kwargs, node: loss(packages, args, node)
