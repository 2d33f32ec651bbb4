"""Routing in groups with a correction bias, as transformers' DeepSeek V3 does it (`record_routing.py`)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cnncalc import load
from cnncalc.execute.kernels.sequence.transformer import mixture

RECORDED = json.loads((Path(__file__).parent / "data" / "routing.json").read_text("utf-8"))
SETTINGS = ("normalize", "scale", "top_groups")


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: "-".join(str(case[name]) for name in SETTINGS))
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
