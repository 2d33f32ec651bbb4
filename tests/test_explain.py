"""Explanations against formulas as course sheets and papers state them, and the command that prints them."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from typing import Any

import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.explain.explain import explain, sums


def lines(net: str, name: str | None = None, full: bool = False) -> list[str]:
    """The lines of a layer, of the last one without a name."""
    report = cnncalc.load(net).report()
    row = report[name] if name else report.rows[-1]
    return [line.text for line in explain(row, full).lines]


def topic(net: str, wanted: str, name: str | None = None) -> list[str]:
    report = cnncalc.load(net).report()
    row = report[name] if name else report.rows[-1]
    return [line.text for line in explain(row).of(wanted)]


CONV = "3x64x64 -> conv1: Conv2d(3, 16, 3, padding=1)"


def test_a_convolution_in_full() -> None:
    """The shape's formula as in PyTorch's documentation; the count as in every course."""
    assert lines(CONV, full=True) == [
        "C_out = 16",
        "H_out = ⌊(H + 2·P − D·(K−1) − 1)/S⌋ + 1 = ⌊(64 + 2·1 − 1·(3−1) − 1)/1⌋ + 1 = 64",
        "W_out = ⌊(W + 2·P − D·(K−1) − 1)/S⌋ + 1 = ⌊(64 + 2·1 − 1·(3−1) − 1)/1⌋ + 1 = 64",
        "params = K_h·K_w·(C_in/G)·C_out + C_out = 3·3·(3/1)·16 + 16 = 448",
        "macs = K_h·K_w·(C_in/G)·C_out·H_out·W_out = 3·3·(3/1)·16·64·64 = 1769472",
        "dense = C_in·H·W·C_out·H_out·W_out + C_out·H_out·W_out = 3·64·64·16·64·64 + 16·64·64 = 805371904",
    ]


def test_a_convolution_without_what_vanishes() -> None:
    """The textbook's (H + 2P - K) / S + 1."""
    assert lines(CONV) == [
        "C_out = 16",
        "H_out = ⌊(H + 2·P − K)/S⌋ + 1 = ⌊(64 + 2·1 − 3)/1⌋ + 1 = 64",
        "W_out = ⌊(W + 2·P − K)/S⌋ + 1 = ⌊(64 + 2·1 − 3)/1⌋ + 1 = 64",
        "params = K_h·K_w·C_in·C_out + C_out = 3·3·3·16 + 16 = 448",
        "macs = K_h·K_w·C_in·C_out·H_out·W_out = 3·3·3·16·64·64 = 1769472",
        "dense = C_in·H·W·C_out·H_out·W_out + C_out·H_out·W_out = 3·64·64·16·64·64 + 16·64·64 = 805371904",
    ]


