"""Names of torch.nn's classes, by what they are, and of classes that count as torch.nn.Module."""

from __future__ import annotations

from cnncalc.read.python.values import Class

LEAVES = frozenset(
    """
        Conv1d Conv2d Conv3d LazyConv1d LazyConv2d LazyConv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d
        LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d
        AvgPool3d LPPool1d LPPool2d LPPool3d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d
        AdaptiveMaxPool2d AdaptiveMaxPool3d FractionalMaxPool2d FractionalMaxPool3d MaxUnpool1d MaxUnpool2d
        MaxUnpool3d Upsample UpsamplingNearest2d UpsamplingBilinear2d ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d
        ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d
        ReplicationPad3d CircularPad1d CircularPad2d CircularPad3d Flatten Unflatten Unfold Fold PixelShuffle
        PixelUnshuffle ChannelShuffle CosineSimilarity PairwiseDistance Dropout Dropout1d Dropout2d Dropout3d
        AlphaDropout FeatureAlphaDropout Linear LazyLinear Bilinear Identity Embedding EmbeddingBag RNN LSTM GRU
        RNNCell LSTMCell GRUCell MultiheadAttention BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm InstanceNorm1d
        InstanceNorm2d InstanceNorm3d GroupNorm LayerNorm RMSNorm LocalResponseNorm LazyBatchNorm1d LazyBatchNorm2d
        LazyBatchNorm3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d ReLU ReLU6 LeakyReLU PReLU RReLU ELU
        SELU CELU GELU SiLU Mish Sigmoid LogSigmoid Hardsigmoid Hardswish Tanh Hardtanh Hardshrink Softshrink
        Tanhshrink Softplus Softsign Threshold Softmax Softmin LogSoftmax Softmax2d GLU
        """.split()
)


CONTAINERS = frozenset(["Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"])


LOSSES = frozenset(
    """
        CrossEntropyLoss BCELoss BCEWithLogitsLoss MSELoss L1Loss NLLLoss SmoothL1Loss HuberLoss KLDivLoss
        PoissonNLLLoss GaussianNLLLoss HingeEmbeddingLoss CosineEmbeddingLoss MarginRankingLoss TripletMarginLoss
        TripletMarginWithDistanceLoss CTCLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss
        SoftMarginLoss
        """.split()
)


# Classes of other packages whose instances are modules without parameters of their own.
MODULE_BASES = frozenset(
    (
        "torch.nn.Module", "torch.jit.ScriptModule", "pytorch_lightning.LightningModule", "lightning.LightningModule",
        "lightning.pytorch.LightningModule", "pytorch_lightning.core.LightningModule", "torch.nn.modules.module.Module",
        "pytorch_lightning.core.lightning.LightningModule", "transformers.PreTrainedModel",
        "transformers.modeling_utils.PreTrainedModel", "mmengine.model.BaseModule", "mmcv.runner.BaseModule",
    )
)  # fmt: skip


PARENTS = {
    "torch.nn._ConvNd": "Conv LazyConv",
    "torch.nn._ConvTransposeNd": "ConvTranspose LazyConvTranspose",
    "torch.nn._BatchNorm": "BatchNorm SyncBatchNorm LazyBatchNorm",
    "torch.nn._NormBase": "BatchNorm SyncBatchNorm LazyBatchNorm InstanceNorm LazyInstanceNorm",
    "torch.nn._InstanceNorm": "InstanceNorm LazyInstanceNorm",
    "torch.nn._DropoutNd": "Dropout AlphaDropout FeatureAlphaDropout",
    "torch.nn._MaxPoolNd": "MaxPool",
    "torch.nn._AvgPoolNd": "AvgPool",
    "torch.nn._AdaptiveAvgPoolNd": "AdaptiveAvgPool",
    "torch.nn._AdaptiveMaxPoolNd": "AdaptiveMaxPool",
    "torch.nn.RNNBase": "RNN LSTM GRU",
    "torch.nn.RNNCellBase": "RNNCell LSTMCell GRUCell",
    "torch.nn._Loss": " ".join(LOSSES),
    "torch.nn.Upsample": "Upsample Upsampling",
    "torch.nn.Hardtanh": "Hardtanh ReLU6",
}


def is_module_base(path: str) -> bool:
    """Whether a class of that path makes modules."""
    if path in MODULE_BASES:
        return True
    head, _, name = path.rpartition(".")
    return head in ("torch.nn", "torch.ao.nn.quantized") and (name in LEAVES or name in CONTAINERS or name in LOSSES)


def kind_of_base(path: str) -> str:
    """The kind that a base gives: "" for Module."""
    name = path.rpartition(".")[2]
    return name if name in LEAVES or name in CONTAINERS or name in LOSSES else ""


def module_class(cls: Class) -> str | None:
    """The kind of module that instances of a class are; None where they are none."""
    for base in cls.externals():
        if is_module_base(base.path):
            return kind_of_base(base.path)
    return None
