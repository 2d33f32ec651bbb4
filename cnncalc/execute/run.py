"""Run a propagated network with NumPy and hold every array's shape against the predicted one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from cnncalc.core.number import as_ints, prod
from cnncalc.core.problem import fail
from cnncalc.execute import given_values, inside, integer_inputs, kernel, memory, random_weights, train
from cnncalc.execute.engine import buffers, threads
from cnncalc.execute.execution import Executed, Execution
from cnncalc.execute.kernel import Array, Weights
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row

Progress = Callable[[int, int, str], None]


@np.errstate(all="ignore")  # a number that is too large is infinite, and 0/0 is none: nobody is warned of a result
@threads.together()
def execute(
    report: Report,
    *,
    values: Mapping[str, Any] | None = None,
    seed: int = 0,
    batch: int | None = None,
    dtype: str = "float64",
    keep: object = None,
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
            array = random_weights.inputs(taken.name, (batch, *as_ints(taken.shape)), limits.get(number), seed, dtype)
        live[number] = array if array.dtype.kind in "iub" and number in limits else array.astype(dtype)
        _keep(run, keep, number, live[number])
    last = memory.last_readers(report)
    asked = inside.taken(report)
    for index, row in enumerate(report.rows):
        if progress is not None:
            progress(index, len(report.rows), row.name)
        started = perf_counter()
        weights = _drawn(run, index, row, found)
        if row.unused:  # it has weights, and there is nothing to run
            continue
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
        finally:
            buffers.donate([])
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
    report.execution = run.to_dict()
    return run


def _check(report: Report, batch: int, dtype: str, keep: object, limit: int | None) -> None:
    """Refuse what cannot be run."""
    if dtype not in ("float32", "float64"):
        fail("option-value", f'dtype must be float32 or float64, not "{dtype}"')
    if type(batch) is not int or batch < 1:
        fail("option-value", f"batch must be a whole number of at least 1, not {batch}")
    free = memory.free_sizes(report)
    if free:
        fail(
            "free-dimensions",
            f"a network with symbolic dimensions cannot be executed: {', '.join(free[:5])}",
            help="--set NAME=VALUE gives a symbolic dimension its size",
        )
    if limit is not None:
        memory.allow(report, batch=batch, dtype=dtype, limit=limit, keep=keep)


def _drawn(run: Execution, index: int, row: Row, found: dict[given_values.Place, Array]) -> Weights:
    """The layer's arrays: given, the owner's, neutral or drawn."""
    weights: Weights = {}
    around = 1.0
    held_ = (*row.facts.weights, *row.facts.buffers)
    places = [given_values.owner(run.report, index, held.name) for held in held_]
    some = any(place in found for place in places)
    for held, place in zip(held_, places, strict=True):
        sizes = as_ints(held.shape)
        around = random_weights.bound(row.layer, held.name, sizes, around)
        array = run._weights.get(place)
        if array is None:
            whole_ = held.name.rsplit(".", 1)[-1] == "num_batches_tracked"
            array = found.get(place)
            if array is None:
                home = run.report.rows[place[0]]
                still = random_weights.neutral(home.layer, held.name, some)
                if still is None:
                    array = random_weights.weight(home.layer, home.name, held.name, sizes, around, run.seed, run.dtype)
                else:
                    array = np.full(sizes, still, np.int64 if whole_ else run.dtype)
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
    predicted = as_ints(report.laid_out(tuple(row.facts.shape[1:]), image))
    executed = as_ints(report.laid_out(tuple(output.shape[1:]), image and output.ndim == len(row.facts.shape)))
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
        if other.unused:
            continue
        predicted = as_ints(run.report.laid_out(tuple(other.facts.shape[1:]), run.report.is_image(other.node)))
        run.rows.append(Executed(other.name, predicted, None, False))
