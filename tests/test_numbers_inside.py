"""`draw --inside LAYER --at ROW,COLUMN`: outputs worked out by hand, against values that PyTorch 2.13 gave."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

import cnncalc
from cnncalc.diagram.inside.at import examples, has

# F.conv2d and so on of the numbers that the grids show, with a bias of 1.
TORCH = {
    "2x9x9 -> it: Conv2d(2, 4, 3, stride=2, padding=1)": [
        [-6, 8, 18, 8, 12],
        [-8, 30, 18, 16, -2],
        [-11, 3, 51, -1, 0],
        [3, 51, 19, -13, 0],
        [16, 7, 1, -15, 4],
    ],
    "2x9x9 -> it: Conv2d(2, 4, 3, dilation=2)": [
        [-15, 19, 33, -13, 21],
        [-1, 3, 27, 1, -15],
        [14, -32, 42, 36, -30],
        [58, -28, -24, 60, 14],
        [62, 16, -30, 4, 58],
    ],
    "1x9x9 -> it: MaxPool2d(3, 2, 1)": [
        [8, 9, 9, 8, 7],
        [9, 9, 9, 9, 9],
        [9, 9, 9, 8, 9],
        [7, 9, 8, 9, 9],
        [9, 8, 8, 9, 8],
    ],
    "1x9x9 -> it: AvgPool2d(2, padding=1)": [
        [1.5, 0.75, 2.75, 2.25, 1.75],
        [2, 4.5, 6, 2.5, 6.5],
        [0.75, 7, 3.5, 5, 4],
        [2, 4.5, 3.5, 5, 4],
        [4, 3.5, 5, 4, 5.5],
    ],
    "1x9x9 -> it: AvgPool2d(2, padding=1, count_include_pad=False)": [
        [6, 1.5, 5.5, 4.5, 3.5],
        [4, 4.5, 6, 2.5, 6.5],
        [1.5, 7, 3.5, 5, 4],
        [4, 4.5, 3.5, 5, 4],
        [8, 3.5, 5, 4, 5.5],
    ],
    "1x4x4 -> it: ConvTranspose2d(1, 4, 3, stride=2, padding=1)": [
        [13, -5, 7, -2, 1, 1, 15],
        [-5, 19, -2, 10, 1, 1, -6],
        [17, -7, 11, -4, 5, -1, 19],
        [-7, 5, -4, 16, -1, 27, -8],
        [1, 1, 15, -6, 9, -3, 3],
        [1, 1, -6, 22, -3, 13, 0],
        [5, -1, 19, -8, 13, -5, 7],
    ],
    "1x4x4 -> it: BatchNorm2d(1)": [
        [0.41, -0.63, -1.67, 0.76],
        [1.10, 0.06, -0.97, 1.45],
        [-1.67, 0.76, -0.28, -1.32],
        [-0.97, 1.45, 0.41, -0.63],
    ],
    "2x9 -> it: Conv1d(2, 4, 3, padding='same')": [[4, 6, 10, 24, -2, 22, 6, 0, -2]],
}


def numbers(grid):
    return {spot: float(text.replace("−", "-")) for spot, text in grid.values.items()}


@pytest.mark.parametrize("net", TORCH)
def test_outputs_are_those_of_pytorch(net):
    report = cnncalc.load(net).report()
    expected = TORCH[net]
    at = "0" if len(expected) == 1 else "0,0"
    for example in examples(report, "it", at, 64):
        assert numbers(example.grids[-1]) == {
            (r, c): expected[r][c] for r, c in example.grids[-1].values if r < len(expected)
        }
        (spot,) = example.grids[-1].marked
        if "BatchNorm" not in net:
            said = float(example.lines[0].rpartition("= ")[2].replace("−", "-"))
            assert said == expected[spot[0]][spot[1]]


@pytest.mark.parametrize("net", [net for net in TORCH if "Conv" in net or "Pool" in net])
def test_the_sum_is_what_it_says(net):
    """What stands between the signs of equality has the value that stands behind them."""
    for example in examples(cnncalc.load(net).report(), "it", None, 4):
        line = example.lines[0].replace("−", "-")
        _, terms, value = re.split(r" = ", line)
        if terms.startswith("max"):
            assert max(map(int, re.findall(r"-?\d+", terms))) == float(value)
        elif " / " in terms:
            above, below = terms.split(" / ")
            assert sum(map(int, re.findall(r"-?\d+", above))) / int(below) == float(value)
        elif "…" not in terms:
            total = 0
            for term in terms.split(" + "):
                one, _, other = term.replace("(", "").replace(")", "").partition("·")
                total += int(one) * int(other or 1)
            assert total == float(value)


TEXT = """\
it = MaxPool2d(2)

