"""A recurrent layer whose state attends to the input and to the states before it; one loop runs over steps.

Plain array code without writing in place, so that it can be differentiated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.kernels.sequence.equations import Touch, softmax

if TYPE_CHECKING:
    from cnncalc.layers.attention_rnn import AttentionRNN


@kernel("AttentionRNN")
def attention_rnn(layer: AttentionRNN, weights: Weights, x: Array) -> dict[str, Array]:
    """Scores, attention weights and state of every step."""
    return attended(layer, weights, x, getattr(weights, "touch", None))


def attended(layer: AttentionRNN, weights: Weights, x: Array, touch: Touch | None = None) -> dict[str, Array]:
    """All steps of [batch, length, size]; `touch` sees each scores, attention and h before it is used."""
    steps = x.shape[1]
    every = isinstance(layer.k, str)
    zero = np.zeros_like(x[:, 0])
    past: list[Array] = [] if every else [zero] * layer.k
    kept: dict[str, list[Array]] = {"scores": [], "attention": [], "h": []}

    def keep(name: str, t: int, made: Array) -> Array:
        made = made if touch is None else touch(name, t, made)
        kept[name].append(made)
        return made

    for t in range(steps):
        slots = [x[:, t], *past]
        q, k, v = (projected(weights[name], slots, every) for name in "QKV")
        scores = keep("scores", t, np.sum(q * k, axis=2))
        weight = keep("attention", t, softmax(scores))
        h = keep("h", t, np.sum(weight[:, :, None] * v, axis=1))
        past = [h, *past] if every else [h, *past][: layer.k]
    made = {
        name: np.stack([padded(value, steps) if every and name != "h" else value for value in values], axis=1)
        for name, values in kept.items()
    }
    return {"output": made["h"], **made}


def projected(sets: Array, slots: list[Array], shared: bool) -> Array:
    """Each slot times its own matrix: [batch, slots, size]."""
    if shared:  # the input has the first matrix, every past state the second
        rows = np.dot(slots[0], sets[0].T)[:, None]
        return (
            rows if len(slots) == 1 else np.concatenate([rows, np.dot(np.stack(slots[1:], axis=1), sets[1].T)], axis=1)
        )
    return np.stack([np.dot(slot, matrix.T) for slot, matrix in zip(slots, sets, strict=True)], axis=1)


def padded(row: Array, slots: int) -> Array:
    """Zeros for the slots that a step does not have."""
    missing = slots - row.shape[1]
    return np.concatenate([row, np.zeros((len(row), missing), row.dtype)], axis=1) if missing else row
