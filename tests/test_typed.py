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


@pytest.mark.parametrize("text", ["2 x (Conv2d(3, 3, 3) -> ReLU)", "[Conv2d(3, 3, 3), ReLU] * 2"])
def test_copies_of_a_group(text):
    help = helps(f"3x32x32 -> {text}")[0]
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


def test_in_a_spec_the_notation_is_refused_with_the_call():
    text = "input: [3, 8, 8]\nlayers:\n  - conv1: CONV3-4\n  - POOL-2\n  - fc: FC-10\n"
    assert helps(text) == [
        "write Conv2d(out_channels=4, kernel_size=3)",
        "write MaxPool2d(2)",
        "write Linear(out_features=10)",
    ]
    text = "define: {pool2: [ReLU]}\ninput: [3, 8, 8]\nlayers:\n  - pool2\n"
    assert [row.type for row in cnncalc.loads(text).report().rows] == ["ReLU"]


# --- another question than asked -------------------------------------------------------------------------------------


def refusal(text: str) -> tuple[str, str, str]:
    """Code, message and first help of the only mistake."""
    with pytest.raises(cnncalc.SpecError) as error:
        network = cnncalc.loads(text) if "layers:" in text else cnncalc.load(text)
        network.report()
    (problem,) = error.value.problems
    return problem.code, problem.message, problem.help[0] if problem.help else ""


@pytest.mark.parametrize("call", ["ReLU(Conv2d(3, 4, 3))", "F.relu(Conv2d(3, 4, 3))", "Dropout(0.5, Conv2d(3, 4, 3))"])
def test_a_layer_inside_of_another_one_is_not_dropped(call):
    code, message, help = refusal(f"3x8x8 -> {call}")
    assert code == "option-value" and message.endswith("a layer stands where inplace stands: Conv2d(3, 4, 3)")
    assert help == "layers follow each other: Conv2d(3, 4, 3) -> ..."


def test_a_size_of_a_layer_without_one_is_not_dropped():
    assert refusal("784 -> ReLU(128)") == (
        "option-value",
        "relu_1: inplace must be true or false, not 128",
        "this layer has no size; a fully connected one before it is Linear(out_features=128)",
    )
    assert params("784 -> ReLU(True) -> ReLU(inplace=False) -> F.relu(x, inplace=True)") == 0


@pytest.mark.parametrize(
    ("layer", "message", "help"),
    [
        (
            "Conv2d(3, 4, 3, same)",
            'stride must be a whole number of at least 1, or one for each axis, not "same"',
            "same",
        ),
        ("MaxPool2d(2, ceil)", 'stride must be a whole number of at least 1, or one for each axis, not "ceil"', ""),
        (
            "Conv2d(3, 4, k3s1p1)",
            'kernel_size must be a whole number of at least 1, or one for each axis, not "k3s1p1"',
            "",
        ),
        (
            "Conv2d(3, 4, three)",
            'kernel_size must be a whole number of at least 1, or one for each axis, not "three"',
            "",
        ),
        ("Conv2d(3, 4, 3, padding=half)", "padding must be a whole number, or one for each axis, or ", ""),
    ],
)
def test_words_are_no_free_dimensions(layer, message, help):
    code, found, hint = refusal(f"3x8x8 -> {layer}")
    assert code == "option-value" and found.split(": ", 1)[1].startswith(message)
    assert hint == (f"write padding={help}" if help else "")


@pytest.mark.parametrize(
    ("pasted", "call"),
    [
        ("F.max_pool2d(x, 2)", "MaxPool2d(2)"),
        ("nn.functional.avg_pool2d(out, 2)", "AvgPool2d(2)"),
        ("torch.flatten(x, 1)", "Flatten"),
        ("F.relu(x)", "ReLU"),
        ("max_pool2d(x, 2)", "MaxPool2d(2)"),
    ],
)
def test_a_function_takes_what_flows(pasted, call):
    assert [row.call for row in cnncalc.load(f"3x8x8 -> {pasted}").report().rows] == [call]


