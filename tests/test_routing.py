"""Experts and latent attention as transformers' DeepSeek and gpt-oss have them (`record_routing.py`)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cnncalc import load
from cnncalc.execute.kernels.activation import xielu
from cnncalc.execute.kernels.sequence.attention import latent_attention
from cnncalc.execute.kernels.sequence.transformer import mixture

RECORDED = json.loads((Path(__file__).parent / "data" / "routing.json").read_text("utf-8"))
ROUTED = [case for case in RECORDED if "family" not in case]
GPT_OSS, *LATENT, XIELU = [case for case in RECORDED if "family" in case]
SETTINGS = ("normalize", "scale", "top_groups")


@pytest.mark.parametrize("case", ROUTED, ids=lambda case: "-".join(str(case[name]) for name in SETTINGS))
def test_what_deepseek_makes(case):
    said = ", ".join(f"{name}={case[name]}" for name in SETTINGS)
    chain = f"7x6 -> MixtureOfExperts(8, 4, top_k=3, groups=4, scoring='sigmoid', correction_bias=True, {said})"
    layer = load(chain).report().rows[0].layer
    state = {name: np.array(value) for name, value in case["state"].items()}
    both = state["experts.gate_up_proj"]
    weights = {
        "router.weight": state["gate.weight"],
        "correction_bias": state["gate.e_score_correction_bias"],
        "experts.gate_proj.weight": both[:, :4],
        "experts.up_proj.weight": both[:, 4:],
        "experts.down_proj.weight": state["experts.down_proj"],
    }
    out = mixture(layer, weights, np.array([case["x"]]))
    # Its router computes in float32.
    assert np.abs(out[0] - np.array(case["out"])).max() < 1e-5


def test_what_gpt_oss_makes():
    chain = "7x6 -> MixtureOfExperts(8, 4, top_k=3, activation=clamped_swish, bias=True, router_bias=True)"
    layer = load(chain).report().rows[0].layer
    state = {name: np.array(value) for name, value in GPT_OSS["state"].items()}
    weights = {
        "router.weight": state["router.weight"],
        "router.bias": state["router.bias"],
        "experts.down_proj.weight": state["experts.down_proj"].swapaxes(1, 2),
        "experts.down_proj.bias": state["experts.down_proj_bias"],
    }
    for at, name in enumerate(("gate_proj", "up_proj")):  # they alternate there
        weights[f"experts.{name}.weight"] = state["experts.gate_up_proj"][..., at::2].swapaxes(1, 2)
        weights[f"experts.{name}.bias"] = state["experts.gate_up_proj_bias"][:, at::2]
    out = mixture(layer, weights, np.array([GPT_OSS["x"]]))
    assert np.abs(out[0] - np.array(GPT_OSS["out"])).max() < 1e-10


def test_what_xielu_makes():
    layer = load("9 -> XIELU").report().rows[0].layer
    weights = {name: np.array(value) for name, value in XIELU["state"].items()}
    assert np.abs(xielu(layer, weights, np.array(XIELU["x"])) - np.array(XIELU["out"])).max() < 1e-6


@pytest.mark.parametrize("case", LATENT, ids=lambda case: case["family"])
def test_what_latent_attention_makes(case):
    said = ", ".join(f"{name}={value}" for name, value in case["options"].items())
    row = load(f"7x12 -> LatentAttention(12, 3, {said})").report().rows[0]
    state = {name: np.array(value) for name, value in case["state"].items()}
    assert {weight.name: weight.shape for weight in row.facts.weights} == {
        name: array.shape for name, array in state.items()
    }
    out = latent_attention(row.layer, state, np.array([case["x"]]))
    # Its angles are float32.
    assert np.abs(out[0] - np.array(case["out"])).max() < 1e-5
