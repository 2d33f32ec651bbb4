"""The public contract, sentence by sentence: commands with streams of their own, JSON, statuses, streams, Python.

Every expected value is stated by hand or is a published fact; nothing here looks inside of the package.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.render.formats import FORMATS
from tests import commands

ROOT = Path(__file__).resolve().parent.parent

SECTION = """\
name: section-09
input: [3, 64, 64]
layers:
  - conv1: Conv2d(3, 16, kernel_size=3, padding=1)
  - pool1: MaxPool2d(2)
  - conv2d: {out_channels: 32, kernel_size: 3}
    name: conv2
  - Flatten
  - fc: Linear(out_features=10)
expect:
  conv1.shape: [16, 64, 64]
  conv1.params: 448
  Conv2d.params / total.params: 1.74%
"""


class Done(commands.Outcome):
    """What a command did."""

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def cli(tmp_path, request):
    """Run a command as a user does, in an empty folder; what NET names, in section 1, in a process of its own."""

    def run(*argv: str, stdin: str = "") -> Done:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        environment.pop("COLUMNS", None)
        if not request.node.name.startswith("test_1_"):
            return Done(*commands.run(argv, tmp_path, environment, stdin))
        done = subprocess.run(
            [sys.executable, "-m", "cnncalc", *argv],
            cwd=tmp_path,
            env=environment,
            input=stdin.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def write(tmp_path):
    """Put a spec into the folder; its name."""

    def put(text: str, name: str = "net.yaml") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return put


def report(text: str, **settings: Any) -> Any:
    return cnncalc.loads(text).report(**settings)


def shapes(text: str, **settings: Any) -> list[list[Any]]:
    return [list(row.output_shape) for row in report(text, **settings)]


def one(layer: str, *inputs: str, convention: str = "pytorch") -> Any:
    """The row of one layer on inputs with these shapes."""
    names = "abcde"[: len(inputs)]
    given = "\n".join(f"  {name}: {shape}" for name, shape in zip(names, inputs, strict=True))
    text = f"convention: {convention}\ninputs:\n{given}\nlayers:\n  - l: {layer}\n    from: [{', '.join(names)}]\n"
    return report(text)["l"]


def problems(text: str) -> list[Any]:
    with pytest.raises(cnncalc.SpecError) as error:
        report(text)
    return error.value.problems


def asked(text: str, *expressions: str) -> list[Any]:
    """Values of expressions, as `cnncalc ask` has them."""
    from cnncalc.query.ask import ask

    network = cnncalc.loads(text)
    found = network.report()
    return [ask(network, found, expression) for expression in expressions]


# --- 1: what a command accepts -------------------------------------------------------------------------------------


def test_1_an_inline_chain(cli):
    net = "3x64x64 -> Conv2d(3, 16, 3, padding=1) -> MaxPool2d(2) -> Flatten -> Linear(out_features=10)"
    rows = cli("shapes", net, "--format", "json").json["layers"]
    assert [row["output_shape"] for row in rows] == [[16, 64, 64], [16, 32, 32], [16384], [10]]


def test_1_names_that_nothing_defines_are_free(cli):
    done = cli("shapes", "CxHxW -> conv: Conv2d(C, F, K, stride=S, padding=P, dilation=D)", "--format", "json")
    document = done.json
    assert done.status == 0
    assert document["inputs"] == {"input": ["C", "H", "W"]}
    assert document["layers"][0]["weights"] == {"weight": ["F", "C", "K", "K"], "bias": ["F"]}
    assert document["output_shape"][0] == "F"
    assert all(isinstance(size, str) for size in document["output_shape"])


def test_1_standard_input(cli):
    done = cli("shapes", "-", "--format", "json", stdin=SECTION)
    assert (done.status, done.json["output_shape"]) == (0, [10])


@pytest.mark.parametrize("name", ["net.yaml", "net.yml"])
def test_1_a_file(cli, write, name):
    assert cli("shapes", write(SECTION, name), "--format", "json").json["totals"]["params"] == 448 + 4640 + 288010


def test_1_a_bare_name_is_bundled(cli):
    assert cli("params", "resnet50", "--format", "json").json["totals"]["params"] == 25_557_032
    assert cli("params", "lenet5", "--format", "json").json["totals"]["params"] == 61_706


def test_1_a_file_comes_before_a_bundled_name(cli, write):
    write("input: [1, 8, 8]\nlayers: [Flatten]\n", "lenet5")
    assert cli("shapes", "lenet5", "--format", "json").json["output_shape"] == [64]


def test_1_anything_else_names_the_nearest(cli):
    for typed, near in (("lenet", "lenet5"), ("resnet5O", "resnet50"), ("lenet5.yaml", "lenet5")):
        done = cli("shapes", typed)
        assert (done.status, done.out) == (2, "")
        assert near in done.err.split("help:")[1]


# --- 2: a spec -----------------------------------------------------------------------------------------------------


def test_2_the_example(cli, write):
    done = cli("check", write(SECTION))
    assert (done.status, done.err) == (0, "")
    assert "all 3 right" in done.out


def test_2_the_name_is_the_files_stem(cli, write):
    assert cli("shapes", write("input: [3]\nlayers: [ReLU]\n", "mine.yaml"), "--format", "json").json["name"] == "mine"
    assert cli("shapes", write(SECTION), "--format", "json").json["name"] == "section-09"


def test_2_several_inputs_and_whole_numbers():
    text = """
inputs: {image: [3, 8, 8], caption: {shape: [21], dtype: int}}
layers:
  - words: Embedding(1000, 16)
    from: caption
  - flat: Flatten
    from: image
"""
    found = report(text)
    assert found.to_dict()["inputs"] == {"image": [3, 8, 8], "caption": [21]}
    assert found["words"].output_shape == (21, 16) and found["flat"].output_shape == (192,)


def test_2_let_and_settings(cli, write, tmp_path):
    net = write("let: {d: 8, h: d // 2}\ninput: [d]\nlayers:\n  - Linear(d, h)\n  - Linear(out_features=max(h, 3))\n")
    assert cli("shapes", net, "--format", "json").json["output_shape"] == [4]
    assert cli("shapes", net, "--set", "d=32", "--format", "json").json["output_shape"] == [16]
    (tmp_path / "config.json").write_text('{"d": 64, "other": 1}')
    assert cli("shapes", net, "--set-file", "config.json", "--format", "json").json["output_shape"] == [32]
    assert cnncalc.load(str(tmp_path / net)).report(d=10).output_shape == (5,)
    assert cli("shapes", net, "--set", "q=1").status == 2


def test_2_symbols_stay_free_until_they_are_set(cli, write):
    net = write("symbols: [H, W]\ninput: [3, H, W]\nlayers:\n  - c: Conv2d(3, 8, 3, padding=1)\n")
    free = cli("params", net, "--format", "json").json
    assert free["output_shape"] == [8, "H", "W"]
    assert (free["totals"]["params"], free["totals"]["macs"]) == (224, "216*H*W")
    fixed = cli("params", net, "--set", "H=5", "--set", "W=4", "--format", "json").json
    assert (fixed["output_shape"], fixed["totals"]["macs"]) == ([8, 5, 4], 4320)


def test_2_values_as_lists_expressions_and_files(cli, write, tmp_path):
    text = """
