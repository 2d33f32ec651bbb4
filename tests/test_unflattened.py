"""A Linear behind a feature map keeps its meaning, and the number that most would expect stands beside it.

PyTorch 2.13 gives LazyLinear(10) on (1, 6, 14, 14) 150 parameters, and 11,770 behind nn.Flatten(); Keras 3.15 the like.
"""

from __future__ import annotations

import pytest

import cnncalc


def notes(chain: str) -> list[tuple[str, str]]:
    network = cnncalc.load(chain)
    network.report()
    return [(note.severity, note.message) for note in network.notes if note.code == "last-axis"]


def test_the_other_number_stands_in_a_note(call):
    chain = "6x28x28 -> MaxPool2d(2) -> fc: Linear(out_features=10)"
    outcome = call("params", chain, "total")
    assert (outcome.status, outcome.out) == (0, "150\n")
    assert outcome.err == (
        "note[last-axis]: fc: Linear acts on the last axis (14); after Flatten it would have 11,770 parameters, "
        "here it has 150\n"
        " --> chain:1:32\n"
        "  |\n"
        f"1 | {chain}\n"
        "  |                                ^^^^^^^^^^^^^^^^^^^^^^^\n"
        "help: write Flatten before it where it should take the whole feature map\n"
    )
    assert cnncalc.load(chain.replace("fc", "Flatten -> fc")).report().totals.params == 11_770


@pytest.mark.parametrize(
    ("chain", "axis", "flat"),
    [
        ("3x14x14 -> Conv2d(3, 16, 3) -> Linear(out_features=10)", 12, 16 * 12 * 12 * 10 + 10),
        ("1x7 -> Conv1d(1, 5, 3) -> LazyLinear(2)", 5, 5 * 5 * 2 + 2),
        ("4x8x8 -> ReLU -> BatchNorm2d -> Dropout(0.1) -> Linear(out_features=2)", 8, 4 * 8 * 8 * 2 + 2),
        ("512x7x7 -> AdaptiveAvgPool2d(1) -> Linear(out_features=1000)", 1, 513_000),
        ("3x8x8 -> Linear(out_features=2, bias=False)", 8, 3 * 8 * 8 * 2),
        ("28x28 -> Linear(out_features=100)", 28, 78_500),
        ("8x8x3 -> Conv2D(16, 3) -> MaxPooling2D(2) -> Dense(10)", 16, 3 * 3 * 16 * 10 + 10),
        ("20x4 -> Conv1D(8, 3) -> Dense(10)", 8, 18 * 8 * 10 + 10),
    ],
)
def test_where_it_is_said(chain, axis, flat):
    ((severity, message),) = notes(chain)
    assert severity == "note"
    assert f"acts on the last axis ({axis}); after Flatten it would have {flat:,} parameters" in message


@pytest.mark.parametrize(
    "chain",
    [
        "6x28x28 -> MaxPool2d(2) -> Linear(14, 10)",  # written: it is meant
        "6x28x28 -> MaxPool2d(2) -> Flatten -> Linear(out_features=10)",
        "6x28x28 -> GlobalAvgPool -> Linear(out_features=10)",
        "20x30 -> Linear(out_features=10)",  # a sequence
        "20x30 -> LSTM(30, 8) -> Linear(out_features=10)",
        "30 -> Linear(out_features=10) -> Linear(out_features=5)",
        "6x8x8 -> Permute(0, 2, 3, 1) -> Linear(out_features=10)",  # somebody put the channels there
        "6x8x8 -> Linear(8, 4) -> Linear(out_features=10)",
        "20 -> Embedding(100, 20) -> Linear(out_features=10)",
        "20 -> Embedding(100, 8) -> LSTM(9) -> Dense(1)",
    ],
)
def test_where_it_is_not(chain):
    assert notes(chain) == []


def test_copies_of_one_entry_get_one_note():
    text = "input: [3, 8, 8]\nlayers:\n  - stack: [Conv2d(out_channels=4, kernel_size=1), Linear(out_features=8)]\n"
    network = cnncalc.loads(text + "    repeat: 3\n")
    network.report()
    assert [note.message.split(":")[0] for note in network.notes] == ["stack.0.linear_1"]


def test_free_sizes():
    ((_, message),) = notes("3xHxW -> MaxPool2d(1) -> Linear(out_features=2)")
    assert "acts on the last axis (W); after Flatten it would have 6·H·W + 2 parameters" in message


def test_no_bundled_network_is_noted():
    from cnncalc.bundled import bundled

    names = bundled()
    assert len(names) > 150
    noted = {"channels-last-input", "channels-first-input", "last-axis", "read-as-keras"}
    for name in names:
        network = cnncalc.load(name)
        network.report()
        assert noted.isdisjoint(note.code for note in network.notes), name
