"""Run a propagated network with NumPy and hold every array's shape against the predicted one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.number import prod
from cnncalc.core.problem import Fault, fail
from cnncalc.execute import given_values, inside, integer_inputs, kernel, memory, random_weights, train
from cnncalc.execute.engine import buffers, threads
from cnncalc.execute.kernel import Array, Weights
from cnncalc.network import array_names
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report, Row

Progress = Callable[[int, int, str], None]
# Numbers from inside of a layer that are kept together where one of its arrays is asked for.
MUCH = 5_000_000


class Executed(NamedTuple):
    """One layer: the predicted and the executed shape of a sample, in the network's layout; and whether all agrees."""

    name: str
    predicted: tuple[int, ...]
    executed: tuple[int, ...] | None
    ok: bool


class Execution:
    """A network that was run. `run["conv1"]`, `run["lstm.h_n"]`, `run["lstm.c"]`, `run["conv1.weight"]` are arrays.

    rows         one `Executed` a layer, in order
    confirmed    whether every executed shape, port and number of parameters is the predicted one
    differences  what differs, in words
    batched      whether the given inputs are a batch, which arrays in expressions then are too
    outputs      the arrays that were kept by name, batch axis in front, in the network's layout
    ports        further outputs that were kept, by "layer.port"
    given        names of the arrays that were given
    neutral      places of those that were not, but are 0 or 1 (`random_weights.neutral`); others are drawn from `seed`
    values       those arrays as they were given, and with them the gradient at the output
    seconds      how long the kernels took; `drawing` is the time that drawing weights took
    """

    __slots__ = (
        "_after",
        "_values",
        "_weights",
        "batch",
        "batched",
        "differences",
        "drawing",
        "dtype",
        "given",
        "memory_limit",
        "neutral",
        "report",
        "rows",
        "seconds",
        "seed",
        "values",
    )

    def __init__(self, report: Report, batch: int, seed: int, dtype: str, batched: bool = False) -> None:
        self.report = report
        self.batch = batch
        self.batched = batched
        self.seed = seed
        self.dtype = dtype
        self.rows: list[Executed] = []
        self.differences: list[str] = []
        self.given: list[str] = []
        self.neutral: set[given_values.Place] = set()
        self.values: Mapping[str, Any] = {}
        self.memory_limit: int | None = None
        self.seconds = 0.0
        self.drawing = 0.0
        self._values: dict[Ref, Array] = {}
        self._weights: dict[given_values.Place, Array] = {}
        # Statistics that training has moved on: what the next batch would meet.
        self._after: dict[given_values.Place, Array] = {}

    @property
    def confirmed(self) -> bool:
        """Whether all is as predicted."""
        return not self.differences

    @property
    def outputs(self) -> dict[str, Array]:
        """The kept outputs of layers and the inputs, by name."""
        return {self.report.graph.label(ref): self._laid_out(ref) for ref in self._values if isinstance(ref, int)}

    @property
    def ports(self) -> dict[str, Array]:
        """The kept further outputs, by "layer.port"."""
        return {self.report.graph.label(ref): self._laid_out(ref) for ref in self._values if isinstance(ref, tuple)}

    @property
    def weights(self) -> dict[str, Array]:
        """Every weight and buffer by "layer.weight"; a shared one stands under each name."""
        report = self.report
        return {
            f"{row.name}.{held.name}": self._weights[given_values.owner(report, index, held.name)]
            for index, row in enumerate(report.rows)
            for held in (*row.facts.weights, *row.facts.buffers)
            if given_values.owner(report, index, held.name) in self._weights
        }

    def value(self, ref: Ref) -> Array:
        """A kept value by its reference in the graph, batch axis in front, channels first.

        What a layer makes on its way is computed here, from its kept inputs. Raises `Fault` where the execution
        stopped before it.
        """
        if ref not in self._values and self.differences:
            raise Fault("not-confirmed", self.differences[-1])
        if ref not in self._values and isinstance(ref, tuple):
            self._look_inside(*ref)
        return self._values[ref]

    @np.errstate(all="ignore")
    @threads.together()
    def _look_inside(self, number: int, name: str) -> None:
        """Run a layer again for what it makes on its way: all of that, where it is not much."""
        report = self.report
        index = number - len(report.graph.inputs)
        row = report.rows[index]
        shapes = row.facts.inside
        weights = {held.name: self.used(index, held.name) for held in (*row.facts.weights, *row.facts.buffers)}
        xs = [self.value(ref) for ref in row.node.inputs]
        sizes = {each: self.batch * prod(shape[1:]) for each, shape in shapes.items()}
        names = [name] if sum(sizes.values()) > MUCH else list(shapes)
        kept = sum(array.size for ref, array in self._values.items() if isinstance(ref, tuple))
        wanted = kept + sum(sizes[each] for each in names)
        memory.allow_more(f"{row.name}.{name}", wanted, self.dtype, self.memory_limit)
        made: Any = inside.computed(row, weights, xs, names)
        self._values.update({(number, each): made[each] for each in names})

    def weight(self, layer: str, name: str) -> Array:
        """One weight or buffer of a layer, a statistic as training left it."""
        index = next(at for at, row in enumerate(self.report.rows) if row.name == layer)
        place = given_values.owner(self.report, index, name)
        return self._after[place] if place in self._after else self._weights[place]

    def used(self, index: int, name: str) -> Array:
        """One weight or buffer of a layer by its index, as it was computed with."""
        return self._weights[given_values.owner(self.report, index, name)]

    def __getitem__(self, name: str) -> Array:
        graph = self.report.graph
        refs: dict[str, Ref] = {"output": graph.output} | {graph.label(ref): ref for ref in self._values}
        full = self.report.full_name(name)
        if full in graph.blocks:
            refs.setdefault(full, graph.blocks[full].output)
        ref = refs.get(name, refs.get(full))
        if ref is not None and ref in self._values:
            return self._laid_out(ref)
        layer, _, part = name.rpartition(".")
        layer = self.report.full_name(layer)
        for number, row in enumerate(self.report.rows, len(graph.inputs)):
            if row.name == layer and part in row.facts.inside:
                return self.value((number, part))
        try:
            place = array_names.find(self.report, array_names.array_names(self.report), name)
            return self._after[place] if place in self._after else self._weights[place]
        except Fault:
            raise KeyError(name) from None

    def _laid_out(self, ref: Ref) -> Array:
        array = self._values[ref]
        graph = self.report.graph
        if self.report.image(ref):
            return np.moveaxis(array, *((-1, 1) if graph.convention == "keras" else (1, -1)))
        return array

    def to_dict(self) -> dict[str, Any]:
        """What the JSON document says of the execution."""
        document: dict[str, Any] = {
            "confirmed": self.confirmed,
            "batch": self.batch,
            "dtype": self.dtype,
            "seed": self.seed,
            "given": list(self.given),
        }
        if self.report.graph.training:
            document["mode"] = "train"
        if self.differences:
            document["differences"] = list(self.differences)
        return document


