"""A layer as a field of another one's, in every form that YAML has for it; the counts are Keras' own."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.core.problem import SpecError

NET = "convention: keras\ninput: [10, 16]\nlayers:\n  - out:\n      {}\n"
# An LSTM of n units on 16 features has 4·n·(16 + n + 1) parameters, each direction its own; Dense(4) has 4·(16 + 1).
FORMS = [
    ("Bidirectional: {layer: LSTM(5)}", 880),
    ("Bidirectional: {layer: LSTM(units=5)}", 880),
    ("Bidirectional: {layer: {lstm: {units: 5}}}", 880),
    ("Bidirectional: {layer: {LSTM: 5}}", 880),
    ("Bidirectional: {layer: [LSTM, {units: 5}]}", 880),
    ("Bidirectional: {layer: {lstm: {units: 5, use_bias: false}}}", 840),
    ("Bidirectional: {layer: {lstm: {units: 5}}, backward_layer: {lstm: {units: 5, go_backwards: true}}}", 880),
    ("TimeDistributed: {layer: {Dense: {units: 4}}}", 68),
    ("TimeDistributed: {layer: Dense(4)}", 68),
    ("TimeDistributed: {layer: {flatten: }}", 0),
]


@pytest.mark.parametrize(("text", "params"), FORMS)
def test_forms(text, params):
    report = cnncalc.loads(NET.format(text)).report()
    assert report["out"].params == params


@pytest.mark.parametrize(
    "text",
    [
        "Bidirectional: {layer: 5}",
        "Bidirectional: {layer: [LSTM]}",
        "Bidirectional: {layer: {LSTM: 5, GRU: 5}}",
        "Bidirectional: {layer: {1: 5}}",
        "Bidirectional: {layer: {LSTM: [5]}}",
        "Bidirectional: {layer: {Nothing: 5}}",
        "Bidirectional: {layer: 'LSTM('}",
    ],
)
def test_what_is_no_layer_is_refused(text):
    with pytest.raises(SpecError) as caught:
        cnncalc.loads(NET.format(text)).report()
    assert {problem.code for problem in caught.value.problems} <= {
        "option-value", "unknown-layer", "expression-syntax", "expression-value", "unknown-name", "missing-option",
    }  # fmt: skip
