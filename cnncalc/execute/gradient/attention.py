"""Attention step by step, so that the derivative by its scores and weights can be asked for."""

from __future__ import annotations

import numpy as np

from cnncalc.execute.gradient.activation import softmax
from cnncalc.execute.gradient.custom_gradient import record
from cnncalc.execute.kernel import Array, Weights
from cnncalc.execute.kernels.sequence.attention import Attended


def attend(
    query: Array,
    key: Array,
    value: Array,
    scale: float,
    masks: tuple[Array, ...] = (),
    weights: Weights | None = None,
    cap: float | None = None,
) -> Attended:
    """Scores, their softmax and the mixed values; `weights` are those of the layer whose ports they are."""
    seen = {} if weights is None else weights
    scores = (query * scale) @ key.swapaxes(-1, -2)
    if cap is not None:
        scores = np.tanh(scores / cap) * cap
    scores = record(seen, "scores", scores)
    barred = scores
    for mask in masks:
        barred = barred + mask
    attention = record(seen, "attention", softmax(barred, -1))
    return Attended(attention @ value, scores, attention)
