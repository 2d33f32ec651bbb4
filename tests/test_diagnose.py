"""Wrong answers explained: planted mistakes are named, right answers never get a diagnosis, quiet keys stay quiet."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.grading.check import check
from cnncalc.grading.result import Result
from tests.planted_mistakes import Case, cases

DATA = Path(__file__).resolve().parent / "data"
CASES = list(cases(500, seed=2024))
ATTRIBUTES = {case.ask for case in CASES}


def results(text: str) -> list[Result]:
    network = cnncalc.loads(text)
    return check(network, network.report())


def one_layer(case: Case, answer: Any) -> Result:
    tokens = "dtype: int, " if case.layer.startswith("Embedding") else ""
    (result,) = results(
        f"input: {{{tokens}shape: {case.shape}}}\nlayers:\n  - it: {case.layer}\nexpect:\n  it.{case.ask}: {answer}\n"
    )
    return result


def names(result: Result) -> list[str]:
    return [found.name for found in result.mistakes]


# --- 500 random layers ---------------------------------------------------------------------------------------------


def test_there_are_500_layers_of_every_family_and_many_mistakes() -> None:
    assert len(CASES) == 500
    kinds = {re.sub(r"\dd", "", case.layer.split("(")[0]) for case in CASES}
    assert kinds >= {"Conv", "ConvTranspose", "MaxPool", "AvgPool", "Linear", "LSTM", "GRU", "RNN", "Flatten"}
    assert kinds >= {"MultiheadAttention", "Attention", "BatchNorm", "Embedding"}
    assert len({case.mistake for case in CASES}) > 60
    assert {"shape", "params", "macs", "flops", "dense", "trainable"} >= ATTRIBUTES > {"shape", "params", "macs"}


def test_the_planted_mistake_is_named() -> None:
    missed = []
    for case in CASES:
        result = one_layer(case, case.wrong)
        assert result.ok is False and result.actual == case.right, case
        if case.mistake not in names(result):
            missed.append((case, names(result)))
    assert missed == []


def test_a_mistake_that_was_not_made_is_not_named() -> None:
    # The planted answer with another one added to it: what is named now must give that number, not the planted one.
    wrongly = []
    for case in CASES:
        if isinstance(case.wrong, list) or case.wrong + 1 == case.right:
            continue
        if case.mistake in names(one_layer(case, case.wrong + 1)) and case.mistake not in SEVERAL_WAYS:
            wrongly.append(case)
    assert wrongly == []


# Mistakes that change a layer in several ways, of which another one may give the number after the planted one.
SEVERAL_WAYS = {
    "the layer has no parameters of its own",
    "biases counted as operations",
    "operations counted that are no products",
    "a bias counted that is not there",
    "output channels forgotten",
    "running statistics counted, as Keras does",
}


def test_a_right_answer_has_no_diagnosis() -> None:
    for case in CASES:
        result = one_layer(case, case.right)
        assert result.ok is True, case
        assert (result.diagnosis, list(result.mistakes)) == ("", []), case


def test_formulas_give_the_written_number() -> None:
    shown = 0
    for case in CASES:
        result = one_layer(case, case.wrong)
        for found in result.mistakes:
            value = re.fullmatch(r"(.+) = (\d+)", found.how)
            if value and re.fullmatch(r"[\d·+\s]+", value[1]):
                shown += 1
                assert sum(_product(term) for term in value[1].split(" + ")) == int(value[2]), found
                assert int(value[2]) in (case.wrong if isinstance(case.wrong, list) else [case.wrong])
    assert shown > 150


def _product(text: str) -> int:
    result = 1
    for factor in text.split("·"):
        result *= int(factor)
    return result


# --- what is printed -----------------------------------------------------------------------------------------------

CONV = "input: [3, 64, 64]\nlayers:\n  - conv1: Conv2d(3, 16, 3, padding=1, stride=2)\nexpect:\n"


@pytest.mark.parametrize(
    ("expect", "line"),
    [
        ("conv1.params: 432", "bias forgotten: 3·3·3·16 = 432"),
        ("conv1.params: 464", "bias counted twice: 3·3·3·16 + 16 + 16 = 464"),
        ("conv1.params: 160", "input channels forgotten: 3·3·16 + 16 = 160"),
        ("conv1.params: 144 + 16", "input channels forgotten: 3·3·16 + 16 = 160"),
        ("conv1.shape: [16, 33, 33]", "ceil instead of floor: ⌈(64 + 2·1 − 3)/2⌉ + 1 = 33"),
        ("conv1.shape: [16, 31, 31]", "padding ignored: ⌊(64 − 3)/2⌋ + 1 = 31"),
        ("conv1.shape: [16, 64, 64]", "stride ignored: ⌊(64 + 2·1 − 3)/1⌋ + 1 = 64"),
        ("conv1.shape[1]: 32.5", "not rounded: (64 + 2·1 − 3)/2 + 1 = 32.5"),
        ("conv1.shape: [32, 32, 16]", "channels last"),
        ("conv1.shape: [8, 16, 32, 32]", "the batch axis counted"),
        ("conv1.macs: 884,736", "FLOPs instead of MACs, a factor of 2: 2·442368 = 884736"),
        ("conv1.flops: 442368", "MACs instead of FLOPs, a factor of 2"),
        ("conv1.dense: 201326592", "biases of the dense layer forgotten"),
        ("conv1.params: 123457", ""),
        ("conv1.params: '> 500'", ""),
        ("conv1.params: ~1M", ""),
    ],
)
def test_the_likeliest_comes_first(expect: str, line: str) -> None:
    (result,) = results(CONV + f"  {expect}\n")
    assert result.ok is False
    assert result.diagnosis.split("; or ")[0] == line


NET = """\
input: [3, 32, 32]
layers:
  - conv1: Conv2d(3, 16, 3, padding=1)
  - bn: BatchNorm2d
  - pool1: MaxPool2d(2)
  - conv2: Conv2d(16, 32, 3)
  - Flatten
  - fc1: Linear(out_features=64)
  - fc2: Linear(64, 10)
    freeze: true
