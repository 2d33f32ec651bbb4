"""Functions on numbers and texts: math, int, round."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

from cnncalc.read.python.builtin.registry import native, unknown
from cnncalc.read.python.builtin.texts import shown
from cnncalc.read.python.tensor.sizes import Size
from cnncalc.read.python.values import Args, Exhausted, Kwargs, Object, Raised, Unknown

MATH = frozenset(
    """
        sqrt floor ceil log log2 log10 exp pow sin cos tan tanh fabs trunc isclose gcd isqrt cbrt lcm prod hypot log1p
        copysign fmod isnan isinf isfinite radians degrees atan atan2 erf
        """.split()
)


def math_function(name: str, args: list[Any], node: ast.AST) -> Any:
    lacks = unknown(args)
    if lacks is not None:
        return lacks
    if name in ("floor", "ceil") and args and isinstance(args[0], Size):
        return args[0]
    if name == "prod":
        return _prod(args[0] if isinstance(args[0], (list, tuple)) else [], node)
    if name in ("factorial", "comb", "perm") and all(type(value) is int and 0 <= value <= 500 for value in args):
        return getattr(math, name)(*args)
    if name not in MATH or not all(isinstance(value, (int, float)) for value in args):
        return Unknown(f"math.{name}", node)
    try:
        return getattr(math, name)(*args)
    except (ValueError, OverflowError, TypeError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


def _prod(values: Any, node: ast.AST) -> Any:
    from cnncalc.read.python.tensor.sizes import product

    lacks = unknown(values)
    if lacks is not None:
        return lacks
    if all(isinstance(value, (int, Size)) for value in values) and len(values) < 100:
        number, batches = product(values)
        return number if not batches else Size(number) if batches == 1 else Unknown("a product of batches", node)
    result: Any = 1
    for value in values[:1000]:
        if not isinstance(value, (int, float)):
            return Unknown("a product", node)
        result = result * value
    return result


@native("numpy.prod", "torch.prod")
def _numpy_prod(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    if isinstance(args[0], (list, tuple)):
        return _prod(args[0], node)
    return run.packages.function("torch.prod", args, kwargs, node)


def _plain_numbers(values: Any) -> bool:
    return isinstance(values, (list, tuple)) and all(isinstance(value, (int, float)) for value in values)


_REDUCE: dict[str, Callable[[Any], Any]] = {
    "sum": sum, "max": max, "min": min, "amax": max, "amin": min, "mean": lambda values: sum(values) / len(values),
    "fsum": math.fsum,
}  # fmt: skip


def _reduced(name: str) -> Any:
    def call(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
        if not _plain_numbers(args[0]) or not args[0]:
            return run.packages.function(f"torch.{name}", args, kwargs, node)
        return _REDUCE[name](args[0])

    return call


for _name in _REDUCE:
    native(f"numpy.{_name}", f"statistics.{_name}", f"math.{_name}")(_reduced(_name))


@native("int")
def _int(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    value = args[0] if args else 0
    if isinstance(value, (Unknown, Size)):
        return value
    if isinstance(value, Object) and "value" in value.attrs:
        value = value.attrs["value"]
    if isinstance(value, str) and len(value) > 1000:
        raise Exhausted("python-too-long", "a number has more than 1,000 digits", node)
    if isinstance(value, (int, float, str)):
        try:
            return int(value, *args[1:], **kwargs)
        except (ValueError, OverflowError, TypeError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    found = run.packages.number(value, node)
    return int(found) if isinstance(found, float) and found == found and abs(found) < 1e300 else found


@native("float")
def _float(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    value = args[0] if args else 0.0
    if isinstance(value, (Unknown, Size)):
        return value
    if isinstance(value, (int, float, str)):
        try:
            return float(value)
        except (ValueError, OverflowError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    return run.packages.number(value, node)


@native("bool")
def _bool(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    return args[0] if args and isinstance(args[0], Unknown) else bool(args) and run.truth(args[0], node)


@native("str", "repr", "format")
def _str(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    return shown(args[0], run, node) if args else ""


@native("abs")
def _abs(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    if isinstance(args[0], (int, float)):
        return abs(args[0])
    return args[0] if isinstance(args[0], Unknown) else run.packages.function("torch.abs", args, {}, node)


@native("round")
def _round(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    if isinstance(args[0], (int, float)) and (len(args) < 2 or args[1] is None or isinstance(args[1], int)):
        try:
            return round(*args)
        except (ValueError, OverflowError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    return args[0]


@native("numpy.round", "numpy.around", "numpy.rint")
def _numpy_round(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    if isinstance(args[0], (int, float)):
        return _round(run, args, kwargs, node)
    return run.packages.function("torch.round", args[:1], {}, node)


@native("numpy.clip")
def _clip(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    if len(args) == 3 and _plain_numbers(args):
        return min(max(args[0], args[1]), args[2])
    return run.packages.function("torch.clip", args, kwargs, node)


@native("pow")
def _pow(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    if len(args) == 3 and all(type(value) is int and 0 < value < 1 << 64 for value in args):
        return pow(*args)
    return run.binary("**", args[0], args[1], node) if len(args) == 2 else Unknown("pow with a modulus", node)


@native("divmod")
def _divmod(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    return (run.binary("//", args[0], args[1], node), run.binary("%", args[0], args[1], node))


@native("chr", "ord", "hex", "bin", "oct")
def _char(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    return (
        Unknown("a text", node)
        if not isinstance(args[0], (int, str))
        else (
            chr(args[0])
            if isinstance(args[0], int) and 0 <= args[0] < 0x110000
            else ord(args[0])
            if isinstance(args[0], str) and len(args[0]) == 1
            else Unknown("a text", node)
        )
    )
