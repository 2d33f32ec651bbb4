"""Single steps done otherwise: a softmax that is not normalised, attention over columns, a norm without its root.

What a step gives is computed from the arrays that came into it; what comes after takes it in a network of its own.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from cnncalc import layers
from cnncalc.core.problem import SpecError
from cnncalc.grading.mistakes import losses, more_steps, stepwise
from cnncalc.grading.mistakes.stepwise import How
from cnncalc.grading.perturbed.network import PerturbedNetwork
from cnncalc.grading.perturbed.reruns import MOST_MACS, MOST_ROWS, again, given_values
from cnncalc.grading.perturbed.row import REFUSED
from cnncalc.network.propagate import propagate
from cnncalc.network.row import Row
from cnncalc.query.arrays import ArrayValue
from cnncalc.query.scope import NetworkScope

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution
    from cnncalc.execute.kernel import Array

Arrays: TypeAlias = "dict[str, Array]"  # a layer's attributes and their arrays: output, attention, scores
Step: TypeAlias = "tuple[str, int, Arrays]"


class Changed(PerturbedNetwork):
    """The network with some arrays of one layer replaced; what follows is not computed again."""

    def __init__(self, names: NetworkScope, row: Row, arrays: Arrays) -> None:
        found = {(row.name, attribute): _value(array) for attribute, array in arrays.items()}
        super().__init__(names, {}, found)
        self._last = row.name if names.report.rows and names.report.rows[-1] is row else ""
        self._output = found.get((row.name, "output"))

    @property
    def run(self) -> Execution:
        """The right run, for all other arrays."""
        return self._right.run

    def lookup(self, name: str) -> object:
        """The replaced array where `output` is that of the layer."""
        if name == "output" and self._last and self._output is not None and self._right.part("output") is None:
            return self._output
        return super().lookup(name)


def _value(array: Array) -> ArrayValue:
    return ArrayValue(array.shape, lambda: array)


def others(names: NetworkScope) -> Iterator[tuple[str, int, NetworkScope, How]]:
    """The network with one step of one layer done otherwise."""
    report = names.report
    macs = report.totals.macs
    if type(macs) is not int or macs > MOST_MACS or len(report.rows) > MOST_ROWS:
        return
    for at, row in enumerate(report.rows):
        try:
            steps = list(_steps(names, row))
        except REFUSED:
            continue
        for name, rank, arrays in steps:
            yield name, rank, Changed(names, row, arrays), stepwise.how(name, names, row)
            if "output" in arrays and at + 1 < len(report.rows) and not report.image(at + len(report.graph.inputs)):
                try:
                    yield name, rank + 1, _followed(names, at, arrays["output"]), None
                except (SpecError, *REFUSED):
                    continue


def _followed(names: NetworkScope, at: int, array: Array) -> NetworkScope:
    """The network in which a layer is that array."""
    kind = layers.find("Parameter", "pytorch")
    if kind is None:
        raise LookupError
    graph = copy.copy(names.report.graph)
    graph.nodes = list(graph.nodes)
    node = copy.copy(graph.nodes[at])
    node.layer = kind.bind([list(array.shape)], {})
    node.inputs = ()
    graph.nodes[at] = node
    report = propagate(graph)
    return again(names, report, {**given_values(names), f"{node.name}.weight": array})


def _steps(names: NetworkScope, row: Row) -> Iterator[Step]:
    if row.type in ("Softmax", "LogSoftmax"):
        yield from _softmax(_input(names, row), row)
        yield from more_steps.softmax(_input(names, row), row)
    elif row.type == "Sigmoid":
        yield from _sigmoid(_input(names, row))
    elif row.type == "LayerNorm" or re.fullmatch("(?:Instance|Batch)Norm[123]d", row.type):
        yield from _norm(names, row)
    elif row.type.endswith("Loss"):
        yield from losses.loss(names, row)
    elif row.type in ("ReLU", "MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d", "Conv1d", "Conv2d", "Linear"):
        yield from more_steps.others(names, row, _input(names, row))
    elif row.type == "Attention" and {"query", "key", "value", "scores", "attention"} <= set(row.ports):
        yield from _attention(names, row)


def _input(names: NetworkScope, row: Row) -> Array:
    found: Array = names.run.value(row.node.inputs[0])[0]
    return found


# --- softmax --------------------------------------------------------------------------------------------------------


def _exp(x: Array) -> Array:
    import numpy as np

    found: Array = np.exp(np.clip(x, -700, 700))
    return found


def _softmax(x: Array, row: Row) -> Iterator[Step]:
    import numpy as np

    dim = row.layer.__dict__["dim"]
    axis = -1 if dim is None or dim < 0 else dim - 1
    parts = _exp(x)
    made = parts / parts.sum(axis, keepdims=True)
    if row.type == "LogSoftmax":
        yield "the logarithm forgotten: softmax alone", 4, {"output": made}
        yield "not normalised: the logarithm of the sum forgotten", 6, {"output": x}
        yield "the logarithm of 10, not the natural one", 8, {"output": np.log10(made)}
        return
    yield "exponentials not divided by their sum: not normalised", 4, {"output": parts}
    with np.errstate(all="ignore"):
        plain = x / x.sum(axis, keepdims=True)
        if np.isfinite(plain).all():
            yield "divided by the sum without exponentials", 5, {"output": plain}
        squared = x**2 / (x**2).sum(axis, keepdims=True)
        if np.isfinite(squared).all():
            yield "squares in place of exponentials", 12, {"output": squared}
    if x.ndim > 1:
        yield "normalised over all numbers, not along one axis", 6, {"output": parts / parts.sum()}
    yield "the logarithm of the softmax", 9, {"output": np.log(made)}
    yield "powers of 2 in place of exponentials", 11, {"output": 2.0**x / (2.0**x).sum(axis, keepdims=True)}
    yield "the largest as 1, the others 0", 12, {"output": (x == x.max(axis, keepdims=True)) * 1.0}
    yield "sigmoid of each number, not softmax", 8, {"output": 1 / (1 + _exp(-x))}
    yield "divided by the largest, not by the sum", 12, {"output": parts / parts.max(axis, keepdims=True)}


def _sigmoid(x: Array) -> Iterator[Step]:
    import numpy as np

    made = 1 / (1 + _exp(-x))
    yield "the sign in the exponent lost", 6, {"output": 1 / (1 + _exp(x))}
    yield "the derivative in place of the sigmoid", 8, {"output": made * (1 - made)}
    yield "softmax over all numbers, not a sigmoid of each", 9, {"output": _exp(x) / _exp(x).sum()}
    yield "exponentials alone, not divided by 1 + e^x", 9, {"output": _exp(x)}
    yield "tanh in place of the sigmoid", 9, {"output": np.tanh(x)}
    yield "a step from 0 to 1", 12, {"output": (np.asarray(x) > 0) * 1.0}


# --- norms ----------------------------------------------------------------------------------------------------------


def _norm(names: NetworkScope, row: Row) -> Iterator[Step]:
    """With the mean, the variance or its root left out, or over other axes."""
    import numpy as np

    layer: Any = row.layer
    if names.run.value(row.node.inputs[0]).shape[0] != 1:  # a batch norm of several samples
        return
    x = _input(names, row)
    channels = row.type != "LayerNorm"  # each is normalised by itself
    mine = x.ndim - 1 if channels else len(layer.normalized_shape)
    if not mine:
        return
    axes = tuple(range(x.ndim - mine, x.ndim))
    eps = float(layer.eps)
    count = int(np.prod([x.shape[axis] for axis in axes]))

    at = next(at for at, one in enumerate(names.report.rows) if one.name == row.name)

    def held(weight: str) -> Array:
        factors = names.run.used(at, weight)  # statistics as they were before training changed them
        return factors.reshape(-1, *[1] * mine) if channels else factors

    def scaled(made: Array, *left_out: str) -> Arrays:
        for weight, apply in (("weight", np.multiply), ("bias", np.add)):
            if weight in row.weights and weight not in left_out:
                made = apply(made, held(weight))
        return {"output": made}

    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    running = "running_mean" in {buffer.name for buffer in row.facts.buffers}
    if running:
        given = held("running_mean"), held("running_var")
        name, other = "running statistics, not the batch's", given
        if not layer.training:
            name, other = "the batch's statistics, not the running ones", (mean, variance)
            mean, variance = given
        yield name, 6, scaled((x - other[0]) / np.sqrt(other[1] + eps))
    yield "the mean not subtracted", 6, scaled(x / np.sqrt(variance + eps))
    yield "not divided by the standard deviation", 6, scaled(x - mean)
    yield "divided by the variance, not by its root", 6, scaled((x - mean) / (variance + eps))
    if count > 1 and (layer.training or not running):
        sample = x.var(axes, keepdims=True, ddof=1)
        yield "the variance divided by n − 1, not by n", 6, scaled((x - mean) / np.sqrt(sample + eps))
    made = (x - mean) / np.sqrt(variance + eps)
    yield "multiplied with the standard deviation, not divided by it", 9, scaled((x - mean) * np.sqrt(variance + eps))
    yield "scale and shift forgotten", 7, {"output": made}
    yield "without the small eps under the root", 3, scaled((x - mean) / np.sqrt(variance) if variance.all() else made)
    yield "scale forgotten", 7, scaled(made, "weight")
    yield "shift forgotten", 7, scaled(made, "bias")
    for over in {tuple(range(x.ndim)), (0,), (x.ndim - 1,)} - {axes}:
        made = (x - x.mean(over, keepdims=True)) / np.sqrt(x.var(over, keepdims=True) + eps)
        yield "normalised along the wrong axis", 6, scaled(made)


# --- attention ------------------------------------------------------------------------------------------------------


def _attention(names: NetworkScope, row: Row) -> Iterator[Step]:
    """One head: scores, a softmax along rows, the mean of values."""
    import numpy as np

    layer: Any = row.layer
    if layer.num_heads != 1 or layer.out_proj:
        return
    number = len(names.report.graph.inputs) + names.report.graph.nodes.index(row.node)
    q, k, v, scores, right = (
        names.run.value((number, port))[0] for port in ("query", "key", "value", "scores", "attention")
    )
    scores, right = scores.reshape(scores.shape[-2:]), right.reshape(right.shape[-2:])
    mask = np.where(right > 0, 0.0, -np.inf) if layer.causal else np.zeros_like(scores)

    def mixed(weights: object) -> Arrays:
        return {"attention": weights, "output": weights @ v}

    def soft(x: Array, axis: int) -> object:
        parts = _exp(x)
        return parts / parts.sum(axis, keepdims=True)

    yield "softmax along columns, not along rows", 4, mixed(soft(scores + mask, -2))
    if scores.shape[0] == scores.shape[1]:
        yield "scores transposed: key times query", 6, {"scores": scores.T, **mixed(soft(scores.T + mask, -1))}
        yield "attention transposed", 6, mixed(right.T)
    yield "exponentials not divided by their sum: not normalised", 6, mixed(_exp(scores + mask))
    yield "softmax forgotten: scores taken as attention", 5, mixed(scores)
    yield "normalised over all numbers, not along rows", 7, mixed(_exp(scores + mask) / _exp(scores + mask).sum())
    with np.errstate(all="ignore"):
        plain = scores / scores.sum(-1, keepdims=True)
        if np.isfinite(plain).all():
            yield "divided by the sum without exponentials", 7, mixed(plain)
    yield "all positions alike: a mean of the values", 10, mixed(np.full_like(right, 1 / right.shape[-1]))
    if layer.causal:
        free = soft(scores, -1)
        yield "masked after the softmax, not before: rows do not sum to 1", 5, mixed(free * (right > 0))
        yield "masked with 0 in place of −∞", 5, mixed(soft(np.where(right > 0, scores, 0.0), -1))
        turned = np.where(right.T > 0, 0.0, -np.inf)
        yield "the mask the other way round", 6, mixed(soft(scores + turned, -1))
        strict = np.where(np.tril(np.ones_like(scores), -1) > 0, 0.0, -np.inf)
        strict[0, 0] = 0.0
        yield "the position itself masked, too", 8, mixed(soft(scores + strict, -1))
    else:
        yield "values forgotten: the attention alone", 12, {"output": right}
    at = int(np.argmax(np.abs(q @ k.T)))
    factor = float(scores.reshape(-1)[at] / (q @ k.T).reshape(-1)[at]) if (q @ k.T).any() else 0.0
    x = names.run.value(row.node.inputs[0])[0]
    for name, other in (
        ("query with itself, the keys forgotten", q @ q.T),
        ("keys with themselves, the query forgotten", k @ k.T),
        ("the inputs themselves, not projected", x @ x.T),
    ):
        if factor and other.shape == scores.shape:
            yield name, 9, {"scores": other * factor, **mixed(soft(other * factor + mask, -1))}
    if k.shape == v.shape:
        yield "the keys mixed, not the values", 8, {"output": right @ k}
    if x.shape[0] == right.shape[-1]:
        yield "the inputs mixed, not the values", 9, {"output": right @ x}
    yield "the scaled query taken for the scores", 20, {"scores": q @ k.T}