input: [2]
layers: [fc: {Linear: [2, 2]}]
values: {input: [1, "sqrt(4)"], fc.weight: [[1, 0], [0, "2 * ln(exp(1))"]], fc.bias: [0, 1/2]}
"""
    assert asked(text, "output") == [[1.0, 4.5]]
    np.savez(tmp_path / "v.npz", **{"input": [[1.0, 2.0]], "fc.weight": np.eye(2), "fc.bias": [10.0, 20.0]})
    net = write("input: [2]\nlayers: [fc: {Linear: [2, 2]}]\nvalues: v.npz\n")
    assert cli("ask", net, "output", "--format", "json").json == {"ask": "output", "value": [11.0, 22.0]}


def test_2_leading_axes_of_length_1_may_be_left_out():
    text = """
input: [1, 3, 3]
layers:
  - c: Conv2d(1, 1, 2, bias=False)
values: {c.weight: [[1, 0], [0, 1]], input: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}
"""
    assert asked(text, "output", "output[0][1]") == [[[[6, 8], [12, 14]]], [12, 14]]


def test_2_values_are_named_like_layers_elsewhere():
    text = """
input: [2]
layers:
  - body:
      residual: [fc: {Linear: [2, 2, False]}]
    repeat: 2
  - residual: [g: {Linear: [2, 2, False]}]
values: {"body[0].fc.weight": [[1, 0], [0, 1]], body.1.fc.weight: [[0, 0], [0, 0]], g.weight: [[2, 0], [0, 2]],
  input: [1, 2]}
"""
    run = cnncalc.loads(text).run()
    assert run["body"].tolist() == [[2, 4]] and run["g"].tolist() == [[4, 8]] and run["output"].tolist() == [[6, 12]]
    assert run["body[1].fc.weight"].tolist() == [[0, 0], [0, 0]]
    assert report(text)["body[0].fc"].params == report(text)["g"].params == 4


@pytest.mark.parametrize("command", ["shapes", "params", "cost", "check"])
def test_2_values_of_no_array_are_an_error(cli, write, command):
    done = cli(command, write("input: [3]\nlayers:\n  - fc: Linear(3, 2)\nvalues: {fc.wieght: [1]}\n"))
    assert (done.status, done.out) == (2, "")
    assert "net.yaml:4:10" in done.err and "fc.weight" in done.err


def test_2_what_is_not_given_comes_from_the_seed(cli, write):
    net = write("input: [2]\nlayers: [fc: {Linear: [2, 2]}]\nvalues: {fc.bias: [1, 2]}\n")
    first, again, other = (cli("ask", net, "output", "fc.bias", "--seed", seed).out for seed in "112")
    assert first == again != other
    assert "fc.bias = [1, 2]" in other
    run = cnncalc.load(str(ROOT / "specs" / "lenet5.yaml")).run(seed=3)
    assert np.array_equal(run["fc3"], cnncalc.load("lenet5").run(seed=3)["fc3"])


def test_2_channels_last_everywhere():
    text = """
layout: channels_last
input: [4, 3, 2]
layers:
  - c: Conv2d(2, 1, 1, bias=False)
  - f: Flatten
values: {c.weight: [[[[1]], [[0]]]], input: [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]],
  [[0, 0], [0, 0], [0, 0]], [[0, 0], [0, 0], [0, 0]]]}
expect: {c.shape: [4, 3, 1], c.input_shape: [4, 3, 2]}
"""
    network = cnncalc.loads(text)
    found = network.report()
    row = found.to_dict()["layers"][0]
    assert (row["input_shapes"], row["output_shape"], row["weights"]) == (
        [[4, 3, 2]],
        [4, 3, 1],
        {"weight": [1, 2, 1, 1]},
    )
    run = network.run()
    assert run["c"].shape == (1, 4, 3, 1)
    assert run["c"][0, :2, :, 0].tolist() == [[1, 3, 5], [7, 9, 11]]
    assert asked(text, "c.output[1][2][0]", "c.output.shape") == [11.0, [4, 3, 1]]


def test_2_channels_last_holds_for_ports_pieces_and_pads():
    text = """
layout: channels_last
input: [8, 6, 4]
layers:
  - s: Chunk(2, 1)
  - r: ReLU
    from: s.1
  - c: Conv2d(2, 3, 1)
    from: s.0
  - a: Concat(dim=1)
    from: [r, c]
  - p: MaxPool2d(2, return_indices=True)
  - q: Pad([1, 1])
  - x: Conv2d(5, 8, 1)
  - y: PixelShuffle(2)
  - m: Mean([2, 3], keepdim=True)
