"""Files of other tools with what their libraries say of them: PyTorch source, printed models, ONNX.

`data/exchange.jsonl.xz` has them as text (ONNX in base64) with parameters, shapes and multiply-accumulates as PyTorch,
onnx and onnxruntime gave them.
"""

from __future__ import annotations

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "exchange.jsonl.xz"


@cache
def items(kind: str) -> tuple[dict[str, Any], ...]:
    """The items of a kind: `torch_source`, `torch_text`, `onnx`, `keras`."""
    lines = lzma.decompress(DATA.read_bytes()).decode("ascii").splitlines()
    found = tuple(item for item in map(json.loads, lines) if item["kind"] == kind)
    assert found, f"no items of kind {kind}"
    return found


def inputs(item: dict[str, Any]) -> list[str]:
    """The shapes that an item's arguments give."""
    words = item.get("args") or []
    return [words[at + 1] for at, word in enumerate(words) if word in ("-i", "--input")]
