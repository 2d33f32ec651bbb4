"""Which layer was probably meant by a name that is none: what people call it, with as many axes as the input has."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cnncalc import layers
from cnncalc.core.problem import Fault, did_you_mean
from cnncalc.expression.shape_text import Batch, parse_shape
from cnncalc.read.yaml.value import Value

# What is typed, folded -> what to write; {n} is the number of spatial axes.
_CALLED = {
    "Conv{n}d": "conv convolution convolutional convolve cnn convd",
    "Conv{n}d(kernel_size=1)": "pointwise pointwiseconv pointwiseconvolution conv1x1",
    "Conv{n}d with groups=in_channels": "depthwise depthwiseconv depthwiseconvolution dwconv",
    "ConvTranspose{n}d": (
        "deconv deconvolution upconv upconvolution tconv convt convtranspose convtransposed transposeconv "
        "transposedconv transposedconvolution transposeconvolution fractionallystridedconv"
    ),
    "MaxPool{n}d": "pool pooling maxpool maxpooling max-pool subsample subsampling downsample",
    "AvgPool{n}d": "avgpool avgpooling averagepool averagepooling meanpool meanpooling",
    "AdaptiveAvgPool{n}d": "adaptivepool adaptiveavgpool adaptiveaveragepool adaptivepooling",
    "AdaptiveMaxPool{n}d": "adaptivemaxpool",
    "GlobalAvgPool": "gap globalpool globalpooling globalavgpooling globalaveragepooling globalaverage",
    "GlobalMaxPool": "gmp globalmaxpooling globalmax",
    "ZeroPad{n}d": "zeropad zeropadding padding",
    "MaxUnpool{n}d": "unpool unpooling maxunpool maxunpooling",
    "Upsample": "upsampling upscale resize",
    "BatchNorm{n}d": "bn batchnormalisation batchnormalize batchnormalise",
    "InstanceNorm{n}d": "instancenorm instancenormalization",
    "LayerNorm": "ln layernormalisation normalization normalisation",
    "GroupNorm": "gn",
    "LocalResponseNorm": "lrn localresponsenormalization localresponsenormalisation",
    "Linear": (
        "fullyconnected fullyconnect affine mlp perceptron hidden output outputs fcn lin feedforward ffn "
        "feedforwardnetwork positionwisefeedforward classifier logits"
    ),
    "Dropout": "drop",
    "ReLU": "rectifier rectifiedlinear rectifiedlinearunit",
    "LeakyReLU": "lrelu leaky",
    "Sigmoid": "logistic sigm",
    "Tanh": "hyperbolictangent tangens",
    "RNN": "elman elmanrnn vanillarnn recurrentlayer",
    "LSTM(bidirectional=True)": "bilstm bidirectionallstm blstm",
    "GRU(bidirectional=True)": "bigru bidirectionalgru",
    "Attention": "selfattention selfattn attn dotproductattention",
    "MultiheadAttention": "mha multihead multiheadselfattention multiheadedattention mhsa",
    "Attention with from: [x, memory]": "crossattention crossattn encoderdecoderattention",
    "TransformerEncoderLayer": "transformerblock transformerlayer encoderlayer encoderblock",
    "TransformerDecoderLayer": "decoderlayer decoderblock",
    "Embedding": "embed emb wordembedding tokenembedding lookup",
    "PositionalEncoding": "posenc positionencoding posembedding pe",
    "Flatten": "flat vectorize vectorise unroll",
    "Concat": "concatenation merge join",
    "Add": "addition plus",
    "residual: [...], with shortcut: [...]": (
        "residualblock resblock resnetblock basicblock skipconnection skip shortcut"
    ),
    "parallel: [[...], [...]]": "inception inceptionblock inceptionmodule branches",
}
CALLED = {word: target for target, words in _CALLED.items() for word in words.split()}


def suggestion(name: str, blocks: Iterable[str], rank: int | None) -> str:
    """The layer nearest to a name, for an input of so many axes; empty where nothing is near."""
    last = name.rsplit(".", 1)[-1]
    folded = layers.fold(name).replace("-", "")
    axes = rank - 1 if rank is not None and 2 <= rank <= 4 else 2
    if (axed := re.fullmatch(r"(\w+?)([123])d", folded)) and axed[1] in CALLED:
        return CALLED[axed[1]].format(n=axed[2])
    stem = re.sub(r"\d+$", "", folded.removesuffix("layer"))  # conv1, pool2, fc3: names of layers
    target = CALLED.get(folded) or CALLED.get(stem)
    if target is not None:
        return target.format(n=axes)
    if stem != folded and layers.find_any(stem):
        return layers.pytorch_name(stem) or layers.keras_name(stem) or stem
    near = did_you_mean(last, [*layers.names(), *blocks, "sequential", "residual", "parallel"])
    return "" if near is None else _with_axes(near, last, axes)


def _with_axes(near: str, typed: str, axes: int) -> str:
    """`MaxPool3d` as `MaxPool2d` for an image, unless a number was typed."""
    stem = re.fullmatch(r"(\w+)[123]d", near)
    if stem is None or re.search(r"\d", typed):
        return near
    other = f"{stem[1]}{axes}d"
    return other if layers.pytorch_name(other) == other else near


def no_layer(name: str) -> str:
    """What to do with a name that is no layer but something else: a loss, a bundled network; empty for others."""
    folded = layers.fold(name)
    if folded.endswith("loss") or folded in ("crossentropy", "nll", "mse", "bce", "perplexity"):
        known = [one for one in layers.names() if one.endswith("Loss")]
        return f"the losses that are layers: {', '.join(known)}; without one the network ends before it"
    from cnncalc.bundled import bundled_path

    if bundled_path(name):
        return f"{name} is a whole network: cnncalc shapes {name}, with another input by --input"
    return ""


def rank_of(shape: object) -> int | None:
    """The number of axes of one sample of a written shape; None where it cannot be told."""
    plain = shape.plain() if isinstance(shape, Value) else shape
    try:
        sizes = parse_shape(plain, None, zero=True)
    except Fault:
        return None
    if sizes and isinstance(sizes[0], Batch):
        return len(sizes) - 1
    if len(sizes) == 4 and (sizes[1] in (1, 3) or sizes[-1] in (1, 3, 4)) and str(sizes[2]) in map(str, sizes[1::2]):
        return 3  # a batch of pictures
    return len(sizes)
