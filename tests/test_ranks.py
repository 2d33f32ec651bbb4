"""Every layer on inputs of every rank: an answer, or a refusal that is a mistake of the spec's and not ours."""

from __future__ import annotations

import pytest

from cnncalc import SpecError, layers, load
from cnncalc.layers.examples import example

# "2 -> Min" has no axes left.
INPUTS = ("2 -> Min", "1", "5", "3x4", "2x3x4", "2x3x8x8", "2x3x4x5x6", "1x1x1")


@pytest.mark.parametrize("name", layers.names())
def test_a_layer_answers_or_refuses(name):
    text = example(layers.find(name))
    if "\n" in text:
        pytest.skip("its example is no chain")
    call = text.split("->", 1)[1].strip()
    for given in INPUTS:
        try:
            load(f"{given} -> {call}").report().to_dict()
        except SpecError as refused:
            assert all(problem.code != "internal" for problem in refused.problems)
