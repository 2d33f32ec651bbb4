"""Whose words hold: PyTorch's, Keras' or the textbook's, and what each of them counts.

Counts come from Keras 3.15 and PyTorch 2.13 (run once and stated here) and from the formulas of textbooks.
"""

from __future__ import annotations

import numpy as np
import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.grading.check import check
from cnncalc.layers import find
from cnncalc.receptive.fields import Fields


def spec(layers: str, input: str = "", convention: str = "", layout: str = "") -> cnncalc.Network:
    """A network of layers, one a line."""
    lines = [f"convention: {convention}"] * bool(convention) + [f"layout: {layout}"] * bool(layout)
    lines += [f"input: {input}"] * bool(input) + ["layers:"]
    return cnncalc.loads("\n".join(lines + [f"  - {line.strip()}" for line in layers.strip().splitlines()]))


def shapes(network: cnncalc.Network) -> list[list]:
    return [list(row.output_shape) for row in network.report().rows]


def types(network: cnncalc.Network) -> list[str]:
    return [row.type for row in network.report().rows]


def refusal(network: cnncalc.Network) -> list[tuple[str, str, tuple[str, ...]]]:
    """Code, message and help of every problem."""
    with pytest.raises(cnncalc.SpecError) as error:
        network.report()
    return [(problem.code, problem.message, problem.help) for problem in error.value.problems]


def notes(network: cnncalc.Network) -> list[tuple[str, str]]:
    network.report()
    return [(note.severity, note.message) for note in network.notes]


def counts(line: str, input: str, convention: str) -> tuple[int, int]:
    """Parameters, and those that are trained."""
    totals = spec(line, input, convention).report().totals
    return totals.params, totals.trainable


# --- a file in Keras' words ------------------------------------------------------------------------------------------

MNIST = """
    Conv2D(32,(3,3),activation='relu',input_shape=(28,28,1))
    MaxPooling2D((2,2))
    Conv2D(64, (3, 3), activation='relu')
    MaxPooling2D(pool_size=(2, 2))
    BatchNormalization()
    Flatten()
    Dense(128, activation='relu')
    Dropout(rate=0.5)
    Dense(units=10, activation='softmax')
"""


def test_a_keras_file_is_read_as_keras() -> None:
    network = spec(MNIST)
    report = network.report()
    assert [list(row.output_shape) for row in report.rows] == [
        [26, 26, 32], [13, 13, 32], [11, 11, 64], [5, 5, 64], [5, 5, 64], [1600], [128], [128], [10]
    ]  # fmt: skip
    assert [row.params for row in report.rows] == [320, 0, 18496, 0, 256, 0, 204928, 0, 1290]
    assert (report.totals.params, report.totals.trainable) == (225290, 225162)
    assert dict(report.inputs) == {"input": (28, 28, 1)}
    assert notes(network) == [
        (
            "note",
            "Conv2D(32,(3,3),activation='relu',input_shape=(28,28,1)) is Keras': "
            "the network is read as Keras reads it, channels last",
        )
    ]
    assert network.run().confirmed


def test_convention_keras_says_it_and_there_is_no_note() -> None:
    network = spec(MNIST, convention="keras")
    assert (network.report().totals.params, notes(network)) == (225290, [])


def test_the_document_has_keras_names() -> None:
    document = spec(MNIST).report().to_dict()
    conv, norm, dense = (document["layers"][at] for at in (0, 4, 6))
    assert (conv["type"], conv["weights"]) == ("Conv2D", {"kernel": [3, 3, 1, 32], "bias": [32]})
    assert norm["weights"] == {"gamma": [64], "beta": [64]}
    assert norm["buffers"] == {"moving_mean": [64], "moving_variance": [64]}
    assert (norm["params"], norm["trainable"]) == (256, 128)
    assert dense["weights"] == {"kernel": [1600, 128], "bias": [128]}
    assert (document["layout"], document["convention"]) == ("channels_last", "keras")
    assert (document["totals"]["params"], document["totals"]["trainable"]) == (225290, 225162)


@pytest.mark.parametrize(
    "first",
    ["Conv2D(8, 3, input_shape=(28, 28, 1))", "Conv2D(8, 3, batch_input_shape=(None, 28, 28, 1))"],
)
def test_the_first_layer_gives_the_input(first: str) -> None:
    assert shapes(spec(f"{first}\nFlatten")) == [[26, 26, 8], [5408]]


@pytest.mark.parametrize(
    "first",
    [
        "Input(shape=(28, 28, 1))",
        "Input((28, 28, 1))",
        "keras.Input(shape=[28, 28, 1])",
        "InputLayer(input_shape=(28, 28, 1))",
        "Input(batch_shape=(32, 28, 28, 1))",
        "Input(shape=(28, 28, 1), name='picture')",
    ],
)
def test_input_is_the_networks_input(first: str) -> None:
    report = spec(f"{first}\nConv2D(8, 3, activation='relu')").report()
    assert [list(shape) for shape in report.inputs.values()] == [[28, 28, 1]]
    assert list(report.inputs) == (["picture"] if "picture" in first else ["input"])
    assert [row.params for row in report.rows] == [80]


