"""The arguments that a layer is made from: whose signature they follow, and layers among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.expression.syntax import call_of, parse
from cnncalc.read.yaml.value import Value
from cnncalc.spec.entries.entry import Entry


def check_foreign(kind: type[Layer], entry: Entry) -> None:
    """Refuse PyTorch's layers with channels first in a network whose channels are last."""
    if entry.convention != "keras" or kind.kernel_name() != kind.type():
        return
    instead = kind.in_keras()
    if instead is not None:
        raise Fault(
            "other-convention",
            f"{kind.type()} is PyTorch's and has channels first; this network is Keras', with channels last",
            help=f"write {instead}" if instead else "Keras has no such layer",
        )


def inside(entry: Entry, name: str) -> Entry:
    """The entry of a layer that is an argument of another one's."""
    made = Entry("call", name, entry.span)
    made.convention = entry.convention
    return made


def preset(entry: Entry) -> list[tuple[str, object]]:
    """The named arguments with those that the spelling brings along: a `PositionalEncoding` is sinusoidal."""
    more = layers.PRESET.get(layers.fold(entry.type))
    if more is None:
        return entry.kwargs
    words = [(layers.PRESET_WORDS.get(word, word), value) for word, value in entry.kwargs]
    named = {word for word, _ in words}
    free = [(word, value) for word, value in more.items() if word not in named and len(entry.args) < 3]
    return [*((word, value) for word, value in words if word), *free]


def signature_of(kind: type[Layer], entry: Entry, named: list[tuple[str, object]]) -> type[Layer]:
    """The layer type whose signature the arguments follow: Keras' where only the name was translated."""
    if not entry.spelled:
        return kind
    own = layers.find(entry.spelled, "keras")
    fits = own is not None and all(word in own.options or own.ignores(word) or word == "alpha" for word, _ in named)
    return own if own is not None and fits else kind


def in_words(made: type[Layer], kind: type[Layer], args: Sequence[object], kwargs: dict[str, object]) -> Layer:
    """The layer `made` from arguments that follow another signature, or with the textbook's defaults."""
    if kind is not made:
        from cnncalc.layers.keras.translate import made_of

        return made_of(made, kind, args, kwargs)
    from cnncalc.layers.textbook import DEFAULTS

    return kind.bind(args, {**DEFAULTS.get(kind.type(), {}), **kwargs})


# --- layers as arguments of layers: `layer: LSTM(5)`, `layer: {lstm: {units: 5}}` ----------------------------------

# Options whose value is a layer.
HOLDERS = ("layer", "backward_layer", "encoder_layer", "decoder_layer", "rope", "qk_norm")


class Nested(NamedTuple):
    """The inner layer's type, positional and named arguments."""

    name: str
    args: list[Any]
    kwargs: list[tuple[str, object]]


def nested(option: str, field: object, convention: str) -> Nested | None:
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
