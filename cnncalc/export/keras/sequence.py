"""Attention and recurrent layers in Keras' words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.core.number import Shape, as_ints
from cnncalc.export.call import default, literal
from cnncalc.export.keras.own import least, stacked
from cnncalc.export.keras.piece import Piece, Rule, Turn, has, made, named, no, own, same, turned
from cnncalc.layers.recurrent import GRU
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.number import Number
    from cnncalc.execute.kernel import Array
    from cnncalc.export.keras.piece import Held
    from cnncalc.layers.attention import Attention
    from cnncalc.layers.dot_product import ScaledDotProductAttention
    from cnncalc.layers.latent_attention import LatentAttention
    from cnncalc.layers.mixture import GatedFeedForward
    from cnncalc.layers.multihead import MultiheadAttention
    from cnncalc.layers.position import PositionalEmbedding, RotaryEmbedding
    from cnncalc.layers.recurrent import SequenceLayer


def _heads(row: Row, parts: Sequence[Held], count: int, options: list[str], inputs: int, causal: bool) -> Piece:
    """Keras' MultiHeadAttention; `parts` give the arrays of query, key, value and output."""
    names = ["{0}", f"{{{min(1, inputs - 1)}}}", f"{{{min(2, inputs - 1)}}}"]
    taken = f"{names[0]}, {names[2]}, key={names[1]}" + (", use_causal_mask=True" if causal else "")
    return made(row, "MultiHeadAttention", ", ".join(options), taken, parts)


def _multihead(row: Row, layer: MultiheadAttention, xs: tuple[Shape, ...]) -> Piece:
    if len(xs) > 3 or layer.add_bias_kv or layer.add_zero_attn:
        raise no(row, "masks that are inputs, add_bias_kv and add_zero_attn are not written")
    count, size = layer.num_heads, int(xs[0][-1])
    each = size // count
    bias = has(row, "in_proj_bias")
    if not has(row, "in_proj_weight"):
        raise no(row, "keys and values of another size are not written")
    arrays: list[Held] = []
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
    special = layer.norm, layer.turn, layer.window, layer.alibi or None, layer.softcap, layer.sinks or None
    shared = (layer.num_kv_heads or count) != count
    if any(one is not None for one in special) or shared or layer.scale != "sqrt_dk" or not has(row, "W_o"):
        return _own_attention(row, layer, xs)
    widths = {held.name: as_ints(held.shape) for held in row.facts.weights}
    each, value = widths["W_q"][1] // count, widths["W_v"][1] // count
    bias = has(row, "b_q")
    arrays: list[Held] = []
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


def _own_attention(row: Row, layer: Attention, xs: tuple[Shape, ...]) -> Piece:
    """What Keras' layer does not do, by a class of its own."""
    widths = {held.name: as_ints(held.shape) for held in row.facts.weights}
    few = layer.num_kv_heads or layer.num_heads
    size = widths["W_q"][1] // layer.num_heads
    divisor = {"sqrt_dk": size**0.5, "sqrt_dmodel": xs[0][-1] ** 0.5, "none": 1.0}.get(layer.scale)
    norm = None if layer.norm is None else {"kind": layer.norm.type(), "eps": least(layer.norm)}
    return own(row, "Attention", {
        "num_heads": layer.num_heads, "head_dim": size, "value_dim": widths["W_v"][1] // few, "num_kv_heads": few,
        "bias": layer.bias, "out_proj": layer.out_proj, "scale": float(layer.scale) if divisor is None else divisor,
        "causal": layer.causal, "window": layer.window, "rope": _turns(layer.turn), "qk_norm": norm,
        "softcap": layer.softcap, "alibi": layer.alibi, "sinks": layer.sinks,
    })  # fmt: skip


def _latent(row: Row, layer: LatentAttention, xs: tuple[Shape, ...]) -> Piece:
    names = ("num_heads", "kv_lora_rank", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "bias",
             "causal", "eps")  # fmt: skip
    size = layer.qk_nope_head_dim + layer.qk_rope_head_dim
    options = {name: layer.__dict__[name] for name in names} | {"rope": _turns(layer.turn)}
    return own(row, "LatentAttention", options | {"scale": size**0.5 if layer.scale is None else float(layer.scale)})


def _turns(layer: RotaryEmbedding | None) -> dict[str, object] | None:
    """The options of a rotation that are not the usual ones."""
    if layer is None:
        return None
    names = [name for name in layer.options if name != "dim"]
    given = {name: layer.__dict__[name] for name in names}
    return {name: value for name, value in given.items() if value != default(layer, layer.options[name])}


