"""Functions that work on each number by itself: activations, exponentials, casts that change no size."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from itertools import accumulate
from operator import add, mul

from cnncalc.core.layer import Layer
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.base import OPS, get, in_place, layer, make, named, op, same, the, the_axis, written
from cnncalc.read.python.functions.weights import absorbed
from cnncalc.read.python.tensor.sizes import Size, product
from cnncalc.read.python.tensor.strides import iterated
from cnncalc.read.python.tensor.tensors import Param, Tensor, engine_axis, is_batch, text
from cnncalc.read.python.values import Args, Kwargs, Refused

# name -> (layer, the options that further arguments are)
POINTWISE: dict[str, tuple[str, tuple[str, ...]]] = {
    "relu": ("ReLU", ()), "relu6": ("ReLU6", ()), "leaky_relu": ("LeakyReLU", ("negative_slope",)),
    "elu": ("ELU", ("alpha",)), "selu": ("SELU", ()), "celu": ("CELU", ("alpha",)), "gelu": ("GELU", ("approximate",)),
    "silu": ("SiLU", ()), "swish": ("SiLU", ()), "mish": ("Mish", ()), "sigmoid": ("Sigmoid", ()),
    "special_expit": ("Sigmoid", ()),
    "tanh": ("Tanh", ()), "hardswish": ("Hardswish", ()), "hardsigmoid": ("Hardsigmoid", ()),
    "hardtanh": ("Hardtanh", ("min_val", "max_val")), "logsigmoid": ("LogSigmoid", ()),
    "softplus": ("Softplus", ("beta", "threshold")), "softsign": ("Softsign", ()), "tanhshrink": ("Tanhshrink", ()),
    "hardshrink": ("Hardshrink", ("lambd",)), "softshrink": ("Softshrink", ("lambd",)),
    "exp": ("Exp", ()), "log": ("Log", ()), "sin": ("Sin", ()), "cos": ("Cos", ()), "sqrt": ("Sqrt", ()),
    "square": ("Square", ()), "abs": ("Abs", ()), "absolute": ("Abs", ()),
    "neg": ("Neg", ()), "dropout": ("Dropout", ("p",)),
    "dropout1d": ("Dropout1d", ("p",)), "dropout2d": ("Dropout2d", ("p",)), "dropout3d": ("Dropout3d", ("p",)),
    "alpha_dropout": ("AlphaDropout", ("p",)), "feature_alpha_dropout": ("FeatureAlphaDropout", ("p",)),
}  # fmt: skip
OTHERS = """
    rsqrt erf erfc floor ceil round sign log1p log2 log10 expm1 reciprocal tan asin acos atan sinh cosh logical_not
    isnan isinf isfinite bernoulli nan_to_num trunc frac sgn angle positive logit sinc lgamma digamma erfinv threshold
    rrelu cumprod cumsum logcumsumexp renorm asinh acosh atanh arcsin arccos arctan exp2 deg2rad rad2deg i0
    special_erf special_erfc special_log1p special_i0 special_sinc special_logit special_entr special_gammaln
    special_digamma mvlgamma polygamma fake_quantize_per_tensor_affine quantize_per_tensor dequantize bucketize
    """.split()


@named(*POINTWISE)
def _pointwise(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    kind, options = POINTWISE[name]
    x = the(args, kwargs, node)
    given = dict(zip(options, args[1:], strict=False))
    given.update({option: value for option, value in kwargs.items() if option in options})
    given = {option: value for option, value in given.items() if isinstance(value, (int, float, str))}
    try:
        made: Layer | None = layer(kind, node, **given)
    except Refused:
        made = None
    if x.data is not None and not packages.active:
        return _compute(name, x)
    result = same(packages, [x], kind, node, made)
    if name.startswith("dropout"):
        if get(args, kwargs, 2, "training", True):
            result.strides = iterated([(x.dims, x.strides)], x.dims)
    elif kwargs.get("inplace") is True or any(value is True for value in args[1:]):
        written(x, node)
        result.strides = x.strides
    return result


def _compute(name: str, x: Tensor) -> Tensor:
    """The numbers of a short constant, where they are simple."""
    result = Tensor(x.dims)
    plain: dict[str, Callable[[float], float]] = {
        "abs": abs,
        "neg": lambda v: -v,
        "square": lambda v: v * v,
        "log": math.log,
        "sqrt": math.sqrt,
        "exp": math.exp,
        "floor": math.floor,
    }
    if name in plain and x.data is not None:
        try:
            result.data = [plain[name](value) for value in x.data]
        except (ValueError, OverflowError):
            result.data = None
    return result


@named(*OTHERS)
def _other(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    x = the(args, kwargs, node)
    if name in ("cumsum", "cumprod") and x.data is not None and len(x.dims) == 1:
        result = Tensor(x.dims)
        result.data = list(accumulate(x.data, add if name == "cumsum" else mul))
        return result
    if name in ("floor", "ceil", "round") and x.data is not None:
        result = Tensor(x.dims)
        rounds: dict[str, Callable[[float], int]] = {"floor": math.floor, "ceil": math.ceil, "round": round}
        result.data = [rounds[name](value) for value in x.data]
        return result
    return same(packages, [x], name, node)


for _name in (*POINTWISE, *OTHERS):
    OPS[f"{_name}_"] = in_place(OPS[_name])


@op("clamp", "clip", "clamp_", "clamp_min", "clamp_max", "clamp_min_")
def _clamp(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    low, high = get(args, kwargs, 1, "min"), get(args, kwargs, 2, "max")
    options = {n: v for n, v in (("min", low), ("max", high)) if isinstance(v, (int, float))}
    try:
        made = layer("Clamp", node, **options)
    except Refused:
        made = None
    return same(packages, [x], "Clamp", node, made)


@op("prelu")
def _prelu(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x, weight = the(args, kwargs, node), get(args, kwargs, 1, "weight")
    if isinstance(weight, Param):
        count, _ = product(weight.dims)
        return absorbed(packages, layer("PReLU", node, num_parameters=count), [x], {"weight": weight}, node)
    return same(packages, [x], "PReLU", node)


@named("softmax", "softmin", "special_softmax", "gumbel_softmax", "log_softmax")
def _softmax(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    x = the(args, kwargs, node)
    dim = get(args, kwargs, 4, "dim", -1) if name == "gumbel_softmax" else get(args, kwargs, 1, "dim")
    if dim is None:
        dim = 0 if len(x.dims) in (0, 1, 3) else 1
    at = the_axis(x, dim, "dim", node)
    kind = "LogSoftmax" if name == "log_softmax" else "Softmax"
    made = None if x.dims and is_batch(x.dims[at]) else layer(kind, node, dim=engine_axis(x.dims, at))
    return same(packages, [x], kind, node, made)


@op("glu")
def _glu(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    at = the_axis(x, get(args, kwargs, 1, "dim", -1), "dim", node)
    size = x.dims[at]
    if isinstance(size, Size) or size % 2:
        raise Refused("python-raises", f"GLU halves axis {at} of {text(x.dims)}, which is odd", node)
    dims = (*x.dims[:at], size // 2, *x.dims[at + 1 :])
    return make(packages, layer("GLU", node, dim=engine_axis(x.dims, at)), [x], dims, node, "GLU")


@op("normalize")
def _normalize(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    return same(packages, [the(args, kwargs, node)], "Normalize", node)
