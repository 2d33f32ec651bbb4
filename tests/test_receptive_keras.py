"""Receptive fields of Keras' layers, held against execution: an input is changed, and what changes with it?"""

from __future__ import annotations

import numpy as np
import pytest

import cnncalc
from cnncalc.receptive.fields import Fields

# Layers one after the other on a signal of 24 places; each reads its window whole.
CHAINS = [
    ["Conv1D(4, 3)", "Conv1D(4, 3)"],
    ["Conv1D(4, 3, strides=2, padding='same')", "Conv1D(4, 3, dilation_rate=2)"],
    ["AveragePooling1D(3, strides=2)", "Conv1D(4, 2)"],
    ["MaxPooling1D(2)", "MaxPooling1D(2)"],
    ["DepthwiseConv1D(3)", "SeparableConv1D(4, 3)"],
    ["UpSampling1D(2)", "Conv1D(4, 3)"],
    ["UpSampling1D(3)", "AveragePooling1D(2)"],
    ["Conv1D(4, 3, strides=2)", "Conv1DTranspose(4, 3, strides=2)", "Conv1D(4, 2)"],
    ["Conv1DTranspose(4, 4, strides=2, padding='same')", "Conv1D(4, 3)"],
    ["ZeroPadding1D(2)", "Conv1D(4, 5)", "Cropping1D(1)"],
    ["Conv1D(4, 3)", "Dense(2)", "Conv1D(4, 3)"],
    ["Conv1D(4, 3)", "GlobalAveragePooling1D()"],
    ["Conv1D(4, 3)", "LayerNormalization()", "Conv1D(4, 2)"],
    ["Conv1D(4, 3, activation='tanh')", "AdaptiveAveragePooling1D(4)"],
    ["Conv1D(4, 3)", "Flatten()", "Dense(3)"],
    ["Conv1D(4, 3)", "LSTM(4, return_sequences=True)"],
]
LENGTH = 24


@pytest.mark.parametrize("calls", CHAINS, ids=[" ".join(chain) for chain in CHAINS])
def test_what_an_output_sees(calls):
    text = f"convention: keras\ninput: [{LENGTH}, 2]\nlayers:\n" + "".join(f"  - {call}\n" for call in calls)
    network = cnncalc.loads(text)
    row = network.report().rows[-1]
    random = np.random.default_rng(1)
    given = random.normal(size=(LENGTH, 2))
    before = network.run(values={"input": given})["output"][0]
    reads = []  # for each place of the input: which places of the output change with it
    for place in range(LENGTH):
        changed = np.zeros(before.shape[:1] if before.ndim > 1 else (1,), bool)
        for by in (5.0, -5.0, 50.0, -50.0):  # a largest may not notice a smaller one
            moved = given.copy()
            moved[place] += by * (1 + random.random(2))
            after = network.run(values={"input": moved})["output"][0]
            changed |= (abs(after - before) > 1e-9).reshape(len(changed), -1).any(axis=1)
        reads.append(changed)
    seen = np.array(reads)
    widest = max(np.flatnonzero(column)[-1] - np.flatnonzero(column)[0] + 1 for column in seen.T if column.any())
    [field] = Fields(network.report())[row.name]
    assert field.to_dict()["size"] == widest
