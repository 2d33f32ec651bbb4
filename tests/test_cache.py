"""Keys and values that a network keeps when it generates, and the states it carries.

`data/cache.json` is what transformers' own caches hold (`record_cache.py`); the rest is counted by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnncalc import loads
from cnncalc.cost.cost import Convention, Cost
from cnncalc.cost.kv_cache import Cache
from cnncalc.loading import load

RECORDED = json.loads((Path(__file__).parent / "data" / "cache.json").read_text("utf-8"))["cases"]


def total(report):
    cache = Cache(report)
    return None if cache.unknown else sum(cache.elements.values())


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: " ".join(case["command"][:1]))
def test_what_transformers_keeps(case, call):
    status, out, err = call("cost", *case["command"], "--dtype", "float16", "--batch", "3", "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["memory"]["kv_cache"] == case["elements"] * 2 * 3


L, E = 10, 16
PROJECT = f"{L}x{E} -> "
LAYERS = [
    # Keys and values of every position: 2 L E, with fewer heads less, with a window the last positions.
    ("Attention(16, num_heads=4, causal=True)", 2 * L * E),
    ("Attention(16, num_heads=4, num_kv_heads=2, causal=True)", L * E),
    ("Attention(16, num_heads=4, head_dim=3, value_dim=5, causal=True)", L * 4 * (3 + 5)),
    ("Attention(16, num_heads=4, causal=True, window=3)", 2 * 3 * E),
    ("Attention(16, num_heads=4, causal=True, window=30)", 2 * L * E),
    ("MultiheadAttention(16, 4, is_causal=True)", 2 * L * E),
    ("MultiheadAttention(16, 4, is_causal=True, add_bias_kv=True)", 2 * L * E),
    ("TransformerEncoderLayer(16, 4, is_causal=True)", 2 * L * E),
    ("TransformerEncoder(d_model=16, nhead=4, num_layers=3, is_causal=True)", 3 * 2 * L * E),
    # Whoever reads in both directions cannot generate.
    ("Attention(16, num_heads=4)", 0),
    ("Attention(16, num_heads=4, window=3)", 0),
    ("MultiheadAttention(16, 4)", 0),
    ("TransformerEncoderLayer(16, 4)", 0),
    ("TransformerEncoder(d_model=16, nhead=4, num_layers=3)", 0),
    ("LSTM(16, 8)", 0),
    ("Linear(16, 8)", 0),
]


@pytest.mark.parametrize(("layer", "expected"), LAYERS)
def test_layers(layer, expected):
    assert total(load(PROJECT + layer).report()) == expected


def net(layers, inputs="{x: [10, 16], memory: [6, 16]}"):
    return loads(f"inputs: {inputs}\nlayers:\n" + layers).report()


CROSS = """
  - own: {first}
    from: x
  - cross: {second}
    from: [own, memory]
"""


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Attention(16, causal=True)", "Attention(16)", 2 * 10 * 16 + 2 * 6 * 16),
        ("Attention(16, causal=True)", "MultiheadAttention(16, 2)", 2 * 10 * 16 + 2 * 6 * 16),
        ("Attention(16, causal=True)", "TransformerDecoderLayer(16, 2, is_causal=True)", 4 * 10 * 16 + 2 * 6 * 16),
        ("Linear(16, 16)", "TransformerDecoderLayer(16, 2, is_causal=True)", 2 * 10 * 16 + 2 * 6 * 16),
        (
            "Linear(16, 16)",
            "TransformerDecoder(d_model=16, nhead=2, num_layers=4, is_causal=True)",
            4 * (2 * 10 * 16 + 2 * 6 * 16),
        ),
        # Nothing is generated: a query of parameters or of a whole text reads a memory once.
        ("Linear(16, 16)", "Attention(16)", 0),
        ("Attention(16)", "Attention(16)", 0),
    ],
)
def test_attention_to_a_memory_is_kept_once(first, second, expected):
    assert total(net(CROSS.format(first=first, second=second))) == expected


def test_a_transformer():
    inputs = "{source: [6, 16], target: [10, 16]}"
    made = "  - t: Transformer(16, 2, num_encoder_layers=5, num_decoder_layers=3{})\n    from: [source, target]\n"
    assert total(net(made.format(", is_causal=True"), inputs)) == 3 * (2 * 10 * 16 + 2 * 6 * 16)
    assert total(net(made.format(""), inputs)) is None


HEADS = """
  - q: Linear(16, 16)
    from: x
  - query: {sequential: [Reshape: "[-1, 4, 4]", Transpose: {dim0: 1, dim1: 2}]}
  - k: Linear(16, 8)
    from: x
  - key: {sequential: [Reshape: "[-1, 2, 4]", Transpose: {dim0: 1, dim1: 2}]}
  - v: Linear(16, 8)
    from: x
  - value: {sequential: [Reshape: "[-1, 2, 4]", Transpose: {dim0: 1, dim1: 2}]}