"""
    found = report(text).to_dict()["layers"]
    assert [row["output_shape"] for row in found] == [
        [8, 6, 2],
        [8, 6, 2],
        [8, 6, 3],
        [8, 6, 5],
        [4, 3, 5],
        [4, 5, 5],
        [4, 5, 8],
        [8, 10, 2],
        [1, 1, 2],
    ]
    assert found[0]["ports"] == {"0": [8, 6, 2], "1": [8, 6, 2]} and found[4]["ports"] == {"indices": [4, 3, 5]}
    assert found[1]["input_shapes"] == [[8, 6, 2]]
    run = cnncalc.loads(text).run()
    x = run["input"]
    assert np.array_equal(run["s.1"], x[..., 2:]) and np.array_equal(run["r"], np.maximum(x[..., 2:], 0))
    assert asked(text, "s.1.shape", "s.1[7][5]") == [[8, 6, 2], x[0, 7, 5, 2:].tolist()]


@pytest.mark.parametrize(
    ("convention", "line", "count"),
    [
        ("pytorch", "LSTM(10, 20)", 2560),
        ("textbook", "LSTM(10, 20)", 2480),
        ("keras", "LSTM(20)", 2480),
        ("pytorch", "GRU(10, 20)", 1920),
        ("textbook", "GRU(10, 20)", 1860),
        ("keras", "GRU(20)", 1920),
        ("keras", "GRU(20, reset_after=False)", 1860),
    ],
)
def test_2_conventions(convention, line, count):
    assert one(line, "[5, 10]", convention=convention).params == count


def test_2_the_convention_decides_batch_norm_and_same():
    assert one("BatchNorm2d(8)", "[8, 4, 4]").params == 16
    assert one("BatchNormalization", "[4, 4, 8]", convention="keras").params == 32
    assert one("Conv2D(8, 3, strides=2, padding=same)", "[7, 7, 3]", convention="keras").output_shape == (4, 4, 8)
    assert problems("input: [3, 7, 7]\nlayers:\n  - Conv2d(3, 8, 3, stride=2, padding=same)\n")


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("input: [3]\nlayer: [ReLU]\n", "layers"),
        ("input: [3]\nlayers:\n  - Linear(3, 2)\n    nam: x\n", ""),
        ("input: [3]\nlayers:\n  - a: Linear(3, 2)\n    fro: input\n", "from"),
        ("input: [3]\nlayers:\n  - linear: {out_feature: 2}\n", "out_features"),
        ("inputs: {a: {shape: [3], dtyp: int}}\nlayers: [ReLU]\n", "dtype"),
    ],
)
def test_2_an_unknown_key_is_an_error_that_names_the_nearest(text, near):
    found = problems(text)
    assert near in " ".join(found[0].help)


@pytest.mark.parametrize(
    "text",
    [
        "input: [3]\ninput: [4]\nlayers: [ReLU]\n",
        "input: [3]\nlayers:\n  - linear: {out_features: 2, out_features: 3}\n",
        "input: [3]\nlayers: [ReLU]\nexpect: {output.shape: [3], output.shape: [4]}\n",
    ],
)
def test_2_a_duplicate_key_is_an_error(text):
    assert [problem.code for problem in problems(text)] == ["duplicate-key"]


@pytest.mark.parametrize("scalar", ["no", "yes", "on", "off", "012", "1:30"])
def test_2_a_scalar_that_yaml_reads_otherwise_is_an_error(scalar):
    found = problems(f"let: {{n: {scalar}}}\ninput: [3]\nlayers: [ReLU]\n")
    assert (found[0].code, found[0].line, found[0].column) == ("yaml-surprise", 1, 10)


def test_2_output_is_the_last_entrys():
    text = "input: [3]\nlayers:\n  - a: Linear(3, 4)\n  - b: Linear(3, 5)\n    from: input\n"
    assert report(text).output_shape == (5,)


# --- 3: entries ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        "Conv2d(3, 16, kernel_size=3)",
        "conv2d(3, 16, 3)",
        "nn.Conv2d(3, 16, 3)",
        "torch.nn.Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1))",
        "conv_2d(out_channels=16, kernel_size=3)",
        "conv2d: {out_channels: 16, kernel_size: 3}",
        "conv1: Conv2d(3, 16, 3)",
        "conv1: {conv2d: {out_channels: 16, kernel_size: 3}}",
        "Conv2D(in_channels=3, out_channels=16, kernel_size=3)",
    ],
)
def test_3_ways_to_write_an_entry(entry):
    row = report(f"input: [3, 8, 8]\nlayers:\n  - {entry}\n").rows[0]
    assert (row.type, row.output_shape, row.params) == ("Conv2d", (16, 6, 6), 448)
    assert row.name == ("conv1" if entry.startswith("conv1") else "conv2d_1")


def test_3_a_key_that_is_a_type_is_one_unless_its_value_is_an_entry():
    text = (
        "input: [3]\nlayers:\n  - relu: Linear(3, 2)\n  - relu\n  - softmax: {dim: 1}\n  - softplus: {threshold: 20}\n"
    )
    rows = report(text).rows
    assert [(row.name, row.type) for row in rows] == [
        ("relu", "Linear"),
        ("relu_1", "ReLU"),
        ("softmax_1", "Softmax"),
        ("softplus_1", "Softplus"),
    ]


def test_3_an_option_may_be_named_like_a_layer():
    row = report("input: [5, 8]\nlayers:\n  - attention: {scale: none}\n").rows[0]
    assert (row.type, row.params) == ("Attention", 192)


def test_3_capital_d():
    messages = [p.message for p in problems("input: [3, 8, 8]\nlayers:\n  - Conv2D(3, 16, 3)\n")]
    assert len(messages) == 1 and "Keras" in messages[0]
    helps = problems("input: [3, 8, 8]\nlayers:\n  - Conv2D(3, 16, 3)\n")[0].help
    assert any("Conv2d(3, 16, 3)" in text for text in helps) and any("filters=3" in text for text in helps)
    assert "out_channels" in problems("input: [3, 8, 8]\nlayers:\n  - Conv2d(filters=3, kernel_size=3)\n")[0].help[0]


def test_3_what_is_given_is_checked_against_the_shape():
    found = problems("input: [3, 8, 8]\nlayers:\n  - Conv2d(4, 16, 3)\n")
    assert "in_channels=4" in found[0].message and "in_channels=3" in found[0].help[0]
    assert problems("input: [3, 7]\nlayers:\n  - LSTM(6, 4)\n")


FUNCTIONAL = [
    ("Add", ["[3, 5]", "[3, 5]"], [3, 5]),
    ("Add", ["[3, 5]", "[1, 5]"], [3, 5]),
    ("Subtract", ["[3, 5]", "[5]"], [3, 5]),
    ("Multiply", ["[3, 1]", "[3, 5]"], [3, 5]),
    ("Divide", ["[3, 5]", "[3, 5]"], [3, 5]),
    ("Concat(dim=1)", ["[3, 5]", "[4, 5]"], [7, 5]),
    ("Concat(dim=-1)", ["[3, 5]", "[3, 2]"], [3, 7]),
    ("Stack(dim=1)", ["[3, 5]", "[3, 5]"], [2, 3, 5]),
    ("Stack(dim=-1)", ["[3, 5]", "[3, 5]"], [3, 5, 2]),
    ("MatMul", ["[3, 5]", "[5, 2]"], [3, 2]),
    ("MatMul", ["[4, 3, 5]", "[4, 5, 2]"], [4, 3, 2]),
    ("Mean(dim=1)", ["[3, 5]"], [5]),
    ("Mean(dim=-1, keepdim=True)", ["[3, 5]"], [3, 1]),
    ("Mean(dim=[1, 2])", ["[3, 5, 4]"], [4]),
    ("Sum(2)", ["[3, 5]"], [3]),
    ("Select(1, 0)", ["[3, 5]"], [5]),
    ("Select(dim=-1, index=-5)", ["[3, 5]"], [3]),
    ("Slice(1, 1)", ["[3, 5]"], [2, 5]),
    ("Slice(dim=2, start=1, stop=5, step=2)", ["[3, 5]"], [3, 2]),
    ("Slice(-1, stop=-1)", ["[3, 5]"], [3, 4]),
    ("Narrow(2, 1, 3)", ["[3, 5]"], [3, 3]),
    ("IndexSelect(dim=1)", ["[9, 5]", "{shape: [4], dtype: int}"], [4, 5]),
    ("Chunk(2, 2)", ["[3, 5]"], [3, 3]),
    ("Split([2, 3], 2)", ["[3, 5]"], [3, 2]),
    ("Reshape([5, 3])", ["[3, 5]"], [5, 3]),
    ("Reshape(-1)", ["[3, 5]"], [15]),
    ("Reshape([-1, 5, 1])", ["[3, 5]"], [3, 5, 1]),
    ("Permute([0, 2, 1])", ["[3, 5]"], [5, 3]),
    ("Permute(0, 3, 1, 2)", ["[3, 5, 7]"], [7, 3, 5]),
    ("Transpose(1, 2)", ["[3, 5]"], [5, 3]),
    ("Transpose(-2, -1)", ["[2, 3, 5]"], [2, 5, 3]),
    ("Squeeze(1)", ["[1, 5]"], [5]),
    ("Squeeze(2)", ["[1, 5]"], [1, 5]),
    ("Unsqueeze(1)", ["[3, 5]"], [1, 3, 5]),
    ("Unsqueeze(-1)", ["[3, 5]"], [3, 5, 1]),
    ("Expand([4, 3, 5])", ["[1, 5]"], [4, 3, 5]),
    ("Expand(3, -1)", ["[1, 5]"], [3, 5]),
    ("Interpolate(scale_factor=2)", ["[3, 5, 4]"], [3, 10, 8]),
    ("Upsample(size=7)", ["[3, 5, 4]"], [3, 7, 7]),
    ("Pad([1, 2])", ["[3, 5]"], [3, 8]),
    ("Pad([1, 2, 3, 4], mode=constant)", ["[3, 5]"], [10, 8]),
    ("Pad([1, 1], mode=reflect)", ["[3, 5]"], [3, 7]),
    ("GlobalAvgPool", ["[3, 5, 4]"], [3]),
    ("GlobalMaxPool", ["[3, 5, 4]"], [3]),
    ("Scale(0.5)", ["[3, 5]"], [3, 5]),
    ("ScaledDotProductAttention", ["[5, 8]", "[7, 8]", "[7, 3]"], [5, 3]),
    ("PositionalEmbedding(10)", ["[5, 8]"], [5, 8]),
]


@pytest.mark.parametrize(("layer", "inputs", "shape"), FUNCTIONAL)
def test_3_functional_layers(layer, inputs, shape):
    assert list(one(layer, *inputs).output_shape) == shape


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        ("Add", ["[3, 5]", "[3, 4]"]),
        ("Concat(dim=1)", ["[3, 5]", "[3, 4]"]),
        ("Concat(dim=3)", ["[3, 5]", "[3, 5]"]),
        ("Stack", ["[3, 5]", "[3, 4]"]),
        ("MatMul", ["[3, 5]", "[3, 5]"]),
        ("Select(2, 5)", ["[3, 5]"]),
        ("Narrow(2, 3, 3)", ["[3, 5]"]),
        ("Split([2, 2], 2)", ["[3, 5]"]),
        ("Reshape([4, 4])", ["[3, 5]"]),
        ("Reshape([-1, -1])", ["[3, 5]"]),
        ("Permute([0, 1])", ["[3, 5]"]),
        ("Unsqueeze(4)", ["[3, 5]"]),
        ("Expand([4, 5])", ["[3, 5]"]),
        ("Slice(1, step=0)", ["[3, 5]"]),
        ("PositionalEmbedding(4)", ["[5, 8]"]),
        ("Interpolate(scale_factor=2, size=3)", ["[3, 5]"]),
        ("Conv2d(3, 4, 3)", ["[3, 5]"]),
    ],
)
def test_3_functional_layers_refuse(layer, inputs):
    with pytest.raises(cnncalc.SpecError):
        one(layer, *inputs)


def test_3_split_and_chunk_have_ports():
    row = one("Chunk(4, 2)", "[3, 5]")  # pieces of two: three of them, not four
    assert row.to_dict()["ports"] == {"0": [3, 2], "1": [3, 2], "2": [3, 1]}
    assert one("Split(2, 2)", "[3, 5]").to_dict()["ports"] == {"0": [3, 2], "1": [3, 2], "2": [3, 1]}
    text = "input: [3, 5]\nlayers:\n  - s: Split([2, 3], 2)\n  - y: ReLU\n    from: s.1\n"
    assert shapes(text) == [[3, 2], [3, 3]]
    assert "its outputs are" in problems(text.replace("s.1", "s.2"))[0].help[0]


def test_3_a_parameter_takes_no_input_and_broadcasts():
    text = "input: [3, 5]\nlayers:\n  - w: Parameter([5])\n  - y: Add\n    from: [input, w]\n"
    found = report(text)
    assert (found["w"].params, found["w"].sources, found["y"].output_shape) == (5, [], (3, 5))
    assert found["w"].to_dict()["dense_params"] is None
    run = cnncalc.loads(text).run(values={"w.weight": [1, 2, 3, 4, 5], "input": np.zeros((3, 5))})
    assert run["y"].tolist() == [[[1, 2, 3, 4, 5]] * 3]


def test_3_positions_are_added():
    assert one("PositionalEmbedding(10)", "[5, 8]").weights == {"weight": (10, 8)}
    assert one("PositionalEmbedding(10, kind=sinusoidal)", "[5, 8]").params == 0
    run = cnncalc.loads("input: [2, 4]\nlayers:\n  - p: PositionalEmbedding(9, kind=sinusoidal)\n").run(
        values={"input": np.zeros((2, 4))}
    )
    row = [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)]
    assert np.allclose(run["p"][0], [[0, 1, 0, 1], row])


def test_3_numbers_among_the_inputs_broadcast():
    text = """
