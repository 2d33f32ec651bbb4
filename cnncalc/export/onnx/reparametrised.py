"""Layers one of whose weights is made of others: the operators that make it, and those of the layer inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.export.onnx import plain, spatial
from cnncalc.export.onnx.builder import Builder, Rule

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.reparametrise import Reparametrised, SpectralNorm, WeightNorm

INNER: dict[str, Rule] = {**plain.RULES, **spatial.RULES}


def _inside(g: Builder, layer: Reparametrised, weight: str, xs: list[str], shapes: Shapes) -> str | dict[str, str]:
    """The layer inside, with that value as its weight."""
    inner = layer.layer
    rule = INNER.get(inner.type())
    if rule is None or layer.name_ != "weight":
        raise g.refuse("the weight of a Linear or a convolution is written so")
    g.made["weight"] = weight
    try:
        return rule(g, inner, xs, shapes)
    finally:
        g.made.clear()


def _weight_norm(g: Builder, layer: WeightNorm, xs: list[str], shapes: Shapes) -> str | dict[str, str]:
    """v times g / |v|, the length taken over all axes but `dim`."""
    v, length = g.weight(f"{layer.name_}_v"), g.weight(f"{layer.name_}_g")
    rank = len(next(held.shape for held in g.row.facts.weights if held.name == f"{layer.name_}_v"))
    kept = None if layer.dim is None else layer.dim % rank
    axes = [axis for axis in range(rank) if axis != kept]
    total = g.op("ReduceSum", g.op("Mul", v, v), g.whole(axes), keepdims=int(kept is not None))
    return _inside(g, layer, g.op("Mul", v, g.op("Div", length, g.op("Sqrt", total))), xs, shapes)


def _spectral_norm(g: Builder, layer: SpectralNorm, xs: list[str], shapes: Shapes) -> str | dict[str, str]:
    """The weight over u W v, divided here: its vectors follow it in training alone."""
    name, at = layer.name_, layer.dim

    def divided(whole: Array, u: Array, v: Array) -> Array:
        matrix = np.moveaxis(whole, at, 0).reshape(whole.shape[at], -1)
        with np.errstate(invalid="ignore"):  # of sizes alone the numbers are zeros
            found: Array = whole / (u @ (matrix @ v))
        return found

    sources = [f"{name}_orig", f"{name}_u", f"{name}_v"]
    return _inside(g, layer, g.store(name, sources, divided), xs, shapes)


RULES: dict[str, Rule] = {"WeightNorm": _weight_norm, "SpectralNorm": _spectral_norm}
