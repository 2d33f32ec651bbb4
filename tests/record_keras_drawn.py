"""Records what Keras says of small models whose layers and options are drawn at random.

    KERAS_BACKEND=torch python tests/record_keras_drawn.py [SEED [COUNT]] > tests/data/keras_drawn.jsonl

needs keras and torch; the file is kept packed, `xz -9e`. Each kind of layer comes first in some models, with others
behind it where they fit. One line a model: its JSON, parameters, trainable ones, shapes of the outputs, and for each
layer its name, output shape and parameters.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
from keras import layers, ops

Made = Callable[[tuple[int, ...]], Any]
ACTIVATIONS = ("relu", "gelu", "silu", "tanh", "softmax", "linear", "elu", "leaky_relu", "hard_sigmoid", "mish", "celu",
               "relu6", "log_softmax", "softsign", "hard_shrink", "squareplus", "exponential")  # fmt: skip
# Inputs by the number of axes besides that of the channels.
INPUTS = {0: [(5,), (8,)], 1: [(12, 4), (15, 6)], 2: [(12, 13, 3), (17, 16, 6)], 3: [(6, 9, 7, 4), (8, 6, 7, 2)],
          4: [(3, 7, 6, 5, 2)]}  # fmt: skip


class Drawn:
    """Layers with options drawn from a seed: the kinds, each with the axes that it takes and what makes it."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.kinds: dict[str, tuple[tuple[int, ...], Made]] = {}
        self.spatial()
        self.steps()
        self.others()

    def one(self, *of: Any) -> Any:
        """One of these."""
        return self.random.choice(of)

    def flag(self) -> bool:
        """Yes or no."""
        return self.random.random() < 0.5

    def put(self, name: str, axes: tuple[int, ...], make: Made) -> None:
        """A kind of layer."""
        self.kinds[name] = (axes, make)

    def sides(self, axes: int) -> Any:
        """Amounts at both ends of spatial axes."""
        if self.flag():
            return 1
        return (1, 2) if axes == 1 else tuple((self.one(0, 1), self.one(1, 2)) for _ in range(axes))

    def conv(self, axes: int) -> dict[str, Any]:
        """Options of a convolution."""
        strides = self.one(1, 1, 2, (2, 1, 1)[:axes] if axes > 1 else 2)
        found = {"strides": strides, "dilation_rate": self.one(1, 2) if strides == 1 else 1, "use_bias": self.flag(),
                 "padding": self.one("valid", "same", *(["causal"] if axes == 1 else []))}  # fmt: skip
        return found | ({"activation": self.one(*ACTIVATIONS)} if self.flag() else {})

    def spatial(self) -> None:
        """Layers over images of one, two and three axes."""
        one, flag = self.one, self.flag
        for n in (1, 2, 3):

            def of(name: str, n: int = n) -> Any:
                return getattr(layers, name.format(n))

            self.put(f"Conv{n}D", (n,), lambda x, n=n, of=of: of("Conv{}D")(
                one(4, 6), one(1, 2, 3), groups=1 if flag() or x[-1] % 2 else 2, **self.conv(n)))  # fmt: skip
            self.put(f"Conv{n}DTranspose", (n,), lambda x, of=of: of("Conv{}DTranspose")(
                one(4, 6), one(2, 3, 4), strides=one(1, 2, 3), padding=one("valid", "same"),
                use_bias=flag()))  # fmt: skip
            self.put(f"ConvLSTM{n}D", (n + 1,), lambda x, of=of: of("ConvLSTM{}D")(
                2, one(2, 3), padding=one("same", "valid"), return_sequences=flag(), use_bias=flag(),
                strides=one(1, 2)))  # fmt: skip
            for kind in ("Max", "Average"):
                self.put(f"{kind}Pooling{n}D", (n,), lambda x, kind=kind, of=of: of(kind + "Pooling{}D")(
                    one(2, 3), strides=one(None, 1, 2), padding=one("valid", "same")))  # fmt: skip
                self.put(f"Global{kind}Pooling{n}D", (n,), lambda x, kind=kind, of=of: of(f"Global{kind}Pooling{{}}D")(
                    keepdims=flag()))  # fmt: skip
                self.put(f"Adaptive{kind}Pooling{n}D", (n,), lambda x, kind=kind, of=of: of(
                    f"Adaptive{kind}Pooling{{}}D")(one(2, 3)))  # fmt: skip
            self.put(f"ZeroPadding{n}D", (n,), lambda x, n=n, of=of: of("ZeroPadding{}D")(self.sides(n)))
            self.put(f"Cropping{n}D", (n,), lambda x, n=n, of=of: of("Cropping{}D")(self.sides(n)))
            self.put(f"UpSampling{n}D", (n,), lambda x, n=n, of=of: of("UpSampling{}D")(
                2 if n == 1 or flag() else (2, 3, 1)[:n]))  # fmt: skip
            self.put(f"SpatialDropout{n}D", (n,), lambda x, of=of: of("SpatialDropout{}D")(0.2))
            for kind in ("Separable", "Depthwise") if n < 3 else ():
                self.put(f"{kind}Conv{n}D", (n,), lambda x, kind=kind, of=of: of(kind + "Conv{}D")(
                    *([one(4, 6)] if kind == "Separable" else []), one(2, 3), depth_multiplier=one(1, 2),
                    padding=one("same", "valid"), use_bias=flag(), strides=one(1, 2)))  # fmt: skip
        self.put("Rescaling", (2,), lambda x: layers.Rescaling(1 / 255, offset=one(0, -1)))
        self.put("Resizing", (2,), lambda x: layers.Resizing(8, 9, crop_to_aspect_ratio=flag()))
        self.put("CenterCrop", (2,), lambda x: layers.CenterCrop(8, 9))
        self.put("Random", (2,), lambda x: one(
            layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomContrast(0.1)))  # fmt: skip

    def steps(self) -> None:
        """Layers over sequences."""
        one, flag = self.one, self.flag

        def options() -> dict[str, Any]:
            return {"return_sequences": flag(), "go_backwards": flag(), "use_bias": flag()}

        def both(x: Any) -> Any:
            kind, kept = one(layers.LSTM, layers.GRU, layers.SimpleRNN), flag()
            back = kind(4, return_sequences=kept, go_backwards=True, activation="relu") if flag() else None
            mode = one("concat", "sum", "mul", "ave")
            return layers.Bidirectional(kind(4, return_sequences=kept), merge_mode=mode, backward_layer=back)

        def cells() -> Any:
            return one(layers.LSTMCell(4), [layers.GRUCell(3), layers.SimpleRNNCell(5)],
                       layers.StackedRNNCells([layers.LSTMCell(3), layers.LSTMCell(4)]))  # fmt: skip

        self.put("LSTM", (1,), lambda x: layers.LSTM(one(3, 5), unit_forget_bias=flag(), **options()))
        self.put("GRU", (1,), lambda x: layers.GRU(one(3, 5), reset_after=flag(), **options()))
        self.put("SimpleRNN", (1,), lambda x: layers.SimpleRNN(one(3, 5), activation=one("tanh", "relu"), **options()))
        self.put("Bidirectional", (1,), both)
        self.put("RNN", (1,), lambda x: layers.RNN(cells(), return_sequences=flag()))
        self.put("TimeDistributed", (1, 2, 3), lambda x: layers.TimeDistributed(
            layers.Dense(3) if len(x) == 2 or flag() else layers.Flatten()))  # fmt: skip
        self.put("MultiHeadAttention", (1,), lambda x: self.twice(layers.MultiHeadAttention(
            one(1, 2), one(3, 4), value_dim=one(None, 5), use_bias=flag(), output_shape=one(None, 7))))  # fmt: skip
        self.put("GroupQueryAttention", (1,), lambda x: self.twice(
            layers.GroupQueryAttention(3, 4, 2, use_bias=flag())))  # fmt: skip
        self.put(
            "Attention", (1,), lambda x: self.pair(layers.Attention(use_scale=flag(), score_mode=one("dot", "concat")))
        )
        self.put("AdditiveAttention", (1,), lambda x: self.pair(layers.AdditiveAttention(use_scale=flag())))
        self.put("EinsumDense", (1,), lambda x: layers.EinsumDense(
            "abc,bcd->abd", output_shape=(x[0], 5), bias_axes=one(None, "d", "bd")))  # fmt: skip

    def others(self) -> None:
        """Layers over any number of axes, and operations between layers."""
        one, flag = self.one, self.flag
        for name, make in {
            "ReLU": lambda x: layers.ReLU(max_value=one(None, 6.0), negative_slope=one(0.0, 0.1)),
            "LeakyReLU": lambda x: layers.LeakyReLU(), "ELU": lambda x: layers.ELU(),
            "Softmax": lambda x: layers.Softmax(),
            "Activation": lambda x: layers.Activation(one(*ACTIVATIONS)), "Dropout": lambda x: layers.Dropout(0.3),
            "GaussianNoise": lambda x: layers.GaussianNoise(0.1), "Identity": lambda x: layers.Identity(),
            "Masking": lambda x: layers.Masking(0.0), "Flatten": lambda x: layers.Flatten(),
            "Dense": lambda x: layers.Dense(one(3, 7), activation=one(*ACTIVATIONS), use_bias=flag()),
            "BatchNormalization": lambda x: layers.BatchNormalization(center=flag(), scale=flag()),
            "LayerNormalization": lambda x: layers.LayerNormalization(
                axis=-1 if len(x) < 2 else one(-1, 1, [-2, -1]), center=flag(), scale=flag()),
            "RMSNormalization": lambda x: layers.RMSNormalization(), "PReLU": lambda x: layers.PReLU(
                shared_axes=None if flag() or len(x) < 2 else [1]),
            "UnitNormalization": lambda x: layers.UnitNormalization(),
            "Normalization": lambda x: layers.Normalization(axis=None, mean=1.0, variance=2.0)
            if flag() else layers.Normalization(),
            "merge": lambda x: self.pair(one(
                layers.Add(), layers.Multiply(), layers.Average(), layers.Maximum(), layers.Minimum(),
                layers.Subtract(), layers.Concatenate(axis=-1), layers.Concatenate(axis=1))),
            "operation": lambda x: self.operation(x),
        }.items():  # fmt: skip
            self.put(name, (0, 1, 2), make)
        self.put("GroupNormalization", (1, 2), lambda x: layers.GroupNormalization(one(1, -1), center=flag()))
        self.put("SpectralNormalization", (0,), lambda x: layers.SpectralNormalization(layers.Dense(4)))
        self.put("Reshape", (1, 2), lambda x: layers.Reshape(one((-1,), (x[-1], -1), (1, -1, x[-1]))))
        self.put("Permute", (1, 2), lambda x: layers.Permute(
            tuple(self.random.sample(range(1, len(x) + 1), len(x)))))  # fmt: skip
        self.put("RepeatVector", (0,), lambda x: layers.RepeatVector(3))
        self.put("Dot", (0,), lambda x: self.pair(layers.Dot(axes=1, normalize=flag())))

    @staticmethod
    def twice(layer: Any) -> Any:
        """A layer that takes the same value as two arguments."""
        return lambda t: layer(t, t)

    @staticmethod
    def pair(layer: Any) -> Any:
        """A layer that takes the same value twice in a list."""
        return lambda t: layer([t, t])

    def operation(self, x: tuple[int, ...]) -> Any:
        """An operator or a function of keras.ops."""
        last, rank = x[-1], len(x) + 1
        found = [
            lambda t: t + 1, lambda t: 1 - t, lambda t: 2 / t, lambda t: -t, lambda t: t**2, lambda t: t[:, :2],
            lambda t: ops.relu(t), lambda t: ops.mean(t, axis=-1), lambda t: ops.sum(t, axis=1, keepdims=True),
            lambda t: ops.max(t, axis=1), lambda t: ops.argmax(t, axis=-1),
            lambda t: ops.var(t, axis=-1, keepdims=True),
            lambda t: ops.logsumexp(t, axis=-1), lambda t: ops.norm(t, axis=-1), lambda t: ops.std(t, axis=1),
            lambda t: ops.expand_dims(t, -1), lambda t: ops.squeeze(ops.expand_dims(t, 1), 1),
            lambda t: ops.concatenate([t, t], axis=-1), lambda t: ops.stack([t, t], axis=1),
            lambda t: ops.repeat(t, 2, axis=1), lambda t: ops.tile(t, (1, *[2] * (rank - 1))),
            lambda t: ops.flip(t, axis=1), lambda t: ops.roll(t, 1, axis=1), lambda t: ops.cumsum(t, axis=1),
            lambda t: ops.clip(t, 0, 1), lambda t: ops.log_softmax(t, axis=-1), lambda t: ops.softmax(t),
            lambda t: ops.gelu(t), lambda t: ops.leaky_relu(t), lambda t: ops.rsqrt(t), lambda t: ops.absolute(t),
            lambda t: ops.where(t > 0, t, 0.0), lambda t: ops.maximum(t, 0), lambda t: ops.square(t),
            lambda t: ops.one_hot(ops.argmax(t, axis=-1), 5), lambda t: ops.take(t, 1, axis=-1),
            lambda t: ops.take(t, [0, 2, 1], axis=-1), lambda t: ops.top_k(t, 2)[0], lambda t: t[..., : last - 1],
            lambda t: ops.logical_and(t > 0, t < 1), lambda t: ops.normalize(t, axis=-1),
            lambda t: ops.cast(t, "float16"),
            lambda t: ops.pad(t, [[0, 0], *[[1, 2]] * (rank - 1)]), lambda t: ops.reshape(t, (-1, math.prod(x))),
        ]  # fmt: skip
        if rank == 3:
            found += [lambda t: ops.transpose(t, (0, 2, 1)), lambda t: ops.swapaxes(t, 1, 2),
                      lambda t: ops.moveaxis(t, 1, 2), lambda t: ops.einsum("bij,bkj->bik", t, t),
                      lambda t: ops.matmul(t, ops.swapaxes(t, -1, -2))] * 2  # fmt: skip
        return self.one(*found)

    def model(self, first: str) -> Any:
        """A model that begins with that kind of layer; None where it does not fit."""
        shape = self.one(*INPUTS[self.one(*self.kinds[first][0])])
        taken = keras.Input(shape)
        value = taken
        for kind in (first, *self.random.sample(list(self.kinds), 3)):
            axes, make = self.kinds[kind]
            sizes = tuple(value.shape[1:])
            if len(sizes) - 1 not in axes or not all(sizes):
                continue
            try:
                found = make(sizes)(value)
            except Exception:  # it does not fit, each layer in its own way
                continue
            value = found if all(found.shape[1:]) else value
        if value is taken:
            return None
        made = keras.Model(taken, value)
        made.layers[-1].trainable = self.random.random() > 0.15
        return made


