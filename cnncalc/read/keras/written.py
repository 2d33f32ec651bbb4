"""Classes that `export --to keras` writes above a network, registered under "cnncalc"; the config is the options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.read.keras.config import _config, _name
from cnncalc.read.keras.options import bound
from cnncalc.read.opaque import Weighted, made

if TYPE_CHECKING:
    from cnncalc.core.number import Shape
    from cnncalc.read.keras.config import Described

PACKAGE = "cnncalc>"
# What is no option of the layer; the factors of an image's sizes are said by the sizes.
OWN = ("name", "dtype", "trainable", "factors")


def written_kind(layer: Described) -> str:
    """The class that a layer of the file is of, "" where it is none of these."""
    registered = str(layer.get("registered_name") or "")
    kind = registered.removeprefix(PACKAGE).partition(":")[0]  # cells given by equations have a name behind it
    if not registered.startswith(PACKAGE):
        return ""
    return kind if kind in ("TokenEmbedding", "Unused") or layers.find(kind, "pytorch") is not None else ""


def written_layer(layer: Described, shapes: list[Shape], reverse: bool = False) -> Layer:
    """The layer of the spec language; `reverse` where a table of tokens is called as the matrix of their scores."""
    kind, name = written_kind(layer), _name(layer)
    options = {key: value for key, value in _config(layer).items() if key not in OWN}
    if kind == "TokenEmbedding":
        if reverse:
            options = {"out_features": options.get("num_embeddings"), "bias": False}
        return bound("Linear" if reverse else "Embedding", options, name, "pytorch")
    if kind == "Unused":  # its array stands beside what passes
        arrays = tuple(bound("Parameter", options, name, "pytorch").weights())
        return made(Weighted, kind, sample=tuple(shapes[0][1:]), arrays=arrays)
    for key, value in options.items():
        if isinstance(value, dict) and kind != "Recurrent":  # a layer inside
            inner = {**value}
            inside = "RotaryEmbedding" if key == "rope" else str(inner.pop("kind", ""))
            options[key] = bound(inside, inner, name, "pytorch")
    return bound(kind, options, name, "pytorch")
