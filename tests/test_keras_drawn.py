"""Models whose layers and options are drawn at random: counts and shapes are those of Keras.

`tests/record_keras_drawn.py` records anew. Nothing here needs Keras.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import cnncalc

RECORDED = Path(__file__).parent / "data" / "keras_drawn.jsonl.xz"
LINES = [json.loads(line) for line in lzma.decompress(RECORDED.read_bytes()).decode().splitlines()]


def mine(line: dict[str, Any]) -> dict[str, Any]:
    """The same of what is read here."""
    report = cnncalc.loads(json.dumps(line["model"]), "model").report()
    totals = report.to_dict()["totals"]
    rows = {row.name: [list(row.facts.shape[1:]), row.params] for row in report.rows}
    outputs = [list(report.shape_of(ref)[1:]) for ref in report.graph.outputs]
    layers = [[name, *rows[name]] for name, *_ in line["layers"] if name in rows]
    return {"params": totals["params"], "trainable": totals["trainable"], "outputs": outputs, "layers": layers}


def test_counts_and_shapes_are_those_of_keras() -> None:
    wrong = []
    for line in LINES:
        found = mine(line)
        names = {name for name, *_ in found["layers"]}
        wanted = {**line, "layers": [row for row in line["layers"] if row[0] in names]}
        if any(found[key] != wanted[key] for key in found):
            wrong.append((found, {key: wanted[key] for key in found}))
    assert wrong == []
    assert len(LINES) > 300