"""
REPEATED = (
    HEADS
    + """
  - keys: {sequential: [Unsqueeze: {dim: 2}, Expand: "[2, 2, 10, 4]", Reshape: "[4, 10, 4]"]}
    from: key
  - values: {sequential: [Unsqueeze: {dim: 2}, Expand: "[2, 2, 10, 4]", Reshape: "[4, 10, 4]"]}
    from: value
"""
)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (
            HEADS + "  - a: ScaledDotProductAttention(is_causal=True, enable_gqa=True)\n    from: [query, key, value]",
            160,
        ),
        (HEADS + "  - a: ScaledDotProductAttention(enable_gqa=True)\n    from: [query, key, value]", 0),
        # Heads that are repeated for the product are kept once.
        (REPEATED + "  - a: ScaledDotProductAttention(is_causal=True)\n    from: [query, keys, values]", 160),
    ],
)
def test_attention_written_out(layers, expected):
    assert total(net(layers + "\n  - Transpose(1, 2)\n  - Flatten(2)\n", "{x: [10, 16]}")) == expected


MASKED = (
    HEADS
    + """
  - a: ScaledDotProductAttention(enable_gqa=True)
    from: [query, key, value, {mask}]
  - Transpose(1, 2)
  - Flatten(2)
"""
)


def masked(shape, mask="mask", more=""):
    inputs = f"{{x: [10, 16], mask: {shape}}}"
    return net(more + MASKED.replace("{mask}", mask), inputs)


def test_a_mask_may_hide_later_positions_or_not():
    found = Cache(masked("[10, 10]"))
    assert found.unknown == ["a takes a mask of pairs, which may hide later positions or not"]
    assert Cost(masked("[4, 10, 10]")).memory()["kv_cache"] is None
    assert Cost(masked("[4, 10, 10]")).memory()["inference"] is None
    # A mask that is the same for every query hides no later position alone.
    assert total(masked("[1, 10]")) == 0
    # A trained bias hides nothing; with minus infinity above the diagonal it is causal.
    bias = "  - bias: Parameter([4, 10, 10])\n"
    assert total(masked("[10, 10]", "bias", bias)) == 0
    assert total(masked("[10, 10]", "later", bias + "  - later: CausalMask\n")) == 160
    assert total(masked("[10, 10]", "later", "  - later: CausalMask\n    from: mask\n")) == 160


def test_what_is_not_known_is_not_printed_as_nothing(call, spec):
    path = spec(
        "inputs: {x: [4, 8], memory: [6, 8]}\nlayers:\n  - d: TransformerDecoderLayer(8, 2)\n    from: [x, memory]\n"
    )
    status, out, _ = call("cost", path)
    assert status == 0
    assert "KV cache" not in out
    assert "keys and values that are cached are not known: whether d masks later positions is not said" in out
    document = json.loads(call("cost", path, "--json").out)
    assert document["memory"]["kv_cache"] is None
    assert document["not_known"]["kv_cache"] == [
        "whether d masks later positions is not said; is_causal=True says that it does"
    ]


HAND = (
    HEADS.replace("Linear(16, 8)", "Linear(16, 16)").replace("[-1, 2, 4]", "[-1, 4, 4]")
    + """
  - turned: Transpose(2, 3)
    from: key
  - scores: MatMul
    from: [query, turned]
  - scaled: Scale(0.5)
{masks}
  - attention: Softmax(dim=3)
  - dropped: Dropout(0.1)
  - mixed: MatMul
    from: [dropped, value]
  - Transpose(1, 2)
  - Flatten(2)
