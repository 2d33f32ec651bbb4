"""The JSON document: one key per line, one layer per line, so that it can be read and compared by lines."""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONEncoder

_strict = JSONEncoder(allow_nan=False).encode


def render(document: dict[str, object]) -> str:
    """A mapping as JSON text that ends with a newline; lists and iterators of mappings get a line for each."""
    return "".join(pieces(document))


def pieces(document: dict[str, object]) -> Iterator[str]:
    """The same, piece by piece."""
    between = "{\n"
    for key, value in document.items():
        yield f"{between}  {compact(key)}: "
        yield from _value(value)
        between = ",\n"
    yield "\n}\n" if document else "{}\n"


def compact(value: object) -> str:
    """A value on one line; what is no number (NaN, infinity) is text, since JSON has no word for it."""
    try:
        return _strict(value)
    except ValueError:
        return _strict(_finite(value))


def _value(value: object) -> Iterator[str]:
    if isinstance(value, Iterator) or (isinstance(value, list) and value and isinstance(value[0], dict)):
        between = "[\n    "
        for line in map(compact, value):
            yield between + line
            between = ",\n    "
        yield "[]" if between[0] == "[" else "\n  ]"
    else:
        yield compact(value)


def _finite(value: object) -> object:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return value