def test_a_size_that_keras_leaves_open_is_a_free_dimension() -> None:
    network = spec("LSTM(64, return_sequences=True, input_shape=(None, 10))\nDense(5)")
    assert [[str(size) for size in shape] for shape in shapes(network)] == [["L", "64"], ["L", "5"]]
    assert list(network.report(L=20).output_shape) == [20, 5]


def test_two_inputs_that_differ() -> None:
    assert refusal(spec("Conv2D(8, 3, input_shape=(28, 28, 1))", "[32, 32, 3]")) == [
        (
            "input-contradicts",
            "the input is [32, 32, 3], but the first layer says [28, 28, 1]",
            ("leave one of them out",),
        )
    ]


def test_names_options_and_training_of_keras_layers() -> None:
    report = spec(
        """
        Conv2D(8, 3, activation=tf.nn.relu, name="first", kernel_initializer=keras.initializers.HeNormal())
        Conv2D(8, 3, kernel_regularizer=l2(0.01), bias_initializer="zeros", trainable=False)
        """,
        "[28, 28, 1]",
    ).report()
    assert [row.name for row in report.rows] == ["first", "conv2d_1"]
    assert [(row.params, row.trainable) for row in report.rows] == [(80, 80), (584, 0)]
    assert [row.call for row in report.rows] == ['Conv2D(8, 3, activation="relu")', "Conv2D(8, 3, trainable=False)"]


def test_a_sequential_with_a_list() -> None:
    network = cnncalc.load("28x28x1 -> keras.Sequential([layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(10)])")
    assert [row.name for row in network.report().rows] == [
        "sequential_1.conv2d_1", "sequential_1.flatten_1", "sequential_1.dense_1"
    ]  # fmt: skip


def test_unet_of_keras() -> None:
    network = cnncalc.load("unet_keras")
    passed = check(network, network.report())
    assert [result.ok for result in passed] == [True] * 6
    assert network.report().totals.params == 31_031_685


# --- Conv2D: whose call it is ----------------------------------------------------------------------------------------


def test_bare_numbers_are_refused_with_both_readings() -> None:
    assert refusal(spec("Conv2D(3, 16, 3)", "[3, 64, 64]")) == [
        (
            "two-readings",
            "Conv2D(3, 16, 3) is Keras: 3 filters, kernel 16, stride 3",
            (
                "for PyTorch write Conv2d(3, 16, 3)",
                "for Keras write Conv2D(filters=3, kernel_size=16, strides=3), "
                "or say convention: keras (--convention keras)",
            ),
        )
    ]
    assert refusal(spec("Conv2D(32, (3, 3))\nLinear(out_features=10)", "[3, 64, 64]")) == [
        (
            "two-readings",
            "Conv2D(32, (3, 3)) is Keras: 32 filters, kernel (3, 3)",
            (
                "for PyTorch write Conv2d(out_channels=32, kernel_size=(3, 3))",
                "for Keras write Conv2D(filters=32, kernel_size=(3, 3)), or say convention: keras (--convention keras)",
            ),
        )
    ]
    assert refusal(spec("Conv2DTranspose(8, 2, 2)", "[3, 64, 64]"))[0][2][0] == (
        "for PyTorch write ConvTranspose2d(8, 2, 2)"
    )


@pytest.mark.parametrize("name", ["Conv1D", "Conv2D", "Conv3D"])
def test_bare_numbers_are_keras_under_its_convention(name: str) -> None:
    axes = int(name[4])
    network = spec(f"{name}(4, 3)", str([9] * axes + [2]), "keras")
    assert shapes(network) == [[7] * axes + [4]]


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("Conv2D(in_channels=3, out_channels=16, kernel_size=3)", [16, 62, 62]),
        ("Conv2D(3, 16, kernel_size=3)", [16, 62, 62]),
        ("Conv2D(3, 16, 3, stride=2)", [16, 31, 31]),
        ("Conv2D(3, 16, 3, padding=1)", [16, 64, 64]),
        ("Conv2D(out_channels=16, kernel_size=3, activation='relu')", [16, 62, 62]),
        ("Conv2DTranspose(3, 16, kernel_size=2, stride=2)", [16, 128, 128]),
    ],
)
def test_keywords_of_pytorch(call: str, wanted: list[int]) -> None:
    network = spec(call, "[3, 64, 64]")
    assert shapes(network)[0] == wanted
    assert types(network)[0] in ("Conv2d", "ConvTranspose2d")


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("Conv2D(filters=16, kernel_size=3)", [62, 62, 16]),
        ("Conv2D(16, 3, strides=2)", [31, 31, 16]),
        ("Conv2D(16, 3, activation='relu')", [62, 62, 16]),
        ("Conv2D(16, 3, use_bias=False)", [62, 62, 16]),
        ("Conv2D(16, 3, padding='same', strides=2)", [32, 32, 16]),
        ("Conv2D(16, kernel_size=3)", [62, 62, 16]),
        ("Conv2D(16, (3, 3), padding='same')", [64, 64, 16]),
        ("layers.Conv2D(16, 3)", [62, 62, 16]),
        ("tf.keras.layers.Conv2D(16, 3)", [62, 62, 16]),
        ("Conv2DTranspose(16, 3, strides=2, padding='same')", [128, 128, 16]),
        ("Convolution2D(16, 3, strides=1)", [62, 62, 16]),
    ],
)
def test_keywords_of_keras(call: str, wanted: list[int]) -> None:
    assert shapes(spec(call, "[64, 64, 3]"))[0] == wanted


