"""The network run again with a mistake in it: other options, another layer in its place, weights turned or left out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.layer_result import is_bias
from cnncalc.core.number import prod
from cnncalc.core.problem import Fault, SpecError
from cnncalc.grading.mistakes.perturbed import REFUSED
from cnncalc.network.propagate import propagate
from cnncalc.network.report import Report, Row
from cnncalc.query.scope import NetworkScope

MOST_MACS = 20_000_000  # of a network that is run again, and of all runs together
MOST_TOGETHER = 1_000_000_000
MOST_ROWS, MOST_RUNS = 60, 200
Values = dict[str, Any]
Rerun = tuple[str, int, NetworkScope]
ACTIVATIONS = ("ReLU", "Sigmoid", "Tanh", "LeakyReLU", "GELU", "Softmax", "SiLU", "ELU")


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
        ("bias forgotten", 4, _unbiased),
        ("bias counted twice", 12, _doubled),
        ("weights transposed", 6, _transposed),
        ("the state before forgotten", 6, _without_state),
        ("scale and shift forgotten", 8, _unscaled),
        ("the mean not subtracted", 7, _not_centred),
        ("not divided by the standard deviation", 7, _not_divided),
        ("divided by the variance, not by its root", 7, _by_variance),
    ):
        changed = {key: change(report, key, array) for key, array in values.items()}
        if any(changed[key] is not values[key] for key in values):
            yield name, rank, again(names, report, changed)
    yield from _exchanged(names, values)
    yield from _one_position(names, values)
    for at, row in enumerate(report.rows):
        for name, rank, layer in _other_layers(row):
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


def runner(report: Report, values: Values) -> Callable[[], Any]:
    """What runs a network with these arrays; raises `Fault` where they do not fit."""

    def run() -> Any:
        from cnncalc.execute.run import execute

        fitting = {row.name: {**row.weights, **row.buffers} for row in report.rows}
        kept = {name: array for name, array in values.items() if _fits(name, array, fitting)}
        try:
            return execute(report, values=kept, seed=0, keep="all")
        except SpecError as error:
            raise Fault("no-value", str(error)) from None

    return run


def _fits(name: str, array: Any, layers: dict[str, dict[str, Any]]) -> bool:
    """Whether a value still has a place: another layer may stand where its weights were."""
    owner, _, weight = name.rpartition(".")
    if owner not in layers or weight == "grad":
        return True
    return tuple(layers[owner].get(weight, ())) == tuple(getattr(array, "shape", ()))


def with_layer(report: Report, at: int, layer: Layer) -> Report:
    """The network with another layer in one place; raises `Fault` or `SpecError` where it cannot be."""
    graph = copy.copy(report.graph)
    graph.nodes = list(graph.nodes)
    node = copy.copy(graph.nodes[at])
    node.layer = layer
    graph.nodes[at] = node
    return propagate(graph)


def changed_layer(layer: Layer, **options: Any) -> Layer:
    """The layer with other options."""
    made = object.__new__(type(layer))
    made.__dict__.update(layer.__dict__)
    made.__dict__.update(options)
    return made


def other_kind(layer: Layer, kind: str, **options: Any) -> Layer | None:
    """A layer of another type, with those options that both have."""
    cls = layers.find(kind, "keras" if layer.kernel_name().startswith("keras.") else "pytorch")
    if cls is None:
        return None
    same = {name: value for name, value in layer.__dict__.items() if name in cls.options and name in layer.options}
    made: Layer = cls(**{**{name: _written(value) for name, value in same.items()}, **options})
    return made


def _written(value: Any) -> Any:
    """An option's value as it may be written again: pairs of equal paddings as one number each."""
    if isinstance(value, tuple) and value and all(isinstance(part, tuple) and len(set(part)) == 1 for part in value):
        return tuple(part[0] for part in value)
    return value


# --- values ---------------------------------------------------------------------------------------------------------


