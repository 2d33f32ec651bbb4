"""Every layer there is has a kernel that agrees with its rules; networks are run, compared and refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future
from threading import Event, current_thread
from typing import Any

import numpy as np
import pytest
from layer_examples import Example, examples

import cnncalc
from cnncalc.core.problem import SpecError
from cnncalc.execute import kernel, memory, random_weights, run
from cnncalc.execute.engine import buffers, threads
from cnncalc.execute.engine import normal_cdf as normal
from cnncalc.layers import find, names
from cnncalc.network.graph import Graph, Input, Node
from cnncalc.network.propagate import propagate
from cnncalc.network.report import Report

EXAMPLES = examples()


def report_of(example: Example) -> Report:
    """A network of that one layer."""
    kind, options, shapes = example
    inputs = [
        Input(f"x{at}", tuple(shape[1:]) if shape[0] == "int" else shape, "int" if shape[0] == "int" else "float")
        for at, shape in enumerate(shapes)
    ]
    found = find(kind)
    assert found is not None
    graph = Graph("example", inputs)
    graph.nodes = [Node("layer", found.bind((), options), tuple(range(len(inputs))))]
    graph.output = len(inputs)
    return propagate(graph)


def said(example: Example) -> str:
    return f"{example[0]}({example[1]})"


@pytest.mark.parametrize("example", EXAMPLES, ids=said)
def test_executed_is_predicted(example: Example) -> None:
    report = report_of(example)
    try:
        assert run.execute(report, batch=3).differences == []
    except KeyError as error:
        raise AssertionError(f"{type(report.rows[0].layer)}: its rule `weights` gives no {error}") from error
    single = run.execute(report, batch=1, dtype="float32", keep="all")
    assert single.differences == []
    width = {array.dtype.name for array in [*single.outputs.values(), *single.ports.values()]}
    assert width <= {"float32", "int64"} or example[0] == "OneHot"


def test_every_layer_has_an_example_and_a_kernel() -> None:
    every = set(names())
    assert {example[0] for example in EXAMPLES} == every


@pytest.mark.parametrize("example", EXAMPLES, ids=said)
def test_samples_stay_apart_and_inputs_stay_as_they_are(example: Example) -> None:
    """A batch gives what its samples give one by one, and no kernel writes into what it is given."""
    report = report_of(example)
    layer, graph = report.rows[0].layer, report.graph
    whole = run.execute(report, batch=2, keep="all")
    weights = {name.partition(".")[2]: array for name, array in whole.weights.items()}
    xs = [whole.value(at) for at in range(len(graph.inputs))]
    for array in (*xs, *weights.values()):
        array.flags.writeable = False
    function = kernel.find(example[0])
    for sample in range(2):
        made = function(layer, weights, *(x[sample : sample + 1] for x in xs))
        parts = made if isinstance(made, dict) else {"output": made}
        for name, array in parts.items():
            together = whole.value(len(xs) if name == "output" else (len(xs), name))
            np.testing.assert_allclose(array[0], together[sample if len(together) > 1 else 0], rtol=1e-9, atol=1e-12)


def test_a_kernel_that_differs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(("Chunk", {"chunks": 2, "dim": 1}, [(6, 4)]))
    right = kernel.find("Chunk")

    def wrong(layer: Any, weights: Any, x: Any) -> Any:
        made = right(layer, weights, x)
        return {**made, "1": made["1"][..., :3]}

    monkeypatch.setitem(kernel._known, "Chunk", wrong)
    found = run.execute(report)
    assert found.differences == ["layer.1: executed [3, 3], predicted [3, 4]"]
    assert found.rows == [("layer", (3, 4), (3, 4), False)]
    assert not found.confirmed
    monkeypatch.setitem(kernel._known, "Chunk", lambda layer, weights, x: right(layer, weights, x)["0"][:, :2])
    assert run.execute(report).differences == [
        "layer: executed [2, 4], predicted [3, 4]",
        "layer.0: executed none, predicted [3, 4]",
        "layer.1: executed none, predicted [3, 4]",
    ]


def test_a_kernel_that_fails_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(layer: Any, weights: Any, x: Any) -> Any:
        raise ValueError("shapes do not fit")

    kernel.find("ReLU")
    monkeypatch.setitem(kernel._known, "ReLU", broken)
    found = run.execute(cnncalc.loads("input: [4]\nlayers: [{fc: Linear(out_features=3)}, ReLU, Tanh]").report())
    assert found.differences == ["relu_1: cannot be executed, shapes do not fit"]
    assert [(row.name, row.executed, row.ok) for row in found.rows] == [
        ("fc", (3,), True),
        ("relu_1", None, False),
        ("tanh_1", None, False),
    ]


NET = """
name: net
input: [3, 8, 8]
layers:
  - conv1: Conv2d(out_channels=4, kernel_size=3, padding=1)
  - bn: BatchNorm2d
  - ReLU
  - Flatten
  - fc: Linear(out_features=2)
