"""Files that PyTorch stops at are refused at the same line (record_rejected.py)."""

from __future__ import annotations

import json

import pytest
from record_rejected import DATA, cases

import cnncalc
from cnncalc.core.problem import SpecError

STOPS = {title: (line, said) for title, line, said in json.loads((DATA / "rejected.json").read_text())}


@pytest.mark.parametrize(("title", "given", "text"), cases(), ids=[case[0] for case in cases()])
def test_a_file_that_pytorch_stops_at(title: str, given: str, text: str) -> None:
    with pytest.raises(SpecError) as raised:
        cnncalc.loads(text, input_shapes=[given]).report()
    assert STOPS[title][0] in [problem.line for problem in raised.value.problems], STOPS[title]