def test_a_letter_of_the_input_stays_a_size():
    assert [str(size) for size in cnncalc.load("xx8 -> linear(x, 4)".replace("xx8", "3,x")).report().output_shape] == [
        "3",
        "4",
    ]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("784-128-10", "784x128x10"),
        ("3-32-32", "3x32x32"),
        ("3/32/32", "3x32x32"),
        ("3;32;32", "3x32x32"),
        ("C=3, H=32, W=32", "3x32x32"),
        ("torch.randn(1, 3, 32, 32)", "1x3x32x32"),
    ],
)
def test_other_spellings_of_a_shape(text, right):
    assert refusal(f"{text} -> ReLU") == ("shape-text", f'"{text}" is no shape', f"write {right}")


def test_commas_of_thousands_and_decimals(call):
    chain = "3x64x64 -> conv: Conv2d(3, 12, 17)"
    for asked, value in (("conv.params == 10,416", "true"), ("1,000 + 1", "1001"), ("1,234,567", "1234567")):
        assert call("ask", chain, asked).out == f"{value}\n"
    assert call("ask", chain, "conv.shape == [12,48,48]").out == "true\n"
    assert call("ask", chain, "max(10,416)").out == "416\n"
    outcome = call("ask", chain, "0,5 + 1")
    assert (outcome.status, outcome.err.splitlines()[-2:]) == (
        2,
        ["help: a decimal has a point: 0.5", "help: a list has brackets: [0,5]"],
    )
    assert call("ask", chain, "conv.shape == 12,48,48").err.splitlines()[-1] == "help: a list has brackets: [12,48,48]"
    wanted = "c.params > 1,700"
    assert call("solve", "3x8x8 -> c: Conv2d(3, k, 3)", "k=1..64", "--want", wanted, "--json").out.count('"k"') == 4


def test_lists_under_a_name_are_questioned():
    branches = "[[Conv2d(out_channels=4, kernel_size=1)], [Conv2d(out_channels=4, kernel_size=3, padding=1)]]"
    network = cnncalc.loads(f"input: [3, 8, 8]\nlayers:\n  - inception: {branches}\n")
    assert network.report().output_shape == (4, 8, 8)
    assert [(note.code, note.severity) for note in network.notes] == [("lists-in-a-row", "warning")]
    network = cnncalc.loads(f"input: [3, 8, 8]\nlayers:\n  - inception: {{parallel: {branches}}}\n")
    assert (network.report().output_shape, network.notes) == ((8, 8, 8), [])
    network = cnncalc.loads("input: [8]\nlayers:\n  - &a [Linear(8, 8), ReLU]\n  - rest: [*a, *a]\n")
    assert (len(network.report().rows), network.notes) == (6, [])


def noted(chain: str) -> list[str]:
    network = cnncalc.load(chain)
    network.report()
    return [note.code for note in network.notes]


@pytest.mark.parametrize(
    ("chain", "codes"),
    [
        ("16x4x4 -> Reshape(-1, 256)", ["leading-one"]),
        ("16x4x4 -> Reshape(-1, 16)", []),
        ("16x4x4 -> View(-1, 256)", []),
        ("3x8x8 -> Upsample(2)", ["size-or-factor"]),
        ("3x8x8 -> Interpolate(4)", ["size-or-factor"]),
        ("3x8x8 -> Upsample(16)", []),
        ("3x8x8 -> Upsample(scale_factor=2)", []),
    ],
)
def test_what_fits_and_is_rarely_meant(chain, codes):
    assert noted(chain) == codes


def test_a_batch_before_flatten():
    network = cnncalc.load("64x3x32x32 -> Flatten -> Linear(3072, 10)")
    assert network.report().totals.params == 30_730
    assert [note.message for note in network.notes] == ["64 read as the batch size; shapes are for one sample"]
    assert refusal("3x32x32 -> Flatten -> Linear(1024, 10)")[0] == "input-contradicts"  # the channels were forgotten


def test_expected_shapes_and_counts(call, spec):
    text = "input: [3, 32, 32]\nlayers:\n  - conv: Conv2d(3, 16, 3)\nexpect:\n"
    text += "  conv: 16x30x30\n  output: [16, 30, 30]\n  total: 448\n"
    assert call("check", spec(text)).status == 0
    assert call("check", spec(text.replace("16x30x30", "16x30x31"))).status == 1