"""


def test_numbers_depend_on_the_seed_and_on_names_alone() -> None:
    report = cnncalc.loads(NET).report()
    first, again = run.execute(report, keep="all"), run.execute(report, keep={"conv1"})
    np.testing.assert_array_equal(first["conv1"], again["conv1"])
    assert first["conv1"].shape == (1, 4, 8, 8)
    assert not np.array_equal(first["output"], run.execute(report, seed=1)["output"])
    shorter = run.execute(cnncalc.loads(NET.replace("  - bn: BatchNorm2d\n", "")).report())
    np.testing.assert_array_equal(shorter["fc.weight"], first["fc.weight"])
    single = run.execute(report, dtype="float32", batch=2)
    np.testing.assert_array_equal(single["conv1.weight"], first["conv1.weight"])
    assert single["output"].dtype == np.float32 and single["output"].shape == (2, 2)
    assert (first["bn.running_var"] > 0).all()
    with pytest.raises(KeyError):
        again["bn"]


def test_given_values() -> None:
    network = cnncalc.loads("input: [1, 2]\nlayers:\n  - fc: Linear(out_features=2)\n")
    given = {"input": [3, 4], "fc.weight": [[1, 0], [1, 1]], "fc.bias": [0, 10], "output.grad": [1, 1]}
    found = run.execute(network.report(), values=given, batch=2)
    assert found["output"].tolist() == [[[3, 17]]] * 2
    assert found.given == ["input", "fc.weight", "fc.bias"]
    each = run.execute(network.report(), values={**given, "input": [[[3, 4]], [[0, 1]]]}, batch=2)
    assert each["output"].tolist() == [[[3, 17]], [[0, 11]]]


def problems(values: dict[str, Any], text: str = NET, **options: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    with pytest.raises(SpecError) as caught:
        run.execute(cnncalc.loads(text).report(), values=values, **options)
    return [(problem.code, problem.message, problem.help) for problem in caught.value.problems]


def test_values_that_do_not_fit_are_all_told() -> None:
    found = problems({"fc.weigth": [1], "fc.bias": [1, 2, 3], "conv1.bias": [[1], [2, 3]], "x": 1, "bn.c": 0}, batch=2)
    assert found == [
        ("unknown-value", 'there is no input and no weight "fc.weigth"', ("did you mean fc.weight?",)),
        ("value-shape", "fc.bias is [3], but must be [2]", ()),
        ("values-form", "conv1.bias: its rows have different lengths", ()),
        (
            "unknown-value",
            'there is no input and no weight "x"',
            ("values are given for inputs and weights, such as conv1.weight",),
        ),
        (
            "unknown-value",
            'there is no input and no weight "bn.c"',
            ("bn has weight, bias, running_mean, running_var, num_batches_tracked",),
        ),
    ]
    assert problems({"input": [1, 2]}, batch=2) == [
        ("value-shape", "input is [2], but must be [3, 8, 8], or [2, 3, 8, 8] for a batch", ())
    ]
    tokens = "input: {shape: [3], dtype: int}\nlayers: [{e: 'Embedding(5, 2)'}]"
    assert problems({"input": [0.5, 1, 2]}, tokens) == [
        ("values-form", "input holds positions, whole numbers only", ())
    ]


def test_tokens_stay_in_the_table() -> None:
    text = "input: {shape: [500], dtype: int}\nlayers:\n  - e: Embedding(3, 2)\n"
    found = run.execute(cnncalc.loads(text).report(), keep="all")
    assert set(found["input"].ravel()) == {0, 1, 2}


def test_shared_weights_are_the_owners() -> None:
    text = """