input: [2]
layers:
  - a: Add(value=2)
    from: [input]
  - b: Subtract
    from: [1, a]
values: {input: [1, 5]}
"""
    assert asked(text, "a.output", "b.output") == [[3.0, 7.0], [-2.0, -6.0]]


def test_3_dot_product_attention():
    row = one("ScaledDotProductAttention", "[2, 5, 8]", "[2, 7, 8]", "[2, 7, 3]")
    assert (row.output_shape, row.macs, row.params) == ((2, 5, 3), 2 * 5 * 7 * (8 + 3), 0)


ATTENTION = [
    ("Attention(8)", [5, 8], {"W_q": [8, 8], "W_k": [8, 8], "W_v": [8, 8]}, [5, 5]),
    ("Attention(8, 2)", [5, 8], {"W_q": [8, 8], "W_k": [8, 8], "W_v": [8, 8]}, [2, 5, 5]),
    ("Attention(8, 1, 3)", [5, 3], {"W_q": [8, 3], "W_k": [8, 3], "W_v": [8, 3]}, [5, 5]),
    ("Attention(8, 2, 3, 5)", [5, 10], {"W_q": [8, 6], "W_k": [8, 6], "W_v": [8, 10]}, [2, 5, 5]),
    ("Attention(8, 4, num_kv_heads=2)", [5, 8], {"W_q": [8, 8], "W_k": [8, 4], "W_v": [8, 4]}, [4, 5, 5]),
    (
        "Attention(8, 2, 3, bias=True, out_proj=True)",
        [5, 8],
        {"W_q": [8, 6], "W_k": [8, 6], "W_v": [8, 6], "b_q": [6], "b_k": [6], "b_v": [6], "W_o": [6, 8], "b_o": [8]},
        [2, 5, 5],
    ),
]


@pytest.mark.parametrize(("line", "shape", "weights", "scores"), ATTENTION)
def test_3_textbook_attention(line, shape, weights, scores):
    row = one(line, "[5, 8]").to_dict()
    assert (row["output_shape"], row["weights"]) == (shape, weights)
    wide = {name: [5, weights[f"W_{name[0]}"][1]] for name in ("query", "key", "value")}
    assert row["ports"] == {**wide, "scores": scores, "attention": scores}


def test_3_cross_attention():
    row = one("Attention(8, 2, kdim=6, vdim=6)", "[5, 8]", "[7, 6]").to_dict()
    assert row["weights"] == {"W_q": [8, 8], "W_k": [6, 8], "W_v": [6, 8]}
    assert row["ports"]["scores"] == [2, 5, 7] and row["ports"]["key"] == [7, 8]
    # queries 5*8*8, keys and values 2*7*6*8, scores and mix 2*5*7*8
    assert row["macs"] == 5 * 64 + 2 * 7 * 48 + 2 * 5 * 7 * 8
    assert one("Attention(8)", "[5, 8]", "[7, 6]").weights["W_k"] == (6, 8)


@pytest.mark.parametrize(("scale", "by"), [("sqrt_dk", 2**0.5), ("sqrt_dmodel", 2), ("none", 1), ("5", 5)])
def test_3_scores_are_scaled_before_the_mask(scale, by):
    text = f"""
input: [2, 4]
layers:
  - a: Attention(4, 1, 2, scale={scale}, causal=True)
values:
  input: [[1, 0, 0, 0], [0, 1, 0, 0]]
  a.W_q: [[6, 0], [0, 6], [0, 0], [0, 0]]
  a.W_k: [[1, 1], [1, 1], [0, 0], [0, 0]]
"""
    scores, weights = asked(text, "a.scores", "a.attention")
    assert np.allclose(scores, 6 / by)
    assert np.allclose(weights, [[1, 0], [0.5, 0.5]])


def test_3_attention_by_hand():
    text = """
