"""A small network for every layer type, as a user would write it: the examples of the reference.

Most are chains. `2x4, 3x4 -> Concat(dim=1)` stands for a spec with two inputs, `a` and `b`.
"""

from __future__ import annotations

# How an image, a signal and a volume are written for layers that come for each.
SPACES = {1: "8x32", 2: "8x32x32", 3: "8x16x16x16"}
CHANNELS = 8

SLIDING = {
    "Conv{n}d": "Conv{n}d(8, 16, 3, stride=2, padding=1)",
    "LazyConv{n}d": "LazyConv{n}d(16, 3, padding=1)",
    "ConvTranspose{n}d": "ConvTranspose{n}d(8, 4, 2, stride=2)",
    "LazyConvTranspose{n}d": "LazyConvTranspose{n}d(4, 2, stride=2)",
    "MaxPool{n}d": "MaxPool{n}d(3, stride=2, padding=1)",
    "AvgPool{n}d": "AvgPool{n}d(2)",
    "LPPool{n}d": "LPPool{n}d(2, 2)",
    "AdaptiveAvgPool{n}d": "AdaptiveAvgPool{n}d(4)",
    "AdaptiveMaxPool{n}d": "AdaptiveMaxPool{n}d(4)",
    "ZeroPad{n}d": "ZeroPad{n}d(1)",
    "ConstantPad{n}d": "ConstantPad{n}d(1, value=0.5)",
    "ReflectionPad{n}d": "ReflectionPad{n}d(1)",
    "ReplicationPad{n}d": "ReplicationPad{n}d(1)",
    "CircularPad{n}d": "CircularPad{n}d(1)",
    "BatchNorm{n}d": "BatchNorm{n}d(8)",
    "LazyBatchNorm{n}d": "LazyBatchNorm{n}d()",
    "InstanceNorm{n}d": "InstanceNorm{n}d(8, affine=True)",
    "LazyInstanceNorm{n}d": "LazyInstanceNorm{n}d()",
    "Dropout{n}d": "Dropout{n}d(0.2)",
}
IMAGES = (
    "GlobalAvgPool, GlobalMaxPool, FractionalMaxPool2d(2, output_ratio=0.5), Upsample(scale_factor=2), "
    "Interpolate(size=48, mode='bilinear'), UpsamplingNearest2d(scale_factor=2), UpsamplingBilinear2d(scale_factor=2), "
    "Pad([1, 1, 2, 2]), Crop([1, 1, 2, 2]), Flatten, Unfold(3, padding=1), PixelShuffle(2), PixelUnshuffle(2), "
    "ChannelShuffle(4), LocalResponseNorm(5), GroupNorm(4, 8), BatchNorm, SyncBatchNorm(8), Softmax2d, "
    "PatchEmbedding(embed_dim=64, patch_size=4), FeatureAlphaDropout(0.2)"
)
SEQUENCES = (
    "Linear(16, 4), LazyLinear(4), Identity, RNN(16, 32), LSTM(16, 32), GRU(16, 32), MultiheadAttention(16, 4), "
    "Attention(16, num_heads=4), TransformerEncoderLayer(16, 4, dim_feedforward=64), "
    "TransformerEncoder(d_model=16, nhead=4, num_layers=2, dim_feedforward=64), SwiGLU(hidden_features=64), "
    "GEGLU(hidden_features=64), ReGLU(hidden_features=64), MixtureOfExperts(num_experts=4, hidden_features=64), "
    "PositionalEmbedding(10), RotaryEmbedding, ClassToken, LayerNorm(16), RMSNorm(16), AttentionRNN(2), "
    "Softmax(dim=2), Softmin(dim=2), LogSoftmax(dim=2), GLU(dim=2)"
)
POINTWISE = (
    "ReLU ReLU6 LeakyReLU PReLU RReLU ELU SELU CELU GELU SiLU Mish Sigmoid LogSigmoid Hardsigmoid Hardswish Tanh "
    "Hardtanh Hardshrink Softshrink Tanhshrink Softplus Softsign Exp Log Sin Cos Sqrt Square Abs Neg Dropout "
    "AlphaDropout DropPath StochasticDepth"
)
OTHERS = (
    "8x16x16x16 -> FractionalMaxPool3d(2, output_ratio=0.5)",
    "16 -> Unflatten(1, [4, 4])",
    "8x16 -> Reshape([4, 32])",
    "8x16 -> View([-1, 4, 32])",
    "8x16x4 -> Permute([0, 2, 3, 1])",
    "8x16 -> Transpose(1, 2)",
    "8x16x4 -> Movedim(1, 3)",
    "1x16 -> Squeeze(1)",
    "8x16 -> Unsqueeze(1)",
    "1x16 -> Expand([8, -1])",
    "8x16 -> Tile([2, 1])",
    "8x16 -> Select(dim=1, index=0)",
    "8x16 -> Slice(dim=2, start=1, step=2)",
    "8x16 -> Narrow(dim=2, start=4, length=8)",
    "8x16, int 3 -> IndexSelect(dim=1)",
    "8x16 -> Chunk(2, dim=2)",
    "8x16 -> Split([4, 12], dim=2)",
    "8x16 -> Flip([2])",
    "8x16 -> Roll(1, dims=2)",
    "72x64 -> Fold([8, 8], 3, padding=1)",
    "2x4, 3x4 -> Concat(dim=1)",
    "2x4, 2x4 -> Stack(dim=1)",
    "8x16, 8x16 -> Add",
    "8x16, 16 -> Subtract",
    "8x16, 8x1 -> Multiply",
    "8x16, 16 -> Divide",
    "8x16, 8x16 -> Maximum",
    "8x16, 8x16 -> Minimum",
    "8x16, 8x16 -> Average",
    "8x16 -> Scale(0.5)",
    "8x16, 16x4 -> MatMul",
    "3, 4 -> Outer",
    "4x10x16, 4x12x16 -> Einsum('bhid,bhjd->bhij')",
    "int 10 -> OneHot(5)",
    "8x16 -> ArgMax(dim=2)",
    "8x16 -> Mean(dim=2)",
    "8x16 -> Sum(dim=1, keepdim=True)",
    "8x16 -> Max(dim=2)",
    "8x16 -> Min(dim=2)",
    "8x16, 8x16 -> CosineSimilarity(dim=2)",
    "8x16, 8x16 -> PairwiseDistance",
    "8, 6 -> Bilinear(8, 6, 4)",
    "16 -> WeightNorm(Linear(16, 4))",
    "16 -> SpectralNorm(Linear(16, 4))",
    "int 10 -> Embedding(1000, 16)",
    "int 10 -> EmbeddingBag(1000, 16)",
    "4x10x10 -> ALiBi",
    "4x10x10 -> CausalMask",
    "16 -> RNNCell(16, 32)",
    "16 -> LSTMCell(16, 32)",
    "16 -> GRUCell(16, 32)",
    "4x10x8, 4x12x8, 4x12x8 -> ScaledDotProductAttention",
    "10x16, 12x16 -> TransformerDecoderLayer(16, 4, dim_feedforward=64)",
    "10x16, 12x16 -> TransformerDecoder(d_model=16, nhead=4, num_layers=2, dim_feedforward=64)",
    "12x16, 10x16 -> Transformer(16, 4, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=64)",
    "8x16 -> Threshold(0.1, 20)",
    "8x16 -> Clamp(min=0, max=6)",
    "8x16 -> Pow(2)",
)
UNPOOL = """\
input: {image}
layers:
  - pool: MaxPool{n}d(2, return_indices=True)
  - unpool: MaxUnpool{n}d(2)
    from: [pool, pool.indices]
"""
SPECS = {
    "Parameter": """\
input: [8, 16]
layers:
  - scale: Parameter(16)
  - scaled: Multiply
    from: [input, scale]
""",
    "Recurrent": """\
input: [10, 16]
layers:
  - cell:
      Recurrent:
        state: {h: 32}
        weights: {W_c: [32, 16], W_h: [32, 32], W_x: [32, 16]}
        step:
          c: "sigmoid(W_c @ x[t] + W_h @ h[t-1])"
          h: "c * h[t-1] + (1 - c) * (W_x @ x[t])"
""",
}