SHAPES = {
    "4x50 -> Conv1d(4, 8, 3, stride=2, padding=1)": [
        "C_out = 8",
        "L_out = ⌊(L + 2·P − K)/S⌋ + 1 = ⌊(50 + 2·1 − 3)/2⌋ + 1 = 25",
    ],
    # In three dimensions D is a depth too: the dilation along it is D_d.
    "3x8x32x32 -> Conv3d(3, 6, 3, dilation=2)": [
        "C_out = 6",
        "D_out = ⌊(D − D_d·(K−1) − 1)/S⌋ + 1 = ⌊(8 − 2·(3−1) − 1)/1⌋ + 1 = 4",
        "H_out = ⌊(H − D·(K−1) − 1)/S⌋ + 1 = ⌊(32 − 2·(3−1) − 1)/1⌋ + 1 = 28",
        "W_out = ⌊(W − D·(K−1) − 1)/S⌋ + 1 = ⌊(32 − 2·(3−1) − 1)/1⌋ + 1 = 28",
    ],
    "3x64x64 -> Conv2d(3, 12, [3, 5], stride=[2, 1], padding=[1, 2])": [
        "C_out = 12",
        "H_out = ⌊(H + 2·P_h − K_h)/S_h⌋ + 1 = ⌊(64 + 2·1 − 3)/2⌋ + 1 = 32",
        "W_out = ⌊(W + 2·P_w − K_w)/S_w⌋ + 1 = ⌊(64 + 2·2 − 5)/1⌋ + 1 = 64",
    ],
    "3x64x64 -> Conv2d(3, 8, 3, padding=same)": [
        "P = ⌊(K − 1)/2⌋ = ⌊(3 − 1)/2⌋ = 1",
        "C_out = 8",
        "H_out = ⌊(H + 2·P − K)/S⌋ + 1 = ⌊(64 + 2·1 − 3)/1⌋ + 1 = 64",
        "W_out = ⌊(W + 2·P − K)/S⌋ + 1 = ⌊(64 + 2·1 − 3)/1⌋ + 1 = 64",
    ],
    # The odd zero of an even kernel stands after.
    "3x50 -> Conv1d(3, 8, 4, padding=same)": [
        "P_before = ⌊(K − 1)/2⌋ = ⌊(4 − 1)/2⌋ = 1",
        "P_after = K − ⌊(K − 1)/2⌋ − 1 = 4 − ⌊(4 − 1)/2⌋ − 1 = 2",
        "C_out = 8",
        "L_out = ⌊(L + P_before + P_after − K)/S⌋ + 1 = ⌊(50 + 1 + 2 − 4)/1⌋ + 1 = 50",
    ],
    "4x50 -> Conv1d(4, 8, 3, padding=causal, dilation=2)": [
        "P_before = D·(K−1) = 2·(3−1) = 4",
        "C_out = 8",
        "L_out = ⌊(L + P_before − D·(K−1) − 1)/S⌋ + 1 = ⌊(50 + 4 − 2·(3−1) − 1)/1⌋ + 1 = 50",
    ],
    # Dumoulin and Visin 2016: o = s (i - 1) + k - 2 p.
    "64x32x32 -> ConvTranspose2d(64, 3, 4, 2, 1, output_padding=1)": [
        "C_out = 3",
        "H_out = (H−1)·S − 2·P + K + P_out = (32−1)·2 − 2·1 + 4 + 1 = 65",
        "W_out = (W−1)·S − 2·P + K + P_out = (32−1)·2 − 2·1 + 4 + 1 = 65",
    ],
    # No window may start in the padding after the input, as PyTorch says of ceil_mode.
    "8x129x129 -> MaxPool2d(3, stride=2, ceil_mode=True)": [
        "H_out = min(⌈(H − K)/S⌉ + 1, ⌈H/S⌉) = min(⌈(129 − 3)/2⌉ + 1, ⌈129/2⌉) = 64",
        "W_out = min(⌈(W − K)/S⌉ + 1, ⌈W/S⌉) = min(⌈(129 − 3)/2⌉ + 1, ⌈129/2⌉) = 64",
    ],
    "8x9x9 -> AdaptiveAvgPool2d([3, 5])": ["H_out = O_h = 3", "W_out = O_w = 5"],
    "8x9x9 -> AdaptiveAvgPool2d([3, None])": ["H_out = O_h = 3"],
    "8x9x9 -> AdaptiveAvgPool2d(1)": ["H_out = O = 1", "W_out = O = 1"],
    "8x9x9 -> GlobalAvgPool": [],
    "8x9x9 -> ReLU": [],
    "4x12x12 -> Flatten": ["L_flat = C·H·W = 4·12·12 = 576"],
    "4x12x12 -> Flatten(start_dim=2)": ["F_out = H·W = 12·12 = 144"],
    "16x8x8 -> PixelShuffle(2)": ["C_out = C/R² = 16/2² = 4", "H_out = H·R = 8·2 = 16", "W_out = W·R = 8·2 = 16"],
    "3x10x10 -> Upsample(scale_factor=0.35)": [
        "H_out = ⌊H·R⌋ = ⌊10·0.35⌋ = 3",
        "W_out = ⌊W·R⌋ = ⌊10·0.35⌋ = 3",
    ],
    "6x32x32 -> ZeroPad2d([1, 2, 3, 4])": [
        "H_out = H + P_top + P_bottom = 32 + 3 + 4 = 39",
        "W_out = W + P_left + P_right = 32 + 1 + 2 = 35",
    ],
    # Unfold's second axis as in PyTorch's documentation: the product over the axes.
    "3x10x12 -> Unfold(3)": [
        "C_window = C·K_h·K_w = 3·3·3 = 27",
        "L_windows = (⌊(H − K_h)/S_h⌋+1)·(⌊(W − K_w)/S_w⌋+1) = (⌊(10 − 3)/1⌋+1)·(⌊(12 − 3)/1⌋+1) = 80",
    ],
    "3x224x224 -> PatchEmbedding(embed_dim=768, patch_size=16)": [
        "L = (H/P_h)·(W/P_w) = (224/16)·(224/16) = 196",
        "E = 768",
    ],
    "196x768 -> ClassToken": ["L_out = L + 1 = 196 + 1 = 197"],
    "20x10 -> LSTM(10, 20, num_layers=2, bidirectional=True)": [
        "H_out = 2·H = 2·20 = 40",
        "h_n.shape[0] = 2·layers = 2·2 = 4",
        "c_n.shape[0] = 2·layers = 2·2 = 4",
    ],
    "10x64 -> Attention(64, num_heads=8, num_kv_heads=2, head_dim=16)": [
        "E_out = h·d_k = 8·16 = 128",
        "key.shape[1] = g·d_k = 2·16 = 32",
        "value.shape[1] = g·d_k = 2·16 = 32",
    ],
}


@pytest.mark.parametrize("net", SHAPES)
def test_shapes(net: str) -> None:
    assert topic(net, "shape") == SHAPES[net]


PARAMS = {
    "4x50 -> Conv1d(4, 8, 3)": ["params = K·C_in·C_out + C_out = 3·4·8 + 8 = 104"],
    "3x8x9x9 -> Conv3d(3, 6, 3, bias=False)": ["params = K_d·K_h·K_w·C_in·C_out = 3·3·3·3·6 = 486"],
    "12x9x9 -> Conv2d(12, 12, 3, groups=4)": ["params = K_h·K_w·(C_in/G)·C_out + C_out = 3·3·(12/4)·12 + 12 = 336"],
    "64x9x9 -> ConvTranspose2d(64, 3, 4, 2, 1)": ["params = K_h·K_w·C_in·C_out + C_out = 4·4·64·3 + 3 = 3075"],
    "576 -> Linear(576, 10)": ["params = F_in·F_out + F_out = 576·10 + 10 = 5770"],
    # Two biases a gate, as PyTorch has them.
    "20x10 -> LSTM(10, 20)": [
        "weight_ih_l0 = 4·H·I = 4·20·10 = 800",
        "weight_hh_l0 = 4·H² = 4·20² = 1600",
        "bias_ih_l0 + bias_hh_l0 = 2·4·H = 2·4·20 = 160",
        "params = 4·H·I + 4·H² + 8·H = 4·20·10 + 4·20² + 8·20 = 2560",
    ],
    "20x10 -> GRU(10, 20, bias_vectors=1)": [
        "weight_ih_l0 = 3·H·I = 3·20·10 = 600",
        "weight_hh_l0 = 3·H² = 3·20² = 1200",
        "bias_ih_l0 = 3·H = 3·20 = 60",
        "params = 3·H·I + 3·H² + 3·H = 3·20·10 + 3·20² + 3·20 = 1860",
    ],
    # Vaswani et al. 2017: 4 d² + 4 d.
    "10x512 -> MultiheadAttention(512, 8)": [
        "in_proj_weight = 3·E² = 3·512² = 786432",
        "in_proj_bias = 3·E = 3·512 = 1536",
        "out_proj.weight = E² = 512² = 262144",
        "out_proj.bias = E = 512",
        "params = 4·E² + 4·E = 4·512² + 4·512 = 1050624",
    ],
    "10x64 -> Attention(64, num_heads=8)": [
        "W_q + W_k + W_v = 3·E² = 3·64² = 12288",
        "params = 3·E² = 3·64² = 12288",
    ],
    "16x8x8 -> BatchNorm2d(16)": ["params = 2·C = 2·16 = 32"],
    "10x64 -> LayerNorm(64)": ["params = 2·F = 2·64 = 128"],
    "200 -> Embedding(25002, 100)": ["params = V·E = 25002·100 = 2500200"],
    "5x10 -> SwiGLU(20)": [
        "gate_proj.weight + up_proj.weight + down_proj.weight = 3·F·E = 3·20·10 = 600",
        "params = 3·F·E = 3·20·10 = 600",
    ],
    "8 -> ReLU": [],
}


