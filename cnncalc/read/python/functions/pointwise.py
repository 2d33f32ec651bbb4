"""Functions that work on each number by itself: activations, exponentials, casts that change no size."""

from __future__ import annotations

from copy import copy
from typing import Any

from cnncalc.core.layer import Layer
from cnncalc.read.python.functions.base import (
    METHODS_ONLY,
    OPS,
    get,
    in_place,
    layer,
    make,
    op,
    same,
    the,
    whole,
    written,
)
from cnncalc.read.python.functions.weights import absorbed
from cnncalc.read.python.tensor.sizes import Size, product
from cnncalc.read.python.tensor.strides import formatted, iterated
from cnncalc.read.python.tensor.tensors import Param, Tensor, axis_of, engine_axis, is_batch, text
from cnncalc.read.python.values import External, Refused, Unknown

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
OTHERS = [
    "rsqrt",
    "erf",
    "erfc",
    "floor",
    "ceil",
    "round",
    "sign",
    "log1p",
    "log2",
    "log10",
    "expm1",
    "reciprocal",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "logical_not",
    "isnan",
    "isinf",
    "isfinite",
    "bernoulli",
    "nan_to_num",
    "trunc",
    "frac",
    "sgn",
    "angle",
    "positive",
    "logit",
    "sinc",
    "lgamma",
    "digamma",
    "erfinv",
    "threshold",
    "rrelu",
    "cumprod",
    "cumsum",
    "logcumsumexp",
    "renorm",
    "asinh",
    "acosh",
    "atanh",
    "arcsin",
    "arccos",
    "arctan",
    "exp2",
    "deg2rad",
    "rad2deg",
    "i0",
    "special_erf",
    "special_erfc",
    "special_log1p",
    "special_i0",
    "special_sinc",
    "special_logit",
    "special_entr",
    "special_gammaln",
    "special_digamma",
    "mvlgamma",
    "polygamma",
    "fake_quantize_per_tensor_affine",
    "quantize_per_tensor",
    "dequantize",
    "bucketize",
]
UNCHANGED = [
    "detach",
    "clone",
    "cpu",
    "cuda",
    "to",
    "float",
    "double",
    "half",
    "bfloat16",
    "long",
    "int",
    "bool",
    "short",
    "byte",
    "type",
    "requires_grad_",
    "detach_",
    "type_as",
    "alias",
    "tolist_",
    "share_memory_",
    "pin_memory",
    "retain_grad",
    "numpy",
    "view_as_real_",
    "record_stream",
    "requires_grad",
    "as_subclass",
    "to_sparse",
    "to_dense",
    "coalesce",
]


