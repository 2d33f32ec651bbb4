"""Recurrent layers and cells. Source: PyTorch, torch.nn.RNN, LSTM and GRU.

Gates are stacked in PyTorch's order: i f g o (LSTM), r z n (GRU). The batch always comes first: `batch_first` changes
nothing here, and h_n and c_n are [layers * directions, hidden_size] for one sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.layer_result import count
from cnncalc.core.limits import MOST_PARTS
from cnncalc.core.number import Number, Shape, counted, is_zero, prod
from cnncalc.core.option import DROPPED, choice, flag, ignored, inferred, natural, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.sequence import sequence_help

# One step as equations; W_i* and W_h* stand for a product with the input and with the state, each with its bias, {f}
# for the function of the layer.
RNN_STEP = {"h": "{f}(W_ih @ x[t] + b_ih + W_hh @ h[t-1] + b_hh)"}
LSTM_STEP = {
    "i": "sigmoid(W_ii @ x[t] + b_ii + W_hi @ h[t-1] + b_hi)",
    "f": "sigmoid(W_if @ x[t] + b_if + W_hf @ h[t-1] + b_hf)",
    "g": "{f}(W_ig @ x[t] + b_ig + W_hg @ h[t-1] + b_hg)",
    "o": "sigmoid(W_io @ x[t] + b_io + W_ho @ h[t-1] + b_ho)",
    "c": "f * c[t-1] + i * g",
    "h": "o * {f}(c)",
}
GRU_STEP = {
    "r": "sigmoid(W_ir @ x[t] + b_ir + W_hr @ h[t-1] + b_hr)",
    "z": "sigmoid(W_iz @ x[t] + b_iz + W_hz @ h[t-1] + b_hz)",
    "n": "{f}(W_in @ x[t] + b_in + r * (W_hn @ h[t-1] + b_hn))",
    "h": "(1 - z) * n + z * h[t-1]",
}
# Where the reset comes before the product with the state.
RESET_BEFORE = "{f}(W_in @ x[t] + b_in + W_hn @ (r * h[t-1]) + b_hn)"


class SequenceLayer(Layer, abstract=True):
    """What RNN, LSTM and GRU share: a stack of layers that read a sequence in one or both directions.

    Further inputs are the states before the first step (h_0, and c_0 for LSTM), shaped like h_n and c_n.
    """

    scratch = "output"
    parallel = "whole"
    takes: ClassVar[str | tuple[str, ...]] = ("N L I", "N D H")
    gives = "N L H_out"
    inputs = (1, 2)
    receptive = "everything"
    example = "10x16 -> {type}(16, 32)"
    step_work = 50_000
    torch = "nn.{type}"
    saves = "input output gates"
    # Matrices stacked in each weight, one for each gate.
    gates: ClassVar[int] = 1
    states: ClassVar[tuple[str, ...]] = ("h_n",)
    # What every step makes, a letter each: the state, the cell, the gates.
    steps: ClassVar[str] = "h"
    step_equations: ClassVar[dict[str, str]] = RNN_STEP
    category = "recurrent"
    explained = "recurrent"
    interior = "gates"
    # Numbers for each unit and step that training keeps besides the output: the gates, and a cell or a product.
    kept_steps: ClassVar[int] = 0

    input_size = inferred("features of each step", symbol="I")
    hidden_size = positive("features of the state", symbol="H")
    num_layers = positive("layers, each reading the one below", symbol="layers", default=1, most=MOST_PARTS)
    nonlinearity = choice("the function of each step", ("tanh", "relu"), default="tanh")
    bias = flag("add a bias", default=True)
    batch_first = flag("accepted; the batch always comes first here", default=False)
    dropout = real("part of the numbers between layers that is dropped in training", default=0.0)
    bidirectional = flag("read backwards too, with weights of its own", default=False)
    proj_size = natural("size that the state is projected to; 0 for none", symbol="P", default=0)
    device, dtype = ignored(), ignored()
    bias_vectors = positive(
        "bias vectors per gate: 2 as in PyTorch, 1 as in textbooks and Keras", default=2, keyword_only=True
    )

    def prepare(self) -> None:
        if self.dropout < 0 or self.dropout > 1:
            raise Fault("option-value", f"dropout must be between 0 and 1, not {self.dropout}", option="dropout")
        if self.bias_vectors > 2:
            raise Fault("option-value", f"bias_vectors must be 1 or 2, not {self.bias_vectors}", option="bias_vectors")

    @property
    def directions(self) -> int:
        """1, or 2 where it reads backwards too."""
        return 2 if self.bidirectional else 1

    @property
    def state_size(self) -> Number:
        """Features of the state that the next step reads."""
        return self.hidden_size

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x)

    def wrong_axes(self, x: Shape, index: int = 0) -> Fault:
        if index == 0:
            return super().wrong_axes(x, index)
        count = self.num_layers * self.directions
        size = self.state_size if index == 1 else self.hidden_size
        return self.wrong_state(self.initial()[index - 1], x, (1, count, size))

    def wrong_state(self, name: str, given: Shape, wanted: Shape) -> Fault:
        """The fault for a state before the first step that has another shape than the states have."""
        one = len(given) == 2 and len(wanted) == 3 and bool(wanted[1] == 1)
        return Fault(
            "state-shape",
            f"{name} of {self.type()} must be {shape_text(wanted)} (layers * directions, features), "
            f"but is {shape_text(given)}",
            help="Unsqueeze(1) puts an axis of 1 in front" if one else (),
        )

    def shape(self, x: Shape, *states: Shape) -> Shape:
        if x[1] < 1:
            raise Fault("empty-sequence", f"{self.type()} needs at least one step, but gets {shape_text(x)}")
        if states and len(states) != len(self.states):
            raise Fault(
                "input-count",
                f"{self.type()} takes the sequence alone, or with {_and(self.initial())}; "
                f"{len(states)} state was given",
            )
        for name, given, wanted in zip(self.initial(), states, self.ports(x).values(), strict=False):
            if len(given) != len(wanted) or any(a != b for a, b in zip(given[1:], wanted[1:], strict=True)):
                raise self.wrong_state(name, given, wanted)
        return (x[0], x[1], self.directions * self.state_size)

    def initial(self) -> list[str]:
        """The names of the states before the first step."""
        return [name.replace("_n", "_0") for name in self.states]

    def ports(self, x: Shape, *states: Shape) -> dict[str, Shape]:
        return {"h_n": (x[0], self.num_layers * self.directions, self.state_size)}

    def inside(self, x: Shape, *states: Shape) -> dict[str, Shape]:
        """States and gates by step: `h`, `c`, `f`; of further layers and directions `h_l1`, `h_reverse`."""
        sizes = {letter: self.state_size if letter == "h" else self.hidden_size for letter in self.steps}
        endings = [ending.removeprefix("_l0") for ending, _ in self.matrices(x)]
        return {letter + ending: (x[0], x[1], size) for ending in endings for letter, size in sizes.items()}

    def additions(self, y: Shape, x: Shape, *states: Shape) -> Number:
        return self.biases(x) * x[1]

    def carried(self, x: Shape, *states: Shape) -> Number:
        return sum(prod(self.ports(x)[name][1:]) for name in self.states)

    def matrices(self, x: Shape) -> Iterator[tuple[str, Number]]:
        """For each layer and direction the ending of its weights' names, and the features it reads."""
        for level in range(self.num_layers):
            reads = x[-1] if level == 0 else self.directions * self.state_size
            yield f"_l{level}", reads
            if self.bidirectional:
                yield f"_l{level}_reverse", reads

    def weights(self, x: Shape, *states: Shape) -> Iterator[Weight]:
        rows = self.gates * self.hidden_size
        for ending, reads in self.matrices(x):
            yield Weight(f"weight_ih{ending}", (rows, reads))
            yield Weight(f"weight_hh{ending}", (rows, self.state_size))
            if self.bias:
                yield Weight(f"bias_ih{ending}", (rows,))
                if self.two_biases:
                    yield Weight(f"bias_hh{ending}", (rows,))
            yield from self.projection(ending)

    @property
    def two_biases(self) -> bool:
        """Whether input and state have a bias each."""
        return bool(self.bias_vectors == 2)

    def projection(self, ending: str) -> Iterator[Weight]:
        """The weights that shorten the state, where a layer has them."""
        return iter(())

    def convention_note(self, *xs: Shape) -> str:
        if not self.bias:
            return ""
        rows = self.gates * self.hidden_size * self.num_layers * self.directions
        return bias_note(self, count(self.weights(*xs)), rows)

    def macs(self, y: Shape, x: Shape, *states: Shape) -> dict[str, Number]:
        n, steps = x[0], x[1]
        rows = self.gates * self.hidden_size
        parts: dict[str, Number] = {"input": 0, "recurrent": 0}
        for _, reads in self.matrices(x):
            parts["input"] = parts["input"] + n * steps * rows * reads
            parts["recurrent"] = parts["recurrent"] + n * steps * rows * self.state_size
        return parts