@np.errstate(all="ignore")  # a number that is too large is infinite, and 0/0 is none: nobody is warned of a result
@threads.together()
def execute(
    report: Report,
    *,
    values: Mapping[str, Any] | None = None,
    seed: int = 0,
    batch: int | None = None,
    dtype: str = "float64",
    keep: Any = None,
    progress: Progress | None = None,
    memory_limit: int | None = None,
) -> Execution:
    """Run every layer's kernel in order. What `values` does not give is drawn from `seed`.

    Not drawn are running statistics and what norms train, and of a layer of which an array is given the biases left
    out (`random_weights.neutral`). There are `batch` samples; without it as many as the given inputs hold. `keep` names
    the layers (and "layer.port") whose arrays stay, or is "all"; without it only the output stays.
    The forward is inference unless the graph is in training. Raises `SpecError` for values that do not fit, for free
    dimensions, and where memory would not do (`memory_limit` in bytes; without it what the machine has).
    """
    limit = memory_limit if memory_limit is not None else memory.installed()
    held = given_values.samples(report, values) if batch is None else 1
    batched = held > 1
    batch = held if batch is None else batch
    _check(report, batch, dtype, keep, limit)
    graph = report.graph
    run = Execution(report, batch, seed, dtype, batched)
    run.memory_limit = limit
    run.values = values or {}
    limits = integer_inputs.limits(report)
    found = given_values.placed(report, values, batch, set(limits), integer_inputs.readers(report))
    run.given = [name for name in values or () if not name.endswith(".grad")]
    count = len(graph.inputs)
    live: dict[int, Array | dict[str, Array]] = {}
    for number, taken in enumerate(graph.inputs):
        array = found.get((number, given_values.INPUT))
        if array is None:
            array = random_weights.inputs(taken.name, (batch, *taken.shape), limits.get(number), seed, dtype)
        live[number] = array if array.dtype.kind in "iub" and number in limits else array.astype(dtype)
        _keep(run, keep, number, live[number])
    last = memory.last_readers(report)
    asked = inside.taken(report)
    for index, row in enumerate(report.rows):
        if progress is not None:
            progress(index, len(report.rows), row.name)
        started = perf_counter()
        weights = _weights(run, index, row, found)
        if graph.training:
            train.enough(row, batch)
        drawn = perf_counter()
        run.drawing += drawn - started
        xs = [_port(live[ref if isinstance(ref, int) else ref[0]], ref) for ref in row.node.inputs]
        for ref in row.node.inputs:
            source = ref if isinstance(ref, int) else ref[0]
            if last[source] == index:
                live.pop(source, None)
        try:
            kernel.find(row.layer.kernel_name())
            if kernel.over(row.layer.kernel_name()):
                buffers.donate(xs)
            made = inside.computed(row, weights, xs, asked.get(index, ()))
        except (ValueError, IndexError, TypeError, ArithmeticError) as error:
            _failed(run, row, error)
            break
        run.seconds += perf_counter() - drawn
        if graph.training:  # statistics move with every batch
            for statistic in row.facts.buffers:
                run._after[given_values.owner(report, index, statistic.name)] = weights[statistic.name]
        if not xs:  # a bare parameter is the same for every sample
            made = np.broadcast_to(made, (batch, *np.shape(made)[1:]))  # type: ignore[arg-type]
        number = count + index
        live[number] = made
        _compare(run, row, made, weights)
        _keep(run, keep, number, made)
        if last[number] < 0:
            live.pop(number, None)
        del made, xs
        buffers.release_idle()
    report.execution = run.to_dict()
    return run