def test_keras_order_of_a_convolution_and_of_heads():
    """Keras: filters, kernel, strides, padding, and data_format in fifth place; num_heads before key_dim."""
    network = cnncalc.load("32x32x3 -> Conv2D(8, 3, 1, 'same')")
    assert network.report().output_shape == (32, 32, 8)
    assert cnncalc.load("3x224x224 -> Conv2D(3, 64, 7, 2, 3)").report().output_shape == (64, 112, 112)
    assert params("10x512 -> MultiHeadAttention(8, 64)") == 4 * 512 * 513
    assert params("10x512 -> MultiHeadAttention(512, 8)") == 4 * 512 * 513


# --- wrong help ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "help"),
    [
        ("512x10 -> MultiheadAttention(512, 8)", "write 10x512"),
        ("64x100 -> LSTM(64, 128)", "write 100x64"),
        ("224x224 -> Conv2d(3, 64, 7)", "with 3 channels it is 3x224x224: write the input so"),
        ("784 -> 128 -> ReLU -> 10", "for a fully connected layer write Linear(out_features=128)"),
        ("3x8x8 -> 4x6x6 -> ReLU", "shapes between layers are worked out: leave it out; one may stand at the end"),
        ("3x8x8 -> (Conv2d(3, 4, 3) -> ReLU)", "write Conv2d(3, 4, 3) -> ReLU"),
        ("3x8x8 -> [Conv2d(3, 4, 3), ReLU]", "write Conv2d(3, 4, 3) -> ReLU"),
        ("3x8x8 -> Conv2d 3 4 3", "write Conv2d(3, 4, 3)"),
        ("3x8x8 -> Conv2d[3, 4, 3]", "write Conv2d(3, 4, 3)"),
        ("3x8x8 -> Conv2d{3, 4, 3}", "write Conv2d(3, 4, 3)"),
        ("3x8x8 -> Conv2d(3->4, 3)", "write Conv2d(3, 4, 3)"),
        ("3x8x8 -> conv 12 filters 3x3", "write Conv2d(out_channels=12, kernel_size=3)"),
        ("3x8x8 -> 12 filters of 3x5", "write Conv2d(out_channels=12, kernel_size=[3, 5])"),
        ("10x512 -> Attention(8 heads)", "write 8 * heads, or heads=8 for an option"),
        ("784 -> Linear(784, 10, no bias)", "write bias=False"),
        ("3x8x8, Conv2d(3, 4, 3), ReLU", "join them with arrows: 3x8x8 -> Conv2d(3, 4, 3) -> ReLU"),
        ("16x4x4 -> view(x.size(0), -1)", "write Flatten"),
        ("16x4x4 -> x.view(x.shape[0], -1)", "write Flatten"),
        ("3x8x8 -> AdaptiveAvgPool2d(7, 7)", "write AdaptiveAvgPool2d([7, 7])"),
        ("100 -> Softmax(10)", "it has an axis and no size: Linear(out_features=10) -> Softmax"),
        ("3x8x8 -> Deconv2d(3, 8, 4)", "did you mean ConvTranspose2d?"),
        ("784 -> output(10)", "did you mean Linear?"),
        ("3x8x8 -> resnet18", "resnet18 is a whole network: cnncalc shapes resnet18, with another input by --input"),
        ("3x8x8 -> conv1", "did you mean Conv2d?"),
        ("10x512 -> Attention(512, d_k=64)", "did you mean head_dim?"),
    ],
)
def test_help_names_the_right_form(chain, help):
    assert helps(chain)[:1] == [help]


@pytest.mark.parametrize(
    ("entry", "help"),
    [
        ("conv1: [3, 16, 3]", "write - conv1: Conv2d(3, 16, 3)"),
        ("pool1: 2", "write - pool1: MaxPool2d(2)"),
        (
            "skip: conv1",
            "what conv1 gives is taken with from: conv1 beside a layer, or added with - add: [conv1, ...]",
        ),
        ("add: conv1", "write - add: [conv1, ...] with the names of both"),
        (
            "h[t] = tanh(W x[t] + U h[t-1])",
            "a cell is given by its equations: - recurrent: {state: {h: 4}, weights: {W: [4, 3], U: [4, 4]}, "
            'step: {h: "tanh(W @ x[t] + U @ h[t-1])"}}',
        ),
    ],
)
def test_help_in_a_spec(entry, help):
    assert helps(f"input: [3, 8, 8]\nlayers:\n  - {entry}\n") == [help]


