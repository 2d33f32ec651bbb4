"""What holds for every network, tried on random ones built from every registered layer.

Predicted = executed = counted; what is printed reads back to the same report; explanations give the numbers; the order
of independent branches and the size of the batch change no parameter.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from layer_examples import Example, examples

import cnncalc
from cnncalc.core.layer_result import LayerResult
from cnncalc.execute.run import execute
from cnncalc.explain.explain import explain
from cnncalc.layers import keras, names
from cnncalc.network.report import Report
from cnncalc.pages.layers import example as layer_example

EXAMPLES = examples()
# Hypothesis draws the same few of many again and again: so it gets few at a time, however many layers there are.
FEW_AT_A_TIME = 16
PARTS = -(-len(EXAMPLES) // FEW_AT_A_TIME)
RANDOM = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
IN_PARTS = pytest.mark.parametrize("part", range(PARTS))
POINTWISE = ("ReLU", "Tanh", "Sigmoid", "Identity", "PReLU", "GELU", "Dropout(0.3)", "Scale(factor=0.5)", "Softplus")
FEW = st.integers(1, 5)

Entry = dict[str, Any]


@st.composite
def tails(draw: st.DrawFn, depth: int = 0) -> list[Entry]:
    """Entries that take any shape and keep it."""
    entries: list[Entry] = []
    for _ in range(draw(st.integers(0, 3 if depth == 0 else 2))):
        kind = draw(st.sampled_from(("call", "call", "residual", "parallel", "sequential", "repeat")))
        if kind == "call" or depth > 1:
            entries.append({"call": draw(st.sampled_from(POINTWISE))})
        elif kind == "parallel":
            branches = [draw(tails(depth + 1)) or [{"call": "Tanh"}] for _ in range(draw(st.integers(2, 3)))]
            entries.append({"parallel": branches, "merge": draw(st.sampled_from(("add", "multiply")))})
        elif kind == "repeat":
            entries.append(
                {"sequential": draw(tails(depth + 1)) or [{"call": "GELU"}], "repeat": draw(st.integers(1, 3))}
            )
        else:
            entries.append({kind: draw(tails(depth + 1)) or [{"call": "ReLU"}]})
    return entries


def written(entries: list[Entry]) -> list[Any]:
    """The entries as a spec has them."""
    found: list[Any] = []
    for entry in entries:
        if "call" in entry:
            found.append(entry["call"])
        elif "parallel" in entry:
            found.append({**entry, "parallel": [written(branch) for branch in entry["parallel"]]})
        else:
            kind = next(key for key in entry if key in ("residual", "sequential"))
            found.append({**entry, kind: written(entry[kind])})
    return found


@st.composite
def networks(draw: st.DrawFn, among: list[Example] = EXAMPLES) -> dict[str, Any]:
    """A spec: one to three layers of any type, each behind and before others, joined at the end."""
    inputs: dict[str, Any] = {}
    layers: list[Any] = []
    ends = []
    for number, (kind, options, shapes) in enumerate(draw(st.lists(st.sampled_from(among), min_size=1, max_size=3))):
        sources = []
        for at, shape in enumerate(shapes):
            name = f"x{number}_{at}"
            whole = bool(shape) and shape[0] == "int"
            inputs[name] = {"shape": list(shape[1:]), "dtype": "int"} if whole else list(shape)
            if not whole and draw(st.booleans()):
                layers.append({f"before{number}_{at}": draw(st.sampled_from(POINTWISE)), "from": name})
                name = f"before{number}_{at}"
            sources.append(name)
        entry: dict[str, Any] = (
            {kind: options, "name": f"layer{number}"} if options else {f"layer{number}": f"{kind}()"}
        )
        if sources:
            entry["from"] = sources
        layers.append(entry)
        tail = written(draw(tails()))
        if tail:
            layers.append({f"tail{number}": {"sequential": tail}, "from": f"layer{number}"})
        layers.append({f"flat{number}": "Flatten", "from": f"tail{number}" if tail else f"layer{number}"})
        layers.append({f"end{number}": {"Linear": {"out_features": 3}}})
        ends.append(f"end{number}")
    layers.append({"joined": "Add" if len(ends) > 1 else "Identity", "from": ends})
    return {"inputs": inputs or {"unused": [1]}, "layers": layers}


def report_of(spec: dict[str, Any]) -> Report:
    return cnncalc.from_dict(json.loads(json.dumps(spec, default=str))).report()


def test_examples_are_of_every_layer() -> None:
    assert {kind for kind, _, _ in EXAMPLES} == set(names())


# --- predicted = executed = counted --------------------------------------------------------------------------------


def agrees(report: Report, batch: int) -> None:
    """What was predicted is what comes out of the kernels, and what there is to count."""
    with np.errstate(all="ignore"):
        run = execute(report, batch=batch, keep="all")
    assert run.differences == []
    for row in report.rows:
        assert run[row.name].shape == (batch, *row.output_shape)
        held = [*row.weights, *(row.buffers if report.graph.convention == "keras" else ())]  # Keras counts both
        assert sum(run.weights[f"{row.name}.{name}"].size for name in held) == row.params
    assert sum(row.params for row in report.rows) == report.totals.params
    assert sum(row.macs for row in report.rows) == report.totals.macs


@IN_PARTS
def test_predicted_executed_and_counted_agree(part: int) -> None:
    @RANDOM
    @given(networks(EXAMPLES[part::PARTS]), st.integers(1, 3))
    def holds(spec: dict[str, Any], batch: int) -> None:
        agrees(report_of(spec), batch)

    holds()


# --- printed and read back -----------------------------------------------------------------------------------------


def printed(report: Report, inputs: dict[str, Any], convention: str = "pytorch") -> str:
    """The report as a spec of its own: every row as a call with all its sizes, and what it takes."""

    def flat(name: str) -> str:
        for row in report.rows:
            if name == row.name or name.startswith(row.name + "."):
                return row.name.replace(".", "_") + name[len(row.name) :]
        return name

    lines = [f"convention: {convention}", "inputs:"]
    lines += [f"  {name}: {json.dumps(shape)}" for name, shape in inputs.items()]
    lines += ["layers:"]
    for row in report.rows:
        lines.append(f"  - {flat(row.name)}: {json.dumps(row.call)}")
        if row.sources:
            lines.append(f"    from: [{', '.join(map(flat, row.sources))}]")
    return "\n".join(lines) + "\n"


def reads_back(report: Report, inputs: dict[str, Any], convention: str = "pytorch") -> None:
    """What is printed gives the same report."""
    text = printed(report, inputs, convention)
    again = cnncalc.loads(text).report()
    assert again.to_dict()["totals"] == report.to_dict()["totals"]
    assert again.output_shape == report.output_shape
    for row, other in zip(report.rows, again.rows, strict=True):
        mine, theirs = row.to_dict(), other.to_dict()
        for part in ("type", "input_shapes", "output_shape", "weights", "params", "trainable", "macs", "dense_params"):
            assert theirs[part] == mine[part], (row.name, part)
        assert other.call == row.call
        assert other.ports == row.ports
        assert other.buffers == row.buffers
    assert printed(again, inputs, convention) == text


# A Recurrent is its equations, and they are no call.
CALLS = [example for example in EXAMPLES if example[0] != "Recurrent"]


@IN_PARTS
def test_a_report_is_printed_and_read_back(part: int) -> None:
    @RANDOM
    @given(networks(CALLS[part::PARTS]))
    def holds(spec: dict[str, Any]) -> None:
        reads_back(report_of(spec), spec["inputs"])

    holds()


# --- explained -----------------------------------------------------------------------------------------------------


def explains(report: Report) -> None:
    """The last line of each explanation is the number."""
    for row in report.rows:
        found = explain(row)
        for topic, number in (("params", row.params), ("macs", row.macs), ("dense", row.dense)):
            lines = found.of(topic)
            if lines:
                assert lines[-1].value == number, (row.call, topic)
            else:
                assert not number, (row.call, topic)


@IN_PARTS
def test_explanations_give_the_numbers(part: int) -> None:
    @RANDOM
    @given(networks(EXAMPLES[part::PARTS]))
    def holds(spec: dict[str, Any]) -> None:
        explains(report_of(spec))

    holds()


# --- order and batch -----------------------------------------------------------------------------------------------


@RANDOM
@given(st.data())
def test_the_order_of_branches_changes_nothing(data: st.DataObject) -> None:
    shape = data.draw(st.lists(FEW, min_size=1, max_size=3))
    branches = data.draw(st.lists(tails(1), min_size=2, max_size=4))
    order = data.draw(st.permutations(range(len(branches))))
    merge = data.draw(st.sampled_from(("add", "multiply", "concat", "stack")))

    def spec(numbers: Any) -> dict[str, Any]:
        bodies = {f"branch{number}": written(branches[number]) or ["Identity"] for number in numbers}
        return {"input": shape, "layers": [{"parallel": bodies, "name": "all", "merge": merge}]}

    one, other = report_of(spec(range(len(branches)))), report_of(spec(order))
    assert one.output_shape == other.output_shape
    assert one.totals.to_dict() == other.totals.to_dict()

    def rows(report: Report) -> Counter[str]:
        return Counter(json.dumps({**row.to_dict(), "from": None}) for row in report.rows[:-1])

    assert rows(one) == rows(other)


@IN_PARTS
def test_the_order_of_independent_layers_changes_nothing(part: int) -> None:
    @RANDOM
    @given(networks(EXAMPLES[part::PARTS]), st.randoms(use_true_random=False))
    def holds(spec: dict[str, Any], random: Any) -> None:
        groups: dict[str, list[Any]] = {}
        for entry in spec["layers"][:-1]:
            name = entry.get("name") or next(iter(entry))
            groups.setdefault(name.split("_")[0][-1], []).append(entry)
        assume(len(groups) > 1)
        for group in groups.values():
            group[-1].setdefault("from", next(key for key in group[-2] if key != "from"))
        order = list(groups)
        random.shuffle(order)
        moved = {**spec, "layers": [*(entry for key in order for entry in groups[key]), spec["layers"][-1]]}
        same(report_of(spec), report_of(moved))

    holds()


def same(one: Report, other: Report) -> None:
    """The same rows, in whatever order."""
    assert {row.name: row.to_dict() for row in one} == {row.name: row.to_dict() for row in other}
    assert one.totals.to_dict() == other.totals.to_dict()


def doubles(report: Report) -> None:
    """Twice as many samples: the same parameters, twice the work."""
    for row in report.rows:
        twice = LayerResult(row.layer, tuple((2, *x[1:]) for x in row.facts.inputs))
        assert twice.params == row.params
        assert [weight.shape for weight in twice.weights] == [weight.shape for weight in row.facts.weights]
        assert twice.shape[1:] == row.facts.shape[1:]
        if row.facts.inputs:
            assert twice.shape[0] == 2
            if not row.type.startswith("Einsum"):  # its letters are those of one sample
                assert twice.macs == 2 * row.macs


@IN_PARTS
def test_a_batch_twice_as_large_changes_no_parameter(part: int) -> None:
    @RANDOM
    @given(networks(EXAMPLES[part::PARTS]))
    def holds(spec: dict[str, Any]) -> None:
        doubles(report_of(spec))

    holds()


# --- every layer, none left to chance ------------------------------------------------------------------------------


def alone(example: Example) -> dict[str, Any]:
    """The layer of an example, and beside it a branch that has nothing to do with it."""
    kind, options, shapes = example
    inputs: dict[str, Any] = {"other": [3]}
    for at, shape in enumerate(shapes):
        whole = bool(shape) and shape[0] == "int"
        inputs[f"x{at}"] = {"shape": list(shape[1:]), "dtype": "int"} if whole else list(shape)
    layer: dict[str, Any] = {kind: options, "name": "layer"} if options else {"layer": f"{kind}()"}
    if shapes:
        layer["from"] = [name for name in inputs if name != "other"]
    return {
        "inputs": inputs,
        "layers": [layer, {"flat": "Flatten", "from": "layer"}, {"beside": "Linear(3, 2)", "from": "other"}],
    }


def test_every_layer() -> None:
    reached: dict[str, set[str]] = {}
    for example in EXAMPLES:
        spec = alone(example)
        report = report_of(spec)
        first, flat, beside = spec["layers"]
        for name, check in {
            "agrees": lambda report=report: agrees(report, 2),
            "reads back": lambda report=report, spec=spec: reads_back(report, spec["inputs"]),
            "explains": lambda report=report: explains(report),
            "doubles": lambda report=report: doubles(report),
            "in any order": lambda spec=spec, moved=(beside, first, flat): same(
                report_of(spec), report_of({**spec, "layers": list(moved)})
            ),
        }.items():
            if name != "reads back" or example in CALLS:
                check()
                reached.setdefault(name, set()).add(example[0])
    assert len(reached) == 5
    for name, kinds in reached.items():
        assert set(names()) - kinds == ({"Recurrent"} if name == "reads back" else set()), name


@pytest.mark.parametrize("name", keras.names())
def test_every_layer_of_keras(name: str) -> None:
    text = layer_example(name, "keras")
    assert text, "the layer has no example"
    report = cnncalc.loads(text).report()
    assert name in {row.type for row in report.rows}
    agrees(report, 2)
    explains(report)
    doubles(report)


def test_random_networks_are_of_most_layers() -> None:
    """What Hypothesis draws is not the same few."""
    drawn: set[str] = set()
    for part in range(PARTS):

        @RANDOM
        @given(networks(EXAMPLES[part::PARTS]))
        def draw(spec: dict[str, Any]) -> None:
            drawn.update(row.type for row in report_of(spec).rows)

        draw()
    assert len(drawn) > 0.7 * len([name for name in names() if not name.endswith("Loss")])
