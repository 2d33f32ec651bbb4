"""Every recorded answer of PyTorch for the layers that slide, pad, arrange, pick and merge, and for chains."""

from __future__ import annotations

import pytest
from torch_cases import UNBATCHED, cases, compare, disagreement

# How many cases a family has, and which of them cnncalc cannot be asked, and why.
ASKED: dict[str, int] = {
    "conv1d": 205,
    "conv2d": 205,
    "conv3d": 202,
    "convtranspose1d": 203,
    "convtranspose2d": 203,
    "convtranspose3d": 201,
    "maxpool": 206,
    "avgpool": 207,
    "lppool": 202,
    "adaptivepool": 205,
    "maxunpool": 159,
    "fractionalpool": 200,
    "dropout": 200,
    "flatten": 189,
    "upsample": 209,
    "shuffle": 187,
    "pad": 205,
    "fold": 202,
    "functional": 198,
    "network": 200,
}
SKIPPED: dict[str, dict[str, int]] = {
    "maxunpool": {"the refusal depends on values": 41},
    "flatten": {"flattens the batch axis too": 11},
    "shuffle": {"takes the batch axis for the channels": 16},
    "functional": {"Tile adds axes where repeat refuses": 2},
}


@pytest.mark.parametrize("family", ASKED)
def test_family_agrees_with_pytorch(family: str) -> None:
    asked, lines, skipped = compare(family)
    assert not lines, f"{len(lines)} of {asked} disagree\n" + "\n".join(lines)
    assert (asked, skipped) == (ASKED[family], SKIPPED.get(family, {}))


@pytest.mark.parametrize("family", ASKED)
def test_a_wrong_answer_is_noticed(family: str) -> None:
    """The comparison can fail: an answer with one size changed, and a refusal that was an answer, disagree."""
    case = next(case for case in cases()[family] if case["ok"] and case["output"] and not case.get("call"))
    assert disagreement(case) is None
    wrong = [{**case["outputs"][0], "shape": [size + 1 for size in case["outputs"][0]["shape"]]}]
    assert "outputs" in (disagreement({**case, "outputs": wrong + case["outputs"][1:]}) or "")
    assert "PyTorch: no" in (disagreement({**case, "ok": False, "message": "no"}) or "")


@pytest.mark.parametrize("family", ["conv2d", "convtranspose2d", "network"])
def test_wrong_counts_are_noticed(family: str) -> None:
    case = next(case for case in cases()[family] if case["ok"] and case["macs"] and case["params"])
    assert "macs" in (disagreement({**case, "macs": case["macs"] * 2}) or "")
    assert "params" in (disagreement({**case, "params": {}}) or "")


def test_a_refusal_of_a_good_call_is_noticed() -> None:
    case = next(case for case in cases()["conv2d"] if case["ok"])
    line = disagreement({**case, "inputs": [{"shape": [1, 2, 3, 4, 5]}]}) or ""
    assert "refused, Conv2d takes [C_in, H, W], but gets [1, 2, 3, 4, 5]" in line


def test_every_reading_of_unbatched_calls_is_of_a_family() -> None:
    assert set(UNBATCHED) <= set(cases())