input: [2, 2]
layers:
  - a: Attention(2, scale=none)
values:
  input: [[1, 0], [0, 1]]
  a.W_q: [[ln(2), 0], [0, ln(3)]]
  a.W_k: [[1, 0], [0, 1]]
  a.W_v: [[3, 0], [0, 4]]
"""
    weights, output = asked(text, "a.attention", "output")
    assert np.allclose(weights, [[2 / 3, 1 / 3], [1 / 4, 3 / 4]])
    assert np.allclose(output, [[2, 4 / 3], [3 / 4, 3]])


def test_3_attention_window():
    text = "input: [4, 2]\nlayers:\n  - a: Attention(2, window=1)\n"
    weights = np.array(asked(text, "a.attention")[0])
    assert (weights[[0, 0, 3, 3], [2, 3, 0, 1]] == 0).all()


def test_3_attention_rnn():
    row = one("AttentionRNN(2, 3)", "[5, 3]").to_dict()
    assert row["weights"] == {"Q": [3, 3, 3], "K": [3, 3, 3], "V": [3, 3, 3]}
    assert row["ports"] == {"scores": [5, 3], "attention": [5, 3], "h": [5, 3]}
    assert row["macs"] == 5 * (3 * 3 * 9 + 2 * 3 * 3)
    assert one("AttentionRNN(k=all, size=3)", "[5, 3]").weights["Q"] == (2, 3, 3)


def test_3_attention_rnn_by_hand():
    # k = 1, n = 1, all weights 1: at t = 0 the scores are x * x and 0.
    text = """
input: [2, 1]
layers: [r: {AttentionRNN: [1, 1]}]
values: {input: [[1], [2]], r.Q: [[[1]], [[1]]], r.K: [[[1]], [[1]]], r.V: [[[1]], [[1]]]}
"""
    scores, h = asked(text, "r.scores", "r.h")
    first = math.e / (math.e + 1)
    assert np.allclose(scores[0], [1, 0]) and np.allclose(h[0], [first])
    assert np.allclose(scores[1], [4, first * first])


RECURRENT = """
let: {n: 3, m: 2}
input: [4, n]
layers:
  - rnn:
      recurrent:
        state: {h: m}
        weights: {W_c: [m, n], W_h: [m, m], W_x: [m, n]}
        step:
          c: "sigmoid(W_c @ x[t] + W_h @ h[t-1])"
          h: "c * h[t-1] + (1 - c) * (W_x @ x[t])"
          s: "sum(h[t] * h[t-2])"
"""


def test_3_recurrent():
    row = report(RECURRENT)["rnn"]
    assert row.params == 6 + 4 + 6
    assert row.to_dict()["ports"] == {"c": [4, 2], "h": [4, 2], "s": [4]}
    run = cnncalc.loads(RECURRENT).run(seed=1)
    x, weights = run["input"][0], {name: run[f"rnn.{name}"] for name in ("W_c", "W_h", "W_x")}
    h = np.zeros(2)
    for t in range(4):
        c = 1 / (1 + np.exp(-(weights["W_c"] @ x[t] + weights["W_h"] @ h)))
        h = c * h + (1 - c) * (weights["W_x"] @ x[t])
        assert np.allclose(run["rnn"][0, t], h) and np.allclose(run["rnn.c"][0, t], c)
    assert report(RECURRENT + "        output: s\n").output_shape == (4,)


def test_3_repeat_when_share_freeze_expect(cli, write):
    text = """
let: {deep: false}
input: {shape: [5], dtype: int}
layers:
  - table: Embedding(100, 16)
  - fc: Linear(16, 16)
    repeat: 3
  - more: Linear(16, 16)
    when: deep
  - cold: Linear(16, 16)
    freeze: true
    expect: {shape: [5, 16], params: 272}
  - head: Linear(16, 100, bias=False)
    share: table
"""
    found = report(text)
    assert [row.name for row in found] == ["table", "fc.0", "fc.1", "fc.2", "cold", "head"]
    assert (found["head"].params, found["head"].weights, found["head"].macs) == (0, {"weight": (100, 16)}, 8000)
    assert (found["cold"].params, found["cold"].trainable) == (272, 0)
    assert (found.totals.params, found.totals.trainable) == (1600 + 4 * 272, 1600 + 3 * 272)
    assert "all 2 right" in cli("check", write(text)).out
    assert [row.name for row in report(text, deep=True)][4] == "more"
    assert asked(text, "fc.0.params", "fc[0].params", "fc.params", "Linear.params") == [272, 272, 816, 1088]


def test_3_from_names_and_ports():
    text = """
input: [5, 10]
layers:
  - lstm: LSTM(10, 20)
  - last: Linear(20, 3)
    from: lstm.h_n
  - all: Linear(20, 4)
    from: lstm
"""
    assert shapes(text) == [[5, 20], [1, 3], [5, 4]]
    assert "did you mean lstm?" in problems(text.replace("from: lstm\n", "from: lstn\n"))[0].help


# --- 4: expressions ------------------------------------------------------------------------------------------------

PLAIN = """
input: [2, 2]
layers:
  - l: Linear(2, 2)
values: {input: [[1, 2], [3, 4]], l.weight: [[1, 0], [0, 1]], l.bias: [0, 0]}
"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sqrt(16)", 4),
        ("ln(exp(2))", 2),
        ("log(exp(2))", 2),
        ("log2(8)", 3),
        ("floor(2.7) + ceil(2.1)", 5),
        ("min(3, 1, 2) + max([3, 1])", 4),
        ("sum([1, 2, 3])", 6),
        ("abs(-3) + round(2.6)", 6),
        ("sin(0) + cos(0) + tanh(0)", 1),
        ("7 // 2 * 10 + 7 % 3 + 2 ** 3", 39),
        ("3 if 1 > 2 else 4", 4),
        ("[1, 2, 3][1]", 2),
        ("[1, 2, 3][-1:]", [3]),
        ("1 < 2 < 3 and not 2 > 3", True),
        ("[1, 2] == [1, 2]", True),
        ("l.shape", [2, 2]),
        ("l.shape[0] * 3", 6),
        ("l.input_shape", [2, 2]),
        ("l.params", 6),
        ("l.trainable", 6),
        ("l.macs", 8),
        ("l.flops", 16),
        ("l.dense", 20),
        ("l.weight.shape", [2, 2]),
        ("Linear.params", 6),
        ("Conv2d.params", 0),
        ("total.params + total.trainable + total.macs + total.dense", 40),
        ("input.shape", [2, 2]),
        ("output.shape", [2, 2]),
        ("input", [[1, 2], [3, 4]]),
        ("output", [[1, 2], [3, 4]]),
        ("l.output[1]", [3, 4]),
        ("l.output[1, 0]", 3),
        ("l.weight", [[1, 0], [0, 1]]),
        ("input * input + 1", [[2, 5], [10, 17]]),
        ("input @ input", [[7, 10], [15, 22]]),
        ("sqrt(input)[1][1]", 2),
        ("ln(exp(input))", [[1, 2], [3, 4]]),
        ("log2(input)[1]", [math.log2(3), 2]),
        ("sum(input)", 10),
        ("min(input)", 1),
        ("max(input)", 4),
        ("abs(0 - input)", [[1, 2], [3, 4]]),
        ("input > 2", [[False, False], [True, True]]),
        ("input == output", True),
        ("input == [[1, 2], [3, 5]]", False),
        ("rank(input)", 2),
        ("rank([[1, 2], [2, 4]])", 1),
        ("equal(input, output + 1e-10)", True),
        ("equal(input, output + 1e-8)", False),
    ],
)
def test_4_expressions(expression, value):
    (found,) = asked(PLAIN, expression)
    if isinstance(value, list):
        assert np.allclose(np.array(found, dtype=float), np.array(value, dtype=float))
    else:
        assert type(found) is bool or not isinstance(value, bool)
        assert found == pytest.approx(value)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "().__class__",
        "[x for x in [1]]",
        "lambda: 1",
        "open('x')",
        "10 ** 10 ** 10",
        "9 ** 9 ** 9 ** 9",
        "[0] * 10 ** 9",
        "'a' * 10 ** 9",
        "l.__class__",
        "l.weight.tolist()",
        "1 / 0",
        "sqrt(0 - 1)",
        "1 +",
        "",
        "nosuch.params",
        "l.parms",
        "l.weight[5]",
    ],
)
def test_4_nothing_else_can_be_reached(expression):
    with pytest.raises(cnncalc.SpecError):
        asked(PLAIN, expression)


