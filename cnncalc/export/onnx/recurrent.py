"""Recurrent layers as ONNX operators: their gates stand in another order there."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncalc.export.onnx.builder import Builder
from cnncalc.export.onnx.plain import Rule

# Where ONNX has each of PyTorch's gates: i f g o become i o f c, r z n become z r h.
ORDER = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}


def _sorted(array: Any, kind: str) -> Any:
    gates = np.split(array, len(ORDER[kind]))
    return np.concatenate([gates[at] for at in ORDER[kind]])


def _level(g: Builder, layer: Any, kind: str, x: str, endings: list[str], word: str, states: list[str]) -> list[str]:
    """One level in all its directions over [T, N, features]: the sequence and the last states."""
    hidden = g.array(f"weight_hh{endings[0]}").shape[1]
    stacked = {
        name: np.stack([_sorted(g.array(f"weight_{part}{ending}"), kind) for ending in endings])
        for name, part in (("W", "ih"), ("R", "hh"))
    }
    names = [g.store(f"{name}{word}", array) for name, array in stacked.items()]
    bias = None
    if g.has(f"bias_ih{endings[0]}"):
        first = np.stack([_sorted(g.array(f"bias_ih{ending}"), kind) for ending in endings])
        if g.has(f"bias_hh{endings[0]}"):
            second = np.stack([_sorted(g.array(f"bias_hh{ending}"), kind) for ending in endings])
            bias = g.store(f"B{word}", np.concatenate([first, second], 1))
        else:
            nothing = g.numbers(np.zeros_like(first))
            bias = g.op("Concat", g.store(f"B{word}", first), nothing, axis=1)
    options: dict[str, Any] = {"hidden_size": hidden, "direction": "bidirectional" if len(endings) > 1 else "forward"}
    if kind == "GRU":
        options["linear_before_reset"] = int(bool(getattr(layer, "reset_after", True)))
    if kind == "RNN":
        name = "Relu" if layer.nonlinearity == "relu" else "Tanh"
        options["activations"] = [name] * len(endings)
    count = 3 if kind == "LSTM" else 2
    return g.ops(kind, (x, *names, bias, None, *states), count, **options)


def _recurrent(kind: str) -> Rule:
    def rule(g: Builder, layer: Any, xs: list[str], shapes: Any) -> dict[str, str]:
        if any(held.name.startswith("weight_hr") for held in g.row.facts.weights):
            raise g.refuse("ONNX has no projection of the state")
        sides = ["", "_reverse"] if layer.bidirectional else [""]
        length = shapes[0][1]
        given = [g.op("Transpose", state, perm=[1, 0, 2]) for state in xs[1:]]
        x = g.op("Transpose", xs[0], perm=[1, 0, 2])
        last: list[list[str]] = []
        for level in range(layer.num_layers):
            endings = [f"_l{level}{side}" for side in sides]
            start = level * len(sides)
            states = [g.slice(state, 0, start, start + len(sides)) for state in given]
            made = _level(g, layer, kind, x, endings, str(level or ""), states)
            last.append(made[1:])
            hidden = g.array(f"weight_hh{endings[0]}").shape[1] * len(sides)
            turned = g.op("Transpose", made[0], perm=[0, 2, 1, 3])
            x = g.op("Reshape", turned, g.whole([length, -1, hidden]))
        ports = {}
        for at, name in enumerate(("h_n", "c_n")[: len(last[0])]):
            parts = [states[at] for states in last]
            whole = g.op("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]
            ports[name] = g.op("Transpose", whole, perm=[1, 0, 2])
        return {"output": g.op("Transpose", x, perm=[1, 0, 2]), **ports}

    return rule


def _cell(kind: str) -> Rule:
    def rule(g: Builder, layer: Any, xs: list[str], shapes: Any) -> dict[str, str]:
        x, *states = (g.op("Unsqueeze", name, g.whole([0])) for name in xs)
        made = _level(g, layer, kind, x, [""], "", states)
        ends = [g.op("Squeeze", name, g.whole([0])) for name in made[1:]]
        return {"output": ends[0], **dict(zip(("h", "c"), ends, strict=False))}

    return rule


RULES: dict[str, Rule] = {
    **{kind: _recurrent(kind) for kind in ORDER},
    **{f"{kind}Cell": _cell(kind) for kind in ORDER},
}
