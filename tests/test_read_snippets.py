"""Python that files compute their sizes with, against what Python says of it (record_snippets.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from record_snippets import NET, function

import cnncalc

CASES = json.loads((Path(__file__).parent / "data" / "snippets.json").read_text())


@pytest.mark.parametrize(("body", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_snippet(body: str, expected: int) -> None:
    assert cnncalc.loads(function(body) + NET, input_shapes=["4"]).report().totals.params == 5 * expected
