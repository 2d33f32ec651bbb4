"""How weights are stored, optimizers of 8 bits, and low-rank matrices, against published sizes."""

from __future__ import annotations

import json

import pytest

from cnncalc import load
from cnncalc.cost.convention import Convention
from cnncalc.cost.cost import Cost
from cnncalc.cost.formats import BLOCKS
from cnncalc.cost.sizes import value

# gguf-py 0.17, gguf.constants.GGML_QUANT_SIZES: numbers in a block, bytes of it.
GGUF = {
    "q4_0": (32, 18), "q4_1": (32, 20), "q5_0": (32, 22), "q5_1": (32, 24), "q8_0": (32, 34), "q8_1": (32, 40),
    "q2_k": (256, 84), "q3_k": (256, 110), "q4_k": (256, 144), "q5_k": (256, 176), "q6_k": (256, 210),
    "q8_k": (256, 292), "iq2_xxs": (256, 66), "iq2_xs": (256, 74), "iq3_xxs": (256, 98), "iq1_s": (256, 50),
    "iq4_nl": (32, 18), "iq3_s": (256, 110), "iq2_s": (256, 82), "iq4_xs": (256, 136), "iq1_m": (256, 56),
    "tq1_0": (256, 54), "tq2_0": (256, 66), "mxfp4": (32, 17), "nvfp4": (64, 36),
}  # fmt: skip
MATRIX = "4096 -> Linear(4096, 1024, bias=False)"
COUNT = 4096 * 1024
# Bytes of the matrix.
STORED = [
    *((word, COUNT // block * size) for word, (block, size) in GGUF.items()),
    # GPTQ: a float16 scale and a 4-bit zero for each 128 numbers (Frantar et al. 2023).
    ("int4/g128", COUNT // 2 + COUNT // 128 * 2 + COUNT // 128 // 2),
    ("int8/g64", COUNT + COUNT // 64 * 3),
    # QLoRA (Dettmers et al. 2023, section 3): 0.5 bits a number for constants, 0.127 where they are quantised too.
    ("nf4/g64", COUNT * 9 // 16),
    ("nf4/dq", round(COUNT * (4 + 8 / 64 + 32 / (64 * 256)) / 8)),
    ("nf4", COUNT // 2),
]


def asked(call, *argv):
    status, out, err = call("ask", *argv, "--format", "json")
    assert (status, err) == (0, ""), err
    found = [json.loads(line)["value"] for line in out.splitlines()]
    return found[0] if len(found) == 1 else found


def test_all_blocks_are_compared():
    assert BLOCKS == GGUF


@pytest.mark.parametrize(("word", "expected"), STORED)
def test_bytes_of_a_matrix(word, expected):
    assert value(Cost(load(MATRIX).report(), Convention(word)), "weight_bytes") == expected


def test_vectors_are_not_in_blocks(call):
    # GGUF keeps a bias of 1024 numbers in float32, GPTQ in float16.
    chain = "4096 -> Linear(4096, 1024)"
    assert asked(call, chain, "--dtype", "q4_k", "total.weight_bytes") == COUNT // 256 * 144 + 1024 * 4
    assert asked(call, chain, "--dtype", "int4/g128", "total.weight_bytes") == dict(STORED)["int4/g128"] + 1024 * 2


def test_types_by_patterns(call):
    chain = "64 -> a: Linear(64, 64, bias=False) -> b: Linear(64, 64, bias=False) -> head: Linear(64, 64, bias=False)"
    found = asked(
        call, chain, "--dtype", "weights=int4/g64,head=float16,b=int8", *(f"{name}.weight_bytes" for name in "ab")
    )
    assert found == [4096 // 2 + 64 * 2 + 32, 4096]
    assert asked(call, chain, "--dtype", "weights=int4/g64,head=float16,b=int8", "head.weight_bytes") == 8192
    for word, message in (
        ("int5/g8", "no format of weights"),
        ("kv=q4_k", "only weights have scales"),
        ("q44_0", "q44_0"),
    ):
        status, _, err = call("ask", chain, "--dtype", word, "total.weight_bytes")
        assert status == 2
        assert message in err


def test_optimizers_of_8_bits(call):
    # bitsandbytes and torchao: two states of one byte and a float32 for each 256; below 4096 numbers float32.
    chain = "100 -> Linear(100, 100)"
    assert (
        asked(call, chain, "--optimizer", "adamw8bit", "total.optimizer_bytes") == 2 * (10_000 + 4 * 40) + 2 * 4 * 100
    )
    assert (
        asked(call, chain, "--optimizer", "adamw_8bit", "total.optimizer_bytes") == 2 * (10_000 + 4 * 40) + 2 * 4 * 100
    )


LORA = "base: llama3_8b\nlora: {r: 16, on: [q_proj, v_proj]}\n"


def test_low_rank_matrices(call, spec):
    # peft prints of Llama 3 8B: trainable params: 6,815,744 || all params: 8,037,076,992 || trainable%: 0.0848
    path = spec(LORA)
    assert asked(call, path, "-i", "64", "total.params", "total.trainable") == [8_037_076_992, 6_815_744]
    found = asked(call, path, "-i", "64", "--dtype", "weights=nf4,activations=bfloat16", "total.gradient_bytes")
    assert found == 2 * 6_815_744
    status, _, err = call("ask", "llama3_8b", "-i", "64", "--dtype", "nf4", "total.training_bytes")
    assert status == 2
    assert "nothing is trained in nf4" in err


def test_low_rank_matrices_of_gated_nets(call, spec):
    # peft prints of Llama 3 8B with r = 16 on its seven kinds of matrices: trainable params: 41,943,040
    seven = "[q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]"
    assert asked(call, spec(f"base: llama3_8b\nlora: {{r: 16, on: {seven}}}\n"), "total.trainable") == 41_943_040


def test_patterns_of_a_spec_that_builds_on_another_are_shown_in_it(call, spec):
    path = spec("base: resnet18\nfreeze: [conv9]\n")
    status, _, err = call("ask", path, "total.params")
    assert status == 2
    assert f"{path}:2:10" in err
    assert "| freeze: [conv9]" in err


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("gptq", "gptq usually stores int4/g128"),
        ("weights=awq", "awq usually stores int4/g128"),
        ("q4_k_m", "a file of q4_k_m mixes blocks: write q4_k"),
        ("weights=int8,lm_head=q6_k_s", "mixes blocks"),
    ],
)
def test_names_of_tools_and_of_files(call, word, said):
    status, _, err = call("ask", "gpt2", "total.weight_bytes", "--dtype", word)
    assert status == 2
    assert said in err


def test_what_low_rank_matrices_keep(call, spec):
    text = "input: [10, 32]\nlayers:\n  - a: Linear(32, 48)\n  - GELU\n  - b: Linear(48, 8)\n"
    # Nothing in front of the first trained matrix is kept; b keeps its input, and the input of its second matrix.
    path = spec(text + "lora: {r: 4, on: [b]}\n")
    assert asked(call, path, "total.saved_activation_bytes") == 4 * (10 * 48 + 10 * 4)
    # With a, its input and the GELU's too.
    path = spec(text + "lora: {r: 4, on: [a, b]}\n")
    assert asked(call, path, "total.saved_activation_bytes") == 4 * (10 * 32 + 10 * 4 + 10 * 48 + 10 * 48 + 10 * 4)
    assert asked(call, path, "total.trainable") == 4 * (32 + 48) + 4 * (48 + 8)
    status, _, err = call("ask", spec(text + "lora: {r: 4, on: [c]}\n"), "total.params")
    assert status == 2
    assert 'lora: no layer fits "c"' in err


def test_freezing_by_patterns(call, spec):
    path = spec("base: resnet18\nfreeze: [conv1, bn1, 'layer[123]']\n")
    whole, cut = asked(call, "resnet18", "total.params"), asked(call, path, "total.trainable")
    layer4, fc = asked(call, "resnet18", "layer4.params", "fc.params")
    assert cut == layer4 + fc < whole
    status, _, err = call("ask", spec("base: resnet18\nfreeze: layr4\n"), "total.params")
    assert status == 2
    assert 'freeze: no layer fits "layr4"' in err


def test_arrays_of_what_is_tried(call, spec):
    # What is kept of arrays (8-bit and Adafactor's states, blocks of weights) is that of each combination.
    path = spec("input: [3, 16, 16]\nlet: {k: 3}\nlayers:\n  - conv: Conv2d(3, 8, k)\n")
    for option, name in (
        ("--optimizer", "adafactor"),
        ("--optimizer", "adamw8bit"),
        ("--dtype", "int4/g8"),
        ("--dp", "2"),
    ):
        asking = "training_bytes" if option != "--dtype" else "weight_bytes"
        sizes = (
            {k: asked(call, path, "-s", f"k={k}", f"total.{asking}", option, name) for k in (3, 5)}
            if (option != "--dp")
            else {3: 11_000, 5: 12_800}
        )
        most = max(sizes.values()) - 1
        status, out, _ = call(
            "solve", path, "k=3,5", "--want", f"total.{asking} <= {most}", option, name, "--format", "json"
        )
        assert status == 0
        assert [one["k"] for one in json.loads(out)["solutions"]] == [3]
