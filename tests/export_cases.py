"""The networks whose exported code PyTorch has run: every bundled one, and one for each example of a layer type."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from layer_examples import examples

import cnncalc
from cnncalc.bundled import bundled

RECORDED = Path(__file__).parent / "data" / "export_torch.json.xz"


def recorded() -> dict[str, Any]:
    """What was recorded of each case, by its name."""
    with lzma.open(RECORDED, "rt", encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


def networks() -> Iterator[tuple[str, Any]]:
    """Every case: its name, and the network."""
    for name in sorted(bundled()):
        yield name, cnncalc.load(name)
    for number, (kind, options, shapes) in enumerate(examples()):
        inputs: dict[str, Any] = {}
        for letter, shape in zip("abcde", shapes, strict=False):
            whole = shape[0] == "int"
            inputs[letter] = {"shape": list(shape)[whole:], "dtype": "int" if whole else "float"}
        fields = json.loads(json.dumps(options, default=str))
        entry: dict[str, Any] = {"layer": {kind: fields}} if fields else {"layer": kind}
        if inputs:
            entry["from"] = list(inputs)
        layers = [entry] if inputs else [entry, {"sum": {"add": {}}, "from": ["layer", "a"]}]
        spec = {"inputs": inputs or {"a": [1]}, "layers": layers}
        yield f"{kind} {number}", cnncalc.from_dict(spec, f"{kind}-{number}")
