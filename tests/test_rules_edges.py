"""The edges of the layers' rules: sizes at which a rule turns, and the whole of what a refusal says.

Shapes and refusals are PyTorch's (2.13), unless a line says whose they are; sums are worked out by hand.
"""

from __future__ import annotations

import ast
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from rows import each

import cnncalc
from cnncalc import layers
from cnncalc.core import window
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.core.term import leaf
from cnncalc.execute.integer_inputs import limits
from cnncalc.expression import Expression, parse_call, value_of
from cnncalc.layers import find, names
from cnncalc.layers.resample import scaled
from cnncalc.layers.sequence import divide_heads

Shape = tuple[int, ...]
DATA = Path(__file__).parent / "data" / "rule_edges.jsonl"


def made(text: str) -> Layer:
    """The layer that a call makes; layers may stand in it."""
    call = parse_call(text)
    assert call is not None
    kind = find(call.name)
    assert kind is not None, f"there is no layer {call.name}"
    return kind.bind([value(arg) for arg in call.args], {name: value(arg) for name, arg in call.kwargs})


def value(arg: Expression) -> Any:
    return made(arg.text) if isinstance(arg.tree, ast.Call) else value_of(arg, {}, words=True)


def batch(samples: tuple[Shape, ...]) -> tuple[Shape, ...]:
    return tuple((1, *sample) for sample in samples)


def shape(text: str, *samples: Shape) -> Shape:
    """The output's shape for inputs without the batch axis."""
    layer, xs = made(text), batch(samples)
    layer.accept(xs)
    out = layer.shape(*xs)
    assert out[0] == 1  # the batch
    return tuple(out[1:])


def weights(text: str, *samples: Shape) -> dict[str, Shape]:
    return {weight.name: tuple(weight.shape) for weight in made(text).weights(*batch(samples))}


def ports(text: str, *samples: Shape) -> dict[str, Shape]:
    found = made(text).ports(*batch(samples))
    assert all(port[0] == 1 for port in found.values())  # the batch
    return {name: tuple(port[1:]) for name, port in found.items()}


def macs(text: str, *samples: Shape) -> dict[str, int]:
    layer, xs = made(text), batch(samples)
    return dict(layer.macs(layer.shape(*xs), *xs))


def refusal(text: str, *samples: Shape) -> tuple[str, str | None, tuple[str, ...]]:
    """What is said, of which option, and the help."""
    with pytest.raises(Fault) as caught:
        shape(text, *samples)
    return caught.value.message, caught.value.option, caught.value.help


# A call a line, with inputs of one sample: the output's shape, or the refusal.
CASES: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


@each(CASES, lambda case: f"{case['call']} of {case['inputs']}")
def test_edges(case: dict[str, Any]) -> None:
    samples = [tuple(sample) for sample in case["inputs"]]
    if "shape" in case:
        assert list(shape(case["call"], *samples)) == case["shape"]
        if "weights" in case:
            assert {name: list(size) for name, size in weights(case["call"], *samples).items()} == case["weights"]
    else:
        message, option, help = refusal(case["call"], *samples)
        assert (message, option, list(help)) == (case["message"], case["option"], case["help"])


def test_there_are_edges() -> None:
    assert len(CASES) > 150
    assert {True, False} == {"shape" in case for case in CASES}


# --- windows -------------------------------------------------------------------------------------------------------


class Slides:
    """What the arithmetic of windows asks of a layer."""

    def __init__(self, kernel: int, stride: int, dilation: int, before: int, after: int) -> None:
        self.kernel_size, self.stride, self.dilation = (kernel,), (stride,), (dilation,)
        self.padding = ((before, after),)