def example(name: str) -> str:
    """The example of a layer type: a chain on one line, or a spec. Raises `KeyError` where there is none."""
    return _all()[name]


def _all() -> dict[str, str]:
    found = dict(SPECS)
    for form, call in SLIDING.items():
        for axes, space in SPACES.items():
            found[form.format(n=axes)] = f"{space} -> {call.format(n=axes)}"
    for axes, space in SPACES.items():
        found[f"MaxUnpool{axes}d"] = UNPOOL.format(n=axes, image=[int(size) for size in space.split("x")])
    for start, calls in ((SPACES[2], IMAGES), ("10x16", SEQUENCES)):
        for call in _apart(calls):
            found[call.partition("(")[0]] = f"{start} -> {call}"
    for name in POINTWISE.split():
        found[name] = f"8x16 -> {name}"
    for chain in OTHERS:
        found[chain.partition("-> ")[2].partition("(")[0]] = _written(chain)
    return found


def _apart(calls: str) -> list[str]:
    """Calls at the commas that stand outside of brackets."""
    parts, depth = [""], 0
    for letter in calls:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _written(chain: str) -> str:
    """The chain as it is, or as a spec where it has several inputs or one that holds whole numbers."""
    shapes, _, call = chain.partition(" -> ")
    inputs = _apart(shapes)
    if len(inputs) == 1 and not inputs[0].startswith("int "):
        return chain
    lines = []
    for letter, shape in zip("abc", inputs, strict=False):
        sizes = f"[{', '.join(shape.removeprefix('int ').split('x'))}]"
        lines.append((letter, f"{{shape: {sizes}, dtype: int}}" if shape.startswith("int ") else sizes))
    if len(lines) == 1:
        return f"input: {lines[0][1]}\nlayers:\n  - {call}\n"
    names = ", ".join(letter for letter, _ in lines)
    given = "".join(f"  {letter}: {sizes}\n" for letter, sizes in lines)
    return f"inputs:\n{given}layers:\n  - out: {call}\n    from: [{names}]\n"
