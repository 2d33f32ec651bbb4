"""What other tools get wrong in linear, recurrent, attention and norm layers, with the right answers; and the messages.

Counts come from PyTorch, Keras and published models; hand counts stand beside them.
"""

from __future__ import annotations

from typing import Any

import pytest

from cnncalc.core.layer import Layer
from cnncalc.core.number import prod
from cnncalc.core.problem import Fault
from cnncalc.layers import find


def make(name: str, *args: Any, **options: Any) -> Layer:
    kind = find(name)
    assert kind is not None, name
    return kind.bind(args, options)


def weights(layer: Layer, *shapes: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    xs = [(1, *shape) for shape in shapes]
    layer.accept(tuple(xs))
    layer.shape(*xs)
    return {weight.name: weight.shape for weight in layer.weights(*xs)}


def params(layer: Layer, *shapes: tuple[int, ...]) -> int:
    return sum(prod(shape) for shape in weights(layer, *shapes).values())


def macs(layer: Layer, *shapes: tuple[int, ...]) -> int:
    xs = [(1, *shape) for shape in shapes]
    return sum(layer.macs(layer.shape(*xs), *xs).values())


def output(layer: Layer, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    xs = tuple((1, *shape) for shape in shapes)
    layer.accept(xs)
    return layer.shape(*xs)[1:]


def refusal(layer: Layer, *shapes: tuple[int, ...]) -> tuple[str, str, tuple[str, ...]]:
    with pytest.raises(Fault) as caught:
        output(layer, *shapes)
    return caught.value.code, caught.value.message, caught.value.help


# --- linear --------------------------------------------------------------------------------------------------------


def test_linear_multiplies_the_last_axis_of_every_row() -> None:
    layer = make("Linear", 3, 8)
    assert output(layer, (5, 10, 3)) == (5, 10, 8)
    assert weights(layer, (5, 10, 3)) == {"weight": (8, 3), "bias": (8,)}
    assert macs(layer, (5, 10, 3)) == 5 * 10 * 24


def test_linear_after_an_image_wants_a_flatten() -> None:
    assert refusal(make("Linear", 3136, 128), (64, 7, 7)) == (
        "missing-flatten",
        "Linear gets [64, 7, 7]",
        ('Add "- Flatten" before it; then in_features = 64*7*7 = 3136.',),
    )
    assert refusal(make("Linear", 3136, 128), (64, 6, 6)) == (
        "missing-flatten",
        "Linear gets [64, 6, 6]",
        ('Add "- Flatten" before it; then in_features = 64*6*6 = 2304, not 3136.',),
    )


def test_linear_with_the_wrong_in_features_shows_the_right_line() -> None:
    assert refusal(make("Linear", 3136, 128), (2304,)) == (
        "input-contradicts",
        "Linear(3136, 128), but the layer before gives 2304",
        ("write Linear(2304, 128)",),
    )
    assert refusal(make("Linear", 512, 10, bias=False), (20, 256)) == (
        "input-contradicts",
        "Linear(512, 10, bias=False), but the layer before gives [20, 256], whose last axis is 256",
        ("write Linear(256, 10, bias=False)",),
    )


def test_one_positional_number_is_in_features_as_in_pytorch() -> None:
    with pytest.raises(Fault) as caught:
        make("Linear", 10)
    assert caught.value.code == "missing-option"
    assert caught.value.message == (
        "Linear needs out_features (number of output features); write Linear(in_features, out_features, bias=True)"
    )


def test_identity_takes_any_arguments() -> None:
    assert output(make("Identity", 54, unused=0.1), (3, 4)) == (3, 4)


# --- embedding, positions -------------------------------------------------------------------------------------------


def test_a_lookup_multiplies_nothing() -> None:
    layer = make("Embedding", 100, 16)
    assert (output(layer, (7,)), params(layer, (7,)), macs(layer, (7,))) == ((7, 16), 1600, 0)


def test_positions_without_parameters() -> None:
    learned = make("PositionalEmbedding", 1024)
    assert weights(learned, (10, 768)) == {"weight": (1024, 768)}
    assert params(make("PositionalEmbedding", 1024, kind="sinusoidal"), (10, 768)) == 0
    assert params(make("RotaryEmbedding", 128), (32, 10, 128)) == 0
    assert params(make("ALiBi"), (8, 10, 10)) == 0


def test_a_sequence_longer_than_its_positions() -> None:
    assert refusal(make("PositionalEmbedding", 512), (600, 768)) == (
        "sequence-too-long",
        "PositionalEmbedding has vectors for 512 positions, but its input [600, 768] has 600",
        ("write num_embeddings=600",),
    )


def test_vision_transformer_counts_its_class_token() -> None:
    patches = make("PatchEmbedding", embed_dim=768, patch_size=16)
    assert output(patches, (3, 224, 224)) == (196, 768)
    assert params(patches, (3, 224, 224)) == 590_592  # vit_b_16's conv_proj
    token = make("ClassToken")
    assert output(token, (196, 768)) == (197, 768)
    assert weights(token, (196, 768)) == {"class_token": (1, 1, 768)}
    # 86,567,656 parameters of torchvision's vit_b_16
    encoder = make("TransformerEncoderLayer", 768, 12, 3072, norm_first=True)
    whole = 590_592 + 768 + 197 * 768 + 12 * params(encoder, (197, 768)) + 2 * 768 + 768 * 1000 + 1000
    assert whole == 86_567_656


# --- recurrent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "two", "one"),
    [("LSTM", 2560, 2480), ("GRU", 1920, 1860), ("RNN", 640, 620)],
)
def test_pytorch_has_two_bias_vectors_and_textbooks_one(line: str, two: int, one: int) -> None:
    assert params(make(line, 10, 20), (5, 10)) == two
    assert params(make(line, 10, 20, bias_vectors=1), (5, 10)) == one


def test_the_smallest_rnn() -> None:
    assert params(make("RNN", 1, 1), (5, 1)) == 4
    assert params(make("RNN", 1, 1, bias_vectors=1), (5, 1)) == 3


def test_gru_that_resets_before_the_product_has_one_bias() -> None:
    assert params(make("GRU", 10, 20, reset_after=False), (5, 10)) == 1860


def test_lstm_costs() -> None:
    assert macs(make("LSTM", 10, 20), (5, 10)) == 12_000  # 5 steps of 4 * 20 * (10 + 20)
    both = make("LSTM", 10, 20, num_layers=2, bidirectional=True)
    assert (params(both, (5, 10)), macs(both, (5, 10))) == (15_040, 72_000)
    projected = make("LSTM", 10, 20, proj_size=5)
    assert params(projected, (5, 10)) == 1460
    assert weights(projected, (5, 10))["weight_hh_l0"] == (80, 5)
    assert weights(projected, (5, 10))["weight_hr_l0"] == (5, 20)


def test_recurrent_layers_bind_as_pytorch_does() -> None:
    assert vars(make("RNN", 10, 20, 2, "relu", False))["bias"] is False
    assert vars(make("LSTM", 10, 20, 2, False, True, 0.5, True, 5))["proj_size"] == 5
    assert vars(make("GRU", 10, 20, 2, True, True, 0.5, True))["bidirectional"] is True


def test_states_have_layers_times_directions() -> None:
    lstm = make("LSTM", 10, 20, num_layers=2, bidirectional=True, proj_size=3)
    assert lstm.ports((1, 5, 10)) == {"h_n": (1, 4, 3), "c_n": (1, 4, 20)}
    assert refusal(make("LSTM", 10, 20), (5, 10), (20,), (20,)) == (
        "state-shape",
        "h_0 of LSTM must be [1, 20] (layers * directions, features), but is [20]",
        ("Unsqueeze(1) puts an axis of 1 in front",),
    )
    assert refusal(make("LSTM", 10, 20), (5, 10), (1, 20)) == (
        "input-count",
        "LSTM takes the sequence alone, or with h_0 and c_0; 1 state was given",
        (),
    )
    assert refusal(make("GRU", 10, 20, num_layers=2), (5, 10), (1, 20)) == (
        "state-shape",
        "h_0 of GRU must be [2, 20] (layers * directions, features), but is [1, 20]",
        (),
    )


# --- attention ------------------------------------------------------------------------------------------------------


def test_the_number_of_heads_changes_neither_parameters_nor_macs() -> None:
    for heads in (1, 4, 64):
        layer = make("MultiheadAttention", 64, heads)
        assert (params(layer, (8, 64)), macs(layer, (8, 64))) == (16_640, 139_264)


def test_attention_has_its_costs_by_part() -> None:
    layer = make("MultiheadAttention", 64, 4)
    x = (1, 8, 64)
    assert layer.macs(layer.shape(x), x) == {
        "project": 3 * 8 * 64 * 64,
        "scores": 8 * 8 * 64,
        "mix": 8 * 8 * 64,
        "output": 8 * 64 * 64,
    }
    assert layer.ports(x) == {"attention": (1, 8, 8)}
    assert make("MultiheadAttention", 64, 4, average_attn_weights=False).ports(x) == {"attention": (1, 4, 8, 8)}


def test_a_causal_mask_saves_nothing_in_the_dense_count() -> None:
    assert macs(make("Attention", causal=True), (8, 64)) == macs(make("Attention"), (8, 64))


def test_key_and_value_sizes_make_three_arrays() -> None:
    layer = make("MultiheadAttention", 64, 4, kdim=32, vdim=48, add_bias_kv=True)
    found = weights(layer, (8, 64), (5, 32), (5, 48))
    assert found["k_proj_weight"] == (64, 32)
    assert found["v_proj_weight"] == (64, 48)
    assert "in_proj_weight" not in found
    assert found["bias_k"] == found["bias_v"] == (1, 1, 64)
    assert "out_proj.bias" not in weights(make("MultiheadAttention", 64, 4, bias=False), (8, 64))
    assert refusal(make("MultiheadAttention", 64, 4), (8, 64), (5, 32)) == (
        "input-contradicts",
        "MultiheadAttention takes a key with 64 features, but gets [5, 32]",
        ("write kdim=32",),
    )


def test_keras_key_dim_is_the_size_of_one_head() -> None:
    assert params(make("Attention", num_heads=4, head_dim=16, bias=True, out_proj=True), (8, 64)) == 16_640
    assert params(make("Attention", num_heads=4, head_dim=64, bias=True, out_proj=True), (8, 64)) == 66_368
    grouped = make("Attention", num_heads=4, num_kv_heads=2, bias=True, out_proj=True)
    assert params(grouped, (8, 64)) == 12_480
    # scores and mix are those of the query's heads, however few keys there are
    assert grouped.macs((1, 8, 64), (1, 8, 64))["scores"] == 8 * 8 * 64


def test_textbook_attention_names_every_step() -> None:
    layer = make("Attention", 4, 2, value_dim=3, bias=True, out_proj=True)
    x, memory = (1, 5, 4), (1, 7, 6)
    layer.accept((x, memory))
    assert layer.shape(x, memory) == (1, 5, 4)
    assert layer.ports(x, memory) == {
        "query": (1, 5, 4),
        "key": (1, 7, 4),
        "value": (1, 7, 6),
        "scores": (1, 2, 5, 7),
        "attention": (1, 2, 5, 7),
    }
    assert weights(layer, (5, 4), (7, 6)) == {
        "W_q": (4, 4),
        "W_k": (6, 4),
        "W_v": (6, 6),
        "b_q": (4,),
        "b_k": (4,),
        "b_v": (6,),
        "W_o": (6, 4),
        "b_o": (4,),
    }
    assert make("Attention").ports((1, 5, 4))["scores"] == (1, 5, 5)
    assert output(make("Attention", num_heads=2, value_dim=3), (5, 4)) == (5, 6)
    assert weights(make("Attention"), (5, 4)) == {"W_q": (4, 4), "W_k": (4, 4), "W_v": (4, 4)}


def test_attention_on_an_image_says_how_to_make_a_sequence() -> None:
    assert refusal(make("MultiheadAttention", 64, 4), (64, 7, 7)) == (
        "wrong-axes",
        "MultiheadAttention takes [L, E], but gets [64, 7, 7]",
        ("make it a sequence [7 * 7, 64]: Flatten(start_dim=2), then Transpose(1, 2)",),
    )


def test_heads_that_do_not_divide() -> None:
    with pytest.raises(Fault) as caught:
        make("MultiheadAttention", 10, 4)
    assert caught.value.message == "10 features cannot be split into 4 heads"
    assert caught.value.help == ("1, 2, 5 or 10 would do",)


def test_dot_product_attention_shares_keys_only_when_told() -> None:
    q, k = (8, 10, 64), (2, 10, 64)
    assert output(make("scaled_dot_product_attention", enable_gqa=True), q, k, k) == q
    assert refusal(make("scaled_dot_product_attention"), q, k, k) == (
        "shapes-differ",
        "ScaledDotProductAttention needs as many heads in query, key and value, but gets "
        "[8, 10, 64], [2, 10, 64] and [2, 10, 64]",
        ("with enable_gqa=True groups of heads share keys and values",),
    )


# --- transformers ---------------------------------------------------------------------------------------------------


def test_transformers_of_pytorch() -> None:
    x = (10, 512)
    assert params(make("TransformerEncoderLayer", 512, 8), x) == 3_152_384
    assert params(make("TransformerEncoder", make("TransformerEncoderLayer", 512, 8), 6), x) == 18_914_304
    assert params(make("TransformerEncoder", num_layers=6, nhead=8), x) == 18_914_304
    assert params(make("TransformerEncoder", num_layers=6, nhead=8, norm=True), x) == 18_914_304 + 1024
    assert params(make("Transformer"), x, x) == 44_140_544
    assert params(make("TransformerEncoderLayer", 768, 12, 3072), (10, 768)) == 7_087_872  # a layer of BERT base
    names = list(weights(make("TransformerDecoder", make("TransformerDecoderLayer", 512, 8), 2), x, x))
    assert names[0] == "layers.0.self_attn.in_proj_weight"
    assert names[-1] == "layers.1.norm3.bias"


def test_a_stack_needs_to_know_its_layer() -> None:
    with pytest.raises(Fault) as caught:
        make("TransformerEncoder", num_layers=6)
    assert caught.value.message == "TransformerEncoder needs the layer it stacks, or nhead"
    assert caught.value.help == (
        "write TransformerEncoder(TransformerEncoderLayer(512, 8), 6) or TransformerEncoder(num_layers=6, nhead=8)",
    )


def test_llama_has_three_matrices_and_no_biases() -> None:
    x = (10, 4096)
    attention = make("Attention", num_heads=32, out_proj=True)
    layer = params(attention, x) + params(make("SwiGLU", 11008), x) + 2 * params(make("RMSNorm", 4096), x)
    assert 32 * layer + 2 * 32000 * 4096 + 4096 == 6_738_415_616  # Llama 7B


def test_mixture_of_experts_is_larger_than_what_takes_part() -> None:
    x = (10, 4096)
    experts = make("MixtureOfExperts", 8, 14336)
    attention = make("Attention", num_heads=32, num_kv_heads=8, out_proj=True)
    rest = 32 * (params(attention, x) + 2 * 4096) + 2 * 32000 * 4096 + 4096
    assert rest + 32 * params(experts, x) == 46_702_792_704  # Mixtral 8x7B
    assert rest + 32 * experts.used(1, (1, *x)) == 12_879_925_248  # "12.9B active"
    assert macs(experts, x) == 10 * (8 * 4096 + 2 * 3 * 4096 * 14336)


# --- norms, activations ---------------------------------------------------------------------------------------------


def test_running_statistics_are_no_parameters() -> None:
    layer = make("BatchNorm2d", 8)
    assert params(layer, (8, 4, 4)) == 16
    assert [(buffer.name, buffer.shape) for buffer in layer.buffers((1, 8, 4, 4))] == [
        ("running_mean", (8,)),
        ("running_var", (8,)),
        ("num_batches_tracked", ()),
    ]


@pytest.mark.parametrize(
    ("layer", "shape", "count"),
    [
        (make("LayerNorm", [3, 4, 4]), (3, 4, 4), 96),
        (make("LayerNorm", [3, 4, 4], bias=False), (3, 4, 4), 48),
        (make("LayerNorm"), (7, 16), 32),
        (make("GroupNorm", 4, 8), (8, 4, 4), 16),
        (make("InstanceNorm2d", 8), (8, 4, 4), 0),
        (make("RMSNorm", 16), (7, 16), 16),
        (make("PReLU"), (8, 4, 4), 1),
        (make("PReLU", 8), (8, 4, 4), 8),
        (make("PReLU", per_element=True), (8, 4, 4), 128),
        (make("LocalResponseNorm", 5), (8, 4, 4), 0),
    ],
)
def test_parameters_of_norms(layer: Layer, shape: tuple[int, ...], count: int) -> None:
    assert params(layer, shape) == count
    assert macs(layer, shape) == 0


def test_layer_norm_does_not_normalise_channels() -> None:
    assert refusal(make("LayerNorm", 64), (64, 7, 7)) == (
        "input-contradicts",
        "LayerNorm has normalized_shape=64, but its input is [64, 7, 7]",
        (
            "it normalises the last axes; for the 64 channels write GroupNorm(1, 64), "
            "or move them last with Permute([0, 2, 3, 1])",
        ),
    )
    assert refusal(make("LayerNorm", 512), (10, 256)) == (
        "input-contradicts",
        "LayerNorm has normalized_shape=512, but its input is [10, 256]",
        ("write LayerNorm(256), or leave normalized_shape out for the last axis",),
    )


def test_batch_norm_of_the_wrong_rank() -> None:
    assert refusal(make("BatchNorm2d", 64), (64,)) == (
        "wrong-axes",
        "BatchNorm2d takes [C, H, W], but gets [64]",
        ("for [64] write BatchNorm1d",),
    )


def test_softmax_counts_the_batch_as_axis_0() -> None:
    (remark,) = make("Softmax", dim=0).remarks()
    assert (remark.code, remark.message) == (
        "softmax-over-batch",
        "Softmax(dim=0) sums to 1 over the batch, so samples are not apart",
    )
    assert output(make("Softmax", dim=0), (10,)) == (10,)
    assert output(make("Softmax"), (10,)) == (10,)
    assert make("Softmax").remarks() == []


def test_glu_halves() -> None:
    assert output(make("GLU", dim=1), (8, 5)) == (4, 5)
    assert refusal(make("GLU"), (8, 5)) == ("odd-size", "GLU halves axis 2, but 5 is odd", ())


def test_rotary_positions_have_no_parameters_and_norms_of_heads_have() -> None:
    turned = make("Attention", num_heads=4, rope=10000, out_proj=True)
    assert params(turned, (8, 64)) == 4 * 64 * 64
    assert macs(turned, (8, 64)) == macs(make("Attention", num_heads=4, out_proj=True), (8, 64))
    assert params(make("Attention", num_heads=4, qk_norm=True), (8, 64)) == 3 * 64 * 64 + 2 * 16


@pytest.mark.parametrize(
    ("options", "option", "text"),
    [
        ({"rope": "yes"}, "rope", 'rope must be a RotaryEmbedding, true or its base, not "yes"'),
        ({"qk_norm": 3}, "qk_norm", "qk_norm must be an RMSNorm, a LayerNorm or true, not 3"),
        ({"softcap": 0}, "softcap", "softcap must be above 0 and below 1e+15"),
    ],
)
def test_attention_refuses(options: dict[str, Any], option: str, text: str) -> None:
    with pytest.raises(Fault) as caught:
        make("Attention", **options)
    assert (caught.value.option, caught.value.message) == (option, text)


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"partial": 0}, "partial"),
        ({"partial": 1.5}, "partial"),
        ({"base": 0}, "base"),
        ({"factor": -1}, "factor"),
        ({"base": 10**400}, "base"),
        ({"base": float("nan")}, "base"),
        ({"original_length": 10**20}, "original_length"),
        ({"high_freq_factor": 1}, "high_freq_factor"),
    ],
)
def test_rotary_refuses(options: dict[str, Any], option: str) -> None:
    with pytest.raises(Fault) as caught:
        make("RotaryEmbedding", **options)
    assert caught.value.option == option


def test_heads_that_cannot_turn() -> None:
    for layer, text in (
        (make("Attention", num_heads=4, rope=True), "RotaryEmbedding rotates pairs, but 3 features are odd"),
    ):
        with pytest.raises(Fault) as caught:
            layer.shape((1, 5, 12))
        assert caught.value.message == text
