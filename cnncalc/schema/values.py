"""What an option's value may be in YAML, found out by asking its own parser about samples of every kind.

So the schema cannot say another thing than the reader does. Text is always allowed: any field may be an expression.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from cnncalc.core.option import ANY, Option
from cnncalc.core.problem import Fault

# A piece of a JSON Schema, as it is written.
Schema: TypeAlias = dict[str, Any]

# Whole numbers that are tried; the least that is taken is the bound.
WHOLE = (-3, -2, -1, 0, 1, 2, 3, 8, 64)
FRACTIONS = (0.5, 0.25, 1.5, -0.5)
LONGEST = 8


def schema_of(option: Option, axes: int) -> Schema:
    """The schema of one option's value, with its help, its default and its words."""
    found = _allowed(option, axes)
    said: Schema = {"description": _help(option)}
    if not option.required and option.like is None and _is_json(option.default) and option.default is not None:
        said["default"] = option.default
    if option.words and found:  # the words first, so that an editor offers them
        return {**said, "anyOf": [{"enum": list(option.words)}, found]}
    return {**said, **found}


def _help(option: Option) -> str:
    notes = [option.help]
    if option.expects not in ("", "true or false", "a number", "a whole number"):  # the type says so
        notes.append(option.expects)
    if option.inferred:
        notes.append("may be left out: the input determines it")
    elif option.like is not None:
        notes.append(f"default: {option.like}")
    return "; ".join(note for note in notes if note)


def _allowed(option: Option, axes: int) -> Schema:
    """The kinds of values that the parser takes, as one schema; empty where it takes anything."""
    if option.raw or (takes(option, axes, {}) and takes(option, axes, object())):
        return {}
    kinds, bounds = _numbers(lambda value: takes(option, axes, value))
    if (takes(option, axes, None) and not option.required) or option.name == "padding":
        kinds.append("null")  # a padding without a value is one to be found
    found: Schema = {"type": kinds, **bounds}
    lengths = [length for length in range(LONGEST + 1) if _list(option, axes, length)]
    nested = any(takes(option, axes, [[value, value]] * max(axes, 1)) for value in (0, 1))
    if lengths or nested:
        kinds.append("array")
        found["items"] = _items(option, axes, lengths, nested)
        if lengths and not (option.name == "padding" and axes == 1):
            found["minItems"] = min(lengths)
            if max(lengths) < LONGEST:
                found["maxItems"] = max(lengths)
    return found


def takes(option: Option, axes: int, value: object) -> bool:
    """Whether the option's parser accepts a value."""
    try:
        option.parse(value, axes)
    except (Fault, TypeError, ValueError, AttributeError, ArithmeticError):
        return False
    return True


def _list(option: Option, axes: int, length: int) -> bool:
    return any(takes(option, axes, [value] * length) for value in (1, 2, 0, 0.5, -1)) or takes(
        option, axes, list(range(1, length + 1))
    )


def _items(option: Option, axes: int, lengths: list[int], nested: bool) -> Schema:
    """The schema of a list's elements."""

    def inside(value: object) -> bool:
        return any(takes(option, axes, [value, *[1] * (length - 1)]) for length in lengths if length)

    kinds, bounds = _numbers(inside)
    if inside(None):
        kinds.append("null")
    if nested:
        kinds.append("array")
    return {"type": kinds, **bounds}


def _numbers(accepts: Any) -> tuple[list[str], Schema]:
    """The names of the scalar kinds, and the bounds of the numbers."""
    whole = [value for value in WHOLE if accepts(value)]
    kinds = ["string"]
    if accepts(True) and accepts(False):
        kinds.append("boolean")
    bounds: Schema = {}
    if any(accepts(value) for value in FRACTIONS):
        kinds.append("number")
    elif whole:
        kinds.append("integer")
        if whole[0] > WHOLE[0]:
            bounds["minimum"] = whole[0]
        if whole == [0, 1]:
            bounds["maximum"] = 1
    return kinds, bounds


def _is_json(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_json(part) for part in value)
    return value is None or isinstance(value, (bool, str)) or (isinstance(value, (int, float)) and value > ANY)