def test_what_no_window_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The positions that windows read are written down one by one; beyond the bound none is said to be left out."""
    monkeypatch.setattr(window, "MOST_LOOKED_AT", 16)
    seen = set()
    for size in range(1, 15):
        for kernel, stride, dilation in ((k, s, d) for k in (1, 2, 3, 4) for s in (1, 2, 3, 5) for d in (1, 2, 3)):
            for before, after in ((0, 0), (1, 0), (0, 2), (3, 1)):
                for over in (0, 1):  # a window more, which hangs over the end
                    room = size + before + after - dilation * (kernel - 1) - 1
                    if room < 0:
                        continue
                    count = room // stride + 1 + over
                    starts = [at * stride - before for at in range(count)]
                    read = {start + tap * dilation for start in starts for tap in range(kernel)}
                    wanted = len(set(range(size)) - read)
                    end = (count - 1) * stride + dilation * (kernel - 1) + 1
                    if dilation > 1 and max(size + before + after, end, kernel * count) > 16:
                        seen.add(wanted > 0)
                        wanted = 0
                    layer: Any = Slides(kernel, stride, dilation, before, after)
                    assert window.unread(layer, (size,), (count,)) == (wanted,), (size, vars(layer), count)
    assert seen == {False, True}


def test_how_many_positions_are_looked_at() -> None:
    every_other: Any = Slides(1, 2, 2, 0, 0)
    assert window.unread(every_other, (10_000_000,), (5_000_000,)) == (5_000_000,)
    assert window.unread(every_other, (10_000_001,), (5_000_001,)) == (0,)


@pytest.mark.parametrize(
    ("word", "size", "kernel", "stride", "expected"),
    [
        # TensorFlow's guide to padding: max((⌈size / stride⌉ − 1) * stride + kernel − size, 0) in all
        ("same_upper", 5, 1, 3, (0, 0)),
        ("same_upper", 5, 2, 2, (0, 1)),
        ("same_upper", 6, 5, 2, (1, 2)),
        ("same_lower", 6, 5, 2, (2, 1)),
        ("same", 6, 4, 1, (1, 2)),
        ("causal", 6, 4, 1, (3, 0)),
        ("valid", 6, 4, 1, (0, 0)),
    ],
)
def test_words_for_padding(word: str, size: int, kernel: int, stride: int, expected: tuple[int, int]) -> None:
    layer = made(f"Conv1d(1, 1, {kernel}, stride={stride}, padding={word})")
    assert window.pads(layer, (size,)) == (expected,)


# --- options -------------------------------------------------------------------------------------------------------

# PyTorch's signatures, grouped; layers that PyTorch does not have, and options beside them, as `cnncalc layers` says.
OPTIONS: dict[str, Any] = json.loads((DATA.parent / "rule_options.json").read_text("utf-8"))


def by_layer(table: dict[str, Any]) -> dict[str, Any]:
    """The table with a row for each layer."""
    return {name: value for group, value in table.items() for name in group.split()}


@each(names(), str)
def test_defaults_positions_and_what_happens_to_axes(name: str) -> None:
    kind = find(name)
    assert kind is not None
    given = {
        option.name: option.default
        for option in kind.options.values()
        if not (option.ignored or option.required or option.inferred or option.default is None)
    }
    assert given == by_layer(OPTIONS["defaults"]).get(name, {})
    alone = sorted(option.name for option in kind.options.values() if option.keyword_only)
    assert alone == by_layer(OPTIONS["keyword_only"]).get(name, [])
    for what in ("elementwise", "keeps_axes", "integers"):
        assert getattr(kind, what, False) is (name in OPTIONS[what].split())


def test_the_registry() -> None:
    registry = layers
    for _ in range(2):  # the second time it is remembered
        assert registry.fold("torch.nn.Max_Pool2d") == "maxpool2d"
        found = registry.find("nn.max_pool2d")
        assert found is not None and found.__name__ == "MaxPool2d"
        assert found.__module__ == "cnncalc.layers.pool"
        dense = registry.find("Dense", "keras")
        assert dense is not None and dense.__module__ == "cnncalc.layers.keras.core"
        plain = registry.find("Dense")
        assert plain is not None and plain.__name__ == "Linear"
        mine = registry.find("Conv2d", "pytorch")
        assert mine is not None and mine.__module__ == "cnncalc.layers.conv"
        assert registry.find("NoSuchLayer") is None
        assert registry.find("NoSuchLayer", "keras") is None
        assert registry.find("GRUCell", "keras") is not registry.find("Nothing", "keras")
        assert (registry.find_any("dense"), registry.find_any("nothing")) == (True, False)
        assert (registry.pytorch_name("nn.Swish"), registry.pytorch_name("nothing")) == ("SiLU", None)
        assert (registry.keras_name("max_pooling_2d"), registry.keras_name("nothing")) == ("MaxPooling2D", None)


# --- weights, ports and costs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "samples", "expected"),
    [
        ("BatchNorm2d(3, bias=False)", [(3, 4, 4)], {"weight": (3,)}),
        ("LazyInstanceNorm2d()", [(3, 4, 4)], {"weight": (3,), "bias": (3,)}),
        ("LazyInstanceNorm1d(affine=False)", [(3, 4)], {}),
        ("PReLU(per_element=True)", [(3, 4)], {"weight": (3, 4)}),
        ("PositionalEmbedding(7)", [(5, 3)], {"weight": (7, 3)}),
        ("PositionalEmbedding()", [(5, 3)], {"weight": (5, 3)}),
        ("ClassToken(4, tokens=2)", [(5, 4)], {"class_token": (1, 2, 4)}),
        ("LayerNorm()", [(5, 4)], {"weight": (4,), "bias": (4,)}),
        (
            "SwiGLU(8, out_features=5, bias=True)",
            [(2, 4)],
            {
                "gate_proj.weight": (8, 4),
                "gate_proj.bias": (8,),
                "up_proj.weight": (8, 4),
                "up_proj.bias": (8,),
                "down_proj.weight": (5, 8),
                "down_proj.bias": (5,),
            },
        ),
        (
            "MixtureOfExperts(3, 8, gated=False, bias=True)",
            [(2, 4)],
            {
                "router.weight": (3, 4),
                "experts.up_proj.weight": (3, 8, 4),
                "experts.up_proj.bias": (3, 8),
                "experts.down_proj.weight": (3, 4, 8),
                "experts.down_proj.bias": (3, 4),
            },
        ),
        # PyTorch's torch.nn.utils: weight_norm, spectral_norm
        ("WeightNorm(Linear(3, 5), dim=1)", [(3,)], {"bias": (5,), "weight_g": (1, 3), "weight_v": (5, 3)}),
        ("WeightNorm(Linear(3, 5), dim=-2)", [(3,)], {"bias": (5,), "weight_g": (5, 1), "weight_v": (5, 3)}),
        ("WeightNorm(Linear(3, 5), dim=-1)", [(3,)], {"bias": (5,), "weight_g": (), "weight_v": (5, 3)}),
        ("WeightNorm(Linear(3, 5), dim=None)", [(3,)], {"bias": (5,), "weight_g": (), "weight_v": (5, 3)}),
        ("WeightNorm(Linear(3, 5))", [(3,)], {"bias": (5,), "weight_g": (5, 1), "weight_v": (5, 3)}),
        ("SpectralNorm(Linear(3, 5))", [(3,)], {"bias": (5,), "weight_orig": (5, 3)}),
        (
            "LSTM(3, 4, proj_size=2)",
            [(5, 3)],
            {
                "weight_ih_l0": (16, 3),
                "weight_hh_l0": (16, 2),
                "bias_ih_l0": (16,),
                "bias_hh_l0": (16,),
                "weight_hr_l0": (2, 4),
            },
        ),
    ],
)
def test_weights(text: str, samples: list[Shape], expected: dict[str, Shape]) -> None:
    assert weights(text, *samples) == expected


@pytest.mark.parametrize(
    ("text", "samples", "expected"),
    [
        ("SpectralNorm(Linear(3, 5))", [(3,)], {"weight_u": (5,), "weight_v": (3,)}),
        ("SpectralNorm(Linear(3, 5), dim=1)", [(3,)], {"weight_u": (3,), "weight_v": (5,)}),
        # in PyTorch the rows of a transposed convolution's matrix are its outputs, the second axis of the weight
        ("SpectralNorm(ConvTranspose1d(3, 5, 4))", [(3, 6)], {"weight_u": (5,), "weight_v": (12,)}),
        ("SpectralNorm(Conv1d(3, 5, 4))", [(3, 6)], {"weight_u": (5,), "weight_v": (12,)}),
        (
            "SpectralNorm(BatchNorm1d(3))",
            [(3,)],
            {"running_mean": (3,), "running_var": (3,), "num_batches_tracked": (), "weight_u": (3,), "weight_v": (1,)},
        ),
        (
            "WeightNorm(BatchNorm1d(3))",
            [(3,)],
            {"running_mean": (3,), "running_var": (3,), "num_batches_tracked": ()},
        ),
        (
            "LazyInstanceNorm1d()",
            [(3, 4)],
            {"running_mean": (3,), "running_var": (3,), "num_batches_tracked": ()},
        ),
    ],
)
def test_buffers(text: str, samples: list[Shape], expected: dict[str, Shape]) -> None:
    found = made(text).buffers(*batch(tuple(samples)))
    assert {buffer.name: tuple(buffer.shape) for buffer in found} == expected


@pytest.mark.parametrize(
    ("text", "samples", "message"),
    [
        ("SpectralNorm(Linear(3, 5), dim=2)", [(3,)], "weight has 2 axes, and dim is 2"),
        ("SpectralNorm(Linear(3, 5), dim=-1)", [(3,)], "weight has 2 axes, and dim is -1"),
        ("WeightNorm(Linear(3, 5), dim=2)", [(3,)], "weight has 2 axes, and dim is 2"),
        ("WeightNorm(Linear(3, 5), dim=-3)", [(3,)], "weight has 2 axes, and dim is -3"),
    ],
)
def test_axes_that_the_weight_does_not_have(text: str, samples: list[Shape], message: str) -> None:
    layer, xs = made(text), batch(tuple(samples))
    with pytest.raises(Fault) as caught:
        assert [*layer.weights(*xs), *layer.buffers(*xs)]
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "samples", "expected"),
    [
        # products of rows and columns, counted by hand
        ("Bilinear(3, 4, 2)", [(5, 3), (5, 4)], {"products": 5 * 2 * (3 * 4 + 4)}),
        ("SwiGLU(8, out_features=5)", [(2, 3, 4)], {"gate": 6 * 4 * 8, "up": 6 * 4 * 8, "down": 6 * 8 * 5}),
        (
            "MixtureOfExperts(4, 8, shared_experts=1)",
            [(3, 2)],
            {"router": 3 * 2 * 4, "experts": 3 * (2 + 1) * 3 * 2 * 8},
        ),
        (
            "MixtureOfExperts(4, 8, top_k=1, gated=False)",
            [(3, 2)],
            {"router": 3 * 2 * 4, "experts": 3 * 1 * 2 * 2 * 8},
        ),
        ("PatchEmbedding(embed_dim=8, patch_size=[4, 3])", [(5, 8, 9)], {"patches": 6 * 8 * 5 * 12}),
        ("Einsum('ij,jk->ik')", [(2, 3), (3, 4)], {"product": 24}),
        ("Einsum('ij,ij->ij')", [(2, 3), (2, 3)], {}),
        ("Einsum('ij->i')", [(2, 3)], {}),
        ("LSTM(3, 4, proj_size=2)", [(5, 3)], {"input": 5 * 16 * 3, "recurrent": 5 * 16 * 2, "projection": 5 * 2 * 4}),
        ("WeightNorm(Linear(3, 5))", [(2, 3)], {"products": 30}),
    ],
)
def test_multiply_accumulates(text: str, samples: list[Shape], expected: dict[str, int]) -> None:
    assert macs(text, *samples) == expected


@pytest.mark.parametrize(
    ("text", "samples", "expected"),
    [
        ("AdaptiveMaxPool2d(2, return_indices=True)", [(3, 5, 5)], {"indices": (3, 2, 2)}),
        ("FractionalMaxPool2d(2, 3, return_indices=True)", [(3, 5, 5)], {"indices": (3, 3, 3)}),
        ("FractionalMaxPool2d(2, 3)", [(3, 5, 5)], {}),
        ("MultiheadAttention(8, 2, need_weights=False)", [(3, 8)], {}),
        ("MultiheadAttention(8, 2, average_attn_weights=False)", [(3, 8), (5, 8)], {"attention": (2, 3, 5)}),
        (
            "MultiheadAttention(8, 2, add_bias_kv=True, add_zero_attn=True)",
            [(3, 8), (5, 8)],
            {"attention": (3, 7)},
        ),
        (
            "ScaledDotProductAttention()",
            [(2, 3, 4), (2, 5, 4), (2, 5, 6)],
            {"scores": (2, 3, 5), "attention": (2, 3, 5)},
        ),
        (
            "ScaledDotProductAttention()",
            [(3, 4), (5, 4), (5, 6)],
            {"scores": (3, 5), "attention": (3, 5)},
        ),
        ("AttentionRNN(2)", [(5, 3)], {"scores": (5, 3), "attention": (5, 3), "h": (5, 3)}),
        ("AttentionRNN('all')", [(5, 3)], {"scores": (5, 5), "attention": (5, 5), "h": (5, 3)}),
        ("Chunk(3, 1)", [(7,)], {"0": (3,), "1": (3,), "2": (1,)}),
        ("Chunk(3, 1)", [(4,)], {"0": (2,), "1": (2,)}),  # as torch.chunk: fewer than asked for
        ("Chunk(3, 1)", [(6,)], {"0": (2,), "1": (2,), "2": (2,)}),
        ("Chunk(4, 1)", [(2,)], {"0": (1,), "1": (1,)}),
        ("Chunk(3, 1)", [(1,)], {"0": (1,)}),
        ("LSTMCell(3, 4)", [(3,)], {"h": (4,), "c": (4,)}),
        ("Chunk(3, 1)", [(0,)], {"0": (0,), "1": (0,), "2": (0,)}),  # as torch.chunk does with nothing
        ("Split(3, 1)", [(7,)], {"0": (3,), "1": (3,), "2": (1,)}),
        ("Split(3, 1)", [(6,)], {"0": (3,), "1": (3,)}),
        ("Split([0, 7], 1)", [(7,)], {"0": (0,), "1": (7,)}),
        ("Split(3, 1)", [(0,)], {"0": (0,)}),
        ("LSTM(3, 4, 2, bidirectional=True, proj_size=2)", [(5, 3)], {"h_n": (4, 2), "c_n": (4, 4)}),
        ("GRU(3, 4, 2, bidirectional=True)", [(5, 3)], {"h_n": (4, 4)}),
    ],
)
def test_ports(text: str, samples: list[Shape], expected: dict[str, Shape]) -> None:
    assert ports(text, *samples) == expected


@pytest.mark.parametrize(
    ("text", "samples", "note"),
    [
        (
            "PReLU()",
            [(3, 4, 4)],
            "PyTorch's PReLU has one factor, or one per channel; Keras' one per value, 48 here",
        ),
        (
            "MultiheadAttention(8, 2)",
            [(3, 8)],
            "embed_dim counts all heads; Keras' key_dim is that of one: 4",
        ),
        (
            "BatchNorm2d(3)",
            [(3, 4, 4)],
            "PyTorch counts 6; Keras counts the running statistics too: 12, 6 of them non-trainable",
        ),
        (
            "BatchNorm2d(3, bias=False)",
            [(3, 4, 4)],
            "PyTorch counts 3; Keras counts the running statistics too: 9, 6 of them non-trainable",
        ),
        (
            "BatchNorm2d(3, affine=False)",
            [(3, 4, 4)],
            "PyTorch counts 0; Keras counts the running statistics too: 6, 6 of them non-trainable",
        ),
        ("BatchNorm2d(3, track_running_stats=False)", [(3, 4, 4)], ""),
        # 2 layers, 2 directions, 4 gates of 4 rows: 64 numbers a set of biases
        (
            "LSTM(3, 4, 2, bidirectional=True)",
            [(5, 3)],
            "two bias vectors, as in PyTorch: 736; Keras and textbooks count one: 672",
        ),
        ("LSTM(3, 4, bias=False)", [(5, 3)], ""),
        ("GRU(3, 4)", [(5, 3)], "two bias vectors, as in PyTorch and Keras: 108; textbooks count one: 96"),
        (
            "GRU(3, 4, bias_vectors=1)",
            [(5, 3)],
            "one bias vector, as in textbooks: 96; PyTorch and Keras count two: 108",
        ),
        (
            "RNNCell(3, 4, bias_vectors=1)",
            [(3,)],
            "one bias vector, as in textbooks and Keras: 32; PyTorch counts two: 36",
        ),
        (
            "RNNCell(3, 4)",
            [(3,)],
            "two bias vectors, as in PyTorch: 36; Keras and textbooks count one: 32",
        ),
        ("RNNCell(3, 4, bias=False)", [(3,)], ""),
    ],
)
def test_notes(text: str, samples: list[Shape], note: str) -> None:
    assert made(text).convention_note(*batch(tuple(samples))) == note


def test_parameters_that_take_part_in_one_position() -> None:
    """The router's 4 rows of 2, and two chosen experts and a shared one with three matrices of 8 by 2."""
    layer: Any = made("MixtureOfExperts(4, 8, shared_experts=1)")
    assert layer.used(1, (1, 3, 2)) == 4 * 2 + 3 * (3 * 8 * 2)


