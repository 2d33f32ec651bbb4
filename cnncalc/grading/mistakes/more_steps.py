"""Single steps done otherwise, of layers that choose, add and multiply: activations, pools, convolutions, products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from cnncalc.network.row import Row
from cnncalc.query.scope import NetworkScope

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array

Step: TypeAlias = "tuple[str, int, dict[str, Array]]"


def others(names: NetworkScope, row: Row, x: Array) -> Iterator[Step]:
    """What people compute in place of a layer's output."""
    if row.type == "ReLU":
        yield from _relu(x)
    elif "Pool" in row.type:
        yield from _pool(names, row, x)
    else:
        yield from _products(names, row, x)


def softmax(x: Array, row: Row) -> Iterator[Step]:
    """With the sign of the exponents turned."""
    import numpy as np

    dim = row.layer.__dict__["dim"]
    axis = -1 if dim is None or dim < 0 else dim - 1
    parts = np.exp(-np.clip(x, -700, 700))
    made = parts / parts.sum(axis, keepdims=True)
    yield "the sign in the exponent lost", 8, {"output": np.log(made) if row.type == "LogSoftmax" else made}
    shifted = x / x.max(axis, keepdims=True) if (x.max(axis) != 0).all() else None
    if shifted is not None and row.type == "Softmax":
        yield "divided by the largest, without exponentials", 13, {"output": shifted}


def _relu(x: Array) -> Iterator[Step]:
    import numpy as np

    yield "signs dropped: the absolute value in place of ReLU", 8, {"output": np.abs(x)}
    yield "negative numbers kept, positive ones cut off", 8, {"output": np.minimum(x, 0)}
    yield "a step from 0 to 1", 12, {"output": (x > 0) * 1.0}


def _pool(names: NetworkScope, row: Row, x: Array) -> Iterator[Step]:
    """Another number of each window than the largest or the mean."""
    import numpy as np

    layer: Any = row.layer
    axes = layer.axes
    right = names.run.value(len(names.report.graph.inputs) + names.report.graph.nodes.index(row.node))[0]
    if layer.ceil_mode or any(step != 1 for step in getattr(layer, "dilation", (1,))) or x.ndim != axes + 1:
        return
    if any(sum(pair) for pair in layer.padding):
        return
    seen = np.lib.stride_tricks.sliding_window_view(x, layer.kernel_size, tuple(range(1, axes + 1)))
    seen = seen[(slice(None), *(slice(None, None, step) for step in layer.stride))]
    seen = seen.reshape(*seen.shape[: axes + 1], -1)
    if seen.shape[:-1] != right.shape:
        return
    yield "the smallest number of each window", 9, {"output": seen.min(-1)}
    yield "the first number of each window", 9, {"output": seen[..., 0]}
    yield "the last number of each window", 11, {"output": seen[..., -1]}
    yield "the middle of the sorted window, a median", 11, {"output": np.median(seen, -1)}
    whole = x.max(tuple(range(1, axes + 1)), keepdims=True)
    yield "the largest of the whole image in each window", 10, {"output": np.broadcast_to(whole, right.shape)}
    if x.shape[0] > 1:
        largest = (seen.max(-1) if "Max" in row.type else seen.mean(-1)).max(0, keepdims=True)
        yield "pooled over the channels, too", 10, {"output": np.broadcast_to(largest, right.shape)}


def _products(names: NetworkScope, row: Row, x: Array) -> Iterator[Step]:
    """The bias with the wrong sign, the mean of the products in place of their sum."""
    number = len(names.report.graph.inputs) + names.report.graph.nodes.index(row.node)
    right = names.run.value(number)[0]
    count = 1
    for size in row.weights["weight"][1:]:
        count *= int(size)
    if "bias" in row.weights:
        bias = names.run.weight(row.name, "bias")
        if row.type != "Linear":
            bias = bias.reshape(-1, *[1] * row.layer.axes)
        yield "the bias subtracted, not added", 7, {"output": right - 2 * bias}
        if count > 1:
            yield "a mean of the products, not their sum", 9, {"output": (right - bias) / count + bias}
            yield "the bias added to each product", 11, {"output": right + (count - 1) * bias}
        yield "multiplied with the bias", 14, {"output": (right - bias) * bias}
