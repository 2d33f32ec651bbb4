"""Latent attention as ONNX operators."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from cnncalc.export.onnx.attention import attend, causal, heads, joined, rotated
from cnncalc.export.onnx.builder import Builder, Rule
from cnncalc.export.onnx.spatial import rms_norm

if TYPE_CHECKING:
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.latent_attention import LatentAttention


def _latent(g: Builder, layer: LatentAttention, xs: list[str], shapes: Shapes) -> str:
    length, count, still = shapes[0][1], layer.num_heads, layer.qk_nope_head_dim
    assert layer.turn is not None
    rank, turning = layer.kv_lora_rank, layer.qk_rope_head_dim

    def through(name: str, x: str) -> str:
        return g.affine(x, f"{name}.weight", f"{name}.bias" if g.has(f"{name}.bias") else None)

    def normal(name: str, x: str) -> str:
        return rms_norm(g, x, 1, layer.eps, f"{name}.weight")

    if g.has("q_a_proj.weight"):
        query = through("q_b_proj", normal("q_a_layernorm", through("q_a_proj", xs[0])))
    else:
        query = through("q_proj", xs[0])
    query = heads(g, query, length, count, still + turning)
    moving = rotated(g, layer.turn, g.slice(query, 3, still, still + turning), length, turning)
    query = g.op("Concat", g.slice(query, 3, 0, still), moving, axis=3)
    low = through("kv_a_proj_with_mqa", xs[0])
    made = through("kv_b_proj", normal("kv_a_layernorm", g.slice(low, 2, 0, rank)))
    made = heads(g, made, length, count, still + layer.v_head_dim)
    one = g.reshape(g.slice(low, 2, rank, rank + turning), (1, length, turning))
    shared = rotated(g, layer.turn, one, length, turning)
    key = g.op("Concat", g.slice(made, 3, 0, still), g.expand(shared, (count, length, turning)), axis=3)
    value = g.slice(made, 3, still, still + layer.v_head_dim)
    scale = 1 / sqrt(still + turning) if layer.scale is None else 1 / float(layer.scale)
    masks = [causal(g, length, length)] if layer.causal else []
    mixed = attend(g, query, key, value, 4, scale, masks)
    return through("o_proj", joined(g, mixed, length, count * layer.v_head_dim))


RULES: dict[str, Rule] = {"LatentAttention": _latent}
