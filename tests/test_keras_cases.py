"""Every recorded answer of Keras: shapes, weights, counts and refusals from the rules, arrays from the kernels."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from keras_cases import case_of, cases, compare, disagreement, recorded, run

import cnncalc
from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.execute import kernel
from cnncalc.layers import find, keras, pytorch_name
from cnncalc.layers.keras.translate import TARGETS

# How many cases a layer has; all of them are asked, none is skipped.
ASKED: dict[str, int] = {
    "AdaptiveAveragePooling2D": 5,
    "AdaptiveAveragePooling3D": 1,
    "AdaptiveMaxPooling1D": 3,
    "AdaptiveMaxPooling2D": 6,
    "AdaptiveMaxPooling3D": 3,
    "Add": 4,
    "AdditiveAttention": 22,
    "Attention": 12,
    "Average": 7,
    "AveragePooling1D": 17,
    "AveragePooling2D": 29,
    "AveragePooling3D": 8,
    "BatchNormalization": 9,
    "Bidirectional": 30,
    "CenterCrop": 3,
    "Concatenate": 4,
    "Conv1D": 19,
    "Conv1DTranspose": 9,
    "Conv2D": 31,
    "Conv2DTranspose": 22,
    "Conv3D": 21,
    "Conv3DTranspose": 5,
    "ConvLSTM1D": 16,
    "ConvLSTM2D": 15,
    "Cropping1D": 7,
    "Cropping2D": 7,
    "Cropping3D": 8,
    "Dense": 35,
    "DepthwiseConv1D": 4,
    "DepthwiseConv2D": 18,
    "Dot": 8,
    "EinsumDense": 14,
    "Embedding": 29,
    "Flatten": 4,
    "GRU": 33,
    "GlobalAveragePooling1D": 11,
    "GlobalAveragePooling2D": 2,
    "GlobalAveragePooling3D": 2,
    "GlobalMaxPooling1D": 3,
    "GlobalMaxPooling2D": 4,
    "GlobalMaxPooling3D": 5,
    "GroupNormalization": 11,
    "GroupQueryAttention": 20,
    "LSTM": 12,
    "LayerNormalization": 35,
    "MaxPooling1D": 9,
    "MaxPooling2D": 25,
    "MaxPooling3D": 11,
    "Maximum": 9,
    "MultiHeadAttention": 47,
    "Multiply": 6,
    "PReLU": 5,
    "Permute": 7,
    "RMSNormalization": 14,
    "RepeatVector": 8,
    "Reshape": 2,
    "Resizing": 6,
    "SeparableConv1D": 13,
    "SeparableConv2D": 24,
    "SimpleRNN": 18,
    "SpectralNormalization": 13,
    "Subtract": 7,
    "TimeDistributed": 6,
    "UnitNormalization": 16,
    "UpSampling1D": 7,
    "UpSampling2D": 7,
    "UpSampling3D": 6,
    "ZeroPadding1D": 5,
    "ZeroPadding2D": 6,
    "ZeroPadding3D": 8,
}

# Keras ran in single precision; the kernels compute its numbers in double precision.
CLOSE = 4e-6


def test_there_are_as_many_cases_as_were_recorded() -> None:
    assert {kind: len(found) for kind, found in cases().items()} == ASKED
    assert (sum(ASKED.values()), len(recorded())) == (858, 196)


@pytest.mark.parametrize("kind", ASKED)
def test_layer_agrees_with_keras(kind: str) -> None:
    asked, lines, skipped = compare(kind)
    assert not lines, f"{len(lines)} of {asked} disagree\n" + "\n".join(lines)
    assert (asked, skipped) == (ASKED[kind], {})


@pytest.mark.parametrize("kind", sorted({case_of(name)["layer"] for name in recorded()}))
def test_arrays(kind: str) -> None:
    for case in cases()[kind]:
        if case["id"] not in recorded():
            continue
        ours, theirs = run(case)
        assert len(ours) == len(theirs), case["id"]
        for mine, wanted in zip(ours, theirs, strict=True):
            assert mine.shape == wanted.shape, case["id"]
            np.testing.assert_allclose(mine, wanted, rtol=CLOSE, atol=CLOSE, err_msg=f"{case['id']} {case['kwargs']}")


@pytest.mark.parametrize("kind", ASKED)
def test_a_wrong_answer_is_noticed(kind: str) -> None:
    """The comparison can fail: one size more, one parameter less, a refusal that was an answer."""
    case = next(case for case in cases()[kind] if case["ok"])
    assert disagreement(case) is None
    larger = [[size + 1 for size in case["outputs"][0]], *case["outputs"][1:]]
    assert "outputs" in (disagreement({**case, "outputs": larger}) or "")
    assert "params" in (disagreement({**case, "n_params": case["n_params"] - 1}) or "")
    assert "trainable" in (disagreement({**case, "n_trainable": case["n_trainable"] + 1}) or "")
    assert "Keras: no" in (disagreement({**case, "ok": False, "message": "no"}) or "")


def test_a_wrong_array_is_noticed() -> None:
    case = next(case for case in cases()["GRU"] if case["id"] in recorded())
    ours, theirs = run({**case, "kwargs": {**case["kwargs"], "activation": "sigmoid"}})
    assert np.abs(ours[0] - theirs[0]).max() > 100 * CLOSE


# --- the tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", keras.FAMILIES)
def test_the_table_of_layers_is_that_of_the_modules(family: str) -> None:
    module: Any = importlib.import_module(f"cnncalc.layers.keras.{family}")
    made = {
        name for name, value in vars(module).items() if isinstance(value, type) and value.__module__ == module.__name__
    }
    named = set(keras.FAMILIES[family].split())
    assert named <= made
    # What the table leaves out is a base of something in it.
    for name in made - named:
        kind = getattr(module, name)
        if issubclass(kind, Layer):
            assert any(issubclass(getattr(module, other), kind) for other in named) or name in ("Listed",), name


def test_every_layer_has_a_kernel_and_every_kernel_a_layer() -> None:
    for name in keras.names():
        assert callable(kernel.find(f"keras.{name}"))


def test_names_point_at_layers() -> None:
    for name, target in {**keras.ALIASES, **{name: name for name in keras.names()}}.items():
        found = find(name, "keras")
        assert found is not None and found.type() == target
    for name, target in TARGETS.items():
        assert name in keras.names() and pytorch_name(target) == target
    for name in layers.names():
        kind = find(name)
        assert kind is not None
        instead = kind.in_keras()
        # What is said instead is one of Keras' layers, and takes the options that are said with it.
        assert not instead or find(instead.partition("(")[0], "keras") is not None, f"{name}: {instead}"
    assert layers.find("MaxUnpool2d").in_keras() == "" and layers.find("ReLU").in_keras() is None


@pytest.mark.parametrize(
    ("layer", "query", "value", "scores"),
    [
        ("MultiHeadAttention(2, 3, return_attention_scores=True)", [4, 5, 8], [6, 7, 9], (1, 2, 4, 5, 6, 7)),
        ("GroupQueryAttention(3, 6, 2, return_attention_scores=True)", [4, 8], [6, 9], (1, 6, 4, 6)),
    ],
)
def test_scores_of_every_query_and_key(layer: str, query: list[int], value: list[int], scores: tuple[int, ...]) -> None:
    """The shape of what Keras 3 gives beside the output for return_attention_scores=True."""
    text = f"convention: keras\ninputs: {{q: {query}, v: {value}}}\nlayers: [{{x: '{layer}', from: [q, v]}}]\n"
    (row,) = cnncalc.loads(text).report().rows
    assert row.facts.ports == {"attention": scores}
    assert row.output_shape == tuple(query)


@pytest.mark.parametrize(
    ("call", "additions"),
    [
        # A bias for each of 2 x 3 numbers of a query, a key and a value, and for 8 of the output: 4 queries, 6 keys.
        (("MultiHeadAttention", [2, 3], {}), 4 * (6 + 8) + 6 * (6 + 6)),
        (("MultiHeadAttention", [2, 3], {"use_bias": False}), 0),
        # 6 heads of the query share 2 of key and value.
        (("GroupQueryAttention", [3, 6, 2], {}), 4 * (18 + 8) + 6 * (6 + 6)),
        (("Attention", [], {}), 0),
    ],
)
def test_what_attention_adds_and_reads(call: tuple[str, list[int], dict[str, bool]], additions: int) -> None:
    name, args, options = call
    kind = find(name, "keras")
    assert kind is not None
    layer, query, memory = kind.bind(args, options), (1, 4, 8), (1, 6, 8)
    xs = (query, memory, memory)
    assert layer.additions(layer.shape(*xs), *xs) == additions
    # Query, value, key: one input is all three, and a missing key is the value.
    layer.accept((query,))
    for given, read in (((query,), (0, 4)), ((query, memory), (1, 6)), (xs, (1, 6))):
        (attended,) = layer.attended(*given)
        assert (attended.query, attended.queries, attended.memory, attended.length) == (0, 4, *read)


def test_products_of_every_step_and_what_others_count() -> None:
    """Sums by hand for 7 steps of 5 features; Keras' count_params() says 160, 132 and 120 too."""
    xs = ((1, 7, 5),)
    for name, options, gates, note in (
        ("LSTM", {}, 4, "Keras and textbooks count one bias vector: 160; PyTorch counts two: 176"),
        ("GRU", {}, 3, "Keras counts two bias vectors with reset_after=True: 132, one without, as textbooks do: 120"),
    ):
        kind = find(name, "keras")
        assert kind is not None
        layer = kind.bind([4], options)
        assert layer.macs(layer.shape(*xs), *xs) == {"input": 7 * gates * 4 * 5, "recurrent": 7 * gates * 4 * 4}
        assert layer.convention_note(*xs) == note