expect:
"""
# conv1 448 + bn 32 + conv2 4640 + fc1 6272*64 + 64 = 401472 + fc2 650: 407242 in all, 406592 without fc2.


@pytest.mark.parametrize(
    ("expect", "name"),
    [
        (f"total.params: {407242 - 16 - 16 - 32 - 64 - 10}", "bias forgotten everywhere"),
        (f"total.params: {407242 - 64 - 10}", "bias forgotten in every Linear"),
        (f"total.params: {407242 - 32}", "bn left out"),
        (f"total.params: {407242 + 32}", "running statistics counted, as Keras does in bn"),
        ("total.params: 406592", "frozen parameters left out in fc2"),
        ("total.trainable: 407242", "frozen parameters counted in fc2"),
        (f"total.params: {448 + 32 + 4640 + 32 * 13 * 13 * 64 + 64 + 650}", "padding ignored in conv1"),
        (
            f"total.macs: {2 * (27 * 16 * 1024 + 144 * 32 * 196 + 6272 * 64 + 640)}",
            "FLOPs instead of MACs, a factor of 2 everywhere",
        ),
        (f"fc1.params: {32 * 30 * 30 * 64 + 64}", "pool1 left out"),
        (f"total.params: {448 + 32 + 4640 + 32 * 30 * 30 * 64 + 64 + 650}", "pool1 left out"),
        (f"conv2.params / total.params: {448 / 407242:.4%}", "that is conv1.params / total.params"),
        (f"fc1.params: {32 * 13 * 13 * 64 + 64}", "padding ignored in conv1"),
        (f"fc1.params: {14 * 14 * 64 + 64}", "flattened without the channels in flatten_1"),
        ("Conv2d.params / total.params: 1.24%", "truncated instead of rounded"),
        ("Conv2d.params / total.params: 0.0125%", "percent, but not times 100"),
        ("Conv2d.params / total.params: 1.25", "percent sign forgotten"),
        ("Conv2d.params / total.params: 80.04", "ratio the other way round"),
        ("Conv2d.params / total.params: 98.75%", "what is left to 100%, not the share"),
        ("Conv2d.params * total.params: 1.25%", "that is the quotient Conv2d.params / total.params"),
        ("total.weight_bytes: 407242", "the factor 4 forgotten: numbers for bytes"),
        (f"total.weight_bytes: {2 * 407242}", "2 bytes per number instead of 4"),
        (f"total.weight_bytes: {32 * 407242}", "bits instead of bytes"),
        ("conv2.params: 401472", "that is fc1.params"),
        ("conv1.params: 442368", "that is conv1.macs"),
        ("conv2.shape: [16, 16, 16]", "that is conv2.input_shape"),
    ],
)
def test_sums_ratios_and_what_comes_before(expect: str, name: str) -> None:
    (result,) = results(NET + f"  {expect}\n")
    assert result.ok is False
    assert name in names(result)


def test_shared_weights_are_counted_once() -> None:
    text = """\
