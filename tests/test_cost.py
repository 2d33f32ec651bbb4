"""Costs: counts by hand and from published sources, conventions named, bytes by what they are for."""

from __future__ import annotations

import json

import pytest

from cnncalc import load, loads
from cnncalc.cli.app import main
from cnncalc.cost.cost import Convention, Cost, pairs
from cnncalc.cost.sizes import document


def cost(net, **convention):
    return Cost(load(net).report(), Convention(**convention))


def memory(net, **convention):
    return cost(net, **convention).memory()


# --- products ------------------------------------------------------------------------------------------------------

CONV = "3x8x8 -> conv: Conv2d(3, 8, 3, padding=1)"


def test_macs_flops_and_bias():
    # Peers say 13,824, 14,336, 27,648 or 28,160 for this layer, without saying which of these it is.
    plain, biased = cost(CONV), cost(CONV, bias=True)
    assert plain.total("macs") == biased.total("macs") == 13_824
    assert plain.total("flops") == 27_648
    assert biased.total("flops") == 28_160


def test_bias_additions_beside_other_products():
    assert cost("5x10x3 -> Linear(3, 8)", bias=True).total("additions") == 400
    # Three projections and the output's, one number for each of 8 positions and 64 features.
    assert cost("8x64 -> MultiheadAttention(64, 4)", bias=True).total("additions") == 4 * 8 * 64
    # Two bias vectors for each of four gates and five steps.
    assert cost("5x10 -> LSTM(10, 20)", bias=True).total("additions") == 5 * 2 * 4 * 20
    assert cost("3x8x8 -> Conv2d(3, 8, 3, bias=False) -> BatchNorm2d(8)", bias=True).total("additions") == 0


@pytest.mark.parametrize(
    ("net", "additions"),
    [
        ("3x8x8 -> PatchEmbedding(3, 12, 4)", 4 * 12),  # four patches
        ("2x10 -> LocallyConnected1d(2, 4, 3)", 8 * 4),  # eight places, a bias for each
        (
            "inputs: {q: [6, 16], m: [9, 16]}\nlayers: [{a: 'MultiheadAttention(16, 4)', from: [q, m]}]",
            6 * 16 + 2 * 9 * 16 + 6 * 16,
        ),  # queries; keys and values; output
        ("6x16 -> MixtureOfExperts(4, 8, top_k=2, bias=True)", 6 * 2 * (8 + 8 + 16)),  # two experts each
        # Of the layer's parts: four of 16 numbers for attention, 64 and 16 between; its norms are no products.
        ("6x16 -> TransformerEncoderLayer(16, 4, dim_feedforward=64)", 6 * (4 * 16 + 64 + 16)),
        ("convention: keras\ninput: [9, 9, 3]\nlayers: ['Conv2D(5, 3, strides=2)']", 4 * 4 * 5),
        ("convention: keras\ninput: [6, 4]\nlayers: ['TimeDistributed(Dense(5))']", 6 * 5),
        ("convention: keras\ninput: [7, 8]\nlayers: ['Bidirectional(LSTM(3))']", 7 * 2 * 4 * 3),
    ],
)
def test_bias_additions_of_a_layer(net, additions):
    """Each bias once for each place where it is added, worked out by hand."""
    report = (loads if "\n" in net else load)(net).report()
    assert Cost(report, Convention(bias=True)).total("additions") == additions


def test_a_causal_mask_of_keras_leaves_as_much():
    """Of 6 x 6 pairs 21 are left, each with two products of 4 heads of 8 features."""
    text = "convention: keras\ninput: [6, 16]\nlayers: ['MultiHeadAttention(4, 8, use_causal_mask=True)']"
    parts = Cost(loads(text).report(), Convention(causal="halve")).parts()
    assert (parts["scores"], parts["mix"]) == (21 * 32, 21 * 32)


def test_a_step_of_a_network_with_positions_that_are_not_trained(call):
    status, out, err = call("cost", "transformer", "--decode", "--batch", "4")
    assert (status, err) == (0, "") and "weights read, each once  " in out


def test_resnet50():
    # 4.09 GMAC (torchvision); the 8.2 GFLOPs of other tables are the same number doubled.
    found = cost("resnet50")
    assert found.total("macs") == 4_089_184_256
    assert found.total("flops") == 8_178_368_512


