"""The equations of RNN, LSTM and GRU, PyTorch's and Keras', as text: drawn like those that users write."""

from __future__ import annotations

from typing import Any

from cnncalc.core.number import Number, Shape, is_zero
from cnncalc.diagram.inside.cell import cell
from cnncalc.diagram.model import Diagram
from cnncalc.expression.environment import Environment
from cnncalc.layers.cells.parse import read_equation
from cnncalc.layers.cells.shapes import CellShapes
from cnncalc.layers.cells.tree import Names, ordered

# W_i* and W_h* stand for a product with the input and with the state, with its bias.
RNN = {"h": "{f}(W_ih @ x[t] + b_ih + W_hh @ h[t-1] + b_hh)"}
LSTM = {
    "i": "sigmoid(W_ii @ x[t] + b_ii + W_hi @ h[t-1] + b_hi)",
    "f": "sigmoid(W_if @ x[t] + b_if + W_hf @ h[t-1] + b_hf)",
    "g": "{f}(W_ig @ x[t] + b_ig + W_hg @ h[t-1] + b_hg)",
    "o": "sigmoid(W_io @ x[t] + b_io + W_ho @ h[t-1] + b_ho)",
    "c": "f * c[t-1] + i * g",
    "h": "o * {f}(c)",
}
GRU = {
    "r": "sigmoid(W_ir @ x[t] + b_ir + W_hr @ h[t-1] + b_hr)",
    "z": "sigmoid(W_iz @ x[t] + b_iz + W_hz @ h[t-1] + b_hz)",
    "n": "{f}(W_in @ x[t] + b_in + r * (W_hn @ h[t-1] + b_hn))",
    "h": "(1 - z) * n + z * h[t-1]",
}
GATES = {"RNN": "h", "SimpleRNN": "h", "LSTM": "ifgo", "GRU": "rzn"}
KNOWN = {"RNN": RNN, "SimpleRNN": RNN, "LSTM": LSTM, "GRU": GRU}
FUNCTIONS = ("tanh", "relu", "sigmoid")


def drawable(layer: Any) -> bool:
    """Whether the functions of a layer with gates are those that equations have."""
    if layer.convention != "keras":
        return True
    return layer.activation in FUNCTIONS and layer.recurrent_activation in (None, "sigmoid")


def draw(diagram: Diagram, layer: Any, x: Shape) -> None:
    """Draw one step into `diagram`: of the first layer, forwards, where there are several."""
    keras = layer.convention == "keras"
    size: Number = layer.units if keras else layer.hidden_size
    texts = dict(KNOWN[layer.type()])
    function = (getattr(layer, "activation", None) if keras else getattr(layer, "nonlinearity", None)) or "tanh"
    before = layer.type() == "GRU" and not layer.reset_after
    if before:
        texts["n"] = "{f}(W_in @ x[t] + b_in + W_hn @ (r * h[t-1]) + b_hn)"
    state = size
    if getattr(layer, "proj_size", None) is not None and not is_zero(layer.proj_size):
        state = layer.proj_size
        texts["h"] = "W_hr @ (o * {f}(c))"
    texts = {name: text.replace("{f}", function) for name, text in texts.items()}
    bias = layer.use_bias if keras else layer.bias
    two = layer.type() == "GRU" and layer.reset_after if keras else layer.two_biases
    weights: dict[str, Shape] = {}
    for gate in GATES[layer.type()]:
        weights[f"W_i{gate}"], weights[f"W_h{gate}"] = (size, x[2]), (size, state)
        for name, there in ((f"b_i{gate}", bias), (f"b_h{gate}", bias and two)):
            if there:
                weights[name] = (size,)
            else:
                texts = {key: text.replace(f" + {name}", "") for key, text in texts.items()}
    if "W_hr" in texts["h"]:
        weights["W_hr"] = (state, size)
    states: dict[str, Shape] = {"h": (state,), **({"c": (size,)} if layer.type() == "LSTM" else {})}
    kinds = {"x": "input", **dict.fromkeys(texts, "step"), **dict.fromkeys(states, "state")}
    names = Names({**kinds, **dict.fromkeys(weights, "weight")}, frozenset(), Environment({}))
    equations = tuple(ordered([read_equation(name, text, "step", names) for name, text in texts.items()]))
    made = cell(diagram, equations, CellShapes(equations, states, weights, (x[2],)), biased=True)
    diagram.output = made["h"]
    if not keras:
        many = layer.num_layers
        if type(many) is not int or many > 1:
            diagram.notes.append(f"the first of {many} layers; each further one reads h[t] of the one below")
        if layer.bidirectional:
            diagram.notes.append("the direction forwards; the other one is alike, with weights of its own")