def test_4_receptive_fields():
    text = (
        "input: [1, 32, 32]\nlayers:\n  - a: Conv2d(1, 1, 3)\n  - p: MaxPool2d(2)\n  - b: Conv2d(1, 1, 3, dilation=2)\n"
    )
    assert asked(text, "a.receptive_field", "p.receptive_field", "b.receptive_field") == [3, 4, 12]
    text = "input: [1, 32, 32]\nlayers:\n  - a: Conv2d(1, 1, (3, 5))\n"
    assert asked(text, "a.receptive_field") == [[3, 5]]


@pytest.mark.parametrize(
    ("ask", "expected", "holds"),
    [
        ("0.02571", "2.57%", True),
        ("0.02576", "2.57%", False),
        ("0.505", "51%", True),
        ("22.947", "22.9", True),
        ("22.96", "22.9", False),
        ("1/3", "0.333", True),
        ("2/3", "0.666", False),
        ("2/3", "0.667", True),
        ("2/3", "66.7%", True),
        ("6.0000000001", "6", True),
        ("6.00000001", "6", False),
        ("149.33", "149", False),
        ("l.params", "6", True),
        ("l.params", "7", False),
        ("25557032", "25,557,032", True),
        ("25557032", "25_557_032", True),
        ("25557032", "25.6M", True),
        ("25557032", "25.5M", False),
        ("123456", "1.2e5", True),
        ("l.shape", "[2, 2]", True),
        ("l.shape", "2x2", True),
        ("l.shape", "(2, 2)", True),
        ("l.shape", "[2, 3]", False),
        ("l.params == 6", "true", True),
        ("l.params > 6", "false", True),
        ("l.params > 6", "true", False),
        ("sqrt(2)", '"2 ** 0.5"', True),
        ("sqrt(2)", '"sqrt(3)"', False),
        ("l.params", '"2 * 2 + 2"', True),
        ("output", "[[1, 2], [3, 4]]", True),
        ("output", "[[[1, 2], [3, 4]]]", True),
        ("[[1, 2]]", "[1, 2]", True),
        ("output / 3", "[[0.333, 0.667], [1.000, 1.333]]", True),
        ("output / 3", "[[0.333, 0.667], [1.000, 1.334]]", False),
        ("[0.25, 2/3]", '["1/4", "2/3"]', True),
    ],
)
def test_4_expected_values(cli, write, ask, expected, holds):
    net = write(f"{PLAIN}expect:\n  {json.dumps(ask)}: {expected}\n")
    from cnncalc.grading.check import check

    network = cnncalc.loads(f"{PLAIN}expect:\n  {json.dumps(ask)}: {expected}\n")
    (result,) = check(network, network.report())
    assert result.ok is holds, net


# --- 5: structure --------------------------------------------------------------------------------------------------


def test_5_groups():
    text = """
input: [4, 6, 6]
layers:
  - head:
      sequential:
        - Conv2d(4, 8, 1)
        - ReLU
  - residual: [Conv2d(8, 8, 3, padding=1)]
  - down:
      residual: [Conv2d(8, 16, 3, padding=1, stride=2)]
      shortcut: [Conv2d(8, 16, 1, stride=2)]
  - parallel: [[Conv2d(16, 5, 1)], [MaxPool2d(3, 1, 1)], []]
"""
    found = report(text)
    assert found.output_shape == (5 + 16 + 16, 3, 3)
    assert asked(text, "head.params", "head.shape", "down.params") == [40, [8, 6, 6], 1168 + 144]
    sums = [row for row in found if row.type == "Add"]
    assert [len(row.sources) for row in sums] == [2, 2]


@pytest.mark.parametrize(
    ("merge", "shape"),
    [
        ("merge: concat", [10, 6, 6]),
        ("merge: concat\n    dim: 2", [5, 12, 6]),
        ("merge: add", [5, 6, 6]),
        ("merge: multiply", [5, 6, 6]),
        ("merge: stack", [2, 5, 6, 6]),
    ],
)
def test_5_merges(merge, shape):
    text = f"input: [4, 6, 6]\nlayers:\n  - parallel: [[Conv2d(4, 5, 1)], [Conv2d(4, 5, 1)]]\n    {merge}\n"
    assert list(report(text).output_shape) == shape


def test_5_a_block_with_parameters():
    text = """
input: [64, 8, 8]
define:
  bottleneck(width, stride=1):
    - residual:
        - conv1: Conv2d(out_channels=width, kernel_size=1, bias=False)
        - BatchNorm2d
        - ReLU
        - Conv2d(out_channels=4 * width, kernel_size=1, stride=stride, bias=False)
      shortcut:
        - Conv2d(out_channels=4 * width, kernel_size=1, stride=stride, bias=False)
layers:
  - layer1: bottleneck(width=64)
    repeat: 3
  - bottleneck(32, 2)
  - bottleneck: {width: 16}
"""
    assert report(text).output_shape == (64, 4, 4)
    values = asked(
        text, "layer1.0.conv1.params", "layer1[2].conv1.weight.shape", "layer1.1.shape", "bottleneck_1.shape"
    )
    assert values == [64 * 64, [64, 256, 1, 1], [256, 8, 8], [128, 4, 4]]
    assert "width" in problems(text.replace("bottleneck(32, 2)", "bottleneck()"))[0].message


def test_5_repeats_of_groups():
    for group in (
        "sequential: [Linear(3, 3)]",
        "residual: [Linear(3, 3)]",
        "parallel: [[Linear(3, 3)], []]\n    merge: add",
    ):
        assert report(f"input: [3]\nlayers:\n  - {group}\n    repeat: 4\n").totals.params == 48


# --- 6: JSON and Python --------------------------------------------------------------------------------------------

ROW = {"name", "type", "from", "input_shapes", "output_shape", "weights", "params", "trainable", "macs", "dense_params"}