def bound(name: str, *args: object, **options: object) -> Layer:
    kind = find(name, "keras")
    assert kind is not None
    return kind.bind(args, options)


def test_the_batch_stays_in_front() -> None:
    assert bound("Permute", [2, 1]).shape((1, 3, 4)) == (1, 4, 3)
    assert bound("ConvLSTM1D", 4, 3).shape((1, 6, 7, 2)) == (1, 5, 4)
    assert bound("ConvLSTM1D", 4, 3).ports((1, 6, 7, 2)) == {}
    assert bound("Conv2D", 4, 3).space((1, 5, 6, 2)) == (5, 6)


def test_a_dot_product_multiplies_two_inputs() -> None:
    """4 x 5 numbers, each a sum of 6 products."""
    layer, xs = bound("Dot", axes=[1, 2]), ((1, 6, 4), (1, 5, 6))
    assert layer.macs(layer.shape(*xs), *xs) == {"product": 4 * 5 * 6}
    for some in (xs[:1], (*xs, xs[0])):
        with pytest.raises(Fault, match=f"Dot takes 2 inputs, {len(some)} given"):
            layer.accept(some)
    layer = bound("EinsumDense", "abc,cd->abd", output_shape=[None, 4])
    with pytest.raises(Fault, match=r'takes 2 axes for "abc", whose first letter is the batch, but gets \[5\]'):
        layer.shape((1, 5))
