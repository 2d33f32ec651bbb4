"""Which layer types each family module defines; made by `python -m tests.layer_index`, not by hand."""

# fmt: off
# ruff: noqa: E501

from __future__ import annotations

PYTORCH: dict[str, str] = {
    "conv": "Conv1d Conv2d Conv3d LazyConv1d LazyConv2d LazyConv3d",
    "conv_transpose": "ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d",
    "pool": "MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d LPPool3d",
    "adaptive": "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d GlobalAvgPool GlobalMaxPool FractionalMaxPool2d FractionalMaxPool3d",
    "unpool": "MaxUnpool1d MaxUnpool2d MaxUnpool3d",
    "resample": "Upsample Interpolate UpsamplingNearest2d UpsamplingBilinear2d",
    "pad": "ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d CircularPad1d CircularPad2d CircularPad3d Pad Crop",
    "reshape": "Flatten Unflatten Reshape View Permute Transpose Movedim Squeeze Unsqueeze Expand Tile",
    "indexing": "Select Slice Narrow IndexSelect Chunk Split Flip Roll",
    "unfold": "Unfold Fold",
    "shuffle": "PixelShuffle PixelUnshuffle ChannelShuffle",
    "merge": "Concat Stack",
    "arithmetic": "Add Subtract Multiply Divide Maximum Minimum Average Scale MatMul Outer Parameter",
    "einsum": "Einsum",
    "onehot": "OneHot ArgMax",
    "reduce": "Mean Sum Max Min CosineSimilarity PairwiseDistance",
    "regularise": "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout DropPath StochasticDepth",
    "linear": "Linear LazyLinear Bilinear Identity",
    "reparametrise": "WeightNorm SpectralNorm",
    "embedding": "Embedding EmbeddingBag",
    "position": "PositionalEmbedding RotaryEmbedding ALiBi CausalMask PatchEmbedding ClassToken",
    "recurrent": "RNN LSTM GRU",
    "recurrent_cell": "RNNCell LSTMCell GRUCell",
    "equations": "Recurrent",
    "attention_rnn": "AttentionRNN",
    "scan": "SelectiveScan LinearAttention WKV",
    "multihead": "MultiheadAttention",
    "attention": "Attention",
    "dot_product": "ScaledDotProductAttention",
    "transformer": "TransformerEncoderLayer TransformerDecoderLayer TransformerEncoder TransformerDecoder Transformer",
    "mixture": "SwiGLU GEGLU ReGLU MixtureOfExperts",
    "norm": "BatchNorm BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d",
    "layer_norm": "GroupNorm LayerNorm RMSNorm LocalResponseNorm",
    "response_norm": "GRN",
    "activation": "ReLU ReLU6 LeakyReLU PReLU RReLU ELU CELU SELU GELU NewGELU XIELU SiLU Mish Sigmoid LogSigmoid Hardsigmoid Hardswish Tanh Hardtanh Hardshrink Softshrink Tanhshrink Softplus Softsign Threshold",
    "functions": "Exp Log Sin Cos Sqrt Square Abs Neg Clamp Pow",
    "latent_attention": "LatentAttention",
    "local": "LocallyConnected1d LocallyConnected2d",
    "loss": "MSELoss L1Loss SmoothL1Loss HuberLoss BCELoss BCEWithLogitsLoss KLDivLoss NLLLoss CrossEntropyLoss",
    "softmax": "Softmax Softmin LogSoftmax Softmax2d GLU",
}

KERAS: dict[str, str] = {
    "conv": "Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D Conv1DTranspose Conv2DTranspose Conv3DTranspose",
    "pool": "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D",
    "core": "Dense Embedding Activation Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout GaussianNoise Masking ActivityRegularization Flatten Reshape Permute RepeatVector Identity Rescaling",
    "einsum": "EinsumDense Dot",
    "space": "ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D Resizing CenterCrop",
    "norm": "BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization Normalization",
    "activation": "ReLU LeakyReLU ELU Softmax PReLU",
    "merge": "Concatenate",
    "recurrent": "SimpleRNN LSTM GRU",
    "conv_recurrent": "ConvLSTM1D ConvLSTM2D ConvLSTM3D",
    "wrapper": "Bidirectional TimeDistributed SpectralNormalization",
    "attention": "MultiHeadAttention GroupQueryAttention Attention AdditiveAttention",
}
