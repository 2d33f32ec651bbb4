"""Gradients of all steps of an LSTM as one: a loop of few operations, and one product for each matrix.

Of each step only what the next one back needs is worked out in turn; what gates, cells and their slopes are multiplied
with is made for all steps at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from cnncalc.execute.gradient.autodiff import new_node, value
from cnncalc.execute.kernel import Array, Weights
from cnncalc.execute.kernels.sequence.recurrent import State, halved


class Steps(NamedTuple):
    """Time first: states, gates i f g o side by side, cells and their tanh; and the state before the first step."""

    states: Array
    gates: Array
    cells: Array
    bent: Array
    first: State


def lstm_steps(gates: Array, state: State, own: Weights, order: Sequence[int], _: object = None) -> tuple[Array, State]:
    """The states of all steps, [N, T, H], and the last ones."""
    hh, hr = value(own["hh"]), value(own.get("hr"))
    made = _forth(value(gates), tuple(map(value, state)), hh, hr, order)
    known: list[
        tuple[Array, dict[str, Array]]
    ] = []  # the last gradient that came, and what it becomes: all operands ask for it

    def pull(name: str) -> Callable[[Array], Array]:
        def of(g: Array) -> Array:
            if not known or known[0][0] is not g:
                known[:] = [(g, _back(g, made, hh, hr, order))]
            return known[0][1][name]

        return of

    size, last = made.states.size, made.cells[order[-1]]
    together = new_node(
        np.concatenate([made.states.reshape(-1), last.reshape(-1)]),
        *((operand, pull(name)) for name, operand in zip(("h", "c"), state, strict=True)),
        (gates, pull("gates")),
        *((own.get(name), pull(name)) for name in ("hh", "hr")),
    )
    states = together[:size].reshape(made.states.shape)
    return states.swapaxes(0, 1), (states[order[-1]], together[size:].reshape(last.shape))


def _forth(gates: Array, state: State, hh: Array, hr: Array | None, order: Sequence[int]) -> Steps:
    """The steps as without a derivative, and what they were made of."""
    gates, turned = halved(gates, hh)
    h, c = state
    opened, half = np.empty_like(gates), gates.dtype.type(0.5)
    seen = np.empty((len(gates), *h.shape), gates.dtype)
    cells, bent = np.empty((2, len(gates), *c.shape), gates.dtype)
    taken, kept, candidates, shown = np.split(opened, 4, -1)
    total = np.empty_like(gates[0])
    candidate = np.split(total, 4, -1)[2]
    for t in order:
        row, cell, curve = opened[t], cells[t], bent[t]
        np.matmul(h, turned, out=total)
        np.add(total, gates[t], out=total)
        np.tanh(total, out=total)
        np.multiply(total, half, out=row)
        np.add(row, half, out=row)
        candidates[t] = candidate
        np.multiply(c, kept[t], out=cell)
        c = np.add(cell, taken[t] * candidate, out=cell)
        np.tanh(c, out=curve)
        h = np.multiply(curve, shown[t], out=seen[t] if hr is None else None)
        if hr is not None:
            h = np.matmul(h, hr.T, out=seen[t])
    return Steps(seen, opened, cells, bent, state)


def _back(g: Array, made: Steps, hh: Array, hr: Array | None, order: Sequence[int]) -> dict[str, Array]:
    """The gradients by the first state, by the inputs' part of the gates and by the matrices."""
    state, cells, bent = made.first, made.cells, made.bent
    by_states = g[: made.states.size].reshape(made.states.shape)
    by_cell = np.array(g[made.states.size :].reshape(state[1].shape))
    i, f, candidate, o = np.split(made.gates, 4, -1)
    before, earlier = (_earlier(first, all_, order) for first, all_ in zip(state, (made.states, cells), strict=True))
    slopes = np.stack([candidate * i * (1 - i), earlier * f * (1 - f), i * (1 - candidate * candidate)], 2)
    opened, inner = bent * o * (1 - o), o * (1 - bent * bent)
    by_gates = np.empty((*f.shape[:2], 4, f.shape[2]), f.dtype)
    by_hidden = np.empty_like(cells)
    by_projected = np.empty_like(made.states)
    by_state = np.zeros_like(state[0])
    for t in reversed(order):
        hidden, all_gates = by_hidden[t], by_gates[t]
        projected = hidden if hr is None else by_projected[t]
        np.add(by_state, by_states[t], out=projected)
        if hr is not None:
            np.matmul(projected, hr, out=hidden)
        by_cell += hidden * inner[t]
        np.multiply(slopes[t], by_cell[:, None], out=all_gates[:, :3])
        np.multiply(opened[t], hidden, out=all_gates[:, 3])
        by_cell *= f[t]
        np.matmul(all_gates.reshape(len(by_state), -1), hh, out=by_state)
    flat = by_gates.reshape(-1, len(hh))
    found = {"gates": by_gates.reshape(made.gates.shape), "h": by_state, "c": by_cell, "hh": flat.T @ _rows(before)}
    if hr is not None:
        found["hr"] = _rows(by_projected).T @ _rows(o * bent)
    return found


def _earlier(first: Array, states: Array, order: Sequence[int]) -> Array:
    """The state before each step."""
    if order[0] <= order[-1]:
        return np.concatenate([first[None], states[:-1]])
    return np.concatenate([states[1:], first[None]])


def _rows(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])