input
      0   1   2   3
   0  6   3   0   7
   1  8   5   2   9
   2  0   7  [4] [1]
   3  2   9  [6] [3]

output
      0   1
   0  8   9
   1  9  [6]

output[1, 1] = max(4, 1, 6, 3) = 6
"""


def test_text(call):
    assert call("draw", "1x4x4 -> it: MaxPool2d(2)", "--inside", "it", "--at", "1,1") == (0, TEXT, "")


def test_frames(call):
    status, out, err = call("draw", "1x4x4 -> it: Conv2d(1, 1, 3)", "--inside", "it", "--steps", "4", "--svg")
    assert (status, err) == (0, "")
    ElementTree.fromstring(out)
    for number, at in enumerate(("0, 0", "0, 1", "1, 0", "1, 1"), 1):
        assert f">{number}. it = Conv2d(1, 1, 3)<" in out and f"output[{at}] = " in out


def test_an_embedding_takes_a_row():
    (example,) = examples(cnncalc.load("gpt2").report(), "wte", "3", None)
    ids, table, out = example.grids
    token = int(ids.values[0, 3])
    assert [out.values[3, j] for j in out.columns] == [table.values[token, j] for j in table.columns]


def test_keras_windows(call):
    net = "convention: keras\ninput: [9, 9, 1]\nlayers:\n  - it: Conv2D(4, 3, strides=2, padding='same')\n"
    (example,) = examples(cnncalc.loads(net).report(), "it", "0,0", None)
    # Keras pads less before than after: of 9 with a stride of 2 one zero on each side.
    assert (-1, -1) in example.grids[0].padding and len(example.grids[2 - 1].values) == 9


def test_every_window_of_the_bundled_networks():
    for net in ("lenet5", "alexnet", "mobilenet_v2", "unet", "wavenet", "tcn_mnist", "text_cnn", "mnist_convnet_keras"):
        report = cnncalc.load(net).report()
        for row in report.rows:
            if has(row):
                assert examples(report, row.name, None, None)[0].lines


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("lenet5", "--inside", "conv1", "--at", "28,0"), '--at takes 0,0 to 27,27 in "conv1", not 28,0'),
        (("lenet5", "--inside", "conv1", "--at", "1"), '--at takes 0,0 to 27,27 in "conv1", not 1'),
        (("lenet5", "--inside", "conv1", "--at", "a,b"), '--at takes a row and a column, such as 2,3, not "a,b"'),
        (("lenet5", "--inside", "conv1", "--mermaid"), "the numbers inside a layer are text or a picture, not mermaid"),
    ],
)
def test_wrong_places(call, argv, message):
    status, out, err = call("draw", *argv)
    assert (status, out) == (2, "") and err.startswith(f"error[option-value]: {message}\n")


def test_free_sizes_have_no_numbers(call):
    assert call("draw", "CxHxW -> it: Conv2d(C, F, 3)", "--inside", "it")[2].startswith("error[free-dimensions]: the n")


def test_a_window_of_many_thousand_places_is_not_drawn(call):
    err = call("draw", "1x300x300 -> it: Conv2d(1, 1, 200)", "--inside", "it")[2]
    assert err == 'error[nothing-inside]: a window of "it" has 40,000 places, and 4,096 can be drawn\n'
    err = call("draw", "1x999x999 -> it: Conv2d(1, 1, 3, dilation=200)", "--inside", "it")[2]
    assert err == 'error[nothing-inside]: a window of "it" spans 160,801 places, and 40,000 can be drawn\n'