def test_pytorchs_name_with_keras_arguments() -> None:
    ((code, message, _),) = refusal(spec("Conv2d(32, 3, activation='relu')", "[3, 64, 64]"))
    assert code == "missing-option"
    assert message.startswith(
        "conv2d_1: Conv2d needs kernel_size (kernel size); write Conv2d(in_channels, out_channels, kernel_size"
    )
    assert refusal(spec("Conv2d(filters=16, kernel_size=3)", "[3, 64, 64]")) == [
        (
            "unknown-option",
            'conv2d_1: Conv2d has no option "filters"',
            ("filters is Keras' word; here it is out_channels",),
        )
    ]


def test_pytorchs_arguments_under_keras() -> None:
    assert refusal(spec("Conv2d(3, 16, 3)", "[64, 64, 3]", "keras")) == [
        (
            "two-readings",
            "Conv2d(3, 16, 3) is PyTorch's spelling; in Keras it is 3 filters, kernel 16, stride 3",
            ("write Conv2D(filters=16, kernel_size=3)",),
        )
    ]
    assert refusal(spec("Conv2D(out_channels=16, kernel_size=3)", "[64, 64, 3]", "keras")) == [
        (
            "unknown-option",
            'conv2d_1: Conv2D has no option "out_channels"',
            ("out_channels is PyTorch's word; here it is filters",),
        )
    ]


def test_one_network_is_read_in_one_convention() -> None:
    network = spec("Conv2d(3, 16, 3)\nSeparableConv2D(16, 3)", "[3, 64, 64]")
    assert refusal(network) == [
        (
            "two-conventions",
            "SeparableConv2D(16, 3) is Keras', Conv2d(3, 16, 3) is PyTorch's: a network is read in one convention",
            ("write all layers in the words of one, or say which: convention: keras",),
        )
    ]


# --- words that only Keras has, and none that only PyTorch has -------------------------------------------------------


def kerased(chain: str) -> tuple[str, list[str]]:
    """The convention that a chain is read in, and the codes of its notes."""
    network = cnncalc.load(chain)
    network.report()
    return network.spec.convention, [note.code for note in network.notes]


def test_a_chain_in_keras_words_is_keras() -> None:
    """The counts are Keras 3.15's: batch norm has four numbers a feature there, an LSTM one bias vector."""
    network = cnncalc.load("4096 -> Dense(512) -> BatchNormalization -> Dropout(0.5) -> Dense(80)")
    totals = network.report().totals
    assert (totals.params, totals.trainable) == (2_140_752, 2_139_728)
    assert [(note.code, note.severity, note.message) for note in network.notes] == [
        (
            "read-as-keras",
            "note",
            "Dense(512) is Keras': the network is read as Keras reads it, channels last",
        )
    ]
    report = cnncalc.load("7x6 -> LSTM(units=9) -> Dense(2)").report()
    assert (report.totals.params, list(report.output_shape)) == (4 * 9 * (6 + 9 + 1) + 9 * 2 + 2, [2])
    assert cnncalc.load("7x6 -> LSTM(9) -> Dense(2)").report().totals.params == report.totals.params
    assert cnncalc.load("7x6 -> GRU(9) -> Dense(2)").report().totals.params == 3 * 9 * (6 + 9 + 2) + 9 * 2 + 2


def test_a_spec_in_keras_words_is_keras() -> None:
    network = spec("Dense(512)\nBatchNormalization\nDense(80)", "[4096]")
    assert network.report().totals.params == 2_140_752
    assert [note[0] for note in notes(network)] == ["note"]


@pytest.mark.parametrize(
    "chain",
    [
        "784 -> dense(128) -> sigmoid -> dense(10) -> softmax",
        "20x8 -> LSTM(units=9)",
        "28x28x1 -> Conv2D(32, 3)",
        "28x28x1 -> Conv2D(32, 3) -> Conv2D(64, 3, 2)",
        "28x28x1 -> MaxPooling2D(2) -> Flatten -> Dense(10)",
        "8x8x3 -> Flatten -> Activation('relu')",
        "20 -> Embedding(input_dim=100, output_dim=8)",
        "20 -> Embedding(100, 8) -> GRU(16) -> Dense(1)",
        "20 -> Dense(8) -> Softmax(axis=-1)",
        "20 -> Dense(8) -> PReLU -> Dropout(rate=0.5)",
    ],
)
def test_words_that_only_keras_has(chain: str) -> None:
    assert kerased(chain) == ("keras", ["read-as-keras"])


