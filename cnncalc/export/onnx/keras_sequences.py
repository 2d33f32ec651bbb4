"""Keras' recurrent layers and its attention as ONNX operators."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from cnncalc.core.number import as_ints
from cnncalc.export.onnx.attention import attend, causal, heads, joined, repeated
from cnncalc.export.onnx.builder import Builder, Rule
from cnncalc.export.onnx.recurrent import Way, level

if TYPE_CHECKING:
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.keras.attention import Projected
    from cnncalc.layers.keras.recurrent import Recurrent
    from cnncalc.layers.keras.wrapper import Bidirectional

# Where ONNX has each of Keras' gates: i f c o become i o f c, z r h stay.
ORDER = {"LSTM": (0, 3, 1, 2), "GRU": (0, 1, 2), "SimpleRNN": (0,)}
FUNCTIONS = {"tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "Relu", "softsign": "Softsign", "softplus": "Softplus"}


def _functions(g: Builder, layer: Recurrent) -> list[str]:
    """The activations of one direction, in ONNX' order."""
    gate = getattr(layer, "recurrent_activation", None)
    words = {"LSTM": (gate, layer.activation, layer.activation), "GRU": (gate, layer.activation)}
    found = words.get(layer.type(), (layer.activation,))
    if not all(word in FUNCTIONS for word in found):
        raise g.refuse(f"ONNX' {layer.type()} has none of these functions: {', '.join(map(str, found))}")
    return [FUNCTIONS[str(word)] for word in found]


def _read(g: Builder, layer: Recurrent, x: str, states: list[str], prefixes: list[str], **options: object) -> list[str]:
    """The sequence [N, T, directions, units], and the last states [directions, N, units]."""
    ways = []
    for prefix in prefixes:
        bias = (f"{prefix}bias",) if g.has(f"{prefix}bias") else ()
        ways.append(Way(f"{prefix}kernel", f"{prefix}recurrent_kernel", bias))
    kind = "RNN" if layer.type() == "SimpleRNN" else layer.type()
    if kind == "GRU":
        options["linear_before_reset"] = int(bool(layer.__dict__["reset_after"]))
    if len(prefixes) == 1 and layer.go_backwards:
        options["direction"] = "reverse"
    options["activations"] = _functions(g, layer) * len(prefixes)
    turned = g.op("Transpose", x, perm=[1, 0, 2])
    order = ORDER[layer.type()]
    given = [g.unsqueeze(state, 0) for state in states]
    made, *ends = level(g, kind, turned, ways, "", given, order, options, last=True)
    return [g.op("Transpose", made, perm=[2, 0, 1, 3]), *ends]


def _recurrent(g: Builder, layer: Recurrent, xs: list[str], shapes: Shapes) -> dict[str, str]:
    made, *states = _read(g, layer, xs[0], xs[1:], [""])
    ends = [g.squeeze(state, 0) for state in states]
    ports = {}
    if layer.return_state:
        ports = dict(zip(("state_h", "state_c") if len(ends) == 2 else ("state",), ends, strict=True))
    if not layer.return_sequences:
        return {"output": ends[0], **ports}
    whole = g.squeeze(made, 2)
    if layer.go_backwards:
        whole = _reversed(g, whole, shapes[0][1])
    return {"output": whole, **ports}


def _reversed(g: Builder, x: str, length: int) -> str:
    return g.slice(x, 1, length - 1, -(length + 1), -1)


def _bidirectional(g: Builder, layer: Bidirectional, xs: list[str], shapes: Shapes) -> str:
    inner = layer.layer
    if layer.backward_layer is not None or inner.type() not in ORDER or inner.return_state or inner.go_backwards:
        raise g.refuse("both directions are one layer of Keras' RNN, LSTM or GRU, and their states are not given")
    made, state, *_ = _read(g, inner, xs[0], [], ["forward.", "backward."])
    if inner.return_sequences:
        there, here = (g.squeeze(g.slice(made, 2, at, at + 1), 2) for at in (0, 1))
    else:
        there, here = (g.squeeze(g.slice(state, 0, at, at + 1), 0) for at in (0, 1))
    if layer.merge_mode == "concat":
        return g.op("Concat", there, here, axis=-1)
    if layer.merge_mode not in ("sum", "mul", "ave"):
        raise g.refuse("two outputs of one layer are not written out")
    total = g.op("Mul" if layer.merge_mode == "mul" else "Add", there, here)
    return g.op("Mul", total, g.numbers(0.5)) if layer.merge_mode == "ave" else total


def _attention(g: Builder, layer: Projected, xs: list[str], shapes: Shapes) -> str:
    if layer.return_attention_scores or any(len(shape) != 3 for shape in shapes):
        raise g.refuse("its scores are no output here, and its inputs are sequences [length, features]")
    query, value = (xs[0], shapes[0]), (xs[min(1, len(xs) - 1)], shapes[min(1, len(xs) - 1)])
    key = (xs[2], shapes[2]) if len(xs) > 2 else value
    (many, few), (each, wide) = as_ints(layer.heads()), as_ints(layer.each())
    sides = []
    for name, (x, shape), count, size in (
        ("query", query, many, each), ("key", key, few, each), ("value", value, few, wide),
    ):  # fmt: skip
        made = g.op("MatMul", x, _flat(g, f"{name}.kernel", (shape[2], count * size)))
        if g.has(f"{name}.bias"):
            made = g.op("Add", made, _flat(g, f"{name}.bias", (count * size,)))
        sides.append(heads(g, made, shape[1], count, size))
    q, k, v = sides
    length, memory = shapes[0][1], value[1][1]
    k, v = (repeated(g, y, few, many // few, memory, size) for y, size in ((k, each), (v, wide)))
    masks = [causal(g, length, memory)] if layer.use_causal_mask else []
    mixed = joined(g, attend(g, q, k, v, 4, 1 / sqrt(each), masks), length, many * wide)
    out = int(g.row.facts.shape[2])
    made = g.op("MatMul", mixed, _flat(g, "attention_output.kernel", (many * wide, out)))
    return g.op("Add", made, g.weight("attention_output.bias")) if g.has("attention_output.bias") else made


def _flat(g: Builder, name: str, sizes: tuple[int, ...]) -> str:
    """Heads and their features as one axis."""
    return g.store(name, [name], lambda array: array.reshape(sizes))


RULES: dict[str, Rule] = {
    **{f"keras.{kind}": _recurrent for kind in ORDER},
    "keras.Bidirectional": _bidirectional,
    "keras.MultiHeadAttention": _attention,
    "keras.GroupQueryAttention": _attention,
}
