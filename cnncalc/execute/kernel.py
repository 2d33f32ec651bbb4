"""The registry of kernels: which NumPy function computes which layer type. A family is imported when it is first run.

A kernel is a pure function `kernel(layer, weights, *inputs)`. `layer` carries the parsed options as attributes under
PyTorch's names, `weights` maps PyTorch's names to arrays (buffers too), inputs are arrays with the batch axis in front
and channels first. It returns an array, or a dict {"output": array, "h_n": array, ...} with every port batch first.
A kernel never asks the layer's rules for anything: that is why agreement with them proves something.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias, TypeVar

import numpy.typing as npt

from cnncalc.problem import Fault

# What is no number (0/0) or too large for one is a result like others: it is shown, and nobody is warned of it.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"cnncalc\.execute\.")
warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)

Array: TypeAlias = npt.NDArray[Any]
Weights: TypeAlias = dict[str, Array]
Kernel: TypeAlias = "Callable[..., Array | dict[str, Array]]"
Made = TypeVar("Made", bound=Callable[..., Any])

# kernel module -> the layer types that it computes. A test holds this table against the modules and the layers.
KERNELS: dict[str, str] = {
    "conv": (
        "Conv1d Conv2d Conv3d LazyConv1d LazyConv2d LazyConv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d "
        "LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d"
    ),
    "pool": (
        "MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d LPPool3d AdaptiveAvgPool1d "
        "AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d GlobalAvgPool "
        "GlobalMaxPool MaxUnpool1d MaxUnpool2d MaxUnpool3d FractionalMaxPool2d FractionalMaxPool3d"
    ),
    "linear": "Linear LazyLinear Bilinear Identity Embedding EmbeddingBag",
    "norm": (
        "BatchNorm BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d "
        "SyncBatchNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d "
        "LazyInstanceNorm3d GroupNorm LayerNorm RMSNorm LocalResponseNorm"
    ),
    "activation": (
        "ReLU ReLU6 LeakyReLU RReLU ELU CELU SELU GELU SiLU Mish Sigmoid LogSigmoid Hardsigmoid Hardswish Tanh "
        "Hardtanh Hardshrink Softshrink Tanhshrink Softplus Softsign Threshold Softmax Softmin Softmax2d "
        "LogSoftmax GLU Exp Log Sin Cos Sqrt Square Abs Neg Clamp Pow PReLU Dropout Dropout1d Dropout2d Dropout3d "
        "AlphaDropout FeatureAlphaDropout DropPath StochasticDepth"
    ),
    "recurrent": "RNN LSTM GRU RNNCell LSTMCell GRUCell",
    "equations": "Recurrent",
    "attention_rnn": "AttentionRNN",
    "attention": "MultiheadAttention Attention ScaledDotProductAttention",
    "transformer": (
        "TransformerEncoderLayer TransformerDecoderLayer TransformerEncoder TransformerDecoder Transformer SwiGLU "
        "GEGLU ReGLU MixtureOfExperts"
    ),
    "position": "PositionalEmbedding RotaryEmbedding ALiBi CausalMask PatchEmbedding ClassToken",
    "merge": (
        "Add Average Subtract Multiply Maximum Minimum Divide Scale Parameter MatMul Einsum Outer Concat Stack "
        "Mean Sum Max Min CosineSimilarity PairwiseDistance"
    ),
    "shape": (
        "Flatten Unflatten Reshape View Permute Transpose Movedim Squeeze Unsqueeze Expand Tile Select Slice "
        "Narrow IndexSelect Chunk Split Flip Roll PixelShuffle PixelUnshuffle ChannelShuffle Unfold Fold "
        "ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d "
        "ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d CircularPad1d CircularPad2d "
        "CircularPad3d Pad Crop"
    ),
    "upsample": "Upsample Interpolate UpsamplingNearest2d UpsamplingBilinear2d",
    "category": "OneHot ArgMax",
    "reparametrise": "WeightNorm SpectralNorm",
}

# The same for Keras' layers, whose kernels are named "keras.Conv2D".
KERAS_KERNELS: dict[str, str] = {
    "keras_core": (
        "Dense EinsumDense Dot Embedding Activation Dropout SpatialDropout1D SpatialDropout2D "
        "SpatialDropout3D AlphaDropout GaussianDropout GaussianNoise ActivityRegularization Identity Masking "
        "Flatten Reshape Permute RepeatVector Rescaling Concatenate ReLU LeakyReLU ELU PReLU Softmax "
        "BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization "
        "Normalization"
    ),
    "keras_window": (
        "Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D Conv1DTranspose "
        "Conv2DTranspose Conv3DTranspose MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D "
        "AveragePooling2D AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D "
        "GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D "
        "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
        "AdaptiveMaxPooling2D AdaptiveMaxPooling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D "
        "Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D Resizing CenterCrop"
    ),
    "keras_sequence": (
        "SimpleRNN LSTM GRU ConvLSTM1D ConvLSTM2D ConvLSTM3D Bidirectional TimeDistributed "
        "SpectralNormalization MultiHeadAttention GroupQueryAttention Attention AdditiveAttention"
    ),
}

_known: dict[str, Kernel] = {}
_over: set[str] = set()


def kernel(*names: str, over: bool = False) -> Callable[[Made], Made]:
    """Register the decorated function as the kernel of these layer types.

    With `over` it may lay its result where an input lies that nothing else reads (`rooms.over`).
    """

    def register(function: Made) -> Made:
        for name in names:
            _known[name] = function
        if over:
            _over.update(names)
        return function

    return register


def over(name: str) -> bool:
    """Whether the kernel of a layer type may write over its inputs, once it was found."""
    return name in _over


def find(name: str) -> Kernel:
    """The kernel of a layer type; raises `Fault` where there is none, because nothing is ever skipped."""
    found = _known.get(name)
    if found is not None:
        return found
    table, bare = (KERAS_KERNELS, name[6:]) if name.startswith("keras.") else (KERNELS, name)
    for module, names in table.items():
        if bare in names.split():
            import_module(f"cnncalc.execute.kernels.{module}")
            return _known[name]
    raise Fault("no-kernel", f"{name} cannot be executed: there is no kernel for it")
