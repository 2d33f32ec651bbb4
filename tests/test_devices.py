"""Several devices: what one holds and sends, against published figures; what does not divide; the least time."""

from __future__ import annotations

import json

import pytest

from cnncalc import load
from cnncalc.cost.cost import Convention, Cost
from cnncalc.cost.sizes import value
from cnncalc.cost.split import Split

LLAMA = ["llama3_8b", "-i", "4096"]
PARAMS = 8_030_261_248
NORMS = 65 * 4096  # vectors, which every device has


def asked(call, *argv):
    status, out, err = call("ask", *argv, "--format", "json")
    assert (status, err) == (0, ""), err
    found = [json.loads(line)["value"] for line in out.splitlines()]
    return found[0] if len(found) == 1 else found


@pytest.mark.parametrize(("zero", "expected"), [(0, 120.0), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_zero_is_that_of_its_paper(zero, expected):
    # Rajbhandari et al. 2020, figure 1: 7.5 billion parameters, mixed precision with Adam, 64 devices; in GB.
    chain = "7500 -> Linear(7500, 1000000, bias=False)"
    cost = Cost(load(chain).report(), Convention(mixed="fp16", dp=64, zero=zero))
    names = ("weight_bytes", "gradient_bytes", "optimizer_bytes")
    assert round(sum(value(cost, name) for name in names) / 1e9, 1) == expected


@pytest.mark.parametrize("tp", [1, 2, 4, 8])
def test_activations_are_those_of_their_paper(tp, tmp_path):
    # Korthikanti et al. 2022, equations 1 and 2: s b h (10 + 24 / t + 5 a s / (h t)) bytes for each layer, in 16 bits.
    s, b, h, a = 512, 2, 1024, 16
    config = {"model_type": "gpt2", "n_embd": h, "n_head": a, "n_positions": s, "vocab_size": 64}
    config["activation_function"] = "gelu"  # in one piece, as there; gelu_new keeps what lies between its steps
    kept = {}
    for layers in (2, 4):
        path = tmp_path / f"{layers}.json"
        path.write_text(json.dumps({**config, "n_layer": layers}))
        cost = Cost(load(str(path)).report(), Convention(dtype="float16", batch=b, tp=tp))
        kept[layers] = value(cost, "saved_activation_bytes")
    expected = s * b * h * (10 + 24 / tp + 5 * a * s / (h * tp))
    # Two statistics a row of each norm are left out there.
    assert (kept[4] - kept[2]) / 2 == pytest.approx(expected, rel=0.001)


def test_tensor_parallel_by_hand(call):
    found = asked(call, *LLAMA, "--dtype", "bfloat16", "--tp", "8", "total.weight_bytes", "total.kv_cache_bytes")
    # Matrices and tables are cut, vectors are not; one of eight heads of keys and values is left.
    assert found == [2 * ((PARAMS - NORMS) // 8 + NORMS), 2 * 32 * 4096 * 128 * 2]
    # More devices than heads of keys and values: they are there more than once.
    assert asked(call, *LLAMA, "--dtype", "bfloat16", "--tp", "16", "total.kv_cache_bytes") == found[1]


def test_pipeline_by_hand(call):
    table = 128256 * 4096
    layer = (PARAMS - 2 * table - 4096) // 32
    # The last stage has the last norm and the head, as many as the table in front has.
    assert asked(call, *LLAMA, "--dtype", "int8", "--pp", "4", "total.weight_bytes") == 8 * layer + table + 4096
    # As many passes are under way in the first stage as there are stages.
    one, two, eight = (
        asked(call, *LLAMA, "--pp", "4", "--accumulate", str(count), "total.saved_activation_bytes")
        for count in (1, 2, 8)
    )
    assert two > one and eight > two


def test_experts_by_hand(call):
    asking = ("mixtral_8x7b", "-i", "64", "--dtype", "bfloat16", "total.weight_bytes")
    experts = 32 * 8 * 3 * 4096 * 14336 * 2
    assert asked(call, *asking, "--ep", "8") == asked(call, *asking) - experts + experts // 8


def test_what_is_sent():
    cost = Cost(load("llama3_8b", input_shapes=["4096"]).report(), Convention("bfloat16", tp=4, dp=8, accumulate=2))
    sent = Split(cost).traffic()
    here = (PARAMS - NORMS) // 4 + NORMS
    # An all-reduce sends 2 (n - 1) / n of what it adds: of each layer two forward and two backward.
    stream = 4096 * 4096 * 2
    assert sent["data"] == 2 * 2 * here * 7 // 8
    assert sent["tensor"] == 2 * 64 * 2 * 2 * stream * 3 // 4
    assert Split(Cost(cost.report, Convention(pp=4, accumulate=8))).bubble == 3 / 11


def test_a_latent_is_on_every_device(call, tmp_path):
    """By hand: 512 + 64 numbers of 8 positions, which no head has a part of; adapters on two of its matrices."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [8, 64]\nlora: {r: 4, 'on': [kv_b_proj, o_proj]}\nlayers:\n"
        "  - LatentAttention: {num_heads: 4, qk_nope_head_dim: 16, v_head_dim: 10}\n"
    )
    for split in ((), ("--tp", "4")):
        assert asked(call, str(path), *split, "total.kv_cache_elements") == 8 * (512 + 64)
    assert asked(call, str(path), "total.trainable") == 4 * (512 + 4 * (16 + 10)) + 4 * (4 * 10 + 64)


@pytest.mark.parametrize(
    ("argv", "message", "fits"),
    [
        ([*LLAMA, "--tp", "6"], "--tp 6 does not divide 32 heads", "1, 2, 4, 8, 16 or 32"),
        ([*LLAMA, "--pp", "5"], "--pp 5: llama3_8b has 32 copies of its repeated entry", "1, 2, 4, 8, 16 or 32"),
        (["mixtral_8x7b", "-i", "8", "--ep", "3"], "--ep 3 does not divide 8 experts", "1, 2, 4 or 8"),
        (["lenet5", "--ep", "2"], "--ep 2: lenet5 has no experts to share", ""),
    ],
)
def test_what_does_not_divide_is_refused(argv, message, fits, call):
    status, out, err = call("ask", *argv, "total.weight_bytes")
    assert (status, out) == (2, "")
    assert f"error[split-does-not-divide]: {message}" in err
    assert fits in err


def test_the_page_and_the_explanation(call):
    status, out, err = call("cost", *LLAMA, "--tp", "4", "--pp", "2", "--dp", "8", "--zero", "1", "--accumulate", "8")
    assert (status, err) == (0, "")
    assert "64 devices: tp 4, pp 2, dp 8, zero 1" in out
    assert "bubble: 11.1% of a step each device waits" in out
    status, out, err = call("explain", *LLAMA, "--tp", "4", "total.training_bytes")
    assert (status, err) == (0, "")
    assert "most of it is" in out


def test_devices(call):
    status, out, err = call("cost", "lenet5", "--devices", "H200:141GB,989TF,4.8TB/s A100-80GB", "--json")
    assert (status, err) == (0, "")
    first = json.loads(out)["devices"][0]
    # By hand: conv1 moves its input, its output and its weights once, at 4.8 TB a second, and computes less than that.
    assert first["name"] == "H200"
    assert first["layers"]["conv1"] == "memory"
    for text, message in (
        ("H10", 'knows no "H10"'),
        ("X:80GB", "X has no FLOPs and no speed"),
        ("X:80GB,1TF,2parsecs", '"2parsecs" is no size of a device'),
    ):
        status, out, err = call("cost", "lenet5", "--devices", text)
        assert status == 2
        assert message in err


def test_a_decoding_step_by_hand(call):
    status, out, err = call("cost", "llama3_8b", "--decode", "--context", "8192", "--dtype", "bfloat16", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)["decode"]
    table = 128256 * 4096
    # Every weight once but the table of words, of which one row; keys and values of 8 heads of 128 in 32 layers.
    assert found["weights"] == 2 * (PARAMS - table + 4096)
    assert found["read"] == 2 * 32 * 8 * 128 * 8192 * 2
    assert found["written"] == 2 * 32 * 8 * 128 * 2
    assert found["flops_per_byte"] == found["flops"] / (found["weights"] + found["read"] + found["written"])
    # Two samples choose up to four of eight experts.
    weights = []
    for batch in ("1", "2", "4", "8"):
        _, out, _ = call(
            "cost", "mixtral_8x7b", "--decode", "--context", "64", "--dtype", "int8", "-b", batch, "--json"
        )
        weights.append(json.loads(out)["decode"]["weights"] - int(batch) * 4096)
    assert weights[1] - weights[0] == 32 * 2 * 3 * 4096 * 14336
    assert weights[2] == weights[3] == 46_702_792_704 - 32000 * 4096
    status, _, err = call("cost", "lenet5", "--decode")
    assert status == 2
    assert "lenet5 does not generate" in err