def _row_of(report: Report, name: str) -> Row | None:
    """The layer that a weight belongs to."""
    return next((row for row in report.rows if name.startswith(f"{row.name}.")), None)


def _weight_of(report: Report, name: str) -> tuple[Row, str] | None:
    row = _row_of(report, name)
    return None if row is None else (row, name[len(row.name) + 1 :])


def _flipped(report: Report, name: str, array: Any) -> Any:
    row = _row_of(report, name)
    if row is None or not row.layer.axes or is_bias(name) or array.ndim != row.layer.axes + 2:
        return array
    import numpy as np

    first = 0 if row.layer.kernel_name().startswith("keras.") else 2
    return np.flip(array, tuple(range(first, first + row.layer.axes)))


def _unbiased(report: Report, name: str, array: Any) -> Any:
    found = _weight_of(report, name)
    return array * 0 if found is not None and is_bias(name) and found[1] in found[0].weights else array


def _doubled(report: Report, name: str, array: Any) -> Any:
    found = _weight_of(report, name)
    return array * 2 if found is not None and is_bias(name) and found[1] in found[0].weights else array


def _transposed(report: Report, name: str, array: Any) -> Any:
    found = _weight_of(report, name)
    if found is None or found[1] not in found[0].weights or array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        return array
    return array.swapaxes(-1, -2)


def _without_state(report: Report, name: str, array: Any) -> Any:
    found = _weight_of(report, name)
    state = found is not None and ("_hh" in found[1] or "recurrent" in found[1]) and not is_bias(found[1])
    return array * 0 if state else array


def _norm(report: Report, name: str) -> str:
    """The weight's name where it belongs to a norm."""
    found = _weight_of(report, name)
    return found[1] if found is not None and "Norm" in found[0].type else ""


def _unscaled(report: Report, name: str, array: Any) -> Any:
    weight = _norm(report, name)
    if weight in ("weight", "gamma"):
        return array * 0 + 1
    return array * 0 if weight in ("bias", "beta") else array


def _not_centred(report: Report, name: str, array: Any) -> Any:
    return array * 0 if _norm(report, name) in ("running_mean", "moving_mean") else array


def _not_divided(report: Report, name: str, array: Any) -> Any:
    return array * 0 + 1 if _norm(report, name) in ("running_var", "moving_variance") else array


def _by_variance(report: Report, name: str, array: Any) -> Any:
    return array**2 if _norm(report, name) in ("running_var", "moving_variance") else array


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
    shape = tuple(report.output_shape)
    if len(shape) < 1 or not all(type(size) is int for size in shape) or prod(shape) < 2:
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


# --- layers ---------------------------------------------------------------------------------------------------------


def _other_layers(row: Row) -> Iterator[tuple[str, int, Layer]]:
    """Layers that people compute in place of this one."""
    for make in (_windows, _pools, _attention, _activations, _axes):
        try:
            yield from make(row)
        except REFUSED:
            continue