@pytest.mark.parametrize(
    "chain",
    [
        "784 -> Dense(128) -> Linear(out_features=10)",
        "3x28x28 -> Conv2d(3, 16, 3) -> Flatten -> Dense(10)",
        "784 -> Dense(128) -> BatchNorm1d -> Dense(10)",
        "784 -> Dense(128) -> nn.ReLU() -> Dense(10)",
        "784 -> Dense(128) -> Dropout(p=0.5) -> Dense(10)",
        "784 -> Dense(784, 128) -> ReLU -> Dense(128, 10)",
        "784 -> Dense(128) -> BatchNormalization(128)",
        "784 -> Dense(128) -> LayerNorm",
        "20x8 -> LSTM(8, 16) -> Dense(10)",
        "20x8 -> Dense(16) -> Attention(16)",
        "20x8 -> Dense(16) -> MultiHeadAttention(16, 4)",
        "20x8 -> Dense(16) -> Permute(0, 2, 1)",
        "20x8 -> Dense(16) -> Permute([0, 2, 1])",
        "20x8 -> Dense(16) -> Unsqueeze(1)",
    ],
)
def test_a_word_that_only_pytorch_has_keeps_the_network_pytorchs(chain: str) -> None:
    assert kerased(chain)[0] == "pytorch"
    assert "read-as-keras" not in kerased(chain)[1]


def test_names_do_not_say_in_which_order_a_convolutions_numbers_stand() -> None:
    """A course sheet writes Conv2D(3, 16, 3) and Dense(10) and means PyTorch's order: not guessed."""
    with pytest.raises(cnncalc.SpecError) as error:
        cnncalc.load("3x28x28 -> Conv2D(3, 16, 3) -> Flatten -> Dense(10)").report()
    assert [problem.code for problem in error.value.problems] == ["two-readings"]


# --- Keras' names without the convention -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keras", "pytorch"),
    [
        ("Dense(10)", "Linear(out_features=10)"),
        ("Dense(units=10)", "Linear(out_features=10)"),
        ("Dense(10, use_bias=False)", "Linear(out_features=10, bias=False)"),
        ("Dense(32, 10)", "Linear(32, 10)"),
        ("MaxPooling2D(2)", "MaxPool2d(2)"),
        ("MaxPooling2D()", "MaxPool2d(2)"),
        ("MaxPooling2D((2, 2), strides=2)", "MaxPool2d(2, stride=2)"),
        ("MaxPooling2D(pool_size=3, strides=(2, 2))", "MaxPool2d(3, stride=2)"),
        ("MaxPool2D(3, stride=2, padding=1)", "MaxPool2d(3, stride=2, padding=1)"),
        ("MaxPooling2D(3, 2, padding='same')", "MaxPool2d(3, stride=2, padding=same_upper)"),
        ("AveragePooling2D(2)", "AvgPool2d(2)"),
        ("GlobalAveragePooling2D()", "GlobalAvgPool"),
        ("GlobalMaxPooling2D(keepdims=True)", "GlobalMaxPool(keepdim=True)"),
        ("Dropout(rate=0.5)", "Dropout(p=0.5)"),
        ("SpatialDropout2D(0.2)", "Dropout2d(0.2)"),
        ("BatchNormalization()", "BatchNorm2d"),
        ("BatchNormalization(epsilon=1e-3)", "BatchNorm2d(eps=1e-3)"),
        ("LayerNormalization(epsilon=1e-6)", "LayerNorm(eps=1e-6)"),
        ("GroupNormalization(4)", "GroupNorm(4)"),
        ("ZeroPadding2D(((1, 2), (3, 0)))", "ZeroPad2d((3, 0, 1, 2))"),
        ("Cropping2D((1, 2))", "Crop([2, 2, 1, 1])"),
        ("UpSampling2D(2)", "Upsample(scale_factor=2)"),
        ("Softmax(axis=-1)", "Softmax(dim=-1)"),
        ("LeakyReLU(alpha=0.2)", "LeakyReLU(0.2)"),
        ("Activation('relu')", "ReLU"),
        ("Activation(tf.nn.relu)", "ReLU"),
    ],
)
def test_names_that_only_keras_has_mean_pytorchs_layer_under_its_convention(keras: str, pytorch: str) -> None:
    ours, theirs = (spec(line, "[32, 32, 32]", "pytorch") for line in (keras, pytorch))
    assert ours.spec.convention == "pytorch" and notes(ours) == notes(theirs)
    assert shapes(ours) == shapes(theirs)
    (mine,), (other,) = ours.report().rows, theirs.report().rows
    assert mine.weights == other.weights
    assert mine.type.removesuffix("2d") == other.type.removesuffix("2d")
    given = {"input": np.random.default_rng(1).normal(size=(1, 32, 32, 32))}
    mine_out, other_out = ours.run(given), theirs.run(given)
    if not mine.weights:
        np.testing.assert_allclose(mine_out["output"], other_out["output"], rtol=1e-12)


