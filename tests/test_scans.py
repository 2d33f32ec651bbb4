"""Layers that carry a state along a sequence: against transformers (`record_scans.py`) and their closed forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from array_cases import layer

from cnncalc import SpecError, load, loads
from cnncalc.cost.convention import Convention
from cnncalc.cost.cost import Cost
from cnncalc.cost.sizes import value
from cnncalc.execute import kernel

RECORDED = json.loads((Path(__file__).parent / "data" / "scans.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: f"{case['layer']} {case['options']}")
def test_as_transformers_computes_it(case: dict[str, Any]) -> None:
    weights = {name: np.array(given) for name, given in case["weights"].items()}
    xs = [np.array(given) for given in case["inputs"]]
    made = layer(case["layer"], case["options"])
    assert {weight.name: weight.shape for weight in made.weights(*(x.shape for x in xs))} == {
        name: given.shape for name, given in weights.items()
    }
    found = kernel.find(case["layer"])(made, weights, *xs)
    assert np.allclose(found, np.array(case["y"]), rtol=1e-5, atol=1e-6)  # scans in float32 there


@pytest.mark.parametrize("decay", [False, True])
def test_linear_attention_is_masked_scores_times_values(decay: bool) -> None:
    q, k, v = np.random.default_rng(3).standard_normal((3, 2, 7, 6))
    factors = np.array([0.3, -1.0])
    made = kernel.find("LinearAttention")(
        layer("LinearAttention", {"num_heads": 2, "decay": decay}), {"decay": factors}, q, k, v
    )
    apart = np.arange(7)[:, None] - np.arange(7)[None, :]
    for head, part in enumerate((slice(0, 3), slice(3, 6))):
        keep = 1 / (1 + np.exp(-factors[head])) if decay else 1.0
        scores = (
            q[:, :, part] @ k[:, :, part].transpose(0, 2, 1) * np.where(apart >= 0, keep ** np.maximum(apart, 0), 0)
        )
        assert np.allclose(made[:, :, part], scores @ v[:, :, part])


MAMBA = {
    "model_type": "mamba",
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "vocab_size": 256,
    "state_size": 8,
    "conv_kernel": 4,
    "expand": 2,
    "architectures": ["MambaForCausalLM"],
}


def test_what_mamba_carries_and_computes(tmp_path: Path) -> None:
    """What transformers' cache holds, 64 features times 8 and times 4 columns in 3 layers; a step reads each once."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(MAMBA))
    cost = Cost(load(str(path)).report(length=14), Convention())
    assert value(cost, "state_elements") == 3 * 64 * (8 + 4)
    assert value(cost, "kv_cache_elements") == 0
    scan = [row for row in cost.report.rows if row.type == "SelectiveScan"]
    assert [row.macs for row in scan] == [14 * 64 * 8] * 3
    linear = 32 * 128 + 64 * (2 + 16) + 2 * 64 + 64 * 32
    assert value(cost, "decode_flops") == 2 * (3 * (linear + 4 * 64 + 64 * 8) + 32 * 256)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("SelectiveScan(groups=2)", "groups are those of heads"),
        ("SelectiveScan(num_heads=3, groups=2)", "3 heads are not 2 groups"),
        ("SelectiveScan(num_heads=4)", "needs dt of 4 features"),
    ],
)
def test_what_a_scan_refuses(call: str, said: str) -> None:
    text = "inputs: {a: [6, 8], b: [6, 8], c: [6, 4], d: [6, 4]}\nlayers:\n  - scan: CALL\n    from: [a, b, c, d]\n"
    with pytest.raises(SpecError, match=said):
        loads(text.replace("CALL", call)).report()
