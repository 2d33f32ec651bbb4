"""Functions on numbers and texts: math, int, round."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence

from cnncalc.read.python.bases import Call, InterpreterBase
from cnncalc.read.python.builtin.registry import native, unknown
from cnncalc.read.python.builtin.texts import shown
from cnncalc.read.python.tensor.sizes import Size, number_of
from cnncalc.read.python.values import Args, Exhausted, Kwargs, Object, Raised, Unknown


class Chance(Unknown):
    """A number from 0 up to 1, without it, that is drawn each time."""

    __slots__ = ()

    def compare(self, sign: str, bound: object) -> bool | None:
        """Whether it compares so with a bound, where that is no matter of chance."""
        if not isinstance(bound, (int, float)):
            return None
        below = {"<": bound >= 1, "<=": bound >= 1, ">": bound < 0, ">=": bound <= 0}
        never = {"<": bound <= 0, "<=": bound < 0, ">": bound >= 1, ">=": bound >= 1}
        return True if below.get(sign) else False if never.get(sign) else None


MATH = frozenset(
    """
        sqrt floor ceil log log2 log10 exp pow sin cos tan tanh fabs trunc isclose gcd isqrt cbrt lcm prod hypot log1p
        copysign fmod isnan isinf isfinite radians degrees atan atan2 erf
        """.split()
)


def math_function(name: str, args: Args, node: ast.AST) -> object:
    """A function of `math` of numbers that are known; raises `Raised` where Python does."""
    lacks = unknown(args)
    if lacks is not None:
        return lacks
    if name in ("floor", "ceil") and args and isinstance(args[0], Size):
        return args[0]
    if name == "prod":
        return _prod(args[0] if isinstance(args[0], (list, tuple)) else (), node)
    if name in ("factorial", "comb", "perm") and all(type(value) is int and 0 <= value <= 500 for value in args):
        return getattr(math, name)(*args)
    if name not in MATH or not all(isinstance(value, (int, float)) for value in args):
        return Unknown(f"math.{name}", node)
    try:
        return getattr(math, name)(*args)
    except (ValueError, OverflowError, TypeError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


def _prod(values: Sequence[object], node: ast.AST) -> object:
    lacks = unknown(values)
    if lacks is not None:
        return lacks
    sizes = [value for value in values if isinstance(value, (int, Size))]
    if len(sizes) == len(values) < 100:
        return number_of(sizes, node)
    result: float = 1
    for value in values[:1000]:
        if not isinstance(value, (int, float)):
            return Unknown("it is a product of values that are no numbers", node)
        result = result * value
    return result


@native("numpy.prod", "torch.prod")
def _numpy_prod(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if isinstance(args[0], (list, tuple)):
        return _prod(args[0], node)
    return run.packages.function("torch.prod", args, kwargs, node)


def _plain_numbers(values: object) -> list[float] | None:
    """A list of numbers, or None."""
    found = [value for value in values if isinstance(value, (int, float))] if isinstance(values, (list, tuple)) else []
    return found if isinstance(values, (list, tuple)) and len(found) == len(values) else None


_REDUCE: dict[str, Callable[[list[float]], float]] = {
    "sum": sum, "max": max, "min": min, "amax": max, "amin": min, "mean": lambda values: sum(values) / len(values),
    "fsum": math.fsum,
}  # fmt: skip


def _reduced(name: str) -> Call:
    def call(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        values = _plain_numbers(args[0])
        return _REDUCE[name](values) if values else run.packages.function(f"torch.{name}", args, kwargs, node)

    return call


for _name in _REDUCE:
    native(f"numpy.{_name}", f"statistics.{_name}", f"math.{_name}")(_reduced(_name))


# The conversion with whatever a file gives it: what Python says of it is an error of the file.
_whole: Callable[..., int] = int
_rounded: Callable[..., float] = round


@native("int")
def _int(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    value = args[0] if args else 0
    if isinstance(value, (Unknown, Size)):
        return value
    if isinstance(value, Object) and "value" in value.attrs:
        value = value.attrs["value"]
    if isinstance(value, str) and len(value) > 1000:
        raise Exhausted("python-too-long", "a number has more than 1,000 digits", node)
    if isinstance(value, (int, float, str)):
        try:
            return _whole(value, *args[1:], **kwargs)
        except (ValueError, OverflowError, TypeError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    found = run.packages.number(value, node)
    return int(found) if isinstance(found, float) and found == found and abs(found) < 1e300 else found


@native("float")
def _float(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
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
def _bool(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return args[0] if args and isinstance(args[0], Unknown) else bool(args) and run.truth(args[0], node)


@native("str", "repr", "format")
def _str(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return shown(args[0], run, node) if args else ""


@native("abs")
def _abs(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if isinstance(args[0], (int, float)):
        return abs(args[0])
    return args[0] if isinstance(args[0], Unknown) else run.packages.function("torch.abs", args, {}, node)


@native("round")
def _round(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if isinstance(args[0], (int, float)) and (len(args) < 2 or args[1] is None or isinstance(args[1], int)):
        try:
            return _rounded(*args)
        except (ValueError, OverflowError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    return args[0]


@native("numpy.round", "numpy.around", "numpy.rint")
def _numpy_round(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if isinstance(args[0], (int, float)):
        return _round(run, args, kwargs, node)
    return run.packages.function("torch.round", args[:1], {}, node)


@native("numpy.clip")
def _clip(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    values = _plain_numbers(args)
    if values is not None and len(values) == 3:
        return min(max(values[0], values[1]), values[2])
    return run.packages.function("torch.clip", args, kwargs, node)


@native("pow")
def _pow(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    given = [value for value in args if type(value) is int and 0 < value < 1 << 64]
    if len(given) == len(args) == 3:
        return pow(given[0], given[1], given[2])
    if len(args) == 2:
        return run.binary("**", args[0], args[1], node)
    return Unknown("pow(...) with a modulus is not followed", node)


@native("divmod")
def _divmod(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return (run.binary("//", args[0], args[1], node), run.binary("%", args[0], args[1], node))


@native("chr", "ord", "hex", "bin", "oct")
def _char(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    given = args[0]
    if isinstance(given, int) and 0 <= given < 0x110000:
        return chr(given)
    if isinstance(given, str) and len(given) == 1:
        return ord(given)
    return Unknown("chr(...) or ord(...) of this value is not followed", node)