def _pointwise(name: str) -> Any:
    kind, options = POINTWISE[name]

    def run(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
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

    return run


def _compute(name: str, x: Tensor) -> Tensor:
    """The numbers of a short constant, where they are simple."""
    import math

    result = Tensor(x.dims)
    plain: dict[str, Any] = {
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


for _name in POINTWISE:
    OPS[_name] = _pointwise(_name)
    OPS[_name + "_"] = in_place(OPS[_name])


def _other(name: str) -> Any:
    def run(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        x = the(args, kwargs, node)
        if name in ("cumsum", "cumprod") and x.data is not None and len(x.dims) == 1:
            result = Tensor(x.dims)
            total: Any = 0 if name == "cumsum" else 1
            found = []
            for value in x.data:
                total = total + value if name == "cumsum" else total * value
                found.append(total)
            result.data = found
            return result
        if name in ("floor", "ceil", "round") and x.data is not None:
            import math

            result = Tensor(x.dims)
            rounded: Any = {"floor": math.floor, "ceil": math.ceil, "round": round}[name]
            result.data = [rounded(value) for value in x.data]
            return result
        return same(packages, [x], name, node)

    return run


for _name in OTHERS:
    OPS[_name] = _other(_name)
    OPS[_name + "_"] = in_place(OPS[_name])


def _unchanged(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value = args[0] if args else next(iter(kwargs.values()), None)
    if isinstance(value, Param):
        return value.tensor
    return value


def _copied(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    """The same numbers in a tensor of its own: what is done in place to it leaves the other as it is."""
    value = _unchanged(packages, args, kwargs, node)
    if not isinstance(value, Tensor):
        return value
    made = copy(value)
    made.strides = iterated([(made.dims, made.strides)], made.dims)
    return made


def _detached(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value = _unchanged(packages, args, kwargs, node)
    return copy(value) if isinstance(value, Tensor) else value


def _cast(name: str) -> Any:
    """Numbers of another type: a copy, but where they have it already."""

    def run(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        x = _unchanged(packages, args, kwargs, node)
        if not isinstance(x, Tensor):
            return x
        copied = iterated([(x.dims, x.strides)], x.dims)
        kind = _kind(name, [*args[1:], *kwargs.values()])
        if copied == x.strides or kind == "":
            return x
        made = copy(x)
        plain = not x.token and x.what not in ("cast", "mask")
        if kind is None or (kind in ("float", "float32") and not plain):
            made.strides = None
        elif kind not in ("float", "float32"):
            made.strides = copied
            made.what = made.what or "cast"
        return made

    return run


def _kind(name: str, given: list[Any]) -> str | None:
    """The type that a cast names; "" where it names none, None where it is that of another tensor or not known."""
    if name not in ("to", "type", "type_as"):
        return name
    for value in given:
        if isinstance(value, External) and value.path.startswith("torch.") and value.name != "device":
            return value.name.removesuffix("Tensor").lower()
        if isinstance(value, (Tensor, Unknown)) or name != "to":
            return None
    return ""


def _contiguous(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    """The same numbers row after row, unless another order is asked for."""
    made = _copied(packages, args, kwargs, node)
    if isinstance(made, Tensor):
        last = str(getattr(kwargs.get("memory_format"), "name", "")).startswith("channels_last")
        made.strides = formatted(made.dims, last) if len(args) == 1 else None
    return made


def _whole(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    """Numbers cut to whole ones, where they are known: `.long()`, `.astype(int)`."""
    made = _copied(packages, args, kwargs, node)
    kind = args[1] if len(args) > 1 else kwargs.get("dtype")
    if isinstance(made, Tensor) and made.data is not None and (kind is None or "int" in getattr(kind, "path", "")):
        made.data = [int(number) for number in made.data]
    return made


for _name in UNCHANGED:
    METHODS_ONLY[_name] = _unchanged
for _name in ("to", "float", "double", "half", "bfloat16", "bool", "byte", "type", "type_as"):
    METHODS_ONLY[_name] = _cast(_name)
METHODS_ONLY["contiguous"] = _contiguous
for _name in ("long", "int", "short", "astype"):
    METHODS_ONLY[_name] = _whole
OPS["real"] = OPS["conj"] = _unchanged
OPS["clone"] = METHODS_ONLY["clone"] = _copied
OPS["detach"] = METHODS_ONLY["detach"] = _detached


@op("clamp", "clip", "clamp_", "clamp_min", "clamp_max", "clamp_min_")
def _clamp(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    low, high = get(args, kwargs, 1, "min"), get(args, kwargs, 2, "max")
    options = {n: v for n, v in (("min", low), ("max", high)) if isinstance(v, (int, float))}
    try:
        made = layer("Clamp", node, **options)
    except Refused:
        made = None
    return same(packages, [x], "Clamp", node, made)


@op("prelu")
def _prelu(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x, weight = the(args, kwargs, node), get(args, kwargs, 1, "weight")
    if isinstance(weight, Param):
        count, _ = product(weight.dims)
        return absorbed(packages, layer("PReLU", node, num_parameters=count), [x], {"weight": weight}, node)
    return same(packages, [x], "PReLU", node)


@op("softmax", "log_softmax", "softmin", "special_softmax", "gumbel_softmax")
def _softmax(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    dim = get(args, kwargs, 1, "dim")
    if isinstance(dim, float):
        dim = kwargs.get("dim", -1)  # gumbel_softmax(logits, tau)
    if dim is None:
        dim = 0 if len(x.dims) in (0, 1, 3) else 1
    at = axis_of(x, whole(dim, "dim", node), node)
    if x.dims and is_batch(x.dims[at]):
        return same(packages, [x], "Softmax", node)
    made = layer("Softmax", node, dim=engine_axis(x.dims, at))
    return same(packages, [x], "Softmax", node, made)


def _log_softmax(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    dim = get(args, kwargs, 1, "dim")
    if dim is None:
        dim = 0 if len(x.dims) in (0, 1, 3) else 1
    at = axis_of(x, whole(dim, "dim", node), node)
    made = None if x.dims and is_batch(x.dims[at]) else layer("LogSoftmax", node, dim=engine_axis(x.dims, at))
    return same(packages, [x], "LogSoftmax", node, made)


OPS["log_softmax"] = _log_softmax


@op("glu")
def _glu(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    at = axis_of(x, get(args, kwargs, 1, "dim", -1), node)
    if isinstance(x.dims[at], Size) or x.dims[at] % 2:
        raise Refused("python-raises", f"GLU halves axis {at} of {text(x.dims)}, which is odd", node)
    dims = (*x.dims[:at], x.dims[at] // 2, *x.dims[at + 1 :])
    return make(packages, layer("GLU", node, dim=engine_axis(x.dims, at)), [x], dims, node, "GLU")


@op("normalize")
def _normalize(packages: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    return same(packages, [the(args, kwargs, node)], "Normalize", node)
