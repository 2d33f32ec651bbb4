"""The network run again with a mistake in it: other options, another layer, weights transposed or left out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from cnncalc.core.layer import Layer
from cnncalc.core.number import as_ints, prod
from cnncalc.core.problem import Fault, SpecError
from cnncalc.core.rules import is_bias
from cnncalc.grading.perturbed.other_layers import other_layers
from cnncalc.grading.perturbed.row import REFUSED
from cnncalc.network.propagate import propagate
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.query.scope import NetworkScope

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array

MOST_MACS = 20_000_000  # of a network that is run again, and of all runs together
MOST_TOGETHER = 1_000_000_000
MOST_ROWS, MOST_RUNS = 60, 200
Values = dict[str, Any]
Rerun = tuple[str, int, NetworkScope]
# What a mistake makes of an array of a layer, by the array's name; itself where it is about other ones.
Change: TypeAlias = "Callable[[Row, str, Array], Array]"
MEANS, VARIANCES = ("running_mean", "moving_mean"), ("running_var", "moving_variance")


def reruns(names: NetworkScope) -> Iterator[Rerun]:
    """Names of the network run with one mistake each; none where running it again would take long."""
    report = names.report
    macs = report.totals.macs
    if type(macs) is not int or macs > MOST_MACS or len(report.rows) > MOST_ROWS:
        return
    left = min(MOST_RUNS, MOST_TOGETHER // max(1, macs))
    for number, one in enumerate(_all(names)):
        if number >= left:
            return
        yield one


def _all(names: NetworkScope) -> Iterator[Rerun]:
    report, values = names.report, given_values(names)
    several = sum(1 for row in report.rows if row.weights) > 1
    for name, rank, change in (
        ("the filter turned round, as in the convolution of mathematics", 3, _flipped),
        ("bias forgotten", 4, _biases(0)),
        ("bias counted twice", 12, _biases(2)),
        ("weights transposed", 6, _transposed),
        ("only one input channel convolved, not the sum over all", 7, _first_channel),
        ("the state before forgotten", 6, _without_state),
        ("scale and shift forgotten", 8, _unscaled),
        ("the mean not subtracted", 7, _statistics(MEANS, lambda array: array * 0)),
        ("not divided by the standard deviation", 7, _statistics(VARIANCES, lambda array: array * 0 + 1)),
        ("divided by the variance, not by its root", 7, _statistics(VARIANCES, lambda array: array**2)),
    ):
        changed = _changed(report, values, change)
        if any(changed[key] is not values[key] for key in values):
            yield name, rank, again(names, report, changed)
    yield from _exchanged(names, values)
    yield from _one_position(names, values)
    for at, row in enumerate(report.rows):
        for name, rank, layer in other_layers(row):
            try:
                wrong = with_layer(report, at, layer)
            except (SpecError, *REFUSED):
                continue
            where = f" in {row.name}" if several and len(report.rows) > 2 else ""
            yield f"{name}{where}", rank, again(names, wrong, values)


def given_values(names: NetworkScope) -> Values:
    """Every array that the right run used: weights, buffers, inputs, weights of the loss; of a batch all samples."""
    run, graph = names.run, names.report.graph
    owned = {row.name for row in names.report.rows if row.owner is None}
    values: Values = {name: array for name, array in run.values.items() if name.endswith(".grad")}
    for name, array in run.weights.items():
        if any(name.startswith(f"{owner}.") for owner in owned):
            values[name] = array
    for number, given in enumerate(graph.inputs):
        array = run.value(number)
        values[given.name] = array if run.batched else array[0]
    return values


def again(names: NetworkScope, report: Report, values: Values) -> NetworkScope:
    """Names of a network with other arrays, for as many samples as the right one has."""
    return NetworkScope(report, runner(report, values), samples=lambda: names.batch[0] if names.batch else 0)


def runner(report: Report, values: Values) -> Callable[[], object]:
    """What runs a network with these arrays; raises `Fault` where they do not fit."""

    def run() -> object:
        from cnncalc.execute.run import execute

        fitting = {row.name: {**row.weights, **row.buffers} for row in report.rows}
        kept = {name: array for name, array in values.items() if _fits(name, array, fitting)}
        try:
            return execute(report, values=kept, seed=0, keep="all")
        except SpecError as error:
            raise Fault("no-value", str(error)) from None

    return run


def _fits(name: str, array: Array, layers: dict[str, dict[str, Any]]) -> bool:
    """Whether a value still has a place: another layer may stand where its weights were."""
    owner, _, weight = name.rpartition(".")
    if owner not in layers or weight == "grad":
        return True
    held = layers[owner]
    return weight in held and tuple(held[weight]) == tuple(getattr(array, "shape", ()))


def with_layer(report: Report, at: int, layer: Layer) -> Report:
    """The network with another layer in one place; raises `Fault` or `SpecError` where it cannot be."""
    graph = copy.copy(report.graph)
    graph.nodes = list(graph.nodes)
    node = copy.copy(graph.nodes[at])
    node.layer = layer
    graph.nodes[at] = node
    return propagate(graph)


# --- weights that are wrong -----------------------------------------------------------------------------------------


def _changed(report: Report, values: Values, change: Change) -> Values:
    """The values with a mistake in the weights and statistics of some layers."""
    found = dict(values)
    for name, array in values.items():
        row = next((row for row in report.rows if name.startswith(f"{row.name}.")), None)
        if row is not None:
            found[name] = change(row, name[len(row.name) + 1 :], array)
    return found


def _flipped(row: Row, weight: str, array: Array) -> Array:
    if not row.layer.axes or is_bias(weight) or array.ndim != row.layer.axes + 2:
        return array
    import numpy as np

    first = 0 if row.layer.kernel_name().startswith("keras.") else 2
    return np.flip(array, tuple(range(first, first + row.layer.axes)))


def _biases(factor: int) -> Change:
    """Biases times a number."""
    return lambda row, weight, array: array * factor if is_bias(weight) and weight in row.weights else array


def _transposed(row: Row, weight: str, array: Array) -> Array:
    square = weight in row.weights and array.ndim > 1 and array.shape[-1] == array.shape[-2]
    return array.swapaxes(-1, -2) if square else array


def _first_channel(row: Row, weight: str, array: Array) -> Array:
    if row.type not in ("Conv1d", "Conv2d", "Conv3d") or is_bias(weight) or array.shape[1] < 2:
        return array
    first = array.copy()
    first[:, 1:] = 0
    return first


def _without_state(row: Row, weight: str, array: Array) -> Array:
    return array * 0 if ("_hh" in weight or "recurrent" in weight) and not is_bias(weight) else array


def _unscaled(row: Row, weight: str, array: Array) -> Array:
    if "Norm" not in row.type or weight not in ("weight", "gamma", "bias", "beta"):
        return array
    return array * 0 + (weight in ("weight", "gamma"))


def _statistics(names: tuple[str, ...], change: Callable[[Array], Array]) -> Change:
    """The running statistics of norms, changed."""
    return lambda row, weight, array: change(array) if "Norm" in row.type and weight in names else array


def _exchanged(names: NetworkScope, values: Values) -> Iterator[Rerun]:
    """Two weights of one layer in each other's place: those of query, key and value."""
    report = names.report
    for row in report.rows:
        for a, b, name in (
            ("W_q", "W_k", "query and key exchanged"),
            ("W_k", "W_v", "key and value exchanged"),
            ("W_q", "W_v", "query and value exchanged"),
        ):
            one, other = values.get(f"{row.name}.{a}"), values.get(f"{row.name}.{b}")
            if one is not None and other is not None and one.shape == other.shape:
                changed = {**values, f"{row.name}.{a}": other, f"{row.name}.{b}": one}
                yield name, 6, again(names, report, changed)


def _one_position(names: NetworkScope, values: Values) -> Iterator[Rerun]:
    """A loss that is one number of the output, not their sum: a gradient from one window alone."""
    import numpy as np

    report = names.report
    if not all(type(size) is int for size in report.output_shape):
        return
    shape = as_ints(report.output_shape)
    if len(shape) < 1 or prod(shape) < 2:
        return
    weights = values.get("output.grad")
    base = np.ones(shape) if weights is None else np.broadcast_to(np.asarray(weights, dtype=float), shape)
    if weights is not None:
        rest = {name: array for name, array in values.items() if name != "output.grad"}
        yield "the gradient at the output taken as ones", 6, again(names, report, rest)
    for at, name in ((0, "first"), (-1, "last")):
        one = np.zeros(shape)
        one.reshape(-1)[at] = base.reshape(-1)[at]
        yield (
            f"from the {name} window or number alone",
            9,
            again(names, report, {**values, "output.grad": one}),
        )
