"""Keras' layers: channels last, Keras' names, options, defaults and weights. They hold under `convention: keras`."""

from __future__ import annotations

from cnncalc.layers import index

# family module -> the layer types it defines
FAMILIES: dict[str, str] = index.KERAS

# Keras' own other names of the same layers.
ALIASES: dict[str, str] = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Convolution1DTranspose": "Conv1DTranspose",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3DTranspose": "Conv3DTranspose",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "Concat": "Concatenate",
    "GroupedQueryAttention": "GroupQueryAttention",
}

# PyTorch's layers that have another name and another order of axes in Keras: refused under `convention: keras`, where
# they would misread every picture. What stands beside is what to write.
FOREIGN: dict[str, str] = {
    "BatchNorm": "BatchNormalization",
    "BatchNorm1d": "BatchNormalization",
    "BatchNorm2d": "BatchNormalization",
    "BatchNorm3d": "BatchNormalization",
    "SyncBatchNorm": "BatchNormalization(synchronized=True)",
    "InstanceNorm1d": "GroupNormalization(groups=-1)",
    "InstanceNorm2d": "GroupNormalization(groups=-1)",
    "InstanceNorm3d": "GroupNormalization(groups=-1)",
    "GroupNorm": "GroupNormalization",
    "LocalResponseNorm": "",
    "GlobalAvgPool": "GlobalAveragePooling2D",
    "GlobalMaxPool": "GlobalMaxPooling2D",
    "RNN": "SimpleRNN",
    "RNNCell": "SimpleRNN",
    "LSTMCell": "LSTM",
    "GRUCell": "GRU",
    "Dropout1d": "SpatialDropout1D",
    "Dropout2d": "SpatialDropout2D",
    "Dropout3d": "SpatialDropout3D",
    "FeatureAlphaDropout": "AlphaDropout",
    "Upsample": "UpSampling2D",
    "Interpolate": "Resizing",
    "UpsamplingNearest2d": "UpSampling2D",
    "UpsamplingBilinear2d": 'UpSampling2D(interpolation="bilinear")',
    "Unfold": "",
    "Fold": "",
    "PatchEmbedding": "Conv2D",
    "Pad": "ZeroPadding2D",
    "Crop": "Cropping2D",
    "GLU": "",
    "Softmax2d": "Softmax",
}

# The beginnings of PyTorch's names that are followed by 1d, 2d or 3d, and Keras' names.
FOREIGN_STEMS: dict[str, str] = {
    "ConvTranspose": "Conv{}DTranspose",
    "LazyConvTranspose": "Conv{}DTranspose",
    "LazyConv": "Conv{}D",
    "LazyBatchNorm": "BatchNormalization",
    "LazyInstanceNorm": "GroupNormalization(groups=-1)",
    "MaxPool": "MaxPooling{}D",
    "AvgPool": "AveragePooling{}D",
    "LPPool": "",
    "AdaptiveAvgPool": "AdaptiveAveragePooling{}D",
    "AdaptiveMaxPool": "AdaptiveMaxPooling{}D",
    "FractionalMaxPool": "",
    "MaxUnpool": "",
    "ZeroPad": "ZeroPadding{}D",
    "ConstantPad": "ZeroPadding{}D",
    "ReflectionPad": "",
    "ReplicationPad": "",
    "CircularPad": "",
}
FOREIGN_OTHER = ("PixelShuffle", "PixelUnshuffle", "ChannelShuffle")


def foreign(name: str) -> str | None:
    """What to write under `convention: keras` for a PyTorch layer with channels first; None where it may stay.

    The text is empty where Keras has nothing that does the same.
    """
    if name in FOREIGN:
        return FOREIGN[name]
    if name in FOREIGN_OTHER:
        return ""
    if name[-2:] in ("1d", "2d", "3d") and name[:-2] in FOREIGN_STEMS:
        return FOREIGN_STEMS[name[:-2]].format(name[-2])
    return None


def names() -> list[str]:
    """Every Keras layer type's name, in the order of the reference."""
    return [name for types in FAMILIES.values() for name in types.split()]