class RNN(SequenceLayer):
    """The plain recurrent layer: h = tanh(W_ih x + W_hh h + b)."""

    keras = "SimpleRNN"

    proj_size = DROPPED
    roles = {2: ("x", "h")}


class LSTM(SequenceLayer):
    """Long short-term memory: a state h and a cell c, kept by input, forget and output gates (stacked i f g o)."""

    takes = ("N L I", "N D H", "N D H_c")
    inputs = (1, 3)
    gates = 4
    states = ("h_n", "c_n")
    steps = "hcifgo"
    step_equations = LSTM_STEP

    nonlinearity = DROPPED
    roles = {2: ("x", "h"), 3: ("x", "h", "c")}
    kept_steps = 5

    def prepare(self) -> None:
        super().prepare()
        if self.hidden_size < self.proj_size + 1:
            raise Fault(
                "option-value",
                f"proj_size must be smaller than hidden_size = {self.hidden_size}, not {self.proj_size}",
                option="proj_size",
            )

    @property
    def projected(self) -> bool:
        """Whether the state is projected."""
        return not is_zero(self.proj_size)

    @property
    def state_size(self) -> Number:
        return self.proj_size if self.projected else self.hidden_size

    def ports(self, x: Shape, *states: Shape) -> dict[str, Shape]:
        count = self.num_layers * self.directions
        return {"h_n": (x[0], count, self.state_size), "c_n": (x[0], count, self.hidden_size)}

    def projection(self, ending: str) -> Iterator[Weight]:
        if self.projected:
            yield Weight(f"weight_hr{ending}", (self.proj_size, self.hidden_size))

    def macs(self, y: Shape, x: Shape, *states: Shape) -> dict[str, Number]:
        parts = super().macs(y, x)
        if self.projected:
            once = x[0] * x[1] * self.proj_size * self.hidden_size
            parts["projection"] = self.num_layers * self.directions * once
        return parts


