"""Where other counters go wrong, numbered as in the list of their mistakes, asked as a user asks.

The right answers are hand counts, PyTorch's and Keras' own numbers, or published ones.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.cli.app import main


def report(text: str) -> Any:
    return cnncalc.loads(text).report()


def one(layer: str, *shapes: str, convention: str = "pytorch") -> Any:
    """The row of one layer."""
    names = "abc"[: len(shapes)]
    given = "\n".join(f"  {name}: {shape}" for name, shape in zip(names, shapes, strict=True))
    text = f"convention: {convention}\ninputs:\n{given}\nlayers:\n  - l: {layer}\n    from: [{', '.join(names)}]\n"
    return report(text)["l"]


def params(layer: str, *shapes: str, convention: str = "pytorch") -> int:
    count: int = one(layer, *shapes, convention=convention).params
    return count


def values(layer: str, x: Any, convention: str = "pytorch") -> Any:
    """What a layer without weights makes of an array."""
    x = np.asarray(x, dtype=float)
    text = f"convention: {convention}\ninput: {list(x.shape)}\nlayers:\n  - l: {layer}\n"
    return cnncalc.loads(text).run(values={"input": x})["l"][0]


@pytest.fixture
def document(capsys):
    """The JSON document of a command."""

    def run(*argv: str) -> Any:
        capsys.readouterr()
        assert main([*argv, "--format", "json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def test_01_a_mac_is_two_flops(document):
    totals = document("cost", "resnet50")["totals"]
    assert totals["macs"] == 4_089_184_256 and totals["flops"] == 2 * totals["macs"]


def test_02_biases_are_no_macs(document, capsys):
    net = "3x8x8 -> Conv2d(3, 8, 3, padding=1)"
    totals = document("cost", net)["totals"]
    assert (totals["macs"], totals["flops"]) == (13_824, 27_648)
    assert document("cost", net, "--bias")["totals"]["flops"] == 28_160


def test_03_tied_weights_count_once():
    text = "input: {shape: [7], dtype: int}\nlayers:\n  - e: Embedding(100, 16)\n  - h: Linear(16, 100, bias=False)\n"
    tied, apart = report(text + "    share: e\n"), report(text)
    assert (tied.totals.params, apart.totals.params) == (1600, 3200)
    assert (tied["e"].macs, tied["h"].macs) == (0, 7 * 1600)


def test_04_a_layer_that_is_called_five_times():
    again = "".join(f"  - again{n}: Linear(32, 32)\n    share: once\n" for n in range(4))
    found = report(f"input: [32]\nlayers:\n  - once: Linear(32, 32)\n{again}")
    assert (found.totals.params, found.totals.macs) == (1056, 5120)


def test_05_bare_parameters_and_a_network_of_one_layer():
    found = report("input: [8]\nlayers:\n  - p: Parameter([7])\n  - l: Linear(8, 3, bias=False)\n    from: input\n")
    assert found.totals.params == 31
    assert params("Linear(8, 3)", "[8]") == 27


def test_06_linear_on_more_axes():
    row = one("Linear(3, 8)", "[5, 10, 3]")
    assert (row.macs, row.params, row.weights) == (1200, 32, {"weight": (8, 3), "bias": (8,)})


@pytest.mark.parametrize("heads", [1, 4, 16])
def test_07_multi_head_attention(heads):
    row = one(f"MultiheadAttention(64, {heads})", "[8, 64]")
    assert (row.macs, row.params) == (139_264, 16_640)


def test_08_a_causal_mask_is_counted_densely_unless_it_is_halved(document):
    net = "8x64 -> Attention(64, causal=True)"
    dense, half = document("cost", net), document("cost", net, "--causal", "halve")
    assert dense["totals"]["macs"] == 3 * 8 * 64 * 64 + 2 * 8 * 8 * 64
    assert half["totals"]["macs"] == 3 * 8 * 64 * 64 + 2 * (8 * 9 // 2) * 64


def test_09_grouped_queries():
    assert params("GroupQueryAttention(16, 4, 2)", "[5, 64]", "[5, 64]", convention="keras") == 12_480
    row = one("Attention(64, 4, num_kv_heads=2)", "[8, 64]")
    assert row.params == 64 * (4 + 2 * 2) * 16  # d (h + 2 g) e
    assert row.macs == 8 * row.params + 2 * 8 * 8 * 64  # scores and mix by the query heads


def test_10_key_dim_is_of_one_head_and_embed_dim_of_all():
    assert params("MultiHeadAttention(4, 16)", "[5, 64]", "[5, 64]", convention="keras") == 16_640
    assert params("MultiHeadAttention(4, 64)", "[5, 64]", "[5, 64]", convention="keras") == 66_368
    row = one("MultiheadAttention(64, 4, kdim=32, vdim=48)", "[5, 64]", "[6, 32]", "[6, 48]")
    assert (row.weights["k_proj_weight"], row.weights["v_proj_weight"]) == ((64, 32), (64, 48))
    assert params("MultiheadAttention(64, 4, add_bias_kv=True)", "[8, 64]") == 16_640 + 2 * 64
    assert params("MultiheadAttention(64, 4, bias=False)", "[8, 64]") == 4 * 64 * 64


def test_11_lstm_has_two_biases_or_one():
    assert params("LSTM(10, 20)", "[5, 10]") == 2560
    assert params("LSTM(10, 20)", "[5, 10]", convention="textbook") == 2480
    assert params("LSTM(20)", "[5, 10]", convention="keras") == 2480
    assert (params("RNN(1, 1)", "[5, 1]"), params("RNN(1, 1)", "[5, 1]", convention="textbook")) == (4, 3)


def test_12_gru_resets_after_or_before():
    assert params("GRU(10, 20)", "[5, 10]") == 1920
    assert params("GRU(20)", "[5, 10]", convention="keras") == 1920
    assert params("GRU(20, reset_after=False)", "[5, 10]", convention="keras") == 1860
    assert params("GRU(10, 20)", "[5, 10]", convention="textbook") == 1860


def test_12_the_two_differ_in_values():
    def last(convention: str, layer: str, **weights: Any) -> float:
        text = f"convention: {convention}\ninput: [2, 1]\nlayers:\n  - l: {layer}\n"
        run = cnncalc.loads(text).run(values={"input": [[1.0], [1.0]], **{f"l.{k}": v for k, v in weights.items()}})
        return float(run["l"].ravel()[-1])

    def sigmoid(x: float) -> float:
        return 1 / (1 + math.exp(-x))

    gates = {"weight_ih_l0": [[1.0], [0.0], [1.0]], "weight_hh_l0": [[1.0], [0.0], [1.0]]}  # r z n
    zero = {"bias_ih_l0": [0.0, 0.0, 0.0]}
    h = 0.0
    for _ in range(2):  # z = 1/2; reset after the product, with its own bias 1
        h = h / 2 + math.tanh(1 + sigmoid(1 + h) * (h + 1)) / 2
    assert last("pytorch", "GRU(1, 1)", **gates, **zero, bias_hh_l0=[0.0, 0.0, 1.0]) == pytest.approx(h)
    h = 0.0
    for _ in range(2):  # reset before the product
        h = h / 2 + math.tanh(1 + sigmoid(1 + h) * h) / 2
    assert last("textbook", "GRU(1, 1)", **gates, **zero) == pytest.approx(h)


def test_13_recurrent_costs():
    row = one("LSTM(10, 20, 2, bidirectional=True)", "[5, 10]")
    assert (row.params, row.macs) == (15_040, 72_000)
    row = one("LSTM(10, 20, proj_size=5)", "[5, 10]")
    assert (row.params, row.weights["weight_hh_l0"], row.weights["weight_hr_l0"]) == (1460, (80, 5), (5, 20))
    assert one("LSTM(10, 20)", "[5, 10]").macs == 12_000


def test_14_batch_norm():
    row = one("BatchNorm2d(8)", "[8, 4, 4]")
    assert (row.params, sum(math.prod(shape) for shape in row.buffers.values())) == (16, 17)
    row = one("BatchNormalization", "[4, 4, 8]", convention="keras")
    assert (row.params, row.trainable) == (32, 16)


def test_15_other_norms_and_prelu():
    counts = [
        params("LayerNorm([3, 4, 4])", "[3, 4, 4]"),
        params("LayerNorm([3, 4, 4], bias=False)", "[3, 4, 4]"),
        params("GroupNorm(2, 8)", "[8, 4, 4]"),
        params("InstanceNorm2d(8)", "[8, 4, 4]"),
        params("RMSNorm(8)", "[4, 8]"),
        params("PReLU", "[8, 4, 4]"),
        params("PReLU", "[4, 4, 8]", convention="keras"),
    ]
    assert counts == [96, 48, 16, 0, 8, 1, 128]


def test_16_the_optimizer_is_no_parameter(document):
    cost = document("cost", "4 -> Linear(4, 3)")
    assert cost["totals"]["params"] == 15
    assert (cost["memory"]["weights"], cost["memory"]["optimizer"]) == (60, 120)


@pytest.mark.parametrize(("options", "size", "out"), [("2, 2, 1", 5, 3), ("4, 4, 2", 9, 3), ("1, 2", 10, 5)])
def test_17_ceil_mode(options, size, out):
    assert one(f"MaxPool1d({options}, ceil_mode=True)", f"[1, {size}]").output_shape == (1, out)


def test_17_padding_of_more_than_half_the_kernel_is_refused():
    with pytest.raises(cnncalc.SpecError):
        one("MaxPool2d(2, padding=2)", "[1, 8, 8]")


def test_18_same():
    assert one("Conv2d(3, 8, 4, padding=same)", "[3, 8, 8]").macs == 8 * 8 * 8 * 3 * 16
    with pytest.raises(cnncalc.SpecError):
        one("Conv2d(3, 8, 3, stride=2, padding=same)", "[3, 8, 8]")
    # Keras: k 3, s 2 on 6 pads none before and one after
    text = "convention: keras\ninput: [6, 1]\nlayers:\n  - l: Conv1D(1, 3, strides=2, padding=same, use_bias=False)\n"
    x = np.arange(1.0, 7.0)[:, None]
    run = cnncalc.loads(text).run(values={"input": x, "l.kernel": [[[1.0]], [[1.0]], [[1.0]]]})
    assert run["l"].ravel().tolist() == [1 + 2 + 3, 3 + 4 + 5, 5 + 6]


def test_19_what_an_average_divides_by():
    ones = np.ones((1, 6))
    assert np.allclose(values("AvgPool1d(3, 3, 1, ceil_mode=True)", ones), [[2 / 3, 1, 1 / 2]])
    assert np.allclose(values("AvgPool1d(3, 3, 1, ceil_mode=True, count_include_pad=False)", ones), 1)
    assert np.allclose(values("AveragePooling1D(3, 3, padding=same)", np.ones((7, 1)), convention="keras"), 1)


def test_20_transposed_convolutions():
    assert one("ConvTranspose2d(3, 1, 2, stride=2)", "[3, 2, 2]").macs == 48
    assert one("ConvTranspose2d(4, 6, 3, groups=2)", "[4, 5, 5]").weights["weight"] == (4, 3, 3, 3)
    same = one("Conv2DTranspose(1, 2, strides=2, padding=same)", "[7, 7, 3]", convention="keras")
    valid = one("Conv2DTranspose(1, 1, strides=2)", "[7, 7, 3]", convention="keras")
    assert same.output_shape == valid.output_shape == (14, 14, 1)
    assert one("ConvTranspose2d(3, 1, 1, stride=2)", "[3, 7, 7]").output_shape == (1, 13, 13)
    with pytest.raises(cnncalc.SpecError):
        one("ConvTranspose2d(3, 1, 3, stride=2, output_padding=2)", "[3, 7, 7]")


@pytest.mark.parametrize(("size", "padding", "out"), [(224, 0, 54), (227, 0, 55), (224, 2, 55)])
def test_21_alexnet_and_the_floor(size, padding, out):
    assert one(f"Conv2d(3, 96, 11, 4, {padding})", f"[3, {size}, {size}]").output_shape == (96, out, out)


def test_21_it_is_said_what_is_never_read(capsys):
    assert main(["explain", "3x224x224 -> Conv2d(3, 96, 11, stride=4)"]) == 0
    assert "unread" in capsys.readouterr().out.replace("never read", "unread")


def test_22_parameters_have_input_channels_and_no_stride():
    for options in ("", ", stride=2", ", padding=4"):
        assert params(f"Conv2d(3, 16, 3{options})", "[3, 20, 20]") == 448
    assert params("Conv2d(8, 32, 3, groups=8)", "[8, 20, 20]") == 320
    assert params("SeparableConv2D(16, 3)", "[8, 8, 3]", convention="keras") == 27 + 48 + 16


def test_23_receptive_fields_grow():
    from cnncalc.query.ask import ask

    text = (
        "input: [1, 40, 40]\nlayers:\n  - a: Conv2d(1, 1, 3)\n  - p: MaxPool2d(2)\n  - b: Conv2d(1, 1, 3, dilation=2)\n"
    )
    text += "  - g: GlobalAvgPool\n"
    network = cnncalc.loads(text)
    fields = [ask(network, network.report(), f"{name}.receptive_field") for name in "apb"]
    assert fields == [3, 4, 12]
    lenet = "input: [1, 32, 32]\nlayers:\n  - Conv2d(1, 6, 5, dilation=%d)\n  - MaxPool2d(2)\n  - c: Conv2d(6, 16, 5)\n"
    for dilation, field in ((1, 14), (2, 18)):
        network = cnncalc.loads(lenet % dilation)
        assert ask(network, network.report(), "c.receptive_field") == field


def test_24_the_dense_equivalent():
    row = one("Conv2d(1, 3, 5)", "[1, 32, 32]")
    assert (row.params, row.dense, row.dense_weights, row.dense_biases) == (78, 2_410_800, 2_408_448, 2352)
    assert one("Conv2d(3, 96, 11, 4)", "[3, 227, 227]").params == 34_944


def test_25_memory_is_stated(document):
    cost = document("cost", "3x8x8 -> Conv2d(3, 8, 3, padding=1) -> ReLU", "--batch", "4", "--dtype", "float16")
    assert cost["convention"]["batch"] == 4 and cost["convention"]["dtype"] == "float16"
    assert cost["memory"]["weights"] == 2 * 224
    assert cost["layers"][0]["output_bytes"] == 4 * 2 * 8 * 8 * 8


def test_26_a_lookup_costs_nothing():
    assert report("input: {shape: [7], dtype: int}\nlayers:\n  - e: Embedding(100, 16)\n")["e"].macs == 0


def test_27_totals_are_of_one_sample(document):
    net = "10 -> Linear(10, 7)"
    assert document("params", net, "--batch", "8")["totals"]["macs"] == document("params", net)["totals"]["macs"] == 70


def test_28_flatten_takes_the_channels_too():
    assert one("Flatten", "[3, 4, 4]").output_shape == (48,)


def test_29_the_order_of_flatten_follows_the_convention():
    x = np.arange(8.0).reshape(2, 2, 2)
    assert values("Flatten", x).tolist() == x.ravel().tolist()
    text = "layout: channels_last\ninput: [2, 2, 2]\nlayers:\n  - l: Conv2d(2, 2, 1, bias=False)\n  - f: Flatten\n"
    run = cnncalc.loads(text).run(values={"input": x, "l.weight": np.eye(2)[:, :, None, None]})
    assert run["f"][0].tolist() == x.transpose(2, 0, 1).ravel().tolist()  # PyTorch's order: channels first
    assert values("Flatten", x, convention="keras").tolist() == x.ravel().tolist()


def test_30_strides_by_default():
    assert one("MaxPool2d(3)", "[1, 9, 9]").output_shape == (1, 3, 3)
    assert one("Conv2d(1, 1, 3)", "[1, 9, 9]").output_shape == (1, 7, 7)


def test_31_gpt2_and_gated_mlps():
    assert cnncalc.load("gpt2").report().totals.params == 124_439_808
    assert params("SwiGLU(172)", "[5, 64]") == 3 * 64 * 172


def test_32_frozen_layers_still_cost():
    found = report("input: [8]\nlayers:\n  - l: Linear(8, 8)\n    freeze: true\n")
    assert (found.totals.macs, found.totals.params, found.totals.trainable) == (64, 72, 0)


def test_33_depthwise_three_axes_and_rectangles():
    assert params("DepthwiseConv2D(3, depth_multiplier=2)", "[8, 8, 3]", convention="keras") == 9 * 3 * 2 + 6
    assert params("Conv3d(2, 4, (1, 2, 3))", "[2, 5, 5, 5]") == 4 * 2 * 6 + 4
    assert one("Conv2d(2, 4, (1, 3), (2, 1))", "[2, 7, 9]").output_shape == (4, 4, 7)


def test_34_adaptive_windows_overlap():
    assert values("AdaptiveAvgPool1d(3)", np.arange(7.0)[None]).tolist() == [[1.0, 3.0, 5.0]]
    spike = [values("AdaptiveMaxPool1d(3)", np.eye(7)[at][None])[0].tolist() for at in range(7)]
    assert [[float(a <= at < b) for a, b in ((0, 3), (2, 5), (4, 7))] for at in range(7)] == spike


def test_35_weight_norm_adds_lengths_and_spectral_norm_buffers():
    plain, held = one("Linear(10, 20)", "[10]"), one("weight_norm(Linear(10, 20))", "[10]")
    assert (plain.params, held.params) == (220, 240)
    assert held.weights == {"bias": (20,), "weight_g": (20, 1), "weight_v": (20, 10)}
    row = one("nn.utils.spectral_norm(nn.Linear(10, 20))", "[10]")
    assert (row.params, row.buffers) == (220, {"weight_u": (20,), "weight_v": (10,)})
    assert one("weight_norm(Conv2d(3, 8, 3))", "[3, 8, 8]").weights["weight_g"] == (8, 1, 1, 1)
    text = "input: [2]\nlayers:\n  - l: weight_norm(Linear(2, 1, bias=False))\n"
    run = cnncalc.loads(text).run(values={"input": [3.0, 4.0], "l.weight_g": [[10.0]], "l.weight_v": [[3.0, 4.0]]})
    assert run["l"].tolist() == [[10 * (3 * 3 + 4 * 4) / 5]]


def test_36_upsampling_rounds_down():
    assert one("Upsample(scale_factor=1.5)", "[1, 5]").output_shape == (1, 7)


def test_37_percentages_are_of_the_total(capsys):
    assert main(["params", "8 -> a: Linear(8, 8) -> b: Linear(8, 1)", "--format", "plain"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert any(row.startswith("a ") and "88.89%" in row for row in rows)


def test_39_norms_and_activations_are_no_macs():
    for layer in ("BatchNorm2d(8)", "ReLU", "MaxPool2d(2)", "AvgPool2d(2)", "Softmax(dim=1)"):
        assert one(layer, "[8, 4, 4]").macs == 0
