"""A value that its layer reads itself: texts stay as they were written, and the names of the spec come along."""

from __future__ import annotations

from typing import Any

from cnncalc.expression.environment import Environment
from cnncalc.expression.parsed import Expression
from cnncalc.expression.syntax import elements_of

NAMELESS = Environment({})


class Unevaluated:
    """`data` holds dicts, lists, numbers and texts, none of them evaluated; `scope` has the spec's own names."""

    __slots__ = ("data", "scope")
    __hash__ = None  # type: ignore[assignment]  # layers made of it are no two the same

    def __init__(self, data: object, scope: Environment = NAMELESS) -> None:
        self.data = data
        self.scope = scope

    def letters(self) -> int:
        """How many letters were written, numbers left out."""
        waiting, found = [self.data], 0
        while waiting:
            part = waiting.pop()
            if isinstance(part, str):
                found += len(part)
            elif isinstance(part, dict):
                waiting += part.values()
            elif isinstance(part, list):
                waiting += part
        return found

    def __repr__(self) -> str:
        return f"Written({self.data!r})"


def unevaluated(value: object, scope: Environment) -> Unevaluated:
    """What stands in a field or as an argument of a call, as it was written."""
    return Unevaluated(_data(value), scope)


def of(value: object) -> Unevaluated:
    """The same for a value that comes from Python."""
    return value if isinstance(value, Unevaluated) else Unevaluated(value)


def _data(value: Any) -> object:
    if isinstance(value, Expression):
        parts = elements_of(value)
        if parts is not None:
            return [_data(part) for part in parts]
        return value.text.strip("\"'")
    kind = getattr(value, "kind", None)
    if kind == "list":
        return [_data(part) for part in value.data]
    if kind == "map":
        return {key.data: _data(part) for key, part in value.data}
    return value.data if kind == "scalar" else value
