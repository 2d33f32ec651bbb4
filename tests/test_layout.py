"""Which axis has the channels: what is written is evidence, what looks turned is asked, `--layout` says it.

Shapes and counts are hand-stated: floor((n - k) / s) + 1 windows an axis, k * k * in * out + out parameters.
"""

from __future__ import annotations

import json

import pytest

import cnncalc
from cnncalc.cli import command_line, known
from tests.test_left_out import TYPED

CHAIN = "121x121x16 -> Conv2d(out_channels=32, kernel_size=4, stride=3)"
# Every command on a network; serve goes on until it is stopped.
COMMANDS = [
    name
    for name in command_line.COMMANDS
    if name != "serve" and "layout" in {parameter.name for parameter in known.taken(name)}
]


def loaded(chain: str, **said: str) -> tuple[list[int], int, list[tuple[str, str]]]:
    """The output's shape, the parameters, and the codes of warnings and notes."""
    network = cnncalc.load(chain, **said)
    report = network.report()
    return list(report.output_shape), report.totals.params, [(note.severity, note.code) for note in network.notes]


# --- what looks turned -----------------------------------------------------------------------------------------------


def test_both_readings_and_both_outputs_stand_in_the_warning(call):
    outcome = call("shapes", CHAIN)
    assert (outcome.status, outcome.err) == (
        0,
        "warning[channels-last-input]: input [121, 121, 16] is read as 121 channels of 121x16: "
        "the output is [32, 40, 5], with 61,984 parameters\n"
        " --> chain:1:1\n"
        "  |\n"
        f"1 | {CHAIN}\n"
        "  | ^^^^^^^^^^\n"
        "help: as 16 channels of 121x121 (channels last), the output would be [40, 40, 32], with 8,224 parameters: "
        "write 16x121x121, or --layout channels_last\n"
        "help: --layout channels_first says that it is meant as it is\n",
    )


@pytest.mark.parametrize(
    ("chain", "here", "there"),
    [
        ("128x128x12 -> MaxPool2d(4)", "[128, 32, 3]", "[32, 32, 12]"),
        ("128x128x12 -> AvgPool2d(4)", "[128, 32, 3]", "[32, 32, 12]"),
        ("128x128x12 -> ZeroPad2d(1)", "[128, 130, 14]", "[130, 130, 12]"),
        ("128x128x12 -> AdaptiveAvgPool2d(2)", "[128, 2, 2]", "[2, 2, 12]"),
        ("128x128x12 -> GlobalAvgPool", "[128]", "[12]"),
        ("128x128x12 -> BatchNorm2d", "[128, 128, 12]", "[128, 128, 12]"),
        ("128x128x12 -> ReLU -> MaxPool2d(4)", "[128, 32, 3]", "[32, 32, 12]"),
        ("480x640x3 -> MaxPool2d(2)", "[480, 320, 1]", "[240, 320, 3]"),
        ("8x112x112x3 -> MaxPool3d((1, 2, 2))", "[8, 112, 56, 1]", "[8, 56, 56, 3]"),
        ("32x32x32x5 -> MaxPool3d(2)", "[32, 16, 16, 2]", "[16, 16, 16, 5]"),
        ("HxWxC -> ZeroPad2d(1)", "[H, W + 2, C + 2]", "[H + 2, W + 2, C]"),
        ("Lxd -> ZeroPad1d(1)", "[L, d + 2]", "[L + 2, d]"),
    ],
)
def test_shapes_that_look_turned(chain, here, there):
    network = cnncalc.load(chain)
    network.report()
    (note,) = [note for note in network.notes if note.code == "channels-last-input"]
    assert (note.severity, here in note.message, there in note.help[0]) == ("warning", True, True), (note, note.help)


@pytest.mark.parametrize(
    "chain",
    [
        "3x32x32 -> Conv2d(out_channels=8, kernel_size=3)",
        "16x32x24 -> Conv2d(out_channels=8, kernel_size=3)",
        "32x32x32 -> MaxPool2d(2)",
        "64x64x7 -> Conv2d(64, 8, 3)",  # the first axis is what was written
        "64x64x12 -> MaxPool2d(2) -> BatchNorm2d(64)",
        "32x32x8 -> Conv2d(out_channels=4, kernel_size=3) -> Flatten -> Linear(720, 2)",  # fits as it is alone: 4*30*6
        "32x32x3 -> Flatten -> Linear(out_features=10)",  # no layer sees channels
        "10x10x3 -> Permute(0, 3, 1, 2) -> Conv2d(out_channels=4, kernel_size=3)",
        "CxHxW -> Conv2d(out_channels=F, kernel_size=3)",
        "100x64 -> Conv1d(out_channels=8, kernel_size=3)",
        "20x20x3 -> LayerNorm",
    ],
)
def test_shapes_that_nobody_asks_about(chain):
    assert [code for _, code in loaded(chain)[2] if "channels" in code] == []