@pytest.mark.parametrize("net", PARAMS)
def test_params(net: str) -> None:
    assert topic(net, "params") == PARAMS[net]


def test_many_weights_of_one_size_stand_on_one_line() -> None:
    found = topic("12x100 -> TransformerEncoder(num_layers=3, nhead=4, dim_feedforward=50)", "params")
    assert found == [
        "layers.0.self_attn.in_proj_weight and 2 more of the same size = 3·3·E² = 3·3·100² = 90000",
        "layers.0.self_attn.in_proj_bias and 2 more of the same size = 3·3·E = 3·3·100 = 900",
        "layers.0.self_attn.out_proj.weight and 2 more of the same size = 3·E² = 3·100² = 30000",
        "layers.0.self_attn.out_proj.bias and 17 more of the same size = 18·E = 18·100 = 1800",
        "layers.0.linear1.weight and 5 more of the same size = 6·F·E = 6·50·100 = 30000",
        "layers.0.linear1.bias and 2 more of the same size = 3·F = 3·50 = 150",
        "params = 12·E² + 27·E + 6·F·E + 3·F = 12·100² + 27·100 + 6·50·100 + 3·50 = 152850",
    ]


def test_the_cost_of_attention() -> None:
    """The textbook's 4 n d² + 2 n² d."""
    assert topic("10x512 -> MultiheadAttention(512, 8)", "macs") == [
        "macs (project) = 3·L·E² = 3·10·512² = 7864320",
        "macs (scores) = L²·E = 10²·512 = 51200",
        "macs (mix) = L²·E = 10²·512 = 51200",
        "macs (output) = L·E² = 10·512² = 2621440",
        "macs = 4·L·E² + 2·L²·E = 4·10·512² + 2·10²·512 = 10588160",
    ]


TWO = """
inputs: {a: [3, 8, 8], b: [5, 8, 8]}
layers:
  - cat: Concat
    from: [a, b]
  - token: Parameter([5, 8, 8])
  - sum: Add
    from: [b, token]
  - fc: Linear(8, 8)
  - again: Linear(8, 8)
    share: fc
"""


def test_merges_and_parameters() -> None:
    report = cnncalc.loads(TWO).report()
    texts = {row.name: [line.text for line in explain(row).lines] for row in report.rows}
    assert texts["cat"] == ["C_out = C_1 + C_2 = 3 + 5 = 8"]
    assert texts["token"] == ["params = 320"]
    assert texts["sum"] == []
    assert [line.split(" = ")[0] for line in texts["again"]] == ["F_out", "macs", "dense"]
    assert report["token"].dense is None and report["token"].to_dict()["dense_params"] is None


def test_the_totals_are_the_sums_of_the_layers() -> None:
    report = cnncalc.load("lenet5").report()
    assert sums(report.rows)[0].text == (
        "total.params = conv1.params + conv2.params + fc1.params + fc2.params + fc3.params"
        " = 156 + 2416 + 48120 + 10164 + 850 = 61706"
    )
    assert sums(cnncalc.load("vgg16").report().rows)[0].text == (
        "total.params = Conv2d.params + Linear.params = 14714688 + 123642856 = 138357544"
    )


def test_free_dimensions_stay_symbols() -> None:
    from cnncalc.layers import find
    from cnncalc.network.graph import Graph, Input, Node
    from cnncalc.network.propagate import propagate
    from cnncalc.symbolic.dimension import assuming, symbol

    kind = find("Conv2d")
    assert kind is not None
    graph = Graph("net", [Input("input", (symbol("C"), symbol("N"), 64))])
    with assuming():
        graph.nodes.append(Node("conv", kind.bind((), {"out_channels": symbol("M"), "kernel_size": 3}), (0,)))
        row = propagate(graph).rows[0]
    assert [line.text for line in explain(row).lines][:4] == [
        "C_out = M",
        "H_out = ⌊(H − K)/S⌋ + 1 = ⌊(N − 3)/1⌋ + 1 = N − 2",
        "W_out = ⌊(W − K)/S⌋ + 1 = ⌊(64 − 3)/1⌋ + 1 = 62",
        "params = K_h·K_w·C_in·C_out + C_out = 3·3·C·M + M = 9·C·M + M",
    ]


@pytest.mark.parametrize("net", ["lenet5", "lstm_classifier"])
def test_what_is_printed_can_be_typed_as_an_answer(net: str) -> None:
    from cnncalc.answers.read import of_text
    from cnncalc.core.number import grouped

    with grouped():
        found = [line for row in cnncalc.load(net).report().rows if row.params for line in explain(row).lines]
        assert any("," in line.steps[-1] for line in found)
        for line in found:
            for text in (line.numbers, line.steps[-1], line.tex_steps[-1]):
                values = [one.formula.value({}) if one.formula else one.value for one in of_text(text, {}).numbers]
                assert line.value in values, text


