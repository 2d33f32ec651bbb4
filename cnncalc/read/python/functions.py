"""Functions and methods of tensors: what torch.*, torch.nn.functional.* and x.* do to shapes, and the nodes they make.

Each function gets (world, args, kwargs, node); a method's first argument is its tensor. Sizes are PyTorch's, with the
batch where it stands; where a layer of the spec language does the same it becomes the node, else an opaque operation.
"""

from __future__ import annotations

from typing import Any

from cnncalc import layers
from cnncalc.layer import Layer
from cnncalc.problem import Fault
from cnncalc.read.opaque import opaque
from cnncalc.read.python import modules
from cnncalc.read.python.calls import Stop, apply, as_tensor
from cnncalc.read.python.library import kind_of
from cnncalc.read.python.sizes import Size, product
from cnncalc.read.python.tensors import (
    Param,
    Tensor,
    axis_of,
    batch_at,
    engine_axis,
    is_batch,
    sample,
    text,
)
from cnncalc.read.python.values import MISSING, Bound, Class, External, Object, Raised, Range, Refused, Unknown

Dims = tuple[Any, ...]
OPS: dict[str, Any] = {}
METHODS_ONLY: dict[str, Any] = {}


def op(*names: str) -> Any:
    """Make a function the meaning of these names of torch, torch.nn.functional and tensors."""

    def register(function: Any) -> Any:
        for name in names:
            OPS[name] = function
        return function

    return register


def find(path: str) -> Any:
    """The function that a canonical path names; None where it is not known."""
    head, _, name = path.rpartition(".")
    if head in ("torch", "F", "torch.Tensor", "numpy", "torch.nn.functional"):
        if head == "numpy" and name not in NUMPY:
            return None
        return OPS.get(name)
    if head == "einops" or head.startswith("einops.layers"):
        from cnncalc.read.python import einops

        return einops.OPS.get(name)
    return None


NUMPY = frozenset(
    [
        "zeros",
        "ones",
        "arange",
        "linspace",
        "array",
        "full",
        "empty",
        "eye",
        "zeros_like",
        "ones_like",
        "sqrt",
        "exp",
        "log",
        "cumsum",
    ]
)


def get(args: list[Any], kwargs: dict[str, Any], at: int, name: str, default: Any = None) -> Any:
    """An argument by place or name."""
    return args[at] if len(args) > at else kwargs.get(name, default)


def the(args: list[Any], kwargs: dict[str, Any], node: Any, what: str = "the input") -> Tensor:
    """The first argument, a tensor."""
    value = args[0] if args else next((kwargs[n] for n in ("input", "x", "self", "tensor") if n in kwargs), MISSING)
    if value is MISSING:
        raise Raised("TypeError", "a tensor is missing", node)
    return as_tensor(value, what, node)


def whole(value: Any, what: str, node: Any) -> Any:
    """A whole number, or a size."""
    if isinstance(value, Unknown):
        value.refuse(what, node)
    if isinstance(value, Tensor) and value.data is not None and len(value.data) == 1:
        value = value.data[0]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Object) and isinstance(value.attrs.get("value"), int):
        return value.attrs["value"]
    if not isinstance(value, (int, Size)):
        if isinstance(value, Tensor):
            raise Refused("python-unknown-value", f"{what} depends on the numbers in a tensor", node)
        raise Raised("TypeError", f"{what} must be a whole number, not {kind_of(value)}", node)
    return value


def sizes_of(values: Any, what: str, run: Any, node: Any) -> list[Any]:
    """Sizes given one after the other, or as one list."""
    given = list(values)
    if len(given) == 1 and not isinstance(given[0], (int, Size, Unknown, float)):
        given = run.listed(given[0], node) if not isinstance(given[0], Tensor) else given
    return [whole(value, what, node) for value in given]


def layer(kind: str, node: Any, /, **options: Any) -> Layer:
    """A layer of the spec language."""
    found = layers.find(kind)
    assert found is not None, kind
    try:
        return found.bind([], options)
    except Fault as fault:
        raise Refused(fault.code, fault.message, node, fault.help) from None


def make(world: Any, made: Layer | None, inputs: list[Tensor], dims: Dims, node: Any, kind: str = "") -> Tensor:
    """A tensor of these sizes, and the node that makes it: the layer if it agrees, else an opaque operation."""
    if sum(isinstance(size, Size) for size in dims) > 1:
        raise Refused("python-batch-axis", f"this mixes the samples of a batch: it gives {text(dims)}", node)
    result = Tensor(dims)
    result.token = any(tensor.token for tensor in inputs)
    if not world.active or all(tensor.constant for tensor in inputs):
        result.what = inputs[0].what if inputs else ""
        world.interpreter.spend(4, node)
        return result
    tracer = world.tracer
    world.interpreter.spend(10, node)
    tracer.origin = world.origin(None, node)
    refs = tuple(tracer.ref(tensor) for tensor in inputs)
    wanted = sample(dims)
    if made is not None:
        try:
            xs = tuple((1, *sample(tensor.dims)) for tensor in inputs)
            made.accept(xs)
            if tuple(made.shape(*xs)[1:]) != wanted:
                made = None
        except Fault:
            made = None
    if made is None:
        made = opaque(kind.title().replace("_", "") or "Function", wanted)
    result.ref = tracer.add(made, refs, tracer.function_name(kind or made.type()))
    return result


def same(world: Any, inputs: list[Tensor], kind: str, node: Any, made: Layer | None = None) -> Tensor:
    """An operation that keeps the sizes of its first input."""
    result = make(world, made, inputs, inputs[0].dims, node, kind)
    result.token = False
    return result


# --- element by element --------------------------------------------------------------------------------------------

# name -> (layer, the options that further arguments are)
POINTWISE: dict[str, tuple[str, tuple[str, ...]]] = {
    "relu": ("ReLU", ()), "relu6": ("ReLU6", ()), "leaky_relu": ("LeakyReLU", ("negative_slope",)),
    "elu": ("ELU", ("alpha",)), "selu": ("SELU", ()), "celu": ("CELU", ("alpha",)), "gelu": ("GELU", ("approximate",)),
    "silu": ("SiLU", ()), "swish": ("SiLU", ()), "mish": ("Mish", ()), "sigmoid": ("Sigmoid", ()), "special_expit": ("Sigmoid", ()),
    "tanh": ("Tanh", ()), "hardswish": ("Hardswish", ()), "hardsigmoid": ("Hardsigmoid", ()),
    "hardtanh": ("Hardtanh", ("min_val", "max_val")), "logsigmoid": ("LogSigmoid", ()),
    "softplus": ("Softplus", ("beta", "threshold")), "softsign": ("Softsign", ()), "tanhshrink": ("Tanhshrink", ()),
    "hardshrink": ("Hardshrink", ("lambd",)), "softshrink": ("Softshrink", ("lambd",)),
    "exp": ("Exp", ()), "log": ("Log", ()), "sin": ("Sin", ()), "cos": ("Cos", ()), "sqrt": ("Sqrt", ()),
    "square": ("Square", ()), "abs": ("Abs", ()), "neg": ("Neg", ()), "dropout": ("Dropout", ("p",)),
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
    "cummax",
    "logcumsumexp",
    "renorm",
    "flip_like",
    "sort_values",
]
UNCHANGED = [
    "contiguous",
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
]


