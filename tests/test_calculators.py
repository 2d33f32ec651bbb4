"""The page that compares with other calculators: its table is what transformers' caches hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "data" / "calculators.json").read_text("utf-8"))
PAGE = (HERE.parent / "docs" / "calculators.md").read_text("utf-8")
# Layers and hidden size, of which the rule of thumb makes 2 x layers x hidden size numbers a token.
THUMB = {"gpt2_xl": (48, 1600), "gemma_7b": (28, 3072)}
LLAMA = (32, 4096)


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["name"])
def test_the_table(case, call):
    argv = (
        "ask",
        case["name"],
        "-i",
        str(case["length"]),
        "total.params",
        "total.kv_cache_elements",
        "--format",
        "json",
    )
    status, out, err = call(*argv)
    assert (status, err) == (0, "")
    assert [json.loads(line)["value"] for line in out.splitlines()] == [case["params"], case["kv"]]
    layers, hidden = THUMB.get(case["name"], LLAMA)
    thumb = 2 * layers * hidden * case["length"]
    assert f"| `{case['name']}` | {thumb:,} | {case['kv']:,} | {case['kv']:,} |" in PAGE