# --- the command ---------------------------------------------------------------------------------------------------


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main(["explain", *argv])
    return (status, *capsys.readouterr())


def test_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    net = "3x8x8 -> conv1: Conv2d(3, 4, 3) -> relu: ReLU -> pool1: MaxPool2d(4) -> Flatten -> fc: Linear(4, 2)"
    assert printed(capsys, net, "--format", "plain") == (0, PAGE, "")


PAGE = """\
chain

conv1: Conv2d(3, 4, 3)

Slide filters over an image [channels, height, width].
[C_in, H, W] = [3, 8, 8] → [C_out, H_out, W_out] = [4, 6, 6]

C_out = 4
H_out = ⌊(H − K)/S⌋ + 1 = ⌊(8 − 3)/1⌋ + 1 = 6
W_out = ⌊(W − K)/S⌋ + 1 = ⌊(8 − 3)/1⌋ + 1 = 6
params = K_h·K_w·C_in·C_out + C_out = 3·3·3·4 + 4 = 112
macs = K_h·K_w·C_in·C_out·H_out·W_out = 3·3·3·4·6·6 = 3,888
fully connected equivalent = C_in·H·W·C_out·H_out·W_out + C_out·H_out·W_out = 3·8·8·4·6·6 + 4·6·6 = 27,792

C_out: number of filters; K: kernel size; S: stride
source: PyTorch, torch.nn.Conv2d.

relu: ReLU

max(x, 0).
[C, H, W] = [4, 6, 6], unchanged; no parameters, no multiply-accumulates

y = max(x, 0)
∂y/∂x = 1 where x > 0, 0 elsewhere

source: PyTorch, torch.nn.ReLU.

pool1: MaxPool2d(4)

Keep the largest of every window of an image [channels, height, width].
[C, H, W] = [4, 6, 6] → [C, H_out, W_out] = [4, 1, 1]

H_out = ⌊(H − K)/S⌋ + 1 = ⌊(6 − 4)/4⌋ + 1 = 1
W_out = ⌊(W − K)/S⌋ + 1 = ⌊(6 − 4)/4⌋ + 1 = 1

stride 4 is the window's size: windows lie side by side, none overlap
K: window size; S: stride
pool1 never reads the last 2 rows and the last 2 columns of its input
source: PyTorch, torch.nn.MaxPool2d.

flatten_1: Flatten

Make one axis of the axes `start_dim` to `end_dim`; by default of all that a sample has.
[C, H, W] = [4, 1, 1] → [L_flat] = [4]

L_flat = C·H·W = 4·1·1 = 4

source: PyTorch, torch.nn.Flatten.

fc: Linear(4, 2)

Multiply the last axis by a matrix: every row [in_features] becomes a row [out_features].
[F_in] = [4] → [F_out] = [2]

F_out = 2
params = F_in·F_out + F_out = 4·2 + 2 = 10
macs = F_in·F_out = 4·2 = 8
fully connected equivalent = F_in·F_out + F_out = 4·2 + 2 = 10

F_out: number of output features
source: PyTorch, torch.nn.Linear.

total

total.params = conv1.params + fc.params = 112 + 10 = 122
total.macs = conv1.macs + fc.macs = 3,888 + 8 = 3,896
total.dense = conv1.dense + fc.dense = 27,792 + 10 = 27,802
"""