def _check(report: Report, batch: int, dtype: str, keep: Any, limit: int | None) -> None:
    """Refuse what cannot be run."""
    if dtype not in ("float32", "float64"):
        fail("option-value", f'dtype must be float32 or float64, not "{dtype}"')
    if type(batch) is not int or batch < 1:
        fail("option-value", f"batch must be a whole number of at least 1, not {batch}")
    free = memory.free_sizes(report)
    if free:
        fail(
            "free-dimensions",
            f"a network with free dimensions cannot be executed: {', '.join(free[:5])}",
            help="--set NAME=VALUE gives a free dimension its size",
        )
    if limit is not None:
        memory.allow(report, batch=batch, dtype=dtype, limit=limit, keep=keep)


def _weights(run: Execution, index: int, row: Row, found: dict[given_values.Place, Array]) -> Weights:
    """The layer's arrays: given, the owner's, neutral or drawn."""
    weights: Weights = {}
    around = 1.0
    held_ = (*row.facts.weights, *row.facts.buffers)
    places = [given_values.owner(run.report, index, held.name) for held in held_]
    some = any(place in found for place in places)
    for held, place in zip(held_, places, strict=True):
        around = random_weights.bound(row.layer, held.name, held.shape, around)
        array = run._weights.get(place)
        if array is None:
            whole_ = held.name.rsplit(".", 1)[-1] == "num_batches_tracked"
            array = found.get(place)
            if array is None:
                home = run.report.rows[place[0]]
                still = random_weights.neutral(home.layer, held.name, some)
                if still is None:
                    array = random_weights.weight(
                        home.layer, home.name, held.name, held.shape, around, run.seed, run.dtype
                    )
                else:
                    array = np.full(held.shape, still, np.int64 if whole_ else run.dtype)
                    run.neutral.add(place)
            elif not whole_:
                array = array.astype(run.dtype)
            run._weights[place] = array
        weights[held.name] = array
    return weights


def _port(value: Array | dict[str, Array], ref: Ref) -> Array:
    """What a reference stands for: the output, or a port."""
    name = "output" if isinstance(ref, int) else ref[1]
    return value[name] if isinstance(value, dict) else value


def _keep(run: Execution, keep: Any, number: int, made: Array | dict[str, Array]) -> None:
    """Put aside what the caller wants, and what the network gives."""
    graph = run.report.graph
    parts = made if isinstance(made, dict) else {"output": made}
    for name, array in parts.items():
        ref: Ref = number if name == "output" else (number, name)
        if ref == graph.output or keep == "all" or (keep and graph.label(ref) in keep):
            run._values[ref] = array


def _compare(run: Execution, row: Row, made: Array | dict[str, Array], weights: Weights) -> None:
    """One row: the output's shape, every port's, and how many parameters there were."""
    report = run.report
    parts = made if isinstance(made, dict) else {"output": made}
    before = len(run.differences)
    output = parts["output"]
    image = report.is_image(row.node)
    predicted = tuple(report.laid_out(tuple(row.facts.shape[1:]), image))
    executed = tuple(report.laid_out(tuple(output.shape[1:]), image and output.ndim == len(row.facts.shape)))
    if output.shape != (run.batch, *row.facts.shape[1:]):
        whole_shape = list(executed) if output.shape[:1] == (run.batch,) else f"{list(output.shape)} with the batch"
        run.differences.append(f"{row.name}: executed {whole_shape}, predicted {list(predicted)}")
    for name in sorted({*parts, *row.facts.ports} - {"output"}):
        port = row.facts.port(name)
        wanted = None if port is None else tuple(port[1:])
        shape = parts[name].shape if name in parts else None
        if wanted is None or shape != (run.batch, *wanted):
            said = "none" if shape is None else list(shape[1:])
            run.differences.append(
                f"{row.name}.{name}: executed {said}, predicted {'none' if wanted is None else list(wanted)}"
            )
    held = sum(weights[weight.name].size for weight in row.facts.weights)
    if held != sum(prod(weight.shape) for weight in row.facts.weights):
        run.differences.append(f"{row.name}: executed {held} parameters, predicted {row.facts.params}")
    run.rows.append(Executed(row.name, predicted, executed, len(run.differences) == before))
    row.executed = executed


def _failed(run: Execution, row: Row, error: Exception) -> None:
    """A kernel that cannot work with the predicted shapes: the row differs, and what comes after is not known."""
    run.differences.append(f"{row.name}: cannot be executed, {error}")
    for other in run.report.rows[len(run.rows) :]:
        predicted = tuple(run.report.laid_out(tuple(other.facts.shape[1:]), run.report.is_image(other.node)))
        run.rows.append(Executed(other.name, predicted, None, False))
