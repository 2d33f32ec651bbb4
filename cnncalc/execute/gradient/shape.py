"""Gradients of fold and unfold: each is the gradient of the other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.core.window import pads
from cnncalc.execute.gradient.autodiff import new_node, value
from cnncalc.execute.gradient.custom_gradient import unwrapped
from cnncalc.execute.kernel import Array, Weights
from cnncalc.execute.kernels import shape as forward

if TYPE_CHECKING:
    from cnncalc.core.window import Windowed
    from cnncalc.layers.unfold import Fold, Unfold


def unfold(layer: Unfold, weights: Weights, x: Array) -> Array:
    """A number that stands in several columns gets the sum of what they get."""
    a = value(x)

    def pull(g: Array) -> Array:
        space = a.shape[2:]
        told = SimpleNamespace(**_window(layer), padding=pads(layer, space), output_size=space)
        return unwrapped(forward.fold)(told, {}, g)  # type: ignore[no-any-return]

    return new_node(unwrapped(forward.unfold)(layer, {}, a), (x, pull))


def fold(layer: Fold, weights: Weights, x: Array) -> Array:
    """Every number of a column was added in one place: what that gets is its own."""
    a = value(x)

    def pull(g: Array) -> Array:
        told = SimpleNamespace(**_window(layer), padding=pads(layer, layer.output_size))
        return unwrapped(forward.unfold)(told, {}, np.ascontiguousarray(g)).reshape(a.shape)  # type: ignore[no-any-return]

    return new_node(unwrapped(forward.fold)(layer, {}, a), (x, pull))


def _window(layer: Windowed) -> dict[str, Any]:
    return {"kernel_size": layer.kernel_size, "stride": layer.stride, "dilation": layer.dilation}
