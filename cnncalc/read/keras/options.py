"""Options of Keras' layers by the names of a configuration."""

from __future__ import annotations

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault, did_you_mean


def _option(found: type[Layer], name: str) -> str | None:
    """The option of a layer that a key of its configuration is."""
    if name in found.options:
        return name
    return next((key for key, option in found.options.items() if option.name == name), None)


def _plain(value: dict[str, object]) -> object:
    """A serialized activation or function: its name."""
    inner = value.get("config")
    if isinstance(inner, str):
        return inner
    named = value.get("class_name")
    if isinstance(inner, dict) and isinstance(inner.get("name"), str) and named == "function":
        return inner["name"]
    return named if isinstance(named, str) else None


def bound(kind: str, options: dict[str, object], name: str, convention: str = "keras") -> Layer:
    found = layers.find(kind, convention)
    if found is None:
        near = did_you_mean(kind, layers.names())
        raise Fault("keras-layer", f"{name} is a {kind}, a layer that is not known", option=name, help=near or ())
    try:
        return found.bind([], options)
    except Fault as fault:
        raise Fault(fault.code, f"{name}: {fault.message}", option=name, help=fault.help) from None