def pieces() -> Any:
    """A model of pieces of an axis, which are outputs of one operation."""
    taken = keras.Input((4, 9))
    first, _, last = ops.split(taken, 3, axis=-1)
    one, rest = ops.split(taken, [1], axis=1)
    ends = layers.Dense(2)(first) + layers.Dense(2)(last)
    return keras.Model(taken, [ends, rest, layers.Dense(5)(one), ops.take(taken, [0, 1, 1], axis=1)])


def told(model: Any) -> dict[str, Any]:
    """What Keras says of a model."""

    def rows() -> Any:
        for layer in model.layers[1:]:
            outputs = layer.output if isinstance(layer.output, (list, tuple)) else [layer.output]
            yield [layer.name, list(outputs[0].shape[1:]), layer.count_params()]

    return {
        "model": json.loads(model.to_json()), "params": model.count_params(), "layers": list(rows()),
        "trainable": sum(math.prod(weight.shape) for weight in model.trainable_weights),
        "outputs": [list(output.shape[1:]) for output in model.outputs],
    }  # fmt: skip


def main(seed: str = "1", count: str = "400") -> None:
    drawn = Drawn(seed)
    names = list(drawn.kinds)
    for number in range(int(count)):
        keras.utils.clear_session()
        model = drawn.model(names[number % len(names)] if number % 4 else "operation")
        if model is not None:
            print(json.dumps(told(model)))
    print(json.dumps(told(pieces())))


if __name__ == "__main__":
    main(*sys.argv[1:])
