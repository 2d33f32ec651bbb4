"""A small network for every layer type of Keras: the examples of its reference. Channels come last."""

from __future__ import annotations

SPACES = {1: "[32, 8]", 2: "[32, 32, 8]", 3: "[16, 16, 16, 8]"}
SLIDING = {
    "Conv{n}D": "Conv{n}D(16, 3, strides=2, padding='same')",
    "Conv{n}DTranspose": "Conv{n}DTranspose(4, 2, strides=2)",
    "MaxPooling{n}D": "MaxPooling{n}D(2)",
    "AveragePooling{n}D": "AveragePooling{n}D(2)",
    "GlobalAveragePooling{n}D": "GlobalAveragePooling{n}D()",
    "GlobalMaxPooling{n}D": "GlobalMaxPooling{n}D()",
    "AdaptiveAveragePooling{n}D": "AdaptiveAveragePooling{n}D(4)",
    "AdaptiveMaxPooling{n}D": "AdaptiveMaxPooling{n}D(4)",
    "SpatialDropout{n}D": "SpatialDropout{n}D(0.2)",
    "ZeroPadding{n}D": "ZeroPadding{n}D(1)",
    "Cropping{n}D": "Cropping{n}D(1)",
    "UpSampling{n}D": "UpSampling{n}D(2)",
}
# Layers that come for signals and images only.
PLANAR = {
    "DepthwiseConv{n}D": "DepthwiseConv{n}D(3, padding='same')",
    "SeparableConv{n}D": "SeparableConv{n}D(16, 3, padding='same')",
}
RECURRENT = {"ConvLSTM{n}D": "ConvLSTM{n}D(16, 3, padding='same')"}
# Inputs, and the call; where there are several inputs they are a, b, c.
OTHERS = (
    "[16] -> Dense(4, activation='relu')",
    "{shape: [10], dtype: int} -> Embedding(1000, 16)",
    "[16] -> Activation('relu')",
    "[16] -> Dropout(0.2)",
    "[16] -> AlphaDropout(0.2)",
    "[16] -> GaussianDropout(0.2)",
    "[16] -> GaussianNoise(0.1)",
    "[10, 16] -> Masking()",
    "[16] -> ActivityRegularization(l2=0.01)",
    "[32, 32, 8] -> Flatten()",
    "[16] -> Reshape([4, 4])",
    "[10, 16] -> Permute([2, 1])",
    "[16] -> RepeatVector(10)",
    "[16] -> Identity()",
    "[32, 32, 3] -> Rescaling(1/255)",
    "[10, 16] -> EinsumDense('abc,cd->abd', output_shape=[None, 4], bias_axes='d')",
    "[16]; [16] -> Dot(axes=1)",
    "[32, 32, 3] -> Resizing(24, 24)",
    "[32, 32, 3] -> CenterCrop(24, 24)",
    "[32, 32, 8] -> BatchNormalization()",
    "[10, 16] -> LayerNormalization()",
    "[32, 32, 8] -> GroupNormalization(groups=4)",
    "[10, 16] -> RMSNormalization()",
    "[16] -> UnitNormalization()",
    "[16] -> Normalization()",
    "[16] -> SpectralNormalization(Dense(4))",
    "[16] -> ReLU(max_value=6)",
    "[16] -> LeakyReLU()",
    "[16] -> ELU()",
    "[16] -> Softmax()",
    "[32, 32, 8] -> PReLU(shared_axes=[1, 2])",
    "[16]; [4] -> Concatenate()",
    "[10, 16] -> SimpleRNN(32)",
    "[10, 16] -> LSTM(32, return_sequences=True)",
    "[10, 16] -> GRU(32)",
    "[10, 16] -> Bidirectional(LSTM(32))",
    "[10, 16] -> TimeDistributed(Dense(4))",
    "[10, 16]; [12, 16] -> MultiHeadAttention(num_heads=4, key_dim=8)",
    "[10, 16]; [12, 16] -> GroupQueryAttention(head_dim=8, num_query_heads=4, num_key_value_heads=2)",
    "[10, 16]; [12, 16] -> Attention()",
    "[10, 16]; [12, 16] -> AdditiveAttention()",
)


def example(name: str) -> str:
    """The example of a layer type, a spec. Raises `KeyError` where there is none."""
    return table()[name]


def table() -> dict[str, str]:
    """Every example by the name of its layer type."""
    found = {}
    for forms, spaces in ((SLIDING, SPACES), (PLANAR, {1: SPACES[1], 2: SPACES[2]})):
        for form, call in forms.items():
            for axes, space in spaces.items():
                found[form.format(n=axes)] = _spec([space], call.format(n=axes))
    for axes, space in SPACES.items():
        for form, call in RECURRENT.items():
            found[form.format(n=axes)] = _spec([f"[10, {space[1:]}"], call.format(n=axes))
    for text in OTHERS:
        inputs, _, call = text.partition(" -> ")
        found[call.partition("(")[0]] = _spec(inputs.split("; "), call)
    return found


def _spec(inputs: list[str], call: str) -> str:
    if len(inputs) == 1:
        return f"convention: keras\ninput: {inputs[0]}\nlayers:\n  - {call}\n"
    given = "".join(f"  {name}: {shape}\n" for name, shape in zip("abc", inputs, strict=False))
    names = ", ".join("abc"[: len(inputs)])
    return f"convention: keras\ninputs:\n{given}layers:\n  - out: {call}\n    from: [{names}]\n"