def test_an_embedding_with_keras_options() -> None:
    (row,) = spec("Embedding(input_dim=1000, output_dim=64)", "{shape: [20], dtype: int}", "pytorch").report().rows
    assert (row.type, row.weights, list(row.output_shape)) == ("Embedding", {"weight": (1000, 64)}, [20, 64])


def test_a_dense_layers_activation_becomes_a_layer() -> None:
    assert types(spec("Dense(10, activation='relu')\nDense(5, 'softmax')", "[20]", "pytorch")) == [
        "Linear", "ReLU", "Linear", "Softmax"
    ]  # fmt: skip


def test_lstm_is_pytorchs_unless_keras_speaks() -> None:
    assert shapes(spec("LSTM(10, 128)", "[20, 10]")) == [[20, 128]]
    assert refusal(spec("LSTM(128)", "[20, 10]"))[0][0] == "missing-option"
    assert refusal(spec("LSTM(units=128)\nLinear(out_features=1)", "[20, 10]")) == [
        ("unknown-option", 'lstm_1: LSTM has no option "units"', ("units is Keras' word; here it is hidden_size",))
    ]
    assert shapes(spec("LSTM(128)", "[20, 10]", "keras")) == [[128]]
    assert shapes(spec("LSTM(128, return_sequences=True)", "[20, 10]")) == [[20, 128]]
    assert shapes(spec("LSTM(10, 128, batch_first=True)", "[20, 10]")) == [[20, 128]]
    assert shapes(spec("Bidirectional(LSTM(64))\nDense(1)", "[20, 10]")) == [[128], [1]]


def test_multihead_attention_in_both_spellings() -> None:
    assert types(spec("MultiheadAttention(64, 4)", "[10, 64]")) == ["MultiheadAttention"]
    assert types(spec("MultiHeadAttention(64, 4)", "[10, 64]")) == ["MultiheadAttention"]
    assert types(spec("MultiHeadAttention(num_heads=4, key_dim=16)", "[10, 64]")) == ["MultiHeadAttention"]


@pytest.mark.parametrize("prefix", ["", "nn.", "torch.nn."])
def test_prefixes_of_pytorch(prefix: str) -> None:
    assert shapes(spec(f"{prefix}Conv2d(3, 16, 3)\n{prefix}ReLU()", "[3, 8, 8]")) == [[16, 6, 6], [16, 6, 6]]


@pytest.mark.parametrize("prefix", ["layers.", "keras.layers.", "tf.keras.layers."])
def test_prefixes_of_keras(prefix: str) -> None:
    assert shapes(spec(f"{prefix}Dense(16)\n{prefix}ReLU()", "[3]")) == [[16], [16]]


# --- the order of axes -----------------------------------------------------------------------------------------------


def test_channels_last_by_mistake_is_questioned() -> None:
    network = spec("Conv2d(out_channels=8, kernel_size=3)", "[32, 32, 3]")
    (note,) = notes(network)
    assert note[0] == "warning" and note[1].startswith("input [32, 32, 3] is read as 32 channels of 32x3: ")
    assert notes(spec("Conv2D(filters=8, kernel_size=3)", "[32, 32, 3]"))[0][0] == "note"


def test_channels_first_by_mistake_is_questioned() -> None:
    network = spec("Conv2D(8, 3)", "[3, 32, 32]", "keras")
    assert notes(network) == [
        (
            "warning",
            "input [3, 32, 32] is read as 32 channels of 3x32: the output is [1, 30, 8], with 2,312 parameters",
        )
    ]
    assert network.notes[0].help == (
        "as 3 channels of 32x32 (channels first), the output would be [8, 30, 30], with 224 parameters: "
        "write 32x32x3, or --layout channels_first",
        "--layout channels_last says that it is meant as it is",
    )


def test_keras_with_channels_first() -> None:
    lines = """
        c: Conv2D(16, 3, padding="same", strides=2)
        MaxPooling2D
        BatchNormalization
        Flatten
        Dense(10)
    """
    first = spec(lines, "[3, 33, 32]", "keras", "channels_first")
    last = spec(lines, "[33, 32, 3]", "keras")
    assert shapes(first) == [[16, 17, 16], [16, 8, 8], [16, 8, 8], [1024], [10]]
    assert shapes(last) == [[17, 16, 16], [8, 8, 16], [8, 8, 16], [1024], [10]]
    picture = np.random.default_rng(0).normal(size=(1, 3, 33, 32))
    a, b = first.run({"input": picture}), last.run({"input": np.moveaxis(picture, 1, -1)})
    np.testing.assert_array_equal(a["output"], b["output"])
    np.testing.assert_array_equal(np.moveaxis(a["c"], 1, -1), b["c"])


