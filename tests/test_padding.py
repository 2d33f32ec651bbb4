"""`padding=?`, and the shape at the end of a chain."""

from __future__ import annotations

import json

import pytest

from cnncalc import SpecError, load, loads
from cnncalc.cli.app import main


def notes(network):
    network.report()
    return [(note.code, note.message) for note in network.notes]


@pytest.mark.parametrize("written", ["padding=?", "padding=_", "padding=None", 'padding="?"'])
def test_the_padding_that_keeps_the_size(written):
    network = load(f"3x32x32 -> conv: Conv2d(3, 16, 3, {written}) -> 16x32x32")
    assert notes(network) == [("padding-found", "conv.padding = 1")]
    assert network.report()["conv"].output_shape == (16, 32, 32)


@pytest.mark.parametrize(
    ("layer", "target", "padding"),
    [
        ("Conv2d(3, 16, 5, 2, ?)", "16x16x16", 2),
        ("Conv2d(3, 16, 3, dilation=2, padding=?)", "[16, 32, 32]", 2),
        ("MaxPool2d(3, 2, padding=?)", "3x16x16", 1),
        ("ConvTranspose2d(3, 8, 4, stride=2, padding=?)", "8x64x64", 1),
        ("Conv2d(3, 16, 7, padding=?)", "(16, 30, 30)", 2),
    ],
)
def test_other_layers(layer, target, padding):
    network = load(f"3x32x32 -> it: {layer} -> {target}")
    assert notes(network) == [("padding-found", f"it.padding = {padding}")]


def test_expected_of_a_layer_in_the_middle():
    spec = """
input: [3, 32, 32]
layers:
  - conv1: {conv2d: {out_channels: 8, kernel_size: 5, stride: 2, padding: ?}}
  - ReLU
  - conv2: Conv2d(8, 16, 3)
expect:
  conv1.shape: 8x16x16
"""
    assert notes(loads(spec)) == [("padding-found", "conv1.padding = 2")]


def test_several_ways():
    network = load("3x32x32 -> a: Conv2d(3, 8, 3, padding=?) -> b: Conv2d(8, 8, 3, padding=?) -> 8x32x32")
    assert notes(network) == [
        ("padding-found", "a.padding = 0 (one of 3 ways)"),
        ("padding-found", "b.padding = 2 (one of 3 ways)"),
    ]


def problem(text):
    with pytest.raises(SpecError) as caught:
        load(text).report()
    (found,) = caught.value.problems
    return found.code, found.message


def test_none():
    assert problem("3x32x32 -> conv: Conv2d(3, 16, 4, padding=?) -> 16x32x32") == (
        "no-padding",
        "no whole padding gives 32 with kernel 4 (31 or 33)",
    )
    assert problem("3x32x32 -> conv: Conv2d(3, 16, 3, padding=?) -> 8x32x32") == (
        "no-padding",
        "no padding gives [8, 32, 32]",
    )
    assert problem("3x32x32 -> conv: Conv2d(3, 16, 3, padding=?)") == (
        "padding-unknown",
        "the padding follows from the shape that it should give",
    )
    # The same text again: what was read is not changed by what was found.
    assert problem("3x32x32 -> conv: Conv2d(3, 16, 4, padding=?) -> 16x32x32")[0] == "no-padding"


def test_inferred_sizes_print_nothing():
    network = load("3x32x32 -> Conv2d(?, 16, 3) -> BatchNorm2d(_) -> Flatten -> Linear(None, 10)")
    assert notes(network) == []
    assert network.report().totals.params == 448 + 32 + 14400 * 10 + 10


# --- the end of a chain --------------------------------------------------------------------------------------------


def test_the_end_is_expected(capsys):
    assert main(["check", "3x32x32 -> Conv2d(3, 16, 3, padding=1) -> 16x32x32", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert (result["ask"], result["expected"], result["ok"]) == ("output.shape", [16, 32, 32], True)
    assert main(["check", "3x32x32 -> Conv2d(3, 16, 3) -> 16x32x32"]) == 1
    assert main(["check", "3x32x32 -> Flatten -> Linear(out_features=10) -> 10"]) == 0


def test_another_shape_than_the_end_says_is_a_warning(capsys):
    assert main(["shapes", "3x32x32 -> conv: Conv2d(3, 16, 3) -> 16x32x32", "conv"]) == 0
    out, err = capsys.readouterr()
    assert out == "[16, 30, 30]\n"
    assert err.startswith("warning[target-missed]: the output is [16, 30, 30], the chain ends with [16, 32, 32]\n")
    assert main(["shapes", "3x32x32 -> conv: Conv2d(3, 16, 3, padding=1) -> 16x32x32", "conv"]) == 0
    assert capsys.readouterr() == ("[16, 32, 32]\n", "")
