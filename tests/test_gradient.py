"""Gradients against PyTorch's recorded ones, against finite differences for every layer, and through networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch_cases
from array_cases import Run, batch_of, front, layer, named, runs
from array_data import recorded
from layer_examples import examples

import cnncalc
from cnncalc.core.problem import Fault
from cnncalc.execute import kernel
from cnncalc.execute.gradient import activation, autodiff, gradcheck
from cnncalc.execute.gradient.custom_gradient import Followed
from cnncalc.execute.gradient.tape import Tape
from cnncalc.execute.run import execute
from cnncalc.layers import FAMILIES as KINDS
from cnncalc.layers import find, keras
from cnncalc.network.graph import Graph, Input, Node
from cnncalc.network.propagate import propagate
from tests.followed import Made

FAMILIES = sorted({case.rsplit("-", 1)[0] for case in recorded()} - {"network"})
# PyTorch multiplies Hardsigmoid's gradient by 1/6 in single precision.
ROUGH = {"Hardsigmoid": 1e-7}


def case_of(family: str, name: str) -> dict[str, Any]:
    case = next(case for case in torch_cases.cases()[family] if case["id"] == name)
    return torch_cases.UNBATCHED.get(family, torch_cases.same)(case)


def wanted(name: str, family: str, made: Made) -> tuple[Any, dict[Any, Any]]:
    """What arrived at the output in a recorded call, and the gradients that PyTorch gave, the batch in front."""
    arrays, case = recorded()[name], case_of(family, name)
    g = arrays["gradout"]
    if family != "sdpa":
        g = front(g, *batch_of(0, case))
    elif g.shape != made.parts["output"].shape:
        g = g[None]
    found: dict[Any, Any] = dict(named(arrays, "grad:"))
    for at, array in named(arrays, "gradin_").items():
        if array.shape != made.leaves[int(at)].shape or case["batch_axis"]:
            array = front(array, case["batch"], case["batch_axis"])
        found[int(at)] = array
    return g, found


def compared(name: str, run: Run, family: str) -> list[str]:
    """Every gradient of a recorded call that is not PyTorch's, and how many there are."""
    near = ROUGH.get(run.layer.type(), 1e-9)
    wrong = []
    for at_once in (False, True) if run.layer.type() == "LSTM" else (False,):
        made = Made(run.layer, dict(run.weights), list(run.inputs), at_once, **run.extra)
        g, theirs = wanted(name, family, made)
        assert g.shape == made.parts["output"].shape
        ours = made.back(g)
        for key, array in theirs.items():
            most = max(1.0, float(np.abs(array).max(initial=0)))
            if ours[key].shape != array.shape or not np.allclose(ours[key], array, rtol=near, atol=near * most):
                wrong.append(f"{name} {key}: {run.layer}")
        assert theirs, name
    return wrong


@pytest.mark.parametrize("part", ["output", "h_n", "c_n"])
def test_steps_of_an_lstm_followed_as_one(part: str) -> None:
    numbers = np.random.default_rng(3)
    lstm = find("LSTM").bind([5, 4], {"num_layers": 2, "bidirectional": True, "proj_size": 3})
    xs = [numbers.standard_normal(shape) for shape in ((2, 6, 5), (2, 4, 3), (2, 4, 4))]
    weights = {weight.name: numbers.standard_normal(weight.shape) for weight in lstm.weights(*(x.shape for x in xs))}
    apart, at_once = (Made(lstm, weights, xs, way) for way in (False, True))
    g = numbers.standard_normal(apart.parts[part].shape)
    theirs, ours = apart.back(g, part), at_once.back(g, part)
    for key, array in theirs.items():
        np.testing.assert_allclose(ours[key], array, rtol=1e-9, atol=1e-11, err_msg=str(key))


