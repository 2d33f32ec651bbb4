"""Configs with options drawn at random: the counts are those of transformers, or the config is refused by name."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import huggingface_cases
import pytest

import cnncalc
from cnncalc.core.problem import SpecError

RECORDED = Path(__file__).parent / "data" / "huggingface_drawn.jsonl.xz"
LINES = [json.loads(line) for line in lzma.decompress(RECORDED.read_bytes()).decode().splitlines()]
# What transformers builds and we refuse: other weights that are not read, and sizes with which it cannot run.
REFUSED = {
    "config-option", "config-contradicts", "config-value", "odd-size", "option-value", "index-out-of-range",
    "shapes-differ", "kernel-larger-than-input",
}  # fmt: skip


def mine(config: dict[str, Any], folder: Path) -> tuple[int, int, int, int]:
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    totals = cnncalc.load(str(path)).report().to_dict()["totals"]
    params = totals["params"]
    return params, totals["trainable"], totals.get("active_params", params), totals.get("tied_params", 0)


@pytest.mark.parametrize("kind", sorted(huggingface_cases.FAMILIES))
def test_counts_are_those_of_transformers(kind: str, tmp_path: Path) -> None:
    count: Counter[str] = Counter()
    for line in LINES:
        if line["config"]["model_type"] != kind:
            continue
        count["all"] += 1
        try:
            found = mine(line["config"], tmp_path)
        except SpecError as error:
            assert error.problems[0].code in REFUSED, (line["config"], error)
            continue
        count["right"] += 1
        assert found == (line["params"], line["trainable"], line["active"], line["tied"]), line["config"]
    assert count["right"] >= 0.6 * count["all"] > 0