def test_layers_with_channels_first_are_refused_under_keras() -> None:
    assert refusal(spec("Conv2D(8, 3)\nBatchNorm2d", "[28, 28, 1]", "keras")) == [
        (
            "other-convention",
            "batchnorm2d_1: BatchNorm2d is PyTorch's and has channels first; "
            "this network is Keras', with channels last",
            ("write BatchNormalization",),
        )
    ]
    for line in ("AdaptiveAvgPool2d(1)", "PixelShuffle(2)", "InstanceNorm2d", "RNN(8)", "ConvTranspose2d(8, 2)"):
        assert refusal(spec(line, "[8, 8, 4]", "keras"))[0][0] == "other-convention", line
    assert types(spec("Linear(out_features=3)\nGELU\nDropout(0.1)", "[8, 8, 4]", "keras")) == [
        "Linear", "GELU", "Dropout"
    ]  # fmt: skip


def test_branches_join_at_the_channels() -> None:
    network = spec("parallel: [[Conv2D(4, 1)], [Conv2D(6, 1)]]", "[8, 8, 3]", "keras")
    assert list(network.report().output_shape) == [8, 8, 10]


# --- what each convention counts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "input", "convention", "wanted"),
    [
        # one bias vector a gate, or two
        ("LSTM(10, 20)", "[5, 10]", "pytorch", 2560),
        ("LSTM(20)", "[5, 10]", "keras", 2480),
        ("LSTM(10, 20)", "[5, 10]", "textbook", 2480),
        ("RNN(1, 1)", "[5, 1]", "pytorch", 4),
        ("SimpleRNN(1)", "[5, 1]", "keras", 3),
        ("RNN(1, 1)", "[5, 1]", "textbook", 3),
        ("LSTMCell(10, 20)", "[10]", "pytorch", 2560),
        ("LSTMCell(10, 20)", "[10]", "textbook", 2480),
        ("GRU(10, 20)", "[5, 10]", "pytorch", 1920),
        ("GRU(20)", "[5, 10]", "keras", 1920),
        ("GRU(20, reset_after=False)", "[5, 10]", "keras", 1860),
        ("GRU(10, 20)", "[5, 10]", "textbook", 1860),
        ("LSTM(10, 20, bias_vectors=2)", "[5, 10]", "textbook", 2560),
        # running statistics
        ("BatchNorm2d(8)", "[8, 4, 4]", "pytorch", 16),
        ("BatchNorm2d(8)", "[8, 4, 4]", "textbook", 16),
        ("BatchNormalization()", "[4, 4, 8]", "keras", 32),
        # other norms, PReLU
        ("LayerNorm([3, 4, 4])", "[3, 4, 4]", "pytorch", 96),
        ("LayerNormalization()", "[3, 4, 4]", "keras", 8),
        ("LayerNormalization(axis=[1, 2, 3])", "[3, 4, 4]", "keras", 96),
        ("GroupNormalization(4)", "[4, 4, 8]", "keras", 16),
        ("RMSNormalization()", "[4, 8]", "keras", 8),
        ("PReLU()", "[8, 4, 4]", "pytorch", 1),
        ("PReLU()", "[4, 4, 8]", "keras", 128),
        ("PReLU(shared_axes=[1, 2])", "[4, 4, 8]", "keras", 8),
        # key_dim is that of one head
        ("MultiheadAttention(64, 4)", "[8, 64]", "pytorch", 16640),
        ("MultiHeadAttention(4, key_dim=16)", "[8, 64]", "keras", 16640),
        ("MultiHeadAttention(4, key_dim=64)", "[8, 64]", "keras", 66368),
        (
            "GroupQueryAttention(head_dim=16, num_query_heads=4, num_key_value_heads=2)",
            "[8, 64]",
            "keras",
            12480,
        ),
        # one bias after both steps
        ("SeparableConv2D(16, 3)", "[8, 8, 3]", "keras", 91),
    ],
)
def test_counts(line: str, input: str, convention: str, wanted: int) -> None:
    assert counts(line, input, convention)[0] == wanted


def test_products_of_keras_attention() -> None:
    """By hand: 2 heads of 3 features; 5 places ask with 8 features each, 7 are read with 4."""
    text = "convention: keras\ninputs: {q: [5, 8], v: [7, 4]}\nlayers:\n  - a: MultiHeadAttention(2, key_dim=3)\n"
    row = cnncalc.loads(text + "    from: [q, v]\n").report()["a"]
    assert row.macs == 5 * 8 * 6 + 2 * 7 * 4 * 6 + 2 * 5 * 7 * 6 + 5 * 6 * 8


def test_statistics_are_not_trained() -> None:
    assert counts("BatchNormalization()", "[4, 4, 8]", "keras") == (32, 16)
    assert counts("BatchNormalization(trainable=False)", "[4, 4, 8]", "keras") == (32, 0)
    assert counts("BatchNormalization(center=False)", "[4, 4, 8]", "keras") == (24, 8)
    assert counts("BatchNorm2d(8)", "[8, 4, 4]", "pytorch") == (16, 16)