def test_steps_are_taken_apart_where_one_is_asked_for() -> None:
    text = "input: [5, 3]\nlayers:\n- rnn: LSTM(3, 2)\n- last: Linear(2, 1)\n"
    tapes = [Tape(execute(cnncalc.loads(text).report(), dtype="float64", keep="all")) for _ in range(2)]
    weight = ("weight", 0, "weight_hh_l0")
    first = tapes[0].gradient(weight)
    np.testing.assert_allclose(tapes[0].gradient((1, "c"))[0], tapes[1].gradient((1, "c"))[0])
    np.testing.assert_allclose(tapes[0].gradient(weight), first)
    np.testing.assert_allclose(
        tapes[0].jacobian(((1, "h"), (4,)), ((1, "h"), (0,))),
        tapes[1].by_steps(tapes[1].steps(1)["h"][4], tapes[1].steps(1)["h"][:1])[0],
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_recorded(family: str) -> None:
    asked = [compared(name, run, family) for name, run in runs(family) if not isinstance(run, str)]
    assert [line for lines in asked for line in lines] == []
    assert len(asked) > 15


def test_a_wrong_derivative_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(activation.SLOPES, "Softsign", lambda layer, x, y: 1 / (1 + np.abs(x)))
    asked = [compared(name, run, "activation") for name, run in runs("activation") if not isinstance(run, str)]
    assert {line.partition(": ")[2].partition("(")[0] for lines in asked for line in lines} == {"Softsign"}


def test_recorded_networks() -> None:
    asked = 0
    for case in torch_cases.cases()["network"]:
        if case["id"] not in recorded():
            continue
        arrays = recorded()[case["id"]]
        leaves = {0: autodiff.new_leaf(arrays["input_0"])}
        x = leaves[0]
        for index, (kind, options) in enumerate(case["kwargs"]["layers"]):
            own = {**named(arrays, f"param:{index}."), **named(arrays, f"buffer:{index}.")}
            weights = {
                name: autodiff.new_leaf(array) if array.dtype.kind == "f" else array for name, array in own.items()
            }
            leaves |= {f"{index}.{name}": array for name, array in weights.items()}
            made = kernel.find(kind)(layer(kind, options), Followed(weights, lambda *_: _[-1], print), x)
            x = made["output"] if isinstance(made, dict) else made
        wanted = {leaf._node for leaf in leaves.values() if isinstance(leaf, autodiff.TracedArray)}
        found = autodiff.backprop(autodiff.find_path([x._node], wanted), {x._node: arrays["gradout"]})
        theirs = {**named(arrays, "grad:"), 0: arrays["gradin_0"]}
        for name, array in theirs.items():
            most = max(1.0, float(np.abs(array).max()))
            ours = found[leaves[name]._node]
            np.testing.assert_allclose(ours, array, rtol=1e-9, atol=1e-9 * most, err_msg=f"{case['id']} {name}")
        asked += 1
    assert asked == 30


def network(kind: str, options: dict[str, Any], shapes: list[Any]) -> Graph:
    """A network of one layer."""
    inputs = [
        Input(f"x{at}", tuple(shape[1:]), "int") if shape and shape[0] == "int" else Input(f"x{at}", tuple(shape))
        for at, shape in enumerate(shapes)
    ]
    graph = Graph(kind, inputs)
    found = find(kind)
    assert found is not None
    graph.nodes.append(Node("layer", found.bind((), dict(options)), tuple(range(len(inputs)))))
    graph.output = len(inputs)
    return graph


def values(kind: str, graph: Graph) -> dict[str, Any]:
    """An unpooling puts each number somewhere else; a cross-entropy takes probabilities."""
    if kind == "BCELoss":
        return {"x0": np.random.default_rng(0).uniform(0.1, 0.9, graph.inputs[0].shape)}
    if not kind.startswith("MaxUnpool"):
        return {}
    shape = graph.inputs[1].shape
    return {"x1": np.arange(np.prod(shape[1:])).reshape(1, *shape[1:]) * np.ones((shape[0], *[1] * len(shape[1:])))}


@pytest.mark.parametrize("example", examples(), ids=lambda example: example[0])
def test_finite_differences(example: tuple[str, dict[str, Any], list[Any]]) -> None:
    kind, options, shapes = example
    graph = network(kind, options, shapes)
    run = execute(propagate(graph), values=values(kind, graph), keep="all")
    if run["output"].dtype.kind != "f":
        return
    results = gradcheck.check(run)
    assert [result for result in results if not result.ok] == []
    compared = [result for result in results if not result.remark]
    assert all(result.corners < result.tried for result in compared), compared


def test_every_layer_type_has_an_example() -> None:
    known = {name for names in KINDS.values() for name in names.split()}
    assert known - {kind for kind, _, _ in examples()} == set()


def test_finite_differences_notice_a_wrong_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(activation.SLOPES, "Tanh", lambda layer, x, y: 1 - y)
    run = cnncalc.loads("input: [4]\nlayers: [Tanh]").run()
    assert [result.ok for result in gradcheck.check(run)] == [False]


def test_followed_kernels_give_what_kernels_give() -> None:
    asked = 0
    for kind, options, shapes in examples():
        graph = network(kind, options, shapes)
        run = execute(propagate(graph), values=values(kind, graph), keep="all")
        if run["output"].dtype.kind != "f":
            continue
        tape = Tape(run)
        for ref, array in tape.values.items():
            np.testing.assert_allclose(autodiff.value(array), run.value(ref), rtol=1e-12, atol=1e-14, err_msg=kind)
            asked += 1
    assert asked > 300


# --- Keras -----------------------------------------------------------------------------------------------------------


def keras_names() -> list[str]:
    return [name for names in keras.FAMILIES.values() for name in names.split()]


@pytest.mark.parametrize("kind", sorted(keras_names()))
def test_keras_finite_differences(kind: str) -> None:
    import keras_cases

    source = np.random.default_rng(0)
    for case in [case for case in keras_cases.cases().get(kind, ()) if case["id"] in keras_cases.recorded()]:
        arrays = keras_cases.recorded()[case["id"]]
        made = keras_cases.layer(case)
        leaves: dict[Any, Any] = {
            keras_cases.plain(name): arrays[f"weight_{at}"] for at, (name, _, _) in enumerate(case["weights"])
        }
        weights = list(leaves)
        leaves |= {at: arrays[f"input_{at}"] for at in range(len(case["inputs"]))}
        leaves = {key: array.astype(np.float64) if array.dtype.kind == "f" else array for key, array in leaves.items()}

        def output(leaves: dict[Any, Any], made: Any = made, weights: Any = weights) -> Any:
            inputs = [array for key, array in leaves.items() if isinstance(key, int)]
            with np.errstate(all="ignore"):
                given = kernel.find(made.kernel_name())(made, {name: leaves[name] for name in weights}, *inputs)
            return given["output"] if isinstance(given, dict) else given

        g = source.standard_normal(output(leaves).shape)
        inputs = [array for key, array in leaves.items() if isinstance(key, int)]
        ours = Made(made, {name: leaves[name] for name in weights}, inputs).back(g)
        for key, gradient in ours.items():
            step = 1e-6 * source.standard_normal(gradient.shape)
            there, back = ((output({**leaves, key: leaves[key] + sign * step}) * g).sum() for sign in (1, -1))
            told, slope = (gradient * step).sum() * 1e6, (there - back) / 2e-6
            assert abs(told - slope) <= 1e-6 * max(abs(told), abs(slope)) + 1e-7, (case["id"], key, told, slope)


# --- networks --------------------------------------------------------------------------------------------------------

TIED = """
input: [1, 3, 3]
layers:
  - pool: MaxPool2d(2, stride=1)
values: {input: [[5, 5, 1], [5, 0, 2], [3, 2, 2]]}
"""


def test_ties_go_to_the_first_in_row_order_and_are_said() -> None:
    tape = Tape(cnncalc.loads(TIED).run())
    assert tape.gradient(0).tolist() == [[[1, 1, 0], [1, 0, 1], [0, 0, 0]]]
    assert tape.notes == ["pool: 2 windows have several largest numbers; the first in row order gets the gradient"]


def test_no_tie_is_said_where_there_is_none() -> None:
    tape = Tape(cnncalc.loads("input: [2, 9, 7]\nlayers: [{p: 'MaxPool2d(3, padding=1, ceil_mode=True)'}]").run())
    tape.gradient(0)
    assert tape.notes == []


def test_a_shared_weight_gets_the_sum() -> None:
    text = "input: [2]\nlayers:\n  - a: Linear(2, 2, bias=False)\n  - b: Linear(2, 2, bias=False)\n"
    values = {"a.weight": [[1, 2], [3, 4]], "input": [1, -1]}
    apart = Tape(cnncalc.loads(text).run({**values, "b.weight": values["a.weight"]}))
    tied = Tape(cnncalc.loads(text + "    share: a\n").run(values))
    total = apart.gradient(("weight", 0, "weight")) + apart.gradient(("weight", 1, "weight"))
    assert tied.gradient(("weight", 0, "weight")).tolist() == total.tolist()
    assert tied.gradient(("weight", 1, "weight")).tolist() == total.tolist()


def test_a_layer_that_changes_nothing_has_a_gradient_of_its_own() -> None:
    text = "input: [2]\nlayers:\n  - drop: Dropout\n  - twice: Scale(2)\n  - sum: Add\n    from: [twice, input]\n"
    tape = Tape(cnncalc.loads(text).run())
    assert (tape.gradient(1).tolist(), tape.gradient(0).tolist()) == ([2, 2], [3, 3])


def test_the_sum_over_a_batch() -> None:
    network = cnncalc.loads("input: [3]\nlayers: [{fc: 'Linear(3, 2)'}]")
    run = network.run({"input": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]}, batch=2)
    tape = Tape(run)
    assert tape.gradient(("weight", 0, "weight")).tolist() == [[5, 7, 9]] * 2
    assert tape.gradient(0).shape == (3,)


