"""Two tensors together: arithmetic and comparisons with broadcasting, matrix products."""

from __future__ import annotations

import ast

from cnncalc.core.layer import Layer
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.builtin.registry import kind_of
from cnncalc.read.python.functions.base import get, layer, make, named, op, same, the
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dim, Dims, Size, product
from cnncalc.read.python.tensor.strides import iterated, packed
from cnncalc.read.python.tensor.tensors import Param, Tensor, batch_at, is_batch, sample, text
from cnncalc.read.python.values import MISSING, Args, External, Kwargs, Object, Raised, Refused, Unknown

BINARY = {
    "+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "//": "FloorDivide", "%": "Remainder", "**": "Pow",
    "==": "Equal", "!=": "NotEqual", "<": "Less", "<=": "LessEqual", ">": "Greater", ">=": "GreaterEqual",
    "&": "And", "|": "Or", "^": "Xor",
}  # fmt: skip


def broadcast(shapes: list[Dims], node: ast.AST, what: str = "these") -> Dims:
    """The common sizes of tensors, aligned at their last axis."""
    rank = max(map(len, shapes), default=0)
    result: list[Dim] = []
    for place in range(-rank, 0):
        size: Dim = 1
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


def aligned(packages: PackagesBase, tensor: Tensor, dims: Dims, node: ast.AST) -> Tensor:
    """A tensor so that its sample broadcasts to the sample of `dims`: an axis of 1 at the batch's place goes."""
    at = batch_at(dims)
    if at is None or not is_batch(dims[at]):
        return tensor
    back = at - len(dims)
    if batch_at(tensor.dims) is not None or len(tensor.dims) < -back:
        return tensor
    place = len(tensor.dims) + back
    without = (*tensor.dims[:place], *tensor.dims[place + 1 :])
    if tensor.constant or not packages.active:
        return Tensor(without, what=tensor.what)
    return make(packages, layer("Squeeze", node, dim=1 + place), [tensor], without, node, "Squeeze")


def operands(packages: PackagesBase, tensors: list[Tensor], node: ast.AST, kind: str) -> tuple[list[Tensor], Dims]:
    """Tensors ready to be combined, and the sizes of what comes out."""
    dims = broadcast([tensor.dims for tensor in tensors], node, kind)
    if packages.active and not all(tensor.constant for tensor in tensors):
        tensors = [aligned(packages, tensor, dims, node) for tensor in tensors]
    return tensors, dims


OPERANDS = (Tensor, Param, int, float, complex, Size, Unknown, External, Object)


def binary(packages: PackagesBase, sign: str, left: object, right: object, node: ast.AST) -> Tensor:
    """`left sign right` with a tensor among them."""
    if sign == "@":
        return _matmul(packages, [left, right], {}, node)
    kind = BINARY[sign]
    for one in (left, right):
        if isinstance(one, Unknown) and one.module:
            one.refuse("an operand", node)
        if not isinstance(one, OPERANDS):
            raise Raised("TypeError", f"a tensor {sign} {kind_of(one)}", node)
    tensors = [as_tensor(one, "an operand", node) for one in (left, right) if isinstance(one, (Tensor, Param))]
    if len(tensors) == 2:
        computed = _numbers(sign, tensors)
        if computed is not None:
            return computed
        given = [(tensor.dims, tensor.strides) for tensor in tensors]
        tensors, dims = operands(packages, tensors, node, kind)
        made = layer(kind, node) if kind in ("Add", "Subtract", "Multiply", "Divide") else None
        result = make(packages, made, tensors, dims, node, kind)
        result.strides = iterated(given, dims)
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
    result = same(packages, [x], made.type() if made is not None and made.type() != "Scale" else kind, node, made)
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
        "**": operator.pow, "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
        ">": operator.gt, ">=": operator.ge,
    }  # fmt: skip
    left, right = tensors
    if left.data is None or right.data is None or sign not in plain:
        return None
    if len(left.data) != len(right.data) and 1 not in (len(left.data), len(right.data)):
        return None
    if len(left.dims) > 1 or len(right.dims) > 1:
        return None
    count = len(right.data) if len(left.data) == 1 else len(left.data)
    ones = left.data * count if len(left.data) == 1 else left.data
    others = right.data * count if len(right.data) == 1 else right.data
    try:
        values = [plain[sign](one, other) for one, other in zip(ones, others, strict=True)]
    except (ZeroDivisionError, OverflowError, TypeError):
        return None
    dims = left.dims if len(left.dims) >= len(right.dims) and len(left.data) == count else right.dims
    return Tensor(dims, data=values)


def unary(packages: PackagesBase, sign: str, value: object, node: ast.AST) -> Tensor:
    """-x, +x, ~x."""
    x = as_tensor(value, "an operand", node)
    if sign == "pos":
        return x
    result = same(packages, [x], "Neg" if sign == "neg" else "Not", node, layer("Neg", node) if sign == "neg" else None)
    result.what = x.what
    return result