def test_values_differ_with_the_place_of_the_reset() -> None:
    given = {"input": np.random.default_rng(0).normal(size=(1, 5, 10))}
    after, before = (
        spec(f"g: GRU(20, reset_after={word})", "[5, 10]", "keras").run(given) for word in ("True", "False")
    )
    weights = {name: array for name, array in after.weights.items() if name != "g.bias"}
    weights["g.bias"] = np.zeros(60)
    again = spec("g: GRU(20, reset_after=False)", "[5, 10]", "keras").run({**given, **weights})
    assert np.abs(again["output"] - after["output"]).max() > 1e-3
    assert before["output"].shape == (1, 20)


# --- windows ---------------------------------------------------------------------------------------------------------


def test_same_of_keras_puts_the_odd_zero_at_the_end() -> None:
    network = spec("c: Conv2D(1, 3, strides=2, padding='same', use_bias=False)", "[6, 6, 1]", "keras")
    picture = np.zeros((1, 6, 6, 1))
    picture[0, 0, 0, 0] = picture[0, 5, 5, 0] = 1
    kernel = np.arange(9.0).reshape(3, 3, 1, 1)
    out = network.run({"input": picture, "c.kernel": kernel})["output"][0, :, :, 0]
    # Nothing stands before the first row, one zero row after the last: windows start at 0, 2 and 4.
    assert out.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 4]]
    assert shapes(network) == [[3, 3, 1]]


def test_same_of_pytorch_refuses_a_stride() -> None:
    ((code, message, help),) = refusal(spec("Conv2d(3, 8, 3, stride=2, padding='same')", "[3, 64, 64]"))
    assert (code, message) == ("same-with-stride", 'conv2d_1: PyTorch refuses padding="same" with stride 2')
    assert "same_upper" in help[0]


def test_an_average_never_counts_padding() -> None:
    network = spec("AveragePooling2D(3, strides=3, padding='same')", "[5, 5, 1]", "keras")
    assert network.run({"input": np.ones((1, 5, 5, 1))})["output"].ravel().tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("call", "size"),
    [
        ("Conv2DTranspose(1, 3, strides=2, padding='same')", 14),
        ("Conv2DTranspose(1, 1, strides=2)", 14),
        ("Conv2DTranspose(1, 3, strides=2)", 15),
        ("Conv2DTranspose(1, 3, strides=2, padding='same', output_padding=1)", 14),
    ],
)
def test_transposed_convolutions(call: str, size: int) -> None:
    network = spec(call, "[7, 7, 2]", "keras")
    assert shapes(network) == [[size, size, 1]]
    assert network.run().confirmed


def test_costs_of_a_transposed_convolution_are_those_of_its_input() -> None:
    assert spec("Conv2DTranspose(1, 2, strides=2)", "[2, 2, 3]", "keras").report().totals.macs == 48


def test_receptive_fields_do_not_depend_on_the_order_of_axes() -> None:
    keras = spec(
        "a: Conv2D(8, 3, strides=2, padding='same')\nb: MaxPooling2D(2)\nc: Conv2D(8, 3, dilation_rate=2)",
        "[40, 40, 3]",
        "keras",
    ).report()
    torch = spec(
        "a: Conv2d(3, 8, 3, stride=2, padding=same_upper)\nb: MaxPool2d(2)\nc: Conv2d(8, 8, 3, dilation=2)",
        "[3, 40, 40]",
    ).report()
    assert [Fields(keras)[name] for name in "abc"] == [Fields(torch)[name] for name in "abc"]
    assert Fields(keras)["c"][0].size == (21, 21)


# --- notes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "input", "convention", "wanted"),
    [
        (
            "LSTM(10, 20)",
            "[5, 10]",
            "pytorch",
            "two bias vectors, as in PyTorch: 2,560; Keras and textbooks count one: 2,480",
        ),
        (
            "LSTM(10, 20)",
            "[5, 10]",
            "textbook",
            "one bias vector, as in textbooks and Keras: 2,480; PyTorch counts two: 2,560",
        ),
        ("LSTM(20)", "[5, 10]", "keras", "Keras and textbooks count one bias vector: 2,480; PyTorch counts two: 2,560"),
        (
            "GRU(10, 20)",
            "[5, 10]",
            "pytorch",
            "two bias vectors, as in PyTorch and Keras: 1,920; textbooks count one: 1,860",
        ),
        (
            "GRU(20)",
            "[5, 10]",
            "keras",
            "Keras counts two bias vectors with reset_after=True: 1,920, one without, as textbooks do: 1,860",
        ),
        (
            "BatchNorm2d(8)",
            "[8, 4, 4]",
            "pytorch",
            "PyTorch counts 16; Keras counts the running statistics too: 32, 16 of them non-trainable",
        ),
        (
            "BatchNormalization()",
            "[4, 4, 8]",
            "keras",
            "Keras counts the moving statistics: 32, 16 of them non-trainable; PyTorch counts 16",
        ),
        (
            "PReLU()",
            "[4, 4, 8]",
            "keras",
            "Keras' PReLU has a factor for each number of a sample, 128 here; PyTorch's one for all",
        ),
        (
            "MultiHeadAttention(4, key_dim=16)",
            "[8, 64]",
            "keras",
            "key_dim is that of one head, 64 features in all; PyTorch's embed_dim counts all heads",
        ),
        ("Conv2d(8, 8, 3)", "[8, 4, 4]", "pytorch", ""),
    ],
)
def test_what_other_conventions_count(line: str, input: str, convention: str, wanted: str) -> None:
    (row,) = spec(line, input, convention).report().rows
    assert row.layer.convention_note(*row.facts.inputs) == wanted