def test_a_layer_called_value_of_let_may_be_added():
    text = "input: [3]\nlet: {factor: 2}\nlayers:\n  - multiply: factor\n"
    assert cnncalc.loads(text).report().output_shape == (3,)


@pytest.mark.parametrize(
    ("asked", "help"),
    [
        ("total params", "help: write total.params"),
        ("output size", "help: write output.shape"),
        ("conv.output_shape", "did you mean shape?"),
        ("conv.parameters", "did you mean params?"),
        ("conv.rf", "did you mean receptive_field?"),
    ],
)
def test_what_is_asked_in_other_words(call, asked, help):
    outcome = call("ask", "3x8x8 -> conv: Conv2d(3, 4, 3)", asked)
    assert outcome.status == 2 and help in outcome.err


@pytest.mark.parametrize(
    ("net", "help"),
    [
        ("784-128-10", '"784 -> Linear(out_features=128) -> Linear(out_features=10)"'),
        ("[784, 128, 10]", '"784 -> Linear(out_features=128) -> Linear(out_features=10)"'),
        ("3x64x64", '"3x64x64 -> Conv2d(out_channels=16, kernel_size=3)"'),
        ("conv 3x17x17", '"3x64x64 -> Conv2d(out_channels=16, kernel_size=3)"'),
    ],
)
def test_a_net_that_is_none(call, net, help):
    outcome = call("params", net)
    assert outcome.status == 2
    assert outcome.err.splitlines()[-1] == f"help: layers stand behind an arrow, in quotes: {help}"


def test_other_arrows():
    assert len(cnncalc.load("3x8x8 --> Conv2d(3, 4, 3) ⇒ ReLU ⟶ Flatten ==> Linear(144, 2)").report().rows) == 4


def test_a_target_in_the_other_order_of_axes():
    network = cnncalc.load("3x8x8 -> Conv2d(3, 4, 3) -> 6x6x4")
    network.report()
    assert [note.help for note in network.notes] == [("it is that in the other order of axes: --layout channels_last",)]


@pytest.mark.parametrize(("key", "near"), [("input_shape", "input"), ("model", "layers"), ("answers", "expect")])
def test_other_names_of_keys(key, near):
    assert f"did you mean {near}?" in helps(f"{key}: [3]\nlayers:\n  - ReLU\ninput: [3]\n".replace("inputs", key))


def test_letters_of_a_spec_may_be_left_free():
    with pytest.raises(cnncalc.SpecError) as error:
        cnncalc.loads("input: [3, H, 8]\nlayers:\n  - ReLU\n").report()
    assert error.value.problems[0].help == ("define it: let: {H: 64}", "or leave it free: symbols: [H]")


def test_explain_takes_the_layer_of_a_value(call):
    chain = "3x8x8 -> conv: Conv2d(3, 4, 3)"
    assert "112" in call("explain", chain, "conv.params").out
    assert "conv: r = 1 + (3 − 1)·1 = 3" in call("explain", chain, "conv.receptive_field").out


def test_a_loss_that_is_no_layer_names_those_that_are(call):
    losses = "MSELoss L1Loss SmoothL1Loss HuberLoss BCELoss BCEWithLogitsLoss KLDivLoss NLLLoss CrossEntropyLoss"
    err = call("shapes", "10 -> TripletLoss").err
    assert "help: the losses that are layers: " in err
    assert all(f"{name}" in err.partition("help: ")[2] for name in losses.split()), err


@pytest.mark.parametrize(
    "net",
    ["CxL -> Conv1d(out_channels=2, kernel_size=3, padding=1)", "CxL -> ReLU", "TxD -> LSTM(hidden_size=4)"],
)
def test_the_order_of_axes_is_asked_without_assuming_a_size(call, net):
    """A look at whether the last size is 1 once made every free one 1."""
    found = call("shapes", net)
    assert (found.status, found.err) == (0, "")
    assert "assumes" not in found.out


@pytest.mark.parametrize("given", ["?", "'?'", "[]", "None"])
def test_an_input_without_sizes(given):
    text = f"input: {given}\nlayers:\n- Conv2d(3, 16, 3)\n"
    with pytest.raises(cnncalc.SpecError) as error:
        cnncalc.loads(text).report()
    assert error.value.problems[0].code in ("wrong-axes", "shape-text")