def _windows(row: Row) -> Iterator[tuple[str, int, Layer]]:
    layer: Any = row.layer
    if layer.axes < 1 or not hasattr(layer, "stride") or not hasattr(layer, "padding"):
        return
    ones = (1,) * layer.axes
    if any(step != 1 for step in layer.stride):
        yield "stride ignored", 5, changed_layer(layer, stride=ones)
    if isinstance(layer.padding, tuple) and any(sum(pair) for pair in layer.padding):
        yield "padding ignored", 5, changed_layer(layer, padding=((0, 0),) * layer.axes)
    elif isinstance(layer.padding, tuple) and all(size % 2 for size in layer.kernel_size):
        same = tuple((size // 2, size // 2) for size in layer.kernel_size)
        yield "zeros padded around that are not there", 8, changed_layer(layer, padding=same)
    if any(step != 1 for step in getattr(layer, "dilation", ones)) and "dilation" in layer.options:
        yield "dilation ignored", 5, changed_layer(layer, dilation=ones)
    if layer.stride != layer.kernel_size and "kernel_size" in layer.options:
        yield "stride taken as the kernel size", 9, changed_layer(layer, stride=layer.kernel_size)


def _pools(row: Row) -> Iterator[tuple[str, int, Layer]]:
    layer, kind = row.layer, row.type
    if "Pool" not in kind:
        return
    turned = kind.replace("Max", "Avg") if "Max" in kind else kind.replace("Avg", "Max")
    if turned != kind:
        names = ("the mean of a window in place of its largest number", "the largest number in place of the mean")
        made = other_kind(layer, turned)
        if made is not None:
            yield names["Max" not in kind], 5, made
    if "kernel_size" in layer.options and "Adaptive" not in kind:
        made = other_kind(layer, kind.replace("Max", "Avg"), divisor_override=1)
        if made is not None:
            name = "the sum of a window: the gradient goes to every position" if "Max" in kind else "a sum, not a mean"
            yield name, 6, made
    if "count_include_pad" in layer.options and prod(sum(pair) for pair in layer.__dict__["padding"]) != 0:
        counted = layer.__dict__["count_include_pad"]
        yield "zeros of the padding counted otherwise", 5, changed_layer(layer, count_include_pad=not counted)


def _attention(row: Row) -> Iterator[tuple[str, int, Layer]]:
    layer, known = row.layer, row.layer.options
    if "scale" in known and "num_heads" in known:
        for word, name in (
            ("none", "not scaled"),
            ("sqrt_dk", "scaled by the root of d_k"),
            ("sqrt_dmodel", "scaled by the root of d_model"),
        ):
            if layer.__dict__["scale"] != word:
                yield name, 3, changed_layer(layer, scale=word)
        length, width = row.facts.inputs[-1][1], row.facts.ports["query"][-1] // layer.__dict__["num_heads"]
        yield "scaled by the root of the number of rows, not of columns", 4, changed_layer(layer, scale=length**0.5)
        yield "scaled by d_k, not by its root", 5, changed_layer(layer, scale=width)
        yield "multiplied with the root of d_k, not divided", 7, changed_layer(layer, scale=width**-0.5)
    for option in ("causal", "is_causal"):
        if option in known:
            given = layer.__dict__[option]
            how = "forgotten" if given else "applied, which is not there"
            yield f"the causal mask {how}", 5, changed_layer(layer, **{option: not given})


def _activations(row: Row) -> Iterator[tuple[str, int, Layer]]:
    if row.type not in ACTIVATIONS or row.layer.kernel_name().startswith("keras."):
        return
    identity = other_kind(row.layer, "Identity")
    if identity is not None:
        yield f"{row.type} left out", 5, identity
    for kind in ("ReLU", "Sigmoid", "Tanh"):
        if kind != row.type:
            made = other_kind(row.layer, kind)
            if made is not None:
                yield f"{kind} in place of {row.type}", 8, made


def _axes(row: Row) -> Iterator[tuple[str, int, Layer]]:
    """Along another axis: a softmax, a mean, a sum."""
    layer = row.layer
    if "dim" not in layer.options or not row.facts.inputs or type(layer.__dict__["dim"]) not in (int, type(None)):
        return
    rank = len(row.facts.inputs[0])
    now = layer.__dict__["dim"]
    now = rank - 1 if now is None else now % rank
    for dim in range(1, rank):
        if dim != now and rank > 2:
            yield "along the wrong axis", 5, changed_layer(layer, dim=dim)
    if row.type in ("Mean", "Sum"):
        made = other_kind(layer, "Sum" if row.type == "Mean" else "Mean")
        if made is not None:
            yield (
                f"{'a sum' if row.type == 'Mean' else 'a mean'}, not {'a mean' if row.type == 'Mean' else 'a sum'}",
                5,
                made,
            )
