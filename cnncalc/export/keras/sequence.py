"""Attention and recurrent layers in Keras' words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.core.number import Shape
from cnncalc.export.call import literal
from cnncalc.export.keras.piece import (
    Piece,
    Rule,
    Turn,
    has,
    made,
    named,
    no,
    same,
)
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.layers.attention import Attention
    from cnncalc.layers.multihead import MultiheadAttention


def _heads(row: Row, parts: Any, count: int, options: list[str], inputs: int, causal: bool) -> Piece:
    """Keras' MultiHeadAttention; `parts` give the arrays of query, key, value and output."""
    names = ["{0}", f"{{{min(1, inputs - 1)}}}", f"{{{min(2, inputs - 1)}}}"]
    taken = f"{names[0]}, {names[2]}, key={names[1]}" + (", use_causal_mask=True" if causal else "")
    return made(row, "MultiHeadAttention", ", ".join(options), taken, parts)


def _multihead(row: Row, layer: MultiheadAttention, xs: tuple[Shape, ...]) -> Piece:
    if len(xs) > 3 or layer.add_bias_kv or layer.add_zero_attn:
        raise no(row, "masks that are inputs, add_bias_kv and add_zero_attn are not written")
    count, size = layer.num_heads, xs[0][-1]
    each = size // count
    bias = has(row, "in_proj_bias")
    if not has(row, "in_proj_weight"):
        raise no(row, "keys and values of another size are not written")
    arrays: list[Any] = []
    for at in range(3):
        arrays.append((("in_proj_weight",), _slice_of(at, size, (count, each))))
        if bias:
            arrays.append((("in_proj_bias",), _bias_of(at, size, (count, each))))
    arrays.append((("out_proj.weight",), lambda array: array.T.reshape(count, each, size)))
    if bias:
        arrays.append((("out_proj.bias",), same))
    options = [str(count), str(each)] + ([] if bias else ["use_bias=False"])
    return _heads(row, arrays, count, options, len(xs), layer.is_causal)


def _slice_of(at: int, size: int, sizes: tuple[int, int]) -> Turn:
    return lambda array: array[at * size : (at + 1) * size].T.reshape(array.shape[1], *sizes)


def _bias_of(at: int, size: int, sizes: tuple[int, int]) -> Turn:
    return lambda array: array[at * size : (at + 1) * size].reshape(sizes)


def _attention(row: Row, layer: Attention, xs: tuple[Shape, ...]) -> Piece:
    count = layer.num_heads
    special = layer.norm, layer.turn, layer.window, layer.alibi or None, layer.softcap
    if any(one is not None for one in special) or (layer.num_kv_heads or count) != count:
        raise no(row, "norms, rotations, windows, ALiBi, caps and shared heads are not written")
    if layer.scale != "sqrt_dk" or not has(row, "W_o"):
        raise no(row, "Keras divides by the root of a head's size and has an output projection")
    widths = {held.name: held.shape for held in row.facts.weights}
    each, value = widths["W_q"][1] // count, widths["W_v"][1] // count
    bias = has(row, "b_q")
    arrays: list[Any] = []
    for letter, size in (("q", each), ("k", each), ("v", value)):
        arrays.append(((f"W_{letter}",), _as((-1, count, size))))
        if bias:
            arrays.append(((f"b_{letter}",), _as((count, size))))
    arrays.append((("W_o",), _as((count, value, -1))))
    if bias:
        arrays.append((("b_o",), same))
    options = [str(count), str(each)] + ([f"value_dim={value}"] if value != each else [])
    options += [] if bias else ["use_bias=False"]
    return _heads(row, arrays, count, options, len(xs), bool(layer.causal))


def _as(sizes: tuple[int, ...]) -> Turn:
    return lambda array: array.reshape(sizes)


def _recurrent(kind: str) -> Rule:
    def rule(row: Row, layer: Any, xs: tuple[Shape, ...]) -> Piece:
        if len(xs) > 1 or any(held.name.startswith("weight_hr") for held in row.facts.weights):
            raise no(row, "given states and projections are not written")
        if kind != "GRU" and layer.bias and layer.two_biases:
            raise no(row, "Keras has one bias vector", "bias_vectors=1 counts as Keras does")
        if kind == "GRU" and layer.bias and not layer.two_biases:
            raise no(row, "Keras' GRU that resets after has two bias vectors")
        call, held = "{0}", []
        for level in range(layer.num_layers):
            name = named(row.name if layer.num_layers == 1 else f"{row.name}.{level}")
            words = [literal(layer.hidden_size), "return_sequences=True"]
            words += [] if layer.bias else ["use_bias=False"]
            if kind == "SimpleRNN" and layer.nonlinearity == "relu":
                words.append('activation="relu"')
            sides = ["", "_reverse"] if layer.bidirectional else [""]
            arrays = [array for side in sides for array in _gates(row, kind, f"_l{level}{side}")]
            cell = f"layers.{kind}({', '.join(words)}"
            cell = (
                f"layers.Bidirectional({cell}), name={literal(name)})"
                if len(sides) > 1
                else f"{cell}, name={literal(name)})"
            )
            call = f"{cell}({call})"
            held.append((name, tuple(arrays)))
        return Piece(call, tuple(held))

    return rule


# Where Keras has each of PyTorch's gates: its GRU has z r h.
ORDER = {"LSTM": (0, 1, 2, 3), "GRU": (1, 0, 2), "SimpleRNN": (0,)}


def _gates(row: Row, kind: str, ending: str) -> list[Any]:
    import numpy as np

    def sort(array: Any) -> Any:
        gates = np.split(array, len(ORDER[kind]))
        return np.concatenate([gates[at] for at in ORDER[kind]])

    arrays: list[Any] = [((f"weight_{part}{ending}",), lambda array: sort(array).T) for part in ("ih", "hh")]
    if has(row, f"bias_ih{ending}"):
        if kind == "GRU":
            names = (f"bias_ih{ending}", f"bias_hh{ending}")
            arrays.append((names, lambda *two: np.stack([sort(one) for one in two])))
        else:
            arrays.append(((f"bias_ih{ending}",), sort))
    return arrays


RULES: dict[str, Rule] = {
    "MultiheadAttention": _multihead,
    "Attention": _attention,
    "LSTM": _recurrent("LSTM"),
    "GRU": _recurrent("GRU"),
    "RNN": _recurrent("SimpleRNN"),
}