@pytest.mark.parametrize("name", ["LayerNorm"])
def test_what_may_be_left_out_is_shown_without_a_default(name: str) -> None:
    kind = find(name)
    assert kind is not None
    assert kind.signature() == f"{name}(normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, fused=True)"


def test_the_momentum_that_was_written() -> None:
    layer: Any = made("BatchNorm2d(3, momentum=0.3)")
    assert layer.momentum == 0.3


def test_numbers_that_are_no_plain_ones() -> None:
    """Sizes that are not known are scaled by what was written, and no numbers that divide them are named."""
    assert [scaled(Fraction(7), factor) for factor in (2.0, 0.5, 1.5, 3)] == [14, 3, 10, 21]
    with pytest.raises(Fault) as caught:
        divide_heads(Fraction(5), 2)
    assert (caught.value.message, caught.value.help) == ("5 features cannot be split into 2 heads", ())
    layer: Any = made("UpsamplingBilinear2d(scale_factor=2)")
    assert (layer.mode, layer.align_corners) == ("bilinear", True)


def test_the_textbook_has_one_bias() -> None:
    cells = {"RNN": 1, "LSTM": 4, "GRU": 3}
    for name, gates in cells.items():
        for ending, sample in (("", "[5, 3]"), ("Cell", "[3]")):
            text = f"convention: textbook\ninput: {sample}\nlayers:\n  - {name}{ending}(3, 4)\n"
            (row,) = cnncalc.loads(text).report().rows
            assert row.params == gates * (4 * 3 + 4 * 4 + 4), (name, ending)
    (row,) = cnncalc.loads("convention: textbook\ninput: [5, 3]\nlayers:\n  - GRU(3, 4)\n").report().rows
    assert row.layer.reset_after is False


