"""Records what Keras 2 says of models in its own form of JSON: parameters, trainable ones, layers and outputs.

    python tests/record_keras2.py > tests/data/keras2.jsonl

needs tensorflow 2.15, whose Keras is the last one of version 2. Shapes are without the batch axis.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import tensorflow as tf

K = tf.keras
L, Input = K.layers, K.Input
MODELS: dict[str, Callable[[], Any]] = {}


def model(make: Callable[[], Any]) -> Callable[[], Any]:
    MODELS[make.__name__] = make
    return make


def S(*layers: Any, **options: Any) -> Any:
    return K.Sequential(list(layers), **options)


@model
def seq_cnn():
    return S(
        L.Conv2D(8, 3, activation="relu", input_shape=(28, 28, 1)),
        L.BatchNormalization(),
        L.MaxPooling2D(),
        L.Flatten(),
        L.Dropout(0.5),
        L.Dense(10, activation="softmax"),
    )


@model
def seq_input():
    return S(
        Input((32, 32, 3)),
        L.SeparableConv2D(8, 3, padding="same"),
        L.DepthwiseConv2D(3, strides=2),
        L.LeakyReLU(0.1),
        L.PReLU(shared_axes=[1, 2]),
        L.GlobalAveragePooling2D(),
        L.Dense(4),
    )


@model
def unbuilt():
    return S(L.Dense(8), L.Dense(2))


@model
def rnn():
    return S(
        L.Embedding(100, 16, input_length=20),
        L.Bidirectional(L.LSTM(8, return_sequences=True)),
        L.GRU(6, return_sequences=True),
        L.SimpleRNN(5),
        L.Dense(1),
    )


@model
def gru_old():
    return S(L.GRU(6, reset_after=False, input_shape=(None, 4)), L.Dense(2))


@model
def residual():
    i = Input((24, 24, 8))
    x = i
    for _ in range(2):
        y = L.Conv2D(8, 3, padding="same")(x)
        y = L.BatchNormalization()(y)
        x = L.Add()([x, y])
    return K.Model(i, L.Dense(3)(L.GlobalMaxPooling2D()(x)))


@model
def two_in_two_out():
    a, b = Input((32,), name="n"), Input((16, 16, 3), name="p")
    x = L.Dense(8)(a)
    y = L.Dense(8)(L.Flatten()(L.Conv2D(4, 3)(b)))
    z = L.Concatenate()([x, y])
    return K.Model([a, b], [L.Dense(1)(z), L.Dense(5)(z)])


@model
def mha():
    i = Input((12, 32))
    a = L.MultiHeadAttention(4, 8)(i, i)
    x = L.LayerNormalization(epsilon=1e-6)(L.Add()([i, a]))
    return K.Model(i, L.Dense(3)(L.GlobalAveragePooling1D()(x)))


@model
def mha_kw():
    q, m = Input((10, 16)), Input((14, 24))
    return K.Model([q, m], L.MultiHeadAttention(2, key_dim=8, value_dim=5)(query=q, value=m, key=m))


@model
def mha_keyvalue():
    q, m, k = Input((10, 16)), Input((14, 24)), Input((14, 20))
    return K.Model([q, m, k], L.MultiHeadAttention(2, key_dim=8)(q, key=k, value=m))


@model
def nested_once():
    base = S(Input((32, 32, 3)), L.Conv2D(8, 3), L.BatchNormalization(), L.GlobalAveragePooling2D(), name="base")
    base.trainable = False
    i = Input((32, 32, 3))
    return K.Model(i, L.Dense(4)(base(i)))


@model
def siamese():
    bi = Input((10,))
    enc = K.Model(bi, L.Dense(4)(L.Dense(8)(bi)), name="enc")
    a, b = Input((10,)), Input((10,))
    return K.Model([a, b], L.Dot(axes=1)([enc(a), enc(b)]))


@model
def shared_layer():
    d = L.Dense(16)
    i = Input((16,))
    return K.Model(i, d(d(i)))


@model
def op_lambda():
    i = Input((16, 16, 4))
    x = L.Conv2D(4, 3, padding="same")(i)
    y = x + i
    y = tf.nn.relu(y) * 0.5
    y = tf.reduce_mean(y, axis=[1, 2])
    return K.Model(i, L.Dense(2)(y))


@model
def lstm_state():
    i = Input((11, 6))
    _, h, c = L.LSTM(8, return_state=True, return_sequences=True)(i)
    d = Input((7, 5))
    y = L.LSTM(8, return_sequences=True)(d, initial_state=[h, c])
    return K.Model([i, d], L.Dense(3)(y))


@model
def aug():
    return S(
        Input((64, 64, 3)),
        L.Rescaling(1 / 255.0),
        L.RandomFlip("horizontal"),
        L.RandomRotation(0.1),
        L.Resizing(48, 48),
        L.Conv2D(4, 3),
        L.Flatten(),
        L.Dense(2),
    )


@model
def td():
    return S(
        L.TimeDistributed(L.Conv2D(4, 3), input_shape=(5, 12, 12, 1)),
        L.TimeDistributed(L.Flatten()),
        L.LSTM(6),
        L.Dense(2),
    )


@model
def convlstm():
    return S(Input((5, 12, 12, 2)), L.ConvLSTM2D(4, 3, padding="same"), L.Flatten(), L.Dense(2))


@model
def deconv():
    return S(
        Input((14, 14, 8)),
        L.Conv2DTranspose(4, 3, strides=2, padding="same"),
        L.UpSampling2D(2),
        L.Conv2DTranspose(1, 5, strides=2, padding="same", output_padding=1),
        L.ZeroPadding2D(((0, 1), (2, 1))),
        L.Cropping2D(2),
    )


@model
def conv1d3d():
    return S(
        Input((100, 4)),
        L.Conv1D(8, 3, padding="causal", dilation_rate=2),
        L.MaxPooling1D(),
        L.GlobalMaxPooling1D(),
        L.Dense(2),
    )


@model
def attn():
    i = Input((9, 16))
    s = L.LSTM(16, return_sequences=True)(i)
    a = L.Attention(use_scale=True)([s, s])
    b = L.AdditiveAttention()([s, s])
    return K.Model(i, L.Dense(2)(L.GlobalAveragePooling1D()(L.Concatenate()([a, b]))))


@model
def norms():
    return S(
        Input((16, 16, 8)),
        L.GroupNormalization(2),
        L.LayerNormalization(),
        L.UnitNormalization(),
        L.SpatialDropout2D(0.2),
        L.BatchNormalization(scale=False),
        L.Flatten(),
        L.Dense(2),
    )


@model
def stacked():
    return S(Input((None, 6)), L.RNN([L.LSTMCell(8), L.GRUCell(5)]), L.Dense(2))


@model
def channels_first():
    return S(
        Input((3, 32, 32)),
        L.Conv2D(4, 3, data_format="channels_first", padding="same"),
        L.BatchNormalization(axis=1),
        L.Flatten(),
        L.Dense(2),
    )


@model
def slicing():
    i = Input((10, 6))
    x = L.Dense(4)(i)
    return K.Model(i, L.Dense(2)(x[:, 0, :]))


for name in ("MobileNetV3Small", "EfficientNetB0", "ConvNeXtTiny", "RegNetX002"):
    home = K.applications.regnet if name.startswith("RegNet") else K.applications
    MODELS[name] = lambda name=name, home=home: getattr(home, name)(weights=None)


def shapes(tensors: Any) -> list[list[int | None]]:
    found = tensors if isinstance(tensors, (list, tuple)) else [tensors]
    return [list(tensor.shape)[1:] for tensor in found]


if __name__ == "__main__":
    for name, make in MODELS.items():
        K.backend.clear_session()
        made = make()
        given = None if made.built else "20"
        text = made.to_json()
        if given:
            made.build((None, 20))
        trained = int(sum(K.backend.count_params(weight) for weight in made.trainable_weights))
        line = {
            "name": name, "text": text, "input": given, "params": made.count_params(), "trainable": trained,
            "outputs": shapes(made.outputs), "layers": {layer.name: layer.count_params() for layer in made.layers},
        }  # fmt: skip
        print(json.dumps(line))