@pytest.mark.parametrize("command", ["shapes", "params", "cost"])
def test_6_one_document(cli, write, command):
    done = cli(command, write(SECTION), "--format", "json")
    document = done.json
    assert (done.status, done.err) == (0, "")
    assert {"name", "inputs", "layers", "output_shape", "totals"} <= set(document)
    assert document["name"] == "section-09" and document["inputs"] == {"input": [3, 64, 64]}
    assert all(set(row) >= ROW for row in document["layers"])
    first = {key: document["layers"][0][key] for key in ROW}
    assert first == {
        "name": "conv1",
        "type": "Conv2d",
        "from": ["input"],
        "input_shapes": [[3, 64, 64]],
        "output_shape": [16, 64, 64],
        "weights": {"weight": [16, 3, 3, 3], "bias": [16]},
        "params": 448,
        "trainable": 448,
        "macs": 1769472,
        "dense_params": 805371904,
    }
    pool = document["layers"][1]
    assert (pool["weights"], pool["params"], pool["dense_params"]) == ({}, 0, None)
    totals = document["totals"]
    assert (totals["params"], totals["trainable"], totals["macs"]) == (293098, 293098, 1769472 + 4147200 + 288000)
    assert totals["dense_params"] == 805371904 + 471888000 + 288010
    assert document["output_shape"] == [10]


def test_6_dense_without_biases_and_buffers_and_ports():
    row = one("Conv2d(1, 3, 5, bias=False)", "[1, 32, 32]").to_dict()
    assert row["dense_params"] == 1024 * 2352
    assert one("Conv2d(1, 3, 5)", "[1, 32, 32]").to_dict()["dense_params"] == 2_410_800
    norm = one("BatchNorm2d(8)", "[8, 4, 4]").to_dict()
    assert norm["buffers"] == {"running_mean": [8], "running_var": [8], "num_batches_tracked": []}
    assert norm["weights"] == {"weight": [8], "bias": [8]} and norm["params"] == 16
    assert one("LSTM(10, 20)", "[5, 10]").to_dict()["ports"] == {"h_n": [1, 20], "c_n": [1, 20]}


@pytest.mark.parametrize("command", ["shapes", "params", "cost"])
def test_6_executed(cli, write, command):
    done = cli(command, write(SECTION), "--execute", "--format", "json")
    assert done.status == 0
    assert done.json["executed"]["confirmed"] is True
    assert [row["executed_shape"] for row in done.json["layers"]] == [
        row["output_shape"] for row in done.json["layers"]
    ]


def test_6_check(cli, write):
    done = cli("check", write(SECTION.replace("448", "432")), "--format", "json")
    document = done.json
    assert (done.status, document["passed"], document["failed"]) == (1, 2, 1)
    wrong = document["results"][1]
    assert (wrong["ask"], wrong["expected"], wrong["actual"], wrong["ok"]) == ("conv1.params", 432, 448, False)
    assert "bias" in wrong["diagnosis"]
    assert [result["ok"] for result in document["results"]] == [True, False, True]


def test_6_ask(cli, write):
    done = cli("ask", write(SECTION), "conv1.params", "conv1.shape", "--format", "json")
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"ask": "conv1.params", "value": 448},
        {"ask": "conv1.shape", "value": [16, 64, 64]},
    ]


def test_6_solve(cli, write):
    net = write("let: {k: 3, p: 1}\ninput: [3, 32, 32]\nlayers:\n  - c: Conv2d(3, 8, k, padding=p)\n")
    want = "c.shape == [8, 32, 32]"
    done = cli("solve", net, "k=1..7", "p=0..3", "--want", want, "--format", "json")
    found = done.json
    assert (done.status, found["tried"]) == (0, 28)
    assert sorted((s["k"], s["p"]) for s in found["solutions"]) == [(1, 0), (3, 1), (5, 2), (7, 3)]
    none = cli("solve", net, "k=2..2", "p=0..3", "--want", want, "--format", "json")
    assert (none.status, none.json["solutions"], none.json["tried"]) == (1, [], 4)
    # kernels that do not fit make no valid network, and count as tried
    odd = cli("solve", net, "k=31..40", "p=0", "--want", "c.shape[1] == 1", "--format", "json").json
    assert (odd["solutions"], odd["tried"]) == ([{"k": 32, "p": 0}], 10)


def test_6_compare(cli):
    document = cli("compare", "vgg16", "resnet50", "--format", "json").json
    assert (document["a"]["params"], document["b"]["params"]) == (138_357_544, 25_557_032)
    assert document["ratio"]["params"] == pytest.approx(138_357_544 / 25_557_032)
    assert document["ratio"]["macs"] == pytest.approx(document["a"]["macs"] / document["b"]["macs"])
    assert isinstance(document["layers"], list)


def test_6_python(tmp_path):
    (tmp_path / "net.yaml").write_text(SECTION)
    for network in (
        cnncalc.load(str(tmp_path / "net.yaml")),
        cnncalc.loads(SECTION),
        cnncalc.from_dict(
            {
                "name": "section-09",
                "input": [3, 64, 64],
                "layers": [
                    {"conv1": "Conv2d(3, 16, kernel_size=3, padding=1)"},
                    {"pool1": "MaxPool2d(2)"},
                    {"conv2d": {"out_channels": 32, "kernel_size": 3}, "name": "conv2"},
                    "Flatten",
                    {"fc": "Linear(out_features=10)"},
                ],
            }
        ),
    ):
        found = network.report()
        assert found.to_dict()["totals"]["params"] == found.totals.params == 293098
        assert tuple(found["conv1"].output_shape) == (16, 64, 64)
        run = network.run(seed=0)
        assert run["conv1"].shape == (1, 16, 64, 64) and run["fc"].shape == (1, 10)
        assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    with pytest.raises(cnncalc.SpecError) as error:
        cnncalc.loads("input: [3]\nlayers:\n  - Linear(4, 2)\n").report()
    (problem,) = error.value.problems
    assert (problem.code, problem.line, problem.column) == ("input-contradicts", 3, 12)
    assert problem.message and problem.help


# --- 7: commands, statuses, streams --------------------------------------------------------------------------------

COMMANDS = {
    "shapes": [],
    "params": [],
    "cost": [],
    "explain": [],
    "check": [],
    "ask": ["conv1.params"],
    "compare": ["lenet5"],
    "solve": ["k=3", "--want", "conv1.params == 448"],
    "run": [],
    "draw": [],
}
BROKEN = "let: {k: 3}\ninput: [3, 8, 8]\nlayers:\n  - conv1: Conv2d(3, 16, k)\n  - conv2: Conv2d(16, 8, 9)\n  - ReLU\n"
WHOLE = SECTION.replace("kernel_size=3, padding=1", "kernel_size=k, padding=1") + "let: {k: 3}\n"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("format", FORMATS)
def test_7_formats_of_every_command(cli, write, command, format):
    done = cli(command, write(WHOLE), *COMMANDS[command], "--format", format)
    assert (done.status, done.err) == (0, "")
    assert done.out.strip() and "\x1b" not in done.out
    if format == "json":
        [json.loads(line) for line in done.out.splitlines()] if command == "ask" else json.loads(done.out)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "options",
    [["--batch", "4"], ["--execute"], ["--seed", "7"], ["--depth", "1"], ["--set", "k=3"]],
    ids=lambda o: o[0],
)
def test_7_common_options_of_every_command(cli, write, command, options):
    done = cli(command, write(WHOLE), *COMMANDS[command], *options)
    assert done.status == 0, done.err


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "solve"])
def test_7_a_wrong_spec_is_status_2(cli, write, command):
    done = cli(command, write(BROKEN), *COMMANDS[command])
    assert done.status == 2
    assert done.err.count("error[") == 1
    assert "net.yaml:5:26" in done.err and "  - conv2: Conv2d(16, 8, 9)" in done.err
    if command == "shapes":
        assert "conv1" in done.out and "(N, 16, 6, 6)" in done.out and "conv2" not in done.out
    else:
        assert done.out == ""