input: {shape: [8], dtype: int}
layers:
  - embed: Embedding(100, 16)
  - head: Linear(16, 100, bias=False)
    share: embed
expect:
  total.params: 3200
  head.params: 1600
"""
    total, head = results(text)
    assert "shared weights counted twice in head" in names(total)
    assert names(head)[0] == "shared weights counted twice"


def test_the_batch_of_the_input() -> None:
    (result,) = results("input: [32, 3, 8, 8]\nlayers:\n  - c: Conv2d(3, 4, 3)\nexpect:\n  c.params: 3584\n")
    assert "multiplied by the batch" in names(result)


def test_errors_carried_forward() -> None:
    text = (
        NET
        + """\
  conv1.shape: [16, 30, 30]
  pool1.shape: [16, 15, 15]
  conv2.shape: [32, 13, 13]
  fc1.params: 346176
  conv1.params: 432
  total.params: 351930
  fc1.params / total.params: 98.37%
"""
    )
    found = results(text)
    assert [result.ok for result in found] == [False] * 7
    assert [names(result)[0] for result in found] == [
        "padding ignored",
        "right from your conv1.shape (error carried forward)",
        "right from your pool1.shape (error carried forward)",
        "right from your conv2.shape (error carried forward)",
        "bias forgotten",
        "right from your fc1.params and conv1.params (error carried forward)",
        "right from your fc1.params and total.params (error carried forward)",
    ]


def test_only_what_was_wrong_is_carried() -> None:
    text = NET + "  conv1.shape: [16, 32, 32]\n  pool1.shape: [16, 15, 15]\n"
    right, wrong = results(text)
    assert right.ok and not any("right from" in name for name in names(wrong))


def test_channels_last_answers_are_carried_in_their_order() -> None:
    text = """\
layout: channels_last
input: [32, 32, 3]
layers:
  - conv1: Conv2d(out_channels=16, kernel_size=3, padding=1)
  - pool1: MaxPool2d(2)
expect:
  conv1.shape: [30, 30, 16]
  pool1.shape: [15, 15, 16]
