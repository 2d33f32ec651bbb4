"""A mapping of Python -> the text that JSON has for it, and the tree that YAML would read from that text.

What YAML might read otherwise than JSON writes it is left to YAML: the answer is None then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc.core.problem import Source
from cnncalc.read.yaml.value import Value

DEEPEST = 90
# YAML takes no longer keys, and no longer numbers.
LONGEST = 400
WORDS = {True: "true", False: "false", None: "null"}


class _Other(Exception):
    """What YAML has to read."""


def tree_of(mapping: Mapping[str, Any], name: str) -> tuple[Source, Value] | None:
    """The text with one value per line, as `json.dumps(mapping, indent=1)` writes it, and its tree."""
    lines: list[str] = []
    try:
        if type(mapping) is not dict or not mapping or " " in next(iter(mapping)):
            return None
        end = [""]
        root = _value(mapping, lines, end, 0, 1)
    except (_Other, TypeError):
        return None
    return Source(name, "\n".join([*lines, end[0]])), root


def _text(data: str) -> str:
    """A text in double quotes."""
    if len(data) > LONGEST or not data.isascii() or not data.isprintable() or '"' in data or "\\" in data:
        raise _Other
    return f'"{data}"'


def _value(data: Any, lines: list[str], open_line: list[str], depth: int, column: int) -> Value:
    """A value that begins in the line which is being written, at that column; complete lines are appended."""
    kind, line = type(data), len(lines) + 1
    if kind is str:
        written = _text(data)
        open_line[0] += written
        return Value("scalar", data, line, column, len(written), data, '"')
    if kind is int or kind is float or kind is bool or data is None:
        written = WORDS[data] if kind is bool or data is None else repr(data)
        if len(written) > LONGEST or (kind is float and data - data != 0):
            raise _Other
        open_line[0] += written
        return Value("scalar", data, line, column, len(written), written)
    if kind not in (dict, list, tuple) or depth > DEEPEST:
        raise _Other
    signs = "{}" if kind is dict else "[]"
    what = "map" if kind is dict else "list"
    if not data:
        open_line[0] += signs
        return Value(what, [], line, column, 2, "", "flow")
    lines.append(open_line[0] + signs[0])
    indent = " " * (depth + 1)
    items: list[Any] = []
    last = len(data) - 1
    for index, part in enumerate(data):
        open_line[0] = indent
        if kind is dict:
            if type(part) is not str:
                raise _Other
            written = _text(part)
            key = Value("scalar", part, len(lines) + 1, depth + 2, len(written), part, '"')
            open_line[0] += written + ": "
            items.append((key, _value(data[part], lines, open_line, depth + 1, depth + len(written) + 4)))
        else:
            items.append(_value(part, lines, open_line, depth + 1, depth + 2))
        if index < last:
            lines.append(open_line[0] + ",")
        else:
            lines.append(open_line[0])
    open_line[0] = " " * depth + signs[1]
    return Value(what, items, line, column, 1, "", "flow")