def test_attention_by_part():
    # 4 T d^2 + 2 T^2 d: the number of heads has no say.
    found = cost("8x64 -> MultiheadAttention(64, 4)").parts()
    assert found == {"project": 3 * 8 * 64 * 64, "scores": 8 * 8 * 64, "mix": 8 * 8 * 64, "output": 8 * 64 * 64}
    assert sum(found.values()) == 139_264


@pytest.mark.parametrize(
    ("length", "memory", "window", "expected"),
    [(4, 4, None, 10), (8, 8, None, 36), (2, 4, None, 3), (4, 2, None, 7), (6, 6, 2, 11), (1, 1, None, 1)],
)
def test_pairs_that_a_causal_mask_leaves(length, memory, window, expected):
    listed = [(i, k) for i in range(length) for k in range(memory) if k <= i and (window is None or k > i - window)]
    assert len(listed) == expected == pairs(length, memory, window)


def test_causal_convention():
    dense = cost("8x64 -> Attention(64, num_heads=4, causal=True)").parts()
    halved = cost("8x64 -> Attention(64, num_heads=4, causal=True)", causal="halve").parts()
    assert dense["scores"] == 8 * 8 * 64
    assert halved == {**dense, "scores": 36 * 64, "mix": 36 * 64}
    without = "8x64 -> Attention(64, num_heads=4)"
    assert cost(without, causal="halve").parts() == cost(without).parts()
    stack = "8x64 -> TransformerEncoder(num_layers=2, nhead=4, dim_feedforward=128, is_causal=True)"
    dense, halved = cost(stack).parts(), cost(stack, causal="halve").parts()
    assert (dense["scores"], halved["scores"]) == (2 * 64 * 64, 2 * 36 * 64)
    assert {k: v for k, v in dense.items() if k not in ("scores", "mix")} == {
        k: v for k, v in halved.items() if k not in ("scores", "mix")
    }


def test_shared_layers_cost_each_time():
    spec = """
input: [32]
layers:
  - first: Linear(32, 32)
  - again: Linear(32, 32)
    share: first
    repeat: 4
"""
    found = Cost(loads(spec).report())
    assert found.total("macs") == 5 * 1024
    assert found.memory()["weights"] == 1056 * 4
    assert found.memory()["activations_all"] == 5 * 32 * 4


def test_frozen_layers_cost_flops_but_no_gradients():
    spec = "input: [32]\nlayers:\n  - a: Linear(32, 16)\n    freeze: true\n  - b: Linear(16, 4)\n"
    found = Cost(loads(spec).report())
    assert found.total("macs") == 32 * 16 + 16 * 4
    assert found.memory()["gradients"] == (16 * 4 + 4) * 4
    assert found.memory()["optimizer"] == 2 * (16 * 4 + 4) * 4
    # Nothing before b is trained: only b's input is kept.
    assert found.memory()["activations_kept"] == 16 * 4


# --- bytes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("net", "dtype", "batch", "expected"),
    [
        # Llama 2 7B at 4,096 tokens in half precision: 2 GiB; with 8 of 32 heads Llama 3 8B at 8,192: 1 GiB.
        ("llama2_7b", "float16", 1, 2 * 2**30),
        ("llama3_8b", "bf16", 1, 2**30),
        # 2 x layers x width x tokens x bytes x batch
        ("gpt2", "float16", 3, 2 * 12 * 768 * 1024 * 2 * 3),
        ("lenet5", "float32", 1, 0),
    ],
)
def test_keys_and_values_cached(net, dtype, batch, expected):
    assert memory(net, dtype=dtype, batch=batch)["kv_cache"] == expected


@pytest.mark.parametrize(
    ("optimizer", "states"),
    [("none", 0), ("sgd", 0), ("momentum", 1), ("adam", 2), ("adamw", 2), ("rprop", 2), ("asgd", 1)],
)
def test_optimizer_states(optimizer, states):
    found = memory("4 -> Linear(4, 3)", optimizer=optimizer)
    assert (found["weights"], found["gradients"], found["optimizer"]) == (60, 60, states * 60)


@pytest.mark.parametrize(
    ("dtype", "size"),
    [("float64", 8), ("double", 8), ("float32", 4), ("float16", 2), ("half", 2), ("bfloat16", 2), ("torch.float16", 2)],
)
def test_types(dtype, size):
    assert memory("4 -> Linear(4, 3)", dtype=dtype)["weights"] == 15 * size


