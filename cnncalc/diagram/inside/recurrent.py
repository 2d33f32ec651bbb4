"""The equations of RNN, LSTM and GRU, PyTorch's and Keras', as text: drawn like those that users write."""

from __future__ import annotations

import re
from typing import Any

from cnncalc.core.number import Number, Shape, is_zero
from cnncalc.diagram.inside.cell import cell
from cnncalc.diagram.model import Diagram
from cnncalc.expression.environment import Environment
from cnncalc.layers.cells.parse import read_equation
from cnncalc.layers.cells.shapes import CellShapes
from cnncalc.layers.cells.tree import Names, ordered
from cnncalc.layers.recurrent import RESET_BEFORE

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
    texts: dict[str, str] = dict(layer.step_equations)
    options = layer.__dict__
    function = options.get("activation" if keras else "nonlinearity") or "tanh"
    reset_after = options.get("reset_after")
    if reset_after is False:
        texts["n"] = RESET_BEFORE
    gates = re.findall(r"W_i(\w)", " ".join(texts.values()))
    state, projected = size, options.get("proj_size")
    if projected is not None and not is_zero(projected):
        state = projected
        texts["h"] = "W_hr @ (o * {f}(c))"
    texts = {name: text.replace("{f}", function) for name, text in texts.items()}
    bias = layer.use_bias if keras else layer.bias
    two = reset_after if keras else layer.two_biases
    weights: dict[str, Shape] = {}
    for gate in gates:
        weights[f"W_i{gate}"], weights[f"W_h{gate}"] = (size, x[2]), (size, state)
        for name, there in ((f"b_i{gate}", bias), (f"b_h{gate}", bias and two)):
            if there:
                weights[name] = (size,)
            else:
                texts = {key: text.replace(f" + {name}", "") for key, text in texts.items()}
    if "W_hr" in texts["h"]:
        weights["W_hr"] = (state, size)
    states: dict[str, Shape] = {"h": (state,), **({"c": (size,)} if "c" in texts else {})}
    kinds = {"x": "input", **dict.fromkeys(texts, "step"), **dict.fromkeys(states, "state")}
    names = Names({**kinds, **dict.fromkeys(weights, "weight")}, frozenset(), Environment({}))
    equations = tuple(ordered([read_equation(name, text, "step", names) for name, text in texts.items()]))
    made = cell(diagram, equations, CellShapes(equations, states, weights, {"x": (x[2],)}), biased=True)
    diagram.output = made["h"]
    if not keras:
        many = layer.num_layers
        if type(many) is not int or many > 1:
            diagram.notes.append(f"the first of {many} layers; each further one reads h[t] of the one below")
        if layer.bidirectional:
            diagram.notes.append("the direction forwards; the other one is alike, with weights of its own")
