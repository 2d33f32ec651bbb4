"""Kernels of layers that PyTorch has not: against its recordings of what they generalise, and against their papers."""

from __future__ import annotations

from math import cos, exp, pi, sin, sqrt
from typing import Any

import numpy as np
import pytest
import torch_cases
from array_cases import layer, runs
from array_data import recorded

import cnncalc
from cnncalc.execute import kernel
from cnncalc.execute.engine import winograd
from cnncalc.execute.run import execute


def call(kind: str, options: dict[str, Any], weights: dict[str, Any], *xs: Any) -> Any:
    return kernel.find(kind)(layer(kind, options), weights, *xs)


def numbers(*shape: int) -> Any:
    return np.random.default_rng(7).standard_normal(shape)


def test_textbook_attention_is_pytorchs_on_row_vectors() -> None:
    """Where PyTorch has no masks and nothing appended, W_q is its projection transposed, and all else is the same."""
    asked = 0
    for name, run in runs("mha"):
        assert not isinstance(run, str)
        theirs = run.weights
        if len(run.inputs) != 3 or "bias_k" in theirs or run.layer.add_zero_attn or run.layer.is_causal:
            continue
        parts = [theirs.get(f"{letter}_proj_weight") for letter in "qkv"]
        if parts[0] is None:
            parts = np.split(theirs["in_proj_weight"], 3)
        weights = {f"W_{letter}": part.T for letter, part in zip("qkv", parts, strict=True)}
        weights["W_o"] = theirs["out_proj.weight"].T
        bias = "in_proj_bias" in theirs
        if bias:
            shifts = np.split(theirs["in_proj_bias"], 3)
            weights.update({f"b_{letter}": shift for letter, shift in zip("qkv", shifts, strict=True)})
            weights["b_o"] = theirs["out_proj.bias"]
        options = {"num_heads": run.layer.num_heads, "bias": bias, "out_proj": True}
        made = call("Attention", options, weights, *run.inputs)
        np.testing.assert_allclose(made["output"], run.outputs[0], rtol=1e-10, atol=1e-10, err_msg=name)
        if len(run.outputs) > 1:
            ours = made["attention"] if run.layer.num_heads > 1 else made["attention"][:, None]
            ours = ours.mean(1) if run.layer.average_attn_weights else ours
            np.testing.assert_allclose(ours, run.outputs[1], rtol=1e-10, atol=1e-10, err_msg=name)
        asked += 1
    assert asked > 5


def test_textbook_attention_by_hand() -> None:
    x = np.array([[[1.0, 0.0], [0.0, 2.0]]])
    eye = {"W_q": np.eye(2), "W_k": np.eye(2), "W_v": np.eye(2)}
    made = call("Attention", {}, eye, x)
    assert list(made) == ["output", "query", "key", "value", "scores", "attention"]
    np.testing.assert_allclose(made["scores"], np.array([[[1, 0], [0, 4]]]) / sqrt(2))
    first = exp(1 / sqrt(2)) / (exp(1 / sqrt(2)) + 1)
    np.testing.assert_allclose(made["attention"][0, 0], [first, 1 - first])
    np.testing.assert_allclose(made["output"][0, 0], [first, 2 * (1 - first)])
    for scale, divisor in (("none", 1), ("sqrt_dmodel", sqrt(2)), (4, 4)):
        scores = call("Attention", {"scale": scale}, eye, x)["scores"]
        np.testing.assert_allclose(scores, np.array([[[1, 0], [0, 4]]]) / divisor)
    masked = call("Attention", {"causal": True}, eye, x)
    np.testing.assert_allclose(masked["scores"], made["scores"])  # scaled, before the mask
    np.testing.assert_allclose(masked["attention"][0, 0], [1, 0])


def test_windows_of_attention() -> None:
    x = numbers(1, 6, 4)
    eye = {"W_q": np.eye(4), "W_k": np.eye(4), "W_v": np.eye(4)}
    read = call("Attention", {"causal": True, "window": 2}, eye, x)["attention"][0] > 0
    assert read.tolist() == [[j in (i - 1, i) for j in range(6)] for i in range(6)]
    read = call("Attention", {"window": 2}, eye, x)["attention"][0] > 0
    assert read.tolist() == [[abs(i - j) < 2 for j in range(6)] for i in range(6)]


