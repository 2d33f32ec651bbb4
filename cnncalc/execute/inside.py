"""What layers make on their way, states and gates by step, scores: a kernel is run and looked at, where it is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from cnncalc.core.number import Shape
from cnncalc.execute import kernel
from cnncalc.execute.gradient.custom_gradient import Watched
from cnncalc.execute.kernel import Array, Weights
from cnncalc.network.report import Report
from cnncalc.network.row import Row


def taken(report: Report) -> dict[int, set[str]]:
    """What other layers, or the network's output, take from inside of layers: names by the layer's index."""
    count = len(report.graph.inputs)
    found: dict[int, set[str]] = {}
    for ref in (*(ref for row in report.rows for ref in row.node.inputs), report.graph.output):
        if isinstance(ref, tuple) and ref[1] not in report.rows[ref[0] - count].facts.ports:
            found.setdefault(ref[0] - count, set()).add(ref[1])
    return found


def computed(row: Row, weights: Weights, xs: list[Array], names: Collection[str] = ()) -> Array | dict[str, Array]:
    """What the layer's kernel gives, and with it the named arrays from inside."""
    compute = kernel.find(row.layer.kernel_name())
    if not names:
        return compute(row.layer, weights, *xs)
    seen: dict[str, dict[int | None, Array]] = {name: {} for name in names}

    def touch(name: str, step: int | None, value: Array) -> Array:
        if name in seen:
            seen[name][step] = value
        return value

    made = compute(row.layer, Watched(weights, touch), *xs)
    parts = made if isinstance(made, dict) else {"output": made}
    shapes = row.facts.inside
    return {**parts, **{name: joined(steps, len(xs[0]), shapes[name], np.stack) for name, steps in seen.items()}}


def joined(steps: dict[int | None, Any], batch: int, shape: Shape, stack: Callable[..., Any]) -> Any:
    """What was seen under one name, as one array: its steps in their order, or what was seen once, in that shape."""
    if None not in steps:
        return stack([steps[step] for step in sorted(steps)], 1)  # type: ignore[type-var]
    return steps[None].reshape(batch, *shape[1:])