"""
    conv, pool = results(text)
    assert names(conv)[0] == "padding ignored"
    assert names(pool)[0] == "right from your conv1.shape (error carried forward)"


# --- a quiet key ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["plain", "markdown", "csv", "json"])
def test_a_quiet_key_names_the_mistake_and_no_number(tmp_path: Path, capsys: Any, format: str) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(NET + "  conv1.params: 432\n  Conv2d.params / total.params: 1.24%\n", encoding="utf-8")
    assert main(["check", str(path), "--quiet-key", "--format", format]) == 1
    out = capsys.readouterr().out
    assert "448" not in out and "1.249" not in out and "1.25" not in out
    assert "3·3" not in out
    if format != "csv":
        assert "bias forgotten" in out and "truncated instead of rounded" in out


def test_no_name_of_a_mistake_holds_the_right_value() -> None:
    for case in CASES:
        if not isinstance(case.right, int) or case.right < 100:
            continue
        result = one_layer(case, case.wrong)
        assert str(case.right) not in result.said(quiet=True), case


def test_the_diagnosis_in_json(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(CONV + "  conv1.params: 432\n  conv1.shape: 32x32x16\n", encoding="utf-8")
    main(["check", str(path), "--format", "json"])
    wrong, turned = json.loads(capsys.readouterr().out)["results"]
    assert wrong["diagnosis"].startswith("bias forgotten: 3·3·3·16 = 432")
    assert wrong["mistakes"][0] == "bias forgotten"
    assert turned["ok"] is True and "diagnosis" not in turned
    assert turned["remark"] == "order H, W, C; here shapes are C, H, W"


# --- the documents -------------------------------------------------------------------------------------------------

DOCUMENTS = {
    "doc001-q1.1.1": [{"height and width of the kernel swapped"}],
    "doc001-q1.1.2": [{"padding doubled"}] * 4,
    "doc001-q1.1.3a": [{"the + 1 forgotten"}],
    "doc001-q1.1.3b": [{"stride ignored"}],
    "doc001-q1.1.3c": [set()],  # no usual mistake gives [2, 2, 7]
    "doc001-q1.3.6": [set()],  # total times total derivatives: a mistake in the method, not in a size
    "doc002-q2.1-q1": [{"query and memory exchanged"}] * 2,
    "doc002-q2.2.3": [{"output projection left out"}],
    "doc002-q3.2.1": [{"the filter turned round, as in the convolution of mathematics"}],
    "doc002-q3.3.4-claim": [{"input channels forgotten"}],
    "doc002-q3.3.4": [
        {"that is the quotient Conv2d.params / total.params"},
        {"that is the quotient Linear.params / total.params"},
    ],
    "doc003-q1.2-compute": [{"that is cnn.params < ff.params"}],
    "doc003-q1.2-ratio": [{"truncated instead of rounded"}],
    "doc003-q1.3.1-scale": [{"scaled by the root of the number of rows, not of columns"}],
    "doc003-q1.3.1": [{"that is head.key.shape[1]"}],
    "doc004-q2": [{"not rounded"}],
}


def test_every_wrong_answer_of_a_document_is_known() -> None:
    assert {path.stem for path in (DATA / "wrong").glob("*.yaml")} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_mistake_is_named(name: str) -> None:
    network = cnncalc.load(str(DATA / "wrong" / f"{name}.yaml"))
    found = check(network, network.report())
    for result, wanted in zip(found, DOCUMENTS[name], strict=True):
        assert wanted <= set(names(result))


# --- Keras, and layers made of others ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("convention", "shape", "layer", "expect", "name"),
    [
        ("keras", "[5, 10]", "LSTM(20)", "params: 2560", "two bias vectors per gate instead of one"),
        ("keras", "[5, 10]", "GRU(20)", "params: 1860", "one bias vector per gate instead of two"),
        ("keras", "[5, 10]", "LSTM(20)", "shape: [5, 20]", "every step, not the last alone"),
        ("keras", "[8, 8, 3]", "BatchNormalization", "params: 6", "running statistics left out, as PyTorch does"),
        ("keras", "[8, 8, 3]", "Conv2D(4, 3, padding='same', strides=2)", "shape: [3, 3, 4]", "padding ignored"),
        ("keras", "[8, 8, 3]", "Conv2D(4, 3, padding='same', strides=2)", "shape: [8, 8, 4]", "stride ignored"),
        ("keras", "[8, 8, 3]", "Conv2D(4, 3)", "shape: [8, 8, 4]", 'padding taken as "same"'),
        ("keras", "[8, 8, 3]", "Conv2D(4, 3)", "params: 40", "input channels forgotten"),
        ("keras", "[8, 8, 3]", "Conv2DTranspose(4, 3, strides=2)", "shape: [16, 16, 4]", 'padding taken as "same"'),
        ("keras", "[8, 8, 3]", "MaxPooling2D(3, strides=2)", "shape: [4, 4, 3]", "ceil instead of floor"),
        ("keras", "[8, 8, 3]", "Flatten", "shape: [64]", "flattened without the channels"),
        ("keras", "[10, 64]", "MultiHeadAttention(4, 16)", "params: 12480", "output projection left out"),
        ("pytorch", "[5, 10]", "LSTM(10, 20)", "params: 2480", "one bias vector per gate instead of two"),
        ("pytorch", "[5, 10]", "GRU(10, 20)", "params: 1860", "one bias vector per gate instead of two"),
        (
            "pytorch",
            "[10, 64]",
            "TransformerEncoderLayer(64, 4, 128)",
            "params: 33216",
            "weights left out: norm1 and norm2",
        ),
        ("pytorch", "[3, 8, 8]", "LayerNorm([3, 8, 8])", "params: 192", "bias forgotten"),
        ("pytorch", "[3, 8, 8]", "LayerNorm([3, 8, 8])", "params: 6", "parameters for other axes than it normalises"),
        ("pytorch", "[8, 6, 6]", "GroupNorm(4)", "params: 576", "parameters for other axes than it normalises"),
    ],
)
def test_conventions(convention: str, shape: str, layer: str, expect: str, name: str) -> None:
    (result,) = results(f"convention: {convention}\ninput: {shape}\nlayers:\n  - it: {layer}\nexpect:\n  it.{expect}\n")
    assert result.ok is False
    assert name in names(result)
