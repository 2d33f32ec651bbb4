"""What each layer declares that training keeps is what PyTorch's autograd keeps (`record_saved.py`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cnncalc import layers, load, loads
from cnncalc.core.number import prod
from cnncalc.cost.convention import Convention
from cnncalc.cost.cost import Cost
from cnncalc.cost.saved_by_layer import keep
from cnncalc.cost.saved_steps import WORDS
from cnncalc.layers import keras
from cnncalc.pages.layers import example, example_row

RECORDED = json.loads((Path(__file__).parent / "data" / "saved.json").read_text(encoding="utf-8"))
# What is another array there: recurrent layers keep their output with the steps in front, and of x - tanh(x) the
# library keeps tanh(x). The example of a parameter multiplies something by it.
OTHERWISE = {"RNN", "GRU", "LSTMCell", "GRUCell", "RNNCell", "Tanhshrink", "Parameter"}
LLAMA = {
    "model_type": "llama",
    "hidden_size": 48,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "vocab_size": 256,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
MIRRORED = "Conv2d(8, 8, 3, padding='same', padding_mode='reflect')"


@pytest.mark.parametrize("name", sorted(RECORDED.keys() - OTHERWISE))
def test_inputs_and_outputs_that_are_kept(name: str) -> None:
    row = example_row(name, example(name, "pytorch"))
    for said, trained in (("trained", True), ("frozen", False)):
        kept = RECORDED[name][said]
        found = keep(row, trained, 32)
        assert (found.inputs, found.output) == (kept["input"], kept["output"]), f"{name}, {said}: {row.layer.saves}"


@pytest.mark.parametrize("name", ["GRU", "GRUCell", "LSTMCell", "RNN", "RNNCell"])
def test_steps_keep_as_many_bytes(name: str) -> None:
    """Whatever stands for the output there: the bytes of it and of the gates together, without trained weights."""
    row = example_row(name, example(name, "pytorch"))
    found, kept, size = keep(row, False, 32), RECORDED[name]["frozen"], 4 * prod(row.output_shape)
    assert found.output * size + found.extra == kept["output"] * size + kept["rest"]


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


@pytest.mark.parametrize(
    ("net", "batch", "expected"),
    [
        (f"8x10x10 -> Conv2d(8, 8, 1) -> {MIRRORED} -> Conv2d(8, 4, 3)", 1, 14208),
        ("16x24 -> Linear(24, 32) -> LayerNorm([16, 32]) -> Linear(32, 8)", 3, 16920),
    ],
)
def test_as_torch_saves(net: str, batch: int, expected: int) -> None:
    """PyTorch 2.13's saved_tensors_hooks on the same chain."""
    assert Cost(load(net).report(), Convention(batch=batch)).kept == expected


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("TransformerEncoderLayer(16, 4, dim_feedforward=64, dropout=0)", 8000),
        ("TransformerEncoder(d_model=16, nhead=4, num_layers=2, dim_feedforward=64, dropout=0)", 16000),
        ("Transformer(16, 4, 1, 1, 64, dropout=0)", 24288),
        ("Transformer(16, 4, 2, 2, 64, dropout=0)", 46224),
    ],
)
def test_transformers_as_torch_saves(layer: str, expected: int) -> None:
    """PyTorch 2.14.1's saved_tensors_hooks on nn's modules with batch_first=True; on a CPU it takes its flash kernel.

    A source of 12 positions and a target of 10; encoders alone have 10.
    """
    two = layer.startswith("Transformer(")
    inputs = "{source: [12, 16], target: [10, 16]}" if two else "{target: [10, 16]}"
    text = f"inputs: {inputs}\nlayers:\n  - x: {layer}\n    from: [{'source, ' * two}target]\n"
    assert Cost(loads(text).report(), Convention(flash=True)).kept == expected


def test_what_an_xielu_saves_besides_its_input() -> None:
    """transformers' XIELUActivation in Python, by saved_tensors_hooks: three arrays of float32 and a mask of bytes."""
    (row,) = load("10x16 -> XIELU").report().rows
    found = keep(row, True, 32)
    assert (found.inputs, found.output, found.extra) == (True, False, 3 * 640 + 160)


@pytest.mark.parametrize(
    ("config", "batch", "expected"),
    [
        (LLAMA, 1, 286044),
        ({**LLAMA, "model_type": "gemma", "num_key_value_heads": 1, "head_dim": 16}, 1, 279612),
        ({**LLAMA, "model_type": "gemma", "num_key_value_heads": 1, "head_dim": 16}, 4, 1204272),
        ({**LLAMA, "model_type": "gemma2", "head_dim": 16, "sliding_window": 16}, 4, 1684464),
    ],
)
def test_as_transformers_saves(config: dict[str, Any], batch: int, expected: int, tmp_path: Path) -> None:
    """Tables of angles once, copies of a single key and value, soft caps: transformers 5.24, eager, within 1%.

    What is left are the norms' factors of Gemma, 1 + weight.
    """
    kinds = {"llama": "LlamaForCausalLM", "gemma": "GemmaForCausalLM", "gemma2": "Gemma2ForCausalLM"}
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**config, "architectures": [kinds[config["model_type"]]]}))
    report = load(str(path)).report(length=33)
    assert Cost(report, Convention(batch=batch)).kept == pytest.approx(expected, rel=0.007)