"""
)


@pytest.mark.parametrize(
    ("masks", "expected"),
    [
        ("", 0),
        ("  - CausalMask", 2 * 10 * 16),
        ("  - CausalMask\n  - ALiBi", 2 * 10 * 16),
        ("  - masked: Add\n    from: [scaled, mask]", None),
        ("  - bias: Parameter([4, 10, 10])\n  - biased: Add\n    from: [scaled, bias]\n  - CausalMask", 2 * 10 * 16),
        ("  - padding: Add\n    from: [scaled, padded]", 0),
    ],
)
def test_products_by_hand(masks, expected):
    inputs = "{x: [10, 16], mask: [10, 10], padded: [1, 1, 10]}"
    assert total(net(HAND.replace("{masks}", masks), inputs)) == expected


def test_who_makes_one_vector_of_a_text_generates_nothing():
    causal = "16x8 -> Attention(8, causal=True) -> "
    assert total(load(causal + "Linear(8, 8)").report()) == 2 * 16 * 8
    assert total(load(causal + "Select(dim=1, index=-1) -> Linear(8, 3)").report()) == 0
    assert total(load("clip_vit_b_32").report()) == 0
    # The scores of the next token, of the last position alone.
    layers = (
        "layers:\n  - Embedding(50, 8)\n  - Attention(8, causal=True)\n  - Select(dim=1, index=-1)\n  - Linear(8, 50)\n"
    )
    assert total(loads("input: {shape: [16], dtype: int}\n" + layers).report()) == 2 * 16 * 8


@pytest.mark.parametrize("name", ["bert_base", "vit_b_16", "swin_t", "lenet5", "albert_base", "lstm_classifier"])
def test_networks_that_generate_nothing(name):
    assert total(load(name).report()) == 0


def test_mistral_keeps_its_window():
    # 2 x 8 heads x 128 x 32 layers for each of 4,096 positions, however long the text is.
    for length, kept in ((1000, 1000), (4096, 4096), (8192, 4096)):
        network = load("mistral_7b", input_shapes=[str(length)])
        assert total(network.report()) == 2 * 8 * 128 * 32 * kept


def test_free_dimensions():
    cost = Cost(load("Lx64 -> Attention(64, num_heads=4, num_kv_heads=2, causal=True)").report(), Convention("bf16"))
    assert str(cost.cache) == "128*L"


STATES = [
    ("10x16 -> RNN(16, 8, num_layers=2)", 2 * 8),
    ("10x16 -> LSTM(16, 8, num_layers=2)", 2 * 2 * 8),
    ("10x16 -> LSTM(16, 8, proj_size=3)", 8 + 3),
    ("10x16 -> GRU(16, 8)", 8),
    ("10x16 -> AttentionRNN(3)", 3 * 16),
    ("10x16 -> AttentionRNN(all)", 10 * 16),
    ("16 -> LSTMCell(16, 8)", 2 * 8),
    ("16 -> GRUCell(16, 8)", 8),
    ("10x16 -> Attention(16, causal=True)", 0),
    ("5x12x12x2 -> keras.ConvLSTM2D(4, 3, padding='same')", 2 * 12 * 12 * 4),
]


@pytest.mark.parametrize(("chain", "expected"), STATES)
def test_states_that_are_carried(chain, expected):
    assert Cost(load(chain).report()).total("state") == expected


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ("6x9 -> Conv1d(6, 6, 4, groups=6, padding='causal')", 6 * 4),
        ("6x9 -> Conv1d(6, 5, 3, dilation=2, padding=4) -> Slice(dim=2, stop=9)", 6 * 5),
        ("6x9 -> ZeroPad1d([2, 0]) -> Conv1d(6, 5, 3)", 6 * 3),
        ("6x9 -> Conv1d(6, 5, 1, padding='causal')", 0),
        ("9x6 -> Pad([0, 0, 1, -1])", 6),
        # These read later positions, or give more than they were given.
        ("6x9 -> Conv1d(6, 5, 3, padding=1)", 0),
        ("6x9 -> Conv1d(6, 5, 3, padding=2)", 0),
        ("6x9 -> Conv1d(6, 5, 3)", 0),
        ("6x9 -> ZeroPad1d(1) -> Conv1d(6, 5, 3)", 0),
    ],
)
def test_columns_of_causal_convolutions(chain, expected):
    assert Cost(load(chain).report()).total("state") == expected


def test_states_of_equations_and_of_keras():
    step = "{h: 'tanh(W @ h[t-2] + U @ x[t-1])'}"
    cell = (
        f"input: [5, 3]\nlayers:\n  - Recurrent: {{state: {{h: 4}}, weights: {{W: [4, 4], U: [4, 3]}}, step: {step}}}\n"
    )
    assert Cost(loads(cell).report()).total("state") == 2 * 4 + 3
    keras = "convention: keras\ninput: [9, 6]\nlayers:\n  - {}\n"
    for layer, expected in [
        ("LSTM(8)", 16),
        ("GRU(8)", 8),
        ("Bidirectional(LSTM(8))", 32),
        ("Conv1D(4, 3, padding='causal', dilation_rate=2)", 5 * 6),
        ("Conv1D(4, 3)", 0),
    ]:
        assert Cost(loads(keras.format(layer)).report()).total("state") == expected


FAMILIES = json.loads((Path(__file__).parent / "data" / "family_caches.json").read_text("utf-8"))["cases"]
# The cache of transformers holds all positions of GPT-Neo's local layers, though only the window's last are read.
READ_ONLY_IN_PART = {"gpt_neo"}


@pytest.mark.parametrize("kind", sorted({case["config"]["model_type"] for case in FAMILIES} - READ_ONLY_IN_PART))
def test_what_transformers_keeps_of_each_family(kind, tmp_path):
    for case in FAMILIES:
        if case["config"]["model_type"] == kind:
            path = tmp_path / "config.json"
            path.write_text(json.dumps(case["config"]), encoding="utf-8")
            report = load(str(path), input_shapes=[str(case["length"])]).report()
            assert total(report) == case["elements"], case["config"]
