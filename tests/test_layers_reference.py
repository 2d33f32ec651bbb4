"""The reference of layers: an example of every type that runs, and what is said of a type is what its rules say."""

from __future__ import annotations

import json
from math import prod

import pytest

import cnncalc
from cnncalc import layers
from cnncalc.pages import layers as page

KINDS = [(name, family, convention) for convention in ("pytorch", "keras") for name, family in page.kinds(convention)]


def test_every_type_is_there():
    assert [name for name, _, convention in KINDS if convention == "pytorch"] == layers.names()
    assert len(KINDS) > 250


@pytest.mark.parametrize(("name", "family", "convention"), KINDS, ids=lambda value: value)
def test_the_example_runs(name, family, convention):
    text = page.example(name, convention)
    network = cnncalc.loads(text, name) if "\n" in text else cnncalc.load(text)
    row = page.example_row(name, text)
    assert row.type == name
    run = network.run()
    assert run.confirmed, run.differences
    assert network.notes == []


@pytest.mark.parametrize(("name", "family", "convention"), KINDS, ids=lambda value: value)
def test_all_is_said(name, family, convention):
    found = page.reference(name, family, convention)
    row = page.example_row(name, found.example)
    assert [weight for weight, _ in found.weights] == list(row.weights)
    assert [len(sizes) for _, sizes in found.weights] == [len(shape) for shape in row.weights.values()]
    assert [buffer for buffer, _ in found.buffers] == list(row.buffers)
    assert [port for port, _ in found.ports] == list(row.ports)
    assert found.help[0].endswith(".")
    assert found.source.endswith(".")
    for line in found.lines:
        if line.left == "params":
            counted = [*row.weights.values(), *(row.buffers.values() if convention == "keras" else ())]
            assert line.value == sum(map(prod, counted))
    said = {option["name"]: option["help"] for option in page.data([found])["layers"][0]["options"]}
    kind = layers.find(name, convention)
    assert kind is not None
    assert set(said) == {option.name for option in kind.options.values() if not option.ignored}
    assert all(said.values())


CONV = """\
Conv1d

Slide filters along a sequence [channels, length].

Conv1d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, \
padding_mode="zeros")

input [C_in, L], output [C_out, L_out]
"""
END = """\
array   name    shape
------  ------  ------------------
weight  weight  [C_out, C_in/G, K]
weight  bias    [C_out]

L_out = ⌊(L + 2·P − D·(K−1) − 1)/S⌋ + 1
params = K·(C_in/G)·C_out + C_out
macs = K·(C_in/G)·C_out·L_out

example:

cnncalc shapes "8x32 -> Conv1d(8, 16, 3, stride=2, padding=1)"

source: PyTorch, torch.nn.Conv1d.
"""


@pytest.mark.parametrize("name", ["conv1d", "Conv1d", "nn.Conv1d", "conv_1d"])
def test_a_page(call, name):
    status, out, err = call("layers", name)
    assert (status, err) == (0, "")
    assert out.startswith(CONV) and out.endswith("\n" + END)
    assert 'padding_mode          "zeros"' in out


# Published or by hand: the formulas that textbooks give.
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("multihead_attention", "params = 4·E² + 4·E"),
        ("LSTM", "params = 4·H·I + 4·H² + 8·H"),
        ("GRU", "params = 3·H·I + 3·H² + 6·H"),
        ("Linear", "params = F_in·F_out + F_out"),
        ("BatchNorm2d", "params = 2·C"),
        ("Embedding", "params = V·E"),
        ("ConvTranspose1d", "L_out = (L−1)·S − 2·P + D·(K−1) + P_out + 1"),
        ("AttentionRNN", "params = 3·(k+1)·n²"),
        ("PixelShuffle", "C_out = C/R²"),
    ],
)
def test_formulas(call, name, line):
    assert f"\n{line}\n" in call("layers", name)[1]


def test_the_list(call):
    status, out, _ = call("layers")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[2:-2]] == layers.names()
    assert "Dense" in [line.split()[0] for line in call("layers", "--convention", "keras")[1].splitlines()[:-1] if line]


def test_the_document(call):
    (found,) = json.loads(call("layers", "conv2d", "--json")[1])["layers"]
    assert found["name"] == "Conv2d"
    assert found["weights"] == {"weight": ["C_out", "C_in/G", "K", "K"], "bias": ["C_out"]}
    stride = next(option for option in found["options"] if option["name"] == "stride")
    assert (stride["default"], stride["symbol"], stride["required"]) == (1, "S", False)
    kernel = next(option for option in found["options"] if option["name"] == "kernel_size")
    assert (kernel["default"], kernel["required"]) == (None, True)
    assert found["formulas"][0]["symbols"] == "⌊(H + 2·P − D·(K−1) − 1)/S⌋ + 1"
    assert len(json.loads(call("layers", "--json", "--convention", "keras")[1])["layers"]) == 84


@pytest.mark.parametrize(
    ("argv", "err"),
    [
        (("condv2",), 'there is no layer type "condv2"\nhelp: did you mean Conv2d?\n'),
        (
            ("Rescaling",),
            'there is no layer type "Rescaling"\n'
            "help: it is one of keras: cnncalc layers Rescaling --convention keras\n",
        ),
    ],
)
def test_unknown_layers(call, argv, err):
    assert call("layers", *argv) == (2, "", f"error[unknown-layer]: {err}")


def test_an_equation_with_an_arrow_is_no_chain():
    text = 'inputs: {a: [2, 3], b: [3, 4]}\nlayers:\n  - out: Einsum("bij,bjk->bik")\n    from: [a, b]\n'
    assert cnncalc.loads(text).report().output_shape == (2, 4)