def test_the_warning_comes_before_what_does_not_fit(call):
    outcome = call("shapes", "32x32x3 -> Conv2d(out_channels=8, kernel_size=5)")
    first, second = outcome.err.split("\n\n")
    assert outcome.status == 2
    assert first.startswith("warning[channels-last-input]: input [32, 32, 3] is read as 32 channels of 32x3\n")
    assert "(channels last), the output would be [28, 28, 8]: write 3x32x32" in first
    assert second.startswith("error[kernel-larger-than-input]")


def test_a_batch_of_pictures_with_channels_last():
    with pytest.raises(cnncalc.SpecError) as error:
        cnncalc.load("64x28x28x1 -> Conv2d(1, 6, 5)").report()
    assert [problem.help for problem in error.value.problems] == [
        ("write 1x28x28, or --layout channels_last (layout: channels_last in a spec)",)
    ]
    assert loaded("64x28x28x1 -> Conv2d(1, 6, 5)", layout="channels_last") == (
        [24, 24, 6],
        156,
        [("note", "batch-set-aside")],
    )
    assert ("warning", "channels-last-input") in loaded("9x28x28x3 -> Conv2d(out_channels=6, kernel_size=3)")[2]


# --- what was written ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "option", "right"),
    [
        ("28x28x1 -> Conv2d(1, 6, 5)", "in_channels=1", "1x28x28"),
        ("121x121x16 -> Conv2d(16, 32, 4, stride=3)", "in_channels=16", "16x121x121"),
        ("28x30x8 -> BatchNorm2d(8)", "num_features=8", "8x28x30"),
        ("32x32x4 -> ReLU -> MaxPool2d(2) -> Conv2d(4, 8, 3)", "in_channels=4", "4x32x32"),
        ("100x16 -> Conv1d(16, 3, 3)", "in_channels=16", "16x100"),
        ("8x112x112x3 -> Conv3d(3, 64, 3)", "in_channels=3", "3x8x112x112"),
        ("8x8x6 -> ConvTranspose2d(6, 3, 2)", "in_channels=6", "6x8x8"),
        ("8x8x6 -> GroupNorm(2, 6)", "num_channels=6", "6x8x8"),
        ("HxWxC -> Conv2d(C, F, 3)", "in_channels=C", "CxHxW"),
        ("HxWx3 -> Conv2d(3, F, 3)", "in_channels=3", "3xHxW"),
    ],
)
def test_a_written_number_that_is_the_last_axis_is_the_best_evidence(call, chain, option, right):
    outcome = call("params", chain)
    assert (outcome.status, outcome.out) == (2, "")
    first, *_, last = outcome.err.splitlines()
    assert first.startswith("error[input-contradicts]") and f"has {option}, the last axis of input" in first
    assert last == f"help: write {right}, or --layout channels_last (layout: channels_last in a spec)"
    assert call("params", chain, "--layout", "channels_last").status == 0


def test_a_number_that_is_neither_is_an_ordinary_mistake(call):
    outcome = call("params", "3x28x20 -> Conv2d(5, 6, 5)")
    assert outcome.err.splitlines()[-1] == "help: write in_channels=3, or leave in_channels out: it is inferred"


# --- said ------------------------------------------------------------------------------------------------------------


def test_layout_says_it_for_a_chain():
    assert loaded(CHAIN, layout="channels_last") == ([40, 40, 32], 8224, [])
    assert loaded(CHAIN, layout="channels_first") == ([32, 40, 5], 61984, [])
    assert loaded("16x121x121 -> Conv2D(filters=32, kernel_size=4, strides=3)", layout="channels_first") == (
        [32, 40, 40],
        8224,
        [("note", "read-as-keras")],
    )


def test_layout_says_it_for_a_file(call, spec):
    path = spec("input: [32, 32, 3]\nlayers:\n  - conv: Conv2d(out_channels=8, kernel_size=3)\n")
    assert call("ask", path, "conv.shape", "--layout", "channels_last").out == "[30, 30, 8]\n"
    said = spec("layout: channels_last\ninput: [32, 32, 3]\nlayers:\n  - conv: Conv2d(3, 8, 3)\n", "said.yaml")
    outcome = call("ask", said, "conv.shape", "input.shape", "--layout", "channels_first")  # the file knows its order
    assert (outcome.out, outcome.err) == ("conv.shape = [8, 30, 30]\ninput.shape = [3, 32, 32]\n", "")