def test_arguments_of_whole_numbers_have_no_derivative() -> None:
    tape = Tape(cnncalc.loads("input: [3]\nlayers: [{e: 'Embedding(4, 2)'}]").run())
    with pytest.raises(Fault, match=r"^whole numbers have no derivative$"):
        tape.gradient(0)
    assert tape.gradient(("weight", 0, "weight")).shape == (4, 2)


def test_an_upstream_gradient_must_fit() -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads("input: [3]\nlayers: [Tanh]\nvalues: {output.grad: [1, 2]}").run()
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == ("value-shape", "output.grad is [2], but must be [3]")
    assert (problem.span.line, problem.span.column) == (3, 10)


def test_no_other_gradient_can_be_given() -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads("input: [3]\nlayers: [{act: Tanh}]").run({"act.grad": [1, 2, 3]})
    assert caught.value.problems[0].code == "unknown-value"


def test_channels_last_gradients_are_laid_out() -> None:
    text = "input: [4, 5, 2]\nlayout: channels_last\nlayers: [{c: 'Conv2d(2, 3, 3)'}]"
    tape = Tape(cnncalc.loads(text).run({"output.grad": np.arange(18.0).reshape(2, 3, 3)}))
    assert tape.gradient(0).shape == (4, 5, 2)
    assert tape.jacobian((1, (0, 0)), (0, ((slice(None), 0, 1),))).shape == (3, 4)
    bias = tape.gradient(("weight", 0, "bias"))
    assert bias.tolist() == [45, 51, 57]


def test_ties_of_a_large_image_are_counted() -> None:
    source = np.random.default_rng(0)
    image = source.integers(0, 9, (16, 64, 64)).astype(float)
    tape = Tape(cnncalc.loads("input: [16, 64, 64]\nlayers: [{pool: MaxPool2d(2)}]").run({"input": image}))
    windows = image.reshape(16, 32, 2, 32, 2).transpose(0, 1, 3, 2, 4).reshape(16, 32, 32, 4)
    ties = int(((windows == windows.max(-1, keepdims=True)).sum(-1) > 1).sum())
    assert tape.notes == [
        f"pool: {ties} windows have several largest numbers; the first in row order gets the gradient"
    ]
