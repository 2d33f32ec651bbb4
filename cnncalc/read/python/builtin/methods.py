"""Methods of lists, dicts and sets."""

from __future__ import annotations

from typing import Any

from cnncalc.read.python.builtin.operators import equal, key
from cnncalc.read.python.builtin.registry import native
from cnncalc.read.python.builtin.texts import TEXT_METHODS, formatted_by_method, joined, padded, plain_method, replaced
from cnncalc.read.python.sizes import Size, product
from cnncalc.read.python.values import MISSING, Bound, Object, Raised, Range, Unknown


def method(value: Any, name: str) -> Any:
    """A method of a plain value, bound; MISSING where there is none."""
    if isinstance(value, str):
        if name in TEXT_METHODS:
            return Bound(value, plain_method(name))
        if name in ("join", "replace", "format", "zfill", "ljust", "rjust", "center"):
            return Bound(
                value, {"join": joined, "replace": replaced, "format": formatted_by_method}.get(name, padded(name))
            )
    elif isinstance(value, list):
        return Bound(value, _LIST[name]) if name in _LIST else MISSING
    elif isinstance(value, tuple):
        if name == "numel":  # of a torch.Size
            return Bound(value, lambda run, this, args, kwargs, node: _number_of(this, node))
        return Bound(value, _LIST[name]) if name in ("index", "count") else MISSING
    elif isinstance(value, dict):
        return Bound(value, _DICT[name]) if name in _DICT else MISSING
    elif type(value).__name__ == "dict_keys":
        return Bound(value, _SET[name]) if name in _SET else MISSING
    elif isinstance(value, (bool, int, float)):
        if name in ("is_integer", "bit_length"):
            return Bound(value, lambda run, this, args, kwargs, node: getattr(this, name)())
        if name in ("real", "numerator"):
            return value
        if name == "item":
            return MISSING
    elif isinstance(value, Range) and name in ("start", "stop", "step"):
        return getattr(value.of, name)
    elif isinstance(value, Size):
        return MISSING
    return MISSING


def _number_of(sizes: Any, node: Any) -> Any:
    number, batches = product(sizes)
    return number if not batches else Size(number) if batches == 1 else Unknown("a product of batches", node)


def _append(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    run.size(len(this) + 1, node) if len(this) % 64 == 0 else None
    this.append(args[0])


def _extend(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    more = run.listed(args[0], node)
    run.size(len(this) + len(more), node)
    this.extend(more)


def _insert(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    this.insert(args[0], args[1])


def _pop(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> Any:
    try:
        return this.pop(*args)
    except (IndexError, TypeError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


def _index(run: Any, this: Any, args: list[Any], kwargs: Any, node: Any) -> Any:
    for at, part in enumerate(this):
        if equal(part, args[0], run, node) is True:
            return at
    raise Raised("ValueError", "it is not in the list", node)


@native("sorted")
def ordered(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    parts = run.listed(args[0], node)
    by = kwargs.get("key")
    keyed = [(part if by is None else run.call(by, [part], {}, node), at, part) for at, part in enumerate(parts)]
    run.spend(4 * len(parts), node)
    plain = all(isinstance(one, (int, float)) for one, _, _ in keyed) or all(
        isinstance(one, str) for one, _, _ in keyed
    )
    if not plain:
        flat = all(isinstance(one, tuple) and all(isinstance(p, (int, float)) for p in one) for one, _, _ in keyed)
        if not flat:
            return Unknown("an order", node)
    keyed.sort(key=lambda row: row[0], reverse=bool(kwargs.get("reverse", False)))
    return [part for _, _, part in keyed]


def _list_sort(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    this[:] = ordered(run, [this], kwargs, node)


def _remove(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    del this[_index(run, this, args, kwargs, node)]


_LIST: dict[str, Any] = {
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


def _get(run: Any, this: dict[Any, Any], args: list[Any], kwargs: Any, node: Any) -> Any:
    default = args[1] if len(args) > 1 else kwargs.get("default")
    return this.get(key(args[0], run, node), default)


def _dict_pop(run: Any, this: dict[Any, Any], args: list[Any], kwargs: Any, node: Any) -> Any:
    if args and args[0] in this:
        return this.pop(args[0])
    if len(args) > 1:
        return args[1]
    raise Raised("KeyError", repr(args[:1])[:80], node)


def update_dict(run: Any, this: dict[Any, Any], args: list[Any], kwargs: dict[str, Any], node: Any) -> None:
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


def _setdefault(run: Any, this: dict[Any, Any], args: list[Any], kwargs: Any, node: Any) -> Any:
    return this.setdefault(key(args[0], run, node), args[1] if len(args) > 1 else None)


_DICT: dict[str, Any] = {
    "get": _get,
    "pop": _dict_pop,
    "update": update_dict,
    "setdefault": _setdefault,
    "keys": lambda run, this, args, kwargs, node: list(this),
    "values": lambda run, this, args, kwargs, node: list(this.values()),
    "items": lambda run, this, args, kwargs, node: list(this.items()),
    "copy": lambda run, this, args, kwargs, node: dict(this),
    "clear": lambda run, this, args, kwargs, node: this.clear(),
    "move_to_end": lambda run, this, args, kwargs, node: this.update({args[0]: this.pop(args[0])}),
}


_SET: dict[str, Any] = {
    "union": lambda run, this, args, kwargs, node: dict.fromkeys([*this, *run.listed(args[0], node)]).keys(),
    "intersection": lambda run, this, args, kwargs, node: dict.fromkeys(
        [p for p in this if p in run.listed(args[0], node)]
    ).keys(),
    "difference": lambda run, this, args, kwargs, node: dict.fromkeys(
        [p for p in this if p not in run.listed(args[0], node)]
    ).keys(),
    "issubset": lambda run, this, args, kwargs, node: all(p in run.listed(args[0], node) for p in this),
    "add": lambda run, this, args, kwargs, node: Unknown("a set that grows", node).refuse("the set", node),
}
