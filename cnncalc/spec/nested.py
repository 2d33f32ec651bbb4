"""A layer as a field of another one's: `layer: LSTM(5)`, `layer: {lstm: {units: 5}}`."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc import layers
from cnncalc.core.problem import Fault
from cnncalc.expression.syntax import call_of, parse
from cnncalc.read.yaml.value import Value

# Options whose value is a layer.
HOLDERS = ("layer", "backward_layer", "encoder_layer", "decoder_layer", "rope", "qk_norm")


class Nested(NamedTuple):
    """The inner layer's type, positional and named arguments."""

    name: str
    args: list[Any]
    kwargs: list[tuple[str, Any]]


def nested(option: str, field: Any, convention: str) -> Nested | None:
    """The layer that a field is; None where it is something else."""
    if option not in HOLDERS or not isinstance(field, Value):
        return None
    found = _pair(field) if field.kind != "scalar" else _call(field)
    return found if found is not None and layers.find(found.name, convention) is not None else None


def _call(field: Value) -> Nested | None:
    if not isinstance(field.data, str):
        return None
    try:
        call = call_of(parse(field.data))
    except Fault:
        return None  # what is wrong with the text is said where it is evaluated
    return None if call is None else Nested(call.name, list(call.args), list(call.kwargs))


def _pair(field: Value) -> Nested | None:
    """`{lstm: {units: 5}}`, or `[LSTM, {units: 5}]` as Keras writes a configuration."""
    if field.kind == "map" and len(field.data) == 1:
        key, options = field.data[0]
    elif field.kind == "list" and len(field.data) == 2:
        key, options = field.data
    else:
        return None
    if not isinstance(key.data, str) or options.kind not in ("map", "scalar"):
        return None
    if options.kind == "scalar":
        return Nested(key.data, [] if options.data is None else [options], [])
    return Nested(key.data, [], [(name.data, value) for name, value in options.data])