def test_groups_of_heads_share_keys_as_pytorch_does() -> None:
    """Recorded calls with enable_gqa, as the textbook layer with identities for projections."""
    asked = 0
    for case in torch_cases.cases()["sdpa"]:
        arrays = recorded().get(case["id"])
        if arrays is None or not case["kwargs"].get("enable_gqa") or case.get("call") or arrays["input_0"].ndim != 4:
            continue
        if "scale" in case["kwargs"]:
            continue
        q, k, v = (arrays[f"input_{at}"] for at in range(3))
        flat = [x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1) for x in (q, k, v)]
        options = {
            "num_heads": q.shape[1],
            "num_kv_heads": k.shape[1],
            "head_dim": q.shape[3],
            "value_dim": v.shape[3],
            "causal": case["kwargs"].get("is_causal", False),
        }
        weights = {f"W_{letter}": np.eye(x.shape[2]) for letter, x in zip("qkv", flat, strict=True)}
        made = call("Attention", options, weights, *flat)["output"]
        wanted = arrays["output_0"].swapaxes(1, 2).reshape(made.shape)
        np.testing.assert_allclose(made, wanted, rtol=1e-10, atol=1e-10, err_msg=case["id"])
        asked += 1
    assert asked > 2


def test_sinusoidal_positions() -> None:
    """PE(pos, 2i) = sin(pos / 10000^(2i / d)), PE(pos, 2i + 1) = cos of the same (Vaswani et al. 2017)."""
    made = call("PositionalEmbedding", {"kind": "sinusoidal"}, {}, np.zeros((1, 5, 6)))
    for position in range(5):
        for feature in range(6):
            angle = position / 10000 ** (feature // 2 * 2 / 6)
            assert made[0, position, feature] == pytest.approx((cos if feature % 2 else sin)(angle), abs=1e-12)


def test_rotary_products_depend_on_the_distance_alone() -> None:
    """Su et al. 2021: <R_m q, R_n k> is a function of n - m, and nothing gets longer."""
    q, k = numbers(8), numbers(2, 8)[1]
    turned = [call("RotaryEmbedding", {}, {}, np.tile(x, (1, 7, 1)))[0] for x in (q, k)]
    products = turned[0] @ turned[1].T
    for distance in range(-6, 7):
        np.testing.assert_allclose(np.diag(products, distance), np.diag(products, distance)[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(turned[0], axis=1), np.linalg.norm(q))
    np.testing.assert_allclose(turned[0][1, :2], [q[0] * cos(1) - q[1] * sin(1), q[1] * cos(1) + q[0] * sin(1)])


def test_a_factor_for_each_number() -> None:
    x = np.array([[[-1.0, 2.0, -3.0], [4.0, -5.0, -6.0]]])
    factors = np.array([[0.5, 0.5, 2.0], [7.0, 0.1, -1.0]])
    made = call("PReLU", {"per_element": True}, {"weight": factors}, x)
    assert made.tolist() == [[[-0.5, 2.0, -6.0], [4.0, -0.5, 6.0]]]


def test_which_pairs_turn_and_how_many() -> None:
    """Of eight features a half turns: neighbours, or i with i + 2; the rest stay (Wang's GPT-J, Hugging Face's)."""
    x = numbers(1, 4, 8)
    for interleaved, pairs in ((True, [(0, 1), (2, 3)]), (False, [(0, 2), (1, 3)])):
        made = call("RotaryEmbedding", {"partial": 0.5, "base": 100.0, "interleaved": interleaved}, {}, x)
        np.testing.assert_array_equal(made[..., 4:], x[..., 4:])
        for number, (a, b) in enumerate(pairs):
            for step in range(4):
                angle = step / 100 ** (number / 2)
                turned = [x[0, step, a] * cos(angle) - x[0, step, b] * sin(angle),
                          x[0, step, b] * cos(angle) + x[0, step, a] * sin(angle)]  # fmt: skip
                np.testing.assert_allclose(made[0, step, [a, b]], turned, atol=1e-12)


def test_rotary_positions_of_longer_texts() -> None:
    """Angles divided by a factor (Chen et al. 2023); of Llama 3.1 those of long waves alone (its code)."""
    x = np.tile(numbers(2), (1, 9, 1))
    slow = call("RotaryEmbedding", {"factor": 4.0}, {}, x)
    np.testing.assert_allclose(slow[0, 8], call("RotaryEmbedding", {}, {}, x)[0, 2])
    # One pair of base 1 has a wave of 2 pi = 6.28: between 20 / 4 and 20 / 1, so kept by (20 / 6.28 - 1) / 3.
    made = call("RotaryEmbedding", {"factor": 8.0, "original_length": 20}, {}, x)
    kept = (20 / (2 * pi) - 1) / 3
    angle = kept + (1 - kept) / 8
    wanted = x[0, 1, 0] * cos(angle) - x[0, 1, 1] * sin(angle)
    np.testing.assert_allclose(made[0, 1, 0], wanted)
    for length, factor in ((40, 1), (5, 8)):
        made = call("RotaryEmbedding", {"factor": 8.0, "original_length": length}, {}, x)
        np.testing.assert_allclose(made, call("RotaryEmbedding", {"factor": float(factor)}, {}, x))


def test_attention_turns_and_normalises_each_head() -> None:
    """Queries and keys by hand: root mean square 1 in each head, times the factors, then turned; values stay."""
    x = numbers(1, 5, 8)
    weights = {f"W_{letter}": numbers(3, 8, 8)[at] for at, letter in enumerate("qkv")}
    weights |= {"q_norm.weight": numbers(4), "k_norm.weight": numbers(2, 4)[1]}
    norm = {"rope": 300.0, "qk_norm": True, "num_heads": 2, "softcap": 1.5}
    made = call("Attention", norm, weights, x)
    scores = []
    for head in range(2):
        sides = []
        for letter in "qk":
            part = (x @ weights[f"W_{letter}"])[0, :, 4 * head : 4 * head + 4]
            part = part / np.sqrt((part**2).mean(-1, keepdims=True)) * weights[f"{letter}_norm.weight"]
            sides.append(call("RotaryEmbedding", {"base": 300.0}, {}, part[None])[0])
        scores.append(1.5 * np.tanh(sides[0] @ sides[1].T / 2 / 1.5))
    np.testing.assert_allclose(made["scores"][0], scores, rtol=1e-9)
    np.testing.assert_allclose(made["query"], x @ weights["W_q"])  # the projection, before norm and rotation


def test_attention_with_distances() -> None:
    x = numbers(1, 5, 8)
    weights = {f"W_{letter}": np.eye(8) for letter in "qkv"}
    made = call("Attention", {"num_heads": 2, "alibi": True}, weights, x)
    scores = call("ALiBi", {}, {}, made["scores"])
    wanted = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    np.testing.assert_allclose(made["attention"], wanted)


def test_alibi_slopes() -> None:
    """Press et al. 2021: 8 heads have slopes 1/2, 1/4, ... 1/256; 12 heads add every second one of 16."""
    made = call("ALiBi", {}, {}, np.zeros((1, 8, 4, 4)))
    np.testing.assert_allclose(-made[0, :, 3, 2], [2.0**-power for power in range(1, 9)])
    np.testing.assert_allclose(made[0, 0, 3], [-1.5, -1, -0.5, 0])
    made = call("ALiBi", {}, {}, np.zeros((1, 12, 2, 2)))
    np.testing.assert_allclose(-made[0, 8:, 1, 0], [2 ** (-power / 2) for power in (1, 3, 5, 7)])


def test_mixture_of_all_experts_is_their_weighted_sum() -> None:
    x = numbers(2, 3, 4)
    rng = np.random.default_rng(3)
    weights = {
        "router.weight": rng.standard_normal((3, 4)),
        "experts.up_proj.weight": rng.standard_normal((3, 5, 4)),
        "experts.down_proj.weight": rng.standard_normal((3, 4, 5)),
    }
    options = {"num_experts": 3, "hidden_features": 5, "gated": False, "activation": "relu"}
    scores = np.exp(x @ weights["router.weight"].T)
    each = np.einsum("bti,eoi->bteo", x, weights["experts.up_proj.weight"])
    each = np.einsum("bteo,eio->btei", np.maximum(each, 0), weights["experts.down_proj.weight"])
    wanted = (each * (scores / scores.sum(-1, keepdims=True))[..., None]).sum(2)
    np.testing.assert_allclose(call("MixtureOfExperts", {**options, "top_k": 3}, weights, x), wanted)
    best = np.take_along_axis(each, scores.argmax(-1)[..., None, None], 2)[:, :, 0]
    np.testing.assert_allclose(call("MixtureOfExperts", {**options, "top_k": 1}, weights, x), best)


def test_patches_are_a_convolution() -> None:
    x, weights = numbers(2, 3, 6, 8), {"weight": numbers(5, 3, 3, 2), "bias": numbers(5)}
    made = call("PatchEmbedding", {"embed_dim": 5, "patch_size": [3, 2]}, weights, x)
    conv = call("Conv2d", {"out_channels": 5, "kernel_size": [3, 2], "stride": [3, 2]}, weights, x)
    np.testing.assert_allclose(made, conv.reshape(2, 5, -1).swapaxes(1, 2))


def test_large_convolutions_are_worked_off_in_blocks() -> None:
    """Whatever the blocks, each output is the sum over its window: checked at places all over the image."""
    for shape, options in (
        ((2, 8, 150, 170), {"kernel_size": 5, "padding": 2}),
        ((1, 24, 120, 130), {"kernel_size": 3, "stride": 2, "padding": 1, "groups": 2}),
        ((1, 40, 90, 100), {"kernel_size": 3, "padding": 1, "groups": 40, "dilation": 2}),
        ((70, 3, 16, 16), {"kernel_size": 5}),
    ):
        made_layer = layer("Conv2d", {"out_channels": 80, **options})
        x = numbers(*shape)
        groups = options.get("groups", 1)
        weight = numbers(80, shape[1] // groups, options["kernel_size"], options["kernel_size"])
        made = kernel.find("Conv2d")(made_layer, {"weight": weight}, x)
        p, s, d = options.get("padding", 0), options.get("stride", 1), options.get("dilation", 1)
        padded = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        rng = np.random.default_rng(1)
        for _ in range(200):
            n, f, row, column = (int(rng.integers(size)) for size in made.shape)
            first = f // (80 // groups) * (shape[1] // groups)
            span = d * (options["kernel_size"] - 1) + 1
            window = padded[n, first : first + shape[1] // groups, row * s : row * s + span : d]
            window = window[:, :, column * s : column * s + span : d]
            assert made[n, f, row, column] == pytest.approx((window * weight[f]).sum(), abs=1e-9)


@pytest.mark.parametrize("shape", [(1, 96, 58, 58), (3, 80, 31, 42), (2, 128, 30, 45)])
def test_fewer_multiplications_give_the_same(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """In single precision large 3 x 3 convolutions are transformed: the double-precision sums are the witness."""
    x, weight = numbers(*shape), numbers(90, shape[1], 3, 3) / sqrt(9 * shape[1])
    used = []
    transformed = winograd.convolve
    monkeypatch.setattr(winograd, "convolve", lambda *given: used.append(1) or transformed(*given))
    options = {"out_channels": 90, "kernel_size": 3, "padding": 1}
    exact = call("Conv2d", options, {"weight": weight}, x)
    assert not used
    made = call("Conv2d", options, {"weight": weight.astype(np.float32)}, x.astype(np.float32))
    assert used and made.dtype == np.float32
    assert np.abs(made - exact).max() < 1e-4


def test_response_norm_is_timms() -> None:
    """timm 1.0.31's GlobalResponseNorm with the channels first."""
    x = np.array([[[[0.4, 0.84], [-0.72, -0.4]], [[-0.6, 0.18], [-0.86, 1.1]], [[-1.07, 0.12], [-0.57, 0.37]]]])
    weights = {"weight": np.array([1.54, -0.29, -2.18]), "bias": np.array([0.57, -1.08, -1.4])}
    expected = [1.537521165, 2.601794447, -1.171538098, -0.397521165, -1.482566704, -0.959229989, -1.657012275]
    expected += [-0.341961043, -0.267971797, -1.526956434, -0.796956939, -1.791449005]
    assert np.allclose(call("GRN", {}, weights, x).ravel(), expected, atol=1e-8)


def test_the_norm_after_a_transformer_is_the_one_that_was_given() -> None:
    """With factors of 1 the squares of each position have the mean 1 after RMSNorm; its mean is not taken away."""
    options = "d_model=16, nhead=4, num_layers=2, dim_feedforward=8, norm_first=true"
    last, layer_norm = (
        execute(cnncalc.load(f"10x16 -> t: TransformerEncoder({options}, norm={norm})").report(), seed=3)["t"]
        for norm in ("RMSNorm(eps=1e-9)", "true")
    )
    assert np.allclose((last**2).mean(-1), 1)
    assert not np.allclose(last, layer_norm, atol=1e-3)
