"""What a student types without having read anything: it is understood, or refused with what to write.

Expected shapes and counts are hand-stated from the formulas of the textbooks.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import cnncalc


def params(chain: str) -> int:
    return cnncalc.load(chain).report().totals.params


def helps(text: str) -> list[str]:
    """The first help of every mistake of a chain, or of a spec."""
    with pytest.raises(cnncalc.SpecError) as error:
        network = cnncalc.loads(text) if "layers:" in text else cnncalc.load(text)
        network.report()
    return [problem.help[0] if problem.help else "" for problem in error.value.problems]


# --- positional encodings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        "PositionalEncoding(4, 6)",
        "PositionalEncoding(6, 4)",  # PyTorch's tutorial: d_model first
        "PositionalEncoding(6, 5000)",
        "PositionalEncoding",
        "positional_encoding(4)",
        "PositionalEncoding(d_model=6, max_len=50, dropout=0.1)",
        "SinusoidalPositionalEncoding(4, 6)",
    ],
)
def test_a_positional_encoding_has_no_parameters(layer):
    report = cnncalc.load(f"4x6 -> {layer}").report()
    assert (report.totals.params, report.output_shape) == (0, (4, 6))


@pytest.mark.parametrize(
    "layer",
    ["PositionalEmbedding(4, 6)", "PositionEmbedding(4, 6)", 'PositionalEncoding(4, 6, kind="learned")'],
)
def test_a_positional_embedding_is_learned(layer):
    assert params(f"4x6 -> {layer}") == 24


def test_a_positional_encoding_adds_sines_and_cosines():
    """Vaswani et al. 2017, 3.5: sin(pos / 10000^(2i/d)) and cos of the same, in turns."""
    run = cnncalc.load("3x4 -> PositionalEncoding(3, 4)").run({"input": np.zeros((1, 3, 4))})
    for position in range(3):
        for pair in range(2):
            angle = position / 10000 ** (2 * pair / 4)
            found = run["output"][0, position, 2 * pair : 2 * pair + 2]
            assert np.allclose(found, [math.sin(angle), math.cos(angle)], atol=1e-6)


def test_a_positional_encoding_that_is_too_short():
    assert helps("40x6 -> PositionalEncoding(d_model=6, max_len=20)") == ["write num_embeddings=40"]


def test_a_spec_with_a_positional_encoding():
    network = cnncalc.loads("input: [4, 6]\nlayers:\n  - pos: PositionalEncoding(4, 6)\n  - positional_encoding: {}\n")
    assert network.report().totals.params == 0
