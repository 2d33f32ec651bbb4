"""Mistakes with computed numbers: the network is run again with a filter turned round, a scale or a bias forgotten."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from cnncalc.analysis.mistakes.facts import REFUSED
from cnncalc.analysis.mistakes.world import NoAnswer, Question
from cnncalc.analysis.names import Names
from cnncalc.facts import Facts, is_bias
from cnncalc.number import prod
from cnncalc.problem import Fault, SpecError
from cnncalc.report import Report, Row

MOST_MACS = 20_000_000  # of a network that is run again, and how many layers it may have
MOST_ROWS = 60
Values = dict[str, Any]


def of_array(holds: Callable[[Any], bool], actual: Any) -> Iterator[tuple[str, int]]:
    """Mistakes that the right array explains: its sign, its axes."""
    import numpy as np

    try:
        array = np.asarray(actual, dtype=float)
    except (TypeError, ValueError):
        return
    if holds((-array).tolist()):
        yield "sign wrong", 4
    if array.ndim > 1:
        if holds(np.swapaxes(array, -1, -2).tolist()):
            yield "rows and columns exchanged", 5
        if holds(np.flip(array, (-1, -2)).tolist()):
            yield "turned round", 6
    if array.ndim and holds((array * 2).tolist()):
        yield "twice too much", 9
    if array.ndim and holds((array / 2).tolist()):
        yield "half of it", 9


def values(names: Names, question: Question) -> Iterator[tuple[str, int, Any]]:
    """What each mistake makes of a question: every network with a mistake is run once, every value taken once."""
    known: dict[Any, Any] = names.remembered.setdefault("arrays", {})
    if "" not in known:
        known[""] = list(runs(names))
    for at, (name, rank, wrong) in enumerate(known[""]):
        if (question.text, at) not in known:
            try:
                known[question.text, at] = question.value(wrong)
            except NoAnswer:
                known[question.text, at] = None
        if known[question.text, at] is not None:
            yield name, rank, known[question.text, at]


def runs(names: Names) -> Iterator[tuple[str, int, Names]]:
    """Names of the network run with one mistake each; none where running it again would take long."""
    report = names.report
    macs = report.totals.macs
    if type(macs) is not int or macs > MOST_MACS or len(report.rows) > MOST_ROWS:
        return
    values = _values(names)
    for name, rank, change in (
        ("the filter turned round, as in the convolution of mathematics", 3, _flipped),
        ("bias forgotten", 4, _unbiased),
    ):
        changed = {key: change(report, key, array) for key, array in values.items()}
        if any(changed[key] is not values[key] for key in values):
            yield name, rank, Names(report, _runner(report, changed))
    for at, row in enumerate(report.rows):
        for name, rank, options in _other_options(row):
            try:
                wrong = _with_options(report, at, options)
            except REFUSED:
                continue
            yield name, rank, Names(wrong, _runner(wrong, values))


def _values(names: Names) -> Values:
    """Every array that the right run used: weights, buffers and inputs, of one sample."""
    run, graph = names.run, names.report.graph
    owned = {row.name for row in names.report.rows if row.owner is None}
    values: Values = {}
    for name, array in run.weights.items():
        if any(name.startswith(f"{owner}.") for owner in owned):
            values[name] = array
    for number, given in enumerate(graph.inputs):
        values[given.name] = run.value(number)[0]
    return values


def _runner(report: Report, values: Values) -> Callable[[], Any]:
    def run() -> Any:
        from cnncalc.execute.run import execute

        try:
            return execute(report, values=values, seed=0, keep="all")
        except SpecError as error:
            raise Fault("no-value", str(error)) from None

    return run


def _flipped(report: Report, name: str, array: Any) -> Any:
    row = _row_of(report, name)
    if row is None or not row.layer.axes or is_bias(name) or array.ndim != row.layer.axes + 2:
        return array
    import numpy as np

    first = 0 if row.layer.kernel_name().startswith("keras.") else 2
    return np.flip(array, tuple(range(first, first + row.layer.axes)))


def _unbiased(report: Report, name: str, array: Any) -> Any:
    row = _row_of(report, name)
    return array * 0 if row is not None and is_bias(name) and name.rsplit(".", 1)[-1] in row.weights else array


def _row_of(report: Report, name: str) -> Row | None:
    """The layer that a weight belongs to."""
    return next((row for row in report.rows if name.startswith(f"{row.name}.")), None)


def _other_options(row: Row) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Options with which people compute attention, activations and norms otherwise."""
    layer, known = row.layer, row.layer.options
    if "scale" in known and "num_heads" in known:
        for word, name in (
            ("none", "not scaled"),
            ("sqrt_dk", "scaled by the root of d_k"),
            ("sqrt_dmodel", "scaled by the root of d_model"),
        ):
            if layer.__dict__["scale"] != word:
                yield name, 3, {"scale": word}
        length, width = row.facts.inputs[-1][1], row.facts.ports["query"][-1] // layer.__dict__["num_heads"]
        yield "scaled by the root of the number of rows, not of columns", 4, {"scale": length**0.5}
        yield "scaled by d_k, not by its root", 5, {"scale": width}
    for option, name in (("causal", "causal mask"), ("is_causal", "causal mask")):
        if option in known:
            given = layer.__dict__[option]
            yield f"the {name} {'forgotten' if given else 'applied, which is not there'}", 5, {option: not given}
    if "count_include_pad" in known and prod(sum(pair) for pair in layer.__dict__["padding"]) != 0:
        yield (
            "zeros of the padding counted otherwise",
            5,
            {"count_include_pad": not layer.__dict__["count_include_pad"]},
        )


def _with_options(report: Report, at: int, options: dict[str, Any]) -> Report:
    """The network with other options in one layer; raises `Fault` where it cannot be."""
    graph = copy.copy(report.graph)
    graph.nodes = list(graph.nodes)
    wrong = Report(graph)
    for index, row in enumerate(report.rows):
        node, facts = row.node, row.facts
        if index == at:
            node = copy.copy(node)
            layer = object.__new__(type(node.layer))
            layer.__dict__.update(node.layer.__dict__)
            layer.__dict__.update(options)
            node.layer = layer
            facts = Facts(layer, facts.inputs)
            graph.nodes[index] = node
        made = Row(wrong, node, facts)
        made.own, made.owner = row.own, row.owner
        wrong.rows.append(made)
    return wrong