def test_half_precision_is_named():
    found = cost("4 -> Linear(4, 3)", dtype="bf16")
    # Weights, gradients and two moments of two bytes each: pure bfloat16, which few people train in.
    assert [found.memory()[key] for key in ("weights", "gradients", "optimizer")] == [30, 30, 60]
    assert found.convention.precision() == "pure bfloat16"
    assert cost("4 -> Linear(4, 3)").convention.precision() == ""


@pytest.mark.parametrize(("optimizer", "moments"), [("sgd", 0), ("momentum", 4), ("adamw", 8)])
def test_mixed_precision(optimizer, moments):
    # Weights and gradients in half precision; float32 weights and moments beside them: 16 bytes a parameter with Adam,
    # 112 GB for 7 billion (Rajbhandari et al. 2020, section 3.1).
    found = memory("4 -> Linear(4, 3)", optimizer=optimizer, mixed="bf16")
    sizes = (found["weights"], found["gradients"], found["optimizer"])
    assert sizes == (2 * 15, 2 * 15, (4 + moments) * 15)
    assert found["activations_kept"] == 2 * 4


def test_types_by_role():
    found = memory("9x16 -> Attention(16, causal=True)", dtype="weights=int4,activations=bfloat16,kv=int8")
    assert found["weights"] == 3 * 16 * 16 // 2
    assert found["kv_cache"] == 2 * 9 * 16
    assert found["activations_all"] == 9 * 16 * 2
    assert memory("9x16 -> Attention(16, causal=True)", dtype="fp16,kv=fp8")["kv_cache"] == 2 * 9 * 16
    # The last byte is filled up.
    assert memory("3 -> Linear(3, 1, bias=False)", dtype="int4")["weights"] == 2


@pytest.mark.parametrize("dtype", ["int8", "int4", "nf4", "weights=int8,activations=bf16"])
def test_whole_numbers_are_not_trained(dtype, call):
    found = memory("lenet5", dtype=dtype)
    assert {found[key] for key in ("gradients", "optimizer", "activations_kept", "training")} == {None}
    assert found["inference"] > 0
    status, out, _ = call("cost", "lenet5", "--dtype", dtype)
    assert status == 0
    assert "nothing is trained in " in out and "gradients  " not in out and "training:" not in out
    status, out, err = call("cost", "lenet5", "--dtype", dtype, "--optimizer", "adam")
    assert (status, out) == (2, "")
    assert err.startswith("error[option-value]: nothing is trained in ")


# What PyTorch's optimizers (and transformers' Adafactor) keep after one step, without the step's number.
@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [("sgd", 0), ("momentum", 18836), ("adam", 37672), ("adagrad", 18836), ("rmsprop", 18836), ("adafactor", 1464)],
)
def test_optimizers(optimizer, expected):
    net = "20 -> Linear(20, 64) -> ReLU -> Linear(64, 48) -> Tanh -> Linear(48, 5)"
    assert memory(net, optimizer=optimizer)["optimizer"] == expected


def test_bare_figures_heed_the_options(call):
    # 1,024 positions of 64 features: three projections, and scores and mixing for L(L + 1)/2 of the pairs.
    net = "1024x64 -> a: Attention(64, num_heads=4, causal=True)"
    halved = 3 * 1024 * 64 * 64 + 2 * 64 * 1024 * 1025 // 2
    assert halved == 79_757_312
    assert call("cost", net, "a", "--causal", "halve") == (0, "79757312\n", "")
    assert call("cost", net, "a.flops", "total.macs", "--causal", "halve").out == (
        f"a.flops = {2 * halved:,}\ntotal.macs = {halved:,}\n"
    )
    assert call("cost", CONV, "conv.flops", "--bias") == (0, "28160\n", "")
    idle = call("cost", CONV, "conv", "--causal", "halve", "--bias", "--batch", "2")
    assert idle == (0, "13824\n", "note[no-effect]: --batch, --causal and --bias change nothing in conv\n")


