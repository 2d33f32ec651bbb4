"""The registry: which layer types exist, and where each is defined. A family is imported when it is first named."""

from __future__ import annotations

from cnncalc.layer import Layer

# family module -> the layer types it defines. A test holds this table against the modules.
FAMILIES: dict[str, str] = {
    "conv": "Conv1d Conv2d Conv3d LazyConv1d LazyConv2d LazyConv3d",
    "conv_transpose": (
        "ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d"
    ),
    "pool": "MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d LPPool3d",
    "adaptive": (
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d "
        "AdaptiveMaxPool3d GlobalAvgPool GlobalMaxPool FractionalMaxPool2d FractionalMaxPool3d"
    ),
    "unpool": "MaxUnpool1d MaxUnpool2d MaxUnpool3d",
    "resample": "Upsample Interpolate UpsamplingNearest2d UpsamplingBilinear2d",
    "pad": (
        "ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d "
        "ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d CircularPad1d CircularPad2d "
        "CircularPad3d Pad Crop"
    ),
    "reshape": ("Flatten Unflatten Reshape View Permute Transpose Movedim Squeeze Unsqueeze Expand Tile"),
    "select": "Select Slice Narrow IndexSelect Chunk Split Flip Roll",
    "columns": "Unfold Fold",
    "shuffle": "PixelShuffle PixelUnshuffle ChannelShuffle",
    "merge": "Concat Stack",
    "arithmetic": "Add Subtract Multiply Divide Maximum Minimum Average Scale MatMul Outer Parameter",
    "einsum": "Einsum",
    "categories": "OneHot ArgMax",
    "reduce": "Mean Sum Max Min CosineSimilarity PairwiseDistance",
    "regularise": ("Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout DropPath StochasticDepth"),
    "linear": "Linear LazyLinear Bilinear Identity",
    "reparametrise": "WeightNorm SpectralNorm",
    "embedding": "Embedding EmbeddingBag",
    "position": "PositionalEmbedding RotaryEmbedding ALiBi CausalMask PatchEmbedding ClassToken",
    "recurrent": "RNN LSTM GRU RNNCell LSTMCell GRUCell",
    "equations": "Recurrent",
    "attention_rnn": "AttentionRNN",
    "attention": "MultiheadAttention Attention",
    "dot_product": "ScaledDotProductAttention",
    "transformer": (
        "TransformerEncoderLayer TransformerDecoderLayer TransformerEncoder TransformerDecoder Transformer"
    ),
    "mixture": "SwiGLU GEGLU ReGLU MixtureOfExperts",
    "norm": (
        "BatchNorm1d BatchNorm2d BatchNorm3d BatchNorm SyncBatchNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d "
        "GroupNorm LayerNorm RMSNorm LocalResponseNorm LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d "
        "LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d"
    ),
    "activation": (
        "ReLU ReLU6 LeakyReLU PReLU RReLU ELU SELU CELU GELU SiLU Mish Sigmoid LogSigmoid Hardsigmoid "
        "Hardswish Tanh Hardtanh Hardshrink Softshrink Tanhshrink Softplus Softsign Threshold Softmax "
        "Softmin LogSoftmax Softmax2d GLU Exp Log Sin Cos Sqrt Square Abs Neg Clamp Pow"
    ),
}

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
    "Amax": "Max",
    "Amin": "Min",
    "BroadcastTo": "Expand",
    "Swish": "SiLU",
    "SDPA": "ScaledDotProductAttention",
    "PositionalEncoding": "PositionalEmbedding",
    "PositionEmbedding": "PositionalEmbedding",
    "BatchNormalization": "BatchNorm",
    "LayerNormalization": "LayerNorm",
    "GroupNormalization": "GroupNorm",
    "RMSNormalization": "RMSNorm",
    "RoPE": "RotaryEmbedding",
    "PatchEmbed": "PatchEmbedding",
    "MoE": "MixtureOfExperts",
}

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

    return getattr(import_module(f"cnncalc.layers.{entry[0]}"), entry[1])  # type: ignore[no-any-return]


def keras_name(name: str) -> str | None:
    """Keras' own name of a layer type, whatever way it was written; None where Keras has none."""
    entry = _keras().get(fold(name))
    return entry[1] if entry else None


def pytorch_name(name: str) -> str | None:
    """The name of PyTorch's layer type, whatever way it was written; None where there is none."""
    entry = _table().get(fold(name))
    return entry[1] if entry else None
