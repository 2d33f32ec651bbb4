"""Functions that make or go through containers: range, zip, itertools, sorted."""

from __future__ import annotations

import itertools
from typing import Any

from cnncalc.read.python.builtin.methods import update_dict
from cnncalc.read.python.builtin.operators import key
from cnncalc.read.python.builtin.registry import FUNCTIONS, native
from cnncalc.read.python.sizes import Size
from cnncalc.read.python.tensors import Tensor
from cnncalc.read.python.values import Bound, Class, Function, Native, Object, Raised, Range, Refused, Unknown


@native("len")
def _len(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Range):
        return len(value.of)
    if isinstance(value, (str, list, tuple, dict)) or type(value).__name__ == "dict_keys":
        return len(value)
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
def _range(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
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
def _list(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return run.listed(args[0], node) if args else []


@native("tuple", "torch.Size")
def _tuple(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return tuple(run.listed(args[0], node)) if args else ()


@native("set", "frozenset")
def _set(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return {key(part, run, node): None for part in run.listed(args[0], node)}.keys() if args else {}.keys()


@native("dict", "collections.OrderedDict")
def _dict(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found: dict[Any, Any] = {}
    update_dict(run, found, args, kwargs, node)
    return found


class DefaultDict(dict[Any, Any]):
    """collections.defaultdict."""

    factory: Any = None


@native("collections.defaultdict")
def _defaultdict(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found = DefaultDict()
    found.factory = args[0] if args else None
    return found


@native("enumerate")
def _enumerate(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    return [(start + at, part) for at, part in enumerate(run.listed(args[0], node))]


@native("zip")
def _zip(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return list(zip(*(run.listed(part, node) for part in args), strict=False))


@native("itertools.product")
def _product(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found: list[tuple[Any, ...]] = [()]
    for part in args * kwargs.get("repeat", 1):
        listed = run.listed(part, node)
        run.size(len(found) * len(listed), node)
        found = [(*head, tail) for head in found for tail in listed]
    return found


@native("itertools.chain")
def _chain(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return [part for given in args for part in run.listed(given, node)]


@native("itertools.chain.from_iterable")
def _chained(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return [part for given in run.listed(args[0], node) for part in run.listed(given, node)]


@native("itertools.pairwise")
def _pairwise(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found = run.listed(args[0], node)
    return list(itertools.pairwise(found))


@native("itertools.repeat")
def _repeat(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    times = args[1] if len(args) > 1 else kwargs.get("times")
    if not isinstance(times, int):
        return Unknown("itertools.repeat without an end", node)
    run.size(times, node)
    return [args[0]] * times


@native("itertools.accumulate")
def _accumulate(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found: list[Any] = []
    for part in run.listed(args[0], node):
        found.append(part if not found else run.binary("+", found[-1], part, node))
    return found


@native("map")
def _map(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    columns = [run.listed(part, node) for part in args[1:]]
    return [run.call(args[0], list(row), {}, node) for row in zip(*columns, strict=False)]


@native("filter")
def _filter(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    kept = []
    for part in run.listed(args[1], node):
        if run.truth(part if args[0] is None else run.call(args[0], [part], {}, node), node):
            kept.append(part)
    return kept


@native("functools.reduce")
def _reduce(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    parts = run.listed(args[1], node)
    result = args[2] if len(args) > 2 else parts.pop(0) if parts else None
    for part in parts:
        result = run.call(args[0], [result, part], {}, node)
    return result


@native("operator.itemgetter", "operator.attrgetter")
def _itemgetter(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if len(args) != 1 or isinstance(args[0], str):
        return Unknown("a getter of several", node)
    return Native("itemgetter", lambda r, given, named, at: r.item(given[0], args[0], at))


@native("iter", "copy.copy_list")
def _iter(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return run.listed(args[0], node)


@native("next")
def _next(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if isinstance(args[0], list):
        if args[0]:
            return args[0].pop(0)
        if len(args) > 1:
            return args[1]
        raise Raised("StopIteration", "", node)
    return Unknown("next(...)", node)


@native("reversed")
def _reversed(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return run.listed(args[0], node)[::-1]


@native("sum")
def _sum(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    result = args[1] if len(args) > 1 else kwargs.get("start", 0)
    parts = run.listed(args[0], node)
    run.spend(len(parts), node)
    for part in parts:
        result = part if result == 0 and run.packages.is_tensor(part) else run.binary("+", result, part, node)
    return result


def _extreme(sign: str) -> Any:
    def find(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
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
    def find(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
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
def _slice(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return slice(*args)