def _rotary(row: Row, layer: RotaryEmbedding, xs: tuple[Shape, ...]) -> Piece:
    return own(row, "RotaryEmbedding", {"dim": layer.dim or xs[0][-1], **(_turns(layer) or {})})


def _dot_product(row: Row, layer: ScaledDotProductAttention, xs: tuple[Shape, ...]) -> Piece:
    if len(xs) > 3 and (layer.is_causal or len(xs[3]) != len(xs[0])):
        raise no(row, "a mask has the axes of the scores, and is_causal is another one")
    options = {"is_causal": layer.is_causal, "scale": layer.scale, "enable_gqa": layer.enable_gqa}
    options["window"] = layer.window
    return own(row, "ScaledDotProductAttention", options)


def _position(row: Row, layer: PositionalEmbedding, xs: tuple[Shape, ...]) -> Piece:
    learned = layer.kind == "learned"
    rows = row.facts.weights[0].shape[0] if learned else None
    return own(row, "PositionalEmbedding", {"num_embeddings": rows, "kind": layer.kind})


def _gated(row: Row, layer: GatedFeedForward, xs: tuple[Shape, ...]) -> Piece:
    """Three dense layers and a product."""
    function = {"SwiGLU": "silu", "GEGLU": "gelu", "ReGLU": "relu"}[layer.type()]
    bias = "" if layer.bias else ", use_bias=False"
    held = []

    def dense(part: str, units: Number, of: str) -> str:
        name = named(f"{row.name}.{part}")
        arrays: list[Held] = [((f"{part}.weight",), turned)]
        arrays += [((f"{part}.bias",), same)] if layer.bias else []
        held.append((name, tuple(arrays)))
        return f"layers.Dense({literal(units)}{bias}, name={literal(name)})({of})"

    gate = dense("gate_proj", layer.hidden_features, "{0}")
    gate = f"ops.gelu({gate}, approximate=False)" if function == "gelu" else f"ops.{function}({gate})"
    hidden = f"layers.Multiply()([{gate}, {dense('up_proj', layer.hidden_features, '{0}')}])"
    return Piece(dense("down_proj", row.facts.shape[-1], hidden), tuple(held))


def _as(sizes: tuple[int, ...]) -> Turn:
    return lambda array: array.reshape(sizes)


def _recurrent(kind: str) -> Rule:
    def rule(row: Row, layer: SequenceLayer, xs: tuple[Shape, ...]) -> Piece:
        if len(xs) > 1 or any(held.name.startswith("weight_hr") for held in row.facts.weights):
            return stacked(row, layer, xs)  # states and projections
        if (layer.bias and layer.two_biases != (kind == "GRU")) or (isinstance(layer, GRU) and not layer.reset_after):
            return stacked(row, layer, xs)
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


def _gates(row: Row, kind: str, ending: str) -> list[Held]:
    import numpy as np

    def sort(array: Array) -> Array:
        gates = np.split(array, len(ORDER[kind]))
        return np.concatenate([gates[at] for at in ORDER[kind]])

    arrays: list[Held] = [((f"weight_{part}{ending}",), lambda array: sort(array).T) for part in ("ih", "hh")]
    if has(row, f"bias_ih{ending}"):
        if kind == "GRU":
            names = (f"bias_ih{ending}", f"bias_hh{ending}")
            arrays.append((names, lambda *two: np.stack([sort(one) for one in two])))
        else:
            arrays.append(((f"bias_ih{ending}",), sort))
    return arrays


RULES: dict[str, Rule] = {
    "RotaryEmbedding": _rotary,
    "ScaledDotProductAttention": _dot_product,
    "CausalMask": lambda row, layer, xs: own(row, "CausalMask", {}),
    "PositionalEmbedding": _position,
    "ClassToken": lambda row, layer, xs: own(row, "ClassToken", {"tokens": layer.tokens}),
    "Parameter": lambda row, layer, xs: own(
        row, "Parameter", {"shape": tuple(row.facts.shape[1:]), "init": layer.init}, "{first}"
    ),
    **dict.fromkeys(("SwiGLU", "GEGLU", "ReGLU"), _gated),
    "MultiheadAttention": _multihead,
    "Attention": _attention,
    "LatentAttention": _latent,
    "LSTM": _recurrent("LSTM"),
    "GRU": _recurrent("GRU"),
    "RNN": _recurrent("SimpleRNN"),
}