@pytest.mark.parametrize(
    ("k", "slots", "tex"),
    [
        (0, "s = x[t]", "s_i = x_t"),
        (3, "s = x[t], h[t−1], h[t−2], h[t−3]", "s_i = x_t, h_{t-1}, h_{t-2}, h_{t-3}"),
        (4, "s = x[t], h[t−1], ..., h[t−4]", r"s_i = x_t, h_{t-1}, \dots, h_{t-4}"),
        ("'all'", "s = x[t], h[t−1], ..., h[1]", r"s_i = x_t, h_{t-1}, \dots, h_1"),
    ],
)
def test_the_slots_of_an_attention_rnn(k: Any, slots: str, tex: str) -> None:
    layer: Any = made(f"AttentionRNN({k})")
    assert layer.formulas()[0] == slots
    assert layer.formulas(tex=True)[0] == tex


def test_the_slots_of_an_attention_rnn_with_a_free_k() -> None:
    layer: Any = cnncalc.load("TxN -> AttentionRNN(k=K)").report().rows[0].layer
    assert layer.formulas()[0] == "s = x[t], h[t−1], ..., h[t−K]"


def test_further_masks_have_the_axes_of_the_last_form() -> None:
    layer = made("TransformerEncoderLayer(16, 4)")
    with pytest.raises(Fault) as caught:
        layer.accept(batch(((5, 16), (5, 5), (2, 3, 5, 5))))
    message = "TransformerEncoderLayer takes [L] or [L, L] or [heads, L, L], but gets [2, 3, 5, 5]"
    assert (caught.value.code, caught.value.message) == ("wrong-axes", message)


