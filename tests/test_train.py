"""A batch that is given, and execution as in training: statistics of the batch, moved running ones, chance left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.grading.check import check
from cnncalc.query.ask import ask, scope

DATA = Path(__file__).parent / "data"
CASES: list[dict[str, Any]] = json.loads((DATA / "train.json").read_text(encoding="utf-8"))
BATCH = """
input: [2]
layers:
  - fc: Linear(2, 1)
values: {input: [[1, 2], [3, 4], [5, 7]], fc.weight: [[1, 1]], output.grad: [[1], [10], [100]]}
"""
TRAINED = """
input: [2]
mode: train
layers:
  - bn: BatchNorm1d(2, eps=0)
values: {input: [[1, 2], [3, 6]]}
"""


def asked(text: str) -> Any:
    network = cnncalc.loads(text)
    report = network.report()
    names = scope(network, report)
    return lambda expression: ask(network, report, expression, names)


@pytest.mark.parametrize("case", CASES, ids=[case["layer"] for case in CASES])
def test_recorded(case: dict[str, Any]) -> None:
    """Outputs, gradients and the statistics after the batch are PyTorch's and Keras'."""
    sizes = np.shape(case["values"]["input"])
    keras = case["convention"] == "keras"
    spec = {"input": list(sizes[1:]), "convention": case["convention"], "mode": "train"}
    network = cnncalc.from_dict({**spec, "layers": [{"layer": case["layer"]}], "values": case["values"]})
    report = network.report()
    names = scope(network, report)
    near = 2e-6 if keras else 1e-13
    np.testing.assert_allclose(ask(network, report, "output", names), case["output"], rtol=0, atol=near)
    for name, expected in case["after"].items():
        np.testing.assert_allclose(ask(network, report, name, names), expected, rtol=0, atol=near)
    for name, expected in case["gradients"].items():
        actual = ask(network, report, f"gradient({name})", names)
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-12, err_msg=name)


def test_a_given_batch_is_seen_whole() -> None:
    value = asked(BATCH)
    assert value("output") == value("fc.output") == [[3], [7], [12]]
    assert value("output[1, 0]") == 7 and value("input[2]") == [5, 7]
    assert value("output.shape") == value("fc.shape") == [1]
    assert value("gradient(input)") == [[1, 1], [10, 10], [100, 100]]
    assert value("gradient(input).shape") == [3, 2] and value("gradient(fc.weight).shape") == [1, 2]
    assert value("gradient(fc.weight)") == [[531, 742]]
    assert value("jacobian(output, input).shape") == [3, 1, 3, 2]
    assert value("jacobian(output[2, 0], input)") == [[0, 0], [0, 0], [1, 1]]
    assert value("fc.weight") == [[1, 1]]


def test_a_given_batch_is_checked_and_diagnosed() -> None:
    text = BATCH + "expect: {output: [[3], [7], [12]], gradient(input)[0]: [1, 1]}\n"
    network = cnncalc.loads(text)
    assert [result.ok for result in check(network, network.report())] == [True, True]
    text = BATCH.replace("output.grad", "fc.bias: [1], output.grad") + "expect: {output: [[3], [7], [12]]}\n"
    network = cnncalc.loads(text)
    (result,) = check(network, network.report())
    assert result.ok is False and "bias forgotten" in result.diagnosis


def test_a_given_batch_is_printed_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(BATCH, encoding="utf-8")
    assert main(["run", str(spec)]) == 0
    shown = capsys.readouterr().out
    assert "output [3, 1]\n[[ 3],\n [ 7],\n [12]]" in shown
    assert shown.endswith("3 samples, as given: the first axis of all but weights\n")
    assert main(["run", str(spec), "--batch", "2"]) == 2
    assert "input is [3, 2], but must be [2], or [2, 2] for a batch" in capsys.readouterr().err
    assert main(["shapes", str(spec), "--execute", "-f", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["executed"]["batch"] == 3


def test_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = asked(TRAINED)
    assert value("output") == [[-1, -1], [1, 1]]
    assert value("bn.running_mean") == pytest.approx([0.2, 0.4])
    assert value("bn.running_var") == pytest.approx([0.9 + 0.1 * 2, 0.9 + 0.1 * 8])
    assert value("bn.num_batches_tracked") == 1
    assert asked(TRAINED.replace("mode: train\n", ""))("output") == [[1, 2], [3, 6]]
    spec = tmp_path / "net.yaml"
    spec.write_text(TRAINED.replace("mode: train\n", ""), encoding="utf-8")
    assert main(["run", str(spec), "--train", "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["mode"], found["arrays"]["output"]) == ("train", [[-1, -1], [1, 1]])
    assert main(["run", str(spec), "--train", "--gradcheck"]) == 0


def test_one_image_is_a_batch_of_its_pixels() -> None:
    text = (
        "input: [1, 2, 2]\nmode: training\nlayers: [{bn: 'BatchNorm2d(1, eps=0)'}]\nvalues: {input: [[[1, 3], [1, 3]]]}"
    )
    assert asked(text)("output") == [[[-1, 1], [-1, 1]]]


def test_one_number_is_no_batch(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "3 -> bn: BatchNorm1d(3)", "--train"]) == 2
    assert capsys.readouterr().err == (
        "error[one-value-per-channel]: bn: in training BatchNorm1d needs more than one value in each channel, "
        "but gets one sample of [3]\n"
        "help: give a batch: --batch 4, or an axis more in values: {input: [[...], [...]]}\n"
    )
    assert main(["run", "3 -> bn: BatchNorm1d(3)", "--train", "--batch", "4"]) == 0
    assert main(["run", "3 -> bn: BatchNorm1d(3)"]) == 0


@pytest.mark.parametrize(
    ("chain", "names"),
    [
        ("4 -> d: Dropout(0.5)", "d"),
        ("4 -> d: Dropout(0.0)", ""),
        ("4 -> r: RReLU()", "r"),
        ("4x3 -> l: LSTM(3, 2, dropout=0.5)", ""),
        ("4x3 -> l: LSTM(3, 2, 2, dropout=0.5)", "l"),
        ("4x4 -> t: TransformerEncoderLayer(4, 2, 8)", "t"),
        ("4x4 -> t: TransformerEncoder(TransformerEncoderLayer(4, 2, 8, dropout=0), 2)", ""),
        ("4x4 -> d: DropPath(0.1) -> e: Dropout(0.1)", "d, e"),
    ],
)
def test_chance_stays_out(chain: str, names: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", chain, "--train"]) == 0
    said = f"note[chance-left-out]: {names}: what training drops is chance; here everything is passed on\n"
    assert capsys.readouterr().err == (said if names else "")
    assert main(["run", chain]) == 0
    assert capsys.readouterr().err == ""


def test_a_mode_is_train_or_eval() -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads(TRAINED.replace("mode: train", "mode: trian")).report()
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == ("option-value", "mode must be train or eval, not trian")
    assert list(problem.help) == ["did you mean train?"]
    assert asked(TRAINED.replace("mode: train", "mode: eval"))("output") == [[1, 2], [3, 6]]


def test_numbers_for_one_feature_are_no_batch() -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads("input: [1]\nlayers: [{fc: 'Linear(1, 1)'}]\nvalues: {input: [1, 2, 3]}").run()
    (problem,) = caught.value.problems
    assert problem.message == "input is [3], but must be [1]"
    assert list(problem.help) == ["for a batch of 3 samples write [[...], [...], ...], an array [3, 1]"]