_FUNCTIONS = {
    "+": "add add_ __add__",
    "-": "sub sub_ subtract rsub",
    "*": "mul mul_ multiply",
    "/": "div div_ divide true_divide",
    "//": "floor_divide",
    "%": "remainder fmod mod",
    "**": "pow pow_ power",
    "==": "eq",
    "!=": "ne",
    "<": "lt less",
    "<=": "le",
    ">": "gt greater",
    ">=": "ge",
    "&": "logical_and bitwise_and",
    "|": "logical_or bitwise_or",
    "^": "logical_xor",
}
_SIGNS = {name: sign for sign, names in _FUNCTIONS.items() for name in names.split()}


@named(*_SIGNS)
def _by_name(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    sign = _SIGNS[name]
    left = args[0] if args else kwargs.get("input")
    right = get(args, kwargs, 1, "other", kwargs.get("exponent", MISSING))
    if right is MISSING:
        raise Raised("TypeError", "an operand is missing", node)
    if not isinstance(left, (Tensor, Param)) and not isinstance(right, (Tensor, Param)):
        return packages.interpreter.binary(sign, left, right, node)
    return binary(packages, sign, left, right, node)


@named(
    *"""
    maximum minimum fmax fmin atan2 hypot lerp addcmul addcdiv where masked_fill masked_fill_ where_ xlogy
    special_xlogy logaddexp logaddexp2 nextafter isclose heaviside gcd lcm ldexp bitwise_xor polar_ copysign
    """.split(),
)
def _combined(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    values = [*args, *kwargs.values()]
    for value in values[:2]:
        if isinstance(value, Unknown) and value.module:
            value.refuse("an operand", node)
    tensors = [as_tensor(value, "an operand", node) for value in values if isinstance(value, (Tensor, Param))]
    if not tensors:
        return Unknown("none of the operands is a tensor", node)
    if name == "where" and len(values) == 1:
        return Unknown("the places where a condition holds depend on the numbers in a tensor", node)
    given = [(tensor.dims, tensor.strides) for tensor in tensors]
    tensors, dims = operands(packages, tensors, node, name)
    made = layer(name.title(), node) if name in ("maximum", "minimum") and len(tensors) == 2 else None
    result = make(packages, made, tensors, dims, node, name.rstrip("_"))
    result.strides = packed(dims) if name == "masked_fill" else iterated(given, dims)
    return result


@op("matmul", "bmm", "mm", "__matmul__", "mv", "dot", "linalg_matmul", "spmm", "sparse_mm", "hspmm")
def _matmul(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    a = the(args, kwargs, node, "the left factor")
    b = as_tensor(get(args, kwargs, 1, "other", kwargs.get("mat2")), "the right factor", node)
    left, right = a.dims, b.dims
    if not left or not right:
        raise Refused("wrong-axes", "matmul needs tensors with axes", node)
    inner, other = left[-1], right[-2] if len(right) > 1 else right[-1]
    if inner != other:
        message = f"matmul cannot multiply {text(left)} by {text(right)}: {inner} columns meet {other} rows"
        help = "transposing the second factor would fit" if len(right) > 1 and right[-1] == inner else ()
        raise Refused("inner-sizes-differ", message, node, help=help)
    stack = broadcast([left[:-2], right[:-2]], node, "matmul")
    dims = (*stack, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))
    if isinstance(inner, Size):
        raise Refused("python-batch-axis", "this sums over the samples of a batch", node)
    made: Layer | None = layer("MatMul", node)
    if packages.active and not (a.constant and b.constant):
        at = batch_at(dims)
        if at is not None and is_batch(dims[at]) and at < len(stack):
            whole_left, whole_right = (*stack, *left[-2:]), (*stack, *right[-2:])
            a = aligned(packages, a, whole_left, node)
            b = aligned(packages, b, whole_right, node)
    cost, _ = product((*sample(dims), inner))
    result = make(packages, made, [a, b], dims, node, "MatMul")
    _price(packages, result, "MatMul", cost)
    return result


def _price(packages: PackagesBase, tensor: Tensor, kind: str, cost: int) -> None:
    """Give an opaque node its multiply-accumulates."""
    if tensor.ref is not None and packages.active:
        graph = packages.tracer.graph
        made = graph.nodes[-1].layer
        if made is not None and hasattr(made, "cost"):
            made.__dict__["cost"] = cost


@op("allclose", "equal")
def _alike(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return Unknown("whether two tensors are alike depends on their numbers", node)


@op("addmm", "baddbmm", "addbmm")
def _addmm(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    result = binary(packages, "+", _matmul(packages, args[1:3], {}, node), args[0], node)
    result.strides = packed(result.dims)
    return result
