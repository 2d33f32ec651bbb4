"""Attention, transformers, gated nets and rotations as ONNX operators."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from cnncalc.export.onnx.activations import activation
from cnncalc.export.onnx.builder import Builder, Rule
from cnncalc.export.onnx.plain import aligned
from cnncalc.export.onnx.spatial import layer_norm, rms_norm
from cnncalc.layers.layer_norm import LayerNorm, RMSNorm, TrailingNorm

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.attention import Attention
    from cnncalc.layers.dot_product import ScaledDotProductAttention
    from cnncalc.layers.mixture import GatedFeedForward
    from cnncalc.layers.multihead import MultiheadAttention
    from cnncalc.layers.position import RotaryEmbedding
    from cnncalc.layers.transformer import Block, Stacked, Transformer


One = TypeVar("One")


def attend(
    g: Builder, q: str, k: str, v: str, rank: int, scale: float, masks: list[str], cap: float | None = None,
    sinks: tuple[int, ...] = (),
) -> str:  # fmt: skip
    """softmax(q k^T scale + masks) v, the last two axes of each a matrix.

    sinks   heads, length and memory where each head has a score of its own that no value belongs to
    """
    perm = [*range(rank - 2), rank - 1, rank - 2]
    scores = g.op("MatMul", g.op("Mul", q, g.numbers(scale)), g.op("Transpose", k, perm=perm))
    if cap is not None:
        scores = g.op("Mul", g.op("Tanh", g.op("Div", scores, g.numbers(cap))), g.numbers(cap))
    for mask in masks:
        scores = g.op("Add", scores, mask)
    if sinks:
        count, length, memory = sinks
        own = g.op("Reshape", g.weight("sinks"), g.whole([1, count, 1, 1]))
        scores = g.op("Concat", scores, g.expand(own, (count, length, 1)), axis=-1)
        return g.op("MatMul", g.slice(g.op("Softmax", scores, axis=-1), 3, 0, memory), v)
    return g.op("MatMul", g.op("Softmax", scores, axis=-1), v)


def heads(g: Builder, x: str, length: int, count: int, size: int) -> str:
    """[N, L, h d] as [N, h, L, d]."""
    return g.op("Transpose", g.reshape(x, (length, count, size)), perm=[0, 2, 1, 3])


def joined(g: Builder, x: str, length: int, features: int) -> str:
    """[N, h, L, d] as [N, L, h d]."""
    return g.reshape(g.op("Transpose", x, perm=[0, 2, 1, 3]), (length, features))


def repeated(g: Builder, x: str, count: int, times: int, length: int, size: int) -> str:
    """[N, h, L, d] with each head `times` times in a row."""
    if times == 1:
        return x
    apart = g.op("Expand", g.reshape(x, (count, 1, length, size)), g.whole([1, count, times, length, size]))
    return g.reshape(apart, (count * times, length, size))


def causal(g: Builder, length: int, memory: int, window: int | None = None, both: bool = False) -> str:
    """-infinity where a position may not read, 0 elsewhere [length, memory]."""

    def make() -> str:
        ahead = g.positions(length, memory)
        if both:
            where = g.op("GreaterOrEqual", g.op("Abs", ahead), g.numbers(window))
        else:
            where = g.op("Greater", ahead, g.numbers(0))
            if window is not None:
                where = g.op("Or", where, g.op("LessOrEqual", ahead, g.numbers(-window)))
        return g.op("Where", where, g.numbers(-np.inf), g.numbers(0))

    return g.shared(("mask", length, memory, window, both), make)


def sources(values: Sequence[One]) -> tuple[One, One, One]:
    """Query, key and value from one, two or three inputs."""
    return values[0], values[min(1, len(values) - 1)], values[min(2, len(values) - 1)]


def _part(g: Builder, name: str, start: int, stop: int) -> str:
    """Some rows of a weight; what is sliced stays one initializer."""
    return g.slice(g.weight(name), 0, start, stop)


def multi_head(
    g: Builder, prefix: str, count: int, given: list[str], shapes: Shapes, masks: list[str], is_causal: bool
) -> str:
    """PyTorch's multi-head attention, its weights under a prefix."""
    (query, key, value), (x, memory, other) = sources(given), sources(shapes)
    size = x[2]
    for name in ("bias_k", "bias_v"):
        if g.has(prefix + name):
            raise g.refuse("a bias that is a further key is not written out")
    bias = g.has(f"{prefix}in_proj_bias")
    sides = []
    lengths = (x[1], memory[1], other[1])
    if g.has(f"{prefix}in_proj_weight") and query == key == value:
        whole = g.affine(query, f"{prefix}in_proj_weight", f"{prefix}in_proj_bias")
        sides = g.ops("Split", (whole, g.whole([size] * 3)), 3, axis=2)
    else:
        for at, (source, letter) in enumerate(zip((query, key, value), "qkv", strict=True)):
            if g.has(f"{prefix}in_proj_weight"):
                rows = _part(g, f"{prefix}in_proj_weight", at * size, (at + 1) * size)
                made = g.op("MatMul", source, g.op("Transpose", rows, perm=[1, 0]))
            else:
                made = g.op("MatMul", source, g.weight(f"{prefix}{letter}_proj_weight", True))
            if bias:
                made = g.op("Add", made, _part(g, f"{prefix}in_proj_bias", at * size, (at + 1) * size))
            sides.append(made)
    q, k, v = (heads(g, side, length, count, size // count) for side, length in zip(sides, lengths, strict=True))
    if is_causal:
        masks = [*masks, causal(g, x[1], memory[1])]
    mixed = joined(g, attend(g, q, k, v, 4, 1 / sqrt(size // count), masks), x[1], size)
    return g.linear(f"{prefix}out_proj", mixed)


def _multihead(g: Builder, layer: MultiheadAttention, xs: list[str], shapes: Shapes) -> str:
    if layer.add_zero_attn:
        raise g.refuse("add_zero_attn is not written out")
    return multi_head(
        g, "", layer.num_heads, xs[:3], shapes[:3], aligned(g, xs[3:], shapes[3:], 4), layer.is_causal
    )  # fmt: skip


def _attention(g: Builder, layer: Attention, xs: list[str], shapes: Shapes) -> str:
    (query, key, value), (x, memory, other) = sources(xs), sources(list(shapes))
    q, k, v = (
        g.affine(source, f"W_{letter}", f"b_{letter}", turned=False)
        for source, letter in ((query, "q"), (key, "k"), (value, "v"))
    )
    count, shared = layer.num_heads, layer.num_kv_heads or layer.num_heads
    widths = {held.name: int(held.shape[1]) for held in g.row.facts.weights if held.name.startswith("W_")}
    each, value_size = widths["W_q"] // count, widths["W_v"] // shared
    q = heads(g, q, x[1], count, each)
    k, v = heads(g, k, memory[1], shared, each), heads(g, v, other[1], shared, value_size)
    if layer.norm is not None:
        q, k = (_normal(g, layer.norm, name, part, each) for name, part in (("q_norm", q), ("k_norm", k)))
    if layer.turn is not None:
        q, k = rotated(g, layer.turn, q, x[1], each), rotated(g, layer.turn, k, memory[1], each)
    k = repeated(g, k, shared, count // shared, memory[1], each)
    v = repeated(g, v, shared, count // shared, other[1], value_size)
    divisor = {"sqrt_dk": sqrt(each), "sqrt_dmodel": sqrt(x[-1]), "none": 1.0}.get(layer.scale)
    masks = []
    if layer.causal or layer.window is not None:
        masks.append(causal(g, x[1], memory[1], layer.window, both=not layer.causal))
    if layer.alibi:
        masks.append(distances(g, count, x[1], memory[1]))
    scale = 1 / float(layer.scale if divisor is None else divisor)
    sinks = (count, x[1], memory[1]) if layer.sinks else ()
    made = joined(g, attend(g, q, k, v, 4, scale, masks, layer.softcap, sinks), x[1], count * value_size)
    return g.affine(made, "W_o", "b_o", turned=False) if g.has("W_o") else made


def _normal(g: Builder, norm: TrailingNorm, name: str, x: str, size: int) -> str:
    weight = f"{name}.weight" if g.has(f"{name}.weight") else None
    if isinstance(norm, RMSNorm):
        return rms_norm(g, x, 1, norm.eps, weight)
    assert isinstance(norm, LayerNorm)
    return layer_norm(g, x, 1, norm.eps, (size,), weight, f"{name}.bias" if g.has(f"{name}.bias") else None)


def distances(g: Builder, count: int, length: int, memory: int) -> str:
    """Minus the distance of each pair of positions times the slope of each head (Press et al. 2021)."""
    whole = 1 << (count.bit_length() - 1)
    slopes = [2 ** (-8 * (at + 1) / whole) for at in range(whole)]
    slopes += [2 ** (-4 * (at + 1) / whole) for at in range(0, 2 * (count - whole), 2)]

    def make() -> str:
        return g.op("Mul", g.op("Abs", g.positions(length, memory)), g.numbers(-np.array(slopes)[:, None, None]))

    return g.shared(("distances", count, length, memory), make)


def rotated(g: Builder, turn: RotaryEmbedding, x: str, length: int, features: int) -> str:
    """[N, h, L, d] with pairs of features rotated by the angle of the position (Su et al. 2021)."""
    size = int(turn.turning(features))
    half = size // 2
    angles = np.arange(length)[:, None] * _speeds(turn, size, int(turn.part(features)))
    sin, cos = g.numbers(np.sin(angles)), g.numbers(np.cos(angles))
    if turn.interleaved:
        first, second = g.slice(x, 3, 0, size, 2), g.slice(x, 3, 1, size, 2)
    else:
        first, second = g.slice(x, 3, 0, half), g.slice(x, 3, half, size)
    left = g.op("Sub", g.op("Mul", first, cos), g.op("Mul", second, sin))
    right = g.op("Add", g.op("Mul", second, cos), g.op("Mul", first, sin))
    if turn.interleaved:
        pairs = [g.op("Unsqueeze", side, g.whole([4])) for side in (left, right)]
        made = g.op("Reshape", g.op("Concat", *pairs, axis=4), g.whole([0, 0, length, size]))
    else:
        made = g.op("Concat", left, right, axis=3)
    return made if size == features else g.op("Concat", made, g.slice(x, 3, size, features), axis=3)


def _speeds(turn: RotaryEmbedding, size: int, part: int) -> Array:
    speeds = 1 / float(turn.base) ** (2 * np.arange(size // 2) / max(part, 1))
    if turn.original_length is None:
        return speeds / turn.factor
    waves = turn.original_length * speeds / (2 * np.pi)
    low, high = turn.low_freq_factor, turn.high_freq_factor
    kept = np.clip((waves - low) / (high - low), 0, 1)
    return speeds * (kept + (1 - kept) / turn.factor)


def _rotary(g: Builder, layer: RotaryEmbedding, xs: list[str], shapes: Shapes) -> str:
    length, features = shapes[0][-2:]
    size = layer.dim or features
    if len(shapes[0]) == 4 and size == features:
        return rotated(g, layer, xs[0], length, size)
    if len(shapes[0]) != 3:
        raise g.refuse("sequences [length, features] are rotated, and heads of their own")
    apart = heads(g, xs[0], length, features // size, size)
    return joined(g, rotated(g, layer, apart, length, size), length, features)


def _dot_product(g: Builder, layer: ScaledDotProductAttention, xs: list[str], shapes: Shapes) -> str:
    x, memory, other = shapes[:3]
    rank = len(x)
    key, value = xs[1], xs[2]
    if layer.enable_gqa:
        if rank != 4:
            raise g.refuse("heads are shared in four axes only")
        times = x[1] // memory[1]
        key = repeated(g, key, memory[1], times, memory[2], memory[3])
        value = repeated(g, value, other[1], times, other[2], other[3])
    masks = aligned(g, xs[3:], shapes[3:], rank)
    if layer.is_causal:
        masks.append(causal(g, x[-2], memory[-2], layer.window))
    scale = 1 / sqrt(x[-1]) if layer.scale is None else float(layer.scale)
    return attend(g, xs[0], key, value, rank, scale, masks)


# --- transformers --------------------------------------------------------------------------------------------------


def _norm(g: Builder, prefix: str, eps: float, x: str, size: int) -> str:
    weight = f"{prefix}.weight" if g.has(f"{prefix}.weight") else None
    return layer_norm(g, x, 1, eps, (size,), weight, f"{prefix}.bias" if g.has(f"{prefix}.bias") else None)


def _layer(g: Builder, layer: Block, prefix: str, xs: list[str], shapes: Shapes) -> str:
    """One layer of an encoder, or of a decoder where the second input is its memory."""
    x, eps, size = xs[0], layer.layer_norm_eps, shapes[0][2]

    def own(y: str) -> str:
        return multi_head(g, f"{prefix}self_attn.", layer.nhead, [y], shapes[:1], [], layer.is_causal)

    def cross(y: str) -> str:
        return multi_head(g, f"{prefix}multihead_attn.", layer.nhead, [y, xs[1]], shapes, [], False)

    def net(y: str) -> str:
        return g.linear(f"{prefix}linear2", activation(g, layer.activation, g.linear(f"{prefix}linear1", y)))

    for number, part in enumerate([own, net] if len(xs) == 1 else [own, cross, net], 1):
        if layer.norm_first:
            x = g.op("Add", x, part(_norm(g, f"{prefix}norm{number}", eps, x, size)))
        else:
            x = _norm(g, f"{prefix}norm{number}", eps, g.op("Add", x, part(x)), size)
    return x


def _no_masks(g: Builder, xs: list[str], count: int) -> None:
    if len(xs) > count:
        raise g.refuse("masks that are inputs are not written out", "is_causal=True writes a causal mask")


def _one_layer(g: Builder, layer: Block, xs: list[str], shapes: Shapes) -> str:
    _no_masks(g, xs, 1 + ("Decoder" in layer.type()))
    return _layer(g, layer, "", xs, shapes)


def _stacked(g: Builder, layer: Stacked, prefix: str, xs: list[str], shapes: Shapes) -> str:
    x = xs[0]
    for number in range(layer.num_layers):
        x = _layer(g, layer.each, f"{prefix}layers.{number}.", [x, *xs[1:]], shapes)
    return x if layer.last is None else _norm(g, f"{prefix}norm", layer.last.__dict__["eps"], x, shapes[0][2])


def _stack(g: Builder, layer: Stacked, xs: list[str], shapes: Shapes) -> str:
    _no_masks(g, xs, 1 + ("Decoder" in layer.type()))
    return _stacked(g, layer, "", xs, shapes)


def _transformer(g: Builder, layer: Transformer, xs: list[str], shapes: Shapes) -> str:
    _no_masks(g, xs, 2)
    memory = _stacked(g, layer.encoder, "encoder.", xs[:1], shapes[:1])
    return _stacked(g, layer.decoder, "decoder.", [xs[1], memory], [shapes[1], shapes[0]])


def _gated(g: Builder, layer: GatedFeedForward, xs: list[str], shapes: Shapes) -> str:
    function = {"SwiGLU": "silu", "GEGLU": "gelu", "ReGLU": "relu"}[layer.type()]

    hidden = g.op("Mul", activation(g, function, g.linear("gate_proj", xs[0])), g.linear("up_proj", xs[0]))
    return g.linear("down_proj", hidden)


RULES: dict[str, Rule] = {
    "MultiheadAttention": _multihead,
    "Attention": _attention,
    "ScaledDotProductAttention": _dot_product,
    "RotaryEmbedding": _rotary,
    "ALiBi": lambda g, layer, xs, shapes: g.op("Add", xs[0], distances(g, *shapes[0][1:])),
    "CausalMask": lambda g, layer, xs, shapes: g.op("Add", xs[0], causal(g, shapes[0][-2], shapes[0][-1])),
    **dict.fromkeys(("TransformerEncoderLayer", "TransformerDecoderLayer"), _one_layer),
    **dict.fromkeys(("TransformerEncoder", "TransformerDecoder"), _stack),
    "Transformer": _transformer,
    **dict.fromkeys(("SwiGLU", "GEGLU", "ReGLU"), _gated),
}
