"""Layers around a layer. Source: Keras, keras.layers.Bidirectional, TimeDistributed and SpectralNormalization."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import Option, anything, custom, positive
from cnncalc.core.problem import Fault, suggestion
from cnncalc.core.texts import show
from cnncalc.layers.keras.base import KerasLayer
from cnncalc.layers.keras.conv_recurrent import ConvLSTM
from cnncalc.layers.keras.recurrent import Recurrent

MERGES = ("concat", "sum", "mul", "ave")


def _merge(value: object, option: Option, axes: int) -> str:
    if value is None or (isinstance(value, str) and value.lower() in ("none", "null")):
        return "none"
    if isinstance(value, str) and value.lower() in (*MERGES, "none"):
        return value.lower()
    raise Fault(
        "option-value",
        f"merge_mode must be concat, sum, mul, ave or None, not {show(value)}",
        option="merge_mode",
        help=suggestion(str(value), MERGES),
    )


class Bidirectional(KerasLayer):
    """A recurrent layer and its copy that reads backwards, with weights of its own."""

    scratch = "output"
    parallel = "whole"
    takes, gives = "N L *", "N *"
    receptive = "everything"
    example = "[10, 16] -> {type}(LSTM(32))"
    saves = "input output"
    category = "other"
    explained = "nothing"

    layer: Recurrent = anything("the recurrent layer: LSTM(64)")
    merge_mode = custom("how both are put together", _merge, default="concat", words=MERGES, expects="a word")
    backward_layer: Recurrent | None = anything("another layer for the way back", default=None)

    def prepare(self) -> None:
        for inner in (self.layer, self.back):
            if not isinstance(inner, (Recurrent, ConvLSTM)):
                raise Fault(
                    "option-value",
                    "Bidirectional needs a recurrent layer, SimpleRNN, LSTM, GRU or ConvLSTM",
                    option="layer",
                    help="write Bidirectional(LSTM(64))",
                )
        self.__dict__["step_work"] = self.layer.step_work + self.back.step_work
        if isinstance(self.layer, ConvLSTM):
            self.receptive = "inner"  # both ways the windows are the same

    @property
    def back(self) -> Recurrent:
        """The layer that reads backwards."""
        return self.backward_layer or self.layer

    def shape(self, x: Shape) -> Shape:
        self.layer.accept((x,))
        there, here = self.layer.shape(x), self.back.shape(x)
        if self.merge_mode == "concat":
            return (*there[:-1], there[-1] + here[-1])
        if there != here:
            raise Fault(
                "shapes-differ", f"merge_mode {self.merge_mode} needs outputs of one shape", option="merge_mode"
            )
        return there

    def ports(self, x: Shape) -> dict[str, Shape]:
        found = {"backward": self.back.shape(x)} if self.merge_mode == "none" else {}
        for way, inner in (("forward", self.layer), ("backward", self.back)):
            found.update({f"{way}_{name}": shape for name, shape in inner.ports(x).items()})
        return found

    def carried(self, x: Shape) -> Number:
        return self.layer.carried(x) + self.back.carried(x)

    def inside(self, x: Shape) -> dict[str, Shape]:
        """What both layers have inside, index 0 the first place of the sequence: `forward_h`, `backward_h`."""
        return {
            f"{way}_{name}": shape
            for way, inner in (("forward", self.layer), ("backward", self.back))
            for name, shape in inner.inside(x).items()
        }

    def weights(self, x: Shape) -> Iterator[Weight]:
        for way, inner in (("forward", self.layer), ("backward", self.back)):
            for weight in inner.weights(x):
                yield Weight(f"{way}.{weight.name}", weight.shape)

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        parts = {}
        for way, inner in (("forward", self.layer), ("backward", self.back)):
            parts.update({f"{way} {name}": number for name, number in inner.macs(inner.shape(x), x).items()})
        return parts

    def additions(self, y: Shape, x: Shape) -> Number:
        return self.layer.additions(y, x) + self.back.additions(y, x)

    def convention_note(self, *xs: Shape) -> str:
        note: str = self.layer.convention_note(*xs)
        return f"each direction: {note}" if note else ""


class TimeDistributed(KerasLayer):
    """The same layer for every step of a sequence, with the same weights."""

    scratch = "output"
    parallel = "whole"
    takes, gives = "N L *", "N L *"
    receptive = "steps"
    example = "[10, 16] -> {type}(Dense(4))"
    saves = "input"
    category = "other"
    explained = "nothing"

    layer: Layer = anything("the layer: Dense(10), Conv2D(...), ...")

    def prepare(self) -> None:
        if not isinstance(self.layer, Layer):
            raise Fault("option-value", "TimeDistributed needs a layer: Dense(10)", option="layer")

    def step(self, x: Shape) -> Shape:
        """The shape of one step, batch axis first."""
        if len(x) < 2:
            raise self.refuse_axes(x, "[length, ...]")
        return (x[0], *x[2:])

    def shape(self, x: Shape) -> Shape:
        step = self.step(x)
        self.layer.accept((step,))
        made = self.layer.shape(step)
        return (made[0], x[1], *made[1:])

    def weights(self, x: Shape) -> Iterator[Weight]:
        return self.layer.weights(self.step(x))

    def buffers(self, x: Shape) -> Iterator[Weight]:
        return self.layer.buffers(self.step(x))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        step = self.step(x)
        parts = self.layer.macs(self.layer.shape(step), step)
        return {name: x[1] * number for name, number in parts.items()}

    def additions(self, y: Shape, x: Shape) -> Number:
        step = self.step(x)
        return x[1] * self.layer.additions(self.layer.shape(step), step)


class SpectralNormalization(KerasLayer):
    """A layer whose kernel is divided by its largest singular value, which `vector_u` follows during training."""

    scratch = "output"
    parallel = "whole"
    takes, gives = "N *", "N *"
    receptive = "inner"
    example = "[16] -> {type}(Dense(4))"
    saves = "input"
    drawn = (-0.1, 0.1)
    category = "other"
    explained = "nothing"

    layer: Layer = anything("the layer: Conv2D(...), Dense(...), ...")
    power_iterations = positive("steps of the iteration in training", default=1)

    def prepare(self) -> None:
        if not isinstance(self.layer, Layer):
            raise Fault("option-value", "SpectralNormalization needs a layer: Dense(10)", option="layer")

    def shape(self, x: Shape) -> Shape:
        self.layer.accept((x,))
        if not any(weight.name in ("kernel", "embeddings") for weight in self.layer.weights(x)):
            raise Fault("option-value", f"{self.layer.type()} has no kernel to normalise", option="layer")
        return tuple(self.layer.shape(x))

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield from self.layer.weights(x)

    def buffers(self, x: Shape) -> Iterator[Weight]:
        kernel = next(weight for weight in self.layer.weights(x) if weight.name in ("kernel", "embeddings"))
        yield Weight("vector_u", (1, kernel.shape[-1]))
        yield from self.layer.buffers(x)

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return dict(self.layer.macs(y, x))
