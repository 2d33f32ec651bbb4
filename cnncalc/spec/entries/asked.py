"""The names that an entry asks for: where they mean the same, the layer is the same."""

from __future__ import annotations

from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.expression.parsed import Call, Expression
from cnncalc.expression.syntax import parse
from cnncalc.read.yaml.value import Value
from cnncalc.spec.entries.entry import Entry

_SIMPLE = (int, bool, str)


def asks(call: Call) -> bool:
    """Whether a call asks for a name."""
    return any(argument.names() for argument in call.args) or any(value.names() for _, value in call.kwargs)


def words_of(entry: Entry) -> Any:
    """What fields say, to look their layer up by; None where a value has parts."""
    values: list[object] = []
    for name, value in entry.kwargs:
        written = type(value) is Value
        data = value.data if written else value
        if type(data) not in _SIMPLE:
            return None
        values += (name, type(data), data, written and value.style)
    return None if entry.args else (entry.type, entry.convention, entry.spelled, *values)


def reads_itself(kind: type[Layer]) -> bool:
    """Whether a layer keeps what was written, and the scope with it."""
    return any(option.raw for option in kind.options.values())


def names_of(entry: Entry, kind: type[Layer]) -> frozenset[str] | None:
    """Every name that may be looked up, at times more; None where that cannot be said."""
    if reads_itself(kind):
        return None
    found: set[str] = set()
    written = entry.call if entry.call is not None else entry
    values = [*written.args, *(value for _, value in written.kwargs)]
    return frozenset(found) if all(_collect(value, found) for value in values) else None


def _collect(value: object, found: set[str]) -> bool:
    """Add the names of a value; False where it may be a layer that keeps its scope, or no expression."""
    if isinstance(value, Expression):
        found |= value.names()
        return all(_keeps_nothing(name) for name in value.functions())
    if not isinstance(value, Value):
        return False
    if value.kind == "list":
        return all(_collect(part, found) for part in value.data)
    if value.kind == "map":
        return all(_keeps_nothing(key.data) and _collect(part, found) for key, part in value.data)
    if not isinstance(value.data, str):
        return True
    try:
        return _collect(parse(value.data), found)
    except Fault:
        return False


def _keeps_nothing(name: str) -> bool:
    kinds = layers.find(name), layers.find(name, "keras")
    return not any(reads_itself(kind) for kind in kinds if kind is not None)
