"""How one number of an array came about: the sum of a window, exponentials over their sum, a dot product.

A diagnosis of an array says this of one number that is wrong: in a network that has the mistake, or of the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from types import EllipsisType
from typing import TYPE_CHECKING, Any, SupportsFloat

from cnncalc.core.problem import Fault
from cnncalc.grading.perturbed.network import NoAnswer, Question
from cnncalc.query.scope import NetworkScope
from cnncalc.query.values import LayerValue

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array
    from cnncalc.network.row import Row

MOST_TERMS = 6  # of a sum that are shown
Place = tuple[int, ...]


def short(number: SupportsFloat) -> str:
    """`3`, `0.7071`, `−2`."""
    return f"{float(number):.4g}".replace("-", "−")


def at(place: Sequence[int]) -> str:
    """`at [0, 1]`, or nothing where there is one number."""
    return f"at [{', '.join(map(str, place))}]: " if place else ""


def _signed(number: float) -> str:
    return f"({short(number)})" if number < 0 else short(number)


def total(terms: Sequence[str], value: SupportsFloat) -> str:
    """A sum with its value; its middle is left out where it is long."""
    return f"{listed(terms)} = {short(value)}"


def number_of(question: str, names: NetworkScope, place: Place) -> str:
    """The arithmetic of one number of a layer's output or scores in a network; empty where none is known."""
    layer, _, attribute = question.rpartition(".")
    part = names.part(layer) if layer else None
    if not isinstance(part, LayerValue) or part.row.layer.kernel_name().startswith("keras."):
        return ""
    make = {"output": _output, "scores": _scores}.get(attribute)
    try:
        return make(names, part.row, place) if make is not None else ""
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return ""  # an explanation is left out rather than guessed


def _output(names: NetworkScope, row: Row, place: Place) -> str:
    if row.type == "Attention":
        return _mixed(names, row, place)
    x = names.run.value(row.node.inputs[0])[0]
    kind, layer = row.type, row.layer
    if kind in ("Conv1d", "Conv2d", "Linear"):
        return _products(names, row, x, place)
    if kind in ("MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d") and getattr(layer, "dilation", None) in _ONES:
        seen = [short(v) for v in _window(layer, x[place[-1 - layer.axes]], place[-layer.axes :]).reshape(-1)]
        if "Max" in kind:
            return f"the largest of {', '.join(seen)}"
        divisor = getattr(layer, "divisor_override", None) or len(seen)
        summed = " + ".join(_signed_text(text) for text in seen)
        return f"({summed})/{divisor}" if divisor != 1 else summed
    return ""


_ONES = (None, (1,), (1, 1), (1, 1, 1))


def _signed_text(text: str) -> str:
    return f"({text})" if text.startswith("−") else text


def _products(names: NetworkScope, row: Any, x: Array, place: Place) -> str:
    layer = row.layer
    weight = names.run.weight(row.name, "weight")
    if row.type == "Linear":
        values, factors = x[place[:-1]], weight[place[-1]]
    else:
        if layer.groups != 1:
            return ""
        axes = layer.axes
        values, factors = _window(layer, x, place[-axes:]), weight[place[-1 - axes]]
    pairs = list(zip(values.reshape(-1), factors.reshape(-1), strict=True))
    terms = [f"{_signed(a)}·{_signed(b)}" for a, b in pairs]
    result = float(sum(a * b for a, b in pairs))
    if "bias" in row.weights:
        shift = names.run.weight(row.name, "bias")[place[-1] if row.type == "Linear" else place[-1 - layer.axes]]
        terms.append(_signed(shift))
        result += float(shift)
    return total(terms, result)


def _window(layer: Any, x: Array, place: Place) -> Array:
    """The numbers that a window sees, with the zeros around the image."""
    import numpy as np

    axes = layer.axes
    pads = layer.padding if isinstance(layer.padding, tuple) else ((0, 0),) * axes
    wide = np.pad(x, [(0, 0)] * (x.ndim - axes) + [tuple(pair) for pair in pads])
    steps = getattr(layer, "dilation", (1,) * axes)
    parts: list[EllipsisType | slice] = [...]
    parts += [
        slice(here * stride, here * stride + step * (kernel - 1) + 1, step)
        for here, stride, kernel, step in zip(place, layer.stride, layer.kernel_size, steps, strict=True)
    ]
    return wide[tuple(parts)]


def _scores(names: NetworkScope, row: Any, place: Place) -> str:
    number = len(names.report.graph.inputs) + names.report.graph.nodes.index(row.node)
    query, key, scores = (names.run.value((number, port))[0] for port in ("query", "key", "scores"))
    if row.layer.num_heads != 1:
        return ""
    q, k = query[place[-2]], key[place[-1]]
    dot = float(q @ k)
    made = float(scores.reshape(scores.shape[-2:])[place[-2:]])
    terms = [f"{_signed(a)}·{_signed(b)}" for a, b in zip(q, k, strict=True)]
    if abs(made - dot) < 1e-9 or not made:
        return f"q·k = {total(terms, dot)}"
    return f"q·k = {total(terms, dot)}, divided by {short(dot / made)}"


def _mixed(names: NetworkScope, row: Any, place: Place) -> str:
    """A row of the attention times a column of the values."""
    weights, values = (array_of(f"{row.name}.{port}", names) for port in ("attention", "value"))
    if weights is None or values is None or row.layer.num_heads != 1 or row.layer.out_proj:
        return ""
    a, v = weights.reshape(weights.shape[-2:])[place[-2]], values[:, place[-1]]
    return total([f"{_signed(one)}·{_signed(other)}" for one, other in zip(a, v, strict=True)], float(a @ v))


def array_of(question: str, names: NetworkScope) -> Array | None:
    """The array that a question gives among these names; None where it gives none."""
    import numpy as np

    try:
        return np.asarray(Question(question, names).value(names), dtype=float)
    except (NoAnswer, Fault, TypeError, ValueError):
        return None


def power(number: float) -> str:
    """`e^2`, `e^(−2)`."""
    return f"e^{_signed(number)}"


def listed(terms: Sequence[str]) -> str:
    """`a + b + c`, its middle left out where it is long."""
    kept = list(terms)
    return " + ".join([*kept[: MOST_TERMS - 2], "…", kept[-1]] if len(kept) > MOST_TERMS else kept)


def places(shape: Sequence[int]) -> list[Place]:
    """Every place of an array, row by row."""
    return list(product(*(range(size) for size in shape))) if prod(shape) <= 100_000 else []