input: {shape: [4], dtype: int}
layers:
  - table: Embedding(7, 3)
  - head: Linear(3, 7, bias=False)
    share: table
"""
    network = cnncalc.loads(text)
    found = run.execute(network.report(), values={"head.weight": np.eye(7, 3)}, keep="all")
    assert found["table.weight"] is found["head.weight"]
    np.testing.assert_array_equal(found["output"], np.eye(7, 3)[found["input"]] @ np.eye(3, 7))


def test_channels_last_is_shown_and_given_last() -> None:
    text = "layout: channels_last\ninput: [4, 5, 3]\nlayers: [{conv: 'Conv2d(3, 2, 1)'}, Flatten]"
    report = cnncalc.loads(text).report()
    image = np.arange(60.0).reshape(4, 5, 3)
    found = run.execute(report, values={"input": image, "conv.bias": [0, 0]}, keep="all")
    assert found.rows[0] == ("conv", (4, 5, 2), (4, 5, 2), True)
    assert found["conv"].shape == (1, 4, 5, 2)
    np.testing.assert_array_equal(found["input"][0], image)
    np.testing.assert_allclose(found["conv"][0], image @ found["conv.weight"][:, :, 0, 0].T)


def test_what_is_kept() -> None:
    text = "input: [5, 3]\nlayers: [{lstm: LSTM(hidden_size=2)}, {fc: Linear(out_features=1)}]"
    report = cnncalc.loads(text).report()
    assert list(run.execute(report).outputs) == ["fc"]
    found = run.execute(report, keep={"lstm.h_n", "lstm"})
    assert (list(found.outputs), list(found.ports)) == (["lstm", "fc"], ["lstm.h_n"])
    np.testing.assert_array_equal(found["lstm"][:, -1], found["lstm.h_n"][:, 0])
    assert report["lstm"].executed == (5, 2)
    assert report.execution == {"confirmed": True, "batch": 1, "dtype": "float64", "seed": 0, "given": []}


def test_free_dimensions_and_wrong_options_are_refused() -> None:
    free = cnncalc.loads("symbols: [H, W]\ninput: [3, H, W]\nlayers: ['Conv2d(3, 2, 3)']").report()
    with pytest.raises(SpecError) as caught:
        run.execute(free)
    assert caught.value.problems[0].message == "a network with symbolic dimensions cannot be executed: H, W"
    for options in ({"dtype": "float16"}, {"batch": 0}):
        with pytest.raises(SpecError) as caught:
            run.execute(report_of(EXAMPLES[0]), **options)  # type: ignore[arg-type]
        assert caught.value.problems[0].code == "option-value"


def test_memory_is_estimated_and_refused() -> None:
    report = cnncalc.load("vgg16").report()
    single, double = memory.estimate(report, 1, "float32"), memory.estimate(report, 1, "float64")
    weights = 138_357_544 * 4
    assert weights + 2 * 64 * 224 * 224 * 4 < single < weights + 6 * 64 * 224 * 224 * 4
    assert 1.9 * single < double < memory.DEFAULT_LIMIT
    assert memory.allow(report) == single
    with pytest.raises(SpecError) as caught:
        memory.allow(report, batch=4, dtype="float64", limit=1 << 30)
    problem = caught.value.problems[0]
    assert problem.code == "too-much-memory"
    assert problem.message == "executing vgg16 takes about 1.43 GB of memory, more than the limit of 1.07 GB"
    assert problem.help == (
        "--memory-limit 2GB allows it",
        "--dtype float32 takes 725 MB",
        "--batch 1 takes 1.21 GB",
    )
    assert memory.estimate(report, 1, "float32", keep="all") > single


@pytest.mark.parametrize("name", ["vgg16", "vit_b_16", "gpt2"])
def test_the_default_limit_lets_the_usual_networks_through(name: str) -> None:
    assert memory.allow(cnncalc.load(name).report()) < memory.DEFAULT_LIMIT


def test_distribution_function_is_exact() -> None:
    from math import erfc, sqrt

    x = np.concatenate([np.linspace(-9.5, 9.5, 40_001), [0.0, np.inf, -np.inf]])
    exact = np.array([0.5 * erfc(-value / sqrt(2)) for value in x])
    assert np.abs(normal.distribution(x) - exact).max() < 3e-16
    single = normal.distribution(x.astype(np.float32))
    assert single.dtype == np.float32
    assert np.abs(single - exact).max() < 2e-7


def test_drawn_numbers_fill_their_range() -> None:
    found = random_weights.uniform((1000, 300), -2, 3, "float64", random_weights.generator(0, "a", "b"))
    assert -2 <= found.min() < -1.99 and 2.99 < found.max() <= 3
    assert abs(found.mean() - 0.5) < 0.02


# What a layer gives may lie where its input lay, if nothing else reads that: here something does, by another name.
READ_TWICE = """
input: [4, 6, 6]
layers:
  - first: Conv2d(4, 4, 3, padding=1)
  - same: Identity
  - flat: Flatten
    from: first
  - normed: BatchNorm2d
    from: same
  - cut: ReLU
  - more: Add
    from: [cut, normed]
  - back: Unflatten(dim=1, unflattened_size=[4, 6, 6])
    from: flat
  - less: Dropout
    from: back
  - over: ReLU6
    from: back
  - twice: Add
    from: [over, over]
  - all: Concat
    from: [more, twice, less]
  - last: LayerNorm(6)
