"""Classes that `export --to keras` writes above a network, registered under "cnncalc"; the config is the options."""

from __future__ import annotations

from typing import Any

from cnncalc.core.layer import Layer
from cnncalc.read.keras.config import _config, _name
from cnncalc.read.keras.options import bound

PACKAGE = "cnncalc>"
# The classes, and what they are called with that is no input of the layer.
KINDS = ("Attention", "CausalMask", "ClassToken", "LocalResponseNorm", "Parameter", "PositionalEmbedding",
         "RotaryEmbedding", "ScaledDotProductAttention", "TokenEmbedding")  # fmt: skip
OWN = ("name", "dtype", "trainable")


def written_kind(layer: Any) -> str:
    """The class that a layer of the file is of, "" where it is none of these."""
    registered = str(layer.get("registered_name") or "")
    kind = registered.removeprefix(PACKAGE)
    return kind if registered.startswith(PACKAGE) and kind in KINDS else ""


def written_layer(layer: Any, reverse: bool = False) -> Layer:
    """The layer of the spec language; `reverse` where a table of tokens is called as the matrix of their scores."""
    kind, name = written_kind(layer), _name(layer)
    options = {key: value for key, value in _config(layer).items() if key not in OWN}
    if kind == "TokenEmbedding":
        if reverse:
            options = {"out_features": options.get("num_embeddings"), "bias": False}
        return bound("Linear" if reverse else "Embedding", options, name, "pytorch")
    rope, norm = options.get("rope"), options.get("qk_norm")
    if isinstance(rope, dict):
        options["rope"] = bound("RotaryEmbedding", rope, name, "pytorch")
    if isinstance(norm, dict):
        kind_of = "LayerNorm" if norm.get("kind") == "LayerNorm" else "RMSNorm"
        options["qk_norm"] = bound(kind_of, {"eps": norm.get("eps")}, name, "pytorch")
    return bound(kind, options, name, "pytorch")
