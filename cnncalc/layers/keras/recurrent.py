"""Recurrent layers: they give the last step unless `return_sequences`. Source: Keras, keras.layers.SimpleRNN to GRU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.core.layer import Weight
from cnncalc.core.number import Number, Shape, counted
from cnncalc.core.option import DROPPED, flag, ignored, positive
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.keras.base import KerasLayer, nonlinearity
from cnncalc.layers.recurrent import GRU_STEP, LSTM_STEP, RNN_STEP


class Recurrent(KerasLayer, abstract=True):
    """What SimpleRNN, LSTM and GRU share. Further inputs are the states before the first step."""

    scratch = "output"
    parallel = "whole"
    takes: ClassVar[str | tuple[str, ...]] = ("N L I", "N U")
    gives = "N U | N L U"
    inputs = (1, 2)
    receptive = "everything"
    step_work = 50_000
    saves = "input output"
    gates: ClassVar[int] = 1
    states: ClassVar[tuple[str, ...]] = ("state",)
    # What every step makes, a letter each: the state, the cell, the gates.
    steps: ClassVar[str] = "h"
    step_equations: ClassVar[dict[str, str]] = RNN_STEP
    category = "recurrent"
    explained = "step"
    interior = "gates"

    units = positive("features of the state", symbol="U")
    activation = nonlinearity("function of the new state", default="tanh")
    recurrent_activation = nonlinearity("function of the gates", default="sigmoid")
    use_bias = flag("add a bias", default=True)
    return_sequences = flag("give every step, not the last alone", default=False, keyword_only=True)
    return_state = flag("also give the state after the last step, as named outputs", default=False, keyword_only=True)
    go_backwards = flag("read from the last step to the first", default=False, keyword_only=True)
    # What changes no shape, no count and no value here.
    stateful = ignored()
    unroll = ignored()
    dropout = ignored()
    recurrent_dropout = ignored()
    implementation = ignored()
    use_cudnn = ignored()
    unit_forget_bias = ignored()
    time_major = ignored()
    zero_output_for_mask = ignored()

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        if len(x) == 4:
            steps = " * ".join(str(size) for size in x[1:-1])
            return (f"make it a sequence [{steps}, {x[-1]}]: Reshape((-1, {x[-1]}))",)
        if len(x) == 2:
            return ("a sequence is [length, features]: Reshape((1, -1)) makes one step of it",)
        return ()

    def shape(self, x: Shape, *states: Shape) -> Shape:
        if x[1] < 1:
            raise Fault("empty-sequence", f"{self.type()} needs at least one step, but gets {shape_text(x)}")
        if states and len(states) != len(self.states):
            raise Fault(
                "input-count",
                f"{self.type()} takes the sequence alone, or with {' and '.join(self.states)}; {len(states)} given",
            )
        for name, given in zip(self.states, states, strict=False):
            if given[1] != self.units:
                raise Fault("state-shape", f"{name} of {self.type()} must be [{self.units}], not {shape_text(given)}")
        return (x[0], x[1], self.units) if self.return_sequences else (x[0], self.units)

    def ports(self, x: Shape, *states: Shape) -> dict[str, Shape]:
        return dict.fromkeys(self.states, (x[0], self.units)) if self.return_state else {}

    def additions(self, y: Shape, x: Shape, *states: Shape) -> Number:
        return self.biases(x) * x[1]

    def carried(self, x: Shape, *states: Shape) -> Number:
        return self.units * len(self.states)

    def inside(self, x: Shape, *states: Shape) -> dict[str, Shape]:
        """States and gates by step, in the order in which they are made."""
        return dict.fromkeys(self.steps, (x[0], x[1], self.units))

    def weights(self, x: Shape, *states: Shape) -> Iterator[Weight]:
        columns = self.gates * self.units
        yield Weight("kernel", (x[-1], columns))
        yield Weight("recurrent_kernel", (self.units, columns))
        if self.use_bias:
            yield Weight("bias", (columns,))

    def macs(self, y: Shape, x: Shape, *states: Shape) -> dict[str, Number]:
        each = x[0] * x[1] * self.gates * self.units
        return {"input": each * x[-1], "recurrent": each * self.units}

    def convention_note(self, *xs: Shape) -> str:
        if not self.use_bias:
            return ""
        columns = self.gates * self.units
        weights = columns * (xs[0][-1] + self.units)
        return (
            f"Keras and textbooks count one bias vector: {counted(weights + columns)}; "
            f"PyTorch counts two: {counted(weights + 2 * columns)}"
        )


class SimpleRNN(Recurrent):
    """The plain recurrent layer: h = tanh(x kernel + h recurrent_kernel + bias)."""

    example = "[10, 16] -> {type}(32)"

    recurrent_activation = DROPPED


class LSTM(Recurrent):
    """Long short-term memory: a state h and a cell c, kept by gates (stacked i f c o)."""

    takes = ("N L I", "N U", "N U")
    inputs = (1, 3)
    example = "[10, 16] -> {type}(32, return_sequences=True)"
    gates = 4
    states = ("state_h", "state_c")
    steps = "hcifgo"
    step_equations = LSTM_STEP
    roles = {2: ("x", "h"), 3: ("x", "h", "c")}


class GRU(Recurrent):
    """The gated recurrent unit (stacked z r h). With `reset_after` there are two biases, as in PyTorch."""

    example = "[10, 16] -> {type}(32)"

    gates = 3
    steps = "hrzn"
    step_equations = GRU_STEP
    roles = {2: ("x", "h")}

    reset_after = flag("reset after the product with the state; before it there is one bias", default=True)

    def weights(self, x: Shape, *states: Shape) -> Iterator[Weight]:
        columns = self.gates * self.units
        yield Weight("kernel", (x[-1], columns))
        yield Weight("recurrent_kernel", (self.units, columns))
        if self.use_bias:
            yield Weight("bias", (2, columns) if self.reset_after else (columns,))

    def convention_note(self, *xs: Shape) -> str:
        if not self.use_bias:
            return ""
        columns = self.gates * self.units
        weights = columns * (xs[0][-1] + self.units)
        one, two = counted(weights + columns), counted(weights + 2 * columns)
        return f"Keras counts two bias vectors with reset_after=True: {two}, one without, as textbooks do: {one}"
