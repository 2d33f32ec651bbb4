"""Recurrent layers whose products are convolutions. Source: Keras, keras.layers.ConvLSTM1D to ConvLSTM3D."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Weight
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.option import flag, ignored, pair, positive
from cnncalc.core.window import windows
from cnncalc.layers.keras.base import Sliding, data_format, nonlinearity, same_or_valid
from cnncalc.layers.keras.conv import refuse_both


class ConvLSTM(Sliding, abstract=True):
    """An LSTM over pictures: the input is convolved with strides, the state always with padding "same"."""

    takes, gives = "N T {space} C_in", "N {space_out} F | N T {space_out} F"
    scratch = "padded"
    parallel = "whole"
    receptive = "conv_recurrent"
    example = "{film} -> {type}(16, 3, padding='same')"
    step_work = 500_000
    saves = "input output"
    category = "other"
    explained = "nothing"

    filters = positive("channels of the state", symbol="F")
    kernel_size = pair("kernel size", symbol="K")
    strides = pair("stride", symbol="S", default=1)
    padding = same_or_valid()
    data_format = data_format()
    dilation_rate = pair("dilation (spacing between kernel elements)", symbol="D", default=1)
    activation = nonlinearity("function of the new state", default="tanh")
    recurrent_activation = nonlinearity("function of the gates", default="sigmoid")
    use_bias = flag("add a bias", default=True)
    return_sequences = flag("give every step, not the last alone", default=False, keyword_only=True)
    return_state = flag("also give the state after the last step, as named outputs", default=False, keyword_only=True)
    go_backwards = flag("read from the last step to the first", default=False, keyword_only=True)
    stateful = ignored()
    unroll = ignored()
    dropout = ignored()
    recurrent_dropout = ignored()
    unit_forget_bias = ignored()

    def prepare(self) -> None:
        refuse_both(self)

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        if len(x) == self.axes + 2:
            return ("the first axis of a sample is time: Reshape makes one step of a picture",)
        return ()

    def state(self, x: Shape) -> Shape:
        """The shape of the state."""
        return (x[0], *windows(self, tuple(x[2:-1])), self.filters)

    def shape(self, x: Shape) -> Shape:
        n, *rest = self.state(x)
        return (n, x[1], *rest) if self.return_sequences else (n, *rest)

    def ports(self, x: Shape) -> dict[str, Shape]:
        return {"state_h": self.state(x), "state_c": self.state(x)} if self.return_state else {}

    def inside(self, x: Shape) -> dict[str, Shape]:
        n, *rest = self.state(x)
        return dict.fromkeys("hcifgo", (n, x[1], *rest))

    def additions(self, y: Shape, x: Shape) -> Number:
        return self.biases(x) * x[1] * prod(self.state(x)[1:-1])

    def carried(self, x: Shape) -> Number:
        return 2 * prod(self.state(x)[1:])

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("kernel", (*self.kernel_size, x[-1], 4 * self.filters))
        yield Weight("recurrent_kernel", (*self.kernel_size, self.filters, 4 * self.filters))
        if self.use_bias:
            yield Weight("bias", (4 * self.filters,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        each = 4 * prod(self.state(x)) * x[1] * prod(self.kernel_size)
        return {"input": each * x[-1], "recurrent": each * self.filters}


class ConvLSTM1D(ConvLSTM, axes=1):
    """An LSTM over sequences [time, length, channels]."""


class ConvLSTM2D(ConvLSTM, axes=2):
    """An LSTM over pictures [time, height, width, channels]."""


class ConvLSTM3D(ConvLSTM, axes=3):
    """An LSTM over volumes [time, depth, height, width, channels]."""