def test_weights_are_drawn_from_low_to_high() -> None:
    """A trained embedding of ViT begins with a deviation of 0.02: of a uniform distribution it is a half by root 3."""
    drawn = {name: kind.drawn for name in names() if (kind := find(name)) is not None and kind.drawn is not None}
    assert drawn["Parameter"] == pytest.approx((-0.02 * 3**0.5, 0.02 * 3**0.5))
    assert all(low < high for low, high in drawn.values())


def test_positions_choose_experts_each() -> None:
    """Three matrices of 16 by 32 are one expert; 3 positions choose 6 of 8, 9 positions cannot choose more than 8."""
    layer = made("MixtureOfExperts(8, 32, top_k=2)")
    assert [layer.used(count, (1, 3, 16)) for count in (1, 3, 9)] == [8 * 16 + n * 3 * 16 * 32 for n in (2, 6, 8)]


def test_gates_of_every_step() -> None:
    assert made("LSTM(5, 4)").inside((1, 7, 5)) == dict.fromkeys("hcifgo", (1, 7, 4))


def test_integers_that_are_stacked_are_drawn_below_what_reads_them() -> None:
    tokens = "inputs: {a: {shape: [50], dtype: int}}\nlayers:\n  - s: Stack(dim=1)\n    from: [a, a]\n"
    report = cnncalc.loads(f"{tokens}  - e: Embedding(3, 2)\n").report()
    assert limits(report) == {0: 3}


def test_the_state_of_linear_attention_has_a_matrix_for_each_head() -> None:
    """Two heads of 4 features of the key by 3 of the value, written and read in each of 5 steps."""
    layer, xs = made("LinearAttention(2)"), ((1, 5, 8), (1, 5, 8), (1, 5, 6))
    assert (layer.carried(*xs), layer.macs(xs[2], *xs)) == (24, {"write": 120, "read": 120})


def test_numbers_with_a_trace_compare_as_their_values() -> None:
    five = leaf("n", 5)
    assert [five < 5, five <= 5, five > 5, five >= 5, five >= 6, five >= leaf("m", 5)] == [
        *(False, True, False, True, False, True)
    ]
