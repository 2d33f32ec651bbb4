"""Methods of lists, dicts and sets."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from cnncalc.read.python.bases import InterpreterBase, Method
from cnncalc.read.python.builtin.operators import equal, key
from cnncalc.read.python.builtin.registry import kind_of, native
from cnncalc.read.python.builtin.texts import TEXT_METHODS, formatted_by_method, joined, padded, plain_method, replaced
from cnncalc.read.python.tensor.sizes import number_of
from cnncalc.read.python.values import MISSING, Args, Bound, Kwargs, Object, Raised, Range, Set, Unknown


def method(value: object, name: str) -> object:
    """A method of a plain value, bound; MISSING where there is none."""
    found = _method(value, name)
    size = len(value) if isinstance(value, (list, dict)) else len(value.of) if isinstance(value, Set) else 0
    if size > 1024 and name in _WHOLE and isinstance(found, Bound) and callable(found.function):
        return Bound(value, _priced(found.function, size))
    return found


def _method(value: object, name: str) -> object:
    if isinstance(value, str):
        if name in TEXT_METHODS:
            return Bound(value, plain_method(name))
        if name in ("join", "replace", "format", "zfill", "ljust", "rjust", "center"):
            return Bound(
                value, {"join": joined, "replace": replaced, "format": formatted_by_method}.get(name, padded(name))
            )
    elif isinstance(value, Deque) and name in _DEQUE:
        return Bound(value, _DEQUE[name])
    elif isinstance(value, list):
        return Bound(value, _LIST[name]) if name in _LIST else MISSING
    elif isinstance(value, tuple):
        if name == "numel":  # of a torch.Size
            return Bound(value, lambda run, this, args, kwargs, node: number_of(this, node))
        return Bound(value, _LIST[name]) if name in ("index", "count") else MISSING
    elif isinstance(value, dict):
        return Bound(value, _DICT[name]) if name in _DICT else MISSING
    elif isinstance(value, Set):
        return Bound(value, _SET[name]) if name in _SET else MISSING
    elif isinstance(value, (bool, int, float)):
        if name in ("is_integer", "bit_length"):
            return Bound(value, lambda run, this, args, kwargs, node: getattr(this, name)())
        if name in ("real", "numerator"):
            return value
    elif isinstance(value, Range) and name in ("start", "stop", "step"):
        return {"start": value.of.start, "stop": value.of.stop, "step": value.of.step}[name]
    return MISSING


# Methods that go through a whole container, which costs time with its size.
_WHOLE = frozenset(
    ("copy", "reverse", "count", "index", "remove", "sort", "values", "items", "keys", "union", "intersection",
     "difference", "issubset", "issuperset", "isdisjoint", "update")
)  # fmt: skip


def _priced(function: Callable[..., object], size: int) -> Method[object]:
    def call(run: InterpreterBase, this: object, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        run.spend(size // 16, node)
        return function(run, this, args, kwargs, node)

    return call


def _append(run: InterpreterBase, this: list[object], args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    run.size(len(this) + 1, node) if len(this) % 64 == 0 else None
    this.append(args[0])


def _extend(run: InterpreterBase, this: list[object], args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    more = run.listed(args[0], node)
    run.size(len(this) + len(more), node)
    this.extend(more)


def _insert(run: InterpreterBase, this: list[object], args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    run.spend(len(this) // 1000, node)
    this.insert(_place(args[0], node), args[1])


def _pop(run: InterpreterBase, this: list[object], args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    run.spend(len(this) // 1000, node)
    try:
        return this.pop(_place(args[0], node) if args else -1)
    except IndexError as error:
        raise Raised("IndexError", str(error), node) from None


def _place(value: object, node: ast.AST) -> int:
    """A position in a list."""
    if not isinstance(value, int):
        raise Raised("TypeError", f"'{kind_of(value)}' object cannot be interpreted as an integer", node)
    return value


def _index(run: InterpreterBase, this: Sequence[object], args: Args, kwargs: Kwargs, node: ast.AST) -> int:
    for at, part in enumerate(this):
        if equal(part, args[0], run, node) is True:
            return at
    raise Raised("ValueError", "it is not in the list", node)


def _orders(value: object, node: ast.AST) -> bool:
    """Whether Python orders a value as we have it."""
    if isinstance(value, (list, tuple)):
        return len(value) < 64 and all(_orders(part, node) for part in value)
    return isinstance(value, (int, float, str))


# Python says which values it does not compare.
_arranged: Callable[..., list[tuple[object, int, object]]] = sorted


@native("sorted")
def ordered(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """sorted(...): `Unknown` where the values have no order here."""
    parts = run.listed(args[0], node)
    by = kwargs.get("key")
    keyed = [(part if by is None else run.call(by, [part], {}, node), at, part) for at, part in enumerate(parts)]
    run.spend(4 * len(parts), node)
    if not all(_orders(one, node) for one, _, _ in keyed):
        return Unknown("values that have no order here are sorted", node)
    try:
        keyed = _arranged(keyed, key=lambda row: row[0], reverse=bool(kwargs.get("reverse", False)))
    except TypeError as error:
        raise Raised("TypeError", str(error), node) from None
    return [part for _, _, part in keyed]


def _list_sort(run: InterpreterBase, this: list[object], args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    found = ordered(run, [this], kwargs, node)
    this[:] = found if isinstance(found, list) else run.listed(found, node)


def _remove(run: InterpreterBase, this: list[object], args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    del this[_index(run, this, args, kwargs, node)]


_LIST: dict[str, Method[list[object]]] = {
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "pop": _pop,
    "index": _index,
    "remove": _remove,
    "sort": _list_sort,
    "copy": lambda run, this, args, kwargs, node: list(this),
    "reverse": lambda run, this, args, kwargs, node: this.reverse(),
    "clear": lambda run, this, args, kwargs, node: this.clear(),
    "count": lambda run, this, args, kwargs, node: sum(equal(p, args[0], run, node) is True for p in this),
}


class Deque(list[object]):
    """collections.deque."""

    longest: object = None


def _deque_append(front: bool) -> Method[Deque]:
    def call(run: InterpreterBase, this: Deque, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
        run.spend(len(this) // 1000, node)
        this.insert(0 if front else len(this), args[0])
        if isinstance(this.longest, int) and len(this) > this.longest:
            this.pop(-1 if front else 0)

    return call


def _popleft(run: InterpreterBase, this: Deque, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if not this:
        raise Raised("IndexError", "pop from an empty deque", node)
    run.spend(len(this) // 1000, node)
    return this.pop(0)


@native("collections.deque")
def _deque(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    found = Deque(run.listed(args[0], node) if args else [])
    found.longest = args[1] if len(args) > 1 else kwargs.get("maxlen")
    if isinstance(found.longest, int):
        del found[: max(len(found) - found.longest, 0)]
    return found


_DEQUE: dict[str, Method[Deque]] = {
    "append": _deque_append(False),
    "appendleft": _deque_append(True),
    "popleft": _popleft,
}


def _get(run: InterpreterBase, this: dict[object, object], args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    default = args[1] if len(args) > 1 else kwargs.get("default")
    return this.get(key(args[0], run, node), default)


def _dict_pop(run: InterpreterBase, this: dict[object, object], args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if args and args[0] in this:
        return this.pop(args[0])
    if len(args) > 1:
        return args[1]
    raise Raised("KeyError", repr(args[:1])[:80], node)


def update_dict(run: InterpreterBase, this: dict[object, object], args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    """What dict.update does, with what a dict, pairs or an object that holds a dict give."""
    for given in args:
        if isinstance(given, Unknown):
            given.refuse("what a dict is updated with", node)
        if isinstance(given, Object) and isinstance(given.held, dict):
            given = given.held
        pairs = (
            given.items() if isinstance(given, dict) else [tuple(run.listed(p, node)) for p in run.listed(given, node)]
        )
        run.spend(len(pairs) // 4, node)
        for name, value in pairs:
            this[key(name, run, node)] = value
    this.update(kwargs)


def _setdefault(run: InterpreterBase, this: dict[object, object], args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return this.setdefault(key(args[0], run, node), args[1] if len(args) > 1 else None)


_DICT: dict[str, Method[dict[object, object]]] = {
    "get": _get,
    "pop": _dict_pop,
    "update": update_dict,
    "setdefault": _setdefault,
    "keys": lambda run, this, args, kwargs, node: Set(this),
    "values": lambda run, this, args, kwargs, node: list(this.values()),
    "items": lambda run, this, args, kwargs, node: list(this.items()),
    "copy": lambda run, this, args, kwargs, node: dict(this),
    "clear": lambda run, this, args, kwargs, node: this.clear(),
    "move_to_end": lambda run, this, args, kwargs, node: this.update({args[0]: this.pop(args[0])}),
}


def _others(run: InterpreterBase, args: Args, node: ast.AST) -> dict[object, None]:
    return {key(part, run, node): None for given in args for part in run.listed(given, node)}


def _set_update(run: InterpreterBase, this: Set, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    this.of.update(_others(run, args, node))
    run.size(len(this.of), node)


def _set_remove(run: InterpreterBase, this: Set, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    if args[0] not in this.of:
        raise Raised("KeyError", repr(args[0])[:80], node)
    del this.of[args[0]]


_SET: dict[str, Method[Set]] = {
    "add": lambda run, this, args, kwargs, node: this.of.setdefault(key(args[0], run, node)),
    "update": _set_update,
    "discard": lambda run, this, args, kwargs, node: this.of.pop(args[0], None),
    "remove": _set_remove,
    "clear": lambda run, this, args, kwargs, node: this.of.clear(),
    "copy": lambda run, this, args, kwargs, node: Set(dict(this.of)),
    "union": lambda run, this, args, kwargs, node: Set({**this.of, **_others(run, args, node)}),
    "intersection": lambda run, this, args, kwargs, node: Set(
        {part: None for part in this.of if part in _others(run, args, node)}
    ),
    "difference": lambda run, this, args, kwargs, node: Set(
        {part: None for part in this.of if part not in _others(run, args, node)}
    ),
    "issubset": lambda run, this, args, kwargs, node: this.of.keys() <= _others(run, args, node).keys(),
    "issuperset": lambda run, this, args, kwargs, node: this.of.keys() >= _others(run, args, node).keys(),
    "isdisjoint": lambda run, this, args, kwargs, node: this.of.keys().isdisjoint(_others(run, args, node)),
}
