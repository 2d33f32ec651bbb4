"""Linear, recurrent, attention, norm and activation layers against PyTorch's recorded answers and refusals."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sequence_cases import FAMILIES, Skip, disagreement

RECORDED = Path(__file__).parent / "data" / "torch_cases.jsonl.gz"

# What a rule for one sample cannot see, and how often it was recorded. Everything else must agree.
SKIPPED = {
    "embedding": {"depends on the data": 19},
    "embeddingbag": {"needs offsets only because it is unbatched": 5},
    "rnn": {"recorded as unbatched, but its first axis is the batch": 1},
    "lstm": {"recorded as unbatched, but its first axis is the batch": 1},
    "mha": {"is_causal needs no mask here": 13},
    "sdpa": {"inconsistent": 30},
    "batchnorm": {"refused for this batch in training only": 8},
    "instancenorm": {"refused for this batch in training only": 6},
    "groupnorm": {"refused for this batch in training only": 4},
    "activation": {
        "acts on the batch, which a rule for one sample refuses": 3,
        "its first axis is the channels": 1,
    },
}


@cache
def recorded() -> list[dict[str, Any]]:
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("family", FAMILIES)
def test_rules_agree_with_pytorch(family: str) -> None:
    cases = [case for case in recorded() if case["family"] == family]
    assert len(cases) >= 200, f"{len(cases)} cases of {family}"
    skipped: Counter[str] = Counter()
    wrong = []
    for case in cases:
        try:
            difference = disagreement(case)
        except Skip as reason:
            skipped[str(reason)] += 1
            continue
        if difference:
            wrong.append(f"{case['id']}: {difference}")
    assert not wrong, "\n".join(wrong)
    assert dict(skipped) == SKIPPED.get(family, {})


def test_a_planted_fault_is_noticed() -> None:
    case = next(case for case in recorded() if case["family"] == "lstm" and case["ok"] and case["batch"] == 2)
    assert disagreement(case) is None
    name = next(iter(case["params"]))
    shape = case["params"][name]
    planted = {**case, "params": {**case["params"], name: [shape[0] + 1, *shape[1:]]}}
    assert name in str(disagreement(planted))
    assert "macs" in str(disagreement({**case, "macs": case["macs"] + 1}))
    assert "but PyTorch refuses" in str(disagreement({**case, "ok": False, "message": "no"}))
