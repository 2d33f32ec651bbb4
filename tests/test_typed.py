"""What a student types without having read anything: it is understood, or refused with what to write.

Expected shapes and counts are hand-stated from the formulas of the textbooks.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import cnncalc


def params(chain: str) -> int:
    return cnncalc.load(chain).report().totals.params


def helps(text: str) -> list[str]:
    """The first help of every mistake of a chain, or of a spec."""
    with pytest.raises(cnncalc.SpecError) as error:
        network = cnncalc.loads(text) if "layers:" in text else cnncalc.load(text)
        network.report()
    return [problem.help[0] if problem.help else "" for problem in error.value.problems]


# --- positional encodings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        "PositionalEncoding(4, 6)",
        "PositionalEncoding(6, 4)",  # PyTorch's tutorial: d_model first
        "PositionalEncoding(6, 5000)",
        "PositionalEncoding",
        "positional_encoding(4)",
        "PositionalEncoding(d_model=6, max_len=50, dropout=0.1)",
        "SinusoidalPositionalEncoding(4, 6)",
    ],
)
def test_a_positional_encoding_has_no_parameters(layer):
    report = cnncalc.load(f"4x6 -> {layer}").report()
    assert (report.totals.params, report.output_shape) == (0, (4, 6))


@pytest.mark.parametrize(
    "layer",
    ["PositionalEmbedding(4, 6)", "PositionEmbedding(4, 6)", 'PositionalEncoding(4, 6, kind="learned")'],
)
def test_a_positional_embedding_is_learned(layer):
    assert params(f"4x6 -> {layer}") == 24


def test_a_positional_encoding_adds_sines_and_cosines():
    """Vaswani et al. 2017, 3.5: sin(pos / 10000^(2i/d)) and cos of the same, in turns."""
    run = cnncalc.load("3x4 -> PositionalEncoding(3, 4)").run({"input": np.zeros((1, 3, 4))})
    for position in range(3):
        for pair in range(2):
            angle = position / 10000 ** (2 * pair / 4)
            found = run["output"][0, position, 2 * pair : 2 * pair + 2]
            assert np.allclose(found, [math.sin(angle), math.cos(angle)], atol=1e-6)


def test_a_positional_encoding_that_is_too_short():
    assert helps("40x6 -> PositionalEncoding(d_model=6, max_len=20)") == ["write num_embeddings=40"]


def test_a_spec_with_a_positional_encoding():
    text = (
        "input: [4, 6]\nlayers:\n  - pos: PositionalEncoding(4, 6)\n  - positional_encoding: {d_model: 6, max_len: 9}\n"
    )
    assert cnncalc.loads(text).report().totals.params == 0


# --- names that are none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "meant"),
    [
        ("3x32x32 -> MaxPool(2)", "MaxPool2d"),
        ("16x100 -> MaxPool(2)", "MaxPool1d"),
        ("3x8x16x16 -> MaxPool(2)", "MaxPool3d"),
        ("64x3x32x32 -> MaxPool(2)", "MaxPool2d"),  # a batch of pictures
        ("Nx3x32x32 -> MaxPool(2)", "MaxPool2d"),
        ("CxHxW -> pool", "MaxPool2d"),
        ("3x32x32 -> Conv(3, 16, 3)", "Conv2d"),
        ("3x100 -> convolution(3, 16, 3)", "Conv1d"),
        ("3x32x32 -> ConvLayer(3, 16, 3)", "Conv2d"),
        ("3x32x32 -> deconv(3, 8, 2)", "ConvTranspose2d"),
        ("3x32x32 -> average_pooling(2)", "AvgPool2d"),
        ("3x32x32 -> BN", "BatchNorm2d"),
        ("3x100 -> bn", "BatchNorm1d"),
        ("3x32x32 -> MaxPol2d(2)", "MaxPool2d"),
        ("3x100 -> AdaptveAvgPool(1)", "AdaptiveAvgPool1d"),
        ("100 -> fully_connected(10)", "Linear"),
        ("10x64 -> SelfAttention(64)", "Attention"),
        ("10x64 -> mha(64, 8)", "MultiheadAttention"),
        ("10x64 -> BiLSTM(64, 8)", "LSTM(bidirectional=True)"),
        ("3x32x32 -> ResBlock(3)", "residual: [...], with shortcut: [...]"),
        ("Conv(3)", "Conv2d"),
    ],
)
def test_suggestions_know_the_inputs_axes(chain, meant):
    assert helps(chain) == [f"did you mean {meant}?"]


def test_suggestions_in_a_spec_know_them_wherever_the_input_stands():
    for text in (
        "layers:\n  - pool\ninput: [3, 100]\n",
        "inputs: {x: [3, 100]}\nlayers:\n  - pool\n",
        "input: {shape: [3, 100]}\nlayers:\n  - pool\n",
    ):
        assert helps(text) == ["did you mean MaxPool1d?"]


@pytest.mark.parametrize(
    ("chain", "help"),
    [
        ("28x28 -> Conv2d(1, 6, 5)", "a grey image is 1x28x28: write the input so, or put Unsqueeze(1) before it"),
        ("28x28 -> MaxPool2d(2)", "a grey image is 1x28x28: write the input so, or put Unsqueeze(1) before it"),
        ("28x30 -> Conv2d(1, 6, 5)", "a grey image is 1x28x30: write the input so, or put Unsqueeze(1) before it"),
        ("7 -> Conv1d(1, 1, 3)", "a signal of one channel is 1x7: write the input so, or put Unsqueeze(1) before it"),
        (
            "28x28 -> Conv2D(32, 3)",
            "a grey image is 28x28x1: write the input so, or put Reshape((28, 28, 1)) before it",
        ),
        ("3x32 -> Conv2d(3, 8, 3)", "Conv1d takes an input of this shape"),
        ("3x32x32 -> Conv2d(3, 16, 5x5)", "write 5 for both axes, or [5, 5]"),
        ("3x32x32 -> Conv2d(3, 16, kernel_size=3x5)", "write [3, 5]"),
        ("3x32x32 -> Conv2d(3, 16, 3, s=2)", "did you mean stride?"),
        ("3x32x32 -> Conv2d(3, 16, 3, p=1)", "did you mean padding?"),
        ("3x32x32 -> Conv2d(3, 16, k=3)", "did you mean kernel_size?"),
        ("3x32x32 -> Conv2d(3, 16, filter_size=3)", "did you mean kernel_size?"),
        ("28x28x1 -> Conv2D(32, 3, s=2)", "did you mean strides?"),
        ("10 -> Linear(in=10, out=5)", "did you mean in_features?"),
        ("20x8 -> LSTM(8, hidden=5)", "did you mean hidden_size?"),
        ("3x32x32 -> Pad(2)", "for 2 on every side of [3, 32, 32] write ZeroPad2d(2), or Pad([2, 2, 2, 2])"),
        ("3x32 -> Pad(2)", "for 2 on every side of [3, 32] write ZeroPad1d(2), or Pad([2, 2])"),
        ("3x32x32 -> CONV-3-64-2", "write Conv2d(out_channels=64, kernel_size=3, stride=2)"),
        ("3x32x32 -> CONV-64", "write Conv2d(out_channels=64, kernel_size=3)"),
    ],
)
def test_the_right_help(chain, help):
    assert helps(chain) == [help]


@pytest.mark.parametrize(
    "text", ["5 x Conv2d(3, 3, 3)", "5xConv2d(3, 3, 3)", "Conv2d(3, 3, 3) x 5", "[Conv2d(3, 3, 3)] * 5"]
)
def test_several_copies(text):
    help = "write - Conv2d(3, 3, 3), and below it, without a dash, repeat: 5"
    assert helps(f"3x32x32 -> {text}") == [f"in a spec {help}; a chain has it 5 times"]
    assert helps(f"input: [3, 32, 32]\nlayers:\n  - '{text}'\n") == [help]
    right = "input: [3, 32, 32]\nlayers:\n  - Conv2d(3, 3, 3)\n    repeat: 5\n".replace("- Conv", "- c: Conv")
    assert cnncalc.loads(right).report().output_shape == (3, 22, 22)


def test_copies_of_a_group():
    help = helps("3x32x32 -> 2 x (Conv2d(3, 3, 3) -> ReLU)")[0]
    assert "write - sequential: [Conv2d(3, 3, 3), ReLU], and below it, without a dash, repeat: 2" in help


@pytest.mark.parametrize("key", ["shortcut", "from", "dim", "merge", "repeat", "when", "activation", "share", "input"])
def test_a_key_of_the_language_as_a_layers_name(key):
    with pytest.raises(cnncalc.SpecError) as error:
        cnncalc.loads(f"input: [3, 8, 8]\nlayers:\n  - {key}: Conv2d(3, 4, 3)\n").report()
    (problem,) = error.value.problems
    assert (problem.code, problem.message, problem.line, problem.help[0]) == (
        "bad-name",
        f'"{key}" is a key of the language, and no name of a layer',
        3,
        f"give it another name: - {key}_1: Conv2d(3, 4, 3)",
    )


# --- the notation of exams -------------------------------------------------------------------------------------------


def read(chain: str) -> tuple[list[str], list[str]]:
    """The calls of the rows, and the notes."""
    network = cnncalc.load(chain)
    report = network.report()
    assert all((note.code, note.severity) == ("exam-notation", "note") for note in network.notes)
    return [row.call for row in report.rows], [note.message for note in network.notes]


def test_the_notation_of_exams_is_taken_with_a_note():
    calls, notes = read("3x32x32 -> CONV-3-64 -> POOL-2 -> FC-10")
    assert calls == ["Conv2d(3, 64, 3)", "MaxPool2d(2)", "Flatten", "Linear(14400, 10)"]
    assert notes == [
        "CONV-3-64 is read as 64 filters of 3x3, the kernel first, then the filters; stride 1, no padding",
        "POOL-2 is read as a max-pool of 2x2 with stride 2",
        "FC-10 is fully connected: what comes in is flattened first",
    ]
    assert params("3x32x32 -> CONV-3-64 -> POOL-2 -> FC-10") == 64 * 28 + 64 * 15 * 15 * 10 + 10


@pytest.mark.parametrize(
    ("layer", "call"),
    [
        ("CONV3-8", "Conv2d(3, 8, 3)"),
        ("conv3-8", "Conv2d(3, 8, 3)"),
        ("CONV-5-8", "Conv2d(3, 8, 5)"),
        ("CONV_5_8", "Conv2d(3, 8, 5)"),
        ("CONV-64-3", "Conv2d(3, 64, 3)"),  # no kernel is that large
        ("CONV3x5-8", "Conv2d(3, 8, [3, 5])"),
        ("3x3 conv, 8", "Conv2d(3, 8, 3)"),
        ("7x7 conv, 64, /2", "Conv2d(3, 64, 7, stride=2)"),
        ("POOL-2", "MaxPool2d(2)"),
        ("POOL2", "MaxPool2d(2)"),
        ("POOL-3-2", "MaxPool2d(3, stride=2)"),
        ("MAXPOOL-2", "MaxPool2d(2)"),
        ("AVGPOOL-2", "AvgPool2d(2)"),
    ],
)
def test_spellings_of_exams(layer, call):
    calls, notes = read(f"3x32x32 -> {layer}")
    assert (calls, len(notes)) == ([call], 1)


def test_one_order_holds_for_the_network():
    calls, notes = read("3x32x32 -> CONV-64-3 -> CONV-8-3")
    assert calls == ["Conv2d(3, 64, 3)", "Conv2d(64, 8, 3)"]
    assert notes == ["CONV-64-3 is read as 64 filters of 3x3, filters first, then the kernel; stride 1, no padding"]


def test_what_is_flat_is_not_flattened_again():
    calls, _ = read("3x8x8 -> conv1: CONV3-4 -> RELU -> FC-10 -> RELU -> FC-5")
    assert calls == ["Conv2d(3, 4, 3)", "ReLU", "Flatten", "Linear(144, 10)", "ReLU", "Linear(10, 5)"]
    calls, _ = read("3x8x8 -> POOL-2 -> Flatten -> FC-10")
    assert calls == ["MaxPool2d(2)", "Flatten", "Linear(48, 10)"]


def test_exams_in_a_spec_and_blocks_of_that_name():
    text = "input: [3, 8, 8]\nlayers:\n  - conv1: CONV3-4\n  - POOL-2\n  - fc: FC-10\n"
    report = cnncalc.loads(text).report()
    assert [row.name for row in report.rows] == ["conv1", "maxpool2d_1", "flatten_1", "fc"]
    text = "define: {pool2: [ReLU]}\ninput: [3, 8, 8]\nlayers:\n  - pool2\n"
    assert [row.type for row in cnncalc.loads(text).report().rows] == ["ReLU"]
