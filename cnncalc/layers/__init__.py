"""The registry: which layer types exist, and where each is defined. A family is imported when it is first named."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.layers import index

# family module -> the layer types it defines
FAMILIES: dict[str, str] = index.PYTORCH

# Other spellings of the same layer (PyTorch's functions, common short names).
ALIASES: dict[str, str] = {
    "Dense": "Linear",
    "FC": "Linear",
    "GlobalAveragePool": "GlobalAvgPool",
    "GlobalAvgPool1d": "GlobalAvgPool",
    "GlobalAvgPool2d": "GlobalAvgPool",
    "GlobalAvgPool3d": "GlobalAvgPool",
    "GlobalMaxPool1d": "GlobalMaxPool",
    "GlobalMaxPool2d": "GlobalMaxPool",
    "GlobalMaxPool3d": "GlobalMaxPool",
    "Cat": "Concat",
    "Concatenate": "Concat",
    "Sub": "Subtract",
    "Mul": "Multiply",
    "Div": "Divide",
    "BMM": "MatMul",
    "CrossEntropy": "CrossEntropyLoss",
    "BinaryCrossEntropy": "BCELoss",
    "BinaryCrossEntropyWithLogits": "BCEWithLogitsLoss",
    "KLDiv": "KLDivLoss",
    "Amax": "Max",
    "Amin": "Min",
    "BroadcastTo": "Expand",
    "Swish": "SiLU",
    "SDPA": "ScaledDotProductAttention",
    "PositionalEncoding": "PositionalEmbedding",
    "PositionEmbedding": "PositionalEmbedding",
    "SinusoidalEncoding": "PositionalEmbedding",
    "SinusoidalEmbedding": "PositionalEmbedding",
    "SinusoidalPositionalEncoding": "PositionalEmbedding",
    "SinusoidalPositionalEmbedding": "PositionalEmbedding",
    "BatchNormalization": "BatchNorm",
    "LayerNormalization": "LayerNorm",
    "GroupNormalization": "GroupNorm",
    "RMSNormalization": "RMSNorm",
    "RoPE": "RotaryEmbedding",
    "PatchEmbed": "PatchEmbedding",
    "MoE": "MixtureOfExperts",
    "MLA": "LatentAttention",
    "MultiHeadLatentAttention": "LatentAttention",
}

# Options that another spelling sets, by folded name: every course means sines by a positional encoding.
_SINES = {"kind": "sinusoidal"}
PRESET: dict[str, dict[str, str]] = {
    "positionalencoding": _SINES,
    "sinusoidalencoding": _SINES,
    "sinusoidalembedding": _SINES,
    "sinusoidalpositionalencoding": _SINES,
    "sinusoidalpositionalembedding": _SINES,
}
# And what its options are called there, as in PyTorch's tutorial; an empty word has no effect here.
PRESET_WORDS = {"d_model": "embedding_dim", "max_len": "num_embeddings", "dropout": ""}

_types: dict[str, tuple[str, str]] = {}
_keras_types: dict[str, tuple[str, str]] = {}
# What was looked up already: a large network names the same few types again and again.
_found: dict[tuple[str, str], type[Layer] | None] = {}
_folded: dict[str, str] = {}


def fold(name: str) -> str:
    """A type's name with what does not count taken away: `nn.MaxPool2d`, `max_pool2d` -> `maxpool2d`."""
    known = _folded.get(name)
    if known is None:
        known = name.rsplit(".", 1)[-1].replace("_", "").lower()
        if len(_folded) < 4096:
            _folded[name] = known
    return known


def _table() -> dict[str, tuple[str, str]]:
    if not _types:
        for family, names in FAMILIES.items():
            for name in names.split():
                _types[fold(name)] = (family, name)
        for alias, name in ALIASES.items():
            _types[fold(alias)] = _types[fold(name)]
    return _types


def names() -> list[str]:
    """Every layer type's name, in the order of the reference."""
    return [name for types in FAMILIES.values() for name in types.split()]


def _keras() -> dict[str, tuple[str, str]]:
    """Keras' layer types; the table is made when the first is asked for."""
    if not _keras_types:
        from cnncalc.layers import keras

        for family, names in keras.FAMILIES.items():
            for name in names.split():
                _keras_types[fold(name)] = (f"keras.{family}", name)
        for alias, name in keras.ALIASES.items():
            _keras_types[fold(alias)] = _keras_types[fold(name)]
    return _keras_types


def find_any(name: str) -> bool:
    """Whether there is a layer type of that name, PyTorch's or Keras'; no layer is imported."""
    folded = fold(name)
    return folded in _table() or folded in _keras()


def find(name: str, convention: str = "pytorch") -> type[Layer] | None:
    """The layer type of that name, in any case and with or without underscores; None where there is none.

    Under the convention "keras" its names come first, and PyTorch's others stay known.
    """
    key = (name, convention)
    if key in _found:
        return _found[key]
    kind = _find(fold(name), convention)
    if len(_found) < 4096:
        _found[key] = kind
    return kind


def _find(folded: str, convention: str) -> type[Layer] | None:
    entry = _keras().get(folded) if convention == "keras" else None
    entry = entry or _table().get(folded)
    if entry is None:
        return None
    from importlib import import_module

    found: type[Layer] = getattr(import_module(f"cnncalc.layers.{entry[0]}"), entry[1])
    return found


def keras_name(name: str) -> str | None:
    """Keras' own name of a layer type, whatever way it was written; None where Keras has none."""
    entry = _keras().get(fold(name))
    return entry[1] if entry else None


def pytorch_name(name: str) -> str | None:
    """The name of PyTorch's layer type, whatever way it was written; None where there is none."""
    entry = _table().get(fold(name))
    return entry[1] if entry else None


def is_own(name: str) -> bool:
    """Whether PyTorch's table has a layer type under that very name, and not as another name for one."""
    entry = _table().get(fold(name))
    return entry is not None and fold(entry[1]) == fold(name)


def family(name: str) -> str:
    """The family that PyTorch's layer type stands in; empty where there is none."""
    entry = _table().get(fold(name))
    return entry[0] if entry else ""