def test_layers_that_are_alike_are_explained_once(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = printed(capsys, "8 -> " + " -> ".join(f"fc{number}: Linear(8, 8)" for number in range(1, 5)))
    assert status == 0
    assert out.count("params = F_in·F_out") == 1
    assert "the same for fc2, fc3 and fc4\n" in out
    status, out, _ = printed(capsys, "8 -> " + " -> ".join(f"fc{number}: Linear(8, 8)" for number in range(1, 13)))
    assert "the same for fc2, fc3, fc4, fc5, fc6 and 6 more\n" in out


def test_layers_blocks_and_types_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    headings = re.compile(r"^(\w\S*: .*)$", re.MULTILINE)
    layers = ("fc3: ", "conv1: ", "conv2: ")
    _, out, _ = printed(capsys, "lenet5", "fc3")
    assert [line for line in headings.findall(out) if line.startswith(layers)] == ["fc3: Linear(84, 10)"]
    assert "total" not in out
    _, out, _ = printed(capsys, "lenet5", "Conv2d")
    assert [line for line in headings.findall(out) if line.startswith(layers)] == [
        "conv1: Conv2d(1, 6, 5, padding=2)",
        "conv2: Conv2d(6, 16, 5)",
    ]
    assert "Conv2d.params = conv1.params + conv2.params = 156 + 2,416 = 2,572\n" in out
    _, out, _ = printed(capsys, "resnet18", "layer1")
    assert "layer1.params = " in out and "layer2" not in out
    assert printed(capsys, "lenet5", "total")[1].startswith("lenet5\n\ntotal\n\ntotal.params = ")


def test_an_unknown_layer(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "lenet5", "conv3") == (
        2,
        "",
        'error[unknown-name]: lenet5 has no layer, block or type "conv3"\nhelp: did you mean conv2?\n',
    )


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = printed(capsys, CONV + " -> pool1: MaxPool2d(3)", "--full", "--format", "json")
    document = json.loads(out)
    conv, pool = document["layers"]
    assert conv["lines"][1] == {
        "topic": "shape",
        "name": "H_out",
        "symbols": "⌊(H + 2·P − D·(K−1) − 1)/S⌋ + 1",
        "numbers": "⌊(64 + 2·1 − 1·(3−1) − 1)/1⌋ + 1",
        "value": 64,
        "tex": r"H_{\text{out}} = \left\lfloor \frac{H + 2 \cdot P - D \cdot (K - 1) - 1}{S} \right\rfloor + 1"
        r" = \left\lfloor \frac{64 + 2 \cdot 1 - 1 \cdot (3 - 1) - 1}{1} \right\rfloor + 1 = 64",
    }
    assert (conv["name"], conv["type"], conv["unread"], conv["notes"]) == ("conv1", "Conv2d", {}, [])
    assert pool["unread"] == {"height": 1, "width": 1}
    assert pool["notes"] == ["pool1 never reads the last row and the last column of its input"]
    assert [(line["name"], line["value"]) for line in document["totals"]] == [
        ("total.params", 448),
        ("total.macs", 1769472),
        ("total.dense", 805371904),
    ]


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = printed(capsys, "20x10 -> LSTM(10, 20)", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    found = {row["name"]: (row["topic"], row["symbols"], row["value"]) for row in rows if row["layer"] == "lstm_1"}
    assert found["params"] == ("params", "4·H·I + 4·H² + 8·H", "2560")


MARKDOWN = r"""
$$
H_{\text{out}} = \left\lfloor \frac{H - K}{S} \right\rfloor + 1 = \left\lfloor \frac{8 - 3}{1} \right\rfloor + 1 = 6
$$
"""


def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = printed(capsys, "3x8x8 -> conv_1: Conv2d(3, 4, 3)", "--markdown")
    assert "\n## conv_1: Conv2d(3, 4, 3)\n" in out
    assert MARKDOWN in out
    # Inside a block nothing that Markdown would take for its own: no line that starts a list, no escaped character.
    for block in out.split("$$")[1::2]:
        assert not re.search(r"^[+*#-]|\\[^a-z]|[_}]_|\*", block.strip(), re.MULTILINE), block
    _, out, _ = printed(capsys, "20x10 -> LSTM(10, 20)", "--markdown")
    assert "\n`weight_ih_l0`:\n\n$$\n4 \\cdot H \\cdot I = 4 \\cdot 20 \\cdot 10 = 800\n$$\n" in out


@pytest.mark.parametrize("option", ["--explain", "--steps", "--verbose"])
def test_work_is_asked_of_another_command(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert main(["shapes", "lenet5", option]) == 2
    assert capsys.readouterr().err == (
        f"error[unknown-flag]: cnncalc shapes has no option {option}\n"
        "help: cnncalc explain NET shows how each number comes about\n"
    )


# --- why -----------------------------------------------------------------------------------------------------------


def why(net: str, name: str | None = None) -> tuple[list[str], list[str]]:
    """The equations and the reasons of a layer, of the last one without a name."""
    from cnncalc.explain.equations import equations
    from cnncalc.explain.reasons import reasons

    report = cnncalc.load(net).report()
    row = report[name] if name else report.rows[-1]
    return [said.text for said in equations(row)], reasons(row)


# Layers x directions x gates x (H·I + H·H + 2·H), and the parts of a transformer layer by their names.
STRUCTURE = {
    "5x10 -> LSTM(10, 20)": [
        "each gate = H·I + H² + 2·H = 20·10 + 20² + 2·20 = 640",
        "params = gates·gate = 4·640 = 2560",
    ],
    "5x10 -> LSTM(10, 20, num_layers=3, bidirectional=True)": [
        "each gate, layer 0 = H·I + H² + 2·H = 20·10 + 20² + 2·20 = 640",
        "each gate, later layers = 2·H² + H² + 2·H = 2·20² + 20² + 2·20 = 1240",
        "params = directions·(gates·[gate, layer 0]+(layers−1)·gates·[gate, later layers])"
        " = 2·(4·640+2·4·1240) = 24960",
    ],
    "5x10 -> LSTM(10, 20, proj_size=5)": [
        "each gate = H·I + H·P + 2·H = 20·10 + 20·5 + 2·20 = 340",
        "params = gates·gate + P·H = 4·340 + 5·20 = 1460",
    ],
    "5x10 -> GRU(10, 20, bias=False)": [
        "each gate = H·I + H² = 20·10 + 20² = 600",
        "params = gates·gate = 3·600 = 1800",
    ],
    "5x10 -> RNN(10, 20)": [],
    "5x10 -> RNN(10, 20, bidirectional=True)": [
        "one direction = H·I + H² + 2·H = 20·10 + 20² + 2·20 = 640",
        "params = directions·one direction = 2·640 = 1280",
    ],
    "5x16 -> TransformerEncoderLayer(16, 4, 64)": [
        "self-attention (self_attn) = 4·E² + 4·E = 4·16² + 4·16 = 1088",
        "feed-forward (linear1, linear2) = 2·F·E + F + E = 2·64·16 + 64 + 16 = 2128",
        "norms (norm1, norm2) = 4·E = 4·16 = 64",
        "params = self-attention + feed-forward + norms = 1088 + 2128 + 64 = 3280",
    ],
    "5x16 -> TransformerEncoder(num_layers=3, nhead=2, dim_feedforward=32, norm=true)": [
        "layer: self-attention (self_attn) = 4·E² + 4·E = 4·16² + 4·16 = 1088",
        "layer: feed-forward (linear1, linear2) = 2·F·E + F + E = 2·32·16 + 32 + 16 = 1072",
        "layer: norms (norm1, norm2) = 4·E = 4·16 = 64",
        "each layer = self-attention + feed-forward + norms = 1088 + 1072 + 64 = 2224",
        "last norm (norm) = 2·E = 2·16 = 32",
        "params = 3·each layer + last norm = 3·2224 + 32 = 6704",
    ],
    "4x8x8 -> BatchNorm2d(4)": ["γ (weight) = C = 4", "β (bias) = C = 4"],
    "5x16 -> Attention(16, 4)": ["d_k = E/h = 16/4 = 4"],
    "3x32x32 -> LocallyConnected2d(3, 64, 3)": [
        "each position = K_h·K_w·C_in·C_out + C_out = 3·3·3·64 + 64 = 1792",
        "params = H_out·W_out·each position = 30·30·1792 = 1612800",
    ],
}


@pytest.mark.parametrize("net", STRUCTURE)
def test_structure(net: str) -> None:
    """The parts are named, and what they come to is what the layer counts."""
    assert topic(net, "structure") == STRUCTURE[net]
    if STRUCTURE[net] and STRUCTURE[net][-1].startswith("params"):
        assert STRUCTURE[net][-1].endswith(f" = {cnncalc.load(net).report().totals.params}")


def test_a_whole_transformer() -> None:
    net = "inputs: {a: [5, 8], b: [3, 8]}\nlayers:\n- t: Transformer(8, 2, 2, 3, 16)\n  from: [a, b]"
    report = cnncalc.loads(net).report()
    found = [line.text for line in explain(report.rows[0]).of("structure")]
    assert (
        "each decoder layer = self-attention + cross-attention + feed-forward + norms = 288 + 288 + 280 + 48 = 904"
        in found
    )
    assert found[-1] == (
        "params = 2·each encoder layer + encoder: last norm + 3·each decoder layer + decoder: last norm"
        f" = 2·600 + 16 + 3·904 + 16 = {report.totals.params}"
    )


WHY = {
    "4x8x8 -> BatchNorm2d(4)": (
        ["y = γ·(x − μ)/√(σ² + ε) + β"],
        [
            "μ and σ² of each channel, over the batch and all positions in training, running ones in use",
            "running mean and variance, 4 numbers each, are not trained",
        ],
    ),
    "4x8 -> LayerNorm(8)": (
        ["y = γ·(x − μ)/√(σ² + ε) + β"],
        ["over the last axis, [8], of each position apart"],
    ),
    "8x4x4 -> InstanceNorm2d(8)": (
        ["y = (x − μ)/√(σ² + ε)"],
        ["μ and σ² of each channel of each sample, over its positions"],
    ),
    "4x8 -> RMSNorm(8)": (["y = γ·x/√(mean(x²) + ε)"], ["over the last axis, [8], of each position apart"]),
    # Which positions the bins of 7 and of 9 in 3 have, as in PyTorch's source.
    "8x7x9 -> AdaptiveAvgPool2d(3)": (
        [],
        [
            "bin i goes from ⌊i·H/O⌋ up to ⌈(i + 1)·H/O⌉, the end not included",
            "along H: 0–2, 2–4, 4–6; neighbours overlap where the sizes do not divide",
            "along W: 0–2, 3–5, 6–8, 3 each",
        ],
    ),
    "8x3x3 -> AdaptiveAvgPool2d(7)": (
        [],
        [
            "bin i goes from ⌊i·H/O⌋ up to ⌈(i + 1)·H/O⌉, the end not included",
            "along H and W: 0, 0, 0–1, 1, 1–2, 2, 2; neighbours overlap where the sizes do not divide",
        ],
    ),
    "4x7 -> Softmax(1)": (
        ["y_i = e^(x_i)/Σ_j e^(x_j)"],
        ["along axis 1: 4 numbers, which sum to 1", "∂y_i/∂x_j = y_i·(1 − y_i) for i = j, −y_i·y_j else"],
    ),
    "4x7 -> LogSoftmax(-1)": (
        ["y_i = x_i − ln Σ_j e^(x_j)"],
        ["along axis 2: 7 numbers, whose exponentials sum to 1"],
    ),
    "4x7x7 -> MaxPool2d(3, 2, 1, ceil_mode=True)": (
        [],
        [
            "stride 2 keeps every second window",
            "ceil_mode keeps a window that hangs over the end; the minimum leaves out one that would begin behind the "
            "input, in its padding",
        ],
    ),
    "4x8x8 -> MaxPool2d(2)": ([], ["stride 2 is the window's size: windows lie side by side, none overlap"]),
    "3x8x8 -> Conv2d(3, 6, 3, padding=1, groups=3)": (
        [],
        [
            "the padding makes up for what the window takes, D·(K − 1) in all: the size stays",
            "3 groups: each filter sees 1 of 3 channels (depthwise)",
        ],
    ),
    "3x9x9 -> Conv2d(3, 6, 3, stride=3, dilation=2)": (
        [],
        ["stride 3 keeps every third window", "dilation 2: 3 taps span 2·(3 − 1) + 1 = 5"],
    ),
    "3x9x9 -> Conv2d(3, 6, 1)": ([], ["a filter of size 1 mixes the channels of a position, and sees no neighbours"]),
    "5x16 -> Attention(16, 4)": (
        [
            "Q, K, V = X W_q, X W_k, X W_v",
            "scores = Q Kᵀ/√d_k, [h, L, L] = [4, 5, 5]",
            "attention = softmax(scores), every row sums to 1",
            "output = attention V",
        ],
        [
            "the 4 heads lie side by side in Q, K and V, d_k features each",
            "a dot product of d_k numbers of variance 1 has variance d_k; divided by √d_k it has 1 again",
        ],
    ),
    "4x8 -> PositionalEmbedding(kind=sinusoidal)": (
        ["y_p = x_p + PE_p", "PE_(p, 2i) = sin(p/10000^(2i/E))", "PE_(p, 2i+1) = cos(p/10000^(2i/E))"],
        [],
    ),
    "4x16 -> RotaryEmbedding(8, interleaved=False, partial=0.5)": (  # Su et al. 2021, equation 34
        ["θ_i = 10000^(−2i/d)", "y_a = x_a·cos(p·θ_i) − x_b·sin(p·θ_i)", "y_b = x_a·sin(p·θ_i) + x_b·cos(p·θ_i)"],
        [
            "a, b: features i and i + 2 of a head; d = 4; p: the position, from 0",
            "the product of a turned query at p and a turned key at q depends on p − q alone",
        ],
    ),
    "3x4x4 -> LayerNorm([3, 4, 4])": (
        ["y = γ·(x − μ)/√(σ² + ε) + β"],
        ["over the last 3 axes, [3, 4, 4], of each sample apart"],
    ),
    "5x3 -> GRU(3, 2)": (
        [
            "r, z = σ(W x_t + U h_(t−1) + b)",
            "n = tanh(W x_t + b + r·(U h_(t−1) + b'))",
            "h_t = (1 − z)·n + z·h_(t−1)",
        ],
        [],
    ),
    "5x16 -> TransformerEncoderLayer(16, 4, 64)": (
        ["h = norm1(x + self-attention(x))", "y = norm2(h + linear2(relu(linear1(h))))"],
        [],
    ),
    "5x16 -> TransformerEncoderLayer(16, 4, 64, norm_first=True, activation=gelu)": (
        ["h = x + self-attention(norm1(x))", "y = h + linear2(gelu(linear1(norm2(h))))"],
        [],
    ),
    "4 -> Sigmoid": (["y = 1/(1 + e^(−x))", "∂y/∂x = y·(1 − y)"], []),
    "4 -> LeakyReLU(0.2)": (["y = x where x > 0, 0.2·x elsewhere", "∂y/∂x = 1 where x > 0, 0.2 elsewhere"], []),
    "4 -> Dropout(0.2)": (
        ["y = m·x/(1 − 0.2), in training m = 0 with probability 0.2, else 1", "∂y/∂x = m/(1 − 0.2)"],
        ["at evaluation y = x; the division by 1 − p in training keeps the mean of y at that of x"],
    ),
    "4 -> XIELU": ([], []),
}


@pytest.mark.parametrize("net", WHY)
def test_why(net: str) -> None:
    assert why(net) == WHY[net]


FUNCTIONS = (
    "ReLU", "ReLU6", "LeakyReLU(0.2)", "ELU", "ELU(0.7)", "CELU(0.7)", "SELU", "GELU", "GELU(tanh)", "SiLU", "Mish",
    "Sigmoid", "LogSigmoid", "Hardsigmoid", "Hardswish", "Tanh", "Hardtanh(-2, 1)", "Hardshrink", "Softshrink",
    "Tanhshrink", "Softplus", "Softplus(2, 3)", "Softsign", "Threshold(0.3, 20)", "NewGELU",
)  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_of_one_number_are_what_is_executed(function: str) -> None:
    """The line is computed as it is written; derivatives are compared with slopes. The kernels are PyTorch's."""
    import numpy as np

    from cnncalc.execute.kernel import find
    from cnncalc.explain.equations import equations

    row = cnncalc.load(f"9 -> {function}").report().rows[0]
    x = np.array([-7.3, -2.6, -0.7, -0.2, 0.1, 0.4, 0.9, 2.2, 25.0])

    def run(at: Any) -> Any:
        return find(row.layer.kernel_name())(row.layer, {}, at[None])[0]

    names = {
        "x": x, "y": run(x), "max": np.maximum, "min": np.minimum, "tanh": np.tanh, "ln": np.log, "sign": np.sign,
        "where": np.where, "abs": np.abs, "sqrt": np.sqrt, "pi": np.pi, "e": np.e, "erf": np.vectorize(math.erf),
        "σ": lambda z: 1 / (1 + np.exp(-z)), "Φ": lambda z: (1 + np.vectorize(math.erf)(z / 2**0.5)) / 2,
        "φ": lambda z: np.exp(-(z**2) / 2) / (2 * np.pi) ** 0.5,
    }  # fmt: skip
    slope = (run(x + 1e-6) - run(x - 1e-6)) / 2e-6
    for said, right in zip(equations(row), (run(x), slope), strict=False):
        text = said.right.partition(", Φ(x) =")[0].partition(", φ(x) =")[0].partition(" = ")[0]
        text = re.sub(r"(.+) where (.+), (.+) elsewhere", r"where(\2, \1, \3)", text)
        text = re.sub(r"(−?[\d.]+) < x < (−?[\d.]+)", r"(x > \1) & (x < \2)", text)
        text = re.sub(r"\|(.)\|", r"abs(\1)", text)
        for sign, other in {
            "·": "*",
            "−": "-",
            "≤": "<=",
            "^": "**",
            "²": "**2",
            "³": "**3",
            "√": "sqrt",
            "π": "pi",
        }.items():
            text = text.replace(sign, other)
        assert np.allclose(eval(text, {}, names), right, atol=2e-4), (said.text, text)


def test_norms_have_no_dense_equivalent_to_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\nfully connected equivalent = " not in printed(capsys, "4x8x8 -> BatchNorm2d(4)")[1]
    assert "\nfully connected equivalent = " in printed(capsys, "4 -> Linear(4, 2)")[1]
    assert cnncalc.load("4x8x8 -> BatchNorm2d(4)").report().to_dict()["layers"][0]["dense_params"] == 65792


@pytest.mark.parametrize("convention", ["pytorch", "keras"])
def test_every_layer_can_be_explained(convention: str, capsys: pytest.CaptureFixture[str]) -> None:
    from cnncalc.pages import explain as page
    from cnncalc.pages.layers import example, kinds

    for name, _ in kinds(convention):
        text = example(name, convention)
        report = (cnncalc.loads if "\n" in text else cnncalc.load)(text).report()
        document = page.data(report, report.rows, [])
        assert len(document["layers"]) == len(report.rows)


def test_equations_and_reasons_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    net = "5x16 -> Attention(16, 4) -> LayerNorm(16)"
    for format in ("plain", "markdown", "latex", "html"):
        assert printed(capsys, net, "--format", format)[0] == 0
    found = json.loads(printed(capsys, net, "--json")[1])["layers"]
    assert found[1]["equations"][0] == {
        "text": "y = γ·(x − μ)/√(σ² + ε) + β",
        "tex": r"y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta",
    }
    assert found[1]["reasons"] == ["over the last axis, [16], of each position apart"]


def field(net: str, name: str) -> list[str]:
    """How the layer's receptive field comes about: "layer: r = ..., j = ..."."""
    from cnncalc.receptive.fields import Fields
    from cnncalc.receptive.path import steps

    report = cnncalc.load(net).report()
    found = []
    for step in steps(Fields(report), report[name]):
        place = f"{step.layer} {step.axis}".strip()
        found.append(f"{place}: r = {step.formula} = {step.size}, j = {step.jump_formula} = {step.jump}")
    return found


def test_a_receptive_field_step_by_step() -> None:
    """RMIT COSC2779, week 5, where the first convolution has dilation 2: 18 for the second."""
    net = "1x32x32 -> c1: Conv2d(1, 6, 5, dilation=2) -> r: ReLU -> p1: AvgPool2d(2) -> c2: Conv2d(6, 16, 5)"
    assert field(net, "c2") == [
        "c1: r = 1 + 2·(5 − 1)·1 = 9, j = 1·1 = 1",
        "p1: r = 9 + (2 − 1)·1 = 10, j = 1·2 = 2",
        "c2: r = 10 + (5 − 1)·2 = 18, j = 2·1 = 2",
    ]
    assert field(net, "r") == ["c1: r = 1 + 2·(5 − 1)·1 = 9, j = 1·1 = 1"]
    assert field("1x8x9 -> a: Conv2d(1, 1, [3, 5], stride=[2, 1])", "a") == [
        "a H: r = 1 + (3 − 1)·1 = 3, j = 1·2 = 2",
        "a W: r = 1 + (5 − 1)·1 = 5, j = 1·1 = 1",
    ]


def test_receptive_fields_through_shortcuts_and_others() -> None:
    """Where branches meet the longer one counts; what is no window has its field and no formula."""
    assert field("resnet18", "layer1.1.residual_1.conv2")[-1].startswith(
        "layer1.1.residual_1.conv2: r = 35 + (3 − 1)·4 = 43"
    )
    assert field("lenet5", "fc1")[-1] == "fc1: r =  = 28, j =  = None"
    assert field("5x4 -> LSTM(4, 3) -> fc: Linear(3, 2)", "fc") == ["lstm_1: r =  = 5, j =  = None"]
    assert field("CxHxW -> a: Conv2d(C, F, K)", "a") == []


@pytest.mark.parametrize(
    ("net", "name", "said"),
    [
        ("1x9x9 -> a: Conv2d(1, 1, 3) -> b: MaxPool2d(2)", "b", "b.receptive_field = 1 + 2 + 1 = 4\n"),
        ("1x40 -> a: Conv1d(1, 1, 3, stride=2) -> b: Conv1d(1, 1, 5, dilation=2)", "b", " = 1 + 2 + 8·2 = 19\n"),
        ("1x9x9 -> a: Conv2d(1, 1, (3, 5))", "a", "a.receptive_field along W = 1 + 4 = 5\n"),
        ("lenet5", "total", "total.receptive_field = 28\n"),
        ("resnet18", "layer1", "layer1.receptive_field = 1 + 6 + 2·2 + 2·4 + 2·4 + 2·4 + 2·4 = 43\n"),
        ("5x4 -> a: LSTM(4, 3)", "a", "a.receptive_field = 5\n"),
        ("CxHxW -> a: Conv2d(C, F, K)", "a", "a.receptive_field = K\n"),
    ],
)
def test_a_receptive_field_by_name(net: str, name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in printed(capsys, net, f"{name}.receptive_field")[1]


def test_a_receptive_field_of_many_layers_is_that_of_none(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = printed(capsys, "lenet5", "Conv2d.receptive_field")
    assert status == 2
    assert "layers have one: conv2.receptive_field" in err


def test_receptive_fields_are_printed_where_layers_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    net = "1x9x9 -> a: Conv2d(1, 1, 3) -> b: MaxPool2d(2)"
    assert "r = r + D" not in printed(capsys, net)[1]
    out = printed(capsys, net, "b")[1]
    assert "an element of b sees 4 x 4 positions of input, from r = 1 and j = 1 on:" in out
    assert "b      3 + (2 − 1)·1 = 4    1·2 = 2\n" in out
    (found,) = json.loads(printed(capsys, net, "a", "--json")[1])["layers"]
    assert found["receptive_field"] == [{"layer": "a", "axis": "", "r": 3, "j": 1, "formula": "1 + (3 − 1)·1"}]


def test_whose_numbers_a_tied_layer_uses(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "gpt2", "lm_head.params")[1]
    assert "lm_head.params = 0" in out
    assert "lm_head uses the weights of wte: counted once, with its 38,597,376 numbers" in out
    assert "counted once" not in printed(capsys, "gpt2", "wte.params")[1]


@pytest.mark.parametrize(
    ("chain", "lines"),
    [
        ("4x10x10 -> ALiBi", ["y_(i, q, k) = x_(i, q, k) − m_i·|q − k|", "m_i = 2^(−8·i/h)"]),
        ("6x10x10 -> ALiBi", ["m_i = 2^(−8·i/4) for the first 4; then every second slope of 8 heads"]),
        ("4x10x10 -> CausalMask", ["y_(q, k) = x_(q, k) where k ≤ q, −∞ elsewhere"]),
        ("3x8x8 -> BatchNorm2d(3)", ["total.params = batchnorm2d_1.params = 6", "total.macs = 0"]),
    ],
)
def test_equations_and_sums(chain: str, lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", chain]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n{line}\n" in shown for line in lines) and "batchnorm2d_1.dense" not in shown
