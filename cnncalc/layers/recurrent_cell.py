"""One step of a recurrent layer. Source: PyTorch, torch.nn.RNNCell, LSTMCell and GRUCell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.layer_result import count
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import DROPPED, choice, flag, ignored, inferred, positive
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.recurrent import bias_note


class Cell(Layer, abstract=True):
    """What the cells share: one step from an input [input_size] and a state [hidden_size], 0 where it is not given."""

    scratch = "output"
    parallel = "whole"
    takes: ClassVar[str | tuple[str, ...]] = ("N I", "N H")
    gives = "N H"
    inputs = (1, 2)
    receptive = "everything"
    example = "16 -> {type}(16, 32)"
    torch = "nn.{type}"
    saves = "input output step-gates"
    gates: ClassVar[int] = 1
    # What the step makes, a letter each: the state, the gates.
    steps: ClassVar[str] = "h"
    category = "recurrent"
    explained = "step"
    # Numbers for each unit and step that training keeps besides the output: the gates, and a cell or a product.
    kept_steps: ClassVar[int] = 0

    input_size = inferred("features of the input", symbol="I")
    hidden_size = positive("features of the state", symbol="H")
    bias = flag("add a bias", default=True)
    nonlinearity = choice("the function of the step", ("tanh", "relu"), default="tanh")
    device, dtype = ignored(), ignored()
    bias_vectors = positive(
        "bias vectors a gate: 2 as in PyTorch, 1 as in textbooks and Keras", default=2, keyword_only=True
    )

    def shape(self, x: Shape, *states: Shape) -> Shape:
        for name, given in zip(("h", "c"), states, strict=False):
            if given[1] != self.hidden_size:
                raise Fault(
                    "state-shape",
                    f"{name} of {self.type()} must be [{self.hidden_size}], but is {shape_text(given)}",
                )
        return (x[0], self.hidden_size)

    def inside(self, x: Shape, *states: Shape) -> dict[str, Shape]:
        return dict.fromkeys(self.steps, (x[0], self.hidden_size))

    def additions(self, y: Shape, x: Shape, *states: Shape) -> Number:
        return self.biases(x)

    def carried(self, x: Shape, *states: Shape) -> Number:
        return self.hidden_size

    def weights(self, x: Shape, *states: Shape) -> Iterator[Weight]:
        rows = self.gates * self.hidden_size
        yield Weight("weight_ih", (rows, x[-1]))
        yield Weight("weight_hh", (rows, self.hidden_size))
        if self.bias:
            yield Weight("bias_ih", (rows,))
            if self.bias_vectors == 2:
                yield Weight("bias_hh", (rows,))

    def convention_note(self, *xs: Shape) -> str:
        return bias_note(self, count(self.weights(*xs)), self.gates * self.hidden_size) if self.bias else ""

    @property
    def two_biases(self) -> bool:
        """Whether input and state have a bias each."""
        return bool(self.bias_vectors == 2)

    def macs(self, y: Shape, x: Shape, *states: Shape) -> dict[str, Number]:
        rows = self.gates * self.hidden_size
        return {"input": x[0] * rows * x[-1], "recurrent": x[0] * rows * self.hidden_size}


class RNNCell(Cell):
    """One step of the plain recurrent layer."""

    keras = "SimpleRNN"
    roles = {2: ("x", "h")}


class LSTMCell(Cell):
    """One step of long short-term memory; its named outputs are the new state h and the new cell c."""

    takes = ("N I", "N H", "N H_c")
    inputs = (1, 3)
    receptive = "cell"
    keras = "LSTM"
    gates = 4
    steps = "ifgo"

    nonlinearity = DROPPED
    roles = {2: ("x", "h"), 3: ("x", "h", "c")}
    kept_steps = 5

    def shape(self, x: Shape, *states: Shape) -> Shape:
        if len(states) == 1:
            raise Fault("input-count", f"{self.type()} takes the input alone, or with h and c; one state was given")
        return super().shape(x, *states)

    def ports(self, x: Shape, *states: Shape) -> dict[str, Shape]:
        return {"h": (x[0], self.hidden_size), "c": (x[0], self.hidden_size)}

    def carried(self, x: Shape, *states: Shape) -> Number:
        return 2 * self.hidden_size


class GRUCell(Cell):
    """One step of the gated recurrent unit."""

    keras = "GRU"

    gates = 3
    steps = "hrzn"

    nonlinearity = DROPPED
    roles = {2: ("x", "h")}
    kept_steps = 5