class GRU(SequenceLayer):
    """The gated recurrent unit: reset and update gates keep the state (stacked r z n)."""

    gates = 3
    steps = "hrzn"
    step_equations = GRU_STEP

    nonlinearity = DROPPED
    proj_size = DROPPED
    roles = {2: ("x", "h")}
    kept_steps = 5
    reset_after = flag(
        "reset after the product with the state, as in PyTorch; before it, as in the paper, there is one bias",
        default=True,
        keyword_only=True,
    )

    @property
    def two_biases(self) -> bool:
        return bool(self.reset_after) and super().two_biases


def bias_note(layer: Any, count: Number, rows: Number) -> str:
    """What another number of bias vectors, of `rows` numbers each in all, would make of the count."""
    keras = "GRU" in layer.type()  # Keras' GRU has two as well, unless its state is reset first
    if layer.two_biases:
        own = "two bias vectors, as in PyTorch" + (" and Keras" if keras else "")
        one = "textbooks count one" if keras else "Keras and textbooks count one"
        return f"{own}: {counted(count)}; {one}: {counted(count - rows)}"
    others = "PyTorch and Keras count two" if keras else "PyTorch counts two"
    own = "one bias vector, as in textbooks" + ("" if keras else " and Keras")
    return f"{own}: {counted(count)}; {others}: {counted(count + rows)}"


def _and(words: list[str]) -> str:
    return " and ".join(words)
