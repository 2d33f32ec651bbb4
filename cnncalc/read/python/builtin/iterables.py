"""Functions that make or go through containers: range, zip, itertools, sorted."""

from __future__ import annotations

import ast
from typing import Any

from cnncalc.read.python.builtin.methods import update_dict
from cnncalc.read.python.builtin.operators import key
from cnncalc.read.python.builtin.registry import FUNCTIONS, kind_of, native
from cnncalc.read.python.tensor.sizes import Size
from cnncalc.read.python.tensor.tensors import Tensor
from cnncalc.read.python.values import (
    Bound,
    Class,
    Function,
    Iterator,
    Native,
    Object,
    Raised,
    Range,
    Refused,
    Set,
    Unknown,
)


@native("len")
def _len(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Range):
        return len(value.of)
    if isinstance(value, (str, list, tuple, dict, bytes)):
        return len(value)
    if isinstance(value, Set):
        return len(value.of)
    if isinstance(value, Object):
        found = value.kind.find("__len__")
        if isinstance(found, Function):
            return run.call(Bound(value, found), [], {}, node)
        if value.held is not None:
            return len(value.held)
    if isinstance(value, Class) and "__members__" in value.names:
        return len(value.names["__members__"])
    return run.packages.length(value, node)


@native("range")
def _range(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    for value in args:
        if isinstance(value, Unknown):
            value.refuse("a bound of range", node)
        if isinstance(value, Size) and len(args) == 1:
            return Tensor((value,), what="arange")  # as an index; a loop over it is refused
        if isinstance(value, Size):
            raise Refused("python-unknown-value", "a loop over the samples of a batch is not followed", node)
    if not args or not all(isinstance(value, int) for value in args):
        raise Raised("TypeError", "range takes whole numbers", node)
    try:
        return Range(range(*args))
    except (ValueError, TypeError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


@native("list")
def _list(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    return run.listed(args[0], node) if args else []


@native("tuple", "torch.Size")
def _tuple(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    return tuple(run.listed(args[0], node)) if args else ()


@native("set", "frozenset")
def _set(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    return Set({key(part, run, node): None for part in run.listed(args[0], node)} if args else {})


@native("dict", "collections.OrderedDict")
def _dict(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    found: dict[Any, Any] = {}
    update_dict(run, found, args, kwargs, node)
    return found


class DefaultDict(dict[Any, Any]):
    """collections.defaultdict."""

    factory: Any = None


@native("collections.defaultdict")
def _defaultdict(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    found = DefaultDict()
    found.factory = args[0] if args else None
    return found


@native("enumerate")
def _enumerate(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    return Iterator(enumerate(run.iterate(args[0], node), start))


@native("zip")
def _zip(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    columns = [run.iterate(part, node) for part in args]
    return Iterator(_zipped(columns, kwargs.get("strict") is True, node))


def _zipped(columns: list[Any], strict: bool, node: ast.AST) -> Any:
    try:
        yield from zip(*columns, strict=strict)
    except ValueError as error:
        raise Raised("ValueError", str(error), node) from None


@native("functools.reduce")
def _reduce(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    parts = run.listed(args[1], node)
    result = args[2] if len(args) > 2 else parts.pop(0) if parts else None
    for part in parts:
        result = run.call(args[0], [result, part], {}, node)
    return result


def _getter(name: str) -> Any:
    """operator.itemgetter and attrgetter."""

    def call(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        def found(r: Any, given: list[Any], named: dict[str, Any], at: Any) -> Any:
            get = r.item if name == "itemgetter" else r.attribute
            every = tuple(get(given[0], key, at) for key in args)
            return every if len(every) > 1 else every[0]

        if name == "attrgetter" and any(not isinstance(key, str) or "." in key for key in args):
            return Unknown("a getter of an attribute of an attribute", node)
        return Native(name, found)

    return call


for _name in ("itemgetter", "attrgetter"):
    native(f"operator.{_name}")(_getter(_name))
_SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
}  # fmt: skip
_COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
for _name, _sign in _SIGNS.items():
    native(f"operator.{_name}")(lambda run, args, kwargs, node, sign=_sign: run.binary(sign, *args[:2], node))
for _name, _sign in _COMPARED.items():
    native(f"operator.{_name}")(lambda run, args, kwargs, node, sign=_sign: run.compare(sign, *args[:2], node))


@native("iter")
def _iter(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    return args[0] if isinstance(args[0], Iterator) else Iterator(run.iterate(args[0], node))


@native("next")
def _next(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Object):
        return run.call(run.attribute(value, "__next__", node), [], {}, node)
    if not isinstance(value, Iterator):
        raise Raised("TypeError", f"'{kind_of(value)}' object is not an iterator", node)
    for part in value.of:
        return part
    if len(args) > 1:
        return args[1]
    raise Raised("StopIteration", "", node)


@native("reversed")
def _reversed(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    return Iterator(run.listed(args[0], node)[::-1])


@native("collections.Counter")
def _counter(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    found = DefaultDict()
    found.factory = Native("zero", lambda r, given, named, at: 0)
    for part in run.listed(args[0], node) if args and not isinstance(args[0], dict) else ():
        found[key(part, run, node)] = found.get(part, 0) + 1
    found.update(args[0] if args and isinstance(args[0], dict) else kwargs)
    return found


@native("sum")
def _sum(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    result = args[1] if len(args) > 1 else kwargs.get("start", 0)
    parts = run.listed(args[0], node)
    run.spend(len(parts), node)
    for part in parts:
        result = part if result == 0 and run.packages.is_tensor(part) else run.binary("+", result, part, node)
    return result


def _extreme(sign: str) -> Any:
    def find(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        parts = list(args) if len(args) > 1 else run.listed(args[0], node)
        if not parts:
            if "default" in kwargs:
                return kwargs["default"]
            raise Raised("ValueError", "nothing to choose from", node)
        by = kwargs.get("key")
        run.spend(len(parts), node)
        best = parts[0]
        value = best if by is None else run.call(by, [best], {}, node)
        for part in parts[1:]:
            other = part if by is None else run.call(by, [part], {}, node)
            better = run.compare(sign, other, value, node)
            if isinstance(better, Unknown):
                return better
            if better is True:
                best, value = part, other
        return best

    return find


FUNCTIONS["max"] = _extreme(">")


FUNCTIONS["min"] = _extreme("<")


def _quantified(wanted: bool) -> Any:
    def find(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        lacks = None
        for part in run.listed(args[0], node):
            if isinstance(part, Unknown):
                lacks = part
            elif run.truth(part, node) == wanted:
                return wanted
        return lacks if lacks is not None else not wanted

    return find


FUNCTIONS["any"] = _quantified(True)


FUNCTIONS["all"] = _quantified(False)


@native("slice")
def _slice(run: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    return slice(*args)
