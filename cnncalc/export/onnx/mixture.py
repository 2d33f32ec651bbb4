"""Mixtures of experts as ONNX operators: each position gathers the matrices of the experts that it is sent to.

So the file multiplies what the mixture multiplies, and no more. What a position gathers has to fit into memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.export.onnx.activations import activation
from cnncalc.export.onnx.builder import Builder, Rule

if TYPE_CHECKING:
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.mixture import MixtureOfExperts


def _best(g: Builder, x: str, count: int) -> list[str]:
    """The largest numbers along the last axis, and their places."""
    return g.ops("TopK", (x, g.whole([count])), 2, axis=-1)


def _in_groups(g: Builder, layer: MixtureOfExperts, x: str, sizes: Sequence[int]) -> str:
    """Scores with minus infinity outside the best groups: those with the largest score, or the two largest summed."""
    each = layer.num_experts // layer.groups
    split = g.reshape(x, (*sizes, layer.groups, each))
    most = _best(g, split, min(2, each) if layer.correction_bias else 1)[0]
    best = g.op("ReduceSum", most, g.whole([-1]), keepdims=0)
    kept = g.unsqueeze(_best(g, best, layer.top_groups or layer.groups)[1], -1)
    among = g.op("Equal", kept, g.whole(np.arange(layer.groups)))  # [..., top_groups, groups]
    open_ = g.op("ReduceMax", g.op("Cast", among, to=g.float), g.whole([-2]), keepdims=0)
    shut = g.op("Where", g.op("Greater", g.unsqueeze(open_, -1), g.numbers(0)), split, g.numbers(-np.inf))
    return g.reshape(shut, (*sizes, layer.num_experts))


def _experts(g: Builder, layer: MixtureOfExperts, part: str, x: str, chosen: str | None) -> str:
    """Outputs [..., experts, features] of the chosen experts, or of all; x is [..., 1, features, 1]."""

    def held(name: str) -> str:
        array = g.weight(f"{part}.{name}")
        return array if chosen is None else g.op("Gather", array, chosen, axis=0)

    def through(name: str, y: str) -> str:
        made = g.op("MatMul", held(f"{name}.weight"), y)
        return g.op("Add", made, g.unsqueeze(held(f"{name}.bias"), -1)) if layer.bias else made

    hidden = through("up_proj", x)
    if layer.activation == "clamped_swish":
        gate = g.op("Min", through("gate_proj", x), g.numbers(7))
        swish = g.op("Mul", gate, g.op("Sigmoid", g.op("Mul", gate, g.numbers(1.702))))
        hidden = g.op("Mul", g.op("Add", g.op("Clip", hidden, g.numbers(-7), g.numbers(7)), g.numbers(1)), swish)
    elif layer.gated:
        hidden = g.op("Mul", activation(g, layer.activation, through("gate_proj", x)), hidden)
    else:
        hidden = activation(g, layer.activation, hidden)
    return g.squeeze(through("down_proj", hidden), -1)


def _mixture(g: Builder, layer: MixtureOfExperts, xs: list[str], shapes: Shapes) -> str:
    scores = g.affine(xs[0], "router.weight", "router.bias" if layer.router_bias else None)
    softmax = layer.scoring == "softmax"
    made = g.op("Softmax", scores, axis=-1) if softmax else g.op("Sigmoid", scores)
    liking = made
    if layer.correction_bias:
        liking = g.op("Add", made, g.numbers(g.array("correction_bias")))
    if layer.groups > 1:
        liking = _in_groups(g, layer, liking, shapes[0][1:-1])
    chosen = _best(g, liking, layer.top_k)[1]
    if softmax and layer.normalize:
        share = g.op("Softmax", g.op("GatherElements", scores, chosen, axis=-1), axis=-1)
    else:
        share = g.op("GatherElements", made, chosen, axis=-1)
        if layer.normalize:
            share = g.op("Div", share, g.op("ReduceSum", share, g.whole([-1]), keepdims=1))
    if layer.scale != 1:
        share = g.op("Mul", share, g.numbers(float(layer.scale)))
    x = g.unsqueeze(xs[0], -3, -1)
    parts = g.op("Mul", _experts(g, layer, "experts", x, chosen), g.unsqueeze(share, -1))
    total = g.op("ReduceSum", parts, g.whole([-2]), keepdims=0)
    if layer.shared_experts:
        shared = _experts(g, layer, "shared_experts", x, None)
        total = g.op("Add", total, g.op("ReduceSum", shared, g.whole([-2]), keepdims=0))
    return total


RULES: dict[str, Rule] = {"MixtureOfExperts": _mixture}