def test_a_bundled_network_knows_its_own_order(call):
    """--layout turns what is shown, and is the order of what stands beside it."""
    outcome = call("shapes", "lenet5", "conv1", "--layout", "channels_last")
    assert (outcome.out, outcome.err) == ("[28, 28, 6]\n", "")
    assert call("shapes", "lenet5", "conv1", "--layout", "channels_last", "-i", "28x28x1").out == "[28, 28, 6]\n"
    assert call("check", "lenet5", "--layout", "channels_last").status == 0
    assert call("check", "resnet50", "--layout", "channels_last").status == 0
    assert call("check", "unet_keras", "--layout", "channels_first").status == 0


def test_an_input_from_the_command_line_is_judged_like_any_other(call):
    outcome = call("params", "vgg11", "-i", "224x224x3")
    assert outcome.status == 2
    assert outcome.err.startswith(
        "warning[channels-last-input]: input [224, 224, 3] is read as 224 channels of 224x3\n"
    )
    assert "(channels last), the output would be [1000]: write 3x224x224, or --layout channels_last\n" in outcome.err


def test_convention_says_it_for_a_chain_and_a_file(call, spec):
    counts = {"pytorch": 504, "keras": 468, "textbook": 468}
    for word, count in counts.items():
        lstm = "LSTM(9)" if word == "keras" else "LSTM(3, 9)"
        assert call("params", f"5x3 -> {lstm}", "total", "--convention", word).out == f"{count}\n"
    path = spec("convention: textbook\ninput: [5, 3]\nlayers:\n  - LSTM(3, 9)\n")
    assert call("params", path, "total").out == "468\n"
    assert call("params", path, "total", "--convention", "pytorch").out == "504\n"
    assert call("params", "4096 -> Dense(512) -> BatchNormalization", "total", "--convention", "pytorch").out == (
        "2098688\n"  # 4096*512 + 512 + 2*512
    )


@pytest.mark.parametrize(
    ("option", "word", "near"),
    [
        ("layout", "hwc", "channels_last"),
        ("layout", "NCHW", "channels_first"),
        ("layout", "chanels_last", "channels_last"),
        ("convention", "tensorflow", "keras"),
        ("convention", "torch", "pytorch"),
    ],
)
def test_a_word_that_is_none(call, option, word, near):
    outcome = call("shapes", "lenet5", f"--{option}", word)
    assert (outcome.status, outcome.err.splitlines()[-1]) == (2, f"help: did you mean {near}?")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_on_a_network_takes_both(call, command):
    chain = "28x28x1 -> conv: Conv2d(1, 6, k)" if command == "solve" else "28x28x1 -> conv: Conv2d(1, 6, 5)"
    more = {
        "ask": ["conv.shape"],
        "compare": [chain],
        "solve": ["k=5", "--want", "output.shape == [24, 24, 6]"],
        "export": ["--to", "pytorch"],
        "quiz": ["--to", "markdown"],
    }
    outcome = call(command, chain, *more.get(command, []), "--layout", "channels_last", "--convention", "textbook")
    assert outcome.status == 0, outcome.err


def test_the_commands_are_those_on_a_network():
    assert set(COMMANDS) == set(TYPED), "a command of TYPED in tests/test_left_out.py takes --layout: give it `Loading`"


def test_the_document_says_the_layout(call):
    document = json.loads(call("shapes", CHAIN, "--layout", "channels_last", "--json").out)
    assert (document["layout"], document["inputs"], document["output_shape"]) == (
        "channels_last",
        {"input": [121, 121, 16]},
        [40, 40, 32],
    )


def test_an_executed_network_with_channels_last_is_confirmed():
    network = cnncalc.load("9x9x2 -> Conv2d(2, 3, 3)", layout="channels_last")
    assert network.run()["output"].shape == (1, 7, 7, 3)
    assert network.run().confirmed


def test_a_search_says_how_it_read_the_input(call):
    outcome = call("solve", CHAIN.replace("=4", "=k"), "k=4", "--want", "output.shape[1] == 40")
    assert outcome.status == 0
    assert outcome.err.startswith("warning[channels-last-input]: input [121, 121, 16] is read as 121 channels")


def test_axes_that_are_kept_stay_where_they_are() -> None:
    """A channel's mean with its axes of 1 is an image still."""
    keras = "convention: keras\nlayout: channels_first\ninput: [4, 6, 6]\nlayers: [GlobalMaxPooling2D(keepdims=True)]\n"
    assert cnncalc.loads(keras).report().output_shape == (4, 1, 1)
    for layer in ("GlobalAvgPool(keepdim=True)", "Mean(dim=[2, 3], keepdim=True)"):
        text = f"layout: channels_last\ninput: [6, 6, 4]\nlayers: ['{layer}']\n"
        assert cnncalc.loads(text).report().output_shape == (1, 1, 4)
