"""Functions that make or go through containers: range, zip, itertools, sorted."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin.methods import update_dict
from cnncalc.read.python.builtin.operators import key
from cnncalc.read.python.builtin.registry import kind_of, native, natives
from cnncalc.read.python.tensor.sizes import Size
from cnncalc.read.python.tensor.tensors import Tensor
from cnncalc.read.python.values import (
    Args,
    Bound,
    Class,
    Function,
    Iterator,
    Kwargs,
    Native,
    Object,
    Raised,
    Range,
    Refused,
    Set,
    Unknown,
)


@native("len")
def _len(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
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
    if isinstance(value, Class) and (members := value.members()) is not None:
        return len(members)
    return run.packages.length(value, node)


@native("range")
def _range(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    for value in args:
        if isinstance(value, Unknown):
            value.refuse("a bound of range", node)
        if isinstance(value, Size) and len(args) == 1:
            return Tensor((value,), what="arange")  # as an index; a loop over it is refused
        if isinstance(value, Size):
            raise Refused("python-unknown-value", "a loop over the samples of a batch is not followed", node)
    bounds = [value for value in args if isinstance(value, int)]
    if not bounds or len(bounds) < len(args):
        raise Raised("TypeError", "a bound of range must be an int", node)
    try:
        return Range(range(*bounds))
    except (ValueError, TypeError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


@native("list")
def _list(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return run.listed(args[0], node) if args else []


@native("tuple", "torch.Size")
def _tuple(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return tuple(run.listed(args[0], node)) if args else ()


@native("set", "frozenset")
def _set(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return Set({key(part, run, node): None for part in run.listed(args[0], node)} if args else {})


@native("dict", "collections.OrderedDict")
def _dict(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    found: dict[object, object] = {}
    update_dict(run, found, args, kwargs, node)
    return found


class DefaultDict(dict[object, object]):
    """collections.defaultdict."""

    factory: object = None


@native("collections.defaultdict")
def _defaultdict(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    found = DefaultDict()
    found.factory = args[0] if args else None
    return found


@native("enumerate")
def _enumerate(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    if not isinstance(start, int):
        raise Raised("TypeError", f"'{kind_of(start)}' object cannot be interpreted as an integer", node)
    return Iterator(enumerate(run.iterate(args[0], node), start))


@native("zip")
def _zip(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    columns = [run.iterate(part, node) for part in args]
    return Iterator(_zipped(columns, kwargs.get("strict") is True, node))


def _zipped(columns: list[Iterable[object]], strict: bool, node: ast.AST) -> Iterable[object]:
    try:
        yield from zip(*columns, strict=strict)
    except ValueError as error:
        raise Raised("ValueError", str(error), node) from None


@native("functools.reduce")
def _reduce(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    parts = run.listed(args[1], node)
    result = args[2] if len(args) > 2 else parts.pop(0) if parts else None
    for part in parts:
        result = run.call(args[0], [result, part], {}, node)
    return result


@natives("operator.", "itemgetter attrgetter")
def _getter(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    """operator.itemgetter and attrgetter."""

    def found(r: InterpreterBase, given: Args, named: Kwargs, at: ast.AST) -> object:
        whole = given[0]
        if name == "itemgetter":
            every = tuple(r.item(whole, key, at) for key in args)
        else:
            every = tuple(r.attribute(whole, key, at) for key in names)
        return every if len(every) > 1 else every[0]

    names = [key for key in args if isinstance(key, str) and "." not in key]
    if name == "attrgetter" and len(names) < len(args):
        return Unknown("attrgetter of a path with dots is not followed", node)
    return Native(name, found)


_SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
}  # fmt: skip
_COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


@natives("operator.", " ".join((*_SIGNS, *_COMPARED)))
def _operator(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    if name in _SIGNS:
        return run.binary(_SIGNS[name], args[0], args[1], node)
    return run.compare(_COMPARED[name], args[0], args[1], node)


@native("iter")
def _iter(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return args[0] if isinstance(args[0], Iterator) else Iterator(run.iterate(args[0], node))


@native("next")
def _next(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
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
def _reversed(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return Iterator(run.listed(args[0], node)[::-1])


@native("collections.Counter")
def _counter(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    found = DefaultDict()
    found.factory = Native("zero", lambda r, given, named, at: 0)
    given = args[0] if args else ()
    if isinstance(given, dict):
        found.update(given)
        return found
    found.update(Counter(key(part, run, node) for part in run.listed(given, node)))
    found.update(kwargs)
    return found


@native("sum")
def _sum(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    result = args[1] if len(args) > 1 else kwargs.get("start", 0)
    parts = run.listed(args[0], node)
    run.spend(len(parts), node)
    for part in parts:
        result = part if result == 0 and run.packages.is_tensor(part) else run.binary("+", result, part, node)
    return result


@natives("", "max min")
def _extreme(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
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
        better = run.compare(">" if name == "max" else "<", other, value, node)
        if isinstance(better, Unknown):
            return better
        if better is True:
            best, value = part, other
    return best


@natives("", "any all")
def _quantified(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    lacks = None
    for part in run.listed(args[0], node):
        if isinstance(part, Unknown):
            lacks = part
        elif run.truth(part, node) == (name == "any"):
            return name == "any"
    return lacks if lacks is not None else name == "all"


@native("slice")
def _slice(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return slice(*args)