def test_vgg16_activations():
    # cs231n's table of VGG-16, one value for each row: input, convolutions, pools, dense layers.
    table = [150_528, 3_211_264, 3_211_264, 802_816, 1_605_632, 1_605_632, 401_408, 802_816, 802_816, 802_816]
    table += [200_704, 401_408, 401_408, 401_408, 100_352, 100_352, 100_352, 100_352, 25_088, 4096, 4096, 1000]
    found = cost("vgg16")
    kinds = ("Conv2d", "MaxPool2d", "Linear")
    assert [layer.output // 4 for layer in found.layers if layer.row.type in kinds] == table[1:]
    assert found.memory()["weights"] == 138_357_544 * 4


def test_what_is_kept():
    def kept(chain, **more):
        found = cost(chain, dtype="float32", **more)
        return found.kept, found.kept_inputs.get("input", 0), [layer.kept for layer in found.layers]

    # The convolution needs the image, ReLU its output, the pool one index (8 bytes) for each of 16 numbers,
    # Linear the pool's 16 numbers.
    chain = "1x6x6 -> Conv2d(1, 4, 3) -> ReLU -> MaxPool2d(2) -> Flatten -> Linear(16, 2)"
    assert kept(chain) == (144 + 256 + 128 + 64, 144, [0, 256, 128 + 64, 0, 0])
    assert kept(chain, batch=3) == (3 * 592, 3 * 144, [0, 3 * 256, 3 * 192, 0, 0])
    # GELU needs its input, which is the first layer's output; a sum needs nothing.
    assert kept("8 -> Linear(8, 4) -> GELU -> Linear(4, 2)") == (32 + 16 + 16, 32, [16, 16, 0])
    # Nothing to train, nothing to keep.
    assert kept("4x8x8 -> ReLU -> MaxPool2d(2)") == (0, 0, [0, 0])
    # Dropout keeps one byte a number, softmax its output.
    assert kept("8 -> Linear(8, 4) -> Dropout -> Softmax(1)") == (32 + 4 + 16, 32, [0, 4, 16])


def test_views_and_layers_in_place_need_no_memory():
    found = cost("2x4x4 -> Conv2d(2, 2, 1) -> ReLU(inplace=True) -> Flatten -> Linear(32, 4)")
    assert [(layer.row.type, layer.shared, layer.output) for layer in found.layers] == [
        ("Conv2d", "", 128),
        ("ReLU", "in place", 0),
        ("Flatten", "view", 0),
        ("Linear", "", 16),
    ]
    # Image, convolution and what follows from it: the ReLU's output is the convolution's memory.
    assert found.memory()["activations_kept"] == 128 + 128
    assert found.memory()["activations_peak"] == 128 + 128


def test_arrays_at_once():
    # A residual keeps its input alive until the sum.
    spec = """
input: [10]
layers:
  - residual:
      - Linear(10, 100)
      - Linear(100, 10)
"""
    # Input 10, hidden 100, second 10: 120 numbers while the second layer runs.
    assert Cost(loads(spec).report()).memory()["activations_peak"] == 120 * 4
    # Without it the input is gone by then.
    assert cost("10 -> Linear(10, 100) -> Linear(100, 10)").memory()["activations_peak"] == 110 * 4


def test_intensity():
    # A matrix times a vector: 2 n^2 FLOPs for about n^2 weights of 4 bytes, a batch of 64 reads them once.
    def intensity(batch):
        return document(cost("1024 -> Linear(1024, 1024, bias=False)", batch=batch))["layers"][0]["flops_per_byte"]

    assert intensity(1) == pytest.approx(2 * 1024**2 / (4 * (1024**2 + 2048)))
    assert intensity(64) == pytest.approx(64 * 2 * 1024**2 / (4 * (1024**2 + 64 * 2048)))


# --- the command ---------------------------------------------------------------------------------------------------

PAGE = """\
chain

for one sample; 1 MAC = 2 FLOPs; matrix products and convolutions are counted, biases, activations, norms and pools \
are not

layer    type             MACs   FLOPs    share  weights (bytes)  output (bytes)  saved (bytes)  FLOPs/byte
-------  -------------  ------  ------  -------  ---------  --------  ------  -------
input    input                                                           768
conv     Conv2d         13,824  27,648   77.14%        896     2,048       0    7.448
relu     ReLU                0       0    0.00%          0     2,048   2,048
flat     Flatten, view       0       0    0.00%          0         0       0
fc       Linear          4,096   8,192   22.86%     16,416        32       0    0.443
-------  -------------  ------  ------  -------  ---------  --------  ------  -------
total                   17,920  35,840  100.00%     17,312     4,128   2,816    1.363

1 layer is a view of the input, no copy

memory in float32, batch 1

what                                          bytes      MB     MiB
-------------------------------------------  ------  ------  ------
weights                                      17,312   0.017   0.017
gradients                                    17,312   0.017   0.017
optimizer state (momentum, 1 per parameter)                    17,312   0.017   0.017
saved activations                 2,816  0.0028  0.0027
training: all of these                       54,752   0.055   0.052
all outputs                                   4,128  0.0041  0.0039
peak activation memory (inference)         4,096  0.0041  0.0039
inference: weights, buffers, peak activations  21,408   0.021   0.020

MB = 10^6 bytes, MiB = 2^20 bytes; saved: what the backward pass needs, each array once
"""
NET = "3x8x8 -> conv: Conv2d(3, 8, 3, padding=1) -> relu: ReLU -> flat: Flatten -> fc: Linear(512, 8)"


def test_page(capsys):
    assert main(["cost", NET, "--optimizer", "momentum"]) == 0
    found = capsys.readouterr().out
    assert [line.split() for line in found.splitlines() if line[:2] != "--"] == [
        line.split() for line in PAGE.splitlines() if line[:2] != "--"
    ]


def test_by_part_and_type(capsys):
    assert main(["cost", NET, "--by", "part", "--csv"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "part,MACs,FLOPs,share",
        "windows,13824,27648,0.7714285714285715",
        "products,4096,8192,0.22857142857142856",
    ]
    assert main(["cost", NET, "--by", "type", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[:4] for line in lines] == [
        ["type", "layers", "MACs", "FLOPs"],
        ["Conv2d", "1", "13824", "27648"],
        ["ReLU", "1", "0", "0"],
        ["Flatten", "1", "0", "0"],
        ["Linear", "1", "4096", "8192"],
    ]


def test_json(capsys):
    assert main(["cost", NET, "--json", "--dtype", "bf16", "--batch", "4"]) == 0
    document = json.loads(capsys.readouterr().out)
    row = document["layers"][0]
    assert {key: row[key] for key in ("macs", "flops", "parts", "weight_bytes", "output_bytes", "kept_bytes")} == {
        "macs": 13824,
        "flops": 27648,
        "parts": {"windows": 13824},
        "weight_bytes": 448,
        "output_bytes": 4096,
        "kept_bytes": 0,
    }
    assert document["totals"]["flops"] == 35840
    assert document["memory"]["weights"] == 8656
    assert document["convention"] == {
        "flops_per_mac": 2,
        "bias_additions": False,
        "causal": "dense",
        "dtype": "bfloat16",
        "batch": 4,
        "optimizer": "adam",
    }


def test_conventions_are_said(capsys):
    assert main(["cost", "8x64 -> Attention(64, causal=True)", "--causal", "halve", "--bias"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:4] == [
        "for one sample; 1 MAC = 2 FLOPs, and one for each bias that is added; matrix products and convolutions are "
        "counted, activations, norms and pools are not",
        "causal attention: only the pairs that the mask leaves, L(L + 1)/2 for L positions",
    ]
    assert main(["cost", "8x64 -> Attention(64, causal=True)"]) == 0
    assert capsys.readouterr().out.splitlines()[3] == (
        "causal attention: all pairs, masked ones too; --causal halve leaves them out"
    )


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--by", "layers"], '--by takes layer, part or type, not "layers"\nhelp: did you mean layer?\n'),
        (["--optimizer", "adamm"], 'not "adamm"\nhelp: did you mean adam?\n'),
        (["--dtype", "float23"], 'not "float23"\nhelp: did you mean float32?\n'),
        (["--causal", "half"], '--causal takes one of dense, halve, not "half"\nhelp: did you mean halve?\n'),
    ],
)
def test_mistakes(capsys, argv, message):
    assert main(["cost", "lenet5", *argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error[option-value]: ")
    assert err.endswith(message)


@pytest.mark.parametrize("net", ["gpt2", "mobilenet_v2", "mixtral_8x7b", "t5_small", "unet"])
def test_another_batch_costs_what_it_costs_from_the_beginning(net):
    report = load(net).report()
    first = Cost(report, Convention(optimizer="adam"))
    assert first.layers[0].output == first.layers[0].made
    for batch in (7, 2):
        again, new = first.for_batch(batch), Cost(report, Convention(optimizer="adam", batch=batch))
        assert again.memory() == new.memory()
        assert again.kept_inputs == new.kept_inputs
        assert document(again) == document(new)
        for name in ("output", "cache", "moved", "kept", "weights"):
            assert [getattr(layer, name) for layer in again.layers] == [getattr(layer, name) for layer in new.layers]
    assert first.layers[0].output == first.layers[0].made
