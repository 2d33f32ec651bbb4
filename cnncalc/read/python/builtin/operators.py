"""Operators, comparisons and items of plain values; everything with a bound."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin.registry import kind_of
from cnncalc.read.python.builtin.texts import by_percent
from cnncalc.read.python.tensor.sizes import EACH, Repeated, Size
from cnncalc.read.python.values import (
    MISSING,
    Bound,
    Class,
    Exhausted,
    External,
    Function,
    Object,
    Raised,
    Range,
    Refused,
    Set,
    Unknown,
)

BITS = 4096  # of the longest int that a file may make
_PLAIN: dict[str, Callable[..., object]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "|": operator.or_, "&": operator.and_, "^": operator.xor, "<<": operator.lshift,
    ">>": operator.rshift,
}  # fmt: skip
_SETS: dict[str, Callable[..., set[object]]] = {
    "|": operator.or_, "&": operator.and_, "-": operator.sub, "^": operator.xor,
}  # fmt: skip


_COMPARE: dict[str, Callable[..., object]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def binary(sign: str, left: object, right: object, run: InterpreterBase, node: ast.AST) -> object:
    """`left sign right` for plain values."""
    try:
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            if sign == "**":
                return _power(left, right, node)
            if sign in ("<<", ">>"):
                if not 0 <= right <= BITS or int(left).bit_length() + right > BITS:
                    raise Exhausted("python-too-long", "a number would have more than 4,096 bits", node)
                return _PLAIN[sign](left, right)
            if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > BITS:
                raise Exhausted("python-too-long", "a number would have more than 4,096 bits", node)
            return _PLAIN[sign](left, right)
        if sign == "*":
            for many, what in ((left, right), (right, left)):
                if isinstance(many, Size) and isinstance(what, (str, list, tuple)):
                    if isinstance(what, list) and len(what) == 1:
                        return Repeated(what[0], many)
                    raise Refused("python-batch-axis", EACH, node)
                if isinstance(many, int) and isinstance(what, (str, list, tuple)):
                    run.size(len(what) * max(many, 0), node)
                    return what * many
        plain = (str, list, tuple)
        if sign == "+" and type(left) is type(right) and isinstance(left, plain) and isinstance(right, plain):
            run.size(len(left) + len(right), node)
            return _PLAIN[sign](left, right)
        if sign == "%" and isinstance(left, str):
            return by_percent(left, right, run, node)
        if isinstance(left, dict) and isinstance(right, dict) and sign == "|":
            return {**left, **right}
        if isinstance(left, Set) and isinstance(right, Set) and sign in _SETS:
            run.spend((len(left.of) + len(right.of)) // 4, node)
            kept = _SETS[sign](left.of.keys(), right.of.keys())
            return Set({part: None for part in (*left.of, *right.of) if part in kept})
    except (ZeroDivisionError, OverflowError, TypeError, ValueError) as error:
        raise Raised(type(error).__name__, str(error), node) from None
    if isinstance(left, Object) or isinstance(right, Object):
        return _by_method(sign, left, right, run, node)
    if isinstance(left, (External, Class)) and sign == "|":
        return left  # a type, `int | None`
    raise Raised("TypeError", f"{kind_of(left)} {sign} {kind_of(right)}", node)


_METHODS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
}


def _by_method(sign: str, left: object, right: object, run: InterpreterBase, node: ast.AST) -> object:
    name = _METHODS.get(sign, "")
    for this, other, prefix in ((left, right, "__"), (right, left, "__r")):
        if isinstance(this, Object):
            method = this.kind.find(f"{prefix}{name}__")
            if isinstance(method, Function):
                return run.call(Bound(this, method), [other], {}, node)
    return Unknown("its class does not define this operator", node)


def _power(left: float, right: float, node: ast.AST) -> object:
    if isinstance(left, int) and isinstance(right, int) and right > 0 and left.bit_length() * right > BITS:
        raise Exhausted("python-too-long", "a number would have more than 4,096 bits", node)
    if isinstance(left, int) and isinstance(right, int) and right < -BITS:
        return 0.0
    result = left**right
    if isinstance(result, complex):
        return Unknown("it is a complex number", node)
    return result


def compare(sign: str, left: object, right: object, run: InterpreterBase, node: ast.AST) -> object:
    """`left sign right`, True, False or `Unknown`."""
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _COMPARE[sign](left, right)
    if isinstance(left, str) and isinstance(right, str):
        return _COMPARE[sign](left, right)
    if sign in ("==", "!="):
        same = equal(left, right, run, node)
        return same if isinstance(same, Unknown) else same == (sign == "==")
    if isinstance(left, (list, tuple)) and type(left) is type(right):
        for one, other in zip(left, right, strict=False):
            same = equal(one, other, run, node)
            if same is not True:
                return same if isinstance(same, Unknown) else run.compare(sign, one, other, node)
        return _COMPARE[sign](len(left), len(right))
    if isinstance(left, Set) and isinstance(right, Set):
        return _COMPARE[sign](left.of.keys(), right.of.keys())
    if isinstance(left, Object) or isinstance(right, Object):
        return _ordered(sign, left, right, run, node)
    if isinstance(left, External) or isinstance(right, External):
        return Unknown("two names of other packages are compared", node)
    raise Raised("TypeError", f"{kind_of(left)} {sign} {kind_of(right)}", node)


_ORDER = {"<": ("lt", "gt"), "<=": ("le", "ge"), ">": ("gt", "lt"), ">=": ("ge", "le")}


def _ordered(sign: str, left: object, right: object, run: InterpreterBase, node: ast.AST) -> object:
    """`left < right` by the methods of their classes."""
    for this, other, name in zip((left, right), (right, left), _ORDER[sign], strict=True):
        method = this.kind.find(f"__{name}__") if isinstance(this, Object) else MISSING
        if isinstance(method, Function):
            return run.call(Bound(this, method), [other], {}, node)
    if isinstance(left, Object) and isinstance(right, Object) and left.held is not None and right.held is not None:
        return run.compare(sign, left.held, right.held, node)
    return Unknown("their class does not define an order", node)


def equal(left: object, right: object, run: InterpreterBase, node: ast.AST) -> object:
    """Whether two values are the same; counted, since lists may hold one another many times."""
    run.spend(1, node)
    if left is right:
        return True
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return left if isinstance(left, Unknown) else right
    if isinstance(left, Object) and isinstance(left.kind.find("__eq__"), Function):
        return run.call(Bound(left, left.kind.find("__eq__")), [right], {}, node)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        if type(left) is not type(right) or len(left) != len(right):
            return False
        for one, other in zip(left, right, strict=True):
            same = equal(one, other, run, node)
            if same is not True:
                return same
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        return equal(list(left.values()), [right[name] for name in left], run, node)
    if isinstance(left, (int, float, str, Size, External)) or left is None:
        return bool(left == right) if isinstance(right, (int, float, str, Size, External)) else False
    return isinstance(left, Set) and left == right


def key(value: object, run: InterpreterBase, node: ast.AST) -> object:
    """A value as the key of a dict; what is nested is counted."""
    if isinstance(value, Unknown):
        value.refuse("a key", node)
    if isinstance(value, tuple):
        run.spend(len(value), node)
        for part in value:
            key(part, run, node)
    elif isinstance(value, (list, dict)):
        raise Raised("TypeError", f"unhashable type: '{type(value).__name__}'", node)
    return value


def item(holder: object, place: object, run: InterpreterBase, node: ast.AST) -> object:
    """`holder[place]` for plain values."""
    if isinstance(holder, dict):
        found = holder.get(key(place, run, node), MISSING)
        if found is MISSING:
            factory = getattr(holder, "factory", None)
            if factory is not None:
                holder[place] = found = run.call(factory, [], {}, node)
                return found
            raise Raised("KeyError", repr(place)[:80], node)
        return found
    if isinstance(holder, Range):
        holder = holder.of
    if isinstance(place, Object):  # an enumeration's member, an index
        place = place.attrs.get("value", place)
    if not isinstance(place, (int, slice)):
        raise Raised("TypeError", f"indices must be integers or slices, not {kind_of(place)}", node)
    if not isinstance(holder, (str, list, tuple, range)):
        raise Raised("TypeError", f"'{kind_of(holder)}' object is not subscriptable", node)
    try:
        found = holder[place]
    except (IndexError, TypeError, ValueError) as error:
        raise Raised(type(error).__name__, str(error), node) from None
    if isinstance(found, (list, tuple, str)) and isinstance(place, slice):
        run.spend(len(found) // 16, node)
    return Range(found) if isinstance(found, range) else found