def test_7_one_diagnostic_a_mistake(cli, write):
    text = "input: [3]\nlayers:\n  - Linaer(3, 2)\n  - linear: {out_featurs: 2}\n  - relu:\n    frm: input\n"
    done = cli("params", write(text))
    assert done.status == 2 and done.out == ""
    places = re.findall(r"--> net\.yaml:(\d+):(\d+)", done.err)
    assert places == [("3", "5"), ("4", "14"), ("6", "5")]
    assert done.err.count("error[") == 3


@pytest.mark.parametrize("command", COMMANDS)
def test_7_a_wrong_call_is_status_2(cli, command):
    for argv in ([command], [command, "nosuchnet", *COMMANDS[command]], [command, "lenet5", "--nosuch"]):
        done = cli(*argv)
        assert (done.status, done.out) == (2, "") and "error[" in done.err


def test_7_status_1(cli, write):
    assert cli("check", write(SECTION.replace("448", "449"))).status == 1
    assert cli("solve", write(WHOLE), "k=1..3", "--want", "conv1.params == 1").status == 1


def test_7_refused_for_its_size(cli):
    done = cli("shapes", "3x100000x100000 -> Conv2d(3, 64, 3)", "--execute")
    assert (done.status, done.out) == (2, "") and "error[" in done.err


def test_7_batch_and_depth(cli):
    assert "(8, 6, 28, 28)" in cli("shapes", "lenet5", "--batch", "8").out
    folded, whole = cli("shapes", "resnet50", "--depth", "1").out, cli("shapes", "resnet50").out
    assert len(folded.splitlines()) < 30 < len(whole.splitlines())


def test_7_no_colour_and_no_cut_lines(cli, write):
    name = "a" * 300
    done = cli("shapes", write(f"input: [3]\nlayers:\n  - {name}: Linear(3, 2)\n"))
    assert name in done.out and "\x1b" not in done.out + done.err
    wrong = cli("shapes", write(f"input: [3]\nlayers:\n  - {name}: Linear(4, 2)\n"))
    assert name in wrong.err and "\x1b" not in wrong.err


# --- 8: what people type -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["[3, 64, 64]", "3x64x64", "3×64×64", "(3, 64, 64)", "3@64x64"])
def test_8_shapes(cli, write, shape):
    text = f"input: {shape}\nlayers:\n  - c: Conv2d(3, 3, 1)\nexpect:\n  c.shape: {shape}\n"
    done = cli("check", write(text))
    assert (done.status, done.err) == (0, "")
    assert cli("shapes", write("input: [1, 1, 1]\nlayers: [ReLU]\n"), "--input", shape).status == 0
    assert cli("shapes", f"{shape} -> ReLU", "--format", "json").json["output_shape"] == [3, 64, 64]


@pytest.mark.parametrize(
    "layers",
    [
        "[Conv2d(3, 16, 3), ReLU]",
        "[{c: Conv2d(3, 16, 3)}, ReLU]",
        "[{conv2d: {out_channels: 16, kernel_size: (3, 3)}}, ReLU]",
    ],
)
def test_8_what_yaml_cut_is_put_together(layers):
    assert shapes(f"input: [3, 8, 8]\nlayers: {layers}\n") == [[16, 6, 6], [16, 6, 6]]


def test_8_channels_last_by_mistake_is_questioned(cli, write):
    done = cli("shapes", write("input: [32, 32, 3]\nlayers:\n  - Conv2d(out_channels=8, kernel_size=3)\n"))
    assert done.status == 0 and "warning" in done.err and "channels_last" in done.err
    assert cli("shapes", write("input: [3, 32, 32]\nlayers:\n  - Conv2d(out_channels=8, kernel_size=3)\n")).err == ""


def test_8_a_cut_chain_never_waits(cli):
    done = cli("shapes", "3x64x64", "-")
    assert done.status == 2 and "quotes" in done.err


def test_8_an_unknown_name_in_expect_is_an_error(cli, write):
    done = cli("check", write("input: [3]\nlayers:\n  - fc: Linear(3, 2)\nexpect:\n  cf.params: 8\n"))
    assert (done.status, done.out) == (2, "") and "fc" in done.err


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("CONV3-8", "Conv2d(out_channels=8, kernel_size=3)"),
        ("CONV-5-8", "Conv2d(out_channels=8, kernel_size=5)"),
        ("POOL-2", "MaxPool2d(2)"),
        ("FC-10", "Linear(out_features=10)"),
        ("3x3 conv, 64, /2", "Conv2d(out_channels=64, kernel_size=3, stride=2)"),
    ],
)
def test_8_the_notation_of_course_sheets(typed, right):
    (problem,) = problems(f"input: [3, 8, 8]\nlayers:\n  - {typed}\n")
    assert (problem.line, problem.column, problem.help) == (3, 5, (f"write {right}",))


def test_8_a_pasted_class_is_not_run():
    text = """
input: [3, 32, 32]
layers: |
  class Net(nn.Module):
      def __init__(self):
          self.conv1 = nn.Conv2d(3, 6, 5)
          self.fc = nn.Linear(10, 5)
      def forward(self, x):
          return self.fc(F.relu(self.conv1(x)))
"""
    (problem,) = problems(text)
    assert (problem.code, problem.line, problem.column) == ("python-line", 4, 3)
    assert problem.help[1:] == ("- conv1: nn.Conv2d(3, 6, 5)", "- fc: nn.Linear(10, 5)")


def test_8_a_pasted_sequential_may_have_comments():
    text = """
input: [3, 32, 32]
layers: |
  nn.Sequential(
    nn.Conv2d(3, 6, 5),  # first
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(4704, 10),
  )
"""
    assert shapes(text) == [[6, 28, 28], [6, 28, 28], [4704], [10]]


def test_8_a_printed_model_is_read_in_its_order():
    text = """
input: [3, 32, 32]
layers: |
  Net(
    (conv1): Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1))
    (body): Sequential(
      (0): ReLU(inplace=True)
      (1): Flatten(start_dim=1, end_dim=-1)
    )
    (fc): Linear(in_features=4704, out_features=10, bias=True)
  )
"""
    network = cnncalc.loads(text)
    found = network.report()
    assert [(row.name, row.params) for row in found] == [("conv1", 456), ("body.0", 0), ("body.1", 0), ("fc", 47050)]
    assert [note.code for note in network.notes] == ["printed-model"]


def test_8_a_wrong_line_of_a_block_text_is_pointed_at():
    (problem,) = problems("input: [3, 8, 8]\nlayers: |\n  a: Conv2d(3, 6, 3)\n  b: Conv2d(7, 6, 3)\n")
    assert (problem.code, problem.line, problem.column) == ("input-contradicts", 4, 13)


@pytest.mark.parametrize("call", ["Linear(4, 3)", "Tanh", "block(3)", "{linear: {out_features: 3}}"])
def test_3_a_layer_may_be_called_net(call):
    # `net` with the name of a spec is another spec as a block; with a layer it is a name like any other.
    text = f'input: [4]\ndefine:\n  block(n): ["Linear(4, n)"]\nlayers:\n  - net: {call}\n'
    assert shapes(text)[0] == [4 if call == "Tanh" else 3]