def test_params_says_it_under_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["params", "5x10 -> rnn: LSTM(10, 20)", "--format", "plain"]) == 0
    assert "rnn: two bias vectors, as in PyTorch: 2,560; Keras and textbooks count one: 2,480" in (
        capsys.readouterr().out
    )


# --- the key ---------------------------------------------------------------------------------------------------------


def test_an_unknown_convention() -> None:
    assert refusal(spec("ReLU", "[3]", "kreas")) == [
        (
            "option-value",
            "convention must be pytorch, keras or textbook, not kreas",
            ("did you mean keras?",),
        )
    ]


def test_every_word_of_keras_finds_its_layer() -> None:
    for name in ("Conv2D", "LSTM", "MultiHeadAttention", "Softmax", "Embedding"):
        found = find(name, "keras")
        assert found is not None and found.kernel_name() == f"keras.{name}"
    assert find("Linear", "keras") is find("Linear")


# --- free dimensions -------------------------------------------------------------------------------------------------


def test_free_dimensions_in_keras_words() -> None:
    network = cnncalc.load(
        "HxWxC -> Conv2D(filters=F, kernel_size=3, padding=same, activation=relu) -> MaxPooling2D(2)"
    )
    report = network.report()
    assert [str(size) for size in report.rows[0].output_shape] == ["H", "W", "F"]
    assert list(network.report(H=9, W=8, C=3, F=4).output_shape) == [4, 4, 4]
    assert network.report(H=9, W=8, C=3, F=4).totals.params == 3 * 3 * 3 * 4 + 4


def test_same_is_a_quotient_rounded_up() -> None:
    network = cnncalc.load("Hx8x1 -> Conv2D(filters=2, kernel_size=5, strides=3, padding=same)")
    assert [network.report(H=height).output_shape[0] for height in range(1, 12)] == [
        1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4
    ]  # fmt: skip


def test_a_layer_without_input() -> None:
    assert str(cnncalc.load("Conv2D(filters=8, kernel_size=3)").report().totals.params) == "72*C_in + 8"


# --- nothing breaks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Conv2D",
        "Conv2D()",
        "Conv2D: [3, 16, 3]",
        "Conv2D: {filters: 4}",
        "Conv2D(filters=)",
        "Conv2D(filters='a', kernel_size=3)",
        "Conv2D(4, 3, activation='rleu')",
        "Conv2D(4, 3, activation=3)",
        "Conv2D(4, 3, data_format='channels_first', strides=1)",
        "Dense",
        "Dense('relu')",
        "Dense(4, activation='rleu')",
        "Dense(units=-1)",
        "Activation",
        "Activation('rleu')",
        "Activation(3)",
        "Input",
        "Input()",
        "Input(shape=3)",
        "Input(shape='x')",
        "Bidirectional",
        "Bidirectional(Dense(3))",
        "Bidirectional(3)",
        "TimeDistributed(3)",
        "TimeDistributed(NoSuch(3))",
        "SpectralNormalization(Flatten())",
        "Reshape(target_shape=(-1, -1))",
        "Permute((0, 1, 2))",
        "ZeroPadding2D(((1, 2), 3))",
        "MaxPooling2D(pool_size='a')",
        "MaxPooling2D(0)",
        "EinsumDense('ab,bc->ac', output_shape=3)",
        "EinsumDense('abc', output_shape=3)",
        "Dot(axes=1)",
        "RepeatVector(0)",
        "MultiHeadAttention(key_dim=3)",
        "GroupQueryAttention(1, 2, 3)",
        "Normalization(axis=9)",
        "BatchNormalization(axis=7)",
        "PReLU(shared_axes=[5])",
        "Concatenate(axis=0)",
    ],
)
@pytest.mark.parametrize("convention", ["", "pytorch", "keras", "textbook"])
def test_a_mistake_is_a_problem_with_a_place(line: str, convention: str) -> None:
    network = spec(line, "[8, 8, 3]", convention)
    try:
        network.report()
    except cnncalc.SpecError as error:
        for problem in error.problems:
            assert problem.message and problem.line, problem
