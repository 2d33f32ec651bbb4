"""What each layer declares that training keeps is what PyTorch's autograd keeps (`record_saved.py`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnncalc import layers
from cnncalc.cost.saved_by_layer import WORDS, keep
from cnncalc.layers import keras
from cnncalc.pages.layers import example, example_row

RECORDED = json.loads((Path(__file__).parent / "data" / "saved.json").read_text(encoding="utf-8"))
# What is another array there: recurrent layers keep their output with the steps in front, and of x - tanh(x) the
# library keeps tanh(x). The example of a parameter multiplies something by it.
OTHERWISE = {"RNN", "GRU", "LSTMCell", "GRUCell", "RNNCell", "Tanhshrink", "Parameter"}


@pytest.mark.parametrize("name", sorted(RECORDED.keys() - OTHERWISE))
def test_inputs_and_outputs_that_are_kept(name: str) -> None:
    row = example_row(name, example(name, "pytorch"))
    for said, trained in (("trained", True), ("frozen", False)):
        kept = RECORDED[name][said]
        found = keep(row, trained, 32)
        assert (found.inputs, found.output) == (kept["input"], kept["output"]), f"{name}, {said}: {row.layer.saves}"


@pytest.mark.parametrize("convention", ["pytorch", "keras"])
def test_every_type_declares_it(convention: str) -> None:
    for name in layers.names() if convention == "pytorch" else keras.names():
        kind = layers.find(name, convention)
        assert kind is not None
        place = f"{kind.__module__}.{kind.__name__}"
        assert kind.saves != "unknown", (
            f"{place}: say in `saves` what training keeps of it ({', '.join(sorted(WORDS))})"
        )
        assert {*kind.saves.split()} <= WORDS, f"{place}: {kind.saves}"


def test_most_layers_were_recorded() -> None:
    assert len(RECORDED) > 190
    assert RECORDED["ReLU"]["trained"] == {"input": False, "output": True, "rest": 0}