"""


@pytest.mark.parametrize("name", ["read twice", "resnet18", "mobilenet_v2", "densenet121", "lstm_classifier"])
def test_nothing_is_written_over_that_is_read_later(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing may be written over the result is the same to the last bit."""
    report = cnncalc.loads(READ_TWICE).report() if name == "read twice" else cnncalc.load(name).report()
    found = run.execute(report, dtype="float32")["output"]
    monkeypatch.setattr(buffers, "donate", lambda arrays: None)
    assert np.array_equal(found, run.execute(report, dtype="float32")["output"])


def test_who_is_interrupted_while_he_waits_is_helped_by_others_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes while a thread still works: it must not keep the next ones waiting."""
    started, go_on = Event(), Event()

    def interrupted(helper: Future[None], timeout: float | None = None) -> None:
        started.wait(10)
        raise KeyboardInterrupt

    def slow(todo: Iterator[int]) -> None:
        if current_thread().name.startswith("cnncalc"):
            started.set()
            go_on.wait(10)
        else:
            started.wait(10)
        list(todo)

    token = threads._count.set(2)
    try:
        team = threads._pool(1, os.getpid())
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Future, "result", interrupted)
            threads.parallel_for(slow, [1, 2])
        done: list[int] = []
        threads.parallel_for(done.extend, [1, 2, 3])
        assert sorted(done) == [1, 2, 3]
        assert threads._pool(1, os.getpid()) is not team
    finally:
        go_on.set()
        threads._count.reset(token)