def _pointwise(name: str) -> Any:
    kind, options = POINTWISE[name]

    def run(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
        x = the(args, kwargs, node)
        given = {option: value for option, value in zip(options, args[1:], strict=False)}
        given.update({option: value for option, value in kwargs.items() if option in options})
        given = {option: value for option, value in given.items() if isinstance(value, (int, float, str))}
        try:
            made: Layer | None = layer(kind, node, **given)
        except Refused:
            made = None
        if x.data is not None and not world.active:
            return _compute(name, x)
        return same(world, [x], kind, node, made)

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
        "log": math.log,
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
    OPS[_name + "_"] = OPS[_name]


def _other(name: str) -> Any:
    def run(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
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
            result.data = [{"floor": math.floor, "ceil": math.ceil, "round": round}[name](v) for v in x.data]
            return result
        return same(world, [x], name, node)

    return run


for _name in OTHERS:
    OPS[_name] = _other(_name)
    OPS[_name + "_"] = OPS[_name]


def _unchanged(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value = args[0] if args else next(iter(kwargs.values()), None)
    if isinstance(value, Param):
        return value.tensor
    return value


for _name in UNCHANGED:
    METHODS_ONLY[_name] = _unchanged
OPS["clone"] = OPS["detach"] = OPS["as_tensor"] = OPS["real"] = OPS["conj"] = _unchanged


@op("clamp", "clip", "clamp_", "clamp_min", "clamp_max", "clamp_min_")
def _clamp(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    low, high = get(args, kwargs, 1, "min"), get(args, kwargs, 2, "max")
    options = {n: v for n, v in (("min", low), ("max", high)) if isinstance(v, (int, float))}
    try:
        made = layer("Clamp", node, **options)
    except Refused:
        made = None
    return same(world, [x], "Clamp", node, made)


@op("prelu")
def _prelu(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x, weight = the(args, kwargs, node), get(args, kwargs, 1, "weight")
    if isinstance(weight, Param):
        count, _ = product(weight.dims)
        return absorbed(world, layer("PReLU", node, num_parameters=count), [x], {"weight": weight}, node)
    return same(world, [x], "PReLU", node)


@op("softmax", "log_softmax", "softmin", "special_softmax", "gumbel_softmax")
def _softmax(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    dim = get(args, kwargs, 1, "dim")
    if isinstance(dim, float):
        dim = kwargs.get("dim", -1)  # gumbel_softmax(logits, tau)
    if dim is None:
        dim = 0 if len(x.dims) in (0, 1, 3) else 1
    at = axis_of(x, whole(dim, "dim", node), node)
    if x.dims and is_batch(x.dims[at]):
        return same(world, [x], "Softmax", node)
    made = layer("Softmax", node, dim=engine_axis(x.dims, at))
    return same(world, [x], "Softmax", node, made)


def _log_softmax(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    dim = get(args, kwargs, 1, "dim")
    if dim is None:
        dim = 0 if len(x.dims) in (0, 1, 3) else 1
    at = axis_of(x, whole(dim, "dim", node), node)
    made = None if x.dims and is_batch(x.dims[at]) else layer("LogSoftmax", node, dim=engine_axis(x.dims, at))
    return same(world, [x], "LogSoftmax", node, made)


OPS["log_softmax"] = _log_softmax


@op("glu")
def _glu(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    at = axis_of(x, get(args, kwargs, 1, "dim", -1), node)
    if isinstance(x.dims[at], Size) or x.dims[at] % 2:
        raise Refused("python-raises", f"GLU halves axis {at} of {text(x.dims)}, which is odd", node)
    dims = (*x.dims[:at], x.dims[at] // 2, *x.dims[at + 1 :])
    return make(world, layer("GLU", node, dim=engine_axis(x.dims, at)), [x], dims, node, "GLU")


@op("normalize")
def _normalize(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    return same(world, [the(args, kwargs, node)], "Normalize", node)


# --- two tensors ---------------------------------------------------------------------------------------------------

BINARY = {
    "+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "//": "FloorDivide", "%": "Remainder", "**": "Pow",
    "==": "Equal", "!=": "NotEqual", "<": "Less", "<=": "LessEqual", ">": "Greater", ">=": "GreaterEqual",
    "&": "And", "|": "Or", "^": "Xor",
}  # fmt: skip


def broadcast(shapes: list[Dims], node: Any, what: str = "these") -> Dims:
    """The common sizes of tensors, aligned at their last axis."""
    rank = max(map(len, shapes), default=0)
    result: list[Any] = []
    for place in range(-rank, 0):
        size: Any = 1
        for dims in shapes:
            mine = dims[place] if len(dims) >= -place else 1
            if mine == 1 or mine == size:
                continue
            if size == 1:
                size = mine
            else:
                raise Refused(
                    "shapes-differ",
                    f"{what} cannot combine {' and '.join(map(text, shapes))}: axis {place}, counted from the end, has "
                    f"{size} and {mine}",
                    node,
                )
        result.append(size)
    return tuple(result)


def aligned(world: Any, tensor: Tensor, dims: Dims, node: Any) -> Tensor:
    """A tensor so that its sample broadcasts to the sample of `dims`: an axis of 1 at the batch's place goes."""
    at = batch_at(dims)
    if at is None or not is_batch(dims[at]):
        return tensor
    back = at - len(dims)
    if batch_at(tensor.dims) is not None or len(tensor.dims) < -back:
        return tensor
    place = len(tensor.dims) + back
    without = (*tensor.dims[:place], *tensor.dims[place + 1 :])
    if tensor.constant or not world.active:
        made = Tensor(without, what=tensor.what)
        return made
    return make(world, layer("Squeeze", node, dim=1 + place), [tensor], without, node, "Squeeze")


def operands(world: Any, tensors: list[Tensor], node: Any, kind: str) -> tuple[list[Tensor], Dims]:
    """Tensors ready to be combined, and the sizes of what comes out."""
    dims = broadcast([tensor.dims for tensor in tensors], node, kind)
    if world.active and not all(tensor.constant for tensor in tensors):
        tensors = [aligned(world, tensor, dims, node) for tensor in tensors]
    return tensors, dims


def binary(world: Any, sign: str, left: Any, right: Any, node: Any) -> Any:
    """`left sign right` with a tensor among them."""
    if sign == "@":
        return _matmul(world, [left, right], {}, node)
    kind = BINARY[sign]
    for one in (left, right):
        if isinstance(one, Unknown) and one.module:
            one.refuse("an operand", node)
        if isinstance(one, (list, tuple, dict, str)) or one is None:
            raise Raised("TypeError", f"a tensor {sign} {kind_of(one)}", node)
    tensors = [as_tensor(one, "an operand", node) for one in (left, right) if isinstance(one, (Tensor, Param))]
    if len(tensors) == 2:
        computed = _numbers(sign, tensors)
        if computed is not None:
            return computed
        tensors, dims = operands(world, tensors, node, kind)
        made = layer(kind, node) if kind in ("Add", "Subtract", "Multiply", "Divide") else None
        result = make(world, made, tensors, dims, node, kind)
        result.token = False
        result.what = _masked(sign, tensors, result)
        return result
    x = tensors[0]
    other = right if isinstance(left, (Tensor, Param)) else left
    number = other if isinstance(other, (int, float)) and not isinstance(other, bool) else None
    made = None
    first = not isinstance(left, (Tensor, Param))
    if x.data is not None and number is not None:
        computed = _numbers(sign, [x, Tensor((), data=[number])] if not first else [Tensor((), data=[number]), x])
        if computed is not None:
            return computed
    if number is not None and number == number and abs(number) != float("inf"):
        if sign == "*" or (sign == "/" and not first and number != 0):
            made = layer("Scale", node, factor=number if sign == "*" else 1 / number)
        elif sign in ("+", "-", "/"):
            made = layer(kind, node, value=number, **({"value_first": True} if first and sign in "-/" else {}))
        elif sign == "**" and not first:
            try:
                made = layer("Pow", node, exponent=number)
            except Refused:
                made = None
    result = same(world, [x], made.type() if made is not None and made.type() != "Scale" else kind, node, made)
    result.what = _masked(sign, [x], result)
    return result


def _masked(sign: str, tensors: list[Tensor], result: Tensor) -> str:
    """What a tensor is called: a comparison gives a mask."""
    if sign in ("==", "!=", "<", "<=", ">", ">="):
        return "mask"
    if sign in ("&", "|", "^") and any(tensor.what == "mask" for tensor in tensors):
        return "mask"
    return result.what if result.what != "mask" else ""


def _numbers(sign: str, tensors: list[Tensor]) -> Tensor | None:
    """The numbers of two short constants combined."""
    import operator

    plain = {
        "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
        "**": operator.pow, "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    }  # fmt: skip
    left, right = tensors
    if left.data is None or right.data is None or sign not in plain:
        return None
    if len(left.data) != len(right.data) and 1 not in (len(left.data), len(right.data)):
        return None
    if len(left.dims) > 1 or len(right.dims) > 1:
        return None
    count = max(len(left.data), len(right.data))
    ones = left.data * count if len(left.data) == 1 else left.data
    others = right.data * count if len(right.data) == 1 else right.data
    try:
        values = [plain[sign](one, other) for one, other in zip(ones, others, strict=True)]
    except (ZeroDivisionError, OverflowError, TypeError):
        return None
    dims = left.dims if len(left.dims) >= len(right.dims) and len(left.data) == count else right.dims
    return Tensor(dims, data=values)


def unary(world: Any, sign: str, value: Any, node: Any) -> Tensor:
    """-x, +x, ~x."""
    x = as_tensor(value, "an operand", node)
    if sign == "pos":
        return x
    result = same(world, [x], "Neg" if sign == "neg" else "Not", node, layer("Neg", node) if sign == "neg" else None)
    result.what = x.what
    return result


def _named_binary(sign: str) -> Any:
    def run(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        left = args[0] if args else kwargs.get("input")
        right = get(args, kwargs, 1, "other", kwargs.get("exponent", MISSING))
        if right is MISSING:
            raise Raised("TypeError", "an operand is missing", node)
        if not isinstance(left, (Tensor, Param)) and not isinstance(right, (Tensor, Param)):
            return world.interpreter.binary(sign, left, right, node)
        return binary(world, sign, left, right, node)

    return run


for _names, _sign in (
    ("add add_ __add__", "+"), ("sub sub_ subtract rsub", "-"), ("mul mul_ multiply", "*"),
    ("div div_ divide true_divide", "/"), ("floor_divide", "//"), ("remainder fmod", "%"), ("pow pow_", "**"),
    ("eq", "=="), ("ne", "!="), ("lt less", "<"), ("le", "<="), ("gt greater", ">"), ("ge", ">="),
    ("logical_and bitwise_and", "&"), ("logical_or bitwise_or", "|"), ("logical_xor", "^"),
):  # fmt: skip
    for _name in _names.split():
        OPS[_name] = _named_binary(_sign)


@op(
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "atan2",
    "hypot",
    "lerp",
    "addcmul",
    "addcdiv",
    "where",
    "masked_fill",
    "masked_fill_",
    "where_",
    "dist",
    "xlogy",
    "copysign",
)
def _combined(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    values = [*args, *kwargs.values()]
    for value in values[:2]:
        if isinstance(value, Unknown) and value.module:
            value.refuse("an operand", node)
    tensors = [as_tensor(value, "an operand", node) for value in values if isinstance(value, (Tensor, Param))]
    if not tensors:
        return Unknown("a tensor", node)
    name = node.func.attr if hasattr(getattr(node, "func", None), "attr") else "where"
    if name == "where" and len(values) == 1:
        return Unknown("the places where a condition holds depend on the numbers in a tensor", node)
    tensors, dims = operands(world, tensors, node, name)
    made = layer(name.title(), node) if name in ("maximum", "minimum") and len(tensors) == 2 else None
    return make(world, made, tensors, dims, node, name.rstrip("_"))


@op("matmul", "bmm", "mm", "__matmul__", "mv", "dot", "inner_", "linalg_matmul")
def _matmul(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    a = the(args, kwargs, node, "the left factor")
    b = as_tensor(get(args, kwargs, 1, "other", kwargs.get("mat2")), "the right factor", node)
    left, right = a.dims, b.dims
    if not left or not right:
        raise Refused("wrong-axes", "matmul needs tensors with axes", node)
    inner, other = left[-1], right[-2] if len(right) > 1 else right[-1]
    if inner != other:
        raise Refused(
            "inner-sizes-differ",
            f"matmul cannot multiply {text(left)} by {text(right)}: {inner} columns meet {other} rows",
            node,
            help="transposing the second factor would fit" if len(right) > 1 and right[-1] == inner else (),
        )
    stack = broadcast([left[:-2], right[:-2]], node, "matmul")
    dims = (*stack, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))
    if isinstance(inner, Size):
        raise Refused("python-batch-axis", "this sums over the samples of a batch", node)
    made: Layer | None = layer("MatMul", node)
    if world.active and not (a.constant and b.constant):
        at = batch_at(dims)
        if at is not None and is_batch(dims[at]) and at < len(stack):
            whole_left, whole_right = (*stack, *left[-2:]), (*stack, *right[-2:])
            a = aligned(world, a, whole_left, node)
            b = aligned(world, b, whole_right, node)
    cost, _ = product((*sample(dims), inner))
    result = make(world, made, [a, b], dims, node, "MatMul")
    _price(world, result, "MatMul", cost)
    return result


def _price(world: Any, tensor: Tensor, kind: str, cost: int) -> None:
    """Give an opaque node its multiply-accumulates."""
    if tensor.ref is not None and world.active:
        graph = world.tracer.graph
        made = graph.nodes[-1].layer
        if made is not None and hasattr(made, "cost"):
            made.__dict__["cost"] = cost


@op("addmm", "baddbmm", "addbmm")
def _addmm(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return binary(world, "+", _matmul(world, args[1:3], {}, node), args[0], node)


@op("outer", "ger")
def _outer(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    a, b = the(args, kwargs, node), as_tensor(args[1], "the second vector", node)
    return make(world, None, [a, b], (*a.dims, *b.dims), node, "Outer")


@op("einsum")
def _einsum(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    equation = args[0]
    if isinstance(equation, Unknown) or not isinstance(equation, str):
        raise Refused("python-unknown-value", "the equation of einsum is not known", node)
    given = args[1:]
    if len(given) == 1 and isinstance(given[0], (list, tuple)):
        given = list(given[0])
    tensors = [as_tensor(value, "an operand of einsum", node) for value in given]
    plain = equation.replace(" ", "")
    left, arrow, right = plain.partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        raise Raised("RuntimeError", f"einsum has {len(terms)} terms and {len(tensors)} operands", node)
    known: dict[str, Any] = {}
    dots = 0
    for term, tensor in zip(terms, tensors, strict=True):
        letters = _letters(term, len(tensor.dims))
        if len(letters) != len(tensor.dims):
            raise Refused("wrong-axes", f"{term} of einsum does not fit {text(tensor.dims)}", node)
        dots = max(dots, sum(letter.startswith(".") for letter in letters))
        for letter, size in zip(letters, tensor.dims, strict=True):
            if known.get(letter, 1) == 1:
                known[letter] = size
            elif size != known[letter] and size != 1:
                raise Refused("shapes-differ", f"{letter} of einsum is {known[letter]} and {size}", node)
    if not arrow:
        flat = left.replace(",", "").replace(".", "")
        right = ("..." if "..." in left else "") + "".join(sorted(c for c in set(flat) if flat.count(c) == 1))
    out = _letters(right, len(right.replace("...", "")) + (dots if "..." in right else 0))
    dims = tuple(known[letter] for letter in out)
    summed = [known[letter] for letter in known if letter not in out]
    if any(isinstance(size, Size) for size in summed):
        raise Refused("python-batch-axis", "this sums over the samples of a batch", node)
    cost, _ = product(known.values()) if len(tensors) > 1 and summed else (0, 0)
    at = batch_at(dims)
    made: Layer | None = None
    if len(tensors) <= 2 and arrow and at == 0 and all(batch_at(t.dims) in (0, None) for t in tensors):
        letter = out[0]
        equation = ",".join(term.replace(letter, "", 1) for term in terms) + "->" + right.replace(letter, "", 1)
        try:
            made = layer("Einsum", node, equation=equation)
        except Refused:
            made = None
    result = make(world, made, tensors, dims, node, "Einsum")
    _price(world, result, "Einsum", cost)
    return result


def _letters(term: str, rank: int) -> list[str]:
    before, dots, after = term.partition("...")
    hidden = max(rank - len(before) - len(after), 0) if dots else 0
    return [*before, *(f".{place}" for place in range(-hidden, 0)), *after]


# --- sums ----------------------------------------------------------------------------------------------------------


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
    def run(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
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
        if x.data is not None and dim is None and name in ("sum", "max", "min", "mean", "amax", "amin"):
            values = x.data
            number = {"sum": sum(values), "mean": sum(values) / max(len(values), 1)}.get(
                name, (max if "max" in name else min)(values) if values else 0
            )
            return Tensor((), data=[number])
        dims, axes = reduced(x, dim, bool(keepdim), node, world.interpreter)
        made = None
        if kind and not any(isinstance(x.dims[at], Size) for at in axes):
            made = layer(kind, node, dim=[engine_axis(x.dims, at) for at in axes], keepdim=bool(keepdim))
        result = make(world, made, [x], dims, node, kind or name)
        result.token = False
        if name in ("max", "min", "median", "mode", "cummax", "kthvalue") and dim is not None:
            return _pair(result, _indices(world, result, node))
        if name in ("var_mean", "std_mean"):
            return (result, result)
        if name in ("argmax", "argmin", "any", "all", "count_nonzero"):
            result.token = True
        return result

    return run


def _indices(world: Any, like: Tensor, node: Any) -> Tensor:
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
    def run(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        if len(args) > 1 and isinstance(args[1], (Tensor, Param)):
            tensors, dims = operands(world, [as_tensor(a, "an operand", node) for a in args[:2]], node, kind)
            return make(world, layer(kind, node), tensors, dims, node, kind)
        return plain(world, args, kwargs, node)

    return run


OPS["max"], OPS["min"] = _either(_plain_max, "Maximum"), _either(_plain_min, "Minimum")


@op("topk", "sort", "msort")
def _topk(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
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
    result = make(world, None, [x], dims, node, name or "sort")
    return _pair(result, _indices(world, result, node))


@op("argsort")
def _argsort(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    result = same(world, [the(args, kwargs, node)], "Argsort", node)
    result.token = True
    return result


def loss(world: Any, args: list[Any], node: Any) -> Tensor:
    """A loss of a batch: one number."""
    tensors = [as_tensor(value, "an input of a loss", node) for value in args if isinstance(value, (Tensor, Param))]
    return make(world, None, tensors, (), node, "Loss")


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
    OPS[_name] = lambda world, args, kwargs, node: loss(world, args, node)


# --- shapes --------------------------------------------------------------------------------------------------------


def reshaped(world: Any, x: Tensor, wanted: list[Any], node: Any, what: str = "view") -> Tensor:
    """A view of other sizes; one may be -1."""
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
                f"{what}({shown}) cannot hold {text(x.dims)}: {total} numbers a sample are not a multiple of {known}",
                node,
                helps,
            )
        size: Any = Size(total // known) if rest else total // known
        wanted = [*wanted[: opens[0]], size, *wanted[opens[0] + 1 :]]
    elif known != total or mine != batches:
        if mine != batches and batches == 1 and mine == 0:
            raise Refused(
                "python-batch-axis",
                f"{what}({shown}) gives the batch axis of {text(x.dims)} a fixed size",
                node,
                help="write -1 or x.size(0) for the batch",
            )
        raise Refused(
            "reshape-count",
            f"{what}({shown}) holds {known} numbers a sample, but {text(x.dims)} has {total}",
            node,
        )
    dims = tuple(wanted)
    if dims == x.dims:
        return x
    made: Layer | None = None
    inner = sample(dims)
    try:
        made = layer("Reshape", node, shape=list(inner)) if inner else None
    except Refused:
        made = None
    result = make(world, made, [x], dims, node, "Reshape")
    result.data = x.data if x.constant else None
    return result


@op("view", "reshape", "_unsafe_view")
def _view(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    given = args[1:] or [kwargs.get("shape", kwargs.get("size"))]
    if len(given) == 1 and isinstance(given[0], External):
        return x  # a view of another dtype
    return reshaped(world, x, sizes_of(given, "a size of view", world.interpreter, node), node)


@op("view_as", "reshape_as")
def _view_as(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    return reshaped(world, the(args, kwargs, node), list(as_tensor(args[1], "the other tensor", node).dims), node)


@op("flatten", "ravel")
def _flatten(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    if not x.dims:
        return reshaped(world, x, [1], node)
    start = axis_of(x, whole(get(args, kwargs, 1, "start_dim", 0), "start_dim", node), node)
    end = axis_of(x, whole(get(args, kwargs, 2, "end_dim", -1), "end_dim", node), node)
    if start > end:
        raise Raised("RuntimeError", "flatten() has invalid args: start_dim cannot come after end_dim", node)
    number, batches = product(x.dims[start : end + 1])
    size = Size(number) if batches else number
    dims = (*x.dims[:start], size, *x.dims[end + 1 :])
    if dims == x.dims:
        return x
    made = None
    if not batches and end > start:
        made = layer("Flatten", node, start_dim=engine_axis(x.dims, start), end_dim=engine_axis(x.dims, end))
    elif batches:
        made = layer("Reshape", node, shape=list(sample(dims))) if sample(dims) else None
    return make(world, made, [x], dims, node, "Flatten")


@op("unflatten")
def _unflatten(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    at = axis_of(x, whole(get(args, kwargs, 1, "dim"), "dim", node), node)
    given = get(args, kwargs, 2, "sizes", kwargs.get("unflattened_size"))
    sizes = [whole(size, "a size", node) for size in world.interpreter.listed(given, node)]
    known, _ = product(size for size in sizes if size != -1)
    total = x.dims[at]
    if -1 in sizes:
        if isinstance(total, Size):
            rest: Any = Size(total.times // known) if total.times % known == 0 else None
        else:
            rest = total // known if known and total % known == 0 else None
        if rest is None:
            raise Refused("reshape-count", f"an axis of {total} is no multiple of {known}", node)
        sizes = [rest if size == -1 else size for size in sizes]
    return reshaped(world, x, [*x.dims[:at], *sizes, *x.dims[at + 1 :]], node, "unflatten")


@op("permute")
def _permute(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    given = args[1:] or [kwargs.get("dims")]
    order = [axis_of(x, at, node) for at in sizes_of(given, "an axis", world.interpreter, node)]
    if sorted(order) != list(range(len(x.dims))):
        raise Refused("permutation", f"permute needs every axis of {text(x.dims)} once, not {order}", node)
    return moved(world, x, order, node, "Permute")


def moved(world: Any, x: Tensor, order: list[int], node: Any, kind: str) -> Tensor:
    """The axes in another order; the batch may move, and stays in front in the engine."""
    dims = tuple(x.dims[at] for at in order)
    if order == list(range(len(order))):
        return x
    axes = [engine_axis(x.dims, at) for at in order if not is_batch(x.dims[at])]
    if axes == sorted(axes):  # only the batch moved
        result = Tensor(dims, x.ref)
        result.token, result.param = x.token, x.param
        if x.param is not None and x.ref is None and world.active:
            result = Tensor(dims, world.tracer.ref(x))
        return result
    return make(world, layer("Permute", node, dims=[0, *axes]), [x], dims, node, kind)


@op("transpose", "swapaxes", "swapdims", "transpose_")
def _transpose(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    one = axis_of(x, whole(get(args, kwargs, 1, "dim0"), "dim0", node), node)
    other = axis_of(x, whole(get(args, kwargs, 2, "dim1"), "dim1", node), node)
    order = list(range(len(x.dims)))
    order[one], order[other] = other, one
    return moved(world, x, order, node, "Transpose")


@op("t")
def _t(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    return moved(world, x, list(range(len(x.dims)))[::-1], node, "Transpose")


@op("movedim", "moveaxis")
def _movedim(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    source, target = get(args, kwargs, 1, "source"), get(args, kwargs, 2, "destination")
    old = [axis_of(x, at, node) for at in (source if isinstance(source, (list, tuple)) else [source])]
    new = [axis_of(x, at, node) for at in (target if isinstance(target, (list, tuple)) else [target])]
    places = dict(zip(new, old, strict=True))
    rest = iter(at for at in range(len(x.dims)) if at not in old)
    return moved(world, x, [places[at] if at in places else next(rest) for at in range(len(x.dims))], node, "Movedim")


@op("squeeze", "squeeze_")
def _squeeze(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    dim = get(args, kwargs, 1, "dim")
    if dim is None:
        among = range(len(x.dims))
    else:
        among = [
            axis_of(x, whole(one, "dim", node), node) for one in (dim if isinstance(dim, (list, tuple)) else [dim])
        ]  # type: ignore[assignment]
    axes = [at for at in among if x.dims[at] == 1]
    dims = tuple(size for at, size in enumerate(x.dims) if at not in axes)
    if dims == x.dims:
        return x
    made = layer("Squeeze", node, dim=[engine_axis(x.dims, at) for at in axes])
    return make(world, made, [x], dims, node, "Squeeze")


@op("unsqueeze", "unsqueeze_")
def _unsqueeze(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    at = axis_of(x, whole(get(args, kwargs, 1, "dim"), "dim", node), node, new=True)
    dims = (*x.dims[:at], 1, *x.dims[at:])
    place = 1 + sum(not is_batch(size) for size in x.dims[:at])
    return make(world, layer("Unsqueeze", node, dim=place), [x], dims, node, "Unsqueeze")


@op("expand", "broadcast_to")
def _expand(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    given = args[1:] or [kwargs.get("size", kwargs.get("sizes"))]
    return _expanded(world, x, sizes_of(given, "a size of expand", world.interpreter, node), node)


@op("expand_as")
def _expand_as(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    return _expanded(world, the(args, kwargs, node), list(as_tensor(args[1], "the other tensor", node).dims), node)


def _expanded(world: Any, x: Tensor, sizes: list[Any], node: Any) -> Tensor:
    fresh = len(sizes) - len(x.dims)
    if fresh < 0:
        raise Raised("RuntimeError", f"expand of {text(x.dims)} needs as many sizes or more", node)
    dims: list[Any] = []
    for at, size in enumerate(sizes):
        mine = x.dims[at - fresh] if at >= fresh else 1
        if size == -1:
            size = mine
        elif mine != 1 and size != mine:
            raise Refused("shapes-differ", f"expand cannot make {size} of an axis of {mine} in {text(x.dims)}", node)
        dims.append(size)
    result = tuple(dims)
    if result == x.dims:
        return x
    x = aligned(world, x, result, node)
    made = layer("Expand", node, sizes=list(sample(result))) if sample(result) else None
    return make(world, made, [x], result, node, "Expand")


@op("repeat", "tile")
def _repeat(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    times = sizes_of(
        args[1:] or [kwargs.get("repeats", kwargs.get("dims"))], "a number of repeats", world.interpreter, node
    )
    if len(times) < len(x.dims):
        times = [1] * (len(x.dims) - len(times)) + times
    old = (1,) * (len(times) - len(x.dims)) + x.dims
    dims = tuple(_times(size, many, node) for size, many in zip(old, times, strict=True))
    if dims == x.dims:
        return x
    x = aligned(world, x, dims, node) if batch_at(x.dims) is None else x
    return make(world, None, [x], dims, node, "Repeat")


def _times(size: Any, many: Any, node: Any) -> Any:
    if isinstance(size, Size) and isinstance(many, Size):
        raise Refused("python-batch-axis", "the batch is repeated batch times", node)
    if isinstance(size, Size) or isinstance(many, Size):
        one = size if isinstance(size, Size) else many
        other = many if isinstance(size, Size) else size
        return Size(one.times * other)
    return size * many


@op("repeat_interleave")
def _repeat_interleave(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    many = whole(get(args, kwargs, 1, "repeats"), "the number of repeats", node)
    dim = get(args, kwargs, 2, "dim")
    if dim is None:
        x, dim = reshaped(world, x, [-1], node), 0
    at = axis_of(x, dim, node)
    dims = (*x.dims[:at], _times(x.dims[at], many, node), *x.dims[at + 1 :])
    return make(world, None, [x], dims, node, "RepeatInterleave")


@op("cat", "concat", "concatenate")
def _cat(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    given = args[0] if args else kwargs.get("tensors")
    if isinstance(given, Unknown):
        given.refuse("the tensors of cat", node)
    tensors = [as_tensor(value, "a tensor of cat", node) for value in world.interpreter.listed(given, node)]
    return _concatenated(world, tensors, get(args, kwargs, 1, "dim", kwargs.get("axis", 0)), node)


def _concatenated(world: Any, tensors: list[Tensor], dim: Any, node: Any) -> Tensor:
    if not tensors:
        raise Raised("RuntimeError", "torch.cat(): expected a non-empty list of Tensors", node)
    first = tensors[0]
    at = axis_of(first, whole(dim, "dim", node), node)
    total: Any = first.dims[at]
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
    return make(world, made, tensors, dims, node, "Concat")


@op("stack")
def _stack(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    given = args[0] if args else kwargs.get("tensors")
    if isinstance(given, Unknown):
        given.refuse("the tensors of stack", node)
    tensors = [as_tensor(value, "a tensor of stack", node) for value in world.interpreter.listed(given, node)]
    if not tensors:
        raise Raised("RuntimeError", "stack expects a non-empty TensorList", node)
    if any(tensor.dims != tensors[0].dims for tensor in tensors):
        shown = " and ".join(text(tensor.dims) for tensor in tensors[:6])
        raise Refused("shapes-differ", f"stack needs tensors of one shape, not {shown}", node)
    at = axis_of(tensors[0], whole(get(args, kwargs, 1, "dim", 0), "dim", node), node, new=True)
    dims = (*tensors[0].dims[:at], len(tensors), *tensors[0].dims[at:])
    place = 1 + sum(not is_batch(size) for size in tensors[0].dims[:at])
    return make(world, layer("Stack", node, dim=place), tensors, dims, node, "Stack")


@op("hstack", "vstack", "dstack", "column_stack")
def _hstack(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    name = node.func.attr if hasattr(getattr(node, "func", None), "attr") else "hstack"
    dim = {"hstack": 1, "vstack": 0, "dstack": 2, "column_stack": 1}.get(name, 1)
    return _cat(world, [args[0], dim], {}, node)


@op("chunk", "tensor_split")
def _chunk(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    x = the(args, kwargs, node)
    count = whole(get(args, kwargs, 1, "chunks"), "chunks", node)
    at = axis_of(x, whole(get(args, kwargs, 2, "dim", 0), "dim", node), node)
    size = x.dims[at]
    if isinstance(size, Size):
        if size.times % count:
            raise Refused("python-batch-axis", "the batch is cut into pieces", node)
        return tuple(
            make(world, None, [x], (*x.dims[:at], Size(size.times // count), *x.dims[at + 1 :]), node, "Chunk")
            for _ in range(count)
        )
    piece = -(-size // count)
    return _pieces(world, x, at, [min(piece, size - begin) for begin in range(0, size, piece)], node)


@op("split", "split_with_sizes")
def _split(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    x = the(args, kwargs, node)
    given = get(args, kwargs, 1, "split_size_or_sections", kwargs.get("split_size", kwargs.get("split_sizes")))
    at = axis_of(x, whole(get(args, kwargs, 2, "dim", 0), "dim", node), node)
    size = x.dims[at]
    if isinstance(size, Size):
        raise Refused("python-batch-axis", "the batch is cut into pieces", node)
    if isinstance(given, (list, tuple)):
        parts = [whole(part, "a piece", node) for part in given]
        if sum(parts) != size:
            raise Refused("split-sizes", f"the pieces {parts} of split do not add up to the axis of {size}", node)
    else:
        each = whole(given, "the size of a piece", node)
        if not isinstance(each, int) or each < 1:
            raise Raised("RuntimeError", "split expects a positive size", node)
        parts = [min(each, size - begin) for begin in range(0, size, each)]
    return _pieces(world, x, at, parts, node)


def _pieces(world: Any, x: Tensor, at: int, parts: list[int], node: Any) -> Any:
    """The pieces of an axis, the ports of one node."""
    world.interpreter.size(len(parts) * 64, node)
    every = [(*x.dims[:at], size, *x.dims[at + 1 :]) for size in parts]
    if len(parts) == 1:
        return (x,)
    if x.constant or not world.active:
        return tuple(Tensor(dims, what=x.what) for dims in every)
    result = make(world, layer("Split", node, sizes=parts, dim=engine_axis(x.dims, at)), [x], every[0], node, "Split")
    number = result.ref
    return tuple(Tensor(dims, (number, str(place))) for place, dims in enumerate(every))


@op("unbind")
def _unbind(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    x = the(args, kwargs, node)
    at = axis_of(x, whole(get(args, kwargs, 1, "dim", 0), "dim", node), node)
    if isinstance(x.dims[at], Size):
        raise Refused("python-batch-axis", "the samples of a batch are taken apart", node)
    world.interpreter.size(x.dims[at] * 64, node)
    return tuple(selected(world, x, at, place, node) for place in range(x.dims[at]))


def selected(world: Any, x: Tensor, at: int, place: Any, node: Any) -> Tensor:
    """One position of an axis; the axis goes."""
    dims = (*x.dims[:at], *x.dims[at + 1 :])
    size = x.dims[at]
    if isinstance(size, Size):
        if is_batch(size):
            return make(world, None, [x], dims, node, "Select")
        raise Refused("python-batch-axis", "one row of what was merged into the batch is taken", node)
    if isinstance(place, int) and not -size <= place < size:
        raise Refused("index-out-of-range", f"position {place} of axis {at} of {text(x.dims)}, which has {size}", node)
    made = layer("Select", node, dim=engine_axis(x.dims, at), index=place) if isinstance(place, int) else None
    result = make(world, made, [x], dims, node, "Select")
    if x.data is not None and len(x.dims) == 1 and isinstance(place, int):
        result.data = [x.data[place]]
    return result


@op("select")
def _select(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    at = axis_of(x, whole(get(args, kwargs, 1, "dim"), "dim", node), node)
    return selected(world, x, at, whole(get(args, kwargs, 2, "index"), "index", node), node)


@op("narrow")
def _narrow(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    at = axis_of(x, get(args, kwargs, 1, "dim"), node)
    start = whole(get(args, kwargs, 2, "start"), "start", node)
    length = whole(get(args, kwargs, 3, "length"), "length", node)
    return sliced(world, x, at, slice(start, start + length), node)


@op("index_select")
def _index_select(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    at = axis_of(x, get(args, kwargs, 1, "dim"), node)
    index_ = as_tensor(get(args, kwargs, 2, "index"), "the index", node)
    dims = (*x.dims[:at], index_.dims[0] if index_.dims else 1, *x.dims[at + 1 :])
    return make(world, None, [x, index_], dims, node, "IndexSelect")


@op("gather", "take_along_dim")
def _gather(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    index_ = as_tensor(get(args, kwargs, 2, "index"), "the index", node)
    return make(world, None, [x, index_], index_.dims, node, "Gather")


@op(
    "scatter",
    "scatter_",
    "scatter_add",
    "scatter_add_",
    "index_add",
    "index_add_",
    "index_copy_",
    "masked_scatter",
    "fill_diagonal_",
    "index_fill_",
    "index_fill",
)
def _scatter(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    tensors = [as_tensor(a, "an operand", node) for a in args if isinstance(a, (Tensor, Param))]
    return make(world, None, tensors, tensors[0].dims, node, "Scatter")


@op("flip", "roll", "fliplr", "flipud", "rot180", "tril", "triu", "tril_", "triu_")
def _flip(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    name = node.func.attr if hasattr(getattr(node, "func", None), "attr") else "flip"
    made: Layer | None = None
    run = world.interpreter
    if name == "flip":
        axes = [axis_of(x, at, node) for at in sizes_of(args[1:] or [kwargs.get("dims")], "an axis", run, node)]
        if not any(is_batch(x.dims[at]) for at in axes):
            made = layer("Flip", node, dims=[engine_axis(x.dims, at) for at in axes])
    elif name == "roll":
        shifts, dims = get(args, kwargs, 1, "shifts"), get(args, kwargs, 2, "dims")
        if dims is not None and not isinstance(shifts, Unknown):
            many = list(shifts) if isinstance(shifts, (list, tuple)) else [shifts]
            axes = [axis_of(x, at, node) for at in (dims if isinstance(dims, (list, tuple)) else [dims])]
            if all(isinstance(one, int) for one in many) and not any(is_batch(x.dims[at]) for at in axes):
                made = layer("Roll", node, shifts=many, dims=[engine_axis(x.dims, at) for at in axes])
    return make(world, made, [x], x.dims, node, name.rstrip("_"))


@op("diff")
def _diff(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    at = axis_of(x, kwargs.get("dim", -1), node)
    if isinstance(x.dims[at], Size) or x.dims[at] < 1:
        raise Refused("python-batch-axis", "differences along the batch are not followed", node)
    result = make(world, None, [x], (*x.dims[:at], x.dims[at] - 1, *x.dims[at + 1 :]), node, "Diff")
    if x.data is not None and len(x.dims) == 1:
        result.data = [after - before for before, after in zip(x.data, x.data[1:], strict=False)]
    return result


@op("diagonal", "diag")
def _diagonal(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    name = node.func.attr if hasattr(getattr(node, "func", None), "attr") else "diag"
    if name == "diag" and len(x.dims) == 1:
        return make(world, None, [x], (*x.dims, *x.dims), node, "Diag")
    one = axis_of(x, get(args, kwargs, 2, "dim1", 0), node)
    other = axis_of(x, get(args, kwargs, 3, "dim2", 1), node)
    if (args[1:2] and args[1] != 0) or kwargs.get("offset", 0) != 0:
        raise Refused("python-unknown-call", "a diagonal beside the main one is not followed", node)
    size = x.dims[one] if x.dims[one] == x.dims[other] else min(x.dims[one], x.dims[other])
    rest = tuple(s for at, s in enumerate(x.dims) if at not in (one, other))
    return make(world, None, [x], (*rest, size), node, "Diagonal")


def unfolded(world: Any, x: Tensor, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    """x.unfold(dimension, size, step): windows of an axis, on a new last axis."""
    at = axis_of(x, get(args, kwargs, 1, "dimension"), node)
    size = whole(get(args, kwargs, 2, "size"), "size", node)
    step = whole(get(args, kwargs, 3, "step"), "step", node)
    if isinstance(x.dims[at], Size) or x.dims[at] < size:
        raise Raised("RuntimeError", f"unfold of {size} from an axis of {x.dims[at]}", node)
    count = (x.dims[at] - size) // step + 1
    return make(world, None, [x], (*x.dims[:at], count, *x.dims[at + 1 :], size), node, "Unfold")


# --- indexing ------------------------------------------------------------------------------------------------------


def sliced(world: Any, x: Tensor, at: int, cut: slice, node: Any) -> Tensor:
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
            return make(world, None, [x], (*x.dims[:at], Size(high - low), *x.dims[at + 1 :]), node, "Slice")
        if step is not None and isinstance(step, int) and size.times % step == 0 and stop is None:
            return make(world, None, [x], (*x.dims[:at], Size(size.times // step), *x.dims[at + 1 :]), node, "Slice")
        raise Refused("python-batch-axis", "a part of a batch is taken", node)
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
    options: dict[str, Any] = {"dim": engine_axis(x.dims, at), "start": begin, "stop": end}
    made = layer("Slice", node, **options, **({"step": stride} if stride > 1 else {}))
    result = make(world, made, [x], dims, node, "Slice")
    if x.data is not None and len(x.dims) == 1:
        result.data = x.data[begin:end:stride]
    return result


def index(world: Any, value: Any, key: Any, node: Any) -> Tensor:
    """`x[...]` with numbers, slices, None, `...` and tensors of positions."""
    x = as_tensor(value, "what is indexed", node)
    keys = list(key) if isinstance(key, tuple) else [key]
    counted = sum(part is not None and part is not Ellipsis for part in keys)
    for at, part in enumerate(keys):
        if isinstance(part, (Tensor, Param)) and _is_mask(part):
            counted += len(as_tensor(part, "a mask", node).dims) - 1
        del at
    if counted > len(x.dims):
        raise Raised("IndexError", f"too many indices for tensor of dimension {len(x.dims)}", node)
    if Ellipsis in [part for part in keys if part is Ellipsis]:
        place = next(i for i, part in enumerate(keys) if part is Ellipsis)
        keys[place : place + 1] = [slice(None)] * (len(x.dims) - counted)
    at = 0
    advanced: list[tuple[int, Dims]] = []
    extra: list[Tensor] = []
    for part in keys:
        if part is None:
            x = _unsqueeze(world, [x, at], {}, node)
            at += 1
        elif isinstance(part, slice):
            x = sliced(world, x, at, part, node)
            at += 1
        elif isinstance(part, bool):
            raise Refused("python-expression", "a truth value as index is not followed", node)
        elif isinstance(part, (int, Object)) or (isinstance(part, Tensor) and part.data is not None and not part.dims):
            x = selected(world, x, at, whole(part, "a position", node), node)
        elif isinstance(part, (list, tuple, Range)):
            count = len(part.of) if isinstance(part, Range) else len(part)
            advanced.append((at, (count,)))
            at += 1
        elif isinstance(part, (Tensor, Param)):
            tensor = as_tensor(part, "an index", node)
            if _is_mask(tensor):
                raise Refused(
                    "python-unknown-value", "how many elements a mask keeps depends on the numbers in a tensor", node
                )
            extra.append(tensor)
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
    return make(world, None, [x, *extra], dims, node, "Index")


def _is_mask(tensor: Any) -> bool:
    inside = tensor.tensor if isinstance(tensor, Param) else tensor
    return getattr(inside, "what", "") == "mask"


def set_item(world: Any, x: Tensor, key: Any, value: Any, node: Any) -> None:
    """`x[...] = value`: the sizes stay; what is written in is not followed as a value of its own."""
    x.data = None
    if world.active and isinstance(value, (Tensor, Param)) and not as_tensor(value, "a value", node).constant:
        inner = as_tensor(value, "a value", node)
        made = make(world, None, [x, inner], x.dims, node, "SetItem")
        x.ref = made.ref


def iterate(world: Any, value: Any, node: Any) -> list[Tensor]:
    """The rows of a tensor, one after the other."""
    x = as_tensor(value, "what is looped over", node)
    if not x.dims:
        raise Raised("TypeError", "iteration over a 0-d tensor", node)
    if isinstance(x.dims[0], Size):
        raise Refused("python-unknown-value", "a loop over the samples of a batch is not followed", node)
    world.interpreter.size(x.dims[0] * 16, node)
    return [selected(world, x, 0, place, node) for place in range(x.dims[0])]


# --- attributes ----------------------------------------------------------------------------------------------------


def attribute(world: Any, value: Any, name: str, node: Any) -> Any:
    """`x.shape` and the like, and methods."""
    x = value.tensor if isinstance(value, Param) else value
    if name == "shape":
        return tuple(x.dims)
    if name in ("ndim",):
        return len(x.dims)
    if name in ("data", "grad_"):
        return value if isinstance(value, Param) else x
    if name == "T" or name == "mT" or name == "H":
        order = list(range(len(x.dims)))
        if name == "mT":
            order[-2:] = order[-2:][::-1]
            return moved(world, x, order, node, "Transpose")
        return moved(world, x, order[::-1], node, "Transpose")
    if name == "requires_grad":
        return value.trainable if isinstance(value, Param) else False
    if name in ("grad", "grad_fn"):
        return None
    if name == "device":
        made = Object(Class("device", [External("object")], node, world.interpreter.file))
        made.attrs.update(type="cpu", index=None)
        return made
    if name == "dtype":
        return Unknown("the dtype of a tensor", node)
    if name in ("is_cuda", "is_sparse", "is_quantized", "is_nested", "is_mps"):
        return False
    if name in ("values", "indices") and isinstance(x, tuple):  # pragma: no cover
        return x[0 if name == "values" else 1]
    if name in _METHODS:
        return Bound(value, _METHODS[name])
    if name == "unfold":
        return Bound(
            value,
            lambda run, this, args, kwargs, at: unfolded(world, as_tensor(this, "", at), [this, *args], kwargs, at),
        )
    if name in METHODS_ONLY:
        return Bound(value, lambda run, this, args, kwargs, at: METHODS_ONLY[name](world, [this, *args], kwargs, at))
    if name in OPS and name not in CREATES:
        return Bound(value, lambda run, this, args, kwargs, at: OPS[name](world, [this, *args], kwargs, at))
    if name.endswith("_") and not name.startswith("_"):  # x.normal_(): in place, the sizes stay
        return Bound(value, lambda run, this, args, kwargs, at: this)
    return MISSING


def _size(run: Any, this: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    x = as_tensor(this, "a tensor", node)
    dim = get(args, kwargs, 0, "dim")
    return tuple(x.dims) if dim is None else x.dims[axis_of(x, whole(dim, "dim", node), node)]


def _numel(run: Any, this: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    number, batches = product(this.dims)
    return number if not batches else Size(number) if batches == 1 else Unknown("a product of batches", node)


def _item(run: Any, this: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    x = as_tensor(this, "a tensor", node)
    if x.data is not None and len(x.data) == 1:
        return x.data[0]
    return Unknown("it depends on the numbers in a tensor", node)


def _tolist(run: Any, this: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    x = as_tensor(this, "a tensor", node)
    if x.data is not None and len(x.dims) == 1:
        return list(x.data)
    if x.constant and len(x.dims) == 1 and isinstance(x.dims[0], int):
        run.size(x.dims[0], node)
        return [Unknown("it depends on the numbers in a tensor", node)] * x.dims[0]
    return Unknown("it depends on the numbers in a tensor", node)


def _new(name: str) -> Any:
    def call(run: Any, this: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        return OPS[name](run.world, args, kwargs, node)

    return call


_METHODS: dict[str, Any] = {
    "size": _size,
    "numel": _numel,
    "nelement": _numel,
    "dim": lambda run, this, args, kwargs, node: len(this.dims),
    "ndimension": lambda run, this, args, kwargs, node: len(this.dims),
    "item": _item,
    "tolist": _tolist,
    "element_size": lambda run, this, args, kwargs, node: 4,
    "is_contiguous": lambda run, this, args, kwargs, node: True,
    "is_floating_point": lambda run, this, args, kwargs, node: not getattr(this, "token", False),
    "is_complex": lambda run, this, args, kwargs, node: False,
    "data_ptr": lambda run, this, args, kwargs, node: Unknown("an address", node),
    "get_device": lambda run, this, args, kwargs, node: -1,
    "backward": lambda run, this, args, kwargs, node: None,
    "register_hook": lambda run, this, args, kwargs, node: None,
    "new_zeros": _new("zeros"),
    "new_ones": _new("ones"),
    "new_empty": _new("empty"),
    "new_full": _new("full"),
    "new_tensor": _new("tensor"),
    "nonzero": lambda run, this, args, kwargs, node: Unknown(
        "how many elements are not zero depends on the numbers in a tensor", node
    ),
}


@op("nonzero", "unique", "masked_select", "bincount", "argwhere", "unique_consecutive", "multinomial")
def _nonzero(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return Unknown("how many there are depends on the numbers in a tensor", node)


# --- constants -----------------------------------------------------------------------------------------------------

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
        "logspace",
        "hann_window",
        "hamming_window",
    ]
)
SHORT = 20_000


def _creation(name: str) -> Any:
    def run(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
        if len(args) > 1 and isinstance(args[-1], External):
            args = args[:-1]
        given = args or [kwargs.get("size", kwargs.get("shape"))]
        dims = sizes_of(given, f"a size of {name}", world.interpreter, node)
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
def _full(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    return _creation("full")(world, [args[0] if args else kwargs.get("size")], {}, node)  # type: ignore[no-any-return]


@op("randint")
def _randint(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    size = kwargs.get("size", next((a for a in args if isinstance(a, (tuple, list))), ()))
    made = _creation("randint")(world, [size], {}, node)
    made.token = True
    return made  # type: ignore[no-any-return]


@op("zeros_like", "ones_like", "rand_like", "randn_like", "empty_like", "full_like", "randint_like")
def _like(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    return Tensor(the(args, kwargs, node).dims, what="zeros")


@op("arange")
def _arange(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
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
def _linspace(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    start, stop = get(args, kwargs, 0, "start"), get(args, kwargs, 1, "end", kwargs.get("stop"))
    count = whole(get(args, kwargs, 2, "steps", kwargs.get("num", 50)), "steps", node)
    made = Tensor((count,), what="linspace")
    if isinstance(count, int) and count <= SHORT and all(isinstance(v, (int, float)) for v in (start, stop)):
        step = (stop - start) / (count - 1) if count > 1 else 0
        made.data = [start + step * at for at in range(count)]
    return made


@op("eye")
def _eye(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    n = whole(get(args, kwargs, 0, "n"), "n", node)
    m = get(args, kwargs, 1, "m")
    return Tensor((n, n if m is None or not isinstance(m, (int, Size)) else m), what="eye")


@op("randperm")
def _randperm(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    return Tensor((whole(args[0], "n", node),), what="randperm")


@op("tensor", "array", "from_numpy", "as_tensor", "Tensor", "FloatTensor", "LongTensor")
def _tensor(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value = args[0] if args else kwargs.get("data", 0)
    if isinstance(value, (Tensor, Param)):
        return as_tensor(value, "a tensor", node)
    name = node.func.attr if hasattr(getattr(node, "func", None), "attr") else ""
    if name in ("Tensor", "FloatTensor", "LongTensor") and args and all(isinstance(a, (int, Size)) for a in args):
        return Tensor(tuple(args), what="empty")
    dims: list[int] = []
    inner = value
    while isinstance(inner, (list, tuple, Range)):
        items = world.interpreter.listed(inner, node)
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
def _meshgrid(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    given = list(args[0]) if len(args) == 1 and isinstance(args[0], (list, tuple)) else args
    tensors = [as_tensor(value, "an axis of meshgrid", node) for value in given]
    dims = [tensor.dims[0] if tensor.dims else 1 for tensor in tensors]
    if kwargs.get("indexing") == "xy" and len(dims) > 1:
        dims[0], dims[1] = dims[1], dims[0]
    return tuple(Tensor(tuple(dims), what="meshgrid") for _ in tensors)


@op("finfo", "iinfo")
def _finfo(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    made = Object(Class("finfo", [External("object")], node, world.interpreter.file))
    made.attrs.update(min=-3.4e38, max=3.4e38, eps=1.2e-7, tiny=1.2e-38, smallest_normal=1.2e-38)
    return made


# --- layers as functions -------------------------------------------------------------------------------------------


def absorbed(world: Any, made: Layer, inputs: list[Tensor], weights: dict[str, Any], node: Any) -> Tensor:
    """A layer with weights that the file holds as parameters: they are its own, counted here."""
    from cnncalc.read.python.calls import node_of

    params = {name: value for name, value in weights.items() if isinstance(value, Param)}
    xs = [sample(tensor.dims) for tensor in inputs]
    ranks = made.ranks[0] if made.ranks else None
    used = made
    x = inputs[0]
    at = batch_at(x.dims)
    if ranks is not None:
        if at not in (0, None):
            raise Refused("python-batch-axis", f"{made.type()} takes the first axis for the batch", node)
        if at == 0 and not is_batch(x.dims[0]):
            from cnncalc.read.opaque import folded

            used = folded(made)
        if at is None and len(x.dims) in ranks:
            xs[0] = tuple(x.dims[1:])
    outputs = node_of(world, used, inputs, xs, node)
    shape, ref = outputs[""]
    if world.active:
        graph = world.tracer.graph
        number = len(graph.nodes) - 1
        here = graph.nodes[number]
        homes = {name: p.node for name, p in params.items() if p.node is not None}
        if homes:
            here.shares = next(iter(homes.values()))
            here.origin.shared = frozenset(homes)
        for param in params.values():
            if param.node is None:
                param.node, param.absorbed = number, True
        if params and all(not param.trainable for param in params.values()):
            here.frozen = True
        owner = next((param.owner for param in params.values()), None)
        if owner is not None and getattr(owner, "layer", None) is not None and owner.first is None:
            owner.first = number
    if ranks is not None and at == 0:
        dims: Dims = (x.dims[0], *(shape[1:] if used is not made else shape))
    elif ranks is not None and at is None and len(x.dims) in ranks:
        dims = (x.dims[0], *shape)
    else:
        from cnncalc.read.python.calls import _kept

        dims = _kept(x.dims, shape, made, node)
    return Tensor(dims, ref)


def _weight(value: Any, what: str, node: Any) -> Any:
    if isinstance(value, Unknown):
        value.refuse(what, node)
    if isinstance(value, Param):
        return value
    return as_tensor(value, what, node)


@op("linear")
def _linear(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    weight, bias = _weight(get(args, kwargs, 1, "weight"), "the weight", node), get(args, kwargs, 2, "bias")
    if isinstance(weight, Param) and len(weight.dims) == 2 and (bias is None or isinstance(bias, Param)):
        made = layer("Linear", node, in_features=weight.dims[1], out_features=weight.dims[0], bias=bias is not None)
        return absorbed(world, made, [x], {"weight": weight, "bias": bias}, node)
    result = _matmul(world, [x, _t(world, [weight], {}, node)], {}, node)
    return result if bias is None else binary(world, "+", result, bias, node)


def _conv(axes: int, transposed: bool) -> Any:
    def run(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
        x = the(args, kwargs, node)
        weight, bias = _weight(get(args, kwargs, 1, "weight"), "the filters", node), get(args, kwargs, 2, "bias")
        names = (
            "stride",
            "padding",
            *(("output_padding", "groups", "dilation") if transposed else ("dilation", "groups")),
        )
        options = {name: get(args, kwargs, 3 + at, name) for at, name in enumerate(names)}
        options = {name: list(v) if isinstance(v, tuple) else v for name, v in options.items() if v is not None}
        groups = options.get("groups", 1)
        dims = weight.dims
        if len(dims) != axes + 2 or any(isinstance(size, Size) for size in dims) or isinstance(groups, (Unknown, Size)):
            raise Refused("python-unknown-call", "filters that differ by sample are not followed", node)
        channels = (
            {"in_channels": dims[0], "out_channels": dims[1] * groups}
            if transposed
            else {"in_channels": dims[1] * groups, "out_channels": dims[0]}
        )
        kind = f"ConvTranspose{axes}d" if transposed else f"Conv{axes}d"
        made = layer(kind, node, **channels, kernel_size=list(dims[2:]), bias=isinstance(bias, Param), **options)
        if isinstance(weight, Param):
            return absorbed(world, made, [x], {"weight": weight, "bias": bias}, node)
        made_shape = apply_shape(made, x, node)
        cost = made.macs((1, *sample(made_shape)), (1, *sample(x.dims)))
        result = make(world, None, [x, weight], made_shape, node, kind)
        _price(world, result, kind, sum(cost.values()))
        return result if not isinstance(bias, (Tensor, Param)) or isinstance(bias, Param) else result

    return run


def apply_shape(made: Layer, x: Tensor, node: Any) -> Dims:
    """The sizes that a layer of fixed rank gives."""
    inner = sample(x.dims) if batch_at(x.dims) is not None else tuple(x.dims[1:])
    try:
        made.accept(((1, *inner),))
        shape = made.shape((1, *inner))
    except Fault as fault:
        raise Refused(fault.code, fault.message, node, fault.help) from None
    return (x.dims[0], *shape[1:])


for _axes in (1, 2, 3):
    OPS[f"conv{_axes}d"] = _conv(_axes, False)
    OPS[f"conv_transpose{_axes}d"] = _conv(_axes, True)


@op("layer_norm", "rms_norm")
def _layer_norm(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    shape = get(args, kwargs, 1, "normalized_shape")
    weight, bias = get(args, kwargs, 2, "weight"), get(args, kwargs, 3, "bias")
    sizes = [whole(s, "normalized_shape", node) for s in (shape if isinstance(shape, (list, tuple)) else [shape])]
    name = node.func.attr if hasattr(getattr(node, "func", None), "attr") else "layer_norm"
    if name == "rms_norm":
        made = layer("RMSNorm", node, normalized_shape=sizes, elementwise_affine=isinstance(weight, Param))
        return absorbed(world, made, [x], {"weight": weight}, node)
    affine = isinstance(weight, Param)
    made = layer(
        "LayerNorm",
        node,
        normalized_shape=sizes,
        elementwise_affine=affine,
        **({"bias": isinstance(bias, Param)} if affine else {}),
    )
    return absorbed(world, made, [x], {"weight": weight, "bias": bias}, node)


@op("group_norm")
def _group_norm(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    weight, bias = get(args, kwargs, 2, "weight"), get(args, kwargs, 3, "bias")
    channels = x.dims[1]
    made = layer(
        "GroupNorm", node, num_groups=whole(get(args, kwargs, 1, "num_groups"), "num_groups", node), num_channels=channels,
        affine=isinstance(weight, Param),
    )  # fmt: skip
    return absorbed(world, made, [x], {"weight": weight, "bias": bias}, node)


@op("batch_norm", "instance_norm")
def _batch_norm(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    weight, bias = get(args, kwargs, 3, "weight"), get(args, kwargs, 4, "bias")
    name = node.func.attr if hasattr(getattr(node, "func", None), "attr") else "batch_norm"
    axes = max(1, len(x.dims) - 2)
    kind = f"{'BatchNorm' if name == 'batch_norm' else 'InstanceNorm'}{axes}d"
    made = layer(kind, node, num_features=x.dims[1], affine=isinstance(weight, Param))
    return absorbed(world, made, [x], {"weight": weight, "bias": bias}, node)


@op("embedding")
def _embedding(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    weight = _weight(get(args, kwargs, 1, "weight"), "the table", node)
    if isinstance(weight, Param):
        made = layer("Embedding", node, num_embeddings=weight.dims[0], embedding_dim=weight.dims[1])
        return absorbed(world, made, [x], {"weight": weight}, node)
    return make(world, None, [x, weight], (*x.dims, weight.dims[-1]), node, "Embedding")


def _pool(name: str, kind: str, order: str) -> Any:
    def run(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        x = the(args, kwargs, node)
        names = order.split()
        options = dict(zip(names, args[1:], strict=False))
        options.update({name: value for name, value in kwargs.items() if name in names})
        options = {
            name: [whole(v, name, node) if v is not None else None for v in value]
            if isinstance(value, (list, tuple))
            else value
            for name, value in options.items()
            if value is not None
        }
        for option, value in options.items():
            if isinstance(value, Unknown):
                value.refuse(f"{option} of {name}", node)
            if isinstance(value, Size):
                raise Refused("python-unknown-value", f"{option} of {name} depends on the batch size", node)
        made = modules.leaf(kind, [], options, node)
        outputs = apply(world, made, [x], node)
        if options.get("return_indices"):
            return (outputs[""], outputs["indices"])
        return outputs[""]

    return run


for _axes in (1, 2, 3):
    _max = "kernel_size stride padding dilation ceil_mode return_indices"
    OPS[f"max_pool{_axes}d"] = _pool(f"max_pool{_axes}d", f"MaxPool{_axes}d", _max)
    OPS[f"avg_pool{_axes}d"] = _pool(
        f"avg_pool{_axes}d",
        f"AvgPool{_axes}d",
        "kernel_size stride padding ceil_mode count_include_pad" + (" divisor_override" if _axes > 1 else ""),
    )
    OPS[f"lp_pool{_axes}d"] = _pool(f"lp_pool{_axes}d", f"LPPool{_axes}d", "norm_type kernel_size stride ceil_mode")
    OPS[f"adaptive_avg_pool{_axes}d"] = _pool(f"adaptive_avg_pool{_axes}d", f"AdaptiveAvgPool{_axes}d", "output_size")
    OPS[f"adaptive_max_pool{_axes}d"] = _pool(
        f"adaptive_max_pool{_axes}d", f"AdaptiveMaxPool{_axes}d", "output_size return_indices"
    )
OPS["pixel_shuffle"] = _pool("pixel_shuffle", "PixelShuffle", "upscale_factor")
OPS["pixel_unshuffle"] = _pool("pixel_unshuffle", "PixelUnshuffle", "downscale_factor")
OPS["channel_shuffle"] = _pool("channel_shuffle", "ChannelShuffle", "groups")
OPS["unfold"] = _pool("unfold", "Unfold", "kernel_size dilation padding stride")
OPS["fold"] = _pool("fold", "Fold", "output_size kernel_size dilation padding stride")
OPS["local_response_norm"] = _pool("local_response_norm", "LocalResponseNorm", "size alpha beta k")


@op("interpolate", "upsample", "upsample_nearest", "upsample_bilinear")
def _interpolate(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    names = ("size", "scale_factor", "mode", "align_corners", "recompute_scale_factor", "antialias")
    options = {name: get(args, kwargs, 1 + at, name) for at, name in enumerate(names)}
    options = {name: value for name, value in options.items() if value is not None}
    for name in ("size", "scale_factor"):
        value = options.get(name)
        if isinstance(value, (list, tuple)):
            options[name] = [part if isinstance(part, float) else whole(part, name, node) for part in value]
        elif isinstance(value, Unknown):
            value.refuse(f"{name} of interpolate", node)
    options = {name: value for name, value in options.items() if not isinstance(value, Unknown)}
    found = layers.find("Interpolate")
    assert found is not None
    try:
        made = found.bind([], options)
    except Fault as fault:
        raise Refused(fault.code, fault.message, node, fault.help) from None
    return apply(world, made, [x], node)[""]


@op("pad")
def _pad(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    amounts = [whole(a, "an amount of pad", node) for a in world.interpreter.listed(get(args, kwargs, 1, "pad"), node)]
    mode = get(args, kwargs, 2, "mode", "constant")
    if any(isinstance(amount, Size) for amount in amounts):
        raise Refused("python-unknown-value", "an amount of pad depends on the batch size", node)
    pairs = list(zip(amounts[::2], amounts[1::2], strict=False))
    while pairs and pairs[-1] == (0, 0):
        pairs.pop()
    if len(pairs) > len(x.dims):
        raise Raised("RuntimeError", "padding length too large", node)
    dims = list(x.dims)
    for back, (before, after) in enumerate(pairs):
        at = len(dims) - 1 - back
        if isinstance(dims[at], Size):
            raise Refused("python-batch-axis", "the batch is padded", node)
        dims[at] = dims[at] + before + after
        if dims[at] < 0:
            raise Raised("RuntimeError", "pad makes an axis negative", node)
    if tuple(dims) == x.dims and not pairs:
        return x
    flat = [amount for pair in pairs for amount in pair]
    try:
        made: Layer | None = layer("Pad", node, padding=flat, **({"mode": mode} if isinstance(mode, str) else {}))
    except Refused:
        made = None
    return make(world, made, [x], tuple(dims), node, "Pad")


@op("one_hot")
def _one_hot(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x = the(args, kwargs, node)
    classes = whole(get(args, kwargs, 1, "num_classes", -1), "num_classes", node)
    if classes == -1:
        raise Refused("python-unknown-value", "one_hot without num_classes depends on the numbers in a tensor", node)
    return make(world, None, [x], (*x.dims, classes), node, "OneHot")


@op("scaled_dot_product_attention")
def _sdpa(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale", "enable_gqa")
    given = dict(zip(names, args, strict=False))
    given.update(kwargs)
    q, k, v = (as_tensor(given[name], f"the {name}", node) for name in names[:3])
    if q.dims[-1] != k.dims[-1] or k.dims[-2] != v.dims[-2]:
        raise Refused(
            "shapes-differ",
            f"attention cannot combine query {text(q.dims)}, key {text(k.dims)} and value {text(v.dims)}",
            node,
        )
    gqa = given.get("enable_gqa") is True
    lead = q.dims[:-2] if gqa else broadcast([q.dims[:-2], k.dims[:-2], v.dims[:-2]], node, "attention")
    dims = (*lead, q.dims[-2], v.dims[-1])
    causal = given.get("is_causal")
    scale = given.get("scale")
    options: dict[str, Any] = {"is_causal": causal is True and given.get("attn_mask") is None, "enable_gqa": gqa}
    if isinstance(scale, (int, float)):
        options["scale"] = scale
    made = layer("ScaledDotProductAttention", node, **options)
    inner, _ = product(sample((*lead, q.dims[-2])))
    result = make(world, made, [q, k, v], dims, node, "ScaledDotProductAttention")
    _price(world, result, "attention", inner * k.dims[-2] * (q.dims[-1] + v.dims[-1]))
    return result


@op("cosine_similarity", "pairwise_distance")
def _cosine(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    a = the([args[0] if args else kwargs.get("x1")], {}, node)
    b = as_tensor(get(args, kwargs, 1, "x2"), "the other tensor", node)
    name = node.func.attr if hasattr(getattr(node, "func", None), "attr") else "cosine_similarity"
    tensors, dims = operands(world, [a, b], node, name)
    like = Tensor(dims)
    at = axis_of(like, get(args, kwargs, 2, "dim", 1) if name == "cosine_similarity" else -1, node)
    keep = bool(kwargs.get("keepdim", False))
    out = (*dims[:at], *((1,) if keep else ()), *dims[at + 1 :])
    return make(world, None, tensors, out, node, name)


@op("cdist")
def _cdist(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    a, b = the(args, kwargs, node), as_tensor(args[1], "the other tensor", node)
    return make(world, None, [a, b], (*a.dims[:-1], b.dims[-2]), node, "Cdist")


@op("grid_sample")
def _grid_sample(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    x, grid = the(args, kwargs, node), as_tensor(get(args, kwargs, 1, "grid"), "the grid", node)
    return make(world, None, [x, grid], (*x.dims[:2], *grid.dims[1:-1]), node, "GridSample")


@op("affine_grid")
def _affine_grid(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    theta = the([args[0] if args else kwargs.get("theta")], {}, node)
    size = get(args, kwargs, 1, "size")
    sizes = [whole(s, "a size", node) for s in world.interpreter.listed(size, node)]
    return make(world, None, [theta], (sizes[0], *sizes[2:], len(sizes) - 2), node, "AffineGrid")


@op("bilinear")
def _bilinear(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Tensor:
    raise Refused("python-unknown-call", "F.bilinear is not followed", node)


@op("broadcast_tensors")
def _broadcast_tensors(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    tensors = [as_tensor(value, "a tensor", node) for value in args]
    dims = broadcast([tensor.dims for tensor in tensors], node)
    return tuple(_expanded(world, tensor, list(dims), node) for tensor in tensors)


@op("broadcast_shapes")
def _broadcast_shapes(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return broadcast([tuple(shape) for shape in args], node)


@op("numel")
def _numel_of(world: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return _numel(world.interpreter, as_tensor(args[0], "a tensor", node), [], {}, node)


__all__ = ["OPS", "Stop", "attribute", "binary", "find", "index", "iterate", "loss", "op", "set_item", "unary"]
