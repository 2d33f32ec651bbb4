"""What transformers' models hold in their caches, multiply and save, and what we say of their configs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

RECORDED = json.loads((Path(__file__).parent / "data" / "models.json").read_text("utf-8"))
NAMES = {"kv": "kv_cache_elements", "state": "state_elements", "saved": "saved_activation_bytes"}
# What transformers' own code keeps beyond the layers' derivatives, and is not compared: a scan that is written out.
APART = {name: {"saved"} for name in ["jamba", "mamba", "falcon_mamba"]}
# A scan in chunks multiplies all pairs of a chunk, in steps as a whole chunk; what we count is the recurrence.
APART["mamba2"] = {"saved", "flops", "decode_flops"}
# Rotary tables and factors 1 + w are a percent of networks as small as these.
WITHIN = 0.02


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["name"])
def test_what_a_model_holds(case, tmp_path, call):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(case["config"]))
    wanted = [key for key in ("params", "kv", "state", "flops", "decode_flops", "saved") if key in case]
    wanted = [key for key in wanted if key not in APART.get(case["name"], ())]
    inputs = [word for text in case["inputs"] for word in ("-i", text)]
    names = [f"total.{NAMES.get(key, key)}" for key in wanted]
    status, out, err = call("ask", str(path), *inputs, *names, "--format", "json")
    assert status == 0, err
    found = dict(zip(wanted, (json.loads(line)["value"] for line in out.splitlines()), strict=True))
    expected = {key: case[key] for key in wanted}
    if "saved" in wanted and abs(found["saved"] - expected["saved"]) <= WITHIN * expected["saved"]:
        found["saved"] = expected["saved"]
    assert found == expected
